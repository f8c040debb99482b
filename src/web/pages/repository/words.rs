//! How roles and visibilities read in sentences.

use crate::domain::access::rights::{BasePermission, MemberRole, Visibility};
use crate::domain::role::RepositoryRole;
use crate::store::accounts::Account;
use crate::store::reach::Person;
use crate::store::repositories::Repository;

/// What a role lets a person do.
pub const fn can(role: RepositoryRole) -> &'static str {
    match role {
        RepositoryRole::Read => "Reads the code, issues and everything around them.",
        RepositoryRole::Triage => "Also sorts and closes issues.",
        RepositoryRole::Write => "Also pushes.",
        RepositoryRole::Maintain => "Also runs the repository, without its sensitive settings.",
        RepositoryRole::Admin => {
            "Everything: settings, collaborators, secrets, deleting the repository."
        }
    }
}

/// What the visitor may do here, in one sentence.
pub const fn may(role: RepositoryRole) -> &'static str {
    match role {
        RepositoryRole::Read => "You can read everything here.",
        RepositoryRole::Triage => "You can read everything here and sort its issues.",
        RepositoryRole::Write => "You can read everything here and push.",
        RepositoryRole::Maintain => {
            "You can read everything here, push, and run it without its sensitive settings."
        }
        RepositoryRole::Admin => "You can do everything here.",
    }
}

/// Who reads a repository of this visibility beside those with a role, as a sentence.
pub fn readers(visibility: Visibility, enterprise: &str) -> String {
    match visibility {
        Visibility::Public => "Anyone can read it, also without a token.".to_owned(),
        Visibility::Internal => format!("Every member of {enterprise} can read it."),
        Visibility::Private => "Only people with a role on it can read it.".to_owned(),
    }
}

/// Why a person has the role they have, in a few words.
pub fn why(person: &Person, owner: &Account, repository: &Repository) -> String {
    let mut reasons = Vec::new();
    if person.user_id == repository.owner_id {
        reasons.push("It is their own".to_owned());
    }
    match person.membership {
        Some(MemberRole::Owner) => reasons.push(format!("Owner of {}", owner.name)),
        Some(MemberRole::Member) => reasons.push(as_member(owner, repository)),
        None => {}
    }
    if let Some(role) = person.collaborator {
        reasons.push(format!("Collaborator: {}", role.as_str()));
    }
    reasons.join("; ")
}

fn as_member(owner: &Account, repository: &Repository) -> String {
    let name = &owner.name;
    match (owner.base_permission, repository.visibility) {
        (BasePermission::None, Visibility::Private) => format!("Member of {name}"),
        (BasePermission::None, visibility) => {
            format!("Member of {name}, and it is {visibility}")
        }
        (base, _) => format!("Member of {name}, whose members get {base}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::AccountKind;
    use crate::domain::ids::{AccountId, RepositoryId};
    use crate::domain::time::Timestamp;

    const NOW: Timestamp = Timestamp::from_micros(7);

    fn acme(base_permission: BasePermission) -> Account {
        Account {
            id: AccountId::new(1),
            kind: AccountKind::Organization,
            login: "acme".to_owned(),
            name: "Acme".to_owned(),
            email: None,
            passkey_handle: None,
            enterprise_id: None,
            managed_by: None,
            base_permission,
            site_admin: false,
            suspended_at: None,
            created_at: NOW,
            rev: 1,
        }
    }

    #[test]
    fn everything_that_gives_a_role_is_told() {
        let web = Repository {
            id: RepositoryId::new(1),
            owner_id: AccountId::new(1),
            owner_login: "acme".to_owned(),
            name: "web".to_owned(),
            description: String::new(),
            visibility: Visibility::Private,
            created_at: NOW,
            updated_at: NOW,
            rev: 1,
        };
        let person = |membership, collaborator| Person {
            user_id: AccountId::new(2),
            login: "ana".to_owned(),
            name: "Ana".to_owned(),
            suspended_at: None,
            membership,
            collaborator,
        };
        let (owner, member) = (Some(MemberRole::Owner), Some(MemberRole::Member));
        let write = Some(RepositoryRole::Write);
        for (person, base, words) in [
            (person(owner, None), BasePermission::None, "Owner of Acme"),
            (
                person(member, write),
                BasePermission::Read,
                "Member of Acme, whose members get read; Collaborator: write",
            ),
            (
                person(None, write),
                BasePermission::Read,
                "Collaborator: write",
            ),
        ] {
            assert_eq!(why(&person, &acme(base), &web), words);
        }
    }
}
