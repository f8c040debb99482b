//! Which changes of a membership may be made, and by whom: an organization always keeps an owner who can act.

use super::rights::MemberRole;

/// What is to become of somebody's membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MembershipChange {
    /// They get this role.
    Set(MemberRole),
    /// It ends.
    End,
}

/// Who wants the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// An owner of the organization; perhaps of themselves.
    Owner,
    /// A member, of themselves.
    Themselves,
    /// The operator, on the command line.
    Operator,
    /// Anybody else: also somebody who was an owner until a moment ago.
    Stranger,
}

/// Everything the rule looks at, as it stands in the transaction that makes the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MembershipFacts {
    /// Who asks.
    pub asker: Asker,
    /// The role now.
    pub now: Option<MemberRole>,
    /// The role that whoever asks was shown.
    pub shown: Option<MemberRole>,
    /// Whether the person is suspended.
    pub is_suspended: bool,
    /// How many other owners can sign in.
    pub other_owners: i64,
}

/// Why a membership stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MembershipRefusal {
    /// Only owners change other people's memberships, and whoever asks is none (any more).
    NotAnOwner,
    /// The role is not the one that was shown any more.
    Moved {
        /// What it is now.
        now: Option<MemberRole>,
    },
    /// Nobody would be left to decide anything.
    LastOwner,
    /// A suspended person can be given nothing.
    Suspended,
}

/// Whether a change may be made. A change to what is there already is one too: it changes nothing.
pub fn check_membership(
    facts: MembershipFacts,
    change: MembershipChange,
) -> Result<(), MembershipRefusal> {
    use MembershipRefusal::{LastOwner, Moved, NotAnOwner, Suspended};
    if !may_ask(facts.asker, change) {
        return Err(NotAnOwner);
    }
    if facts.now != facts.shown {
        return Err(Moved { now: facts.now });
    }
    if facts.is_suspended && gives_more(facts.now, change) {
        return Err(Suspended);
    }
    let stays_owner = change == MembershipChange::Set(MemberRole::Owner);
    if facts.now == Some(MemberRole::Owner) && !stays_owner && facts.other_owners == 0 {
        return Err(LastOwner);
    }
    Ok(())
}

/// Members may leave; only owners (and the operator) do anything else.
fn may_ask(asker: Asker, change: MembershipChange) -> bool {
    match asker {
        Asker::Owner | Asker::Operator => true,
        Asker::Themselves => change == MembershipChange::End,
        Asker::Stranger => false,
    }
}

fn gives_more(now: Option<MemberRole>, change: MembershipChange) -> bool {
    match (now, change) {
        (_, MembershipChange::End)
        | (Some(MemberRole::Owner), _)
        | (Some(MemberRole::Member), MembershipChange::Set(MemberRole::Member)) => false,
        (None, _) | (Some(MemberRole::Member), MembershipChange::Set(MemberRole::Owner)) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use MemberRole::{Member, Owner};
    use MembershipChange::{End, Set};
    use MembershipRefusal::{LastOwner, Moved, NotAnOwner, Suspended};

    const MEMBER: MembershipFacts = MembershipFacts {
        asker: Asker::Owner,
        now: Some(Member),
        shown: Some(Member),
        is_suspended: false,
        other_owners: 1,
    };
    const OWNER: MembershipFacts = MembershipFacts {
        now: Some(Owner),
        shown: Some(Owner),
        ..MEMBER
    };
    const STRANGER: MembershipFacts = MembershipFacts {
        now: None,
        shown: None,
        ..MEMBER
    };

    #[test]
    fn an_organization_keeps_an_owner() {
        let last = MembershipFacts {
            other_owners: 0,
            ..OWNER
        };
        let table = [
            (OWNER, Set(Member), Ok(())),
            (OWNER, End, Ok(())),
            (last, Set(Member), Err(LastOwner)),
            (last, End, Err(LastOwner)),
            (last, Set(Owner), Ok(())),
            (
                MembershipFacts {
                    other_owners: 0,
                    ..MEMBER
                },
                End,
                Ok(()),
            ),
        ];
        for (facts, change, expected) in table {
            assert_eq!(
                check_membership(facts, change),
                expected,
                "{facts:?} {change:?}"
            );
        }
    }

    #[test]
    fn the_last_owner_cannot_leave_either_and_the_operator_cannot_take_them_out() {
        for asker in [Asker::Themselves, Asker::Operator] {
            let last = MembershipFacts {
                asker,
                other_owners: 0,
                ..OWNER
            };
            assert_eq!(check_membership(last, End), Err(LastOwner), "{asker:?}");
        }
    }

    #[test]
    fn members_leave_and_owners_do_the_rest() {
        let by = |asker| MembershipFacts { asker, ..MEMBER };
        let table = [
            (by(Asker::Owner), End, Ok(())),
            (by(Asker::Owner), Set(Owner), Ok(())),
            (by(Asker::Operator), Set(Owner), Ok(())),
            (by(Asker::Themselves), End, Ok(())),
            (by(Asker::Themselves), Set(Owner), Err(NotAnOwner)),
            (by(Asker::Stranger), End, Err(NotAnOwner)),
            (by(Asker::Stranger), Set(Member), Err(NotAnOwner)),
        ];
        for (facts, change, expected) in table {
            assert_eq!(
                check_membership(facts, change),
                expected,
                "{facts:?} {change:?}"
            );
        }
    }

    #[test]
    fn a_change_of_what_was_not_shown_is_refused_with_what_it_is_now() {
        let promoted = MembershipFacts {
            now: Some(Owner),
            ..MEMBER
        };
        let gone = MembershipFacts {
            now: None,
            ..MEMBER
        };
        let came = MembershipFacts {
            now: Some(Member),
            ..STRANGER
        };
        for (facts, change) in [(promoted, End), (gone, End), (came, Set(Owner))] {
            assert_eq!(
                check_membership(facts, change),
                Err(Moved { now: facts.now })
            );
        }
    }

    #[test]
    fn a_suspended_person_gets_nothing_but_can_lose_everything() {
        let suspended = |facts| MembershipFacts {
            is_suspended: true,
            ..facts
        };
        let table = [
            (STRANGER, Set(Member), Err(Suspended)),
            (STRANGER, Set(Owner), Err(Suspended)),
            (MEMBER, Set(Owner), Err(Suspended)),
            (MEMBER, Set(Member), Ok(())),
            (MEMBER, End, Ok(())),
            (OWNER, Set(Member), Ok(())),
            (OWNER, End, Ok(())),
        ];
        for (facts, change, expected) in table {
            assert_eq!(
                check_membership(suspended(facts), change),
                expected,
                "{facts:?} {change:?}"
            );
        }
    }
}
