//! What a proxy tells of the request that it holds back.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::domain::service::{Objection, Proxy};

/// The request that a proxy holds back, as its headers tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'h> {
    /// The method.
    pub method: &'h str,
    /// The path and the query, as the client sent them.
    pub target: &'h str,
    /// The host that the client named.
    pub host: &'h str,
}

/// The longest method that is judged and recorded.
const LONGEST_METHOD: usize = 32;

/// The headers of one kind of proxy: method, target, host.
const fn names(proxy: Proxy) -> [HeaderName; 3] {
    match proxy {
        Proxy::Original => [
            HeaderName::from_static("x-original-method"),
            HeaderName::from_static("x-original-uri"),
            HeaderName::from_static("x-original-host"),
        ],
        Proxy::Forwarded => [
            HeaderName::from_static("x-forwarded-method"),
            HeaderName::from_static("x-forwarded-uri"),
            HeaderName::from_static("x-forwarded-host"),
        ],
    }
}

impl<'h> Asked<'h> {
    /// Reads the headers of a kind of proxy, and no others.
    pub fn read(proxy: Proxy, headers: &'h HeaderMap) -> Result<Self, Objection> {
        let [method, target, host] = names(proxy);
        let method = only(headers, &method)?;
        let is_method = (1..=LONGEST_METHOD).contains(&method.len())
            && method
                .bytes()
                .all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
        if !is_method {
            return Err(Objection::BadRequest);
        }
        Ok(Self {
            method,
            target: only(headers, &target)?,
            host: only(headers, &host)?,
        })
    }

    /// Whether the method only reads.
    pub fn is_read(&self) -> bool {
        matches!(self.method, "GET" | "HEAD")
    }
}

/// The value of a header that must be there once. One that is no plain text is none: its bytes could be read in two
/// ways.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<&'h str, Objection> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().map(HeaderValue::to_str);
    match (value, values.next()) {
        (Some(Ok(text)), None) if !text.is_empty() => Ok(text),
        _ => Err(Objection::BadRequest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| {
            let name: HeaderName = name.parse().expect("a name");
            (name, HeaderValue::from_str(value).expect("a value"))
        });
        pairs.collect()
    }

    const ORIGINAL: [(&str, &str); 3] = [
        ("x-original-method", "GET"),
        ("x-original-uri", "/a?b"),
        ("x-original-host", "api.test"),
    ];

    #[test]
    fn one_set_is_read_and_the_other_is_not() {
        let mut both = headers(&ORIGINAL);
        both.extend(headers(&[
            ("x-forwarded-method", "DELETE"),
            ("x-forwarded-uri", "/b"),
            ("x-forwarded-host", "other.test"),
        ]));
        let original = Asked::read(Proxy::Original, &both).expect("it is whole");
        assert_eq!(
            (original.method, original.target, original.host),
            ("GET", "/a?b", "api.test")
        );
        let forwarded = Asked::read(Proxy::Forwarded, &both).expect("it is whole");
        assert_eq!((forwarded.method, forwarded.target), ("DELETE", "/b"));
        assert_eq!(
            Asked::read(Proxy::Forwarded, &headers(&ORIGINAL)),
            Err(Objection::BadRequest)
        );
    }

    #[test]
    fn a_header_that_is_missing_repeated_or_empty_is_an_objection() {
        for (left_out, _) in ORIGINAL {
            let rest: Vec<_> = ORIGINAL
                .into_iter()
                .filter(|(name, _)| *name != left_out)
                .collect();
            assert_eq!(
                Asked::read(Proxy::Original, &headers(&rest)),
                Err(Objection::BadRequest),
                "{left_out}"
            );
            for value in ["GET", ""] {
                let more: Vec<_> = if value.is_empty() {
                    rest.iter().copied().chain([(left_out, "")]).collect()
                } else {
                    ORIGINAL.into_iter().chain([(left_out, value)]).collect()
                };
                let mut map = HeaderMap::new();
                for (name, value) in more {
                    let name: HeaderName = name.parse().expect("a name");
                    map.append(name, HeaderValue::from_str(value).expect("a value"));
                }
                assert_eq!(
                    Asked::read(Proxy::Original, &map),
                    Err(Objection::BadRequest),
                    "{left_out} {value}"
                );
            }
        }
    }

    #[test]
    fn a_method_is_a_word() {
        for method in ["G ET", "GET/", "", &"X".repeat(33), "GET,POST"] {
            let [_, uri, host] = ORIGINAL;
            let asked = headers(&[("x-original-method", method), uri, host]);
            assert_eq!(
                Asked::read(Proxy::Original, &asked),
                Err(Objection::BadRequest),
                "{method}"
            );
        }
    }
}
