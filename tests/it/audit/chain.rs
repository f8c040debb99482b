//! Nobody changes the log unseen: each way to do it is tried on rows of their own.

use grantry::background;
use grantry::domain::audit::seal::{Seal, SealKey};
use grantry::domain::audit::{Actor, Origin};
use grantry::store::Db as _;
use grantry::store::audit_chain::{self, Break, Chain, Report};

use crate::world::World;

/// Changes and five groups of decisions, a day apart.
async fn written(world: &World) {
    let minted = world.approved("issues", "read").await;
    for path in [
        "issues",
        "contents/README.md",
        "issues",
        "issues",
        "commits",
    ] {
        world.pass_days(1);
        let path = format!("/repos/acme/web/{path}");
        world.answer(minted.secret.reveal(), "GET", &path).await;
    }
    world
        .revoke("sam", &minted, "gone \u{2713}")
        .await
        .expect("it works");
}

async fn verified(world: &World, seals: &[Seal]) -> Report {
    let report = audit_chain::verify(&mut world.reader(), None, seals, |_| {}).await;
    report.expect("the log can be read")
}

async fn breaks(world: &World) -> Vec<Break> {
    verified(world, &[]).await.breaks
}

async fn run(world: &World, statement: &'static str) -> u64 {
    let done = world.reader().query(statement).execute().await;
    done.unwrap_or_else(|error| panic!("{statement}: {error}"))
}

async fn seal(world: &World) -> Seal {
    let head = audit_chain::head(&mut world.reader())
        .await
        .expect("it is read");
    SealKey::new([1; 32]).seal(head, world.clock_now())
}

async fn prune(world: &World, days: i64) {
    let origin = Origin::of(Actor::System);
    let pruned = background::prune_decisions(&world.context, &origin, days).await;
    pruned.expect("old decisions are removed");
}

const EVENT_COLUMNS: [(&str, &str); 14] = [
    ("at", "UPDATE audit_events SET at = at + 1 WHERE seq = 3"),
    (
        "action",
        "UPDATE audit_events SET action = 'repo.create' WHERE seq = 3",
    ),
    (
        "actor kind",
        "UPDATE audit_events SET actor_kind = 'system' WHERE seq = 3",
    ),
    (
        "actor",
        "UPDATE audit_events SET actor_id = COALESCE(actor_id, 0) + 1 WHERE seq = 3",
    ),
    (
        "actor's token",
        "UPDATE audit_events SET actor_token_id = 77 WHERE seq = 3",
    ),
    (
        "user",
        "UPDATE audit_events SET user_id = COALESCE(user_id, 0) + 1 WHERE seq = 3",
    ),
    (
        "owner",
        "UPDATE audit_events SET owner_id = COALESCE(owner_id, 0) + 1 WHERE seq = 3",
    ),
    (
        "enterprise",
        "UPDATE audit_events SET enterprise_id = COALESCE(enterprise_id, 0) + 1 WHERE seq = 3",
    ),
    (
        "token",
        "UPDATE audit_events SET token_id = COALESCE(token_id, 0) + 1 WHERE seq = 3",
    ),
    (
        "repository",
        "UPDATE audit_events SET repository_id = 77 WHERE seq = 3",
    ),
    (
        "address",
        "UPDATE audit_events SET address = '192.0.2.77' WHERE seq = 3",
    ),
    (
        "user agent",
        "UPDATE audit_events SET user_agent = 'x' WHERE seq = 3",
    ),
    (
        "request id",
        "UPDATE audit_events SET request_id = 'x' WHERE seq = 3",
    ),
    ("data", "UPDATE audit_events SET data = '{}' WHERE seq = 3"),
];

const GROUP_COLUMNS: [(&str, &str); 4] = [
    (
        "first_at",
        "UPDATE decision_groups SET first_at = first_at - 1 WHERE seq = 2",
    ),
    (
        "last_at",
        "UPDATE decision_groups SET last_at = last_at + 1 WHERE seq = 2",
    ),
    (
        "count",
        "UPDATE decision_groups SET count = count + 1 WHERE seq = 2",
    ),
    (
        "body",
        "UPDATE decision_groups SET body = (SELECT g.body FROM decision_groups g WHERE g.seq = 1) WHERE seq = 2",
    ),
];

on_every_database! {
    async fn a_log_that_nobody_touched_fits(world: &World) {
        written(world).await;
        let sealed = seal(world).await;
        let report = verified(world, &[sealed]).await;
        assert_eq!(report.breaks, []);
        assert!(report.events >= 4 && report.groups == 5 && report.decisions == 5, "{report:?}");
    }

    async fn a_change_of_any_column_of_a_change_is_found(world: &World) {
        written(world).await;
        for (column, statement) in EVENT_COLUMNS {
            run(world, "CREATE TABLE kept AS SELECT * FROM audit_events WHERE seq = 3").await;
            assert_eq!(run(world, statement).await, 1, "{column}");
            let found = breaks(world).await;
            assert_eq!(found, [Break::Changed { chain: Chain::Events, seq: 3 }], "{column}");
            run(world, "DELETE FROM audit_events WHERE seq = 3").await;
            run(world, "INSERT INTO audit_events SELECT * FROM kept").await;
            run(world, "DROP TABLE kept").await;
            assert_eq!(breaks(world).await, [], "{column} is as it was");
        }
    }

    async fn a_change_of_any_column_of_a_group_is_found(world: &World) {
        written(world).await;
        for (column, statement) in GROUP_COLUMNS {
            run(world, "CREATE TABLE kept AS SELECT * FROM decision_groups WHERE seq = 2").await;
            assert_eq!(run(world, statement).await, 1, "{column}");
            let found = breaks(world).await;
            let is_found = found.contains(&Break::Changed { chain: Chain::Decisions, seq: 2 });
            assert!(is_found, "{column}: {found:?}");
            run(world, "DELETE FROM decision_groups WHERE seq = 2").await;
            run(world, "INSERT INTO decision_groups SELECT * FROM kept").await;
            run(world, "DROP TABLE kept").await;
            assert_eq!(breaks(world).await, [], "{column} is as it was");
        }
    }

    async fn a_removed_row_is_found(world: &World) {
        written(world).await;
        run(world, "DELETE FROM audit_events WHERE seq = 2").await;
        run(world, "DELETE FROM decision_groups WHERE seq = 3").await;
        let missing = |chain, seq| Break::Missing { chain, from: seq, until: seq };
        assert_eq!(breaks(world).await, [missing(Chain::Events, 2), missing(Chain::Decisions, 3)]);
    }

    async fn rows_that_changed_places_are_found(world: &World) {
        written(world).await;
        for table in [
            ["UPDATE audit_events SET seq = -2 WHERE seq = 2", "UPDATE audit_events SET seq = 2 WHERE seq = 3",
             "UPDATE audit_events SET seq = 3 WHERE seq = -2"],
            ["UPDATE decision_groups SET seq = -2 WHERE seq = 2", "UPDATE decision_groups SET seq = 2 WHERE seq = 3",
             "UPDATE decision_groups SET seq = 3 WHERE seq = -2"],
        ] {
            for statement in table {
                run(world, statement).await;
            }
        }
        let found = breaks(world).await;
        assert!(found.contains(&Break::Changed { chain: Chain::Events, seq: 2 }), "{found:?}");
        assert!(found.contains(&Break::Changed { chain: Chain::Decisions, seq: 2 }), "{found:?}");
    }

    async fn a_row_that_was_put_in_is_found(world: &World) {
        written(world).await;
        // The rows behind make room, so that no number stands twice and none is missing.
        run(world, "UPDATE audit_events SET seq = seq + 1000 WHERE seq > 2").await;
        run(world, "UPDATE audit_events SET seq = seq - 999 WHERE seq > 1000").await;
        run(world, "INSERT INTO audit_events SELECT 3, at, action, actor_kind, actor_id, user_id, owner_id, \
             enterprise_id, token_id, repository_id, address, user_agent, request_id, data, hash, actor_token_id \
             FROM audit_events WHERE seq = 2").await;
        run(world, "UPDATE audit_heads SET seq = seq + 1 WHERE chain = 'events'").await;
        let found = breaks(world).await;
        assert!(found.contains(&Break::Changed { chain: Chain::Events, seq: 3 }), "{found:?}");
    }

    async fn a_row_that_no_link_leads_to_is_found(world: &World) {
        written(world).await;
        let copies = [
            (Chain::Events, 0, "INSERT INTO audit_events (seq, at, action, actor_kind, data, hash) \
              SELECT 0, at, action, actor_kind, data, hash FROM audit_events WHERE seq = 3"),
            (Chain::Events, 999, "INSERT INTO audit_events (seq, at, action, actor_kind, data, hash) \
              SELECT 999, at, action, actor_kind, data, hash FROM audit_events WHERE seq = 3"),
            (Chain::Decisions, 999, "INSERT INTO decision_groups (seq, first_at, last_at, count, body, hash) \
              SELECT 999, first_at, last_at, count, body, hash FROM decision_groups WHERE seq = 2"),
        ];
        let mut expected = Vec::new();
        for (chain, seq, statement) in copies {
            run(world, statement).await;
            expected.push(Break::Changed { chain, seq });
        }
        let found = breaks(world).await;
        assert_eq!(found.len(), expected.len(), "{found:?}");
        assert!(expected.iter().all(|one| found.contains(one)), "{found:?}");
    }

    async fn a_log_that_was_cut_is_not_what_was_sealed(world: &World) {
        written(world).await;
        let sealed = seal(world).await;
        let holds = audit_chain::still_holds(&mut world.reader(), &sealed.head).await;
        assert!(holds.expect("it is read"));
        run(world, "DELETE FROM audit_events WHERE seq = (SELECT seq FROM audit_heads WHERE chain = 'events')").await;
        run(world, "UPDATE audit_heads SET seq = seq - 1 WHERE chain = 'events'").await;
        let holds = audit_chain::still_holds(&mut world.reader(), &sealed.head).await;
        assert!(!holds.expect("it is read"), "a head that was cut as well is no excuse");
    }

    async fn an_end_that_was_cut_off_is_found_by_the_head_and_with_the_head_by_a_seal(world: &World) {
        written(world).await;
        let sealed = seal(world).await;
        run(world, "DELETE FROM audit_events WHERE seq = (SELECT MAX(seq) FROM audit_events)").await;
        run(world, "DELETE FROM decision_groups WHERE seq = 5").await;
        let found = breaks(world).await;
        assert!(matches!(found[..], [
            Break::End { chain: Chain::Events, .. },
            Break::End { chain: Chain::Decisions, expected: 5, found: 4 },
        ]), "{found:?}");
        run(world, "UPDATE audit_heads SET seq = (SELECT MAX(seq) FROM audit_events), hash = (SELECT hash FROM \
             audit_events ORDER BY seq DESC LIMIT 1) WHERE chain = 'events'").await;
        run(world, "UPDATE audit_heads SET seq = 4, hash = (SELECT hash FROM decision_groups WHERE seq = 4) \
             WHERE chain = 'decisions'").await;
        assert_eq!(breaks(world).await, [], "the database alone cannot know");
        let found = verified(world, &[sealed]).await.breaks;
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.contains(&Break::Unsealed { chain: Chain::Decisions, seq: 5 }));
    }

    async fn a_group_that_was_hidden_from_its_readers_is_found(world: &World) {
        written(world).await;
        run(world, "DELETE FROM decision_places WHERE kind = 'account' AND seq = 4").await;
        assert_eq!(breaks(world).await, [Break::Hidden { seq: 4 }]);
    }

    async fn old_decisions_go_and_the_chain_stays_whole(world: &World) {
        written(world).await;
        let sealed = seal(world).await;
        prune(world, 2).await;
        let left = world.reader().query("SELECT COUNT(*) FROM decision_groups").number().await;
        assert_eq!(left.expect("it is read"), 3, "those of the last two days");
        let places = world.reader().query("SELECT COUNT(*) FROM decision_places WHERE seq <= 2").number().await;
        assert_eq!(places.expect("it is read"), 0);
        let report = verified(world, &[sealed]).await;
        assert_eq!((&report.breaks[..], report.groups), (&[][..], 3));
        let told = world.log_of_user("ana").await.for_("action:api").entries(world).await;
        assert_eq!(told.len(), 3);
        // What is written afterwards goes on from there, also when nothing at all was kept but the newest.
        prune(world, 0).await;
        let minted = world.approved_again().await;
        world.answer(&minted, "GET", "/repos/acme/web/issues").await;
        assert_eq!(breaks(world).await, []);
    }

    async fn decisions_that_were_removed_by_hand_cannot_pass_for_old_ones(world: &World) {
        written(world).await;
        run(world, "INSERT INTO audit_checkpoints (chain, seq, hash, at) \
             SELECT 'decisions', seq, hash, last_at FROM decision_groups WHERE seq = 2").await;
        run(world, "DELETE FROM decision_groups WHERE seq <= 2").await;
        assert_eq!(breaks(world).await, [Break::Unrecorded { seq: 2 }]);
    }

    async fn a_check_can_begin_late(world: &World) {
        written(world).await;
        run(world, "UPDATE audit_events SET address = 'x' WHERE seq = 1").await;
        let since = world.clock_now().plus_days(-1);
        let report = audit_chain::verify(&mut world.reader(), Some(since), &[], |_| {}).await;
        let report = report.expect("it is read");
        assert_eq!((&report.breaks[..], report.groups), (&[][..], 2));
        assert_eq!(breaks(world).await.len(), 1);
    }

    async fn a_check_tells_how_far_it_is(world: &World) {
        written(world).await;
        let mut told = Vec::new();
        let report = audit_chain::verify(&mut world.reader(), None, &[], |now| told.push(now)).await;
        let report = report.expect("it is read");
        let last = told.last().expect("something is told");
        assert_eq!((last.chain, last.done, last.all), (Chain::Decisions, 5, 5));
        assert_eq!(told[0].all, report.events);
    }
}

impl World {
    /// The secret of another approved token.
    async fn approved_again(&self) -> String {
        let wish = crate::world::draft("again")
            .owner("acme")
            .selected(&["web"]);
        let minted = self.mint("ana", wish.permission("issues", "read")).await;
        self.approve("olga", &minted).await.expect("it waits");
        minted.secret.reveal().to_owned()
    }
}
