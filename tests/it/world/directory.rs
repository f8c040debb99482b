//! The sample directory of every world.
//!
//! Enterprise `globex` (owner eve; managed user mia) over `acme` (owners olga and sam; members ana, ben and mia;
//! approval required) and `labs` (owner olga; members ana and dan; no approval, 90 days at most). Carl collaborates on
//! `acme/web` from outside; gus belongs to nothing.

use std::collections::HashMap;

use grantry::actions::Context;
use grantry::domain::access::rights::{MemberRole, Visibility};
use grantry::domain::account::AccountKind;
use grantry::domain::audit::{Actor, Origin};
use grantry::domain::ids::AccountId;
use grantry::domain::policy::setting::{Access, Approval, Limit, OrganizationLayer};
use grantry::domain::role::RepositoryRole;
use grantry::domain::token::TokenKind;
use grantry::store::{Change, Work, accounts, policies, repositories};

const USERS: [&str; 9] = [
    "ana", "ben", "carl", "dan", "eve", "gus", "mia", "olga", "sam",
];

const MEMBERS: [(&str, &str, MemberRole); 9] = [
    ("globex", "eve", MemberRole::Owner),
    ("acme", "olga", MemberRole::Owner),
    ("acme", "sam", MemberRole::Owner),
    ("acme", "ana", MemberRole::Member),
    ("acme", "ben", MemberRole::Member),
    ("acme", "mia", MemberRole::Member),
    ("labs", "olga", MemberRole::Owner),
    ("labs", "ana", MemberRole::Member),
    ("labs", "dan", MemberRole::Member),
];

const REPOSITORIES: [(&str, &str, Visibility); 8] = [
    ("acme", "web", Visibility::Private),
    ("acme", "api", Visibility::Private),
    ("acme", "handbook", Visibility::Internal),
    ("acme", "site", Visibility::Public),
    ("labs", "probe", Visibility::Private),
    ("labs", "notes", Visibility::Public),
    ("ana", "dotfiles", Visibility::Public),
    ("ana", "lab", Visibility::Private),
];

/// Enters everybody and everything, in one transaction.
pub(super) async fn enter(context: &Context) {
    let origin = Origin::of(Actor::Operator);
    let mut work = context.begin(&origin).await.expect("a change can begin");
    let ids = enter_accounts(context, &mut work).await;
    let now = work.now();
    for (account, user, role) in MEMBERS {
        accounts::put_member(&mut work, ids[account], ids[user], role, now)
            .await
            .expect("a membership can be entered");
    }
    for (owner, name, visibility) in REPOSITORIES {
        let new = repositories::NewRepository {
            owner: ids[owner],
            name,
            description: "",
            visibility,
            created_at: now,
        };
        let id = repositories::insert(&mut work, &new)
            .await
            .expect("a repository can be entered");
        if (owner, name) == ("acme", "web") {
            let role = RepositoryRole::Write;
            repositories::put_collaborator(&mut work, id, ids["carl"], role, now)
                .await
                .expect("a collaborator can be entered");
        }
    }
    let free = OrganizationLayer {
        access: Access::Allow,
        approval: Approval::NotRequired,
        lifetime: Limit::from_days(Some(90)),
    };
    let (labs, kind) = (ids["labs"], TokenKind::FineGrained);
    policies::insert(&mut work, labs, kind, &free, None, now)
        .await
        .expect("a policy can be saved");
    work.changed(Change::Unknown);
    context.commit(work).await.expect("the directory is sound");
}

async fn enter_accounts(context: &Context, work: &mut Work) -> HashMap<&'static str, AccountId> {
    let mut ids = HashMap::new();
    for (login, kind) in [
        ("globex", AccountKind::Enterprise),
        ("acme", AccountKind::Organization),
        ("labs", AccountKind::Organization),
    ] {
        ids.insert(login, enter_account(context, work, kind, login).await);
    }
    for login in USERS {
        let id = enter_account(context, work, AccountKind::User, login).await;
        ids.insert(login, id);
    }
    for login in ["acme", "labs", "mia"] {
        let mut account = accounts::find(work, ids[login])
            .await
            .expect("the directory can be read")
            .expect("it was just entered");
        match account.kind {
            AccountKind::User => account.managed_by = Some(ids["globex"]),
            _ => account.enterprise_id = Some(ids["globex"]),
        }
        accounts::update(work, &account)
            .await
            .expect("an account can be changed");
    }
    ids
}

async fn enter_account(
    context: &Context,
    work: &mut Work,
    kind: AccountKind,
    login: &str,
) -> AccountId {
    let email = format!("{login}@example.test");
    let (name, is_user) = (capitalized(login), kind == AccountKind::User);
    let new = accounts::NewAccount {
        kind,
        login,
        name: &name,
        email: is_user.then_some(email.as_str()),
        passkey_handle: is_user.then(|| {
            uuid::Builder::from_random_bytes(context.entropy.bytes())
                .into_uuid()
                .to_string()
        }),
        created_at: work.now(),
    };
    accounts::insert(work, &new)
        .await
        .expect("an account can be entered")
}

fn capitalized(login: &str) -> String {
    login[..1].to_uppercase() + &login[1..]
}
