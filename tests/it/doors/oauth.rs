//! Introspection (RFC 7662) and revocation (RFC 7009): what a service learns and ends, and what it does not.

use axum::body::Body;
use axum::http::Request;
use grantry::store::Db as _;
use serde_json::json;

use super::{Guarded, administrator, form, guard, send, wish};
use crate::world::{Answer, World, draft};

async fn introspect(world: &World, service: &Guarded, token: &str) -> serde_json::Value {
    let caller = (service.name.as_str(), service.secret.as_str());
    let answer = form(&world.app, "/oauth/introspect", caller, &[("token", token)]).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.json()
}

async fn revoke(world: &World, service: &Guarded, token: &str) -> u16 {
    let caller = (service.name.as_str(), service.secret.as_str());
    let answer = form(&world.app, "/oauth/revoke", caller, &[("token", token)]).await;
    assert!(answer.bytes.is_empty(), "{answer:?}");
    answer.status.as_u16()
}

/// A service that serves acme alone.
async fn of_acme(world: &World) -> Guarded {
    let mut narrow = wish("narrow");
    "acme".clone_into(&mut narrow.owners);
    guard(world, narrow).await
}

async fn of_labs(world: &World) -> Guarded {
    let mut narrow = wish("lab-tools");
    "labs".clone_into(&mut narrow.owners);
    guard(world, narrow).await
}

on_every_database! {
    async fn a_service_learns_what_the_decision_would_allow_now(world: &World) {
        let acme = of_acme(world).await;
        let minted = world.approved("issues", "read").await;
        let said = introspect(world, &acme, minted.secret.reveal()).await;
        let web = world.repository("acme/web").await.get();
        let starts = world.clock_now().as_micros() / 1_000_000;
        assert_eq!(said["active"], true);
        assert_eq!(said["sub"], world.user("ana").await.to_string());
        assert_eq!(said["username"], "ana");
        assert_eq!(said["jti"], minted.token.to_string());
        assert_eq!(said["aud"], "narrow");
        assert_eq!(said["token_type"], "Bearer");
        assert_eq!(said["iat"], starts);
        assert_eq!(said["exp"], starts + 30 * 86_400);
        assert_eq!(said["scope"], "issues:read metadata:read");
        assert!(minted.secret.reveal().contains(said["client_id"].as_str().expect("it is a text")));
        assert_eq!(said["authorization_details"], json!([{
            "type": "grantry",
            "owner": "acme",
            "owner_id": world.organization("acme").await.get(),
            "repository_selection": "selected",
            "permissions": {},
            "repositories": [{
                "id": web,
                "full_name": "acme/web",
                "permissions": {"issues": "read", "metadata": "read"},
            }],
        }]));
        world.revoke("olga", &minted, "").await.expect("it works");
        assert_eq!(introspect(world, &acme, minted.secret.reveal()).await, json!({"active": false}));
    }

    async fn to_any_other_service_a_token_is_as_unknown(world: &World) {
        let (acme, labs, any) = (of_acme(world).await, of_labs(world).await, guard(world, wish("any")).await);
        let minted = world.approved("issues", "read").await;
        let token = minted.secret.reveal();
        let bytes = async |service: &Guarded, token: &str| {
            let caller = (service.name.as_str(), service.secret.as_str());
            let mut answer = form(&world.app, "/oauth/introspect", caller, &[("token", token)]).await;
            for name in ["x-request-id", "x-github-request-id"] {
                answer.headers.remove(name);
            }
            answer
        };
        let unknown = bytes(&labs, "nonsense").await;
        assert_eq!(unknown.bytes, b"{\"active\":false}");
        assert_eq!(bytes(&labs, token).await, unknown);
        assert_eq!(bytes(&labs, &token.replace("grantry", "gr")).await, unknown);
        assert_eq!(introspect(world, &acme, token).await["active"], true);
        assert_eq!(introspect(world, &any, token).await["active"], true);
        let both = draft("both").owner("acme").selected(&["web"]).permission("issues", "read");
        let both = both.owner("labs").selected(&["probe"]).permission("contents", "read");
        let both = world.mint("ana", both).await;
        let said = introspect(world, &labs, both.secret.reveal()).await;
        let owners = said["authorization_details"].as_array().expect("a list").len();
        assert_eq!((owners, &said["authorization_details"][0]["owner"]), (1, &json!("labs")));
        assert_eq!(introspect(world, &acme, both.secret.reveal()).await["active"], false, "it waits at acme");
        world.pass_days(30);
        assert_eq!(introspect(world, &any, token).await["active"], false, "its life is over");
    }

    async fn scope_is_what_holds_everywhere(world: &World) {
        let any = guard(world, wish("any")).await;
        let wish = draft("two").owner("labs").selected(&["probe"]).permission("issues", "read").permission("contents", "read");
        let wish = wish.owner("ana").selected(&["lab"]).permission("contents", "read");
        let minted = world.mint("ana", wish).await;
        let said = introspect(world, &any, minted.secret.reveal()).await;
        assert_eq!(said["scope"], "contents:read metadata:read");
        assert_eq!(said["authorization_details"].as_array().map(Vec::len), Some(2));
    }

    async fn a_token_that_is_bound_to_addresses_is_active_there_alone(world: &World) {
        let acme = of_acme(world).await;
        let wish = draft("home").owner("acme").selected(&["web"]).permission("issues", "read");
        let minted = world.mint("olga", wish.only_address("192.0.2.0/24")).await;
        let at = async |address: &str| {
            let fields = [("token", minted.secret.reveal()), ("client_address", address)];
            let caller = (acme.name.as_str(), acme.secret.as_str());
            form(&world.app, "/oauth/introspect", caller, &fields).await
        };
        assert_eq!(at("192.0.2.7").await.json()["active"], true);
        assert_eq!(at("198.51.100.1").await.json()["active"], false);
        assert_eq!(at("").await.json()["active"], false);
        assert_eq!(at("home").await.json()["error"], "invalid_request");
        assert_eq!(revoke(world, &acme, minted.secret.reveal()).await, 200);
        assert_eq!(at("192.0.2.7").await.json()["active"], false);
    }

    async fn a_service_ends_a_token_that_it_may_learn_of_and_no_other(world: &World) {
        let (acme, labs) = (of_acme(world).await, of_labs(world).await);
        let minted = world.approved("issues", "read").await;
        let token = minted.secret.reveal();
        assert_eq!(revoke(world, &labs, token).await, 200);
        assert_eq!(revoke(world, &labs, "nonsense").await, 200);
        let issues = "/repos/acme/web/issues";
        assert_eq!(world.answer(token, "GET", issues).await, Answer::Allowed, "nothing happened");
        assert_eq!(revoke(world, &acme, token).await, 200);
        let refused = world.answer(token, "GET", issues).await;
        assert_eq!(refused, Answer::Refused(grantry::domain::access::decision::Reason::BadCredentials));
        assert_eq!(revoke(world, &acme, token).await, 200, "again says the same");
        let reason = "SELECT COUNT(*) FROM tokens WHERE ended_reason = 'service'";
        assert_eq!(world.reader().query(reason).number().await.expect("it is counted"), 1);
        let told = "SELECT COUNT(*) FROM audit_events WHERE data LIKE '%revoked by the service narrow%' AND owner_id IS NULL";
        assert_eq!(world.reader().query(told).number().await.expect("it is counted"), 1);
    }

    async fn whoever_shows_no_good_secret_is_no_client(world: &World) {
        let acme = of_acme(world).await;
        let other = guard(world, wish("other")).await;
        let minted = world.approved("issues", "read").await;
        let fields = [("token", minted.secret.reveal())];
        for path in ["/oauth/introspect", "/oauth/revoke"] {
            for caller in [
                ("", ""),
                ("narrow", "nonsense"),
                ("narrow", ""),
                ("narrow", other.secret.as_str()),
                ("nobody", acme.secret.as_str()),
                ("ana", minted.secret.reveal()),
            ] {
                let answer = form(&world.app, path, caller, &fields).await;
                assert_eq!((answer.status.as_u16(), &answer.json()["error"]), (401, &json!("invalid_client")), "{caller:?}");
                assert!(answer.header("www-authenticate").starts_with("Basic"));
            }
            let posted = [("client_id", "narrow"), ("client_secret", acme.secret.as_str()), fields[0]];
            assert_eq!(form(&world.app, "/oauth/introspect", ("", ""), &posted).await.status, 200);
        }
        assert_eq!(world.answer(minted.secret.reveal(), "GET", "/repos/acme/web/issues").await, Answer::Allowed);
    }

    async fn a_form_that_cannot_be_read_is_an_invalid_request(world: &World) {
        let acme = of_acme(world).await;
        let caller = ("narrow", acme.secret.as_str());
        let long = "x".repeat(20_000);
        let cases: [&[(&str, &str)]; 6] = [
            &[],
            &[("token", "")],
            &[("token", "a"), ("token", "b")],
            &[("token", "a"), ("client_secret", "b")],
            &[("token", "a"), ("client_id", "other")],
            &[("token", &long)],
        ];
        for path in ["/oauth/introspect", "/oauth/revoke"] {
            for fields in cases {
                let answer = form(&world.app, path, caller, fields).await;
                assert_eq!((answer.status.as_u16(), &answer.json()["error"]), (400, &json!("invalid_request")), "{fields:?}");
            }
            let request = Request::post(path).header("content-type", "application/json").body(Body::from("{}"));
            assert_eq!(send(&world.app, request.expect("a request")).await.status, 400);
            let request = Request::get(path).body(Body::empty()).expect("a request");
            assert_eq!(send(&world.app, request).await.status, 405);
        }
    }

    async fn an_ended_secret_is_none_and_an_overlapping_one_ends_in_time(world: &World) {
        use grantry::actions::services::rotate_secret::rotate_secret;
        let any = guard(world, wish("any")).await;
        let (by, origin) = (administrator(world).await, world.person("gus").await);
        let status = async |secret: &str| form(&world.app, "/oauth/revoke", ("any", secret), &[("token", "x")]).await.status;
        let second = rotate_secret(&world.context, &origin, by, any.id, 1).await.expect("it rotates");
        assert_eq!((status(&any.secret).await, status(second.reveal()).await), (axum::http::StatusCode::OK, axum::http::StatusCode::OK));
        world.pass_seconds(3_600);
        assert_eq!(status(&any.secret).await, 401, "the overlap is over");
        let third = rotate_secret(&world.context, &origin, by, any.id, 0).await.expect("it rotates");
        assert_eq!(status(second.reveal()).await, 401);
        assert_eq!(status(third.reveal()).await, 200);
    }

    async fn asking_about_a_token_is_no_use_of_it(world: &World) {
        let any = guard(world, wish("any")).await;
        let minted = world.approved("issues", "read").await;
        introspect(world, &any, minted.secret.reveal()).await;
        let used = "SELECT COUNT(*) FROM last_uses";
        assert_eq!(world.reader().query(used).number().await.expect("it is counted"), 0);
    }
}
