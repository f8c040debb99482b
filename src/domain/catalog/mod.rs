//! The catalog: every permission, every classic scope, and every endpoint with the permissions it needs.
//!
//! A catalog is a TOML text that [`Catalog::parse`] checks whole, so that everything read from one afterwards
//! can be trusted: each need names a permission that offers the level and a target that the path has. Grantry
//! brings one with it, [`Catalog::github`]; services with an API of their own bring theirs.

mod error;
mod line;
mod model;
mod parse;
mod path;
pub mod search;
mod source;
mod template;
mod tree;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

pub use self::error::{CatalogError, CatalogErrors};
pub use self::model::{
    Endpoint, EndpointId, Freedom, LevelRule, Method, Need, Permission, TargetTemplate,
    UnknownMethod,
};
pub use self::path::{BadPath, Segment, segments, split_target};

use self::template::Template;
use self::tree::Tree;
use super::permission::{Group, Level, PermissionId, PermissionSet};
use super::scope::{Scope, ScopeId, ScopeSet};

/// The catalog that Grantry brings with it.
const GITHUB: &str = include_str!("../../../catalogs/github.toml");

/// The name under which services choose it.
pub const GITHUB_NAME: &str = "github";

static GITHUB_CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    Catalog::parse(GITHUB).expect("the embedded catalog is parsed by a test of this module")
});

/// A checked catalog.
#[derive(Debug)]
pub struct Catalog {
    scopes: Vec<Scope>,
    permissions: Vec<Permission>,
    by_slug: HashMap<String, PermissionId>,
    automatic: PermissionSet,
    endpoints: Vec<Endpoint>,
    /// One per endpoint; git operations have an empty one.
    templates: Vec<Template>,
    tree: Tree,
}

/// The endpoint of a request, and what its path holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match<'a> {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// The parameters of the path with their decoded values, in path order.
    pub parameters: Vec<(&'a str, Cow<'a, str>)>,
}

impl Match<'_> {
    /// The decoded value of a parameter of the path.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self
            .parameters
            .iter()
            .find(|(parameter, _)| *parameter == name);
        found.map(|(_, value)| value.as_ref())
    }
}

/// Why a request has no endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MatchError {
    /// The path cannot be judged.
    #[error(transparent)]
    BadPath(#[from] BadPath),
    /// The catalog has no endpoint of this method and path.
    #[error("the catalog has no endpoint of this method and path")]
    UnknownEndpoint,
}

impl Catalog {
    /// The catalog that Grantry brings with it.
    pub fn github() -> &'static Self {
        &GITHUB_CATALOG
    }

    /// The catalog that a guarded service names.
    pub fn named(name: &str) -> Option<&'static Self> {
        (name == GITHUB_NAME).then(Self::github)
    }

    /// Reads and checks a catalog.
    ///
    /// # Errors
    /// Every mistake in the text, each with its line and what to write instead.
    pub fn parse(text: &str) -> Result<Self, CatalogErrors> {
        parse::parse(text)
    }

    /// A permission of this catalog.
    pub fn permission(&self, id: PermissionId) -> &Permission {
        &self.permissions[id.index()]
    }

    /// The permission with a published name.
    pub fn find_permission(&self, slug: &str) -> Option<&Permission> {
        self.by_slug.get(slug).map(|&id| self.permission(id))
    }

    /// Every permission, in the order of the catalog.
    pub fn permissions(&self) -> &[Permission] {
        &self.permissions
    }

    /// The permissions of a group, in the order of the catalog.
    pub fn permissions_of(&self, group: Group) -> impl Iterator<Item = &Permission> {
        self.permissions
            .iter()
            .filter(move |permission| permission.group == group)
    }

    /// The set with what its repository permissions bring along: `metadata: read`.
    #[must_use]
    pub fn with_automatic(&self, held: &PermissionSet) -> PermissionSet {
        let holds_repository = held
            .iter()
            .any(|(id, _)| self.permission(id).group == Group::Repository);
        if holds_repository {
            held.union(&self.automatic)
        } else {
            held.clone()
        }
    }

    /// Every scope of classic tokens, in the order of the catalog.
    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }

    /// A scope of this catalog.
    pub fn scope(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.index()]
    }

    /// The scope with a published name.
    pub fn find_scope(&self, name: &str) -> Option<&Scope> {
        self.scopes.iter().find(|scope| scope.name == name)
    }

    /// The set of the scopes with these names.
    ///
    /// # Errors
    /// The first name that no scope has.
    pub fn scope_set<'n>(&self, names: &[&'n str]) -> Result<ScopeSet, &'n str> {
        names
            .iter()
            .map(|&name| self.find_scope(name).map(|scope| scope.id).ok_or(name))
            .collect()
    }

    /// Is one of the accepted scopes held, itself or through a parent? Where none is accepted, none is enough.
    pub fn is_scope_enough(&self, held: ScopeSet, accepted: ScopeSet) -> bool {
        accepted.iter().any(|scope| held.covers(self.scope(scope)))
    }

    /// The classic scopes of which any one is enough for a need; on a public repository, one more may be.
    pub fn scopes_for(&self, permission: PermissionId, level: Level, is_public: bool) -> ScopeSet {
        let permission = self.permission(permission);
        let mut accepted = permission
            .level_covering(level)
            .map_or_else(ScopeSet::new, |rule| rule.scopes);
        if let Some(scope) = permission.public_scope.filter(|_| is_public) {
            accepted.insert(scope);
        }
        accepted
    }

    /// The highest level of any permission that these scopes are enough for, where no endpoint says otherwise: what a
    /// classic token can do, told in the words of a fine-grained one.
    pub fn level_of_scopes(&self, held: ScopeSet) -> Option<Level> {
        let rules = self.permissions.iter().flat_map(|one| &one.levels);
        rules
            .filter(|rule| self.is_scope_enough(held, rule.scopes))
            .map(|rule| rule.level)
            .max()
    }

    /// The classic scopes of which any one is enough for an endpoint at what is not public.
    pub fn scopes_of(&self, endpoint: &Endpoint) -> ScopeSet {
        let of_need = |need: &Need| self.scopes_for(need.permission, need.level, false);
        let needs = endpoint.sets.iter().flatten().map(of_need);
        endpoint
            .scopes
            .unwrap_or_else(|| needs.flat_map(ScopeSet::iter).collect())
    }

    /// Every endpoint, in the order of the catalog.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// An endpoint of this catalog.
    pub fn endpoint(&self, id: EndpointId) -> &Endpoint {
        &self.endpoints[id.index()]
    }

    /// The endpoint that clones and fetches ask for, if the catalog has one.
    pub fn git_fetch(&self) -> Option<&Endpoint> {
        self.git("fetch")
    }

    /// The endpoint that pushes ask for, if the catalog has one.
    pub fn git_push(&self) -> Option<&Endpoint> {
        self.git("push")
    }

    fn git(&self, operation: &str) -> Option<&Endpoint> {
        let is_it =
            |endpoint: &&Endpoint| endpoint.method == Method::Git && endpoint.template == operation;
        self.endpoints.iter().find(is_it)
    }

    /// Finds the endpoint of a request line; the path is judged as it came, with its query if it has one.
    ///
    /// # Errors
    /// [`MatchError::BadPath`] where the path cannot be judged, [`MatchError::UnknownEndpoint`] where nothing fits it.
    pub fn match_endpoint<'a>(
        &'a self,
        method: &str,
        path: &'a str,
    ) -> Result<Match<'a>, MatchError> {
        let segments = segments(path)?;
        let method = Method::of_request(method);
        let Some(endpoint) = method.and_then(|method| self.tree.find(method, &segments)) else {
            let is_bad = segments.iter().any(Segment::is_delimited);
            return Err(if is_bad {
                BadPath.into()
            } else {
                MatchError::UnknownEndpoint
            });
        };
        let parameters = tree::capture(&self.templates[endpoint.index()], segments)?;
        Ok(Match {
            endpoint,
            parameters,
        })
    }
}

#[cfg(test)]
mod tests;
