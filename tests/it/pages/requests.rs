//! The pages on which an organization's owners decide requests.

use axum::http::StatusCode;
use grantry::actions::mint::Minted;
use grantry::domain::approval::RequestState;
use grantry::domain::ids::RequestId;
use grantry::store::{grants, requests};

use super::visitor::{Page, Visitor};
use crate::world::{TokenDraft, World, draft};

const QUEUE: &str = "/organizations/acme/settings/personal-access-token-requests";

fn ci() -> TokenDraft {
    draft("ci")
        .owner("acme")
        .selected(&["web"])
        .permission("contents", "write")
        .because("To publish releases.")
}

/// Ana's token `ci` waits at acme; its page.
async fn waiting(world: &World) -> (Minted, RequestId, String) {
    let minted = world.mint("ana", ci()).await;
    let id = world.request(minted.token, "acme").await.expect("it waits");
    (minted, id, format!("{QUEUE}/{id}"))
}

async fn find(world: &World, id: RequestId) -> requests::Request {
    requests::find(&mut world.reader(), id)
        .await
        .expect("requests can be read")
        .expect("it exists")
}

/// Presses a button of a request's page as it was shown.
async fn press(visitor: &Visitor, shown: &Page, path: &str, verb: &str, reason: &str) -> Page {
    let rev = shown.value("rev");
    let fields = [("rev", rev.as_str()), ("reason", reason)];
    visitor.post(&format!("{path}/{verb}"), &fields).await
}

on_every_database! {
    /// The list tells who asks for what, and what to notice.
    async fn the_queue_tells_who_asks_for_what(world: &World) {
        waiting(world).await;
        let everything = draft("deploy").owner("acme").all().permission("contents", "read").unlimited();
        world.try_mint("ben", &everything).await.expect_err("acme allows 366 days");
        world.mint("ben", draft("deploy").owner("acme").all().permission("contents", "read")).await;
        let outside = draft("edge").owner("acme").selected(&["web"]).permission("issues", "read");
        world.mint("carl", outside).await;
        let olga = Visitor::confirmed(world, "olga").await;
        let page = olga.get(QUEUE).await;
        assert_eq!(page.status, StatusCode::OK);
        for text in [
            "3 requests wait", "Ana", "Contents: write", "acme/web", "first request of this person",
            "all repositories", "outside collaborator",
        ] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
        let places = ["ci", "deploy", "edge"].map(|name| page.html.find(&format!(">{name}</a>")));
        assert!(places.is_sorted() && places[0].is_some(), "oldest first: {places:?}");
    }

    /// An empty queue says what would be there.
    async fn an_empty_queue_says_what_would_be_there(world: &World) {
        let olga = Visitor::confirmed(world, "olga").await;
        let page = olga.get(QUEUE).await;
        assert!(page.has("No requests wait for you"), "{}", page.html);
    }

    /// One request is told in full.
    async fn a_request_is_told_in_full(world: &World) {
        let (_, _, path) = waiting(world).await;
        let olga = Visitor::confirmed(world, "olga").await;
        let page = olga.get(&path).await;
        assert_eq!(page.status, StatusCode::OK);
        for text in [
            "ana asks for ci", "Can push code in acme/web.", "To publish releases.", "Contents: write",
            "Metadata: read", "private", "Member of Acme", "after a life of 30 days", "1 of 1", "nothing was decided about it",
            "nothing was decided about ana",
        ] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
    }

    /// Approving lets the token in and goes on to the next request.
    async fn approving_lets_the_token_in_and_goes_on(world: &World) {
        let (minted, id, path) = waiting(world).await;
        world.pass_seconds(60);
        let next = world.mint("ben", ci()).await;
        let next = world.request(next.token, "acme").await.expect("it waits");
        let olga = Visitor::confirmed(world, "olga").await;
        let done = press(&olga, &olga.get(&path).await, &path, "approve", " Well argued. ").await;
        assert_eq!((done.status, done.location), (StatusCode::SEE_OTHER, format!("{QUEUE}/{next}")));
        let request = find(world, id).await;
        assert_eq!(request.state, RequestState::Approved);
        assert_eq!(request.decided_by, Some(world.user("olga").await));
        assert_eq!(request.decision_reason, "Well argued.");
        assert_eq!(world.grant(minted.token, "acme").await.state, grantry::domain::approval::GrantState::Active);
        let page = olga.get(&format!("{QUEUE}/{next}")).await;
        assert!(page.has("Approved ana&#39;s token ci") || page.has("Approved ana's token ci"), "{}", page.html);
        let decided = olga.get(&path).await;
        assert!(decided.has("olga approved this request"), "{}", decided.html);
        assert!(!decided.has("/approve\""), "a decided request has no form");
    }

    /// Denying keeps the token out, and its reason is read.
    async fn denying_keeps_the_token_out_with_a_reason(world: &World) {
        let (minted, id, path) = waiting(world).await;
        let olga = Visitor::confirmed(world, "olga").await;
        let done = press(&olga, &olga.get(&path).await, &path, "deny", "Use the bot account.").await;
        assert_eq!((done.status, done.location.as_str()), (StatusCode::SEE_OTHER, QUEUE));
        let request = find(world, id).await;
        assert_eq!(request.state, RequestState::Denied);
        assert_eq!(request.decision_reason, "Use the bot account.");
        assert_eq!(world.grant(minted.token, "acme").await.state, grantry::domain::approval::GrantState::None);
        let again = world.mint("ana", draft("again").owner("acme").selected(&["api"]).permission("issues", "read")).await;
        let id = world.request(again.token, "acme").await.expect("it waits");
        let page = olga.get(&format!("{QUEUE}/{id}")).await;
        assert!(page.has("olga denied ci: “Use the bot account.”"), "{}", page.html);
        assert!(!page.has("first request of this person"));
    }

    /// Whoever is second reads who was first, and changes nothing.
    async fn the_second_decider_reads_who_was_first(world: &World) {
        let (minted, id, path) = waiting(world).await;
        let olga = Visitor::confirmed(world, "olga").await;
        let shown = olga.get(&path).await;
        world.deny("sam", &minted, "Not now.").await.expect("it waits");
        for verb in ["approve", "deny"] {
            let late = press(&olga, &shown, &path, verb, "").await;
            assert_eq!(late.status, StatusCode::CONFLICT);
            assert!(late.has("sam denied ana") && late.has("Not now."), "{}", late.html);
            assert!(late.has(QUEUE), "it leads back");
        }
        let request = find(world, id).await;
        assert_eq!((request.state, request.decided_by), (RequestState::Denied, Some(world.user("sam").await)));
    }

    /// A request whose grant has moved on is out of date.
    async fn a_request_that_is_out_of_date_is_not_approved(world: &World) {
        let (minted, id, path) = waiting(world).await;
        let olga = Visitor::confirmed(world, "olga").await;
        let shown = olga.get(&path).await;
        move_grant(world, &minted).await;
        let late = press(&olga, &shown, &path, "approve", "").await;
        assert_eq!(late.status, StatusCode::CONFLICT);
        assert!(late.has("This request is out of date"), "{}", late.html);
        assert_eq!(find(world, id).await.state, RequestState::Pending);
        let page = olga.get(&path).await;
        assert!(page.has("It cannot be approved now"), "{}", page.html);
        assert!(!page.has(">Approve</button>"));
    }

    /// An expired token has nothing left to approve.
    async fn an_expired_token_is_not_approved(world: &World) {
        let (_, id, path) = waiting(world).await;
        world.pass_days(31);
        let olga = Visitor::confirmed(world, "olga").await;
        let page = olga.post(&format!("{path}/approve"), &[("rev", "1"), ("reason", "")]).await;
        assert_eq!(page.status, StatusCode::CONFLICT);
        assert!(page.has("The token ci has expired"), "{}", page.html);
        assert_eq!(find(world, id).await.state, RequestState::Pending);
    }

    /// A form that does not say what it shows is refused.
    async fn a_form_of_another_version_is_refused(world: &World) {
        let (_, id, path) = waiting(world).await;
        let olga = Visitor::confirmed(world, "olga").await;
        for rev in ["", "2", "x"] {
            let page = olga.post(&format!("{path}/approve"), &[("rev", rev)]).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{rev}");
        }
        assert_eq!(find(world, id).await.state, RequestState::Pending);
    }

    /// A reason that is too long returns to its field.
    async fn a_reason_that_is_too_long_returns_to_its_field(world: &World) {
        let (_, id, path) = waiting(world).await;
        let olga = Visitor::confirmed(world, "olga").await;
        let long = "a".repeat(1_025);
        let page = press(&olga, &olga.get(&path).await, &path, "deny", &long).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.has("The reason has 1025 characters; 1024 fit."), "{}", page.html);
        assert!(page.has("One thing to put right") && page.has("href=\"#reason\""), "{}", page.html);
        assert!(page.has(&long), "what was typed stays");
        assert_eq!(find(world, id).await.state, RequestState::Pending);
    }

    /// Without a fresh passkey the form waits and comes back filled.
    async fn an_old_sign_in_is_asked_first_and_the_form_comes_back(world: &World) {
        let (_, id, path) = waiting(world).await;
        let olga = Visitor::signed_in(world, "olga").await;
        let sent = press(&olga, &olga.get(&path).await, &path, "approve", "Well argued.").await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER);
        let draft = sent.location.strip_prefix("/sudo?").expect("it asks first").to_owned();
        assert_eq!(find(world, id).await.state, RequestState::Pending);
        let page = olga.get(&format!("{path}?{draft}")).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.has("Well argued."), "{}", page.html);
        assert_eq!(find(world, id).await.state, RequestState::Pending, "no state changes on GET");
    }

    /// For everybody else the pages do not exist.
    async fn for_others_the_pages_do_not_exist(world: &World) {
        let (_, id, path) = waiting(world).await;
        for login in ["ana", "ben", "gus", "eve", "dan"] {
            let other = Visitor::confirmed(world, login).await;
            assert_eq!(other.get(QUEUE).await.status, StatusCode::NOT_FOUND, "{login}");
            assert_eq!(other.get(&path).await.status, StatusCode::NOT_FOUND, "{login}");
            let sent = other.post(&format!("{path}/approve"), &[("rev", "1")]).await;
            assert_eq!(sent.status, StatusCode::NOT_FOUND, "{login}");
        }
        // Olga owns labs too, where this request is unknown.
        let olga = Visitor::confirmed(world, "olga").await;
        let elsewhere = path.replace("/acme/", "/labs/");
        assert_eq!(olga.get(&elsewhere).await.status, StatusCode::NOT_FOUND);
        let sent = olga.post(&format!("{elsewhere}/deny"), &[("rev", "1")]).await;
        assert_eq!(sent.status, StatusCode::NOT_FOUND);
        for id in ["0", "999999", "-1", "x", "99999999999999999999"] {
            assert_eq!(olga.get(&format!("{QUEUE}/{id}")).await.status, StatusCode::NOT_FOUND, "{id}");
        }
        assert_eq!(find(world, id).await.state, RequestState::Pending);
    }

    /// A long queue is paged by place, both ways.
    async fn a_long_queue_is_paged_both_ways(world: &World) {
        for number in 0..49 {
            let one = draft(&format!("t{number}")).owner("acme").selected(&["web"]);
            world.mint("ana", one.permission("issues", "read")).await;
        }
        for number in 49..52 {
            let one = draft(&format!("t{number}")).owner("acme").selected(&["web"]);
            world.mint("ben", one.permission("issues", "read")).await;
        }
        let olga = Visitor::confirmed(world, "olga").await;
        let first = olga.get(QUEUE).await;
        assert!(first.has(">t49</a>") && !first.has(">t50</a>"));
        let after = link(&first, "after");
        let second = olga.get(&format!("{QUEUE}?after={after}")).await;
        assert!(second.has(">t50</a>") && second.has(">t51</a>") && !second.has(">t49</a>"));
        let back = olga.get(&format!("{QUEUE}?before={}", link(&second, "before"))).await;
        assert!(back.has(">t0</a>") && back.has(">t49</a>") && !back.has(">t50</a>"));
        let bad = olga.get(&format!("{QUEUE}?after=x")).await;
        assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(bad.has("This address names no place in the list"), "{}", bad.html);
    }
}

/// The place in the link to the page before or after.
fn link(page: &Page, name: &str) -> String {
    let (_, rest) = page
        .html
        .split_once(&format!("?{name}="))
        .unwrap_or_else(|| panic!("no link {name}: {}", page.html));
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// Makes the grant of a token something else than its request was made against.
async fn move_grant(world: &World, minted: &Minted) {
    let grant = world.grant(minted.token, "acme").await;
    let nothing = grants::load_ask(&mut world.reader(), world.context.catalog, &grant)
        .await
        .expect("a grant can be read");
    let by = world.user("sam").await;
    let moved = grants::activate(
        &mut world.reader(),
        world.context.catalog,
        (grant.id, grant.rev),
        &nothing,
        by,
        grantry::clock::Clock::now(&*world.clock),
    )
    .await;
    assert!(moved.expect("the database works"), "the grant moves");
}
