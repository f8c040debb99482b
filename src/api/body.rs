//! JSON bodies, field by field: every mistake is told at its field, all at once.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::errors::{ApiError, ApiResult, FieldError};

/// The largest body that is read where an operation does not say more, in bytes.
pub const LARGEST: usize = 1024 * 1024;

/// A JSON object that is being read.
#[derive(Debug)]
pub struct JsonBody {
    resource: &'static str,
    /// Where the object stands in the body: empty, or `author.`.
    within: String,
    fields: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl JsonBody {
    /// Reads a body; an empty one is an object without fields.
    pub fn read(resource: &'static str, bytes: &[u8]) -> ApiResult<Self> {
        let fields = if bytes.iter().all(u8::is_ascii_whitespace) {
            Map::new()
        } else {
            match serde_json::from_slice(bytes) {
                Ok(Value::Object(fields)) => fields,
                Ok(_) => {
                    return Err(ApiError::BadRequest(
                        "Body should be a JSON object".to_owned(),
                    ));
                }
                Err(_) => return Err(ApiError::BadRequest("Problems parsing JSON".to_owned())),
            }
        };
        Ok(Self {
            resource,
            within: String::new(),
            fields,
            errors: Vec::new(),
        })
    }

    /// Notes a mistake.
    pub fn refuse(&mut self, field: &str, code: &'static str, message: impl Into<String>) {
        self.errors.push(FieldError {
            resource: self.resource,
            field: format!("{}{field}", self.within),
            code,
            message: message.into(),
            value: None,
        });
    }

    /// An object within this one, to be read and given back to [`Self::absorb`]; `null` counts as absent.
    pub fn object(&mut self, field: &str) -> Option<Self> {
        let fields = match self.fields.get(field) {
            None | Some(Value::Null) => return None,
            Some(Value::Object(fields)) => fields.clone(),
            Some(other) => {
                let message = format!("`{field}` is {}; send an object", kind(other));
                self.refuse(field, "invalid", message);
                return None;
            }
        };
        Some(Self {
            resource: self.resource,
            within: format!("{}{field}.", self.within),
            fields,
            errors: Vec::new(),
        })
    }

    /// Takes over the mistakes of an object within this one.
    pub fn absorb(&mut self, inner: Self) {
        self.errors.extend(inner.errors);
    }

    /// A text of at most so many characters; `null` counts as absent.
    pub fn text(&mut self, field: &str, longest: usize) -> Option<String> {
        let text = match self.fields.get(field) {
            None | Some(Value::Null) => return None,
            Some(Value::String(text)) => text.clone(),
            Some(other) => {
                let message = format!("`{field}` is {}; send a string", kind(other));
                self.refuse(field, "invalid", message);
                return None;
            }
        };
        if text.contains('\0') {
            let message = format!("`{field}` holds a NUL character; leave it out");
            self.refuse(field, "invalid", message);
            return None;
        }
        let length = text.chars().count();
        if length > longest {
            self.refuse(
                field,
                "invalid",
                format!("`{field}` is too long: it has {length} characters, {longest} fit"),
            );
            return None;
        }
        Some(text)
    }

    /// A text as it is stated, if it is one: for what must be known before mistakes are told.
    pub fn stated(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Value::as_str)
    }

    /// Whether the field is stated, `null` included.
    pub fn states(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }

    /// Yes or no; `null` counts as absent.
    pub fn flag(&mut self, field: &str) -> Option<bool> {
        match self.fields.get(field) {
            None | Some(Value::Null) => None,
            Some(Value::Bool(flag)) => Some(*flag),
            Some(other) => {
                let message = format!("`{field}` is {}; send true or false", kind(other));
                self.refuse(field, "invalid", message);
                None
            }
        }
    }

    /// Whether the field wants something: a value other than `null`, `false`, `0` and an empty text.
    pub fn asks_for(&self, field: &str) -> bool {
        match self.fields.get(field) {
            None | Some(Value::Null | Value::Bool(false)) => false,
            Some(Value::String(text)) => !text.is_empty(),
            Some(Value::Number(number)) => number.as_i64() != Some(0),
            Some(_) => true,
        }
    }

    /// A list of 1 to `most` items, each read by `read`; what it refuses is told with its place. `null` counts as absent.
    fn list<T>(
        &mut self,
        field: &str,
        most: usize,
        what: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items = match self.fields.get(field) {
            None | Some(Value::Null) => return None,
            Some(Value::Array(items)) => items,
            Some(other) => {
                let message = format!("`{field}` is {}; send a list", kind(other));
                self.refuse(field, "invalid", message);
                return None;
            }
        };
        let count = items.len();
        let read: Vec<_> = items.iter().map(read).collect();
        if !(1..=most).contains(&count) {
            let message = format!("`{field}` has {count} items; send 1 to {most}");
            self.refuse(field, "invalid", message);
            return None;
        }
        if let Some(place) = read.iter().position(Option::is_none) {
            let message = format!("item {place} of `{field}`, counted from 0, is no {what}");
            self.refuse(field, "invalid", message);
            return None;
        }
        Some(read.into_iter().flatten().collect())
    }

    /// A list of 1 to `most` ids.
    pub fn ids(&mut self, field: &str, most: usize) -> Option<Vec<i64>> {
        self.list(field, most, "id: send whole numbers", Value::as_i64)
    }

    /// A list of 1 to `most` texts.
    pub fn texts(&mut self, field: &str, most: usize) -> Option<Vec<String>> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        self.list(field, most, "string", text)
    }

    /// A list of 1 to `most` objects, each with exactly these texts, in this order.
    pub fn records<const N: usize>(
        &mut self,
        field: &str,
        most: usize,
        names: [&str; N],
    ) -> Option<Vec<[String; N]>> {
        let what = format!("object with {}", quoted(&names, " and "));
        self.list(field, most, &what, |value| {
            let texts: Option<Vec<_>> = names
                .iter()
                .map(|name| value.get(name)?.as_str().map(str::to_owned))
                .collect();
            texts?.try_into().ok()
        })
    }

    /// A whole number between two bounds.
    pub fn number(&mut self, field: &str, bounds: RangeInclusive<i64>) -> Option<i64> {
        let given = match self.fields.get(field) {
            None | Some(Value::Null) => return None,
            Some(given) => given,
        };
        let number = given.as_i64().filter(|number| bounds.contains(number));
        if number.is_none() {
            let (least, most) = (bounds.start(), bounds.end());
            let message = format!("`{field}` is no whole number from {least} to {most}");
            self.refuse(field, "invalid", message);
        }
        number
    }

    /// One of these words.
    pub fn word(&mut self, field: &str, known: &[&'static str]) -> Option<&'static str> {
        let given = self.text(field, usize::MAX)?;
        let found = known.iter().find(|word| **word == given).copied();
        if found.is_none() {
            let known = quoted(known, " or ");
            let shown: String = given.chars().take(40).collect();
            self.refuse(
                field,
                "invalid",
                format!("`{shown}` is not known; use {known}"),
            );
        }
        found
    }

    /// Notes that a field which must be there is not, unless something was said of it already.
    pub fn require(&mut self, field: &str, is_there: bool) {
        let place = format!("{}{field}", self.within);
        if !is_there && !self.errors.iter().any(|error| error.field == place) {
            self.refuse(field, "missing_field", format!("`{place}` is missing"));
        }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// 422 with every mistake that was noted.
    pub fn finish(self) -> ApiResult<()> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(ApiError::Invalid(self.errors))
        }
    }
}

fn quoted(words: &[&str], between: &str) -> String {
    let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(between)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_object_is_refused_before_any_field() {
        assert!(JsonBody::read("Issue", b" \n").is_ok());
        for bytes in [&b"{"[..], b"[]", b"\"a\"", b"{\"a\":1} x", b"\xff"] {
            let error = JsonBody::read("Issue", bytes).expect_err("no object");
            assert_eq!(error.status(), 400, "{bytes:?}");
        }
    }

    #[test]
    fn a_mistake_in_an_object_is_told_with_its_whole_name() {
        let bytes = br#"{"author": {"name": 3}, "committer": "me"}"#;
        let mut body = JsonBody::read("Commit", bytes).expect("an object");
        let mut author = body.object("author").expect("it is one");
        assert_eq!(author.text("name", 9), None);
        author.require("email", false);
        body.absorb(author);
        assert!(body.object("committer").is_none() && body.object("absent").is_none());
        let Err(ApiError::Invalid(errors)) = body.finish() else {
            panic!("there are mistakes");
        };
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["author.name", "author.email", "committer"]);
    }

    #[test]
    fn a_list_says_how_many_fit_and_which_item_does_not() {
        let bytes = br#"{"none": [], "many": [1, 2, 3], "odd": [1, "x"], "one": 1, "good": [2, 1],
                         "asked": [{"method": "GET", "path": "/"}], "half": [{"method": "GET"}], "hours": 73}"#;
        let mut body = JsonBody::read("List", bytes).expect("an object");
        for field in ["none", "many", "odd", "one", "absent"] {
            assert_eq!(body.ids(field, 2), None, "{field}");
        }
        assert_eq!(body.ids("good", 2), Some(vec![2, 1]));
        assert_eq!(body.texts("odd", 2), None);
        let asked = body.records("asked", 1, ["path", "method"]);
        assert_eq!(asked, Some(vec![["/".to_owned(), "GET".to_owned()]]));
        assert_eq!(body.records("half", 1, ["path", "method"]), None);
        assert_eq!(body.number("hours", 1..=72), None);
        let Err(ApiError::Invalid(errors)) = body.finish() else {
            panic!("there are mistakes");
        };
        let told: Vec<_> = errors.iter().map(|error| error.message.as_str()).collect();
        assert_eq!(
            told,
            [
                "`none` has 0 items; send 1 to 2",
                "`many` has 3 items; send 1 to 2",
                "item 1 of `odd`, counted from 0, is no id: send whole numbers",
                "`one` is a number; send a list",
                "item 0 of `odd`, counted from 0, is no string",
                "item 0 of `half`, counted from 0, is no object with `path` and `method`",
                "`hours` is no whole number from 1 to 72",
            ]
        );
    }

    #[test]
    fn every_mistake_is_told_at_its_field() {
        let bytes = br#"{"title": 3, "body": "abc", "state": "odd", "label": "a\u0000b"}"#;
        let mut body = JsonBody::read("Issue", bytes).expect("an object");
        assert_eq!(body.text("title", 10), None);
        assert_eq!(body.text("body", 2), None);
        assert_eq!(body.word("state", &["open"]), None);
        assert_eq!(body.text("label", 9), None);
        body.require("title", false);
        body.require("action", false);
        let Err(ApiError::Invalid(errors)) = body.finish() else {
            panic!("there are mistakes");
        };
        let fields: Vec<_> = errors
            .iter()
            .map(|error| (error.field.as_str(), error.code))
            .collect();
        assert_eq!(
            fields,
            [
                ("title", "invalid"),
                ("body", "invalid"),
                ("state", "invalid"),
                ("label", "invalid"),
                ("action", "missing_field")
            ]
        );
    }
}
