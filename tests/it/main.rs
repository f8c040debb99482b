//! The integration tests: one binary, so that it is linked once.

#[path = "../support/mod.rs"]
mod support;
#[macro_use]
mod world;

mod api;
mod architecture;
mod console;
mod gate;
mod migrations;
mod pages;
mod postgres;
mod sample;
