//! `grantry hook`: what git runs while it receives a push. Never called by people.

use std::collections::BTreeMap;
use std::io;
use std::process::ExitCode;

use clap::Subcommand;

use crate::git::hook::hook_main;

/// The hooks that served repositories have.
#[derive(Debug, Subcommand)]
pub(super) enum Hook {
    /// Ask the server whether a push may move its refs
    PreReceive,
}

impl Hook {
    pub(super) fn run(&self) -> ExitCode {
        let Self::PreReceive = self;
        let environment: BTreeMap<_, _> = std::env::vars_os().collect();
        let code = hook_main(io::stdin().lock(), &environment, &mut io::stderr());
        ExitCode::from(code)
    }
}
