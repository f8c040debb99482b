//! Counts calls, and refuses those that are too many. The counts live in this process alone: the database is asked for
//! nothing, and every server of an installation counts for itself.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::errors::{ApiError, ApiResult};
use crate::domain::ids::AccountId;
use crate::domain::rate::{Rates, Standing, Window, look, take};
use crate::domain::throttle::source;
use crate::domain::time::Timestamp;
use crate::gate::Credential;
use crate::server::meta::RequestMeta;

/// How many callers are remembered before those whose window is over are forgotten.
const CAPACITY: usize = 100_000;

/// The operation that tells how its caller stands, and does not count.
pub(super) const OVERVIEW: &str = "/rate_limit";

/// Whose calls are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Caller {
    /// All tokens of a user.
    User(AccountId),
    /// Everybody at an address who shows no good token.
    Stranger(String),
}

/// What is counted, and how much fits.
#[derive(Debug)]
pub struct Limiter {
    rates: Rates,
    windows: Mutex<HashMap<Caller, Window>>,
}

/// Whether a call counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counting {
    /// It does.
    Counts,
    /// It only asks how its caller stands.
    Looks,
}

impl Limiter {
    /// Nobody has called yet.
    pub fn new(rates: Rates) -> Self {
        Self {
            rates,
            windows: Mutex::default(),
        }
    }

    /// Counts a call. How its caller stands afterwards, and whether it may go on; none where nothing is limited.
    pub(super) fn count(
        &self,
        credential: &Credential,
        meta: &RequestMeta,
        counting: Counting,
        now: Timestamp,
    ) -> Option<(Standing, bool)> {
        let (caller, limit) = match credential.snapshot() {
            Some(token) => (Caller::User(token.facts.user), self.rates.user?),
            None => (Caller::Stranger(source(meta.client)), self.rates.stranger?),
        };
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let last = windows.get(&caller).copied();
        if counting == Counting::Looks {
            return Some((look(last, limit, now), true));
        }
        if windows.len() >= CAPACITY {
            make_room(&mut windows, now);
        }
        let (window, goes_on) = take(last, limit, now);
        windows.insert(caller, window);
        Some((look(Some(window), limit, now), goes_on))
    }
}

/// Forgets who called long ago and, where that is not enough, every stranger: there are addresses without number.
fn make_room(windows: &mut HashMap<Caller, Window>, now: Timestamp) {
    windows.retain(|_, window| now < window.resets_at);
    if windows.len() >= CAPACITY {
        windows.retain(|caller, _| matches!(caller, Caller::User(_)));
    }
}

/// Refuses a call that is one too many.
pub(super) fn check(
    counted: Option<(Standing, bool)>,
    credential: &Credential,
    meta: &RequestMeta,
    now: Timestamp,
) -> ApiResult<()> {
    match counted {
        Some((standing, false)) => Err(ApiError::TooMany {
            message: sentence(standing, credential, meta),
            retry_after: standing.wait(now),
        }),
        Some((_, true)) | None => Ok(()),
    }
}

fn sentence(standing: Standing, credential: &Credential, meta: &RequestMeta) -> String {
    let (limit, at) = (standing.limit, standing.resets_at.to_rfc3339());
    if credential.snapshot().is_some() {
        let login = credential.login();
        format!("API rate limit exceeded for {login}: {limit} calls an hour. Go on at {at}.")
    } else {
        let address = meta.address().unwrap_or_else(|| "this address".to_owned());
        format!(
            "API rate limit exceeded for {address}: {limit} calls an hour without a good token. Send one, or go on at {at}."
        )
    }
}

/// Tells how the caller stands.
pub(super) fn seal(headers: &mut HeaderMap, standing: Standing) {
    let reset = standing.resets_at.as_micros() / 1_000_000;
    let numbers = [
        ("x-ratelimit-limit", i64::from(standing.limit)),
        ("x-ratelimit-remaining", i64::from(standing.remaining())),
        ("x-ratelimit-used", i64::from(standing.used)),
        ("x-ratelimit-reset", reset),
    ];
    for (name, number) in numbers {
        headers.insert(HeaderName::from_static(name), HeaderValue::from(number));
    }
    let name = HeaderName::from_static("x-ratelimit-resource");
    headers.insert(name, HeaderValue::from_static("core"));
}

/// *Rate Limit Overview*. Everything here counts as one resource.
pub(super) fn overview(standing: Standing) -> Value {
    let rate = json!({
        "limit": standing.limit,
        "used": standing.used,
        "remaining": standing.remaining(),
        "reset": standing.resets_at.as_micros() / 1_000_000,
    });
    json!({ "resources": { "core": rate }, "rate": rate })
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::from_micros(1_795_176_000_000_000);

    fn from(address: &str) -> RequestMeta {
        RequestMeta {
            client: Some(address.parse().expect("an address")),
            ..RequestMeta::default()
        }
    }

    #[test]
    fn one_customer_of_many_addresses_is_one_stranger() {
        let limiter = Limiter::new(Rates {
            user: None,
            stranger: Some(1),
        });
        let goes_on = |address: &str| {
            let stranger = Credential::Anonymous;
            let counted = limiter.count(&stranger, &from(address), Counting::Counts, AT);
            counted.map(|(_, goes_on)| goes_on)
        };
        assert_eq!(goes_on("2001:db8:1:2::1"), Some(true));
        assert_eq!(goes_on("2001:db8:1:2::2"), Some(false));
        assert_eq!(goes_on("2001:db8:1:3::1"), Some(true));
        assert_eq!(goes_on("192.0.2.1"), Some(true));
    }

    #[test]
    fn when_there_are_too_many_callers_the_users_stay() {
        let mut windows = HashMap::new();
        let window = |seconds: i64| Window {
            resets_at: AT.plus_seconds(seconds),
            used: 1,
        };
        windows.insert(Caller::User(AccountId::new(1)), window(60));
        windows.insert(Caller::User(AccountId::new(2)), window(0));
        for number in 0..CAPACITY {
            windows.insert(Caller::Stranger(number.to_string()), window(60));
        }
        make_room(&mut windows, AT);
        let left: Vec<_> = windows.into_keys().collect();
        assert_eq!(left, [Caller::User(AccountId::new(1))]);
    }
}
