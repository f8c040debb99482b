//! `grantry doctor`: what is wrong with this installation, one line a check, and what to do about it.

use clap::Args;

use super::failure::Failure;
use super::settings::Settings;
use super::terminal::Terminal;
use crate::clock::SystemClock;
use crate::health::{self, Check, Outcome, Subject};

/// What the command takes: nothing beside the settings.
#[derive(Debug, Args)]
pub(super) struct Doctor {}

impl Doctor {
    pub(super) async fn run(
        &self,
        settings: &Settings,
        terminal: &mut Terminal,
    ) -> Result<(), Failure> {
        let checks = match settings.config() {
            Ok(config) => {
                let mut checks = vec![Check::fine("Settings", "each can be used")];
                let clock = SystemClock::default();
                let subject = Subject {
                    config: &config,
                    config_file: settings.config.as_deref(),
                    clock: &clock,
                };
                checks.extend(health::examine(&subject).await);
                checks
            }
            Err(failure) => vec![unreadable(&failure)],
        };
        for check in &checks {
            terminal.print(&line(check));
        }
        conclude(&checks, terminal)
    }
}

/// Settings that cannot be used are a finding too; nothing else can be looked at then.
fn unreadable(failure: &Failure) -> Check {
    let advice =
        "correct it (docs/settings.md); everything else depends on it and was not looked at";
    Check::failure("Settings", failure.to_string(), advice)
}

/// A line such as `fail  Data folder  others can enter it; run chmod 700 …`.
fn line(check: &Check) -> String {
    let head = format!(
        "{:<4}  {:<19}  {}",
        check.outcome.as_str(),
        check.name,
        check.found
    );
    if check.advice.is_empty() {
        head
    } else {
        format!("{head}; {}", check.advice)
    }
}

fn conclude(checks: &[Check], terminal: &mut Terminal) -> Result<(), Failure> {
    let count = |outcome| {
        checks
            .iter()
            .filter(|check| check.outcome == outcome)
            .count()
    };
    let warnings = match count(Outcome::Warning) {
        0 => String::new(),
        1 => ", 1 deserves a look".to_owned(),
        several => format!(", {several} deserve a look"),
    };
    match count(Outcome::Failure) {
        0 => {
            terminal.say(&format!("nothing is wrong{warnings}"));
            Ok(())
        }
        1 => Err(Failure::Failed(format!("1 thing is wrong{warnings}"))),
        several => Err(Failure::Failed(format!(
            "{several} things are wrong{warnings}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_one_line_with_what_to_do_at_its_end() {
        let check = Check::failure("Git", "git cannot be run", "install git");
        assert_eq!(
            line(&check),
            "fail  Git                  git cannot be run; install git"
        );
        assert_eq!(
            line(&Check::fine("Git", "git version 2.39.5")),
            "ok    Git                  git version 2.39.5"
        );
    }
}
