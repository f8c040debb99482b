//! `grantry audit verify`.

use std::path::PathBuf;

use clap::Args;

use super::moment;
use crate::audit_key;
use crate::background::anchor;
use crate::cli::failure::Failure;
use crate::cli::open;
use crate::cli::terminal::Terminal;
use crate::config::Config;
use crate::domain::audit::seal::{Seal, SealKey};
use crate::domain::time::Timestamp;
use crate::store::audit_chain::{self, Progress, Report};

/// What the command takes.
#[derive(Debug, Args)]
pub(in crate::cli) struct Verify {
    /// Begin at this day or moment, and take what is older as it stands
    #[arg(long, value_name = "T", value_parser = moment)]
    since: Option<Timestamp>,
    /// A file of seals to compare with, one a line: an anchor, or what an export ends with
    #[arg(long, value_name = "FILE")]
    anchor: Vec<PathBuf>,
}

impl Verify {
    pub(super) async fn run(&self, config: Config, terminal: &mut Terminal) -> Result<(), Failure> {
        let key = audit_key::find(&config.data_dir)
            .map_err(|error| Failure::Failed(format!("the key cannot be read: {error}")))?;
        let seals = self.seals(&config, key.as_ref())?;
        let context = open(&config).await?;
        let mut db = context.store.reader();
        let mut progress = Told::default();
        let report = audit_chain::verify(&mut db, self.since, &seals, |now| progress.tell(now));
        let report = report.await?;
        conclude(&report, &seals, terminal)
    }

    /// The seals to compare with: the last one beside the key, and those that were named. One that this installation's
    /// key did not make is no proof of anything.
    fn seals(&self, config: &Config, key: Option<&SealKey>) -> Result<Vec<Seal>, Failure> {
        let own = anchor::head_file(&config.data_dir);
        let own = own.exists().then_some(own);
        let mut seals = Vec::new();
        for file in own.iter().chain(&self.anchor) {
            let shown = file.display();
            let text = std::fs::read_to_string(file)
                .map_err(|error| Failure::BadInput(format!("`{shown}` cannot be read: {error}")))?;
            for line in text.lines().filter(|line| !line.trim().is_empty()) {
                let seal = Seal::parse(line).ok_or_else(|| {
                    Failure::BadInput(format!("`{shown}` holds a line that is no seal of a log"))
                })?;
                if key.is_some_and(|key| !key.made(&seal)) {
                    let at = seal.at.to_rfc3339();
                    return Err(Failure::Failed(format!(
                        "the seal of {at} in `{shown}` was not made with this installation's key: the file was changed, \
                         or it belongs to another installation"
                    )));
                }
                seals.push(seal);
            }
        }
        Ok(seals)
    }
}

/// Tells how far it is, once for every tenth.
#[derive(Default)]
struct Told {
    last: Option<(audit_chain::Chain, i64)>,
}

impl Told {
    fn tell(&mut self, now: Progress) {
        let tenth = now.done * 10 / now.all.max(1);
        let here = Some((now.chain, tenth));
        if self.last != here {
            self.last = here;
            let words = format!(
                "{}: {} of {} read ({} %)",
                now.chain.as_str(),
                now.done,
                now.all,
                tenth * 10
            );
            Terminal::standard().say(&words);
        }
    }
}

fn conclude(report: &Report, seals: &[Seal], terminal: &mut Terminal) -> Result<(), Failure> {
    for found in &report.breaks {
        terminal.print(&format!("fail  {found}"));
    }
    let compared = seals.len() - report.seals_too_old.min(seals.len());
    let words = format!(
        "{} events and {} decisions in {} groups were read and compared with {compared} seals",
        report.events, report.decisions, report.groups
    );
    if report.breaks.is_empty() {
        terminal.print(&format!("ok    {words}; nothing was changed"));
        return Ok(());
    }
    Err(Failure::Failed(format!(
        "{words}; {} things do not fit: find out who wrote to the database, and restore a backup",
        report.breaks.len()
    )))
}
