//! A person's own account: the profile, passkeys, sessions, recovery codes.

mod activity;
pub mod new_passkey;
pub mod passkey;
pub mod profile;
pub mod recovery_codes;
pub mod security;
pub mod sessions;

use crate::web::chrome::Chrome;
use crate::web::extract::SignedIn;

/// The frame of a page that lies under the one of passkeys and sessions.
fn chrome_under_security(signed_in: &SignedIn, title: &str) -> Chrome {
    signed_in
        .chrome(title)
        .crumb("Passkeys and sessions", security::PATH)
        .here(title)
}
