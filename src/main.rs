//! The `grantry` program.

fn main() {}
