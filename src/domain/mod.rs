//! The rules of Grantry: pure values and functions, without I/O, time or randomness of their own.

pub mod catalog;
pub mod permission;
pub mod role;
pub mod scope;
