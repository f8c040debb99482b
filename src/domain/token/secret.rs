//! The strings that are shown once (INTERFACE §2), and the hashes that are kept of them.
//!
//! `{prefix}_{pat|cls}_` + 22 base62 (the identifier, which may be logged) + `_` + 36 base62 (the secret) + 6 base62
//! (CRC-32 of all before it). The checksum rejects look-alikes without a look in the database.

use std::borrow::Cow;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use super::TokenKind;
use crate::entropy::Entropy;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const IDENTIFIER: usize = 22;
const RANDOM: usize = 36;
const CHECKSUM: usize = 6;

/// A token string in the clear. Its `Debug` shows nothing, and it has no `Display`: whoever shows it says so with
/// [`Secret::reveal`].
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The string itself, for the one page or line that shows it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(&self.0)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The SHA-256 of a token string: all that is stored of a secret. The strings carry 214 random bits, so a plain hash
/// cannot be searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// The hash of a string.
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// The hash with these bytes, as it was stored.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its base64, as the audit log publishes it.
    pub fn to_base64(self) -> String {
        BASE64_STANDARD.encode(self.0)
    }

    /// Reads what [`Self::to_base64`] writes.
    pub fn from_base64(text: &str) -> Option<Self> {
        let bytes = BASE64_STANDARD.decode(text).ok()?;
        Self::stored(&bytes)
    }

    /// A hash as it was stored; nothing where there are not 32 bytes.
    pub fn stored(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A new token string and the identifier within it.
#[derive(Debug)]
pub struct Minted {
    /// The 22 characters that may be logged.
    pub identifier: String,
    /// The whole string.
    pub secret: Secret,
}

/// Makes the string of a new secret. A rotated token keeps its identifier: pass it as `identifier`.
pub fn mint(
    prefix: &str,
    kind: TokenKind,
    identifier: Option<&str>,
    entropy: &dyn Entropy,
) -> Minted {
    mint_as(prefix, kind.infix(), identifier, entropy)
}

/// The middle word of the secrets of services: `grantry_svc_…`.
const SERVICE: &str = "svc";

/// Makes the string of a new secret of a guarded service.
pub fn mint_for_service(prefix: &str, entropy: &dyn Entropy) -> Minted {
    mint_as(prefix, SERVICE, None, entropy)
}

fn mint_as(prefix: &str, infix: &str, identifier: Option<&str>, entropy: &dyn Entropy) -> Minted {
    let identifier = identifier.map_or_else(|| base62(IDENTIFIER, entropy), str::to_owned);
    let mut text = format!("{prefix}_{infix}_{identifier}_{}", base62(RANDOM, entropy));
    text.push_str(&checksum(&text));
    Minted {
        identifier,
        secret: Secret(text),
    }
}

/// A string that has the form of a token of this installation. It may still be unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presented {
    /// Which kind the string says it is.
    pub kind: TokenKind,
    /// The 22 characters that may be logged.
    pub identifier: String,
    /// The key for the look-up.
    pub hash: SecretHash,
}

/// Reads a presented string: its form and checksum are tested before anything is looked up.
pub fn read(prefix: &str, text: &str) -> Option<Presented> {
    let rest = text.strip_prefix(prefix)?.strip_prefix('_')?;
    let (infix, rest) = rest.split_once('_')?;
    let kind = TokenKind::ALL
        .iter()
        .copied()
        .find(|kind| kind.infix() == infix)?;
    let (identifier, tail) = rest.split_once('_')?;
    let well_formed = identifier.len() == IDENTIFIER
        && tail.len() == RANDOM + CHECKSUM
        && identifier
            .bytes()
            .chain(tail.bytes())
            .all(|byte| byte.is_ascii_alphanumeric());
    if !well_formed {
        return None;
    }
    let (body, given) = text.split_at(text.len() - CHECKSUM);
    (checksum(body) == given).then(|| Presented {
        kind,
        identifier: identifier.to_owned(),
        hash: SecretHash::of(text),
    })
}

fn checksum(body: &str) -> String {
    let mut rest = crc32fast::hash(body.as_bytes());
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

/// `length` characters, each equally likely: bytes that would favour some characters are thrown away.
fn base62(length: usize, entropy: &dyn Entropy) -> String {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        for byte in entropy.bytes::<64>() {
            if byte < 62 * 4 && text.len() < length {
                text.push(char::from(ALPHABET[usize::from(byte % 62)]));
            }
        }
    }
    text
}

/// The text with the secret part of every string of our form left out: what is recorded of something that a client wrote,
/// such as a path, never holds a secret. The identifier stays, so that the token can be found and ended.
pub fn masked(text: &str) -> Cow<'_, str> {
    const LENGTH: usize = IDENTIFIER + 1 + RANDOM + CHECKSUM;
    let is_base62 = |part: &str| part.bytes().all(|byte| ALPHABET.contains(&byte));
    let mut clean = String::new();
    let mut begin = 0;
    for (at, _) in text.match_indices('_') {
        let Some(found) = text.get(at + 1..at + 1 + LENGTH).filter(|_| at >= begin) else {
            continue;
        };
        if !found.is_ascii()
            || !["pat", "cls", SERVICE]
                .iter()
                .any(|kind| text[..at].ends_with(kind))
        {
            continue;
        }
        let (identifier, secret) = found.split_at(IDENTIFIER);
        if is_base62(identifier) && secret.starts_with('_') && is_base62(&secret[1..]) {
            clean.push_str(&text[begin..=at + IDENTIFIER]);
            clean.push_str("_…");
            begin = at + 1 + LENGTH;
        }
    }
    if begin == 0 {
        return Cow::Borrowed(text);
    }
    clean.push_str(&text[begin..]);
    Cow::Owned(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_recorded_without_the_secrets_in_it() {
        let (identifier, rest) = ("i".repeat(22), "s".repeat(42));
        for kind in ["pat", "cls", "svc"] {
            let one = format!("/a/grantry_{kind}_{identifier}");
            let path = format!("{one}_{rest}{one}_{rest}/é");
            assert_eq!(masked(&path), format!("{one}_…{one}_…/é"));
        }
        let short = format!("/grantry_pat_{identifier}_{}", &rest[1..]);
        for plain in [
            "",
            "/repos/acme/web",
            "_",
            "/a_b_pat_",
            short.as_str(),
            "/é_pat_é",
        ] {
            assert_eq!(masked(plain), plain);
        }
    }
    use crate::entropy::SeededEntropy;

    fn sample(kind: TokenKind) -> Minted {
        mint("grantry", kind, None, &SeededEntropy::new(7))
    }

    #[test]
    fn a_token_string_has_seventy_seven_characters_and_reads_back() {
        for kind in TokenKind::ALL {
            let minted = sample(*kind);
            let text = minted.secret.reveal();
            assert_eq!(text.len(), 77);
            let presented = read("grantry", text).expect("what was minted reads back");
            assert_eq!(
                (presented.kind, presented.identifier),
                (*kind, minted.identifier)
            );
            assert_eq!(presented.hash, minted.secret.hash());
        }
    }

    #[test]
    fn every_single_changed_character_fails_the_checksum_or_the_form() {
        let text = sample(TokenKind::FineGrained).secret.reveal().to_owned();
        for place in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[place] = if changed[place] == b'x' { b'y' } else { b'x' };
            let changed = String::from_utf8(changed).expect("ASCII stays ASCII");
            assert_eq!(read("grantry", &changed), None, "changed at {place}");
        }
    }

    #[test]
    fn strings_of_other_shapes_are_not_read() {
        let text = sample(TokenKind::FineGrained).secret.reveal().to_owned();
        for other in [
            "",
            "grantry",
            "grantry_pat_",
            "ghp_abc",
            &text[1..],
            &format!("{text}0"),
            &text[..76],
        ] {
            assert_eq!(read("grantry", other), None, "{other}");
        }
        assert_eq!(read("acme", &text), None, "another installation's prefix");
        assert!(read("grantry", &text).is_some());
    }

    #[test]
    fn a_secret_of_a_service_is_no_token() {
        let minted = mint_for_service("grantry", &SeededEntropy::new(7));
        assert!(minted.secret.reveal().starts_with("grantry_svc_"));
        assert_eq!(minted.secret.reveal().len(), 77);
        assert_eq!(read("grantry", minted.secret.reveal()), None);
    }

    #[test]
    fn a_secret_does_not_show_itself_in_debug_output() {
        let minted = sample(TokenKind::FineGrained);
        assert!(!format!("{minted:?}").contains(minted.secret.reveal()));
    }
}
