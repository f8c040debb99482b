//! The queue as reviewers work through it: filtered, sorted, page by page, many at once, or part of a request.

use axum::http::StatusCode;
use grantry::actions::mint::Minted;
use grantry::actions::review_many::{ManyError, Shown, approve_many, deny_many};
use grantry::domain::access::decision::Reason;
use grantry::domain::approval::{GrantState, RequestState};
use grantry::domain::ids::RequestId;
use grantry::store::{grants, requests, reviews};

use super::visitor::{Page, Visitor};
use crate::world::{Answer, TokenDraft, World, draft};

const QUEUE: &str = "/organizations/acme/settings/personal-access-token-requests";
const APPROVED: RequestState = RequestState::Approved;
const DENIED: RequestState = RequestState::Denied;
const PENDING: RequestState = RequestState::Pending;
const ACTIVE: &str = "/organizations/acme/settings/personal-access-tokens/active";

fn wish(name: &str) -> TokenDraft {
    draft(name).owner("acme").selected(&["web"])
}

/// Three people ask, a minute after each other.
async fn three(world: &World) -> [Minted; 3] {
    let ci = world
        .mint("ana", wish("ci").permission("contents", "write"))
        .await;
    world.pass_seconds(60);
    let deploy = draft("deploy")
        .owner("acme")
        .all()
        .permission("contents", "read");
    let deploy = world.mint("ben", deploy).await;
    world.pass_seconds(60);
    let edge = world
        .mint("carl", wish("edge").permission("issues", "read"))
        .await;
    [ci, deploy, edge]
}

/// What the check boxes on a page send.
fn boxes(page: &Page) -> Vec<String> {
    let rest = page.html.split("name=\"chosen\" value=\"").skip(1);
    rest.map(|rest| rest.split('"').next().unwrap_or_default().to_owned())
        .collect()
}

/// The names of the tokens on a page, in order.
fn names(page: &Page) -> Vec<String> {
    let cells = page.html.split("data-label=\"Token\"><a href=\"").skip(1);
    cells
        .filter_map(|cell| cell.split_once("\">")?.1.split_once("</a>"))
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// The address in a link of this kind, as a browser reads it.
fn link(page: &Page, rel: &str) -> Option<String> {
    let (_, rest) = page.html.split_once(&format!("rel=\"{rel}\" href=\""))?;
    let address = rest.split('"').next().unwrap_or_default();
    Some(address.replace("&#38;", "&").replace("&amp;", "&"))
}

async fn state(world: &World, id: RequestId) -> RequestState {
    let found = requests::find(&mut world.reader(), id).await;
    found.expect("it is read").expect("it is there").state
}

async fn waiting(world: &World, minted: &Minted) -> RequestId {
    world.request(minted.token, "acme").await.expect("it waits")
}

on_every_database! {
    /// Each filter narrows the list, says so, and can be taken away.
    async fn filters_narrow_the_queue_and_say_so(world: &World) {
        three(world).await;
        world.pass_days(3);
        world.mint("ana", wish("late").permission("issues", "write")).await;
        let olga = Visitor::confirmed(world, "olga").await;
        let table: [(&str, &[&str]); 11] = [
            ("person=AN", &["ci", "late"]),
            ("token=dep", &["deploy"]),
            ("repository=web", &["ci", "deploy", "edge", "late"]),
            ("repository=Acme/API", &["deploy"]),
            ("permission=contents", &["ci", "deploy"]),
            ("permission=contents&level=write", &["ci"]),
            ("level=write", &["ci", "late"]),
            ("level=admin", &[]),
            ("older=2", &["ci", "deploy", "edge"]),
            ("younger=2", &["late"]),
            ("person=ana&sort=token&order=desc", &["late", "ci"]),
        ];
        for (query, expected) in table {
            let page = olga.get(&format!("{QUEUE}?{query}")).await;
            assert_eq!((page.status, names(&page)), (StatusCode::OK, expected.iter().map(|name| (*name).to_owned()).collect()), "{query}");
            assert!(page.has("class=\"chip\""), "{query}");
            assert_eq!(page.has("No request matches"), expected.is_empty(), "{query}");
        }
        let page = olga.get(&format!("{QUEUE}?person=ana")).await;
        assert!(page.has("4 requests wait") && page.has("2 match"), "{}", page.html);
    }

    /// What a filter cannot take is said at its field.
    async fn a_filter_that_cannot_be_read_says_why(world: &World) {
        three(world).await;
        let olga = Visitor::confirmed(world, "olga").await;
        for (query, words) in [
            ("repository=nope", "acme has no repository named `nope`."),
            ("older=soon", "Write a whole number of days"),
            ("permission=x", "Choose a permission from the list."),
            ("level=owner", "Choose read, write or admin."),
        ] {
            let page = olga.get(&format!("{QUEUE}?{query}")).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
            assert!(page.has(words) && names(&page).is_empty(), "{query}: {}", page.html);
        }
    }

    /// Pages follow each other without a gap in every order and under a filter.
    async fn pages_follow_each_other_in_every_order(world: &World) {
        for number in 0..49 {
            world.mint("ana", wish(&format!("t{number:02}")).permission("issues", "read")).await;
        }
        for number in 49..55 {
            world.mint("ben", wish(&format!("t{number:02}")).permission("issues", "read")).await;
        }
        let olga = Visitor::confirmed(world, "olga").await;
        for order in ["", "sort=age&order=desc", "sort=person", "sort=person&order=desc", "sort=token", "sort=token&order=desc"] {
            let first = olga.get(&format!("{QUEUE}?token=t&{order}")).await;
            let next = link(&first, "next").expect("there is another page");
            let second = olga.get(&next).await;
            let mut all = [names(&first), names(&second)].concat();
            assert_eq!((names(&first).len(), all.len()), (50, 55), "{order}");
            let back = olga.get(&link(&second, "prev").expect("there is a way back")).await;
            assert_eq!(names(&back), names(&first), "{order}");
            all.sort();
            all.dedup();
            assert_eq!(all.len(), 55, "each once: {order}");
        }
        let long = olga.get(&format!("{QUEUE}?show=100")).await;
        assert_eq!(names(&long).len(), 55);
    }

    /// A decision leads to the next request under the filters with which the first was opened.
    async fn a_decision_leads_on_under_the_same_filters(world: &World) {
        let [ci, _, _] = three(world).await;
        let late = world.mint("ana", wish("late").permission("issues", "read")).await;
        let (ci, late) = (waiting(world, &ci).await, waiting(world, &late).await);
        let olga = Visitor::confirmed(world, "olga").await;
        let page = olga.get(&format!("{QUEUE}/{ci}?person=ana")).await;
        assert!(page.has("1 of 2 that match"), "{}", page.html);
        assert_eq!(link(&page, "next"), Some(format!("{QUEUE}/{late}?person=ana")));
        let rev = page.value("rev");
        let done = olga.post(&format!("{QUEUE}/{ci}/deny?person=ana"), &[("rev", &rev), ("reason", "No.")]).await;
        assert_eq!((done.status, done.location), (StatusCode::SEE_OTHER, format!("{QUEUE}/{late}?person=ana")));
        let done = olga.post(&format!("{QUEUE}/{late}/approve?person=ana"), &[("rev", "1")]).await;
        assert_eq!(done.location, format!("{QUEUE}?person=ana"), "nothing of ana is left");
    }

    /// What was chosen is shown again with its risks, and then approved in one go.
    async fn many_are_approved_at_once(world: &World) {
        let all = three(world).await;
        let olga = Visitor::confirmed(world, "olga").await;
        let chosen = boxes(&olga.get(QUEUE).await);
        let query = format!("&chosen={}", chosen.join("&chosen="));
        let page = olga.get(&format!("{QUEUE}/review?verdict=approve{query}")).await;
        assert_eq!(page.status, StatusCode::OK);
        for text in ["Approve 3 requests", "1 with write", "1 with all repositories", "1 with outside collaborator"] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
        let mut fields = vec![("verdict", "approve"), ("reason", "Well argued.")];
        fields.extend(chosen.iter().map(|value| ("chosen", value.as_str())));
        let done = olga.post(&format!("{QUEUE}/review"), &fields).await;
        assert_eq!((done.status, done.location.as_str()), (StatusCode::SEE_OTHER, QUEUE));
        for minted in &all {
            assert_eq!(world.grant(minted.token, "acme").await.state, GrantState::Active);
        }
        assert!(olga.get(QUEUE).await.has("Approved 3 requests."));
    }

    /// One that stands in the way stops all of them, and is named with who was first.
    async fn one_in_the_way_stops_all(world: &World) {
        let all = three(world).await;
        let olga = Visitor::confirmed(world, "olga").await;
        let chosen = boxes(&olga.get(QUEUE).await);
        world.deny("sam", &all[1], "Not now.").await.expect("it waits");
        for verdict in ["approve", "deny"] {
            let mut fields = vec![("verdict", verdict), ("reason", "typed")];
            fields.extend(chosen.iter().map(|value| ("chosen", value.as_str())));
            let page = olga.post(&format!("{QUEUE}/review"), &fields).await;
            assert_eq!(page.status, StatusCode::CONFLICT, "{verdict}");
            for text in ["1 request stands in the way", "ben&#39;s token deploy", "sam denied ben", "Not now.", "Nothing was changed", "Go on with the others alone"] {
                assert!(page.has(text), "{text}: {}", page.html);
            }
            for minted in [&all[0], &all[2]] {
                assert!(world.request(minted.token, "acme").await.is_some(), "nothing happened");
                assert_eq!(world.grant(minted.token, "acme").await.state, GrantState::None);
            }
        }
        let page = olga.get(&format!("{QUEUE}/review?verdict=approve&chosen={}&chosen=999-1", chosen[0])).await;
        assert!(page.has("There is no such request or token here") && !page.has("<textarea"), "{}", page.html);
    }

    /// Nothing chosen, or a version that nobody saw, decides nothing.
    async fn what_nobody_saw_is_not_decided(world: &World) {
        let all = three(world).await;
        let olga = Visitor::confirmed(world, "olga").await;
        let none = olga.post(&format!("{QUEUE}/review"), &[("verdict", "approve")]).await;
        assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(none.has("No request is chosen"), "{}", none.html);
        let id = waiting(world, &all[0]).await;
        let moved = format!("{id}-7");
        let page = olga.post(&format!("{QUEUE}/review"), &[("verdict", "approve"), ("chosen", &moved)]).await;
        assert_eq!(page.status, StatusCode::CONFLICT);
        assert!(page.has("This request is out of date"), "{}", page.html);
        assert_eq!(state(world, id).await, RequestState::Pending);
        let long = "a".repeat(1_025);
        let value = format!("{id}-1");
        let page = olga.post(&format!("{QUEUE}/review"), &[("verdict", "deny"), ("chosen", &value), ("reason", &long)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.has("The reason has 1025 characters; 1024 fit.") && page.has(&value), "{}", page.html);
        assert_eq!(state(world, id).await, RequestState::Pending);
    }

    /// An old sign-in is asked first, and the choice comes back.
    async fn a_choice_survives_the_confirmation(world: &World) {
        let all = three(world).await;
        let id = waiting(world, &all[0]).await;
        let olga = Visitor::signed_in(world, "olga").await;
        let value = format!("{id}-1");
        let sent = olga.post(&format!("{QUEUE}/review"), &[("verdict", "deny"), ("chosen", &value), ("reason", "No.")]).await;
        let draft = sent.location.strip_prefix("/sudo?").expect("it asks first").to_owned();
        let page = olga.get(&format!("{QUEUE}/review?{draft}")).await;
        assert!(page.has("Deny 1 request") && page.has(&value) && page.has("No."), "{}", page.html);
        assert_eq!(state(world, id).await, RequestState::Pending, "no state changes on GET");
    }

    /// Approving part of a request gives that part alone, from the page to the API.
    async fn part_of_a_request_can_be_approved(world: &World) {
        let wide = draft("wide").owner("acme").selected(&["web", "api"]);
        let minted = world.mint("ana", wide.permission("contents", "write").permission("issues", "read")).await;
        let id = waiting(world, &minted).await;
        let olga = Visitor::confirmed(world, "olga").await;
        let path = format!("{QUEUE}/{id}/part");
        let page = olga.get(&path).await;
        assert!(page.has("Approve this part") && page.has("permission-contents") && !page.has("permission-metadata"), "{}", page.html);
        let (web, rev) = (world.repository("acme/web").await.to_string(), page.value("rev"));
        let kept = [("rev", rev.as_str()), ("permission-contents", "none"), ("permission-issues", "read"), ("repository", &web)];
        let done = olga.post(&path, &kept).await;
        assert_eq!((done.status, done.location.as_str()), (StatusCode::SEE_OTHER, QUEUE), "{}", done.html);
        let secret = minted.secret.reveal();
        let (allowed, refused) = (Answer::Allowed, Answer::Refused);
        assert_eq!(world.answer(secret, "GET", "/repos/acme/web/issues").await, allowed);
        assert_eq!(world.answer(secret, "GET", "/repos/acme/web/contents/README.md").await, refused(Reason::MissingPermission));
        assert!(world.answer(secret, "GET", "/repos/acme/api/issues").await != allowed);
        let dropped = reviews::list_dropped_repositories(&mut world.reader(), id).await.expect("it is read");
        assert_eq!(dropped, [world.repository("acme/api").await]);
        let decided = olga.get(&format!("{QUEUE}/{id}")).await;
        for text in ["approved this request in part", "Contents: write", "not granted", "acme/api"] {
            assert!(decided.has(text), "{text}: {}", decided.html);
        }
    }

    /// A part that is no part returns to its field, and gives nothing.
    async fn a_part_that_is_none_returns_to_its_field(world: &World) {
        let wide = draft("wide").owner("acme").all().permission("issues", "read");
        let minted = world.mint("ana", wide).await;
        let id = waiting(world, &minted).await;
        let olga = Visitor::confirmed(world, "olga").await;
        let path = format!("{QUEUE}/{id}/part");
        let table: [(&[(&str, &str)], &str); 4] = [
            (&[("permission-issues", "write"), ("selection", "all")], "was not asked for at this level"),
            (&[("permission-issues", "read"), ("selection", "selected"), ("names", "web, nope")], "acme has no repository named `nope`."),
            (&[("permission-issues", "read"), ("selection", "selected")], "Choose at least one repository"),
            (&[("permission-issues", "none"), ("selection", "selected")], "Choose at least one repository"),
        ];
        for (fields, words) in table {
            let page = olga.post(&path, &[fields, &[("rev", "1")]].concat()).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
            assert!(page.has(words), "{words}: {}", page.html);
        }
        assert_eq!(state(world, id).await, RequestState::Pending);
        let named = [("rev", "1"), ("permission-issues", "read"), ("selection", "selected"), ("names", "acme/web\nAPI")];
        let done = olga.post(&path, &named).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.html);
        let grant = world.grant(minted.token, "acme").await;
        let given = grants::load_ask(&mut world.reader(), world.context.catalog, &grant).await.expect("it is read");
        assert_eq!(given.selection.listed().count(), 2, "all was narrowed to two");
    }

    /// Many grants are taken back at once, or none.
    async fn many_are_revoked_at_once_or_none(world: &World) {
        let all = three(world).await;
        for minted in &all {
            world.approve("sam", minted).await.expect("it waits");
        }
        let olga = Visitor::confirmed(world, "olga").await;
        let list = olga.get(&format!("{ACTIVE}?sort=person")).await;
        assert_eq!(names(&list), ["ci", "deploy", "edge"]);
        assert!(list.has("Its only permission is unused"), "{}", list.html);
        let chosen = boxes(&list);
        let query = format!("&chosen={}", chosen.join("&chosen="));
        assert!(olga.get(&format!("{ACTIVE}/revoke?{query}")).await.has("Revoke 3 tokens"));
        let fields: Vec<_> = chosen.iter().map(|value| ("chosen", value.as_str())).collect();
        world.revoke("sam", &all[0], "Leaked.").await.expect("it works");
        let late = olga.post(&format!("{ACTIVE}/revoke"), &fields).await;
        assert_eq!(late.status, StatusCode::CONFLICT);
        assert!(late.has("sam revoked") && late.has("Leaked."), "{}", late.html);
        assert_eq!(world.grant(all[1].token, "acme").await.state, GrantState::Active, "nothing happened");
        let done = olga.post(&format!("{ACTIVE}/revoke"), &fields[1..]).await;
        assert_eq!((done.status, done.location.as_str()), (StatusCode::SEE_OTHER, ACTIVE));
        for minted in &all {
            assert_eq!(world.grant(minted.token, "acme").await.state, GrantState::Revoked);
        }
    }

    /// Active tokens can be found by what they did not do.
    async fn active_tokens_are_found_by_their_use(world: &World) {
        let all = three(world).await;
        for minted in &all {
            world.approve("sam", minted).await.expect("it waits");
        }
        world.pass_days(10);
        world.call(all[2].secret.reveal(), "GET", "/repos/acme/web/issues").await;
        let olga = Visitor::confirmed(world, "olga").await;
        for (query, expected) in [("unused=7&sort=token", &["ci", "deploy"][..]), ("used=7", &["edge"]), ("unused=30", &[])] {
            let page = olga.get(&format!("{ACTIVE}?{query}")).await;
            assert_eq!(names(&page), expected, "{query}");
        }
    }
}

/// Requests as their page showed them.
async fn shown(world: &World, all: &[Minted]) -> Vec<Shown<RequestId>> {
    let mut shown = Vec::new();
    for minted in all {
        shown.push(Shown {
            id: waiting(world, minted).await,
            rev: Some(1),
        });
    }
    shown
}

on_shared_databases! {
    /// A hundred are approved in one transaction, each with its event; one more is too many.
    async fn a_hundred_are_approved_in_one_go(world: &World) {
        let mut all = Vec::new();
        for user in ["ana", "ben", "mia"] {
            for number in 0..34 {
                all.push(world.mint(user, wish(&format!("{user}-{number}")).permission("issues", "read")).await);
            }
        }
        let (acme, olga, origin) = (world.organization("acme").await, world.user("olga").await, world.person("olga").await);
        let chosen = shown(world, &all).await;
        let many = approve_many(&world.context, &origin, acme, olga, &chosen, "").await;
        assert!(matches!(many, Err(ManyError::Count(102))), "{many:?}");
        assert_eq!(state(world, chosen[0].id).await, PENDING);
        let done = approve_many(&world.context, &origin, acme, olga, &chosen[..100], "All fine.").await;
        done.expect("nothing stands in the way");
        for minted in &all[..100] {
            let grant = world.grant(minted.token, "acme").await;
            assert_eq!((grant.state, grant.rev), (GrantState::Active, 2));
        }
        let of = reviews::HistoryOf::Token(all[99].token);
        let told = reviews::list_history(&mut world.reader(), acme, of, 9).await.expect("it is read");
        assert_eq!(told[0].action, "personal_access_token.access_granted");
        assert_eq!(world.answer(all[99].secret.reveal(), "GET", "/repos/acme/web/issues").await, Answer::Allowed);
    }

    /// Of two owners who decide overlapping choices at once, one decides all of theirs and the other none.
    async fn of_two_who_decide_overlapping_choices_one_wins(world: &World) {
        let (acme, olga, sam) = (world.organization("acme").await, world.user("olga").await, world.user("sam").await);
        let (by_olga, by_sam) = (world.person("olga").await, world.person("sam").await);
        for round in 0..8 {
            let mut all = Vec::new();
            for number in 0..5 {
                all.push(world.mint("ana", wish(&format!("r{round}-{number}")).permission("issues", "read")).await);
            }
            let chosen = shown(world, &all).await;
            let (yes, no) = tokio::join!(
                approve_many(&world.context, &by_olga, acme, olga, &chosen[..3], ""),
                deny_many(&world.context, &by_sam, acme, sam, &chosen[2..], ""),
            );
            let overlap = chosen[2].id;
            let is_told = |result: &Result<(), ManyError<RequestId>>| match result {
                Ok(()) => false,
                Err(ManyError::Blocked(blocked)) => blocked.iter().any(|one| one.id == overlap),
                Err(other) => panic!("{other:?}"),
            };
            assert!(is_told(&yes) != is_told(&no), "{yes:?} {no:?}");
            let mut states = Vec::new();
            for one in &chosen {
                states.push(state(world, one.id).await);
            }
            let expected = if yes.is_ok() {
                [APPROVED, APPROVED, APPROVED, PENDING, PENDING]
            } else {
                [PENDING, PENDING, DENIED, DENIED, DENIED]
            };
            assert_eq!(states, expected);
        }
    }
}
