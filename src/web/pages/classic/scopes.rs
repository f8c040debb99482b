//! The scopes as check boxes, each below the one that includes it.

use std::collections::BTreeSet;

use crate::domain::catalog::Catalog;
use crate::domain::scope::{self, ScopeSet};
use crate::web::form::Fields;

/// The name of the check boxes.
pub const FIELD: &str = "scope";

/// One scope as a check box.
#[derive(Debug, PartialEq, Eq)]
pub struct ScopeView {
    /// Its name.
    pub name: &'static str,
    /// What it lets a token do, and what it includes.
    pub sentence: String,
    /// How far below it stands.
    pub depth: usize,
    /// The names of the scopes that it includes, with spaces between, for the script that locks them.
    pub includes: String,
    /// Whether it is ticked.
    pub is_ticked: bool,
}

/// The scopes of the catalog, ticked as chosen.
pub fn draw(catalog: &'static Catalog, ticked: ScopeSet) -> Vec<ScopeView> {
    let name = |scope| catalog.scope(scope).name.as_str();
    let lines = scope::tree(catalog.scopes()).into_iter();
    let views = lines.map(|line| {
        let includes: Vec<_> = line.includes.iter().map(name).collect();
        let sentence = &line.scope.sentence;
        ScopeView {
            name: line.scope.name.as_str(),
            sentence: if includes.is_empty() {
                sentence.clone()
            } else {
                format!("{sentence} Includes {}.", includes.join(", "))
            },
            depth: line.depth,
            includes: includes.join(" "),
            is_ticked: ticked.contains(line.scope.id),
        }
    });
    views.collect()
}

/// What a token with these scopes can do, a sentence each.
pub fn sentences(catalog: &Catalog, held: ScopeSet) -> Vec<String> {
    let scopes = held.iter().map(|scope| catalog.scope(scope));
    scopes.map(|scope| scope.sentence.clone()).collect()
}

/// The scopes that were ticked, and the names that no scope has.
pub fn read(catalog: &Catalog, fields: &Fields) -> (ScopeSet, BTreeSet<String>) {
    find(catalog, fields.all(FIELD))
}

/// The scopes with these names, and the names that no scope has, short enough to be shown back.
pub fn find<'n>(
    catalog: &Catalog,
    names: impl IntoIterator<Item = &'n str>,
) -> (ScopeSet, BTreeSet<String>) {
    let (mut found, mut unknown) = (ScopeSet::new(), BTreeSet::new());
    for name in names {
        match catalog.find_scope(name) {
            Some(scope) => found.insert(scope.id),
            None => drop(unknown.insert(name.chars().take(40).collect())),
        }
    }
    (found, unknown)
}

/// The sentence on names that no scope has.
pub fn unknown_words(unknown: &BTreeSet<String>) -> String {
    let names: Vec<_> = unknown
        .iter()
        .take(3)
        .map(|name| format!("`{name}`"))
        .collect();
    let names = names.join(", ");
    format!("There is no scope {names}: choose among those below.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parent_says_what_it_includes_and_stands_above_it() {
        let catalog = Catalog::github();
        let ticked = catalog.scope_set(&["write:org"]).expect("it is there");
        let views = draw(catalog, ticked);
        let at = |name: &str| views.iter().find(|view| view.name == name);
        let org = at("admin:org").expect("it is drawn");
        assert_eq!(org.includes, "write:org read:org manage_runners:org");
        assert!(
            org.sentence
                .ends_with("Includes write:org, read:org, manage_runners:org.")
        );
        assert_eq!((org.depth, org.is_ticked), (0, false));
        let write = at("write:org").expect("it is drawn");
        assert_eq!((write.depth, write.is_ticked), (1, true));
        assert!(
            !at("gist")
                .expect("it is drawn")
                .sentence
                .contains("Includes")
        );
    }

    #[test]
    fn names_that_no_scope_has_are_told_apart() {
        let catalog = Catalog::github();
        let fields = Fields::parse("scope=repo&scope=everything&scope=&scope=repo");
        let (found, unknown) = read(catalog, &fields);
        assert_eq!(found, catalog.scope_set(&["repo"]).expect("it is there"));
        let unknown: Vec<_> = unknown.into_iter().collect();
        assert_eq!(unknown, ["", "everything"]);
    }
}
