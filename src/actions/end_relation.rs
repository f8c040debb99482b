//! What follows when a person is not to an owner what they were: grants end, or wait for a review (DOMAIN §2.3).
//!
//! Whoever changes a role, a collaboration or an enterprise calls [`review`] in the same transaction, after the change.

use super::Context;
use super::mint::reviewers;
use crate::domain::access::rights::Relation;
use crate::domain::approval::relation::{RelationChange, relation_change};
use crate::domain::approval::{Activation, Cause, GrantState, RequestState, RevokeCause};
use crate::domain::audit::{Action, Event};
use crate::domain::ids::AccountId;
use crate::domain::permission::PermissionSet;
use crate::domain::policy::setting::Approval;
use crate::domain::token::TokenKind;
use crate::store::grants::Grant;
use crate::store::{Change, StoreError, Work, accounts, grants, requests, rights, tokens};

/// Goes through what a user's tokens hold anywhere, and ends or suspends what the user's relations carry no more.
pub(super) async fn review(
    context: &Context,
    work: &mut Work,
    user: AccountId,
) -> Result<(), StoreError> {
    for grant in grants::list_working_of_user(work, user).await? {
        let now = rights::find_choosable(work, user, grant.owner_id).await?;
        let relation = now.as_ref().map(|owner| owner.relation);
        match relation_change(grant.relation, relation) {
            RelationChange::Holds => {}
            RelationChange::Promoted => {
                grants::set_relation(work, grant.id, Relation::Owner).await?;
                work.changed(Change::Token(grant.token_id));
            }
            RelationChange::Demoted => demote(context, work, user, &grant, now).await?,
            RelationChange::Ended => end(work, user, &grant).await?,
        }
    }
    Ok(())
}

/// Cancels whatever waits at any owner for a user's tokens: a suspended user asks for nothing.
pub(super) async fn cancel_requests(work: &mut Work, user: AccountId) -> Result<(), StoreError> {
    for grant in grants::list_working_of_user(work, user).await? {
        let event = event_at(work, user, &grant).await?;
        cancel(work, &grant, &event, "the user was suspended").await?;
    }
    Ok(())
}

/// The relation ended: the grant is revoked for good, and what waits is cancelled.
async fn end(work: &mut Work, user: AccountId, grant: &Grant) -> Result<(), StoreError> {
    let why = "the relation to the owner ended";
    let event = event_at(work, user, grant).await?;
    cancel(work, grant, &event, why).await?;
    let now = work.now();
    let version = (grant.id, grant.rev);
    if grants::revoke(work, version, RevokeCause::Left, None, why, now).await? {
        let revoked = Event {
            action: Action::AccessRevoke,
            ..event
        };
        work.audit_and_tell(revoked.with("reason", why), [user]);
    }
    work.changed(Change::Token(grant.token_id));
    Ok(())
}

/// The user is an owner no more: what nobody reviewed waits for a review where approval is required.
async fn demote(
    context: &Context,
    work: &mut Work,
    user: AccountId,
    grant: &Grant,
    owner: Option<rights::Choosable>,
) -> Result<(), StoreError> {
    work.changed(Change::Token(grant.token_id));
    let ask = grants::load_ask(work, context.catalog, grant).await?;
    let was_reviewed = grant.activation == Some(Activation::Reviewed);
    let needs_review = grant.state == GrantState::Active
        && !was_reviewed
        && !ask.is_only_public_reads()
        && requires_approval(work, owner).await?;
    if !needs_review {
        return grants::set_relation(work, grant.id, Relation::Member).await;
    }
    let event = event_at(work, user, grant).await?;
    cancel(work, grant, &event, "the user is no owner any more").await?;
    if !grants::suspend(work, (grant.id, grant.rev), Relation::Member).await? {
        return Ok(());
    }
    let request = requests::NewRequest {
        grant: grant.id,
        grant_rev: grant.rev + 1,
        owner: grant.owner_id,
        cause: Cause::New,
        ask: &ask,
        before: &PermissionSet::new(),
        reason: "",
        at: work.now(),
    };
    let request = requests::insert(work, context.catalog, &request).await?;
    let Some(account) = accounts::find(work, grant.owner_id).await? else {
        return Ok(());
    };
    let people = reviewers(work, account.id).await?;
    let asked = Event {
        action: Action::RequestCreate,
        ..event
    };
    let asked = asked
        .with("request_id", request.get())
        .with("reason", "the user is no owner any more");
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

async fn cancel(
    work: &mut Work,
    grant: &Grant,
    event: &Event,
    why: &str,
) -> Result<(), StoreError> {
    let Some(pending) = requests::find_pending(work, grant.id).await? else {
        return Ok(());
    };
    let now = work.now();
    let cancelled = RequestState::Cancelled;
    if requests::decide(work, pending.id, cancelled, None, why, now).await? {
        let event = Event {
            action: Action::RequestCancel,
            ..event.clone()
        };
        let event = event
            .with("request_id", pending.id.get())
            .with("reason", why);
        let user = event.user;
        work.audit_and_tell(event, user);
        work.changed(Change::Token(grant.token_id));
    }
    Ok(())
}

/// An event about a grant, as its owner sees it; the action is put in by whoever writes it.
async fn event_at(work: &mut Work, user: AccountId, grant: &Grant) -> Result<Event, StoreError> {
    let enterprise = accounts::find(work, grant.owner_id)
        .await?
        .and_then(|owner| owner.governed_by());
    let name = tokens::find(work, grant.token_id)
        .await?
        .map(|token| token.name)
        .unwrap_or_default();
    Ok(Event::new(Action::RequestCancel)
        .user(user)
        .token(grant.token_id)
        .owner(grant.owner_id)
        .enterprise(enterprise)
        .with("user_programmatic_access_name", name))
}
