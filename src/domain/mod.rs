//! The rules of Grantry as values and pure functions.
//!
//! Nothing here reads a clock, a database or the network: time and randomness are arguments, facts come as values, and
//! answers are values that explain themselves. A rule that needs a database to be tested is in the wrong place.

#[macro_use]
mod text;

pub mod access;
pub mod account;
pub mod administration;
pub mod approval;
pub mod audit;
pub mod catalog;
pub mod ids;
pub mod inventory;
pub mod names;
pub mod permission;
pub mod policy;
pub mod profile;
pub mod rate;
pub mod recovery;
pub mod repository;
pub mod role;
pub mod scope;
pub mod selection;
pub mod service;
pub mod sudo;
pub mod throttle;
pub mod time;
pub mod token;

pub use text::UnknownWord;
