//! A repository leaves every grant and request for good.
//!
//! Requests before grants, as an approval takes them: the other way round the two could lock each other out.

use super::Context;
use super::mint::reviewers;
use crate::domain::approval::departure::remainder;
use crate::domain::approval::{Ask, GrantState, RequestState};
use crate::domain::audit::{Action, Event};
use crate::domain::ids::AccountId;
use crate::domain::permission::PermissionSet;
use crate::store::accounts::Account;
use crate::store::grants::{self, Grant};
use crate::store::repositories::Repository;
use crate::store::requests::{self, Request};
use crate::store::{Change, StoreError, Work, departures, tokens};

/// Takes a repository out of every grant, and cancels the requests that were made with it; what is left of each wish is
/// asked for anew. Gives whose tokens lost it.
pub(super) async fn leave(
    context: &Context,
    work: &mut Work,
    owner: &Account,
    gone: &Repository,
) -> Result<Vec<AccountId>, StoreError> {
    let why = format!("the repository {} was deleted", gone.full_name());
    let mut overtaken = Vec::new();
    for request in departures::list_pending(work, owner.id, gone.id).await? {
        let ask = requests::load_ask(work, context.catalog, &request).await?;
        let now = work.now();
        let cancelled = RequestState::Cancelled;
        // Somebody decided it meanwhile: its grant has what it gave, and loses the repository below.
        if requests::decide(work, request.id, cancelled, None, &why, now).await? {
            overtaken.push((request, ask));
        }
    }
    let losers = departures::leave_grants(work, gone.id).await?;
    for loser in &losers {
        work.changed(Change::Token(loser.token_id));
    }
    for (request, ask) in overtaken {
        Overtaken {
            owner,
            gone,
            why: &why,
            request,
            ask,
        }
        .renew(context, work)
        .await?;
    }
    Ok(losers.into_iter().map(|loser| loser.user_id).collect())
}

/// A request that was cancelled because a repository is gone.
struct Overtaken<'a> {
    owner: &'a Account,
    gone: &'a Repository,
    why: &'a str,
    request: Request,
    ask: Ask,
}

impl Overtaken<'_> {
    /// Tells of the end of the request, and asks anew for what is left of it.
    async fn renew(&self, context: &Context, work: &mut Work) -> Result<(), StoreError> {
        let Some(grant) = grants::find(work, self.request.grant_id).await? else {
            return Ok(());
        };
        let Some(token) = tokens::find(work, grant.token_id).await? else {
            return Ok(());
        };
        let event = |action, request: &Request| {
            Event::new(action)
                .user(token.user_id)
                .token(token.id)
                .owner(self.owner.id)
                .enterprise(self.owner.governed_by())
                .with("user_programmatic_access_name", token.name.as_str())
                .with("user_programmatic_access_request_id", request.id.get())
        };
        let cancelled = event(Action::RequestCancel, &self.request).with("reason", self.why);
        work.audit_and_tell(cancelled, [token.user_id]);
        work.changed(Change::Token(token.id));
        let held = self.held(context, work, &grant).await?;
        let Some(left) = remainder(&self.ask, held.as_ref(), self.gone.id) else {
            return Ok(());
        };
        let before = held.map(|held| held.permissions).unwrap_or_default();
        let anew = self.insert(context, work, &grant, &left, &before).await?;
        let asked = event(Action::RequestCreate, &anew).with("reason", anew.reason.as_str());
        let people = reviewers(work, self.owner.id).await?;
        work.audit_and_tell(asked, people);
        Ok(())
    }

    async fn held(
        &self,
        context: &Context,
        work: &mut Work,
        grant: &Grant,
    ) -> Result<Option<Ask>, StoreError> {
        if grant.state != GrantState::Active {
            return Ok(None);
        }
        grants::load_ask(work, context.catalog, grant)
            .await
            .map(Some)
    }

    async fn insert(
        &self,
        context: &Context,
        work: &mut Work,
        grant: &Grant,
        left: &Ask,
        before: &PermissionSet,
    ) -> Result<Request, StoreError> {
        let new = requests::NewRequest {
            grant: grant.id,
            grant_rev: grant.rev,
            owner: self.owner.id,
            cause: self.request.cause,
            ask: left,
            before,
            reason: &self.request.reason,
            at: work.now(),
        };
        let id = requests::insert(work, context.catalog, &new).await?;
        let found = requests::find(work, id).await?;
        found.ok_or(StoreError::RowNotFound)
    }
}
