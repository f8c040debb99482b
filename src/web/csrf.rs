//! The session's token that every form of the console sends back, masked anew for every page.
//!
//! Pages are compressed, and a text that never changes could be guessed from their length; a mask of random bytes makes
//! it differ on every page. The layer that looks at `Origin` and `Sec-Fetch-Site` stands before this, not instead of it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

use super::error::PageError;

/// The form field that carries the masked token.
pub const FIELD: &str = "csrf";
/// The header that carries it where a script asks.
pub const HEADER: &str = "x-csrf-token";
/// The token's length in bytes.
pub const LENGTH: usize = 32;

/// A session's token.
pub type Token = [u8; LENGTH];

/// The token as one page carries it: the mask, then the token under the mask.
pub fn mask(token: &Token, mask: &Token) -> String {
    let mut bytes = mask.to_vec();
    bytes.extend(token.iter().zip(mask).map(|(token, mask)| token ^ mask));
    BASE64.encode(bytes)
}

/// Whether a page's masked text hides this token. Takes the same time wherever they differ.
pub fn is_mask_of(token: &Token, presented: &str) -> bool {
    let Ok(bytes) = BASE64.decode(presented) else {
        return false;
    };
    if bytes.len() != 2 * LENGTH {
        return false;
    }
    let (mask, masked) = bytes.split_at(LENGTH);
    let differing = token
        .iter()
        .zip(mask.iter().zip(masked))
        .fold(0, |seen, (token, (mask, masked))| {
            seen | (token ^ mask ^ masked)
        });
    differing == 0
}

/// A token as the session keeps it.
pub fn encode(token: &Token) -> String {
    BASE64.encode(token)
}

/// Reads what [`encode`] wrote.
pub fn decode(text: &str) -> Option<Token> {
    BASE64.decode(text).ok()?.try_into().ok()
}

/// What a form without the right token is answered: it was open for too long, or another site sent it.
pub fn refusal() -> PageError {
    PageError::Forbidden {
        title: "This form can no longer be sent".to_owned(),
        text: "Nothing was changed. You signed in or out since the page was loaded, or the form came from another \
               site. Go back, load the page again, and send it once more."
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: Token = [7; LENGTH];

    #[test]
    fn a_page_masks_the_token_in_its_own_way() {
        let (one, other) = (mask(&TOKEN, &[1; LENGTH]), mask(&TOKEN, &[2; LENGTH]));
        assert_ne!(one, other);
        assert!(is_mask_of(&TOKEN, &one));
        assert!(is_mask_of(&TOKEN, &other));
    }

    #[test]
    fn a_foreign_or_broken_token_is_not_taken() {
        let foreign = mask(&[8; LENGTH], &[1; LENGTH]);
        for text in ["", "x", "!!!", &foreign, &encode(&TOKEN)] {
            assert!(!is_mask_of(&TOKEN, text), "{text}");
        }
    }

    #[test]
    fn the_session_reads_back_what_it_wrote() {
        assert_eq!(decode(&encode(&TOKEN)), Some(TOKEN));
        assert_eq!(decode("short"), None);
    }
}
