//! "Create one like this": fills the form from another token of the same user. What cannot be chosen any more is told.

use crate::domain::access::rights::Relation;
use crate::domain::approval::{Ask, GrantState};
use crate::domain::permission::Level;
use crate::domain::time::{DAY, Timestamp};
use crate::domain::token::expiry::{LONGEST_DAYS, Lifetime};
use crate::store::grants::{self, Grant};
use crate::store::tokens::Token;
use crate::store::{Db, requests, rights};
use crate::web::error::PageResult;
use crate::web::filters::counted;
use crate::web::pages::tokens::form::{Answers, DeskOwner, Sheet, choose_days};
use crate::web::pages::tokens::one::find_own;

/// Reads the token with this id into the form: owners, repositories, permissions, description and length of life. The
/// name stays empty, for two tokens cannot share one.
pub async fn read(sheet: &Sheet, id: &str) -> PageResult<(Answers, Vec<String>)> {
    let token = find_own(&sheet.app, &sheet.signed_in, id).await?;
    let mut db = sheet.app.context.store.reader();
    let mut answers = Answers {
        description: token.description.clone(),
        ..Answers::default()
    };
    choose_life(sheet.desk.now, &token, &mut answers);
    let mut notes = Vec::new();
    for grant in grants::list_of_token(&mut db, token.id).await? {
        match sheet.desk.owner(grant.owner_id) {
            Some(owner) if owner.restriction().is_none() => {
                let ask = wished(&mut db, sheet, &grant).await?;
                notes.extend(take_over(&mut db, sheet, owner, &ask, &mut answers).await?);
            }
            Some(owner) => notes.extend(owner.restriction()),
            None => notes.push(gone(&mut db, &grant).await?),
        }
    }
    Ok((answers, notes))
}

/// Chooses as long a life as a token has.
pub fn choose_life(now: Timestamp, token: &Token, answers: &mut Answers) {
    match Lifetime::between(token.starts_at, token.expires_at) {
        Lifetime::Unlimited => "none".clone_into(&mut answers.expires),
        Lifetime::Micros(micros) => {
            let days = u16::try_from(micros / DAY).unwrap_or(LONGEST_DAYS);
            choose_days(answers, days.clamp(1, LONGEST_DAYS), now);
        }
    }
}

/// What was wished for last: what waits or was refused before anything worked, else what works.
async fn wished(db: &mut impl Db, sheet: &Sheet, grant: &Grant) -> PageResult<Ask> {
    let catalog = sheet.app.context.catalog;
    let latest = requests::list_of_grant(db, grant.id).await?.pop();
    Ok(match latest {
        Some(request) if grant.state == GrantState::None => {
            requests::load_ask(db, catalog, &request).await?
        }
        _ => grants::load_ask(db, catalog, grant).await?,
    })
}

/// Chooses what can still be chosen at an owner, and tells the rest.
async fn take_over(
    db: &mut impl Db,
    sheet: &Sheet,
    owner: &DeskOwner,
    ask: &Ask,
    answers: &mut Answers,
) -> PageResult<Option<String>> {
    let user = sheet.signed_in.user.id;
    let (id, relation) = (owner.account.id, owner.choice.relation);
    let listed: Vec<_> = ask.selection.listed().collect();
    let kept = rights::filter_selectable(db, user, id, relation, &listed).await?;
    let missing = listed.len() - kept.len();
    let catalog = sheet.app.context.catalog;
    let section = answers.choose(id);
    section.kind = Some(ask.selection.kind());
    section.repositories = kept.into_iter().collect();
    section.permissions = ask
        .permissions
        .iter()
        .filter(|(permission, level)| {
            let group = catalog.permission(*permission).group;
            let may_write = relation != Relation::Sister || *level == Level::Read;
            owner.choice.offers(group) && may_write
        })
        .collect();
    let dropped = ask.permissions.len() - section.permissions.len();
    let login = &owner.account.login;
    let parts: Vec<_> = [
        (missing, "repository", "repositories"),
        (dropped, "permission", "permissions"),
    ]
    .into_iter()
    .filter(|(count, _, _)| *count > 0)
    .map(|(count, one, many)| counted(i64::try_from(count).unwrap_or(i64::MAX), one, many))
    .collect();
    Ok((!parts.is_empty()).then(|| {
        let parts = parts.join(" and ");
        format!("{parts} of {login} could not be taken over: you cannot choose them any more.")
    }))
}

async fn gone(db: &mut impl Db, grant: &Grant) -> PageResult<String> {
    let owner = crate::store::accounts::find(db, grant.owner_id).await?;
    let login = owner.map_or_else(|| "One owner".to_owned(), |owner| owner.login);
    Ok(format!(
        "{login} could not be taken over: you cannot choose it any more."
    ))
}
