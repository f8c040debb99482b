//! Why an act on a repository was not done, as a page or at its fields.

use crate::actions::repositories::RepositoryError;
use crate::domain::repository::{Field, Mistake};
use crate::web::error::PageError;

/// What a form does with an act that was not done.
#[derive(Debug)]
pub enum Undone {
    /// Shows itself again with these.
    Mistakes(Vec<Mistake>),
    /// Gives way to this page.
    Page(PageError),
}

/// Reads an error; `back` is the page to look at again.
pub fn undone(error: RepositoryError, back: &str) -> Undone {
    Undone::Page(match error {
        RepositoryError::Mistakes(mistakes) => return Undone::Mistakes(mistakes),
        RepositoryError::NotFound => PageError::NotFound,
        RepositoryError::NotAllowed => PageError::Forbidden {
            title: "Your role is too small for this".to_owned(),
            text: "It was changed since you opened the page. Nothing was done; an owner or an admin can do it.".to_owned(),
        },
        RepositoryError::Moved => PageError::Conflict {
            title: "Somebody changed this repository meanwhile".to_owned(),
            text: "Nothing was done. Look at it as it is now, then do it again if it is still right.".to_owned(),
            back: ("Look again".to_owned(), back.to_owned()),
        },
        RepositoryError::Git(error) => PageError::internal(error),
        RepositoryError::Folder(error) => PageError::internal(error),
        RepositoryError::Store(error) => error.into(),
    })
}

/// The mistakes of a form, by field.
#[derive(Debug, Clone, Default)]
pub struct Mistakes(Vec<Mistake>);

impl Mistakes {
    /// These.
    pub const fn new(mistakes: Vec<Mistake>) -> Self {
        Self(mistakes)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong in a field; empty where nothing is.
    pub fn of(&self, field: &str) -> &str {
        self.0
            .iter()
            .find(|mistake| mistake.field.as_str() == field)
            .map_or("", |mistake| mistake.message.as_str())
    }

    /// All of them as the summary on top of a form lists them.
    pub fn listed(&self) -> Vec<(&'static str, &str)> {
        self.0
            .iter()
            .map(|mistake| (Field::as_str(mistake.field), mistake.message.as_str()))
            .collect()
    }
}
