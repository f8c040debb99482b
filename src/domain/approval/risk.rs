//! What a reviewer should notice first about a request: one quiet word each, worst first.

use super::Ask;
use crate::domain::access::rights::Relation;
use crate::domain::permission::{Level, PermissionSet};
use crate::domain::selection::Selection;
use crate::domain::time::Timestamp;

words! {
    /// One thing on a reviewer's mind, as its tag says it.
    Risk {
        /// Something is administered.
        Admin = "admin",
        /// Something is changed.
        Write = "write",
        /// It reaches what the owner has now and later.
        AllRepositories = "all repositories",
        /// It never ends by itself.
        NoExpiry = "no expiry",
        /// It may replace its own secret.
        SelfRotation = "may rotate itself",
        /// The person belongs to no organization of the owner's.
        OutsideCollaborator = "outside collaborator",
        /// The person belongs to another organization of the enterprise.
        SisterOrganization = "sister organization",
        /// Nothing is known of the person here yet.
        FirstRequest = "first request of this person",
        /// There is nothing left to approve: the life is over.
        Expired = "expired",
    }
}

impl Risk {
    /// Whether it is to stand out from the others.
    pub const fn is_strong(self) -> bool {
        matches!(
            self,
            Self::Admin | Self::AllRepositories | Self::NoExpiry | Self::Expired
        )
    }
}

/// What the risks are read from.
#[derive(Debug, Clone, Copy)]
pub struct RiskFacts<'a> {
    /// What the grant gives already.
    pub before: &'a PermissionSet,
    /// What is asked for.
    pub ask: &'a Ask,
    /// When the token's life ends.
    pub expires_at: Option<Timestamp>,
    /// What the person is to the owner.
    pub relation: Relation,
    /// Whether the person never asked here before.
    pub is_first: bool,
    /// The moment of reading.
    pub now: Timestamp,
}

/// Everything that should be noticed, worst first.
pub fn risks(facts: &RiskFacts<'_>) -> Vec<Risk> {
    let highest = facts
        .ask
        .permissions
        .additions_over(facts.before)
        .iter()
        .map(|(_, level)| level)
        .max();
    let is_over = facts.expires_at.is_some_and(|end| end <= facts.now);
    let found = [
        (highest == Some(Level::Admin), Risk::Admin),
        (highest == Some(Level::Write), Risk::Write),
        (facts.ask.selection == Selection::All, Risk::AllRepositories),
        (facts.expires_at.is_none(), Risk::NoExpiry),
        (facts.ask.terms.allows_rotation, Risk::SelfRotation),
        (
            facts.relation == Relation::Collaborator,
            Risk::OutsideCollaborator,
        ),
        (facts.relation == Relation::Sister, Risk::SisterOrganization),
        (facts.is_first, Risk::FirstRequest),
        (is_over, Risk::Expired),
    ];
    found
        .into_iter()
        .filter_map(|(holds, risk)| holds.then_some(risk))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::approval::Terms;
    use crate::domain::permission::PermissionId;
    use crate::domain::token::conditions::Conditions;
    use crate::domain::token::expiry::Lifetime;

    const NOW: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);
    const CODE: PermissionId = PermissionId::new(1);

    fn ask(selection: Selection, level: Level) -> Ask {
        Ask {
            selection,
            permissions: [(CODE, level)].into_iter().collect(),
            terms: Terms {
                lifetime: Lifetime::days(30),
                allows_rotation: false,
                conditions: Conditions::default(),
            },
        }
    }

    fn read(ask: &Ask, before: &PermissionSet) -> Vec<Risk> {
        risks(&RiskFacts {
            before,
            ask,
            expires_at: Some(NOW.plus_days(30)),
            relation: Relation::Member,
            is_first: false,
            now: NOW,
        })
    }

    #[test]
    fn reading_one_repository_for_a_month_raises_no_eyebrow() {
        let ask = ask(Selection::Selected([].into()), Level::Read);
        assert_eq!(read(&ask, &PermissionSet::new()), []);
    }

    #[test]
    fn only_the_highest_level_that_is_added_is_named() {
        let none = PermissionSet::new();
        let writes = ask(Selection::All, Level::Write);
        assert_eq!(read(&writes, &none), [Risk::Write, Risk::AllRepositories]);
        assert_eq!(read(&writes, &writes.permissions), [Risk::AllRepositories]);
        let admin = ask(Selection::Public, Level::Admin);
        assert_eq!(read(&admin, &writes.permissions), [Risk::Admin]);
    }

    #[test]
    fn who_asks_and_for_how_long_is_named() {
        let ask = ask(Selection::Public, Level::Read);
        let facts = RiskFacts {
            before: &ask.permissions,
            ask: &ask,
            expires_at: None,
            relation: Relation::Collaborator,
            is_first: true,
            now: NOW,
        };
        let expected = [
            Risk::NoExpiry,
            Risk::OutsideCollaborator,
            Risk::FirstRequest,
        ];
        assert_eq!(risks(&facts), expected);
        let ended = RiskFacts {
            expires_at: Some(NOW),
            is_first: false,
            relation: Relation::Sister,
            ..facts
        };
        assert_eq!(risks(&ended), [Risk::SisterOrganization, Risk::Expired]);
    }
}
