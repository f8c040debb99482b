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
    /// The enterprise above the resource owner.
    pub enterprise: String,
    /// Logins of the people who can change something at that enterprise.
    pub enterprise_owners: Vec<String>,
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
        Reason::PolicyAccess => access(refusal, kind, names),
        Reason::PolicyLifetime => lifetime(refusal, names),
        Reason::BlockedHere => {
            format!("{owner} blocked this token. The reason is at {token_page}. {ask}")
        }
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
        Reason::MissingPermission if refusal.needed.is_empty() => {
            format!("No permission opens this call at {place}, so no token may make it.")
        }
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
        Reason::NotTargeted if owner.is_empty() => {
            "This call names nobody whose permission could be looked up, so no token reaches it."
                .to_owned()
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
    ask_at(&names.owner, &names.owners).unwrap_or_else(|| format!("See {}.", names.token_page))
}

fn ask_at(name: &str, owners: &[String]) -> Option<String> {
    (!owners.is_empty()).then(|| format!("Ask an owner of {name}: {}.", owners.join(", ")))
}

/// Who set the policy, as the beginning of a sentence: the resource owner, or the enterprise above it.
fn setter(source: Source, names: &Names) -> String {
    let Names {
        owner, enterprise, ..
    } = names;
    match source {
        Source::Enterprise if enterprise.is_empty() => format!("The enterprise of {owner}"),
        Source::Enterprise if enterprise != owner => {
            format!("{enterprise}, the enterprise of {owner},")
        }
        Source::Enterprise | Source::Organization | Source::Default => owner.clone(),
    }
}

fn access(refusal: &Refusal, kind: TokenKind, names: &Names) -> String {
    let source = match refusal.violation {
        Some(Violation::Access(source)) => source,
        Some(Violation::Lifetime { .. }) | None => Source::Organization,
    };
    let ask = match source {
        Source::Enterprise => ask_at(&names.enterprise, &names.enterprise_owners),
        Source::Organization | Source::Default => ask_at(&names.owner, &names.owners),
    };
    let see = format!("Your token: {}", names.token_page);
    format!(
        "{} does not allow access by {}. {}{see}.",
        setter(source, names),
        tokens_of(kind),
        ask.map_or_else(String::new, |ask| ask + " "),
    )
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

const fn tokens_of(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::FineGrained => "fine-grained tokens",
        TokenKind::Classic => "classic tokens",
    }
}

fn lifetime(refusal: &Refusal, names: &Names) -> String {
    let (days, source) = match refusal.violation {
        Some(Violation::Lifetime { days, source }) => (days, source),
        Some(Violation::Access(_)) | None => (0, Source::Organization),
    };
    format!(
        "{} allows tokens for at most {days} {}; this one lives longer. Regenerate it with an earlier end: \
         {}/regenerate.",
        setter(source, names),
        if days == 1 { "day" } else { "days" },
        names.token_page
    )
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

#[cfg(test)]
mod tests {
    use super::*;

    fn names(enterprise: &str) -> Names {
        Names {
            owner: "acme".to_owned(),
            owners: vec!["olga".to_owned(), "sam".to_owned()],
            enterprise: enterprise.to_owned(),
            enterprise_owners: vec!["eve".to_owned()],
            token_page: "https://grantry.test/settings/tokens/7".to_owned(),
            ..Names::default()
        }
    }

    fn told(reason: Reason, violation: Violation, names: &Names) -> String {
        let refusal = Refusal {
            violation: Some(violation),
            ..Refusal::bare(reason)
        };
        sentence(Catalog::github(), &refusal, TokenKind::Classic, names)
    }

    #[test]
    fn a_policy_is_told_with_who_set_it_who_can_change_it_and_where_to_go() {
        let access = |source| Violation::Access(source);
        let table = [
            (
                told(
                    Reason::PolicyAccess,
                    access(Source::Organization),
                    &names("globex"),
                ),
                "acme does not allow access by classic tokens. Ask an owner of acme: olga, sam. Your \
                 token: https://grantry.test/settings/tokens/7.",
            ),
            (
                told(
                    Reason::PolicyAccess,
                    access(Source::Enterprise),
                    &names("globex"),
                ),
                "globex, the enterprise of acme, does not allow access by classic tokens. Ask an owner \
                 of globex: eve. Your token: https://grantry.test/settings/tokens/7.",
            ),
            (
                told(
                    Reason::PolicyLifetime,
                    Violation::Lifetime {
                        days: 30,
                        source: Source::Enterprise,
                    },
                    &names("globex"),
                ),
                "globex, the enterprise of acme, allows tokens for at most 30 days; this one lives longer. Regenerate it \
                 with an earlier end: https://grantry.test/settings/tokens/7/regenerate.",
            ),
            (
                told(
                    Reason::PolicyLifetime,
                    Violation::Lifetime {
                        days: 1,
                        source: Source::Default,
                    },
                    &names("globex"),
                ),
                "acme allows tokens for at most 1 day; this one lives longer. Regenerate it with an earlier end: \
                 https://grantry.test/settings/tokens/7/regenerate.",
            ),
        ];
        for (told, expected) in table {
            assert_eq!(told, expected);
        }
    }

    #[test]
    fn what_nothing_opens_is_told_without_a_gap() {
        let told = |reason, names: &Names| {
            let refusal = Refusal::bare(reason);
            sentence(Catalog::github(), &refusal, TokenKind::FineGrained, names)
        };
        assert_eq!(
            told(Reason::MissingPermission, &names("")),
            "No permission opens this call at acme, so no token may make it."
        );
        assert_eq!(
            told(Reason::NotTargeted, &Names::default()),
            "This call names nobody whose permission could be looked up, so no token reaches it."
        );
    }

    #[test]
    fn an_enterprises_own_resources_are_not_told_twice() {
        let mut own = names("acme");
        own.owners.clear();
        let told = told(
            Reason::PolicyAccess,
            Violation::Access(Source::Enterprise),
            &own,
        );
        assert!(told.starts_with("acme does not allow access"), "{told}");
        assert!(told.contains("Ask an owner of acme: eve."), "{told}");
    }
}
