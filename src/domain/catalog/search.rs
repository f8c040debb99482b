//! Finds endpoints by what a person types: a method, a template, some words of it, or a path as a client sends it
//! (`POST /repos/acme/web/issues`).

use super::{Catalog, Endpoint, MatchError, Method};

/// The longest text that is searched for, in bytes.
pub const LONGEST: usize = 512;

/// Where the REST API stands; an address is often copied with it.
const PREFIX: &str = "/api/v3";

/// What was found, and whether by its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<'c> {
    /// The endpoint.
    pub endpoint: &'c Endpoint,
    /// What the parameters of its path hold, where a whole path was typed.
    pub parameters: Vec<(String, String)>,
}

impl Found<'_> {
    /// The value of a parameter, where a whole path was typed.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut parameters = self.parameters.iter();
        parameters
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// A text that nothing can be searched by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// It is longer than any address.
    #[error("The search takes 512 characters at most: leave out what comes after the path.")]
    TooLong,
    /// It holds control characters.
    #[error("The search holds characters that cannot be seen: type it anew.")]
    Control,
    /// It is a path that two readers could take differently.
    #[error(
        "This path could be read in more than one way, so no endpoint is chosen for it: write it without empty \
         segments, `.`, `..` and encoded slashes."
    )]
    BadPath,
}

/// What was typed, taken apart.
struct Wanted<'t> {
    method: Option<Method>,
    rest: &'t str,
}

impl Catalog {
    /// The endpoints that a text names: those of a whole path, else those that hold each of its words. Everything for an
    /// empty text.
    ///
    /// # Errors
    /// [`SearchError`] for a text that nothing can be searched by.
    pub fn search(&self, text: &str) -> Result<Vec<Found<'_>>, SearchError> {
        if text.len() > LONGEST {
            return Err(SearchError::TooLong);
        }
        if text
            .chars()
            .any(|letter| letter.is_control() && !letter.is_whitespace())
        {
            return Err(SearchError::Control);
        }
        let wanted = Wanted::read(text);
        let named = self.at_path(&wanted);
        if !named.is_empty() {
            return Ok(named);
        }
        let found = self.by_words(&wanted);
        if found.is_empty() && self.is_bad(&wanted) {
            return Err(SearchError::BadPath);
        }
        Ok(found)
    }

    /// The endpoints of a whole path, of any method where none was typed. A template names itself alone.
    fn at_path(&self, wanted: &Wanted<'_>) -> Vec<Found<'_>> {
        if !wanted.rest.starts_with('/') || wanted.is_open() {
            return Vec::new();
        }
        let is_asked = |method: &Method| wanted.method.is_none_or(|asked| asked == *method);
        let methods = Method::ALL.into_iter().filter(is_asked);
        let found = methods.filter_map(|method| {
            let found = self.match_endpoint(method.as_str(), wanted.rest).ok()?;
            let parameters = found.parameters.iter();
            Some(Found {
                endpoint: self.endpoint(found.endpoint),
                parameters: parameters
                    .map(|(name, value)| ((*name).to_owned(), value.to_string()))
                    .collect(),
            })
        });
        found.collect()
    }

    /// Is it a whole path that cannot be judged?
    fn is_bad(&self, wanted: &Wanted<'_>) -> bool {
        let method = wanted.method.unwrap_or(Method::Get).as_str();
        let judged = self.match_endpoint(method, wanted.rest);
        wanted.rest.starts_with('/')
            && !wanted.is_open()
            && matches!(judged, Err(MatchError::BadPath(_)))
    }

    fn by_words(&self, wanted: &Wanted<'_>) -> Vec<Found<'_>> {
        let text = wanted.rest.to_lowercase().replace(['…', '*'], " ");
        let words: Vec<_> = text
            .replace("...", " ")
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        let endpoints = self.endpoints.iter();
        endpoints
            .filter(|endpoint| wanted.method.is_none_or(|method| method == endpoint.method))
            .filter(|endpoint| {
                let template = endpoint.template.to_lowercase();
                words.iter().all(|word| template.contains(word.as_str()))
            })
            .map(|endpoint| Found {
                endpoint,
                parameters: Vec::new(),
            })
            .collect()
    }
}

impl<'t> Wanted<'t> {
    fn read(text: &'t str) -> Self {
        let text = text.trim();
        let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let method = match first.to_uppercase().as_str() {
            "HEAD" => Some(Method::Get),
            word => word.parse().ok(),
        };
        let rest = if method.is_some() { rest.trim() } else { text };
        let below = rest
            .strip_prefix(PREFIX)
            .filter(|below| below.is_empty() || below.starts_with('/'));
        let rest = match below {
            Some("") => "/",
            Some(below) => below,
            None => rest,
        };
        Self { method, rest }
    }

    /// Is a part of the path left open, by an ellipsis, a star, a space, or the braces of a template?
    fn is_open(&self) -> bool {
        let is_open = |part: &str| self.rest.contains(part);
        ["…", "...", "*", "{", "}"].into_iter().any(is_open)
            || self.rest.contains(char::is_whitespace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let found = Catalog::github().search(text).expect("a text to search by");
        found.iter().map(|found| found.endpoint.line()).collect()
    }

    #[test]
    fn a_whole_path_names_its_endpoint_and_what_the_path_holds() {
        for text in [
            "POST /repos/acme/web/issues",
            "post   /repos/acme/web/issues?state=open",
            " POST /api/v3/repos/acme/web/issues ",
        ] {
            assert_eq!(found(text), ["POST /repos/{owner}/{repo}/issues"], "{text}");
        }
        let catalog = Catalog::github();
        let found = catalog
            .search("GET /repos/acme/web/contents/a%2Fb")
            .expect("a path");
        assert_eq!(found[0].parameter("owner"), Some("acme"));
        assert_eq!(found[0].parameter("path"), Some("a/b"));
        assert_eq!(found[0].parameter("org"), None);
    }

    #[test]
    fn without_a_method_every_method_of_the_path_is_named() {
        assert_eq!(
            found("/repos/acme/web"),
            [
                "GET /repos/{owner}/{repo}",
                "PATCH /repos/{owner}/{repo}",
                "DELETE /repos/{owner}/{repo}"
            ]
        );
        assert_eq!(found("HEAD /user"), ["GET /user"]);
        assert_eq!(found("GET /api/v3"), ["GET /"]);
    }

    #[test]
    fn what_is_left_open_is_found_by_its_words() {
        for text in [
            "POST /repos/…/issues",
            "POST /repos/.../issues",
            "post repos issues",
        ] {
            let lines = found(text);
            assert!(
                lines.contains(&"POST /repos/{owner}/{repo}/issues".to_owned()),
                "{text}"
            );
            assert!(lines.iter().all(|line| line.starts_with("POST ")), "{text}");
        }
        assert!(
            found("/repos/{owner}/{repo}/tags")
                .contains(&"GET /repos/{owner}/{repo}/tags".to_owned())
        );
        assert_eq!(found("git push"), ["GIT push"]);
        assert_eq!(found("").len(), Catalog::github().endpoints().len());
        assert!(found("no such thing anywhere").is_empty());
        assert!(found("GET /no/such/path").is_empty());
    }

    #[test]
    fn a_text_that_nothing_can_be_searched_by_is_told() {
        let catalog = Catalog::github();
        for (text, error) in [
            (
                "GET /repos/acme/web%2Fissues".to_owned(),
                SearchError::BadPath,
            ),
            ("/repos//web/issues".to_owned(), SearchError::BadPath),
            ("GET /repos/acme/../web".to_owned(), SearchError::BadPath),
            ("GET /user\u{0}".to_owned(), SearchError::Control),
            ("a".repeat(LONGEST + 1), SearchError::TooLong),
        ] {
            assert_eq!(catalog.search(&text), Err(error), "{text}");
        }
    }
}
