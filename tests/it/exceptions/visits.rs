//! The classic tokens that came to an organization: the list, one of them, and blocking them there for good.

use axum::http::StatusCode;
use grantry::domain::access::decision::Reason;
use grantry::domain::ids::TokenId;
use grantry::domain::policy::Exempted;
use grantry::domain::policy::setting::{Access, EnterpriseAccess, Limit};
use grantry::domain::token::TokenKind;
use grantry::store::exceptions;

use super::{acme_sets, approved, classic, count_events, exempt, globex_sets, read};
use crate::pages::visitor::Visitor;
use crate::world::{Answer, World};

const LIST: &str = "/organizations/acme/settings/personal-access-tokens/classic";
const KIND: TokenKind = TokenKind::Classic;
const BLOCKED: &str = "personal_access_token.access_blocked";

/// A classic token that was used at acme.
async fn visited(world: &World, user: &str, note: &str) -> (TokenId, String) {
    let (token, secret) = classic(world, user, note).await;
    assert_eq!(read(world, &secret).await, Answer::Allowed);
    (token, secret)
}

fn one(token: TokenId) -> String {
    format!("{LIST}/{token}")
}

async fn is_blocked(world: &World, token: TokenId) -> bool {
    let blocks = exceptions::list_blocks(&mut world.reader(), token).await;
    !blocks.expect("they are read").is_empty()
}

on_every_database! {
    async fn the_list_tells_what_came_here_and_nothing_of_elsewhere(world: &World) {
        let olga = Visitor::confirmed(world, "olga").await;
        assert!(olga.get(LIST).await.has("No classic token came here"));
        let (_, secret) = visited(world, "ana", "old job").await;
        classic(world, "ben", "never used").await;
        world.answer(&secret, "GET", "/repos/labs/probe/issues").await;
        let page = olga.get(LIST).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.html);
        for text in ["1 token<", ">old job</a>", "<code>repo</code>", "GET /repos/acme/web/issues", "Never", "Works"] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
        assert!(!page.has("never used") && !page.has("labs/probe"), "{}", page.html);
        world.pass_days(91);
        let sam = Visitor::confirmed(world, "sam").await;
        assert!(sam.get(LIST).await.has("No classic token came here"), "it came long ago");
    }

    async fn every_filter_finds_its_tokens_and_states_agree_with_the_gate(world: &World) {
        let (works, works_secret) = visited(world, "ana", "works").await;
        let (spared, spared_secret) = visited(world, "ben", "spared").await;
        let (outside, outside_secret) = visited(world, "carl", "outside").await;
        let (blocked, blocked_secret) = visited(world, "ana", "banned").await;
        let olga = Visitor::confirmed(world, "olga").await;
        olga.post(&format!("{}/block", one(blocked)), &[("reason", "")]).await;
        let named = async |query: &str, expected: &[&str]| {
            let page = olga.get(&format!("{LIST}?{query}")).await;
            assert_eq!(page.status, StatusCode::OK, "{query}: {}", page.html);
            for note in ["works", "spared", "outside", "banned"] {
                let is_there = page.has(&format!(">{note}</a>"));
                assert_eq!(is_there, expected.contains(&note), "{query} {note}: {}", page.html);
            }
        };
        named("state=works", &["works", "spared", "outside"]).await;
        acme_sets(world, KIND, Access::Allow, Limit::Days(30)).await;
        exempt(world, spared, Exempted::Lifetime, 30, "until autumn").await;
        named("", &["works", "spared", "outside", "banned"]).await;
        named("state=works", &["spared", "outside"]).await;
        named("state=policy", &["works"]).await;
        named("state=blocked", &["banned"]).await;
        named("state=expired", &[]).await;
        named("life=long", &["works", "spared", "outside", "banned"]).await;
        named("life=none&person=CAR", &["outside"]).await;
        named("person=ana&note=wor", &["works"]).await;
        named("scope=repo", &["works", "spared", "outside", "banned"]).await;
        named("scope=gist", &[]).await;
        let refused = Answer::Refused(Reason::PolicyLifetime);
        for (token, secret, expected) in [
            (works, works_secret, refused),
            (spared, spared_secret, Answer::Allowed),
            (outside, outside_secret, Answer::Allowed),
            (blocked, blocked_secret, Answer::Refused(Reason::PolicyLifetime)),
        ] {
            assert_eq!(read(world, &secret).await, expected, "{token}");
        }
        acme_sets(world, KIND, Access::Restrict, Limit::Unlimited).await;
        named("state=policy", &["works", "spared", "outside"]).await;
        acme_sets(world, KIND, Access::Allow, Limit::Unlimited).await;
        globex_sets(world, KIND, EnterpriseAccess::Delegate, Limit::Days(30)).await;
        named("state=policy", &["works", "spared"]).await;
        let page = olga.get(&format!("{LIST}?state=policy")).await;
        assert!(page.has("Globex allows classic tokens for at most 30 days, and this one lives longer."), "{}", page.html);
    }

    async fn every_order_runs_both_ways_and_what_means_nothing_is_told_at_its_field(world: &World) {
        for (user, note) in [("ana", "b"), ("ben", "c"), ("ana", "a")] {
            visited(world, user, note).await;
            world.pass_seconds(10);
        }
        let olga = Visitor::confirmed(world, "olga").await;
        let order = async |query: &str| {
            let page = olga.get(&format!("{LIST}?{query}")).await;
            assert_eq!(page.status, StatusCode::OK, "{query}: {}", page.html);
            let mut found: Vec<_> = ["a", "b", "c"].map(|note| (page.html.find(&format!(">{note}</a>")), note)).into();
            found.sort();
            found.iter().map(|(_, note)| *note).collect::<String>()
        };
        for (query, expected) in [
            ("", "acb"), ("sort=used&order=asc", "bca"), ("sort=note", "abc"), ("sort=note&order=desc", "cba"),
            ("sort=person", "bac"), ("sort=person&order=desc", "cab"), ("sort=end", "bca"), ("sort=end&order=desc", "acb"),
        ] {
            assert_eq!(order(query).await, expected, "{query}");
        }
        let after = "sort=note&after=";
        for (query, told) in [
            ("state=happy", "`happy` is none of the choices."), ("scope=all", "`all` is none of the choices."),
            ("life=short", "`short` is none of the choices."), ("sort=colour", "`colour` is none of the choices."),
            ("after=x", "The address names no place in the list."),
        ] {
            let page = olga.get(&format!("{LIST}?{query}")).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
            assert!(page.has(told), "{query}: {}", page.html);
        }
        let page = olga.get(&format!("{LIST}?{after}0-b")).await;
        assert!(!page.has(">a</a>") && page.has(">b</a>") && page.has("rel=\"prev\""), "{}", page.html);
        let page = olga.get(&format!("{LIST}?sort=note&before=999999-b")).await;
        assert!(page.has(">a</a>") && page.has(">b</a>") && !page.has(">c</a>"), "{}", page.html);
    }

    async fn one_token_shows_what_it_did_here_and_how_to_keep_it_out(world: &World) {
        let (token, secret) = visited(world, "ana", "old job").await;
        world.answer(&secret, "GET", "/repos/labs/probe/issues").await;
        acme_sets(world, KIND, Access::Restrict, Limit::Unlimited).await;
        assert_eq!(read(world, &secret).await, Answer::Refused(Reason::PolicyAccess));
        world.answer(&secret, "GET", "/repos/acme/site/issues").await;
        // Sam owns acme alone, so that nothing of other owners stands in his menu.
        let sam = Visitor::confirmed(world, "sam").await;
        let page = sam.get(&one(token)).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.html);
        for text in [
            "old job of ana", "Blocked by policy", "Acme does not allow classic tokens.", "Latest refusals here",
            "Block it here for good", "a regenerated secret stays blocked too", "ana can make another token",
            &format!("exemptions/new?token={token}"),
        ] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
        assert!(!page.has("labs"), "nothing of other owners: {}", page.html);
    }

    async fn blocking_counts_at_once_and_a_second_time_says_who_was_first(world: &World) {
        let (token, secret) = visited(world, "ana", "old job").await;
        let (_, other) = visited(world, "ana", "another").await;
        let path = format!("{}/block", one(token));
        let sam = Visitor::signed_in(world, "sam").await;
        let long = "x".repeat(1_025);
        let wrong = sam.post(&path, &[("reason", &long)]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.has(&long) && wrong.has("1024 fit"), "{}", wrong.html);
        let sent = sam.post(&path, &[("reason", "Use a new one.")]).await;
        let draft = sent.location.strip_prefix("/sudo?").expect("it asks first").to_owned();
        assert!(sam.get(&format!("{}?{draft}", one(token))).await.has("Use a new one."));
        assert!(!is_blocked(world, token).await);
        let olga = Visitor::confirmed(world, "olga").await;
        let done = olga.post(&path, &[("reason", "Use a fine-grained one.")]).await;
        assert_eq!((done.status, done.location.as_str()), (StatusCode::SEE_OTHER, LIST), "{}", done.html);
        assert_eq!(read(world, &secret).await, Answer::Refused(Reason::BlockedHere));
        assert_eq!(read(world, &other).await, Answer::Allowed, "another token is not blocked");
        assert_eq!(world.answer(&secret, "GET", "/repos/acme/site/issues").await, Answer::Allowed, "public reads stay");
        let page = olga.get(&one(token)).await;
        for text in ["Blocked here, for good", "olga blocked it", "Use a fine-grained one.", "olga blocked old job here, for good"] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
        assert!(!page.has("Block it here for good</button>"), "{}", page.html);
        let late = Visitor::confirmed(world, "sam").await.post(&path, &[("reason", "Mine.")]).await;
        assert_eq!(late.status, StatusCode::CONFLICT);
        for text in ["This token is blocked here already", "olga blocked it on 1 Oct 2026", "Use a fine-grained one."] {
            assert!(late.has(text), "{text}: {}", late.html);
        }
        assert_eq!(count_events(world, BLOCKED).await, 1);
    }

    async fn many_are_blocked_at_once_or_none(world: &World) {
        let (first, first_secret) = visited(world, "ana", "first").await;
        let (second, second_secret) = visited(world, "ben", "second").await;
        let ids = (first.to_string(), second.to_string());
        let chosen = [("chosen", ids.0.as_str()), ("chosen", ids.1.as_str()), ("reason", "Clean-up.")];
        let olga = Visitor::confirmed(world, "olga").await;
        let page = olga.get(&format!("{LIST}/block?chosen={first}&chosen={second}&chosen={first}")).await;
        assert!(page.has("Block 2 classic tokens") && page.has("2 of them were used here"), "{}", page.html);
        let sam = Visitor::signed_in(world, "sam").await;
        assert!(sam.post(&format!("{LIST}/block"), &chosen).await.location.starts_with("/sudo?"));
        Visitor::confirmed(world, "sam").await.post(&format!("{}/block", one(second)), &[("reason", "First.")]).await;
        let stopped = olga.post(&format!("{LIST}/block"), &chosen).await;
        assert_eq!(stopped.status, StatusCode::CONFLICT);
        assert!(stopped.has("Nothing was changed") && stopped.has("One of the chosen tokens"), "{}", stopped.html);
        assert_eq!(read(world, &first_secret).await, Answer::Allowed);
        assert_eq!(count_events(world, BLOCKED).await, 1);
        let done = olga.post(&format!("{LIST}/block"), &[("chosen", ids.0.as_str()), ("reason", "")]).await;
        assert_eq!((done.status, done.location.as_str()), (StatusCode::SEE_OTHER, LIST), "{}", done.html);
        for secret in [first_secret, second_secret] {
            assert_eq!(read(world, &secret).await, Answer::Refused(Reason::BlockedHere));
        }
        for query in ["", "?chosen=x"] {
            assert_eq!(olga.get(&format!("{LIST}/block{query}")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let crowd: Vec<_> = (1..=101).map(|id| format!("chosen={id}")).collect();
        let page = olga.get(&format!("{LIST}/block?{}", crowd.join("&"))).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.has("101 tokens are too many at once"), "{}", page.html);
    }

    async fn what_did_not_come_here_or_is_not_theirs_does_not_exist(world: &World) {
        let (token, secret) = visited(world, "ana", "old job").await;
        let (unseen, _) = classic(world, "ben", "never used").await;
        let (fine_grained, fine_secret) = approved(world, "fine").await;
        read(world, &fine_secret).await;
        let olga = Visitor::confirmed(world, "olga").await;
        for id in [unseen.to_string(), fine_grained.to_string(), "999999".to_owned(), "x".to_owned()] {
            assert_eq!(olga.get(&format!("{LIST}/{id}")).await.status, StatusCode::NOT_FOUND, "{id}");
            let sent = olga.post(&format!("{LIST}/{id}/block"), &[("reason", "")]).await;
            assert_eq!(sent.status, StatusCode::NOT_FOUND, "{id}");
        }
        let elsewhere = format!("/organizations/labs/settings/personal-access-tokens/classic/{token}");
        assert_eq!(olga.get(&elsewhere).await.status, StatusCode::NOT_FOUND);
        for login in ["ana", "ben", "carl", "gus", "eve"] {
            let other = Visitor::confirmed(world, login).await;
            for path in [LIST.to_owned(), one(token), format!("{LIST}/block?chosen={token}")] {
                assert_eq!(other.get(&path).await.status, StatusCode::NOT_FOUND, "{login} {path}");
            }
            let sent = other.post(&format!("{}/block", one(token)), &[("reason", "")]).await;
            assert_eq!(sent.status, StatusCode::NOT_FOUND, "{login}");
        }
        assert_eq!(read(world, &secret).await, Answer::Allowed);
        assert!(!is_blocked(world, token).await);
    }

    async fn a_token_that_ended_meanwhile_is_not_blocked(world: &World) {
        let (token, _) = visited(world, "ana", "old job").await;
        let (origin, ana) = (world.person("ana").await, world.user("ana").await);
        let deleted = grantry::actions::delete_token::delete_token(&world.context, &origin, ana, token).await;
        assert!(deleted.expect("the database works"));
        let olga = Visitor::confirmed(world, "olga").await;
        let sent = olga.post(&format!("{}/block", one(token)), &[("reason", "")]).await;
        assert_eq!(sent.status, StatusCode::CONFLICT, "{}", sent.html);
        assert!(sent.has("This token ended"), "{}", sent.html);
        assert!(olga.get(&one(token)).await.has("Ended"));
        assert!(!is_blocked(world, token).await);
    }
}
