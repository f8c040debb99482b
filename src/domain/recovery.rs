//! Recovery codes: what lets a person in who has lost every passkey, once each.
//!
//! A code carries 120 random bits, so its plain SHA-256 cannot be searched; it is written in 24 letters and digits that
//! are hard to mistake on paper.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::entropy::Entropy;

/// How many codes a person has at a time.
pub const COUNT: usize = 10;
/// Digits and small letters without `i`, `l`, `o` and `u`, which are taken for others.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Letters and digits of one code.
const LENGTH: usize = 24;
/// Random bytes behind one code.
const BYTES: usize = 15;
/// How many letters stand together.
const GROUP: usize = 4;

/// A recovery code in the clear. Its `Debug` shows nothing, and it has no `Display`: whoever shows it says so with
/// [`RecoveryCode::reveal`].
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(u128);

impl RecoveryCode {
    /// A new code.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let bytes = entropy.bytes::<BYTES>();
        Self(
            bytes
                .iter()
                .fold(0, |code, byte| (code << 8) | u128::from(*byte)),
        )
    }

    /// Reads what somebody typed, however it is grouped: nothing when it cannot be a code.
    pub fn parse(typed: &str) -> Option<Self> {
        let symbols = typed
            .chars()
            .filter(|letter| !letter.is_whitespace() && *letter != '-');
        let (mut code, mut length) = (0_u128, 0);
        for letter in symbols {
            length += 1;
            if length > LENGTH {
                return None;
            }
            code = (code << 5) | digit(letter)?;
        }
        (length == LENGTH).then_some(Self(code))
    }

    /// `7k2m-9qrs-…`, for the one page that shows it.
    pub fn reveal(&self) -> String {
        let mut text = String::with_capacity(LENGTH + LENGTH / GROUP);
        for place in 0..LENGTH {
            if place > 0 && place % GROUP == 0 {
                text.push('-');
            }
            let shift = 5 * (LENGTH - 1 - place);
            let index = usize::try_from((self.0 >> shift) & 31).expect("five bits fit");
            text.push(char::from(ALPHABET[index]));
        }
        text
    }

    /// What is kept of it.
    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0.to_be_bytes()).to_vec()
    }
}

impl std::fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

/// The value of one letter, read as a person may have written it down.
fn digit(letter: char) -> Option<u128> {
    let letter = match letter.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        letter => letter,
    };
    let place = ALPHABET
        .iter()
        .position(|known| char::from(*known) == letter)?;
    u128::try_from(place).ok()
}

/// A set of codes as one text, a line each, for copying.
pub fn lines(codes: &[RecoveryCode]) -> String {
    codes.iter().fold(String::new(), |mut text, code| {
        let _ = writeln!(text, "{}", code.reveal());
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SeededEntropy;

    fn sample() -> RecoveryCode {
        RecoveryCode::generate(&SeededEntropy::new(7))
    }

    #[test]
    fn a_code_reads_back_however_it_is_typed() {
        let (code, text) = (sample(), sample().reveal());
        assert_eq!(text.len(), 29, "{text}");
        let spaced = text.to_uppercase().replace('-', " ");
        for typed in [
            text.clone(),
            text.replace('-', ""),
            spaced,
            format!(" {text}\n"),
        ] {
            assert_eq!(RecoveryCode::parse(&typed), Some(code.clone()), "{typed}");
        }
    }

    #[test]
    fn letters_that_are_mistaken_for_digits_are_read_as_those() {
        let zeros = RecoveryCode::parse(&"0".repeat(24));
        assert_eq!(RecoveryCode::parse(&"oO".repeat(12)), zeros);
        let ones = RecoveryCode::parse(&"1".repeat(24));
        assert_eq!(RecoveryCode::parse(&"iIlL".repeat(6)), ones);
    }

    #[test]
    fn what_is_no_code_is_not_read() {
        for typed in [
            "",
            "abcd",
            &"0".repeat(23),
            &"0".repeat(25),
            &"u".repeat(24),
            &"é".repeat(24),
        ] {
            assert_eq!(RecoveryCode::parse(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_code_never_shows_itself_to_a_log() {
        assert_eq!(format!("{:?}", sample()), "RecoveryCode(…)");
        assert_eq!(sample().hash().len(), 32);
    }
}
