//! A link that fills the form of a new classic token: `?description=…&scopes=repo,read:org`, as documentation writes it.
//! It only fills. Whatever it names that does not exist is told, never passed over.

use super::expires::{Limits, asked_days};
use super::form::{Errors, Typed};
use super::scopes;
use crate::domain::catalog::Catalog;
use crate::web::form::Fields;

/// What a link may state, each once, with the field that it fills.
const NAMES: [(&str, &str); 3] = [
    ("description", "note"),
    ("scopes", "scopes"),
    ("expires_in", "expiration"),
];

/// Reads a link.
pub fn read(query: &Fields, catalog: &Catalog, limits: Limits<'_>) -> (Typed, Errors) {
    let asked = query.get("scopes").split([',', ' ']);
    let asked = asked.map(str::trim).filter(|name| !name.is_empty());
    let (scopes, unknown) = scopes::find(catalog, asked);
    let mut typed = Typed {
        note: query.get("description").to_owned(),
        scopes,
        unknown,
        ..Typed::default()
    };
    let mut errors = strays(query);
    errors.extend(typed.unknown_scopes());
    match (query.get("expires_in"), asked_days(query.get("expires_in"))) {
        ("", _) => limits.choose_usual(&mut typed.answers),
        ("none", _) => "none".clone_into(&mut typed.answers.expires),
        (_, Some(days)) => limits.choose(&mut typed.answers, days),
        (text, None) => {
            limits.choose_usual(&mut typed.answers);
            let message = format!(
                "The link asks for a life of `{}`: choose 1 to 366 days, or none.",
                short(text)
            );
            errors.push(("expiration".to_owned(), message));
        }
    }
    (typed, errors)
}

/// What the link states more than once, or what the form does not have.
fn strays(query: &Fields) -> Errors {
    let mut errors = Errors::new();
    for (name, _) in query.pairs() {
        let known = NAMES.iter().find(|(known, _)| *known == name);
        let told = match known {
            None => Some(format!(
                "The link states `{}`, which a classic token does not have: it was left out.",
                short(name)
            )),
            Some(_) if query.all(name).len() > 1 => {
                Some(format!("The link states `{name}` more than once."))
            }
            Some(_) => None,
        };
        let field = known.map_or("note", |(_, field)| *field).to_owned();
        errors.extend(told.map(|message| (field, message)));
    }
    errors.dedup();
    errors
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::web::pages::classic::Ground;

    fn link(query: &str) -> (Typed, Vec<String>) {
        let ground = Ground::of_one("acme", 14);
        let limits = Limits {
            ground: &ground,
            exemptions: &[],
            now: Timestamp::from_micros(1_795_176_000_000_000),
        };
        let (typed, errors) = read(&Fields::parse(query), Catalog::github(), limits);
        (typed, errors.into_iter().map(|(field, _)| field).collect())
    }

    #[test]
    fn a_link_fills_the_note_the_scopes_and_the_end() {
        let (typed, errors) = link("description=my+tool&scopes=repo,read:org&expires_in=7");
        assert_eq!((typed.note.as_str(), typed.scopes.len()), ("my tool", 2));
        assert_eq!(typed.answers.expires, "7");
        assert_eq!(errors, [""; 0]);
        let (typed, errors) = link("scopes=repo%20gist");
        assert_eq!(
            (typed.scopes.len(), typed.answers.expires_on.as_str()),
            (2, "2026-12-04")
        );
        assert_eq!(errors, [""; 0], "as long as is refused nowhere");
    }

    #[test]
    fn what_a_link_names_and_does_not_exist_is_told() {
        for (query, field) in [
            ("scopes=repo,everything", "scopes"),
            ("scopes=repo&scopes=gist", "scopes"),
            ("colour=red", "note"),
            ("expires_in=soon", "expiration"),
            ("expires_in=0", "expiration"),
            ("expires_in=367", "expiration"),
        ] {
            assert_eq!(link(query).1, [field], "{query}");
        }
    }
}
