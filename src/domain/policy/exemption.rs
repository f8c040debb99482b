//! Exemptions of one token from a policy until a date. Each lifts the value of whoever gave it, and no other's: an
//! organization spares a token its own policy, an enterprise's owner spares it the enterprise's (DOMAIN §4).

use chrono::NaiveDate;

use crate::domain::ids::AccountId;
use crate::domain::time::Timestamp;

words! {
    /// The policy that an exemption lifts.
    Exempted {
        /// Whether tokens of the kind reach the owner.
        Access = "access",
        /// The longest life.
        Lifetime = "lifetime",
    }
}

impl Exempted {
    /// What sentences call it: "exempt from the life limit".
    pub const fn title(self) -> &'static str {
        match self {
            Self::Access => "access policy",
            Self::Lifetime => "life limit",
        }
    }
}

/// An exemption of a token that is known already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exemption {
    /// The organization or enterprise that gave it.
    pub scope: AccountId,
    /// What it lifts.
    pub policy: Exempted,
    /// The instant at which it ends.
    pub until: Timestamp,
}

impl Exemption {
    /// Whether it still counts. At the instant at which it ends it does not, as with lives.
    pub fn counts(&self, now: Timestamp) -> bool {
        now < self.until
    }
}

/// What does not count for one token at one owner.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // Each is a question of its own; none excludes another.
pub struct Spared {
    /// Its user owns the enterprise above, whose limit may spare its owners.
    pub is_enterprise_owner: bool,
    /// The enterprise exempts it from its access policy.
    pub enterprise_access: bool,
    /// The enterprise exempts it from its limit.
    pub enterprise_lifetime: bool,
    /// The organization exempts it from its own access policy.
    pub organization_access: bool,
    /// The organization exempts it from its own limit.
    pub organization_lifetime: bool,
}

impl Spared {
    /// Whether an exemption by the enterprise, or by the owner itself, lifts a policy.
    pub const fn is_exempt(self, is_above: bool, policy: Exempted) -> bool {
        match (is_above, policy) {
            (true, Exempted::Access) => self.enterprise_access,
            (true, Exempted::Lifetime) => self.enterprise_lifetime,
            (false, Exempted::Access) => self.organization_access,
            (false, Exempted::Lifetime) => self.organization_lifetime,
        }
    }

    /// The same with, or without, such an exemption.
    #[must_use]
    pub const fn with(mut self, is_above: bool, policy: Exempted, is_exempt: bool) -> Self {
        let place = match (is_above, policy) {
            (true, Exempted::Access) => &mut self.enterprise_access,
            (true, Exempted::Lifetime) => &mut self.enterprise_lifetime,
            (false, Exempted::Access) => &mut self.organization_access,
            (false, Exempted::Lifetime) => &mut self.organization_lifetime,
        };
        *place = is_exempt;
        self
    }
}

impl From<bool> for Spared {
    /// A token without exemptions, whose user may own the enterprise.
    fn from(is_enterprise_owner: bool) -> Self {
        Self {
            is_enterprise_owner,
            ..Self::default()
        }
    }
}

impl Spared {
    /// What a token's exemptions lift at an owner, governed by an enterprise or by nobody, at a moment.
    pub fn by(
        exemptions: &[Exemption],
        (owner, enterprise): (AccountId, Option<AccountId>),
        is_enterprise_owner: bool,
        now: Timestamp,
    ) -> Self {
        let lifts = |scope: Option<AccountId>, policy| {
            exemptions.iter().any(|found| {
                Some(found.scope) == scope && found.policy == policy && found.counts(now)
            })
        };
        // An enterprise's own resources are governed by itself: what it gives there is the enterprise's exemption.
        let own = (enterprise != Some(owner)).then_some(owner);
        Self {
            is_enterprise_owner,
            enterprise_access: lifts(enterprise, Exempted::Access),
            enterprise_lifetime: lifts(enterprise, Exempted::Lifetime),
            organization_access: own.is_some() && lifts(own, Exempted::Access),
            organization_lifetime: own.is_some() && lifts(own, Exempted::Lifetime),
        }
    }
}

/// The longest reason of an exemption, in characters.
pub const LONGEST_REASON: usize = 1_024;

/// The most days that one exemption may last: whoever needs more gives it again, and thinks again.
pub const LONGEST_DAYS: i64 = 366;

/// The ends that are offered, in days.
pub const PRESETS: [u16; 3] = [7, 30, 90];

/// From so many days before its end on, an exemption is said to end soon.
pub const SOON_DAYS: i64 = 7;

/// Why an exemption cannot be given as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExemptionMistake {
    /// The enterprise decides on the policy at the organization that would give it.
    #[error(
        "the enterprise decides on access here, so an exemption by the organization lifts nothing: ask an owner of the \
         enterprise"
    )]
    SetAbove,
    /// It would end before it began.
    #[error("choose a day after today: the exemption would be over before it began")]
    Over,
    /// It would last longer than [`LONGEST_DAYS`].
    #[error(
        "an exemption lasts {LONGEST_DAYS} days at most: choose an earlier day, and give it again while it is needed"
    )]
    TooLong,
    /// It says no reason.
    #[error("say why: the token's user and every owner read it")]
    NoReason,
    /// Its reason has so many characters.
    #[error("the reason has {0} characters; {LONGEST_REASON} fit")]
    ReasonTooLong(usize),
}

/// When an exemption ends that is given now until this UTC day: at the present time of day, as lives do.
pub fn until_day(day: NaiveDate, now: Timestamp) -> Result<Timestamp, ExemptionMistake> {
    match (day - now.date()).num_days() {
        ..=0 => Err(ExemptionMistake::Over),
        days @ 1..=LONGEST_DAYS => Ok(now.plus_days(days)),
        _ => Err(ExemptionMistake::TooLong),
    }
}

/// Whether an exemption may be given until this moment for this reason; or everything that is wrong with it.
pub fn check_exemption(
    until: Timestamp,
    reason: &str,
    now: Timestamp,
) -> Result<(), Vec<ExemptionMistake>> {
    let longest = now.plus_days(LONGEST_DAYS);
    let date = match until {
        until if until <= now => Some(ExemptionMistake::Over),
        until if until > longest => Some(ExemptionMistake::TooLong),
        _ => None,
    };
    let words = match reason.trim().chars().count() {
        0 => Some(ExemptionMistake::NoReason),
        length if length > LONGEST_REASON => Some(ExemptionMistake::ReasonTooLong(length)),
        _ => None,
    };
    let mistakes: Vec<_> = date.into_iter().chain(words).collect();
    if mistakes.is_empty() {
        Ok(())
    } else {
        Err(mistakes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_000);
    const ACME: AccountId = AccountId::new(1);
    const GLOBEX: AccountId = AccountId::new(2);

    fn exemption(scope: AccountId, policy: Exempted, until: i64) -> Exemption {
        Exemption {
            scope,
            policy,
            until: Timestamp::from_micros(until),
        }
    }

    #[test]
    fn an_exemption_lifts_the_value_of_whoever_gave_it_and_no_other() {
        let by = |given| Spared::by(&[given], (ACME, Some(GLOBEX)), false, NOW);
        let none = Spared::default();
        let table = [
            (
                exemption(ACME, Exempted::Access, 2_000),
                Spared {
                    organization_access: true,
                    ..none
                },
            ),
            (
                exemption(ACME, Exempted::Lifetime, 2_000),
                Spared {
                    organization_lifetime: true,
                    ..none
                },
            ),
            (
                exemption(GLOBEX, Exempted::Access, 2_000),
                Spared {
                    enterprise_access: true,
                    ..none
                },
            ),
            (
                exemption(GLOBEX, Exempted::Lifetime, 2_000),
                Spared {
                    enterprise_lifetime: true,
                    ..none
                },
            ),
            (exemption(AccountId::new(3), Exempted::Access, 2_000), none),
            (exemption(ACME, Exempted::Access, 1_000), none),
            (
                exemption(ACME, Exempted::Access, 1_001),
                Spared {
                    organization_access: true,
                    ..none
                },
            ),
        ];
        for (given, expected) in table {
            assert_eq!(by(given), expected, "{given:?}");
        }
    }

    #[test]
    fn an_enterprises_exemption_counts_at_its_own_resources() {
        let given = [exemption(GLOBEX, Exempted::Lifetime, 2_000)];
        let spared = Spared::by(&given, (GLOBEX, Some(GLOBEX)), false, NOW);
        assert!(spared.enterprise_lifetime && !spared.organization_lifetime);
    }

    #[test]
    fn an_exemption_ends_on_a_day_after_today_and_within_a_year() {
        let day = |days: i64| NOW.plus_days(days).date();
        let table = [
            (-1, Err(ExemptionMistake::Over)),
            (0, Err(ExemptionMistake::Over)),
            (1, Ok(NOW.plus_days(1))),
            (366, Ok(NOW.plus_days(366))),
            (367, Err(ExemptionMistake::TooLong)),
        ];
        for (days, expected) in table {
            assert_eq!(until_day(day(days), NOW), expected, "{days}");
        }
    }

    #[test]
    fn an_exemption_is_kept_by_whose_and_by_policy() {
        let given = Spared::default().with(true, Exempted::Lifetime, true);
        assert!(given.is_exempt(true, Exempted::Lifetime) && given.enterprise_lifetime);
        assert!(!given.is_exempt(false, Exempted::Lifetime));
        assert_eq!(
            given.with(true, Exempted::Lifetime, false),
            Spared::default()
        );
    }

    #[test]
    fn an_exemption_says_why_and_ends_within_a_year() {
        let at = |days: i64| NOW.plus_days(days);
        assert_eq!(
            check_exemption(at(30), "the release waits for it", NOW),
            Ok(())
        );
        assert_eq!(check_exemption(at(LONGEST_DAYS), "x", NOW), Ok(()));
        let table = [
            (NOW, "x", vec![ExemptionMistake::Over]),
            (at(LONGEST_DAYS + 1), "x", vec![ExemptionMistake::TooLong]),
            (at(1), "  ", vec![ExemptionMistake::NoReason]),
            (
                NOW,
                "",
                vec![ExemptionMistake::Over, ExemptionMistake::NoReason],
            ),
        ];
        for (until, reason, expected) in table {
            assert_eq!(check_exemption(until, reason, NOW), Err(expected));
        }
        let long = "x".repeat(LONGEST_REASON + 1);
        let told = check_exemption(at(1), &long, NOW);
        assert_eq!(
            told,
            Err(vec![ExemptionMistake::ReasonTooLong(LONGEST_REASON + 1)])
        );
    }
}
