//! From a request's headers to the string that it presents. Cookies and addresses are never read: a token that came
//! that way is refused by the doors.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The password with which some clients say that the user name is the token.
const TOKEN_IS_THE_USER: &str = "x-oauth-basic";

/// Headers with which some frameworks let a client name another method than it sends.
const OVERRIDES: [&str; 3] = [
    "x-http-method-override",
    "x-http-method",
    "x-method-override",
];

/// Whether a request names another method than it sends: whoever judges it and whoever answers it could differ.
pub fn overrides_method(headers: &HeaderMap) -> bool {
    OVERRIDES.iter().any(|name| headers.contains_key(*name))
}

/// Whether a query carries a token, by the name under which it is sent or by its look.
pub fn holds_token(token_prefix: &str, query: &str) -> bool {
    let looks_like = |text: &str| {
        let rest = text.strip_prefix(token_prefix);
        rest.is_some_and(|rest| rest.starts_with("_pat_") || rest.starts_with("_cls_"))
    };
    form_urlencoded::parse(query.as_bytes()).any(|(name, value)| {
        matches!(
            name.as_ref(),
            "access_token" | "oauth_token" | "token" | "private_token"
        ) || looks_like(&value)
            || looks_like(&name)
    })
}

/// More than one `Authorization` header: two readers could each believe another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("send exactly one `Authorization` header")]
pub struct Repeated;

/// The presented string: of `Bearer T`, of `token T`, or of Basic the password (or the user name, where the password
/// is empty or `x-oauth-basic`). Any other scheme presents something that is no token of ours.
pub fn presented(headers: &HeaderMap) -> Result<Option<String>, Repeated> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Repeated);
    }
    let token = value.to_str().ok().and_then(read_value);
    Ok(Some(token.unwrap_or_default()))
}

fn read_value(value: &str) -> Option<String> {
    let (scheme, rest) = value.trim().split_once(' ')?;
    let rest = rest.trim();
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" | "token" => Some(rest.to_owned()),
        "basic" => basic(rest),
        _ => None,
    }
}

fn basic(encoded: &str) -> Option<String> {
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    let token = match password {
        "" | TOKEN_IS_THE_USER => user,
        password => password,
    };
    Some(token.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn of(values: &[&str]) -> Result<Option<String>, Repeated> {
        let values = values.iter().map(|value| {
            let value = HeaderValue::from_str(value).expect("a header");
            (AUTHORIZATION, value)
        });
        presented(&values.collect())
    }

    fn basic_of(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    #[test]
    fn each_published_form_presents_its_token() {
        for value in [
            "Bearer T",
            "bearer  T",
            "token T",
            &basic_of("ana:T"),
            &basic_of("T:x-oauth-basic"),
            &basic_of("T:"),
        ] {
            assert_eq!(of(&[value]), Ok(Some("T".to_owned())), "{value}");
        }
    }

    #[test]
    fn what_cannot_be_read_presents_something_that_is_no_token() {
        for value in ["T", "Digest T", "Basic !", "", &basic_of("no colon")] {
            assert_eq!(of(&[value]), Ok(Some(String::new())), "{value}");
        }
    }

    #[test]
    fn no_header_presents_nothing_and_two_are_refused() {
        assert_eq!(of(&[]), Ok(None));
        assert_eq!(of(&["Bearer T", "Bearer T"]), Err(Repeated));
    }

    #[test]
    fn tokens_in_the_query_are_seen_by_name_and_by_look() {
        for query in [
            "access_token=x",
            "page=1&token=abc",
            "q=grantry_pat_abc",
            "grantry_cls_abc",
            "access%5Ftoken=x",
        ] {
            assert!(holds_token("grantry", query), "{query}");
        }
        for query in ["", "token_id=3", "q=ghp_abc", "page=2&per_page=10"] {
            assert!(!holds_token("grantry", query), "{query}");
        }
    }

    #[test]
    fn a_method_override_is_seen() {
        for name in OVERRIDES {
            let mut headers = HeaderMap::new();
            headers.insert(name, "DELETE".parse().expect("a header"));
            assert!(overrides_method(&headers), "{name}");
        }
    }
}
