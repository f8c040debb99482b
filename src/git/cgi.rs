//! The header of a CGI answer, as `git http-backend` writes it before its body.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, EXPIRES, PRAGMA};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

/// The longest header that is read, in bytes; git's has about 200.
const HEADER_LIMIT: usize = 16 * 1024;
/// What of the backend's header is passed on; the rest is the server's own to say.
const PASSED_ON: [HeaderName; 4] = [CACHE_CONTROL, CONTENT_TYPE, EXPIRES, PRAGMA];

/// The header of an answer, and the first bytes of its body that came along.
#[derive(Debug)]
pub(super) struct CgiHead {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub begun_body: Bytes,
}

/// Reads the header from the beginning of `stream`.
pub(super) async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> std::io::Result<CgiHead> {
    let mut buffer = BytesMut::with_capacity(4 * 1024);
    loop {
        if let Some((length, separator)) = end_of_head(&buffer) {
            let head = buffer.split_to(length);
            let begun_body = buffer.split_off(separator).freeze();
            return parse(&head, begun_body);
        }
        if buffer.len() > HEADER_LIMIT {
            return Err(broken("its header is too long"));
        }
        if stream.read_buf(&mut buffer).await? == 0 {
            return Err(broken("it ended before its header did"));
        }
    }
}

fn broken(what: &str) -> std::io::Error {
    std::io::Error::other(format!("git's backend gave no answer: {what}"))
}

/// Where the header ends, and how long the empty line after it is.
fn end_of_head(buffer: &[u8]) -> Option<(usize, usize)> {
    let find = |mark: &[u8]| buffer.windows(mark.len()).position(|window| window == mark);
    let (long, short) = (find(b"\r\n\r\n"), find(b"\n\n"));
    match (long, short) {
        (Some(long), Some(short)) if short < long => Some((short, 2)),
        (Some(long), _) => Some((long, 4)),
        (None, short) => short.map(|at| (at, 2)),
    }
}

fn parse(head: &[u8], begun_body: Bytes) -> std::io::Result<CgiHead> {
    let head = std::str::from_utf8(head).map_err(|_| broken("its header is not text"))?;
    let mut parsed = CgiHead {
        status: StatusCode::OK,
        headers: HeaderMap::new(),
        begun_body,
    };
    for line in head.lines() {
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| broken("a header line has no colon"))?;
        take(&mut parsed, name, value.trim())?;
    }
    Ok(parsed)
}

fn take(parsed: &mut CgiHead, name: &str, value: &str) -> std::io::Result<()> {
    if name.eq_ignore_ascii_case("status") {
        let code = value.split(' ').next().unwrap_or_default();
        parsed.status = StatusCode::from_bytes(code.as_bytes())
            .map_err(|_| broken("its status is no number"))?;
    } else if let Some(known) = PASSED_ON
        .iter()
        .find(|known| known.as_str().eq_ignore_ascii_case(name))
    {
        let value =
            HeaderValue::from_str(value).map_err(|_| broken("a header value is not text"))?;
        parsed.headers.insert(known, value);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(mut bytes: &[u8]) -> std::io::Result<CgiHead> {
        read_head(&mut bytes).await
    }

    #[tokio::test]
    async fn status_headers_and_the_begun_body_are_told_apart() {
        let head =
            read(b"Status: 404 Not Found\r\nContent-Type: text/plain\r\n\r\nbody\r\n\r\n").await;
        let head = head.expect("this is a header");
        assert_eq!(head.status, StatusCode::NOT_FOUND);
        assert_eq!(head.headers[CONTENT_TYPE], "text/plain");
        assert_eq!(head.begun_body, "body\r\n\r\n");
    }

    #[tokio::test]
    async fn bare_line_feeds_end_a_header_too() {
        let head = read(b"Expires: 0\n\nx").await.expect("this is a header");
        assert_eq!(
            (head.status, head.begun_body.as_ref()),
            (StatusCode::OK, &b"x"[..])
        );
    }

    #[tokio::test]
    async fn unknown_headers_are_not_passed_on() {
        let head = read(b"Set-Cookie: a=b\r\nTransfer-Encoding: chunked\r\n\r\n")
            .await
            .expect("this is a header");
        assert!(head.headers.is_empty());
    }

    #[tokio::test]
    async fn a_header_that_never_ends_is_an_error() {
        assert!(read(b"Content-Type: x").await.is_err());
        assert!(read("a: b\r\n".repeat(5_000).as_bytes()).await.is_err());
    }
}
