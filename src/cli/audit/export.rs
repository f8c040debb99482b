//! `grantry audit export`.

use clap::{Args, ValueEnum};
use serde_json::{Map, Value};

use super::moment;
use crate::audit_key;
use crate::cli::failure::Failure;
use crate::cli::open;
use crate::cli::terminal::Terminal;
use crate::config::Config;
use crate::domain::audit::published;
use crate::domain::time::Timestamp;
use crate::store::audit_chain;
use crate::store::audit_log::{names_of, tail};

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// An object a line
    Json,
    /// A table with the most used fields; the rest stands in its last column
    Csv,
}

/// What the command takes.
#[derive(Debug, Args)]
pub(in crate::cli) struct Export {
    /// In which form
    #[arg(long, value_enum, default_value = "json")]
    format: Form,
    /// Begin at this day or moment
    #[arg(long, value_name = "T", value_parser = moment)]
    since: Option<Timestamp>,
}

/// The columns of a table.
const HEADS: [&str; 17] = [
    "@timestamp",
    "_document_id",
    "action",
    "operation_type",
    "actor",
    "user",
    "org",
    "business",
    "repo",
    "token_id",
    "user_programmatic_access_name",
    "programmatic_access_type",
    "hashed_token",
    "reason",
    "actor_ip",
    "user_agent",
    "request_id",
];

impl Export {
    pub(super) async fn run(&self, config: Config, terminal: &mut Terminal) -> Result<(), Failure> {
        let context = open(&config).await?;
        let key = audit_key::load(&config.data_dir, context.entropy.as_ref())
            .map_err(|error| Failure::Failed(format!("the key cannot be read: {error}")))?;
        let mut db = context.store.reader();
        let head = audit_chain::head(&mut db).await?;
        if self.format == Form::Csv {
            let heads = HEADS.iter().copied().chain(["data"]);
            terminal.print(&heads.collect::<Vec<_>>().join(","));
        }
        // What is written meanwhile stands in no export: it would not fit the head.
        let mut place = tail::Place::since(&mut db, self.since, &head).await?;
        loop {
            let entries = tail::next(&mut db, &mut place).await?;
            if entries.is_empty() {
                break;
            }
            let names = names_of(&mut db, &entries).await?;
            for entry in &entries {
                terminal.print(&self.line(published(entry, &names)));
            }
        }
        let seal = key.seal(head, context.clock.now());
        let mut last = Map::new();
        last.insert("action".to_owned(), "audit_log.head".into());
        last.insert("head".to_owned(), seal.to_json());
        terminal.print(&self.line(last));
        Ok(())
    }

    fn line(&self, mut fields: Map<String, Value>) -> String {
        if self.format == Form::Json {
            return Value::Object(fields).to_string();
        }
        let mut cells: Vec<_> = HEADS
            .iter()
            .map(|head| match fields.remove(*head) {
                None => String::new(),
                Some(Value::String(text)) => cell(&text),
                Some(other) => cell(&other.to_string()),
            })
            .collect();
        cells.push(cell(&Value::Object(fields).to_string()));
        cells.join(",")
    }
}

/// A cell of a table; a text that a spreadsheet would run is made plain.
fn cell(text: &str) -> String {
    let is_run = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_run {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_run_or_breaks_the_table() {
        assert_eq!(cell("plain"), "plain");
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("a,\"b\"\nc"), "\"a,\"\"b\"\"\nc\"");
        assert_eq!(cell("-x, y"), "\"'-x, y\"");
    }
}
