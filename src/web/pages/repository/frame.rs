//! What every page of a repository has around it: addresses, trail and side navigation.

use super::visitor::RepositoryVisitor;
use crate::domain::account::AccountKind;
use crate::store::accounts::Account;
use crate::web::chrome::{Chrome, Crumb, Nav};

/// A person's own repositories.
pub const OWN: &str = "/settings/repositories";

/// An organization's repositories.
pub fn of_organization(login: &str) -> String {
    format!("/organizations/{login}/settings/repositories")
}

/// The list in which an account's owner finds its repositories.
pub fn list_of(owner: &Account) -> String {
    match owner.kind {
        AccountKind::Organization => of_organization(&owner.login),
        AccountKind::User | AccountKind::Enterprise => OWN.to_owned(),
    }
}

/// A repository.
pub fn path(owner: &str, name: &str) -> String {
    format!("/{owner}/{name}")
}

/// The addresses of one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The overview.
    pub overview: String,
    /// Its settings.
    pub settings: String,
    /// Who collaborates on it.
    pub collaborators: String,
    /// Who and what can touch it.
    pub access_tokens: String,
}

impl Paths {
    /// Those of the repository before whom somebody stands.
    pub fn of(visitor: &RepositoryVisitor) -> Self {
        let overview = path(&visitor.owner.login, &visitor.repository.name);
        Self {
            settings: format!("{overview}/settings"),
            collaborators: format!("{overview}/settings/collaborators"),
            access_tokens: format!("{overview}/settings/access-tokens"),
            overview,
        }
    }
}

/// The frame of a page with the navigation beside it. `trail` leads on from the repository.
pub fn around(
    visitor: &RepositoryVisitor,
    title: &str,
    current: &str,
    trail: Vec<Crumb>,
) -> (Chrome, Nav) {
    let paths = Paths::of(visitor);
    let owner = if visitor.owns_it() {
        Crumb::link(&visitor.owner.login, list_of(&visitor.owner))
    } else {
        Crumb::text(&visitor.owner.login)
    };
    let name = &visitor.repository.name;
    let here = if trail.is_empty() {
        Crumb::text(name)
    } else {
        Crumb::link(name, &paths.overview)
    };
    let mut whole = vec![owner, here];
    whole.extend(trail);
    let chrome = visitor.signed_in.chrome(title).trail(whole);
    (chrome, nav(visitor, &paths, current))
}

fn nav(visitor: &RepositoryVisitor, paths: &Paths, current: &str) -> Nav {
    let nav = Nav::new(visitor.repository.full_name()).item("Overview", &paths.overview, current);
    if !visitor.is_admin() {
        return nav;
    }
    nav.item("Settings", &paths.settings, current)
        .item("Collaborators", &paths.collaborators, current)
        .item("Access", &paths.access_tokens, current)
}
