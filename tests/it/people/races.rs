//! When two change people at once.

use grantry::actions::remove_member::remove_member;
use grantry::actions::set_member::set_member;
use grantry::domain::access::decision::Reason;
use grantry::domain::access::rights::MemberRole;
use grantry::domain::approval::{GrantState, RequestState};
use grantry::store::{accounts, grants, requests};

use super::{ISSUES, role, set};
use crate::world::{Answer, World, draft};

const ROUNDS: usize = 8;

on_shared_databases! {
    async fn of_two_owners_who_demote_each_other_at_once_one_stays(world: &World) {
        for round in 0..ROUNDS {
            let (olga, sam) = tokio::join!(
                demote(world, "olga", "sam"),
                demote(world, "sam", "olga"),
            );
            assert!(olga != sam, "round {round}: exactly one wins, {olga} {sam}");
            let acme = world.organization("acme").await;
            let owners = accounts::list_owners(&mut world.reader(), acme).await.expect("they are read");
            assert_eq!(owners.len(), 1);
            let (by, back) = if olga { ("olga", "sam") } else { ("sam", "olga") };
            set(world, by, "acme", back, MemberRole::Owner).await.expect("one owner is left");
        }
    }

    async fn of_two_owners_who_leave_at_once_one_stays(world: &World) {
        for round in 0..ROUNDS {
            let (olga, sam) = tokio::join!(leave(world, "olga"), leave(world, "sam"));
            assert!(olga != sam, "round {round}: exactly one leaves, {olga} {sam}");
            let (left, stayed) = if olga { ("olga", "sam") } else { ("sam", "olga") };
            assert_eq!(role(world, stayed).await, Some(MemberRole::Owner));
            set(world, stayed, "acme", left, MemberRole::Owner).await.expect("one owner is left");
        }
    }

    async fn a_removal_against_an_approval_leaves_nothing_that_works(world: &World) {
        for round in 0..ROUNDS {
            let wish = draft(&format!("job {round}")).owner("acme").selected(&["web"]);
            let minted = world.mint("ana", wish.permission("issues", "read")).await;
            let (_, removed) = tokio::join!(world.approve("sam", &minted), remove_ana(world));
            assert!(removed, "nothing stands against a removal");
            let grant = world.grant(minted.token, "acme").await;
            assert!(matches!(grant.state, GrantState::None | GrantState::Revoked), "{grant:?}");
            let all = requests::list_of_grant(&mut world.reader(), grant.id).await.expect("they are read");
            assert!(all.iter().all(|request| request.state != RequestState::Pending), "{all:?}");
            set(world, "olga", "acme", "ana", MemberRole::Member).await.expect("olga owns acme");
            let answer = world.answer(minted.secret.reveal(), "GET", ISSUES).await;
            assert_ne!(answer, Answer::Allowed, "coming back revives nothing");
        }
    }

    async fn a_removal_against_a_mint_leaves_no_grant_without_a_relation(world: &World) {
        set(world, "olga", "acme", "ana", MemberRole::Owner).await.expect("olga owns acme");
        for round in 0..ROUNDS {
            let wish = draft(&format!("job {round}")).owner("acme").selected(&["web"]);
            let wish = wish.permission("issues", "read");
            let (minted, removed) = tokio::join!(world.try_mint("ana", &wish), remove_ana(world));
            assert!(removed, "olga and sam are owners too");
            if let Ok(minted) = minted {
                let found = grants::list_of_token(&mut world.reader(), minted.token).await;
                for grant in found.expect("they are read") {
                    assert_eq!(grant.state, GrantState::Revoked, "{grant:?}");
                }
                set(world, "olga", "acme", "ana", MemberRole::Owner).await.expect("olga owns acme");
                let answer = world.answer(minted.secret.reveal(), "GET", ISSUES).await;
                assert_eq!(answer, Answer::Refused(Reason::Revoked));
            } else {
                set(world, "olga", "acme", "ana", MemberRole::Owner).await.expect("olga owns acme");
            }
        }
    }
}

/// Whether `by` could make another owner a member.
async fn demote(world: &World, by: &str, of: &str) -> bool {
    let origin = world.person(by).await;
    let (acme, user) = (world.organization("acme").await, world.user(of).await);
    let shown = Some(MemberRole::Owner);
    set_member(
        &world.context,
        &origin,
        acme,
        user,
        shown,
        MemberRole::Member,
    )
    .await
    .is_ok()
}

/// Whether an owner could leave.
async fn leave(world: &World, login: &str) -> bool {
    let origin = world.person(login).await;
    let (acme, user) = (world.organization("acme").await, world.user(login).await);
    remove_member(
        &world.context,
        &origin,
        acme,
        user,
        MemberRole::Owner,
        false,
    )
    .await
    .is_ok()
}

/// Whether olga could remove ana, whatever ana is.
async fn remove_ana(world: &World) -> bool {
    super::remove(world, "olga", "acme", "ana").await.is_ok()
}
