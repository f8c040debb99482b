//! An owner grants what a request asks for.

use super::Context;
use super::refuse::{ReviewError, permissions_json, reason};
use crate::domain::approval::decide::{ApprovalFacts, DecideError, check_approval};
use crate::domain::approval::{Ask, RequestState};
use crate::domain::audit::{Action, Actor, Event, Origin};
use crate::domain::ids::{AccountId, RequestId};
use crate::domain::policy::evaluate::violation;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenState;
use crate::domain::token::expiry::Lifetime;
use crate::store::{self, Db, StoreError, accounts, grants, requests, rights, tokens};

/// Approves a request at an owner. Everything it depends on is read again in the transaction that approves.
pub async fn approve(
    context: &Context,
    origin: &Origin,
    owner: AccountId,
    request: RequestId,
    by: AccountId,
    why: &str,
) -> Result<(), ReviewError> {
    let why = reason(why)?;
    let mut work = context.begin(origin).await?;
    let case = load(&mut work, owner, request).await?;
    refuse_own(origin, by, case.token.user_id)?;
    let now = work.now();
    check_approval(&facts(&mut work, &case, now).await?).map_err(ReviewError::Request)?;
    let ask = granted(context, &mut work, &case).await?.after;
    if !requests::decide(
        &mut work,
        request,
        RequestState::Approved,
        Some(by),
        why,
        now,
    )
    .await?
    {
        return Err(overtaken(&mut work, request).await?);
    }
    requests::grant_whole(&mut work, request).await?;
    let version = (case.grant.id, case.grant.rev);
    if !grants::activate(&mut work, context.catalog, version, &ask, by, now).await? {
        return Err(ReviewError::Request(DecideError::Moved));
    }
    let event = Event::new(Action::AccessGrant)
        .user(case.token.user_id)
        .token(case.token.id)
        .owner(owner)
        .enterprise(case.enterprise)
        .with("user_programmatic_access_name", case.token.name.as_str())
        .with("request_id", request.get())
        .with("repository_selection", ask.selection.kind().as_str())
        .with(
            "permissions",
            permissions_json(context.catalog, &ask.permissions),
        )
        .with("reason", why);
    work.audit_and_tell(event, [case.token.user_id]);
    work.changed(store::Change::Token(case.token.id));
    Ok(context.commit(work).await?)
}

/// A request with what it is about.
#[derive(Debug)]
pub(super) struct Case {
    pub request: requests::Request,
    pub grant: grants::Grant,
    pub token: tokens::Token,
    pub enterprise: Option<AccountId>,
}

/// Loads a request of this owner; one of another owner is not found.
pub(super) async fn load(
    db: &mut impl Db,
    owner: AccountId,
    request: RequestId,
) -> Result<Case, ReviewError> {
    let request = requests::find(db, request)
        .await?
        .filter(|request| request.owner_id == owner);
    let request = request.ok_or(ReviewError::NotFound)?;
    let grant = grants::find(db, request.grant_id)
        .await?
        .ok_or(ReviewError::NotFound)?;
    let token = tokens::find(db, grant.token_id)
        .await?
        .ok_or(ReviewError::NotFound)?;
    let enterprise = accounts::find(db, owner)
        .await?
        .and_then(|owner| owner.governed_by());
    Ok(Case {
        request,
        grant,
        token,
        enterprise,
    })
}

/// Says how a request was decided by whoever was first.
pub(super) async fn overtaken(
    db: &mut impl Db,
    request: RequestId,
) -> Result<ReviewError, StoreError> {
    let now = requests::find(db, request).await?;
    Ok(now.map_or(ReviewError::NotFound, |request| {
        ReviewError::Request(DecideError::AlreadyDecided(request.state))
    }))
}

/// By API nobody decides on their own requests; a token never decides for its own user.
pub(super) fn refuse_own(
    origin: &Origin,
    by: AccountId,
    requester: AccountId,
) -> Result<(), ReviewError> {
    let by_token = matches!(origin.actor, Actor::Token { .. });
    if by_token && by == requester {
        Err(ReviewError::OwnRequest)
    } else {
        Ok(())
    }
}

async fn facts(db: &mut impl Db, case: &Case, now: Timestamp) -> Result<ApprovalFacts, StoreError> {
    let user = accounts::find(db, case.token.user_id).await?;
    let relation = rights::find_choosable(db, case.token.user_id, case.request.owner_id).await?;
    let violation = match &relation {
        Some(owner) => {
            let choice = super::mint::choice(db, case.token.user_id, owner.clone(), now).await?;
            let lifetime = Lifetime::between(case.token.starts_at, case.token.expires_at);
            choice
                .policy
                .and_then(|policy| violation(&policy, lifetime, choice.is_enterprise_owner))
        }
        None => None,
    };
    Ok(ApprovalFacts {
        request: case.request.state,
        made_against: case.request.grant_rev,
        grant_version: case.grant.rev,
        is_user_suspended: user.is_none_or(|user| user.is_suspended()),
        relation_holds: relation
            .is_some_and(|owner| case.grant.relation.still_holds(owner.relation)),
        is_token_ended: case.token.state == TokenState::Ended,
        is_token_expired: case.token.is_expired(now),
        violation,
    })
}

/// What approving does to a grant, as its reviewer is shown it and as approving does it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What the grant gives now; none when it gives nothing.
    pub before: Option<Ask>,
    /// What it will give: what it gives already and what the request adds, under the request's terms.
    pub after: Ask,
}

async fn granted(context: &Context, db: &mut impl Db, case: &Case) -> Result<Change, StoreError> {
    let asked = requests::load_ask(db, context.catalog, &case.request).await?;
    if case.grant.activated_at.is_none() || case.grant.ended_at.is_some() {
        return Ok(Change {
            before: None,
            after: asked,
        });
    }
    let given = grants::load_ask(db, context.catalog, &case.grant).await?;
    let after = Ask {
        selection: given.selection.union(&asked.selection),
        permissions: given.permissions.union(&asked.permissions),
        terms: asked.terms,
    };
    Ok(Change {
        before: Some(given),
        after,
    })
}

/// What approving a request would do now, and what stands against it, without doing anything.
pub async fn preview(
    context: &Context,
    owner: AccountId,
    request: RequestId,
) -> Result<(Change, Option<DecideError>), ReviewError> {
    let mut db = context.store.reader();
    let case = load(&mut db, owner, request).await?;
    let facts = facts(&mut db, &case, context.clock.now()).await?;
    let change = granted(context, &mut db, &case).await?;
    Ok((change, check_approval(&facts).err()))
}
