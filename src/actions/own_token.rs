//! A user's own token, loaded whole, and the steps that the actions on it share: withdrawing what waits, and
//! asking an owner.

use super::Context;
use super::mint::{choice, reviewers};
use super::refuse::permissions_json;
use crate::domain::access::rights::Relation;
use crate::domain::approval::{Ask, Cause, GrantState, RequestState};
use crate::domain::audit::{Action, Event};
use crate::domain::catalog::Catalog;
use crate::domain::ids::{AccountId, RequestId, TokenId};
use crate::domain::permission::PermissionSet;
use crate::domain::time::Timestamp;
use crate::domain::token::draft::Choice;
use crate::domain::token::edit::{Current, CurrentGrant};
use crate::domain::token::expiry::Lifetime;
use crate::domain::token::{TokenKind, TokenState};
use crate::store::grants::Grant;
use crate::store::requests::Request;
use crate::store::tokens::Token;
use crate::store::{Db, StoreError, Work, accounts, exceptions, grants, requests, rights, tokens};

/// A token with everything that its life is made of.
#[derive(Debug)]
pub(super) struct OwnToken {
    /// The stored token.
    pub token: Token,
    /// The same as the rules take it.
    pub current: Current,
    /// Its stored grants, in the order of `current.grants`; a classic token has none.
    pub parts: Vec<OwnGrant>,
    /// The scopes of a classic token, by name.
    pub scopes: Vec<String>,
}

/// A stored grant with what waits for it.
#[derive(Debug)]
pub(super) struct OwnGrant {
    /// The grant.
    pub row: Grant,
    /// Its waiting request.
    pub pending: Option<Request>,
    /// Its last request, waiting or not.
    pub latest: Option<Request>,
    /// The enterprise above its owner.
    pub enterprise: Option<AccountId>,
}

impl OwnToken {
    /// Whether it was ended for good.
    pub fn is_ended(&self) -> bool {
        self.token.state == TokenState::Ended
    }

    /// Its part at an owner, as the rules take it and as it is stored.
    pub fn at(&self, owner: AccountId) -> Option<(&CurrentGrant, &OwnGrant)> {
        let mut parts = self.current.grants.iter().zip(&self.parts);
        parts.find(|(grant, _)| grant.owner == owner)
    }

    /// An event about the token that its user alone sees.
    pub fn event(&self, action: Action) -> Event {
        Event::new(action)
            .user(self.token.user_id)
            .token(self.token.id)
            .with("user_programmatic_access_name", self.token.name.as_str())
            .with("token_scopes", self.scopes.join(", "))
    }

    /// The same, for one owner.
    pub fn event_at(
        &self,
        action: Action,
        owner: AccountId,
        enterprise: Option<AccountId>,
    ) -> Event {
        self.event(action).owner(owner).enterprise(enterprise)
    }
}

/// Loads a fine-grained token of this user; anybody else's does not exist.
pub(super) async fn load(
    db: &mut impl Db,
    catalog: &Catalog,
    user: AccountId,
    id: TokenId,
) -> Result<Option<OwnToken>, StoreError> {
    let found = load_any(db, catalog, user, id).await?;
    Ok(found.filter(|own| own.token.kind == TokenKind::FineGrained))
}

/// Loads a token of this user, be it fine-grained or classic; anybody else's does not exist.
pub(super) async fn load_any(
    db: &mut impl Db,
    catalog: &Catalog,
    user: AccountId,
    id: TokenId,
) -> Result<Option<OwnToken>, StoreError> {
    let found = tokens::find(db, id).await?;
    let Some(token) = found.filter(|token| token.user_id == user) else {
        return Ok(None);
    };
    let (mut parts, mut current) = (Vec::new(), Vec::new());
    for row in grants::list_of_token(db, id).await? {
        let (grant, part) = load_grant(db, catalog, row).await?;
        current.push(grant);
        parts.push(part);
    }
    let current = Current {
        name: token.name.clone(),
        description: token.description.clone(),
        wants_rotation: token.wants_rotation,
        conditions: tokens::load_conditions(db, id).await?,
        lifetime: Lifetime::between(token.starts_at, token.expires_at),
        rev: token.rev,
        grants: current,
    };
    Ok(Some(OwnToken {
        scopes: tokens::list_scopes(db, id).await?,
        token,
        current,
        parts,
    }))
}

async fn load_grant(
    db: &mut impl Db,
    catalog: &Catalog,
    row: Grant,
) -> Result<(CurrentGrant, OwnGrant), StoreError> {
    let owner = accounts::find(db, row.owner_id)
        .await?
        .ok_or(StoreError::RowNotFound)?;
    let latest = requests::find_latest(db, row.id).await?;
    // The grant after its requests: should an owner decide between the two, what seems to wait cannot be withdrawn any
    // more, and whoever acts on it is told. The other way round it would seem that nothing was ever asked.
    let row = grants::find(db, row.id)
        .await?
        .ok_or(StoreError::RowNotFound)?;
    let pending = latest
        .clone()
        .filter(|request| request.state == RequestState::Pending);
    let last_word = requests::find_last_word(db, row.id).await?;
    let was_refused = row.state == GrantState::Revoked || last_word == Some(RequestState::Denied);
    let stored = grants::load_ask(db, catalog, &row).await?;
    let asked = match &latest {
        Some(request) => Some(requests::load_ask(db, catalog, request).await?),
        None => None,
    };
    // A request made against this very version is the last thing that happened here.
    let is_last = latest
        .as_ref()
        .is_some_and(|request| request.grant_rev == row.rev);
    let last_wish = asked.clone().filter(|_| is_last);
    let lost = match row.state {
        _ if pending.is_some() => None,
        GrantState::Active => None,
        GrantState::Revoked => last_wish.or(Some(stored.clone())),
        GrantState::None | GrantState::Suspended => last_wish.filter(|_| was_refused),
    };
    let grant = CurrentGrant {
        owner: row.owner_id,
        login: owner.login.clone(),
        relation: row.relation,
        state: row.state,
        given: (row.state == GrantState::Active).then_some(stored),
        pending: asked.filter(|_| pending.is_some()),
        lost,
        was_refused,
    };
    let part = OwnGrant {
        row,
        pending,
        latest,
        enterprise: owner.governed_by(),
    };
    Ok((grant, part))
}

/// The owners of a token as its user may choose them now, nothing selected.
pub(super) async fn choices(
    db: &mut impl Db,
    own: &OwnToken,
    now: Timestamp,
) -> Result<Vec<Choice>, StoreError> {
    let mut choices = Vec::new();
    for grant in &own.current.grants {
        choices.extend(find_choice(db, own, grant.owner, now).await?);
    }
    Ok(choices)
}

/// One owner as the user of a token may choose it now, nothing selected, with what is exempt for the token there.
pub(super) async fn find_choice(
    db: &mut impl Db,
    own: &OwnToken,
    owner: AccountId,
    now: Timestamp,
) -> Result<Option<Choice>, StoreError> {
    let user = own.token.user_id;
    let Some(owner) = rights::find_choosable(db, user, owner).await? else {
        return Ok(None);
    };
    let exemptions = exceptions::list_of_token(db, own.token.id).await?;
    choice(db, user, owner, &exemptions, now).await.map(Some)
}

/// Withdraws what waits at an owner. False when somebody decided it first.
pub(super) async fn cancel(
    work: &mut Work,
    own: &OwnToken,
    part: &OwnGrant,
    why: &str,
) -> Result<bool, StoreError> {
    let Some(pending) = &part.pending else {
        return Ok(true);
    };
    let (by, now) = (own.token.user_id, work.now());
    let cancelled = RequestState::Cancelled;
    if !requests::decide(work, pending.id, cancelled, Some(by), why, now).await? {
        return Ok(false);
    }
    let event = own.event_at(Action::RequestCancel, part.row.owner_id, part.enterprise);
    work.audit(
        event
            .with("user_programmatic_access_request_id", pending.id.get())
            .with("reason", why),
    );
    Ok(true)
}

/// A wish that an owner has to decide on.
#[derive(Debug)]
pub(super) struct NewWish<'a> {
    /// For which grant, at which version from now on.
    pub grant: (crate::domain::ids::GrantId, i64),
    /// Of whom.
    pub owner: AccountId,
    /// The enterprise above the owner.
    pub enterprise: Option<AccountId>,
    /// Why it exists.
    pub cause: Cause,
    /// What is asked for, whole.
    pub ask: &'a Ask,
    /// What the grant gives meanwhile.
    pub given: Option<&'a Ask>,
    /// The justification.
    pub reason: &'a str,
}

/// Enters a request, records it and tells those who decide.
pub(super) async fn request(
    context: &Context,
    work: &mut Work,
    own: &OwnToken,
    wish: NewWish<'_>,
) -> Result<RequestId, StoreError> {
    let nothing = PermissionSet::new();
    let new = requests::NewRequest {
        grant: wish.grant.0,
        grant_rev: wish.grant.1,
        owner: wish.owner,
        cause: wish.cause,
        ask: wish.ask,
        before: wish.given.map_or(&nothing, |given| &given.permissions),
        reason: wish.reason,
        at: work.now(),
    };
    let id = requests::insert(work, context.catalog, &new).await?;
    let people = reviewers(work, wish.owner).await?;
    let event = own.event_at(Action::RequestCreate, wish.owner, wish.enterprise);
    let event = described(context, event, wish.ask)
        .with("user_programmatic_access_request_id", id.get())
        .with("reason", wish.reason);
    work.audit_and_tell(event, people);
    Ok(id)
}

/// An event with what a grant gives or a request asks for.
pub(super) fn described(context: &Context, event: Event, ask: &Ask) -> Event {
    let permissions = permissions_json(context.catalog, &ask.permissions);
    event
        .with("repository_selection", ask.selection.kind().as_str())
        .with("permissions", permissions)
}

/// Lets the next request be made against a grant that nothing else changes. The version it has from then on; none when
/// it moved.
pub(super) async fn hold(
    work: &mut Work,
    row: &Grant,
    relation: Relation,
) -> Result<Option<i64>, StoreError> {
    let held = grants::hold(work, (row.id, row.rev), relation).await?;
    Ok(held.then_some(row.rev + 1))
}
