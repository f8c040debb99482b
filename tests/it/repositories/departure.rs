//! A deleted repository leaves every grant and request for good.

use grantry::domain::access::decision::Reason;
use grantry::domain::approval::{GrantState, RequestState};
use grantry::domain::selection::Selection;
use grantry::domain::token::TokenKind;
use grantry::store::{grants, requests};

use super::deeds::private;
use crate::world::{Answer, World, draft};

async fn selection(world: &World, token: grantry::domain::ids::TokenId) -> Selection {
    let grant = world.grant(token, "acme").await;
    let ask = grants::load_ask(&mut world.reader(), world.context.catalog, &grant).await;
    ask.expect("it is read").selection
}

async fn asked(world: &World, token: grantry::domain::ids::TokenId) -> Vec<requests::Request> {
    let grant = world.grant(token, "acme").await;
    let all = requests::list_of_grant(&mut world.reader(), grant.id).await;
    all.expect("it is read")
}

on_every_database! {
    async fn it_leaves_every_grant_and_the_rest_stays(world: &World) {
        let wish = draft("two").owner("acme").selected(&["web", "api"]).permission("issues", "read");
        let minted = world.mint("ana", wish).await;
        world.approve("olga", &minted).await.expect("it waits");
        let (token, api) = (minted.secret.reveal(), world.repository("acme/api").await);
        let before = world.grant(minted.token, "acme").await;
        assert_eq!(world.answer(token, "GET", "/repos/acme/web/issues").await, Answer::Allowed);
        world.delete("olga", "acme/web").await.expect("it is deleted");
        assert_eq!(selection(world, minted.token).await, Selection::Selected([api].into()));
        let after = world.grant(minted.token, "acme").await;
        assert_eq!((after.state, after.rev), (GrantState::Active, before.rev + 1));
        assert_eq!(world.answer(token, "GET", "/repos/acme/api/issues").await, Answer::Allowed);
        let gone = world.answer(token, "GET", "/repos/acme/web/issues").await;
        assert_eq!(gone, Answer::Refused(Reason::NotFound));
    }

    async fn a_list_that_departures_emptied_gives_nothing(world: &World) {
        let minted = world.approved("issues", "read").await;
        world.delete("olga", "acme/web").await.expect("it is deleted");
        assert_eq!(selection(world, minted.token).await, Selection::Selected([].into()));
        let token = minted.secret.reveal();
        for (path, expected) in [
            ("/repos/acme/api/issues", Answer::Refused(Reason::NotFound)),
            ("/repos/acme/site", Answer::Allowed),
        ] {
            assert_eq!(world.answer(token, "GET", path).await, expected, "{path}");
        }
    }

    async fn a_name_that_is_used_again_gives_no_rights(world: &World) {
        let wish = draft("old").owner("acme").selected(&["web"]).permission("issues", "read").unlimited();
        let minted = world.mint("olga", wish.days(366)).await;
        world.delete("olga", "acme/web").await.expect("it is deleted");
        world.pass_days(90);
        world.create("olga", "acme", &private("web")).await.expect("the name is free");
        let answer = world.answer(minted.secret.reveal(), "GET", "/repos/acme/web/issues").await;
        assert_eq!(answer, Answer::Refused(Reason::NotFound), "it is another repository");
    }

    async fn a_request_is_made_anew_without_it(world: &World) {
        let wish = draft("waits").owner("acme").selected(&["web", "api"]).permission("issues", "read");
        let minted = world.mint("ana", wish.because("For the board.")).await;
        let old = world.request(minted.token, "acme").await.expect("it waits");
        world.delete("olga", "acme/web").await.expect("it is deleted");
        let all = asked(world, minted.token).await;
        let states: Vec<_> = all.iter().map(|request| request.state).collect();
        assert_eq!(states, [RequestState::Cancelled, RequestState::Pending]);
        assert!(all[0].decision_reason.contains("acme/web was deleted"), "{:?}", all[0]);
        assert_eq!(all[1].reason, "For the board.");
        let ask = requests::load_ask(&mut world.reader(), world.context.catalog, &all[1]).await.expect("it is read");
        assert_eq!(ask.selection, Selection::Selected([world.repository("acme/api").await].into()));
        assert_ne!(all[1].id, old);
        world.approve("olga", &minted).await.expect("what is left can be approved");
        let answer = world.answer(minted.secret.reveal(), "GET", "/repos/acme/api/issues").await;
        assert_eq!(answer, Answer::Allowed);
    }

    async fn a_request_for_nothing_else_is_cancelled(world: &World) {
        let wish = draft("waits").owner("acme").selected(&["web"]).permission("issues", "read");
        let minted = world.mint("ana", wish).await;
        world.delete("olga", "acme/web").await.expect("it is deleted");
        let all = asked(world, minted.token).await;
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].state, RequestState::Cancelled);
        assert_eq!(world.recorded("personal_access_token.request_cancelled").await, 1);
    }

    async fn a_request_for_all_stays_as_it_is(world: &World) {
        let wish = draft("waits").owner("acme").all().permission("issues", "read");
        let minted = world.mint("ana", wish).await;
        let before = world.request(minted.token, "acme").await;
        world.delete("olga", "acme/web").await.expect("it is deleted");
        assert_eq!(world.request(minted.token, "acme").await, before);
    }

    async fn whoever_was_tied_to_the_owner_by_it_alone_loses_the_grant(world: &World) {
        let wish = draft("carls").owner("acme").selected(&["web"]).permission("issues", "read");
        let minted = world.mint("carl", wish).await;
        world.approve("olga", &minted).await.expect("it waits");
        world.delete("olga", "acme/web").await.expect("it is deleted");
        let grant = world.grant(minted.token, "acme").await;
        assert_eq!(grant.state, GrantState::Revoked);
        let carl = world.user("carl").await;
        let live = grantry::store::tokens::list_live(&mut world.reader(), carl, TokenKind::FineGrained).await;
        assert_eq!(live.expect("it is read").len(), 1, "the token itself lives");
    }
}
