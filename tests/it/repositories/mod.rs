//! Repositories: created, changed, deleted, shared; and what tokens and requests make of it.

mod actions;
mod api;
mod collaborators;
mod console;

mod deeds;
mod departure;
mod lists;
mod many;
