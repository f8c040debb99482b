//! A phrase whose names were looked up: whether an entry fits, and what of it a store can walk an index by.

use std::collections::HashMap;

use super::phrase::{Phrase, Wish};
use super::{Action, ActorKind, Entry, Operation, Span};
use crate::domain::ids::{AccountId, RepositoryId, TokenId};

/// What the names in a phrase stand for now. A name that stands for nothing is absent.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// People and organizations by their logins, in small letters.
    pub accounts: HashMap<String, AccountId>,
    /// Repositories by their full names, in small letters.
    pub repositories: HashMap<String, RepositoryId>,
    /// Tokens by the hash of a secret of theirs, in base64.
    pub tokens: HashMap<String, TokenId>,
}

/// One condition on an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Condition {
    Action(String),
    Actor {
        account: Option<AccountId>,
        kind: Option<ActorKind>,
    },
    User(Option<AccountId>),
    Repo {
        id: Option<RepositoryId>,
        name: String,
    },
    Token(TokenId),
    HashedToken {
        hash: String,
        token: Option<TokenId>,
    },
    Created(Span),
    Operation(Operation),
    Reason(Option<String>),
}

impl Condition {
    fn of(wish: &Wish, known: &Known) -> Self {
        let account = |login: &String| known.accounts.get(login).copied();
        match wish {
            Wish::Action(family) => Self::Action(family.clone()),
            Wish::Actor(login) => Self::Actor {
                account: account(login),
                kind: match login.as_str() {
                    "operator" => Some(ActorKind::Operator),
                    "system" => Some(ActorKind::System),
                    _ => None,
                },
            },
            Wish::User(login) => Self::User(account(login)),
            Wish::Repo(name) => Self::Repo {
                id: known.repositories.get(name).copied(),
                name: name.clone(),
            },
            Wish::Token(id) => Self::Token(*id),
            Wish::HashedToken(hash) => Self::HashedToken {
                hash: hash.clone(),
                token: known.tokens.get(hash).copied(),
            },
            Wish::Created(span) => Self::Created(*span),
            Wish::Operation(operation) => Self::Operation(*operation),
            Wish::Reason(reason) => Self::Reason(reason.clone()),
        }
    }

    fn holds(&self, entry: &Entry) -> bool {
        match self {
            Self::Action(family) => is_of_family(&entry.action, family),
            Self::Actor { account, kind } => {
                (account.is_some() && entry.actor.user == *account)
                    || Some(entry.actor.kind) == *kind
            }
            Self::User(account) => account.is_some() && entry.user == *account,
            Self::Repo { id, name } => {
                let recorded = entry.text("repo").map(str::to_lowercase);
                match id {
                    Some(_) => entry.repository == *id,
                    None => recorded.as_ref() == Some(name),
                }
            }
            Self::Token(id) => [entry.token, entry.actor.token].contains(&Some(*id)),
            Self::HashedToken { hash, .. } => entry.text("hashed_token") == Some(hash),
            Self::Created(span) => span.holds(entry.at),
            Self::Operation(operation) => {
                let action: Option<Action> = entry.action.parse().ok();
                action.is_some_and(|action| action.operation() == *operation)
            }
            Self::Reason(None) => entry.text("reason").is_some(),
            Self::Reason(Some(part)) => entry
                .text("reason")
                .is_some_and(|reason| reason.to_lowercase().contains(part)),
        }
    }

    /// Whether no entry at all can fit it.
    fn is_void(&self) -> bool {
        match self {
            Self::Actor { account, kind } => account.is_none() && kind.is_none(),
            Self::User(account) => account.is_none(),
            Self::HashedToken { token, .. } => token.is_none(),
            _ => false,
        }
    }
}

/// Whether an action is this one, or of the family that it begins with.
fn is_of_family(action: &str, family: &str) -> bool {
    action
        .strip_prefix(family)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Which entries are looked for. The empty one takes all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    terms: Vec<(bool, Condition)>,
}

impl Filter {
    /// A phrase with what its names stand for.
    pub fn of(phrase: &Phrase, known: &Known) -> Self {
        let terms = phrase.terms.iter();
        let terms = terms.map(|term| (term.is_negated, Condition::of(&term.wish, known)));
        Self {
            terms: terms.collect(),
        }
    }

    /// The same, for what git did or for everything else.
    #[must_use]
    pub fn git(mut self, is_git: bool) -> Self {
        self.terms
            .push((!is_git, Condition::Action("git".to_owned())));
        self
    }

    /// The same, from a moment on.
    #[must_use]
    pub fn since(mut self, from: Option<crate::domain::time::Timestamp>) -> Self {
        let span = Span { from, until: None };
        self.terms.push((false, Condition::Created(span)));
        self
    }

    /// Whether an entry is looked for.
    pub fn takes(&self, entry: &Entry) -> bool {
        let mut terms = self.terms.iter();
        terms.all(|(is_negated, condition)| condition.holds(entry) != *is_negated)
    }

    /// Whether nothing can be found.
    pub fn is_void(&self) -> bool {
        self.positive().any(Condition::is_void) || self.actions().is_empty()
    }

    /// The stretch of time that every entry found lies in.
    pub fn span(&self) -> Span {
        self.positive()
            .fold(Span::default(), |span, condition| match condition {
                Condition::Created(more) => span.and(*more),
                _ => span,
            })
    }

    /// The token that every entry found names.
    pub fn token(&self) -> Option<TokenId> {
        self.positive().find_map(|condition| match condition {
            Condition::Token(id) => Some(*id),
            Condition::HashedToken { token, .. } => *token,
            _ => None,
        })
    }

    /// The repository that every entry found names; none where one is looked for by a name that nothing has any more.
    pub fn repository(&self) -> Option<RepositoryId> {
        self.positive().find_map(|condition| match condition {
            Condition::Repo { id, .. } => *id,
            _ => None,
        })
    }

    /// The person whom every entry found is about.
    pub fn user(&self) -> Option<AccountId> {
        self.positive().find_map(|condition| match condition {
            Condition::User(account) => *account,
            _ => None,
        })
    }

    /// The person who did everything that is found.
    pub fn actor(&self) -> Option<AccountId> {
        self.positive().find_map(|condition| match condition {
            Condition::Actor {
                account,
                kind: None,
            } => *account,
            _ => None,
        })
    }

    /// The known actions that can be found.
    pub fn actions(&self) -> Vec<Action> {
        let fits = |action: &Action| {
            self.terms.iter().all(|(is_negated, condition)| {
                let holds = match condition {
                    Condition::Action(family) => is_of_family(action.as_str(), family),
                    Condition::Operation(operation) => action.operation() == *operation,
                    _ => return true,
                };
                holds != *is_negated
            })
        };
        Action::ALL.iter().copied().filter(fits).collect()
    }

    fn positive(&self) -> impl Iterator<Item = &Condition> {
        let positive = self.terms.iter().filter(|(is_negated, _)| !is_negated);
        positive.map(|(_, condition)| condition)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::entry::tests::entry;
    use super::*;

    const HASH: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    fn known() -> Known {
        Known {
            accounts: [("ana", 1), ("bo", 2)]
                .map(|(login, id)| (login.to_owned(), AccountId::new(id)))
                .into(),
            repositories: [("acme/web".to_owned(), RepositoryId::new(6))].into(),
            tokens: [(HASH.to_owned(), TokenId::new(5))].into(),
        }
    }

    fn filter(text: &str) -> Filter {
        Filter::of(&Phrase::parse(text).expect("it is read"), &known())
    }

    /// By ana about bo, token 5, repository 6, at 2026-10-01 12:00.
    fn subject() -> Entry {
        let mut entry = entry("personal_access_token.access_revoked");
        entry
            .data
            .insert("reason".to_owned(), Value::from("Left the Team"));
        entry
            .data
            .insert("hashed_token".to_owned(), Value::from(HASH));
        entry
    }

    #[test]
    fn each_term_takes_what_it_says_and_its_negation_the_rest() {
        let table = [
            ("action:personal_access_token.access_revoked", true),
            ("action:personal_access_token", true),
            ("action:personal_access", false),
            ("action:repo", false),
            ("actor:ana", true),
            ("actor:bo", false),
            ("actor:nobody", false),
            ("actor:operator", false),
            ("user:bo", true),
            ("user:ana", false),
            ("repo:acme/web", true),
            ("repo:acme/gone", false),
            ("token_id:5", true),
            ("token_id:6", false),
            (&format!("hashed_token:{HASH}"), true),
            ("created:2026-10-01", true),
            ("created:<2026-10-01", false),
            ("operation:remove", true),
            ("operation:create", false),
            ("reason:team", true),
            ("reason:\"left the\"", true),
            ("reason:*", true),
            ("reason:other", false),
        ];
        for (text, takes) in table {
            assert_eq!(filter(text).takes(&subject()), takes, "{text}");
            assert_ne!(
                filter(&format!("-{text}")).takes(&subject()),
                takes,
                "-{text}"
            );
        }
        assert!(filter("").takes(&subject()));
        assert!(filter("actor:ana user:bo").takes(&subject()));
        assert!(!filter("actor:ana user:ana").takes(&subject()));
    }

    #[test]
    fn a_repository_that_is_gone_is_found_by_the_name_it_had() {
        let mut entry = subject();
        entry
            .data
            .insert("repo".to_owned(), Value::from("Acme/Gone"));
        assert!(filter("repo:acme/gone").takes(&entry));
    }

    #[test]
    fn a_token_is_found_also_where_it_acted() {
        let mut entry = subject();
        entry.token = None;
        entry.actor.token = Some(TokenId::new(5));
        assert!(filter("token_id:5").takes(&entry));
    }

    #[test]
    fn what_an_index_can_serve_is_told() {
        let all = filter(
            "token_id:9 repo:acme/web user:bo actor:ana created:>=2026-10-01 created:<2026-11-01",
        );
        assert_eq!(all.token(), Some(TokenId::new(9)));
        assert_eq!(all.repository(), Some(RepositoryId::new(6)));
        assert_eq!(
            (all.user(), all.actor()),
            (Some(AccountId::new(2)), Some(AccountId::new(1)))
        );
        let span = all.span();
        assert!(span.from.is_some() && span.until.is_some());
        let negated = filter("-token_id:9 -repo:acme/web -user:bo -actor:ana -created:2026-10-01");
        assert_eq!((negated.token(), negated.repository()), (None, None));
        assert_eq!(
            (negated.user(), negated.actor(), negated.span()),
            (None, None, Span::default())
        );
        assert_eq!(
            filter(&format!("hashed_token:{HASH}")).token(),
            Some(TokenId::new(5))
        );
    }

    #[test]
    fn the_actions_that_can_be_found_are_those_that_every_term_leaves() {
        assert_eq!(filter("").actions().len(), Action::ALL.len());
        assert_eq!(
            filter("action:repo.create").actions(),
            [Action::RepositoryCreate]
        );
        let git = filter("action:git operation:access").actions();
        assert!(git.iter().all(|action| action.is_decision()) && git.len() == 3);
        assert!(!filter("-action:git").actions().contains(&Action::GitFetch));
        assert_eq!(Filter::default().git(true).actions().len(), 4);
        assert!(
            !Filter::default()
                .git(false)
                .actions()
                .contains(&Action::GitPush)
        );
    }

    #[test]
    fn what_can_find_nothing_says_so() {
        for text in [
            "actor:nobody",
            "user:nobody",
            "action:nothing",
            "action:repo action:org",
        ] {
            assert!(filter(text).is_void(), "{text}");
        }
        for text in [
            "",
            "-actor:nobody",
            "actor:system",
            "repo:acme/gone",
            "token_id:77",
        ] {
            assert!(!filter(text).is_void(), "{text}");
        }
    }
}
