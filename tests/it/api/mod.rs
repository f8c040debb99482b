//! The REST API and the git door, as clients see them.

mod client;
mod comments;
mod contents;
mod doors;
mod errors;
mod git;
mod issues;
mod management;
mod records;
mod refusals;
mod resources;
mod routes;
mod running;
mod tags;
mod token;
