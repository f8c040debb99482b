//! Says a refusal as a sentence: what happened, why, who can change it, and the next step.
//!
//! One text for the API, for git's error channel, for the record and for the token's page, so that all agree.

use super::decision::{Reason, Refusal};
use crate::domain::catalog::{Catalog, Need};
use crate::domain::policy::Source;
use crate::domain::policy::evaluate::Violation;
use crate::domain::token::TokenKind;
use crate::domain::token::conditions::ConditionFailure;

/// The names that a sentence needs; empty where nothing is known or may be said.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// The resource owner at which the call failed.
    pub owner: String,
    /// Logins of the people who can change something there.
    pub owners: Vec<String>,
    /// The repository, `owner/name`.
    pub repository: String,
    /// The page of the token.
    pub token_page: String,
    /// The login of the token's user.
    pub user: String,
}

/// `contents=read`: a need as headers and messages write it.
pub fn need_word(catalog: &Catalog, need: &Need) -> String {
    format!(
        "{}={}",
        catalog.permission(need.permission).slug,
        need.level.as_str()
    )
}

/// `contents=read,workflows=write; pull_requests=read`: sets as headers write them, `,` for and, `;` for or.
pub fn sets_words(catalog: &Catalog, sets: &[Vec<Need>]) -> String {
    let set = |set: &Vec<Need>| {
        set.iter()
            .map(|need| need_word(catalog, need))
            .collect::<Vec<_>>()
            .join(",")
    };
    sets.iter().map(set).collect::<Vec<_>>().join("; ")
}

/// The sentence for a refusal.
pub fn sentence(catalog: &Catalog, refusal: &Refusal, kind: TokenKind, names: &Names) -> String {
    let Names {
        owner,
        repository,
        token_page,
        user,
        ..
    } = names;
    let place = if repository.is_empty() {
        owner
    } else {
        repository
    };
    let ask = ask(names);
    match refusal.reason {
        Reason::BadCredentials => "Bad credentials".to_owned(),
        Reason::NotFound => "Not Found".to_owned(),
        Reason::UnknownEndpoint => {
            "This endpoint is not in the catalog, so no token reaches it.".to_owned()
        }
        Reason::BadPath => {
            "This path could be read in more than one way, so it is refused.".to_owned()
        }
        Reason::Condition => condition(refusal, token_page),
        Reason::PolicyAccess => {
            format!(
                "{owner} does not allow access by a {}{}. {ask}",
                kind.title(),
                set_by(refusal)
            )
        }
        Reason::PolicyLifetime => lifetime(refusal, kind, owner, token_page),
        Reason::BlockedHere => format!("{owner} blocked this token. {ask}"),
        Reason::NoGrant => {
            format!("This token was not given access to {owner}. Ask for it at {token_page}.")
        }
        Reason::Pending => {
            format!(
                "This token waits for approval by {owner}; until then it reads public resources only. {ask}"
            )
        }
        Reason::Denied => {
            format!("{owner} denied this token. The reason is at {token_page}. {ask}")
        }
        Reason::Revoked => {
            format!("{owner} revoked this token's access. The reason is at {token_page}. {ask}")
        }
        Reason::NotSelected => format!("This token does not name {place}. See {token_page}."),
        Reason::MissingPermission => {
            let needed = sets_words(catalog, &refusal.needed);
            let held = held(catalog, refusal);
            format!(
                "Resource not accessible by personal access token: {place} asks for {needed}; this token holds {held}. \
                 See {token_page}."
            )
        }
        Reason::MissingScope => {
            let scopes = refusal
                .scopes
                .iter()
                .map(|scope| format!("`{}`", catalog.scopes()[scope.index()].name));
            let scopes = scopes.collect::<Vec<_>>().join(" or ");
            if scopes.is_empty() {
                return "A classic token cannot do this: use a fine-grained token.".to_owned();
            }
            format!("This token lacks a scope: {scopes} is needed at {place}. See {token_page}.")
        }
        Reason::NotTargeted => {
            format!(
                "This call names no repository, so it needs a token for all repositories of {owner}. See {token_page}."
            )
        }
        Reason::MissingRole => {
            let needed = sets_words(catalog, &refusal.needed);
            format!(
                "{user}'s own role at {place} is too small for {needed}; a token never does what its user may not. {ask}"
            )
        }
    }
}

fn ask(names: &Names) -> String {
    if names.owners.is_empty() {
        return format!("See {}.", names.token_page);
    }
    format!(
        "Ask an owner of {}: {}.",
        names.owner,
        names.owners.join(", ")
    )
}

fn set_by(refusal: &Refusal) -> &'static str {
    match refusal.violation {
        Some(Violation::Access(Source::Enterprise)) => " (set by its enterprise)",
        _ => "",
    }
}

fn condition(refusal: &Refusal, token_page: &str) -> String {
    let why = match refusal.condition {
        Some(ConditionFailure::Branch) => {
            "This token may write only to some branches, and this call is not to one of them"
        }
        Some(ConditionFailure::Address) | None => "This token may not be used from this address",
    };
    format!("{why}. See {token_page}.")
}

fn lifetime(refusal: &Refusal, kind: TokenKind, owner: &str, token_page: &str) -> String {
    let days = match refusal.violation {
        Some(Violation::Lifetime { days, .. }) => days,
        _ => 0,
    };
    let next = match kind {
        TokenKind::FineGrained => {
            format!("Regenerate it with an earlier end: {token_page}/regenerate")
        }
        TokenKind::Classic => "Make one with a shorter life".to_owned(),
    };
    format!("{owner} allows tokens for at most {days} days; this one lives longer. {next}.")
}

fn held(catalog: &Catalog, refusal: &Refusal) -> String {
    let words = refusal.held.iter().map(|held| {
        let slug = &catalog.permission(held.permission).slug;
        format!(
            "{slug}={}",
            held.level
                .map_or("none", crate::domain::permission::Level::as_str)
        )
    });
    words.collect::<Vec<_>>().join(", ")
}
