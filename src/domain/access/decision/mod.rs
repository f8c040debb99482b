//! May this secret do this request now? (DOMAIN §5)
//!
//! [`decide`] is pure: the gate gathers facts, this module judges them, and every door gives the same answer because
//! it asks here. The steps keep the numbers they have in the specification; the first that answers ends the matter.

mod facts;
mod reason;
mod steps;
mod trace;

pub use facts::{
    AccountFacts, Door, GrantFacts, OwnerFacts, Policies, Question, RepositoryFacts, Target,
    TokenFacts, Workflows,
};
pub use reason::{Allow, Basis, Decision, Held, Reason, Refusal};
pub use steps::{decide, trace};
pub use trace::{Outcome, Step, Trace};

#[cfg(test)]
mod tests;
