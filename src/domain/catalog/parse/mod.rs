//! Builds a catalog from its text and reports everything that is wrong with it.

mod endpoints;
mod permissions;

use std::collections::HashMap;

use toml::de::DeTable;

use super::Catalog;
use super::error::{CatalogErrors, Mistakes};
use super::source::{Entry, Fields, Lines, entries};
use super::tree::Tree;
use crate::domain::permission::PermissionSet;
use crate::domain::scope::{Scope, ScopeId, ScopeSet};

const TABLES: &str = "`scopes`, `permissions` and `endpoints`";
const SCOPE_FIELDS: &str = "`parent` and `sentence`";

pub(super) fn parse(text: &str) -> Result<Catalog, CatalogErrors> {
    let lines = Lines::of(text);
    let mut mistakes = Mistakes::default();
    let (document, broken) = DeTable::parse_recoverable(text);
    for error in &broken {
        let line = lines.line(error.span().map_or(0, |span| span.start));
        mistakes.add(line, format!("this is no TOML: {}", error.message()));
    }
    let mut reader = Reader::new(lines, mistakes);
    let mut tables = entries(document.get_ref(), &reader.lines);
    // Later tables refer to earlier ones, in whatever order the text has them.
    tables.sort_by_key(|table| {
        ["scopes", "permissions", "endpoints"]
            .iter()
            .position(|&name| name == table.key)
    });
    for table in tables {
        reader.table(table);
    }
    reader.finish()
}

/// What has been read so far.
struct Reader {
    lines: Lines,
    mistakes: Mistakes,
    catalog: Catalog,
    /// The line of each endpoint, to name the earlier of two.
    endpoint_lines: Vec<usize>,
}

impl Reader {
    fn new(lines: Lines, mistakes: Mistakes) -> Self {
        let catalog = Catalog {
            scopes: Vec::new(),
            permissions: Vec::new(),
            by_slug: HashMap::new(),
            automatic: PermissionSet::new(),
            endpoints: Vec::new(),
            templates: Vec::new(),
            tree: Tree::new(),
        };
        Self {
            lines,
            mistakes,
            catalog,
            endpoint_lines: Vec::new(),
        }
    }

    fn finish(self) -> Result<Catalog, CatalogErrors> {
        self.mistakes.into_result()?;
        Ok(self.catalog)
    }

    fn table(&mut self, table: Entry<'_>) {
        let Some(entries) = self.mistakes.keep(table.line, table.entries(&self.lines)) else {
            return;
        };
        match table.key {
            "scopes" => self.scopes(&entries),
            "permissions" => entries.into_iter().for_each(|entry| self.permission(entry)),
            "endpoints" => entries.into_iter().for_each(|entry| self.endpoint(entry)),
            other => self.mistakes.add(
                table.line,
                format!("`{other}` is no table of a catalog; the tables are {TABLES}"),
            ),
        }
    }

    fn scopes(&mut self, entries: &[Entry<'_>]) {
        for &entry in entries {
            self.scope(entry);
        }
    }

    /// A parent stands above its children, so that nobody includes themselves.
    fn scope(&mut self, entry: Entry<'_>) {
        let Some(mut fields) = Fields::of(entry, &self.lines, &mut self.mistakes) else {
            return;
        };
        let sentence = fields.required_text("sentence", &mut self.mistakes);
        let parent = fields.optional_text("parent", &mut self.mistakes);
        fields.finish(SCOPE_FIELDS, &mut self.mistakes);
        let parent = parent.and_then(|name| self.find_scope(entry.line, &name));
        let Some(id) = ScopeId::new(self.catalog.scopes.len()) else {
            let limit = ScopeId::LIMIT;
            return self.mistakes.add(
                entry.line,
                format!(
                    "`{}` is one scope too many; a catalog holds {limit}",
                    entry.key
                ),
            );
        };
        let mut covered_by = parent.map_or_else(ScopeSet::new, |parent| {
            self.catalog.scopes[parent.index()].covered_by
        });
        covered_by.insert(id);
        let sentence = sentence.unwrap_or_default();
        self.catalog.scopes.push(Scope {
            id,
            name: entry.key.to_owned(),
            parent,
            sentence,
            covered_by,
        });
    }

    fn find_scope(&mut self, line: usize, name: &str) -> Option<ScopeId> {
        let found = self.catalog.find_scope(name).map(|scope| scope.id);
        if found.is_none() {
            self.mistakes.add(
                line,
                format!(
                    "`{name}` is no scope; add it under `[scopes]`, above those that it includes"
                ),
            );
        }
        found
    }

    fn scope_set(&mut self, line: usize, names: &[&str]) -> ScopeSet {
        names
            .iter()
            .filter_map(|name| self.find_scope(line, name))
            .collect()
    }
}
