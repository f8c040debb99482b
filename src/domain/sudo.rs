//! How long a confirmation with the passkey counts: dangerous acts ask for it again afterwards.

use super::time::Timestamp;

/// How long "it is me" counts, in seconds.
pub const CONFIRMED_FOR: i64 = 15 * 60;

/// Whether somebody who confirmed at `confirmed_at` still counts as confirmed at `now`.
pub fn is_confirmed(confirmed_at: Option<Timestamp>, now: Timestamp) -> bool {
    confirmed_at.is_some_and(|at| at <= now && now < at.plus_seconds(CONFIRMED_FOR))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::from_micros(1_795_176_000_000_000);

    #[test]
    fn a_confirmation_counts_for_fifteen_minutes() {
        assert!(is_confirmed(Some(AT), AT));
        assert!(is_confirmed(Some(AT), AT.plus_seconds(CONFIRMED_FOR - 1)));
        assert!(!is_confirmed(Some(AT), AT.plus_seconds(CONFIRMED_FOR)));
    }

    #[test]
    fn without_a_confirmation_nobody_is_confirmed() {
        assert!(!is_confirmed(None, AT));
    }

    #[test]
    fn a_confirmation_from_the_future_does_not_count() {
        assert!(!is_confirmed(Some(AT.plus_seconds(1)), AT));
    }
}
