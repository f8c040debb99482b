//! An owner takes somebody without a membership out of every repository of an organization at once.

use super::Context;
use super::end_relation::{self, Consequence};
use super::membership::{self, MemberError};
use crate::domain::access::membership::{Asker, MembershipRefusal};
use crate::domain::access::rights::MemberRole;
use crate::domain::account::AccountKind;
use crate::domain::audit::{Action, Actor, Event, Origin};
use crate::domain::ids::AccountId;
use crate::store::{Change, Work, accounts, members};

/// Ends an outside collaborator's roles on all repositories of an organization, and for good what their tokens hold
/// there. Gives what ended.
pub async fn remove_outside_collaborator(
    context: &Context,
    origin: &Origin,
    organization: AccountId,
    user: AccountId,
) -> Result<Vec<Consequence>, MemberError> {
    let mut work = context.begin(origin).await?;
    members::lock(&mut work, organization).await?;
    match membership::asker(&mut work, origin, organization, user).await? {
        Asker::Owner | Asker::Operator | Asker::Themselves => {}
        Asker::Stranger => return Err(MemberError::Refused(MembershipRefusal::NotAnOwner)),
    }
    let consequences = carry_out(context, &mut work, organization, user).await?;
    context.commit(work).await?;
    Ok(consequences)
}

/// What it would end, without ending it: it is done in full and taken back.
pub async fn preview(
    context: &Context,
    organization: AccountId,
    user: AccountId,
) -> Result<Vec<Consequence>, MemberError> {
    let mut work = context.begin(&Origin::of(Actor::System)).await?;
    carry_out(context, &mut work, organization, user).await
}

async fn carry_out(
    context: &Context,
    work: &mut Work,
    organization: AccountId,
    user: AccountId,
) -> Result<Vec<Consequence>, MemberError> {
    let account = accounts::find(work, organization)
        .await?
        .filter(|account| account.kind == AccountKind::Organization)
        .ok_or(MemberError::NotFound)?;
    let role: Option<MemberRole> = accounts::find_role(work, organization, user).await?;
    if role.is_some() {
        let refusal = MembershipRefusal::Moved { now: role };
        return Err(MemberError::Refused(refusal));
    }
    if membership::end_collaborations(work, &account, user).await? == 0 {
        return Err(MemberError::NotFound);
    }
    let event = Event::new(Action::OutsideCollaboratorRemove)
        .user(user)
        .owner(organization)
        .enterprise(account.governed_by());
    work.audit_and_tell(event, [user]);
    work.changed(Change::Account(user));
    Ok(end_relation::review(context, work, user).await?)
}
