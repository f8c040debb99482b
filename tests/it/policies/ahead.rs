//! Policies that begin later: what their holders can be told of, and when they begin.

use grantry::domain::access::decision::Reason;
use grantry::domain::ids::AccountId;
use grantry::domain::policy::evaluate::Violation;
use grantry::domain::policy::setting::{
    Access, EnterpriseAccess, EnterpriseLayer, OrganizationLayer,
};
use grantry::domain::policy::{Layer, Limit, Source};
use grantry::domain::time::Timestamp;
use grantry::domain::token::TokenKind;
use grantry::store::Change;
use grantry::store::ahead::{SoonBlocked, list_soon_blocked};
use grantry::store::policies::{self, NewVersion};

use super::{approved, classic, layer, read};
use crate::world::{Answer, World};

const FINE: TokenKind = TokenKind::FineGrained;

/// Lets a version of a policy that nobody saved yet begin at a moment.
pub async fn begin_at(
    world: &World,
    scope: AccountId,
    kind: TokenKind,
    layer: impl Into<Layer>,
    effective_at: Timestamp,
) {
    let origin = world.person("olga").await;
    let mut work = world.context.begin(&origin).await.expect("a change begins");
    let new = NewVersion {
        scope,
        kind,
        follows: 0,
        layer: layer.into(),
        effective_at,
        saved_by: None,
        saved_at: work.now(),
        risk_by: None,
    };
    let is_first = policies::append(&mut work, &new).await;
    assert!(is_first.expect("it is saved"), "nobody was first");
    work.changed(Change::Account(scope));
    world.context.commit(work).await.expect("it lasts");
}

async fn soon_blocked(world: &World, user: &str) -> Vec<SoonBlocked> {
    let user = world.user(user).await;
    list_soon_blocked(&mut world.reader(), user, world.clock_now())
        .await
        .expect("they are read")
}

on_every_database! {
    async fn a_version_ahead_is_told_to_whose_token_it_will_block_and_begins_by_itself(world: &World) {
        let (long, secret) = approved(world, "long", 60).await;
        let (_, short) = approved(world, "short", 7).await;
        assert_eq!(soon_blocked(world, "ana").await, []);
        let (acme, begins) = (world.organization("acme").await, world.clock_now().plus_days(5));
        begin_at(world, acme, FINE, layer(Access::Allow, Limit::Days(30)), begins).await;

        let told = soon_blocked(world, "ana").await;
        let [one] = &told[..] else { panic!("one of two lives longer: {told:?}") };
        assert_eq!((one.token_id, one.owner_login.as_str(), one.set_by.as_str()), (long, "acme", "Acme"));
        let limit = Violation::Lifetime { days: 30, source: Source::Organization };
        assert_eq!((one.coming.at, one.coming.violation), (begins, limit));
        assert_eq!(soon_blocked(world, "ben").await, [], "they are ana's");
        assert_eq!(read(world, &secret).await, Answer::Allowed, "until then it only tells");

        world.pass_seconds(5 * 86_400 - 1);
        assert_eq!(read(world, &secret).await, Answer::Allowed);
        world.pass_seconds(1);
        assert_eq!(read(world, &secret).await, Answer::Refused(Reason::PolicyLifetime), "nobody had to save again");
        assert_eq!(read(world, &short).await, Answer::Allowed);
        assert_eq!(soon_blocked(world, "ana").await, [], "it is no news any more");
    }

    async fn an_enterprises_version_ahead_is_told_at_each_of_its_organizations(world: &World) {
        let (token, secret) = approved(world, "job", 30).await;
        let (old, old_secret) = classic(world, "ana").await;
        assert_eq!(read(world, &old_secret).await, Answer::Allowed);
        let (globex, begins) = (world.enterprise("globex").await, world.clock_now().plus_days(3));
        for (kind, expected) in [(FINE, token), (TokenKind::Classic, old)] {
            let mut restricted = EnterpriseLayer::default_for(kind);
            restricted.access = EnterpriseAccess::Restrict;
            begin_at(world, globex, kind, restricted, begins).await;
            let told = soon_blocked(world, "ana").await;
            let one = told.iter().find(|one| one.token_kind == kind).expect("it will be blocked");
            assert_eq!((one.token_id, one.owner_login.as_str(), one.set_by.as_str()), (expected, "acme", "Globex"));
            assert_eq!(one.coming.violation, Violation::Access(Source::Enterprise));
        }
        world.pass_days(3);
        for secret in [&secret, &old_secret] {
            assert_eq!(read(world, secret).await, Answer::Refused(Reason::PolicyAccess));
        }
    }

    async fn what_ends_before_or_is_blocked_already_is_no_news(world: &World) {
        approved(world, "short", 2).await;
        let (acme, begins) = (world.organization("acme").await, world.clock_now().plus_days(2));
        begin_at(world, acme, FINE, layer(Access::Restrict, Limit::Unlimited), begins).await;
        assert_eq!(soon_blocked(world, "ana").await, [], "it ends at that instant");
        approved(world, "long", 60).await;
        assert_eq!(soon_blocked(world, "ana").await.len(), 1);
        let globex = world.enterprise("globex").await;
        let mut restricted = EnterpriseLayer::default_for(FINE);
        restricted.access = EnterpriseAccess::Restrict;
        begin_at(world, globex, FINE, restricted, world.clock_now()).await;
        assert_eq!(soon_blocked(world, "ana").await, [], "the enterprise blocks it now");
        let saved = policies::list_versions::<OrganizationLayer>(&mut world.reader(), acme, FINE).await;
        assert_eq!(saved.expect("they are read").len(), 1);
    }
}
