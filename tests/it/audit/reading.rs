//! One order of changes and decisions, in pages, for the eyes it is meant for.

use grantry::domain::audit::{Action, Event, Key};
use grantry::store::Change;

use super::Look;
use crate::world::{World, draft};

const ISSUES: &str = "/repos/acme/web/issues";

/// A token of ana at acme and one at labs, each used, refused and changed now and then.
async fn history(world: &World) {
    let minted = world.approved("issues", "read").await;
    let elsewhere = draft("elsewhere").owner("labs").selected(&["probe"]);
    let elsewhere = world
        .mint("ana", elsewhere.permission("issues", "read"))
        .await;
    for second in 0..6 {
        world.pass_seconds(1);
        world.answer(minted.secret.reveal(), "GET", ISSUES).await;
        if second % 2 == 0 {
            let other = "/repos/acme/web/contents/README.md";
            world.answer(minted.secret.reveal(), "GET", other).await;
        }
        let other = "/repos/labs/probe/issues";
        world.answer(elsewhere.secret.reveal(), "GET", other).await;
    }
    world.pass_seconds(1);
    world
        .revoke("sam", &minted, "Left the team")
        .await
        .expect("it is active");
}

/// Every key of a log, read in pages of `limit`, going on where each stopped.
async fn walked(world: &World, look: impl Fn(Option<Key>) -> Look) -> Vec<Key> {
    let (mut keys, mut from) = (Vec::new(), None);
    loop {
        let page = look(from).page(world).await;
        keys.extend(page.entries.iter().map(|entry| entry.key));
        from = page.next;
        if from.is_none() {
            return keys;
        }
    }
}

on_every_database! {
    async fn changes_and_decisions_stand_in_one_order_newest_first(world: &World) {
        history(world).await;
        let actions = world.log_of("acme").await.actions(world).await;
        let expected = [
            "personal_access_token.access_revoked",
            "api.request", "api.request_refused", "api.request", "api.request", "api.request_refused",
            "api.request", "api.request", "api.request_refused", "api.request",
        ];
        // Within a second, a refusal follows the allow before it.
        let mut seen: Vec<_> = actions.iter().map(String::as_str).take(10).collect();
        assert_eq!(seen.remove(0), expected[0]);
        assert_eq!(seen.iter().filter(|action| **action == "api.request_refused").count(), 3);
        let asked = actions.iter().position(|action| action == "personal_access_token.request_created");
        let granted = actions.iter().position(|action| action == "personal_access_token.access_granted");
        assert!(granted < asked && asked.is_some(), "{actions:?}");
        let keys: Vec<_> = world.log_of("acme").await.entries(world).await.iter().map(|entry| entry.key).collect();
        assert!(keys.windows(2).all(|pair| pair[0] > pair[1]), "no place twice, none out of order");
    }

    async fn pages_of_any_size_hold_each_entry_once_in_both_directions(world: &World) {
        history(world).await;
        let acme = world.organization("acme").await;
        let log = grantry::domain::audit::LogOf::Organization(acme);
        let whole: Vec<_> = Look::at(log).entries(world).await.iter().map(|entry| entry.key).collect();
        assert!(whole.len() > 10);
        for limit in [1, 2, 3, 7, 100] {
            let older = walked(world, |from| Look::at(log).limit(limit).older_than(from)).await;
            assert_eq!(older, whole, "older, {limit} a page");
            let mut newer = walked(world, |from| Look::at(log).limit(limit).newer_than(from)).await;
            newer.reverse();
            assert_eq!(newer, whole, "newer, {limit} a page");
            let tired = walked(world, |from| Look::at(log).limit(limit).effort(1).older_than(from)).await;
            assert_eq!(tired, whole, "with hardly any effort, {limit} a page");
            let mut tired = walked(world, |from| Look::at(log).limit(limit).effort(1).newer_than(from)).await;
            tired.reverse();
            assert_eq!(tired, whole, "back with hardly any effort, {limit} a page");
        }
    }

    async fn a_page_stays_what_it_is_when_more_is_written(world: &World) {
        history(world).await;
        let first = world.log_of("acme").await.limit(3).page(world).await;
        let second = world.log_of("acme").await.limit(3).older_than(first.next).entries(world).await;
        history_goes_on(world).await;
        let again = world.log_of("acme").await.limit(3).older_than(first.next).entries(world).await;
        assert_eq!(again, second);
        let newer = world.log_of("acme").await.newer_than(Some(first.entries[0].key)).entries(world).await;
        assert_eq!(newer.len(), 1, "only what was written since");
    }

    async fn a_page_that_found_nothing_says_until_when_it_looked(world: &World) {
        history(world).await;
        let look = world.log_of("acme").await.for_("reason:nowhere").effort(2);
        let page = look.page(world).await;
        assert!(page.entries.is_empty() && page.looked_until.is_some() && page.next.is_some());
        let acme = look.log;
        let keys = walked(world, |from| Look::at(acme).for_("reason:nowhere").effort(2).older_than(from)).await;
        assert_eq!(keys, []);
    }

    async fn an_owner_sees_nothing_of_other_owners(world: &World) {
        history(world).await;
        let (acme, labs) = (world.organization("acme").await, world.organization("labs").await);
        let at_acme = world.log_of("acme").await.entries(world).await;
        assert!(at_acme.iter().all(|entry| entry.owner == Some(acme)));
        let told = format!("{at_acme:?}");
        assert!(!told.contains("labs") && !told.contains("elsewhere"), "{told}");
        let at_labs = world.log_of("labs").await.entries(world).await;
        assert!(at_labs.iter().all(|entry| entry.owner == Some(labs)) && at_labs.len() > 5);
        let everywhere = world.log_of_globex().await.entries(world).await;
        assert_eq!(everywhere.len(), at_acme.len() + at_labs.len(), "both belong to globex");
        assert_eq!(world.log_of_user("gus").await.actions(world).await, [] as [String; 0]);
    }

    async fn a_person_sees_what_concerns_them_and_not_where_others_were(world: &World) {
        history(world).await;
        let ana = world.user("ana").await;
        let own = world.log_of_user("ana").await.entries(world).await;
        let used = own.iter().filter(|entry| entry.action == "api.request").count();
        assert_eq!(used, 12, "at acme and at labs");
        assert!(own.iter().any(|entry| entry.action == "personal_access_token.create"));
        let revoked = own.iter().find(|entry| entry.action == "personal_access_token.access_revoked");
        let revoked = revoked.expect("it was done to ana");
        assert_ne!(revoked.actor.user, Some(ana));
        assert_eq!((&revoked.address, &revoked.request_id), (&None, &None));
        let sam = world.log_of_user("sam").await.actions(world).await;
        assert_eq!(sam, ["personal_access_token.access_revoked"], "what sam did");
    }

    async fn what_the_token_may_not_know_stands_in_its_holders_log_alone(world: &World) {
        let minted = world.approved("issues", "read").await;
        world.answer(minted.secret.reveal(), "GET", "/repos/labs/probe/issues").await;
        let refused = "action:api.request_refused";
        assert_eq!(world.log_of("labs").await.for_(refused).actions(world).await.len(), 0);
        assert_eq!(world.log_of("acme").await.for_(refused).actions(world).await.len(), 0);
        assert_eq!(world.log_of_user("ana").await.for_(refused).actions(world).await.len(), 1);
    }

    async fn each_filter_finds_what_reading_everything_finds(world: &World) {
        history(world).await;
        let token = world.log_of_user("ana").await.for_("action:api.request").entries(world).await[0].token;
        let hash = world.log_of("acme").await.for_("action:api.request").entries(world).await;
        let hash = hash[0].text("hashed_token").expect("a decision names it").to_owned();
        let token = token.expect("a decision names its token");
        let phrases = [
            "action:api".to_owned(),
            "-action:api".to_owned(),
            "action:personal_access_token.request_created".to_owned(),
            "action:personal_access_token".to_owned(),
            "actor:ana".to_owned(),
            "-actor:ana".to_owned(),
            "user:ana -action:api".to_owned(),
            "user:gus".to_owned(),
            "actor:operator".to_owned(),
            "repo:acme/web".to_owned(),
            "repo:acme/gone".to_owned(),
            format!("token_id:{token}"),
            format!("-token_id:{token}"),
            format!("hashed_token:{hash}"),
            "created:2026-10-01".to_owned(),
            "created:<2026-10-01".to_owned(),
            "created:2026-10-01T12:00:02Z..2026-10-01T12:00:04Z".to_owned(),
            "-created:2026-10-01T12:00:02Z..2026-10-01T12:00:04Z".to_owned(),
            "operation:access".to_owned(),
            "operation:remove reason:team".to_owned(),
            "reason:*".to_owned(),
        ];
        for phrase in phrases {
            for log in ["acme", "labs"] {
                find_the_same(world, world.log_of(log).await, &phrase).await;
            }
            find_the_same(world, world.log_of_globex().await, &phrase).await;
            find_the_same(world, world.log_of_user("ana").await, &phrase).await;
        }
    }

    async fn the_second_that_is_asked_for_is_found_in_both_chains(world: &World) {
        history(world).await;
        let span = "created:2026-10-01T12:00:02Z";
        let actions = world.log_of("acme").await.for_(span).actions(world).await;
        assert_eq!(actions.len(), 1, "{actions:?}");
        let span = "created:2026-10-01T12:00:07Z";
        let actions = world.log_of("acme").await.for_(span).actions(world).await;
        assert_eq!(actions, ["personal_access_token.access_revoked"]);
    }
}

/// Compares what a walk by index finds with what the filter takes of everything.
async fn find_the_same(world: &World, look: Look, phrase: &str) {
    use grantry::domain::audit::{Filter, Phrase};
    let everything = Look::at(look.log).entries(world).await;
    let read = Phrase::parse(phrase).expect("it is read");
    let filter: Filter = grantry::store::audit_log::resolve(&mut world.reader(), &read)
        .await
        .expect("names are looked up");
    let expected: Vec<_> = everything
        .into_iter()
        .filter(|entry| filter.takes(entry))
        .collect();
    for limit in [2, 1_000] {
        let log = look.log;
        let keys = walked(world, |from| {
            Look::at(log).for_(phrase).limit(limit).older_than(from)
        })
        .await;
        let expected: Vec<_> = expected.iter().map(|entry| entry.key).collect();
        assert_eq!(keys, expected, "{phrase} in {log:?}, {limit} a page");
    }
}

async fn history_goes_on(world: &World) {
    world.pass_seconds(1);
    let origin = world.person("olga").await;
    let acme = world.organization("acme").await;
    let mut work = world.context.begin(&origin).await.expect("a change begins");
    work.audit(Event::new(Action::OrganizationUpdate).owner(acme));
    work.changed(Change::Account(acme));
    world.context.commit(work).await.expect("it is written");
}
