//! `grantry catalog`: what tokens can be allowed, which endpoint takes what, and whether a catalog of one's own is sound.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::failure::Failure;
use super::table::lay_out;
use super::terminal::Terminal;
use crate::domain::access::explain::sets_words;
use crate::domain::catalog::{Catalog, Endpoint, Permission};

#[derive(Debug, Subcommand)]
pub(super) enum CatalogCommand {
    /// List the permissions, or the endpoints with what each takes
    List(List),
    /// Check a catalog of one's own, and say every mistake with its line
    Check(Check),
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// What to list
    #[arg(value_enum, default_value_t = What::Permissions)]
    what: What,
    /// Only those with these words, or the endpoint of a call: "POST /repos/acme/web/issues"
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Check {
    /// The catalog
    #[arg(value_name = "FILE.toml")]
    file: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    Permissions,
    Endpoints,
}

impl CatalogCommand {
    pub(super) fn run(&self, terminal: &mut Terminal) -> Result<(), Failure> {
        match self {
            Self::List(list) => list.run(Catalog::github(), terminal),
            Self::Check(check) => check.run(terminal),
        }
    }
}

impl List {
    fn run(&self, catalog: &Catalog, terminal: &mut Terminal) -> Result<(), Failure> {
        let search = self.search.as_deref().unwrap_or_default();
        let (headings, rows): (&[&str], Vec<_>) = match self.what {
            What::Permissions => (
                &["PERMISSION", "HELD AT", "LEVELS", "TITLE"],
                permissions(catalog, search),
            ),
            What::Endpoints => {
                let found = catalog
                    .search(search)
                    .map_err(|error| Failure::BadInput(error.to_string()))?;
                let rows = found.iter().map(|found| endpoint(catalog, found.endpoint));
                (
                    &["METHOD", "PATH", "TAKES", "CLASSIC SCOPES"],
                    rows.collect(),
                )
            }
        };
        if rows.is_empty() {
            terminal.say("nothing in the catalog fits; try fewer words");
        } else {
            terminal.print(&lay_out(headings, &rows));
        }
        Ok(())
    }
}

fn permissions(catalog: &Catalog, search: &str) -> Vec<Vec<String>> {
    let found = catalog.permissions().iter();
    found
        .filter(|permission| permission.is_found(search))
        .map(permission)
        .collect()
}

fn permission(permission: &Permission) -> Vec<String> {
    let levels: Vec<_> = permission
        .levels
        .iter()
        .map(|rule| rule.level.as_str())
        .collect();
    vec![
        permission.slug.clone(),
        permission.group.to_string(),
        levels.join(", "),
        permission.title.clone(),
    ]
}

/// One endpoint: its sets as headers write them, `,` for and, `;` for or.
fn endpoint(catalog: &Catalog, endpoint: &Endpoint) -> Vec<String> {
    let mut takes = match (endpoint.is_closed(), endpoint.is_free()) {
        (true, _) => "closed to tokens".to_owned(),
        (_, true) => "nothing".to_owned(),
        _ => sets_words(catalog, &endpoint.sets),
    };
    if endpoint.public_readable && !endpoint.is_free() {
        takes.push_str(" (public: nothing)");
    }
    let scopes = catalog.scopes_of(endpoint).iter();
    let scopes: Vec<_> = scopes
        .map(|scope| catalog.scope(scope).name.as_str())
        .collect();
    vec![
        endpoint.method.to_string(),
        endpoint.template.clone(),
        takes,
        scopes.join(", "),
    ]
}

impl Check {
    fn run(&self, terminal: &mut Terminal) -> Result<(), Failure> {
        let file = self.file.display();
        let text = std::fs::read_to_string(&self.file)
            .map_err(|error| Failure::BadInput(format!("`{file}` cannot be read: {error}")))?;
        let catalog = Catalog::parse(&text)
            .map_err(|errors| Failure::BadInput(format!("`{file}` has mistakes:\n{errors}")))?;
        terminal.print(&format!(
            "`{file}` is sound: {} permissions and {} endpoints",
            catalog.permissions().len(),
            catalog.endpoints().len()
        ));
        Ok(())
    }
}
