//! Small pieces of text that templates compute: times, counts, words that follow a number.
//!
//! Times are microseconds since 1970 in UTC, as everywhere in Grantry, and "now" is always an argument.

use askama::filters::Safe;
use chrono::{DateTime, Utc};

use crate::domain::time::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// From here on, a span is told in years: policies and expirations speak in days up to 366.
const TWO_YEARS: i64 = 730 * DAY;

/// A whole number or a moment, however deep the references are that a template holds it by.
pub trait Whole {
    /// The number; of a moment its microseconds.
    fn whole(&self) -> i64;
}

impl Whole for i64 {
    fn whole(&self) -> i64 {
        *self
    }
}

impl Whole for Timestamp {
    fn whole(&self) -> i64 {
        self.as_micros()
    }
}

impl<T: Whole + ?Sized> Whole for &T {
    fn whole(&self) -> i64 {
        (**self).whole()
    }
}

/// A moment as `<time>`: how far it is from `now_micros`, and from a day on also its date.
///
/// `in 12 days (2 Dec 2026)`, `3 hours ago`, `just now`; the title has the full time in UTC.
pub fn time_html(at: impl Whole, now: impl Whole) -> Safe<String> {
    let (at, now) = (at.whole(), now.whole());
    let Some(moment) = DateTime::<Utc>::from_timestamp_micros(at) else {
        return Safe("at an unknown time".to_owned());
    };
    let seconds = at.saturating_sub(now) / 1_000_000;
    let mut words = distance(seconds);
    if seconds.abs() >= DAY {
        words = format!("{words} ({})", moment.format("%-d %b %Y"));
    }
    Safe(format!(
        r#"<time datetime="{}" title="{}">{words}</time>"#,
        moment.format("%Y-%m-%dT%H:%M:%SZ"),
        moment.format("%-d %b %Y, %H:%M UTC"),
    ))
}

/// A moment as `<time>` with its date alone: `2 Dec 2026`.
pub fn date_html(at: impl Whole) -> Safe<String> {
    let Some(moment) = DateTime::<Utc>::from_timestamp_micros(at.whole()) else {
        return Safe("at an unknown time".to_owned());
    };
    Safe(format!(
        r#"<time datetime="{}">{}</time>"#,
        moment.format("%Y-%m-%dT%H:%M:%SZ"),
        moment.format("%-d %b %Y"),
    ))
}

/// A number with its noun: `1 token`, `3 tokens`; thousands are set apart by commas.
pub fn counted(count: impl Whole, one: &str, many: &str) -> String {
    let count = count.whole();
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// A number with commas between thousands: `12,480`.
pub fn grouped(count: impl Whole) -> String {
    let count = count.whole();
    let digits = count.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if count < 0 {
        out.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Whether two texts are equal, whichever way a template holds them.
pub fn same(left: impl AsRef<str>, right: impl AsRef<str>) -> bool {
    left.as_ref() == right.as_ref()
}

/// A word with its first letter in upper case: a level as a button shows it.
pub fn titled(word: impl AsRef<str>) -> String {
    let mut letters = word.as_ref().chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// How far a moment is, in words; a future is rounded (a new 30-day token ends "in 30 days"), a past is cut.
fn distance(seconds: i64) -> String {
    if seconds < 0 {
        let span = -seconds;
        return span_words(span, span)
            .map_or_else(|| "just now".to_owned(), |words| format!("{words} ago"));
    }
    let rounded = seconds + rounding(seconds);
    span_words(seconds, rounded).map_or_else(
        || {
            if seconds < 5 {
                "just now".to_owned()
            } else {
                "in less than a minute".to_owned()
            }
        },
        |words| format!("in {words}"),
    )
}

/// Half of the unit in which a span of this length is told.
fn rounding(seconds: i64) -> i64 {
    match seconds {
        ..HOUR => MINUTE / 2,
        HOUR..DAY => HOUR / 2,
        _ => DAY / 2,
    }
}

/// The largest fitting unit with its number; `None` below a minute.
fn span_words(span: i64, counted_span: i64) -> Option<String> {
    let (unit, one, many) = match span {
        ..MINUTE => return None,
        MINUTE..HOUR => (MINUTE, "minute", "minutes"),
        HOUR..DAY => (HOUR, "hour", "hours"),
        DAY..TWO_YEARS => (DAY, "day", "days"),
        _ => (365 * DAY, "year", "years"),
    };
    Some(counted(counted_span / unit, one, many))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 20 Nov 2026, 12:00 UTC.
    const NOW: i64 = 1_795_176_000_000_000;

    fn told(offset_seconds: i64) -> String {
        time_html(NOW + offset_seconds * 1_000_000, NOW).0
    }

    #[test]
    fn a_time_days_away_names_its_date() {
        let html = told(12 * DAY);
        assert!(html.contains("in 12 days (2 Dec 2026)"), "{html}");
        assert!(
            html.contains(r#"datetime="2026-12-02T12:00:00Z""#),
            "{html}"
        );
    }

    #[test]
    fn one_of_a_unit_is_singular() {
        assert!(told(DAY).contains(">in 1 day ("));
        assert!(told(-HOUR).contains(">1 hour ago<"));
        assert!(told(-MINUTE).contains(">1 minute ago<"));
    }

    #[test]
    fn a_moment_ago_is_just_now() {
        assert!(told(0).contains(">just now<"));
        assert!(told(-59).contains(">just now<"));
    }

    #[test]
    fn a_new_token_of_thirty_days_ends_in_thirty_days() {
        assert!(told(30 * DAY - 3).contains(">in 30 days ("));
    }

    #[test]
    fn a_past_is_never_told_longer_than_it_is() {
        assert!(told(-(3 * HOUR + 59 * MINUTE)).contains(">3 hours ago<"));
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(counted(1_i64, "token", "tokens"), "1 token");
        assert_eq!(counted(12_480_i64, "token", "tokens"), "12,480 tokens");
        assert_eq!(grouped(-1_000_000), "-1,000,000");
    }
}
