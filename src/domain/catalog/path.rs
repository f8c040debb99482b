//! Judges a request's path as the guarded service will see it, and never repairs it.
//!
//! The path is cut at `?`, split at `/`, and each segment is decoded once. What could make two
//! readers disagree about where a path leads (empty segments, dots, control characters, a slash that
//! was hidden by encoding) is refused.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// The path cannot be judged: two readers could take it for different resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the path has an empty segment, `.`, `..`, a control character, broken encoding, or an encoded `/`, `;` or `%` where no path or ref is expected"
)]
pub struct BadPath;

/// One decoded segment of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment<'p> {
    text: Cow<'p, str>,
    /// Holds a decoded `/`, `;` or `%`: only a parameter for a path or a ref may.
    delimited: bool,
}

impl Segment<'_> {
    /// The decoded text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Does it hold a decoded `/`, `;` or `%`, which only a path or a ref may?
    pub const fn is_delimited(&self) -> bool {
        self.delimited
    }
}

impl<'p> Segment<'p> {
    /// The decoded text, without a copy where nothing was encoded.
    pub fn into_text(self) -> Cow<'p, str> {
        self.text
    }
}

/// The path and the query of a request's target, as its first line carries them.
///
/// # Errors
/// [`BadPath`] where the target is no path of visible ASCII, such as `http://host/path`, or where it holds a fragment
/// or a `\\`, be it encoded: some readers take that for a `/`.
pub fn split_target(target: &str) -> Result<(&str, Option<&str>), BadPath> {
    let is_visible = target.bytes().all(|byte| byte.is_ascii_graphic());
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let is_slashed = path.contains('\\') || path.to_ascii_lowercase().contains("%5c");
    if !is_visible || !path.starts_with('/') || target.contains('#') || is_slashed {
        return Err(BadPath);
    }
    Ok((path, query))
}

/// The segments of a request's path, each decoded once; none for `/` itself.
///
/// # Errors
/// [`BadPath`] where the path does not start with `/` or a segment cannot be judged.
pub fn segments(path: &str) -> Result<Vec<Segment<'_>>, BadPath> {
    let before_query = path.split_once('?').map_or(path, |(path, _)| path);
    match before_query.strip_prefix('/') {
        None => Err(BadPath),
        Some("") => Ok(Vec::new()),
        Some(rest) => rest.split('/').map(decode).collect(),
    }
}

fn decode(raw: &str) -> Result<Segment<'_>, BadPath> {
    if has_broken_escape(raw) {
        return Err(BadPath);
    }
    let text = percent_decode_str(raw).decode_utf8().map_err(|_| BadPath)?;
    if text.chars().any(char::is_control) || !text.split('/').all(is_plain_part) {
        return Err(BadPath);
    }
    let delimited = text.contains(['/', ';', '%']);
    Ok(Segment { text, delimited })
}

/// A part between two slashes that leads neither nowhere nor upwards. What follows a `;` does not
/// count: some servers cut it off, and `..;x` would then be `..`.
fn is_plain_part(part: &str) -> bool {
    let name = part.split(';').next().unwrap_or(part);
    !part.is_empty() && name != "." && name != ".."
}

/// Is there a `%` that two hexadecimal digits do not follow? Readers differ on what it means.
fn has_broken_escape(raw: &str) -> bool {
    let is_escape = |rest: &str| {
        let digits = rest.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    raw.split('%').skip(1).any(|rest| !is_escape(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(path: &str) -> Vec<String> {
        let segments = segments(path).expect("a good path");
        segments
            .into_iter()
            .map(|segment| segment.into_text().into_owned())
            .collect()
    }

    #[test]
    fn a_path_is_cut_at_the_query_and_split_at_slashes() {
        assert_eq!(
            texts("/repos/acme/web?page=2&x=/../"),
            ["repos", "acme", "web"]
        );
        assert_eq!(texts("/"), Vec::<String>::new());
        assert_eq!(texts("/?a=b"), Vec::<String>::new());
    }

    #[test]
    fn each_segment_is_decoded_once() {
        assert_eq!(texts("/a%20b/%C3%A9/x+y"), ["a b", "é", "x+y"]);
        assert_eq!(texts("/a%252Fb"), ["a%2Fb"]);
    }

    #[test]
    fn a_segment_with_a_decoded_delimiter_is_marked() {
        for (path, marked) in [
            ("/a%2Fb", true),
            ("/a;b", true),
            ("/a%3Bb", true),
            ("/a%25", true),
            ("/a.b-c", false),
        ] {
            assert_eq!(
                segments(path).expect("a good path")[0].is_delimited(),
                marked,
                "{path}"
            );
        }
    }

    #[test]
    fn a_path_that_two_readers_could_take_differently_is_bad() {
        let bad = [
            "",
            "repos",
            "//",
            "/a/",
            "/a//b",
            "/./a",
            "/a/..",
            "/%2e%2e/a",
            "/a/%2E",
            "/a%2F..%2Fb",
            "/a%2F%2Fb",
            "/%2Fa",
            "/a%2F",
            "/..;x",
            "/..%3Bx/a",
            "/a%00",
            "/a%0Ab",
            "/a\u{7f}",
            "/a%C2%85",
            "/a%",
            "/a%2",
            "/a%zz",
            "/a%ff",
            "?x",
            "/a/?x",
        ];
        for path in bad {
            assert_eq!(segments(path), Err(BadPath), "{path:?}");
        }
    }

    #[test]
    fn a_target_is_a_path_and_perhaps_a_query() {
        assert_eq!(split_target("/a/b"), Ok(("/a/b", None)));
        assert_eq!(split_target("/a?b=/?c"), Ok(("/a", Some("b=/?c"))));
        for target in [
            "",
            "*",
            "a/b",
            "http://host/a",
            "?a",
            "/a#b",
            "/a?b#c",
            "/a b",
            "/a\tb",
            "/\u{e9}",
            "/a\\b",
            "/a%5Cb",
            "/a%5cb",
        ] {
            assert_eq!(split_target(target), Err(BadPath), "{target:?}");
        }
    }

    #[test]
    fn dots_inside_a_name_are_fine() {
        assert_eq!(texts("/.github/a..b/..."), [".github", "a..b", "..."]);
    }
}
