//! Making, seeing, changing and deleting a classic token in the console.

use axum::http::StatusCode;
use grantry::actions::block_classic::block_classic;
use grantry::domain::access::decision::Reason;
use grantry::domain::policy::Limit;
use grantry::domain::policy::setting::{
    Access, EnterpriseAccess, EnterpriseApproval, EnterpriseLayer,
};
use grantry::domain::token::TokenKind;
use grantry::domain::token::expiry::Expiration;
use grantry::store::{Change, Db as _, policies};

use super::regenerating::secret;
use super::{ISSUES, LIST};
use crate::pages::visitor::Visitor;
use crate::policies::{layer, set};
use crate::world::{Answer, World, draft};

const NEW: &str = "/settings/tokens/new";

/// The fields of a form that is right, but for those given.
fn form<'a>(number: &'a str, changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let fields = [
        ("number", number),
        ("note", "ci"),
        ("expires", "30"),
        ("scope", "repo"),
    ];
    let is_changed = |name: &str| changed.iter().any(|(known, _)| *known == name);
    let kept = fields.into_iter().filter(|(name, _)| !is_changed(name));
    kept.chain(changed.iter().copied()).collect()
}

async fn count_tokens(world: &World) -> i64 {
    let all = world
        .reader()
        .query("SELECT COUNT(*) FROM tokens")
        .number()
        .await;
    all.expect("tokens can be counted")
}

/// What globex sets for classic tokens counts from now on.
async fn globex_says(world: &World, access: EnterpriseAccess, lifetime: Limit) {
    let (origin, globex) = (world.person("eve").await, world.enterprise("globex").await);
    let layer = EnterpriseLayer {
        access,
        approval: EnterpriseApproval::Delegate,
        lifetime,
        exempts_administrators: false,
    };
    let mut work = world.context.begin(&origin).await.expect("a change begins");
    let now = work.now();
    policies::insert(&mut work, globex, TokenKind::Classic, &layer, None, now)
        .await
        .expect("it is saved");
    work.changed(Change::Account(globex));
    world.context.commit(work).await.expect("it lasts");
}

on_every_database! {
    async fn a_classic_token_is_made_on_its_page_and_its_secret_is_shown_once(world: &World) {
        let ana = Visitor::confirmed(world, "ana").await;
        let page = ana.get(NEW).await;
        for words in ["value=\"30\" checked", "value=\"repo:status\"", "Includes repo:status,", "value=\"read:org\""] {
            assert!(page.has(words), "{words}: {}", page.html);
        }
        assert!(!page.has("Where it will be refused"), "nothing limits it: {}", page.html);
        let number = page.value("number");
        let fields = form(&number, &[("scope", "repo"), ("scope", "repo:status"), ("scope", "gist")]);
        let made = ana.post(NEW, &fields).await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.html);
        assert_eq!(made.cache_control, "no-store");
        assert!(made.has("`repo:status` was dropped: `repo` includes it."), "{}", made.html);
        let first = secret(&made);
        let again = secret(&ana.post(NEW, &fields).await);
        assert_eq!(count_tokens(world).await, 1, "pressing twice makes no second token");
        assert_ne!(world.answer(&first, "GET", ISSUES).await, Answer::Allowed);
        assert_eq!(world.answer(&again, "GET", ISSUES).await, Answer::Allowed);
        let used = ana.post(NEW, &fields).await;
        assert_eq!(used.status, StatusCode::CONFLICT);
        assert!(!used.has("grantry_cls_"), "{}", used.html);
        let list = ana.get(LIST).await;
        assert!(!list.has(&again), "it is shown once");
    }

    async fn every_mistake_of_a_classic_form_returns_to_its_field(world: &World) {
        world.classic("taken", &["gist"]).await;
        let long = "n".repeat(41);
        let big = "9".repeat(65);
        let table: [(&[(&str, &str)], &str); 10] = [
            (&[("note", "")], "note"),
            (&[("note", &long)], "note"),
            (&[("note", "Taken")], "note"),
            (&[("expires", "367")], "expiration"),
            (&[("expires", "soon")], "expiration"),
            (&[("expires", "custom"), ("expires-on", "2020-01-01")], "expiration"),
            (&[("expires", "")], "expiration"),
            (&[("scope", "everything")], "scopes"),
            (&[("scope", "")], "scopes"),
            (&[("number", &big)], "note"),
        ];
        for visitor in [Visitor::confirmed(world, "ana").await, Visitor::signed_in(world, "ana").await] {
            for (changed, field) in table {
                let page = visitor.post(NEW, &form("n", changed)).await;
                assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{changed:?}");
                assert!(page.has(&format!("<a href=\"#{field}\">")), "{changed:?}: {}", page.html);
            }
            let none = visitor.post(NEW, &[("number", "n"), ("note", "kept"), ("expires", "60")]).await;
            assert!(none.has("<a href=\"#scopes\">") && none.has("value=\"kept\"") && none.has("value=\"60\" checked"));
        }
        assert_eq!(count_tokens(world).await, 1, "nothing was made");
    }

    async fn making_a_classic_token_asks_for_the_passkey_and_gives_the_form_back(world: &World) {
        let ana = Visitor::signed_in(world, "ana").await;
        let asked = ana.post(NEW, &form("n", &[("note", "my job"), ("scope", "gist")])).await;
        let code = asked.location.strip_prefix("/sudo?draft=").expect("it leads to the passkey").to_owned();
        assert_eq!(count_tokens(world).await, 0, "nothing runs by a redirect");
        let back = Visitor::confirmed(world, "ana").await.get(&format!("{NEW}?draft={code}")).await;
        for words in ["value=\"my job\"", "value=\"gist\" checked", "press the button once more"] {
            assert!(back.has(words), "{words}: {}", back.html);
        }
    }

    async fn a_link_fills_the_classic_form_and_tells_what_it_could_not(world: &World) {
        let ana = Visitor::signed_in(world, "ana").await;
        let page = ana.get(&format!("{NEW}?description=my+tool&scopes=repo,read:org")).await;
        assert_eq!(page.status, StatusCode::OK);
        for words in ["value=\"my tool\"", "value=\"repo\" data-includes", "value=\"read:org\" checked"] {
            assert!(page.has(words), "{words}: {}", page.html);
        }
        let wrong = ana.get(&format!("{NEW}?scopes=repo,everything&colour=red")).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        for words in ["`everything`", "`colour`", "<a href=\"#scopes\">", "<a href=\"#note\">"] {
            assert!(wrong.has(words), "{words}: {}", wrong.html);
        }
    }

    async fn the_form_says_beforehand_what_will_be_refused_and_refuses_nothing(world: &World) {
        set(world, TokenKind::Classic, &layer(Access::Allow, Limit::Days(14))).await;
        globex_says(world, EnterpriseAccess::Delegate, Limit::Days(60)).await;
        let ana = Visitor::confirmed(world, "ana").await;
        let page = ana.get(NEW).await;
        for words in [
            "acme allows classic tokens for at most 14 days: one that lives longer will read only public things there.",
            "globex allows classic tokens for at most 60 days at labs: one that lives longer",
            "value=\"custom\" checked",
            "value=\"2026-10-15\"",
            "Refused at acme: at most 14 days. Refused at labs: at most 60 days.",
        ] {
            assert!(page.has(words), "{words}: {}", page.html);
        }
        set(world, TokenKind::Classic, &layer(Access::Restrict, Limit::Unlimited)).await;
        let page = ana.get(NEW).await;
        let words = "acme does not allow classic tokens: this one will read only public things there.";
        assert!(page.has(words), "{}", page.html);
        let made = ana.post(NEW, &form("n", &[("expires", "none")])).await;
        assert_eq!(made.status, StatusCode::OK, "no policy refuses it here: {}", made.html);
        assert!(made.has("acme does not allow classic tokens."), "{}", made.html);
        let refused = Answer::Refused(Reason::PolicyAccess);
        assert_eq!(world.answer(&secret(&made), "GET", ISSUES).await, refused);
    }

    async fn a_managed_users_own_account_is_under_the_enterprises_values(world: &World) {
        use grantry::store::accounts;
        let (origin, mia) = (world.person("eve").await, world.account("mia").await);
        let managed = accounts::Account { managed_by: Some(world.enterprise("globex").await), ..mia.clone() };
        let mut work = world.context.begin(&origin).await.expect("a change begins");
        accounts::update(&mut work, &managed).await.expect("it is saved");
        work.changed(Change::Account(mia.id));
        world.context.commit(work).await.expect("it lasts");
        globex_says(world, EnterpriseAccess::Restrict, Limit::Unlimited).await;
        let page = Visitor::signed_in(world, "mia").await.get(NEW).await;
        let words = "globex does not allow classic tokens at your own account and acme: this one will read only public";
        assert!(page.has(words), "{}", page.html);
        let gus = Visitor::signed_in(world, "gus").await.get(NEW).await;
        assert!(!gus.has("Where it will be refused"), "{}", gus.html);
    }

    async fn a_classic_tokens_page_tells_what_it_can_do_did_and_met(world: &World) {
        let minted = world.classic("ci", &["repo", "read:org"]).await;
        let secret = minted.secret.reveal();
        world.answer(secret, "GET", ISSUES).await;
        world.answer(secret, "DELETE", "/repos/acme/web").await;
        let ana = Visitor::signed_in(world, "ana").await;
        let path = format!("{LIST}/{}", minted.token);
        let page = ana.get(&path).await;
        for words in [
            "Full control of every repository the user reaches, private ones included.",
            "See the people and teams of organizations.",
            "<td data-label=\"Owner\">acme</td>",
            ISSUES,
            "1 call allowed, 1 refused",
            "`delete_repo` is needed at acme/web",
            "value=\"repo\" data-includes",
            "Works",
        ] {
            assert!(page.has(words), "{words}: {}", page.html);
        }
        let (acme, sam) = (world.organization("acme").await, world.person("sam").await);
        block_classic(&world.context, &sam, acme, minted.token, "Use a fine-grained one.").await.expect("it was used");
        let page = ana.get(&path).await;
        for words in ["Blocked for good", "sam blocked it at acme", "Use a fine-grained one.", "Ask an owner of acme: olga and sam."] {
            assert!(page.has(words), "{words}: {}", page.html);
        }
        let refused = world.http("GET", ISSUES, secret, None).await;
        let message = refused.json()["message"].as_str().unwrap_or_default().to_owned();
        assert!(message.contains("acme blocked this token") && message.contains(&path), "{message}");
    }

    async fn a_classic_token_of_others_or_of_another_kind_does_not_exist(world: &World) {
        let minted = world.classic("ci", &["repo"]).await;
        let fine = world.mint("ana", draft("fine").owner("ana").all()).await;
        let ended = world.classic("ended", &["repo"]).await;
        let ana = Visitor::confirmed(world, "ana").await;
        let gone = ana.post(&format!("{LIST}/{}/delete", ended.token), &[]).await;
        assert_eq!(gone.status, StatusCode::SEE_OTHER);
        let ben = Visitor::confirmed(world, "ben").await;
        let before = world.token(minted.token).await;
        let strange = [
            (&ben, minted.token.to_string()),
            (&ana, fine.token.to_string()),
            (&ana, ended.token.to_string()),
            (&ana, "999".to_owned()),
            (&ana, "x".to_owned()),
        ];
        for (visitor, id) in strange {
            for page in ["", "/regenerate", "/delete"] {
                let path = format!("{LIST}/{id}{page}");
                assert_eq!(visitor.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
                let fields = [("rev", "1"), ("note", "x"), ("scope", "gist"), ("number", "n"), ("expires", "7"), ("old", "stop")];
                assert_eq!(visitor.post(&path, &fields).await.status, StatusCode::NOT_FOUND, "{path}");
            }
        }
        for page in ["", "/edit", "/regenerate", "/delete"] {
            let path = format!("/settings/personal-access-tokens/{}{page}", minted.token);
            assert_eq!(ana.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(world.token(minted.token).await, before);
        assert_eq!(world.answer(minted.secret.reveal(), "GET", ISSUES).await, Answer::Allowed);
        assert_eq!(world.answer(fine.secret.reveal(), "GET", "/repos/ana/lab").await, Answer::Allowed);
    }

    async fn note_and_scopes_are_changed_on_the_page_of_a_classic_token(world: &World) {
        let minted = world.classic("ci", &["repo", "gist"]).await;
        let path = format!("{LIST}/{}", minted.token);
        let ana = Visitor::signed_in(world, "ana").await;
        let rev = ana.get(&path).await.value("rev");
        let wider = [("rev", rev.as_str()), ("note", "ci"), ("scope", "repo"), ("scope", "admin:org")];
        let asked = ana.post(&path, &wider).await;
        let code = asked.location.strip_prefix("/sudo?draft=").expect("more scopes ask for the passkey").to_owned();
        assert_eq!(world.held(minted.token).await, ["gist", "repo"]);
        let confirmed = Visitor::confirmed(world, "ana").await;
        let back = confirmed.get(&format!("{path}?draft={code}")).await;
        let ticked = "value=\"admin:org\" data-includes=\"write:org read:org manage_runners:org\" checked";
        assert!(back.has(ticked), "{}", back.html);
        let less = [("rev", rev.as_str()), ("note", "night"), ("scope", "repo"), ("scope", "repo:status")];
        let saved = ana.post(&path, &less).await;
        assert_eq!(saved.location, path, "less needs no passkey: {}", saved.html);
        let page = ana.get(&path).await;
        assert!(page.has("`repo:status` was dropped: `repo` includes it."), "{}", page.html);
        assert!(page.has("<h1>night</h1>"), "{}", page.html);
        assert_eq!(world.held(minted.token).await, ["repo"]);
        let stale = confirmed.post(&path, &wider).await;
        assert_eq!(stale.status, StatusCode::CONFLICT);
        assert_eq!(world.held(minted.token).await, ["repo"]);
    }

    async fn every_mistake_of_a_classic_edit_returns_to_its_field(world: &World) {
        let minted = world.classic("ci", &["repo"]).await;
        world.classic("taken", &["gist"]).await;
        let path = format!("{LIST}/{}", minted.token);
        let ana = Visitor::confirmed(world, "ana").await;
        let rev = ana.get(&path).await.value("rev");
        let table: [(&str, &str, &str); 4] = [
            ("", "repo", "note"),
            ("taken", "repo", "note"),
            ("ci", "everything", "scopes"),
            ("ci", "", "scopes"),
        ];
        for (note, scope, field) in table {
            let page = ana.post(&path, &[("rev", rev.as_str()), ("note", note), ("scope", scope)]).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{note} {scope}");
            assert!(page.has(&format!("<a href=\"#{field}\">")), "{note} {scope}: {}", page.html);
        }
        for rev in ["", "x", "0"] {
            let page = ana.post(&path, &[("rev", rev), ("note", "new"), ("scope", "gist")]).await;
            assert_eq!(page.status, StatusCode::CONFLICT, "{rev}");
        }
        assert_eq!(world.held(minted.token).await, ["repo"]);
        assert_eq!(world.token(minted.token).await.name, "ci");
    }

    async fn deleting_a_classic_token_says_first_what_stops_working(world: &World) {
        let minted = world.classic("ci", &["repo"]).await;
        let secret = minted.secret.reveal();
        world.answer(secret, "GET", ISSUES).await;
        let ana = Visitor::signed_in(world, "ana").await;
        let path = format!("{LIST}/{}/delete", minted.token);
        let page = ana.get(&path).await;
        for words in ["acme</dt><dd>1 call", ISSUES, "Deleting cannot be undone."] {
            assert!(page.has(words), "{words}: {}", page.html);
        }
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Allowed);
        let done = ana.post(&path, &[]).await;
        assert_eq!(done.location, LIST);
        assert_eq!(world.answer(secret, "GET", ISSUES).await, Answer::Refused(Reason::BadCredentials));
        assert!(ana.get(LIST).await.has("Deleted the token ci."));
        world.classic("ci", &["repo"]).await;
    }

    async fn an_expired_classic_token_says_so_and_can_be_regenerated(world: &World) {
        let minted = world.try_classic("ana", "short", &["repo"], Expiration::Days(1)).await.expect("it is made");
        world.pass_days(1);
        let ana = Visitor::confirmed(world, "ana").await;
        let path = format!("{LIST}/{}", minted.token);
        let page = ana.get(&path).await;
        assert!(page.has("it works nowhere. Regenerate it to go on."), "{}", page.html);
        assert_eq!(ana.get(&format!("{path}/regenerate")).await.status, StatusCode::OK);
    }
}
