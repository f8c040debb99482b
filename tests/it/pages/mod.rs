//! The console's pages, as a browser without scripts sees them.

mod tokens;
mod visitor;
