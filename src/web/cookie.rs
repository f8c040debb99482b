//! The one cookie: its name, and its removal.

use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use axum::middleware::Next;
use axum::response::Response;

use crate::app::App;

/// How the session's cookie is called and sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cookie {
    /// Its name. The prefix makes browsers refuse one that was planted by a neighbouring host.
    pub name: &'static str,
    /// Whether it travels over https alone.
    pub secure: bool,
}

impl Cookie {
    /// The cookie of an installation at this address.
    pub fn of(base_url: &str) -> Self {
        if base_url.starts_with("https://") {
            Self {
                name: "__Host-grantry",
                secure: true,
            }
        } else {
            Self {
                name: "grantry",
                secure: false,
            }
        }
    }

    /// The header that makes a browser forget it. A `__Host-` cookie is only given up to a header with `Secure`.
    fn removal(self) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let text = format!(
            "{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{secure}",
            self.name
        );
        HeaderValue::from_str(&text).expect("a cookie of plain words is a header value")
    }

    fn is_removal(self, header: &HeaderValue) -> bool {
        header
            .to_str()
            .ok()
            .and_then(|text| text.strip_prefix(self.name)?.strip_prefix("="))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(';'))
    }
}

/// Replaces the session layer's removal of the cookie, which browsers ignore for want of `Secure`, by our own.
pub async fn mend_removal(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let cookie = Cookie::of(&app.config.base_url);
    let sent: Vec<HeaderValue> = response
        .headers()
        .get_all(SET_COOKIE)
        .iter()
        .cloned()
        .collect();
    if sent.iter().any(|header| cookie.is_removal(header)) {
        response.headers_mut().remove(SET_COOKIE);
        for header in sent {
            let header = if cookie.is_removal(&header) {
                cookie.removal()
            } else {
                header
            };
            response.headers_mut().append(SET_COOKIE, header);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_bound_to_the_host_where_https_protects_it() {
        let cookie = Cookie::of("https://grantry.example.com");
        assert_eq!((cookie.name, cookie.secure), ("__Host-grantry", true));
        let cookie = Cookie::of("http://localhost:8080");
        assert_eq!((cookie.name, cookie.secure), ("grantry", false));
    }

    #[test]
    fn the_removal_of_a_bound_cookie_is_secure() {
        let removal = Cookie::of("https://grantry.example.com").removal();
        let text = removal.to_str().expect("plain words");
        assert!(
            text.starts_with("__Host-grantry=; Path=/; Max-Age=0"),
            "{text}"
        );
        assert!(text.ends_with("; Secure"), "{text}");
    }

    #[test]
    fn a_removal_is_told_from_a_new_cookie() {
        let cookie = Cookie::of("http://localhost:8080");
        let header = HeaderValue::from_static;
        assert!(cookie.is_removal(&header("grantry=; Path=/; Max-Age=0")));
        assert!(!cookie.is_removal(&header("grantry=abc; Path=/")));
        assert!(!cookie.is_removal(&header("grantry2=; Path=/")));
    }
}
