//! The browser tests: Chromium with a virtual authenticator.

#[path = "../support/mod.rs"]
mod support;

mod account;
mod admin;
mod audit;
mod classic;
mod closely;
mod crawl;
mod demo;
mod enterprise;
mod exceptions;
mod harness;
mod pages;
mod people;
mod policies;
mod queue;
mod repos;
mod server;
mod tokens;
mod walk;
