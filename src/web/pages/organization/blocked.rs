//! What stands against deciding many at once, one line each, in the words that a decision on one alone would have.

use std::collections::BTreeMap;

use super::outcome::said;
use super::reviewer::Reviewer;
use crate::actions::refuse::{Blocked, Obstacle};
use crate::app::App;
use crate::domain::approval::decide::DecideError;
use crate::domain::approval::words::{Names, Past};
use crate::domain::ids::{AccountId, GrantId, RequestId};
use crate::domain::time::Timestamp;
use crate::store::{accounts, grants, requests, tokens};
use crate::web::error::PageResult;

/// One that stands against all.
#[derive(Debug)]
pub struct BlockedRow {
    /// Its page; empty where it is not known here.
    pub href: String,
    /// Whose token, by which name.
    pub what: String,
    /// Why, as a headline.
    pub title: String,
    /// Why, and what next.
    pub text: String,
}

/// Whether an obstacle also stands against a denial: only that it was decided already, or is none of ours.
pub fn stands_against_denial(obstacle: &Obstacle) -> bool {
    match obstacle {
        Obstacle::Request(error) => matches!(error, DecideError::AlreadyDecided(_)),
        Obstacle::NotFound | Obstacle::OwnRequest => true,
        Obstacle::Grant(_) | Obstacle::Part(_) => false,
    }
}

/// What was decided before: by whom, when, why.
type Decision = (Option<AccountId>, Option<Timestamp>, String);

/// Puts the lines for requests together, in as many statements for one as for a hundred.
pub async fn requests(
    app: &App,
    reviewer: &Reviewer,
    blocked: &[Blocked<RequestId>],
) -> PageResult<Vec<BlockedRow>> {
    let ids: Vec<_> = blocked.iter().map(|one| one.id).collect();
    let mut found = requests::list_by_ids(&mut app.context.store.reader(), &ids).await?;
    found.retain(|request| request.owner_id == reviewer.owner.id);
    let about = found.into_iter().map(|request| {
        let decision = (
            request.decided_by,
            request.decided_at,
            request.decision_reason,
        );
        (request.id, (request.grant_id, decision))
    });
    let about: BTreeMap<RequestId, (GrantId, Decision)> = about.collect();
    let known = Known::find(app, about.values()).await?;
    let row = |one: &Blocked<RequestId>| {
        let path = reviewer.paths.request(one.id);
        known.row(reviewer, path, about.get(&one.id), &one.why)
    };
    Ok(blocked.iter().map(row).collect())
}

/// Puts the lines for grants together.
pub async fn grants(
    app: &App,
    reviewer: &Reviewer,
    blocked: &[Blocked<GrantId>],
) -> PageResult<Vec<BlockedRow>> {
    let ids: Vec<_> = blocked.iter().map(|one| one.id).collect();
    let mut found = grants::list_by_ids(&mut app.context.store.reader(), &ids).await?;
    found.retain(|grant| grant.owner_id == reviewer.owner.id);
    let about = found.into_iter().map(|grant| {
        let decision = (grant.decided_by, grant.ended_at, grant.reason);
        (grant.id, (grant.id, decision))
    });
    let about: BTreeMap<GrantId, (GrantId, Decision)> = about.collect();
    let known = Known::find(app, about.values()).await?;
    let row = |one: &Blocked<GrantId>| {
        let path = reviewer.paths.grant(one.id);
        known.row(reviewer, path, about.get(&one.id), &one.why)
    };
    Ok(blocked.iter().map(row).collect())
}

/// The names that the lines need.
struct Known {
    tokens: BTreeMap<GrantId, (AccountId, String)>,
    logins: BTreeMap<AccountId, String>,
}

impl Known {
    async fn find(
        app: &App,
        about: impl Iterator<Item = &(GrantId, Decision)> + Clone,
    ) -> PageResult<Self> {
        let mut db = app.context.store.reader();
        let ids: Vec<_> = about.clone().map(|(grant, _)| *grant).collect();
        let grants = grants::list_by_ids(&mut db, &ids).await?;
        let ids: Vec<_> = grants.iter().map(|grant| grant.token_id).collect();
        let found = tokens::list_by_ids(&mut db, &ids).await?;
        let by_id: BTreeMap<_, _> = found.iter().map(|token| (token.id, token)).collect();
        let token = |grant: &grants::Grant| {
            let token = by_id.get(&grant.token_id)?;
            Some((grant.id, (token.user_id, token.name.clone())))
        };
        let mut people: Vec<_> = found.iter().map(|token| token.user_id).collect();
        people.extend(about.filter_map(|(_, (by, _, _))| *by));
        let people = accounts::list_by_ids(&mut db, &people).await?;
        Ok(Self {
            tokens: grants.iter().filter_map(token).collect(),
            logins: people.into_iter().map(|one| (one.id, one.login)).collect(),
        })
    }

    fn row(
        &self,
        reviewer: &Reviewer,
        href: String,
        about: Option<&(GrantId, Decision)>,
        why: &Obstacle,
    ) -> BlockedRow {
        let named = about.and_then(|(grant, decision)| {
            let (user, token) = self.tokens.get(grant)?;
            Some((self.logins.get(user)?, token, decision))
        });
        let Some((user, token, (by, at, reason))) = named else {
            return BlockedRow {
                href: String::new(),
                what: "One that is not here".to_owned(),
                title: "There is no such request or token here".to_owned(),
                text: "It may belong to another account.".to_owned(),
            };
        };
        let called = Names {
            owner: reviewer.name(),
            user,
            token,
        };
        let past = Past {
            by: by.and_then(|by| self.logins.get(&by)).map(String::as_str),
            at: *at,
            reason,
        };
        let said = said(why, called, past);
        BlockedRow {
            href,
            what: format!("{user}'s token {token}"),
            title: said.title,
            text: said.text,
        }
    }
}
