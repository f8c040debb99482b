//! The command line: the operator's way in, over the same actions as the console and the API.
//!
//! Results go to stdout, everything else to stderr. Bad input ends with code 2 and nothing changed, a failure with 1;
//! either says in a plain sentence what to do.

mod audit;
mod catalog;
mod demo;
mod doctor;
mod failure;
mod hook;
mod import;
mod link;
mod logging;
mod serve;
mod settings;
mod table;
mod terminal;
mod token;

use std::process::ExitCode;
use std::sync::Arc;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use crate::actions::Context;
use crate::app;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::entropy::SystemEntropy;

use failure::Failure;
use settings::Settings;
use terminal::Terminal;

/// A self-hosted authority for fine-grained personal access tokens.
#[derive(Debug, Parser)]
#[command(name = "grantry", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server
    Serve,
    /// Run the server on a throw-away sample enterprise, to look around
    Demo,
    /// Enter or update people, organizations and repositories from a directory file
    Import(import::Import),
    /// Make a one-time link with which a person registers a passkey
    Link(link::Link),
    /// Make, list, show and revoke tokens
    #[command(subcommand)]
    Token(token::Token),
    /// Check the audit log and write it out
    #[command(subcommand)]
    Audit(audit::Audit),
    /// List permissions and endpoints, and check a catalog of one's own
    #[command(subcommand)]
    Catalog(catalog::CatalogCommand),
    /// Say what is wrong with the settings, the database, the clock, mail and files, and what to do
    ///
    /// Looks at everything and changes nothing; it may run beside a server. Each check is one line: `ok`, `warn` (it
    /// works, and deserves a look) or `fail`. Ends with 0 when nothing failed, with 1 when something did.
    Doctor(doctor::Doctor),
    /// What git runs when somebody pushes; not for people
    #[command(hide = true, subcommand)]
    Hook(hook::Hook),
}

/// Runs the program and gives its exit code.
pub fn main() -> ExitCode {
    let mut terminal = Terminal::standard();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return explain(&mut terminal, &error),
    };
    // Git waits for this one, and it reads no settings.
    if let Command::Hook(hook) = &cli.command {
        return hook.run();
    }
    let outcome = match &cli.command {
        // The catalog is part of the program: it takes no settings and no database.
        Command::Catalog(catalog) => catalog.run(&mut terminal),
        _ => run(&cli, &mut terminal),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal.say(&failure.to_string());
            failure.exit_code()
        }
    }
}

fn run(cli: &Cli, terminal: &mut Terminal) -> Result<(), Failure> {
    // The demo's guide must not scroll away.
    let is_server = matches!(cli.command, Command::Serve);
    logging::start(if is_server { "info" } else { "warn" })?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Failed(format!("the program cannot start: {error}")))?;
    let settings = &cli.settings;
    runtime.block_on(async {
        match &cli.command {
            Command::Serve => serve::run(settings.config()?, terminal).await,
            Command::Demo => demo::run(settings, terminal).await,
            Command::Import(import) => import.run(settings.config()?, terminal).await,
            Command::Link(link) => link.run(settings.config()?, terminal).await,
            Command::Token(token) => token.run(settings.config()?, terminal).await,
            Command::Audit(audit) => audit.run(settings.config()?, terminal).await,
            Command::Doctor(doctor) => doctor.run(settings, terminal).await,
            Command::Catalog(_) | Command::Hook(_) => Ok(()),
        }
    })
}

/// Opens the database for a command, beside a server that may be running on it.
async fn open(config: &Config) -> Result<Context, Failure> {
    let clock = Arc::new(SystemClock::default());
    Ok(app::open(config, clock, Arc::new(SystemEntropy)).await?)
}

/// Shows help where it was asked for; otherwise says what is wrong with the words of the command, in one sentence.
fn explain(terminal: &mut Terminal, error: &clap::Error) -> ExitCode {
    let text = error.to_string();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            terminal.print(text.trim_end());
            ExitCode::SUCCESS
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            terminal.say(text.trim_end());
            ExitCode::from(2)
        }
        _ => {
            terminal.say(&sentence(&text));
            ExitCode::from(2)
        }
    }
}

/// The parser's message without its frame: what is wrong in one line, and where help is.
fn sentence(text: &str) -> String {
    let body = text.split("\n\nUsage:").next().unwrap_or(text);
    let body = body.split("\n\nFor more").next().unwrap_or(body);
    let body = body.strip_prefix("error: ").unwrap_or(body);
    let words: Vec<_> = body.split_whitespace().collect();
    let usage = text
        .lines()
        .find_map(|line| line.strip_prefix("Usage: "))
        .unwrap_or("grantry");
    let command: Vec<_> = usage
        .split_whitespace()
        .take_while(|word| {
            word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-')
        })
        .collect();
    format!("{}; see `{} --help`", words.join(" "), command.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_commands_fit_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_word_that_no_command_knows_is_one_sentence_with_where_help_is() {
        let error = Cli::try_parse_from(["grantry", "link", "--colour", "red"]);
        let text = sentence(&error.expect_err("it has mistakes").to_string());
        assert!(text.contains("--colour"), "{text}");
        assert!(text.ends_with("; see `grantry link --help`"), "{text}");
        assert!(!text.contains('\n'), "{text}");
    }

    #[test]
    fn every_command_has_help() {
        let mut command = Cli::command();
        for sub in command
            .get_subcommands_mut()
            .filter(|sub| !sub.is_hide_set())
        {
            assert!(sub.get_about().is_some(), "{}", sub.get_name());
        }
    }
}
