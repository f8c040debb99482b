//! What every page has in common: who gets in, what is refused, and the headers.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use grantry::domain::access::rights::MemberRole;
use grantry::store::accounts;
use grantry::web::form::Fields;
use grantry::web::router::{Access, routes};

use super::visitor::Visitor;
use crate::world::World;

/// A path with something in the place of its names.
fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| match part {
        "{org}" | "{owner}" => "acme",
        "{slug}" => "globex",
        "{repo}" => "web",
        "{login}" => "carl",
        part if part.starts_with('{') => "1",
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_that_is_not_for_anyone_sends_strangers_to_the_sign_in_page() {
    let world = World::sqlite().await;
    for route in routes() {
        let path = filled(route.path);
        for (method, access) in [(Method::GET, route.get), (Method::POST, route.post)] {
            if access.is_some_and(|access| access != Access::Anyone) {
                let mut visitor = Visitor::new(&world);
                let page = visitor
                    .send(method.clone(), &path, &[], Body::empty())
                    .await;
                assert_eq!(page.status, StatusCode::SEE_OTHER, "{method} {path}");
                assert!(page.location().starts_with("/login"), "{method} {path}");
            }
        }
    }
    world.stop().await;
}

/// For the pages of site administrators.
async fn make_site_admin(world: &World, login: &str) {
    let mut account = world.account(login).await;
    account.site_admin = true;
    accounts::update(&mut world.reader(), &account)
        .await
        .expect("an account can be changed");
}

/// For the pages of an enterprise's owners.
async fn make_enterprise_owner(world: &World, login: &str) {
    let (globex, user) = (world.enterprise("globex").await, world.user(login).await);
    let (owner, now) = (MemberRole::Owner, world.clock_now());
    accounts::put_member(&mut world.reader(), globex, user, owner, now)
        .await
        .expect("a membership can be entered");
}

/// Somebody who owns acme and globex and runs the installation, let in as the demonstration lets people in.
async fn olga(world: &World) -> Visitor {
    make_site_admin(world, "olga").await;
    make_enterprise_owner(world, "olga").await;
    let mut visitor = Visitor::configured(world, |config| config.demo = true);
    let link = visitor.link(world.user("olga").await).await;
    visitor.get(&link).await;
    visitor.post(&link, &[("without_passkey", "yes")]).await;
    let home = visitor.get("/").await;
    assert_eq!(home.status, StatusCode::OK, "{}", home.text);
    visitor
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_form_refuses_a_missing_and_a_foreign_token_of_the_session() {
    let world = World::sqlite().await;
    let foreign = Visitor::new(&world).get("/login").await.csrf();
    let mut visitor = olga(&world).await;
    let mut asked = 0;
    for route in routes().iter().filter(|route| route.post.is_some()) {
        let path = filled(route.path);
        // What a script begins carries the token in a header, and is answered as JSON.
        let expected = if path.ends_with("/begin") {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::FORBIDDEN
        };
        for token in [None, Some(foreign.as_str())] {
            let fields = Fields::new(token.map(|token| ("csrf", token)));
            let page = visitor.post_raw(&path, fields, &[]).await;
            assert_eq!(page.status, expected, "{path} with {token:?}");
            asked += 1;
        }
    }
    assert!(asked > 10, "the table holds forms");
    let home = visitor.get("/").await;
    assert_eq!(
        home.status,
        StatusCode::OK,
        "nothing happened: olga is still signed in"
    );
    drop(visitor);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_has_its_security_headers() {
    let world = World::sqlite().await;
    let mut visitor = olga(&world).await;
    for route in routes().iter().filter(|route| route.get.is_some()) {
        let path = filled(route.path);
        let page = visitor.get(&path).await;
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{path}");
        assert!(!policy.contains("unsafe-inline"), "{path}");
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        assert_eq!(page.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert!(!page.text.contains(" style="), "{path}");
    }
    drop(visitor);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_address_is_a_page_with_a_request_id_and_makes_no_session() {
    let world = World::sqlite().await;
    let mut visitor = Visitor::new(&world);
    let page = visitor.get("/no/such/page").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.text.contains("There is no such page"));
    assert!(page.text.contains(page.header("x-request-id")));
    assert_eq!(visitor.cookie, None);
    drop(visitor);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_without_the_token_of_its_session_is_refused() {
    let world = World::sqlite().await;
    let mut visitor = Visitor::new(&world);
    visitor.get("/login").await;
    let foreign = {
        let mut other = Visitor::new(&world);
        other.get("/login").await.csrf()
    };
    for token in [None, Some(foreign.as_str()), Some("")] {
        let fields = Fields::new(token.map(|token| ("csrf", token)));
        let page = visitor.post_raw("/login", fields, &[]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{token:?}");
        assert!(page.text.contains("can no longer be sent"), "{}", page.text);
    }
    drop(visitor);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_from_another_site_is_refused_although_its_token_is_right() {
    let world = World::sqlite().await;
    let mut visitor = Visitor::new(&world);
    let csrf = visitor.get("/login").await.csrf();
    let fields = Fields::new([("csrf", csrf)]);
    let evil = [("origin", "https://evil.test"), ("host", "localhost:8080")];
    let page = visitor.post_raw("/login", fields.clone(), &evil).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let ours = [
        ("origin", "http://localhost:8080"),
        ("sec-fetch-site", "same-origin"),
    ];
    let page = visitor.post_raw("/login", fields, &ours).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "it is read");
    drop(visitor);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_script_without_the_token_begins_nothing() {
    let world = World::sqlite().await;
    let mut visitor = Visitor::new(&world);
    visitor.get("/login").await;
    let page = visitor
        .send(Method::POST, "/login/begin", &[], Body::from("{}"))
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("message"), "{}", page.text);
    drop(visitor);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_that_is_too_long_is_refused() {
    let world = World::sqlite().await;
    let mut visitor = Visitor::new(&world);
    visitor.get("/login").await;
    let long = "x".repeat(300_000);
    let page = visitor.post("/login", &[("credential", &long)]).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(page.text.contains("256 KB"), "{}", page.text);
    drop(visitor);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_allow_nothing_from_elsewhere_and_are_kept_by_no_cache() {
    let world = World::sqlite().await;
    let mut visitor = Visitor::new(&world);
    for path in ["/login", "/no-such-page", "/enroll/x"] {
        let page = visitor.get(path).await;
        assert!(
            page.header("content-security-policy")
                .starts_with("default-src 'none'"),
            "{path}"
        );
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        assert_eq!(page.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert!(!page.text.contains(" style="), "{path}");
    }
    drop(visitor);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cookie_is_bound_where_https_protects_it() {
    let world = World::sqlite().await;
    let mut visitor = Visitor::new(&world);
    let cookie = visitor.get("/login").await.header("set-cookie").to_owned();
    assert!(cookie.starts_with("grantry="), "{cookie}");
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    assert!(
        cookie.contains("Path=/") && !cookie.contains("Secure"),
        "{cookie}"
    );
    let mut bound = Visitor::configured(&world, |config| {
        config.base_url = "https://grantry.example.test".to_owned();
    });
    let page = bound.get("/login").await;
    let cookie = page.header("set-cookie");
    assert!(cookie.starts_with("__Host-grantry="), "{cookie}");
    assert!(
        cookie.contains("Secure") && !cookie.contains("Domain"),
        "{cookie}"
    );
    assert!(
        page.header("strict-transport-security")
            .starts_with("max-age=")
    );
    drop((visitor, bound));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_style_guide_is_there_in_a_demonstration_alone() {
    let world = World::sqlite().await;
    let mut visitor = Visitor::new(&world);
    assert_eq!(
        visitor.get("/styleguide").await.status,
        StatusCode::NOT_FOUND
    );
    let mut demo = Visitor::configured(&world, |config| config.demo = true);
    assert_eq!(demo.get("/styleguide").await.status, StatusCode::OK);
    drop((visitor, demo));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_hears_its_database_is_healthy() {
    let world = World::sqlite().await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let mut visitor = Visitor::new(&world);
    let page = visitor.get("/healthz").await;
    assert_eq!((page.status, page.text.as_str()), (StatusCode::OK, "ok\n"));
    assert_eq!(visitor.cookie, None);
    drop(visitor);
    world.stop().await;
}
