//! One token over two owners: each decides on its own part, from the asking to the calls.

use grantry::actions::mint::Minted;
use grantry::domain::access::decision::Reason;
use grantry::domain::approval::{GrantStanding, GrantState, RequestState};
use grantry::domain::policy::setting::{Approval, Limit};
use grantry::domain::token::edit::OwnerOutcome as O;

use super::actors::WEB;
use crate::world::{Answer, TokenDraft, World, draft};

const PROBE: &str = "/repos/labs/probe/issues";

fn both(level: &str) -> TokenDraft {
    let acme = draft("ci").owner("acme").selected(&["web"]);
    let labs = acme.permission("issues", level).owner("labs");
    labs.selected(&["probe"]).permission("issues", level)
}

/// A token that acme approved and labs denied.
async fn split(world: &World) -> Minted {
    world
        .policy("labs", Approval::Required, Limit::Unlimited)
        .await;
    let minted = world.mint("ana", both("read")).await;
    world
        .approve_at("acme", "sam", minted.token)
        .await
        .expect("it waits");
    world
        .deny_at("labs", "olga", minted.token)
        .await
        .expect("it waits");
    minted
}

on_every_database! {
    async fn one_owner_approves_and_the_other_denies(world: &World) {
        world.policy("labs", Approval::Required, Limit::Unlimited).await;
        let minted = world.mint("ana", both("read")).await;
        let secret = minted.secret.reveal();
        for path in [WEB, PROBE] {
            assert_eq!(world.answer(secret, "GET", path).await, Answer::Refused(Reason::Pending), "{path}");
        }
        world.approve_at("acme", "sam", minted.token).await.expect("it waits");
        assert_eq!(world.answer(secret, "GET", WEB).await, Answer::Allowed);
        assert_eq!(world.answer(secret, "GET", PROBE).await, Answer::Refused(Reason::Pending));
        world.deny_at("labs", "olga", minted.token).await.expect("it waits");
        assert_eq!(world.answer(secret, "GET", WEB).await, Answer::Allowed);
        assert_eq!(world.answer(secret, "GET", PROBE).await, Answer::Refused(Reason::Denied));
        assert_eq!(world.answer(secret, "GET", "/repos/labs/notes/issues").await, Answer::Allowed, "public");
    }

    async fn an_owner_decides_on_nothing_but_its_own_part(world: &World) {
        world.policy("labs", Approval::Required, Limit::Unlimited).await;
        let minted = world.mint("ana", both("read")).await;
        let at_labs = world.latest(minted.token, "labs").await.expect("it waits").id;
        let (acme, sam) = (world.organization("acme").await, world.user("sam").await);
        let origin = world.person("sam").await;
        let foreign = grantry::actions::deny::deny(&world.context, &origin, acme, at_labs, sam, "").await;
        foreign.expect_err("it is not acme's");
        assert_eq!(world.standing(minted.token, "labs").await, GrantStanding::Pending);
    }

    async fn an_edit_means_something_else_at_each_owner(world: &World) {
        let minted = split(world).await;
        let plan = world.edit(minted.token, both("write")).await.expect("it is sound");
        let outcomes: Vec<_> = plan.owners.iter().map(|edit| edit.outcome).collect();
        assert_eq!(outcomes, [O::Requested, O::Requested]);
        let (acme, labs) =
            (world.state(minted.token, "acme").await, world.state(minted.token, "labs").await);
        assert_eq!(acme, (GrantState::Active, Some(RequestState::Pending)));
        assert_eq!(labs, (GrantState::None, Some(RequestState::Pending)));
        let secret = minted.secret.reveal();
        assert_eq!(world.answer(secret, "GET", WEB).await, Answer::Allowed);
        assert_eq!(world.answer(secret, "GET", PROBE).await, Answer::Refused(Reason::Pending));
        world.approve_at("labs", "olga", minted.token).await.expect("it waits");
        assert_eq!(world.answer(secret, "POST", WEB).await, Answer::Refused(Reason::MissingPermission));
        assert_ne!(world.answer(secret, "GET", PROBE).await, Answer::Refused(Reason::Pending));
    }

    async fn what_one_owner_takes_back_the_other_does_not_lose(world: &World) {
        let minted = split(world).await;
        world.ask_again(minted.token, "labs").await.expect("it was denied");
        world.approve_at("labs", "olga", minted.token).await.expect("it waits");
        world.revoke_at("acme", "olga", minted.token).await.expect("it works");
        let secret = minted.secret.reveal();
        assert_eq!(world.answer(secret, "GET", WEB).await, Answer::Refused(Reason::Revoked));
        assert_eq!(world.answer(secret, "GET", PROBE).await, Answer::Allowed);
    }
}
