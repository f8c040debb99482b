//! Rows as CSV and as JSON: both are written from the same cells, so that they cannot tell different things.

use serde_json::Value;

use crate::domain::time::Timestamp;

/// In which form rows are taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A table for spreadsheets (RFC 4180), with a line of heads.
    Csv,
    /// A list of objects with the heads as names.
    Json,
}

impl Format {
    /// The form that an address names; none for any other word.
    pub fn read(word: &str) -> Option<Self> {
        match word {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    /// The ending of a file's name.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    /// What a browser is told that it gets.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Json => "application/json",
        }
    }
}

/// One value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// No value: an empty cell, `null`.
    Nothing,
    /// Words, also what somebody typed.
    Text(String),
    /// A number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// A moment, as RFC 3339 writes it.
    Time(Timestamp),
    /// Several texts: a list in JSON, one cell in CSV.
    List(Vec<String>),
}

impl Cell {
    /// What a table shows. A text that a spreadsheet would run is made plain.
    fn plain(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Text(text) => harmless(text.clone()),
            Self::Number(number) => number.to_string(),
            Self::Flag(is_so) => if *is_so { "yes" } else { "no" }.to_owned(),
            Self::Time(at) => at.to_rfc3339(),
            Self::List(texts) => harmless(texts.join("; ")),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Nothing => Value::Null,
            Self::Text(text) => text.as_str().into(),
            Self::Number(number) => (*number).into(),
            Self::Flag(is_so) => (*is_so).into(),
            Self::Time(at) => at.to_rfc3339().into(),
            Self::List(texts) => texts.as_slice().into(),
        }
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, Into::into)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Cell {
    fn from(is_so: bool) -> Self {
        Self::Flag(is_so)
    }
}

impl From<Timestamp> for Cell {
    fn from(at: Timestamp) -> Self {
        Self::Time(at)
    }
}

impl From<Vec<String>> for Cell {
    fn from(texts: Vec<String>) -> Self {
        Self::List(texts)
    }
}

/// Spreadsheets run a cell that begins like a formula, quoted or not; an apostrophe in front makes it a text again.
fn harmless(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        format!("'{text}")
    } else {
        text
    }
}

/// Writes rows in a form, a batch at a time: begin, any number of batches, end.
#[derive(Debug, Clone)]
pub struct Sheet {
    format: Format,
    heads: &'static [&'static str],
    is_empty: bool,
}

impl Sheet {
    /// A sheet with these columns.
    pub const fn new(format: Format, heads: &'static [&'static str]) -> Self {
        Self {
            format,
            heads,
            is_empty: true,
        }
    }

    /// What stands before the first row.
    pub fn begin(&self) -> Vec<u8> {
        match self.format {
            Format::Csv => csv([self.heads.iter().map(|head| (*head).to_owned())]),
            Format::Json => b"[".to_vec(),
        }
    }

    /// The next rows, each with a cell for every head.
    pub fn batch(&mut self, rows: &[Vec<Cell>]) -> Vec<u8> {
        match self.format {
            Format::Csv => csv(rows.iter().map(|row| row.iter().map(Cell::plain))),
            Format::Json => rows.iter().flat_map(|row| self.object(row)).collect(),
        }
    }

    /// What stands after the last row.
    pub fn end(&self) -> Vec<u8> {
        match self.format {
            Format::Csv => Vec::new(),
            Format::Json if self.is_empty => b"]\n".to_vec(),
            Format::Json => b"\n]\n".to_vec(),
        }
    }

    fn object(&mut self, row: &[Cell]) -> Vec<u8> {
        let lead = if self.is_empty { "\n" } else { ",\n" };
        self.is_empty = false;
        // Written by hand, because a map would sort the names.
        let pairs = self.heads.iter().zip(row);
        let pairs = pairs.map(|(head, cell)| format!("{}:{}", Value::from(*head), cell.json()));
        let object = pairs.collect::<Vec<_>>().join(",");
        format!("{lead}{{{object}}}").into_bytes()
    }
}

fn csv<R: IntoIterator<Item = String>>(rows: impl IntoIterator<Item = R>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        writer
            .write_record(row)
            .expect("memory takes every row, and all of a sheet have as many cells");
    }
    writer.into_inner().expect("memory takes what is left")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADS: &[&str] = &["name", "uses", "at"];

    fn row(name: &str) -> Vec<Cell> {
        vec![name.into(), 3.into(), Cell::Nothing]
    }

    fn written(format: Format, batches: &[Vec<Vec<Cell>>]) -> String {
        let mut sheet = Sheet::new(format, HEADS);
        let mut bytes = sheet.begin();
        for batch in batches {
            bytes.extend(sheet.batch(batch));
        }
        bytes.extend(sheet.end());
        String::from_utf8(bytes).expect("it is text")
    }

    #[test]
    fn a_table_quotes_what_would_break_it() {
        let text = written(Format::Csv, &[vec![row("ci, \"web\"\nnightly")]]);
        assert_eq!(text, "name,uses,at\r\n\"ci, \"\"web\"\"\nnightly\",3,\r\n");
    }

    #[test]
    fn a_cell_that_looks_like_a_formula_is_made_plain() {
        for begin in ["=", "+", "-", "@", "\t", "\r", "\n"] {
            let text = format!("{begin}HYPERLINK(A1)");
            assert_eq!(Cell::from(text.as_str()).plain(), format!("'{text}"));
            assert_eq!(Cell::List(vec![text.clone()]).plain(), format!("'{text}"));
            assert_eq!(Cell::from(text.as_str()).json(), Value::from(text));
        }
        assert_eq!(Cell::Number(-3).plain(), "-3");
        assert_eq!(Cell::from("a=b").plain(), "a=b");
    }

    #[test]
    fn json_is_one_list_however_the_rows_come() {
        for batches in [
            vec![],
            vec![vec![]],
            vec![vec![row("a"), row("b")], vec![], vec![row("c")]],
        ] {
            let count = batches.iter().map(Vec::len).sum::<usize>();
            let list: Vec<Value> =
                serde_json::from_str(&written(Format::Json, &batches)).expect("it is JSON");
            assert_eq!(list.len(), count);
        }
        let text = written(Format::Json, &[vec![row("=a")]]);
        assert_eq!(text, "[\n{\"name\":\"=a\",\"uses\":3,\"at\":null}\n]\n");
    }

    #[test]
    fn moments_and_answers_are_words_that_programs_read() {
        let at = Timestamp::parse_rfc3339("2026-11-21T10:00:00Z").expect("a moment");
        assert_eq!(Cell::from(at).plain(), "2026-11-21T10:00:00Z");
        assert_eq!(Cell::from(Some(true)).plain(), "yes");
        assert_eq!(Cell::from(None::<bool>).json(), Value::Null);
    }

    #[test]
    fn only_the_two_forms_are_known() {
        assert_eq!(Format::read("csv"), Some(Format::Csv));
        assert_eq!(Format::read("json"), Some(Format::Json));
        assert_eq!(Format::read("xlsx"), None);
        assert_eq!(Format::read(""), None);
    }
}
