//! Somebody signed in, who asks for pages and presses buttons through the whole router.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantry::app::App;
use grantry::server;
use grantry::store::sessions::{self, SessionRow};
use grantry::web::cookie::Cookie;
use grantry::web::csrf;
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;

use crate::world::World;

/// The CSRF token of every visitor's session.
const TOKEN: csrf::Token = [7; csrf::LENGTH];

/// A signed-in person.
#[derive(Debug, Clone)]
pub struct Visitor {
    app: App,
    cookie: String,
}

/// A page as it came.
#[derive(Debug)]
pub struct Page {
    /// Its status.
    pub status: StatusCode,
    /// Where it leads, for a redirect.
    pub location: String,
    /// Whether it may be kept.
    pub cache_control: String,
    /// Its text.
    pub html: String,
}

impl Page {
    /// Whether the page holds a text.
    pub fn has(&self, text: &str) -> bool {
        self.html.contains(text)
    }

    /// The value of the first field with this name.
    pub fn value(&self, name: &str) -> String {
        let field = format!("name=\"{name}\" value=\"");
        let (_, rest) = self
            .html
            .split_once(&field)
            .unwrap_or_else(|| panic!("no field `{name}`: {}", self.html));
        rest.split('"').next().unwrap_or_default().to_owned()
    }
}

impl Visitor {
    /// Somebody who confirmed with a passkey just now.
    pub async fn confirmed(world: &World, login: &str) -> Self {
        Self::enter(world, login, true).await
    }

    /// Somebody who signed in long ago.
    pub async fn signed_in(world: &World, login: &str) -> Self {
        Self::enter(world, login, false).await
    }

    /// Somebody who is not signed in.
    pub fn nobody(world: &World) -> Self {
        Self {
            app: world.app.clone(),
            cookie: String::new(),
        }
    }

    async fn enter(world: &World, login: &str, is_confirmed: bool) -> Self {
        use grantry::clock::Clock as _;
        let (user, now) = (world.user(login).await, world.clock.now());
        let id = i128::from(user.get()) + 1_000 * i128::from(is_confirmed);
        let data = serde_json::json!({"console": {
            "user": user.get(),
            "handle": format!("seat-{id}"),
            "since": now.as_micros(),
            "seen_at": now.as_micros(),
            "confirmed_at": is_confirmed.then(|| now.as_micros()),
            "csrf": csrf::encode(&TOKEN),
            "flash": null,
        }});
        let row = SessionRow {
            user_id: Some(user),
            handle: format!("seat-{id}"),
            passkey_id: None,
            address: None,
            user_agent: None,
            data: data.to_string(),
            created_at: now,
            last_used_at: now,
            expires_at: now.plus_days(1),
        };
        let hash = Sha256::digest(id.to_le_bytes()).to_vec();
        sessions::insert(&mut world.reader(), &hash, &row)
            .await
            .expect("a session can be entered");
        let name = Cookie::of(&world.app.config.base_url).name;
        let id = URL_SAFE_NO_PAD.encode(id.to_le_bytes());
        Self {
            app: world.app.clone(),
            cookie: format!("{name}={id}"),
        }
    }

    /// Asks for a page.
    pub async fn get(&self, path: &str) -> Page {
        self.send(Request::get(path), Body::empty()).await
    }

    /// Sends a form.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let masked = csrf::mask(&TOKEN, &[0; csrf::LENGTH]);
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair(csrf::FIELD, &masked)
            .extend_pairs(fields)
            .finish();
        let request = Request::post(path)
            .header(header::ORIGIN, self.app.config.base_url.as_str())
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(body)).await
    }

    async fn send(&self, request: axum::http::request::Builder, body: Body) -> Page {
        let mut request = request
            .header(header::COOKIE, &self.cookie)
            .header(header::HOST, "localhost:8080")
            .body(body)
            .expect("the request is well formed");
        let peer = SocketAddr::from(([127, 0, 0, 1], 40_000));
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = server::router(self.app.clone()).oneshot(request).await;
        page(response.expect("the router never fails")).await
    }
}

async fn page(response: Response) -> Page {
    let header = |name| {
        let value = response.headers().get(name);
        let text = value.and_then(|value: &axum::http::HeaderValue| value.to_str().ok());
        text.unwrap_or_default().to_owned()
    };
    let (location, cache_control) = (header(header::LOCATION), header(header::CACHE_CONTROL));
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .expect("the body is in memory");
    Page {
        status,
        location,
        cache_control,
        html: String::from_utf8(body.to_vec()).expect("pages are UTF-8"),
    }
}
