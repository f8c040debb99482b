//! What the store promises, on every database.

mod directory;
mod listings;
mod log;
mod reviews;
mod sign_in;
