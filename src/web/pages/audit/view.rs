//! Entries as the page shows them: a sentence, and behind it every field, from which a filter can be narrowed.

use serde_json::Value;

use super::searched;
use crate::domain::audit::{Entry, Names, published, sentence};
use crate::domain::time::Timestamp;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What happened, without its full stop.
    pub sentence: String,
    /// When.
    pub at: Timestamp,
    /// From which address; may be empty.
    pub address: String,
    /// The shape beside it.
    pub kind: &'static str,
    /// Every field that was recorded.
    pub facts: Vec<Fact>,
}

/// One field of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Its published name.
    pub name: String,
    /// What it says.
    pub value: String,
    /// The log with nothing but entries that say the same; empty where that cannot be asked for.
    pub same: String,
}

/// The entry as a row of the log at `path`, in which `phrase` was looked for.
pub fn row(entry: &Entry, names: &Names, path: &str, phrase: &str) -> Row {
    let fields = published(entry, names);
    let facts = fields.iter().filter(|(name, _)| *name != "created_at");
    let facts = facts.map(|(name, value)| fact(name, value, path, phrase));
    Row {
        sentence: sentence(entry, names),
        at: entry.at,
        address: entry.address.clone().unwrap_or_default(),
        kind: kind(&entry.action),
        facts: facts.collect(),
    }
}

fn kind(action: &str) -> &'static str {
    let is_no = ["_refused", "request_denied", "access_blocked"]
        .iter()
        .any(|ending| action.ends_with(ending));
    let is_end = ["revoked", "destroy", "remove_member", "suspend"]
        .iter()
        .any(|ending| action.ends_with(ending));
    match (is_no, is_end) {
        (true, _) => "denied",
        (_, true) => "revoked",
        _ if action.ends_with("request_created") => "pending",
        _ => "active",
    }
}

fn fact(name: &str, value: &Value, path: &str, phrase: &str) -> Fact {
    let text = match (name, value) {
        ("@timestamp", Value::Number(millis)) => {
            let millis = millis.as_i64().unwrap_or_default();
            Timestamp::from_micros(millis.saturating_mul(1_000)).to_rfc3339()
        }
        (_, Value::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    };
    let field = match name {
        "@timestamp" => "created",
        "operation_type" => "operation",
        "action" | "actor" | "user" | "repo" | "token_id" | "hashed_token" | "reason" => name,
        _ => "",
    };
    let same = if field.is_empty() || text.contains('"') {
        String::new()
    } else {
        searched(path, format!("{phrase} {}", term(field, &text)).trim())
    };
    Fact {
        name: name.to_owned(),
        value: text,
        same,
    }
}

/// A term as somebody would write it.
fn term(field: &str, value: &str) -> String {
    if value.contains(char::is_whitespace) {
        format!("{field}:\"{value}\"")
    } else {
        format!("{field}:{value}")
    }
}

/// A way to look at a part of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quick {
    /// What it is called.
    pub label: &'static str,
    /// Where it leads.
    pub href: String,
    /// Whether this is what is looked for.
    pub is_on: bool,
}

/// The parts of a log that people look at most.
const PARTS: [(&str, &str); 6] = [
    ("Everything", ""),
    ("Changes", "-operation:access -operation:authentication"),
    ("Tokens", "action:personal_access_token"),
    ("Use", "action:api"),
    ("Refusals", "action:api.request_refused"),
    ("Git", "action:git"),
];

/// Those parts of the log at `path`.
pub fn parts(path: &str, phrase: &str) -> Vec<Quick> {
    let part = |(label, wanted): &(&'static str, &str)| Quick {
        label,
        href: searched(path, wanted),
        is_on: phrase == *wanted,
    };
    PARTS.iter().map(part).collect()
}

/// The terms of a phrase, as they were written, each with the phrase that is left without it.
pub fn chips(path: &str, phrase: &str) -> Vec<(String, String)> {
    let words = words(phrase);
    let without = |place: usize| {
        let others = words
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != place);
        let others: Vec<_> = others.map(|(_, word)| *word).collect();
        searched(path, &others.join(" "))
    };
    let chips = words.iter().enumerate();
    chips
        .map(|(place, word)| ((*word).to_owned(), without(place)))
        .collect()
}

/// The words of a phrase with their quotes.
fn words(phrase: &str) -> Vec<&str> {
    let mut is_quoted = false;
    let words = phrase.split(|letter: char| {
        is_quoted ^= letter == '"';
        letter.is_whitespace() && !is_quoted
    });
    words.filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_term_is_a_chip_that_takes_itself_away() {
        let chips = chips("/log", "actor:ana  reason:\"too much\"");
        assert_eq!(
            chips,
            [
                (
                    "actor:ana".to_owned(),
                    "/log?q=reason%3A%22too+much%22".to_owned()
                ),
                (
                    "reason:\"too much\"".to_owned(),
                    "/log?q=actor%3Aana".to_owned()
                ),
            ]
        );
    }

    #[test]
    fn a_field_that_can_be_looked_for_leads_to_its_like() {
        let fact = |name: &str, value: Value| fact(name, &value, "/log", "user:ana");
        assert_eq!(
            fact("actor", "olga".into()).same,
            "/log?q=user%3Aana+actor%3Aolga"
        );
        assert_eq!(
            fact("reason", "a b".into()).same,
            "/log?q=user%3Aana+reason%3A%22a+b%22"
        );
        assert_eq!(fact("reason", "a \" b".into()).same, "");
        assert_eq!(fact("request_id", "x".into()).same, "");
        let time = fact("@timestamp", 1_790_856_000_000_i64.into());
        assert_eq!(time.value, "2026-10-01T12:00:00Z");
    }
}
