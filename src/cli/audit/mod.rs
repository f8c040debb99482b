//! `grantry audit`: checks the log and writes it out.

mod export;
mod verify;

use clap::Subcommand;

use super::failure::Failure;
use super::terminal::Terminal;
use crate::config::Config;
use crate::domain::audit::Span;
use crate::domain::time::Timestamp;

/// Check the audit log and write it out
#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Check that nothing in the log was changed, removed, put elsewhere or added
    ///
    /// Reads both chains again, of changes and of decisions, and compares them with the last seal beside the key
    /// (`audit.head`), and with any that is given. It may run beside a server. Ends with 0 when everything fits, with 1
    /// when something does not.
    Verify(verify::Verify),
    /// Write the log to stdout, oldest first, with its sealed head at the end
    Export(export::Export),
}

impl Audit {
    pub(super) async fn run(&self, config: Config, terminal: &mut Terminal) -> Result<(), Failure> {
        match self {
            Self::Verify(verify) => verify.run(config, terminal).await,
            Self::Export(export) => export.run(config, terminal).await,
        }
    }
}

/// The moment that `--since` names: a UTC day, or a moment.
fn moment(text: &str) -> Result<Timestamp, String> {
    let span = Span::parse(&format!(">={text}"))?;
    span.from
        .ok_or_else(|| "is no date such as `2026-11-01`".to_owned())
}
