//! What is wrong with an installation, and what to do: one set of checks for `grantry doctor`, which runs beside a
//! server or without one, and for the health page of the server itself.

pub mod configuration;
pub mod database;
pub mod files;
pub mod git;
pub mod services;
pub mod streams;

use std::path::Path;

use crate::clock::Clock;
use crate::config::Config;
use crate::store::Store;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// As it should be.
    Fine,
    /// Works, and deserves a look.
    Warning,
    /// Does not work, or is not safe.
    Failure,
}

impl Outcome {
    /// As the command line writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Warning => "warn",
            Self::Failure => "fail",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// How it is.
    pub outcome: Outcome,
    /// What was found, as a sentence without its full stop.
    pub found: String,
    /// What to do; empty where there is nothing to do.
    pub advice: String,
}

impl Check {
    /// As it should be.
    pub fn fine(name: &'static str, found: impl Into<String>) -> Self {
        Self {
            name,
            outcome: Outcome::Fine,
            found: found.into(),
            advice: String::new(),
        }
    }

    /// Works, and deserves a look.
    pub fn warning(
        name: &'static str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            name,
            outcome: Outcome::Warning,
            found: found.into(),
            advice: advice.into(),
        }
    }

    /// Does not work, or is not safe.
    pub fn failure(
        name: &'static str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            outcome: Outcome::Failure,
            ..Self::warning(name, found, advice)
        }
    }
}

/// How much time the checks may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// What a page can wait for.
    Quick,
    /// Everything, reading the whole database.
    Thorough,
}

/// What the checks need.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The settings.
    pub config: &'a Config,
    /// The file that they were read from, if any.
    pub config_file: Option<&'a Path>,
    /// The time; not raised to the database's, so that a clock that was set back shows.
    pub clock: &'a dyn Clock,
}

/// Looks at everything, opening the database beside whoever else uses it. Nothing is created or changed.
pub async fn examine(subject: &Subject<'_>) -> Vec<Check> {
    let mut checks = local(subject).await;
    match database::open(&subject.config.database_url).await {
        Ok(store) => {
            checks.extend(database::examine(&store, subject.clock, Depth::Thorough).await);
            checks.extend(log(subject, &store).await);
            checks.extend(services::examine(subject.config, &store, subject.clock).await);
            store.close().await;
        }
        Err(check) => checks.push(check),
    }
    checks
}

/// The same for a server that has its database open.
pub async fn examine_running(subject: &Subject<'_>, store: &Store) -> Vec<Check> {
    let mut checks = local(subject).await;
    checks.extend(database::examine(store, subject.clock, Depth::Quick).await);
    checks.extend(log(subject, store).await);
    checks.extend(services::examine(subject.config, store, subject.clock).await);
    checks
}

/// What leaves the audit log, and what never enters it. Where the tables are not there yet, that was said already.
async fn log(subject: &Subject<'_>, store: &Store) -> Vec<Check> {
    let (mut db, now) = (store.reader(), subject.clock.now());
    let streams = streams::examine(subject.config, &mut db, now).await;
    let strangers = streams::strangers(&mut db, now).await;
    let mut checks = streams.unwrap_or_default();
    checks.extend(strangers.ok());
    checks
}

async fn local(subject: &Subject<'_>) -> Vec<Check> {
    let mut checks = configuration::examine(subject.config);
    checks.extend(files::examine(subject.config, subject.config_file));
    checks.extend(git::examine(subject.config).await);
    checks
}

/// A size as people read it: `3.4 GB`.
pub fn size_words(bytes: u64) -> String {
    let units = ["bytes", "KB", "MB", "GB", "TB"];
    let mut tenths = u128::from(bytes) * 10;
    let mut unit = 0;
    while tenths >= 10_240 && unit + 1 < units.len() {
        tenths /= 1_024;
        unit += 1;
    }
    if unit == 0 || tenths >= 100 {
        format!("{} {}", tenths / 10, units[unit])
    } else {
        format!("{}.{} {}", tenths / 10, tenths % 10, units[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_told_in_its_largest_unit() {
        let table = [
            (0, "0 bytes"),
            (1_023, "1023 bytes"),
            (1_536, "1.5 KB"),
            (20 * 1_024 * 1_024, "20 MB"),
            (3_700_000_000, "3.4 GB"),
        ];
        for (bytes, words) in table {
            assert_eq!(size_words(bytes), words);
        }
    }

    #[test]
    fn failures_outrank_warnings() {
        assert!(Outcome::Failure > Outcome::Warning && Outcome::Warning > Outcome::Fine);
    }
}
