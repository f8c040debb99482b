//! Addresses in answers.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a path keeps as it is: what no reader could take for a delimiter.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/');

/// Writes addresses below the base address.
#[derive(Debug, Clone, Copy)]
pub struct Links<'a> {
    base_url: &'a str,
}

impl<'a> Links<'a> {
    /// Addresses below this one, which has no slash at its end.
    pub const fn new(base_url: &'a str) -> Self {
        Self { base_url }
    }

    /// An address of the API; `path` begins with a slash.
    pub fn api(self, path: &str) -> String {
        format!("{}{}{path}", self.base_url, crate::api::PREFIX)
    }

    /// An address of the console; `path` begins with a slash.
    pub fn page(self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    /// A name or path that comes from git, fit for an address; slashes stay.
    pub fn encoded(text: &str) -> String {
        utf8_percent_encode(text, PLAIN).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_names_are_encoded_and_slashes_stay() {
        assert_eq!(Links::encoded("src/a b#?.rs"), "src/a%20b%23%3F.rs");
        assert_eq!(
            Links::new("https://g.test").api("/user"),
            "https://g.test/api/v3/user"
        );
    }
}
