//! The policies of one owner taken apart into single barriers, so that a list of a hundred thousand tokens can ask the
//! database for what the gate would refuse. A token is refused where any barrier stops it.

use super::evaluate::Exposure;
use super::setting::{Access, Limit};
use super::{Effective, Exempted, Source};
use crate::domain::token::TokenKind;
use crate::domain::token::expiry::Lifetime;

/// Whose value a barrier is. Only that layer's exemptions lift it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// The enterprise's.
    Enterprise,
    /// The organization's own, also where it left the default.
    Organization,
}

/// What a barrier stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stops {
    /// Every token.
    All,
    /// Tokens that live longer than so many days.
    LongerThan {
        /// The limit.
        days: u16,
        /// Whether owners of the enterprise pass.
        spares_administrators: bool,
    },
}

/// One thing that stands in the way of tokens at an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Barrier {
    /// Whose it is.
    pub layer: Layer,
    /// What it stops.
    pub stops: Stops,
}

impl Barrier {
    /// The policy whose exemptions lift it.
    pub const fn policy(self) -> Exempted {
        match self.stops {
            Stops::All => Exempted::Access,
            Stops::LongerThan { .. } => Exempted::Lifetime,
        }
    }

    /// Whether it stops a token: the rule that the database is asked for.
    pub fn is_met_by(self, token: &Exposure) -> bool {
        let spared = token.spared;
        let is_lifted = match (self.layer, self.policy()) {
            (Layer::Enterprise, Exempted::Access) => spared.enterprise_access,
            (Layer::Enterprise, Exempted::Lifetime) => spared.enterprise_lifetime,
            (Layer::Organization, Exempted::Access) => spared.organization_access,
            (Layer::Organization, Exempted::Lifetime) => spared.organization_lifetime,
        };
        let is_concerned = match self.stops {
            Stops::All => true,
            Stops::LongerThan {
                days,
                spares_administrators,
            } => {
                token.lifetime > Lifetime::days(days)
                    && (token.kind == TokenKind::FineGrained || token.is_of_a_member)
                    && !(spares_administrators && spared.is_enterprise_owner)
            }
        };
        is_concerned && !is_lifted
    }
}

/// Every barrier of the policies in force at an owner.
pub fn barriers(policy: &Effective) -> Vec<Barrier> {
    let fixed = policy.access.source == Source::Enterprise;
    let is_above = fixed && policy.access.value == Access::Restrict;
    // A token that the enterprise exempts from its own restriction meets the organization's.
    let is_own = (is_above || !fixed) && policy.organization_access.value == Access::Restrict;
    let access = [(Layer::Enterprise, is_above), (Layer::Organization, is_own)];
    let access = access
        .into_iter()
        .filter(|(_, stands)| *stands)
        .map(|(layer, _)| Barrier {
            layer,
            stops: Stops::All,
        });
    let limit = |layer, limit, spares_administrators| match limit {
        Limit::Days(days) => Some(Barrier {
            layer,
            stops: Stops::LongerThan {
                days,
                spares_administrators,
            },
        }),
        Limit::Unlimited => None,
    };
    let above = limit(
        Layer::Enterprise,
        policy.enterprise_lifetime,
        policy.exempts_administrators,
    );
    let own = limit(
        Layer::Organization,
        policy.organization_lifetime.value,
        false,
    );
    access.chain(above).chain(own).collect()
}
