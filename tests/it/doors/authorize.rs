//! Forward-auth: who may ask, what is read, and what is answered.

use grantry::store::Db as _;

use super::{administrator, ask, ask_with, believing, guard, wish};
use crate::world::{World, draft};

const ISSUES: &str = "/repos/acme/web/issues";

fn original<'a>(method: &'a str, target: &'a str) -> [(&'static str, &'a str); 3] {
    [
        ("x-original-method", method),
        ("x-original-uri", target),
        ("x-original-host", "api.example.test"),
    ]
}

async fn records(world: &World) -> i64 {
    let query = "SELECT COALESCE(SUM(count), 0) FROM decision_groups";
    let query = match world.context.store.kind() {
        "PostgreSQL" => "SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) FROM decision_groups",
        _ => query,
    };
    world
        .reader()
        .query(query)
        .number()
        .await
        .expect("it is counted")
}

on_every_database! {
    async fn a_door_lets_through_what_the_gate_allows(world: &World) {
        guard(world, wish("edge")).await;
        let app = believing(world);
        let minted = world.approved("issues", "read").await;
        let token = minted.secret.reveal();
        let allowed = ask(&app, token, "GET", &format!("{ISSUES}?state=open")).await;
        assert_eq!(allowed.verdict(), (200, String::new()));
        assert_eq!(allowed.header("x-grantry-user"), "ana");
        assert_eq!(allowed.header("x-grantry-user-id"), world.user("ana").await.to_string());
        assert_eq!(allowed.header("x-grantry-token-id"), minted.token.to_string());
        assert_eq!(allowed.header("x-grantry-kind"), "fine_grained");
        assert_eq!(allowed.header("x-grantry-permission"), "issues:read");
        assert_eq!(allowed.header("cache-control"), "no-store");
        assert!(allowed.bytes.is_empty());
        assert_eq!(ask(&app, token, "HEAD", ISSUES).await.status, 200);
        let before = records(world).await;
        let refused = ask(&app, token, "POST", ISSUES).await;
        assert_eq!(refused.verdict(), (403, "missing_permission".to_owned()));
        assert!(refused.bytes.is_empty() && refused.header("x-grantry-user").is_empty());
        assert_eq!(records(world).await, before + 1, "a refusal is written down");
        assert_eq!(ask(&app, token, "GET", "/repos/acme/api/issues").await.verdict(), (403, "not_found".to_owned()));
        assert_eq!(ask(&app, token, "GET", "/no/such/thing").await.verdict(), (403, "unknown_endpoint".to_owned()));
        assert_eq!(ask(&app, token, "BREW", ISSUES).await.verdict(), (403, "unknown_endpoint".to_owned()));
        world.revoke("olga", &minted, "").await.expect("it works");
        assert_eq!(ask(&app, token, "GET", ISSUES).await.verdict(), (403, "revoked".to_owned()));
    }

    async fn without_a_good_token_a_door_asks_for_one(world: &World) {
        guard(world, wish("edge")).await;
        let app = believing(world);
        let minted = world.approved("issues", "read").await;
        let token = minted.secret.reveal();
        let bad = (401, "bad_credentials".to_owned());
        for presented in ["", "nonsense", &token[..76], &format!("{token} {token}"), &"x".repeat(9_000)] {
            let answer = ask(&app, presented, "GET", ISSUES).await;
            assert_eq!(answer.verdict(), bad, "{presented}");
            assert!(answer.header("www-authenticate").starts_with("Basic "));
        }
        let bearer = format!("Bearer {token}");
        let good = ("authorization", bearer.as_str());
        let asked = original("GET", ISSUES);
        for more in [&[good, good][..], &[("authorization", "Digest x")], &[("authorization", "")]] {
            let headers: Vec<_> = asked.into_iter().chain(more.iter().copied()).collect();
            assert_eq!(ask_with(&app, "edge", &headers).await.verdict(), bad, "{more:?}");
        }
        world.pass_days(31);
        assert_eq!(ask(&app, token, "GET", ISSUES).await.verdict(), bad);
        let public = ask(&app, "", "GET", "/repos/acme/site").await;
        assert_eq!(public.verdict(), (200, String::new()), "anyone may read what is public");
        assert_eq!(public.header("x-grantry-user"), "");
    }

    async fn only_a_trusted_proxy_or_one_with_the_secret_is_answered(world: &World) {
        let edge = guard(world, wish("edge")).await;
        let other = guard(world, wish("other")).await;
        let minted = world.approved("issues", "read").await;
        let untrusted = (403, "untrusted_proxy".to_owned());
        assert_eq!(ask(&world.app, minted.secret.reveal(), "GET", ISSUES).await.verdict(), untrusted);
        let bearer = format!("Bearer {}", minted.secret.reveal());
        let with = async |secrets: &[&str]| {
            let mut headers = original("GET", ISSUES).to_vec();
            headers.push(("authorization", &bearer));
            headers.extend(secrets.iter().map(|secret| ("x-grantry-service-secret", *secret)));
            ask_with(&world.app, "edge", &headers).await.verdict()
        };
        assert_eq!(with(&[&edge.secret]).await, (200, String::new()));
        assert_eq!(with(&[&other.secret]).await, untrusted);
        assert_eq!(with(&[""]).await, untrusted);
        assert_eq!(with(&[&edge.secret, &edge.secret]).await, untrusted);
        let unknown = ask_with(&world.app, "nothing", &original("GET", ISSUES)).await;
        assert_eq!(unknown.verdict(), untrusted, "a stranger learns no names");
        let unknown = ask_with(&believing(world), "nothing", &original("GET", ISSUES)).await;
        assert_eq!(unknown.verdict(), (403, "unknown_service".to_owned()));
        let broken = ask_with(&believing(world), "%ff", &original("GET", ISSUES)).await;
        assert_eq!(broken.verdict(), (403, "unknown_service".to_owned()));
    }

    async fn the_headers_of_the_other_kind_of_proxy_change_nothing(world: &World) {
        guard(world, wish("edge")).await;
        let mut caddy = wish("caddy");
        "forwarded".clone_into(&mut caddy.proxy);
        guard(world, caddy).await;
        let app = believing(world);
        let minted = world.approved("issues", "read").await;
        let bearer = format!("Bearer {}", minted.secret.reveal());
        let forwarded = [
            ("x-forwarded-method", "POST"),
            ("x-forwarded-uri", ISSUES),
            ("x-forwarded-host", "api.example.test"),
            ("authorization", &bearer),
        ];
        let both: Vec<_> = forwarded.into_iter().chain(original("GET", ISSUES)).collect();
        assert_eq!(ask_with(&app, "edge", &both).await.verdict(), (200, String::new()));
        assert_eq!(ask_with(&app, "caddy", &both).await.verdict(), (403, "missing_permission".to_owned()));
        assert_eq!(ask_with(&app, "edge", &forwarded).await.verdict(), (403, "bad_request".to_owned()));
        let twice: Vec<_> = both.iter().copied().chain([("x-original-uri", ISSUES)]).collect();
        assert_eq!(ask_with(&app, "edge", &twice).await.verdict(), (403, "bad_request".to_owned()));
        assert_eq!(ask_with(&app, "caddy", &twice).await.status, 403);
    }

    async fn a_service_answers_for_its_own_hosts(world: &World) {
        let mut narrow = wish("edge");
        "api.example.test, other.example.test".clone_into(&mut narrow.hosts);
        guard(world, narrow).await;
        let app = believing(world);
        let minted = world.approved("issues", "read").await;
        let bearer = format!("Bearer {}", minted.secret.reveal());
        let at = async |host: &str| {
            let [method, uri, _] = original("GET", ISSUES);
            let headers = [method, uri, ("x-original-host", host), ("authorization", &bearer)];
            ask_with(&app, "edge", &headers).await.verdict()
        };
        for host in ["api.example.test", "API.example.test:8443", "other.example.test"] {
            assert_eq!(at(host).await, (200, String::new()), "{host}");
        }
        for host in ["evil.test", "api.example.test.evil.test", "api.example.test.", "api.example.test@evil.test"] {
            assert_eq!(at(host).await, (403, "unknown_host".to_owned()), "{host}");
        }
    }

    async fn the_client_is_the_right_most_address_that_no_trusted_proxy_has(world: &World) {
        guard(world, wish("edge")).await;
        let app = believing(world);
        let wish = draft("home").owner("acme").selected(&["web"]).permission("issues", "read");
        let minted = world.mint("ana", wish.only_address("192.0.2.0/24")).await;
        world.approve("olga", &minted).await.expect("it waits");
        let bearer = format!("Bearer {}", minted.secret.reveal());
        let from = async |forwarded: &str| {
            let mut headers = original("GET", ISSUES).to_vec();
            headers.push(("authorization", &bearer));
            if !forwarded.is_empty() {
                headers.push(("x-forwarded-for", forwarded));
            }
            ask_with(&app, "edge", &headers).await.verdict()
        };
        for good in ["192.0.2.7", "198.51.100.1, 192.0.2.7", "192.0.2.7, 127.0.0.1"] {
            assert_eq!(from(good).await, (200, String::new()), "{good}");
        }
        for bad in ["", "198.51.100.1", "192.0.2.7, 198.51.100.1", "192.0.2.7, unknown", "127.0.0.1"] {
            assert_eq!(from(bad).await, (403, "condition".to_owned()), "{bad}");
        }
    }

    async fn lists_are_let_through_to_all_or_where_the_service_filters(world: &World) {
        guard(world, wish("edge")).await;
        let mut filtering = wish("filtering");
        filtering.filters = true;
        guard(world, filtering).await;
        let app = believing(world);
        let minted = world.approved("issues", "read").await;
        let bearer = format!("Bearer {}", minted.secret.reveal());
        let headers: Vec<_> = original("GET", "/orgs/acme/repos").into_iter().chain([("authorization", bearer.as_str())]).collect();
        assert_eq!(ask_with(&app, "edge", &headers).await.verdict(), (403, "not_targeted".to_owned()));
        assert_eq!(ask_with(&app, "filtering", &headers).await.verdict(), (200, String::new()));
    }

    async fn a_warm_door_asks_the_store_nothing_about_its_service(world: &World) {
        let edge = guard(world, wish("edge")).await;
        let app = believing(world);
        let site = async || ask(&app, "", "GET", "/repos/acme/site").await.verdict();
        assert_eq!(site().await, (200, String::new()));
        let behind_its_back = "UPDATE services SET removed_at = 1";
        world.reader().query(behind_its_back).execute().await.expect("it is written");
        assert_eq!(site().await, (200, String::new()), "it is remembered");
        world.context.memory.forget(&[grantry::store::Change::Service(edge.id)]);
        assert_eq!(site().await, (403, "unknown_service".to_owned()), "until the change is heard");
    }

    async fn a_service_that_is_removed_lets_nothing_through_from_the_next_request_on(world: &World) {
        use grantry::actions::services::remove_service::remove_service;
        let edge = guard(world, wish("edge")).await;
        let app = believing(world);
        let minted = world.approved("issues", "read").await;
        assert_eq!(ask(&app, minted.secret.reveal(), "GET", ISSUES).await.status, 200);
        let by = administrator(world).await;
        remove_service(&world.context, &world.person("gus").await, by, edge.id).await.expect("it is there");
        let answer = ask(&app, minted.secret.reveal(), "GET", ISSUES).await;
        assert_eq!(answer.verdict(), (403, "unknown_service".to_owned()));
    }
}

on_shared_databases! {
    async fn another_server_hears_that_a_secret_was_ended(world: &World) {
        use grantry::actions::services::end_secret::end_secret;
        use grantry::store::services;
        use std::time::{Duration, Instant};
        let edge = guard(world, wish("edge")).await;
        let other = world.second_process().await;
        let mut headers = original("GET", "/repos/acme/site").to_vec();
        headers.push(("x-grantry-service-secret", &edge.secret));
        let status = async || ask_with(&other.app, "edge", &headers).await.status;
        assert_eq!(status().await, 200);
        let by = administrator(world).await;
        let live = services::list_secrets(&mut world.reader(), edge.id, world.clock_now()).await.expect("they are read");
        end_secret(&world.context, &world.person("gus").await, by, edge.id, live[0].id).await.expect("it counts");
        let since = Instant::now();
        while status().await == 200 {
            assert!(since.elapsed() < Duration::from_secs(2), "the other server goes on");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        other.stop().await;
    }

    async fn a_door_that_cannot_know_says_503(world: &World) {
        guard(world, wish("edge")).await;
        let app = believing(world);
        world.context.store.close().await;
        let answer = ask(&app, "", "GET", "/repos/acme/site").await;
        assert_eq!(answer.status, 503);
        assert!(answer.bytes.is_empty());
    }
}
