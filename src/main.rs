//! The `grantry` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    grantry::cli::main()
}
