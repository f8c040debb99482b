//! The REST API and the git door, as clients see them.

mod bulk;
pub mod client;
mod comments;
mod contents;
mod credentials;
mod description;
mod doors;
mod errors;
mod git;
mod issues;
mod leaks;
mod limits;
mod management;
mod policies;
mod records;
mod refusals;
mod resources;
mod rights;
mod rotation;
mod routes;
mod running;
mod tags;
mod token;
