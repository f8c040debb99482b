//! Making and changing a classic token.

use grantry::actions::edit_classic::{ClassicEdit, EditClassicError, edit_classic};
use grantry::actions::mint::MintError;
use grantry::actions::mint_classic::{ClassicDraft, mint_classic_once};
use grantry::domain::access::decision::Reason;
use grantry::domain::audit::Action;
use grantry::domain::token::draft::Field;
use grantry::domain::token::expiry::Expiration;
use grantry::store::Db as _;

use super::ISSUES;
use crate::world::{Answer, World, draft};

fn fields(error: MintError) -> Vec<Field> {
    let MintError::Mistakes(mistakes) = error else {
        panic!("other mistakes were expected: {error:?}");
    };
    mistakes.into_iter().map(|mistake| mistake.field).collect()
}

/// What the log says of the last event of this action.
async fn last_event(world: &World, action: Action) -> serde_json::Value {
    let (data,): (String,) = world
        .reader()
        .query("SELECT data FROM audit_events WHERE action = $1 ORDER BY seq DESC LIMIT 1")
        .bind(action.as_str())
        .one()
        .await
        .expect("the log can be read");
    serde_json::from_str(&data).expect("it is JSON")
}

async fn count_tokens(world: &World) -> i64 {
    let all = world
        .reader()
        .query("SELECT COUNT(*) FROM tokens")
        .number()
        .await;
    all.expect("tokens can be counted")
}

on_every_database! {
    async fn a_classic_token_reaches_what_its_user_reaches_within_its_scopes(world: &World) {
        let minted = world.classic("ci", &["repo", "repo:status"]).await;
        let told: Vec<_> = minted.dropped.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["`repo:status` was dropped: `repo` includes it"]);
        assert_eq!(world.held(minted.token).await, ["repo"]);
        assert_eq!(last_event(world, Action::TokenCreate).await["token_scopes"], "repo");
        let secret = minted.secret.reveal();
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Allowed);
        assert_eq!(world.answer(secret, "GET", "/orgs/acme/members").await, Answer::Refused(Reason::MissingScope));
    }

    async fn a_classic_token_with_mistakes_is_not_made(world: &World) {
        world.classic("taken", &["repo"]).await;
        let never = Expiration::Never;
        let long = "n".repeat(41);
        let table: [(&str, &[&str], Expiration, &[Field]); 6] = [
            ("", &["repo"], never, &[Field::Name]),
            (&long, &["repo"], never, &[Field::Name]),
            (" TAKEN ", &["repo"], never, &[Field::Name]),
            ("free", &[], never, &[Field::Scopes]),
            ("free", &["repo"], Expiration::Days(367), &[Field::Expiration]),
            ("taken", &[], Expiration::Days(0), &[Field::Scopes, Field::Name, Field::Expiration]),
        ];
        for (note, scopes, expiration, expected) in table {
            let refused = world.try_classic("ana", note, scopes, expiration).await;
            assert_eq!(fields(refused.expect_err("it has mistakes")), expected, "{note} {scopes:?}");
        }
        assert_eq!(count_tokens(world).await, 1);
        world.mint("ana", draft("taken").owner("ana").all()).await;
        world.try_classic("ben", "taken", &["repo"], never).await.expect("names are per user and kind");
    }

    async fn a_classic_form_that_is_sent_twice_makes_one_token(world: &World) {
        let (origin, ana) = (world.person("ana").await, world.user("ana").await);
        let draft = ClassicDraft { note: "once".to_owned(), scopes: world.scopes(&["repo"]), expiration: Expiration::Days(7) };
        let make = || mint_classic_once(&world.context, &origin, ana, &draft, b"number");
        let first = make().await.expect("it is made");
        let again = make().await.expect("nobody used it");
        assert_eq!(first.token, again.token);
        assert_eq!(count_tokens(world).await, 1);
        let bad = Answer::Refused(Reason::BadCredentials);
        assert_eq!(world.answer(first.secret.reveal(), "GET", ISSUES).await, bad);
        assert_eq!(world.answer(again.secret.reveal(), "GET", ISSUES).await, Answer::Allowed);
        let used = make().await.expect_err("the secret was used");
        assert!(matches!(used, MintError::AlreadyMade(token) if token == first.token), "{used:?}");
        assert_eq!(world.answer(again.secret.reveal(), "GET", ISSUES).await, Answer::Allowed);
    }

    async fn two_classic_forms_with_one_note_make_one_token(world: &World) {
        let make = || world.try_classic("ana", "race", &["repo"], Expiration::Never);
        let (one, other) = tokio::join!(make(), make());
        let errors: Vec<_> = [one, other].into_iter().filter_map(Result::err).collect();
        assert_eq!(errors.len(), 1);
        for error in errors {
            assert_eq!(fields(error), [Field::Name]);
        }
        assert_eq!(count_tokens(world).await, 1);
    }

    async fn an_edit_changes_note_and_scopes_and_tells_what_was_dropped(world: &World) {
        let minted = world.classic("ci", &["repo"]).await;
        let dropped = world.edit_classic("ana", minted.token, " nightly ", &["admin:org", "read:org"]).await;
        let dropped = dropped.expect("it is hers");
        assert_eq!(dropped[0].to_string(), "`read:org` was dropped: `admin:org` includes it");
        assert_eq!(world.held(minted.token).await, ["admin:org"]);
        assert_eq!(world.token(minted.token).await.name, "nightly");
        let secret = minted.secret.reveal();
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Refused(Reason::NotFound));
        assert_eq!(world.answer(secret, "GET", "/orgs/acme/members").await, Answer::Allowed);
        let event = last_event(world, Action::TokenUpdate).await;
        assert_eq!(event["token_scopes"], "admin:org");
        assert_eq!(event["before"], serde_json::json!({"note": "ci", "token_scopes": "repo"}));
        assert_eq!(event["after"], serde_json::json!({"note": "nightly", "token_scopes": "admin:org"}));
    }

    async fn an_edit_of_a_classic_token_is_refused_and_nothing_changes(world: &World) {
        let minted = world.classic("ci", &["repo"]).await;
        world.classic("taken", &["gist"]).await;
        let fine = world.mint("ana", draft("fine").owner("ana").all()).await;
        let mistakes = |found: Result<_, EditClassicError>| match found {
            Err(EditClassicError::Mistakes(mistakes)) => {
                mistakes.into_iter().map(|mistake| mistake.field).collect::<Vec<_>>()
            }
            other => panic!("mistakes were expected: {other:?}"),
        };
        let id = minted.token;
        assert_eq!(mistakes(world.edit_classic("ana", id, "taken", &["repo"]).await), [Field::Name]);
        assert_eq!(mistakes(world.edit_classic("ana", id, "", &[]).await), [Field::Name, Field::Scopes]);
        for (user, id) in [("ben", id), ("ana", fine.token)] {
            let refused = world.edit_classic(user, id, "x", &["gist"]).await;
            assert!(matches!(refused, Err(EditClassicError::NotFound)), "{refused:?}");
        }
        let (origin, ana) = (world.person("ana").await, world.user("ana").await);
        let stale = ClassicEdit { rev: 0, note: "stale".to_owned(), scopes: world.scopes(&["gist"]) };
        let moved = edit_classic(&world.context, &origin, ana, id, &stale).await;
        assert!(matches!(moved, Err(EditClassicError::Moved)), "{moved:?}");
        assert_eq!((world.token(id).await.name.as_str(), world.held(id).await), ("ci", vec!["repo".to_owned()]));
    }

    async fn of_two_edits_at_once_one_is_told_that_the_token_moved(world: &World) {
        let minted = world.classic("ci", &["repo"]).await;
        let edit = |scopes| world.edit_classic("ana", minted.token, "ci", scopes);
        let (one, other) = tokio::join!(edit(&["gist"]), edit(&["user"]));
        let saved = usize::from(one.is_ok()) + usize::from(other.is_ok());
        let held = world.held(minted.token).await;
        assert_eq!(held.len(), 1, "never both: {held:?}");
        assert!(saved >= 1);
        for refused in [one.err(), other.err()].into_iter().flatten() {
            assert!(matches!(refused, EditClassicError::Moved), "{refused:?}");
        }
    }
}
