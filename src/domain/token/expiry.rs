//! When a token ends (DOMAIN §2). One function says whether a moment has come, everywhere.

use chrono::NaiveDate;

use crate::domain::time::{DAY, Timestamp};

/// The longest life that can be chosen other than none at all, in days.
pub const LONGEST_DAYS: u16 = 366;

/// The lives offered by name, in days.
pub const PRESETS: [u16; 4] = [7, 30, 60, 90];

/// What the form offers first, in days, unless an owner allows less.
pub const DEFAULT_DAYS: u16 = 30;

/// Whether something with this end is over: from the very instant on.
pub fn is_over(ends_at: Option<Timestamp>, now: Timestamp) -> bool {
    ends_at.is_some_and(|ends_at| now >= ends_at)
}

/// A whole life, from start to end: what a lifetime policy compares with its limit, never the time that is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lifetime {
    /// So many microseconds.
    Micros(i64),
    /// No end: longer than any limit.
    Unlimited,
}

impl Lifetime {
    /// The life between two moments.
    pub fn between(starts_at: Timestamp, expires_at: Option<Timestamp>) -> Self {
        expires_at.map_or(Self::Unlimited, |end| {
            Self::Micros(end.micros_since(starts_at))
        })
    }

    /// A life of so many days of 24 hours.
    pub const fn days(days: u16) -> Self {
        Self::Micros(days as i64 * DAY)
    }

    /// When a life that began at `starts_at` ends.
    pub fn end_from(self, starts_at: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Micros(micros) => Some(starts_at.plus_micros(micros)),
            Self::Unlimited => None,
        }
    }
}

/// What a person chose as the end of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiration {
    /// After so many days.
    Days(u16),
    /// At the present time of day, on this UTC day.
    On(NaiveDate),
    /// Never.
    Never,
}

/// Why a choice of expiration cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpirationError {
    /// It is no number of days, date or `none`.
    #[error(
        "`{0}` is no expiration: write a number of days such as `30d`, a date such as `2027-01-31`, or `none`"
    )]
    Unreadable(String),
    /// It lies outside what can be chosen.
    #[error(
        "choose an expiration 1 to {LONGEST_DAYS} days from today, or none; this one is {0} days away"
    )]
    OutOfRange(i64),
}

impl Expiration {
    /// Reads `30`, `30d`, `2027-01-31` or `none`.
    pub fn parse(text: &str) -> Result<Self, ExpirationError> {
        let text = text.trim();
        if text == "none" {
            return Ok(Self::Never);
        }
        if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            return Ok(Self::On(date));
        }
        let days = text.strip_suffix('d').unwrap_or(text);
        days.parse()
            .map(Self::Days)
            .map_err(|_| ExpirationError::Unreadable(text.chars().take(40).collect()))
    }

    /// The life this choice gives a token that begins `now`. A date counts whole UTC days from today.
    pub fn lifetime(self, now: Timestamp) -> Result<Lifetime, ExpirationError> {
        let days = match self {
            Self::Never => return Ok(Lifetime::Unlimited),
            Self::Days(days) => i64::from(days),
            Self::On(date) => (date - now.date()).num_days(),
        };
        match u16::try_from(days) {
            Ok(days @ 1..=LONGEST_DAYS) => Ok(Lifetime::days(days)),
            _ => Err(ExpirationError::OutOfRange(days)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);

    #[test]
    fn a_life_is_over_from_its_last_instant_on() {
        let end = NOON.plus_days(1);
        assert!(!is_over(Some(end), end.plus_micros(-1)));
        assert!(is_over(Some(end), end));
        assert!(is_over(Some(end), end.plus_micros(1)));
        assert!(!is_over(None, end));
    }

    #[test]
    fn no_end_is_longer_than_any_life() {
        assert!(Lifetime::Unlimited > Lifetime::days(LONGEST_DAYS));
        assert!(Lifetime::days(30) < Lifetime::days(31));
    }

    #[test]
    fn a_date_counts_whole_days_from_today() {
        let tomorrow = Expiration::On(NOON.plus_days(1).date());
        assert_eq!(tomorrow.lifetime(NOON), Ok(Lifetime::days(1)));
        assert_eq!(
            Expiration::On(NOON.date()).lifetime(NOON),
            Err(ExpirationError::OutOfRange(0))
        );
        assert_eq!(
            Expiration::Days(367).lifetime(NOON),
            Err(ExpirationError::OutOfRange(367))
        );
        assert_eq!(
            Expiration::Days(366).lifetime(NOON),
            Ok(Lifetime::days(366))
        );
    }

    #[test]
    fn expirations_are_written_as_days_a_date_or_none() {
        assert_eq!(Expiration::parse("30d"), Ok(Expiration::Days(30)));
        assert_eq!(Expiration::parse("30"), Ok(Expiration::Days(30)));
        assert_eq!(Expiration::parse("none"), Ok(Expiration::Never));
        for bad in ["", "soon", "-1", "99999999", "2027-02-30"] {
            assert!(Expiration::parse(bad).is_err(), "{bad}");
        }
    }
}
