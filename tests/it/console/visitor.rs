//! A browser that calls the router in place: it keeps its cookie, and sends the token of the page that it sees.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use grantry::app::App;
use grantry::config::Config;
use grantry::domain::ids::AccountId;
use grantry::server;
use grantry::web::form::Fields;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::world::{Process, World};

/// The machine that the server runs on.
pub const HERE: [u8; 4] = [127, 0, 0, 1];

/// What came back.
#[derive(Debug)]
pub struct Page {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its text.
    pub text: String,
}

impl Page {
    /// Where it leads; empty where it leads nowhere.
    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// A header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("headers are ASCII"))
    }

    /// The masked token of its forms.
    pub fn csrf(&self) -> String {
        let marker = r#"name="csrf" value=""#;
        let start = self.text.find(marker).expect("the page has a form") + marker.len();
        let rest = &self.text[start..];
        rest[..rest.find('"').expect("the attribute ends")].to_owned()
    }
}

/// One browser.
pub struct Visitor {
    app: App,
    /// The cookie as the browser sends it back.
    pub cookie: Option<String>,
    /// What the browser calls itself.
    pub agent: Option<&'static str>,
    peer: [u8; 4],
    csrf: String,
}

impl Visitor {
    /// A browser on the server's machine, with nothing in it.
    pub fn new(world: &World) -> Self {
        Self {
            app: world.app.clone(),
            cookie: None,
            agent: None,
            peer: HERE,
            csrf: String::new(),
        }
    }

    /// The same installation with other settings.
    pub fn configured(world: &World, change: impl FnOnce(&mut Config)) -> Self {
        let mut visitor = Self::new(world);
        let mut config = Config::clone(&visitor.app.config);
        change(&mut config);
        visitor.app.config = Arc::new(config);
        visitor
    }

    /// The same browser before another server of the installation.
    pub fn before(mut self, process: &Process) -> Self {
        self.app = process.app.clone();
        self
    }

    /// The same browser on another machine.
    pub fn at(mut self, peer: [u8; 4]) -> Self {
        self.peer = peer;
        self
    }

    /// Looks at a page.
    pub async fn get(&mut self, path: &str) -> Page {
        self.send(Method::GET, path, &[], Body::empty()).await
    }

    /// Sends a form of the page seen last.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let csrf = self.csrf.clone();
        let fields = Fields::new(fields.iter().copied()).with("csrf", csrf);
        self.post_raw(path, fields, &[]).await
    }

    /// Sends exactly these fields, with these headers.
    pub async fn post_raw(&mut self, path: &str, fields: Fields, extra: &[(&str, &str)]) -> Page {
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let headers: Vec<_> = extra.iter().copied().chain([kind]).collect();
        self.send(Method::POST, path, &headers, Body::from(fields.encode()))
            .await
    }

    /// Begins a ceremony as the page's script does.
    pub async fn begin(&mut self, path: &str) -> Value {
        let csrf = self.csrf.clone();
        let headers = [("x-csrf-token", csrf.as_str())];
        let page = self
            .send(Method::POST, path, &headers, Body::from("{}"))
            .await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        serde_json::from_str(&page.text).expect("a ceremony is JSON")
    }

    /// One request.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Page {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        if let Some(agent) = self.agent {
            request = request.header(header::USER_AGENT, agent);
        }
        let mut request = request.body(body).expect("the request is well-formed");
        let peer = SocketAddr::from((self.peer, 40_000));
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = server::router(self.app.clone())
            .oneshot(request)
            .await
            .expect("a router answers");
        self.read(response).await
    }

    async fn read(&mut self, response: axum::response::Response) -> Page {
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX)
            .await
            .expect("the body is in memory");
        let page = Page {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).expect("pages are UTF-8"),
        };
        self.keep_cookie(&page);
        if page.text.contains(r#"name="csrf""#) {
            self.csrf = page.csrf();
        }
        page
    }

    fn keep_cookie(&mut self, page: &Page) {
        for header in page.headers.get_all(header::SET_COOKIE) {
            let text = header.to_str().expect("cookies are ASCII");
            let pair = text.split(';').next().unwrap_or_default();
            self.cookie = Some(pair.to_owned()).filter(|pair| !pair.ends_with('='));
        }
    }

    /// A link for this person, as the operator makes it.
    pub async fn link(&self, user: AccountId) -> String {
        use grantry::actions::create_link::{LINK_LIFE, create_link};
        use grantry::domain::audit::{Actor, Origin};
        let origin = Origin::of(Actor::Operator);
        let (code, _) = create_link(&self.app.context, &origin, user, LINK_LIFE)
            .await
            .expect("a link can be made");
        format!("/enroll/{code}")
    }
}
