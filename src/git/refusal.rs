//! How a refusal reaches the person at the other end of a git client.
//!
//! Found by trying each form against git 2.47 (clone, fetch and push, protocol 0 and 2):
//!
//! | answer | what git prints |
//! |---|---|
//! | `info/refs`, any 4xx/5xx, `text/plain` | every line as `remote: …`, then its own `fatal: … error: 403` |
//! | the same without `charset=utf-8` | the same, but anything beyond ASCII is garbled |
//! | the same as `text/html` or JSON | nothing of the body |
//! | `info/refs` 401 | asks for credentials first; when those fail too: the lines, then `Authentication failed` |
//! | `info/refs` 404 | the lines, then `repository '…' not found` |
//! | `info/refs` 200 with an `ERR` packet | `fatal: remote error: …`: readable, but a success to every proxy and log |
//! | `info/refs` 403 with an `ERR` packet | nothing of the body |
//! | exchange (POST), any 4xx/5xx | nothing of the body, only `RPC failed; HTTP 403` |
//! | exchange, `git-upload-pack`, 200 with an `ERR` packet | `fatal: remote error: …` |
//! | exchange, `git-receive-pack`, 200 with an `ERR` packet | `protocol error: bad band #69` |
//! | exchange, `git-receive-pack`, 200 with a side-band 3 packet | `remote: …`, then the push fails |
//!
//! So the first request is refused in plain text with its true status, which keeps proxies and logs honest and
//! is where every git command begins. Only when rights end between the two requests of one command does the
//! second form matter: a client that accepts the protocol's result type is answered in it, and any other
//! client gets the status.

use axum::body::Body;
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;

use super::operation::{GitOperation, Service};

/// The longest sentence in a packet, in bytes: older clients read no more than 1,000.
const PACKET_TEXT_LIMIT: usize = 900;

/// A refusal with its true status, as plain text, which git shows as `remote:` lines.
///
/// A 401 also asks for credentials, so that git prompts its user or its credential helper.
pub fn refusal_response(status: StatusCode, sentence: &str) -> Response {
    let mut response = Response::new(Body::from(format!("{}\n", printable(sentence))));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(
            WWW_AUTHENTICATE,
            HeaderValue::from_static("Basic realm=\"Grantry\", charset=\"UTF-8\""),
        );
    }
    response
}

/// The refusal of one operation, in the form that its client will show.
///
/// A 401 always keeps its status: only that makes a client offer credentials.
pub fn refuse(
    operation: GitOperation,
    headers: &HeaderMap,
    status: StatusCode,
    sentence: &str,
) -> Response {
    match operation {
        GitOperation::Exchange(service)
            if status != StatusCode::UNAUTHORIZED && accepts_result(service, headers) =>
        {
            packet_refusal(service, sentence)
        }
        _ => refusal_response(status, sentence),
    }
}

fn accepts_result(service: Service, headers: &HeaderMap) -> bool {
    let wanted = format!("application/x-{}-result", service.name());
    let mut accepted = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok());
    accepted.any(|value| value.split(',').any(|part| part.trim() == wanted))
}

fn packet_refusal(service: Service, sentence: &str) -> Response {
    let sentence = printable(sentence);
    let text = shortened(&sentence);
    let packet = match service {
        Service::UploadPack => packet(format!("ERR {text}").as_bytes()),
        Service::ReceivePack => packet(format!("\u{3}{text}\n").as_bytes()),
    };
    let mut response = Response::new(Body::from(packet));
    let content_type = format!("application/x-{}-result", service.name());
    let content_type = HeaderValue::from_str(&content_type).expect("a service name is ASCII");
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A pkt-line: four hexadecimal digits of length, themselves included, then the bytes.
fn packet(payload: &[u8]) -> Vec<u8> {
    let mut packet = format!("{:04x}", payload.len() + 4).into_bytes();
    packet.extend_from_slice(payload);
    packet
}

/// The sentence without control characters: it is printed on somebody's terminal.
pub(super) fn printable(sentence: &str) -> String {
    let lines = sentence.trim_end().lines();
    let clean = lines.map(|line| {
        line.chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect::<String>()
    });
    clean.collect::<Vec<_>>().join("\n")
}

fn shortened(text: &str) -> &str {
    &text[..text.floor_char_boundary(PACKET_TEXT_LIMIT)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    async fn body(response: Response) -> String {
        let bytes = response
            .into_body()
            .collect()
            .await
            .expect("the body is in memory")
            .to_bytes();
        String::from_utf8(bytes.to_vec()).expect("refusals are UTF-8")
    }

    fn accepting(kind: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(kind))])
    }

    #[tokio::test]
    async fn a_401_asks_for_credentials_in_plain_text() {
        let response = refusal_response(StatusCode::UNAUTHORIZED, "sign in with a token");
        assert_eq!(
            response.headers()[WWW_AUTHENTICATE],
            "Basic realm=\"Grantry\", charset=\"UTF-8\""
        );
        assert_eq!(
            response.headers()[CONTENT_TYPE],
            "text/plain; charset=utf-8"
        );
        assert_eq!(body(response).await, "sign in with a token\n");
    }

    #[tokio::test]
    async fn a_403_keeps_its_status_and_asks_for_nothing() {
        let response = refusal_response(StatusCode::FORBIDDEN, "the token may not push");
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        assert!(!response.headers().contains_key(WWW_AUTHENTICATE));
    }

    #[tokio::test]
    async fn control_characters_never_reach_a_terminal() {
        let response = refusal_response(StatusCode::FORBIDDEN, "a\u{1b}[2Jb\nc");
        assert_eq!(body(response).await, "a [2Jb\nc\n");
    }

    #[tokio::test]
    async fn a_git_client_in_the_exchange_reads_the_sentence_in_a_packet() {
        let fetch = GitOperation::Exchange(Service::UploadPack);
        let headers = accepting("application/x-git-upload-pack-result");
        let response = refuse(fetch, &headers, StatusCode::FORBIDDEN, "revoked");
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(body(response).await, "000fERR revoked");
    }

    #[tokio::test]
    async fn a_push_in_the_exchange_reads_the_sentence_on_the_error_band() {
        let push = GitOperation::Exchange(Service::ReceivePack);
        let headers = accepting("application/x-git-receive-pack-result");
        let response = refuse(push, &headers, StatusCode::FORBIDDEN, "revoked");
        assert_eq!(body(response).await, "000d\u{3}revoked\n");
    }

    #[tokio::test]
    async fn other_clients_and_missing_credentials_get_the_status_in_the_exchange() {
        let push = GitOperation::Exchange(Service::ReceivePack);
        let plain = refuse(push, &accepting("*/*"), StatusCode::FORBIDDEN, "no");
        assert_eq!(plain.status(), StatusCode::FORBIDDEN);
        let headers = accepting("application/x-git-receive-pack-result");
        let anonymous = refuse(push, &headers, StatusCode::UNAUTHORIZED, "no");
        assert_eq!(anonymous.status(), StatusCode::UNAUTHORIZED);
    }
}
