//! What the policies in force say of one token at one owner.

use super::layers::{Effective, Source};
use super::setting::{Access, Limit};
use crate::domain::token::expiry::Lifetime;

/// Which policy stands against a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Violation {
    /// Tokens of this kind do not reach the owner.
    Access(Source),
    /// Its life is longer than allowed.
    Lifetime {
        /// The limit, in days.
        days: u16,
        /// Who set it.
        source: Source,
    },
}

/// The first policy that stands against a token of this life, whose user may be an owner of the enterprise.
pub fn violation(
    policy: &Effective,
    lifetime: Lifetime,
    is_enterprise_owner: bool,
) -> Option<Violation> {
    if policy.access.value == Access::Restrict {
        return Some(Violation::Access(policy.access.source));
    }
    let limit = policy.lifetime(is_enterprise_owner);
    match limit.value {
        Limit::Days(days) if limit.value.is_violated_by(lifetime) => Some(Violation::Lifetime {
            days,
            source: limit.source,
        }),
        Limit::Days(_) | Limit::Unlimited => None,
    }
}
