//! The audit log in the console: an organization's, an enterprise's and a person's own. One page for all three; which log
//! is read follows from the right that its visitor holds ([`Reader`]).

pub mod export;
pub mod list;
mod reader;
pub mod searches;
mod view;

pub use reader::Reader;

/// A person's own log.
pub const OWN: &str = "/settings/security-log";

/// An organization's log.
pub fn of_organization(login: &str) -> String {
    format!("/organizations/{login}/settings/audit-log")
}

/// An enterprise's log.
pub fn of_enterprise(slug: &str) -> String {
    format!("/enterprises/{slug}/settings/audit-log")
}

/// A log with a phrase typed in.
fn searched(path: &str, phrase: &str) -> String {
    if phrase.is_empty() {
        return path.to_owned();
    }
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("q", phrase);
    format!("{path}?{}", query.finish())
}
