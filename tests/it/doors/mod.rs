//! The doors of guarded services: forward-auth, introspection and revocation, and the pages on which services are kept.

mod authorize;
mod clients;
mod git_proxy;
mod oauth;
mod pages;
mod paths;
mod proxies;
mod pushes;
mod services;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode};
use grantry::actions::services::Wish;
use grantry::actions::services::create_service::create_service;
use grantry::app::App;
use grantry::config::Config;
use grantry::domain::audit::{Actor, Origin};
use grantry::domain::ids::{AccountId, ServiceId};
use grantry::server;
use grantry::store::{Change, accounts};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::world::World;

/// A service and its secret.
#[derive(Debug, Clone)]
pub struct Guarded {
    pub id: ServiceId,
    pub name: String,
    pub secret: String,
}

/// An answer of a door.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    /// A header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("headers are ASCII"))
    }

    /// The status and the reason.
    pub fn verdict(&self) -> (u16, String) {
        let reason = self.header("x-grantry-reason").to_owned();
        (self.status.as_u16(), reason)
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }
}

/// What a service is called and nothing more.
pub fn wish(name: &str) -> Wish {
    Wish {
        name: name.to_owned(),
        catalog: "github".to_owned(),
        proxy: "original".to_owned(),
        ..Wish::default()
    }
}

/// Gus runs the installation.
pub async fn administrator(world: &World) -> AccountId {
    let mut gus = world.account("gus").await;
    if !gus.site_admin {
        gus.site_admin = true;
        let origin = Origin::of(Actor::Operator);
        let mut work = world.context.begin(&origin).await.expect("a change begins");
        accounts::update(&mut work, &gus)
            .await
            .expect("it is written");
        work.changed(Change::Account(gus.id));
        world.context.commit(work).await.expect("it lasts");
    }
    gus.id
}

/// Enters a service.
pub async fn guard(world: &World, wish: Wish) -> Guarded {
    let by = administrator(world).await;
    let origin = world.person("gus").await;
    let (id, secret) = create_service(&world.context, &origin, by, &wish)
        .await
        .expect("it can be guarded");
    Guarded {
        id,
        name: wish.name,
        secret: secret.reveal().to_owned(),
    }
}

/// The server with its neighbour 127.0.0.1 among the trusted proxies.
pub fn believing(world: &World) -> App {
    let mut app = world.app.clone();
    app.config = Arc::new(Config {
        trusted_proxies: vec!["127.0.0.1/32".parse().expect("a range")],
        ..(*app.config).clone()
    });
    app
}

/// Sends anything.
pub async fn send(app: &App, mut request: Request<Body>) -> Answer {
    let peer = SocketAddr::from(([127, 0, 0, 1], 40_000));
    request.extensions_mut().insert(ConnectInfo(peer));
    let response = server::router(app.clone()).oneshot(request).await;
    let (parts, body) = response.expect("a router answers").into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX)
        .await
        .expect("the body is in memory");
    Answer {
        status: parts.status,
        headers: parts.headers,
        bytes: bytes.to_vec(),
    }
}

/// Asks at a door with these headers and no others.
pub async fn ask_with(app: &App, service: &str, headers: &[(&str, &str)]) -> Answer {
    let request = Request::get(format!("/gate/{service}/authorize"));
    let request = headers.iter().fold(request, |request, (name, value)| {
        request.header(*name, *value)
    });
    send(app, request.body(Body::empty()).expect("a request")).await
}

/// Asks at a door as a proxy with `X-Original-*` does, for a client with this token.
pub async fn ask(app: &App, token: &str, method: &str, target: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let mut headers = vec![
        ("x-original-method", method),
        ("x-original-uri", target),
        ("x-original-host", "api.example.test"),
    ];
    if !token.is_empty() {
        headers.push(("authorization", &bearer));
    }
    ask_with(app, "edge", &headers).await
}

/// Sends a form to one of the OAuth addresses, as a service with this secret.
pub async fn form(app: &App, path: &str, service: (&str, &str), fields: &[(&str, &str)]) -> Answer {
    use base64::Engine as _;
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let mut request =
        Request::post(path).header("content-type", "application/x-www-form-urlencoded");
    if !service.0.is_empty() {
        let pair = format!("{}:{}", service.0, service.1);
        let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
        request = request.header("authorization", format!("Basic {encoded}"));
    }
    send(app, request.body(Body::from(body)).expect("a request")).await
}
