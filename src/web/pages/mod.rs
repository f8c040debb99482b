//! The console's pages, one module a page.

pub mod account;
pub mod admin;
pub mod api;
pub mod audit;
pub mod classic;
pub mod docs;
pub mod enterprise;
pub mod exemptions;
pub mod home;
pub mod organization;
pub mod policy;
pub mod repository;
mod scope_owner;
pub mod settings;
pub mod sign_in;
pub mod styleguide;
pub mod tokens;
