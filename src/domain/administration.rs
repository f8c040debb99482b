//! What a site administrator may do to accounts, as pure rules (DOMAIN §1): the installation never loses its last
//! administrator, no organization or enterprise its last owner, and nobody gives a role to themselves.

words! {
    /// A state by which people are picked out of the directory.
    UserState {
        /// Who may do nothing.
        Suspended = "suspended",
        /// Who runs the installation.
        SiteAdmin = "site_admin",
        /// Who cannot sign in yet.
        NoPasskey = "no_passkey",
    }
}

words! {
    /// The order of a list of accounts.
    Sort {
        /// By login.
        Login = "login",
        /// The newest first.
        Newest = "newest",
    }
}

words! {
    /// What is done to a person's account.
    UserAct {
        /// Tokens and sessions die; requests that wait are cancelled.
        Suspend = "suspend",
        /// Tokens that still live work again.
        Unsuspend = "unsuspend",
        /// The person runs the installation too.
        Promote = "promote",
        /// The person runs the installation no more.
        Demote = "demote",
        /// The person registers a passkey with a link.
        Link = "link",
    }
}

/// How long a freed name is kept back, in days.
pub const NAME_KEPT_DAYS: i64 = 90;

/// What decides about an act on a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserFacts {
    /// Whether whoever acts is that person.
    pub is_self: bool,
    /// Whether the person is suspended.
    pub is_suspended: bool,
    /// Whether the person runs the installation.
    pub is_site_admin: bool,
}

/// Why an act is not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody suspends themselves, takes their own administration away or gives themselves a role. Since whoever acts
    /// stays, the installation keeps an administrator.
    #[error("nobody does this to themselves: ask another site administrator")]
    Yourself,
    /// It is so already.
    #[error("it is so already")]
    Already,
    /// The person is suspended.
    #[error("the person is suspended: lift the suspension first")]
    Suspended,
    /// Nobody else could act for the organization or enterprise.
    #[error("nobody else could act for it: name another owner first")]
    LastOwner,
    /// The organization's owners choose owners themselves.
    #[error("its owners choose who else owns it")]
    OwnersDecide,
}

/// Whether an act on a person may be done.
pub const fn check_user(act: UserAct, facts: UserFacts) -> Result<(), Refusal> {
    let UserFacts {
        is_self,
        is_suspended,
        is_site_admin,
    } = facts;
    match act {
        UserAct::Suspend if is_suspended => Err(Refusal::Already),
        UserAct::Unsuspend if !is_suspended => Err(Refusal::Already),
        UserAct::Promote if is_site_admin => Err(Refusal::Already),
        UserAct::Demote if !is_site_admin => Err(Refusal::Already),
        UserAct::Suspend | UserAct::Demote if is_self => Err(Refusal::Yourself),
        UserAct::Promote | UserAct::Link if is_suspended => Err(Refusal::Suspended),
        _ => Ok(()),
    }
}

/// What decides about an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnerFacts {
    /// Whether whoever acts is the owner in question.
    pub is_self: bool,
    /// Whether the person is suspended.
    pub is_suspended: bool,
    /// Whether the person owns it already.
    pub is_owner: bool,
    /// How many others own it and are not suspended.
    pub others: i64,
}

/// Whether somebody may be made an owner. Owners of an organization choose each other: a site administrator names one
/// only where none can act (`may_choose` is false for organizations).
pub const fn check_owner_added(facts: OwnerFacts, may_choose: bool) -> Result<(), Refusal> {
    if facts.is_self {
        Err(Refusal::Yourself)
    } else if facts.is_suspended {
        Err(Refusal::Suspended)
    } else if facts.is_owner {
        Err(Refusal::Already)
    } else if !may_choose && facts.others > 0 {
        Err(Refusal::OwnersDecide)
    } else {
        Ok(())
    }
}

/// Whether an owner may be taken away.
pub const fn check_owner_removed(facts: OwnerFacts) -> Result<(), Refusal> {
    if !facts.is_owner {
        Err(Refusal::Already)
    } else if facts.others == 0 {
        Err(Refusal::LastOwner)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOMEBODY: UserFacts = UserFacts {
        is_self: false,
        is_suspended: false,
        is_site_admin: false,
    };

    #[test]
    fn acts_on_people_by_the_table() {
        let suspended = UserFacts {
            is_suspended: true,
            ..SOMEBODY
        };
        let admin = UserFacts {
            is_site_admin: true,
            ..SOMEBODY
        };
        let me = UserFacts {
            is_self: true,
            ..admin
        };
        let table = [
            (UserAct::Suspend, SOMEBODY, Ok(())),
            (UserAct::Suspend, admin, Ok(())),
            (UserAct::Suspend, suspended, Err(Refusal::Already)),
            (UserAct::Suspend, me, Err(Refusal::Yourself)),
            (UserAct::Unsuspend, suspended, Ok(())),
            (UserAct::Unsuspend, SOMEBODY, Err(Refusal::Already)),
            (UserAct::Promote, SOMEBODY, Ok(())),
            (UserAct::Promote, admin, Err(Refusal::Already)),
            (UserAct::Promote, suspended, Err(Refusal::Suspended)),
            (UserAct::Demote, admin, Ok(())),
            (UserAct::Demote, SOMEBODY, Err(Refusal::Already)),
            (UserAct::Demote, me, Err(Refusal::Yourself)),
            (UserAct::Link, SOMEBODY, Ok(())),
            (UserAct::Link, me, Ok(())),
            (UserAct::Link, suspended, Err(Refusal::Suspended)),
        ];
        for (act, facts, expected) in table {
            assert_eq!(check_user(act, facts), expected, "{act} {facts:?}");
        }
    }

    #[test]
    fn owners_by_the_table() {
        let new = OwnerFacts {
            is_self: false,
            is_suspended: false,
            is_owner: false,
            others: 1,
        };
        let table = [
            (new, true, Ok(())),
            (new, false, Err(Refusal::OwnersDecide)),
            (OwnerFacts { others: 0, ..new }, false, Ok(())),
            (
                OwnerFacts {
                    is_self: true,
                    ..new
                },
                true,
                Err(Refusal::Yourself),
            ),
            (
                OwnerFacts {
                    is_suspended: true,
                    ..new
                },
                true,
                Err(Refusal::Suspended),
            ),
            (
                OwnerFacts {
                    is_owner: true,
                    ..new
                },
                true,
                Err(Refusal::Already),
            ),
        ];
        for (facts, may_choose, expected) in table {
            assert_eq!(check_owner_added(facts, may_choose), expected, "{facts:?}");
        }
        let owner = OwnerFacts {
            is_owner: true,
            ..new
        };
        assert_eq!(check_owner_removed(owner), Ok(()));
        assert_eq!(
            check_owner_removed(OwnerFacts { others: 0, ..owner }),
            Err(Refusal::LastOwner)
        );
        assert_eq!(check_owner_removed(new), Err(Refusal::Already));
    }
}
