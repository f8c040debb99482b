//! A developer's own tokens: the list, the form through all its steps, one token, and deleting it.

use axum::http::StatusCode;
use grantry::domain::audit::{Actor, Origin};
use grantry::domain::policy::setting::{Access, Approval, Limit, OrganizationLayer};
use grantry::domain::token::TokenKind;
use grantry::store::{Change, policies, tokens};

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

/// An organization allows tokens for so many days at most, and asks for no approval.
async fn limit_life(world: &World, login: &str, days: i64) {
    let layer = OrganizationLayer {
        access: Access::Allow,
        approval: Approval::NotRequired,
        lifetime: Limit::from_days(Some(days)),
    };
    let owner = world.organization(login).await;
    let work = world.context.begin(&Origin::of(Actor::Operator)).await;
    let mut work = work.expect("a change can begin");
    let now = work.now();
    policies::insert(&mut work, owner, TokenKind::FineGrained, &layer, None, now)
        .await
        .expect("a policy can be saved");
    work.changed(Change::Unknown);
    world.context.commit(work).await.expect("it is saved");
}

/// The names in the list, in its order.
fn listed(page: &Page) -> Vec<String> {
    let rows = page.html.split("<td data-label=\"Name\">").skip(1);
    rows.filter_map(|row| row.split("</a>").next()?.rsplit('>').next())
        .map(str::to_owned)
        .collect()
}

/// Where the link to the next or previous page leads.
fn link(page: &Page, rel: &str) -> Option<String> {
    let (_, rest) = page.html.split_once(&format!("rel=\"{rel}\" href=\""))?;
    Some(rest.split('"').next()?.replace("&#38;", "&"))
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

    async fn a_template_link_tells_whatever_cannot_be_as_it_names(world: &World) {
        let ana = Visitor::confirmed(world, "ana").await;
        let table = [
            ("target_name=acme&gists=write", "cannot be held at acme: it was left out."),
            ("target_name=gus", "The link names the owner `gus`, which you cannot choose."),
            ("target_name=nobody&issues=huge", "`issues=huge`, which is no permission"),
            ("name=a&name=b", "The link states `name` more than once."),
            ("expires_in=0", "choose 1 to 366 days, or none."),
        ];
        for (query, words) in table {
            let page = ana.get(&format!("{NEW}?{query}")).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
            assert!(page.has(words), "{query}: {}", page.html);
        }
        let page = ana.get(&format!("{NEW}?target_name=labs&expires_in=none")).await;
        assert!(page.has("labs allows tokens for at most 90 days: the end was set to 30 days from now."), "{}", page.html);
    }

    async fn a_preset_adds_to_what_was_typed_and_takes_nothing_away(world: &World) {
        let ana = Visitor::confirmed(world, "ana").await;
        let form = Filled::new(world, &ana).await;
        let page = form.send(&ana, &[("step", "preset-read-code")]).await;
        assert_eq!(page.status, StatusCode::OK);
        let acme = form.acme.as_str();
        for level in ["contents\" value=\"read\" checked", "issues\" value=\"read\" checked"] {
            assert!(page.has(&format!("name=\"permission-{acme}-{level}")), "{level}: {}", page.html);
        }
        assert_eq!(page.value("name"), "nightly build");
        assert!(page.has(&format!("name=\"repository-{acme}\" value=\"{}\" checked", form.web)));
        let alone = ana.post(NEW, &[("step", "preset-ci-status"), ("number", &form.number)]).await;
        assert_eq!(alone.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(alone.has("Choose a resource owner first"), "{}", alone.html);
    }

    async fn permissions_are_found_by_endpoint_and_hidden_ones_stay_chosen(world: &World) {
        let ana = Visitor::confirmed(world, "ana").await;
        let form = Filled::new(world, &ana).await;
        let search = format!("search-{}", form.acme);
        let page = form.send(&ana, &[("step", "find"), (&search, "commit statuses")]).await;
        assert_eq!(page.status, StatusCode::OK);
        let shown = page.html.split("<div class=\"permission\"").skip(1).filter(|part| !part.starts_with(" data-filter-item hidden"));
        let shown = shown.filter(|part| !part.split('>').next().unwrap_or_default().ends_with(" hidden"));
        assert_eq!(shown.count(), 1, "{}", page.html);
        assert!(page.has(&format!("name=\"permission-{}-issues\" value=\"read\" checked", form.acme)));
    }

    async fn a_token_like_another_takes_over_what_can_still_be_chosen(world: &World) {
        let like = draft("first").owner("acme").selected(&["web", "api"]).permission("issues", "write").owner("labs").all().days(60);
        let minted = world.mint("ana", like).await;
        let ana = Visitor::confirmed(world, "ana").await;
        let path = format!("{NEW}?like={}", minted.token);
        let page = ana.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.html);
        assert_eq!(page.value("name"), "", "two tokens cannot share a name");
        for words in ["What it may do at acme", "What it may do at labs", "value=\"60\" checked", "issues\" value=\"write\" checked"] {
            assert!(page.has(words), "{words}: {}", page.html);
        }
        let ben = Visitor::confirmed(world, "ben").await;
        assert_eq!(ben.get(&path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(ana.get(&format!("{NEW}?like=x")).await.status, StatusCode::NOT_FOUND);
    }

    async fn the_list_is_filtered_sorted_and_counted(world: &World) {
        let denied = world.mint("ana", draft("zulu").owner("acme").selected(&["web"]).permission("issues", "read")).await;
        world.deny("olga", &denied, "No.").await.expect("it can be denied");
        world.mint("ana", draft("yankee").owner("acme").selected(&["web"]).permission("issues", "read")).await;
        world.mint("ana", draft("alpha").owner("labs").all().days(7)).await;
        world.mint("ana", draft("mike_50%").owner("ana").all().days(90)).await;
        let ana = Visitor::signed_in(world, "ana").await;
        let table: [(&str, &[&str]); 13] = [
            ("", &["mike_50%", "alpha", "yankee", "zulu"]),
            ("?state=denied", &["zulu"]),
            ("?state=pending", &["yankee"]),
            ("?state=active", &["mike_50%", "alpha"]),
            ("?state=active&owner=labs", &["alpha"]),
            ("?owner=ACME", &["yankee", "zulu"]),
            ("?expiring=8", &["alpha"]),
            ("?unused=1", &[]),
            ("?search=0%25", &["mike_50%"]),
            ("?search=ALPH", &["alpha"]),
            ("?sort=name", &["alpha", "mike_50%", "yankee", "zulu"]),
            ("?sort=expires", &["alpha", "zulu", "yankee", "mike_50%"]),
            ("?state=blocked", &[]),
        ];
        for (query, names) in table {
            let page = ana.get(&format!("{LIST}{query}")).await;
            assert_eq!(page.status, StatusCode::OK, "{query}");
            assert_eq!(listed(&page), names, "{query}: {}", page.html);
            let count = format!(">{} token", names.len());
            assert!(names.is_empty() || page.has(&count), "{query} is counted");
        }
        world.pass_days(8);
        // A week later, another sign-in.
        let ana = Visitor::confirmed(world, "ana").await;
        let expired = ana.get(&format!("{LIST}?state=expired")).await;
        assert_eq!(listed(&expired), ["alpha"]);
        assert!(expired.has("class=\"off\""), "{}", expired.html);
        assert_eq!(listed(&ana.get(&format!("{LIST}?unused=8")).await).len(), 4);
        let wrong = ana.get(&format!("{LIST}?unused=soon&state=happy")).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.has("value=\"soon\"") && wrong.has("`happy` is none of the choices."), "{}", wrong.html);
    }

    async fn what_a_policy_blocks_is_found_and_is_not_called_active(world: &World) {
        world.mint("ana", draft("short").owner("labs").all().days(7)).await;
        world.mint("ana", draft("long").owner("labs").all().days(90)).await;
        limit_life(world, "labs", 30).await;
        let ana = Visitor::signed_in(world, "ana").await;
        assert_eq!(listed(&ana.get(&format!("{LIST}?state=blocked")).await), ["long"]);
        assert_eq!(listed(&ana.get(&format!("{LIST}?state=active")).await), ["short"]);
        let page = ana.get(&format!("{LIST}?state=blocked")).await;
        let one = page.html.split(&format!("href=\"{LIST}/")).nth(2).and_then(|rest| rest.split('"').next());
        let one = ana.get(&format!("{LIST}/{}", one.unwrap_or_default())).await;
        for words in ["Blocked by policy", "labs allows tokens for at most 30 days", "Blocked here since 1 Oct 2026."] {
            assert!(one.has(words), "{words}: {}", one.html);
        }
    }

    async fn pages_of_the_list_neither_skip_nor_repeat(world: &World) {
        for number in 0..50 {
            world.mint("ana", draft(&format!("token {number:02}")).owner("ana").all().days(30)).await;
        }
        // The limit of living tokens is reached; what is expired does not count, and stays listed.
        world.pass_days(30);
        for number in 50..60 {
            world.mint("ana", draft(&format!("token {number:02}")).owner("ana").all().days(7)).await;
        }
        let ana = Visitor::signed_in(world, "ana").await;
        for query in ["", "?sort=name", "?sort=name&direction=desc", "?sort=expires", "?sort=last_used", "?sort=made&direction=asc"] {
            let first = ana.get(&format!("{LIST}{query}")).await;
            let next = link(&first, "next").expect("there is another page");
            let second = ana.get(&next).await;
            let mut names = [listed(&first), listed(&second)].concat();
            assert_eq!((listed(&first).len(), names.len()), (50, 60), "{query}");
            names.sort();
            names.dedup();
            assert_eq!(names.len(), 60, "{query} repeats nothing");
            assert!(link(&second, "next").is_none());
            let back = ana.get(&link(&second, "prev").expect("there is a page before")).await;
            assert_eq!(listed(&back), listed(&first), "{query}");
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
