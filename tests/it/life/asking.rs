//! Asking again and taking back: always a request that waits, and never twice.

use grantry::actions::ask_again::AskAgainError;
use grantry::actions::withdraw::{WithdrawError, withdraw};
use grantry::domain::access::decision::Reason;
use grantry::domain::approval::{Cause, GrantStanding, GrantState, RequestState};
use grantry::domain::policy::setting::{Approval, Limit};
use grantry::domain::token::draft::Field;

use super::actors::{WEB, life, writing};
use crate::world::{Answer, World};

on_every_database! {
    async fn after_a_denial_the_same_is_asked_for_and_waits_whatever_the_policy(world: &World) {
        let minted = world.waiting().await;
        let first = world.asked(minted.token, "acme").await;
        world.deny("olga", &minted, "why?").await.expect("it waits");
        world.policy("acme", Approval::NotRequired, Limit::Unlimited).await;
        let id = world.ask_again(minted.token, "acme").await.expect("it was denied");
        let request = world.latest(minted.token, "acme").await.expect("it waits");
        assert_eq!((request.id, request.cause, request.state), (id, Cause::Again, RequestState::Pending));
        assert_eq!(request.reason, "please");
        assert_eq!(world.asked(minted.token, "acme").await, first);
        assert_eq!(world.grant(minted.token, "acme").await.state, GrantState::None);
        world.approve("sam", &minted).await.expect("it waits");
        assert_eq!(world.answer(minted.secret.reveal(), "GET", WEB).await, Answer::Allowed);
    }

    async fn after_a_revocation_what_was_given_is_asked_for_and_stays_revoked_until_then(world: &World) {
        let minted = world.active().await;
        world.edit(minted.token, writing()).await.expect("it is sound");
        let given = world.gives(minted.token, "acme").await;
        world.revoke("olga", &minted, "gone").await.expect("it works");
        world.ask_again(minted.token, "acme").await.expect("it was revoked");
        assert_eq!(world.asked(minted.token, "acme").await, given, "not the widening that waited");
        assert_eq!(world.state(minted.token, "acme").await, (GrantState::Revoked, Some(RequestState::Pending)));
        let secret = minted.secret.reveal();
        assert_eq!(world.answer(secret, "GET", WEB).await, Answer::Refused(Reason::Pending));
        world.withdraw(minted.token).await.expect("it waits");
        assert_eq!(world.answer(secret, "GET", WEB).await, Answer::Refused(Reason::Revoked));
        world.ask_again(minted.token, "acme").await.expect("it is revoked still");
        world.approve("sam", &minted).await.expect("it waits");
        assert_eq!(world.answer(secret, "GET", WEB).await, Answer::Allowed);
    }

    async fn a_denied_widening_can_be_asked_for_again_while_the_old_rights_go_on(world: &World) {
        let minted = world.active().await;
        world.edit(minted.token, writing()).await.expect("it is sound");
        let wider = world.asked(minted.token, "acme").await;
        world.deny("olga", &minted, "no").await.expect("it waits");
        assert_eq!(world.standing(minted.token, "acme").await, GrantStanding::Active);
        world.ask_again(minted.token, "acme").await.expect("it was denied");
        assert_eq!(world.asked(minted.token, "acme").await, wider);
        assert_eq!(world.answer(minted.secret.reveal(), "GET", WEB).await, Answer::Allowed);
    }

    async fn nobody_asks_again_for_what_waits_works_or_never_was(world: &World) {
        let minted = world.waiting().await;
        let waiting = world.latest(minted.token, "acme").await.expect("it waits").id;
        let twice = world.ask_again(minted.token, "acme").await;
        assert!(matches!(twice, Err(AskAgainError::Waiting(id)) if id == waiting), "{twice:?}");
        let never = world.ask_again(minted.token, "labs").await;
        assert!(matches!(never, Err(AskAgainError::NotFound)), "{never:?}");
        world.approve("olga", &minted).await.expect("it waits");
        let works = world.ask_again(minted.token, "acme").await;
        assert!(matches!(works, Err(AskAgainError::NothingLost)), "{works:?}");
        world.revoke("olga", &minted, "").await.expect("it works");
        world.pass_days(30);
        let expired = world.ask_again(minted.token, "acme").await;
        assert!(matches!(expired, Err(AskAgainError::Expired)), "{expired:?}");
        world.regenerate(minted.token, life(30)).await.expect("it was not ended");
        world.ask_again(minted.token, "acme").await.expect("it lives again");
        world.end(minted.token).await;
        let ended = world.ask_again(minted.token, "acme").await;
        assert!(matches!(ended, Err(AskAgainError::Ended)), "{ended:?}");
        assert_eq!(world.latest(minted.token, "acme").await.expect("asked").state, RequestState::Cancelled);
    }

    async fn what_a_policy_forbids_now_is_not_asked_for(world: &World) {
        let minted = world.waiting().await;
        world.deny("olga", &minted, "no").await.expect("it waits");
        world.policy("acme", Approval::Required, Limit::Days(7)).await;
        let refused = world.ask_again(minted.token, "acme").await;
        let Err(AskAgainError::Mistakes(mistakes)) = refused else { panic!("{refused:?}") };
        assert_eq!(mistakes[0].field, Field::Expiration);
        assert_eq!(world.standing(minted.token, "acme").await, GrantStanding::Denied);
    }

    async fn a_request_is_taken_back_once_and_by_its_user_alone(world: &World) {
        let minted = world.waiting().await;
        let request = world.latest(minted.token, "acme").await.expect("it waits").id;
        let (origin, ben) = (world.person("ben").await, world.user("ben").await);
        let foreign = withdraw(&world.context, &origin, ben, request).await;
        assert!(matches!(foreign, Err(WithdrawError::NotFound)), "{foreign:?}");
        assert_eq!(world.standing(minted.token, "acme").await, GrantStanding::Pending);
        world.withdraw(minted.token).await.expect("it waits");
        assert_eq!(world.standing(minted.token, "acme").await, GrantStanding::None);
        let answer = world.answer(minted.secret.reveal(), "GET", WEB).await;
        assert_eq!(answer, Answer::Refused(Reason::NoGrant));
        let twice = world.withdraw(minted.token).await;
        assert!(matches!(twice, Err(WithdrawError::Decided(RequestState::Cancelled))), "{twice:?}");
        world.ask_again(minted.token, "acme").await.expect("it can be asked again");
        world.approve("olga", &minted).await.expect("it waits");
        let late = world.withdraw(minted.token).await;
        assert!(matches!(late, Err(WithdrawError::Decided(RequestState::Approved))), "{late:?}");
        assert_eq!(world.count_events(minted.token, "personal_access_token.request_cancelled").await, 1);
    }
}
