//! Git: smart HTTP through git's own backend, inspection of pushes, and reading bare repositories.
//!
//! Everything here runs the installed `git` as a child process with a cleared environment, arguments as
//! arrays and bounded output; nothing goes through a shell. Nothing here decides who may do what: the gate
//! does, and is asked through [`receive::PushDesk`] once a push's facts are known.
//!
//! * [`http`] is the door; [`operation`] reads which git operation a request is, [`backend`] serves it, [`refusal`]
//!   refuses it.
//! * [`receive`], [`hook`], [`facts`] and [`workflows`] decide a push before any ref moves.
//! * [`repository`], [`history`] and [`contents`] read; [`commit`] writes one file, [`build`] whole histories;
//!   [`layout`] says where.

pub mod backend;
pub mod build;
mod cgi;
mod command;
pub mod commit;
pub mod contents;
pub mod errand;
pub mod error;
pub mod facts;
pub mod history;
pub mod hook;
pub mod http;
pub mod layout;
pub mod operation;
pub mod receive;
pub mod refs;
pub mod refusal;
pub mod repository;
pub mod workflows;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod push_tests;
#[cfg(test)]
mod world;
