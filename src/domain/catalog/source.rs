//! Reads the TOML of a catalog with the line of every entry, so that mistakes can point at it.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::Mistakes;

/// Turns places in a text into lines.
pub(super) struct Lines {
    ends: Vec<usize>,
}

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        Self {
            ends: text.match_indices('\n').map(|(at, _)| at).collect(),
        }
    }

    /// The line of a byte, counted from 1.
    pub(super) fn line(&self, byte: usize) -> usize {
        self.ends.partition_point(|&end| end < byte) + 1
    }
}

/// One `key = value` of a table, or one `[table]`.
#[derive(Clone, Copy)]
pub(super) struct Entry<'t> {
    pub(super) key: &'t str,
    pub(super) line: usize,
    value: &'t DeValue<'t>,
}

impl<'t> Entry<'t> {
    pub(super) fn text(&self) -> Result<&'t str, String> {
        let found = self.value.type_str();
        self.value
            .as_str()
            .ok_or_else(|| format!("`{}` is a text in quotes, not a {found}", self.key))
    }

    pub(super) fn flag(&self) -> Result<bool, String> {
        self.value
            .as_bool()
            .ok_or_else(|| format!("`{}` is `true` or `false`", self.key))
    }

    pub(super) fn texts(&self) -> Result<Vec<&'t str>, String> {
        let list = self
            .value
            .as_array()
            .and_then(|list| list.iter().map(|item| item.get_ref().as_str()).collect());
        list.ok_or_else(|| format!("`{}` is a list of texts: [\"…\", \"…\"]", self.key))
    }

    /// The entries of a table, in the order of the text.
    pub(super) fn entries(&self, lines: &Lines) -> Result<Vec<Entry<'t>>, String> {
        let table = self
            .value
            .as_table()
            .ok_or_else(|| format!("`{}` is a table of entries", self.key))?;
        Ok(entries(table, lines))
    }
}

/// The entries of a table, in the order of the text: TOML tables keep none of their own.
pub(super) fn entries<'t>(table: &'t DeTable<'t>, lines: &Lines) -> Vec<Entry<'t>> {
    let mut ordered: Vec<_> = table.iter().collect();
    ordered.sort_by_key(|(key, _)| key.span().start);
    let entry = |(key, value): (&'t Spanned<_>, &'t Spanned<DeValue<'t>>)| {
        let key: &'t Spanned<std::borrow::Cow<'t, str>> = key;
        Entry {
            key: key.get_ref(),
            line: lines.line(key.span().start),
            value: value.get_ref(),
        }
    };
    ordered.into_iter().map(entry).collect()
}

/// The fields of one entry, taken by name; what nobody takes is a mistake.
pub(super) struct Fields<'t> {
    owner: Entry<'t>,
    left: Vec<Entry<'t>>,
}

impl<'t> Fields<'t> {
    pub(super) fn of(owner: Entry<'t>, lines: &Lines, mistakes: &mut Mistakes) -> Option<Self> {
        let left = mistakes.keep(owner.line, owner.entries(lines))?;
        Some(Self { owner, left })
    }

    pub(super) fn take(&mut self, key: &str) -> Option<Entry<'t>> {
        let at = self.left.iter().position(|entry| entry.key == key)?;
        Some(self.left.remove(at))
    }

    /// A text that must be there and say something.
    pub(super) fn required(&mut self, key: &str, mistakes: &mut Mistakes) -> Option<Entry<'t>> {
        let Some(entry) = self.take(key) else {
            mistakes.add(
                self.owner.line,
                format!("`{}` has no `{key}`; add one", self.owner.key),
            );
            return None;
        };
        let text = mistakes.keep(entry.line, entry.text())?;
        if text.trim().is_empty() {
            mistakes.add(
                entry.line,
                format!("`{key}` of `{}` is empty; write it out", self.owner.key),
            );
            return None;
        }
        Some(entry)
    }

    pub(super) fn required_text(&mut self, key: &str, mistakes: &mut Mistakes) -> Option<String> {
        let entry = self.required(key, mistakes)?;
        entry.text().ok().map(str::to_owned)
    }

    pub(super) fn optional_text(&mut self, key: &str, mistakes: &mut Mistakes) -> Option<String> {
        let entry = self.take(key)?;
        mistakes.keep(entry.line, entry.text()).map(str::to_owned)
    }

    /// Reports what is left: a misspelt field must not pass in silence.
    pub(super) fn finish(self, known: &str, mistakes: &mut Mistakes) {
        for entry in self.left {
            mistakes.add(
                entry.line,
                format!(
                    "`{}` has no field `{}`; the fields are {known}",
                    self.owner.key, entry.key
                ),
            );
        }
    }
}
