//! A decision explained to the holder of a token, without a call being made.

use axum::http::StatusCode;
use grantry::domain::ids::TokenId;
use grantry::store::records;

use super::visitor::{Page, Visitor};
use crate::world::{World, draft};

async fn explain(visitor: &Visitor, token: TokenId, fields: &[(&str, &str)]) -> Page {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let path = format!("/settings/personal-access-tokens/{token}/explain?{query}");
    visitor.get(&path).await
}

on_every_database! {
    /// Each step says what became of it, and the refusal leads to the request that would allow the call.
    async fn a_decision_is_explained_step_by_step_with_the_way_on(world: &World) {
        let minted = world.approved("issues", "read").await;
        let ana = Visitor::confirmed(world, "ana").await;
        let call = |method| [("call", method), ("path", "/repos/acme/web/issues")];
        let page = explain(&ana, minted.token, &call("GET")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.html);
        assert!(page.has("Allowed here") && page.has("Allowed by Issues: read at acme/web."), "{}", page.html);
        assert!(!page.has("Stopped here"), "{}", page.html);

        let page = explain(&ana, minted.token, &call("POST")).await;
        assert_eq!(page.status, StatusCode::OK);
        for text in ["<code>missing_permission</code>", "Stopped here", "Not reached", "Ask for Issues: write"] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
        let page = explain(&ana, minted.token, &[("call", "push"), ("path", "acme/web")]).await;
        assert!(page.has("acme/web push") && page.has("missing_permission"), "{}", page.html);

        let mut db = world.reader();
        let refusals = records::list_refusals(&mut db, minted.token, 10).await.expect("they can be read");
        let uses = records::list_last_uses(&mut db, minted.token).await.expect("they can be read");
        assert!(refusals.is_empty() && uses.is_empty(), "asking is no use of the token");
    }

    /// Whoever may not know that something exists learns nothing by asking why.
    async fn an_explanation_tells_hidden_and_absent_alike(world: &World) {
        let wish = draft("ci").owner("acme").selected(&["web"]).permission("issues", "read");
        let minted = world.mint("ben", wish).await;
        let ben = Visitor::confirmed(world, "ben").await;
        let mut told = Vec::new();
        for name in ["lab", "nix"] {
            let path = format!("/repos/ana/{name}/issues");
            let page = explain(&ben, minted.token, &[("call", "GET"), ("path", &path)]).await;
            assert_eq!(page.status, StatusCode::OK);
            assert!(page.has("<code>not_found</code>"), "{}", page.html);
            let csrf = page.value("csrf");
            told.push(page.html.replace(&csrf, "").replace(&format!("ana/{name}"), "ana/it"));
        }
        assert_eq!(told[0], told[1]);
    }

    /// What our own API does not serve is judged as at a door; what the catalog does not know is refused.
    async fn what_our_api_does_not_serve_is_judged_as_at_a_door(world: &World) {
        let minted = world.approved("issues", "write").await;
        let ana = Visitor::confirmed(world, "ana").await;
        let path = "/repos/acme/web/labels";
        let page = explain(&ana, minted.token, &[("call", "GET"), ("path", path)]).await;
        assert!(page.has("as at a door") && page.has("Allowed by Issues: read"), "{}", page.html);
        for path in ["/no/such/path", "/app"] {
            let page = explain(&ana, minted.token, &[("call", "GET"), ("path", path)]).await;
            assert_eq!(page.status, StatusCode::OK);
            assert!(page.has("The catalog has no such endpoint"), "{path}: {}", page.html);
        }
    }

    /// Each mistake returns to its field, and another's token does not exist.
    async fn an_explanation_refuses_what_cannot_be_judged_at_its_field(world: &World) {
        let minted = world.approved("issues", "read").await;
        let ana = Visitor::confirmed(world, "ana").await;
        let long = "/a".repeat(400);
        for (fields, field) in [
            ([("call", "TRACE"), ("path", "/user")], "call"),
            ([("call", "GET"), ("path", "user")], "path"),
            ([("call", "GET"), ("path", "/user/../orgs")], "path"),
            ([("call", "GET"), ("path", "/repos/acme/web%2Fissues")], "path"),
            ([("call", "GET"), ("path", "/user\u{0}")], "path"),
            ([("call", "GET"), ("path", long.as_str())], "path"),
            ([("call", "push"), ("path", "acme")], "path"),
        ] {
            let page = explain(&ana, minted.token, &fields).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
            assert!(page.has(&format!("id=\"{field}-error\"")), "{fields:?}: {}", page.html);
        }
        let typed = [("call", "GET"), ("path", "/user"), ("address", "nowhere")];
        let page = explain(&ana, minted.token, &typed).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.has("id=\"address-error\"") && page.has("value=\"nowhere\""), "{}", page.html);
        let ben = Visitor::confirmed(world, "ben").await;
        let page = explain(&ben, minted.token, &[("call", "GET"), ("path", "/user")]).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
    }

    /// A refused call on the token's page leads to its explanation.
    async fn a_recorded_refusal_leads_to_its_explanation(world: &World) {
        let minted = world.approved("issues", "read").await;
        let ruling = world.call(minted.secret.reveal(), "POST", "/repos/acme/web/issues").await;
        assert!(!ruling.decision.is_allowed());
        let ana = Visitor::confirmed(world, "ana").await;
        let page = ana.get(&format!("/settings/personal-access-tokens/{}", minted.token)).await;
        let href = format!(
            "/settings/personal-access-tokens/{}/explain?call=POST&#38;path=%2Frepos%2Facme%2Fweb%2Fissues",
            minted.token
        );
        assert!(page.has(&href), "{}", page.html);
    }
}
