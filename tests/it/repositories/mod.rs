//! Repositories: created, changed, deleted, shared; and what tokens and requests make of it.

mod actions;
mod api;
mod collaborators;

mod deeds;
mod departure;
mod lists;
