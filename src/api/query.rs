//! A request's query, value by value: what cannot be used is refused at its name.

use super::errors::{ApiError, ApiResult};
use crate::domain::time::Timestamp;

/// The resource that query errors name.
const RESOURCE: &str = "Query";

/// A decoded query.
#[derive(Debug, Clone, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a query without its `?`.
    pub fn parse(text: &str) -> Self {
        Self(
            form_urlencoded::parse(text.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    /// A text that may stand once; an empty one counts as absent.
    pub fn one(&self, name: &str) -> ApiResult<Option<&str>> {
        Ok(self.stated(name)?.filter(|value| !value.is_empty()))
    }

    /// A value that may stand once, as it stands.
    fn stated(&self, name: &str) -> ApiResult<Option<&str>> {
        let mut values = self.0.iter().filter(|(key, _)| key == name);
        let first = values.next();
        if values.next().is_some() {
            return Err(invalid(name, "stands more than once; send one value"));
        }
        let value = first.map(|(_, value)| value.as_str());
        value.map(|value| storable(name, value)).transpose()
    }

    /// A list: `a,b`, repeated, or with `[]`. None when it is absent.
    pub fn list(&self, name: &str, most: usize) -> ApiResult<Option<Vec<&str>>> {
        let bracketed = format!("{name}[]");
        let values = self
            .0
            .iter()
            .filter(|(key, _)| key == name || *key == bracketed);
        let items: Vec<_> = values
            .flat_map(|(_, value)| value.split(','))
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .collect();
        if items.len() > most {
            return Err(invalid(
                name,
                format!("has {} values; at most {most} fit", items.len()),
            ));
        }
        for item in &items {
            storable(name, item)?;
        }
        Ok((!items.is_empty()).then_some(items))
    }

    /// One of these words; the first where it is absent.
    pub fn word(&self, name: &str, known: &[&'static str]) -> ApiResult<&'static str> {
        let Some(given) = self.stated(name)? else {
            return Ok(known[0]);
        };
        let found = known.iter().find(|word| **word == given);
        found.copied().ok_or_else(|| {
            let known = known
                .iter()
                .map(|word| format!("`{word}`"))
                .collect::<Vec<_>>();
            invalid(
                name,
                format!("`{given}` is not known; use {}", known.join(", ")),
            )
        })
    }

    /// A whole number between two bounds.
    pub fn number(
        &self,
        name: &str,
        bounds: std::ops::RangeInclusive<usize>,
    ) -> ApiResult<Option<usize>> {
        let Some(given) = self.stated(name)? else {
            return Ok(None);
        };
        let number = given.parse().ok().filter(|number| bounds.contains(number));
        number.map(Some).ok_or_else(|| {
            let (least, most) = (bounds.start(), bounds.end());
            invalid(
                name,
                format!("`{given}` is not a whole number from {least} to {most}"),
            )
        })
    }

    /// A moment in RFC 3339.
    pub fn moment(&self, name: &str) -> ApiResult<Option<Timestamp>> {
        let Some(given) = self.stated(name)? else {
            return Ok(None);
        };
        let moment = Timestamp::parse_rfc3339(given);
        moment.map(Some).ok_or_else(|| {
            invalid(
                name,
                format!("`{given}` is no moment; write it like `2026-12-20T10:00:00Z`"),
            )
        })
    }

    /// Refuses parameters that are published and not built in here: leaving them out would answer another question.
    pub fn refuse(&self, names: &[&str]) -> ApiResult<()> {
        let found = names
            .iter()
            .find(|name| self.0.iter().any(|(key, _)| key == *name));
        found.map_or(Ok(()), |name| {
            Err(invalid(name, "is not supported here; leave it out"))
        })
    }

    /// The same query at another place of a list that is paged by cursors, as an address writes it; without one, at its
    /// beginning.
    pub(super) fn with_cursor(&self, cursor: Option<(&str, String)>) -> String {
        let mut text = form_urlencoded::Serializer::new(String::new());
        let others = self.0.iter();
        text.extend_pairs(others.filter(|(name, _)| !["after", "before"].contains(&name.as_str())));
        if let Some((name, cursor)) = cursor {
            text.append_pair(name, &cursor);
        }
        text.finish()
    }

    /// The same query with another page, as an address writes it.
    pub(super) fn with_page(&self, page: usize) -> String {
        let mut text = form_urlencoded::Serializer::new(String::new());
        let others = self.0.iter().filter(|(name, _)| name != "page");
        text.extend_pairs(others);
        text.append_pair("page", &page.to_string());
        text.finish()
    }
}

/// A text that every database can compare: PostgreSQL knows no NUL character.
fn storable<'t>(name: &str, text: &'t str) -> ApiResult<&'t str> {
    if text.contains('\0') {
        Err(invalid(name, "holds a NUL character; leave it out"))
    } else {
        Ok(text)
    }
}

fn invalid(name: &str, problem: impl std::fmt::Display) -> ApiError {
    ApiError::invalid(RESOURCE, name, format!("`{name}` {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_comes_in_each_of_three_forms() {
        for text in ["owner=a,b", "owner=a&owner=b", "owner[]=a&owner%5B%5D=b"] {
            let query = Query::parse(text);
            assert_eq!(
                query.list("owner", 10).expect("few enough"),
                Some(vec!["a", "b"]),
                "{text}"
            );
        }
        assert!(Query::parse("owner=a,b,c").list("owner", 2).is_err());
        assert_eq!(Query::parse("").list("owner", 2).expect("none"), None);
    }

    #[test]
    fn a_repeated_single_value_is_refused() {
        assert!(Query::parse("page=1&page=2").one("page").is_err());
        assert_eq!(Query::parse("page=").one("page").expect("empty"), None);
        assert!(Query::parse("login=a%00b").one("login").is_err());
        assert!(Query::parse("owner=a,%00").list("owner", 2).is_err());
    }

    #[test]
    fn nothing_is_no_word_number_or_moment() {
        let query = Query::parse("state=&page=&since=");
        assert!(query.word("state", &["open"]).is_err());
        assert!(query.number("page", 1..=9).is_err());
        assert!(query.moment("since").is_err());
    }

    #[test]
    fn words_numbers_and_moments_are_refused_at_their_names() {
        let query = Query::parse("state=odd&page=0&since=yesterday");
        assert!(query.word("state", &["open", "closed"]).is_err());
        assert!(query.number("page", 1..=9).is_err());
        assert!(query.moment("since").is_err());
        assert!(query.refuse(&["since"]).is_err());
        assert_eq!(
            Query::default().word("state", &["open"]).expect("default"),
            "open"
        );
    }

    #[test]
    fn another_page_keeps_the_rest() {
        assert_eq!(Query::parse("a=b+c&page=2").with_page(3), "a=b+c&page=3");
        let query = Query::parse("a=b+c&after=x");
        assert_eq!(
            query.with_cursor(Some(("before", "y".to_owned()))),
            "a=b+c&before=y"
        );
        assert_eq!(query.with_cursor(None), "a=b+c");
    }
}
