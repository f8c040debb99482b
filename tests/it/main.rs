//! The integration tests: one binary, so that it is linked once.

#[path = "../support/mod.rs"]
mod support;
#[macro_use]
mod world;

mod api;
mod architecture;
mod audit;
mod classic;
mod cli;
mod clients;
mod console;
mod doors;
mod enterprise;
mod exceptions;
mod gate;
mod import;
mod life;
mod migrations;
mod pages;
mod people;
mod policies;
mod postgres;
mod repositories;
mod sample;
mod store;
