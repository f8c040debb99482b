//! How many calls of the API a caller may make: a count in a window of an hour, which begins with the first call.

use super::time::Timestamp;

/// How long a window is, in seconds.
pub const WINDOW: i64 = 3_600;

/// How many calls an hour each sort of caller may make; none: any number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// A user, with all tokens together.
    pub user: Option<u32>,
    /// An address without a good token.
    pub stranger: Option<u32>,
}

/// The calls of one caller in the window that was open last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// When it ends.
    pub resets_at: Timestamp,
    /// How many calls it holds.
    pub used: u32,
}

/// How a caller stands, as every answer tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// How many calls fit into a window.
    pub limit: u32,
    /// How many were made.
    pub used: u32,
    /// When the next window begins.
    pub resets_at: Timestamp,
}

impl Standing {
    /// How many more fit.
    pub const fn remaining(self) -> u32 {
        self.limit.saturating_sub(self.used)
    }

    /// After how many seconds the next window begins; at least 1.
    pub const fn wait(self, now: Timestamp) -> i64 {
        let micros = self.resets_at.as_micros() - now.as_micros();
        let seconds = (micros + 999_999).div_euclid(1_000_000);
        if seconds < 1 { 1 } else { seconds }
    }
}

/// The window that is open at `now`: the last one, or a new one.
fn open(last: Option<Window>, now: Timestamp) -> Window {
    let is_open = |window: &Window| now < window.resets_at;
    last.filter(is_open).unwrap_or(Window {
        resets_at: now.plus_seconds(WINDOW),
        used: 0,
    })
}

/// How a caller stands, without one more call.
pub fn look(last: Option<Window>, limit: u32, now: Timestamp) -> Standing {
    let window = open(last, now);
    Standing {
        limit,
        used: window.used.min(limit),
        resets_at: window.resets_at,
    }
}

/// Counts one more call: the window it falls into, and whether it may go on. One that may not is not counted.
pub fn take(last: Option<Window>, limit: u32, now: Timestamp) -> (Window, bool) {
    let window = open(last, now);
    if window.used >= limit {
        return (window, false);
    }
    let used = window.used + 1;
    (Window { used, ..window }, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::from_micros(1_795_176_000_000_000);

    #[test]
    fn as_many_as_fit_go_on_until_the_window_ends() {
        let mut last = None;
        let mut call = |seconds: i64| {
            let now = AT.plus_seconds(seconds);
            let (window, goes_on) = take(last, 2, now);
            last = Some(window);
            (goes_on, look(last, 2, now).remaining())
        };
        assert_eq!(call(0), (true, 1));
        assert_eq!(call(10), (true, 0));
        assert_eq!(call(20), (false, 0));
        assert_eq!(call(3_599), (false, 0));
        assert_eq!(
            call(3_600),
            (true, 1),
            "the next window begins at the instant"
        );
        assert_eq!(call(7_199), (true, 0));
        assert_eq!(call(7_200), (true, 1));
    }

    #[test]
    fn looking_counts_nothing_and_begins_no_window() {
        let fresh = look(None, 5, AT);
        assert_eq!((fresh.used, fresh.remaining()), (0, 5));
        assert_eq!(fresh.resets_at, AT.plus_seconds(WINDOW));
        let (window, _) = take(None, 5, AT);
        assert_eq!(look(Some(window), 5, AT.plus_seconds(9)).used, 1);
        assert_eq!(look(Some(window), 5, AT.plus_seconds(WINDOW)).used, 0);
    }

    #[test]
    fn a_limit_that_was_lowered_never_shows_more_used_than_fit() {
        let window = Window {
            resets_at: AT.plus_seconds(60),
            used: 9,
        };
        let standing = look(Some(window), 5, AT);
        assert_eq!((standing.used, standing.remaining()), (5, 0));
        assert_eq!(
            (standing.wait(AT), standing.wait(AT.plus_seconds(60))),
            (60, 1)
        );
        assert_eq!(
            standing.wait(Timestamp::from_micros(AT.as_micros() + 1)),
            60
        );
    }
}
