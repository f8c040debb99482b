//! Exemptions of single tokens from a policy, until a date and with a reason. Organizations and enterprises have the same
//! pages, each for what it sets itself.

pub mod list;
pub mod new;
pub mod one;
mod scope;
mod stand;

use crate::domain::ids::TokenId;
use crate::domain::policy::Source;
use crate::domain::policy::evaluate::Violation;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::domain::token::summary;
use crate::store::exemption_lists::{self, Given};
use crate::store::{Db, StoreError};

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

/// What owners spare a token now, as its holder reads it.
pub(super) async fn told_to_holder(
    db: &mut impl Db,
    token: TokenId,
    now: Timestamp,
) -> Result<Vec<String>, StoreError> {
    let given = exemption_lists::list_for_holder(db, token, now).await?;
    let told = given.iter();
    Ok(told
        .map(|one| format!("{}: {}", one.scope_name, sentence(one)))
        .collect())
}

/// What stands against a token of this kind at an owner, whose name comes first, under an enterprise.
pub(super) fn violation(kind: TokenKind, (owner, above): (&str, &str), found: Violation) -> String {
    let set_by = |source| match source {
        Source::Enterprise => above,
        Source::Organization | Source::Default => owner,
    };
    let kind = kind_word(kind);
    match found {
        Violation::Access(source) => format!("{} does not allow {kind} tokens", set_by(source)),
        Violation::Lifetime { days, source } => format!(
            "{} allows {kind} tokens for at most {days} days, and this one lives longer",
            set_by(source)
        ),
    }
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
