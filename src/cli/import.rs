//! `grantry import`: enters or updates the directory from a file.

use std::path::{Path, PathBuf};

use clap::Args;

use super::failure::Failure;
use super::open;
use super::terminal::Terminal;
use crate::actions::import::{Directory, ImportError, Mistake, Options, Report, import};
use crate::config::Config;
use crate::domain::audit::{Actor, Origin};
use crate::git::layout::Layout;

/// Enter or update people, organizations and repositories from a directory file
///
/// Importing the same file again changes nothing. A file with a mistake changes nothing at all.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// The directory file
    file: PathBuf,
    /// Only say what would change
    #[arg(long)]
    dry_run: bool,
    /// Replace policies that were changed elsewhere since the last import
    #[arg(long)]
    overwrite_policies: bool,
}

impl Import {
    pub(super) async fn run(&self, config: Config, terminal: &mut Terminal) -> Result<(), Failure> {
        let file = self.file.display();
        let text = std::fs::read_to_string(&self.file).map_err(|error| {
            Failure::BadInput(format!("`{file}` cannot be read: {error}; check the path"))
        })?;
        let directory = Directory::parse(&text).map_err(|mistakes| self.refused(&mistakes))?;
        let base = self.file.parent().unwrap_or(Path::new(""));
        let context = open(&config).await?;
        let options = Options {
            dry_run: self.dry_run,
            overwrites_policies: self.overwrite_policies,
        };
        let layout = Layout::new(&config.data_dir);
        let origin = Origin::of(Actor::Operator);
        let report = import(&context, &layout, &origin, &directory, base, options)
            .await
            .map_err(|error| self.explain(error))?;
        context.store.close().await;
        self.tell(&report, terminal);
        Ok(())
    }

    fn tell(&self, report: &Report, terminal: &mut Terminal) {
        for change in &report.changes {
            terminal.print(change);
        }
        for left in &report.left {
            terminal.say(left);
        }
        let count = match report.changes.len() {
            0 => "nothing".to_owned(),
            1 => "1 change".to_owned(),
            count => format!("{count} changes"),
        };
        terminal.say(&match (self.dry_run, report.changes.is_empty()) {
            (_, true) => "nothing to change: everything is as the file says".to_owned(),
            (true, false) => format!("{count} would be made; run again without --dry-run"),
            (false, false) => format!("{count} made"),
        });
    }

    fn explain(&self, error: ImportError) -> Failure {
        match error {
            ImportError::Mistakes(mistakes) => self.refused(&mistakes),
            ImportError::Store(error) => error.into(),
            other => Failure::Failed(format!("nothing was imported: {other}")),
        }
    }

    fn refused(&self, mistakes: &[Mistake]) -> Failure {
        let file = self.file.display();
        let lines: Vec<_> = mistakes
            .iter()
            .map(|mistake| format!("{file}: {mistake}"))
            .collect();
        let count = match lines.len() {
            1 => "this mistake".to_owned(),
            count => format!("these {count} mistakes"),
        };
        Failure::BadInput(format!(
            "{}\nnothing was imported: mend {count} and run it again",
            lines.join("\n")
        ))
    }
}
