//! Check your changes: per owner what applies at once and what becomes a request, before anything is saved.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::http::StatusCode;

use super::Visit;
use super::changes::{self, Line};
use crate::domain::ids::RepositoryId;
use crate::domain::token::edit::{EditPlan, OwnerEdit, OwnerOutcome};
use crate::domain::token::summary;
use crate::store::repositories;
use crate::web::chrome::{Chrome, Nav};
use crate::web::error::{PageResult, page};
use crate::web::form::Fields;
use crate::web::pages::tokens::form::Answers;
use crate::web::pages::tokens::standing::reviewers;
use crate::web::pages::tokens::{LIST, hidden, nav};

#[derive(Template)]
#[template(path = "pages/tokens/edit_check.html")]
struct CheckPage {
    chrome: Chrome,
    nav: Nav,
    action: String,
    cancel: String,
    name: Option<(String, String)>,
    description: Option<String>,
    justification: String,
    owners: Vec<OwnerView>,
    unchanged: String,
    is_unchanged: bool,
    hidden: Vec<(String, String)>,
}

/// One owner at which something changes.
struct OwnerView {
    login: String,
    outcome: String,
    at_once: Vec<Line>,
    asked: Vec<Line>,
    who: String,
    sentences: Vec<String>,
}

/// Shows what saving would do.
pub(super) async fn show(
    visit: &Visit,
    fields: &Fields,
    answers: &Answers,
    plan: &EditPlan,
) -> PageResult {
    let names = names(visit, plan).await?;
    let mut owners = Vec::new();
    let mut unchanged = Vec::new();
    for edit in &plan.owners {
        if edit.outcome == OwnerOutcome::Unchanged {
            unchanged.push(edit.login.as_str());
        } else {
            owners.push(owner(visit, edit, &names).await?);
        }
    }
    let current = &visit.current;
    let template = CheckPage {
        chrome: visit.chrome("Check your changes"),
        nav: nav(LIST),
        action: visit.path(),
        cancel: format!("{LIST}/{}", visit.token),
        name: plan
            .name_changed
            .then(|| (current.name.clone(), answers.name.trim().to_owned())),
        description: plan
            .description_changed
            .then(|| answers.description.trim().to_owned()),
        justification: answers.justification.trim().to_owned(),
        owners,
        unchanged: summary::join(&unchanged),
        is_unchanged: plan.is_unchanged(),
        hidden: hidden(fields),
    };
    Ok(page(StatusCode::OK, template))
}

async fn names(visit: &Visit, plan: &EditPlan) -> PageResult<BTreeMap<RepositoryId, String>> {
    let asks = plan
        .owners
        .iter()
        .flat_map(|edit| [&edit.before, &edit.at_once, &edit.asked]);
    let listed: BTreeSet<_> = asks
        .flatten()
        .flat_map(|ask| ask.selection.listed())
        .collect();
    let listed: Vec<_> = listed.into_iter().collect();
    let mut db = visit.sheet.app.context.store.reader();
    let found = repositories::list_by_ids(&mut db, &listed).await?;
    Ok(found
        .into_iter()
        .map(|found| (found.id, found.full_name()))
        .collect())
}

async fn owner(
    visit: &Visit,
    edit: &OwnerEdit,
    names: &BTreeMap<RepositoryId, String>,
) -> PageResult<OwnerView> {
    let catalog = visit.sheet.app.context.catalog;
    let mut db = visit.sheet.app.context.store.reader();
    let after = edit.at_once.as_ref();
    let sentences = match edit.asked.as_ref().or(after) {
        Some(ask) => {
            let repositories = crate::web::pages::tokens::form::full_names(ask, names);
            let part = summary::Part {
                owner: &edit.login,
                repositories: &repositories,
                ask,
            };
            summary::sentences(catalog, &part)
        }
        None => Vec::new(),
    };
    let who = match &edit.asked {
        Some(_) => summary::approval(&edit.login, &reviewers(&mut db, edit.owner).await?),
        None => String::new(),
    };
    let asked = edit.asked.as_ref().map(|asked| {
        let lines = changes::lines(catalog, names, after, Some(asked)).into_iter();
        lines.filter(|line| line.kind != "dropped").collect()
    });
    Ok(OwnerView {
        login: edit.login.clone(),
        outcome: outcome(visit, edit),
        at_once: changes::lines(catalog, names, edit.before.as_ref(), after),
        asked: asked.unwrap_or_default(),
        who,
        sentences,
    })
}

/// What an edit does at one owner, as a sentence or two.
fn outcome(visit: &Visit, edit: &OwnerEdit) -> String {
    let login = &edit.login;
    let mut grants = visit.current.grants.iter();
    let grant = grants.find(|grant| grant.owner == edit.owner);
    let waits = grant.is_some_and(|grant| grant.pending.is_some());
    let withdrawn = if waits {
        " The request that waits there is withdrawn."
    } else {
        ""
    };
    let replaced = if waits {
        " It takes the place of the request that waits there."
    } else {
        ""
    };
    match edit.outcome {
        OwnerOutcome::Unchanged => format!("Nothing changes at {login}."),
        OwnerOutcome::Narrowed => format!("Applies at once.{withdrawn}"),
        OwnerOutcome::Widened => format!("Applies at once: nobody else decides this.{withdrawn}"),
        OwnerOutcome::Requested if edit.at_once.is_some() => {
            format!("Becomes a request. What it has now goes on meanwhile.{replaced}")
        }
        OwnerOutcome::Requested => {
            format!(
                "Becomes a request. Until it is approved, the token reads public resources only there.{replaced}"
            )
        }
        OwnerOutcome::NarrowedAndRequested => {
            format!("What is taken away goes at once; the rest becomes a request.{replaced}")
        }
        OwnerOutcome::Withdrawn => {
            "The request that waits is withdrawn. What it has goes on.".to_owned()
        }
        OwnerOutcome::Removed => {
            format!("Everything it has at {login} ends at once.{withdrawn}")
        }
        OwnerOutcome::Added => "Works at once.".to_owned(),
        OwnerOutcome::AddedRequested => {
            "Becomes a request. Until it is approved, the token reads public resources only there."
                .to_owned()
        }
    }
}

/// What was saved, for the page that follows.
pub(super) fn saved(plan: &EditPlan) -> String {
    if plan.is_unchanged() {
        return "Nothing was changed: the form said what the token has.".to_owned();
    }
    let asked = plan.owners.iter().filter(|edit| edit.asked.is_some());
    let asked: Vec<_> = asked.map(|edit| edit.login.as_str()).collect();
    if asked.is_empty() {
        "Saved. The changes apply from now on.".to_owned()
    } else {
        format!(
            "Saved. What was taken away is gone; what was added waits for {}.",
            summary::join(&asked)
        )
    }
}
