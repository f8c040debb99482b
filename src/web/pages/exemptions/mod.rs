//! Exemptions of single tokens from a policy, until a date and with a reason. Organizations and enterprises have the same
//! pages, each for what it sets itself.

pub mod list;
pub mod new;
pub mod one;
pub(super) mod scope;
mod stand;

use crate::domain::ids::TokenId;
use crate::domain::token::TokenKind;
use crate::domain::token::summary;
use crate::store::exemption_lists::Given;

/// Where a token is exempted; `list` is the address of the list of exemptions.
pub(super) fn give_path(list: &str, token: TokenId) -> String {
    format!("{list}/new?token={token}")
}

/// One exemption.
pub(super) fn one_path(list: &str, id: i64) -> String {
    format!("{list}/{id}")
}

/// What an exemption is, in a sentence: `Exempt from the life limit until 5 Dec 2026: “…”, by olga.`
pub(super) fn sentence(given: &Given) -> String {
    format!(
        "Exempt from the {} until {}: “{}”, by {}.",
        given.policy.title(),
        summary::date(given.until_at),
        given.reason,
        by(given.given_by.as_deref())
    )
}

/// Who did it, within a sentence.
fn by(login: Option<&str>) -> &str {
    login.unwrap_or("the operator")
}

/// A kind of token in a word.
const fn kind_word(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::FineGrained => "fine-grained",
        TokenKind::Classic => "classic",
    }
}
