//! A developer changes what is there: edit with its check, regenerate, ask again, withdraw, delete, and the way from a
//! refusal to the request that would have allowed it.

use axum::http::StatusCode;
use grantry::domain::approval::GrantState;
use grantry::domain::ids::TokenId;

use super::visitor::{Page, Visitor};
use crate::world::{Answer, World, draft};

const LIST: &str = "/settings/personal-access-tokens";

/// The form of an edit at acme, as it is shown, with some answers changed.
struct Edit {
    path: String,
    rev: String,
    shown: String,
    acme: String,
    name: String,
    repositories: Vec<String>,
    permissions: Vec<(String, String)>,
    without_acme: bool,
}

impl Edit {
    async fn of(world: &World, visitor: &Visitor, token: TokenId) -> Self {
        let path = format!("{LIST}/{token}/edit");
        let page = visitor.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.html);
        Self {
            rev: page.value("rev"),
            shown: page.value("shown"),
            acme: world.organization("acme").await.to_string(),
            name: page.value("name"),
            repositories: vec![world.repository("acme/web").await.to_string()],
            permissions: vec![("issues".to_owned(), "read".to_owned())],
            without_acme: false,
            path,
        }
    }

    async fn send(&self, visitor: &Visitor, step: &str) -> Page {
        let selection = format!("selection-{}", self.acme);
        let repository = format!("repository-{}", self.acme);
        let permissions: Vec<_> = self
            .permissions
            .iter()
            .map(|(slug, level)| (format!("permission-{}-{slug}", self.acme), level.clone()))
            .collect();
        let mut fields = vec![
            ("step", step),
            ("number", "n"),
            ("rev", self.rev.as_str()),
            ("shown", self.shown.as_str()),
            ("name", self.name.as_str()),
            ("description", ""),
            ("justification", "the board grows"),
        ];
        if !self.without_acme {
            fields.extend([
                ("owner", self.acme.as_str()),
                (selection.as_str(), "selected"),
            ]);
            fields.extend(
                self.repositories
                    .iter()
                    .map(|id| (repository.as_str(), id.as_str())),
            );
            fields.extend(
                permissions
                    .iter()
                    .map(|(name, level)| (name.as_str(), level.as_str())),
            );
        }
        visitor.post(&self.path, &fields).await
    }
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
    async fn an_edit_is_checked_before_it_is_saved_and_says_what_waits(world: &World) {
        let minted = world.approved("issues", "write").await;
        let ana = Visitor::confirmed(world, "ana").await;
        let mut edit = Edit::of(world, &ana, minted.token).await;
        edit.permissions = vec![("issues".to_owned(), "read".to_owned()), ("contents".to_owned(), "read".to_owned())];
        let check = edit.send(&ana, "check").await;
        assert_eq!(check.status, StatusCode::OK, "{}", check.html);
        for words in ["At once", "Issues: write", "Becomes a request", "Contents: read", "olga, sam", "the board grows"] {
            assert!(check.has(words), "{words}: {}", check.html);
        }
        assert!(world.request(minted.token, "acme").await.is_none(), "checking asks for nothing");
        let saved = edit.send(&ana, "save").await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.html);
        let page = ana.get(&format!("{LIST}/{}", minted.token)).await;
        for words in ["A request waits here", "You asked acme for more.", "You changed what it may do; that applied at once.", "Withdraw the request"] {
            assert!(page.has(words), "{words}: {}", page.html);
        }
        let request = world.request(minted.token, "acme").await.expect("it waits").to_string();
        let withdraw = format!("{LIST}/{}/withdraw", minted.token);
        let gone = ana.post(&withdraw, &[("request", &request)]).await;
        assert_eq!(gone.status, StatusCode::SEE_OTHER);
        assert!(ana.get(&format!("{LIST}/{}", minted.token)).await.has("You withdrew the request."));
        assert_eq!(ana.post(&withdraw, &[("request", &request)]).await.status, StatusCode::CONFLICT);
        assert_eq!(ana.post(&withdraw, &[("request", "x")]).await.status, StatusCode::NOT_FOUND);
    }

    async fn narrowing_needs_no_passkey_and_widening_does(world: &World) {
        let minted = world.approved("issues", "write").await;
        let ana = Visitor::signed_in(world, "ana").await;
        let mut edit = Edit::of(world, &ana, minted.token).await;
        edit.permissions.push(("contents".to_owned(), "read".to_owned()));
        let asked = edit.send(&ana, "save").await;
        assert!(asked.location.starts_with("/sudo?draft="), "{asked:?}");
        assert!(world.request(minted.token, "acme").await.is_none(), "nothing runs by a redirect");
        edit.permissions.pop();
        let saved = edit.send(&ana, "save").await;
        assert_eq!(saved.location, format!("{LIST}/{}", minted.token));
        assert_ne!(world.answer(minted.secret.reveal(), "POST", "/repos/acme/web/issues").await, Answer::Allowed);
    }

    async fn an_edit_of_what_changed_meanwhile_is_refused_and_keeps_what_was_typed(world: &World) {
        let minted = world.approved("issues", "write").await;
        let ana = Visitor::confirmed(world, "ana").await;
        let mut edit = Edit::of(world, &ana, minted.token).await;
        "a new name".clone_into(&mut edit.name);
        world.revoke("sam", &minted, "The laptop was stolen.").await.expect("it can be revoked");
        for step in ["check", "save"] {
            let page = edit.send(&ana, step).await;
            assert_eq!(page.status, StatusCode::CONFLICT, "{step}");
            for words in ["The token changed while you edited it", "sam revoked it.", "value=\"a new name\""] {
                assert!(page.has(words), "{words}: {}", page.html);
            }
            assert_ne!(page.value("rev"), edit.rev, "the form can be checked again");
        }
        assert_eq!(world.grant(minted.token, "acme").await.state, GrantState::Revoked);
        assert!(ana.get(&format!("{LIST}/{}", minted.token)).await.has("<h1>approved</h1>"));
    }

    async fn every_mistake_of_an_edit_returns_to_its_field(world: &World) {
        let minted = world.approved("issues", "write").await;
        let other = world.mint("ana", draft("taken").owner("ana").all()).await;
        let ana = Visitor::confirmed(world, "ana").await;
        let mut edit = Edit::of(world, &ana, minted.token).await;
        "taken".clone_into(&mut edit.name);
        let page = edit.send(&ana, "check").await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.has("<a href=\"#name\">"), "{}", page.html);
        "approved".clone_into(&mut edit.name);
        edit.repositories.clear();
        let page = edit.send(&ana, "save").await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.has(&format!("<a href=\"#repositories-{}\">", edit.acme)), "{}", page.html);
        assert_eq!(edit.send(&ana, "dance").await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let ben = Visitor::confirmed(world, "ben").await;
        assert_eq!(edit.send(&ben, "save").await.status, StatusCode::NOT_FOUND);
        for path in ["edit", "regenerate", "delete", "ask-again?owner=acme"] {
            let path = format!("{LIST}/{}/{path}", other.token);
            assert_eq!(ben.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
    }

    async fn taking_an_owner_out_ends_everything_there(world: &World) {
        let minted = world.approved("issues", "write").await;
        let ana = Visitor::confirmed(world, "ana").await;
        let mut edit = Edit::of(world, &ana, minted.token).await;
        edit.without_acme = true;
        let check = edit.send(&ana, "check").await;
        assert!(check.has("Everything it has at acme ends at once."), "{}", check.html);
        assert_eq!(edit.send(&ana, "save").await.status, StatusCode::SEE_OTHER);
        assert!(ana.get(&format!("{LIST}/{}", minted.token)).await.has("You took acme out of the token."));
    }

    async fn a_refusal_leads_to_an_edit_that_asks_for_what_was_missing(world: &World) {
        let minted = world.approved("issues", "read").await;
        world.call(minted.secret.reveal(), "POST", "/repos/acme/web/issues").await;
        world.call(minted.secret.reveal(), "GET", "/repos/acme/api/issues").await;
        world.call(minted.secret.reveal(), "GET", "/repos/labs/secret/issues").await;
        let ana = Visitor::confirmed(world, "ana").await;
        let page = ana.get(&format!("{LIST}/{}", minted.token)).await;
        let edit = format!("{LIST}/{}/edit?owner=acme&#38;", minted.token);
        assert!(page.has(&format!("{edit}issues=write")), "{}", page.html);
        assert!(page.has(&format!("{edit}repository=api")), "{}", page.html);
        assert!(!page.has("repository=secret"), "what cannot be chosen is not offered");
        let form = ana.get(&format!("{LIST}/{}/edit?owner=acme&issues=write&repository=api", minted.token)).await;
        assert_eq!(form.status, StatusCode::OK);
        assert!(form.has("Added at acme, and not saved yet: `Issues`: write, acme/api."), "{}", form.html);
        let issues = format!("name=\"permission-{}-issues\" value=\"write\" checked", world.organization("acme").await);
        assert!(form.has(&issues), "{}", form.html);
        let wrong = ana.get(&format!("{LIST}/{}/edit?owner=nobody", minted.token)).await;
        assert!(wrong.has("which you cannot choose"), "{}", wrong.html);
    }

    async fn regenerating_shows_a_secret_once_and_the_old_one_overlaps_as_chosen(world: &World) {
        let minted = world.approved("issues", "read").await;
        let old = minted.secret.reveal();
        let ana = Visitor::confirmed(world, "ana").await;
        let path = format!("{LIST}/{}/regenerate", minted.token);
        world.call(old, "GET", "/repos/acme/web/issues").await;
        let form = ana.get(&path).await;
        assert_eq!(form.status, StatusCode::OK, "{}", form.html);
        assert!(form.has("acme</dt><dd>1 call"), "what depends on it is said: {}", form.html);
        let number = form.value("number");
        let fields = [("number", number.as_str()), ("expires", "30"), ("expires-on", ""), ("old", "overlap"), ("hours", "24")];
        let first = ana.post(&path, &fields).await;
        assert_eq!((first.status, first.cache_control.as_str()), (StatusCode::OK, "no-store"), "{}", first.html);
        let again = ana.post(&path, &fields).await;
        let (first, again) = (secret(&first), secret(&again));
        assert_ne!(first, again, "pressing twice replaces what nobody has");
        assert_eq!(world.answer(old, "GET", "/repos/acme/web/issues").await, Answer::Allowed);
        assert_ne!(world.answer(&first, "GET", "/repos/acme/web/issues").await, Answer::Allowed);
        assert_eq!(world.answer(&again, "GET", "/repos/acme/web/issues").await, Answer::Allowed);
        assert_ne!(world.answer(old, "GET", "/repos/acme/web/issues").await, Answer::Allowed, "its first use ends the overlap");
        assert!(ana.get(&format!("{LIST}/{}", minted.token)).await.has("You regenerated its secret."));
        assert_eq!(ana.post(&path, &fields).await.status, StatusCode::CONFLICT, "it has been used");
    }

    async fn regenerating_checks_every_field_and_asks_for_the_passkey(world: &World) {
        let minted = world.approved("issues", "read").await;
        let path = format!("{LIST}/{}/regenerate", minted.token);
        let ana = Visitor::signed_in(world, "ana").await;
        let number = ana.get(&path).await.value("number");
        let table = [
            ("expires", "367", "expiration"),
            ("expires", "soon", "expiration"),
            ("old", "later", "old"),
            ("hours", "73", "hours"),
        ];
        for (name, value, field) in table {
            let fields = [("number", number.as_str()), ("expires", "30"), ("old", "overlap"), ("hours", "24")];
            let fields: Vec<_> = fields.into_iter().filter(|(known, _)| *known != name).chain([(name, value)]).collect();
            let confirmed = Visitor::confirmed(world, "ana").await;
            let page = confirmed.post(&path, &fields).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}={value}");
            assert!(page.has(&format!("<a href=\"#{field}\">")), "{name}={value}: {}", page.html);
        }
        let fields = [("number", number.as_str()), ("expires", "60"), ("old", "overlap"), ("hours", "5")];
        let asked = ana.post(&path, &fields).await;
        let code = asked.location.strip_prefix("/sudo?draft=").expect("it leads to the passkey").to_owned();
        let back = Visitor::confirmed(world, "ana").await.get(&format!("{path}?draft={code}")).await;
        assert!(back.has("value=\"60\" checked") && back.has("value=\"5\""), "{}", back.html);
        assert_eq!(world.answer(minted.secret.reveal(), "GET", "/repos/acme/web/issues").await, Answer::Allowed);
    }

    async fn an_owner_is_asked_again_after_a_denial_and_sees_both(world: &World) {
        let minted = world.mint("ana", draft("again").owner("acme").selected(&["web"]).permission("issues", "read")).await;
        world.deny("olga", &minted, "Use the bot account.").await.expect("it can be denied");
        let ana = Visitor::confirmed(world, "ana").await;
        let page = ana.get(&format!("{LIST}/{}", minted.token)).await;
        let path = format!("{LIST}/{}/ask-again", minted.token);
        assert!(page.has(&format!("{path}?owner=acme")), "{}", page.html);
        let form = ana.get(&format!("{path}?owner=acme")).await;
        for words in ["Use the bot account.", "Can read issues in acme/web.", "olga, sam"] {
            assert!(form.has(words), "{words}: {}", form.html);
        }
        let long = "x".repeat(1_025);
        let wrong = ana.post(&path, &[("owner", "acme"), ("justification", &long)]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.has("<a href=\"#justification\">"), "{}", wrong.html);
        let asked = ana.post(&path, &[("owner", "acme"), ("justification", "The bot is gone.")]).await;
        assert_eq!(asked.status, StatusCode::SEE_OTHER);
        let page = ana.get(&format!("{LIST}/{}", minted.token)).await;
        for words in ["You asked acme again.", "The bot is gone.", "olga denied it."] {
            assert!(page.has(words), "{words}: {}", page.html);
        }
        let twice = ana.post(&path, &[("owner", "acme"), ("justification", "")]).await;
        assert_eq!(twice.status, StatusCode::CONFLICT);
        assert_eq!(ana.get(&format!("{path}?owner=nobody")).await.status, StatusCode::NOT_FOUND);
    }

    async fn deleting_says_first_what_stops_working(world: &World) {
        let minted = world.approved("issues", "read").await;
        world.call(minted.secret.reveal(), "GET", "/repos/acme/web/issues").await;
        let ana = Visitor::signed_in(world, "ana").await;
        let path = format!("{LIST}/{}/delete", minted.token);
        let page = ana.get(&path).await;
        for words in ["acme</dt><dd>1 call", "/repos/acme/web/issues", "Deleting cannot be undone."] {
            assert!(page.has(words), "{words}: {}", page.html);
        }
        assert_eq!(world.answer(minted.secret.reveal(), "GET", "/repos/acme/web/issues").await, Answer::Allowed);
        assert_eq!(ana.post(&path, &[]).await.status, StatusCode::SEE_OTHER);
        assert_ne!(world.answer(minted.secret.reveal(), "GET", "/repos/acme/web/issues").await, Answer::Allowed);
        assert_eq!(ana.get(&path).await.status, StatusCode::NOT_FOUND);
    }

    async fn a_role_that_is_too_small_for_what_is_granted_shows(world: &World) {
        let minted = world.approved("contents", "write").await;
        let page = Visitor::signed_in(world, "ana").await.get(&format!("{LIST}/{}", minted.token)).await;
        assert!(page.has("needs the role write; yours is read on acme/web."), "{}", page.html);
        assert_ne!(world.answer(minted.secret.reveal(), "PUT", "/repos/acme/web/contents/a").await, Answer::Allowed);
    }
}
