//! The link that opens the token form filled with what an endpoint or a permission takes.

use crate::domain::catalog::search::Found;
use crate::domain::catalog::{Catalog, Need, TargetTemplate};
use crate::domain::permission::{Group, Level};
use crate::web::chrome::Viewer;
use crate::web::form::Fields;

const FORM: &str = "/settings/personal-access-tokens/new";

/// A link with its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What it starts, `Issues: write`.
    pub label: String,
    /// Where it leads.
    pub href: String,
}

/// The form with the permissions of one set, at the owner that was typed, or at one that the visitor can choose.
pub fn of_set(
    catalog: &Catalog,
    found: &Found<'_>,
    set: &[Need],
    viewer: Option<&Viewer>,
) -> Option<Link> {
    let first = set.first()?;
    let group = catalog.permission(first.permission).group;
    let typed = found
        .endpoint
        .targets
        .get(first.target)
        .and_then(|target| owner_param(target))
        .and_then(|param| found.parameter(param));
    let owner = typed.or_else(|| usual_owner(group, viewer));
    let at_owner = |need: &&Need| need.target == first.target;
    let needs: Vec<_> = set
        .iter()
        .filter(at_owner)
        .map(|need| (need.permission, need.level))
        .collect();
    let permissions = needs
        .iter()
        .map(|(id, level)| (catalog.permission(*id), level));
    let words: Vec<_> = permissions
        .clone()
        .map(|(permission, level)| format!("{}: {level}", permission.title))
        .collect();
    let slugs = permissions.map(|(permission, level)| (permission.slug.as_str(), level.as_str()));
    Some(Link {
        label: words.join(", "),
        href: address(owner, slugs),
    })
}

/// The form with one permission.
pub fn of_level(group: Group, slug: &str, level: Level, viewer: Option<&Viewer>) -> String {
    address(usual_owner(group, viewer), [(slug, level.as_str())])
}

fn address<'a>(
    owner: Option<&str>,
    permissions: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> String {
    let mut query = Fields::new(permissions);
    if let Some(owner) = owner {
        query = query.with("target_name", owner);
    }
    format!("{FORM}?{}", query.encode())
}

fn owner_param(target: &TargetTemplate) -> Option<&str> {
    match target {
        TargetTemplate::Repository { owner_param, .. } => Some(owner_param),
        TargetTemplate::Organization { param }
        | TargetTemplate::Enterprise { param }
        | TargetTemplate::User { param } => Some(param),
        TargetTemplate::Account { param } => param.as_deref(),
    }
}

/// An owner of the visitor's at which permissions of a group can be held; none where the visitor's own account, which
/// the form takes by itself, will do.
fn usual_owner(group: Group, viewer: Option<&Viewer>) -> Option<&str> {
    let viewer = viewer?;
    match group {
        Group::Repository | Group::Account => None,
        Group::Organization => viewer
            .organizations
            .first()
            .map(|found| found.login.as_str()),
        Group::Enterprise => viewer.enterprises.first().map(|found| found.slug.as_str()),
    }
}
