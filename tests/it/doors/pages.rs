//! The pages on which site administrators keep services.

use axum::http::StatusCode;
use grantry::store::services;

use super::{administrator, form, guard, wish};
use crate::pages::visitor::{Page, Visitor};
use crate::world::World;

const LIST: &str = "/admin/services";

async fn visitor(world: &World) -> Visitor {
    administrator(world).await;
    Visitor::confirmed(world, "gus").await
}

fn fields<'a>(name: &'a str, hosts: &'a str, owners: &'a str) -> [(&'a str, &'a str); 6] {
    [
        ("name", name),
        ("catalog", "github"),
        ("proxy", "original"),
        ("filters", "no"),
        ("hosts", hosts),
        ("owners", owners),
    ]
}

/// The secret that a page shows.
fn shown(page: &Page) -> String {
    let (_, rest) = page
        .html
        .split_once("grantry_svc_")
        .expect("a secret is shown");
    format!("grantry_svc_{}", &rest[..65])
}

async fn count(world: &World) -> usize {
    let all = services::list(&mut world.reader()).await;
    all.expect("they are read").len()
}

on_every_database! {
    async fn a_service_lives_on_its_page_from_its_first_secret_to_its_end(world: &World) {
        let gus = visitor(world).await;
        let made = gus.post(&format!("{LIST}/new"), &fields("edge", "api.example.test", "acme")).await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.html);
        assert_eq!(made.cache_control, "no-store");
        let first = shown(&made);
        let works = async |secret: &str| {
            let answer = form(&world.app, "/oauth/revoke", ("edge", secret), &[("token", "x")]).await;
            answer.status == StatusCode::OK
        };
        assert!(works(&first).await);
        let id = services::list(&mut world.reader()).await.expect("it is read")[0].id;
        let path = format!("{LIST}/{id}");
        let page = gus.get(&path).await;
        assert!(page.has("/gate/edge/authorize") && page.has("api.example.test") && page.has("acme"));
        assert!(!page.has(&first), "a secret is shown once");
        assert!(gus.get(LIST).await.has("edge"));
        let rotated = gus.post(&path, &[("act", "rotate"), ("overlap", "24")]).await;
        let second = shown(&rotated);
        assert!(works(&first).await && works(&second).await);
        let live = services::list_secrets(&mut world.reader(), id, world.clock_now()).await.expect("they are read");
        let older = live[1].id.to_string();
        let ended = gus.post(&path, &[("act", "end"), ("secret", &older)]).await;
        assert_eq!((ended.status, ended.location.as_str()), (StatusCode::SEE_OTHER, path.as_str()));
        assert!(!works(&first).await && works(&second).await);
        let again = gus.post(&path, &[("act", "end"), ("secret", &older)]).await;
        assert_eq!(again.status, StatusCode::CONFLICT);
        let wrong = gus.post(&path, &[("act", "remove"), ("confirm", "egde")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(count(world).await, 1);
        let removed = gus.post(&path, &[("act", "remove"), ("confirm", "edge")]).await;
        assert_eq!(removed.location, LIST);
        assert!(!works(&second).await);
        assert_eq!(gus.get(&path).await.status, StatusCode::NOT_FOUND);
    }

    async fn mistakes_return_to_their_fields_with_what_was_typed(world: &World) {
        let gus = visitor(world).await;
        let new = format!("{LIST}/new");
        for (name, hosts, owners, said) in [
            ("", "", "", "Write the name that stands in the address"),
            ("a b", "", "", "`a b` holds"),
            ("edge", "https://x", "", "`https://x` is no host name"),
            ("edge", "", "acme nobody", "There is no user or organization `nobody`"),
        ] {
            let page = gus.post(&new, &fields(name, hosts, owners)).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
            let said = said.replace('`', "&#96;");
            assert!(page.has(&said) || page.has(&said.replace("&#96;", "`")), "{said}: {}", page.html);
            assert!(page.has(hosts) && page.has(owners), "what was typed stays");
        }
        assert_eq!(count(world).await, 0);
        guard(world, wish("edge")).await;
        let page = gus.post(&new, &fields("EDGE", "", "")).await;
        assert!(page.has("already"), "{}", page.html);
        assert_eq!(count(world).await, 1);
        let mut bad = fields("other", "", "");
        bad[2] = ("proxy", "carrier-pigeon");
        assert_eq!(gus.post(&new, &bad).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn a_change_is_saved_and_a_late_one_is_told(world: &World) {
        let gus = visitor(world).await;
        let edge = guard(world, wish("edge")).await;
        let path = format!("{LIST}/{}", edge.id);
        let rev = gus.get(&path).await.value("rev");
        let change = |proxy: &'static str| {
            let mut all = fields("edge", "one.test\ntwo.test", "labs").to_vec();
            all[2] = ("proxy", proxy);
            all
        };
        let mut all = change("forwarded");
        all.extend([("act", "change"), ("rev", rev.as_str())]);
        assert_eq!(gus.post(&path, &all).await.location, path);
        let hosts = services::list_hosts(&mut world.reader(), edge.id).await.expect("they are read");
        assert_eq!(hosts, ["one.test", "two.test"]);
        assert_eq!(gus.post(&path, &all).await.status, StatusCode::CONFLICT, "it was shown before the change");
        let mut unread = change("original");
        unread.push(("act", "change"));
        assert_eq!(gus.post(&path, &unread).await.status, StatusCode::CONFLICT);
        for fields in [&[][..], &[("act", "dance")], &[("act", "end"), ("secret", "x")]] {
            assert_eq!(gus.post(&path, fields).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
        }
        assert_eq!(gus.post(&path, &[("act", "rotate"), ("overlap", "-1")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn making_a_secret_asks_who_it_is_first(world: &World) {
        administrator(world).await;
        let edge = guard(world, wish("edge")).await;
        let gus = Visitor::signed_in(world, "gus").await;
        let path = format!("{LIST}/{}", edge.id);
        let asked = gus.post(&path, &[("act", "rotate"), ("overlap", "0")]).await;
        assert!(asked.location.starts_with("/sudo"), "{asked:?}");
        let live = services::list_secrets(&mut world.reader(), edge.id, world.clock_now()).await.expect("they are read");
        assert_eq!(live.len(), 1, "nothing happened");
        let olga = Visitor::confirmed(world, "olga").await;
        for path in [LIST, &format!("{LIST}/new"), &path] {
            assert_eq!(olga.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(gus.get(&format!("{LIST}/x")).await.status, StatusCode::NOT_FOUND);
        assert_eq!(gus.get(&format!("{LIST}/999999")).await.status, StatusCode::NOT_FOUND);
    }
}
