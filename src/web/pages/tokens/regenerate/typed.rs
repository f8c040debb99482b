//! The form that regenerates a token, as it was sent: for both kinds of token.

use crate::actions::create_link::code_hash;
use crate::actions::regenerate::Wish;
use crate::domain::token::rotation::{LONGEST_OVERLAP, Overlap};
use crate::entropy::Entropy;
use crate::web::form::Fields;
use crate::web::pages::tokens::form::{self, Answers};

/// For how many hours the form offers that the old secret goes on.
const OFFERED_HOURS: &str = "24";

/// What was answered.
#[derive(Debug)]
pub struct Typed {
    /// The chosen end, and the one-time number.
    pub answers: Answers,
    /// Whether the old secret goes on.
    pub is_overlapping: bool,
    /// For how many hours.
    pub hours: String,
}

impl Typed {
    /// The form as it begins: with this end, and the old secret stops now.
    pub fn beginning(answers: Answers) -> Self {
        Self {
            answers,
            is_overlapping: false,
            hours: OFFERED_HOURS.to_owned(),
        }
    }

    /// The same with a one-time number, where it has none that fits.
    #[must_use]
    pub fn numbered(mut self, entropy: &dyn Entropy) -> Self {
        let number = &self.answers.number;
        if number.is_empty() || number.len() > form::LONGEST_NUMBER {
            self.answers.number = entropy.code();
        }
        self
    }

    /// Reads the form as it was sent.
    pub fn read(fields: &Fields) -> Self {
        Self {
            answers: Answers {
                expires: fields.get("expires").to_owned(),
                expires_on: fields.get("expires-on").to_owned(),
                number: fields.get("number").to_owned(),
                ..Answers::default()
            },
            is_overlapping: fields.get("old") == "overlap",
            hours: fields.get("hours").to_owned(),
        }
    }

    /// The wish, or every mistake: the id of its field, and what is wrong.
    pub fn wish(&self, old: &str) -> Result<Wish, Vec<(String, String)>> {
        let mut errors = Vec::new();
        let mut tell = |field: &str, message: String| errors.push((field.to_owned(), message));
        if !["stop", "overlap"].contains(&old) {
            tell("old", "Choose what becomes of the old secret.".to_owned());
        }
        let expiration = self.answers.expiration();
        if let Err(message) = &expiration {
            tell("expiration", message.clone());
        }
        let overlap = self
            .is_overlapping
            .then(|| Overlap::parse(&self.hours))
            .transpose();
        if overlap.is_err() {
            tell(
                "hours",
                format!("Write how many hours the old secret goes on: 1 to {LONGEST_OVERLAP}."),
            );
        }
        let number = &self.answers.number;
        if number.is_empty() || number.len() > form::LONGEST_NUMBER {
            tell(
                "expiration",
                "The form has lost its one-time number: load the page again.".to_owned(),
            );
        }
        match (expiration, overlap) {
            (Ok(expiration), Ok(overlap)) if errors.is_empty() => Ok(Wish {
                form_number: code_hash(number),
                expiration,
                overlap,
            }),
            _ => Err(errors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_has_its_place() {
        let table: [(&str, &[&str]); 6] = [
            ("number=n&expires=30&old=stop", &[]),
            ("number=n&expires=30&old=overlap&hours=72", &[]),
            ("number=n&expires=30&old=overlap&hours=73", &["hours"]),
            ("number=n&expires=30&old=overlap&hours=", &["hours"]),
            ("number=n&expires=&old=later", &["old", "expiration"]),
            ("expires=30&old=stop", &["expiration"]),
        ];
        for (form, places) in table {
            let fields = Fields::parse(form);
            let errors = Typed::read(&fields)
                .wish(fields.get("old"))
                .err()
                .unwrap_or_default();
            let found: Vec<_> = errors.iter().map(|(place, _)| place.as_str()).collect();
            assert_eq!(found, places, "{form}");
        }
    }
}
