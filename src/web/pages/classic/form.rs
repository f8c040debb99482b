//! What the forms of classic tokens hold, as it was sent.
//!
//! | field | holds |
//! |---|---|
//! | `note` | a text |
//! | `scope` (repeated) | names of scopes |
//! | `expires`, `expires-on` | a number of days, `custom` with a date, or `none` |
//! | `number` | the form's one-time number |

use std::collections::BTreeSet;

use super::scopes;
use crate::actions::mint_classic::ClassicDraft;
use crate::domain::catalog::Catalog;
use crate::domain::scope::ScopeSet;
use crate::domain::time::Timestamp;
use crate::domain::token::draft::{Field, Mistake};
use crate::domain::token::expiry::Expiration;
use crate::web::form::Fields;
use crate::web::pages::tokens::form::{Answers, LONGEST_NUMBER};

/// Every mistake: the id of its field, and what is wrong.
pub type Errors = Vec<(String, String)>;

/// What was answered.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    /// The note.
    pub note: String,
    /// The scopes that there are.
    pub scopes: ScopeSet,
    /// Names that no scope has.
    pub unknown: BTreeSet<String>,
    /// The end, and the one-time number.
    pub answers: Answers,
}

impl Typed {
    /// Reads a form as it was sent.
    pub fn read(catalog: &Catalog, fields: &Fields) -> Self {
        let (scopes, unknown) = scopes::read(catalog, fields);
        Self {
            note: fields.get("note").to_owned(),
            scopes,
            unknown,
            answers: Answers {
                expires: fields.get("expires").to_owned(),
                expires_on: fields.get("expires-on").to_owned(),
                number: fields.get("number").to_owned(),
                ..Answers::default()
            },
        }
    }

    /// The token to be, and every mistake that stands before it is even judged.
    pub fn draft(&self, now: Timestamp) -> (ClassicDraft, Errors) {
        let mut errors = self.unknown_scopes();
        let expiration = self.answers.expiration().unwrap_or_else(|message| {
            errors.push(("expiration".to_owned(), message));
            // Any life that can be chosen: the draft is judged for its other mistakes alone.
            Expiration::On(now.plus_days(1).date())
        });
        if self.answers.number.is_empty() || self.answers.number.len() > LONGEST_NUMBER {
            let message = "The form has lost its one-time number: check it and press again.";
            errors.push(("note".to_owned(), message.to_owned()));
        }
        let draft = ClassicDraft {
            note: self.note.clone(),
            scopes: self.scopes,
            expiration,
        };
        (draft, errors)
    }

    /// What is told of names that no scope has.
    pub fn unknown_scopes(&self) -> Errors {
        let told = (!self.unknown.is_empty()).then(|| scopes::unknown_words(&self.unknown));
        let errors = told.map(|message| ("scopes".to_owned(), message));
        errors.into_iter().collect()
    }
}

/// Mistakes of the rules with the ids of their places. Where a name was no scope's, that none is chosen goes without
/// saying.
pub fn told(errors: &mut Errors, mistakes: Vec<Mistake>) {
    for mistake in mistakes {
        let field = match mistake.field {
            Field::Expiration => "expiration",
            Field::Scopes => "scopes",
            _ => "note",
        };
        if !errors.iter().any(|(known, _)| known == field) {
            errors.push((field.to_owned(), mistake.message));
        }
    }
    let order = ["note", "expiration", "scopes"];
    errors.sort_by_key(|(field, _)| order.iter().position(|known| known == field));
}

/// What is wrong at a field; empty when nothing is.
pub fn error_at(errors: &Errors, field: &str) -> String {
    let mut errors = errors.iter();
    let found = errors.find(|(place, _)| place == field);
    found.map_or_else(String::new, |(_, message)| message.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_has_its_place_and_is_told_once() {
        let catalog = Catalog::github();
        let now = Timestamp::from_micros(1_795_176_000_000_000);
        let table: [(&str, &[&str]); 6] = [
            ("note=ci&scope=repo&expires=30&number=n", &[]),
            ("note=ci&scope=repo&expires=soon&number=n", &["expiration"]),
            (
                "note=ci&scope=repo&expires=custom&number=n",
                &["expiration"],
            ),
            ("note=ci&scope=all&expires=30&number=n", &["scopes"]),
            ("note=ci&scope=repo&expires=30", &["note"]),
            ("scope=all&number=n", &["expiration", "scopes"]),
        ];
        for (form, places) in table {
            let typed = Typed::read(catalog, &Fields::parse(form));
            let (_, mut errors) = typed.draft(now);
            told(&mut errors, Vec::new());
            let found: Vec<_> = errors.iter().map(|(place, _)| place.as_str()).collect();
            assert_eq!(found, places, "{form}");
        }
    }
}
