//! What stands in the fields of an account's page: what was typed before a confirmation or a mistake, or what is stored.

use crate::actions::administer::Mistake;
use crate::web::form::Fields;

/// The fields of a page with the mistakes in them.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    fields: Fields,
    mistakes: Vec<Mistake>,
}

impl Typed {
    /// What was typed before the confirmation, or nothing.
    pub fn restored(fields: Option<Fields>) -> Self {
        Self {
            fields: fields.unwrap_or_default(),
            mistakes: Vec::new(),
        }
    }

    /// What goes back to its fields.
    pub fn wrong(fields: &Fields, mistakes: Vec<Mistake>) -> Self {
        Self {
            fields: fields.clone(),
            mistakes,
        }
    }

    /// What a field shows.
    pub fn value<'a>(&'a self, name: &str, stored: &'a str) -> &'a str {
        if self.fields.has(name) {
            self.fields.get(name)
        } else {
            stored
        }
    }

    /// What is wrong with a field; empty where nothing is.
    pub fn error(&self, field: &str) -> &str {
        let found = self.mistakes.iter().find(|mistake| mistake.field == field);
        found.map_or("", |mistake| mistake.message.as_str())
    }

    /// The mistakes as the summary on top of a form lists them.
    pub fn errors(&self) -> Vec<(&'static str, &str)> {
        let pairs = self.mistakes.iter();
        pairs
            .map(|mistake| (mistake.field, mistake.message.as_str()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_goes_before_what_is_stored() {
        let fields = Fields::new([("login", "ana b")]);
        let typed = Typed::wrong(&fields, vec![Mistake::new("login", "No spaces.")]);
        assert_eq!(typed.value("login", "ana"), "ana b");
        assert_eq!(typed.value("name", "Ana"), "Ana");
        assert_eq!(
            (typed.error("login"), typed.error("name")),
            ("No spaces.", "")
        );
        assert_eq!(typed.errors(), [("login", "No spaces.")]);
    }
}
