//! Managed users: the enterprise's access and lifetime values hold at their own accounts, by API and git, and at nobody
//! else's.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grantry::actions::mint::MintError;
use grantry::domain::access::decision::Reason;
use grantry::domain::access::rights::{MemberRole, Visibility};
use grantry::domain::policy::Limit;
use grantry::domain::policy::setting::{EnterpriseAccess, EnterpriseLayer};
use grantry::domain::token::TokenKind;
use grantry::server;
use grantry::store::{Change, accounts, repositories};
use tower::ServiceExt as _;

use super::{DELEGATED, globex_says, of_mia};
use crate::pages::visitor::Visitor;
use crate::policies::{classic, layer, set};
use crate::world::{Answer, World, draft};

const FINE: TokenKind = TokenKind::FineGrained;
const MINE: &str = "/repos/mia/box/contents/README.md";
const ANAS: &str = "/repos/ana/lab/contents/README.md";

const RESTRICTED: EnterpriseLayer = EnterpriseLayer {
    access: EnterpriseAccess::Restrict,
    ..DELEGATED
};

const A_MONTH: EnterpriseLayer = EnterpriseLayer {
    lifetime: Limit::Days(30),
    ..DELEGATED
};

/// Gives mia a private and a public repository, and ana's a git repository too.
async fn with_boxes(world: &World) {
    let (origin, mia) = (world.person("mia").await, world.user("mia").await);
    let mut work = world.context.begin(&origin).await.expect("a change begins");
    for (name, visibility) in [("box", Visibility::Private), ("show", Visibility::Public)] {
        let new = repositories::NewRepository {
            owner: mia,
            name,
            description: "",
            visibility,
            created_at: work.now(),
        };
        repositories::insert(&mut work, &new)
            .await
            .expect("it is entered");
    }
    work.changed(Change::Account(mia));
    world.context.commit(work).await.expect("it lasts");
    for repository in ["mia/box", "mia/show", "ana/lab"] {
        world.with_git(repository).await;
    }
}

/// What git is told when it begins a fetch.
async fn fetch(world: &World, token: &str, repository: &str) -> (StatusCode, String) {
    let login = STANDARD.encode(format!("git:{token}"));
    let mut request = Request::get(format!(
        "/{repository}.git/info/refs?service=git-upload-pack"
    ))
    .header("authorization", format!("Basic {login}"))
    .body(Body::empty())
    .expect("a request");
    let peer = SocketAddr::from(([127, 0, 0, 1], 40_000));
    request.extensions_mut().insert(ConnectInfo(peer));
    let answer = server::router(world.app.clone()).oneshot(request).await;
    let answer = answer.expect("a router answers");
    let status = answer.status();
    let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await;
    let body = body.expect("the body is in memory").to_vec();
    (status, String::from_utf8_lossy(&body).into_owned())
}

async fn works(world: &World, secret: &str, path: &str, repository: &str) {
    assert_eq!(
        world.answer(secret, "GET", path).await,
        Answer::Allowed,
        "{path}"
    );
    let (status, said) = fetch(world, secret, repository).await;
    assert_eq!(status, StatusCode::OK, "{repository}: {said}");
}

async fn is_refused(world: &World, secret: &str, reason: Reason) {
    assert_eq!(
        world.answer(secret, "GET", MINE).await,
        Answer::Refused(reason)
    );
    let answer = world.http("GET", MINE, secret, None).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.json()["reason"], reason.as_str());
    let (status, said) = fetch(world, secret, "mia/box").await;
    assert!(
        status != StatusCode::OK || said.contains("ERR "),
        "{status}: {said}"
    );
    let public = world
        .answer(secret, "GET", "/repos/mia/show/contents/README.md")
        .await;
    assert_eq!(public, Answer::Allowed, "public stays readable");
}

on_every_database! {
    async fn a_restriction_holds_at_a_managed_users_own_account_and_at_nobody_elses(world: &World) {
        with_boxes(world).await;
        let mine = of_mia(world, "mine", 60).await;
        let anas = world.mint("ana", draft("own").owner("ana").all().permission("contents", "read")).await;
        let (mine, anas) = (mine.secret.reveal(), anas.secret.reveal());
        works(world, mine, MINE, "mia/box").await;
        set(world, FINE, &layer(grantry::domain::policy::setting::Access::Restrict, Limit::Days(1))).await;
        works(world, mine, MINE, "mia/box").await;
        globex_says(world, FINE, RESTRICTED).await;
        is_refused(world, mine, Reason::PolicyAccess).await;
        works(world, anas, ANAS, "ana/lab").await;
        globex_says(world, FINE, DELEGATED).await;
        works(world, mine, MINE, "mia/box").await;
    }

    async fn a_longest_life_holds_at_a_managed_users_own_account_and_at_nobody_elses(world: &World) {
        with_boxes(world).await;
        let long = of_mia(world, "long", 60).await;
        let short = of_mia(world, "short", 30).await;
        globex_says(world, FINE, A_MONTH).await;
        is_refused(world, long.secret.reveal(), Reason::PolicyLifetime).await;
        works(world, short.secret.reveal(), MINE, "mia/box").await;
        let more = draft("more").owner("mia").all().permission("contents", "read").days(31);
        let refused = world.try_mint("mia", &more).await;
        assert!(matches!(refused, Err(MintError::Mistakes(_))), "{refused:?}");
        let anas = draft("own").owner("ana").all().permission("contents", "read").unlimited();
        let anas = world.mint("ana", anas).await;
        works(world, anas.secret.reveal(), ANAS, "ana/lab").await;
        globex_says(world, FINE, EnterpriseLayer { lifetime: Limit::Days(60), ..DELEGATED }).await;
        works(world, long.secret.reveal(), MINE, "mia/box").await;
    }

    async fn classic_tokens_of_managed_users_are_under_the_enterprises_values_at_home(world: &World) {
        with_boxes(world).await;
        let (_, mine) = classic(world, "mia").await;
        let (_, anas) = classic(world, "ana").await;
        works(world, &mine, MINE, "mia/box").await;
        globex_says(world, TokenKind::Classic, A_MONTH).await;
        is_refused(world, &mine, Reason::PolicyLifetime).await;
        works(world, &anas, ANAS, "ana/lab").await;
        globex_says(world, TokenKind::Classic, RESTRICTED).await;
        is_refused(world, &mine, Reason::PolicyAccess).await;
        works(world, &anas, ANAS, "ana/lab").await;
        globex_says(world, TokenKind::Classic, DELEGATED).await;
        works(world, &mine, MINE, "mia/box").await;
    }

    async fn an_exempt_administrators_own_account_is_spared_the_longest_life_alone(world: &World) {
        with_boxes(world).await;
        let mine = of_mia(world, "mine", 60).await;
        let secret = mine.secret.reveal();
        let spares = EnterpriseLayer { exempts_administrators: true, ..A_MONTH };
        globex_says(world, FINE, spares).await;
        is_refused(world, secret, Reason::PolicyLifetime).await;
        let (origin, globex) = (world.person("eve").await, world.enterprise("globex").await);
        let mia = world.user("mia").await;
        let mut work = world.context.begin(&origin).await.expect("a change begins");
        let now = work.now();
        accounts::put_member(&mut work, globex, mia, MemberRole::Owner, now).await.expect("it is entered");
        work.changed(Change::Account(mia));
        world.context.commit(work).await.expect("it lasts");
        works(world, secret, MINE, "mia/box").await;
        globex_says(world, FINE, A_MONTH).await;
        is_refused(world, secret, Reason::PolicyLifetime).await;
        globex_says(world, FINE, EnterpriseLayer { access: EnterpriseAccess::Restrict, ..spares }).await;
        is_refused(world, secret, Reason::PolicyAccess).await;
    }

    async fn the_form_tells_a_managed_user_what_holds_at_home(world: &World) {
        let new = "/settings/personal-access-tokens/new";
        let mia = Visitor::confirmed(world, "mia").await;
        let free = mia.get(new).await;
        assert!(!free.has("does not allow fine-grained tokens"), "{}", free.html);
        globex_says(world, FINE, A_MONTH).await;
        let limited = mia.get(&format!("{new}?target_name=mia")).await;
        assert!(limited.has("mia allows at most 30 days."), "{}", limited.html);
        globex_says(world, FINE, RESTRICTED).await;
        let shut = mia.get(new).await;
        let told = "The enterprise of mia does not allow fine-grained tokens. Only the enterprise's owners can change that.";
        assert!(shut.has(told) || shut.has(&told.replace('\'', "&#39;")), "{}", shut.html);
        assert!(!shut.has("Ask an owner of mia"), "mia cannot change it: {}", shut.html);
        let ana = Visitor::confirmed(world, "ana").await;
        let anas = ana.get(new).await;
        assert!(!anas.has("The enterprise of ana"), "{}", anas.html);
    }
}
