//! What is known of a request before anybody looks at it: where it comes from, and the id under which it is found again.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;

use crate::app::App;
use crate::domain::audit::{Actor, Origin};

/// The answer header that carries the request's id, for everybody.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The same under the name that clients of the API know.
pub const API_REQUEST_ID: HeaderName = HeaderName::from_static("x-github-request-id");
/// The longest name of a client that is kept, in bytes.
const LONGEST_AGENT: usize = 300;

/// What is known of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestMeta {
    /// The client's address: the peer, or whom a trusted proxy names.
    pub client: Option<IpAddr>,
    /// The client's name for itself, shortened.
    pub user_agent: Option<String>,
    /// The id, which the answer carries too.
    pub request_id: String,
}

impl RequestMeta {
    /// The client's address as text.
    pub fn address(&self) -> Option<String> {
        self.client.map(|address| address.to_string())
    }

    /// Where a change comes from that `actor` makes with this request.
    pub fn origin(&self, actor: Actor) -> Origin {
        Origin {
            actor,
            address: self.address(),
            user_agent: self.user_agent.clone(),
            request_id: Some(self.request_id.clone()),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for RequestMeta {
    type Rejection = Infallible;

    /// Nothing is known where [`attach`] was left out, as in a test of one router alone.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let known = parts.extensions.get::<Self>().cloned();
        Ok(known.unwrap_or_default())
    }
}

/// Finds out what is known of a request, and puts its id on the answer.
pub async fn attach(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0.ip().to_canonical());
    let meta = RequestMeta {
        client: peer.map(|peer| client(peer, request.headers(), &app.config.trusted_proxies)),
        user_agent: user_agent(request.headers()),
        request_id: hex(&app.context.entropy.bytes::<8>()),
    };
    let id = HeaderValue::from_str(&meta.request_id).expect("hexadecimal is a header value");
    request.extensions_mut().insert(meta);
    let mut response = next.run(request).await;
    response.headers_mut().insert(REQUEST_ID, id.clone());
    response.headers_mut().insert(API_REQUEST_ID, id);
    response
}

/// The right-most address that is no trusted proxy. Whatever stands left of it was written by somebody unknown.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    if is_trusted(peer, trusted) {
        client_behind(peer, headers, trusted)
    } else {
        peer
    }
}

/// Whether whoever is at an address may name the client it asks for.
pub fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|net| net.contains(&address))
}

/// The client of a peer that is believed, because it is a trusted proxy or has shown who it is otherwise.
pub fn client_behind(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let mut nearest = peer;
    for entry in forwarded_for(headers).into_iter().rev() {
        let Some(address) = entry else {
            return nearest;
        };
        nearest = address;
        if !is_trusted(address, trusted) {
            break;
        }
    }
    nearest
}

/// The entries of every `X-Forwarded-For` in order; `None` for one that is no address.
fn forwarded_for(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    headers
        .get_all("x-forwarded-for")
        .iter()
        .flat_map(|value| value.to_str().unwrap_or("?").split(','))
        .map(|entry| {
            entry
                .trim()
                .parse::<IpAddr>()
                .ok()
                .map(|ip| ip.to_canonical())
        })
        .collect()
}

fn user_agent(headers: &HeaderMap) -> Option<String> {
    let agent = headers.get(header::USER_AGENT)?.to_str().ok()?;
    let end = agent.floor_char_boundary(LONGEST_AGENT);
    Some(agent[..end].to_owned()).filter(|agent| !agent.is_empty())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            let value = HeaderValue::from_str(value).expect("the samples are header values");
            headers.append("x-forwarded-for", value);
        }
        headers
    }

    fn ask(peer: &str, values: &[&str]) -> String {
        let trusted = ["10.0.0.0/8".parse().expect("a range")];
        let peer = peer.parse().expect("an address");
        client(peer, &headers(values), &trusted).to_string()
    }

    #[test]
    fn a_stranger_cannot_name_another_address() {
        assert_eq!(ask("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
    }

    #[test]
    fn a_trusted_proxy_names_the_client() {
        assert_eq!(ask("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(ask("10.0.0.1", &["198.51.100.1, 10.0.0.2"]), "198.51.100.1");
    }

    #[test]
    fn what_a_client_wrote_before_the_proxies_is_ignored() {
        assert_eq!(ask("10.0.0.1", &["1.2.3.4, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(
            ask("10.0.0.1", &["1.2.3.4", "198.51.100.1"]),
            "198.51.100.1"
        );
    }

    #[test]
    fn an_entry_that_is_no_address_ends_the_search() {
        assert_eq!(ask("10.0.0.1", &["1.2.3.4, unknown"]), "10.0.0.1");
        assert_eq!(ask("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn a_long_name_of_a_client_is_shortened() {
        let mut headers = HeaderMap::new();
        assert_eq!(user_agent(&headers), None);
        let long = HeaderValue::from_str(&"x".repeat(2_000)).expect("letters are a header value");
        headers.insert(header::USER_AGENT, long);
        assert_eq!(
            user_agent(&headers).map(|agent| agent.len()),
            Some(LONGEST_AGENT)
        );
    }
}
