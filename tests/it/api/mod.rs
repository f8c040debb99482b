//! The REST API and the git door, as clients see them.

mod client;
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
