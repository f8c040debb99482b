//! What a token can do at present: the rights that pages show are those that the gate decides by, and what its user
//! loses it loses at the next request.

use grantry::actions::remove_collaborator::remove_collaborator;
use grantry::actions::remove_member::remove_member;
use grantry::actions::set_base_permission::set_base_permission;
use grantry::domain::access::decision::Reason;
use grantry::domain::access::rights::{BasePermission, MemberRole};
use grantry::domain::approval::{GrantState, RequestState};
use grantry::domain::permission::Level;
use grantry::store::snapshots;

use super::actors::{WEB, reading, writing};
use crate::world::{Answer, World, draft};

on_every_database! {
    async fn the_rights_that_are_shown_are_those_that_the_gate_uses(world: &World) {
        let minted = world.active().await;
        let other = reading().owner("labs").all().permission("contents", "write");
        world.edit(minted.token, other).await.expect("it is sound");
        let wider = writing().owner("labs").all().permission("contents", "write");
        world.edit(minted.token, wider).await.expect("it is sound");
        let catalog = world.context.catalog;
        let gate = snapshots::find_by_token(&mut world.reader(), catalog, minted.token).await;
        let gate = gate.expect("it can be read").expect("it lives").facts;
        for owner in ["acme", "labs"] {
            let shown = world.gives(minted.token, owner).await;
            let id = world.organization(owner).await;
            let used = gate.grant_at(id).expect("it has a grant there");
            assert_eq!(used.selection, shown.selection, "{owner}");
            assert_eq!(used.permissions, shown.permissions, "{owner}");
            assert_eq!(used.terms, shown.terms, "{owner}");
            assert_eq!(used.standing, world.standing(minted.token, owner).await, "{owner}");
            let form = world.current(minted.token).await;
            let form = form.grants.into_iter().find(|grant| grant.owner == id).expect("it is there");
            assert_eq!(form.given.as_ref(), Some(&shown), "{owner}");
        }
    }

    async fn every_permission_that_is_shown_is_allowed_and_no_level_above_it(world: &World) {
        let minted = world.active().await;
        let shown = world.gives(minted.token, "acme").await;
        let issues = world.context.catalog.find_permission("issues").expect("it is known").id;
        assert_eq!(shown.permissions.level_of(issues), Some(Level::Read));
        let secret = minted.secret.reveal();
        assert_eq!(world.answer(secret, "GET", WEB).await, Answer::Allowed);
        assert_eq!(world.answer(secret, "POST", WEB).await, Answer::Refused(Reason::MissingPermission));
    }

    async fn a_smaller_role_counts_from_the_next_request_on(world: &World) {
        let minted = world.mint("ana", writing()).await;
        world.approve("olga", &minted).await.expect("it waits");
        let secret = minted.secret.reveal();
        assert_eq!(world.answer(secret, "GET", WEB).await, Answer::Allowed);
        let (acme, origin) = (world.organization("acme").await, world.person("olga").await);
        let (before, after) = (BasePermission::Read, BasePermission::None);
        set_base_permission(&world.context, &origin, acme, before, after).await.expect("olga may");
        assert_eq!(world.answer(secret, "GET", WEB).await, Answer::Refused(Reason::NotFound));
        assert_eq!(world.grant(minted.token, "acme").await.state, GrantState::Active, "nothing is revoked");
        set_base_permission(&world.context, &origin, acme, after, before).await.expect("olga may");
        assert_eq!(world.answer(secret, "GET", WEB).await, Answer::Allowed);
    }

    async fn who_leaves_loses_the_grant_and_what_waits_and_coming_back_revives_nothing(world: &World) {
        let minted = world.active().await;
        world.edit(minted.token, writing()).await.expect("it is sound");
        let secret = minted.secret.reveal();
        let (acme, ana) = (world.organization("acme").await, world.user("ana").await);
        let origin = world.person("olga").await;
        remove_member(&world.context, &origin, acme, ana, MemberRole::Member, false)
            .await
            .expect("olga may");
        let lost = (GrantState::Revoked, Some(RequestState::Cancelled));
        assert_eq!(world.state(minted.token, "acme").await, lost);
        assert_ne!(world.answer(secret, "GET", WEB).await, Answer::Allowed);
        grantry::actions::set_member::set_member(
            &world.context, &origin, acme, ana, None, MemberRole::Member).await.expect("olga may");
        assert_eq!(world.state(minted.token, "acme").await, lost);
        assert_eq!(world.answer(secret, "GET", WEB).await, Answer::Refused(Reason::Revoked));
        world.ask_again(minted.token, "acme").await.expect("ana is a member again");
        world.approve("sam", &minted).await.expect("it waits");
        assert_eq!(world.answer(secret, "GET", WEB).await, Answer::Allowed);
    }

    async fn a_collaborator_who_is_removed_loses_the_grant_at_once(world: &World) {
        let minted = world.mint("carl", draft("outside").owner("acme").selected(&["web"]).permission("issues", "read")).await;
        world.approve("olga", &minted).await.expect("it waits");
        let secret = minted.secret.reveal();
        assert_eq!(world.answer(secret, "GET", WEB).await, Answer::Allowed);
        let (web, carl) = (world.repository("acme/web").await, world.user("carl").await);
        let (origin, olga) = (world.person("olga").await, world.user("olga").await);
        let removed = remove_collaborator(&world.context, &origin, olga, web, carl).await;
        assert!(removed.expect("olga may"));
        assert_eq!(world.answer(secret, "GET", WEB).await, Answer::Refused(Reason::NotFound));
        assert_eq!(world.grant(minted.token, "acme").await.state, GrantState::Revoked);
    }

    async fn a_repository_that_is_gone_leaves_the_grant(world: &World) {
        let wish = draft("ci").owner("acme").selected(&["web", "api"]).permission("issues", "read");
        let minted = world.mint("ana", wish).await;
        world.approve("olga", &minted).await.expect("it waits");
        let secret = minted.secret.reveal();
        let gone = world.repository("acme/web").await;
        let (origin, olga) = (world.person("olga").await, world.user("olga").await);
        let layout = &world.app.git.layout;
        let deleted = grantry::actions::delete_repository::delete_repository(
            &world.context, layout, &origin, olga, gone, None).await;
        deleted.expect("olga may");
        assert_eq!(world.answer(secret, "GET", WEB).await, Answer::Refused(Reason::NotFound));
        assert_eq!(world.answer(secret, "GET", "/repos/acme/api/issues").await, Answer::Allowed);
        let left: Vec<_> = world.gives(minted.token, "acme").await.selection.listed().collect();
        assert!(!left.contains(&gone));
        let api = draft("ci").owner("acme").selected(&["api"]).permission("issues", "read");
        let plan = world.edit(minted.token, api).await.expect("it is what is given");
        assert!(plan.is_unchanged(), "{plan:?}");
    }
}
