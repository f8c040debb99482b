//! An import beside a policy that is to begin later: it is neither dropped nor entered twice without a word.

use std::path::Path;

use grantry::actions::import::{Directory, Options, Report, import};
use grantry::actions::save_policy::Wish;
use grantry::domain::audit::{Actor, Origin};
use grantry::domain::policy::wish::{LifetimeWish, PolicyWish};
use grantry::domain::policy::{Limit, OrganizationLayer};
use grantry::domain::token::TokenKind;
use grantry::store::policies::{self, Standing};

use super::change::{Change, looked_at};
use crate::world::World;

const FINE: TokenKind = TokenKind::FineGrained;

async fn run(world: &World, days: u16, overwrites_policies: bool) -> Report {
    let text = format!(
        "[[organizations]]\nlogin = \"acme\"\npolicy.fine_grained = {{ max_lifetime_days = {days} }}\n"
    );
    let directory = Directory::parse(&text).expect("the text can be read");
    let options = Options {
        dry_run: false,
        overwrites_policies,
    };
    let (origin, layout) = (Origin::of(Actor::Operator), &world.app.git.layout);
    let base = Path::new("");
    import(&world.context, layout, &origin, &directory, base, options)
        .await
        .expect("the file is sound")
}

async fn standing(world: &World) -> Standing<OrganizationLayer> {
    let (acme, now) = (world.organization("acme").await, world.clock_now());
    policies::find_standing(&mut world.reader(), acme, FINE, now)
        .await
        .expect("policies can be read")
}

/// Olga schedules this for five days from now, on what an import of 90 days has set.
async fn schedule(world: &World, days: i64) {
    assert_eq!(run(world, 90, false).await.changes.len(), 1);
    let acme = world.organization("acme").await;
    let wish = PolicyWish {
        lifetime: Some(LifetimeWish::Days(days)),
        ..PolicyWish::default()
    };
    let change = Change::at(acme, FINE, Wish::Organization(wish)).in_days(world, 5);
    let olga = world.person("olga").await;
    let saved = looked_at(world, &olga, Change { shown: 1, ..change }).await;
    saved.expect("olga owns acme");
}

on_every_database! {
    async fn a_file_that_says_what_is_in_force_leaves_a_version_ahead_alone(world: &World) {
        schedule(world, 30).await;
        assert_eq!(run(world, 90, true).await, Report::default());
        let now = standing(world).await;
        assert_eq!((now.number, now.ahead.map(|ahead| ahead.version)), (2, Some(2)));
    }

    async fn a_file_that_says_what_is_ahead_waits_for_its_day(world: &World) {
        schedule(world, 30).await;
        for overwrites in [false, true] {
            let report = run(world, 30, overwrites).await;
            assert_eq!(report.changes, Vec::<String>::new());
            assert!(report.left[0].contains("begins on 2026-10-06 as the file says"), "{report:?}");
        }
        assert_eq!(standing(world).await.number, 2, "it is not entered twice");
        world.pass_days(5);
        assert_eq!(run(world, 30, false).await, Report::default(), "now it is in force");
    }

    async fn a_file_that_says_something_else_replaces_a_version_ahead_only_when_told_to(world: &World) {
        schedule(world, 30).await;
        let report = run(world, 60, false).await;
        assert_eq!(report.changes, Vec::<String>::new());
        assert!(report.left[0].contains("is to be another one from 2026-10-06 on and stays as it is"), "{report:?}");
        assert!(standing(world).await.ahead.is_some());
        let report = run(world, 60, true).await;
        assert!(report.changes[0].ends_with("in place of the one that was to begin on 2026-10-06"), "{report:?}");
        world.pass_days(9);
        let then = standing(world).await;
        assert_eq!((then.number, then.ahead), (3, None));
        assert_eq!(then.in_force.map(|saved| saved.layer.lifetime), Some(Limit::Days(60)));
    }
}
