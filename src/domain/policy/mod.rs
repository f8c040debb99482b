//! Policies: what an enterprise and an organization set for tokens at them, and what is in force (DOMAIN §4).

pub mod ahead;
pub mod barrier;
pub mod bars;
pub mod deviation;
pub mod enterprise_wish;
pub mod evaluate;
pub mod exemption;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod laws_of_change;
pub mod layers;
pub mod preview;
pub mod setting;
pub mod since;
pub mod start;
pub mod wish;

pub use exemption::{Exempted, Exemption, Spared};
pub use layers::{Effective, Source, Sourced, effective};
pub use setting::{EnterpriseLayer, Layer, Limit, OrganizationLayer};
