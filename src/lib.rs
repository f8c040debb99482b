//! Grantry: a self-hosted authority for fine-grained personal access tokens.

pub mod git;
pub mod web;
