//! The permissions of a chosen owner, group by group, and what a search in them finds: by name, by what they are for,
//! and by the endpoints that they open (`POST issues`). What a search hides stays chosen.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::answers::Section;
use super::desk::DeskOwner;
use crate::domain::access::rights::Relation;
use crate::domain::catalog::{Catalog, Permission};
use crate::domain::permission::{Group, Level, PermissionId};

/// A group of permissions.
#[derive(Debug)]
pub struct GroupView {
    /// Its name.
    pub title: &'static str,
    /// How many are chosen.
    pub chosen: u32,
    /// Whether it is shown open.
    pub is_open: bool,
    /// Whether a search found nothing in it.
    pub is_hidden: bool,
    /// Whether to say, while only public repositories are chosen, that it needs named ones.
    pub has_note: bool,
    /// Its permissions.
    pub permissions: Vec<PermissionView>,
}

/// A permission with its choice of level.
#[derive(Debug)]
pub struct PermissionView {
    /// The name of its field.
    pub field: String,
    /// Its name.
    pub title: &'static str,
    /// What it lets a token do.
    pub sentence: String,
    /// The level chosen.
    pub current: &'static str,
    /// The levels that can be chosen.
    pub levels: Vec<&'static str>,
    /// The endpoints that need it, one a line, for the search.
    pub endpoints: &'static str,
    /// Whether a search did not find it.
    pub is_hidden: bool,
    /// Why it cannot be changed; empty where it can.
    pub locked: &'static str,
}

/// The groups that can be held at an owner, as answered.
pub fn draw_groups(
    catalog: &'static Catalog,
    owner: &DeskOwner,
    section: &Section,
) -> Vec<GroupView> {
    Group::ALL
        .into_iter()
        .filter(|group| owner.choice.offers(*group))
        .map(|group| draw_group(catalog, owner, section, group))
        .collect()
}

fn draw_group(
    catalog: &'static Catalog,
    owner: &DeskOwner,
    section: &Section,
    group: Group,
) -> GroupView {
    let permissions: Vec<_> = catalog
        .permissions_of(group)
        .map(|permission| draw_permission(owner, section, permission))
        .collect();
    let held = section.permissions.iter();
    let chosen = held
        .filter(|(id, _)| catalog.permission(*id).group == group)
        .filter(|(id, _)| !catalog.permission(*id).automatic)
        .count();
    let all = catalog.permissions_of(group);
    let came = all.filter(|found| found.automatic).count();
    let is_searched = !section.search.trim().is_empty();
    let is_hidden = permissions.iter().all(|permission| permission.is_hidden);
    GroupView {
        title: group_title(group),
        chosen: u32::try_from(chosen + came).unwrap_or(u32::MAX),
        is_open: if is_searched { !is_hidden } else { chosen > 0 },
        is_hidden,
        has_note: group == Group::Repository,
        permissions,
    }
}

const fn group_title(group: Group) -> &'static str {
    match group {
        Group::Repository => "Repository permissions",
        Group::Organization => "Organization permissions",
        Group::Account => "Account permissions",
        Group::Enterprise => "Enterprise permissions",
    }
}

fn draw_permission(
    owner: &DeskOwner,
    section: &Section,
    permission: &'static Permission,
) -> PermissionView {
    let only_read = owner.choice.relation == Relation::Sister;
    let levels = permission
        .levels
        .iter()
        .map(|rule| rule.level)
        .filter(|level| !only_read || *level == Level::Read);
    let current = section
        .permissions
        .level_of(permission.id)
        .map_or("", Level::as_str);
    PermissionView {
        field: format!("permission-{}-{}", owner.account.id, permission.slug),
        title: &permission.title,
        sentence: permission.sentence.clone(),
        current: if permission.automatic {
            "read"
        } else {
            current
        },
        levels: levels.map(Level::as_str).collect(),
        endpoints: endpoints(permission.id),
        is_hidden: !is_found(permission, &section.search),
        locked: if permission.automatic {
            "Comes with any repository permission."
        } else {
            ""
        },
    }
}

/// Whether a search finds a permission: every word in its name and sentence, or every word in one of its endpoints.
fn is_found(permission: &Permission, search: &str) -> bool {
    let search = search.to_lowercase();
    let words: Vec<_> = search.split_whitespace().collect();
    let holds = |text: &str| {
        let text = text.to_lowercase();
        words.iter().all(|word| text.contains(word))
    };
    holds(&format!("{} {}", permission.title, permission.sentence))
        || endpoints(permission.id).lines().any(holds)
}

/// The endpoints of the embedded catalog that a permission opens, one a line.
fn endpoints(permission: PermissionId) -> &'static str {
    static TEXTS: LazyLock<BTreeMap<PermissionId, String>> = LazyLock::new(endpoint_texts);
    TEXTS.get(&permission).map_or("", String::as_str)
}

fn endpoint_texts() -> BTreeMap<PermissionId, String> {
    let mut texts = BTreeMap::<_, String>::new();
    for endpoint in Catalog::github().endpoints() {
        let needs = endpoint.sets.iter().flatten();
        let needed: BTreeSet<_> = needs.map(|need| need.permission).collect();
        for permission in needed {
            let text = texts.entry(permission).or_default();
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(endpoint.method.as_str());
            text.push(' ');
            text.push_str(&endpoint.template);
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(search: &str) -> Vec<&'static str> {
        let all = Catalog::github().permissions().iter();
        let found = all.filter(|permission| is_found(permission, search));
        found.map(|permission| permission.slug.as_str()).collect()
    }

    #[test]
    fn a_search_finds_by_name_by_purpose_and_by_one_endpoint() {
        assert_eq!(found("commit statuses"), ["statuses"]);
        assert!(found("POST issues").contains(&"issues"));
        assert!(found("get /contents/").contains(&"contents"));
        assert!(!found("POST issues").contains(&"metadata"));
        assert!(found("no such thing anywhere").is_empty());
        assert_eq!(found("").len(), Catalog::github().permissions().len());
    }

    #[test]
    fn the_words_of_a_search_must_meet_in_one_endpoint() {
        // Issues are opened and listed, but the list is not posted to a commit.
        assert!(!found("POST issues commits").contains(&"issues"));
    }
}
