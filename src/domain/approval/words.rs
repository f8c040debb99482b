//! Why a request or grant could not be decided as asked, in sentences: one text for pages and the API.

use super::RequestState;
use super::decide::{DecideError, RevokeError};
use crate::domain::policy::Source;
use crate::domain::policy::evaluate::Violation;
use crate::domain::time::Timestamp;

/// What happened, as a headline and a sentence or two that say why and what next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The headline, without a full stop.
    pub title: String,
    /// Why, and what next.
    pub text: String,
}

impl Said {
    fn new(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            text: text.into(),
        }
    }
}

/// Whom and what the sentences speak of. Owners see these names anyway.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// The organization.
    pub owner: &'a str,
    /// The login of the person who asked.
    pub user: &'a str,
    /// The token.
    pub token: &'a str,
}

/// A decision that was made before: by whom, when, and the reason given.
#[derive(Debug, Clone, Copy, Default)]
pub struct Past<'a> {
    /// The login of who decided; none for the server and the operator.
    pub by: Option<&'a str>,
    /// When.
    pub at: Option<Timestamp>,
    /// The reason; may be empty.
    pub reason: &'a str,
}

/// Why a request was neither approved nor denied.
pub fn undecided(error: DecideError, names: Names<'_>, past: Past<'_>) -> Said {
    if let DecideError::AlreadyDecided(state) = error {
        return already_decided(state, names, past);
    }
    let said = obstacle(error, names);
    Said {
        text: format!("{} Nothing was changed.", said.text),
        ..said
    }
}

/// What stands against approving a request, also before anybody tries.
pub fn obstacle(error: DecideError, names: Names<'_>) -> Said {
    let Names { owner, user, token } = names;
    match error {
        DecideError::AlreadyDecided(state) => Said::new(
            format!("This request was {state}"),
            "It does not wait any more.",
        ),
        DecideError::Moved => Said::new(
            "This request is out of date",
            format!(
                "What {user}'s token {token} may do at {owner} changed after this request was made, so approving it \
                 would give something else than it shows. {user} has to ask again."
            ),
        ),
        DecideError::UserSuspended => Said::new(
            format!("{user} is suspended"),
            "Nothing can be approved for a suspended person.",
        ),
        DecideError::RelationEnded => Said::new(
            format!("{user} has left {owner}"),
            format!(
                "What let {user} ask here does not hold any more, so the token {token} cannot be let in."
            ),
        ),
        DecideError::TokenEnded => Said::new(
            format!("The token {token} does not exist any more"),
            "It was deleted or revoked, so there is nothing left to approve.",
        ),
        DecideError::TokenExpired => Said::new(
            format!("The token {token} has expired"),
            format!(
                "There is no life left to approve. {user} can regenerate the token and ask again."
            ),
        ),
        DecideError::Policy(violation) => Said::new(
            "A policy stands against this token",
            against(violation, owner),
        ),
    }
}

/// Which policy stands against a token, as a sentence.
pub fn against(violation: Violation, owner: &str) -> String {
    match violation {
        Violation::Access(source) => {
            let setter = setter(source, owner);
            format!("{setter} does not let fine-grained tokens reach {owner}.")
        }
        Violation::Lifetime { days, source } => {
            let setter = setter(source, owner);
            format!("{setter} allows tokens for at most {days} days, and this one lives longer.")
        }
    }
}

fn setter(source: Source, owner: &str) -> String {
    match source {
        Source::Enterprise => format!("The enterprise of {owner}"),
        Source::Organization | Source::Default => owner.to_owned(),
    }
}

fn already_decided(state: RequestState, names: Names<'_>, past: Past<'_>) -> Said {
    let Names { user, token, .. } = names;
    let (title, verb) = match state {
        RequestState::Approved => ("This request was approved already", "approved"),
        RequestState::Denied => ("This request was denied already", "denied"),
        RequestState::Cancelled => ("This request was cancelled", "cancelled"),
        RequestState::Pending => ("This request changed a moment ago", "changed"),
    };
    let happened = happened(&format!("{user}'s request for {token}"), verb, past);
    Said::new(title, format!("{happened} Your decision changed nothing."))
}

/// `olga approved ana's request for ci on 2 Dec 2026 at 10:02 UTC: "Use it well."`
pub fn happened(what: &str, verb: &str, past: Past<'_>) -> String {
    let head = past.by.map_or_else(
        || format!("{what} was {verb}"),
        |by| format!("{by} {verb} {what}"),
    );
    let when = past.at.map_or_else(String::new, |at| {
        format!(" on {}", at.to_utc().format("%-d %b %Y at %H:%M UTC"))
    });
    if past.reason.is_empty() {
        format!("{head}{when}.")
    } else {
        format!("{head}{when}: \"{}\"", past.reason)
    }
}

/// Why a grant was not revoked.
pub fn unrevoked(error: RevokeError, names: Names<'_>, past: Past<'_>) -> Said {
    let Names { owner, user, token } = names;
    match error {
        RevokeError::AlreadyRevoked => {
            let what = format!("{user}'s access by the token {token}");
            Said::new(
                "This access was revoked already",
                format!(
                    "{} Your click changed nothing.",
                    happened(&what, "revoked", past)
                ),
            )
        }
        RevokeError::NothingGranted => Said::new(
            "There is nothing to revoke",
            format!("{owner} never let {user}'s token {token} in. Deny its request instead."),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: Names<'_> = Names {
        owner: "Acme",
        user: "ana",
        token: "ci",
    };

    #[test]
    fn the_second_decider_reads_who_was_first_when_and_why() {
        let past = Past {
            by: Some("sam"),
            at: Some(Timestamp::from_micros(1_795_176_000_000_000)),
            reason: "Use the bot account.",
        };
        let said = undecided(
            DecideError::AlreadyDecided(RequestState::Denied),
            NAMES,
            past,
        );
        assert_eq!(said.title, "This request was denied already");
        assert_eq!(
            said.text,
            "sam denied ana's request for ci on 20 Nov 2026 at 12:00 UTC: \"Use the bot account.\" \
             Your decision changed nothing."
        );
    }

    #[test]
    fn a_request_that_nobody_decided_was_cancelled_by_itself() {
        let error = DecideError::AlreadyDecided(RequestState::Cancelled);
        let said = undecided(error, NAMES, Past::default());
        assert_eq!(
            said.text,
            "ana's request for ci was cancelled. Your decision changed nothing."
        );
    }

    #[test]
    fn a_policy_is_named_with_who_set_it() {
        let lifetime = Violation::Lifetime {
            days: 90,
            source: Source::Organization,
        };
        assert_eq!(
            against(lifetime, "Acme"),
            "Acme allows tokens for at most 90 days, and this one lives longer."
        );
        assert_eq!(
            against(Violation::Access(Source::Enterprise), "Acme"),
            "The enterprise of Acme does not let fine-grained tokens reach Acme."
        );
    }

    #[test]
    fn every_refusal_says_that_nothing_was_changed() {
        let errors = [
            DecideError::AlreadyDecided(RequestState::Approved),
            DecideError::Moved,
            DecideError::UserSuspended,
            DecideError::RelationEnded,
            DecideError::TokenEnded,
            DecideError::TokenExpired,
            DecideError::Policy(Violation::Access(Source::Default)),
        ];
        for error in errors {
            let said = undecided(error, NAMES, Past::default());
            assert!(said.text.contains("changed"), "{said:?}");
            assert!(!said.title.ends_with('.'), "{said:?}");
        }
    }
}
