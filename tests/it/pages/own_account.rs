//! Resource owners beyond one's own organizations: another user's account, which decides by pages of its own, and a
//! sister organization of the enterprise.

use axum::http::StatusCode;
use grantry::actions::mint::MintError;
use grantry::domain::access::decision::Reason;
use grantry::domain::approval::GrantState;
use grantry::domain::audit::{Actor, Origin};
use grantry::domain::role::RepositoryRole;
use grantry::store::{Change, repositories};

use super::visitor::Visitor;
use crate::world::{Answer, TokenDraft, World, draft};

const QUEUE: &str = "/settings/personal-access-token-requests";
const ACTIVE: &str = "/settings/personal-access-token-requests/active";

/// Lets carl write to `ana/lab`.
async fn share(world: &World) {
    // Before the work begins: a database in memory has one connection.
    let (lab, carl) = (world.repository("ana/lab").await, world.user("carl").await);
    let origin = Origin::of(Actor::Operator);
    let work = world.context.begin(&origin).await;
    let mut work = work.expect("a change can begin");
    let now = work.now();
    repositories::put_collaborator(&mut work, lab, carl, RepositoryRole::Write, now)
        .await
        .expect("a collaborator can be entered");
    work.changed(Change::Unknown);
    world.context.commit(work).await.expect("it is written");
}

fn helper() -> TokenDraft {
    let wish = draft("helper").owner("ana").selected(&["lab"]);
    wish.permission("issues", "write")
        .because("To sort the notes.")
}

on_every_database! {
    /// A collaborator's token waits for the user whose repositories it names, who approves it, and it works there alone.
    async fn a_user_decides_for_the_own_repositories(world: &World) {
        share(world).await;
        let minted = world.mint("carl", helper()).await;
        let id = world.request(minted.token, "ana").await.expect("approval is always needed");
        let secret = minted.secret.reveal();
        assert_eq!(world.answer(secret, "GET", "/repos/ana/lab/issues").await, Answer::Refused(Reason::Pending));
        let ana = Visitor::confirmed(world, "ana").await;
        let home = ana.get("/").await;
        assert!(home.has("1 request for your repositories") && home.has("<span class=\"tabular\">1</span> waiting"), "{}", home.html);
        let queue = ana.get(QUEUE).await;
        assert!(queue.has(">helper</a>") && queue.has("outside collaborator"), "{}", queue.html);
        let page = ana.get(&format!("{QUEUE}/{id}")).await;
        assert!(page.has("To sort the notes.") && page.has("ana/lab"), "{}", page.html);
        let done = ana.post(&format!("{QUEUE}/{id}/approve"), &[("rev", "1")]).await;
        assert_eq!((done.status, done.location.as_str()), (StatusCode::SEE_OTHER, QUEUE));
        assert_eq!(world.answer(secret, "GET", "/repos/ana/lab/issues").await, Answer::Allowed);
        assert_eq!(world.answer(secret, "POST", "/repos/ana/lab/issues").await, Answer::Allowed);
        assert!(world.answer(secret, "GET", "/repos/ana/lab/contents/x").await != Answer::Allowed);
    }

    /// The user sees what reaches the own repositories, not the own tokens, and takes it back.
    async fn a_user_takes_back_what_reaches_the_own_repositories(world: &World) {
        share(world).await;
        world.mint("ana", draft("mine").owner("ana").all().permission("contents", "read")).await;
        let minted = world.mint("carl", helper()).await;
        let id = world.request(minted.token, "ana").await.expect("it waits");
        let ana = Visitor::confirmed(world, "ana").await;
        assert!(ana.get(ACTIVE).await.has("No token of other people reaches your repositories"));
        ana.post(&format!("{QUEUE}/{id}/approve"), &[("rev", "1")]).await;
        let list = ana.get(ACTIVE).await;
        assert!(list.has(">helper</a>") && !list.has(">mine</a>"), "{}", list.html);
        let grant = world.grant(minted.token, "ana").await;
        assert!(ana.get(&format!("{ACTIVE}/{}", grant.id)).await.has("Revoke access"));
        let chosen = format!("{}-{}", grant.id, grant.rev);
        let done = ana.post(&format!("{ACTIVE}/revoke"), &[("chosen", &chosen), ("reason", "Done.")]).await;
        assert_eq!((done.status, done.location.as_str()), (StatusCode::SEE_OTHER, ACTIVE));
        assert_eq!(world.grant(minted.token, "ana").await.state, GrantState::Revoked);
        assert_eq!(world.answer(minted.secret.reveal(), "GET", "/repos/ana/lab/issues").await, Answer::Refused(Reason::Revoked));
    }

    /// A collaborator names repositories on which there is a role; nothing else can be asked for.
    async fn a_collaborator_names_repositories_with_a_role(world: &World) {
        share(world).await;
        for wish in [
            draft("all").owner("ana").all().permission("issues", "read"),
            draft("public").owner("ana"),
            draft("other").owner("ana").selected(&["dotfiles"]).permission("issues", "read"),
        ] {
            let refused = world.try_mint("carl", &wish).await;
            assert!(matches!(refused, Err(MintError::Mistakes(_))), "{wish:?}: {refused:?}");
        }
        let refused = world.try_mint("gus", &helper()).await;
        assert!(matches!(refused, Err(MintError::Mistakes(_))), "gus has no role there: {refused:?}");
    }

    /// Nobody else sees or decides what waits at a user's account.
    async fn nobody_else_decides_at_a_users_account(world: &World) {
        share(world).await;
        let minted = world.mint("carl", helper()).await;
        let id = world.request(minted.token, "ana").await.expect("it waits");
        for login in ["carl", "olga", "eve", "gus"] {
            let other = Visitor::confirmed(world, login).await;
            assert!(!other.get(QUEUE).await.has("helper"), "{login}");
            assert_eq!(other.get(&format!("{QUEUE}/{id}")).await.status, StatusCode::NOT_FOUND, "{login}");
            let sent = other.post(&format!("{QUEUE}/{id}/approve"), &[("rev", "1")]).await;
            assert_eq!(sent.status, StatusCode::NOT_FOUND, "{login}");
            let chosen = format!("{id}-1");
            let many = other.post(&format!("{QUEUE}/review"), &[("verdict", "approve"), ("chosen", &chosen)]).await;
            assert_eq!(many.status, StatusCode::CONFLICT, "{login}");
            assert!(!many.has("helper"), "{login}");
        }
        assert_eq!(world.grant(minted.token, "ana").await.state, GrantState::None);
    }

    /// People of a sister organization reach internal repositories, read, once an owner agrees.
    async fn a_sister_organization_gives_internal_repositories_to_read(world: &World) {
        let wish = |name: &str, repository: &str, level: &str| {
            draft(name).owner("acme").selected(&[repository]).permission("issues", level)
        };
        for refused in [wish("write", "handbook", "write"), wish("private", "web", "read")] {
            assert!(world.try_mint("dan", &refused).await.is_err(), "{refused:?}");
        }
        let minted = world.mint("dan", wish("reader", "handbook", "read")).await;
        let id = world.request(minted.token, "acme").await.expect("it always waits");
        let olga = Visitor::confirmed(world, "olga").await;
        let path = format!("/organizations/acme{QUEUE}/{id}");
        let page = olga.get(&path).await;
        assert!(page.has("sister organization") && page.has("reaches internal repositories only"), "{}", page.html);
        olga.post(&format!("{path}/approve"), &[("rev", "1")]).await;
        let secret = minted.secret.reveal();
        assert_eq!(world.answer(secret, "GET", "/repos/acme/handbook/issues").await, Answer::Allowed);
        assert!(world.answer(secret, "POST", "/repos/acme/handbook/issues").await != Answer::Allowed);
        assert_eq!(world.answer(secret, "GET", "/repos/acme/web/issues").await, Answer::Refused(Reason::NotFound));
    }
}
