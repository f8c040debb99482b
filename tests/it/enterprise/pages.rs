//! The pages of the inventory: what they tell, whom, and what they keep to themselves.

use axum::http::StatusCode;
use grantry::actions::block_classic::block_classic;
use grantry::actions::exempt_token::{Wish, exempt_token};
use grantry::domain::policy::setting::{Access, EnterpriseAccess, EnterpriseLayer};
use grantry::domain::policy::{Exempted, Limit};
use grantry::domain::token::TokenKind;

use super::filters::copies;
use super::{
    DELEGATED, ORGANIZATIONS, PEOPLE, TOKENS, at_labs, entry, globex_says, of_mia, waiting,
};
use crate::pages::visitor::Visitor;
use crate::policies::{classic, layer, read, set};
use crate::world::{World, draft};

on_every_database! {
    async fn the_inventory_tells_every_token_of_both_kinds_once_a_place(world: &World) {
        let eve = Visitor::confirmed(world, "eve").await;
        assert!(eve.get(TOKENS).await.has("No token reaches anything of Globex"));
        world.approved("issues", "write").await;
        at_labs(world, "sensor").await;
        waiting(world, "asks").await;
        of_mia(world, "mine", 30).await;
        let (_, secret) = classic(world, "sam").await;
        read(world, &secret).await;
        classic(world, "ben").await;
        let page = eve.get(TOKENS).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.html);
        for text in [
            "5 entries", ">approved</a>", ">sensor</a>", ">asks</a>", ">mine</a>", ">old job</a>", "Issues: write",
            "acme/web", "labs/probe", "All repositories", "Whatever its user reaches", "Pending", "managed",
            "Fine-grained", "Classic", "repo</li>", "/tokens/export?format=csv",
        ] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
        assert_eq!(page.html.matches(">old job</a>").count(), 1, "ben's was never used here");
    }

    async fn an_entry_shows_nothing_of_other_owners(world: &World) {
        let both = draft("both").owner("acme").selected(&["web"]).permission("issues", "read")
            .owner("ana").selected(&["lab"]).permission("contents", "write");
        let minted = world.mint("ana", both).await;
        world.approve("olga", &minted).await.expect("it waits");
        world.call(minted.secret.reveal(), "GET", "/repos/acme/web/issues").await;
        world.call(minted.secret.reveal(), "GET", "/repos/ana/lab/contents/x").await;
        let eve = Visitor::confirmed(world, "eve").await;
        let pages = [
            eve.get(&entry(world, &minted, "acme").await).await,
            eve.get(TOKENS).await,
            eve.get("/enterprises/globex/settings/people/ana").await,
            eve.get(&format!("{TOKENS}/export?format=json")).await,
        ];
        for page in pages {
            assert_eq!(page.status, StatusCode::OK);
            assert!(page.has("both") && page.has("acme"), "{}", page.html);
            for hidden in ["ana/lab", "Contents: write", "contents/x", "dotfiles"] {
                assert!(!page.has(hidden), "{hidden}: {}", page.html);
            }
        }
        let elsewhere = entry(world, &minted, "ana").await;
        assert_eq!(eve.get(&elsewhere).await.status, StatusCode::NOT_FOUND, "ana's own account is ana's");
    }

    async fn an_entry_says_what_it_can_do_and_how_it_stands(world: &World) {
        let minted = world.approved("issues", "read").await;
        let waits = waiting(world, "asks").await;
        let path = entry(world, &minted, "acme").await;
        let eve = Visitor::confirmed(world, "eve").await;
        let page = eve.get(&path).await;
        for text in ["approved of ana", "Can read issues in acme/web.", "An owner reviewed it", "Revoke access"] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
        let page = eve.get(&entry(world, &waits, "acme").await).await;
        assert!(page.has("What it asks for at Acme") && page.has("An owner of Acme has to let it in."), "{}", page.html);
        assert!(!page.has("Approve") && !page.has("Revoke access"), "an enterprise approves nothing: {}", page.html);
        globex_says(world, TokenKind::FineGrained, EnterpriseLayer { lifetime: Limit::Days(7), ..DELEGATED }).await;
        let blocked = eve.get(&path).await;
        assert!(blocked.has("Blocked by policy"), "{}", blocked.html);
        assert!(blocked.has("Acme allows a life of at most 7 days (set by the enterprise)."), "{}", blocked.html);
        let wish = Wish {
            token: minted.token,
            policy: Exempted::Lifetime,
            until: world.clock_now().plus_days(5),
            reason: "the release waits for it",
        };
        let (globex, origin) = (world.enterprise("globex").await, world.person("eve").await);
        exempt_token(&world.context, &origin, globex, &wish).await.expect("eve owns globex");
        let spared = eve.get(&path).await;
        assert!(spared.has("Active") && spared.has("Exempt from the longest life"), "{}", spared.html);
        assert!(eve.get(TOKENS).await.has("Exempt from the longest life until"));
    }

    async fn a_classic_entry_says_its_scopes_and_who_blocked_it(world: &World) {
        let (token, secret) = classic(world, "ana").await;
        let (acme, eve) = (world.organization("acme").await, Visitor::confirmed(world, "eve").await);
        let path = format!("{TOKENS}/{token}-{acme}");
        assert_eq!(eve.get(&path).await.status, StatusCode::NOT_FOUND, "it was never used here");
        read(world, &secret).await;
        let page = eve.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.html);
        assert!(page.has("<code>repo</code>") && !page.has("Revoke access"), "{}", page.html);
        let origin = world.person("olga").await;
        block_classic(&world.context, &origin, acme, token, "use a fine-grained one").await.expect("olga owns acme");
        let page = eve.get(&path).await;
        assert!(page.has("Blocked by an owner") && page.has("use a fine-grained one"), "{}", page.html);
        assert!(eve.get(&format!("{TOKENS}?state=blocked_here")).await.has("1 entry"));
        world.pass_days(91);
        let later = Visitor::signed_in(world, "eve").await;
        assert_eq!(later.get(&path).await.status, StatusCode::NOT_FOUND, "its last use is too long ago");
    }

    async fn for_others_the_pages_of_an_enterprise_do_not_exist(world: &World) {
        let minted = world.approved("issues", "read").await;
        let one = entry(world, &minted, "acme").await;
        let export = format!("{TOKENS}/export?format=csv");
        let chosen = format!("{TOKENS}/revoke?chosen=1-1");
        let before = world.grant(minted.token, "acme").await;
        for login in ["olga", "ana", "mia", "gus"] {
            let other = Visitor::confirmed(world, login).await;
            let all = [
                TOKENS, &one, &export, &chosen, PEOPLE, ORGANIZATIONS,
                "/enterprises/globex/settings/people/ana",
            ];
            for path in all {
                assert_eq!(other.get(path).await.status, StatusCode::NOT_FOUND, "{login} {path}");
            }
            for path in [format!("{one}/revoke"), format!("{TOKENS}/revoke")] {
                let rev = format!("{}-{}", before.id, before.rev);
                let sent = other.post(&path, &[("reason", ""), ("chosen", &rev)]).await;
                assert_eq!(sent.status, StatusCode::NOT_FOUND, "{login} {path}");
            }
        }
        assert_eq!(world.grant(minted.token, "acme").await, before);
        let eve = Visitor::confirmed(world, "eve").await;
        for path in ["0", "x", "1-x", "999999", "999999-1", "-", "99999999999999999999"] {
            let page = eve.get(&format!("{TOKENS}/{path}")).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(eve.get("/enterprises/acme/settings/tokens").await.status, StatusCode::NOT_FOUND);
    }

    async fn an_export_holds_exactly_what_is_filtered_and_no_secret(world: &World) {
        let minted = world.approved("issues", "write").await;
        at_labs(world, "=HYPERLINK(A1)").await;
        at_labs(world, "plain, with \"quotes\"").await;
        waiting(world, "asks").await;
        let eve = Visitor::confirmed(world, "eve").await;
        let csv = eve.get(&format!("{TOKENS}/export?format=csv&person=ana&sort=token&order=asc")).await;
        assert_eq!(csv.status, StatusCode::OK);
        let lines: Vec<_> = csv.html.lines().collect();
        assert_eq!(lines.len(), 4, "{}", csv.html);
        assert!(lines[0].starts_with("token_id,kind,name,user,"), "{}", lines[0]);
        assert!(lines[1].contains(",'=HYPERLINK(A1),ana,"), "a spreadsheet must not run it: {}", lines[1]);
        assert!(lines[2].contains(",fine_grained,approved,ana,Ana,no,no,acme,Active,,write,Issues: write"), "{}", lines[2]);
        assert!(lines[3].contains("\"plain, with \"\"quotes\"\"\""), "{}", lines[3]);
        let json = eve.get(&format!("{TOKENS}/export?format=json&state=pending")).await;
        let rows: Vec<serde_json::Value> = serde_json::from_str(&json.html).expect("it is JSON");
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0]["name"].as_str(), rows[0]["state"].as_str()), (Some("asks"), Some("Pending")));
        for file in [&csv, &json] {
            assert!(!file.has(minted.secret.reveal()) && !file.has("grantry_pat_"), "{}", file.html);
        }
        for (query, told) in [("", "`csv` or `json`"), ("format=xlsx", "`csv` or `json`"), ("format=csv&unused=x", "`unused`")] {
            let page = eve.get(&format!("{TOKENS}/export?{query}")).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
            assert!(page.has(told), "{query}: {}", page.html);
        }
    }

    async fn an_export_of_many_reads_batch_after_batch(world: &World) {
        let minted = world.approved("issues", "read").await;
        copies(world, &minted, 1_003).await;
        let eve = Visitor::confirmed(world, "eve").await;
        let json = eve.get(&format!("{TOKENS}/export?format=json&sort=used")).await;
        let rows: Vec<serde_json::Value> = serde_json::from_str(&json.html).expect("it is JSON");
        let ids: std::collections::BTreeSet<_> = rows.iter().map(|row| row["token_id"].as_i64()).collect();
        assert_eq!((rows.len(), ids.len()), (1_004, 1_004), "each once");
        assert!(eve.get(TOKENS).await.has("1,004 entries"));
    }

    async fn an_organizations_own_policy_is_named_as_its_own(world: &World) {
        let minted = world.approved("issues", "read").await;
        set(world, TokenKind::FineGrained, &layer(Access::Restrict, Limit::Unlimited)).await;
        let eve = Visitor::confirmed(world, "eve").await;
        let page = eve.get(&entry(world, &minted, "acme").await).await;
        assert!(page.has("Acme does not allow fine-grained tokens (its own policy)."), "{}", page.html);
        globex_says(world, TokenKind::FineGrained, EnterpriseLayer { access: EnterpriseAccess::Allow, ..DELEGATED }).await;
        let page = eve.get(&entry(world, &minted, "acme").await).await;
        assert!(!page.has("does not allow"), "the enterprise allows them: {}", page.html);
    }
}
