//! Who may manage by API, over every operation of it; and that no token makes itself or its user mightier.

use std::collections::BTreeSet;

use grantry::api::operation::{OPERATIONS, Operation};
use grantry::domain::access::rights::MemberRole;
use grantry::domain::catalog::{Catalog, Method};
use grantry::domain::permission::Group;
use grantry::store::{Change, Db as _, accounts};
use serde_json::json;

use super::client::Answer;
use super::credentials::classic;
use super::management::waiting;
use crate::world::{TokenDraft, World, draft};

/// The operations with which owners manage tokens at an organization.
fn management() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS.iter().filter(|operation| {
        let template = operation.template;
        let manages = template.contains("personal-access-token")
            || template.contains("credential-authorizations");
        manages && template.starts_with("/orgs/")
    })
}

fn filled(template: &str, organization: &str, id: i64) -> String {
    let id = id.to_string();
    let values = [
        ("{org}", organization),
        ("{enterprise}", "globex"),
        ("{owner}", "acme"),
        ("{repo}", "web"),
        ("{username}", "ana"),
        ("{branch}", "main"),
        ("{ref}", "main"),
        ("{path}", "README.md"),
    ];
    let path = values
        .iter()
        .fold(template.to_owned(), |path, (name, value)| {
            path.replace(name, value)
        });
    let parts = path
        .split('/')
        .map(|part| if part.starts_with('{') { &id } else { part });
    parts.collect::<Vec<_>>().join("/")
}

async fn call(world: &World, operation: &Operation, organization: &str, token: &str) -> Answer {
    let path = filled(operation.template, organization, 1);
    let body = Some(json!({"action": "deny"}));
    let body = body.filter(|_| operation.method != Method::Get);
    world
        .http(operation.method.as_str(), &path, token, body)
        .await
}

/// Every permission that can be held at an organization and its repositories, at its highest level.
fn everything(mut wish: TokenDraft) -> TokenDraft {
    let groups = [Group::Organization, Group::Repository];
    for permission in groups
        .iter()
        .flat_map(|group| Catalog::github().permissions_of(*group))
    {
        if let Some(highest) = permission.levels.last().filter(|_| !permission.automatic) {
            wish = wish.permission(&permission.slug, highest.level.as_str());
        }
    }
    wish
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn management_is_for_owners_with_the_permission_alone() {
    let world = World::memory().await;
    let wish = everything(draft("member").owner("acme").all());
    let member = world.mint("ana", wish).await;
    world.approve("olga", &member).await.expect("it waits");
    let bare = draft("bare").owner("acme").permission("members", "read");
    let bare = world.mint("olga", bare).await.secret.reveal().to_owned();
    let (_, old) = classic(
        &world,
        "olga",
        &["repo", "admin:org", "read:audit_log", "user"],
    )
    .await;
    for operation in management() {
        let line = format!("{} {}", operation.method, operation.template);
        let refused = call(&world, operation, "acme", member.secret.reveal()).await;
        assert_eq!(
            refused.refusal(),
            (403, "missing_role".to_owned()),
            "{line}"
        );
        let refused = call(&world, operation, "acme", &bare).await;
        assert_eq!(
            refused.refusal(),
            (403, "missing_permission".to_owned()),
            "{line}"
        );
        let (needed, held) = (&refused.json()["needed"], &refused.json()["held"]);
        assert!(
            needed[0][0].is_string() && held[0].is_string(),
            "{line}: {refused:?}"
        );
        let refused = call(&world, operation, "acme", &old).await;
        assert_eq!(
            refused.refusal(),
            (403, "missing_scope".to_owned()),
            "{line}"
        );
        assert_eq!(
            call(&world, operation, "acme", "").await.refusal(),
            (404, "not_found".to_owned()),
            "{line}"
        );
    }
    world.stop().await;
}

/// To whoever is not there, an organization with tokens and one that does not exist are one answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn to_strangers_management_looks_the_same_whether_there_is_anything_or_not() {
    let world = World::memory().await;
    waiting(&world, "ci").await;
    let stranger = world.mint("gus", draft("own").owner("gus").all()).await;
    for operation in management() {
        let line = format!("{} {}", operation.method, operation.template);
        let hidden = call(&world, operation, "acme", stranger.secret.reveal()).await;
        let absent = call(&world, operation, "nothing", stranger.secret.reveal()).await;
        assert_eq!(hidden.refusal(), (404, "not_found".to_owned()), "{line}");
        assert_eq!(hidden.without_id(), absent.without_id(), "{line}");
    }
    world.stop().await;
}

/// Everything that a user's tokens may do, row by row, and how many tokens there are.
async fn rights(world: &World, user: &str) -> (BTreeSet<String>, i64) {
    let user = world.user(user).await;
    let rows = "SELECT 'p ' || g.id || ' ' || p.permission || ' ' || p.level AS word FROM grants g \
                JOIN tokens t ON t.id = g.token_id JOIN grant_permissions p ON p.grant_id = g.id WHERE t.user_id = $1 \
                UNION ALL SELECT 't ' || g.id || ' ' || x.target_id FROM grants g JOIN tokens t ON t.id = g.token_id \
                JOIN grant_targets x ON x.grant_id = g.id WHERE t.user_id = $1 \
                UNION ALL SELECT 'g ' || g.id || ' ' || g.selection FROM grants g JOIN tokens t ON t.id = g.token_id \
                WHERE t.user_id = $1 AND g.state = 'active'";
    let mut db = world.reader();
    let found: Vec<(String,)> = db
        .query(rows)
        .bind(user)
        .all()
        .await
        .expect("rights can be read");
    let count = db.query("SELECT COUNT(*) FROM tokens").number().await;
    (
        found.into_iter().map(|row| row.0).collect(),
        count.expect("tokens can be counted"),
    )
}

/// Ana asked as a member, and owns the organization now: her token that may do everything may not decide for her.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_operation_lets_a_token_mint_approve_for_its_user_or_raise_itself() {
    let world = World::memory().await;
    world.with_git("acme/web").await;
    let (_, _, request) = waiting(&world, "ci").await;
    let (origin, ana) = (world.person("olga").await, world.user("ana").await);
    let scopes = [
        world.organization("acme").await,
        world.enterprise("globex").await,
    ];
    let mut work = world
        .context
        .begin(&origin)
        .await
        .expect("a change can begin");
    for account in scopes {
        let now = work.now();
        let put = accounts::put_member(&mut work, account, ana, MemberRole::Owner, now).await;
        put.expect("a role can be given");
    }
    work.changed(Change::Unknown);
    world.context.commit(work).await.expect("it is sound");
    let wish = everything(draft("mighty").owner("acme").all());
    let wish = wish
        .owner("globex")
        .permission("enterprise_credentials", "write");
    let mighty = world
        .mint("ana", wish.permission("enterprise_policies", "write"))
        .await;
    let before = rights(&world, "ana").await;
    let bodies = [
        json!({"action": "approve", "pat_request_ids": [request]}),
        json!({"action": "approve"}),
        json!({"action": "deny", "pat_request_ids": [request]}),
        json!({"name": "new", "permissions": {"contents": "write"}, "expires_in": "none"}),
    ];
    for operation in OPERATIONS.iter().filter(|operation| is_tried(operation)) {
        for body in &bodies {
            let path = filled(operation.template, "acme", request);
            let answer = world
                .http(
                    operation.method.as_str(),
                    &path,
                    mighty.secret.reveal(),
                    Some(body.clone()),
                )
                .await;
            let line = format!("{} {path} {body}: {answer:?}", operation.method);
            assert!(answer.status.as_u16() < 500, "{line}");
            let after = rights(&world, "ana").await;
            assert!(after.0.is_subset(&before.0), "{line}");
            assert_eq!(after.1, before.1, "{line}");
        }
    }
    let state = "SELECT COUNT(*) FROM requests WHERE id = $1 AND state = 'pending'";
    let waits = world.reader().query(state).bind(request).number().await;
    assert_eq!(waits.expect("it is read"), 1, "nobody else decided it");
    world.stop().await;
}

/// What takes everything away would leave nothing to try.
fn is_tried(operation: &Operation) -> bool {
    let takes_away = operation.method == Method::Delete || operation.template.contains("revoke");
    operation.method != Method::Get && !takes_away
}
