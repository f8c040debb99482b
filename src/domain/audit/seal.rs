//! The newest links of both chains under a key that the database does not hold: whoever can write to the database
//! cannot make another seal, so a log that was cut or written anew does not fit the seals that were published.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::domain::time::Timestamp;

/// The end of one chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// How many rows it has had: the number of the last one.
    pub seq: i64,
    /// The last one's hash; empty where there is none.
    pub hash: Vec<u8>,
}

/// The ends of both chains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Of the changes.
    pub events: Link,
    /// Of the groups of decisions.
    pub decisions: Link,
}

/// The key of seals.
#[derive(Clone)]
pub struct SealKey([u8; 32]);

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey(…)")
    }
}

impl SealKey {
    /// The key with these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Seals a head.
    pub fn seal(&self, head: Head, at: Timestamp) -> Seal {
        let mac = self.mac(&head, at).finalize().into_bytes().to_vec();
        Seal { head, at, mac }
    }

    /// Whether a seal was made with this key.
    pub fn made(&self, seal: &Seal) -> bool {
        let mac = self.mac(&seal.head, seal.at);
        mac.verify_slice(&seal.mac).is_ok()
    }

    fn mac(&self, head: &Head, at: Timestamp) -> Hmac<Sha256> {
        let mac = Hmac::new_from_slice(&self.0);
        let mut mac: Hmac<Sha256> = mac.expect("a key of any length fits");
        let text = json!([
            at.as_micros(),
            head.events.seq,
            hex(&head.events.hash),
            head.decisions.seq,
            hex(&head.decisions.hash),
        ]);
        mac.update(text.to_string().as_bytes());
        mac
    }
}

/// A head that was sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// The head.
    pub head: Head,
    /// When it was sealed.
    pub at: Timestamp,
    /// The code that only the key's holder can make.
    pub mac: Vec<u8>,
}

impl Seal {
    /// As it is published.
    pub fn to_json(&self) -> Value {
        let link = |link: &Link| json!({"count": link.seq, "hash": hex(&link.hash)});
        json!({
            "at": self.at.as_micros(),
            "events": link(&self.head.events),
            "decisions": link(&self.head.decisions),
            "hmac": hex(&self.mac),
        })
    }

    /// Reads what [`Self::to_json`] writes; none where it is something else.
    pub fn parse(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let link = |name: &str| {
            Some(Link {
                seq: value[name]["count"].as_i64()?,
                hash: unhex(value[name]["hash"].as_str()?)?,
            })
        };
        Some(Self {
            head: Head {
                events: link("events")?,
                decisions: link("decisions")?,
            },
            at: Timestamp::from_micros(value["at"].as_i64()?),
            mac: unhex(value["hmac"].as_str()?)?,
        })
    }
}

/// Bytes as small hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes text");
        text
    })
}

/// Reads what [`hex`] writes.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<_> = text
        .chars()
        .map(|digit| {
            digit
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        })
        .collect::<Option<_>>()?;
    let pairs = digits.chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => Some(high * 16 + low),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> Head {
        Head {
            events: Link {
                seq: 812,
                hash: vec![0xab; 32],
            },
            decisions: Link {
                seq: 0,
                hash: Vec::new(),
            },
        }
    }

    #[test]
    fn a_seal_comes_back_as_it_was_published() {
        let key = SealKey::new([7; 32]);
        let seal = key.seal(head(), Timestamp::from_micros(5));
        let again = Seal::parse(&seal.to_json().to_string()).expect("it is read");
        assert_eq!(again, seal);
        assert!(key.made(&again));
    }

    #[test]
    fn no_other_head_time_or_key_fits_a_seal() {
        let key = SealKey::new([7; 32]);
        let seal = key.seal(head(), Timestamp::from_micros(5));
        assert!(!SealKey::new([8; 32]).made(&seal));
        let mut other = seal.clone();
        other.head.events.seq = 811;
        assert!(!key.made(&other));
        let mut other = seal.clone();
        other.at = Timestamp::from_micros(6);
        assert!(!key.made(&other));
        let mut other = seal;
        other.mac.pop();
        assert!(!key.made(&other));
    }

    #[test]
    fn what_is_no_seal_is_not_read() {
        for text in [
            "",
            "{}",
            "[]",
            r#"{"at":1,"events":{"count":1,"hash":"zz"}}"#,
        ] {
            assert_eq!(Seal::parse(text), None, "{text}");
        }
        assert_eq!((unhex("0aff"), unhex("0af")), (Some(vec![10, 255]), None));
        assert!(!format!("{:?}", SealKey::new([7; 32])).contains('7'));
    }
}
