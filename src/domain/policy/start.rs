//! From when a policy counts: from now on, or from a day on that its owner chose.

use std::fmt;

use chrono::NaiveDate;

use crate::domain::time::Timestamp;
use crate::domain::token::expiry::LONGEST_DAYS;

/// What an owner chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// From the next request on.
    Now,
    /// From the beginning of this UTC day on; until then it only reports.
    On(NaiveDate),
}

/// Why a policy cannot begin as chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartMistake {
    /// The day has begun already.
    Begun,
    /// The day is more than 366 days away: nobody would remember.
    TooFar,
}

impl Start {
    /// The instant at which it begins, seen from `now`.
    pub fn instant(self, now: Timestamp) -> Result<Timestamp, StartMistake> {
        let date = match self {
            Self::Now => return Ok(now),
            Self::On(date) => date,
        };
        match (date - now.date()).num_days() {
            ..=0 => Err(StartMistake::Begun),
            days if days > i64::from(LONGEST_DAYS) => Err(StartMistake::TooFar),
            _ => Ok(Timestamp::beginning_of(date)),
        }
    }
}

impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now => f.write_str("now"),
            Self::On(date) => date.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 21 Sep 2026, 14:13:20 UTC.
    const NOW: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);

    #[test]
    fn a_policy_begins_now_or_with_a_day_of_the_next_year() {
        let on = |days: i64| Start::On(NOW.plus_days(days).date()).instant(NOW);
        let midnight = Timestamp::parse_rfc3339("2026-09-22T00:00:00Z").expect("it is a moment");
        assert_eq!(Start::Now.instant(NOW), Ok(NOW));
        assert_eq!(on(1), Ok(midnight));
        assert_eq!(on(366), Ok(midnight.plus_days(365)));
        assert_eq!(on(0), Err(StartMistake::Begun));
        assert_eq!(on(-400), Err(StartMistake::Begun));
        assert_eq!(on(367), Err(StartMistake::TooFar));
        let furthest = Start::On(NaiveDate::MAX).instant(NOW);
        assert_eq!(furthest, Err(StartMistake::TooFar));
    }
}
