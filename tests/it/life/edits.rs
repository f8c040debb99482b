//! Editing: what narrows applies at once, what widens waits while the old rights go on.

use grantry::actions::edit_token::{EditError, preview};
use grantry::domain::access::decision::Reason;
use grantry::domain::approval::{GrantState, RequestState};
use grantry::domain::policy::setting::{Approval, Limit};
use grantry::domain::token::draft::Field;
use grantry::domain::token::edit::OwnerOutcome as O;

use super::actors::{WEB, nothing, reading, writing};
use crate::world::{Answer, World, draft};

const API: &str = "/repos/acme/api/issues";

on_every_database! {
    async fn a_widening_waits_while_the_old_rights_go_on(world: &World) {
        let minted = world.active().await;
        let (token, secret) = (minted.token, minted.secret.reveal());
        assert_eq!(world.edited(token, writing().because("triage")).await, O::Requested);
        assert_eq!(world.answer(secret, "GET", WEB).await, Answer::Allowed);
        let writes = world.answer(secret, "POST", WEB).await;
        assert_eq!(writes, Answer::Refused(Reason::MissingPermission));
        let request = world.latest(token, "acme").await.expect("it waits");
        assert_eq!((request.state, request.reason.as_str()), (RequestState::Pending, "triage"));
        world.approve("sam", &minted).await.expect("it waits");
        assert_eq!(world.gives(token, "acme").await, world.asked(token, "acme").await);
    }

    async fn a_narrowing_applies_at_once_and_ends_what_waits(world: &World) {
        let minted = world.mint("ana", writing()).await;
        world.approve("olga", &minted).await.expect("it waits");
        let (token, secret) = (minted.token, minted.secret.reveal());
        let wider = draft("ci").owner("acme").selected(&["web", "api"]).permission("issues", "write");
        assert_eq!(world.edited(token, wider).await, O::Requested);
        assert_eq!(world.edited(token, reading()).await, O::Narrowed);
        assert_eq!(world.state(token, "acme").await, (GrantState::Active, Some(RequestState::Cancelled)));
        assert_eq!(world.answer(secret, "GET", WEB).await, Answer::Allowed);
        let writes = world.answer(secret, "POST", WEB).await;
        assert_eq!(writes, Answer::Refused(Reason::MissingPermission));
    }

    async fn nothing_stands_against_a_narrowing_neither_policy_nor_the_end_of_a_life(world: &World) {
        let minted = world.mint("ana", writing().days(60)).await;
        world.approve("olga", &minted).await.expect("it waits");
        world.policy("acme", Approval::Required, Limit::Days(7)).await;
        let widened = world.edit(minted.token, writing().owner("ana").all()).await.expect("own account");
        assert_eq!(widened.owners[1].outcome, O::Added);
        let wider = draft("ci").owner("acme").all().permission("issues", "write").owner("ana").all();
        let refused = world.edit(minted.token, wider.clone()).await;
        let Err(EditError::Mistakes(mistakes)) = refused else { panic!("{refused:?}") };
        assert!(mistakes[0].message.contains("at most 7 days"), "{mistakes:?}");
        assert_eq!(world.edited(minted.token, reading().owner("ana").all()).await, O::Narrowed);
        world.pass_days(61);
        let expired = world.edit(minted.token, writing().owner("ana").all()).await;
        assert!(matches!(expired, Err(EditError::Expired | EditError::Mistakes(_))), "{expired:?}");
        assert_eq!(world.edited(minted.token, nothing()).await, O::Removed);
    }

    async fn an_edit_while_a_request_waits_makes_a_new_one_with_a_new_id(world: &World) {
        let minted = world.waiting().await;
        let first = world.latest(minted.token, "acme").await.expect("it waits");
        let before = world.asked(minted.token, "acme").await;
        assert_eq!(world.edited(minted.token, writing()).await, O::Requested);
        let second = world.latest(minted.token, "acme").await.expect("it waits");
        assert_ne!(first.id, second.id);
        assert_ne!(before, world.asked(minted.token, "acme").await);
        let owner = world.organization("acme").await;
        let (origin, olga) = (world.person("olga").await, world.user("olga").await);
        let late = grantry::actions::deny::deny(&world.context, &origin, owner, first.id, olga, "").await;
        late.expect_err("the one that was shown is gone");
        assert_eq!(world.edited(minted.token, writing()).await, O::Unchanged);
        let same = world.latest(minted.token, "acme").await.expect("it waits");
        assert_eq!(same.id, second.id, "what did not change goes on waiting");
    }

    async fn editing_brings_nothing_back_that_an_owner_denied_or_revoked(world: &World) {
        let denied = world.waiting().await;
        world.deny("olga", &denied, "no").await.expect("it waits");
        let revoked = world.mint("ana", reading_as("other")).await;
        world.approve("olga", &revoked).await.expect("it waits");
        world.revoke("olga", &revoked, "gone").await.expect("it works");
        world.policy("acme", Approval::NotRequired, Limit::Unlimited).await;
        for (minted, name) in [(&denied, "ci"), (&revoked, "other")] {
            let before = world.state(minted.token, "acme").await;
            for wish in [reading_as(name), draft(name)] {
                let outcome = world.edited(minted.token, wish).await;
                assert_eq!(outcome, O::Unchanged, "{name}");
                assert_eq!(world.state(minted.token, "acme").await, before, "{name}");
            }
            let other = draft(name).owner("acme").selected(&["api"]).permission("issues", "read");
            assert_eq!(world.edited(minted.token, other).await, O::Requested, "it waits, whatever the policy");
            let answer = world.answer(minted.secret.reveal(), "GET", API).await;
            assert_eq!(answer, Answer::Refused(Reason::Pending), "{name}");
        }
    }

    async fn a_denial_is_not_undone_by_withdrawing_and_choosing_the_owner_anew(world: &World) {
        let minted = world.waiting().await;
        world.deny("olga", &minted, "no").await.expect("it waits");
        world.ask_again(minted.token, "acme").await.expect("it was denied");
        world.withdraw(minted.token).await.expect("it waits");
        world.policy("acme", Approval::NotRequired, Limit::Unlimited).await;
        let wish = draft("ci").owner("acme").selected(&["api"]).permission("issues", "read");
        let outcome = world.edited(minted.token, wish).await;
        assert_eq!(outcome, O::Requested);
        assert_eq!(world.grant(minted.token, "acme").await.state, GrantState::None);
    }

    async fn an_owner_can_be_added_at_once_or_to_wait_and_be_taken_out(world: &World) {
        let minted = world.active().await;
        let (token, secret) = (minted.token, minted.secret.reveal());
        let both = || reading().owner("labs").all().permission("issues", "read");
        let plan = world.edit(token, both()).await.expect("it is sound");
        assert_eq!(plan.owners[1].outcome, O::Added, "labs asks for no approval");
        let probe = "/repos/labs/probe/issues";
        assert_eq!(world.answer(secret, "GET", probe).await, Answer::Allowed);
        assert_eq!(world.edited(token, draft("ci").owner("labs").all().permission("issues", "read")).await, O::Unchanged);
        assert_eq!(world.state(token, "acme").await.0, GrantState::None, "acme was left out");
        assert_eq!(world.answer(secret, "GET", WEB).await, Answer::Refused(Reason::NoGrant));
        assert_eq!(world.answer(secret, "GET", probe).await, Answer::Allowed);
        let plan = world.edit(token, both()).await.expect("it is sound");
        assert_eq!(plan.owners[0].outcome, O::AddedRequested, "it waits as at first");
        let plan = world.edit(token, nothing()).await.expect("narrowing is never refused");
        assert!(plan.owners.iter().all(|edit| edit.outcome == O::Removed), "{plan:?}");
        assert_eq!(world.latest(token, "acme").await.expect("it was asked").state, RequestState::Cancelled);
        assert_eq!(world.answer(secret, "GET", "/repos/acme/site/issues").await, Answer::Allowed);
    }

    async fn a_form_that_is_out_of_date_changes_nothing(world: &World) {
        let minted = world.active().await;
        let shown = world.current(minted.token).await.rev;
        world.edit(minted.token, writing()).await.expect("it is sound");
        let request = world.latest(minted.token, "acme").await;
        let late = world.edit_shown(minted.token, shown, nothing()).await;
        assert!(matches!(late, Err(EditError::Moved)), "{late:?}");
        assert_eq!(world.latest(minted.token, "acme").await, request);
        assert_eq!(world.grant(minted.token, "acme").await.state, GrantState::Active);
    }

    async fn nobody_edits_what_is_not_theirs_or_was_ended(world: &World) {
        let minted = world.waiting().await;
        let (origin, ben) = (world.person("ben").await, world.user("ben").await);
        let draft = reading().resolve(world).await;
        let foreign = grantry::actions::edit_token::edit_token(
            &world.context, &origin, ben, minted.token, 1, &draft).await;
        assert!(matches!(foreign, Err(EditError::NotFound)), "{foreign:?}");
        world.end(minted.token).await;
        let ana = world.user("ana").await;
        let ended = preview(&world.context, ana, minted.token, &draft).await;
        assert!(matches!(ended, Err(EditError::Ended)), "{ended:?}");
    }

    async fn a_name_is_unique_also_after_an_edit(world: &World) {
        let minted = world.waiting().await;
        world.mint("ana", draft("other").owner("ana").all()).await;
        let named = |name: &str| draft(name).owner("acme").selected(&["web"]).permission("issues", "read");
        let taken = world.edit(minted.token, named("OTHER")).await;
        let Err(EditError::Mistakes(mistakes)) = taken else { panic!("{taken:?}") };
        assert_eq!(mistakes[0].field, Field::Name);
        let plan = world.edit(minted.token, named("nightly")).await.expect("it is free");
        assert!(plan.name_changed && !plan.asks(), "{plan:?}");
        assert_eq!(world.current(minted.token).await.name, "nightly");
        assert_eq!(world.count_events(minted.token, "personal_access_token.update").await, 2, "ana and acme");
    }

    async fn a_preview_says_what_saving_then_does_and_does_nothing(world: &World) {
        let minted = world.active().await;
        let ana = world.user("ana").await;
        let wish = || draft("ci").owner("acme").selected(&["api"]).permission("contents", "read");
        let draft = wish().resolve(world).await;
        let shown = preview(&world.context, ana, minted.token, &draft).await.expect("it is sound");
        assert_eq!(world.latest(minted.token, "acme").await.expect("asked").state, RequestState::Approved);
        let saved = world.edit(minted.token, wish()).await.expect("it is sound");
        assert_eq!(shown, saved);
        let edit = &saved.owners[0];
        assert_eq!(edit.at_once.as_ref(), Some(&world.gives(minted.token, "acme").await));
        assert_eq!(edit.asked.as_ref(), Some(&world.asked(minted.token, "acme").await));
    }

    async fn conditions_belong_to_the_grant_until_an_owner_agrees_to_others(world: &World) {
        let bound = || reading().only_address("127.0.0.0/8");
        let minted = world.mint("ana", bound()).await;
        world.approve("olga", &minted).await.expect("it waits");
        let secret = minted.secret.reveal();
        assert_eq!(world.edited(minted.token, reading().only_address("127.0.0.1/32")).await, O::Narrowed);
        assert_eq!(world.answer(secret, "GET", WEB).await, Answer::Allowed);
        let moved = reading().only_address("192.0.2.0/24");
        assert_eq!(world.edited(minted.token, moved).await, O::NarrowedAndRequested);
        assert_eq!(world.answer(secret, "GET", WEB).await, Answer::Refused(Reason::Condition));
        world.withdraw(minted.token).await.expect("it waits");
        assert_eq!(world.edited(minted.token, reading()).await, O::Requested, "loosened");
        assert_eq!(world.answer(secret, "GET", WEB).await, Answer::Refused(Reason::Condition));
        world.approve("olga", &minted).await.expect("it waits");
        assert_eq!(world.answer(secret, "GET", WEB).await, Answer::Allowed);
    }
}

fn reading_as(name: &str) -> crate::world::TokenDraft {
    let wish = draft(name).owner("acme").selected(&["web"]);
    wish.permission("issues", "read")
}
