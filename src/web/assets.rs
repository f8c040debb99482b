//! Style, script and images: embedded in the binary, addressed by content, compressed once.
//!
//! The address of a file changes with its content, so an answer may be kept for ever and a new release needs no
//! cache to be emptied. The style sheets and the scripts are joined into one file each: two requests a page.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::LazyLock;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};

/// Name of the joined style sheet.
pub const STYLE: &str = "grantry.css";
/// Name of the joined script, an ES module.
pub const SCRIPT: &str = "grantry.js";

/// Order matters: the first file declares the cascade layers.
const STYLE_PARTS: [&str; 11] = [
    "css/tokens.css",
    "css/layout.css",
    "css/components.css",
    "css/account.css",
    "css/reviews.css",
    "css/people.css",
    "css/developer.css",
    "css/repository.css",
    "css/admin.css",
    "css/audit.css",
    "css/print.css",
];
const FOREVER: &str = "public, max-age=31536000, immutable";

#[derive(RustEmbed)]
#[folder = "static/"]
struct Embedded;

/// One file, ready to send.
struct Asset {
    url: String,
    hash: String,
    content_type: &'static str,
    plain: Bytes,
    /// Only kept where it is smaller than the plain bytes.
    gzip: Option<Bytes>,
}

static ASSETS: LazyLock<HashMap<String, Asset>> = LazyLock::new(load);

/// The address of a file by its name under `static/`, or of [`STYLE`] and [`SCRIPT`].
///
/// # Panics
/// When no such file is embedded: a template names a file that is not there, which a rendered page in any test shows.
pub fn url(name: &str) -> &'static str {
    match ASSETS.get(name) {
        Some(asset) => &asset.url,
        None => panic!("no file `{name}` in static/"),
    }
}

/// Serves every embedded file under `/static/{hash}/{name}`; needs no state.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/static/{hash}/{*name}", get(serve))
}

async fn serve(Path((hash, name)): Path<(String, String)>, headers: HeaderMap) -> Response {
    match ASSETS.get(&name).filter(|asset| asset.hash == hash) {
        Some(asset) => asset.answer(&headers),
        None => (StatusCode::NOT_FOUND, "There is no such file.\n").into_response(),
    }
}

impl Asset {
    fn new(name: &str, plain: Vec<u8>) -> Self {
        let hash = content_hash(&plain);
        let gzip = Some(compress(&plain)).filter(|packed| packed.len() < plain.len());
        Self {
            url: format!("/static/{hash}/{name}"),
            hash,
            content_type: content_type(name),
            plain: plain.into(),
            gzip: gzip.map(Bytes::from),
        }
    }

    fn answer(&self, request: &HeaderMap) -> Response {
        let packed = self.gzip.as_ref().filter(|_| accepts_gzip(request));
        let etag = format!(
            "\"{}{}\"",
            self.hash,
            if packed.is_some() { "-gz" } else { "" }
        );
        let is_known = request
            .get(header::IF_NONE_MATCH)
            .is_some_and(|known| known.as_bytes() == etag.as_bytes());
        let mut response = if is_known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            packed.unwrap_or(&self.plain).clone().into_response()
        };
        self.label(response.headers_mut(), &etag, packed.is_some() && !is_known);
        response
    }

    fn label(&self, headers: &mut HeaderMap, etag: &str, is_packed: bool) {
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(self.content_type),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(FOREVER));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        let etag = HeaderValue::from_str(etag).expect("a hash in quotes is a valid header value");
        headers.insert(header::ETAG, etag);
        if is_packed {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
    }
}

fn load() -> HashMap<String, Asset> {
    let mut files: HashMap<String, Vec<u8>> = Embedded::iter()
        .filter_map(|name| {
            Embedded::get(&name).map(|file| (name.into_owned(), file.data.into_owned()))
        })
        .collect();
    files.insert(STYLE.to_owned(), joined_style(&files));
    files.insert(SCRIPT.to_owned(), joined_script(&files));
    files
        .into_iter()
        .map(|(name, bytes)| (name.clone(), Asset::new(&name, bytes)))
        .collect()
}

fn joined_style(files: &HashMap<String, Vec<u8>>) -> Vec<u8> {
    STYLE_PARTS
        .iter()
        .filter_map(|name| files.get(*name))
        .flat_map(|bytes| bytes.iter().copied())
        .collect()
}

/// Every script in a block of its own, so that their names do not meet; none imports another.
fn joined_script(files: &HashMap<String, Vec<u8>>) -> Vec<u8> {
    let mut names: Vec<&String> = files
        .keys()
        .filter(|name| name.starts_with("js/"))
        .collect();
    names.sort();
    let mut joined = Vec::new();
    for name in names {
        joined.extend_from_slice(b"{\n");
        joined.extend_from_slice(&files[name]);
        joined.extend_from_slice(b"}\n");
    }
    joined
}

/// Sixteen hex digits of SHA-256: enough to tell a file's versions apart.
fn content_hash(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let digest = Sha256::digest(bytes);
    digest
        .iter()
        .take(8)
        .fold(String::with_capacity(16), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder
        .write_all(bytes)
        .expect("writing to memory does not fail");
    encoder.finish().expect("writing to memory does not fail")
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        _ => "application/octet-stream",
    }
}

/// Whether the client takes gzip; `gzip;q=0` says that it does not.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(is_gzip)
}

fn is_gzip(coding: &str) -> bool {
    let mut parts = coding.split(';').map(str::trim);
    let is_named = parts
        .next()
        .is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
    let is_refused = parts.any(|weight| {
        weight
            .strip_prefix("q=")
            .and_then(|q| q.parse::<f32>().ok())
            .is_some_and(|q| q <= 0.0)
    });
    is_named && !is_refused
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::http::{Method, Request};
    use tower::ServiceExt as _;

    async fn ask(method: Method, path: &str, extra: &[(header::HeaderName, &str)]) -> Response {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in extra {
            request = request.header(name, *value);
        }
        let request = request
            .body(Body::empty())
            .expect("the request is well-formed");
        router::<()>()
            .oneshot(request)
            .await
            .expect("the router does not fail")
    }

    async fn bytes(response: Response) -> Bytes {
        axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .expect("the body is in memory")
    }

    #[tokio::test]
    async fn a_file_is_kept_for_ever_under_its_content_address() {
        let response = ask(Method::GET, url(STYLE), &[]).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CACHE_CONTROL], FOREVER);
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "text/css; charset=utf-8"
        );
        assert!(!bytes(response).await.is_empty());
    }

    #[tokio::test]
    async fn gzip_is_sent_only_to_those_who_take_it() {
        let packed = ask(
            Method::GET,
            url(STYLE),
            &[(header::ACCEPT_ENCODING, "br, gzip")],
        )
        .await;
        assert_eq!(packed.headers()[header::CONTENT_ENCODING], "gzip");
        let refused = ask(
            Method::GET,
            url(STYLE),
            &[(header::ACCEPT_ENCODING, "gzip;q=0")],
        )
        .await;
        assert!(!refused.headers().contains_key(header::CONTENT_ENCODING));
    }

    #[tokio::test]
    async fn a_known_etag_is_answered_with_not_modified() {
        let first = ask(Method::GET, url(SCRIPT), &[]).await;
        let etag = first.headers()[header::ETAG]
            .to_str()
            .expect("an etag is text")
            .to_owned();
        let again = ask(Method::GET, url(SCRIPT), &[(header::IF_NONE_MATCH, &etag)]).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert!(bytes(again).await.is_empty());
    }

    #[tokio::test]
    async fn head_answers_without_a_body() {
        let response = ask(Method::HEAD, url("img/mark.svg"), &[]).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert!(bytes(response).await.is_empty());
    }

    #[tokio::test]
    async fn an_unknown_name_or_a_former_hash_is_not_found() {
        for path in [
            "/static/0000000000000000/grantry.css",
            "/static/x/nothing",
            "/static/x/..%2FCargo.toml",
        ] {
            assert_eq!(
                ask(Method::GET, path, &[]).await.status(),
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
    }

    #[test]
    fn style_and_script_together_leave_room_for_the_page() {
        let wire = |name: &str| ASSETS[name].gzip.as_ref().map_or(0, Bytes::len);
        assert!(
            wire(STYLE) + wire(SCRIPT) < 20 * 1024,
            "{} + {}",
            wire(STYLE),
            wire(SCRIPT)
        );
    }
}
