//! Stretches of time as people write them: a day, a moment, from, until. Days are whole UTC days.

use chrono::NaiveDate;

use crate::domain::time::Timestamp;

/// From a moment (included) until another (not included); open where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// The first moment.
    pub from: Option<Timestamp>,
    /// The first moment after.
    pub until: Option<Timestamp>,
}

impl Span {
    /// Whether a moment lies in it.
    pub fn holds(self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| at >= from) && self.until.is_none_or(|until| at < until)
    }

    /// What lies in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let later = self.from.into_iter().chain(other.from).max();
        let earlier = self.until.into_iter().chain(other.until).min();
        Self {
            from: later,
            until: earlier,
        }
    }

    /// Reads `2026-11-01`, `>=…`, `<=…`, `>…`, `<…`, `a..b`, `*..b` or `a..*`, each end a date or a moment.
    ///
    /// # Errors
    /// What is wrong with it, to follow the term that it was written in.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some((from, until)) = text.split_once("..") {
            return range(from, until);
        }
        let compared = [">=", "<=", ">", "<"].iter().find_map(|sign| {
            let rest = text.strip_prefix(sign)?;
            Some((*sign, rest))
        });
        let Some((sign, rest)) = compared else {
            let Instant { first, next } = instant(text)?;
            return Ok(Self {
                from: Some(first),
                until: Some(next),
            });
        };
        let Instant { first, next } = instant(rest)?;
        let (from, until) = match sign {
            ">=" => (Some(first), None),
            ">" => (Some(next), None),
            "<=" => (None, Some(next)),
            _ => (None, Some(first)),
        };
        Ok(Self { from, until })
    }
}

/// What a date or moment covers: a whole day, or a second.
struct Instant {
    first: Timestamp,
    next: Timestamp,
}

fn range(from: &str, until: &str) -> Result<Span, String> {
    let end = |text: &str| match text {
        "*" => Ok(None),
        text => instant(text).map(Some),
    };
    let (from, until) = (end(from)?, end(until)?);
    let span = Span {
        from: from.map(|instant| instant.first),
        until: until.map(|instant| instant.next),
    };
    match (span.from, span.until) {
        (None, None) => Err("has no end: name at least one".to_owned()),
        (Some(from), Some(until)) if from >= until => {
            Err("ends before it begins: write the earlier date first".to_owned())
        }
        _ => Ok(span),
    }
}

fn instant(text: &str) -> Result<Instant, String> {
    let problem = || {
        format!(
            "holds `{text}`, which is no date: write `2026-11-01`, or a moment such as `2026-11-01T10:00:00Z`"
        )
    };
    if let Some(first) = day(text) {
        return Ok(Instant {
            first,
            next: first.plus_days(1),
        });
    }
    let first = Timestamp::parse_rfc3339(text).ok_or_else(problem)?;
    Ok(Instant {
        first,
        next: first.plus_seconds(1),
    })
}

fn day(text: &str) -> Option<Timestamp> {
    let is_plain = text.len() == 10;
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    let midnight = day.and_hms_opt(0, 0, 0)?.and_utc();
    is_plain.then(|| midnight.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).expect("a moment")
    }

    #[test]
    fn each_way_of_writing_covers_whole_days_or_seconds() {
        // Written, and whether it holds: the last microsecond of 31 Oct, 1 Nov 00:00, 1 Nov 10:00, 2 Nov 00:00.
        let moments = [
            at("2026-11-01T00:00:00Z").plus_micros(-1),
            at("2026-11-01T00:00:00Z"),
            at("2026-11-01T10:00:00Z"),
            at("2026-11-02T00:00:00Z"),
        ];
        let table = [
            ("2026-11-01", [false, true, true, false]),
            (">=2026-11-01", [false, true, true, true]),
            (">2026-11-01", [false, false, false, true]),
            ("<=2026-11-01", [true, true, true, false]),
            ("<2026-11-01", [true, false, false, false]),
            ("2026-11-01..2026-11-01", [false, true, true, false]),
            ("2026-10-31..2026-11-02", [true, true, true, true]),
            ("*..2026-10-31", [true, false, false, false]),
            ("2026-11-02..*", [false, false, false, true]),
            ("2026-11-01T10:00:00Z", [false, false, true, false]),
            (">2026-11-01T10:00:00Z", [false, false, false, true]),
            ("<=2026-11-01T10:00:00Z", [true, true, true, false]),
            (">=2026-11-01T12:00:00+02:00", [false, false, true, true]),
        ];
        for (text, expected) in table {
            let span = Span::parse(text).expect(text);
            assert_eq!(moments.map(|at| span.holds(at)), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_stretch_of_time_says_why() {
        let table = [
            ("yesterday", "is no date"),
            ("2026-13-01", "is no date"),
            ("2026-1-1", "is no date"),
            (">=", "is no date"),
            ("", "is no date"),
            ("2026-11-01..", "is no date"),
            ("*..*", "has no end"),
            ("2026-11-02..2026-11-01", "ends before it begins"),
            ("2026-11-01T10:00:00", "is no date"),
        ];
        for (text, expected) in table {
            let problem = Span::parse(text).expect_err(text);
            assert!(problem.contains(expected), "{text}: {problem}");
        }
    }

    #[test]
    fn two_stretches_have_their_overlap_in_common() {
        let first = Span::parse(">=2026-11-01").expect("a span");
        let second = Span::parse("<2026-11-05").expect("a span");
        let both = first.and(second);
        assert!(both.holds(at("2026-11-04T23:59:59Z")) && !both.holds(at("2026-11-05T00:00:00Z")));
        assert_eq!(both.and(Span::default()), both);
    }
}
