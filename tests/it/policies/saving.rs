//! Policies saved at both levels: looked at first, from now on or from a day on, and taken back.

use grantry::actions::cancel_policy::{CancelPolicyError, cancel_policy};
use grantry::actions::save_policy::{SavePolicyError, Wish};
use grantry::domain::access::decision::Reason;
use grantry::domain::approval::GrantState;
use grantry::domain::ids::AccountId;
use grantry::domain::policy::enterprise_wish::EnterpriseWish;
use grantry::domain::policy::setting::{Access, EnterpriseAccess, EnterpriseApproval};
use grantry::domain::policy::start::{Start, StartMistake};
use grantry::domain::policy::wish::{LifetimeWish, PolicyMistake, PolicyWish};
use grantry::domain::policy::{EnterpriseLayer, Limit, OrganizationLayer};
use grantry::domain::token::TokenKind;
use grantry::store::policies::{self, Columns, Standing};
use grantry::store::{Db as _, ahead};

use super::change::{Change, look, looked_at, save};
use super::{approved, classic, knock, read};
use crate::world::{Answer, World, draft};

const FINE: TokenKind = TokenKind::FineGrained;
const CLASSIC: TokenKind = TokenKind::Classic;

fn restricts() -> Wish {
    Wish::Organization(PolicyWish {
        access: Some(Access::Restrict),
        ..PolicyWish::default()
    })
}

fn days(days: i64) -> Wish {
    Wish::Organization(PolicyWish {
        lifetime: Some(LifetimeWish::Days(days)),
        ..PolicyWish::default()
    })
}

fn enterprise_restricts() -> Wish {
    Wish::Enterprise(EnterpriseWish {
        access: Some(EnterpriseAccess::Restrict),
        ..EnterpriseWish::default()
    })
}

fn enterprise_days(days: i64) -> EnterpriseWish {
    EnterpriseWish {
        lifetime: Some(LifetimeWish::Days(days)),
        ..EnterpriseWish::default()
    }
}

async fn standing<L: Columns>(world: &World, scope: AccountId, kind: TokenKind) -> Standing<L> {
    let now = world.clock_now();
    policies::find_standing(&mut world.reader(), scope, kind, now)
        .await
        .expect("policies can be read")
}

async fn standing_of_acme(world: &World) -> Standing<OrganizationLayer> {
    standing(world, world.organization("acme").await, FINE).await
}

/// How many versions there are, of whatever policy, beside the one that the sample directory has.
async fn versions(world: &World) -> i64 {
    let mut db = world.reader();
    let count = db.query("SELECT COUNT(*) - 1 FROM policies").number().await;
    count.expect("policies can be counted")
}

/// Who was told of an event of this kind, by login.
async fn told(world: &World, action: &str) -> Vec<String> {
    let mut db = world.reader();
    let rows: Vec<(String,)> = db
        .query(
            "SELECT DISTINCT u.login FROM outbox o JOIN audit_events e ON e.seq = o.event_seq \
             JOIN accounts u ON u.id = o.recipient WHERE e.action = $1 ORDER BY u.login",
        )
        .bind(action)
        .all()
        .await
        .expect("the outbox can be read");
    rows.into_iter().map(|(login,)| login).collect()
}

/// The data of the last event of this kind.
async fn last_event(world: &World, action: &str) -> serde_json::Value {
    let mut db = world.reader();
    let (data,): (String,) = db
        .query("SELECT data FROM audit_events WHERE action = $1 ORDER BY seq DESC LIMIT 1")
        .bind(action)
        .one()
        .await
        .expect("it is recorded");
    serde_json::from_str(&data).expect("it is JSON")
}

const UPDATED: &str = "personal_access_token.policy_updated";
const CANCELLED: &str = "personal_access_token.policy_cancelled";

on_every_database! {
    async fn what_blocks_a_token_in_use_is_saved_only_after_a_look_at_that_very_change(world: &World) {
        let (_, secret) = approved(world, "used", 60).await;
        assert_eq!(read(world, &secret).await, Answer::Allowed);
        let (acme, olga) = (world.organization("acme").await, world.person("olga").await);
        let change = Change::at(acme, FINE, days(30));
        let (_, other) = look(world, Change::at(acme, FINE, days(29))).await.expect("it can be set");
        let (_, dated) = look(world, change.in_days(world, 1)).await.expect("it can be set");
        for looked in [None, Some(""), Some(other.as_str()), Some(dated.as_str())] {
            let refused = save(world, &olga, change, looked).await;
            let Err(SavePolicyError::LookFirst(preview)) = refused else { panic!("{looked:?}: {refused:?}") };
            assert_eq!((preview.blocked_tokens(), preview.blocked_in_use(world.clock_now())), (1, 1));
        }
        assert_eq!(versions(world).await, 0, "nothing was saved");
        let (_, digest) = look(world, change).await.expect("it can be set");
        assert_eq!(read(world, &secret).await, Answer::Allowed, "a use between look and save changes nothing");
        approved(world, "late", 60).await;
        let refused = save(world, &olga, change, Some(&digest)).await;
        assert!(matches!(refused, Err(SavePolicyError::LookFirst(_))), "it would block more: {refused:?}");
        let saved = looked_at(world, &olga, change).await.expect("olga looked at it");
        assert_eq!(saved.effect.map(|effect| effect.blocked_tokens()), Some(2));
        assert_eq!(read(world, &secret).await, Answer::Refused(Reason::PolicyLifetime));
    }

    async fn what_blocks_nothing_in_use_needs_no_look(world: &World) {
        let (_, secret) = approved(world, "once", 60).await;
        assert_eq!(read(world, &secret).await, Answer::Allowed);
        world.pass_days(8);
        let (acme, olga) = (world.organization("acme").await, world.person("olga").await);
        save(world, &olga, Change::at(acme, FINE, days(30)), None).await.expect("nobody used it for eight days");
        assert_eq!(told(world, UPDATED).await, ["ana", "sam"], "whose token it blocks, and the other owner");
    }

    async fn a_version_ahead_is_not_in_force_and_is_told_begins_and_is_recorded(world: &World) {
        let (token, secret) = approved(world, "job", 60).await;
        let (acme, olga) = (world.organization("acme").await, world.person("olga").await);
        let change = Change::at(acme, FINE, days(30)).in_days(world, 5);
        let saved = looked_at(world, &olga, change).await.expect("olga owns acme");
        let begins = saved.effective_at;
        assert_eq!(begins.to_rfc3339(), "2026-10-06T00:00:00Z");
        let now = standing_of_acme(world).await;
        assert_eq!((now.number, now.in_force), (1, None), "the default is still what holds");
        assert_eq!(now.ahead.map(|ahead| ahead.layer.lifetime), Some(Limit::Days(30)));
        assert_eq!(read(world, &secret).await, Answer::Allowed);
        assert_eq!(told(world, UPDATED).await, ["ana", "sam"], "ahead of it");
        let event = last_event(world, UPDATED).await;
        assert_eq!(event["effective_at"], "2026-10-06T00:00:00Z");
        assert_eq!((&event["before"]["max_lifetime_days"], &event["after"]["max_lifetime_days"]), (&366.into(), &30.into()));
        assert_eq!((&event["blocked_tokens"], &event["blocked_people"]), (&1.into(), &1.into()));
        let ana = world.user("ana").await;
        let soon = ahead::list_soon_blocked(&mut world.reader(), ana, world.clock_now()).await.expect("they are read");
        assert_eq!((soon[0].token_id, soon[0].coming.at), (token, begins));

        world.clock.set(begins.plus_micros(-1));
        assert_eq!(read(world, &secret).await, Answer::Allowed);
        world.clock.set(begins);
        assert_eq!(read(world, &secret).await, Answer::Refused(Reason::PolicyLifetime));
        let then = standing_of_acme(world).await;
        assert_eq!((then.ahead, then.in_force.map(|saved| saved.version)), (None, Some(1)));
        assert_eq!(world.grant(token, "acme").await.state, GrantState::Active, "nothing is revoked");
    }

    async fn at_most_one_version_is_ahead_and_whatever_is_saved_replaces_it(world: &World) {
        let (acme, olga) = (world.organization("acme").await, world.person("olga").await);
        let change = Change::at(acme, FINE, days(30)).in_days(world, 5);
        looked_at(world, &olga, change).await.expect("olga owns acme");
        let later = Change { shown: 1, ..Change::at(acme, FINE, days(60)).in_days(world, 3) };
        looked_at(world, &olga, later).await.expect("it replaces the first");
        let now = standing_of_acme(world).await;
        assert_eq!((now.number, now.ahead.map(|ahead| ahead.version)), (2, Some(2)));
        assert_eq!(last_event(world, UPDATED).await["replaced_version"], 1);
        let again = looked_at(world, &olga, Change { shown: 2, ..later }).await.expect("it is there already");
        assert_eq!((again.effect, versions(world).await), (None, 2), "what is ahead already is not saved again");
        let at_once = Change { shown: 2, ..Change::at(acme, FINE, days(90)) };
        looked_at(world, &olga, at_once).await.expect("it replaces the second");
        world.pass_days(9);
        let then = standing_of_acme(world).await;
        assert_eq!((then.number, then.ahead), (3, None));
        assert_eq!(then.in_force.map(|saved| saved.layer.lifetime), Some(Limit::Days(90)), "the others never began");
    }

    async fn a_version_ahead_can_be_taken_back_once_and_only_before_it_begins(world: &World) {
        approved(world, "job", 60).await;
        let (acme, olga) = (world.organization("acme").await, world.person("olga").await);
        let change = Change::at(acme, FINE, days(30)).in_days(world, 5);
        looked_at(world, &olga, change).await.expect("olga owns acme");
        let cancel = async |by: &str, version| {
            let origin = world.person(by).await;
            cancel_policy(&world.context, &origin, acme, FINE, version).await
        };
        for by in ["ana", "eve", "gus"] {
            assert!(matches!(cancel(by, 1).await, Err(CancelPolicyError::NotAnOwner)), "{by}");
        }
        for version in [0, 2, -1, i64::MAX] {
            assert!(matches!(cancel("olga", version).await, Err(CancelPolicyError::NotAhead)), "{version}");
        }
        assert!(standing_of_acme(world).await.ahead.is_some(), "it is still ahead");
        cancel("sam", 1).await.expect("sam owns acme");
        assert_eq!(told(world, CANCELLED).await, ["ana", "olga"], "whoever was told that it comes");
        assert_eq!(last_event(world, CANCELLED).await["version"], 1);
        let now = standing_of_acme(world).await;
        assert_eq!((now.number, now.ahead, now.in_force), (1, None, None));
        assert!(matches!(cancel("sam", 1).await, Err(CancelPolicyError::NotAhead)), "once is enough");
        let next = Change { shown: 1, ..change };
        looked_at(world, &olga, next).await.expect("its number is not given out again");
        world.pass_days(6);
        assert!(matches!(cancel("olga", 2).await, Err(CancelPolicyError::NotAhead)), "it has begun");
        assert_eq!(standing_of_acme(world).await.in_force.map(|saved| saved.version), Some(2));
    }

    async fn a_policy_begins_within_a_year_from_tomorrow_on(world: &World) {
        let (acme, olga) = (world.organization("acme").await, world.person("olga").await);
        for (days_ahead, mistake) in [(0, StartMistake::Begun), (-3, StartMistake::Begun), (367, StartMistake::TooFar)] {
            let change = Change::at(acme, FINE, days(0)).in_days(world, days_ahead);
            let refused = save(world, &olga, change, None).await;
            let Err(SavePolicyError::Mistakes(mistakes)) = refused else { panic!("{refused:?}") };
            assert_eq!(mistakes, [PolicyMistake::NotInRange, PolicyMistake::Start(mistake)]);
        }
        assert_eq!(versions(world).await, 0, "nothing was saved");
        let furthest = Change::at(acme, FINE, days(30)).in_days(world, 366);
        save(world, &olga, furthest, None).await.expect("a year ahead");
    }

    async fn a_limit_for_managed_users_is_saved_only_by_who_accepts_the_risk(world: &World) {
        let (globex, eve) = (world.enterprise("globex").await, world.person("eve").await);
        let change = |wish| Change::at(globex, FINE, Wish::Enterprise(wish));
        let refused = looked_at(world, &eve, change(enterprise_days(90))).await;
        let Err(SavePolicyError::Mistakes(mistakes)) = refused else { panic!("{refused:?}") };
        assert_eq!(mistakes, [PolicyMistake::RiskNotAccepted]);
        assert_eq!(versions(world).await, 0, "nothing was saved");
        let accepted = Change { accepts_risk: true, ..change(enterprise_days(90)) };
        looked_at(world, &eve, accepted).await.expect("eve accepts it");
        let longer = Change { shown: 1, ..change(enterprise_days(91)) };
        looked_at(world, &eve, longer).await.expect("a longer life interrupts nobody");
        let spared = EnterpriseWish { exempts_administrators: Some(true), ..enterprise_days(7) };
        let spared = Change { shown: 2, ..change(spared) };
        looked_at(world, &eve, spared).await.expect("administrators are exempt");
        let mut db = world.reader();
        let rows: Vec<(i64, Option<AccountId>)> = db
            .query("SELECT version, risk_by FROM policies WHERE scope_id = $1 ORDER BY version")
            .bind(globex)
            .all()
            .await
            .expect("policies can be read");
        assert_eq!(rows, [(1, Some(world.user("eve").await)), (2, None), (3, None)]);
    }

    async fn only_owners_of_the_enterprise_save_what_it_sets(world: &World) {
        let globex = world.enterprise("globex").await;
        let change = Change::at(globex, FINE, enterprise_restricts());
        for by in ["olga", "ana", "mia", "gus"] {
            let origin = world.person(by).await;
            let refused = looked_at(world, &origin, change).await;
            assert!(matches!(refused, Err(SavePolicyError::NotAnOwner)), "{by}: {refused:?}");
        }
        let eve = world.person("eve").await;
        let nobody = Change { scope: world.user("ana").await, ..change };
        let refused = save(world, &eve, nobody, None).await;
        assert!(matches!(refused, Err(SavePolicyError::NotFound)), "a person has no policy: {refused:?}");
        assert_eq!(versions(world).await, 0);
    }

    async fn of_two_enterprise_owners_the_second_is_told_what_the_first_saved(world: &World) {
        let (globex, eve) = (world.enterprise("globex").await, world.person("eve").await);
        let change = Change::at(globex, CLASSIC, enterprise_restricts());
        looked_at(world, &eve, change).await.expect("eve owns globex");
        let late = looked_at(world, &eve, change).await;
        let Err(SavePolicyError::Moved(standing)) = late else { panic!("{late:?}") };
        assert_eq!(standing.number, 1);
        assert_eq!(standing.latest().and_then(|saved| saved.saved_by.as_deref()), Some("eve"));
        assert_eq!(versions(world).await, 1);
    }

    /// Tokens of several lives, kinds and places; changes at both levels, at once and five days ahead. What a preview
    /// names is exactly what stops working, and what undoing it gives back.
    async fn a_preview_is_exactly_the_effect_at_both_levels_now_and_later(world: &World) {
        let (acme, globex) = (world.organization("acme").await, world.enterprise("globex").await);
        let (olga, eve) = (world.person("olga").await, world.person("eve").await);
        let mut tokens = vec![approved(world, "month", 30).await, approved(world, "season", 90).await];
        let (old, old_secret) = classic(world, "ana").await;
        tokens.push((old, old_secret));
        let wish = draft("probe").owner("labs").selected(&["probe"]).days(60).permission("issues", "read");
        let probe = world.mint("ana", wish).await;
        let at = |index: usize| if index == 3 { "/repos/labs/probe/issues" } else { "/repos/acme/web/issues" };
        tokens.push((probe.token, probe.secret.reveal().to_owned()));
        let works = async || {
            let mut working = Vec::new();
            for (index, (token, secret)) in tokens.iter().enumerate() {
                if world.answer(secret, "GET", at(index)).await == Answer::Allowed {
                    working.push(*token);
                }
            }
            working
        };
        let before = works().await;
        assert_eq!(before.len(), 4);
        let no_limit = PolicyWish { lifetime: Some(LifetimeWish::Unlimited), ..PolicyWish::default() };
        let no_limit_above = EnterpriseWish { lifetime: Some(LifetimeWish::Unlimited), ..EnterpriseWish::default() };
        let delegates = EnterpriseWish { access: Some(EnterpriseAccess::Delegate), ..EnterpriseWish::default() };
        let allows = PolicyWish { access: Some(Access::Allow), ..PolicyWish::default() };
        let table = [
            (acme, &olga, FINE, days(45), Wish::Organization(no_limit)),
            (acme, &olga, FINE, restricts(), Wish::Organization(allows)),
            (acme, &olga, CLASSIC, days(45), Wish::Organization(no_limit)),
            (globex, &eve, FINE, Wish::Enterprise(enterprise_days(45)), Wish::Enterprise(no_limit_above)),
            (globex, &eve, FINE, enterprise_restricts(), Wish::Enterprise(delegates)),
            (globex, &eve, CLASSIC, enterprise_restricts(), Wish::Enterprise(delegates)),
        ];
        for (scope, by, kind, strict, open) in table {
            for days_ahead in [None, Some(1)] {
                let shown = standing_number(world, scope, kind).await;
                let change = Change { shown, accepts_risk: true, ..Change::at(scope, kind, strict) };
                let change = days_ahead.map_or(change, |days| change.in_days(world, days));
                let (preview, _) = look(world, change).await.expect("it can be set");
                let named: Vec<_> = preview.blocked.iter().map(|one| one.subject.token).collect();
                assert!(!named.is_empty(), "{change:?}");
                looked_at(world, by, change).await.expect("its owner looked at it");
                if days_ahead.is_some() {
                    assert_eq!(works().await, before, "until then it only reports: {change:?}");
                    world.pass_days(1);
                }
                let left = works().await;
                let gone: Vec<_> = before.iter().filter(|token| !left.contains(token)).copied().collect();
                assert_eq!(sorted(gone), sorted(named.clone()), "{change:?}");
                let back = Change { shown: shown + 1, start: Start::Now, wish: open, ..change };
                let saved = looked_at(world, by, back).await.expect("its owner undoes it");
                let freed = saved.effect.unwrap_or_default().freed;
                assert_eq!(sorted(freed.iter().map(|one| one.subject.token).collect()), sorted(named));
                assert_eq!(works().await, before, "undoing it gives back exactly that: {change:?}");
            }
        }
    }
}

async fn standing_number(world: &World, scope: AccountId, kind: TokenKind) -> i64 {
    // The number is the same whichever level reads it.
    let mut db = world.reader();
    let number = db
        .query("SELECT COALESCE(MAX(version), 0) FROM policies WHERE scope_id = $1 AND token_kind = $2")
        .bind(scope)
        .bind(kind)
        .number()
        .await;
    number.expect("policies can be read")
}

fn sorted<T: Ord>(mut list: Vec<T>) -> Vec<T> {
    list.sort_unstable();
    list
}

on_shared_databases! {
    async fn an_enterprises_save_decides_every_organization_at_every_door_and_process(world: &World) {
        use axum::http::StatusCode;
        world.with_git("acme/web").await;
        let wish = draft("job").owner("acme").selected(&["web"]).permission("issues", "read").permission("contents", "read");
        let minted = world.mint("ana", wish).await;
        world.approve("olga", &minted).await.expect("it waits");
        let secret = minted.secret.reveal();
        let other = world.second_process().await;
        let doors = ["/api/v3/repos/acme/web/issues", "/acme/web.git/info/refs?service=git-upload-pack"];
        for (app, path) in doors.iter().flat_map(|path| [(&world.app, path), (&other.app, path)]) {
            assert_eq!(knock(app, path, secret).await, StatusCode::OK, "{path}");
        }
        let (globex, eve) = (world.enterprise("globex").await, world.person("eve").await);
        let requires = EnterpriseWish {
            access: Some(EnterpriseAccess::Restrict),
            approval: Some(EnterpriseApproval::Require),
            ..EnterpriseWish::default()
        };
        let change = Change::at(globex, FINE, Wish::Enterprise(requires));
        looked_at(world, &eve, change).await.expect("eve owns globex");
        for path in doors {
            assert_eq!(knock(&world.app, path, secret).await, StatusCode::FORBIDDEN, "{path}");
        }
        let ana = crate::pages::visitor::Visitor::confirmed(world, "ana").await;
        let list = ana.get("/settings/personal-access-tokens").await;
        assert!(list.has("Blocked by policy"), "{}", list.html);
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        for path in doors {
            assert_eq!(knock(&other.app, path, secret).await, StatusCode::FORBIDDEN, "{path}");
        }
        let site = "/api/v3/repos/acme/site";
        assert_eq!(knock(&other.app, site, secret).await, StatusCode::OK, "public reads stay");
        let standing: Standing<EnterpriseLayer> = standing(world, globex, FINE).await;
        assert_eq!(standing.number, 1);
        other.stop().await;
    }
}
