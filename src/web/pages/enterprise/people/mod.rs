//! Who belongs to an enterprise, and what their tokens reach of it.

pub mod list;
pub mod one;

use crate::domain::access::rights::MemberRole;
use crate::domain::account::AccountKind;
use crate::store::enterprises::Membership;

/// What somebody is, in a line: `Owner of Acme`.
fn role(membership: &Membership) -> String {
    let role = match (membership.role, membership.kind) {
        (MemberRole::Owner, AccountKind::Enterprise) => "Owner of the enterprise",
        (MemberRole::Owner, _) => "Owner of",
        (MemberRole::Member, _) => "Member of",
    };
    match membership.kind {
        AccountKind::Enterprise => role.to_owned(),
        AccountKind::Organization | AccountKind::User => format!("{role} {}", membership.name),
    }
}
