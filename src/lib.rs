//! Grantry: a self-hosted authority for fine-grained personal access tokens.
//!
//! The rooms, from the inside out. An arrow may only run inwards; `tests/it/architecture.rs` holds that.
//!
//! * [`domain`] is pure: the rules as values and functions, without a database, a network or a clock.
//! * [`store`] holds every SQL statement, one text for SQLite and PostgreSQL.
//! * [`actions`] change things: load, decide (domain), write, audit, commit, then effects.
//! * [`gate`] decides what a presented secret may do, and records it.
//! * [`api`] answers JSON, [`git`] speaks smart HTTP, [`web`] is the console.
//! * [`background`] does what is due by itself; [`courier`] is the one way in which other servers are called.
//! * [`doors`] answer for services that others wrote: forward-auth, introspection and revocation.
//! * [`health`] says what is wrong with an installation: for the console and the command line alike.
//! * [`cli`] is the command line over the same actions; [`demo`] tells the story of its sample enterprise.

pub mod actions;
pub mod api;
pub mod app;
pub mod audit_key;
pub mod background;
pub mod cli;
pub mod clock;
pub mod config;
pub mod courier;
pub mod demo;
pub mod domain;
pub mod doors;
pub mod entropy;
pub mod gate;
pub mod git;
pub mod health;
pub mod server;
pub mod store;
pub mod web;
