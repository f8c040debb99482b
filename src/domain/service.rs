//! Services that Grantry guards: what describes one, as pure rules (INTERFACE §5).

use super::names::{self, NameError};
use super::time::Timestamp;
use super::token::expiry::is_over;

words! {
    /// The headers in which a service's proxy tells what a client asked for. The other set is never read: a client
    /// could have written it.
    Proxy {
        /// `X-Original-Method`, `X-Original-URI`, `X-Original-Host`, as a recipe for nginx writes them.
        Original = "original",
        /// `X-Forwarded-Method`, `X-Forwarded-Uri`, `X-Forwarded-Host`, as Caddy and Traefik write them.
        Forwarded = "forwarded",
    }
}

words! {
    /// Why a door does not even ask the gate: stable codes, beside those of the decision.
    Objection {
        /// Whoever asks is no trusted proxy and shows no secret of the service.
        UntrustedProxy = "untrusted_proxy",
        /// There is no such service.
        UnknownService = "unknown_service",
        /// The service does not answer for this host.
        UnknownHost = "unknown_host",
        /// A header is missing or repeated, or names what nobody may: another method, or a token in the address.
        BadRequest = "bad_request",
    }
}

/// The most hosts that one service lists.
pub const MOST_HOSTS: usize = 50;

/// The most owners that one service lists.
pub const MOST_OWNERS: usize = 50;

/// How many secrets of a service may count at once: the newest, and those before it whose overlap is not over.
pub const MOST_SECRETS: usize = 5;

/// The shortest secret that an operator may bring, in characters. Only its hash is stored, and a hash of something
/// short could be searched.
pub const SHORTEST_SECRET: usize = 32;

/// The longest secret that is read at all, in characters.
pub const LONGEST_SECRET: usize = 255;

/// Hours for which the secret before a new one may go on; the first is what forms offer.
pub const OVERLAP_HOURS: [i64; 4] = [24, 1, 72, 0];

/// Checks the name of a service, which stands in the address that its proxy asks at.
pub fn check_name(name: &str) -> Result<(), NameError> {
    names::check_service(name)
}

/// A host name as it is compared: small letters, without a port. `None` where the text is no host name: two readers
/// could take it for different hosts.
pub fn host(text: &str) -> Option<String> {
    let (name, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((inner, after)) => {
            inner.parse::<std::net::Ipv6Addr>().ok()?;
            (&text[..inner.len() + 2], after)
        }
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let is_port =
        |port: &str| (1..=5).contains(&port.len()) && port.bytes().all(|b| b.is_ascii_digit());
    let has_good_port = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    let is_named = name.starts_with('[') || (name.len() <= 253 && name.split('.').all(is_label));
    (has_good_port && is_named).then(|| name.to_ascii_lowercase())
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// Whether a text can serve as a secret that an operator brings: long enough, one line, nothing that cannot be typed.
pub fn is_secret(text: &str) -> bool {
    (SHORTEST_SECRET..=LONGEST_SECRET).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether a secret counts at `now`; it ends at the very instant.
pub fn is_live(ends_at: Option<Timestamp>, now: Timestamp) -> bool {
    !is_over(ends_at, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_compared_without_its_port_and_in_small_letters() {
        let table = [
            ("api.example.test", Some("api.example.test")),
            ("API.Example.test:8443", Some("api.example.test")),
            ("localhost", Some("localhost")),
            ("127.0.0.1:80", Some("127.0.0.1")),
            ("[::1]:80", Some("[::1]")),
            ("", None),
            (".", None),
            ("api.example.test.", None),
            ("api.example.test:", None),
            ("api.example.test:80:80", None),
            ("api.example.test:x", None),
            ("api example", None),
            ("a/b", None),
            ("a@b", None),
            ("[::1", None),
            ("[x]", None),
            ("é.test", None),
        ];
        for (text, expected) in table {
            assert_eq!(host(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_secret_of_ones_own_is_long_and_can_be_typed() {
        assert!(is_secret(&"x".repeat(SHORTEST_SECRET)));
        for text in [
            "",
            "short",
            &"x".repeat(300),
            &"é".repeat(40),
            &format!("{} {}", "x".repeat(20), "y".repeat(20)),
        ] {
            assert!(!is_secret(text), "{text}");
        }
    }

    #[test]
    fn a_secret_ends_at_the_very_instant() {
        let at = Timestamp::from_micros;
        assert!(is_live(None, at(5)) && is_live(Some(at(6)), at(5)));
        assert!(!is_live(Some(at(5)), at(5)));
    }
}
