//! A client of the API that calls the router in place: no socket, the same bytes.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode};
use grantry::app::App;
use grantry::server;
use serde_json::Value;
use tower::ServiceExt as _;

use super::description::hold;
use crate::world::World;

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as JSON; null where there is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    /// The same but for the id of the request, which is another one each time.
    pub fn without_id(mut self) -> Self {
        for name in ["x-request-id", "x-github-request-id"] {
            self.headers.remove(name);
        }
        self
    }

    /// A header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("headers are ASCII"))
    }

    /// One field of every item of a list.
    pub fn each(&self, field: &str) -> Vec<String> {
        let items = self.json();
        let items = items
            .as_array()
            .unwrap_or_else(|| panic!("no list: {self:?}"));
        let text = |value: &Value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        };
        items.iter().map(|item| text(&item[field])).collect()
    }

    /// The status and the reason.
    pub fn refusal(&self) -> (u16, String) {
        let reason = self.json()["reason"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        (self.status.as_u16(), reason)
    }
}

/// One request, whatever it looks like.
pub async fn send(app: &App, request: Request<Body>) -> Answer {
    let mut request = request;
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let peer = SocketAddr::from(([127, 0, 0, 1], 40_000));
    request.extensions_mut().insert(ConnectInfo(peer));
    let response = server::router(app.clone())
        .oneshot(request)
        .await
        .expect("a router answers");
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX)
        .await
        .expect("the body is in memory");
    let answer = Answer {
        status: parts.status,
        headers: parts.headers,
        bytes: bytes.to_vec(),
    };
    hold(&method, &path, &answer);
    answer
}

impl World {
    /// `GET` below the API's prefix.
    pub async fn get(&self, token: &str, path: &str) -> Answer {
        self.http("GET", path, token, None).await
    }

    /// Any method, with a JSON body or none. An empty token presents none.
    pub async fn http(&self, method: &str, path: &str, token: &str, body: Option<Value>) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/v3{path}"));
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        send(&self.app, request.body(body).expect("a request")).await
    }
}
