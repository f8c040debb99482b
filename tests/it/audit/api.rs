//! The log by API, as published.

use serde_json::json;

use crate::world::{World, draft};

const ACME: &str = "/orgs/acme/audit-log";
const GLOBEX: &str = "/enterprises/globex/audit-log";

/// A token of an owner that may read acme's log.
async fn auditor(world: &World) -> String {
    let wish = draft("auditor")
        .owner("acme")
        .permission("organization_administration", "read");
    world.mint("olga", wish).await.secret.reveal().to_owned()
}

/// A token of the enterprise's owner that may read its log.
async fn enterprise_auditor(world: &World) -> String {
    let wish = draft("auditor")
        .owner("globex")
        .permission("enterprise_audit_log", "read");
    world.mint("eve", wish).await.secret.reveal().to_owned()
}

/// The address that a relation of the `Link` header names, below the API's prefix.
fn related(header: &str, relation: &str) -> Option<String> {
    let wanted = format!("rel=\"{relation}\"");
    let link = header.split(", ").find(|link| link.ends_with(&wanted))?;
    let address = link.split(['<', '>']).nth(1)?;
    address.split("/api/v3").nth(1).map(str::to_owned)
}

on_every_database! {
    async fn an_owner_reads_the_log_with_the_published_fields(world: &World) {
        let auditor = auditor(world).await;
        let minted = world.approved("issues", "read").await;
        let hash = minted.secret.hash().to_base64();
        world.answer(minted.secret.reveal(), "GET", "/repos/acme/web/issues").await;
        let phrase = format!("{ACME}?phrase=action:personal_access_token.access_granted+user:ana");
        let found = world.get(&auditor, &phrase).await;
        assert_eq!(found.status, 200);
        let found = found.json();
        let entry = &found[0];
        assert_eq!((&entry["actor"], &entry["user"], &entry["org"]), (&json!("olga"), &json!("ana"), &json!("acme")));
        assert_eq!((&entry["business"], &entry["operation_type"]), (&json!("globex"), &json!("create")));
        assert_eq!(entry["token_id"], minted.token.get());
        assert_eq!(entry["programmatic_access_type"], "Fine-grained personal access token");
        assert_eq!(entry["@timestamp"], 1_790_856_000_000_i64);
        assert!(entry["_document_id"].as_str().is_some_and(|id| id.starts_with('e')));
        let used = format!("{ACME}?phrase=token_id:{}+action:api.request", minted.token);
        let used = world.get(&auditor, &used).await.json();
        assert_eq!(used[0]["hashed_token"], hash);
        assert_eq!((&used[0]["repo"], &used[0]["permission"]), (&json!("acme/web"), &json!("issues:read")));
    }

    async fn what_an_owners_token_did_names_that_token(world: &World) {
        let wish = draft("manager").owner("acme");
        let wish = wish.permission("organization_personal_access_token_requests", "write");
        let manager = world.mint("olga", wish.permission("organization_administration", "read")).await;
        let secret = manager.secret.reveal();
        let wish = draft("ci").owner("acme").selected(&["web"]).permission("issues", "read");
        let asked = world.mint("ana", wish).await;
        let request = world.request(asked.token, "acme").await.expect("it waits");
        let path = format!("/orgs/acme/personal-access-token-requests/{request}");
        let done = world.http("POST", &path, secret, Some(json!({"action": "deny"}))).await;
        assert_eq!(done.status, 204);
        for token in [manager.token, asked.token] {
            let path = format!("{ACME}?phrase=action:personal_access_token.request_denied+token_id:{token}");
            let found = world.get(secret, &path).await.json();
            assert_eq!(found[0]["token_id"], asked.token.get(), "the token it is about");
            assert_eq!(found[0]["actor_token_id"], manager.token.get());
        }
    }

    async fn the_link_header_leads_through_the_whole_log_and_back(world: &World) {
        let auditor = auditor(world).await;
        for number in 0..5 {
            world.pass_seconds(1);
            let wish = draft(&format!("t{number}")).owner("acme").selected(&["web"]).permission("issues", "read");
            world.mint("ana", wish).await;
        }
        for order in ["desc", "asc"] {
            let query = format!("{ACME}?phrase=action:personal_access_token.request_created&order={order}");
            let whole = world.get(&auditor, &query).await.each("_document_id");
            assert_eq!(whole.len(), 5);
            let (mut path, mut seen, mut last) = (format!("{query}&per_page=2"), Vec::new(), String::new());
            loop {
                let page = world.get(&auditor, &path).await;
                seen.extend(page.each("_document_id"));
                last.clone_from(&path);
                match related(page.header("link"), "next") {
                    Some(next) => path = next,
                    None => break,
                }
            }
            assert_eq!(seen, whole, "{order}");
            let page = world.get(&auditor, &last).await;
            let back = related(page.header("link"), "prev").expect("it came from there");
            let page = world.get(&auditor, &back).await;
            assert_eq!(page.each("_document_id"), whole[2..4], "{order}, a page back");
            let first = related(page.header("link"), "first").expect("a way to the beginning");
            assert_eq!(world.get(&auditor, &first).await.each("_document_id"), whole[..2], "{order}");
        }
    }

    async fn git_is_left_out_unless_it_is_asked_for(world: &World) {
        let auditor = auditor(world).await;
        world.approved("issues", "read").await;
        let all = world.get(&auditor, &format!("{ACME}?include=all&per_page=100")).await.each("action");
        let web = world.get(&auditor, &format!("{ACME}?per_page=100")).await.each("action");
        assert!(web.len() >= all.len() && !web.iter().any(|action| action.starts_with("git.")));
        let git = world.get(&auditor, &format!("{ACME}?include=git")).await.each("action");
        assert!(git.is_empty(), "{git:?}");
    }

    async fn the_enterprise_log_holds_those_of_its_organizations(world: &World) {
        let auditor = enterprise_auditor(world).await;
        world.approved("issues", "read").await;
        let phrase = format!("{GLOBEX}?phrase=action:personal_access_token.access_granted");
        let found = world.get(&auditor, &phrase).await;
        assert_eq!(found.status, 200);
        assert!(found.each("org").contains(&"acme".to_owned()));
    }

    async fn a_value_that_cannot_be_used_is_named(world: &World) {
        let (acme, globex) = (auditor(world).await, enterprise_auditor(world).await);
        let table = [
            ("phrase=deploy", "phrase"),
            ("phrase=created:soon", "phrase"),
            ("phrase=token_id:x", "phrase"),
            ("phrase=%22open", "phrase"),
            ("include=everything", "include"),
            ("order=up", "order"),
            ("after=x", "after"),
            ("before=MQ", "before"),
            ("after=MS5lLjEuMA&before=MS5lLjEuMA", "before"),
            ("per_page=0", "per_page"),
            ("phrase=actor:a&phrase=actor:b", "phrase"),
        ];
        for (query, field) in table {
            for (path, token) in [(ACME, &acme), (GLOBEX, &globex)] {
                let refused = world.get(token, &format!("{path}?{query}")).await;
                assert_eq!(refused.status, 422, "{path}?{query}");
                assert_eq!(refused.json()["errors"][0]["field"], field, "{query}");
            }
        }
    }

    async fn only_owners_with_the_permission_read_it(world: &World) {
        let member = draft("member").owner("acme").permission("organization_administration", "read");
        let refused = world.try_mint("ana", &member).await;
        if let Ok(minted) = refused {
            world.approve("olga", &minted).await.expect("it waits");
            let (status, reason) = world.get(minted.secret.reveal(), ACME).await.refusal();
            assert_eq!((status, reason.as_str()), (403, "missing_role"));
        }
        let other = draft("other").owner("acme").permission("members", "read");
        let other = world.mint("olga", other).await;
        let (status, reason) = world.get(other.secret.reveal(), ACME).await.refusal();
        assert_eq!((status, reason.as_str()), (403, "missing_permission"));
        let acme = auditor(world).await;
        let (status, _) = world.get(&acme, GLOBEX).await.refusal();
        assert!(matches!(status, 403 | 404), "an organization's token reads no enterprise: {status}");
        assert_eq!(world.get("", ACME).await.status, 404);
    }
}
