//! Where an entry stands in the one order of the log, and how that place is written for a client to come back to.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::time::Timestamp;

/// Which of the two chains an entry stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// A change.
    Event,
    /// A decision about a token.
    Decision,
}

/// An entry's place: by time, and within one moment by chain and number. It never changes, so a page that begins behind
/// it is the same however much was written since.
///
/// A decision stands at the time at which its group was closed, which is at most moments later than its own: so a group
/// is read as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The event's time, or the end of the decision's group.
    pub at: Timestamp,
    /// Which chain.
    pub source: Source,
    /// Its number there: the event's own, or its group's.
    pub seq: i64,
    /// Its place within the group; 0 for an event.
    pub line: i64,
}

impl Key {
    /// The place of an event.
    pub const fn event(at: Timestamp, seq: i64) -> Self {
        Self {
            at,
            source: Source::Event,
            seq,
            line: 0,
        }
    }

    /// The place of a decision.
    pub const fn decision(at: Timestamp, seq: i64, line: i64) -> Self {
        Self {
            at,
            source: Source::Decision,
            seq,
            line,
        }
    }

    /// The entry's published id.
    pub fn document_id(self) -> String {
        match self.source {
            Source::Event => format!("e{}", self.seq),
            Source::Decision => format!("d{}-{}", self.seq, self.line),
        }
    }

    /// The place as a cursor: opaque to whoever carries it.
    pub fn to_cursor(self) -> String {
        let source = match self.source {
            Source::Event => 'e',
            Source::Decision => 'd',
        };
        let text = format!(
            "{}.{source}.{}.{}",
            self.at.as_micros(),
            self.seq,
            self.line
        );
        URL_SAFE_NO_PAD.encode(text)
    }

    /// Reads a cursor; none where it is not one of ours.
    pub fn from_cursor(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let text = std::str::from_utf8(&bytes).ok()?;
        let parts: Vec<_> = text.split('.').collect();
        let [at, source, seq, line] = parts[..] else {
            return None;
        };
        let key = Self {
            at: Timestamp::from_micros(at.parse().ok()?),
            source: match source {
                "e" => Source::Event,
                "d" => Source::Decision,
                _ => return None,
            },
            seq: seq.parse().ok()?,
            line: line.parse().ok()?,
        };
        // Only what this program writes is read: `+5` and `05` are other texts for a place.
        (key.to_cursor() == URL_SAFE_NO_PAD.encode(text)).then_some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    #[test]
    fn a_cursor_comes_back_as_the_place_it_was_written_for() {
        for key in [
            Key::event(at(0), 1),
            Key::decision(at(1_790_856_000_000_000), 7, 999),
            Key::event(at(-5), i64::MAX),
        ] {
            assert_eq!(Key::from_cursor(&key.to_cursor()), Some(key));
        }
    }

    #[test]
    fn what_is_no_cursor_of_ours_is_refused() {
        let encoded = |text: &str| URL_SAFE_NO_PAD.encode(text);
        for text in [
            String::new(),
            "x".to_owned(),
            "ü".to_owned(),
            encoded("1.e.2"),
            encoded("1.x.2.0"),
            encoded("+1.e.2.0"),
            encoded("1.e.02.0"),
            encoded("99999999999999999999.e.1.0"),
            encoded("1.e.2.0.3"),
        ] {
            assert_eq!(Key::from_cursor(&text), None, "{text}");
        }
    }

    #[test]
    fn places_are_ordered_by_time_then_chain_then_number() {
        let order = [
            Key::event(at(1), 9),
            Key::event(at(2), 3),
            Key::event(at(2), 4),
            Key::decision(at(2), 1, 0),
            Key::decision(at(2), 1, 1),
            Key::decision(at(2), 2, 0),
            Key::event(at(3), 1),
        ];
        assert!(order.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
