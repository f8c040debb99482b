//! The words of the log: published ones where one fits, and what stands beside them.

use grantry::domain::audit::Action;

use crate::world::{World, draft};

/// The published actions that concern tokens, of organizations and of people.
const PUBLISHED: [&str; 15] = [
    "personal_access_token.access_granted",
    "personal_access_token.access_revoked",
    "personal_access_token.access_restriction_disabled",
    "personal_access_token.access_restriction_enabled",
    "personal_access_token.auto_approve_grant_requests_disabled",
    "personal_access_token.auto_approve_grant_requests_enabled",
    "personal_access_token.create",
    "personal_access_token.credential_regenerated",
    "personal_access_token.credential_revoked",
    "personal_access_token.destroy",
    "personal_access_token.expiration_limit_set",
    "personal_access_token.request_cancelled",
    "personal_access_token.request_created",
    "personal_access_token.request_denied",
    "personal_access_token.update",
];

/// Ours in the same style, each with what no published one says.
const OURS: [(&str, &str); 6] = [
    (
        "personal_access_token.access_updated",
        "a grant was narrowed by its user",
    ),
    (
        "personal_access_token.access_blocked",
        "a classic token was blocked at one owner, not deauthorized everywhere",
    ),
    (
        "personal_access_token.policy_updated",
        "a policy is saved as a whole, with its version",
    ),
    (
        "personal_access_token.policy_cancelled",
        "a policy that was to begin later was taken back",
    ),
    (
        "personal_access_token.exemption_granted",
        "one token was spared a policy",
    ),
    (
        "personal_access_token.exemption_removed",
        "and is no longer",
    ),
];

#[test]
fn what_concerns_tokens_has_its_published_name_or_a_reason() {
    let ours = OURS.map(|(name, _)| name);
    for action in Action::ALL {
        let name = action.as_str();
        if name.starts_with("personal_access_token.") {
            assert!(PUBLISHED.contains(&name) != ours.contains(&name), "{name}");
        }
    }
}

#[test]
fn every_name_is_of_the_published_style() {
    for action in Action::ALL {
        let parts: Vec<_> = action.as_str().split('.').collect();
        let is_word = |part: &&str| {
            part.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        };
        assert!(parts.len() == 2 && parts.iter().all(is_word), "{action}");
    }
}

on_every_database! {
    async fn what_concerns_a_token_names_it_and_what_concerns_a_secret_its_hash(world: &World) {
        let minted = world.approved("issues", "read").await;
        world.answer(minted.secret.reveal(), "GET", "/repos/acme/web/issues").await;
        world.revoke("sam", &minted, "gone").await.expect("it is active");
        let asked = draft("asked").owner("acme").selected(&["web"]).permission("issues", "read");
        let asked = world.mint("ana", asked).await;
        world.deny("olga", &asked, "no").await.expect("it waits");
        let entries = world.log_of_user("ana").await.entries(world).await;
        let names = grantry::store::audit_log::names_of(&mut world.reader(), &entries).await;
        let names = names.expect("names are read");
        assert!(entries.len() >= 7);
        for entry in &entries {
            let told = grantry::domain::audit::published(entry, &names);
            if !entry.action.starts_with("personal_access_token") && !entry.action.starts_with("api") {
                continue;
            }
            assert!(told["token_id"].is_i64(), "{told:?}");
            assert_eq!(told["programmatic_access_type"], "Fine-grained personal access token", "{told:?}");
            assert!(told["user_programmatic_access_name"].is_string(), "{told:?}");
            assert!(!told.contains_key("request_id") || entry.request_id.is_some(), "{told:?}");
            if entry.action.ends_with(".create") || entry.action.starts_with("api") {
                let hash = told["hashed_token"].as_str().expect("it names the secret");
                assert!([&minted, &asked].iter().any(|one| one.secret.hash().to_base64() == hash));
            }
            if entry.action.contains(".request_") {
                assert!(told["user_programmatic_access_request_id"].is_i64(), "{told:?}");
            }
        }
    }
}
