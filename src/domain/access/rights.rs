//! The user's own rights, which a token can never exceed (DOMAIN §2.4).

use crate::domain::role::RepositoryRole;

words! {
    /// Who can read a repository.
    Visibility {
        /// Anyone.
        Public = "public",
        /// Every member of the owner's enterprise.
        Internal = "internal",
        /// Those who have a role on it.
        Private = "private",
    }
}

words! {
    /// What a member is to an organization; of an enterprise only owners are listed.
    MemberRole {
        /// Admin on everything it owns.
        Owner = "owner",
        /// Has the base permission.
        Member = "member",
    }
}

words! {
    /// What an organization gives its members on its private and internal repositories.
    BasePermission {
        /// Nothing.
        None = "none",
        /// Read.
        Read = "read",
        /// Write.
        Write = "write",
        /// Admin.
        Admin = "admin",
    }
}

impl BasePermission {
    /// The repository role that it gives.
    pub const fn role(self) -> Option<RepositoryRole> {
        match self {
            Self::None => None,
            Self::Read => Some(RepositoryRole::Read),
            Self::Write => Some(RepositoryRole::Write),
            Self::Admin => Some(RepositoryRole::Admin),
        }
    }
}

words! {
    /// What made an owner choosable for a token; a grant remembers it, and ends with it.
    Relation {
        /// The user's own account.
        Own = "own",
        /// An owner of the organization.
        Owner = "owner",
        /// A member of the organization.
        Member = "member",
        /// An outside collaborator on some of its repositories.
        Collaborator = "collaborator",
        /// A member of another organization of the same enterprise.
        Sister = "sister",
        /// An owner of the enterprise that is the resource owner.
        EnterpriseOwner = "enterprise_owner",
    }
}

impl Relation {
    /// Whether what once made an owner choosable still holds for somebody who is `now` this to it: as much, or more.
    pub const fn still_holds(self, now: Self) -> bool {
        now.strength() >= self.strength()
    }

    const fn strength(self) -> u8 {
        match self {
            Self::Own | Self::EnterpriseOwner | Self::Owner => 3,
            Self::Member => 2,
            Self::Collaborator => 1,
            Self::Sister => 0,
        }
    }
}

/// What a user is to the owner of a repository and to the repository itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UserStanding {
    /// The user is the account that owns it.
    pub is_self: bool,
    /// Role in the organization that owns it.
    pub membership: Option<MemberRole>,
    /// Whether the user is a member of the owner's enterprise.
    pub is_in_enterprise: bool,
    /// Role as a collaborator on this repository.
    pub collaborator: Option<RepositoryRole>,
}

/// The role of a user on a repository; none when not even its existence may be known.
pub fn repository_role(
    visibility: Visibility,
    base: BasePermission,
    standing: UserStanding,
) -> Option<RepositoryRole> {
    if standing.is_self || standing.membership == Some(MemberRole::Owner) {
        return Some(RepositoryRole::Admin);
    }
    let by_visibility = match visibility {
        Visibility::Public => Some(RepositoryRole::Read),
        Visibility::Internal if standing.is_in_enterprise => Some(RepositoryRole::Read),
        Visibility::Internal | Visibility::Private => None,
    };
    let by_membership = standing.membership.and_then(|_| base.role());
    by_visibility.max(by_membership).max(standing.collaborator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relation_still_holds_when_it_grew_and_ends_when_it_shrank() {
        assert!(Relation::Member.still_holds(Relation::Owner));
        assert!(Relation::Member.still_holds(Relation::Member));
        assert!(Relation::Collaborator.still_holds(Relation::Member));
        assert!(!Relation::Member.still_holds(Relation::Collaborator));
        assert!(!Relation::Member.still_holds(Relation::Sister));
    }

    #[test]
    fn a_role_is_the_highest_that_anything_gives() {
        use BasePermission as B;
        use RepositoryRole::{Admin, Read, Write};
        use Visibility::{Internal, Private, Public};
        let nobody = UserStanding::default();
        let own = UserStanding {
            is_self: true,
            ..nobody
        };
        let owner = UserStanding {
            membership: Some(MemberRole::Owner),
            ..nobody
        };
        let member = UserStanding {
            membership: Some(MemberRole::Member),
            ..nobody
        };
        let sister = UserStanding {
            is_in_enterprise: true,
            ..nobody
        };
        let outside = UserStanding {
            collaborator: Some(Write),
            ..nobody
        };
        let raised = UserStanding {
            collaborator: Some(Admin),
            ..member
        };
        let table = [
            (Private, B::Read, nobody, None),
            (Internal, B::Read, nobody, None),
            (Public, B::None, nobody, Some(Read)),
            (Private, B::None, own, Some(Admin)),
            (Private, B::None, owner, Some(Admin)),
            (Private, B::None, member, None),
            (Private, B::Write, member, Some(Write)),
            (Public, B::Write, member, Some(Write)),
            (Internal, B::None, sister, Some(Read)),
            (Private, B::Admin, sister, None),
            (Private, B::None, outside, Some(Write)),
            (Private, B::Read, raised, Some(Admin)),
        ];
        for (visibility, base, standing, expected) in table {
            assert_eq!(
                repository_role(visibility, base, standing),
                expected,
                "{visibility} {base} {standing:?}"
            );
        }
    }
}
