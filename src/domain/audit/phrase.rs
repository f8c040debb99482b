//! The language in which people look for entries: `action:repo.create -actor:ana created:>=2026-11-01`.
//!
//! Terms stand side by side and all of them must hold; `-` in front turns one around; quotes keep spaces together. A
//! phrase speaks of names: [`super::Filter`] is the same once it is known what they stand for.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use super::{Operation, Span};
use crate::domain::ids::TokenId;

/// The most characters of a phrase.
pub const LONGEST: usize = 1_000;

/// The most terms of a phrase.
const MOST_TERMS: usize = 20;

/// The fields, as people write them.
const FIELDS: [&str; 9] = [
    "action",
    "actor",
    "user",
    "repo",
    "token_id",
    "hashed_token",
    "created",
    "operation",
    "reason",
];

/// A term that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{term}` {problem}")]
pub struct PhraseError {
    /// The term as it was written, cut where it is very long.
    pub term: String,
    /// What is wrong with it and what would be right.
    pub problem: String,
}

/// What one term asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// This action, or any of its family.
    Action(String),
    /// Done by this person, or by an actor of this kind.
    Actor(String),
    /// About this person.
    User(String),
    /// About this repository, by its full name.
    Repo(String),
    /// About or with this token.
    Token(TokenId),
    /// About or with the secret of this SHA-256 in base64.
    HashedToken(String),
    /// In this stretch of time.
    Created(Span),
    /// Of this kind.
    Operation(Operation),
    /// With this in its reason, or with any.
    Reason(Option<String>),
}

/// One term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Whether it must not hold.
    pub is_negated: bool,
    /// What it asks for.
    pub wish: Wish,
}

/// What somebody looks for, in names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Phrase {
    /// The terms, in the order in which they were written.
    pub terms: Vec<Term>,
}

impl Phrase {
    /// Reads a phrase; an empty one asks for everything.
    ///
    /// # Errors
    /// The first term that cannot be used, and why.
    pub fn parse(text: &str) -> Result<Self, PhraseError> {
        if text.chars().count() > LONGEST {
            return Err(error(
                text,
                format!("is too long: {LONGEST} characters fit"),
            ));
        }
        let is_untypable = |letter: char| letter.is_control() && !letter.is_whitespace();
        if text.contains(is_untypable) {
            let shown = text.replace(is_untypable, "\u{fffd}");
            let problem = "holds a character that cannot be typed: write it again".to_owned();
            return Err(error(&shown, problem));
        }
        let words = split(text)?;
        if let Some(extra) = words.get(MOST_TERMS) {
            let problem = format!("is one term too many: {MOST_TERMS} fit");
            return Err(error(extra, problem));
        }
        let terms = words.iter().map(|word| term(word));
        Ok(Self {
            terms: terms.collect::<Result<_, _>>()?,
        })
    }

    /// The logins that it names.
    pub fn logins(&self) -> impl Iterator<Item = &str> {
        self.terms.iter().filter_map(|term| match &term.wish {
            Wish::Actor(login) | Wish::User(login) => Some(login.as_str()),
            _ => None,
        })
    }

    /// The repositories that it names, as owner and name.
    pub fn repositories(&self) -> impl Iterator<Item = (&str, &str)> {
        self.terms.iter().filter_map(|term| match &term.wish {
            Wish::Repo(name) => name.split_once('/'),
            _ => None,
        })
    }

    /// The hashes of secrets that it names, in base64 with padding.
    pub fn hashes(&self) -> impl Iterator<Item = &str> {
        self.terms.iter().filter_map(|term| match &term.wish {
            Wish::HashedToken(hash) => Some(hash.as_str()),
            _ => None,
        })
    }
}

fn error(term: &str, problem: impl Into<String>) -> PhraseError {
    const SHOWN: usize = 60;
    let mut shown: String = term.chars().take(SHOWN).collect();
    if term.chars().count() > SHOWN {
        shown.push('…');
    }
    PhraseError {
        term: shown,
        problem: problem.into(),
    }
}

/// The words of a phrase; what stands in quotes is one, without the quotes.
fn split(text: &str) -> Result<Vec<String>, PhraseError> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut is_quoted, mut is_word) = (false, false);
    for letter in text.chars() {
        match letter {
            '"' => {
                is_quoted = !is_quoted;
                is_word = true;
            }
            letter if letter.is_whitespace() && !is_quoted => {
                if is_word {
                    words.push(std::mem::take(&mut word));
                }
                is_word = false;
            }
            letter => {
                word.push(letter);
                is_word = true;
            }
        }
    }
    if is_quoted {
        return Err(error(
            &word,
            "begins with a quote that does not end: add `\"`",
        ));
    }
    if is_word {
        words.push(word);
    }
    Ok(words)
}

fn term(word: &str) -> Result<Term, PhraseError> {
    let (is_negated, rest) = word
        .strip_prefix('-')
        .map_or((false, word), |rest| (true, rest));
    let Some((field, value)) = rest.split_once(':') else {
        let fields = FIELDS.map(|field| format!("`{field}:`")).join(", ");
        let problem = format!("says no field: write one of {fields} before it");
        return Err(error(word, problem));
    };
    if value.is_empty() {
        let problem = "says nothing after the colon";
        return Err(error(word, problem));
    }
    let wish = wish(field, value).map_err(|problem| error(word, problem))?;
    Ok(Term { is_negated, wish })
}

fn wish(field: &str, value: &str) -> Result<Wish, String> {
    Ok(match field {
        "action" => Wish::Action(action(value)?),
        "actor" => Wish::Actor(value.to_lowercase()),
        "user" => Wish::User(value.to_lowercase()),
        "repo" => Wish::Repo(repository(value)?),
        "token_id" => Wish::Token(number(value)?),
        "hashed_token" => Wish::HashedToken(hash(value)?),
        "created" => Wish::Created(Span::parse(value)?),
        "operation" => {
            let found = value.parse().map_err(|_| unknown_operation())?;
            Wish::Operation(found)
        }
        "reason" => Wish::Reason((value != "*").then(|| value.to_lowercase())),
        _ => {
            let fields = FIELDS.map(|field| format!("`{field}:`")).join(", ");
            return Err(format!("names no field of the log: use {fields}"));
        }
    })
}

fn unknown_operation() -> String {
    let known = Operation::ALL.iter().map(|word| format!("`{word}`"));
    let known = known.collect::<Vec<_>>().join(", ");
    format!("is no kind of operation: use {known}")
}

/// An action or a family of them: small letters and `_`, with dots between.
fn action(value: &str) -> Result<String, String> {
    let value = value.strip_suffix(".*").unwrap_or(value);
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    if value.split('.').all(is_word) {
        Ok(value.to_owned())
    } else {
        Err("is no action: write one such as `repo.create`, or a family such as `repo`".to_owned())
    }
}

fn repository(value: &str) -> Result<String, String> {
    let parts: Vec<_> = value.split('/').collect();
    match parts[..] {
        [owner, name] if !owner.is_empty() && !name.is_empty() => Ok(value.to_lowercase()),
        _ => Err("is no repository: write its owner and its name, as in `acme/web`".to_owned()),
    }
}

fn number(value: &str) -> Result<TokenId, String> {
    let id = value.parse().ok().filter(|id: &i64| *id > 0);
    id.map(TokenId::new)
        .ok_or_else(|| "is no token's number: write a whole number above 0".to_owned())
}

/// The hash with its padding, however it was written.
fn hash(value: &str) -> Result<String, String> {
    let bytes = STANDARD_NO_PAD.decode(value.trim_end_matches('=')).ok();
    let bytes = bytes.filter(|bytes| bytes.len() == 32);
    bytes.map(|bytes| STANDARD.encode(bytes)).ok_or_else(|| {
        "is no hash: write the SHA-256 of the secret in base64, which has 44 characters".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HASH: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    #[test]
    fn each_field_is_read() {
        let table = [
            ("action:repo.create", Wish::Action("repo.create".to_owned())),
            (
                "action:personal_access_token.*",
                Wish::Action("personal_access_token".to_owned()),
            ),
            ("actor:Ana", Wish::Actor("ana".to_owned())),
            ("user:ana", Wish::User("ana".to_owned())),
            ("repo:Acme/Web", Wish::Repo("acme/web".to_owned())),
            ("token_id:12", Wish::Token(TokenId::new(12))),
            (
                &format!("hashed_token:{HASH}"),
                Wish::HashedToken(HASH.to_owned()),
            ),
            (
                &format!("hashed_token:{}", HASH.trim_end_matches('=')),
                Wish::HashedToken(HASH.to_owned()),
            ),
            ("operation:modify", Wish::Operation(Operation::Modify)),
            ("reason:*", Wish::Reason(None)),
            (
                "reason:\"Too much: really\"",
                Wish::Reason(Some("too much: really".to_owned())),
            ),
        ];
        for (text, wish) in table {
            for is_negated in [false, true] {
                let text = format!("{}{text}", if is_negated { "-" } else { "" });
                let phrase = Phrase::parse(&text).expect("it is read");
                let expected = Term {
                    is_negated,
                    wish: wish.clone(),
                };
                assert_eq!(phrase.terms, [expected], "{text}");
            }
        }
    }

    #[test]
    fn terms_stand_side_by_side() {
        let phrase = Phrase::parse("  actor:ana\tuser:\"bo\"  -operation:access ").expect("read");
        assert_eq!(phrase.terms.len(), 3);
        assert!(phrase.terms[2].is_negated);
        assert_eq!(phrase.logins().collect::<Vec<_>>(), ["ana", "bo"]);
        assert_eq!(Phrase::parse(" "), Ok(Phrase::default()));
    }

    #[test]
    fn every_mistake_names_its_term_and_what_would_be_right() {
        let table = [
            ("deploy", "`deploy` says no field"),
            ("-", "`-` says no field"),
            ("colour:red", "`colour:red` names no field of the log"),
            ("actor:", "`actor:` says nothing after the colon"),
            ("action:Repo.Create", "is no action"),
            ("action:repo..create", "is no action"),
            ("repo:web", "`repo:web` is no repository"),
            ("repo:a/b/c", "is no repository"),
            ("token_id:x", "`token_id:x` is no token's number"),
            ("token_id:-1", "is no token's number"),
            ("token_id:0", "is no token's number"),
            ("hashed_token:abc", "`hashed_token:abc` is no hash"),
            ("created:soon", "`created:soon` holds `soon`"),
            ("-created:2026-02-30", "`-created:2026-02-30` holds"),
            ("operation:read", "is no kind of operation: use `access`"),
            ("reason:\"open", "begins with a quote that does not end"),
        ];
        for (text, expected) in table {
            let error = Phrase::parse(&format!("actor:ana {text}")).expect_err(text);
            assert!(error.to_string().contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn a_phrase_has_an_end() {
        let error = Phrase::parse(&"a".repeat(1_001)).expect_err("too long");
        assert!(error.to_string().len() < 120, "{error}");
        let many = "actor:ana ".repeat(21);
        let error = Phrase::parse(&many).expect_err("too many");
        assert!(error.problem.contains("20 fit"), "{error}");
        assert!(Phrase::parse(&"actor:ana ".repeat(20)).is_ok());
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader(text in "\\PC{0,80}") {
            let read = Phrase::parse(&text);
            if let Err(error) = read {
                prop_assert!(!error.problem.is_empty());
            }
        }

        #[test]
        fn a_quoted_value_comes_back_as_it_was_written(value in "[a-z0-9 :.-]{1,30}") {
            let phrase = Phrase::parse(&format!("reason:\"{value}\"")).expect("it is read");
            prop_assert_eq!(&phrase.terms[0].wish, &Wish::Reason(Some(value)));
        }
    }
}
