//! Each refusal of DOMAIN §5 at the API: its status, its reason, and nothing changed.

use grantry::domain::policy::setting::{Access, Approval, Limit, OrganizationLayer};
use grantry::domain::token::TokenKind;
use grantry::store::issues::{self, StateFilter};
use grantry::store::{Change, policies};
use serde_json::json;

use crate::world::{World, draft};

const ISSUES: &str = "/repos/acme/web/issues";

/// Limits the life of tokens at an organization, which then asks for no approval.
pub async fn limit(world: &World, organization: &str, days: i64) {
    let layer = OrganizationLayer {
        access: Access::Allow,
        approval: Approval::NotRequired,
        lifetime: Limit::from_days(Some(days)),
    };
    save(world, organization, layer).await;
}

async fn save_policy(world: &World, access: Access, lifetime: Limit) {
    let layer = OrganizationLayer {
        access,
        approval: Approval::Required,
        lifetime,
    };
    save(world, "acme", layer).await;
}

async fn save(world: &World, organization: &str, layer: OrganizationLayer) {
    let (origin, owner) = (
        world.person("olga").await,
        world.organization(organization).await,
    );
    let mut work = world
        .context
        .begin(&origin)
        .await
        .expect("a change can begin");
    let (kind, now) = (TokenKind::FineGrained, work.now());
    policies::insert(&mut work, owner, kind, &layer, None, now)
        .await
        .expect("a policy can be saved");
    work.changed(Change::Unknown);
    world.context.commit(work).await.expect("it is sound");
}

async fn count_issues(world: &World) -> usize {
    let web = world.repository("acme/web").await;
    let all = issues::list(&mut world.reader(), web, StateFilter::All, 100, 0).await;
    all.expect("issues can be read").len()
}

on_every_database! {
    /// What an owner decides counts from the next call on.
    async fn pending_denied_and_revoked_say_so(world: &World) {
        let wish = draft("ci").owner("acme").selected(&["web"]).permission("issues", "write");
        let minted = world.mint("ana", wish).await;
        let token = minted.secret.reveal();
        let opening = json!({"title": "Broken"});
        let open = async || world.http("POST", ISSUES, token, Some(opening.clone())).await;
        let refused = open().await;
        assert_eq!(refused.refusal(), (403, "pending".to_owned()));
        assert_eq!(refused.json()["token_id"], minted.token.get());
        let message = refused.json()["message"].to_string();
        assert!(message.contains("waits for approval by acme"), "{message}");
        assert_eq!(count_issues(world).await, 0);
        world.approve("olga", &minted).await.expect("it waits");
        assert_eq!(open().await.status, 201);
        world.revoke("sam", &minted, "enough").await.expect("it works");
        assert_eq!(open().await.refusal(), (403, "revoked".to_owned()));
        assert_eq!(count_issues(world).await, 1);
        let wish = draft("other").owner("acme").selected(&["web"]).permission("issues", "write");
        let denied = world.mint("ana", wish).await;
        world.deny("olga", &denied, "no").await.expect("it waits");
        assert_eq!(world.get(denied.secret.reveal(), ISSUES).await.refusal(), (403, "denied".to_owned()));
    }

    async fn a_missing_permission_names_what_is_needed_and_what_is_held(world: &World) {
        let minted = world.approved("issues", "read").await;
        let refused = world.get(minted.secret.reveal(), "/repos/acme/web/contents").await;
        assert_eq!(refused.refusal(), (403, "missing_permission".to_owned()));
        assert_eq!(refused.json()["needed"], json!([["contents=read"]]));
        assert_eq!(refused.json()["held"], json!(["contents=none"]));
        assert_eq!(refused.header("x-accepted-github-permissions"), "contents=read");
        let body = json!({"title": "No"});
        let refused = world.http("POST", ISSUES, minted.secret.reveal(), Some(body)).await;
        assert_eq!(refused.json()["held"], json!(["issues=read"]));
        assert_eq!(count_issues(world).await, 0);
    }

    async fn a_role_that_is_too_small_stands_against_a_permission(world: &World) {
        let minted = world.approved("issues", "write").await;
        let token = minted.secret.reveal();
        let opened = world.http("POST", ISSUES, token, Some(json!({"title": "Mine"}))).await;
        assert_eq!(opened.status, 201);
        let path = format!("{ISSUES}/1");
        let refused = world.http("PATCH", &path, token, Some(json!({"state": "closed"}))).await;
        assert_eq!(refused.refusal(), (403, "missing_role".to_owned()));
        assert_eq!(world.get(token, &path).await.json()["state"], "open");
    }

    async fn policies_stand_against_tokens_and_let_them_back(world: &World) {
        let minted = world.approved("issues", "read").await;
        let token = minted.secret.reveal();
        save_policy(world, Access::Restrict, Limit::Unlimited).await;
        assert_eq!(world.get(token, ISSUES).await.refusal(), (403, "policy_access".to_owned()));
        assert_eq!(world.get(token, "/repos/acme/site").await.status, 200);
        save_policy(world, Access::Allow, Limit::from_days(Some(7))).await;
        let refused = world.get(token, ISSUES).await;
        assert_eq!(refused.refusal(), (403, "policy_lifetime".to_owned()));
        assert!(refused.json()["message"].to_string().contains("at most 7 days"));
        save_policy(world, Access::Allow, Limit::Unlimited).await;
        assert_eq!(world.get(token, ISSUES).await.status, 200);
    }

    /// The same status, headers and bytes, but for the id of the request and the date.
    async fn hidden_and_absent_are_one_answer(world: &World) {
        let minted = world.approved("issues", "read").await;
        for token in [minted.secret.reveal(), ""] {
            let hidden = world.get(token, "/repos/acme/api/issues").await.without_id();
            let absent = world.get(token, "/repos/acme/nope/issues").await.without_id();
            assert_eq!(hidden.refusal(), (404, "not_found".to_owned()));
            assert_eq!(hidden, absent);
            let nobody = world.get(token, "/repos/nobody/api/issues").await.without_id();
            assert_eq!(hidden, nobody);
        }
    }

    async fn a_public_repository_that_is_not_selected_says_so(world: &World) {
        let minted = world.approved("issues", "write").await;
        let body = json!({"title": "No"});
        let refused = world.http("POST", "/repos/acme/site/issues", minted.secret.reveal(), Some(body)).await;
        assert_eq!(refused.refusal(), (403, "not_selected".to_owned()));
    }

    /// Whatever is wrong with a secret, the answer is the same.
    async fn bad_credentials_never_say_which(world: &World) {
        let minted = world.approved("issues", "read").await;
        let token = minted.secret.reveal().to_owned();
        let unknown = world.get("grantry_pat_nonsense", "/user").await.without_id();
        assert_eq!(unknown.refusal(), (401, "bad_credentials".to_owned()));
        assert_eq!(unknown.json()["message"], "Bad credentials");
        assert_eq!(unknown.json()["token_id"], json!(null));
        assert_eq!(world.get(&token, "/user").await.status, 200);
        world.pass_days(31);
        assert_eq!(world.get(&token, "/user").await.without_id(), unknown);
        assert_eq!(world.get(&token, "/repos/labs/notes").await.status, 401);
    }
}
