//! Policies: what an enterprise and an organization set for tokens at them, and what is in force (DOMAIN §4).

pub mod evaluate;
pub mod layers;
pub mod setting;
pub mod wish;

pub use layers::{Effective, Source, Sourced, effective};
pub use setting::{EnterpriseLayer, Limit, OrganizationLayer};
