//! An owner takes a grant back. It lasts: no editing by the user attaches it again.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::Context;
use super::approve::all_unknown;
use super::refuse::{Blocked, Obstacle, ReviewError, may_decide, reason, single};
use crate::domain::access::rights::MemberRole;
use crate::domain::account::AccountKind;
use crate::domain::approval::decide::{DecideError, check_revocation};
use crate::domain::approval::{RequestState, RevokeCause};
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::{AccountId, GrantId, TokenId};
use crate::store::accounts::Account;
use crate::store::grants::Grant;
use crate::store::tokens::Token;
use crate::store::{Change, Db, StoreError, Work, accounts, grants, requests, tokens};

/// By what right grants are taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authority {
    /// Of an owner of this organization, or of this user's account: over what reaches it.
    Owner(AccountId),
    /// Of an owner of this enterprise: over what reaches its organizations.
    Enterprise(AccountId),
}

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
    let authority = Authority::Owner(owner);
    single(revoke_all(&mut work, authority, by, &[(grant, None)], why).await?)?;
    Ok(context.commit(work).await?)
}

/// The same by an owner of the enterprise above: organizations' owners are told what was taken from theirs.
pub async fn revoke_in_enterprise(
    context: &Context,
    origin: &Origin,
    enterprise: AccountId,
    grant: GrantId,
    by: AccountId,
    why: &str,
) -> Result<(), ReviewError> {
    let why = reason(why)?;
    let mut work = context.begin(origin).await?;
    let authority = Authority::Enterprise(enterprise);
    single(revoke_all(&mut work, authority, by, &[(grant, None)], why).await?)?;
    Ok(context.commit(work).await?)
}

/// Revokes all of them, each in the version that was shown where one was, or says what stands against which; then
/// nothing must be committed.
pub(super) async fn revoke_all(
    work: &mut Work,
    authority: Authority,
    by: AccountId,
    wanted: &[(GrantId, Option<i64>)],
    why: &str,
) -> Result<Vec<Blocked<GrantId>>, StoreError> {
    let ids: Vec<_> = wanted.iter().map(|(id, _)| *id).collect();
    if !holds(work, authority, by).await? {
        return Ok(all_unknown(&ids));
    }
    let cases = load(work, authority, &ids).await?;
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
    let blocked = cancel_all(work, &cases, by).await?;
    if !blocked.is_empty() {
        return Ok(blocked);
    }
    let (now, mut told) = (work.now(), Told::new(authority));
    for (&id, case) in &cases {
        let version = (id, case.grant.rev);
        if !grants::revoke(work, version, RevokeCause::Owner, Some(by), why, now).await? {
            return overtaken(work, id).await;
        }
        let people = told.of(work, case).await?;
        let event = case.event(Action::AccessRevoke).with("reason", why);
        work.audit_and_tell(with_authority(event, authority), people);
        work.changed(Change::Token(case.token.id));
    }
    Ok(Vec::new())
}

/// Whether somebody still has the authority, and what it is over is still there.
async fn holds(db: &mut impl Db, authority: Authority, by: AccountId) -> Result<bool, StoreError> {
    match authority {
        Authority::Owner(owner) => may_decide(db, owner, by).await,
        Authority::Enterprise(enterprise) => {
            let role = accounts::find_role(db, enterprise, by).await?;
            Ok(role == Some(MemberRole::Owner))
        }
    }
}

/// Says in an event that it was the enterprise's doing: its organization's owners read it in their log.
fn with_authority(event: Event, authority: Authority) -> Event {
    match authority {
        Authority::Owner(_) => event,
        Authority::Enterprise(_) => event.with("authority", "enterprise_owner"),
    }
}

/// Who hears of a revocation; an organization's owners are looked up once.
struct Told {
    authority: Authority,
    owners: BTreeMap<AccountId, Vec<AccountId>>,
}

impl Told {
    const fn new(authority: Authority) -> Self {
        Self {
            authority,
            owners: BTreeMap::new(),
        }
    }

    /// The token's user, and where it is not their own doing, the organization's owners.
    async fn of(
        &mut self,
        db: &mut impl Db,
        case: &Case,
    ) -> Result<BTreeSet<AccountId>, StoreError> {
        let mut people = BTreeSet::from([case.token.user_id]);
        let owner = case.grant.owner_id;
        if let Authority::Enterprise(_) = self.authority {
            let owners = match self.owners.entry(owner) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => {
                    let found = accounts::list_owners(db, owner).await?;
                    unknown.insert(found.into_iter().map(|member| member.user_id).collect())
                }
            };
            people.extend(owners.iter().copied());
        }
        Ok(people)
    }
}

/// A grant with its token and the enterprise above its owner.
struct Case {
    grant: Grant,
    token: Token,
    enterprise: Option<AccountId>,
}

impl Case {
    fn event(&self, action: Action) -> Event {
        Event::new(action)
            .user(self.token.user_id)
            .token(self.token.id)
            .owner(self.grant.owner_id)
            .enterprise(self.enterprise)
            .with("user_programmatic_access_name", self.token.name.as_str())
    }
}

/// Cases by the grants' ids.
type Cases = BTreeMap<GrantId, Case>;

/// Loads the grants that an authority is over. What lies outside of it is not there.
async fn load(
    db: &mut impl Db,
    authority: Authority,
    ids: &[GrantId],
) -> Result<Cases, StoreError> {
    let found = grants::list_by_ids(db, ids).await?;
    let ids: BTreeSet<_> = found.iter().map(|grant| grant.owner_id).collect();
    let ids: Vec<_> = ids.into_iter().collect();
    let owners = accounts::list_by_ids(db, &ids).await?;
    let owners: BTreeMap<_, _> = owners
        .into_iter()
        .filter(|owner| is_under(authority, owner))
        .map(|owner| (owner.id, owner.governed_by()))
        .collect();
    let ids: Vec<TokenId> = found.iter().map(|grant| grant.token_id).collect();
    let tokens = tokens::list_by_ids(db, &ids).await?;
    let tokens: BTreeMap<_, _> = tokens.into_iter().map(|token| (token.id, token)).collect();
    let case = |grant: Grant| {
        let enterprise = *owners.get(&grant.owner_id)?;
        let token = tokens.get(&grant.token_id)?.clone();
        let case = Case {
            grant,
            token,
            enterprise,
        };
        Some((case.grant.id, case))
    };
    Ok(found.into_iter().filter_map(case).collect())
}

/// An enterprise's owners decide over its organizations alone: a managed user's own account is no organization, and the
/// enterprise's own resources are reached by its owners only.
fn is_under(authority: Authority, owner: &Account) -> bool {
    match authority {
        Authority::Owner(id) => owner.id == id,
        Authority::Enterprise(id) => {
            owner.kind == AccountKind::Organization && owner.enterprise_id == Some(id)
        }
    }
}

fn obstacle(cases: &Cases, id: GrantId, shown: Option<i64>) -> Option<Obstacle> {
    let Some(Case { grant, .. }) = cases.get(&id) else {
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
    by: AccountId,
) -> Result<Vec<Blocked<GrantId>>, StoreError> {
    let ids: Vec<_> = cases.keys().copied().collect();
    let (now, why) = (work.now(), "the grant was revoked");
    for pending in requests::list_pending_of(work, &ids).await? {
        let cancelled = RequestState::Cancelled;
        if !requests::decide(work, pending.id, cancelled, Some(by), why, now).await? {
            return Ok(vec![moved(pending.grant_id)]);
        }
        if let Some(case) = cases.get(&pending.grant_id) {
            let event = case
                .event(Action::RequestCancel)
                .with("user_programmatic_access_request_id", pending.id.get())
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
