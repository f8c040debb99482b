//! Grantry: a self-hosted authority for fine-grained personal access tokens.

pub mod domain;
pub mod git;
pub mod web;
