//! Two who act at once: exactly one wins, what is left is legal, and the other is told.

use grantry::actions::ask_again::AskAgainError;
use grantry::actions::edit_token::EditError;
use grantry::actions::mint::Minted;
use grantry::actions::refuse::ReviewError;
use grantry::actions::regenerate::RegenerateError;
use grantry::actions::revoke_token::revoke_token;
use grantry::actions::withdraw::WithdrawError;
use grantry::domain::access::decision::Reason;
use grantry::domain::approval::{GrantState, RequestState};
use grantry::domain::token::TokenState;
use grantry::store::{requests, tokens};

use super::actors::{WEB, life};
use crate::world::{Answer, TokenDraft, World, draft};

const ROUNDS: usize = 6;

fn wish(round: usize, level: &str) -> TokenDraft {
    let wish = draft(&format!("job {round}"));
    wish.owner("acme")
        .selected(&["web"])
        .permission("issues", level)
}

async fn waiting(world: &World, round: usize) -> Minted {
    world.mint("ana", wish(round, "read")).await
}

async fn active(world: &World, round: usize) -> Minted {
    let minted = waiting(world, round).await;
    world.approve("olga", &minted).await.expect("it waits");
    minted
}

/// Told by a rule; a failure of the database is none.
fn told_review(result: &Result<(), ReviewError>) -> bool {
    match result {
        Ok(()) => false,
        Err(ReviewError::Store(error)) => panic!("the database failed: {error}"),
        Err(_) => true,
    }
}

/// At most one request waits, and none for what does not live.
async fn is_legal(world: &World, minted: &Minted) {
    let grant = world.grant(minted.token, "acme").await.id;
    let all = requests::list_of_grant(&mut world.reader(), grant)
        .await
        .expect("they can be read");
    let waiting = all
        .iter()
        .filter(|request| request.state == RequestState::Pending)
        .count();
    assert!(waiting <= 1, "{all:?}");
    let token = tokens::find(&mut world.reader(), minted.token)
        .await
        .expect("it can be read");
    if token.expect("it stays").state == TokenState::Ended {
        assert_eq!(waiting, 0, "{all:?}");
    }
}

on_shared_databases! {
    async fn an_edit_against_an_approval(world: &World) {
        for round in 0..ROUNDS {
            let minted = waiting(world, round).await;
            let shown = world.asked(minted.token, "acme").await;
            let request = world.latest(minted.token, "acme").await.expect("it waits").id;
            let (edited, approved) = tokio::join!(
                world.edit(minted.token, wish(round, "write")),
                world.approve_shown("acme", "olga", request),
            );
            is_legal(world, &minted).await;
            if let Err(EditError::Store(error)) = &edited { panic!("{error}") }
            let grant = world.grant(minted.token, "acme").await;
            if told_review(&approved) {
                edited.expect("one of the two wins");
                assert_eq!(grant.state, GrantState::None, "what nobody saw was not granted");
                assert_eq!(world.state(minted.token, "acme").await.1, Some(RequestState::Pending));
            } else {
                assert_eq!(grant.state, GrantState::Active);
                assert_eq!(world.gives(minted.token, "acme").await, shown, "what was shown was granted");
                // The edit either came after the approval, as a widening of its own, or was told.
                let last = world.state(minted.token, "acme").await.1;
                let expected = if edited.is_ok() { RequestState::Pending } else { RequestState::Approved };
                assert_eq!(last, Some(expected), "{edited:?}");
            }
        }
    }

    async fn a_narrowing_against_a_revocation(world: &World) {
        for round in 0..ROUNDS {
            let minted = active(world, round).await;
            let narrower = draft(&format!("job {round}")).owner("acme").selected(&["web"]);
            let (edited, revoked) = tokio::join!(
                world.edit(minted.token, narrower),
                world.revoke("sam", &minted, "gone"),
            );
            is_legal(world, &minted).await;
            let lost = told_review(&revoked);
            assert!(edited.is_ok() || !lost, "{edited:?} {revoked:?}");
            let expected = if lost { GrantState::Active } else { GrantState::Revoked };
            assert_eq!(world.grant(minted.token, "acme").await.state, expected);
            let answer = world.answer(minted.secret.reveal(), "GET", WEB).await;
            assert_ne!(answer, Answer::Allowed);
        }
    }

    async fn a_deletion_against_an_edit(world: &World) {
        for round in 0..ROUNDS {
            let minted = active(world, round).await;
            let rev = world.current(minted.token).await.rev;
            let (edited, deleted) = tokio::join!(
                world.edit_shown(minted.token, rev, wish(round, "write")),
                world.end(minted.token),
            );
            assert!(deleted, "a deletion always wins in the end");
            let is_told = matches!(edited, Ok(_) | Err(EditError::Ended | EditError::Moved));
            assert!(is_told, "{edited:?}");
            is_legal(world, &minted).await;
        }
    }

    async fn a_withdrawal_against_an_approval(world: &World) {
        for round in 0..ROUNDS {
            let minted = waiting(world, round).await;
            let (withdrawn, approved) =
                tokio::join!(world.withdraw(minted.token), world.approve("olga", &minted));
            let expected = match (&withdrawn, told_review(&approved)) {
                (Ok(()), true) => (GrantState::None, Some(RequestState::Cancelled)),
                (Err(WithdrawError::Decided(RequestState::Approved)), false) => {
                    (GrantState::Active, Some(RequestState::Approved))
                }
                other => panic!("one wins and the other is told: {other:?}"),
            };
            assert_eq!(world.state(minted.token, "acme").await, expected);
        }
    }

    async fn a_regeneration_against_the_end_of_the_token(world: &World) {
        let origin = world.person("eve").await;
        for round in 0..ROUNDS {
            let minted = active(world, round).await;
            let number = u8::try_from(round).expect("few rounds");
            let (made, revoked) = tokio::join!(
                world.regenerate(minted.token, life(30).overlap(72).form(number)),
                revoke_token(&world.context, &origin, minted.token, "leaked"),
            );
            assert!(revoked.expect("the database works"), "a revocation always wins in the end");
            let bad = Answer::Refused(Reason::BadCredentials);
            assert_eq!(world.answer(minted.secret.reveal(), "GET", WEB).await, bad);
            match made {
                Ok(made) => assert_eq!(world.answer(made.secret.reveal(), "GET", WEB).await, bad),
                Err(RegenerateError::Ended | RegenerateError::Moved) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
    }

    async fn a_longer_life_against_the_revocation_of_its_grant(world: &World) {
        for round in 0..ROUNDS {
            let minted = active(world, round).await;
            let number = u8::try_from(round).expect("few rounds");
            let (made, revoked) = tokio::join!(
                world.regenerate(minted.token, life(60).form(number)),
                world.revoke("sam", &minted, "gone"),
            );
            is_legal(world, &minted).await;
            let was_told = told_review(&revoked);
            match &made {
                Ok(_) => {}
                Err(RegenerateError::Moved) => assert!(!was_told, "one of the two wins"),
                Err(other) => panic!("{other:?}"),
            }
            let (grant, last) = world.state(minted.token, "acme").await;
            if was_told {
                assert_eq!((grant, last), (GrantState::Active, Some(RequestState::Pending)));
            } else {
                assert_eq!(grant, GrantState::Revoked);
                assert_ne!(last, Some(RequestState::Pending), "nothing waits for what is revoked");
            }
        }
    }

    async fn two_regenerations_at_once_leave_one_secret(world: &World) {
        for round in 0..ROUNDS {
            let minted = active(world, round).await;
            let number = 2 * u8::try_from(round).expect("few rounds");
            let press = |number| world.regenerate(minted.token, life(30).form(number));
            let (one, two) = tokio::join!(press(number), press(number + 1));
            let mut good = 0;
            for made in [one, two] {
                match made {
                    Ok(made) => {
                        let answer = world.answer(made.secret.reveal(), "GET", WEB).await;
                        good += usize::from(answer == Answer::Allowed);
                    }
                    Err(RegenerateError::Moved) => {}
                    Err(other) => panic!("{other:?}"),
                }
            }
            assert_eq!(good, 1);
        }
    }

    async fn asking_again_twice_at_once_is_one_request(world: &World) {
        for round in 0..ROUNDS {
            let minted = waiting(world, round).await;
            world.deny("olga", &minted, "no").await.expect("it waits");
            let ask = || world.ask_again(minted.token, "acme");
            let (one, two) = tokio::join!(ask(), ask());
            let told = |asked: &Result<_, AskAgainError>| {
                matches!(asked, Err(AskAgainError::Waiting(_) | AskAgainError::Moved))
            };
            assert!(told(&one) != told(&two), "{one:?} {two:?}");
            is_legal(world, &minted).await;
        }
    }

    async fn asking_again_against_a_revocation_leaves_nothing_that_could_not_be_decided(world: &World) {
        for round in 0..ROUNDS {
            let minted = active(world, round).await;
            world.edit(minted.token, wish(round, "write")).await.expect("it is sound");
            world.deny("olga", &minted, "no").await.expect("it waits");
            let (asked, revoked) = tokio::join!(
                world.ask_again(minted.token, "acme"),
                world.revoke("sam", &minted, "gone"),
            );
            is_legal(world, &minted).await;
            let lost = told_review(&revoked);
            assert!(asked.is_ok() || !lost, "{asked:?} {revoked:?}");
            let request = world.latest(minted.token, "acme").await.expect("it was asked");
            if request.state == RequestState::Pending {
                let rev = world.grant(minted.token, "acme").await.rev;
                assert_eq!(request.grant_rev, rev, "it can be approved as it was shown");
            }
        }
    }
}
