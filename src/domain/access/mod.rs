//! What a person may do, and what a token of theirs may therefore do: the user's own rights, and the decision.

pub mod decision;
pub mod explain;
pub mod membership;
pub mod rights;
pub mod writing;
