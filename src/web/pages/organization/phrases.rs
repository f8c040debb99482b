//! How owners read of permissions and repositories: a few words in a list, a line each on a page.

use crate::domain::access::rights::Relation;
use crate::domain::catalog::Catalog;
use crate::domain::permission::Level;
use crate::domain::selection::SelectionKind;
use crate::domain::token::summary;
use crate::store::reviews::Addition;

/// So many repositories are named in a list; more are counted.
const NAMED: usize = 3;

/// `Issues: write`; a permission that the catalog does not know any more goes by its published name.
pub fn permission(catalog: &Catalog, slug: &str, level: Level) -> String {
    let title = catalog
        .find_permission(slug)
        .map_or(slug, |permission| permission.title.as_str());
    format!("{title}: {level}")
}

/// What a request adds, a line each: `Issues: write`, `Contents: write (was read)`. What comes by itself is told only
/// where there is nothing else.
pub fn additions(catalog: &Catalog, additions: &[Addition]) -> Vec<String> {
    let added = additions
        .iter()
        .filter(|addition| addition.before.is_none_or(|before| before < addition.asked));
    let lines = added.map(|addition| {
        let line = permission(catalog, &addition.permission, addition.asked);
        let line = match addition.before {
            Some(before) => format!("{line} (was {before})"),
            None => line,
        };
        (addition.permission.as_str(), line)
    });
    without_automatic(catalog, lines.collect())
}

/// What a grant gives, a line each.
pub fn held(catalog: &Catalog, permissions: &[(String, Level)]) -> Vec<String> {
    let lines = permissions
        .iter()
        .map(|(slug, level)| (slug.as_str(), permission(catalog, slug, *level)));
    without_automatic(catalog, lines.collect())
}

/// How much of what a grant gives was not used lately: `2 of 5 permissions unused`; nothing where all was. What comes
/// by itself counts for nothing.
pub fn unused(
    catalog: &Catalog,
    held: &[(String, Level)],
    is_used: impl Fn(&str) -> bool,
) -> String {
    let is_automatic = |slug: &str| {
        catalog
            .find_permission(slug)
            .is_some_and(|permission| permission.automatic)
    };
    let chosen: Vec<_> = held
        .iter()
        .filter(|(slug, _)| !is_automatic(slug))
        .collect();
    let unused = chosen.iter().filter(|(slug, _)| !is_used(slug)).count();
    match (unused, chosen.len()) {
        (0, _) => String::new(),
        (1, 1) => "Its only permission is unused".to_owned(),
        (some, all) if some == all => format!("All {all} permissions unused"),
        (some, all) => format!("{some} of {all} permissions unused"),
    }
}

fn without_automatic(catalog: &Catalog, lines: Vec<(&str, String)>) -> Vec<String> {
    let is_automatic = |slug: &str| {
        catalog
            .find_permission(slug)
            .is_some_and(|permission| permission.automatic)
    };
    let has_more = lines.iter().any(|(slug, _)| !is_automatic(slug));
    lines
        .into_iter()
        .filter(|(slug, _)| !has_more || !is_automatic(slug))
        .map(|(_, line)| line)
        .collect()
}

/// The highest level that a request adds or raises to.
pub fn highest_added(additions: &[Addition]) -> Option<Level> {
    additions
        .iter()
        .filter(|addition| addition.before.is_none_or(|before| before < addition.asked))
        .map(|addition| addition.asked)
        .max()
}

/// The repositories of a selection: named where they are few.
pub fn repositories(owner: &str, kind: SelectionKind, names: &[String]) -> String {
    if kind != SelectionKind::Selected || names.is_empty() {
        return sentence_case(&summary::selection(kind, names.len()));
    }
    let full = |name: &String| format!("{owner}/{name}");
    if names.len() <= NAMED {
        return summary::join(&names.iter().map(full).collect::<Vec<_>>());
    }
    let mut some: Vec<_> = names.iter().take(NAMED - 1).map(full).collect();
    some.push(format!("{} more", names.len() + 1 - NAMED));
    summary::join(&some)
}

/// What a person is to an organization.
pub fn relation(relation: Relation, organization: &str) -> String {
    match relation {
        Relation::Own => "The account itself".to_owned(),
        Relation::Owner => format!("Owner of {organization}"),
        Relation::Member => format!("Member of {organization}"),
        Relation::Collaborator => {
            format!("Outside collaborator: has a role on some of {organization}'s repositories, and no membership")
        }
        Relation::Sister => {
            "Member of another organization of the same enterprise: reaches internal repositories only".to_owned()
        }
        Relation::EnterpriseOwner => "Owner of the enterprise".to_owned(),
    }
}

/// The first letter in upper case.
pub fn sentence_case(text: &str) -> String {
    crate::web::filters::titled(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::RequestId;

    fn addition(slug: &str, before: Option<Level>, asked: Level) -> Addition {
        Addition {
            request_id: RequestId::new(1),
            permission: slug.to_owned(),
            before,
            asked,
            granted: None,
        }
    }

    #[test]
    fn a_list_tells_what_is_new_and_what_is_raised() {
        let asked = [
            addition("metadata", None, Level::Read),
            addition("issues", None, Level::Write),
            addition("contents", Some(Level::Read), Level::Write),
            addition("checks", Some(Level::Read), Level::Read),
        ];
        assert_eq!(
            additions(Catalog::github(), &asked),
            ["Issues: write", "Contents: write (was read)"]
        );
        assert_eq!(highest_added(&asked), Some(Level::Write));
        assert_eq!(
            additions(Catalog::github(), &asked[..1]),
            ["Metadata: read"]
        );
    }

    #[test]
    fn a_permission_that_left_the_catalog_goes_by_its_published_name() {
        assert_eq!(
            permission(Catalog::github(), "teleportation", Level::Read),
            "teleportation: read"
        );
    }

    #[test]
    fn what_was_not_used_is_counted_without_what_comes_by_itself() {
        let held: Vec<_> = ["metadata", "issues", "contents"]
            .map(|slug| (slug.to_owned(), Level::Read))
            .to_vec();
        let told = |used: &[&str]| unused(Catalog::github(), &held, |slug| used.contains(&slug));
        assert_eq!(told(&["issues", "contents"]), "");
        assert_eq!(told(&["issues"]), "1 of 2 permissions unused");
        assert_eq!(told(&[]), "All 2 permissions unused");
    }

    #[test]
    fn few_repositories_are_named_and_many_are_counted() {
        let names: Vec<_> = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
        let told = |count: usize| repositories("acme", SelectionKind::Selected, &names[..count]);
        assert_eq!(told(0), "No repository left");
        assert_eq!(told(2), "acme/a and acme/b");
        assert_eq!(told(3), "acme/a, acme/b and acme/c");
        assert_eq!(told(4), "acme/a, acme/b and 2 more");
        assert_eq!(
            repositories("acme", SelectionKind::All, &[]),
            "All repositories"
        );
    }
}
