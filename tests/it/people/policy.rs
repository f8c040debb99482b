//! What an organization allows of tokens, saved by its owners: checked, versioned, and counting from the next call on.

use grantry::actions::save_policy::{SavePolicyError, SavedPolicy, Wish};
use grantry::domain::access::decision::Reason;
use grantry::domain::approval::{Activation, GrantState};
use grantry::domain::policy::setting::{
    Access, Approval, EnterpriseAccess, EnterpriseLayer, Limit, OrganizationLayer,
};
use grantry::domain::policy::wish::{LifetimeWish, PolicyField, PolicyMistake, PolicyWish};
use grantry::domain::token::TokenKind;
use grantry::store::policies::{self, Standing};
use grantry::store::{self, policy_reach, requests};

use super::{ISSUES, count_events};
use crate::policies::change::{Change, looked_at};
use crate::world::{Answer, World, ask, draft, reason};

const FINE: TokenKind = TokenKind::FineGrained;

/// Saves acme's policy on what its page shows now, after a look at whatever it blocks.
pub async fn save(
    world: &World,
    by: &str,
    wish: PolicyWish,
) -> Result<SavedPolicy, SavePolicyError> {
    let shown = standing(world).await.number;
    save_on(world, by, shown, wish).await
}

async fn save_on(
    world: &World,
    by: &str,
    shown: i64,
    wish: PolicyWish,
) -> Result<SavedPolicy, SavePolicyError> {
    let origin = world.person(by).await;
    let wish = Wish::Organization(wish);
    let change = Change::at(world.organization("acme").await, FINE, wish);
    looked_at(world, &origin, Change { shown, ..change }).await
}

async fn standing(world: &World) -> Standing<OrganizationLayer> {
    let (acme, now) = (world.organization("acme").await, world.clock_now());
    let found = policies::find_standing(&mut world.reader(), acme, FINE, now).await;
    found.expect("policies can be read")
}

/// What acme has in force, as far as somebody saved it.
async fn own(world: &World) -> Option<OrganizationLayer> {
    standing(world).await.in_force.map(|saved| saved.layer)
}

pub fn access(access: Access) -> PolicyWish {
    PolicyWish {
        access: Some(access),
        ..PolicyWish::default()
    }
}

pub fn approval(approval: Approval) -> PolicyWish {
    PolicyWish {
        approval: Some(approval),
        ..PolicyWish::default()
    }
}

fn days(days: i64) -> PolicyWish {
    PolicyWish {
        lifetime: Some(LifetimeWish::Days(days)),
        ..PolicyWish::default()
    }
}

/// Lets globex say this of its organizations.
pub async fn globex_says(world: &World, layer: EnterpriseLayer) {
    let (origin, globex) = (world.person("eve").await, world.enterprise("globex").await);
    let mut work = world.context.begin(&origin).await.expect("a change begins");
    let now = work.now();
    policies::insert(&mut work, globex, FINE, &layer, None, now)
        .await
        .expect("it is saved");
    work.changed(store::Change::Account(globex));
    world.context.commit(work).await.expect("it lasts");
}

on_every_database! {
    async fn a_restriction_counts_from_the_next_call_on_and_revokes_nothing(world: &World) {
        let minted = world.approved("issues", "read").await;
        let secret = minted.secret.reveal();
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Allowed);
        save(world, "olga", access(Access::Restrict)).await.expect("olga owns acme");
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Refused(Reason::PolicyAccess));
        let public = world.answer(secret, "GET", "/repos/acme/site/issues").await;
        assert_eq!(public, Answer::Allowed, "public stays readable under every policy");
        assert_eq!(world.grant(minted.token, "acme").await.state, GrantState::Active);
        save(world, "sam", access(Access::Allow)).await.expect("sam owns acme");
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Allowed);
        assert_eq!(count_events(world, "personal_access_token.policy_updated").await, 2);
    }

    async fn a_shorter_life_is_refused_at_use_until_the_limit_is_lifted(world: &World) {
        let minted = world.approved("issues", "read").await;
        let secret = minted.secret.reveal();
        save(world, "olga", days(29)).await.expect("olga owns acme");
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Refused(Reason::PolicyLifetime));
        save(world, "olga", days(30)).await.expect("a life of exactly that length is allowed");
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Allowed);
    }

    async fn turning_approval_off_leaves_requests_waiting_and_on_leaves_grants_working(world: &World) {
        let wish = |name: &str| draft(name).owner("acme").selected(&["web"]).permission("issues", "read");
        let before = world.mint("ana", wish("before")).await;
        save(world, "olga", approval(Approval::NotRequired)).await.expect("olga owns acme");
        assert!(world.request(before.token, "acme").await.is_some(), "it waits on");
        assert_eq!(world.answer(before.secret.reveal(), "GET", ISSUES).await, Answer::Refused(Reason::Pending));
        let free = world.mint("ana", wish("free")).await;
        assert_eq!(world.answer(free.secret.reveal(), "GET", ISSUES).await, Answer::Allowed);
        let outside = world.mint("carl", wish("outside")).await;
        assert!(world.request(outside.token, "acme").await.is_some(), "that freed members only");

        save(world, "olga", approval(Approval::Required)).await.expect("olga owns acme");
        assert_eq!(world.answer(free.secret.reveal(), "GET", ISSUES).await, Answer::Allowed);
        assert_eq!(world.grant(free.token, "acme").await.activation, Some(Activation::ByPolicy));
        let later = world.mint("ana", wish("later")).await;
        assert!(world.request(later.token, "acme").await.is_some());
        let acme = world.organization("acme").await;
        let reach = policy_reach::count_reach(&mut world.reader(), acme, Some(366), world.clock_now()).await;
        let reach = reach.expect("they are counted");
        assert_eq!((reach.tokens, reach.people, reach.unreviewed, reach.too_long), (1, 1, 1, 0));
        let (waiting, _) = requests::count_pending(&mut world.reader(), acme).await.expect("they are counted");
        assert_eq!(waiting, 3);
    }

    async fn a_wider_limit_than_the_enterprises_is_refused_and_a_fixed_value_stays(world: &World) {
        let mut above = EnterpriseLayer::default_for(FINE);
        above.access = EnterpriseAccess::Allow;
        above.lifetime = Limit::Days(90);
        globex_says(world, above).await;
        let refused = save(world, "olga", PolicyWish { access: Some(Access::Restrict), ..days(91) }).await;
        let Err(SavePolicyError::Mistakes(mistakes)) = refused else { panic!("{refused:?}") };
        assert_eq!(mistakes, [PolicyMistake::Fixed(PolicyField::Access), PolicyMistake::Wider { limit: 90 }]);
        assert_eq!(standing(world).await.number, 0, "nothing was saved");
        save(world, "olga", days(90)).await.expect("as wide as the enterprise's");
        let none = PolicyWish { lifetime: Some(LifetimeWish::Unlimited), ..PolicyWish::default() };
        save(world, "olga", none).await.expect("none is never wider");
        assert_eq!(own(world).await.map(|layer| layer.lifetime), Some(Limit::Unlimited));
        let default = PolicyWish { lifetime: Some(LifetimeWish::Default), ..PolicyWish::default() };
        save(world, "olga", default).await.expect("the default is never wider");
    }

    async fn only_the_version_that_was_shown_is_followed(world: &World) {
        save_on(world, "olga", 0, days(30)).await.expect("nothing was saved before");
        let late = save_on(world, "sam", 0, days(7)).await;
        let Err(SavePolicyError::Moved(now)) = late else { panic!("{late:?}") };
        let by = now.latest().and_then(|saved| saved.saved_by.as_deref());
        assert_eq!((now.number, by), (1, Some("olga")));
        assert_eq!(own(world).await.map(|layer| layer.lifetime), Some(Limit::Days(30)));
        save_on(world, "sam", 1, days(7)).await.expect("that is the one");
        assert_eq!(standing(world).await.number, 2);
    }

    async fn what_changes_nothing_is_not_saved(world: &World) {
        let saved = save(world, "olga", access(Access::Allow)).await.expect("olga owns acme");
        assert_eq!((saved.before, saved.effect), (saved.after, None));
        assert_eq!(standing(world).await.number, 0);
        assert_eq!(count_events(world, "personal_access_token.policy_updated").await, 0);
    }

    async fn only_owners_save(world: &World) {
        for by in ["ana", "carl", "gus", "eve"] {
            let refused = save(world, by, access(Access::Restrict)).await;
            assert!(matches!(refused, Err(SavePolicyError::NotAnOwner)), "{by}: {refused:?}");
        }
        assert_eq!(standing(world).await.number, 0);
    }
}

on_shared_databases! {
    async fn of_two_who_save_at_once_one_is_told(world: &World) {
        for round in 0..8 {
            let shown = standing(world).await.number;
            let (one, other) = tokio::join!(
                save_on(world, "olga", shown, days(10 + round)),
                save_on(world, "sam", shown, days(100 + round)),
            );
            assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
            let told = if one.is_ok() { other } else { one };
            assert!(matches!(told, Err(SavePolicyError::Moved(_))), "{told:?}");
            assert_eq!(standing(world).await.number, shown + 1);
        }
    }

    async fn every_process_hears_of_a_policy(world: &World) {
        let minted = world.approved("issues", "read").await;
        let secret = Some(minted.secret.reveal());
        let other = world.second_process().await;
        assert_eq!(reason(&ask(&other.app, secret, "GET", ISSUES).await), Answer::Allowed);
        save(world, "olga", access(Access::Restrict)).await.expect("olga owns acme");
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        let answer = reason(&ask(&other.app, secret, "GET", ISSUES).await);
        assert_eq!(answer, Answer::Refused(Reason::PolicyAccess));
        other.stop().await;
    }
}
