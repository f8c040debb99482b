//! What a reviewer should notice first about a request: one quiet word each, worst first.

use crate::domain::access::rights::Relation;
use crate::domain::permission::Level;
use crate::domain::selection::SelectionKind;
use crate::domain::time::Timestamp;
use crate::domain::token::expiry::is_over;

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
pub struct RiskFacts {
    /// The highest level among the permissions that are added or raised.
    pub adds: Option<Level>,
    /// Which repositories are asked for.
    pub selection: SelectionKind,
    /// Whether the token would rotate itself.
    pub allows_rotation: bool,
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
pub fn risks(facts: &RiskFacts) -> Vec<Risk> {
    let found = [
        (facts.adds == Some(Level::Admin), Risk::Admin),
        (facts.adds == Some(Level::Write), Risk::Write),
        (facts.selection == SelectionKind::All, Risk::AllRepositories),
        (facts.expires_at.is_none(), Risk::NoExpiry),
        (facts.allows_rotation, Risk::SelfRotation),
        (
            facts.relation == Relation::Collaborator,
            Risk::OutsideCollaborator,
        ),
        (facts.relation == Relation::Sister, Risk::SisterOrganization),
        (facts.is_first, Risk::FirstRequest),
        (is_over(facts.expires_at, facts.now), Risk::Expired),
    ];
    found
        .into_iter()
        .filter_map(|(holds, risk)| holds.then_some(risk))
        .collect()
}

/// How many of several requests carry each risk, worst first: `3 with admin`.
pub fn tally<'a>(all: impl IntoIterator<Item = &'a [Risk]>) -> Vec<(Risk, usize)> {
    let all: Vec<_> = all.into_iter().collect();
    Risk::ALL
        .iter()
        .map(|risk| (*risk, all.iter().filter(|one| one.contains(risk)).count()))
        .filter(|(_, count)| *count > 0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);
    const CALM: RiskFacts = RiskFacts {
        adds: Some(Level::Read),
        selection: SelectionKind::Selected,
        allows_rotation: false,
        expires_at: Some(NOW.plus_days(30)),
        relation: Relation::Member,
        is_first: false,
        now: NOW,
    };

    #[test]
    fn reading_one_repository_for_a_month_raises_no_eyebrow() {
        assert_eq!(risks(&CALM), []);
    }

    #[test]
    fn only_the_highest_level_that_is_added_is_named() {
        let of = |adds| risks(&RiskFacts { adds, ..CALM });
        assert_eq!(of(None), []);
        assert_eq!(of(Some(Level::Write)), [Risk::Write]);
        assert_eq!(of(Some(Level::Admin)), [Risk::Admin]);
    }

    #[test]
    fn who_asks_for_what_and_for_how_long_is_named() {
        let facts = RiskFacts {
            selection: SelectionKind::All,
            allows_rotation: true,
            expires_at: None,
            relation: Relation::Collaborator,
            is_first: true,
            ..CALM
        };
        let expected = [
            Risk::AllRepositories,
            Risk::NoExpiry,
            Risk::SelfRotation,
            Risk::OutsideCollaborator,
            Risk::FirstRequest,
        ];
        assert_eq!(risks(&facts), expected);
        let ended = RiskFacts {
            expires_at: Some(NOW),
            relation: Relation::Sister,
            ..CALM
        };
        assert_eq!(risks(&ended), [Risk::SisterOrganization, Risk::Expired]);
    }

    #[test]
    fn risks_of_several_requests_are_counted_worst_first() {
        let one = [Risk::Write, Risk::NoExpiry];
        let two = [Risk::Admin, Risk::NoExpiry];
        assert_eq!(
            tally([&one[..], &two[..], &[]]),
            [(Risk::Admin, 1), (Risk::Write, 1), (Risk::NoExpiry, 2)]
        );
    }
}
