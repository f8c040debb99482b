//! Credentials that reach an organization or enterprise, listed and cut off by API.

use grantry::actions::mint_classic::{ClassicDraft, mint_classic};
use grantry::domain::ids::TokenId;
use grantry::domain::token::TokenState;
use grantry::domain::token::expiry::Expiration;
use grantry::store::{Db as _, tokens};
use serde_json::{Value, json};

use super::client::Answer;
use super::management::manager;
use crate::world::{World, draft};

const LIST: &str = "/orgs/acme/credential-authorizations";
const ENTERPRISE: &str = "/enterprises/globex/credential-authorizations";
const WEB: &str = "/repos/acme/web/issues";

/// A classic token that lives for ever.
pub async fn classic(world: &World, user: &str, scopes: &[&str]) -> (TokenId, String) {
    let scopes = world.context.catalog.scope_set(scopes);
    let draft = ClassicDraft {
        note: format!("{user}'s job"),
        scopes: scopes.expect("these are scopes"),
        expiration: Expiration::Never,
    };
    let (origin, user) = (world.person(user).await, world.user(user).await);
    let minted = mint_classic(&world.context, &origin, user, &draft).await;
    let minted = minted.expect("it is made");
    (minted.token, minted.secret.reveal().to_owned())
}

/// One that was used at acme.
async fn used(world: &World, user: &str) -> (TokenId, String) {
    let (token, secret) = classic(world, user, &["repo"]).await;
    assert_eq!(world.get(&secret, WEB).await.status, 200);
    (token, secret)
}

/// An enterprise owner's token that may cut credentials off.
async fn guardian(world: &World) -> String {
    let wish = draft("guardian").owner("globex");
    let wish = wish.permission("enterprise_credentials", "write");
    world.mint("eve", wish).await.secret.reveal().to_owned()
}

async fn post(world: &World, path: &str, token: &str, body: Value) -> Answer {
    world.http("POST", path, token, Some(body)).await
}

async fn is_live(world: &World, token: TokenId) -> bool {
    let found = tokens::find(&mut world.reader(), token).await;
    let found = found.expect("it is read").expect("it stays");
    found.state == TokenState::Live
}

async fn count_notices(world: &World, action: &str) -> i64 {
    let count = "SELECT COUNT(*) FROM outbox o JOIN audit_events e ON e.seq = o.event_seq WHERE e.action = $1";
    world
        .reader()
        .query(count)
        .bind(action)
        .number()
        .await
        .expect("notices can be read")
}

on_every_database! {
    async fn classic_tokens_that_were_used_here_are_listed_and_blocked_for_good(world: &World) {
        let manager = manager(world, "olga").await;
        let (ana, secret) = used(world, "ana").await;
        used(world, "ben").await;
        classic(world, "sam", &["repo"]).await;
        let listed = world.get(&manager, LIST).await;
        assert_eq!(listed.each("login"), ["ana", "ben"]);
        assert_eq!(listed.json()[0], json!({
            "login": "ana",
            "credential_id": ana.get(),
            "credential_type": "personal access token",
            "credential_authorized_at": "2026-10-01T12:00:00Z",
            "credential_accessed_at": "2026-10-01T12:00:00Z",
            "authorized_credential_id": ana.get(),
            "authorized_credential_title": null,
            "authorized_credential_note": "ana's job",
            "authorized_credential_expires_at": null,
            "scopes": ["repo"],
        }));
        assert_eq!(world.get(&manager, &format!("{LIST}?login=BEN")).await.each("login"), ["ben"]);
        let page = world.get(&manager, &format!("{LIST}?per_page=1&page=2")).await;
        assert_eq!(page.each("login"), ["ben"]);
        assert!(page.header("link").contains("rel=\"prev\""), "{page:?}");

        let path = format!("{LIST}/{ana}");
        let done = world.http("DELETE", &path, &manager, None).await;
        assert_eq!((done.status.as_u16(), done.bytes.len()), (204, 0));
        assert_eq!(world.get(&secret, WEB).await.refusal(), (403, "blocked_here".to_owned()));
        assert_eq!(world.get(&secret, "/user").await.status, 200, "elsewhere it goes on");
        assert_eq!(world.get(&manager, LIST).await.each("login"), ["ben"]);
        assert_eq!(count_notices(world, "personal_access_token.access_blocked").await, 1);
        for gone in [ana.get().to_string(), "999".to_owned(), "x".to_owned(), "-1".to_owned()] {
            let refused = world.http("DELETE", &format!("{LIST}/{gone}"), &manager, None).await;
            assert_eq!(refused.refusal(), (404, "not_found".to_owned()), "{gone}");
        }
        assert_eq!(world.get(&manager, LIST).await.each("login"), ["ben"]);
    }

    async fn an_organization_cuts_off_one_person_or_one_kind(world: &World) {
        let manager = manager(world, "olga").await;
        let (_, ana) = used(world, "ana").await;
        let (_, ben) = used(world, "ben").await;
        let approved = world.approved("issues", "read").await;
        let fine = approved.secret.reveal();
        for kind in ["ssh_key", "oauth_app_token"] {
            let path = format!("{LIST}/revoke-credential-type");
            let done = post(world, &path, &manager, json!({"credential_type": kind})).await;
            assert_eq!(done.status, 202, "{kind}");
        }
        let path = format!("{LIST}/ana/revoke-credential-type");
        let done = post(world, &path, &manager, json!({"credential_type": "classic_pat"})).await;
        assert_eq!((done.status.as_u16(), &done.json()["message"]), (202, &json!(
            "Classic tokens blocked: 1. Grants of fine-grained tokens revoked: 0. Tokens ended: 0."
        )));
        assert_eq!(world.get(&ana, WEB).await.refusal(), (403, "blocked_here".to_owned()));
        assert_eq!((world.get(fine, WEB).await.status.as_u16(), world.get(&ben, WEB).await.status.as_u16()), (200, 200));
        let done = post(world, &format!("{LIST}/ANA/revoke"), &manager, json!({})).await;
        assert_eq!(done.status, 202);
        assert_eq!(world.get(fine, WEB).await.refusal(), (403, "revoked".to_owned()));
        assert_eq!(world.get(&ben, WEB).await.status, 200);
        let unknown = post(world, &format!("{LIST}/nobody/revoke"), &manager, json!({})).await;
        assert_eq!(unknown.refusal(), (404, "not_found".to_owned()));
    }

    /// The token that asks goes with the others: all means all.
    async fn cutting_off_everything_takes_the_grants_and_blocks_the_classic_tokens(world: &World) {
        let manager = manager(world, "olga").await;
        let (ana, secret) = used(world, "ana").await;
        let approved = world.approved("issues", "read").await;
        let done = post(world, &format!("{LIST}/revoke-all"), &manager, json!({"revoke_credentials": true})).await;
        assert_eq!(done.json(), json!({
            "message": "Classic tokens blocked: 1. Grants of fine-grained tokens revoked: 2. Tokens ended: 0."
        }));
        assert_eq!(world.get(&secret, WEB).await.refusal(), (403, "blocked_here".to_owned()));
        assert_eq!(world.get(approved.secret.reveal(), WEB).await.refusal(), (403, "revoked".to_owned()));
        assert_eq!(world.get(&manager, LIST).await.refusal(), (403, "revoked".to_owned()));
        assert!(is_live(world, ana).await && is_live(world, approved.token).await, "no organization ends a token");
        let seen = "SELECT COUNT(*) FROM audit_events WHERE action = 'personal_access_token.access_blocked'";
        assert_eq!(world.reader().query(seen).number().await.expect("events can be read"), 1);
    }

    async fn an_enterprise_cuts_off_in_every_organization_and_ends_what_it_manages(world: &World) {
        let guardian = guardian(world).await;
        let (ana, secret) = used(world, "ana").await;
        assert_eq!(world.get(&secret, "/repos/labs/probe/issues").await.status, 200);
        let (mia, managed) = used(world, "mia").await;
        let path = format!("{ENTERPRISE}/revoke-credential-type");
        let body = json!({"credential_type": "classic_pat", "revoke_credentials": true});
        let done = post(world, &path, &guardian, body).await;
        assert_eq!(done.status, 202, "{done:?}");
        let said = done.json();
        assert_eq!(said["message"], "Classic tokens blocked: 2. Grants of fine-grained tokens revoked: 0. Tokens ended: 1.");
        assert!(said["warning"].to_string().contains("those of others go on elsewhere"), "{said}");
        for path in [WEB, "/repos/labs/probe/issues"] {
            assert_eq!(world.get(&secret, path).await.refusal(), (403, "blocked_here".to_owned()), "{path}");
        }
        assert_eq!(world.get(&managed, "/user").await.status, 401);
        assert!(is_live(world, ana).await && !is_live(world, mia).await);
        assert_eq!(world.get(&guardian, "/user").await.status, 200);
        let all = post(world, &format!("{ENTERPRISE}/revoke-all"), &guardian, json!({})).await;
        assert_eq!(all.status, 202);
        let after = post(world, &format!("{ENTERPRISE}/ana/revoke"), &guardian, json!({})).await;
        assert_eq!(after.refusal(), (403, "revoked".to_owned()), "its own grant went as well");
    }

    async fn only_owners_with_the_permission_cut_off(world: &World) {
        let (_, secret) = used(world, "ana").await;
        let wish = draft("reader").owner("acme").permission("organization_personal_access_tokens", "read");
        let reader = world.mint("olga", wish).await.secret.reveal().to_owned();
        let member = world.approved("issues", "read").await.secret.reveal().to_owned();
        let (_, owners_classic) = classic(world, "olga", &["repo", "admin:org", "admin:enterprise"]).await;
        for (method, path) in [
            ("POST", format!("{LIST}/revoke-all")),
            ("POST", format!("{LIST}/ana/revoke")),
            ("POST", format!("{LIST}/revoke-credential-type")),
            ("DELETE", format!("{LIST}/1")),
        ] {
            let refused = world.http(method, &path, &reader, Some(json!({"credential_type": "classic_pat"}))).await;
            assert_eq!(refused.refusal(), (403, "missing_permission".to_owned()), "{path}");
            assert_eq!(refused.json()["needed"], json!([["organization_personal_access_tokens=write"]]));
            assert_eq!(refused.json()["held"], json!(["organization_personal_access_tokens=read"]));
            let refused = world.http(method, &path, &member, None).await;
            assert_eq!(refused.refusal(), (403, "missing_permission".to_owned()), "{path}");
            let refused = world.http(method, &path, &owners_classic, None).await;
            assert_eq!(refused.refusal(), (403, "missing_scope".to_owned()), "{path}");
        }
        let at_enterprise = post(world, &format!("{ENTERPRISE}/revoke-all"), &reader, json!({})).await;
        assert_eq!(at_enterprise.refusal(), (404, "not_found".to_owned()));
        assert_eq!(world.get(&secret, WEB).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kind_that_is_not_published_is_refused_at_its_field() {
    let world = World::memory().await;
    let (manager, guardian) = (manager(&world, "olga").await, guardian(&world).await);
    let (_, secret) = used(&world, "ana").await;
    for (path, token) in [
        (format!("{LIST}/revoke-credential-type"), &manager),
        (format!("{LIST}/ana/revoke-credential-type"), &manager),
        (format!("{ENTERPRISE}/revoke-credential-type"), &guardian),
        (
            format!("{ENTERPRISE}/ana/revoke-credential-type"),
            &guardian,
        ),
    ] {
        for body in [
            json!({}),
            json!({"credential_type": "all"}),
            json!({"credential_type": ["classic_pat"]}),
        ] {
            let refused = post(&world, &path, token, body.clone()).await;
            assert_eq!(refused.status, 422, "{path} {body}");
            assert_eq!(
                refused.json()["errors"][0]["field"],
                "credential_type",
                "{path}"
            );
        }
    }
    let odd = json!({"revoke_credentials": "yes"});
    let refused = post(&world, &format!("{ENTERPRISE}/revoke-all"), &guardian, odd).await;
    assert_eq!(refused.json()["errors"][0]["field"], "revoke_credentials");
    assert_eq!(world.get(&secret, WEB).await.status, 200);
    world.stop().await;
}
