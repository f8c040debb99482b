//! Says in plain words what a token can do: for its user while the form is filled in, and for the owners who decide.
//!
//! One generator for all of them, so that nobody approves another sentence than the one that was asked for.

use crate::domain::approval::request::Ask;
use crate::domain::catalog::{Catalog, Permission};
use crate::domain::permission::{Group, Level};
use crate::domain::selection::Selection;
use crate::domain::time::Timestamp;

/// So many repositories are named one by one; more are counted.
const NAMED: usize = 3;

/// What a token has, or asks for, at one owner, with the names that sentences need.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// The owner's login.
    pub owner: &'a str,
    /// The full names of the selected repositories, `acme/web`; empty unless the selection lists some.
    pub repositories: &'a [String],
    /// What is asked.
    pub ask: &'a Ask,
}

/// What the token can do at this owner, and the one thing about code that it cannot.
pub fn sentences(catalog: &Catalog, part: &Part<'_>) -> Vec<String> {
    let place = place(part);
    let mut sentences = vec![in_repositories(catalog, part, &place)];
    for group in [Group::Organization, Group::Account, Group::Enterprise] {
        let acts = acts(catalog, part.ask, group);
        if !acts.is_empty() {
            sentences.push(format!("Can {} at {}.", join(&acts), part.owner));
        }
    }
    sentences.extend(about_code(catalog, part.ask));
    sentences
}

/// `Ends 20 Dec 2026.`, or that it never does.
pub fn life(expires_at: Option<Timestamp>) -> String {
    match expires_at {
        Some(end) => format!("Ends {}.", date(end)),
        None => "Never ends.".to_owned(),
    }
}

/// `20 Dec 2026`, the UTC day of a moment.
pub fn date(at: Timestamp) -> String {
    at.to_utc().format("%-d %b %Y").to_string()
}

/// Who must agree before it works at an owner.
pub fn approval(owner: &str, reviewers: &[String]) -> String {
    match reviewers {
        [] => format!("An owner of {owner} must approve, and it has none at present."),
        [one] if one == owner => format!("{owner} must approve."),
        several => format!("{owner}'s owners must approve: {}.", several.join(", ")),
    }
}

/// A selection in two or three words: `2 repositories`, `all repositories`, `public only`.
pub fn selection(kind: crate::domain::selection::SelectionKind, listed: usize) -> String {
    use crate::domain::selection::SelectionKind;
    match (kind, listed) {
        (SelectionKind::Public, _) => "public only".to_owned(),
        (SelectionKind::All, _) => "all repositories".to_owned(),
        (SelectionKind::Selected, 0) => "no repository left".to_owned(),
        (SelectionKind::Selected, 1) => "1 repository".to_owned(),
        (SelectionKind::Selected, some) => format!("{some} repositories"),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub fn join<S: AsRef<str>>(words: &[S]) -> String {
    match words {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

fn in_repositories(catalog: &Catalog, part: &Part<'_>, place: &str) -> String {
    let acts = acts(catalog, part.ask, Group::Repository);
    if !acts.is_empty() {
        return format!("Can {} in {place}.", join(&acts));
    }
    let only_seen = part
        .ask
        .permissions
        .iter()
        .any(|(permission, _)| catalog.permission(permission).group == Group::Repository);
    if only_seen {
        format!(
            "Can see that {place} exist{}, and nothing in {}.",
            s(part),
            it(part)
        )
    } else {
        format!("Can read what is public at {}.", part.owner)
    }
}

/// The ending of a verb whose subject is the place.
fn s(part: &Part<'_>) -> &'static str {
    if is_one(part) { "s" } else { "" }
}

fn it(part: &Part<'_>) -> &'static str {
    if is_one(part) { "it" } else { "them" }
}

fn is_one(part: &Part<'_>) -> bool {
    matches!(part.ask.selection, Selection::All) || part.repositories.len() == 1
}

fn place(part: &Part<'_>) -> String {
    match &part.ask.selection {
        Selection::Public => format!("public repositories of {}", part.owner),
        Selection::All => format!("every repository of {}, now and later", part.owner),
        Selection::Selected(_) => match part.repositories {
            [] => format!("no repository of {} yet", part.owner),
            few if few.len() <= NAMED => join(few),
            many => format!("{} repositories of {}", many.len(), part.owner),
        },
    }
}

/// What the permissions of a group allow, as the catalog says it; what comes by itself goes without saying.
fn acts<'c>(catalog: &'c Catalog, ask: &Ask, group: Group) -> Vec<&'c str> {
    ask.permissions
        .iter()
        .map(|(permission, level)| (catalog.permission(permission), level))
        .filter(|(permission, _)| permission.group == group && !permission.automatic)
        .filter_map(|(permission, level)| can(permission, level))
        .collect()
}

fn can(permission: &Permission, level: Level) -> Option<&str> {
    permission
        .level_covering(level)
        .map(|rule| rule.can.as_str())
}

/// The limit that people ask for first: whether code can be read or pushed. Said only where repositories are reached.
fn about_code(catalog: &Catalog, ask: &Ask) -> Option<String> {
    if acts(catalog, ask, Group::Repository).is_empty() {
        return None;
    }
    let contents = catalog.find_permission("contents")?;
    let missing = match ask.permissions.level_of(contents.id) {
        None => Level::Read,
        Some(Level::Read) => Level::Write,
        Some(_) => return None,
    };
    can(contents, missing).map(|what| format!("Cannot {what}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::approval::request::Terms;
    use crate::domain::ids::RepositoryId;
    use crate::domain::permission::PermissionSet;
    use crate::domain::token::conditions::Conditions;
    use crate::domain::token::draft::with_automatic;
    use crate::domain::token::expiry::Lifetime;

    fn ask(selection: Selection, permissions: &[(&str, Level)]) -> Ask {
        let catalog = Catalog::github();
        let chosen: PermissionSet = permissions
            .iter()
            .map(|(slug, level)| (catalog.find_permission(slug).expect("it exists").id, *level))
            .collect();
        let terms = Terms {
            lifetime: Lifetime::days(30),
            allows_rotation: false,
            conditions: Conditions::default(),
        };
        let permissions = with_automatic(catalog, &selection, &chosen);
        Ask {
            selection,
            permissions,
            terms,
        }
    }

    fn some(count: i64) -> Selection {
        Selection::Selected((1..=count).map(RepositoryId::new).collect())
    }

    fn said(ask: &Ask, repositories: &[&str]) -> String {
        let repositories: Vec<_> = repositories.iter().map(|&name| name.to_owned()).collect();
        let part = Part {
            owner: "acme",
            repositories: &repositories,
            ask,
        };
        sentences(Catalog::github(), &part).join(" ")
    }

    #[test]
    fn a_summary_names_acts_and_places_and_what_it_cannot_do_with_code() {
        use Level::{Read, Write};
        let table: [(Ask, &[&str], &str); 8] = [
            (
                ask(some(1), &[("issues", Read)]),
                &["acme/web"],
                "Can read issues in acme/web. Cannot read code.",
            ),
            (
                ask(some(2), &[("issues", Write), ("contents", Read)]),
                &["acme/api", "acme/web"],
                "Can read code and write issues in acme/api and acme/web. Cannot push code.",
            ),
            (
                ask(some(1), &[("contents", Write)]),
                &["acme/web"],
                "Can push code in acme/web.",
            ),
            (
                ask(some(4), &[("contents", Write)]),
                &["acme/a", "acme/b", "acme/c", "acme/d"],
                "Can push code in 4 repositories of acme.",
            ),
            (
                ask(Selection::All, &[("issues", Read)]),
                &[],
                "Can read issues in every repository of acme, now and later. Cannot read code.",
            ),
            (
                ask(Selection::Public, &[]),
                &[],
                "Can read what is public at acme.",
            ),
            (
                ask(some(1), &[]),
                &["acme/web"],
                "Can see that acme/web exists, and nothing in it.",
            ),
            (
                ask(some(2), &[]),
                &["acme/a", "acme/b"],
                "Can see that acme/a and acme/b exist, and nothing in them.",
            ),
        ];
        for (ask, repositories, expected) in table {
            assert_eq!(said(&ask, repositories), expected);
        }
    }

    #[test]
    fn an_organizations_own_permissions_are_told_apart() {
        let ask = ask(Selection::Public, &[("members", Level::Read)]);
        let said = said(&ask, &[]);
        assert!(
            said.starts_with("Can read what is public at acme. Can "),
            "{said}"
        );
        assert!(said.ends_with(" at acme."), "{said}");
    }

    #[test]
    fn the_end_and_the_reviewers_are_named() {
        let end = Timestamp::from_micros(1_797_768_000_000_000);
        assert_eq!(life(Some(end)), "Ends 20 Dec 2026.");
        assert_eq!(life(None), "Never ends.");
        let owners = ["olga".to_owned(), "sam".to_owned()];
        assert_eq!(
            approval("acme", &owners),
            "acme's owners must approve: olga, sam."
        );
        assert_eq!(approval("ana", &["ana".to_owned()]), "ana must approve.");
    }

    #[test]
    fn words_are_joined_as_people_do() {
        assert_eq!(join::<&str>(&[]), "");
        assert_eq!(join(&["a"]), "a");
        assert_eq!(join(&["a", "b"]), "a and b");
        assert_eq!(join(&["a", "b", "c"]), "a, b and c");
    }
}
