//! An owner adds somebody to an organization, or gives a member another role.

use super::Context;
use super::end_relation::Consequence;
use super::membership::{self, MemberError, Wish};
use crate::domain::access::membership::MembershipChange;
use crate::domain::access::rights::MemberRole;
use crate::domain::audit::Origin;
use crate::domain::ids::AccountId;

/// Gives a user a role in an organization; `shown` is the one that whoever asks saw, none for somebody new.
///
/// An owner who becomes a member keeps what an owner reviewed; the rest of their tokens' access waits for a review where
/// the organization requires one. Gives what became of it.
pub async fn set_member(
    context: &Context,
    origin: &Origin,
    organization: AccountId,
    user: AccountId,
    shown: Option<MemberRole>,
    role: MemberRole,
) -> Result<Vec<Consequence>, MemberError> {
    let wish = Wish {
        organization,
        user,
        shown,
        change: MembershipChange::Set(role),
        keeps_repositories: true,
    };
    membership::change(context, origin, &wish).await
}
