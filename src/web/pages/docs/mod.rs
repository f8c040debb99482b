//! What anybody may read about this installation, signed in or not.

pub mod permissions;
