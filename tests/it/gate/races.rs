//! When two are at it at once, exactly one wins and the other is told.

use grantry::actions::delete_token::delete_token;
use grantry::actions::mint::{MintError, Minted, mint};
use grantry::actions::refuse::ReviewError;
use grantry::domain::access::decision::Reason;
use grantry::domain::approval::{Cause, GrantState, RequestState};
use grantry::domain::permission::PermissionSet;
use grantry::domain::token::TokenState;
use grantry::store::{grants, requests, tokens};

use crate::world::{Answer, World, draft};

const ROUNDS: usize = 8;

/// A token of ana that waits at acme.
async fn waiting(world: &World, round: usize) -> Minted {
    let wish = draft(&format!("job {round}"))
        .owner("acme")
        .selected(&["web"]);
    world.mint("ana", wish.permission("issues", "read")).await
}

/// An approved token of ana with a second request that waits.
async fn widening(world: &World, round: usize) -> Minted {
    let minted = waiting(world, round).await;
    world.approve("olga", &minted).await.expect("it waits");
    let grant = world.grant(minted.token, "acme").await;
    let catalog = world.context.catalog;
    let origin = world.person("ana").await;
    let mut work = world.context.begin(&origin).await.expect("a change begins");
    let ask = grants::load_ask(&mut work, catalog, &grant)
        .await
        .expect("it is read");
    let new = requests::NewRequest {
        grant: grant.id,
        grant_rev: grant.rev,
        owner: grant.owner_id,
        cause: Cause::Widening,
        ask: &ask,
        before: &PermissionSet::new(),
        reason: "",
        at: work.now(),
    };
    requests::insert(&mut work, catalog, &new)
        .await
        .expect("it is entered");
    world.context.commit(work).await.expect("it lasts");
    minted
}

/// A refusal that tells what happened; a failure of the database is none.
fn is_told<T: std::fmt::Debug>(result: &Result<T, ReviewError>) -> bool {
    match result {
        Ok(_) => false,
        Err(ReviewError::Store(error)) => panic!("the database failed: {error}"),
        Err(_) => true,
    }
}

async fn state_of_request(world: &World, minted: &Minted) -> RequestState {
    let grant = world.grant(minted.token, "acme").await.id;
    let all = requests::list_of_grant(&mut world.reader(), grant).await;
    all.expect("requests can be read")
        .last()
        .expect("one was made")
        .state
}

on_shared_databases! {
    async fn of_two_owners_who_decide_at_once_one_wins_and_the_other_is_told(world: &World) {
        for round in 0..ROUNDS {
            let minted = waiting(world, round).await;
            let (yes, no) = tokio::join!(world.approve("olga", &minted), world.deny("sam", &minted, "no"));
            assert!(is_told(&yes) != is_told(&no), "{yes:?} {no:?}");
            let (request, grant) =
                (state_of_request(world, &minted).await, world.grant(minted.token, "acme").await.state);
            let expected = if yes.is_ok() {
                (RequestState::Approved, GrantState::Active)
            } else {
                (RequestState::Denied, GrantState::None)
            };
            assert_eq!((request, grant), expected);
        }
    }

    async fn two_approvals_at_once_are_one(world: &World) {
        for round in 0..ROUNDS {
            let minted = waiting(world, round).await;
            let (one, two) = tokio::join!(world.approve("olga", &minted), world.approve("sam", &minted));
            assert!(is_told(&one) != is_told(&two), "{one:?} {two:?}");
            assert_eq!(world.grant(minted.token, "acme").await.rev, 2, "activated once");
        }
    }

    async fn an_approval_against_a_deletion_leaves_nothing_that_works_or_waits(world: &World) {
        let (origin, ana) = (world.person("ana").await, world.user("ana").await);
        for round in 0..ROUNDS {
            let minted = waiting(world, round).await;
            let (approved, deleted) = tokio::join!(
                world.approve("olga", &minted),
                delete_token(&world.context, &origin, ana, minted.token),
            );
            is_told(&approved);
            assert!(deleted.expect("the database works"), "a deletion always wins in the end");
            assert_ne!(state_of_request(world, &minted).await, RequestState::Pending);
            let token = tokens::find(&mut world.reader(), minted.token).await;
            assert_eq!(token.expect("it is read").expect("it stays").state, TokenState::Ended);
            let answer = world.answer(minted.secret.reveal(), "GET", "/user").await;
            assert_eq!(answer, Answer::Refused(Reason::BadCredentials));
        }
    }

    async fn a_revocation_against_an_approval_never_leaves_a_request_that_waits(world: &World) {
        for round in 0..ROUNDS {
            let minted = widening(world, round).await;
            let (approved, revoked) =
                tokio::join!(world.approve("olga", &minted), world.revoke("sam", &minted, "gone"));
            let (late, lost) = (is_told(&approved), is_told(&revoked));
            assert!(!(late && lost), "one of the two wins");
            let grant = world.grant(minted.token, "acme").await.state;
            let expected = if lost { GrantState::Active } else { GrantState::Revoked };
            assert_eq!(grant, expected, "{approved:?} {revoked:?}");
            assert_ne!(state_of_request(world, &minted).await, RequestState::Pending);
        }
    }

    async fn two_revocations_at_once_are_one(world: &World) {
        for round in 0..ROUNDS {
            let minted = waiting(world, round).await;
            world.approve("olga", &minted).await.expect("it waits");
            let (one, two) =
                tokio::join!(world.revoke("olga", &minted, "mine"), world.revoke("sam", &minted, "his"));
            assert!(is_told(&one) != is_told(&two), "{one:?} {two:?}");
        }
    }

    async fn a_form_pressed_twice_at_once_makes_one_token(world: &World) {
        let (origin, ana) = (world.person("ana").await, world.user("ana").await);
        for round in 0..ROUNDS {
            let wish = draft(&format!("job {round}")).owner("ana").all();
            let draft = wish.resolve(world).await;
            let number = [u8::try_from(round).expect("few rounds"); 32];
            let press = || mint(&world.context, &origin, ana, &draft, Some(&number));
            let (one, two) = tokio::join!(press(), press());
            let (one, two) = (one.expect("the first makes it"), two.expect("the second shows it"));
            assert_eq!(one.token, two.token);
            let mut good = 0;
            for minted in [&one, &two] {
                let answer = world.answer(minted.secret.reveal(), "GET", "/user").await;
                good += usize::from(answer == Answer::Allowed);
            }
            assert_eq!(good, 1, "only the secret shown last works");
        }
    }
}

on_every_database! {
    async fn a_form_pressed_again_after_its_secret_was_used_makes_and_shows_nothing(world: &World) {
        let (origin, ana) = (world.person("ana").await, world.user("ana").await);
        let draft = draft("job").owner("ana").all().resolve(world).await;
        let press = || mint(&world.context, &origin, ana, &draft, Some(&[7; 32]));
        let minted = press().await.expect("it is made");
        assert_eq!(world.answer(minted.secret.reveal(), "GET", "/user").await, Answer::Allowed);
        let again = press().await;
        assert!(matches!(again, Err(MintError::AlreadyMade(token)) if token == minted.token), "{again:?}");
        assert_eq!(world.answer(minted.secret.reveal(), "GET", "/user").await, Answer::Allowed);
    }
}
