//! Requests on an owner's desk: everything that deciding them depends on, read in a number of statements that grows
//! with the people who ask and not with what they ask for.

use std::collections::{BTreeMap, BTreeSet};

use super::refuse::Obstacle;
use crate::domain::access::rights::Relation;
use crate::domain::approval::decide::{ApprovalFacts, DecideError, check_approval};
use crate::domain::audit::{Action, Actor, Event, Origin};
use crate::domain::ids::{AccountId, GrantId, RequestId, TokenId};
use crate::domain::policy::evaluate::violation;
use crate::domain::policy::{Effective, Exemption, Spared};
use crate::domain::time::Timestamp;
use crate::domain::token::expiry::Lifetime;
use crate::domain::token::{TokenKind, TokenState};
use crate::store::accounts::Account;
use crate::store::grants::Grant;
use crate::store::requests::Request;
use crate::store::tokens::Token;
use crate::store::{Db, StoreError, accounts, exceptions, grants, requests, rights, tokens};

/// A request with what it is about.
#[derive(Debug)]
pub(super) struct Case {
    pub request: Request,
    pub grant: Grant,
    pub token: Token,
    pub enterprise: Option<AccountId>,
}

impl Case {
    /// An event about it, as its owner sees it.
    pub fn event(&self, action: Action) -> Event {
        Event::new(action)
            .user(self.token.user_id)
            .token(self.token.id)
            .owner(self.request.owner_id)
            .enterprise(self.enterprise)
            .with("user_programmatic_access_name", self.token.name.as_str())
            .with("user_programmatic_access_request_id", self.request.id.get())
    }
}

/// Loads the requests of this owner among `ids`, by their ids. What belongs to another owner is not there.
pub(super) async fn load(
    db: &mut impl Db,
    owner: &Account,
    ids: &[RequestId],
) -> Result<BTreeMap<RequestId, Case>, StoreError> {
    let mut found = requests::list_by_ids(db, ids).await?;
    found.retain(|request| request.owner_id == owner.id);
    let ids: Vec<GrantId> = found.iter().map(|request| request.grant_id).collect();
    let grants = grants::list_by_ids(db, &ids).await?;
    let ids: Vec<TokenId> = grants.iter().map(|grant| grant.token_id).collect();
    let tokens = tokens::list_by_ids(db, &ids).await?;
    let tokens: BTreeMap<_, _> = tokens.iter().map(|token| (token.id, token)).collect();
    let grants: BTreeMap<_, _> = grants.iter().map(|grant| (grant.id, grant)).collect();
    let case = |request: Request| {
        let grant = (*grants.get(&request.grant_id)?).clone();
        let token = (*tokens.get(&grant.token_id)?).clone();
        let case = Case {
            grant,
            token,
            enterprise: owner.governed_by(),
            request,
        };
        Some((case.request.id, case))
    };
    Ok(found.into_iter().filter_map(case).collect())
}

/// Cases together with everything that an approval checks again.
#[derive(Debug)]
pub(super) struct Desk {
    /// The requests, by id.
    pub cases: BTreeMap<RequestId, Case>,
    policy: Option<Effective>,
    place: (AccountId, Option<AccountId>),
    enterprise_owners: BTreeSet<AccountId>,
    exemptions: BTreeMap<TokenId, Vec<Exemption>>,
    users: BTreeMap<AccountId, Account>,
    relations: BTreeMap<AccountId, Relation>,
    now: Timestamp,
}

impl Desk {
    /// Lays these requests of an owner on the desk. An owner that is gone has none.
    pub async fn lay(
        db: &mut impl Db,
        owner: AccountId,
        ids: &[RequestId],
        now: Timestamp,
    ) -> Result<Option<Self>, StoreError> {
        let Some(owner) = accounts::find(db, owner).await? else {
            return Ok(None);
        };
        let cases = load(db, &owner, ids).await?;
        let people: BTreeSet<_> = cases.values().map(|case| case.token.user_id).collect();
        let people: Vec<_> = people.into_iter().collect();
        let users = accounts::list_by_ids(db, &people).await?;
        let tokens: BTreeSet<_> = cases.values().map(|case| case.token.id).collect();
        let governed_by = owner.governed_by();
        let kind = TokenKind::FineGrained;
        Ok(Some(Self {
            policy: rights::find_policy(db, owner.kind, owner.id, governed_by, kind, now).await?,
            place: (owner.id, governed_by),
            enterprise_owners: enterprise_owners(db, governed_by).await?,
            exemptions: exceptions::list_of_tokens(db, tokens).await?,
            users: users.into_iter().map(|user| (user.id, user)).collect(),
            relations: relations(db, owner.id, &people).await?,
            cases,
            now,
        }))
    }

    /// What stands against approving a request that was shown with this version of its grant.
    pub fn obstacle(&self, id: RequestId, shown: Option<i64>) -> Option<Obstacle> {
        let Some(case) = self.cases.get(&id) else {
            return Some(Obstacle::NotFound);
        };
        let stands_against = check_approval(&self.facts(case)).err();
        let has_moved = shown.is_some_and(|shown| shown != case.grant.rev);
        stands_against
            .or(has_moved.then_some(DecideError::Moved))
            .map(Obstacle::Request)
    }

    fn facts(&self, case: &Case) -> ApprovalFacts {
        let user = case.token.user_id;
        let relation = self.relations.get(&user);
        let lifetime = Lifetime::between(case.token.starts_at, case.token.expires_at);
        let given = self.exemptions.get(&case.token.id);
        let given = given.map_or(&[][..], Vec::as_slice);
        let is_enterprise_owner = self.enterprise_owners.contains(&user);
        let spared = Spared::by(given, self.place, is_enterprise_owner, self.now);
        let policy = self.policy.as_ref();
        ApprovalFacts {
            request: case.request.state,
            made_against: case.request.grant_rev,
            grant_version: case.grant.rev,
            is_user_suspended: self.users.get(&user).is_none_or(Account::is_suspended),
            relation_holds: relation.is_some_and(|now| case.grant.relation.still_holds(*now)),
            is_token_ended: case.token.state == TokenState::Ended,
            is_token_expired: case.token.is_expired(self.now),
            violation: policy.and_then(|policy| violation(policy, lifetime, spared)),
        }
    }
}

async fn enterprise_owners(
    db: &mut impl Db,
    enterprise: Option<AccountId>,
) -> Result<BTreeSet<AccountId>, StoreError> {
    let Some(enterprise) = enterprise else {
        return Ok(BTreeSet::new());
    };
    let owners = accounts::list_owners(db, enterprise).await?;
    Ok(owners.into_iter().map(|owner| owner.user_id).collect())
}

async fn relations(
    db: &mut impl Db,
    owner: AccountId,
    people: &[AccountId],
) -> Result<BTreeMap<AccountId, Relation>, StoreError> {
    let mut relations = BTreeMap::new();
    for &user in people {
        if let Some(found) = rights::find_choosable(db, user, owner).await? {
            relations.insert(user, found.relation);
        }
    }
    Ok(relations)
}

/// By API nobody decides on their own requests; a token never decides for its own user.
pub(super) fn is_own(origin: &Origin, by: AccountId, requester: AccountId) -> bool {
    matches!(origin.actor, Actor::Token { .. }) && by == requester
}
