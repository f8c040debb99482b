//! Addresses that are put together from parts, and the check of those that a visitor hands in.

use std::fmt::Write as _;

/// A path of this site that somebody may be sent to, or nothing: never another site, whatever a browser makes of it.
pub fn local_path(text: &str) -> Option<&str> {
    let is_path = text.starts_with('/') && !text.starts_with("//");
    let is_plain = !text
        .chars()
        .any(|letter| letter == '\\' || letter.is_control() || letter.is_whitespace());
    (is_path && is_plain && text.len() <= 4_096).then_some(text)
}

/// Where sign-in sends somebody who wanted `next`: there, unless it is no page to land on.
pub fn after_sign_in(next: &str) -> &str {
    let path = next.split(['?', '#']).next().unwrap_or_default();
    let is_door = ["/login", "/logout", "/sudo", "/enroll"]
        .iter()
        .any(|door| path == *door || path.starts_with(&format!("{door}/")));
    local_path(next).filter(|_| !is_door).unwrap_or("/")
}

/// The sign-in page, which leads on to `next`.
pub fn login(next: &str) -> String {
    match after_sign_in(next) {
        "/" => "/login".to_owned(),
        next => format!("/login?{}", pair("next", next)),
    }
}

/// The page that asks for a confirmation before the form kept under `draft` may go on.
pub fn sudo(draft: &str) -> String {
    format!("/sudo?{}", pair("draft", draft))
}

/// A form's page, filled from what is kept under `draft`.
pub fn with_draft(path: &str, draft: &str) -> String {
    let mut address = path.to_owned();
    address.push(if path.contains('?') { '&' } else { '?' });
    let _ = write!(address, "{}", pair("draft", draft));
    address
}

fn pair(name: &str, text: &str) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair(name, text)
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_are_followed() {
        for foreign in [
            "",
            "https://evil.test/",
            "//evil.test",
            "/\\evil.test",
            "/\t/evil.test",
            "/a\nb",
            "javascript:alert(1)",
            "settings",
        ] {
            assert_eq!(local_path(foreign), None, "{foreign:?}");
        }
        assert_eq!(local_path("/settings?a=1"), Some("/settings?a=1"));
    }

    #[test]
    fn sign_in_leads_to_the_wanted_page_but_never_to_a_door() {
        assert_eq!(after_sign_in("/settings/x?y=1"), "/settings/x?y=1");
        for door in [
            "/login",
            "/login?next=/",
            "/logout",
            "/sudo?draft=x",
            "/enroll/abc",
        ] {
            assert_eq!(after_sign_in(door), "/", "{door}");
        }
        assert_eq!(after_sign_in("/login-help"), "/login-help");
    }

    #[test]
    fn the_sign_in_address_carries_the_wanted_page() {
        assert_eq!(login("/"), "/login");
        assert_eq!(login("/a?b=c&d"), "/login?next=%2Fa%3Fb%3Dc%26d");
    }

    #[test]
    fn a_draft_joins_a_query_that_is_there() {
        assert_eq!(with_draft("/new", "abc"), "/new?draft=abc");
        assert_eq!(
            with_draft("/new?tab=classic", "abc"),
            "/new?tab=classic&draft=abc"
        );
    }
}
