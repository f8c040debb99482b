//! An enterprise's settings pages. Every handler takes an `EnterpriseOwner`: for anybody else, also an owner of one of
//! its organizations, the pages do not exist.

pub(in crate::web::pages) mod frame;
pub mod organizations;
pub mod people;
pub mod tokens;
mod window;
