//! The one field of a decision's form: the reason.

use crate::actions::refuse::{self, ReviewError};
use crate::web::form::Fields;

/// What the field holds, with the mistake in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// What was typed.
    pub reason: String,
    /// What is wrong with it; empty where nothing is.
    pub error: String,
}

impl Typed {
    /// What was typed before the confirmation, or nothing.
    pub fn restored(fields: Option<&Fields>) -> Self {
        Self {
            reason: fields.map_or("", |fields| fields.get("reason")).to_owned(),
            error: String::new(),
        }
    }

    /// The field as it goes back to whoever typed too much; nothing where it can be taken.
    pub fn mistake(fields: &Fields) -> Option<Self> {
        let error: ReviewError = refuse::reason(fields.get("reason")).err()?;
        Some(Self {
            reason: fields.get("reason").to_owned(),
            error: crate::web::filters::titled(format!("{error}.")),
        })
    }

    /// The mistakes as the summary on top of a form lists them.
    pub fn errors(&self) -> Vec<(&'static str, &str)> {
        let wrong = (!self.error.is_empty()).then_some(("reason", self.error.as_str()));
        wrong.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_that_is_too_long_goes_back_as_it_was_typed() {
        let fits = Fields::new([("reason", "a".repeat(1_024))]);
        assert_eq!(Typed::mistake(&fits), None);
        let long = Fields::new([("reason", "a".repeat(1_025))]);
        let typed = Typed::mistake(&long).expect("it is too long");
        assert_eq!(typed.reason.len(), 1_025);
        assert_eq!(
            typed.errors(),
            [("reason", "The reason has 1025 characters; 1024 fit.")]
        );
    }
}
