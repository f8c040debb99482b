//! An organization's people: who belongs to it, as what, and what their tokens do there.

pub mod add;
pub mod base;
pub mod leave;
pub mod list;
pub mod one;
mod outcome;
mod toll;
mod window;

use super::frame;
use crate::domain::access::rights::{BasePermission, MemberRole};
use crate::domain::ids::AccountId;
use crate::store::members::Collaboration;
use crate::web::filters::counted;

/// So many repositories are named in a list; more are counted.
const NAMED: i64 = 3;

/// Where somebody is added.
fn add_path(organization: &str) -> String {
    format!("{}/add", frame::people_path(organization))
}

/// Where the base permission is changed.
fn base_path(organization: &str) -> String {
    format!("{}/base-permission", frame::people_path(organization))
}

/// Where somebody sees their own membership, and ends it.
fn leave_path(organization: &str) -> String {
    format!("{}/leave", frame::people_path(organization))
}

/// One person.
fn person_path(organization: &str, user: AccountId) -> String {
    format!("{}/{user}", frame::people_path(organization))
}

/// A list of an organization's tokens or requests, narrowed to one person.
fn of_person(list: &str, login: &str) -> String {
    format!("{list}?person={login}")
}

/// A role in a sentence; of somebody without a membership the word for that.
const fn role_word(role: Option<MemberRole>) -> &'static str {
    match role {
        Some(MemberRole::Owner) => "Owner",
        Some(MemberRole::Member) => "Member",
        None => "Outside collaborator",
    }
}

/// The role that a form says its page showed.
fn shown_role(text: &str) -> Option<MemberRole> {
    text.parse().ok()
}

/// Repositories with a person's role on each: the first few, and how many more.
fn repositories(found: &[Collaboration]) -> Vec<String> {
    let mut lines: Vec<_> = found
        .iter()
        .map(|at| format!("{} ({})", at.name, at.role.as_str()))
        .collect();
    let total = found.first().map_or(0, |at| at.total);
    let listed = i64::try_from(found.len()).unwrap_or(i64::MAX);
    if total > listed {
        lines.push(counted(total - listed, "more", "more"));
    }
    lines
}

/// What follows for somebody from being a member.
fn member_consequence(base: BasePermission) -> String {
    match base {
        BasePermission::None => {
            "Has nothing on private repositories but what a repository gives them itself. Their tokens wait where an \
             owner must approve."
                .to_owned()
        }
        BasePermission::Read | BasePermission::Write | BasePermission::Admin => format!(
            "Has {base} on every private and internal repository. Their tokens wait where an owner must approve."
        ),
    }
}
