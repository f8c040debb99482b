//! How the form that regenerates a token is drawn.

use askama::Template;

use crate::web::chrome::{Chrome, Nav};
use crate::web::pages::tokens::dependents::Dependents;
use crate::web::pages::tokens::form::ExpiresView;

/// The page with the form, for both kinds of token.
#[derive(Debug, Template)]
#[template(path = "pages/tokens/regenerate.html")]
pub struct RegeneratePage {
    /// The frame.
    pub chrome: Chrome,
    /// The navigation.
    pub nav: Nav,
    /// The moment of the request.
    pub now: i64,
    /// Where the form goes.
    pub action: String,
    /// The page of the token.
    pub cancel: String,
    /// The one-time number.
    pub number: String,
    /// The choices of an end.
    pub expires: Vec<ExpiresView>,
    /// The day typed beside one of them.
    pub expires_on: String,
    /// What the choice is about.
    pub expires_help: String,
    /// Whether the old secret goes on.
    pub is_overlapping: bool,
    /// For how many hours.
    pub hours: String,
    /// The most hours.
    pub longest: String,
    /// What to look at first.
    pub notes: Vec<String>,
    /// What depends on the old secret.
    pub dependents: Dependents,
    /// Every mistake with the id of its field.
    pub errors: Vec<(String, String)>,
}

impl RegeneratePage {
    fn error(&self, field: &str) -> String {
        let mut errors = self.errors.iter();
        let found = errors.find(|(place, _)| place == field);
        found.map_or_else(String::new, |(_, message)| message.clone())
    }
}
