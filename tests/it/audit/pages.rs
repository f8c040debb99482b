//! The log in the console.

use grantry::domain::audit::LogOf;
use grantry::store::saved_searches;

use super::Look;
use crate::pages::visitor::Visitor;
use crate::world::World;

const ACME: &str = "/organizations/acme/settings/audit-log";
const GLOBEX: &str = "/enterprises/globex/settings/audit-log";
const OWN: &str = "/settings/security-log";

async fn history(world: &World) {
    let minted = world.approved("issues", "read").await;
    world.pass_seconds(1);
    world
        .answer(minted.secret.reveal(), "GET", "/repos/acme/web/issues")
        .await;
    world
        .answer(
            minted.secret.reveal(),
            "GET",
            "/repos/acme/web/contents/a.md",
        )
        .await;
}

on_every_database! {
    async fn each_log_tells_in_sentences_what_happened(world: &World) {
        history(world).await;
        let olga = Visitor::signed_in(world, "olga").await;
        let page = olga.get(ACME).await;
        assert_eq!(page.status, 200);
        assert!(page.has("olga approved ana&#39;s token approved at acme"), "{}", page.html);
        assert!(page.has("was allowed GET /repos/acme/web/issues"));
        assert!(page.has("was refused GET /repos/acme/web/contents/a.md (missing_permission)"));
        assert!(page.has("Fine-grained personal access token"), "details on demand");
        let eve = Visitor::signed_in(world, "eve").await;
        assert!(eve.get(GLOBEX).await.has("olga approved"));
        let ana = Visitor::signed_in(world, "ana").await;
        let own = ana.get(OWN).await;
        assert!(own.has("olga approved ana&#39;s token") && own.has("ana made their token approved"));
    }

    async fn a_log_does_not_exist_for_others(world: &World) {
        let ana = Visitor::signed_in(world, "ana").await;
        let olga = Visitor::signed_in(world, "olga").await;
        for ending in ["", "/export"] {
            assert_eq!(ana.get(&format!("{ACME}{ending}")).await.status, 404);
            assert_eq!(olga.get(&format!("{GLOBEX}{ending}")).await.status, 404);
        }
        assert_eq!(ana.post(&format!("{ACME}/export"), &[("format", "csv")]).await.status, 404);
        assert_eq!(ana.post(&format!("{ACME}/searches"), &[("name", "x"), ("q", "actor:ana")]).await.status, 404);
    }

    async fn a_search_shows_what_fits_and_a_mistake_stands_at_its_field(world: &World) {
        history(world).await;
        let olga = Visitor::signed_in(world, "olga").await;
        let page = olga.get(&format!("{ACME}?q=action:api.request_refused")).await;
        assert!(page.has("was refused") && !page.has("was allowed"));
        for (query, told) in [
            ("q=deploy", "`deploy` says no field"),
            ("q=created:soon", "`created:soon` holds `soon`"),
        ] {
            let page = olga.get(&format!("{ACME}?{query}")).await;
            assert_eq!(page.status, 422, "{query}");
            assert!(page.has(told), "{query}: {}", page.html);
        }
        let page = olga.get(&format!("{ACME}?after=nonsense")).await;
        assert_eq!(page.status, 422);
        assert!(page.has("no such place in the log"));
        let page = olga.get(&format!("{ACME}?q=actor:nobody")).await;
        assert!(page.status == 200 && page.has("Nothing to show here"));
    }

    async fn searches_are_kept_for_their_person_and_log_alone(world: &World) {
        let olga = Visitor::signed_in(world, "olga").await;
        let saves = format!("{ACME}/searches");
        let refused = [
            (vec![("name", ""), ("q", "actor:ana")], "Give the search a name"),
            (vec![("name", "mine"), ("q", "")], "Look for something first"),
            (vec![("name", "mine"), ("q", "deploy")], "says no field"),
        ];
        for (fields, told) in refused {
            let page = olga.post(&saves, &fields).await;
            assert_eq!(page.status, 422, "{fields:?}");
            assert!(page.has(told), "{fields:?}: {}", page.html);
        }
        let long = "n".repeat(41);
        assert!(olga.post(&saves, &[("name", &long), ("q", "actor:ana")]).await.has("40 fit"));
        let (user, acme) = (world.user("olga").await, world.organization("acme").await);
        let kept = async || saved_searches::list(&mut world.reader(), user, acme).await.expect("it is read");
        assert_eq!(kept().await, []);
        let sent = olga.post(&saves, &[("name", "Ana's doing"), ("q", "actor:ana")]).await;
        assert_eq!(sent.status, 303);
        olga.post(&saves, &[("name", "ANA'S DOING"), ("q", "user:ana")]).await;
        let only = kept().await;
        assert_eq!((only.len(), only[0].phrase.as_str()), (1, "user:ana"), "the same name replaces");
        assert!(olga.get(ACME).await.has("ANA&#39;S DOING"));
        let sam = Visitor::signed_in(world, "sam").await;
        assert!(!sam.get(ACME).await.has("ANA&#39;S DOING"));
        let id = only[0].id.to_string();
        let delete = format!("{ACME}/searches/delete");
        assert_eq!(sam.post(&delete, &[("id", &id)]).await.status, 404);
        assert_eq!(olga.post(&format!("{OWN}/searches/delete"), &[("id", &id)]).await.status, 404);
        assert_eq!(kept().await.len(), 1);
        assert_eq!(olga.post(&delete, &[("id", &id)]).await.status, 303);
        assert_eq!(kept().await, []);
    }

    async fn an_export_holds_exactly_what_is_searched_for_and_is_recorded(world: &World) {
        history(world).await;
        let olga = Visitor::signed_in(world, "olga").await;
        let phrase = "action:api";
        let page = olga.get(&format!("{ACME}/export?q={phrase}")).await;
        assert!(page.has("<strong>2 entries</strong>"), "{}", page.html);
        let table = olga.post(&format!("{ACME}/export"), &[("q", phrase), ("format", "csv")]).await;
        assert_eq!(table.status, 200);
        let lines: Vec<_> = table.html.lines().collect();
        assert_eq!(lines.len(), 4, "heads, two entries, the head of the log: {lines:?}");
        assert!(lines[0].starts_with("created_at,_document_id,action"));
        assert!(lines[3].contains("audit_log.head"));
        let list = olga.post(&format!("{ACME}/export"), &[("q", phrase), ("format", "json")]).await;
        let list: serde_json::Value = serde_json::from_str(&list.html).expect("it is JSON");
        assert_eq!(list.as_array().map(Vec::len), Some(3));
        let seal = list[2]["head"].to_string();
        let seal = grantry::domain::audit::seal::Seal::parse(&seal).expect("it is a seal");
        assert!(world.app.audit_key.made(&seal));
        let acme = LogOf::Organization(world.organization("acme").await);
        let recorded = Look::at(acme).for_("action:audit_log.export").entries(world).await;
        assert_eq!(recorded.len(), 2);
        assert_eq!(recorded[0].text("phrase"), Some(phrase));
        let refused = olga.post(&format!("{ACME}/export"), &[("q", phrase), ("format", "pdf")]).await;
        assert_eq!(refused.status, 422);
        let refused = olga.post(&format!("{ACME}/export"), &[("q", "deploy"), ("format", "csv")]).await;
        assert!(refused.status == 422 && refused.has("says no field"));
        assert_eq!(Look::at(acme).for_("action:audit_log.export").entries(world).await.len(), 2);
    }

    async fn a_person_takes_their_own_log_away(world: &World) {
        history(world).await;
        let ana = Visitor::signed_in(world, "ana").await;
        let table = ana.post(&format!("{OWN}/export"), &[("q", ""), ("format", "csv")]).await;
        assert_eq!(table.status, 200);
        assert!(table.html.contains("personal_access_token.access_granted"));
        assert!(!table.html.contains("labs"), "{}", table.html);
    }
}
