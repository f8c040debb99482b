//! Which service asks at the OAuth addresses: its name and secret, by Basic authentication or in the form (RFC 6749
//! §2.3.1), never both.

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;

use super::form::OauthForm;
use super::oauth_error::OauthError;
use crate::app::App;
use crate::gate::GuardedService;

/// The service that asks.
///
/// # Errors
/// [`OauthError::InvalidClient`] where no service shows a secret that counts, [`OauthError::InvalidRequest`] where two
/// are shown.
pub async fn caller(
    app: &App,
    headers: &HeaderMap,
    form: &OauthForm,
) -> Result<Arc<GuardedService>, OauthError> {
    let (name, secret) = shown(headers, form)?;
    let service = app.gate.service(&name).await?;
    service
        .filter(|service| app.gate.is_service_secret(service, &secret))
        .ok_or(OauthError::InvalidClient)
}

fn shown(headers: &HeaderMap, form: &OauthForm) -> Result<(String, String), OauthError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, more) = (values.next(), values.next());
    let in_form = form.get("client_secret");
    match (value, more, in_form) {
        (_, Some(_), _) | (Some(_), _, Some(_)) => Err(OauthError::InvalidRequest(
            "show one name and secret: by Basic authentication or in the form",
        )),
        (Some(value), None, None) => {
            let shown = value.to_str().ok().and_then(basic);
            let (name, secret) = shown.ok_or(OauthError::InvalidClient)?;
            match form.get("client_id") {
                Some(other) if other != name => Err(OauthError::InvalidRequest(
                    "`client_id` names another service than the `Authorization` header",
                )),
                _ => Ok((name, secret)),
            }
        }
        (None, None, Some(secret)) => {
            let name = form.get("client_id").ok_or(OauthError::InvalidClient)?;
            Ok((name.to_owned(), secret.to_owned()))
        }
        (None, None, None) => Err(OauthError::InvalidClient),
    }
}

/// Name and password of Basic; clients of OAuth encode both as in forms.
fn basic(value: &str) -> Option<(String, String)> {
    let (scheme, encoded) = value.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (name, secret) = decoded.split_once(':')?;
    Some((plain(name)?, plain(secret)?))
}

fn plain(encoded: &str) -> Option<String> {
    let spaced = encoded.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    #[test]
    fn basic_is_read_plain_or_encoded() {
        let expected = Some(("edge".to_owned(), "grantry_svc_x".to_owned()));
        for text in ["edge:grantry_svc_x", "edge:grantry%5Fsvc%5Fx"] {
            assert_eq!(basic(&encoded(text)), expected, "{text}");
        }
        for value in [
            "",
            "Basic",
            "Basic !",
            "Bearer x",
            &encoded("edge"),
            &encoded("edge:%ff"),
        ] {
            assert_eq!(basic(value), None, "{value}");
        }
    }
}
