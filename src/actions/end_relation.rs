//! What follows when a person is not to an owner what they were: grants end, or wait for a review (DOMAIN §2.3).
//!
//! Whoever changes a role, a collaboration or an enterprise calls [`review`] in the same transaction, after the change.

use super::Context;
use super::mint::reviewers;
use crate::domain::access::rights::Relation;
use crate::domain::approval::relation::{RelationChange, relation_change};
use crate::domain::approval::{Activation, Ask, Cause, GrantState, RequestState, RevokeCause};
use crate::domain::audit::{Action, Event};
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::permission::PermissionSet;
use crate::domain::policy::setting::Approval;
use crate::domain::token::TokenKind;
use crate::store::grants::Grant;
use crate::store::{Change, StoreError, Work, accounts, grants, members, requests, rights, tokens};

/// What became of something that a token held at an owner, because its user is not to that owner what they were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consequence {
    /// The token.
    pub token: TokenId,
    /// Its name.
    pub name: String,
    /// At whom.
    pub owner: AccountId,
    /// What became of it.
    pub fate: Fate,
}

/// What becomes of a grant, or of a request that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// The grant is revoked for good.
    Revoked,
    /// The request is cancelled.
    Cancelled,
    /// The grant does not work until an owner approves it.
    Suspended,
}

/// How often a grant is looked at again that somebody else changes at the same moment. Each time somebody else was
/// first, so a few times are more than ever happen.
const ATTEMPTS: usize = 8;

/// Goes through what a user's tokens hold anywhere, and ends or suspends what the user's relations carry no more.
///
/// The user is held first, as by whoever lets a token hold more: what was chosen while the relation was still there is
/// either seen here, or chosen again without it.
pub(super) async fn review(
    context: &Context,
    work: &mut Work,
    user: AccountId,
) -> Result<Vec<Consequence>, StoreError> {
    members::lock(work, user).await?;
    let mut consequences = Vec::new();
    for grant in grants::list_working_of_user(work, user).await? {
        consequences.extend(review_grant(context, work, user, grant).await?);
    }
    Ok(consequences)
}

/// Decides about one grant as it stands now: one that an owner approves or revokes at the same moment is read again,
/// because a grant that outlived its relation would come back to life with it.
async fn review_grant(
    context: &Context,
    work: &mut Work,
    user: AccountId,
    mut grant: Grant,
) -> Result<Vec<Consequence>, StoreError> {
    let mut consequences = Vec::new();
    for _ in 0..ATTEMPTS {
        let now = rights::find_choosable(work, user, grant.owner_id).await?;
        let relation = now.as_ref().map(|owner| owner.relation);
        let case = Case::load(work, user, &grant).await?;
        let done = match relation_change(grant.relation, relation) {
            RelationChange::Holds => true,
            RelationChange::Promoted => {
                grants::set_relation(work, grant.id, Relation::Owner).await?;
                work.changed(Change::Token(grant.token_id));
                true
            }
            RelationChange::Demoted => demote(context, work, &case, now, &mut consequences).await?,
            RelationChange::Ended => end(work, &case, &mut consequences).await?,
        };
        if done {
            return Ok(consequences);
        }
        match grants::find(work, grant.id).await? {
            Some(found) => grant = found,
            None => return Ok(consequences),
        }
    }
    Err(StoreError::Protocol(
        "a grant kept changing while its user's relation ended".to_owned(),
    ))
}

/// A grant with what its events and consequences name.
#[derive(Debug)]
struct Case<'a> {
    grant: &'a Grant,
    token_name: String,
    user: AccountId,
    enterprise: Option<AccountId>,
}

impl<'a> Case<'a> {
    async fn load(work: &mut Work, user: AccountId, grant: &'a Grant) -> Result<Self, StoreError> {
        let owner = accounts::find(work, grant.owner_id).await?;
        let token = tokens::find(work, grant.token_id).await?;
        Ok(Self {
            grant,
            token_name: token.map(|token| token.name).unwrap_or_default(),
            user,
            enterprise: owner.and_then(|owner| owner.governed_by()),
        })
    }

    /// An event about the grant, as its owner sees it.
    fn event(&self, action: Action) -> Event {
        Event::new(action)
            .user(self.user)
            .token(self.grant.token_id)
            .owner(self.grant.owner_id)
            .enterprise(self.enterprise)
            .with("user_programmatic_access_name", self.token_name.as_str())
    }

    fn consequence(&self, fate: Fate) -> Consequence {
        Consequence {
            token: self.grant.token_id,
            name: self.token_name.clone(),
            owner: self.grant.owner_id,
            fate,
        }
    }
}

/// Cancels whatever waits at any owner for a user's tokens: a suspended user asks for nothing.
pub(super) async fn cancel_requests(work: &mut Work, user: AccountId) -> Result<(), StoreError> {
    for grant in grants::list_working_of_user(work, user).await? {
        let case = Case::load(work, user, &grant).await?;
        cancel(work, &case, "the user was suspended").await?;
    }
    Ok(())
}

/// The relation ended: the grant is revoked for good, and what waits is cancelled. False when somebody else changed the
/// grant at the same moment.
async fn end(
    work: &mut Work,
    case: &Case<'_>,
    consequences: &mut Vec<Consequence>,
) -> Result<bool, StoreError> {
    let (grant, why) = (case.grant, "the relation to the owner ended");
    work.changed(Change::Token(grant.token_id));
    if cancel(work, case, why).await? {
        consequences.push(case.consequence(Fate::Cancelled));
    }
    let now = work.now();
    let version = (grant.id, grant.rev);
    if grants::revoke(work, version, RevokeCause::Left, None, why, now).await? {
        let revoked = case.event(Action::AccessRevoke).with("reason", why);
        work.audit_and_tell(revoked, [case.user]);
        consequences.push(case.consequence(Fate::Revoked));
        return Ok(true);
    }
    let found = grants::find(work, grant.id).await?;
    Ok(found.is_none_or(|found| matches!(found.state, GrantState::None | GrantState::Revoked)))
}

/// The user is an owner no more: what nobody reviewed waits for a review where approval is required. False when somebody
/// else changed the grant at the same moment.
async fn demote(
    context: &Context,
    work: &mut Work,
    case: &Case<'_>,
    owner: Option<rights::Choosable>,
    consequences: &mut Vec<Consequence>,
) -> Result<bool, StoreError> {
    let grant = case.grant;
    work.changed(Change::Token(grant.token_id));
    let ask = grants::load_ask(work, context.catalog, grant).await?;
    let was_reviewed = grant.activation == Some(Activation::Reviewed);
    let needs_review = grant.state == GrantState::Active
        && !was_reviewed
        && !ask.is_only_public_reads()
        && requires_approval(work, owner).await?;
    if !needs_review {
        grants::set_relation(work, grant.id, Relation::Member).await?;
        return Ok(true);
    }
    let why = "the user is no owner any more";
    if cancel(work, case, why).await? {
        consequences.push(case.consequence(Fate::Cancelled));
    }
    if !grants::suspend(work, (grant.id, grant.rev), Relation::Member).await? {
        return Ok(false);
    }
    ask_for_review(context, work, case, &ask, why).await?;
    consequences.push(case.consequence(Fate::Suspended));
    Ok(true)
}

/// Makes the request that lets a suspended grant work again, for exactly what it gave.
async fn ask_for_review(
    context: &Context,
    work: &mut Work,
    case: &Case<'_>,
    ask: &Ask,
    why: &str,
) -> Result<(), StoreError> {
    let grant = case.grant;
    let request = requests::NewRequest {
        grant: grant.id,
        grant_rev: grant.rev + 1,
        owner: grant.owner_id,
        cause: Cause::New,
        ask,
        before: &PermissionSet::new(),
        reason: "",
        at: work.now(),
    };
    let request = requests::insert(work, context.catalog, &request).await?;
    let people = reviewers(work, grant.owner_id).await?;
    let asked = case
        .event(Action::RequestCreate)
        .with("user_programmatic_access_request_id", request.get())
        .with("reason", why);
    work.audit_and_tell(asked, people);
    Ok(())
}

async fn requires_approval(
    work: &mut Work,
    owner: Option<rights::Choosable>,
) -> Result<bool, StoreError> {
    let Some(owner) = owner else { return Ok(true) };
    let now = work.now();
    let kind = TokenKind::FineGrained;
    let policy =
        rights::find_policy(work, owner.kind, owner.id, owner.governed_by, kind, now).await?;
    Ok(policy.is_some_and(|policy| policy.approval.value == Approval::Required))
}

/// Cancels the request that waits for a grant; whether there was one.
async fn cancel(work: &mut Work, case: &Case<'_>, why: &str) -> Result<bool, StoreError> {
    let Some(pending) = requests::find_pending(work, case.grant.id).await? else {
        return Ok(false);
    };
    let now = work.now();
    let cancelled = RequestState::Cancelled;
    if !requests::decide(work, pending.id, cancelled, None, why, now).await? {
        return Ok(false);
    }
    let event = case
        .event(Action::RequestCancel)
        .with("user_programmatic_access_request_id", pending.id.get())
        .with("reason", why);
    work.audit_and_tell(event, [case.user]);
    work.changed(Change::Token(case.grant.token_id));
    Ok(true)
}
