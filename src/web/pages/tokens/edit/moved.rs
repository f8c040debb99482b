//! The token changed while its form was open: says what happened, and gives the form back as it was typed.

use axum::http::StatusCode;

use super::{Visit, version};
use crate::actions::edit_token;
use crate::domain::time::Timestamp;
use crate::domain::token::summary;
use crate::web::error::{PageError, PageResult};
use crate::web::pages::tokens::form::Answers;
use crate::web::pages::tokens::one::history;

/// Shows the form with what was typed, now at the token's present version.
pub(super) async fn show(visit: &Visit, mut answers: Answers) -> PageResult {
    let context = &visit.sheet.app.context;
    let user = visit.sheet.signed_in.user.id;
    let current = edit_token::load(context, user, visit.token).await?;
    let current = current.ok_or(PageError::NotFound)?;
    let since = answers.shown.parse().map(Timestamp::from_micros);
    let mut notes = vec![
        "Nothing was saved. What you typed is below: look at it again, then check and save it."
            .to_owned(),
    ];
    let mut db = context.store.reader();
    for grant in &current.grants {
        let told = history::load(
            &mut db,
            context.catalog,
            (visit.token, user),
            (grant.owner, &grant.login),
        )
        .await?;
        let fresh = told
            .iter()
            .filter(|step| since.as_ref().is_ok_and(|since| step.at >= *since));
        notes.extend(fresh.map(|step| format!("{}: {}", grant.login, step.text)));
    }
    if notes.len() == 1 {
        notes.push(format!(
            "The token is called {} now, and its owners may have changed.",
            current.name
        ));
    }
    notes.push(now(visit, &current));
    answers.rev = version(&current);
    answers.shown = visit.sheet.desk.now.as_micros().to_string();
    visit
        .form_page(answers, &[], notes, true, StatusCode::CONFLICT)
        .await
}

/// Where the token works now.
fn now(visit: &Visit, current: &crate::domain::token::edit::Current) -> String {
    let works: Vec<_> = current
        .grants
        .iter()
        .filter(|grant| grant.given.is_some())
        .map(|grant| grant.login.as_str())
        .collect();
    let works = if works.is_empty() {
        "nowhere".to_owned()
    } else {
        format!("at {}", summary::join(&works))
    };
    format!("{} works {works} now.", visit.current.name)
}
