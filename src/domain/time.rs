//! Moments and lengths of time as the database keeps them: whole microseconds, UTC.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// Microseconds of one day of 24 hours. Limits count days as 24 h, so that time zones never matter.
pub const DAY: i64 = 86_400 * 1_000_000;

/// A moment, in microseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment `micros` microseconds after the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// This moment plus `days` times 24 hours (minus, for a negative number).
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(days.saturating_mul(DAY)))
    }

    /// This moment plus `seconds`.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// This moment plus `micros` microseconds.
    #[must_use]
    pub const fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// Microseconds from `earlier` to this moment; negative when it is not earlier.
    pub const fn micros_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The same moment for calendars and formats.
    pub fn to_utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// The UTC calendar day it falls on.
    pub fn date(self) -> NaiveDate {
        self.to_utc().date_naive()
    }

    /// The moment at which a UTC calendar day begins.
    pub const fn beginning_of(date: NaiveDate) -> Self {
        let days = date.to_epoch_days() as i64;
        Self(days.saturating_mul(DAY))
    }

    /// Days since the epoch: the key of daily counts.
    pub const fn day_number(self) -> i64 {
        self.0.div_euclid(DAY)
    }

    /// `2026-11-21T10:00:00Z`, as the API writes moments.
    pub fn to_rfc3339(self) -> String {
        self.to_utc()
            .to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    }

    /// Reads an RFC 3339 moment.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|at| Self(at.timestamp_micros()))
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(at: DateTime<Utc>) -> Self {
        Self(at.timestamp_micros())
    }
}

impl std::ops::Add<TimeDelta> for Timestamp {
    type Output = Self;

    fn add(self, delta: TimeDelta) -> Self {
        self.plus_micros(delta.num_microseconds().unwrap_or(i64::MAX))
    }
}
