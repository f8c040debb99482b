//! Reads TOML value by value and goes on after a mistake, so that one reading names them all with their lines.

use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::directory::{At, Mistake, Place};

/// The longest text that a directory may hold where nothing shorter is said, in characters.
const LONGEST_TEXT: usize = 65_536;

struct Entry<'t> {
    key: &'t str,
    value: &'t Spanned<DeValue<'t>>,
}

/// A table whose keys are taken one by one; what nobody takes is a mistake.
pub(super) struct Table<'t> {
    name: String,
    line: usize,
    left: Vec<Entry<'t>>,
}

impl Table<'_> {
    /// The place of a key of this table, or of the table itself.
    fn place(&self, line: usize, key: &str) -> Place {
        Place {
            line,
            table: self.name.clone(),
            key: key.to_owned(),
        }
    }
}

/// Reads a text and collects its mistakes.
pub(super) struct Reader {
    line_ends: Vec<usize>,
    pub(super) mistakes: Vec<Mistake>,
}

impl Reader {
    pub(super) fn of(text: &str) -> Self {
        Self {
            line_ends: text.match_indices('\n').map(|(at, _)| at).collect(),
            mistakes: Vec::new(),
        }
    }

    /// The line of a byte, counted from 1.
    pub(super) fn line(&self, byte: usize) -> usize {
        self.line_ends.partition_point(|end| *end < byte) + 1
    }

    pub(super) fn add(&mut self, place: Place, message: impl Into<String>) {
        self.mistakes.push(Mistake {
            place,
            message: message.into(),
        });
    }

    /// The whole file as a table without a name.
    pub(super) fn root<'t>(table: &'t DeTable<'t>) -> Table<'t> {
        table_of(String::new(), 1, table)
    }

    fn take<'t>(
        &self,
        table: &mut Table<'t>,
        key: &str,
    ) -> Option<(&'t Spanned<DeValue<'t>>, Place)> {
        let at = table.left.iter().position(|entry| entry.key == key)?;
        let value = table.left.remove(at).value;
        let place = table.place(self.line(value.span().start), key);
        Some((value, place))
    }

    /// The tables of `[[name]]`, in the order of the file.
    pub(super) fn tables<'t>(&mut self, root: &mut Table<'t>, name: &str) -> Vec<Table<'t>> {
        let Some((value, place)) = self.take(root, name) else {
            return Vec::new();
        };
        let Some(items) = value.get_ref().as_array() else {
            self.add(place, format!("write each one under a line `[[{name}]]`"));
            return Vec::new();
        };
        let mut tables = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let line = self.line(item.span().start);
            let name = format!("[[{name}]] number {}", index + 1);
            match item.get_ref().as_table() {
                Some(table) => tables.push(table_of(name, line, table)),
                None => self.add(place.clone(), "each one is a table of keys and values"),
            }
        }
        tables
    }

    /// The tables within a list, such as `collaborators = [{ … }]`.
    pub(super) fn inner_tables<'t>(
        &mut self,
        table: &mut Table<'t>,
        key: &str,
    ) -> Option<Vec<Table<'t>>> {
        let (value, place) = self.take(table, key)?;
        let items = value.get_ref().as_array().map(|items| {
            items.iter().map(|item| {
                let line = self.line(item.span().start);
                let inner = item.get_ref().as_table()?;
                Some(table_of(
                    format!("{}, key `{key}`", table.name),
                    line,
                    inner,
                ))
            })
        });
        let tables: Option<Vec<_>> = items.and_then(Iterator::collect);
        if tables.is_none() {
            self.add(
                place,
                format!("`{key}` is a list of tables: [{{ user = \"…\", role = \"…\" }}]"),
            );
        }
        tables
    }

    /// A table within a table, such as `policy`.
    pub(super) fn inner_table<'t>(
        &mut self,
        table: &mut Table<'t>,
        key: &str,
    ) -> Option<(Table<'t>, Place)> {
        let (value, place) = self.take(table, key)?;
        if let Some(inner) = value.get_ref().as_table() {
            let name = format!("{}, key `{key}`", table.name);
            return Some((table_of(name, place.line, inner), place));
        }
        self.add(place, format!("`{key}` is a table: {{ … }}"));
        None
    }

    /// A text.
    pub(super) fn text(&mut self, table: &mut Table<'_>, key: &str) -> Option<At<String>> {
        let (value, place) = self.take(table, key)?;
        let Some(text) = value.get_ref().as_str() else {
            let found = value.get_ref().type_str();
            self.add(place, format!("a text in quotes is needed, not a {found}"));
            return None;
        };
        let length = text.chars().count();
        if length > LONGEST_TEXT {
            self.add(
                place,
                format!("the text has {length} characters; {LONGEST_TEXT} fit"),
            );
            return None;
        }
        Some(At {
            value: text.to_owned(),
            place,
        })
    }

    /// A line of at most `limit` characters, without anything that cannot be shown.
    pub(super) fn line_of_text(
        &mut self,
        table: &mut Table<'_>,
        key: &str,
        limit: usize,
    ) -> Option<At<String>> {
        let text = self.text(table, key)?;
        let length = text.value.chars().count();
        if length > limit {
            self.add(
                text.place,
                format!("the text has {length} characters; {limit} fit"),
            );
            return None;
        }
        if text.value.chars().any(char::is_control) {
            self.add(
                text.place,
                "the text holds a line break or a character that cannot be shown: take it out",
            );
            return None;
        }
        Some(text)
    }

    /// A line that must be there and say something.
    pub(super) fn required(
        &mut self,
        table: &mut Table<'_>,
        key: &str,
        limit: usize,
    ) -> Option<At<String>> {
        if !table.left.iter().any(|entry| entry.key == key) {
            let place = table.place(table.line, "");
            self.add(place, format!("`{key}` is missing: add `{key} = \"…\"`"));
            return None;
        }
        let text = self.line_of_text(table, key, limit)?;
        if text.value.trim().is_empty() {
            self.add(text.place, "the text is empty: write it out");
            return None;
        }
        Some(text)
    }

    /// A line that says something, where there is one.
    pub(super) fn required_if_there(
        &mut self,
        table: &mut Table<'_>,
        key: &str,
        limit: usize,
    ) -> Option<At<String>> {
        let is_there = table.left.iter().any(|entry| entry.key == key);
        is_there.then(|| self.required(table, key, limit)).flatten()
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, table: &mut Table<'_>, key: &str) -> Option<bool> {
        let (value, place) = self.take(table, key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.add(place, "write `true` or `false`, without quotes");
        }
        flag
    }

    /// One of the words of an enum.
    pub(super) fn word<T: FromStr>(&mut self, table: &mut Table<'_>, key: &str) -> Option<At<T>>
    where
        T::Err: std::fmt::Display,
    {
        let text = self.text(table, key)?;
        match text.value.parse() {
            Ok(value) => Some(At {
                value,
                place: text.place,
            }),
            Err(error) => {
                self.add(text.place, error.to_string());
                None
            }
        }
    }

    /// A list of texts, each with its own line.
    pub(super) fn texts(
        &mut self,
        table: &mut Table<'_>,
        key: &str,
    ) -> Option<At<Vec<At<String>>>> {
        let (value, place) = self.take(table, key)?;
        let items = value.get_ref().as_array().map(|items| {
            items.iter().map(|item| {
                let text = item.get_ref().as_str()?;
                Some(At {
                    value: text.to_owned(),
                    place: table.place(self.line(item.span().start), key),
                })
            })
        });
        let texts: Option<Vec<_>> = items.and_then(Iterator::collect);
        if texts.is_none() {
            self.add(place.clone(), "a list of texts is needed: [\"…\", \"…\"]");
        }
        texts.map(|value| At { value, place })
    }

    /// A value that `read` understands, given as it is written; `expected` says what would be right.
    pub(super) fn value<T>(
        &mut self,
        table: &mut Table<'_>,
        key: &str,
        expected: &str,
        read: impl FnOnce(&DeValue<'_>) -> Option<T>,
    ) -> Option<At<T>> {
        let (value, place) = self.take(table, key)?;
        let read = read(value.get_ref());
        if read.is_none() {
            self.add(place.clone(), expected);
        }
        read.map(|value| At { value, place })
    }

    /// Reports what nobody took: a misspelt key must not pass in silence.
    pub(super) fn finish(&mut self, table: &Table<'_>, known: &[&str]) {
        let known = known
            .iter()
            .map(|key| format!("`{key}`"))
            .collect::<Vec<_>>()
            .join(", ");
        for entry in &table.left {
            let place = table.place(self.line(entry.value.span().start), "");
            self.add(
                place,
                format!("there is no key `{}`: known are {known}", entry.key),
            );
        }
    }
}

/// The keys of a table, in the order of the file: TOML tables keep none of their own.
fn table_of<'t>(name: String, line: usize, table: &'t DeTable<'t>) -> Table<'t> {
    let mut keys: Vec<_> = table.iter().collect();
    keys.sort_by_key(|(key, _)| key.span().start);
    let left = keys.into_iter().map(|(key, value)| Entry {
        key: key.get_ref(),
        value,
    });
    Table {
        name,
        line,
        left: left.collect(),
    }
}
