//! The policy pages of an organization and of an enterprise: what is allowed, what a change would block or free, and
//! when it begins. Both levels have the same pages at addresses of their own.

mod again;
pub mod cancel;
pub mod export;
mod form;
mod look;
mod owner;
pub mod preview;
mod rows;
mod save;
pub mod show;
mod view;
mod words;

use crate::domain::token::TokenKind;
use crate::web::form::Fields;

/// The kind of token that a page is about: fine-grained ones, or with `tab=classic` the others.
fn kind(fields: &Fields) -> TokenKind {
    if fields.get("tab") == "classic" {
        TokenKind::Classic
    } else {
        TokenKind::FineGrained
    }
}

/// A kind of token in the middle of a sentence.
const fn tokens(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::FineGrained => "fine-grained tokens",
        TokenKind::Classic => "classic tokens",
    }
}
