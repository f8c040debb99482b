//! Asking a page again and again, and what that took.

use std::net::SocketAddr;
use std::time::Instant;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantry::actions::review_many::approve_many;
use grantry::app::App;
use grantry::domain::audit::{Actor, Origin};
use grantry::domain::ids::AccountId;
use grantry::server;
use grantry::store::sessions::{self, SessionRow};
use grantry::web::cookie::Cookie;
use grantry::web::csrf;
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;

use crate::scale::{self, Filled};

/// The address that the pages believe to have.
pub const BASE_URL: &str = "http://localhost:8080";

/// What a page took.
#[derive(Debug, Clone, Copy)]
pub struct Figure {
    /// The status of its answer.
    pub status: u16,
    /// Milliseconds until the last byte, in the middle.
    pub median: f64,
    /// Milliseconds that 19 of 20 stayed under.
    pub p95: f64,
    /// Kilobytes (1,024 bytes) of the compressed body.
    pub kilobytes: f64,
}

/// One answer.
#[derive(Debug, Clone, Copy)]
pub struct Answer {
    status: u16,
    milliseconds: f64,
    bytes: usize,
}

impl Figure {
    /// What these answers of one page took.
    pub fn of(answers: &[Answer]) -> Self {
        let mut times: Vec<_> = answers.iter().map(|answer| answer.milliseconds).collect();
        times.sort_by(f64::total_cmp);
        let at = |share: usize| times[(times.len() - 1) * share / 100];
        let last = answers.last().expect("a page is asked at least once");
        let bytes = u32::try_from(last.bytes).expect("a page is small");
        Self {
            status: last.status,
            median: at(50),
            p95: at(95),
            kilobytes: f64::from(bytes) / 1024.0,
        }
    }

    /// Its cells in the table.
    pub fn cells(&self) -> String {
        let Self {
            median,
            p95,
            kilobytes,
            ..
        } = self;
        format!("{median:.2} | {p95:.2} | {kilobytes:.1}")
    }
}

/// Somebody who is signed in and confirmed it just now.
#[derive(Debug)]
pub struct Seat {
    cookie: String,
}

impl Seat {
    /// Signs somebody in, past the passkey.
    pub async fn take(app: &App, user: AccountId) -> Self {
        let now = app.context.clock.now();
        let data = serde_json::json!({"console": {
            "user": user.get(),
            "handle": format!("seat-{user}"),
            "since": now.as_micros(),
            "seen_at": now.as_micros(),
            "confirmed_at": now.as_micros(),
            "csrf": csrf::encode(&[7; csrf::LENGTH]),
            "flash": null,
        }});
        let row = SessionRow {
            user_id: Some(user),
            handle: format!("seat-{user}"),
            passkey_id: None,
            address: None,
            user_agent: None,
            data: data.to_string(),
            created_at: now,
            last_used_at: now,
            expires_at: now.plus_days(1),
        };
        let id = i128::from(user.get()).to_le_bytes();
        let hash = Sha256::digest(id).to_vec();
        let entered = sessions::insert(&mut app.context.store.reader(), &hash, &row).await;
        entered.expect("a session can be entered");
        let name = Cookie::of(BASE_URL).name;
        let cookie = format!("{name}={}", URL_SAFE_NO_PAD.encode(id));
        Self { cookie }
    }
}

/// Asks once, through the whole router.
pub async fn ask(app: &App, seat: &Seat, request: Request<Body>) -> Answer {
    let router = server::router(app.clone());
    let request = dressed(request, seat);
    let began = Instant::now();
    let response = router.oneshot(request).await;
    let response = response.expect("the router never fails");
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await;
    let bytes = body.expect("the body is in memory").len();
    Answer {
        status,
        milliseconds: began.elapsed().as_secs_f64() * 1_000.0,
        bytes,
    }
}

/// As a browser on this machine asks.
fn dressed(mut request: Request<Body>, seat: &Seat) -> Request<Body> {
    let headers = request.headers_mut();
    let mut put = |name, value: &str| headers.insert(name, value.parse().expect("a header"));
    put(header::HOST, "localhost:8080");
    put(header::ACCEPT_ENCODING, "gzip");
    put(header::COOKIE, &seat.cookie);
    let peer = SocketAddr::from(([127, 0, 0, 1], 40_000));
    request.extensions_mut().insert(ConnectInfo(peer));
    request
}

/// Approves requests in bulk, a hundred at once where there are so many, as often as there are some, at most five times.
pub async fn bulk_approval(app: &App, filled: &Filled) -> Figure {
    let origin = Origin::of(Actor::Person(filled.owner));
    let (context, owner) = (&app.context, filled.organization);
    let mut answers = Vec::new();
    for _ in 0..5 {
        let shown = scale::oldest_requests(context, owner, 100).await;
        if shown.is_empty() {
            break;
        }
        let began = Instant::now();
        let done = approve_many(context, &origin, owner, filled.owner, &shown, "").await;
        answers.push(Answer {
            status: 200,
            milliseconds: began.elapsed().as_secs_f64() * 1_000.0,
            bytes: 0,
        });
        done.expect("they wait");
    }
    Figure::of(&answers)
}
