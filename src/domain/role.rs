//! The roles people have on repositories and in organizations, and the least one that a permission asks for.
//!
//! A token never does more than its user could: the catalog states the least role per permission
//! and level, and the decision compares it with the user's live role.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A person's role on one repository, from the weakest to the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepositoryRole {
    /// Sees the code and everything around it.
    Read,
    /// Also sorts issues and pull requests.
    Triage,
    /// Also pushes.
    Write,
    /// Also runs the repository, without its sensitive settings.
    Maintain,
    /// Everything, deletion included.
    Admin,
}

impl RepositoryRole {
    /// Every role, from the weakest to the strongest.
    pub const ALL: [Self; 5] = [
        Self::Read,
        Self::Triage,
        Self::Write,
        Self::Maintain,
        Self::Admin,
    ];

    /// The word of the role, as it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Triage => "triage",
            Self::Write => "write",
            Self::Maintain => "maintain",
            Self::Admin => "admin",
        }
    }
}

/// A person's standing in an organization, from the weakest to the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnerRole {
    /// Somebody without a membership.
    Anyone,
    /// A member.
    Member,
    /// An owner.
    Owner,
}

impl OwnerRole {
    /// Every standing, from the weakest to the strongest.
    pub const ALL: [Self; 3] = [Self::Anyone, Self::Member, Self::Owner];

    /// The word of the standing, as it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Anyone => "anyone",
            Self::Member => "member",
            Self::Owner => "owner",
        }
    }
}

/// The least role that the user behind a token needs, so that the token may use a permission at a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LeastRole {
    /// A role on the repository.
    Repository(RepositoryRole),
    /// A standing in the organization.
    Organization(OwnerRole),
    /// The account is the user's own.
    SelfOnly,
    /// An owner of the enterprise.
    EnterpriseOwner,
}

impl fmt::Display for LeastRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Repository(role) => role.as_str(),
            Self::Organization(role) => role.as_str(),
            Self::SelfOnly => "self",
            Self::EnterpriseOwner => "enterprise_owner",
        })
    }
}

/// A word that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not a role; use {expected}")]
pub struct UnknownRole {
    given: String,
    expected: &'static str,
}

const REPOSITORY_ROLES: &str = "`read`, `triage`, `write`, `maintain` or `admin`";
const OWNER_ROLES: &str = "`anyone`, `member` or `owner`";
const ANY_ROLE: &str = "a repository role (`read` … `admin`), `anyone`, `member`, `owner`, `self` or `enterprise_owner`";

impl FromStr for RepositoryRole {
    type Err = UnknownRole;

    fn from_str(given: &str) -> Result<Self, UnknownRole> {
        let role = Self::ALL.into_iter().find(|role| role.as_str() == given);
        role.ok_or_else(|| UnknownRole {
            given: given.to_owned(),
            expected: REPOSITORY_ROLES,
        })
    }
}

impl FromStr for OwnerRole {
    type Err = UnknownRole;

    fn from_str(given: &str) -> Result<Self, UnknownRole> {
        let role = Self::ALL.into_iter().find(|role| role.as_str() == given);
        role.ok_or_else(|| UnknownRole {
            given: given.to_owned(),
            expected: OWNER_ROLES,
        })
    }
}

impl FromStr for LeastRole {
    type Err = UnknownRole;

    fn from_str(given: &str) -> Result<Self, UnknownRole> {
        match given {
            "self" => return Ok(Self::SelfOnly),
            "enterprise_owner" => return Ok(Self::EnterpriseOwner),
            _ => {}
        }
        let on_repository = given.parse().map(Self::Repository);
        let in_organization = || given.parse().map(Self::Organization);
        on_repository
            .or_else(|_| in_organization())
            .map_err(|_: UnknownRole| UnknownRole {
                given: given.to_owned(),
                expected: ANY_ROLE,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_ordered_from_weak_to_strong() {
        assert!(RepositoryRole::ALL.is_sorted());
        assert!(OwnerRole::ALL.is_sorted());
    }

    #[test]
    fn every_role_reads_back_from_its_word() {
        for role in RepositoryRole::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
            assert_eq!(role.as_str().parse(), Ok(LeastRole::Repository(role)));
        }
        for role in OwnerRole::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
            assert_eq!(role.as_str().parse(), Ok(LeastRole::Organization(role)));
        }
        assert_eq!("self".parse(), Ok(LeastRole::SelfOnly));
        assert_eq!("enterprise_owner".parse(), Ok(LeastRole::EnterpriseOwner));
    }

    #[test]
    fn an_unknown_role_is_quoted() {
        let error = "boss"
            .parse::<RepositoryRole>()
            .expect_err("`boss` is no role");
        assert!(
            error
                .to_string()
                .starts_with("`boss` is not a role; use `read`"),
            "{error}"
        );
        assert!(
            "Admin".parse::<RepositoryRole>().is_err(),
            "words are exact"
        );
    }
}
