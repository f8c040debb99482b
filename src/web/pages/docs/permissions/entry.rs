//! An endpoint and a permission as pages tell them: every word worked out before.

use super::PATH;
use super::link::{self, Link};
use crate::domain::catalog::search::Found;
use crate::domain::catalog::{Catalog, Endpoint, LevelRule, Method, Need, Permission};
use crate::domain::permission::Group;
use crate::domain::role::{LeastRole, OwnerRole};
use crate::domain::scope::ScopeSet;
use crate::web::chrome::Viewer;

/// One endpoint with what it takes.
#[derive(Debug, PartialEq, Eq)]
pub struct EndpointView {
    /// How it is asked for.
    pub line: String,
    /// Whether no token reaches it.
    pub is_closed: bool,
    /// What it takes, set by set: `Issues: write`.
    pub takes: Vec<Vec<NeedView>>,
    /// What there is to say beside that, as sentences.
    pub notes: Vec<String>,
    /// The classic scopes of which any one is enough; empty where no classic token is let in.
    pub scopes: String,
    /// Where a token with what it takes is begun.
    pub links: Vec<Link>,
}

/// One permission that an endpoint takes.
#[derive(Debug, PartialEq, Eq)]
pub struct NeedView {
    /// Its title and level.
    pub label: String,
    /// Its page.
    pub href: String,
}

/// One level of a permission.
#[derive(Debug, PartialEq, Eq)]
pub struct LevelView {
    /// The level.
    pub level: &'static str,
    /// What it allows.
    pub can: String,
    /// The least role of the token's user.
    pub role: &'static str,
    /// The classic scopes of which any one is enough.
    pub scopes: String,
    /// Where a token with it is begun.
    pub href: String,
}

/// The page of a permission.
pub fn page_of(permission: &Permission) -> String {
    format!("{PATH}/{}", permission.slug)
}

/// An endpoint in words.
pub fn draw_endpoint(
    catalog: &Catalog,
    found: &Found<'_>,
    viewer: Option<&Viewer>,
) -> EndpointView {
    let endpoint = found.endpoint;
    let plain = endpoint.sets.iter().enumerate();
    let plain = plain.filter(|(place, _)| Some(*place) != endpoint.conditional);
    let links = plain
        .clone()
        .filter(|(_, set)| set.iter().all(|need| need.target != Need::NOWHERE))
        .filter_map(|(_, set)| link::of_set(catalog, found, set, viewer));
    EndpointView {
        line: line_of(endpoint),
        is_closed: endpoint.is_closed(),
        takes: plain
            .clone()
            .map(|(_, set)| draw_set(catalog, set))
            .collect(),
        notes: notes(catalog, endpoint),
        scopes: scope_words(catalog, catalog.scopes_of(endpoint)),
        links: links.collect(),
    }
}

/// `GET /user`, or the words of a git command.
pub fn line_of(endpoint: &Endpoint) -> String {
    match endpoint.method {
        Method::Git => format!("git {}", endpoint.template),
        _ => endpoint.line(),
    }
}

fn draw_set(catalog: &Catalog, set: &[Need]) -> Vec<NeedView> {
    let draw = |need: &Need| {
        let permission = catalog.permission(need.permission);
        NeedView {
            label: format!("{}: {}", permission.title, need.level),
            href: page_of(permission),
        }
    };
    set.iter().map(draw).collect()
}

fn notes(catalog: &Catalog, endpoint: &Endpoint) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(larger) = endpoint.conditional {
        let smaller: Vec<_> = endpoint.sets.iter().flatten().collect();
        let added = endpoint.sets[larger]
            .iter()
            .filter(|need| smaller.iter().filter(|known| **known == *need).count() == 1);
        for need in added {
            let title = &catalog.permission(need.permission).title;
            notes.push(format!(
                "Also {title}: {} where it touches a file under .github/workflows.",
                need.level
            ));
        }
    }
    if endpoint.public_readable && !endpoint.is_free() {
        notes.push("What is public is read without.".to_owned());
    }
    if endpoint.listing {
        notes.push(
            "It names no repository: a guarded service asks for all of an owner's.".to_owned(),
        );
    }
    let mut needs = endpoint.sets.iter().flatten();
    if needs.any(|need| need.target == Need::NOWHERE) {
        notes.push("Its path has a number that only the guarded service can look up.".to_owned());
    }
    if let Some(role) = endpoint.least_role {
        notes.push(format!(
            "The token's user needs no more than: {}.",
            role_words(role)
        ));
    }
    notes
}

fn scope_words(catalog: &Catalog, scopes: ScopeSet) -> String {
    let names: Vec<_> = scopes
        .iter()
        .map(|scope| catalog.scope(scope).name.as_str())
        .collect();
    names.join(", ")
}

/// The levels of a permission in words.
pub fn draw_levels(
    catalog: &Catalog,
    permission: &Permission,
    viewer: Option<&Viewer>,
) -> Vec<LevelView> {
    let draw = |rule: &LevelRule| LevelView {
        level: rule.level.as_str(),
        can: rule.can.clone(),
        role: role_words(rule.least_role),
        scopes: scope_words(catalog, rule.scopes),
        href: link::of_level(permission.group, &permission.slug, rule.level, viewer),
    };
    permission.levels.iter().map(draw).collect()
}

/// Where a permission of a group is held.
pub const fn held_at(group: Group) -> &'static str {
    match group {
        Group::Repository => "repositories of any owner",
        Group::Organization => "an organization",
        Group::Account => "the user's own account",
        Group::Enterprise => "an enterprise",
    }
}

const fn role_words(role: LeastRole) -> &'static str {
    match role {
        LeastRole::Repository(role) => role.as_str(),
        LeastRole::Organization(OwnerRole::Anyone) => "anyone",
        LeastRole::Organization(OwnerRole::Member) => "member",
        LeastRole::Organization(OwnerRole::Owner) => "owner",
        LeastRole::SelfOnly => "the account's own user",
        LeastRole::EnterpriseOwner => "owner of the enterprise",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::chrome::ViewerOrganization;

    fn drawn(text: &str, viewer: Option<&Viewer>) -> EndpointView {
        let catalog = Catalog::github();
        let found = catalog.search(text).expect("a text to search by");
        draw_endpoint(catalog, &found[0], viewer)
    }

    #[test]
    fn an_endpoint_says_what_it_takes_and_where_to_begin() {
        let view = drawn("POST /repos/acme/web/issues", None);
        assert_eq!(view.takes[0][0].label, "Issues: write");
        assert_eq!(view.takes[0][0].href, "/docs/permissions/issues");
        assert_eq!(
            view.links[0].href,
            "/settings/personal-access-tokens/new?issues=write&target_name=acme"
        );
        assert_eq!(view.scopes, "repo");
        assert!(view.notes[0].ends_with("read."), "{:?}", view.notes);
    }

    #[test]
    fn the_larger_set_of_a_pair_is_told_as_a_condition() {
        let view = drawn("git push", None);
        assert_eq!(view.line, "git push");
        assert_eq!(view.takes.len(), 1);
        assert_eq!(
            view.notes,
            ["Also Workflows: write where it touches a file under .github/workflows."]
        );
    }

    #[test]
    fn what_nobody_reaches_has_no_way_to_begin() {
        for line in ["GET /app", "GET /teams/{team_id}"] {
            assert!(drawn(line, None).links.is_empty(), "{line}");
        }
    }

    #[test]
    fn a_permission_of_organizations_begins_at_one_of_the_visitors() {
        let viewer = Viewer {
            organizations: vec![ViewerOrganization {
                login: "labs".to_owned(),
                name: "Labs".to_owned(),
                owner: false,
            }],
            ..Viewer::default()
        };
        let view = drawn("GET /orgs/{org}/members", Some(&viewer));
        assert!(
            view.links[0]
                .href
                .ends_with("members=read&target_name=labs")
        );
    }
}
