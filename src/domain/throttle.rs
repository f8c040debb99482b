//! How often something may be tried: a count in a window of time that begins with the first try.

use std::net::IpAddr;

use super::time::Timestamp;

/// A bound on tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttle {
    /// The word under which tries are counted.
    pub kind: &'static str,
    /// How many tries a window holds.
    pub most: i64,
    /// How long a window is, in seconds.
    pub seconds: i64,
}

/// Recovery codes for one login, whether it exists or not.
pub const RECOVERY_LOGIN: Throttle = Throttle {
    kind: "recovery_login",
    most: 10,
    seconds: 3_600,
};

/// Recovery codes from one address, whatever the login.
pub const RECOVERY_ADDRESS: Throttle = Throttle {
    kind: "recovery_address",
    most: 20,
    seconds: 15 * 60,
};

/// Passkeys from one address that were not accepted. A whole office may sign in from one address, so only failures count.
pub const SIGN_IN: Throttle = Throttle {
    kind: "sign_in",
    most: 60,
    seconds: 5 * 60,
};

/// Ceremonies that strangers from one address begin: each is a row until its time is over.
pub const CEREMONY: Throttle = Throttle {
    kind: "ceremony",
    most: 1_000,
    seconds: 5 * 60,
};

/// It was tried too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it was tried too often: again in {retry_after} seconds")]
pub struct TooOften {
    /// After how many seconds it may be tried again; at least 1.
    pub retry_after: u32,
}

impl TooOften {
    /// How long to wait, in words: `12 minutes`.
    pub fn wait(self) -> String {
        let minutes = self.retry_after.div_ceil(60);
        if minutes == 1 {
            "1 minute".to_owned()
        } else {
            format!("{minutes} minutes")
        }
    }
}

/// The tries in the window that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tries {
    /// How many.
    pub count: i64,
    /// When the first was.
    pub began_at: Timestamp,
}

impl Throttle {
    /// When a window must have begun to be still open at `now`: later than this.
    pub const fn since(&self, now: Timestamp) -> Timestamp {
        now.plus_seconds(-self.seconds)
    }

    /// Whether the last of these tries may go on.
    pub fn judge(&self, tries: Tries, now: Timestamp) -> Result<(), TooOften> {
        if tries.count <= self.most {
            return Ok(());
        }
        let left = tries.began_at.plus_seconds(self.seconds).micros_since(now);
        let seconds = (left.max(0) / 1_000_000).max(1);
        Err(TooOften {
            retry_after: u32::try_from(seconds).unwrap_or(u32::MAX),
        })
    }
}

/// Whom an address stands for: itself, or the network of 64 bits that one customer has.
pub fn source(address: Option<IpAddr>) -> String {
    match address {
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Some(IpAddr::V4(address)) => address.to_string(),
        None => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE: Throttle = Throttle {
        kind: "test",
        most: 3,
        seconds: 60,
    };
    const AT: Timestamp = Timestamp::from_micros(1_795_176_000_000_000);

    fn judged(count: i64, passed: i64) -> Result<(), TooOften> {
        let tries = Tries {
            count,
            began_at: AT,
        };
        THREE.judge(tries, AT.plus_seconds(passed))
    }

    #[test]
    fn as_many_as_fit_go_on_and_the_next_waits_for_the_end_of_the_window() {
        assert_eq!(judged(1, 0), Ok(()));
        assert_eq!(judged(3, 59), Ok(()));
        assert_eq!(judged(4, 0), Err(TooOften { retry_after: 60 }));
        assert_eq!(judged(99, 50), Err(TooOften { retry_after: 10 }));
        assert_eq!(judged(4, 60), Err(TooOften { retry_after: 1 }));
    }

    #[test]
    fn a_wait_is_told_in_whole_minutes() {
        assert_eq!(TooOften { retry_after: 1 }.wait(), "1 minute");
        assert_eq!(TooOften { retry_after: 61 }.wait(), "2 minutes");
    }

    #[test]
    fn every_address_of_one_customer_counts_as_one() {
        let source_of = |text: &str| source(text.parse().ok());
        assert_eq!(source_of("203.0.113.9"), "203.0.113.9");
        assert_eq!(source_of("2001:db8:1:2:3::4"), source_of("2001:db8:1:2::9"));
        assert_ne!(source_of("2001:db8:1:2::1"), source_of("2001:db8:1:3::1"));
        assert_eq!(source(None), "unknown");
    }
}
