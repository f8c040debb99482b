//! A new secret and a new life for a classic token, by the rules of every token.

use axum::http::StatusCode;
use grantry::actions::block_classic::block_classic;
use grantry::actions::regenerate::{RegenerateError, Wish, regenerate};
use grantry::domain::access::decision::Reason;
use grantry::domain::ids::TokenId;
use grantry::domain::policy::Limit;
use grantry::domain::policy::setting::Access;
use grantry::domain::token::TokenKind;
use grantry::domain::token::expiry::Expiration;
use grantry::domain::token::rotation::Overlap;

use super::{ISSUES, LIST};
use crate::pages::visitor::{Page, Visitor};
use crate::policies::{layer, set};
use crate::world::{Answer, World};

const BAD: Answer = Answer::Refused(Reason::BadCredentials);

fn wish(number: &[u8], overlap: Option<u16>) -> Wish {
    Wish {
        form_number: number.to_vec(),
        expiration: Expiration::Days(60),
        overlap: overlap.map(|hours| Overlap::hours(hours).expect("it fits")),
    }
}

/// The secret that a page shows.
pub(super) fn secret(page: &Page) -> String {
    let (_, rest) = page
        .html
        .split_once("grantry_cls_")
        .unwrap_or_else(|| panic!("no secret is shown: {}", page.html));
    let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    format!("grantry_cls_{}", &rest[..end.unwrap_or(rest.len())])
}

impl World {
    async fn renew_classic(
        &self,
        user: &str,
        token: TokenId,
        wish: &Wish,
    ) -> Result<String, RegenerateError> {
        let (origin, user) = (self.person(user).await, self.user(user).await);
        let made = regenerate(&self.context, &origin, user, token, wish).await?;
        Ok(made.secret.reveal().to_owned())
    }
}

on_every_database! {
    async fn regenerating_a_classic_token_stops_the_old_secret_and_keeps_its_scopes(world: &World) {
        let minted = world.classic("ci", &["repo"]).await;
        let new = world.renew_classic("ana", minted.token, &wish(b"one", None)).await.expect("it is hers");
        assert_eq!(world.answer(minted.secret.reveal(), "GET", ISSUES).await, BAD);
        assert_eq!(world.answer(&new, "GET", ISSUES).await, Answer::Allowed);
        assert_eq!(world.held(minted.token).await, ["repo"]);
        let token = world.token(minted.token).await;
        assert_eq!(token.expires_at, Some(world.clock_now().plus_days(60)));
    }

    async fn a_new_secret_does_not_lift_the_block_of_an_owner(world: &World) {
        let minted = world.classic("ci", &["repo"]).await;
        assert_eq!(world.answer(minted.secret.reveal(), "GET", ISSUES).await, Answer::Allowed);
        let (acme, olga) = (world.organization("acme").await, world.person("olga").await);
        block_classic(&world.context, &olga, acme, minted.token, "").await.expect("it was used here");
        let new = world.renew_classic("ana", minted.token, &wish(b"one", None)).await.expect("it is hers");
        assert_eq!(world.answer(&new, "GET", ISSUES).await, Answer::Refused(Reason::BlockedHere));
        let other = world.classic("another", &["repo"]).await;
        assert_eq!(world.answer(other.secret.reveal(), "GET", ISSUES).await, Answer::Allowed, "she can make another");
    }

    async fn the_old_secret_of_a_classic_token_goes_on_until_the_new_one_is_used(world: &World) {
        let minted = world.classic("ci", &["repo"]).await;
        let old = minted.secret.reveal();
        let new = world.renew_classic("ana", minted.token, &wish(b"one", Some(24))).await.expect("it is hers");
        assert_eq!(world.answer(old, "GET", ISSUES).await, Answer::Allowed);
        assert_eq!(world.answer(&new, "GET", ISSUES).await, Answer::Allowed);
        assert_eq!(world.answer(old, "GET", ISSUES).await, BAD);
        let minted = world.classic("other", &["repo"]).await;
        world.renew_classic("ana", minted.token, &wish(b"two", Some(1))).await.expect("it is hers");
        world.pass_seconds(3_600);
        assert_eq!(world.answer(minted.secret.reveal(), "GET", ISSUES).await, BAD, "its hour is over");
    }

    async fn a_classic_token_is_regenerated_by_its_user_alone_and_once_a_form(world: &World) {
        let minted = world.classic("ci", &["repo"]).await;
        let before = world.token(minted.token).await;
        let stranger = world.renew_classic("ben", minted.token, &wish(b"ben", None)).await;
        assert!(matches!(stranger, Err(RegenerateError::NotFound)), "{stranger:?}");
        assert_eq!(world.token(minted.token).await, before);
        assert_eq!(world.answer(minted.secret.reveal(), "GET", ISSUES).await, Answer::Allowed);
        let first = world.renew_classic("ana", minted.token, &wish(b"one", None)).await.expect("it is hers");
        let again = world.renew_classic("ana", minted.token, &wish(b"one", None)).await.expect("nobody used it");
        assert_eq!(world.answer(&first, "GET", ISSUES).await, BAD);
        assert_eq!(world.answer(&again, "GET", ISSUES).await, Answer::Allowed);
        let used = world.renew_classic("ana", minted.token, &wish(b"one", None)).await;
        assert!(matches!(used, Err(RegenerateError::AlreadyMade)), "{used:?}");
        assert_eq!(world.answer(&again, "GET", ISSUES).await, Answer::Allowed);
    }

    async fn of_two_who_regenerate_a_classic_token_at_once_one_has_the_last_word(world: &World) {
        let minted = world.classic("ci", &["repo"]).await;
        let (one, other) = (wish(b"one", None), wish(b"two", None));
        let (a, b) = tokio::join!(
            world.renew_classic("ana", minted.token, &one),
            world.renew_classic("ana", minted.token, &other),
        );
        let mut working = 0;
        for secret in [a, b].into_iter().flatten() {
            working += usize::from(world.answer(&secret, "GET", ISSUES).await == Answer::Allowed);
        }
        assert_eq!(working, 1);
        assert_eq!(world.answer(minted.secret.reveal(), "GET", ISSUES).await, BAD);
    }

    async fn a_limit_leads_through_the_page_to_a_life_that_it_allows(world: &World) {
        let minted = world.try_classic("ana", "long", &["repo"], Expiration::Never).await.expect("it is made");
        assert_eq!(world.answer(minted.secret.reveal(), "GET", ISSUES).await, Answer::Allowed);
        set(world, TokenKind::Classic, &layer(Access::Allow, Limit::Days(14))).await;
        let refused = world.http("GET", ISSUES, minted.secret.reveal(), None).await;
        let path = format!("{LIST}/{}/regenerate", minted.token);
        let message = refused.json()["message"].as_str().unwrap_or_default().to_owned();
        assert!(message.contains("acme allows tokens for at most 14 days"), "{message}");
        assert!(message.contains(&path), "{message}");
        let ana = Visitor::confirmed(world, "ana").await;
        let page = ana.get(&format!("{LIST}/{}", minted.token)).await;
        for words in ["Blocked by policy", "acme allows classic tokens for at most 14 days.", "Regenerate with at most 14 days"] {
            assert!(page.has(words), "{words}: {}", page.html);
        }
        assert!(page.has(&format!("{path}?expires=14")), "{}", page.html);
        for address in [path.clone(), format!("{path}?expires=14")] {
            let form = ana.get(&address).await;
            assert!(form.has("value=\"14\" checked"), "{address}: {}", form.html);
            assert!(form.has("Refused at acme: at most 14 days."), "{}", form.html);
        }
        let number = ana.get(&path).await.value("number");
        let fields = [("number", number.as_str()), ("expires", "14"), ("old", "stop")];
        let done = ana.post(&path, &fields).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.html);
        assert_eq!(done.cache_control, "no-store");
        assert_eq!(world.answer(&secret(&done), "GET", ISSUES).await, Answer::Allowed);
        assert!(!ana.get(&format!("{LIST}/{}", minted.token)).await.has("Blocked by policy"));
    }

    async fn a_life_that_is_refused_somewhere_can_be_chosen_all_the_same(world: &World) {
        set(world, TokenKind::Classic, &layer(Access::Allow, Limit::Days(7))).await;
        let minted = world.try_classic("ana", "long", &["repo"], Expiration::Never).await.expect("it is made");
        let new = world.renew_classic("ana", minted.token, &wish(b"one", None)).await.expect("no policy refuses it here");
        assert_eq!(world.answer(&new, "GET", ISSUES).await, Answer::Refused(Reason::PolicyLifetime));
        assert_eq!(world.answer(&new, "GET", "/repos/ana/lab").await, Answer::Allowed);
        assert_eq!(world.answer(&new, "GET", "/repos/acme/site").await, Answer::Allowed, "public things stay readable");
    }

    async fn the_form_that_regenerates_a_classic_token_checks_every_field(world: &World) {
        let minted = world.classic("ci", &["repo"]).await;
        let path = format!("{LIST}/{}/regenerate", minted.token);
        let ana = Visitor::confirmed(world, "ana").await;
        let number = ana.get(&path).await.value("number");
        let table = [
            ("expires", "367", "expiration"),
            ("expires", "soon", "expiration"),
            ("old", "later", "old"),
            ("hours", "73", "hours"),
            ("hours", "", "hours"),
            ("number", "", "expiration"),
        ];
        for (name, value, field) in table {
            let fields = [("number", number.as_str()), ("expires", "30"), ("old", "overlap"), ("hours", "24")];
            let fields: Vec<_> = fields.into_iter().filter(|(known, _)| *known != name).chain([(name, value)]).collect();
            let page = ana.post(&path, &fields).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}={value}");
            assert!(page.has(&format!("<a href=\"#{field}\">")), "{name}={value}: {}", page.html);
        }
        let strange = ana.get(&format!("{path}?expires=soon")).await;
        assert_eq!(strange.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(world.answer(minted.secret.reveal(), "GET", ISSUES).await, Answer::Allowed);
        let unconfirmed = Visitor::signed_in(world, "ana").await;
        let fields = [("number", number.as_str()), ("expires", "60"), ("old", "overlap"), ("hours", "5")];
        let asked = unconfirmed.post(&path, &fields).await;
        let code = asked.location.strip_prefix("/sudo?draft=").expect("it leads to the passkey").to_owned();
        let back = ana.get(&format!("{path}?draft={code}")).await;
        assert!(back.has("value=\"60\" checked") && back.has("value=\"5\""), "{}", back.html);
        assert_eq!(world.answer(minted.secret.reveal(), "GET", ISSUES).await, Answer::Allowed);
    }
}
