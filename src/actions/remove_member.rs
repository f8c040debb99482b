//! Somebody's membership of an organization ends: an owner removes them, or they leave.

use super::Context;
use super::end_relation::Consequence;
use super::membership::{self, MemberError, Wish};
use crate::domain::access::membership::MembershipChange;
use crate::domain::access::rights::MemberRole;
use crate::domain::audit::Origin;
use crate::domain::ids::AccountId;

/// Ends a membership, and with it for good what the person's tokens hold at the organization, and wherever they reached
/// through it: coming back revives nothing. Gives what ended.
///
/// With `keeps_repositories` the person stays an outside collaborator on repositories on which they have a role; their
/// tokens have to be let in anew all the same.
pub async fn remove_member(
    context: &Context,
    origin: &Origin,
    organization: AccountId,
    user: AccountId,
    shown: MemberRole,
    keeps_repositories: bool,
) -> Result<Vec<Consequence>, MemberError> {
    let wish = Wish {
        organization,
        user,
        shown: Some(shown),
        change: MembershipChange::End,
        keeps_repositories,
    };
    membership::change(context, origin, &wish).await
}
