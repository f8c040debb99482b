//! A token's use by day, ready to be drawn.

use crate::domain::time::{DAY, Timestamp};
use crate::store::records::UseRow;

/// How many days are drawn.
pub const DAYS: i64 = 30;

/// The height of the drawing, in its own units.
const HEIGHT: i64 = 80;

/// One day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Its beginning, UTC.
    pub at: Timestamp,
    /// Calls that went on.
    pub allowed: i64,
    /// Calls that did not.
    pub refused: i64,
}

/// One bar, in the units of the drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// What it counts.
    pub kind: &'static str,
    /// Its left edge.
    pub x: usize,
    /// Its upper edge.
    pub y: i64,
    /// How high it is.
    pub height: i64,
}

/// The last 30 days, oldest first, the last one being today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// Each day.
    pub days: Vec<Day>,
}

impl Chart {
    /// Adds up what was recorded; rows before the first day are left out.
    pub fn of(rows: &[UseRow], now: Timestamp) -> Self {
        let first = now.day_number() - (DAYS - 1);
        let day = |number: i64| {
            let of_day = || rows.iter().filter(|row| row.day == number);
            Day {
                at: Timestamp::from_micros(number * DAY),
                allowed: of_day().map(|row| row.allowed).sum(),
                refused: of_day().map(|row| row.refused).sum(),
            }
        };
        Self {
            days: (first..first + DAYS).map(day).collect(),
        }
    }

    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        self.used_days().next().is_none()
    }

    /// The days with a call, newest first.
    pub fn used_days(&self) -> impl Iterator<Item = &Day> {
        self.days
            .iter()
            .rev()
            .filter(|day| day.allowed + day.refused > 0)
    }

    /// The calls of today and yesterday: what would stop when the token is deleted.
    pub fn recent_calls(&self) -> i64 {
        self.days.iter().rev().take(2).map(|day| day.allowed).sum()
    }

    /// The bars to draw: allowed calls below, refused ones on top of them.
    pub fn bars(&self) -> Vec<Bar> {
        let of_day = |(place, day): (usize, &Day)| {
            let x = place * 10 + 1;
            let (allowed, refused) = (self.height(day.allowed), self.height(day.refused));
            let bar = |kind, height, above| Bar {
                kind,
                x,
                y: HEIGHT - height - above,
                height,
            };
            [bar("allowed", allowed, 0), bar("refused", refused, allowed)]
        };
        let bars = self.days.iter().enumerate().flat_map(of_day);
        bars.filter(|bar| bar.height > 0).collect()
    }

    /// How high so many calls stand; never nothing for some.
    fn height(&self, calls: i64) -> i64 {
        let most = self
            .days
            .iter()
            .map(|day| day.allowed + day.refused)
            .max()
            .unwrap_or(0);
        match (calls, most) {
            (0, _) | (_, 0) => 0,
            // Two stacked bars that are raised to one unit each still fit.
            (calls, most) => (calls * (HEIGHT - 2) / most).max(1),
        }
    }

    /// The drawing in words.
    pub fn label(&self) -> String {
        use crate::web::filters::{counted, grouped};
        let allowed: i64 = self.days.iter().map(|day| day.allowed).sum();
        let refused: i64 = self.days.iter().map(|day| day.refused).sum();
        format!(
            "{} allowed, {} refused",
            counted(allowed, "call", "calls"),
            grouped(refused)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_795_176_000_000_000);

    fn row(days_ago: i64, allowed: i64, refused: i64) -> UseRow {
        UseRow {
            day: NOW.day_number() - days_ago,
            owner_id: 1,
            permission: String::new(),
            allowed,
            refused,
        }
    }

    #[test]
    fn rows_of_a_day_add_up_and_older_ones_are_left_out() {
        let chart = Chart::of(
            &[row(0, 3, 1), row(0, 4, 0), row(1, 5, 0), row(30, 9, 9)],
            NOW,
        );
        assert_eq!(chart.days.len(), 30);
        let today = chart.days[29];
        assert_eq!((today.allowed, today.refused), (7, 1));
        assert_eq!(chart.recent_calls(), 12);
        assert_eq!(chart.label(), "12 calls allowed, 1 refused");
        assert_eq!(chart.used_days().count(), 2);
    }

    #[test]
    fn bars_fit_the_drawing_and_one_call_is_seen() {
        let chart = Chart::of(&[row(0, 100_000, 1), row(1, 1, 0)], NOW);
        assert!(chart.height(100_000) + chart.height(1) <= HEIGHT);
        assert_eq!(chart.height(1), 1);
        assert_eq!(chart.height(0), 0);
        assert!(Chart::of(&[], NOW).is_empty());
    }
}
