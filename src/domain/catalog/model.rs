//! What a catalog consists of: permissions, endpoints, and what each endpoint names and needs.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::domain::permission::{Group, Level, PermissionId};
use crate::domain::role::LeastRole;
use crate::domain::scope::{ScopeId, ScopeSet};

/// One permission that a fine-grained token can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// Its place in the catalog.
    pub id: PermissionId,
    /// Its published name, such as `pull_requests`: the word in addresses, stores and answers.
    pub slug: String,
    /// What kind of owner it is held at.
    pub group: Group,
    /// Its name in the console.
    pub title: String,
    /// What it lets a token do, in one sentence.
    pub sentence: String,
    /// The levels offered, lowest first; never empty.
    pub levels: Vec<LevelRule>,
    /// The classic scope that is enough on a public repository, such as `public_repo`.
    pub public_scope: Option<ScopeId>,
    /// Is it brought by any other repository permission (`metadata`)?
    pub automatic: bool,
    /// What a reviewer should think of before approving, where it is more than it seems.
    pub risk: Option<String>,
}

impl Permission {
    /// The rule of a level, if the permission offers that level.
    pub fn level(&self, level: Level) -> Option<&LevelRule> {
        self.levels.iter().find(|rule| rule.level == level)
    }

    /// Does it hold every word of a text, in its names or its sentence?
    pub fn is_found(&self, text: &str) -> bool {
        let own = format!("{} {} {}", self.slug, self.title, self.sentence).to_lowercase();
        let text = text.to_lowercase();
        text.split_whitespace().all(|word| own.contains(word))
    }

    /// The rule that covers a level: its own, or the next one offered above it.
    pub fn level_covering(&self, level: Level) -> Option<&LevelRule> {
        self.levels.iter().find(|rule| rule.level >= level)
    }
}

/// One level of a permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelRule {
    /// The level.
    pub level: Level,
    /// The least role that the user behind the token needs.
    pub least_role: LeastRole,
    /// What it allows, to follow "Can " or "Cannot " in a summary: "read issues".
    pub can: String,
    /// Classic scopes of which any one is enough; empty where no classic token is let in.
    pub scopes: ScopeSet,
}

/// An endpoint's place in the catalog that it was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EndpointId(u16);

impl EndpointId {
    /// The endpoint at this place of the catalog's list.
    pub const fn new(index: u16) -> Self {
        Self(index)
    }

    /// The place in the catalog's list.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// How an endpoint is called. HEAD is no method of its own: it is judged as GET.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// HTTP GET and HEAD.
    Get,
    /// HTTP POST.
    Post,
    /// HTTP PUT.
    Put,
    /// HTTP PATCH.
    Patch,
    /// HTTP DELETE.
    Delete,
    /// A git operation; no request line ever matches it.
    Git,
}

impl Method {
    /// Every method, in the order in which a path's are told.
    pub const ALL: [Self; 6] = [
        Self::Get,
        Self::Post,
        Self::Put,
        Self::Patch,
        Self::Delete,
        Self::Git,
    ];

    /// The word of the method, in capitals.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Git => "GIT",
        }
    }

    /// The method that judges a request's method: HEAD as GET, `None` for those no catalog knows.
    pub fn of_request(method: &str) -> Option<Self> {
        match method {
            "HEAD" => Some(Self::Get),
            "GIT" => None,
            other => other.parse().ok(),
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no method of a catalog.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a method; use GET, POST, PUT, PATCH, DELETE or GIT")]
pub struct UnknownMethod(String);

impl FromStr for Method {
    type Err = UnknownMethod;

    fn from_str(given: &str) -> Result<Self, UnknownMethod> {
        let method = Self::ALL
            .into_iter()
            .find(|method| method.as_str() == given);
        method.ok_or_else(|| UnknownMethod(given.to_owned()))
    }
}

/// One entry of a set: a permission at a level, looked up at one of the endpoint's targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Need {
    /// The permission.
    pub permission: PermissionId,
    /// The least level.
    pub level: Level,
    /// Index into [`Endpoint::targets`]; [`Need::NOWHERE`] where the path names nothing at which it is held.
    pub target: usize,
}

impl Need {
    /// The place of a need that is looked up at nothing: the path has a number that only the guarded service knows,
    /// such as `/teams/{team_id}`. No endpoint has so many targets, so that it is never met.
    pub const NOWHERE: usize = usize::MAX;
}

/// One operation of the guarded API, or one git operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its place in the catalog.
    pub id: EndpointId,
    /// How it is called.
    pub method: Method,
    /// Its path with parameters, such as `/repos/{owner}/{repo}`; `fetch` or `push` for git.
    pub template: String,
    /// Any one of these sets is enough; all needs of that set must be held.
    pub sets: Vec<Vec<Need>>,
    /// May public resources be read through it without a permission?
    pub public_readable: bool,
    /// Does it need no permission at all? An endpoint without sets that is not free is denied.
    pub freedom: Freedom,
    /// What its path names, in path order.
    pub targets: Vec<TargetTemplate>,
    /// Does it need a repository permission although it names no repository (`/orgs/{org}/repos`)?
    pub listing: bool,
    /// The set that contains another set of this endpoint and counts when the call touches workflow files.
    pub conditional: Option<usize>,
    /// Classic scopes of which any one is enough, where they differ from those of the permissions.
    pub scopes: Option<ScopeSet>,
    /// The least role of the user, where it differs from that of the permissions.
    pub least_role: Option<LeastRole>,
}

impl Endpoint {
    /// Whether it needs no permission at all.
    pub const fn is_free(&self) -> bool {
        matches!(self.freedom, Freedom::Free | Freedom::Open)
    }

    /// Whether it is denied to every token: it asks for nothing that could be held, and is not free either.
    pub const fn is_closed(&self) -> bool {
        self.sets.is_empty() && !self.is_free()
    }

    /// The permissions of its sets, each once.
    pub fn permissions(&self) -> BTreeSet<PermissionId> {
        let needs = self.sets.iter().flatten();
        needs.map(|need| need.permission).collect()
    }

    /// How it is asked for: `GET /user`.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.template)
    }
}

/// Whether an endpoint can be called without a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Freedom {
    /// It cannot.
    #[default]
    Bound,
    /// With any token.
    Free,
    /// Without a token as well, at our own API.
    Open,
    /// No token reaches it, whatever it holds.
    Closed,
}

/// What a path names, by the parameters that hold the names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TargetTemplate {
    /// A repository.
    Repository {
        /// The parameter with its owner's login.
        owner_param: String,
        /// The parameter with its name.
        name_param: String,
    },
    /// An organization.
    Organization {
        /// The parameter with its login.
        param: String,
    },
    /// An enterprise.
    Enterprise {
        /// The parameter with its slug.
        param: String,
    },
    /// A user's own account, at which account permissions are held.
    Account {
        /// The parameter with its login; `None` is the caller.
        param: Option<String>,
    },
    /// A user as others see them.
    User {
        /// The parameter with the login.
        param: String,
    },
}

impl TargetTemplate {
    /// Can a permission of this group be held at this target itself?
    pub const fn fits(&self, group: Group) -> bool {
        matches!(
            (self, group),
            (Self::Repository { .. }, Group::Repository)
                | (Self::Organization { .. }, Group::Organization)
                | (Self::Enterprise { .. }, Group::Enterprise)
                | (Self::Account { .. }, Group::Account)
        )
    }

    /// Can it own repositories, so that a listing asks for repository permissions here?
    pub const fn owns_repositories(&self) -> bool {
        matches!(self, Self::Organization { .. } | Self::Account { .. })
    }

    /// The parameters of the path that it reads.
    pub fn params(&self) -> Vec<&str> {
        match self {
            Self::Repository {
                owner_param,
                name_param,
            } => vec![owner_param, name_param],
            Self::Organization { param } | Self::Enterprise { param } | Self::User { param } => {
                vec![param]
            }
            Self::Account { param } => param.iter().map(String::as_str).collect(),
        }
    }
}
