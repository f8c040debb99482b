//! The integration tests: one binary, so that it is linked once.

#[path = "../support/mod.rs"]
mod support;

mod postgres;
