//! The list of exemptions, one of them, taking it back, and who else reads of it.

use axum::http::StatusCode;
use grantry::actions::preview_policy::preview_policy;
use grantry::domain::access::decision::Reason;
use grantry::domain::policy::setting::{Access, Approval, Limit, OrganizationLayer};
use grantry::domain::policy::{Exempted, Layer};
use grantry::domain::token::TokenKind;
use grantry::store::exemption_lists;

use super::{acme_sets, approved, count_events, exempt, in_force, read};
use crate::pages::visitor::Visitor;
use crate::policies::READ;
use crate::world::{Answer, World, ask, reason};

const LIST: &str = "/organizations/acme/settings/personal-access-tokens/exemptions";
const ACTIVE: &str = "/organizations/acme/settings/personal-access-tokens/active";
const KIND: TokenKind = TokenKind::FineGrained;

on_every_database! {
    async fn the_list_tells_whose_token_is_exempt_from_what_until_when_and_why(world: &World) {
        let olga = Visitor::confirmed(world, "olga").await;
        assert!(olga.get(LIST).await.has("No token is exempt"));
        let (first, _) = approved(world, "first").await;
        let (second, _) = approved(world, "second").await;
        exempt(world, first, Exempted::Access, 5, "The release waits for it.").await;
        exempt(world, second, Exempted::Lifetime, 60, "Until the contract ends.").await;
        let page = olga.get(LIST).await;
        assert_eq!(page.status, StatusCode::OK);
        for text in [
            "In force (2)", ">first</a>", ">second</a>", "Access policy", "Life limit", "The release waits for it.",
            "by olga", "in 60 days (30 Nov 2026)",
        ] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
        assert_eq!(page.html.matches("ends soon").count(), 1, "{}", page.html);
        let found = olga.get(&format!("{LIST}?q=SEC")).await;
        assert!(found.has(">second</a>") && !found.has(">first</a>"), "{}", found.html);
        assert!(olga.get(&format!("{LIST}?q=nobody")).await.has("No exemption matches"));
        assert_eq!(olga.get(&format!("{LIST}?after=x")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(olga.get(&format!("{LIST}?after=0")).await.has("In force (2)"), "nothing is older than the first");
    }

    async fn a_long_list_has_pages_that_lead_both_ways(world: &World) {
        let (token, _) = approved(world, "spared").await;
        for _ in 0..55 {
            exempt(world, token, Exempted::Access, 30, "again and again").await;
            world.pass_seconds(1);
        }
        let olga = Visitor::confirmed(world, "olga").await;
        let first = olga.get(&format!("{LIST}?show=ended")).await;
        assert!(first.has("Ended in the last 90 days (54)"), "{}", first.html);
        assert_eq!(first.html.matches("Replaced by olga").count(), 50);
        let older = link(&first.html, "next");
        let second = olga.get(&older).await;
        assert_eq!(second.html.matches("Replaced by olga").count(), 4);
        assert!(!second.has("rel=\"next\""), "{}", second.html);
        let back = olga.get(&link(&second.html, "prev")).await;
        assert_eq!(back.html.matches("Replaced by olga").count(), 50);
        assert!(!back.has("rel=\"prev\""), "{}", back.html);
    }

    async fn taking_it_back_counts_at_once_and_a_second_time_says_who_was_first(world: &World) {
        let (token, secret) = approved(world, "spared").await;
        acme_sets(world, KIND, Access::Restrict, Limit::Unlimited).await;
        exempt(world, token, Exempted::Access, 30, "soon gone").await;
        assert_eq!(read(world, &secret).await, Answer::Allowed);
        let path = format!("{LIST}/{}", in_force(world, "acme").await[0].id);
        let olga = Visitor::confirmed(world, "olga").await;
        let page = olga.get(&path).await;
        for text in ["Exempt from the access policy of Acme", "soon gone", "Take it back", "Acme does not allow fine-grained tokens."] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
        let sam = Visitor::signed_in(world, "sam").await;
        assert!(sam.post(&path, &[]).await.location.starts_with("/sudo?"));
        assert_eq!(read(world, &secret).await, Answer::Allowed);
        let done = olga.post(&path, &[]).await;
        assert_eq!((done.status, done.location.as_str()), (StatusCode::SEE_OTHER, LIST), "{}", done.html);
        assert_eq!(read(world, &secret).await, Answer::Refused(Reason::PolicyAccess));
        let late = Visitor::confirmed(world, "sam").await.post(&path, &[]).await;
        assert_eq!(late.status, StatusCode::CONFLICT);
        assert!(late.has("This exemption is over already") && late.has("Taken back by olga"), "{}", late.html);
        assert_eq!(count_events(world, "personal_access_token.exemption_removed").await, 1);
        let page = olga.get(&path).await;
        assert!(page.has("This exemption is over") && !page.has("Take it back</button>"), "{}", page.html);
        assert!(olga.get(&format!("{LIST}?show=ended")).await.has("Taken back by olga"));
    }

    async fn one_whose_date_came_cannot_be_taken_back(world: &World) {
        let (token, _) = approved(world, "spared").await;
        exempt(world, token, Exempted::Access, 3, "short").await;
        let path = format!("{LIST}/{}", in_force(world, "acme").await[0].id);
        world.pass_days(3);
        let olga = Visitor::confirmed(world, "olga").await;
        let late = olga.post(&path, &[]).await;
        assert_eq!(late.status, StatusCode::CONFLICT);
        assert!(late.has("Its date came, on 4 Oct 2026"), "{}", late.html);
        assert!(olga.get(&format!("{LIST}?show=ended")).await.has("Its date came"));
        world.pass_days(91);
        let sam = Visitor::confirmed(world, "sam").await;
        assert!(sam.get(&format!("{LIST}?show=ended")).await.has("No exemption ended lately"));
    }

    async fn an_exemption_of_another_scope_does_not_exist(world: &World) {
        let (token, _) = approved(world, "spared").await;
        exempt(world, token, Exempted::Access, 30, "acme's own").await;
        let id = in_force(world, "acme").await[0].id;
        let elsewhere = [
            ("olga", format!("/organizations/labs/settings/personal-access-tokens/exemptions/{id}")),
            ("eve", format!("/enterprises/globex/settings/personal-access-tokens/exemptions/{id}")),
            ("ana", format!("{LIST}/{id}")),
            ("eve", format!("{LIST}/{id}")),
            ("olga", format!("{LIST}/999999")),
            ("olga", format!("{LIST}/x")),
        ];
        for (login, path) in elsewhere {
            let visitor = Visitor::confirmed(world, login).await;
            assert_eq!(visitor.get(&path).await.status, StatusCode::NOT_FOUND, "{login} {path}");
            assert_eq!(visitor.post(&path, &[]).await.status, StatusCode::NOT_FOUND, "{login} {path}");
        }
        assert_eq!(in_force(world, "acme").await.len(), 1);
    }

    async fn the_active_token_and_its_list_say_that_it_is_exempt(world: &World) {
        let (token, _) = approved(world, "spared").await;
        let olga = Visitor::confirmed(world, "olga").await;
        let path = format!("{ACTIVE}/{}", world.grant(token, "acme").await.id);
        let before = olga.get(&path).await;
        assert!(before.has("counts for this token in full") && before.has("Exempt it from a policy"), "{}", before.html);
        exempt(world, token, Exempted::Lifetime, 30, "The release waits for it.").await;
        let told = "Exempt from the life limit until 31 Oct 2026: “The release waits for it.”, by olga.";
        let page = olga.get(&path).await;
        assert!(page.has(told) && page.has("olga exempted spared from the life limit until 31 Oct 2026"), "{}", page.html);
        assert!(olga.get(ACTIVE).await.has(told));
        let now = world.clock_now();
        let held = exemption_lists::list_for_holder(&mut world.reader(), token, now).await.expect("it is read");
        assert_eq!((held.len(), held[0].scope_name.as_str()), (1, "Acme"));
    }

    async fn a_preview_leaves_out_an_exempt_token_until_its_date(world: &World) {
        let (spared, _) = approved(world, "spared").await;
        let (other, _) = approved(world, "other").await;
        exempt(world, spared, Exempted::Lifetime, 10, "ten days more").await;
        let (acme, now) = (world.organization("acme").await, world.clock_now());
        let strict = OrganizationLayer {
            access: Access::Allow,
            approval: Approval::Required,
            lifetime: Limit::Days(30),
        };
        for (days, expected) in [(0, vec![other]), (9, vec![other]), (10, vec![spared, other]), (20, vec![spared, other])] {
            let at = now.plus_days(days);
            let found = preview_policy(&world.context, acme, KIND, Layer::Organization(strict), at).await;
            let found = found.expect("it is asked");
            let mut named: Vec<_> = found.blocked.iter().map(|touched| touched.subject.token).collect();
            named.sort();
            assert_eq!(named, expected, "in {days} days");
        }
    }
}

on_shared_databases! {
    async fn another_process_hears_of_an_exemption_and_of_its_end(world: &World) {
        let (token, secret) = approved(world, "spared").await;
        acme_sets(world, KIND, Access::Restrict, Limit::Unlimited).await;
        let other = world.second_process().await;
        let refused = Answer::Refused(Reason::PolicyAccess);
        becomes(&other.app, &secret, refused).await;
        exempt(world, token, Exempted::Access, 30, "heard everywhere").await;
        becomes(&other.app, &secret, Answer::Allowed).await;
        let path = format!("{LIST}/{}", in_force(world, "acme").await[0].id);
        Visitor::confirmed(world, "olga").await.post(&path, &[]).await;
        becomes(&other.app, &secret, refused).await;
        other.stop().await;
    }

    async fn of_two_who_exempt_at_once_both_are_kept_and_one_counts(world: &World) {
        let (token, _) = approved(world, "spared").await;
        for _ in 0..5 {
            tokio::join!(
                exempt(world, token, Exempted::Access, 10, "one"),
                exempt(world, token, Exempted::Access, 20, "two"),
            );
            assert_eq!(in_force(world, "acme").await.len(), 1);
        }
    }
}

/// Waits until another process answers so. The bound is a second; a busy machine gets some more.
async fn becomes(app: &grantry::app::App, secret: &str, expected: Answer) {
    let began = std::time::Instant::now();
    loop {
        let answer = reason(&ask(app, Some(secret), READ.0, READ.1).await);
        if answer == expected {
            return;
        }
        let waited = began.elapsed();
        assert!(
            waited < std::time::Duration::from_secs(3),
            "still {answer:?} after {waited:?}"
        );
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// The address of the link with this relation.
fn link(html: &str, relation: &str) -> String {
    let (_, rest) = html
        .split_once(&format!("rel=\"{relation}\" href=\""))
        .unwrap_or_else(|| panic!("no link `{relation}`: {html}"));
    rest.split('"')
        .next()
        .unwrap_or_default()
        .replace("&amp;", "&")
        .replace("&#38;", "&")
}
