//! What the integration tests and the browser tests share: the outside world of Grantry, real and
//! throw-away. Included by each test binary with `#[path]`.
#![allow(
    dead_code,
    reason = "each test binary uses its own part of the support"
)]

pub mod axe;
pub mod browser;
pub mod chromedriver;
pub mod postgres;

/// Lets every HTTP client of the tests use *ring* for TLS, as the program's own does. Call it before a client is built;
/// again does no harm.
pub fn use_ring() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}
