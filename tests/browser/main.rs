//! The browser tests: Chromium with a virtual authenticator.

#[path = "../support/mod.rs"]
mod support;

mod closely;
mod demo;
mod harness;
mod pages;
mod server;
mod walk;
