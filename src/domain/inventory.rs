//! How a token stands at one owner that an enterprise governs, in the word that its inventory shows and is filtered by.

use crate::domain::policy::evaluate::Violation;

words! {
    /// What comes of a token's next call at an owner, before any permission is asked for.
    Standing {
        /// It is let in.
        Active = "active",
        /// An owner has to let it in first.
        Pending = "pending",
        /// A policy stands against it.
        Blocked = "blocked",
        /// An owner blocked it there, for good.
        BlockedHere = "blocked_here",
        /// Its life is over.
        Expired = "expired",
    }
}

/// What the standing of a token at an owner depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // Each is a question of its own; none excludes another.
pub struct Facts {
    /// Whether its life is over.
    pub is_expired: bool,
    /// Whether an owner blocked it there.
    pub is_blocked_here: bool,
    /// Whether it works there, or only asks to.
    pub is_active: bool,
    /// Whether it reaches, or asks for, more than anybody may read: no policy blocks what is public.
    pub reaches_more_than_public: bool,
    /// The policy that stands against it.
    pub violation: Option<Violation>,
}

impl Standing {
    /// The first of these that holds, in the order in which it makes the others meaningless.
    pub const fn of(facts: &Facts) -> Self {
        if facts.is_expired {
            Self::Expired
        } else if facts.is_blocked_here {
            Self::BlockedHere
        } else if facts.violation.is_some() && facts.reaches_more_than_public {
            Self::Blocked
        } else if facts.is_active {
            Self::Active
        } else {
            Self::Pending
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::Source;

    #[test]
    fn what_ends_a_token_comes_before_what_stops_it() {
        let works = Facts {
            is_expired: false,
            is_blocked_here: false,
            is_active: true,
            reaches_more_than_public: true,
            violation: None,
        };
        let stopped = Facts {
            violation: Some(Violation::Access(Source::Enterprise)),
            ..works
        };
        let table = [
            (works, Standing::Active),
            (stopped, Standing::Blocked),
            (
                Facts {
                    reaches_more_than_public: false,
                    ..stopped
                },
                Standing::Active,
            ),
            (
                Facts {
                    is_active: false,
                    ..works
                },
                Standing::Pending,
            ),
            (
                Facts {
                    is_active: false,
                    ..stopped
                },
                Standing::Blocked,
            ),
            (
                Facts {
                    is_blocked_here: true,
                    ..stopped
                },
                Standing::BlockedHere,
            ),
            (
                Facts {
                    is_expired: true,
                    is_blocked_here: true,
                    ..stopped
                },
                Standing::Expired,
            ),
        ];
        for (facts, expected) in table {
            assert_eq!(Standing::of(&facts), expected, "{facts:?}");
        }
    }
}
