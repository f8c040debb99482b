//! The page of an organization's policy.

use axum::http::StatusCode;
use grantry::domain::policy::setting::{Approval, EnterpriseAccess, EnterpriseLayer, Limit};
use grantry::domain::token::TokenKind;
use grantry::store::policies;

use super::policy::{approval, globex_says, save};
use crate::pages::visitor::{Page, Visitor};
use crate::world::{World, draft};

const POLICY: &str = "/organizations/acme/settings/personal-access-tokens";

fn fields<'a>(
    page: &'a str,
    access: &'a str,
    approval: &'a str,
    lifetime: &'a str,
    days: &'a str,
) -> Vec<(&'a str, &'a str)> {
    vec![
        ("version", page),
        ("access", access),
        ("approval", approval),
        ("lifetime", lifetime),
        ("days", days),
    ]
}

async fn versions(world: &World, kind: TokenKind) -> i64 {
    use grantry::domain::policy::OrganizationLayer;
    let (acme, now) = (world.organization("acme").await, world.clock_now());
    let db = &mut world.reader();
    let found = policies::find_standing::<OrganizationLayer>(db, acme, kind, now).await;
    found.expect("policies can be read").number
}

fn is_checked(page: &Page, name: &str, value: &str) -> bool {
    page.has(&format!("name=\"{name}\" value=\"{value}\" checked"))
}

on_every_database! {
    async fn the_page_asks_each_question_with_what_follows(world: &World) {
        world.approved("issues", "read").await;
        let olga = Visitor::confirmed(world, "olga").await;
        let page = olga.get(POLICY).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.html);
        for text in [
            "Can fine-grained tokens reach Acme?", "Must an owner approve a token first?", "How long may a token live?",
            "In force: Yes, the default.", "1 token of 1 person works here now", "no request waits now",
            "Nobody has saved it yet", "People", "Pending requests",
        ] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
        assert!(is_checked(&page, "access", "allow") && is_checked(&page, "lifetime", "default"), "{}", page.html);
        let classic = olga.get(&format!("{POLICY}?tab=classic")).await;
        assert!(classic.has("Can classic tokens reach Acme?"), "{}", classic.html);
        assert!(!classic.has("Must an owner approve"), "classic tokens are never approved");
    }

    async fn saving_says_what_holds_now_and_each_kind_is_saved_apart(world: &World) {
        world.approved("issues", "read").await;
        let olga = Visitor::confirmed(world, "olga").await;
        let sent = olga.post(POLICY, &fields("0", "allow", "required", "days", "7")).await;
        assert_eq!((sent.status, sent.location.as_str()), (StatusCode::SEE_OTHER, POLICY), "{}", sent.html);
        let page = olga.get(POLICY).await;
        for text in ["It blocks 1 token of 1 person.", "1 token lives longer than allowed", "Saved last by olga", "At most 7 days"] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
        assert_eq!((versions(world, TokenKind::FineGrained).await, versions(world, TokenKind::Classic).await), (1, 0));
        let classic = [("tab", "classic"), ("version", "0"), ("access", "restrict"), ("lifetime", "days"), ("days", "30")];
        let sent = olga.post(POLICY, &classic).await;
        assert_eq!(sent.location, format!("{POLICY}?tab=classic"), "{}", sent.html);
        assert_eq!(versions(world, TokenKind::Classic).await, 1);
    }

    async fn a_mistake_returns_to_its_field_with_what_was_typed(world: &World) {
        let olga = Visitor::confirmed(world, "olga").await;
        for (sent, message) in [
            (fields("0", "allow", "required", "days", "0"), "Write the number of days, from 1 to 366."),
            (fields("0", "allow", "required", "days", "soon"), "Write the number of days, from 1 to 366."),
            (fields("0", "perhaps", "required", "default", ""), "Choose whether such tokens can reach it."),
            (fields("0", "allow", "required", "", ""), "Choose how long such tokens may live."),
            (fields("0", "allow", "perhaps", "default", ""), "Choose whether an owner must approve"),
        ] {
            let page = olga.post(POLICY, &sent).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{message}");
            assert!(page.has(message), "{message}: {}", page.html);
        }
        let page = olga.post(POLICY, &fields("0", "restrict", "not_required", "days", "soon")).await;
        assert!(is_checked(&page, "access", "restrict") && is_checked(&page, "approval", "not_required"), "{}", page.html);
        assert!(page.has("value=\"soon\""), "{}", page.html);
        let without = olga.post(POLICY, &fields("", "restrict", "required", "default", "")).await;
        assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(versions(world, TokenKind::FineGrained).await, 0, "nothing was saved");
    }

    async fn what_the_enterprise_fixes_is_locked_with_its_name(world: &World) {
        let mut above = EnterpriseLayer::default_for(TokenKind::FineGrained);
        above.access = EnterpriseAccess::Allow;
        above.lifetime = Limit::Days(90);
        globex_says(world, above).await;
        let olga = Visitor::confirmed(world, "olga").await;
        let page = olga.get(POLICY).await;
        for text in ["set by your enterprise", "Set by Globex.", "From 1 to 90 days: Globex allows no more.", "At most 90 days, set by Globex"] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
        assert!(!page.has("name=\"access\""), "{}", page.html);
        let wide = olga.post(POLICY, &fields("0", "", "required", "days", "91")).await;
        assert_eq!(wide.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wide.has("Globex allows at most 90 days: write 90 or less."), "{}", wide.html);
        let fixed = olga.post(POLICY, &fields("0", "restrict", "required", "default", "")).await;
        assert!(fixed.has("Globex fixes this for all of its organizations."), "{}", fixed.html);
        assert_eq!(versions(world, TokenKind::FineGrained).await, 0);
        let fine = olga.post(POLICY, &fields("0", "", "not_required", "default", "")).await;
        assert_eq!(fine.status, StatusCode::SEE_OTHER, "{}", fine.html);
    }

    async fn a_second_tab_is_told_who_saved_what(world: &World) {
        let (olga, sam) = (Visitor::confirmed(world, "olga").await, Visitor::confirmed(world, "sam").await);
        let shown = olga.get(POLICY).await.value("version");
        let first = sam.post(POLICY, &fields("0", "allow", "required", "days", "30")).await;
        assert_eq!(first.status, StatusCode::SEE_OTHER);
        let late = olga.post(POLICY, &fields(&shown, "restrict", "required", "default", "")).await;
        assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.html);
        for text in ["sam saved it on 1 Oct 2026", "they live at most 30 days", "Nothing of what you chose was saved."] {
            assert!(late.has(text), "{text}: {}", late.html);
        }
        assert_eq!(versions(world, TokenKind::FineGrained).await, 1);
    }

    async fn the_page_leads_to_what_waits_and_to_what_nobody_reviewed(world: &World) {
        let wish = |name: &str| draft(name).owner("acme").selected(&["web"]).permission("issues", "read");
        world.mint("ana", wish("waits")).await;
        save(world, "olga", approval(Approval::NotRequired)).await.expect("olga owns acme");
        world.mint("ana", wish("free")).await;
        let olga = Visitor::confirmed(world, "olga").await;
        let page = olga.get(POLICY).await;
        assert!(page.has("1 request waits for an owner") && page.has("Go and decide"), "{}", page.html);
        save(world, "olga", approval(Approval::Required)).await.expect("olga owns acme");
        let page = olga.get(POLICY).await;
        assert!(page.has("1 token works here that nobody reviewed"), "{}", page.html);
        assert!(page.has(">free</a> of ana"), "{}", page.html);
    }

    async fn saving_asks_for_a_confirmation_and_gives_the_form_back(world: &World) {
        let olga = Visitor::signed_in(world, "olga").await;
        let mistaken = olga.post(POLICY, &fields("0", "restrict", "required", "days", "400")).await;
        assert_eq!(mistaken.status, StatusCode::UNPROCESSABLE_ENTITY, "a mistake comes before the passkey");
        let sent = olga.post(POLICY, &fields("0", "restrict", "required", "days", "12")).await;
        assert!(sent.location.starts_with("/sudo?draft="), "{}", sent.location);
        let code = sent.location.trim_start_matches("/sudo?draft=");
        let page = olga.get(&format!("{POLICY}?draft={code}")).await;
        assert!(is_checked(&page, "access", "restrict") && page.has("value=\"12\""), "{}", page.html);
        assert_eq!(versions(world, TokenKind::FineGrained).await, 0, "nothing happened");
    }

    async fn only_owners_see_or_save_it(world: &World) {
        for login in ["ana", "carl", "gus", "eve"] {
            let visitor = Visitor::confirmed(world, login).await;
            assert_eq!(visitor.get(POLICY).await.status, StatusCode::NOT_FOUND, "{login}");
            let sent = visitor.post(POLICY, &fields("0", "restrict", "required", "default", "")).await;
            assert_eq!(sent.status, StatusCode::NOT_FOUND, "{login}");
        }
        assert_eq!(versions(world, TokenKind::FineGrained).await, 0);
    }
}
