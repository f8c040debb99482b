//! The browser tests: Chromium with a virtual authenticator.
