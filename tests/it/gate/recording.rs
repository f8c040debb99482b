//! Every decision about a known token is written down before its answer leaves.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use grantry::app::App;
use grantry::background;
use grantry::domain::access::decision::Reason;
use grantry::gate::{Gate, Mode, Recorder};
use grantry::store::unknown_secrets::{self, Unknown};
use grantry::store::{Db as _, records, tokens};

use crate::api::client::send;
use crate::world::{Answer, World};

const ISSUES: &str = "/repos/acme/web/issues";

on_every_database! {
    async fn allows_and_refusals_are_counted_by_owner_and_permission(world: &World) {
        let minted = world.approved("issues", "read").await;
        let secret = minted.secret.reveal();
        for _ in 0..3 {
            assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Allowed);
        }
        let refused = world.answer(secret, "GET", "/repos/acme/web/contents").await;
        assert_eq!(refused, Answer::Refused(Reason::MissingPermission));
        let acme = world.organization("acme").await;
        let used = records::list_use(&mut world.reader(), minted.token, Some(acme), 0).await;
        let used: Vec<_> = used
            .expect("use can be read")
            .into_iter()
            .map(|row| (row.permission, row.allowed, row.refused))
            .collect();
        assert_eq!(used, [("contents:read".to_owned(), 0, 1), ("issues:read".to_owned(), 3, 0)]);
    }

    async fn last_use_is_the_last_allow(world: &World) {
        let minted = world.approved("issues", "read").await;
        let secret = minted.secret.reveal();
        world.answer(secret, "GET", ISSUES).await;
        let allowed_at = grantry::clock::Clock::now(&*world.clock);
        world.pass_seconds(60);
        world.answer(secret, "GET", "/repos/acme/web/contents").await;
        let uses = records::list_last_uses(&mut world.reader(), minted.token).await.expect("it is read");
        assert_eq!(uses.len(), 1);
        assert_eq!((uses[0].at, uses[0].path.as_str()), (allowed_at, ISSUES));
        let secret = tokens::find_current_secret(&mut world.reader(), minted.token).await;
        let secret = secret.expect("it is read").expect("it is there");
        assert_eq!(secret.first_used_at, Some(allowed_at));
    }

    async fn a_refusal_keeps_its_reason_and_sentence(world: &World) {
        let minted = world.approved("issues", "read").await;
        let secret = minted.secret.reveal();
        world.answer(secret, "GET", "/repos/acme/web/contents").await;
        world.answer(secret, "GET", "/repos/acme/api/issues").await;
        let rows = records::list_refusals(&mut world.reader(), minted.token, 10).await.expect("it is read");
        let reasons: Vec<_> = rows.iter().map(|row| row.reason.as_str()).collect();
        assert_eq!(reasons, ["not_found", "missing_permission"], "the newest first");
        assert!(rows[1].message.contains("contents=read"), "{}", rows[1].message);
        assert!(!rows.iter().any(|row| row.message.contains(secret)), "no secret is written down");
    }

    async fn what_the_token_may_not_know_is_in_nobodys_log(world: &World) {
        let minted = world.approved("issues", "read").await;
        world.answer(minted.secret.reveal(), "GET", "/repos/labs/probe/issues").await;
        let labs = world.organization("labs").await;
        let used = records::list_use(&mut world.reader(), minted.token, Some(labs), 0).await;
        assert!(used.expect("it is read").is_empty());
    }

    async fn a_malformed_or_unknown_string_is_recorded_for_nobody(world: &World) {
        let minted = world.approved("issues", "read").await;
        let secret = minted.secret.reveal();
        let unknown = secret.replace("grantry", "other");
        for text in ["", "nonsense", &unknown, &secret[..secret.len() - 1]] {
            let answer = world.answer(text, "GET", ISSUES).await;
            assert_eq!(answer, Answer::Refused(Reason::BadCredentials), "{text}");
        }
        let groups = world.reader().query("SELECT COUNT(*) FROM decision_groups").number().await;
        assert_eq!(groups.expect("it is read"), 0);
    }
}

/// The app with another recorder on the same database. The task ends when the app is dropped.
fn in_mode(world: &World, mode: Mode) -> (App, tokio::task::JoinHandle<()>) {
    let context = &world.context;
    let (recorder, task) = Recorder::start(context.store.clone(), mode);
    let gate = Gate::new(
        context.store.clone(),
        Arc::clone(&context.memory),
        recorder,
        context.catalog,
        Arc::clone(&context.clock),
        &context.token_prefix,
        "http://localhost:8080",
    );
    let app = App {
        gate,
        ..world.app.clone()
    };
    (app, task)
}

async fn ask_api(app: &App, secret: &str, path: &str) -> u16 {
    let request = Request::get(format!("/api/v3{path}"));
    let request = request.header("authorization", format!("Bearer {secret}"));
    let request = request.body(Body::empty()).expect("a request");
    send(app, request).await.status.as_u16()
}

async fn ask_git(app: &App, secret: &str) -> u16 {
    let basic = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, format!("ana:{secret}"));
    let request = Request::get("/acme/web.git/info/refs?service=git-upload-pack");
    let request = request.header("authorization", format!("Basic {basic}"));
    let request = request.body(Body::empty()).expect("a request");
    send(app, request).await.status.as_u16()
}

async fn recorded(world: &World) -> i64 {
    let count = "SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) FROM decision_groups";
    world
        .reader()
        .query(count)
        .number()
        .await
        .expect("it is read")
}

async fn run(world: &World, statement: &'static str) {
    world
        .reader()
        .query(statement)
        .execute()
        .await
        .expect("it runs");
}

/// Renamed, so that no decision can be written while everything can be read.
const TAKE_AWAY: &str = "ALTER TABLE decision_groups RENAME TO away";
const GIVE_BACK: &str = "ALTER TABLE away RENAME TO decision_groups";

on_every_database! {
    async fn in_strict_mode_a_record_is_there_when_the_answer_is(world: &World) {
        world.with_git("acme/web").await;
        let minted = world.approved("contents", "read").await;
        let secret = minted.secret.reveal();
        let (app, task) = in_mode(world, Mode::Strict);
        for expected in 1..=3 {
            assert_eq!(ask_api(&app, secret, "/repos/acme/web/contents").await, 200);
            assert_eq!(recorded(world).await, expected, "an allow");
        }
        assert_eq!(ask_api(&app, secret, ISSUES).await, 403);
        assert_eq!(recorded(world).await, 4, "a refusal");
        assert_eq!(ask_git(&app, secret).await, 200);
        assert_eq!(recorded(world).await, 5, "git");
        drop(app);
        task.await.expect("it ends");
    }

    async fn in_strict_mode_nothing_is_answered_that_cannot_be_recorded(world: &World) {
        world.with_git("acme/web").await;
        let minted = world.approved("contents", "read").await;
        let secret = minted.secret.reveal();
        let (app, task) = in_mode(world, Mode::Strict);
        run(world, TAKE_AWAY).await;
        assert_eq!(ask_api(&app, secret, "/repos/acme/web/contents").await, 503, "an allow");
        assert_eq!(ask_api(&app, secret, ISSUES).await, 503, "a refusal");
        assert_eq!(ask_git(&app, secret).await, 503, "git");
        run(world, GIVE_BACK).await;
        assert_eq!(recorded(world).await, 0);
        let used = tokens::find_last_use(&mut world.reader(), minted.token, None).await;
        assert_eq!(used.expect("it is read"), None, "nothing of it was written");
        assert_eq!(ask_api(&app, secret, "/repos/acme/web/contents").await, 200, "it goes on by itself");
        assert_eq!(recorded(world).await, 1);
        drop(app);
        task.await.expect("it ends");
    }

    async fn in_batched_mode_what_was_answered_is_recorded_and_then_nothing_more_is_answered(world: &World) {
        let minted = world.approved("contents", "read").await;
        world.with_git("acme/web").await;
        let secret = minted.secret.reveal();
        let (app, task) = in_mode(world, Mode::Batched);
        // The first use of a secret is waited for in any mode.
        assert_eq!(ask_api(&app, secret, "/repos/acme/web/contents").await, 200);
        assert_eq!(recorded(world).await, 1);
        run(world, TAKE_AWAY).await;
        assert_eq!(ask_api(&app, secret, "/repos/acme/web/contents").await, 200, "answered before it is written");
        let mut status = 200;
        for _ in 0..100 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            status = ask_api(&app, secret, "/repos/acme/web/contents").await;
            if status == 503 {
                break;
            }
        }
        assert_eq!(status, 503, "once it is known that nothing can be written");
        run(world, GIVE_BACK).await;
        for _ in 0..100 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            if recorded(world).await > 1 {
                break;
            }
        }
        assert!(recorded(world).await > 1, "what was answered is not lost");
        drop(app);
        task.await.expect("it ends");
    }

    async fn strings_that_are_no_token_are_counted_by_day_and_kind(world: &World) {
        let minted = world.approved("issues", "read").await;
        let secret = minted.secret.reveal();
        background::count_unknown(&world.context, &world.app.gate).await.expect("it is written");
        let stranger = grantry::domain::token::secret::mint(
            "grantry",
            grantry::domain::token::TokenKind::FineGrained,
            None,
            world.context.entropy.as_ref(),
        );
        for text in ["nonsense", &secret[..secret.len() - 1], stranger.secret.reveal()] {
            world.answer(text, "GET", ISSUES).await;
        }
        background::count_unknown(&world.context, &world.app.gate).await.expect("it is written");
        world.pass_days(1);
        world.answer("nonsense", "GET", ISSUES).await;
        background::count_unknown(&world.context, &world.app.gate).await.expect("it is written");
        let today = world.clock_now().day_number();
        let count = async |since| unknown_secrets::count_since(&mut world.reader(), since).await.expect("it is read");
        assert_eq!(count(today).await, Unknown { malformed: 1, unknown: 0 });
        assert_eq!(count(today - 1).await, Unknown { malformed: 3, unknown: 1 });
    }
}
