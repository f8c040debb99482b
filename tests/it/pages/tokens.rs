//! A developer's own tokens: the list, the form through all its steps, one token, and deleting it.

use axum::http::StatusCode;
use grantry::domain::token::TokenKind;
use grantry::store::tokens;

use super::visitor::{Page, Visitor};
use crate::world::{Answer, World, draft};

const LIST: &str = "/settings/personal-access-tokens";
const NEW: &str = "/settings/personal-access-tokens/new";

/// A form for `issues: read` in acme/web, as its fields.
struct Filled {
    acme: String,
    web: String,
    number: String,
}

impl Filled {
    async fn new(world: &World, visitor: &Visitor) -> Self {
        Self {
            acme: world.organization("acme").await.to_string(),
            web: world.repository("acme/web").await.to_string(),
            number: visitor.get(NEW).await.value("number"),
        }
    }

    async fn send(&self, visitor: &Visitor, changes: &[(&str, &str)]) -> Page {
        let selection = format!("selection-{}", self.acme);
        let repository = format!("repository-{}", self.acme);
        let issues = format!("permission-{}-issues", self.acme);
        let fields = [
            ("number", self.number.as_str()),
            ("name", "nightly build"),
            ("description", "reads the board"),
            ("owner", &self.acme),
            (&selection, "selected"),
            (&repository, &self.web),
            (&issues, "read"),
            ("expires", "30"),
            ("expires-on", ""),
            ("justification", "for the board"),
        ];
        let kept = fields
            .into_iter()
            .filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        let all: Vec<_> = kept.chain(changes.iter().copied()).collect();
        visitor.post(NEW, &all).await
    }
}

async fn own_tokens(world: &World, login: &str) -> Vec<tokens::Token> {
    let user = world.user(login).await;
    tokens::list_live(&mut world.reader(), user, TokenKind::FineGrained)
        .await
        .expect("tokens can be read")
}

fn secret(page: &Page) -> String {
    let (_, rest) = page
        .html
        .split_once("grantry_pat_")
        .expect("the secret is shown");
    let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    format!("grantry_pat_{}", &rest[..end.unwrap_or(rest.len())])
}

on_every_database! {
    async fn a_list_without_tokens_says_what_would_be_there(world: &World) {
        let ana = Visitor::signed_in(world, "ana").await;
        let page = ana.get(LIST).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.has("You have no fine-grained tokens"), "{}", page.html);
    }

    async fn the_list_says_how_each_token_stands_and_why(world: &World) {
        let denied = world.mint("ana", draft("refused").owner("acme").selected(&["web"]).permission("issues", "read")).await;
        world.deny("olga", &denied, "Use the bot account.").await.expect("it can be denied");
        world.mint("ana", draft("waiting").owner("acme").selected(&["web", "api"]).permission("contents", "write")).await;
        world.mint("ana", draft("working").owner("labs").all().permission("issues", "read")).await;
        let page = Visitor::signed_in(world, "ana").await.get(LIST).await;
        for words in ["Use the bot account.", "Waits for an owner of acme: olga, sam", "2 repositories", "all repositories", "Active"] {
            assert!(page.has(words), "{words}: {}", page.html);
        }
        let ben = Visitor::signed_in(world, "ben").await.get(LIST).await;
        assert!(!ben.has("refused"), "another's tokens are not shown");
    }

    async fn a_token_is_made_in_three_steps_and_shown_once(world: &World) {
        let ana = Visitor::confirmed(world, "ana").await;
        let form = Filled::new(world, &ana).await;
        let owners = ana.post(NEW, &[("step", "owners"), ("owner", &form.acme), ("number", &form.number)]).await;
        assert!(owners.has("What it may do at acme"), "{}", owners.html);
        assert!(owners.has("Why it is needed"), "owners decide there, whatever is chosen next");
        let summary = form.send(&ana, &[("step", "summary")]).await;
        for words in ["Can read issues in acme/web.", "Cannot read code.", "Ends 31 Oct 2026.", "owners must approve: olga, sam."] {
            assert!(summary.has(words), "{words}: {}", summary.html);
        }
        let check = form.send(&ana, &[("step", "check")]).await;
        assert_eq!(check.status, StatusCode::OK);
        assert!(check.has("Check your answers") && check.has("Can read issues in acme/web."), "{}", check.html);
        assert!(own_tokens(world, "ana").await.is_empty(), "checking makes nothing");
        let edit = form.send(&ana, &[("step", "edit")]).await;
        assert!(edit.has("value=\"nightly build\""), "{}", edit.html);
        let made = form.send(&ana, &[("step", "mint")]).await;
        assert_eq!(made.status, StatusCode::OK);
        assert_eq!(made.cache_control, "no-store");
        let [token] = own_tokens(world, "ana").await.try_into().expect("one token was made");
        assert_eq!(token.name, "nightly build");
        let answer = world.answer(&secret(&made), "GET", "/user").await;
        assert_eq!(answer, Answer::Allowed);
        let one = ana.get(&format!("{LIST}/{}", token.id)).await;
        assert!(!one.has(&secret(&made)), "the secret is shown once");
        assert!(one.has("for the board") && one.has("You asked acme for access."), "{}", one.html);
    }

    async fn two_presses_make_one_token_and_the_second_secret_works(world: &World) {
        let ana = Visitor::confirmed(world, "ana").await;
        let form = Filled::new(world, &ana).await;
        let first = secret(&form.send(&ana, &[("step", "mint")]).await);
        let second = secret(&form.send(&ana, &[("step", "mint")]).await);
        assert_eq!(own_tokens(world, "ana").await.len(), 1);
        assert_ne!(first, second);
        assert_eq!(world.answer(&second, "GET", "/user").await, Answer::Allowed);
        assert_ne!(world.answer(&first, "GET", "/user").await, Answer::Allowed);
    }

    async fn minting_asks_for_the_passkey_and_shows_the_answers_again(world: &World) {
        let ana = Visitor::signed_in(world, "ana").await;
        let form = Filled::new(world, &ana).await;
        let page = form.send(&ana, &[("step", "mint")]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
        let code = page.location.strip_prefix("/sudo?draft=").expect("it leads to the passkey");
        assert!(own_tokens(world, "ana").await.is_empty());
        let confirmed = Visitor::confirmed(world, "ana").await;
        let back = confirmed.get(&format!("{NEW}?draft={code}")).await;
        assert!(back.has("Check your answers") && back.has("nightly build"), "{}", back.html);
        assert!(own_tokens(world, "ana").await.is_empty(), "nothing runs by a redirect");
        let stranger = Visitor::confirmed(world, "ben").await.get(&format!("{NEW}?draft={code}")).await;
        assert!(!stranger.has("nightly build"), "a form belongs to its user");
    }

    async fn every_mistake_returns_to_its_field_with_what_was_typed(world: &World) {
        let ana = Visitor::confirmed(world, "ana").await;
        let form = Filled::new(world, &ana).await;
        let acme = form.acme.as_str();
        let [selection, repository, issues] = ["selection-{}", "repository-{}", "permission-{}-issues"].map(|name| name.replace("{}", acme));
        let (nothing, foreign) = (format!("permission-{acme}-nothing"), world.repository("labs/probe").await.to_string());
        let owner_of_ben = world.user("ben").await.to_string();
        let long = "x".repeat(41);
        let table: [(&[(&str, &str)], String); 11] = [
            (&[("name", "")], "name".to_owned()),
            (&[("name", &long)], "name".to_owned()),
            (&[("owner", "")], "owners".to_owned()),
            (&[("owner", &owner_of_ben)], "owners".to_owned()),
            (&[(&repository, &foreign)], format!("repositories-{acme}")),
            (&[(&repository, "web")], format!("repositories-{acme}")),
            (&[(&selection, "some")], format!("repositories-{acme}")),
            (&[(&issues, "huge")], format!("permissions-{acme}")),
            (&[(&nothing, "read")], format!("permissions-{acme}")),
            (&[("expires", "367")], "expiration".to_owned()),
            (&[("expires", "none")], "expiration".to_owned()),
        ];
        for step in ["check", "mint"] {
            for (changes, field) in &table {
                let changes: Vec<_> = changes.iter().copied().chain([("step", step)]).collect();
                let page = form.send(&ana, &changes).await;
                assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{changes:?}");
                assert!(page.has(&format!("<a href=\"#{field}\">")), "{changes:?}: {}", page.html);
                assert!(page.has(&format!("id=\"{field}\"")), "{changes:?} has its field");
                assert!(page.has("reads the board"), "{changes:?} keeps what was typed");
            }
        }
        assert!(own_tokens(world, "ana").await.is_empty());
        assert_eq!(form.send(&ana, &[("step", "dance")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn a_template_link_fills_the_form_and_makes_nothing(world: &World) {
        let ana = Visitor::confirmed(world, "ana").await;
        let page = ana.get(&format!("{NEW}?name=ci&description=builds&target_name=acme&expires_in=7&issues=write")).await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(page.value("name"), "ci");
        assert!(page.has("What it may do at acme"), "{}", page.html);
        assert!(page.has("value=\"7\" checked"), "{}", page.html);
        assert!(page.has("value=\"write\" checked"), "{}", page.html);
        assert!(own_tokens(world, "ana").await.is_empty());
        for bad in ["target_name=nobody", "expires_in=900", "everything=write", "issues=huge"] {
            let page = ana.get(&format!("{NEW}?{bad}")).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
        }
    }

    async fn a_token_of_somebody_else_does_not_exist(world: &World) {
        let minted = world.mint("ana", draft("mine").owner("labs").all()).await;
        let ben = Visitor::confirmed(world, "ben").await;
        for path in [format!("{LIST}/{}", minted.token), format!("{LIST}/999"), format!("{LIST}/x")] {
            assert_eq!(ben.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(ben.post(&format!("{path}/delete"), &[]).await.status, StatusCode::NOT_FOUND);
        }
        assert_eq!(own_tokens(world, "ana").await.len(), 1);
    }

    async fn a_revoked_token_tells_who_and_why_and_a_deleted_one_is_gone(world: &World) {
        let minted = world.approved("issues", "read").await;
        world.revoke("sam", &minted, "The laptop was stolen.").await.expect("it can be revoked");
        let ana = Visitor::signed_in(world, "ana").await;
        let path = format!("{LIST}/{}", minted.token);
        let page = ana.get(&path).await;
        for words in ["Revoked", "sam revoked it.", "olga approved it.", "The laptop was stolen."] {
            assert!(page.has(words), "{words}: {}", page.html);
        }
        let deleted = ana.post(&format!("{path}/delete"), &[]).await;
        assert_eq!((deleted.status, deleted.location.as_str()), (StatusCode::SEE_OTHER, LIST));
        assert!(ana.get(LIST).await.has("Deleted the token"), "the list says so");
        assert_eq!(ana.get(&path).await.status, StatusCode::NOT_FOUND);
        assert!(own_tokens(world, "ana").await.is_empty());
    }

    async fn an_expired_token_stays_in_the_list_and_says_so(world: &World) {
        let minted = world.mint("ana", draft("old").owner("labs").all().days(7)).await;
        world.pass_days(7);
        let ana = Visitor::signed_in(world, "ana").await;
        for path in [LIST.to_owned(), format!("{LIST}/{}", minted.token)] {
            let page = ana.get(&path).await;
            assert!(page.has("Expired") && page.has("old"), "{path}: {}", page.html);
        }
    }
}
