//! The forms of the OAuth addresses: every field once, as their standards ask.

use axum::body::Body;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::oauth_error::OauthError;

/// The longest form that is read, in bytes.
const LIMIT: usize = 16 * 1_024;

/// A form whose fields are there once each.
#[derive(Debug, Default)]
pub struct OauthForm(Vec<(String, String)>);

impl OauthForm {
    /// Reads a body.
    ///
    /// # Errors
    /// [`OauthError::InvalidRequest`] for what is no form, is too long or repeats a field.
    pub async fn read(headers: &HeaderMap, body: Body) -> Result<Self, OauthError> {
        if !is_form(headers) {
            return Err(OauthError::InvalidRequest(
                "send a form: Content-Type application/x-www-form-urlencoded",
            ));
        }
        let bytes = axum::body::to_bytes(body, LIMIT).await.map_err(|_| {
            OauthError::InvalidRequest("the form is longer than 16 KB or did not arrive whole")
        })?;
        Self::parse(&bytes)
    }

    fn parse(bytes: &[u8]) -> Result<Self, OauthError> {
        let mut fields: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(bytes).into_owned() {
            if fields.iter().any(|(known, _)| *known == name) {
                return Err(OauthError::InvalidRequest(
                    "a field is there twice: send each one once",
                ));
            }
            fields.push((name, value));
        }
        Ok(Self(fields))
    }

    /// A field that is there and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// The token that the question is about.
    ///
    /// # Errors
    /// [`OauthError::InvalidRequest`] where there is none.
    pub fn token(&self) -> Result<&str, OauthError> {
        self.get("token")
            .ok_or(OauthError::InvalidRequest("the field `token` is missing"))
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let kind = kind
        .and_then(|kind| kind.split(';').next())
        .unwrap_or_default();
    kind.trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// What every method but POST is told.
pub fn only_post() -> Response {
    let headers = [(ALLOW, "POST"), (CACHE_CONTROL, "no-store")];
    (StatusCode::METHOD_NOT_ALLOWED, headers).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_is_there_once() {
        let form = OauthForm::parse(b"token=a%20b&x=").expect("it is a form");
        assert_eq!(form.token().ok(), Some("a b"));
        assert_eq!(form.get("x"), None);
        for body in ["token=a&token=b", "x=1&token=a&x=1"] {
            assert!(OauthForm::parse(body.as_bytes()).is_err(), "{body}");
        }
        assert!(OauthForm::default().token().is_err());
    }
}
