//! Regenerating: a new secret and a new life, and the end of the old secret.

use grantry::actions::regenerate::RegenerateError;
use grantry::domain::access::decision::Reason;
use grantry::domain::approval::{Cause, GrantState, RequestState};
use grantry::domain::policy::setting::{Approval, Limit};
use grantry::domain::token::draft::Field;
use grantry::domain::token::expiry::Lifetime;
use grantry::domain::token::rotation::RotationOutcome;

use super::actors::{WEB, life, reading};
use crate::world::{Answer, World, ask, draft, reason};

const BAD: Answer = Answer::Refused(Reason::BadCredentials);
const SITE: &str = "/repos/acme/site/issues";

on_every_database! {
    async fn the_old_secret_stops_at_once_unless_an_overlap_was_chosen(world: &World) {
        let minted = world.active().await;
        let made = world.regenerate(minted.token, life(30)).await.expect("it lives");
        assert_eq!(made.old_ends_at, None);
        assert_eq!(world.answer(minted.secret.reveal(), "GET", WEB).await, BAD);
        assert_eq!(world.answer(made.secret.reveal(), "GET", WEB).await, Answer::Allowed);
    }

    async fn an_overlap_ends_with_the_first_allowed_use_of_the_new_secret(world: &World) {
        let minted = world.active().await;
        let made = world.regenerate(minted.token, life(30).overlap(72)).await.expect("it lives");
        let (old, new) = (minted.secret.reveal(), made.secret.reveal());
        assert_eq!(made.old_ends_at, Some(world.clock_now().plus_days(3)));
        assert_eq!(world.answer(old, "GET", WEB).await, Answer::Allowed);
        let refused = world.answer(new, "DELETE", "/repos/acme/web").await;
        assert_ne!(refused, Answer::Allowed);
        assert_eq!(world.answer(old, "GET", WEB).await, Answer::Allowed, "a refused use ends nothing");
        assert_eq!(world.answer(new, "GET", SITE).await, Answer::Allowed);
        assert_eq!(world.answer(old, "GET", WEB).await, BAD, "a public read was the first use");
        assert_eq!(world.answer(new, "GET", WEB).await, Answer::Allowed);
    }

    async fn an_overlap_ends_with_the_chosen_hours_and_with_the_former_end(world: &World) {
        let minted = world.mint("ana", reading().days(2)).await;
        world.approve("olga", &minted).await.expect("it waits");
        let old = minted.secret.reveal();
        let made = world.regenerate(minted.token, life(2).overlap(1)).await.expect("it lives");
        assert_eq!(made.old_ends_at, Some(world.clock_now().plus_seconds(3_600)));
        world.pass_seconds(3_599);
        assert_eq!(world.answer(old, "GET", WEB).await, Answer::Allowed);
        world.pass_seconds(1);
        assert_eq!(world.answer(old, "GET", WEB).await, BAD);

        let second = world.mint("ana", as_named("short").days(1)).await;
        world.approve("olga", &second).await.expect("it waits");
        let end = world.clock_now().plus_days(1);
        let made = world.regenerate(second.token, life(1).overlap(72).form(2)).await.expect("it lives");
        assert_eq!(made.old_ends_at, Some(end), "not after its own former end");
    }

    async fn an_overlap_ends_with_the_next_rotation_and_with_any_revocation(world: &World) {
        let minted = world.active().await;
        let one = world.regenerate(minted.token, life(30).overlap(72)).await.expect("it lives");
        let two = world.regenerate(minted.token, life(30).form(2)).await.expect("it lives");
        for secret in [&minted.secret, &one.secret] {
            assert_eq!(world.answer(secret.reveal(), "GET", WEB).await, BAD);
        }
        let three = world.regenerate(minted.token, life(30).form(3).overlap(5)).await.expect("it lives");
        assert_eq!(world.answer(two.secret.reveal(), "GET", WEB).await, Answer::Allowed);
        world.end(minted.token).await;
        for secret in [&two.secret, &three.secret] {
            assert_eq!(world.answer(secret.reveal(), "GET", WEB).await, BAD);
        }
    }

    async fn a_lost_answer_costs_nothing_the_secret_in_use_goes_on(world: &World) {
        let minted = world.active().await;
        let old = minted.secret.reveal();
        world.answer(old, "GET", WEB).await;
        let lost = world.regenerate(minted.token, life(30).overlap(10)).await.expect("it lives");
        let made = world.regenerate(minted.token, life(30).form(2).overlap(72)).await.expect("it lives");
        assert_eq!(made.old_ends_at, lost.old_ends_at, "for no longer than it was promised");
        assert_eq!(world.answer(old, "GET", WEB).await, Answer::Allowed);
        assert_eq!(world.answer(lost.secret.reveal(), "GET", WEB).await, BAD);
        assert_eq!(world.answer(made.secret.reveal(), "GET", WEB).await, Answer::Allowed);
        assert_eq!(world.answer(old, "GET", WEB).await, BAD);
    }

    async fn the_same_form_again_shows_another_secret_until_one_was_used(world: &World) {
        let minted = world.active().await;
        let one = world.regenerate(minted.token, life(60)).await.expect("it lives");
        let request = world.latest(minted.token, "acme").await;
        let two = world.regenerate(minted.token, life(60)).await.expect("nobody used it");
        assert_eq!(two.expires_at, one.expires_at);
        assert_eq!(world.latest(minted.token, "acme").await, request, "nothing is asked twice");
        assert_eq!(world.answer(one.secret.reveal(), "GET", WEB).await, BAD);
        assert_eq!(world.answer(two.secret.reveal(), "GET", WEB).await, Answer::Allowed);
        let three = world.regenerate(minted.token, life(60)).await;
        assert!(matches!(three, Err(RegenerateError::AlreadyMade)), "{three:?}");
        assert_eq!(world.answer(two.secret.reveal(), "GET", WEB).await, Answer::Allowed);
    }

    async fn a_life_begins_anew_and_an_expired_token_comes_back(world: &World) {
        let minted = world.active().await;
        world.pass_days(40);
        assert_eq!(world.answer(minted.secret.reveal(), "GET", WEB).await, BAD);
        let made = world.regenerate(minted.token, life(30).overlap(72)).await.expect("it was not ended");
        assert_eq!(made.old_ends_at, None, "the old secret was over");
        assert_eq!(made.expires_at, Some(world.clock_now().plus_days(30)));
        assert_eq!(world.answer(minted.secret.reveal(), "GET", WEB).await, BAD);
        assert_eq!(world.answer(made.secret.reveal(), "GET", WEB).await, Answer::Allowed);
    }

    async fn a_longer_life_than_the_approved_one_waits_and_the_approved_one_goes_on(world: &World) {
        let minted = world.active().await;
        let made = world.regenerate(minted.token, life(60)).await.expect("it lives");
        let request = world.latest(minted.token, "acme").await.expect("it waits");
        assert_eq!((request.state, request.cause), (RequestState::Pending, Cause::Widening));
        assert_eq!(world.asked(minted.token, "acme").await.terms.lifetime, Lifetime::days(60));
        let secret = made.secret.reveal();
        world.pass_days(29);
        assert_eq!(world.answer(secret, "GET", WEB).await, Answer::Allowed);
        world.pass_days(1);
        assert_eq!(world.answer(secret, "GET", WEB).await, Answer::Refused(Reason::Pending));
        assert_eq!(world.answer(secret, "GET", SITE).await, Answer::Allowed);
        world.approve("olga", &minted).await.expect("it waits");
        assert_eq!(world.answer(secret, "GET", WEB).await, Answer::Allowed);
        world.pass_days(30);
        assert_eq!(world.answer(secret, "GET", WEB).await, BAD);
    }

    async fn a_longer_life_begins_at_once_where_nobody_decides(world: &World) {
        let wish = draft("ci").owner("labs").all().permission("issues", "read");
        let minted = world.mint("ana", wish).await;
        let made = world.regenerate(minted.token, life(60)).await.expect("it lives");
        assert!(matches!(made.owners[0].outcome, RotationOutcome::Extended(_)), "{:?}", made.owners);
        world.pass_days(59);
        let answer = world.answer(made.secret.reveal(), "GET", "/repos/labs/probe/issues").await;
        assert_eq!(answer, Answer::Allowed);
        assert_eq!(world.grant(minted.token, "labs").await.state, GrantState::Active);
    }

    async fn a_limit_refuses_a_longer_life_at_its_field_and_nothing_happens(world: &World) {
        let wish = reading().owner("labs").all().permission("issues", "read");
        let minted = world.mint("ana", wish).await;
        let refused = world.regenerate(minted.token, life(91)).await;
        let Err(RegenerateError::Mistakes(mistakes)) = refused else { panic!("{refused:?}") };
        assert_eq!(mistakes[0].field, Field::Expiration);
        assert!(mistakes[0].message.contains("labs allows tokens for at most 90 days"), "{mistakes:?}");
        let probe = "/repos/labs/probe/issues";
        assert_eq!(world.answer(minted.secret.reveal(), "GET", probe).await, Answer::Allowed);
        world.regenerate(minted.token, life(90)).await.expect("the number was not used up");
    }

    async fn what_violates_a_limit_says_where_to_regenerate_it_and_works_again_afterwards(world: &World) {
        let minted = world.active().await;
        world.policy("acme", Approval::Required, Limit::Days(7)).await;
        let ruling = world.call(minted.secret.reveal(), "GET", WEB).await;
        assert_eq!(reason(&ruling), Answer::Refused(Reason::PolicyLifetime));
        let page = format!("/settings/personal-access-tokens/{}/regenerate", minted.token);
        assert!(ruling.sentence(&world.app.gate).contains(&page), "{}", ruling.sentence(&world.app.gate));
        let made = world.regenerate(minted.token, life(7)).await.expect("it lives");
        assert_eq!(world.answer(made.secret.reveal(), "GET", WEB).await, Answer::Allowed);
    }

    async fn what_was_denied_or_revoked_stays_so_through_a_new_secret(world: &World) {
        let minted = world.active().await;
        world.revoke("sam", &minted, "gone").await.expect("it works");
        let made = world.regenerate(minted.token, life(366)).await.expect("it lives");
        let answer = world.answer(made.secret.reveal(), "GET", WEB).await;
        assert_eq!(answer, Answer::Refused(Reason::Revoked));
        assert_eq!(world.state(minted.token, "acme").await.1, Some(RequestState::Approved));
    }

    async fn nobody_regenerates_what_is_not_theirs_or_was_ended(world: &World) {
        let minted = world.mint("ben", reading()).await;
        let foreign = world.regenerate(minted.token, life(7)).await;
        assert!(matches!(foreign, Err(RegenerateError::NotFound)), "{foreign:?}");
        assert_eq!(world.answer(minted.secret.reveal(), "GET", "/user").await, Answer::Allowed);
        let own = world.waiting().await;
        world.end(own.token).await;
        let ended = world.regenerate(own.token, life(7)).await;
        assert!(matches!(ended, Err(RegenerateError::Ended)), "{ended:?}");
    }

    async fn strings_of_no_token_are_counted_and_others_are_not(world: &World) {
        let minted = world.active().await;
        let gate = &world.app.gate;
        let before = gate.unknown_count();
        world.answer(minted.secret.reveal(), "GET", WEB).await;
        ask(&world.app, None, "GET", SITE).await;
        assert_eq!(gate.unknown_count(), before);
        let unknown = foreign_secret();
        for text in ["", "ghp_something", unknown.as_str()] {
            assert_eq!(world.answer(text, "GET", WEB).await, BAD);
        }
        assert_eq!(gate.unknown_count(), before + 3);
    }
}

on_shared_databases! {
    async fn another_process_hears_of_the_end_of_an_overlap_within_a_second(world: &World) {
        use std::time::{Duration, Instant};
        let other = world.second_process().await;
        let minted = world.active().await;
        let made = world.regenerate(minted.token, life(30).overlap(72)).await.expect("it lives");
        let old = Some(minted.secret.reveal());
        assert_eq!(reason(&ask(&other.app, old, "GET", WEB).await), Answer::Allowed);
        assert_eq!(world.answer(made.secret.reveal(), "GET", WEB).await, Answer::Allowed);
        let began = Instant::now();
        while reason(&ask(&other.app, old, "GET", WEB).await) != BAD {
            assert!(began.elapsed() < Duration::from_secs(3), "it still answers for the old secret");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        other.stop().await;
    }

    async fn calls_with_both_secrets_at_once_leave_the_new_one_alone(world: &World) {
        let minted = world.active().await;
        let made = world.regenerate(minted.token, life(30).overlap(72)).await.expect("it lives");
        let (old, new) = (minted.secret.reveal(), made.secret.reveal());
        let one = || world.answer(new, "GET", WEB);
        let other = || world.answer(old, "GET", WEB);
        let (a, _, b, _, c) = tokio::join!(one(), other(), one(), other(), one());
        assert_eq!([a, b, c], [Answer::Allowed; 3]);
        assert_eq!(other().await, BAD);
        assert_eq!(one().await, Answer::Allowed);
    }
}

fn as_named(name: &str) -> crate::world::TokenDraft {
    let wish = draft(name).owner("acme").selected(&["web"]);
    wish.permission("issues", "read")
}

/// A string of our form that no installation gave out.
fn foreign_secret() -> String {
    use grantry::domain::token::{TokenKind, secret};
    let entropy = grantry::entropy::SystemEntropy;
    let minted = secret::mint("grantry", TokenKind::FineGrained, None, &entropy);
    minted.secret.reveal().to_owned()
}
