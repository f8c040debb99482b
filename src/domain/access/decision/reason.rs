//! The answer to a question, with its reason: one value that feeds the response, the record, the list of recent
//! refusals and the explanation.

use crate::domain::catalog::Need;
use crate::domain::ids::{AccountId, GrantId};
use crate::domain::permission::{Level, PermissionId};
use crate::domain::policy::evaluate::Violation;
use crate::domain::scope::ScopeSet;
use crate::domain::token::conditions::ConditionFailure;

words! {
    /// Why a call is refused: stable codes, as clients and records write them.
    Reason {
        /// The secret is not good, whatever the cause.
        BadCredentials = "bad_credentials",
        /// The catalog has no such endpoint, or it asks for nothing and is not marked free.
        UnknownEndpoint = "unknown_endpoint",
        /// The path is not one that a service would read in one way only.
        BadPath = "bad_path",
        /// A condition of the token fails.
        Condition = "condition",
        /// Absent, or hidden from this token.
        NotFound = "not_found",
        /// The owner's policy restricts tokens of this kind.
        PolicyAccess = "policy_access",
        /// The token's life is longer than the owner allows.
        PolicyLifetime = "policy_lifetime",
        /// The owner blocked this classic token.
        BlockedHere = "blocked_here",
        /// The token names the owner nowhere.
        NoGrant = "no_grant",
        /// An owner has not decided yet.
        Pending = "pending",
        /// An owner said no.
        Denied = "denied",
        /// An owner took it back.
        Revoked = "revoked",
        /// The repository is not among those selected.
        NotSelected = "not_selected",
        /// A permission is missing, or too low.
        MissingPermission = "missing_permission",
        /// A scope is missing (classic).
        MissingScope = "missing_scope",
        /// The endpoint names no repository and the grant is not for all.
        NotTargeted = "not_targeted",
        /// The user's own role is too small.
        MissingRole = "missing_role",
    }
}

impl Reason {
    /// The HTTP status of our own API and git; a door turns 404 into 403.
    pub const fn status(self) -> u16 {
        match self {
            Self::BadCredentials => 401,
            Self::NotFound => 404,
            _ => 403,
        }
    }
}

/// What an allowed call rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// Anyone may read it.
    PublicRead,
    /// It needs no permission.
    Free,
    /// A list that our own API filters item by item.
    Listing,
    /// A grant gives the permission.
    Grant {
        /// The grant.
        grant: GrantId,
        /// The owner that gave it.
        owner: AccountId,
        /// The permission used.
        permission: PermissionId,
        /// The level used.
        level: Level,
    },
    /// A classic scope gives it.
    Scope {
        /// The owner of the resource.
        owner: AccountId,
        /// The permission that the endpoint asks of fine-grained tokens.
        permission: PermissionId,
        /// And its level.
        level: Level,
    },
}

/// A call that may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allow {
    /// What it rests on.
    pub basis: Basis,
}

/// What a token holds of a permission that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// The permission.
    pub permission: PermissionId,
    /// The level held; none when it is not held at all.
    pub level: Option<Level>,
}

/// A call that may not go on, and everything there is to say about why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The code.
    pub reason: Reason,
    /// The owner at which it failed, where the token's holder may know it.
    pub owner: Option<AccountId>,
    /// The place of the failed target in path order.
    pub target: Option<usize>,
    /// The sets of permissions of which any one would do.
    pub needed: Vec<Vec<Need>>,
    /// What is held of those.
    pub held: Vec<Held>,
    /// The scopes of which any one would do (classic).
    pub scopes: ScopeSet,
    /// The condition that failed.
    pub condition: Option<ConditionFailure>,
    /// The policy that stands against it.
    pub violation: Option<Violation>,
}

impl Refusal {
    /// A refusal with nothing more to say than its code.
    pub const fn bare(reason: Reason) -> Self {
        Self {
            reason,
            owner: None,
            target: None,
            needed: Vec::new(),
            held: Vec::new(),
            scopes: ScopeSet::new(),
            condition: None,
            violation: None,
        }
    }

    /// The same, said of one owner.
    #[must_use]
    pub const fn at(mut self, owner: AccountId, target: usize) -> Self {
        self.owner = Some(owner);
        self.target = Some(target);
        self
    }
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Go on.
    Allow(Allow),
    /// Do not.
    Refuse(Refusal),
}

impl Decision {
    /// Whether the call may go on.
    pub const fn is_allowed(&self) -> bool {
        matches!(self, Self::Allow(_))
    }

    /// The code of a refusal.
    pub fn reason(&self) -> Option<Reason> {
        match self {
            Self::Allow(_) => None,
            Self::Refuse(refusal) => Some(refusal.reason),
        }
    }
}
