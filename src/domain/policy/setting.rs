//! The values a policy can have at each level. Every value is an explicit variant: nothing unset means "everything".

use std::fmt;

use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::domain::token::expiry::{LONGEST_DAYS, Lifetime};

words! {
    /// Whether tokens of a kind reach an organization's non-public resources at all.
    Access {
        /// They do not.
        Restrict = "restrict",
        /// They do.
        Allow = "allow",
    }
}

words! {
    /// What an enterprise says of access.
    EnterpriseAccess {
        /// Each organization decides.
        Delegate = "delegate",
        /// Nobody's tokens reach its organizations.
        Restrict = "restrict",
        /// Every organization allows them.
        Allow = "allow",
    }
}

words! {
    /// Whether an owner must approve a fine-grained token first.
    Approval {
        /// An owner must.
        Required = "required",
        /// Members' tokens work at once.
        NotRequired = "not_required",
    }
}

words! {
    /// What an enterprise says of approval.
    EnterpriseApproval {
        /// Each organization decides.
        Delegate = "delegate",
        /// Every organization requires it.
        Require = "require",
        /// No organization requires it.
        Disable = "disable",
    }
}

/// The longest life that is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// None: also a token without an end is allowed.
    Unlimited,
    /// So many days of 24 hours, 1 to 366; a life of exactly that length is allowed.
    Days(u16),
}

impl Limit {
    /// Whether a life is longer than allowed.
    pub fn is_violated_by(self, lifetime: Lifetime) -> bool {
        match self {
            Self::Unlimited => false,
            Self::Days(days) => lifetime > Lifetime::days(days),
        }
    }

    /// Whether it lets shorter lives in than another does.
    pub fn is_shorter_than(self, other: Self) -> bool {
        self != other && self.least(other) == self
    }

    /// The stricter of the two.
    #[must_use]
    pub fn least(self, other: Self) -> Self {
        match (self, other) {
            (Self::Days(one), Self::Days(two)) => Self::Days(one.min(two)),
            (Self::Days(days), Self::Unlimited) | (Self::Unlimited, Self::Days(days)) => {
                Self::Days(days)
            }
            (Self::Unlimited, Self::Unlimited) => Self::Unlimited,
        }
    }

    /// The stored form: days, or nothing for unlimited.
    pub const fn days(self) -> Option<i64> {
        match self {
            Self::Unlimited => None,
            Self::Days(days) => Some(days as i64),
        }
    }

    /// Reads the stored form; what lies outside 1-366 is no limit that was ever accepted, so the strictest is taken.
    pub fn from_days(days: Option<i64>) -> Self {
        match days {
            None => Self::Unlimited,
            Some(days) => Self::Days(
                u16::try_from(days)
                    .ok()
                    .filter(|days| (1..=LONGEST_DAYS).contains(days))
                    .unwrap_or(1),
            ),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(1) => f.write_str("1 day"),
            Self::Days(days) => write!(f, "{days} days"),
            Self::Unlimited => f.write_str("none"),
        }
    }
}

/// What an organization set for one kind of token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrganizationLayer {
    /// Whether tokens reach it.
    pub access: Access,
    /// Whether its owners must approve them (fine-grained only).
    pub approval: Approval,
    /// The longest life.
    pub lifetime: Limit,
}

/// What an enterprise set for one kind of token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnterpriseLayer {
    /// Whether tokens reach its organizations.
    pub access: EnterpriseAccess,
    /// Whether owners must approve them (fine-grained only).
    pub approval: EnterpriseApproval,
    /// The longest life.
    pub lifetime: Limit,
    /// Whether the limit spares the enterprise's own owners.
    pub exempts_administrators: bool,
}

const fn default_lifetime(kind: TokenKind) -> Limit {
    match kind {
        TokenKind::FineGrained => Limit::Days(LONGEST_DAYS),
        TokenKind::Classic => Limit::Unlimited,
    }
}

impl OrganizationLayer {
    /// What holds before anybody sets anything.
    pub const fn default_for(kind: TokenKind) -> Self {
        Self {
            access: Access::Allow,
            approval: Approval::Required,
            lifetime: default_lifetime(kind),
        }
    }
}

impl EnterpriseLayer {
    /// What holds before anybody sets anything.
    pub const fn default_for(kind: TokenKind) -> Self {
        Self {
            access: EnterpriseAccess::Delegate,
            approval: EnterpriseApproval::Delegate,
            lifetime: default_lifetime(kind),
            exempts_administrators: false,
        }
    }
}

/// What one of the two levels set for one kind of token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// An organization.
    Organization(OrganizationLayer),
    /// An enterprise.
    Enterprise(EnterpriseLayer),
}

impl From<OrganizationLayer> for Layer {
    fn from(layer: OrganizationLayer) -> Self {
        Self::Organization(layer)
    }
}

impl From<EnterpriseLayer> for Layer {
    fn from(layer: EnterpriseLayer) -> Self {
        Self::Enterprise(layer)
    }
}

impl Layer {
    /// The words for access and approval, the longest life, and whether administrators are exempt.
    pub const fn values(self) -> (&'static str, &'static str, Limit, bool) {
        match self {
            Self::Organization(layer) => (
                layer.access.as_str(),
                layer.approval.as_str(),
                layer.lifetime,
                false,
            ),
            Self::Enterprise(layer) => (
                layer.access.as_str(),
                layer.approval.as_str(),
                layer.lifetime,
                layer.exempts_administrators,
            ),
        }
    }

    /// The longest life.
    pub const fn lifetime(self) -> Limit {
        let (_, _, lifetime, _) = self.values();
        lifetime
    }

    /// Its values in a row: other values, another row.
    pub fn digest(self) -> String {
        let (access, approval, lifetime, exempts) = self.values();
        format!("{access} {approval} {lifetime} {exempts}")
    }
}

/// One saved version of a layer and the moment from which it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version<Layer> {
    /// Rises with every save.
    pub version: i64,
    /// From when it is in force.
    pub effective_at: Timestamp,
    /// What was set.
    pub layer: Layer,
}

/// The version in force: the highest whose time has come. None when nothing was ever set.
pub fn in_force<Layer: Copy>(versions: &[Version<Layer>], now: Timestamp) -> Option<Layer> {
    let begun = versions
        .iter()
        .filter(|version| version.effective_at <= now);
    begun
        .max_by_key(|version| version.version)
        .map(|version| version.layer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_of_exactly_the_limit_is_allowed() {
        let limit = Limit::Days(30);
        let Lifetime::Micros(at_limit) = Lifetime::days(30) else {
            panic!("thirty days have a length")
        };
        assert!(!limit.is_violated_by(Lifetime::Micros(at_limit)));
        assert!(limit.is_violated_by(Lifetime::Micros(at_limit + 1)));
        assert!(limit.is_violated_by(Lifetime::Unlimited));
        assert!(!Limit::Unlimited.is_violated_by(Lifetime::Unlimited));
    }

    #[test]
    fn the_highest_version_whose_time_has_come_is_in_force() {
        let now = Timestamp::from_micros(1_000);
        let version = |version, at, layer| Version {
            version,
            effective_at: Timestamp::from_micros(at),
            layer,
        };
        let versions = [
            version(1, 10, 'a'),
            version(3, 2_000, 'c'),
            version(2, 1_000, 'b'),
        ];
        assert_eq!(in_force(&versions, now), Some('b'));
        assert_eq!(
            in_force(&versions, Timestamp::from_micros(2_000)),
            Some('c')
        );
        assert_eq!(in_force(&versions, Timestamp::from_micros(9)), None);
    }
}
