//! Forms as they were typed: text under names, read by us, so that every mistake can return to its field.
//!
//! A page never sees a form whose CSRF token is missing or foreign: [`Form`] refuses it before the handler runs.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use std::convert::Infallible;

use super::csrf;
use super::error::PageError;
use super::session::ConsoleSession;
use crate::app::App;

/// The longest form that is read, in bytes: a token for 500 repositories fits many times over.
pub const LIMIT: usize = 256 * 1024;

/// What was typed into a form or stands in a query: pairs of name and text, in order, names repeated as sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Fields from pairs.
    pub fn new<N: Into<String>, T: Into<String>>(pairs: impl IntoIterator<Item = (N, T)>) -> Self {
        let pairs = pairs
            .into_iter()
            .map(|(name, text)| (name.into(), text.into()));
        Self(pairs.collect())
    }

    /// Reads `a=1&b=2`, percent-encoded; bytes that are no UTF-8 become replacement characters.
    pub fn parse(encoded: &str) -> Self {
        Self::parse_bytes(encoded.as_bytes())
    }

    fn parse_bytes(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The first text under this name; empty when there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, text)| text)
    }

    /// Whether there is a field of this name, be it empty.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// Every text under this name, in order.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.0
            .iter()
            .filter(|(known, _)| known == name)
            .map(|(_, text)| text.as_str())
            .collect()
    }

    /// Every pair, in order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// As a query or a form body writes them.
    pub fn encode(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(self.pairs())
            .finish()
    }

    /// The same without the fields of these names.
    #[must_use]
    pub fn without(&self, names: &[&str]) -> Self {
        let kept = self
            .0
            .iter()
            .filter(|(name, _)| !names.contains(&name.as_str()));
        Self(kept.cloned().collect())
    }

    /// The same with one more field.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.0.push((name.into(), text.into()));
        self
    }
}

/// The body of a POST, after its CSRF token was checked; the token itself is not among the fields.
#[derive(Debug, Clone)]
pub struct Form(pub Fields);

impl FromRequest<App> for Form {
    type Rejection = PageError;

    async fn from_request(request: Request, app: &App) -> Result<Self, PageError> {
        let (mut parts, body) = request.into_parts();
        let session = ConsoleSession::from_request_parts(&mut parts, app).await?;
        require_form(&parts)?;
        let body = read(body).await?;
        let fields = Fields::parse_bytes(&body);
        if !session.accepts(fields.get(csrf::FIELD)).await? {
            return Err(csrf::refusal());
        }
        Ok(Self(fields.without(&[csrf::FIELD])))
    }
}

fn require_form(parts: &Parts) -> Result<(), PageError> {
    let kind = parts
        .headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let is_form = kind
        .split(';')
        .next()
        .is_some_and(|kind| kind.trim() == "application/x-www-form-urlencoded");
    if is_form {
        Ok(())
    } else {
        Err(csrf::refusal())
    }
}

async fn read(body: axum::body::Body) -> Result<Bytes, PageError> {
    axum::body::to_bytes(body, LIMIT)
        .await
        .map_err(|_| PageError::TooLarge)
}

/// The query of an address.
#[derive(Debug, Clone, Default)]
pub struct QueryFields(pub Fields);

impl<S: Sync> FromRequestParts<S> for QueryFields {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(Fields::parse(parts.uri.query().unwrap_or_default())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_field_keeps_every_value_in_order() {
        let fields = Fields::parse("repo=web&name=ci&repo=api");
        assert_eq!(fields.all("repo"), ["web", "api"]);
        assert_eq!(fields.get("repo"), "web");
    }

    #[test]
    fn a_missing_field_is_empty_text() {
        let fields = Fields::parse("name=");
        assert_eq!(fields.get("reason"), "");
        assert!(fields.has("name"));
        assert!(!fields.has("reason"));
    }

    #[test]
    fn what_was_typed_survives_encoding() {
        let fields = Fields::new([("name", "a & b=c"), ("reason", "naïve +1"), ("name", "")]);
        assert_eq!(Fields::parse(&fields.encode()), fields);
    }

    #[test]
    fn fields_can_be_left_out_and_added() {
        let fields = Fields::parse("csrf=x&name=ci")
            .without(&["csrf"])
            .with("step", "2");
        assert_eq!(fields.encode(), "name=ci&step=2");
    }
}
