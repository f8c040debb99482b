//! The doors of other services: forward-auth for their proxies, introspection and revocation for themselves.
//!
//! Every door asks the one gate, and tells what it says in the words that the other side understands. A door never
//! reads a cookie, and what it cannot know it does not allow.

mod asked;
pub mod authorize;
mod caller;
mod form;
pub mod introspect;
mod oauth_error;
mod reach;
pub mod revoke;

use axum::Router;
use axum::routing::{any, post};

use crate::app::App;

/// The addresses of the doors.
pub fn router() -> Router<App> {
    Router::new()
        .route("/gate/{service}/authorize", any(authorize::authorize))
        .route(
            "/oauth/introspect",
            post(introspect::introspect).fallback(async || form::only_post()),
        )
        .route(
            "/oauth/revoke",
            post(revoke::revoke).fallback(async || form::only_post()),
        )
}
