//! What a decision is made from. Borrowed from the gate's memory, so that asking copies nothing.

use std::net::IpAddr;

use crate::domain::access::rights::{MemberRole, Relation, Visibility};
use crate::domain::approval::{GrantStanding, Terms};
use crate::domain::catalog::Endpoint;
use crate::domain::ids::{AccountId, GrantId, RepositoryId, TokenId};
use crate::domain::permission::PermissionSet;
use crate::domain::policy::{Effective, Exemption};
use crate::domain::role::RepositoryRole;
use crate::domain::scope::ScopeSet;
use crate::domain::selection::Selection;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::domain::token::conditions::{Branches, Conditions};
use crate::domain::token::expiry::Lifetime;

/// Who asks: our own API and git know what they can filter and hide; a door guards a service that we cannot see into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Our own REST API, which filters its lists item by item.
    Api,
    /// Our own smart HTTP.
    Git,
    /// Forward-auth in front of another service.
    Service {
        /// Whether the service filters its lists by itself.
        filters: bool,
    },
}

/// What is known of workflow files (`.github/workflows/**`) in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workflows {
    /// None is touched.
    Untouched,
    /// One is.
    Touched,
    /// It cannot be told: counts as touched.
    Unknown,
}

/// One call, with everything that it names resolved.
#[derive(Debug)]
pub struct Question<'a> {
    /// The endpoint of the catalog that it matched, if any.
    pub endpoint: Option<&'a Endpoint>,
    /// Who asks.
    pub door: Door,
    /// Whether it only reads: GET, HEAD, git fetch.
    pub is_read: bool,
    /// What the endpoint names, in path order.
    pub targets: &'a [Target<'a>],
    /// Where it comes from.
    pub client: Option<IpAddr>,
    /// Which branches it writes.
    pub branches: Branches<'a>,
    /// Whether it touches workflow files.
    pub workflows: Workflows,
    /// The moment of the decision.
    pub now: Timestamp,
}

/// One thing that a call names.
#[derive(Debug, Clone, Copy)]
pub enum Target<'a> {
    /// Its name belongs to nothing.
    Missing,
    /// A repository.
    Repository(RepositoryFacts<'a>),
    /// An organization.
    Organization(OwnerFacts<'a>),
    /// An enterprise.
    Enterprise(OwnerFacts<'a>),
    /// The caller's own account, or that of another user where permissions of an account are asked for.
    Account(OwnerFacts<'a>),
    /// A user as anyone sees them.
    User(AccountFacts<'a>),
}

/// An account as anyone sees it.
#[derive(Debug, Clone, Copy)]
pub struct AccountFacts<'a> {
    /// Which.
    pub id: AccountId,
    /// Its name in addresses.
    pub login: &'a str,
}

/// The policies in force at an owner; none for an account that nobody's policies govern.
#[derive(Debug, Clone, Copy)]
pub struct Policies {
    /// For fine-grained tokens.
    pub fine_grained: Effective,
    /// For classic tokens.
    pub classic: Effective,
}

/// A resource owner, and what the token's user is to it.
#[derive(Debug, Clone, Copy)]
pub struct OwnerFacts<'a> {
    /// Which.
    pub account: AccountFacts<'a>,
    /// The user's role in it; `Owner` of one's own account.
    pub role: Option<MemberRole>,
    /// Whether the user is in the owner's enterprise, if it has one.
    pub is_in_enterprise: bool,
    /// Whether the user owns the enterprise above, and so may be spared its limit.
    pub is_enterprise_owner: bool,
    /// The policies in force.
    pub policies: Option<Policies>,
    /// The enterprise that governs it, itself if it is one.
    pub enterprise: Option<AccountId>,
}

/// A repository, and what the token's user is to it.
#[derive(Debug, Clone, Copy)]
pub struct RepositoryFacts<'a> {
    /// Which.
    pub id: RepositoryId,
    /// Its name without the owner's.
    pub name: &'a str,
    /// Who can read it.
    pub visibility: Visibility,
    /// The user's own role on it.
    pub role: Option<RepositoryRole>,
    /// Its owner.
    pub owner: OwnerFacts<'a>,
}

/// What is known of a token whose secret is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFacts {
    /// Which.
    pub id: TokenId,
    /// Whose.
    pub user: AccountId,
    /// Which of the two models it follows.
    pub kind: TokenKind,
    /// When its life began.
    pub starts_at: Timestamp,
    /// When its life ends.
    pub expires_at: Option<Timestamp>,
    /// Its own conditions: they count where no grant does.
    pub conditions: Conditions,
    /// What it may do, owner by owner (fine-grained).
    pub grants: Vec<GrantFacts>,
    /// What it may do (classic).
    pub scopes: ScopeSet,
    /// The policies that it is spared, by whom and until when.
    pub exemptions: Vec<Exemption>,
    /// The organizations whose owners blocked this very token, for good (classic).
    pub blocked_at: Vec<AccountId>,
}

impl TokenFacts {
    /// The grant at an owner, in whatever state.
    pub fn grant_at(&self, owner: AccountId) -> Option<&GrantFacts> {
        self.grants.iter().find(|grant| grant.owner == owner)
    }

    /// The whole life, which policies compare with their limits.
    pub fn lifetime(&self) -> Lifetime {
        Lifetime::between(self.starts_at, self.expires_at)
    }
}

/// What a token may do, or asked to do, at one owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantFacts {
    /// Which.
    pub id: GrantId,
    /// At whom.
    pub owner: AccountId,
    /// How it stands.
    pub standing: GrantStanding,
    /// How its latest request stands, where the grant itself works: a repository named there is not hidden.
    pub wish: Option<GrantStanding>,
    /// What made the owner choosable.
    pub relation: Relation,
    /// The repositories it gives; those last given, where it gives nothing now.
    pub selection: Selection,
    /// The repositories its latest request names.
    pub wished: Option<Selection>,
    /// The permissions it gives.
    pub permissions: PermissionSet,
    /// The terms it was approved under.
    pub terms: Terms,
}

impl GrantFacts {
    /// Whether it or its request names the repository, so that its existence is no secret to the token.
    pub fn mentions(&self, repository: RepositoryId) -> bool {
        self.selection.names(repository)
            || self
                .wished
                .as_ref()
                .is_some_and(|wished| wished.names(repository))
    }
}
