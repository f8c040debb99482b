//! An owner takes a grant back. It lasts: no editing by the user attaches it again.

use std::collections::BTreeMap;

use super::Context;
use super::approve::all_unknown;
use super::refuse::{Blocked, Obstacle, ReviewError, reason, single};
use crate::domain::approval::decide::{DecideError, check_revocation};
use crate::domain::approval::{RequestState, RevokeCause};
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::{AccountId, GrantId, TokenId};
use crate::store::grants::Grant;
use crate::store::tokens::Token;
use crate::store::{Change, Db, StoreError, Work, accounts, grants, requests, tokens};

/// Revokes a grant at an owner, with a reason that its user will read. A widening that waits is cancelled with it.
pub async fn revoke_grant(
    context: &Context,
    origin: &Origin,
    owner: AccountId,
    grant: GrantId,
    by: AccountId,
    why: &str,
) -> Result<(), ReviewError> {
    let why = reason(why)?;
    let mut work = context.begin(origin).await?;
    single(revoke_all(&mut work, owner, by, &[(grant, None)], why).await?)?;
    Ok(context.commit(work).await?)
}

/// Revokes all of them, each in the version that was shown where one was, or says what stands against which; then
/// nothing must be committed.
pub(super) async fn revoke_all(
    work: &mut Work,
    owner: AccountId,
    by: AccountId,
    wanted: &[(GrantId, Option<i64>)],
    why: &str,
) -> Result<Vec<Blocked<GrantId>>, StoreError> {
    let ids: Vec<_> = wanted.iter().map(|(id, _)| *id).collect();
    let Some(account) = accounts::find(work, owner).await? else {
        return Ok(all_unknown(&ids));
    };
    let cases = load(work, owner, &ids).await?;
    let blocked: Vec<_> = wanted
        .iter()
        .filter_map(|&(id, shown)| {
            let why = obstacle(&cases, id, shown)?;
            Some(Blocked { id, why })
        })
        .collect();
    if !blocked.is_empty() {
        return Ok(blocked);
    }
    // The requests before their grants, as approvals take them: the other way round the two could lock each other out.
    let blocked = cancel_all(work, &cases, account.governed_by(), by).await?;
    if !blocked.is_empty() {
        return Ok(blocked);
    }
    let now = work.now();
    for (&id, (grant, token)) in &cases {
        let version = (id, grant.rev);
        if !grants::revoke(work, version, RevokeCause::Owner, Some(by), why, now).await? {
            return overtaken(work, id).await;
        }
        let event = event(Action::AccessRevoke, grant, token, account.governed_by());
        work.audit_and_tell(event.with("reason", why), [token.user_id]);
        work.changed(Change::Token(token.id));
    }
    Ok(Vec::new())
}

/// Grants with their tokens, by id.
type Cases = BTreeMap<GrantId, (Grant, Token)>;

async fn load(db: &mut impl Db, owner: AccountId, ids: &[GrantId]) -> Result<Cases, StoreError> {
    let mut found = grants::list_by_ids(db, ids).await?;
    found.retain(|grant| grant.owner_id == owner);
    let ids: Vec<TokenId> = found.iter().map(|grant| grant.token_id).collect();
    let tokens = tokens::list_by_ids(db, &ids).await?;
    let tokens: BTreeMap<_, _> = tokens.into_iter().map(|token| (token.id, token)).collect();
    let case = |grant: Grant| {
        let token = tokens.get(&grant.token_id)?.clone();
        Some((grant.id, (grant, token)))
    };
    Ok(found.into_iter().filter_map(case).collect())
}

fn obstacle(cases: &Cases, id: GrantId, shown: Option<i64>) -> Option<Obstacle> {
    let Some((grant, _)) = cases.get(&id) else {
        return Some(Obstacle::NotFound);
    };
    if let Err(error) = check_revocation(grant.state) {
        return Some(Obstacle::Grant(error));
    }
    let has_moved = shown.is_some_and(|shown| shown != grant.rev);
    has_moved.then_some(Obstacle::Request(DecideError::Moved))
}

/// Cancels what waits for these grants.
async fn cancel_all(
    work: &mut Work,
    cases: &Cases,
    enterprise: Option<AccountId>,
    by: AccountId,
) -> Result<Vec<Blocked<GrantId>>, StoreError> {
    let ids: Vec<_> = cases.keys().copied().collect();
    let (now, why) = (work.now(), "the grant was revoked");
    for pending in requests::list_pending_of(work, &ids).await? {
        let cancelled = RequestState::Cancelled;
        if !requests::decide(work, pending.id, cancelled, Some(by), why, now).await? {
            return Ok(vec![moved(pending.grant_id)]);
        }
        if let Some((grant, token)) = cases.get(&pending.grant_id) {
            let event = event(Action::RequestCancel, grant, token, enterprise);
            let event = event
                .with("request_id", pending.id.get())
                .with("reason", why);
            work.audit(event);
        }
    }
    Ok(Vec::new())
}

const fn moved(id: GrantId) -> Blocked<GrantId> {
    Blocked {
        id,
        why: Obstacle::Request(DecideError::Moved),
    }
}

/// Says what became of a grant that somebody else changed first.
async fn overtaken(db: &mut impl Db, id: GrantId) -> Result<Vec<Blocked<GrantId>>, StoreError> {
    let state = grants::find(db, id).await?.map(|grant| grant.state);
    Ok(vec![match state.map(check_revocation) {
        Some(Err(error)) => Blocked {
            id,
            why: Obstacle::Grant(error),
        },
        _ => moved(id),
    }])
}

fn event(action: Action, grant: &Grant, token: &Token, enterprise: Option<AccountId>) -> Event {
    Event::new(action)
        .user(token.user_id)
        .token(token.id)
        .owner(grant.owner_id)
        .enterprise(enterprise)
        .with("user_programmatic_access_name", token.name.as_str())
}
