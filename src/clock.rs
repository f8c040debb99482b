//! Where the time comes from.
//!
//! Every rule takes `now` as an argument; only the outermost layer asks a [`Clock`]. So tests state their time, the
//! demo can tell a history that began weeks ago, and a server clock that is set back cannot revive what has expired.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::domain::time::Timestamp;

/// Tells the time, in whole microseconds.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The present moment; never earlier than any moment this clock has told or was raised to.
    fn now(&self) -> Timestamp;

    /// Forbids every moment before `floor`: called with the latest time found in the database.
    fn raise(&self, floor: Timestamp);

    /// What the machine itself shows, be it earlier: to find out that it was set back. Nothing is decided by it.
    fn machine(&self) -> Timestamp {
        self.now()
    }
}

/// The machine's clock, which never runs backwards.
#[derive(Debug, Default)]
pub struct SystemClock {
    floor: AtomicI64,
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let machine = self.machine().as_micros();
        let before = self.floor.fetch_max(machine, Ordering::Relaxed);
        Timestamp::from_micros(before.max(machine))
    }

    fn raise(&self, floor: Timestamp) {
        self.floor.fetch_max(floor.as_micros(), Ordering::Relaxed);
    }

    fn machine(&self) -> Timestamp {
        #[allow(clippy::disallowed_methods)] // The one place that may ask the machine.
        let now = chrono::Utc::now();
        Timestamp::from_micros(now.timestamp_micros())
    }
}

/// A clock that stands still until it is moved: for tests, and for telling the demo's history.
#[derive(Debug)]
pub struct ManualClock {
    at: AtomicI64,
}

impl ManualClock {
    /// A clock that shows `at`.
    pub fn new(at: Timestamp) -> Self {
        Self {
            at: AtomicI64::new(at.as_micros()),
        }
    }

    /// Moves the hands to `at`, forwards or backwards.
    pub fn set(&self, at: Timestamp) {
        self.at.store(at.as_micros(), Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.at.load(Ordering::Relaxed))
    }

    fn raise(&self, floor: Timestamp) {
        self.at.fetch_max(floor.as_micros(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_raised_system_clock_never_tells_an_earlier_time() {
        let clock = SystemClock::default();
        let far = clock.now().plus_days(400);
        clock.raise(far);
        assert_eq!(clock.now(), far);
    }
}
