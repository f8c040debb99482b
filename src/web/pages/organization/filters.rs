//! The filter form above a list of requests or tokens, with what is on.

use super::view::{Chip, Mistake, View};
use crate::domain::catalog::{Catalog, Permission};
use crate::domain::permission::Group;

/// What the form shows.
#[derive(Debug)]
pub struct FilterForm {
    /// The view that it holds.
    pub view: View,
    /// The list that it filters.
    pub path: String,
    /// The filters that are on.
    pub chips: Vec<Chip>,
    /// The permissions to choose from, by group.
    pub groups: Vec<(&'static str, Vec<&'static Permission>)>,
    /// The same list with more or fewer rows on a page.
    pub resized: String,
    mistakes: Vec<Mistake>,
}

impl FilterForm {
    /// The form of a list at `path`. At a user's own account only repositories can be reached.
    pub fn new(
        catalog: &'static Catalog,
        view: View,
        path: &str,
        is_own_account: bool,
        mistakes: Vec<Mistake>,
    ) -> Self {
        let groups: &[(&str, Group)] = if is_own_account {
            &[("Repository", Group::Repository)]
        } else {
            &[
                ("Repository", Group::Repository),
                ("Organization", Group::Organization),
            ]
        };
        let groups = groups
            .iter()
            .map(|&(title, group)| (title, catalog.permissions_of(group).collect()));
        Self {
            groups: groups.collect(),
            chips: view.chips(catalog, path),
            path: path.to_owned(),
            resized: view.resized(path),
            view,
            mistakes,
        }
    }

    /// The mistakes as the summary on top lists them.
    pub fn errors(&self) -> Vec<(&'static str, &str)> {
        self.mistakes
            .iter()
            .map(|(field, text)| (*field, text.as_str()))
            .collect()
    }

    /// The mistake in a field; empty where there is none.
    pub fn error(&self, field: &str) -> &str {
        let found = self.mistakes.iter().find(|(known, _)| *known == field);
        found.map_or("", |(_, text)| text)
    }

    /// Whether the less common filters are to be seen at once.
    pub fn is_open(&self) -> bool {
        self.view.uses_more() || self.mistakes.iter().any(|(field, _)| !is_common(field))
    }

    /// The order and length, which the form keeps.
    pub fn kept(&self) -> Vec<(String, String)> {
        pairs(&self.view.kept())
    }

    /// The whole view as hidden fields.
    pub fn hidden(&self) -> Vec<(String, String)> {
        pairs(&self.view.fields())
    }
}

fn is_common(field: &str) -> bool {
    matches!(field, "person" | "token" | "repository")
}

/// Fields as templates write them hidden.
pub fn pairs(fields: &crate::web::form::Fields) -> Vec<(String, String)> {
    fields
        .pairs()
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .collect()
}
