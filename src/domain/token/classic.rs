//! What a classic token is made of, in place of grants: a note and scopes (DOMAIN §2.5).

use super::draft::{Field, LONGEST_NAME, Mistake, mistake};
use crate::domain::catalog::Catalog;
use crate::domain::scope::ScopeSet;

/// A scope that was left out, because another one includes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// Its name.
    pub scope: String,
    /// The name of the scope that includes it.
    pub by: String,
}

impl std::fmt::Display for Dropped {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            out,
            "`{}` was dropped: `{}` includes it",
            self.scope, self.by
        )
    }
}

/// The scopes that are kept of those chosen, and what is dropped.
pub fn simplify(catalog: &Catalog, chosen: ScopeSet) -> (ScopeSet, Vec<Dropped>) {
    let name = |scope| catalog.scope(scope).name.clone();
    let redundant = chosen.redundant(catalog.scopes()).into_iter();
    let dropped = redundant.map(|(scope, by)| Dropped {
        scope: name(scope),
        by: name(by),
    });
    (
        chosen.without_redundant(catalog.scopes()),
        dropped.collect(),
    )
}

/// The names of scopes, in the order of the catalog.
pub fn names(catalog: &'static Catalog, scopes: ScopeSet) -> Vec<&'static str> {
    let named = scopes.iter().map(|scope| catalog.scope(scope));
    named.map(|scope| scope.name.as_str()).collect()
}

/// Everything that is wrong with a note and scopes.
pub fn mistakes(note: &str, scopes: ScopeSet) -> Vec<Mistake> {
    let note = note_problem(note).map(|message| mistake(Field::Name, message));
    let scopes = scopes.is_empty().then(|| {
        let message =
            "Choose at least one scope: without any, the token could only read what is public.";
        mistake(Field::Scopes, message.to_owned())
    });
    note.into_iter().chain(scopes).collect()
}

/// What is told of a note that another live token has.
pub fn taken(note: &str) -> Mistake {
    let message =
        format!("You have a classic token with the note `{note}` already: choose another note.");
    mistake(Field::Name, message)
}

fn note_problem(note: &str) -> Option<String> {
    let note = note.trim();
    match note.chars().count() {
        0 => Some("Give the token a note, such as the job that will use it.".to_owned()),
        length if length > LONGEST_NAME => Some(format!(
            "The note has {length} characters; {LONGEST_NAME} fit."
        )),
        _ if note.chars().any(char::is_control) => {
            Some("The note holds a character that cannot be shown: type it again.".to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> ScopeSet {
        let found = Catalog::github().scope_set(names);
        found.expect("scopes of the catalog")
    }

    #[test]
    fn a_note_says_something_short_that_can_be_shown() {
        let repo = set(&["repo"]);
        assert_eq!(mistakes(" nightly build ", repo), []);
        for bad in ["", "  ", "a\u{7}b", &"n".repeat(41)] {
            let found = mistakes(bad, repo);
            assert_eq!(found.len(), 1, "{bad:?}");
            assert_eq!(found[0].field, Field::Name, "{bad:?}");
        }
    }

    #[test]
    fn a_token_without_a_scope_is_a_mistake() {
        let found = mistakes("nightly", ScopeSet::new());
        let fields: Vec<_> = found.iter().map(|mistake| mistake.field).collect();
        assert_eq!(fields, [Field::Scopes]);
    }

    #[test]
    fn what_is_dropped_says_why() {
        let (kept, dropped) = simplify(Catalog::github(), set(&["repo", "repo:status", "gist"]));
        assert_eq!(names(Catalog::github(), kept), ["repo", "gist"]);
        let told: Vec<_> = dropped.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["`repo:status` was dropped: `repo` includes it"]);
    }
}
