//! Giving an exemption: the form, its mistakes, what it promises and what then happens.

use axum::http::StatusCode;
use grantry::domain::access::decision::Reason;
use grantry::domain::ids::TokenId;
use grantry::domain::policy::Exempted;
use grantry::domain::policy::setting::{Access, EnterpriseAccess, Limit};
use grantry::domain::token::TokenKind;
use grantry::store::exemption_lists::Part;

use super::{
    acme_sets, approved, classic, count_events, exempt, globex_sets, in_force, part, read,
};
use crate::pages::visitor::Visitor;
use crate::world::{Answer, World, draft};

const ACME: &str = "/organizations/acme/settings/personal-access-tokens/exemptions";
const GLOBEX: &str = "/enterprises/globex/settings/personal-access-tokens/exemptions";
const KIND: TokenKind = TokenKind::FineGrained;

fn give(list: &str, token: TokenId) -> String {
    format!("{list}/new?token={token}")
}

/// A form in which nothing is wrong, but for what is put in place of it.
fn filled<'a>(other: &[(&'static str, &'a str)]) -> Vec<(&'static str, &'a str)> {
    let mut fields = vec![
        ("policy", "access"),
        ("expires", "30"),
        ("expires-on", ""),
        ("reason", "The release waits for it."),
    ];
    for (name, text) in other {
        fields.retain(|(known, _)| known != name);
        fields.push((*name, *text));
    }
    fields
}

on_every_database! {
    async fn the_form_says_what_an_exemption_changes_before_it_is_given(world: &World) {
        let (token, secret) = approved(world, "spared").await;
        acme_sets(world, KIND, Access::Restrict, Limit::Days(30)).await;
        let olga = Visitor::confirmed(world, "olga").await;
        let page = olga.get(&give(ACME, token)).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.html);
        for text in [
            "Exempt spared of ana", "Blocked by policy now", "Acme does not allow fine-grained tokens.",
            "It would stay blocked there.", "at most 30 days, and this one lives longer", "Until 31 Oct 2026.",
        ] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
        assert!(page.has("value=\"access\" checked"), "what stands in its way is chosen: {}", page.html);
        let both = olga.post(&give(ACME, token), &filled(&[])).await;
        assert_eq!((both.status, both.location.as_str()), (StatusCode::SEE_OTHER, ACME), "{}", both.html);
        assert_eq!(read(world, &secret).await, Answer::Refused(Reason::PolicyLifetime), "as it was told");
        let page = olga.get(&give(ACME, token)).await;
        assert!(page.has("It works at Acme from the next call on."), "{}", page.html);
        assert!(page.has("Exempt already") && page.has("takes its place"), "{}", page.html);
        olga.post(&give(ACME, token), &filled(&[("policy", "lifetime")])).await;
        assert_eq!(read(world, &secret).await, Answer::Allowed);
        assert_eq!(in_force(world, "acme").await.len(), 2);
    }

    async fn an_organization_cannot_lift_what_the_enterprise_sets(world: &World) {
        let (token, secret) = approved(world, "spared").await;
        globex_sets(world, KIND, EnterpriseAccess::Restrict, Limit::Days(30)).await;
        let olga = Visitor::confirmed(world, "olga").await;
        let page = olga.get(&give(ACME, token)).await;
        assert!(page.has("Globex decides on access for all of its organizations"), "{}", page.html);
        assert!(page.has("Ask eve."), "{}", page.html);
        let sent = olga.post(&give(ACME, token), &filled(&[])).await;
        assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(sent.has("The enterprise decides on access here"), "{}", sent.html);
        assert_eq!(in_force(world, "acme").await, []);
        exempt(world, token, Exempted::Lifetime, 30, "only acme's own limit").await;
        assert_eq!(read(world, &secret).await, Answer::Refused(Reason::PolicyAccess));
        globex_sets(world, KIND, EnterpriseAccess::Delegate, Limit::Days(30)).await;
        assert_eq!(read(world, &secret).await, Answer::Refused(Reason::PolicyLifetime), "globex's limit still counts");
        let page = olga.get(&give(ACME, token)).await;
        assert!(page.has("It would stay blocked: Globex allows fine-grained tokens for at most 30 days"), "{}", page.html);
    }

    async fn an_enterprise_cannot_lift_what_an_organization_sets(world: &World) {
        let (token, secret) = approved(world, "spared").await;
        let (_, other) = approved(world, "other").await;
        acme_sets(world, KIND, Access::Restrict, Limit::Unlimited).await;
        let eve = Visitor::confirmed(world, "eve").await;
        let page = eve.get(&give(GLOBEX, token)).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.html);
        assert!(page.has("It would stay blocked: Acme does not allow fine-grained tokens."), "{}", page.html);
        let sent = eve.post(&give(GLOBEX, token), &filled(&[])).await;
        assert_eq!((sent.status, sent.location.as_str()), (StatusCode::SEE_OTHER, GLOBEX), "{}", sent.html);
        assert_eq!(read(world, &secret).await, Answer::Refused(Reason::PolicyAccess));
        globex_sets(world, KIND, EnterpriseAccess::Restrict, Limit::Days(366)).await;
        assert_eq!(read(world, &secret).await, Answer::Refused(Reason::PolicyAccess), "acme's own value counts again");
        acme_sets(world, KIND, Access::Allow, Limit::Unlimited).await;
        assert_eq!(read(world, &secret).await, Answer::Allowed, "globex spares it");
        assert_eq!(read(world, &other).await, Answer::Refused(Reason::PolicyAccess));
    }

    async fn every_mistake_returns_to_its_field_and_nothing_is_given(world: &World) {
        let (token, _) = approved(world, "spared").await;
        let olga = Visitor::signed_in(world, "olga").await;
        let (long, exact) = ("x".repeat(1_025), "x".repeat(1_024));
        let table: &[(&[(&'static str, &str)], &str)] = &[
            (&[("policy", "")], "Choose the policy that the token is exempt from."),
            (&[("policy", "approval")], "Choose the policy that the token is exempt from."),
            (&[("expires", "")], "Choose until when the token is exempt."),
            (&[("expires", "31")], "Choose until when the token is exempt."),
            (&[("expires", "custom")], "`` is no day"),
            (&[("expires", "custom"), ("expires-on", "soon")], "`soon` is no day"),
            (&[("expires", "custom"), ("expires-on", "2026-10-01")], "Choose a day after today"),
            (&[("expires", "custom"), ("expires-on", "2020-01-01")], "Choose a day after today"),
            (&[("expires", "custom"), ("expires-on", "2027-10-03")], "An exemption lasts 366 days at most"),
            (&[("reason", "  ")], "Say why: the token"),
            (&[("reason", &long)], "The reason has 1025 characters; 1024 fit."),
        ];
        for (wrong, told) in table {
            let page = olga.post(&give(ACME, token), &filled(wrong)).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong:?}");
            assert!(page.has(told), "{told}: {}", page.html);
        }
        let kept = olga.post(&give(ACME, token), &filled(&[("expires", "custom"), ("expires-on", "soon")])).await;
        assert!(kept.has("The release waits for it.") && kept.has("value=\"soon\""), "{}", kept.html);
        assert_eq!(in_force(world, "acme").await, []);
        assert_eq!(count_events(world, "personal_access_token.exemption_granted").await, 0);
        let asked = olga.post(&give(ACME, token), &filled(&[("reason", &exact)])).await;
        assert!(asked.location.starts_with("/sudo?"), "only what is sound asks for the passkey: {}", asked.html);
        assert_eq!(in_force(world, "acme").await, []);
    }

    async fn a_confirmation_gives_the_form_back_as_it_was_typed(world: &World) {
        let (token, _) = approved(world, "spared").await;
        let olga = Visitor::signed_in(world, "olga").await;
        let typed = filled(&[("policy", "lifetime"), ("expires", "custom"), ("expires-on", "2027-10-02")]);
        let sent = olga.post(&give(ACME, token), &typed).await;
        let draft = sent.location.strip_prefix("/sudo?").expect("it asks first").to_owned();
        let page = olga.get(&format!("{}&{draft}", give(ACME, token))).await;
        for text in ["value=\"lifetime\" checked", "value=\"custom\" checked", "value=\"2027-10-02\"", "The release waits for it."] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
        assert_eq!(in_force(world, "acme").await, [], "nothing ran by the redirect");
        let olga = Visitor::confirmed(world, "olga").await;
        olga.post(&give(ACME, token), &typed).await;
        let given = in_force(world, "acme").await;
        assert_eq!(given[0].until_at, world.clock_now().plus_days(366));
        assert_eq!(given[0].reason, "The release waits for it.");
    }

    async fn extending_replaces_what_was_given_before(world: &World) {
        let (token, _) = approved(world, "spared").await;
        exempt(world, token, Exempted::Access, 7, "at first").await;
        world.pass_days(2);
        let sam = Visitor::confirmed(world, "sam").await;
        let first = in_force(world, "acme").await[0].id;
        let page = sam.get(&format!("{ACME}/{first}")).await;
        assert!(page.has("It ends soon") && page.has("Extend it"), "{}", page.html);
        let page = sam.get(&format!("{}&policy=access", give(ACME, token))).await;
        assert!(page.has("until 8 Oct 2026: “at first”, by olga."), "{}", page.html);
        sam.post(&give(ACME, token), &filled(&[("reason", "a little longer")])).await;
        let given = in_force(world, "acme").await;
        assert_eq!((given.len(), given[0].reason.as_str()), (1, "a little longer"));
        assert_eq!(given[0].given_by.as_deref(), Some("sam"));
        let ended = part(world, "acme", Part::Ended).await;
        assert_eq!((ended.len(), ended[0].id, ended[0].is_replaced), (1, first, true));
        let list = sam.get(&format!("{ACME}?show=ended")).await;
        assert!(list.has("Replaced by sam"), "{}", list.html);
    }

    async fn only_a_token_that_reaches_the_scope_can_be_exempted_there(world: &World) {
        let (token, _) = approved(world, "spared").await;
        let labs = draft("elsewhere").owner("labs").selected(&["probe"]).permission("issues", "read");
        let elsewhere = world.mint("dan", labs).await.token;
        let (unseen, _) = classic(world, "ana", "unseen").await;
        let olga = Visitor::confirmed(world, "olga").await;
        for id in [elsewhere.to_string(), unseen.to_string(), "999999".to_owned(), "x".to_owned(), String::new()] {
            let path = format!("{ACME}/new?token={id}");
            assert_eq!(olga.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(olga.post(&path, &filled(&[])).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(olga.get(&format!("{ACME}/new")).await.status, StatusCode::NOT_FOUND);
        for login in ["ana", "ben", "carl", "gus", "eve"] {
            let other = Visitor::confirmed(world, login).await;
            assert_eq!(other.get(ACME).await.status, StatusCode::NOT_FOUND, "{login}");
            assert_eq!(other.get(&give(ACME, token)).await.status, StatusCode::NOT_FOUND, "{login}");
            assert_eq!(other.post(&give(ACME, token), &filled(&[])).await.status, StatusCode::NOT_FOUND, "{login}");
        }
        for login in ["olga", "ana"] {
            let other = Visitor::confirmed(world, login).await;
            assert_eq!(other.get(GLOBEX).await.status, StatusCode::NOT_FOUND, "{login}");
            assert_eq!(other.post(&give(GLOBEX, token), &filled(&[])).await.status, StatusCode::NOT_FOUND, "{login}");
        }
        assert_eq!((in_force(world, "acme").await, in_force(world, "globex").await), (Vec::new(), Vec::new()));
    }
}
