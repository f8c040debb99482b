//! Who may change a membership, and what ends with it at the next request.

use grantry::actions::end_relation::Fate;
use grantry::actions::membership::{self, MemberError, Wish};
use grantry::actions::remove_member::remove_member;
use grantry::actions::remove_outside_collaborator::remove_outside_collaborator;
use grantry::actions::set_base_permission::{BasePermissionError, set_base_permission};
use grantry::actions::set_member::set_member;
use grantry::domain::access::decision::Reason;
use grantry::domain::access::membership::{MembershipChange, MembershipRefusal};
use grantry::domain::access::rights::{BasePermission, MemberRole, Relation};
use grantry::domain::approval::{Activation, GrantState, RevokeCause};
use grantry::store::{accounts, repositories};

use super::{ISSUES, count_events, fates, refusal, remove, role, role_at, set};
use crate::world::{Answer, World, draft};

const REFUSED: fn(Reason) -> Answer = Answer::Refused;

/// A sister grant: dan of labs reads acme's internal handbook.
fn handbook() -> crate::world::TokenDraft {
    draft("reader")
        .owner("acme")
        .selected(&["handbook"])
        .permission("issues", "read")
}

on_every_database! {
    async fn a_removal_ends_what_the_persons_tokens_hold_for_good(world: &World) {
        let active = world.approved("issues", "read").await;
        let waits = draft("waits").owner("acme").selected(&["web"]).permission("contents", "read");
        let waits = world.mint("ana", waits).await;
        assert_eq!(world.answer(active.secret.reveal(), "GET", ISSUES).await, Answer::Allowed);

        let ended = remove(world, "olga", "acme", "ana").await.expect("olga owns acme");
        assert_eq!(fates(&ended), [("approved", Fate::Revoked), ("waits", Fate::Cancelled)]);
        assert_eq!(role(world, "ana").await, None);
        let grant = world.grant(active.token, "acme").await;
        assert_eq!((grant.state, grant.ended_cause), (GrantState::Revoked, Some(RevokeCause::Left)));
        assert_eq!(world.request(waits.token, "acme").await, None);
        let answer = world.answer(active.secret.reveal(), "GET", ISSUES).await;
        assert_eq!(answer, REFUSED(Reason::NotFound), "the repository is hidden from a stranger");
        let public = world.answer(active.secret.reveal(), "GET", "/repos/acme/site/issues").await;
        assert_eq!(public, Answer::Allowed);

        set(world, "sam", "acme", "ana", MemberRole::Member).await.expect("sam owns acme");
        let answer = world.answer(active.secret.reveal(), "GET", ISSUES).await;
        assert_eq!(answer, REFUSED(Reason::Revoked), "coming back revives nothing");
        assert_eq!(count_events(world, "org.remove_member").await, 1);
        assert_eq!(count_events(world, "org.add_member").await, 1);
    }

    async fn a_preview_says_what_would_end_and_ends_nothing(world: &World) {
        let active = world.approved("issues", "read").await;
        let wish = Wish {
            organization: world.organization("acme").await,
            user: world.user("ana").await,
            shown: Some(MemberRole::Member),
            change: MembershipChange::End,
            keeps_repositories: false,
        };
        let seen = membership::preview(&world.context, &wish).await.expect("ana is a member");
        assert_eq!(fates(&seen), [("approved", Fate::Revoked)]);
        assert_eq!(role(world, "ana").await, Some(MemberRole::Member));
        assert_eq!(world.answer(active.secret.reveal(), "GET", ISSUES).await, Answer::Allowed);
        assert_eq!(count_events(world, "org.remove_member").await, 0);
        let done = remove(world, "olga", "acme", "ana").await.expect("olga owns acme");
        assert_eq!(done, seen);
    }

    async fn a_demoted_owners_unreviewed_grants_wait_where_approval_is_required(world: &World) {
        let mine = draft("mine").owner("acme").selected(&["web"]).permission("issues", "read")
            .owner("labs").selected(&["probe"]).permission("issues", "read");
        let minted = world.mint("olga", mine).await;
        let secret = minted.secret.reveal();
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Allowed);

        let ended = set(world, "sam", "acme", "olga", MemberRole::Member).await.expect("sam owns acme");
        assert_eq!(fates(&ended), [("mine", Fate::Suspended)]);
        assert_eq!(world.answer(secret, "GET", ISSUES).await, REFUSED(Reason::Pending));
        assert_eq!(world.answer(secret, "GET", "/repos/labs/probe/issues").await, Answer::Allowed);
        assert!(world.request(minted.token, "acme").await.is_some());

        world.approve("sam", &minted).await.expect("it waits");
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Allowed);
        let grant = world.grant(minted.token, "acme").await;
        assert_eq!((grant.activation, grant.relation), (Some(Activation::Reviewed), Relation::Member));
        set(world, "sam", "acme", "olga", MemberRole::Owner).await.expect("sam owns acme");
        let again = set(world, "sam", "acme", "olga", MemberRole::Member).await.expect("sam owns acme");
        assert_eq!(fates(&again), [], "what an owner reviewed stays");
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Allowed);
    }

    async fn a_demotion_where_nothing_needs_approval_suspends_nothing(world: &World) {
        set(world, "olga", "labs", "dan", MemberRole::Owner).await.expect("olga owns labs");
        let own = draft("own").owner("labs").selected(&["probe"]).permission("issues", "read");
        let minted = world.mint("dan", own).await;
        let ended = set(world, "olga", "labs", "dan", MemberRole::Member).await.expect("olga owns labs");
        assert_eq!(fates(&ended), []);
        let answer = world.answer(minted.secret.reveal(), "GET", "/repos/labs/probe/issues").await;
        assert_eq!(answer, Answer::Allowed);
    }

    async fn leaving_one_organization_ends_what_it_opened_at_its_sisters(world: &World) {
        let minted = world.mint("dan", handbook()).await;
        world.approve("olga", &minted).await.expect("people of sister organizations always wait");
        let secret = minted.secret.reveal();
        assert_eq!(world.answer(secret, "GET", "/repos/acme/handbook/issues").await, Answer::Allowed);
        let ended = remove(world, "dan", "labs", "dan").await.expect("a member may leave");
        assert_eq!(fates(&ended), [("reader", Fate::Revoked)]);
        assert_eq!(ended[0].owner, world.organization("acme").await);
        let answer = world.answer(secret, "GET", "/repos/acme/handbook/issues").await;
        assert_eq!(answer, REFUSED(Reason::NotFound));
    }

    async fn an_outside_collaborator_loses_every_repository_at_once(world: &World) {
        let edge = draft("edge").owner("acme").selected(&["web"]).permission("issues", "read");
        let minted = world.mint("carl", edge).await;
        world.approve("olga", &minted).await.expect("it waits");
        let secret = minted.secret.reveal();
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Allowed);
        let (acme, carl) = (world.organization("acme").await, world.user("carl").await);
        let stranger = world.person("ana").await;
        let refused = remove_outside_collaborator(&world.context, &stranger, acme, carl).await;
        assert_eq!(refusal(refused), MembershipRefusal::NotAnOwner);
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Allowed);

        let origin = world.person("olga").await;
        let ended = remove_outside_collaborator(&world.context, &origin, acme, carl).await;
        assert_eq!(fates(&ended.expect("olga owns acme")), [("edge", Fate::Revoked)]);
        assert_eq!(world.answer(secret, "GET", ISSUES).await, REFUSED(Reason::NotFound));
        let web = world.repository("acme/web").await;
        let left = repositories::list_collaborators(&mut world.reader(), web).await;
        assert_eq!(left.expect("they can be read"), []);
        let again = remove_outside_collaborator(&world.context, &origin, acme, carl).await;
        assert!(matches!(again, Err(MemberError::NotFound)), "{again:?}");
        assert_eq!(count_events(world, "org.remove_outside_collaborator").await, 1);
    }

    async fn somebody_removed_can_stay_an_outside_collaborator_with_nothing_let_in(world: &World) {
        let web = world.repository("acme/web").await;
        let ana = world.user("ana").await;
        let role = grantry::domain::role::RepositoryRole::Write;
        let (mut db, now) = (world.reader(), world.clock_now());
        let put = repositories::put_collaborator(&mut db, web, ana, role, now);
        put.await.expect("a role can be given");
        let minted = world.approved("issues", "read").await;
        let (origin, acme) = (world.person("olga").await, world.organization("acme").await);
        let shown = MemberRole::Member;
        let ended = remove_member(&world.context, &origin, acme, ana, shown, true).await;
        assert_eq!(fates(&ended.expect("olga owns acme")), [("approved", Fate::Revoked)]);
        let answer = world.answer(minted.secret.reveal(), "GET", ISSUES).await;
        assert_eq!(answer, REFUSED(Reason::Revoked), "visible, but the access is gone");
        let left = repositories::list_collaborators(&mut world.reader(), web).await.expect("they can be read");
        assert!(left.iter().any(|found| found.user_id == ana));
    }

    async fn the_last_owner_stays_one(world: &World) {
        for refused in [
            set(world, "olga", "labs", "olga", MemberRole::Member).await,
            remove(world, "olga", "labs", "olga").await,
        ] {
            assert_eq!(refusal(refused), MembershipRefusal::LastOwner);
        }
        assert_eq!(role_at(world, "labs", "olga").await, Some(MemberRole::Owner));
        suspend(world, "sam").await;
        let refused = remove(world, "olga", "acme", "olga").await;
        assert_eq!(refusal(refused), MembershipRefusal::LastOwner, "sam cannot sign in");
        assert_eq!(role(world, "olga").await, Some(MemberRole::Owner));
        assert_eq!(count_events(world, "org.remove_member").await, 0);
    }

    async fn only_owners_change_other_people(world: &World) {
        for by in ["ana", "carl", "gus", "eve"] {
            let refused = set(world, by, "acme", "ben", MemberRole::Owner).await;
            assert_eq!(refusal(refused), MembershipRefusal::NotAnOwner, "{by}");
            let refused = remove(world, by, "acme", "ben").await;
            assert_eq!(refusal(refused), MembershipRefusal::NotAnOwner, "{by}");
        }
        let itself = set(world, "ana", "acme", "ana", MemberRole::Owner).await;
        assert_eq!(refusal(itself), MembershipRefusal::NotAnOwner);
        assert_eq!(role(world, "ben").await, Some(MemberRole::Member));
        assert_eq!(role(world, "ana").await, Some(MemberRole::Member));
        assert_eq!(count_events(world, "org.update_member").await, 0);
    }

    async fn a_role_that_moved_is_not_changed(world: &World) {
        let (origin, acme, ben) =
            (world.person("olga").await, world.organization("acme").await, world.user("ben").await);
        set(world, "sam", "acme", "ben", MemberRole::Owner).await.expect("sam owns acme");
        let shown = MemberRole::Member;
        let late = remove_member(&world.context, &origin, acme, ben, shown, false).await;
        assert_eq!(refusal(late), MembershipRefusal::Moved { now: Some(MemberRole::Owner) });
        let late = set_member(&world.context, &origin, acme, ben, None, MemberRole::Member).await;
        assert_eq!(refusal(late), MembershipRefusal::Moved { now: Some(MemberRole::Owner) });
        assert_eq!(role(world, "ben").await, Some(MemberRole::Owner));
    }

    async fn a_suspended_person_is_not_added(world: &World) {
        suspend(world, "gus").await;
        let refused = set(world, "olga", "acme", "gus", MemberRole::Member).await;
        assert_eq!(refusal(refused), MembershipRefusal::Suspended);
        assert_eq!(role(world, "gus").await, None);
    }

    async fn organizations_and_enterprises_are_nobodys_members(world: &World) {
        let (origin, acme) = (world.person("olga").await, world.organization("acme").await);
        for nobody in [world.organization("labs").await, world.enterprise("globex").await] {
            let result = set_member(&world.context, &origin, acme, nobody, None, MemberRole::Member).await;
            assert!(matches!(result, Err(MemberError::NotFound)), "{result:?}");
        }
        let (globex, gus) = (world.enterprise("globex").await, world.user("gus").await);
        let eve = world.person("eve").await;
        let result = set_member(&world.context, &eve, globex, gus, None, MemberRole::Owner).await;
        assert!(matches!(result, Err(MemberError::NotFound)), "an enterprise is no organization: {result:?}");
    }

    async fn the_base_permission_counts_from_the_next_call_on(world: &World) {
        let minted = world.approved("issues", "read").await;
        let secret = minted.secret.reveal();
        let (origin, acme) = (world.person("olga").await, world.organization("acme").await);
        let set = async |origin, shown, wanted| {
            set_base_permission(&world.context, origin, acme, shown, wanted).await
        };
        let (none, read) = (BasePermission::None, BasePermission::Read);
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Allowed);
        set(&origin, read, none).await.expect("olga owns acme");
        assert_eq!(world.answer(secret, "GET", ISSUES).await, REFUSED(Reason::NotFound));
        let late = set(&origin, read, BasePermission::Admin).await;
        assert!(matches!(late, Err(BasePermissionError::Moved(BasePermission::None))), "{late:?}");
        let ana = world.person("ana").await;
        let refused = set(&ana, none, BasePermission::Admin).await;
        assert!(matches!(refused, Err(BasePermissionError::NotAnOwner)), "{refused:?}");
        let now = accounts::find(&mut world.reader(), acme).await.expect("it is read").expect("it is there");
        assert_eq!(now.base_permission, none);
        set(&origin, none, read).await.expect("olga owns acme");
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Allowed);
        assert_eq!(count_events(world, "org.update_default_repository_permission").await, 2);
    }
}

async fn suspend(world: &World, login: &str) {
    let origin = world.person("eve").await;
    let mut account = world.account(login).await;
    let mut work = world.context.begin(&origin).await.expect("a change begins");
    account.suspended_at = Some(work.now());
    accounts::update(&mut work, &account)
        .await
        .expect("it is written");
    world.context.commit(work).await.expect("it lasts");
}
