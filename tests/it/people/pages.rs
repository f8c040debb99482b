//! The pages of an organization's people.

use axum::http::StatusCode;
use grantry::domain::access::decision::Reason;
use grantry::domain::access::rights::{BasePermission, MemberRole};
use grantry::store::accounts;

use super::{ISSUES, role, role_at, set};
use crate::pages::visitor::Visitor;
use crate::world::{Answer, World, draft};

const PEOPLE: &str = "/organizations/acme/settings/members";

async fn person(world: &World, login: &str) -> String {
    format!("{PEOPLE}/{}", world.user(login).await)
}

/// Many members, so that a list has several pages.
async fn crowd(world: &World, count: usize) {
    let origin = world.person("eve").await;
    let acme = world.organization("acme").await;
    let mut work = world.context.begin(&origin).await.expect("a change begins");
    let now = work.now();
    for number in 0..count {
        let login = format!("crowd-{number:04}");
        let new = accounts::NewAccount {
            kind: grantry::domain::account::AccountKind::User,
            login: &login,
            name: "One of Many",
            email: None,
            passkey_handle: None,
            created_at: now,
        };
        let user = accounts::insert(&mut work, &new)
            .await
            .expect("it is entered");
        accounts::put_member(&mut work, acme, user, MemberRole::Member, now)
            .await
            .expect("it is entered");
    }
    world.context.commit(work).await.expect("it lasts");
}

on_every_database! {
    async fn the_list_tells_who_is_what_and_what_their_tokens_do(world: &World) {
        world.approved("issues", "read").await;
        world.mint("ana", draft("waits").owner("acme").selected(&["web"]).permission("contents", "read")).await;
        world.mint("ana", draft("elsewhere").owner("labs").selected(&["probe"]).permission("issues", "read")).await;
        let olga = Visitor::confirmed(world, "olga").await;
        let page = olga.get(PEOPLE).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.html);
        for text in [
            "Everybody (5)", "Owners (2)", "Members (3)", "Outside collaborators (1)", "1 token<", "1 waits<",
            "active?person=ana", "personal-access-token-requests?person=ana", "Members have read",
        ] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
        assert!(!page.has("carl"), "collaborators have a list of their own");
        let outside = olga.get(&format!("{PEOPLE}?show=collaborators")).await;
        assert!(outside.has("carl") && outside.has("web (write)") && !outside.has(">ana<"), "{}", outside.html);
        let owners = olga.get(&format!("{PEOPLE}?show=owners")).await;
        assert!(owners.has(">sam<") && !owners.has(">ana<"), "{}", owners.html);
        let found = olga.get(&format!("{PEOPLE}?q=AN")).await;
        assert!(found.has(">ana<") && !found.has(">ben<"), "{}", found.html);
        let none = olga.get(&format!("{PEOPLE}?q=%25")).await;
        assert!(none.has("Nobody here is called that"), "a percent sign is a percent sign");
    }

    async fn five_hundred_members_come_in_pages_without_gap_or_repetition(world: &World) {
        crowd(world, 500).await;
        let olga = Visitor::confirmed(world, "olga").await;
        for sort in ["login", "-login", "since", "-since"] {
            let mut seen = std::collections::BTreeSet::new();
            let mut path = format!("{PEOPLE}?sort={sort}");
            let mut pages = 0;
            let last = loop {
                let page = olga.get(&path).await;
                assert_eq!(page.status, StatusCode::OK, "{path}");
                pages += 1;
                for login in logins(&page.html) {
                    assert!(seen.insert(login.clone()), "{login} came twice, sorted by {sort}");
                }
                match link(&page.html, "next") {
                    Some(next) => path = next,
                    None => break page,
                }
            };
            assert_eq!((seen.len(), pages), (505, 11), "{sort}");
            let before = olga.get(&link(&last.html, "prev").expect("there is a page before")).await;
            assert_eq!(logins(&before.html).len(), 50);
        }
    }

    async fn a_person_is_added_by_login_or_found_by_its_beginning(world: &World) {
        let olga = Visitor::confirmed(world, "olga").await;
        let add = format!("{PEOPLE}/add");
        let page = olga.get(&format!("{add}?q=G")).await;
        assert!(page.has("add?login=gus") && !page.has("login=ana"), "{}", page.html);
        assert!(olga.get(&format!("{add}?login=gus")).await.has("value=\"gus\""));
        for (login, role, message) in [
            ("", "member", "Write the login of the person."),
            ("nobody", "member", "There is nobody with the login `nobody`."),
            ("labs", "member", "`labs` is an organization"),
            ("ana", "member", "ana belongs to Acme already."),
            ("gus", "", "Choose a role."),
        ] {
            let sent = olga.post(&add, &[("login", login), ("role", role)]).await;
            assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY, "{login}");
            assert!(sent.has(message), "{message}: {}", sent.html);
        }
        assert_eq!(super::role(world, "gus").await, None);
        let sent = olga.post(&add, &[("login", "GUS"), ("role", "member")]).await;
        assert_eq!((sent.status, sent.location), (StatusCode::SEE_OTHER, person(world, "gus").await));
        assert_eq!(super::role(world, "gus").await, Some(MemberRole::Member));
    }

    async fn a_persons_page_says_what_ends_before_it_ends(world: &World) {
        let minted = world.approved("issues", "read").await;
        let both = draft("both").owner("acme").selected(&["web"]).permission("issues", "read");
        world.mint("ana", both.owner("labs").selected(&["probe"]).permission("issues", "read")).await;
        let olga = Visitor::confirmed(world, "olga").await;
        let path = person(world, "ana").await;
        let page = olga.get(&path).await;
        for text in [
            "Member of Acme", "1 token loses its access to Acme for good: approved.",
            "1 request at Acme is cancelled: both.", "Remove ana from Acme",
        ] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
        assert!(!page.has("at Labs") && !page.has("to Labs"), "of other owners nothing is told");
        let done = olga.post(&format!("{path}/remove"), &[("shown", "member")]).await;
        assert_eq!((done.status, done.location.as_str()), (StatusCode::SEE_OTHER, PEOPLE), "{}", done.html);
        let list = olga.get(PEOPLE).await;
        assert!(list.has("Removed ana from Acme. 1 token lost its access and 1 request was cancelled."), "{}", list.html);
        assert_eq!(olga.get(&path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(world.answer(minted.secret.reveal(), "GET", ISSUES).await, Answer::Refused(Reason::NotFound));
        let ana = Visitor::confirmed(world, "ana").await;
        let token = ana.get(&format!("/settings/personal-access-tokens/{}", minted.token)).await;
        assert!(token.has("Revoked") && token.has("the relation to the owner ended"), "{}", token.html);
    }

    async fn a_demotion_says_what_will_wait(world: &World) {
        world.mint("sam", draft("mine").owner("acme").selected(&["web"]).permission("issues", "read")).await;
        let olga = Visitor::confirmed(world, "olga").await;
        let path = person(world, "sam").await;
        let page = olga.get(&path).await;
        let warned = "1 token that nobody reviewed stops working at Acme until an owner approves: mine.";
        assert!(page.has(warned), "{}", page.html);
        let wrong = olga.post(&format!("{path}/role"), &[("shown", "owner"), ("role", "boss")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let done = olga.post(&format!("{path}/role"), &[("shown", "owner"), ("role", "member")]).await;
        assert_eq!((done.status, &done.location), (StatusCode::SEE_OTHER, &path), "{}", done.html);
        assert!(olga.get(&path).await.has("sam is now member at Acme. 1 token waits for a review."));
        assert_eq!(role(world, "sam").await, Some(MemberRole::Member));
    }

    async fn a_page_that_is_out_of_date_is_refused_with_what_changed(world: &World) {
        let olga = Visitor::confirmed(world, "olga").await;
        let path = person(world, "ben").await;
        set(world, "sam", "acme", "ben", MemberRole::Owner).await.expect("sam owns acme");
        let late = olga.post(&format!("{path}/remove"), &[("shown", "member")]).await;
        assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.html);
        assert!(late.has("sam changed it on 1 Oct 2026") && late.has("ben is now: owner."), "{}", late.html);
        assert_eq!(role(world, "ben").await, Some(MemberRole::Owner));
    }

    async fn the_last_owner_has_no_button_and_no_way(world: &World) {
        let olga = Visitor::confirmed(world, "olga").await;
        let path = format!("/organizations/labs/settings/members/{}", world.user("olga").await);
        let page = olga.get(&path).await;
        assert!(page.has("olga is the only owner who can sign in") && !page.has("/remove\""), "{}", page.html);
        for (act, fields) in [
            ("remove", vec![("shown", "owner")]),
            ("role", vec![("shown", "owner"), ("role", "member")]),
        ] {
            let sent = olga.post(&format!("{path}/{act}"), &fields).await;
            assert_eq!(sent.status, StatusCode::CONFLICT, "{act}");
            assert!(sent.has("olga is the last owner of Labs"), "{}", sent.html);
        }
        let leave = "/organizations/labs/settings/members/leave";
        assert!(olga.get(leave).await.has("You are the only owner who can sign in"));
        assert_eq!(olga.post(leave, &[("shown", "owner")]).await.status, StatusCode::CONFLICT);
        assert_eq!(role_at(world, "labs", "olga").await, Some(MemberRole::Owner));
    }

    async fn a_member_sees_their_place_and_leaves(world: &World) {
        let reader = draft("reader").owner("acme").selected(&["handbook"]).permission("issues", "read");
        let minted = world.mint("dan", reader).await;
        world.approve("olga", &minted).await.expect("it waits");
        let dan = Visitor::confirmed(world, "dan").await;
        let path = "/organizations/labs/settings/members/leave";
        let page = dan.get(path).await;
        for text in ["Your place in Labs", "Whom to ask", "olga", "1 token loses its access to Acme for good: reader."] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
        let left = dan.post(path, &[("shown", "member")]).await;
        assert_eq!((left.status, left.location.as_str()), (StatusCode::SEE_OTHER, "/"), "{}", left.html);
        assert_eq!(role_at(world, "labs", "dan").await, None);
        assert!(dan.get("/").await.has("You have left Labs. 1 token lost its access."));
        assert_eq!(dan.get(path).await.status, StatusCode::NOT_FOUND);
        let gus = Visitor::confirmed(world, "gus").await;
        assert_eq!(gus.get(path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(gus.post(path, &[("shown", "member")]).await.status, StatusCode::NOT_FOUND);
    }

    async fn an_outside_collaborator_sees_their_place_and_leaves(world: &World) {
        let carl = Visitor::confirmed(world, "carl").await;
        let path = format!("{PEOPLE}/leave");
        let page = carl.get(&path).await;
        assert!(page.has("Outside collaborator") && page.has("web (write)"), "{}", page.html);
        let left = carl.post(&path, &[("shown", "")]).await;
        assert_eq!(left.status, StatusCode::SEE_OTHER, "{}", left.html);
        assert_eq!(carl.get(&path).await.status, StatusCode::NOT_FOUND);
    }

    async fn an_outside_collaborator_is_removed_by_an_owner(world: &World) {
        let olga = Visitor::confirmed(world, "olga").await;
        let path = person(world, "carl").await;
        let page = olga.get(&path).await;
        assert!(page.has("Outside collaborator of Acme") && !page.has("Change the role"), "{}", page.html);
        let done = olga.post(&format!("{path}/remove"), &[("shown", "")]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.html);
        assert_eq!(olga.get(&path).await.status, StatusCode::NOT_FOUND);
    }

    async fn the_base_permission_is_chosen_with_what_follows(world: &World) {
        let olga = Visitor::confirmed(world, "olga").await;
        let path = format!("{PEOPLE}/base-permission");
        let page = olga.get(&path).await;
        for text in ["3 members", "3 private and internal repositories", "Now: read."] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
        let wrong = olga.post(&path, &[("shown", "read"), ("base_permission", "all")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let done = olga.post(&path, &[("shown", "read"), ("base_permission", "none")]).await;
        assert_eq!(done.location, PEOPLE, "{}", done.html);
        let late = olga.post(&path, &[("shown", "read"), ("base_permission", "admin")]).await;
        assert_eq!(late.status, StatusCode::CONFLICT);
        assert!(late.has("olga changed it on") && late.has("Members have none now."), "{}", late.html);
        assert_eq!(world.account("acme").await.base_permission, BasePermission::None);
    }

    async fn everything_that_changes_people_asks_for_a_confirmation(world: &World) {
        let olga = Visitor::signed_in(world, "olga").await;
        let ana = person(world, "ana").await;
        for (path, fields) in [
            (format!("{PEOPLE}/add"), vec![("login", "gus"), ("role", "owner")]),
            (format!("{PEOPLE}/base-permission"), vec![("shown", "read"), ("base_permission", "admin")]),
            (format!("{PEOPLE}/leave"), vec![("shown", "owner")]),
            (format!("{ana}/role"), vec![("shown", "member"), ("role", "owner")]),
            (format!("{ana}/remove"), vec![("shown", "member")]),
        ] {
            let sent = olga.post(&path, &fields).await;
            assert!(sent.location.starts_with("/sudo?draft="), "{path}: {}", sent.location);
        }
        let sent = olga.post(&format!("{ana}/role"), &[("shown", "member"), ("role", "owner")]).await;
        let code = sent.location.trim_start_matches("/sudo?draft=").to_owned();
        let page = olga.get(&format!("{ana}?draft={code}")).await;
        assert!(page.has("value=\"owner\" checked"), "what was chosen is chosen again: {}", page.html);
        assert_eq!((role(world, "gus").await, role(world, "ana").await), (None, Some(MemberRole::Member)));
        assert_eq!(role(world, "olga").await, Some(MemberRole::Owner));
    }

    async fn only_owners_see_or_change_people(world: &World) {
        let ben = person(world, "ben").await;
        for login in ["ana", "carl", "gus", "eve"] {
            let visitor = Visitor::confirmed(world, login).await;
            for path in [PEOPLE, &format!("{PEOPLE}/add"), &format!("{PEOPLE}/base-permission"), &ben] {
                assert_eq!(visitor.get(path).await.status, StatusCode::NOT_FOUND, "{login} {path}");
            }
            let sent = visitor.post(&format!("{ben}/remove"), &[("shown", "member")]).await;
            assert_eq!(sent.status, StatusCode::NOT_FOUND, "{login}");
        }
        let olga = Visitor::confirmed(world, "olga").await;
        let stranger = person(world, "gus").await;
        assert_eq!(olga.get(&stranger).await.status, StatusCode::NOT_FOUND);
        assert_eq!(olga.get(&format!("{PEOPLE}/{}", world.enterprise("globex").await)).await.status, StatusCode::NOT_FOUND);
        assert_eq!(role(world, "ben").await, Some(MemberRole::Member));
    }
}

/// The logins of the rows of a list.
fn logins(html: &str) -> Vec<String> {
    let table = html.split("<tbody>").nth(1).unwrap_or_default();
    table
        .split("<span class=\"person-login\">")
        .skip(1)
        .filter_map(|rest| rest.split('<').next().map(str::to_owned))
        .collect()
}

/// Where the link to another page of a list leads.
fn link(html: &str, rel: &str) -> Option<String> {
    let (_, rest) = html.split_once(&format!("rel=\"{rel}\" href=\""))?;
    rest.split('"')
        .next()
        .map(|href| href.replace("&#38;", "&").replace("&amp;", "&"))
}
