//! Policies: what they block, what a preview says of it, and when they begin.

pub mod ahead;
pub mod change;
mod decisions;
mod importing;
mod pages;
mod saving;

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use base64::Engine as _;
use grantry::actions::mint_classic::{ClassicDraft, mint_classic};
use grantry::app::App;
use grantry::domain::ids::TokenId;
use grantry::domain::policy::Limit;
use grantry::domain::policy::setting::{Access, Approval, OrganizationLayer};
use grantry::domain::token::TokenKind;
use grantry::domain::token::expiry::Expiration;
use grantry::server;
use grantry::store::{Change, policies};
use tower::ServiceExt as _;

use crate::world::{Answer, World, draft};

pub const READ: (&str, &str) = ("GET", "/repos/acme/web/issues");

pub fn layer(access: Access, lifetime: Limit) -> OrganizationLayer {
    OrganizationLayer {
        access,
        approval: Approval::Required,
        lifetime,
    }
}

/// A fine-grained token of ana with so many days, approved at acme.
pub async fn approved(world: &World, name: &str, days: u16) -> (TokenId, String) {
    let wish = draft(name).owner("acme").selected(&["web"]).days(days);
    let minted = world.mint("ana", wish.permission("issues", "read")).await;
    world.approve("olga", &minted).await.expect("it waits");
    (minted.token, minted.secret.reveal().to_owned())
}

/// A classic token of somebody, that lives for ever.
pub async fn classic(world: &World, user: &str) -> (TokenId, String) {
    let scopes = world
        .context
        .catalog
        .scope_set(&["repo"])
        .expect("it is a scope");
    let draft = ClassicDraft {
        note: "old job".to_owned(),
        scopes,
        expiration: Expiration::Never,
    };
    let (origin, user) = (world.person(user).await, world.user(user).await);
    let minted = mint_classic(&world.context, &origin, user, &draft)
        .await
        .expect("it is made");
    (minted.token, minted.secret.reveal().to_owned())
}

pub async fn read(world: &World, secret: &str) -> Answer {
    world.answer(secret, READ.0, READ.1).await
}

/// What acme sets for a kind of token counts from now on.
pub async fn set(world: &World, kind: TokenKind, layer: &OrganizationLayer) {
    let acme = world.organization("acme").await;
    let origin = world.person("olga").await;
    let mut work = world.context.begin(&origin).await.expect("a change begins");
    let now = work.now();
    policies::insert(&mut work, acme, kind, layer, None, now)
        .await
        .expect("it is saved");
    work.changed(Change::Account(acme));
    world.context.commit(work).await.expect("it lasts");
}

/// Asks for something with a token, as curl and git do, and says how it was answered. A process that has not heard of
/// changes for a second is asked again.
async fn knock(app: &App, path: &str, secret: &str) -> StatusCode {
    for _ in 0..50 {
        let basic = base64::prelude::BASE64_STANDARD.encode(format!("ana:{secret}"));
        let mut request = Request::get(path)
            .header(header::AUTHORIZATION, format!("Basic {basic}"))
            .header(header::HOST, "localhost:8080")
            .body(Body::empty())
            .expect("the request is well formed");
        let peer = SocketAddr::from(([127, 0, 0, 1], 40_000));
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = server::router(app.clone()).oneshot(request).await;
        let status = response.expect("the router never fails").status();
        if status != StatusCode::SERVICE_UNAVAILABLE {
            return status;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the gate has heard nothing for five seconds");
}
