//! A token that asks what it may do, and one that replaces its own secret.

use grantry::store::{Db as _, records, tokens};
use serde_json::{Value, json};

use super::client::Answer;
use super::credentials::classic;
use crate::world::{World, draft};

async fn rotate(world: &World, token: &str, body: Option<Value>) -> Answer {
    world.http("POST", "/token/rotate", token, body).await
}

/// The secret that a rotation made.
fn made(answer: &Answer) -> String {
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()["token"]
        .as_str()
        .expect("a secret")
        .to_owned()
}

async fn rotating(world: &World) -> String {
    let wish = draft("ci").owner("ana").all().rotating();
    world.mint("ana", wish).await.secret.reveal().to_owned()
}

async fn works(world: &World, token: &str) -> bool {
    world.get(token, "/user").await.status == 200
}

async fn count_secrets(world: &World) -> i64 {
    let count = world
        .reader()
        .query("SELECT COUNT(*) FROM secrets")
        .number()
        .await;
    count.expect("secrets can be counted")
}

on_every_database! {
    async fn a_token_replaces_its_secret_and_the_old_one_ends_with_the_first_use_of_the_new(world: &World) {
        let wish = draft("ci").owner("ana").all().rotating().days(7);
        let minted = world.mint("ana", wish).await;
        let first = minted.secret.reveal();
        let answer = rotate(world, first, None).await;
        let second = made(&answer);
        assert_eq!(answer.json()["expires_at"], "2026-10-08T12:00:00Z");
        assert_eq!(answer.json()["former_secret_ends_at"], "2026-10-01T13:00:00Z");
        assert_eq!(answer.json()["token_id"], minted.token.get());
        assert_eq!(answer.header("cache-control"), "private, no-store");
        assert!(works(world, first).await, "until the new one is used");
        assert!(works(world, &second).await);
        assert!(!works(world, first).await);
        let told = "SELECT COUNT(*) FROM outbox o JOIN audit_events e ON e.seq = o.event_seq \
                    WHERE e.action = 'personal_access_token.credential_regenerated' AND e.actor_kind = 'token'";
        assert_eq!(world.reader().query(told).number().await.expect("notices can be read"), 1);
        world.pass_days(7);
        assert!(!works(world, &second).await, "the life stays as it was");
    }

    async fn an_overlap_ends_by_itself_after_the_hours_asked_for(world: &World) {
        let first = rotating(world).await;
        made(&rotate(world, &first, Some(json!({"overlap_hours": 2}))).await);
        world.pass_seconds(2 * 3_600 - 1);
        assert!(works(world, &first).await);
        world.pass_seconds(1);
        assert!(!works(world, &first).await);
    }

    async fn a_lost_answer_costs_nothing(world: &World) {
        let first = rotating(world).await;
        let lost = made(&rotate(world, &first, None).await);
        world.pass_seconds(1_800);
        let answer = rotate(world, &first, Some(json!({"overlap_hours": 72}))).await;
        let second = made(&answer);
        assert_eq!(answer.json()["former_secret_ends_at"], "2026-10-01T13:00:00Z", "as it was promised");
        assert!(!works(world, &lost).await, "it was replaced unused");
        assert!(works(world, &second).await && !works(world, &first).await);
        assert_eq!(rotate(world, &first, None).await.refusal(), (401, "bad_credentials".to_owned()));
    }

    async fn only_a_token_that_was_allowed_to_rotates_itself(world: &World) {
        let minted = world.mint("ana", draft("fixed").owner("ana").all()).await;
        let (_, old) = classic(world, "ana", &["repo"]).await;
        let wish = draft("asks").owner("acme").selected(&["web"]).permission("issues", "read");
        let narrow = world.mint("ana", wish).await;
        world.approve("olga", &narrow).await.expect("it waits");
        let tick = "UPDATE tokens SET wants_rotation = TRUE WHERE id = $1";
        world.reader().query(tick).bind(narrow.token).execute().await.expect("it is written");
        let before = count_secrets(world).await;
        for (token, words) in [
            (minted.secret.reveal(), "its user allows that"),
            (&old, "Classic tokens"),
            (narrow.secret.reveal(), "acme let this token in without"),
        ] {
            let refused = rotate(world, token, None).await;
            assert_eq!(refused.status, 403, "{refused:?}");
            assert!(refused.json()["message"].to_string().contains(words), "{refused:?}");
        }
        assert_eq!(count_secrets(world).await, before);
        assert_eq!(rotate(world, "", None).await.status, 404);
    }

    async fn hours_that_do_not_fit_are_refused_at_their_field(world: &World) {
        let first = rotating(world).await;
        for hours in [json!(0), json!(73), json!(-1), json!("1"), json!(1.5)] {
            let refused = rotate(world, &first, Some(json!({"overlap_hours": hours}))).await;
            assert_eq!((refused.status.as_u16(), &refused.json()["errors"][0]["field"]), (422, &json!("overlap_hours")));
        }
        assert_eq!(count_secrets(world).await, 1);
    }

    async fn a_dry_run_says_what_would_be_and_is_no_use_of_the_token(world: &World) {
        let minted = world.approved("issues", "read").await;
        let token = minted.secret.reveal();
        let questions = json!({"questions": [
            {"method": "GET", "path": "/repos/acme/web/issues?state=all"},
            {"method": "HEAD", "path": "/api/v3/repos/acme/web/issues"},
            {"method": "POST", "path": "/repos/acme/web/issues"},
            {"method": "GET", "path": "/repos/acme/api/issues"},
            {"method": "GET", "path": "/repos/acme/site"},
            {"method": "GET", "path": "/repos/acme//web"},
            {"method": "BREW", "path": "/coffee"},
        ]});
        let answer = world.http("POST", "/token/can", token, Some(questions)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let decisions = answer.json()["decisions"].as_array().expect("a list").clone();
        let brief: Vec<_> = decisions.iter().map(|one| (one["allowed"].clone(), one["reason"].clone())).collect();
        assert_eq!(brief, [
            (json!(true), json!(null)),
            (json!(true), json!(null)),
            (json!(false), json!("missing_permission")),
            (json!(false), json!("not_found")),
            (json!(true), json!(null)),
            (json!(false), json!("bad_path")),
            (json!(false), json!("not_found")),
        ]);
        assert_eq!(decisions[0]["permission"], "issues:read");
        assert_eq!((&decisions[2]["needed"], &decisions[2]["held"]), (&json!([["issues=write"]]), &json!(["issues=read"])));
        assert!(decisions[2]["message"].to_string().contains("issues"), "{decisions:?}");
        let last = tokens::find_last_use(&mut world.reader(), minted.token, None).await;
        assert_eq!(last.expect("it is read"), None);
        let refusals = records::list_refusals(&mut world.reader(), minted.token, 9).await;
        assert_eq!(refusals.expect("they are read"), []);
    }

    /// Asking ends no overlap either.
    async fn a_dry_run_with_a_new_secret_leaves_the_old_one_as_it_is(world: &World) {
        let first = rotating(world).await;
        let second = made(&rotate(world, &first, None).await);
        let question = json!({"questions": [{"method": "GET", "path": "/user"}]});
        assert_eq!(world.http("POST", "/token/can", &second, Some(question)).await.status, 200);
        assert!(works(world, &first).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn questions_that_cannot_be_read_are_refused_at_their_field() {
    let world = World::memory().await;
    let minted = world.mint("ana", draft("ci").owner("ana").all()).await;
    let question = json!({"method": "GET", "path": "/user"});
    for body in [
        json!({}),
        json!({"questions": []}),
        json!({"questions": question}),
        json!({"questions": ["GET /user"]}),
        json!({"questions": [{"method": "GET"}]}),
        json!({"questions": [{"method": 1, "path": "/user"}]}),
        json!({"questions": vec![question.clone(); 101]}),
    ] {
        let refused = world
            .http(
                "POST",
                "/token/can",
                minted.secret.reveal(),
                Some(body.clone()),
            )
            .await;
        assert_eq!(refused.status, 422, "{body}");
        assert_eq!(refused.json()["errors"][0]["field"], "questions", "{body}");
    }
    world.stop().await;
}
