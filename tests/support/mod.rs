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
