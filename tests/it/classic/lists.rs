//! The list of classic tokens: what it shows, filters and sorts, and that what it calls blocked is what the gate refuses.

use axum::http::StatusCode;
use grantry::actions::block_classic::block_classic;
use grantry::actions::exempt_token::{Wish, exempt_token};
use grantry::domain::access::decision::Reason;
use grantry::domain::policy::setting::Access;
use grantry::domain::policy::{Exempted, Limit};
use grantry::domain::token::TokenKind;
use grantry::domain::token::expiry::Expiration;

use super::{ISSUES, LIST};
use crate::pages::visitor::Visitor;
use crate::policies::{layer, set};
use crate::world::{Answer, World, draft};

/// The notes that a page of the list shows, in its order.
async fn notes(visitor: &Visitor, query: &str) -> Vec<String> {
    let page = visitor.get(&format!("{LIST}?{query}")).await;
    assert_eq!(page.status, StatusCode::OK, "{query}: {}", page.html);
    let cells = page.html.split("<td data-label=\"Note\">").skip(1);
    let note = |cell: &str| {
        let text = cell.split("</a>").next().unwrap_or_default();
        text.rsplit('>').next().unwrap_or_default().to_owned()
    };
    cells.map(note).collect()
}

on_every_database! {
    async fn the_list_of_classic_tokens_shows_them_and_nobody_elses(world: &World) {
        let ana = Visitor::signed_in(world, "ana").await;
        let empty = ana.get(LIST).await;
        assert!(empty.has("You have no classic tokens"), "{}", empty.html);
        let minted = world.classic("ci", &["repo", "read:org"]).await;
        world.try_classic("ben", "bens", &["repo"], Expiration::Never).await.expect("it is made");
        world.mint("ana", draft("fine").owner("ana").all()).await;
        world.answer(minted.secret.reveal(), "GET", ISSUES).await;
        let page = ana.get(LIST).await;
        for words in ["<code>repo</code>", "<code>read:org</code>", "Works", ISSUES, "1 token"] {
            assert!(page.has(words), "{words}: {}", page.html);
        }
        assert!(!page.has("bens") && !page.has("fine</a>"), "{}", page.html);
        assert!(page.has("href=\"/settings/tokens\" aria-current=\"page\""), "{}", page.html);
        assert!(!ana.get("/settings/personal-access-tokens").await.has("/settings/personal-access-tokens/1\">ci"));
    }

    async fn the_list_calls_blocked_what_the_gate_refuses(world: &World) {
        let forever = |note| world.try_classic("ana", note, &["repo"], Expiration::Never);
        let long = forever("long").await.expect("it is made");
        let spared = forever("spared").await.expect("it is made");
        let short = world.classic("short", &["repo"]).await;
        let stopped = world.classic("stopped", &["repo"]).await;
        for minted in [&long, &spared, &short, &stopped] {
            assert_eq!(world.answer(minted.secret.reveal(), "GET", ISSUES).await, Answer::Allowed);
        }
        let (acme, olga) = (world.organization("acme").await, world.person("olga").await);
        block_classic(&world.context, &olga, acme, stopped.token, "the laptop was lost").await.expect("it was used here");
        set(world, TokenKind::Classic, &layer(Access::Allow, Limit::Days(30))).await;
        let until = world.clock_now().plus_days(5);
        let wish = Wish { token: spared.token, policy: Exempted::Lifetime, until, reason: "the release" };
        exempt_token(&world.context, &olga, acme, &wish).await.expect("olga owns acme");
        let ana = Visitor::signed_in(world, "ana").await;
        let (blocked, works) = (notes(&ana, "state=blocked").await, notes(&ana, "state=active").await);
        assert_eq!(blocked, ["stopped", "long"]);
        assert_eq!(works, ["short", "spared"]);
        for (minted, expected) in [
            (&long, Answer::Refused(Reason::PolicyLifetime)),
            (&spared, Answer::Allowed),
            (&short, Answer::Allowed),
            (&stopped, Answer::Refused(Reason::BlockedHere)),
        ] {
            assert_eq!(world.answer(minted.secret.reveal(), "GET", ISSUES).await, expected);
        }
        let page = ana.get(LIST).await;
        for words in ["acme allows classic tokens for at most 30 days.", "acme blocked it for good."] {
            assert!(page.has(words), "{words}: {}", page.html);
        }
        set(world, TokenKind::Classic, &layer(Access::Restrict, Limit::Unlimited)).await;
        assert_eq!(notes(&ana, "state=active").await, [""; 0]);
        assert_eq!(notes(&ana, "state=blocked").await.len(), 4);
        assert!(ana.get(LIST).await.has("acme does not allow classic tokens."));
        set(world, TokenKind::Classic, &layer(Access::Allow, Limit::Unlimited)).await;
        assert_eq!(notes(&ana, "state=blocked").await, ["stopped"]);
        world.pass_days(31);
        let ana = Visitor::confirmed(world, "ana").await;
        assert_eq!(notes(&ana, "state=expired").await, ["stopped", "short"]);
    }

    async fn the_list_of_classic_tokens_is_filtered_sorted_and_paged(world: &World) {
        for note in ["beta", "alpha", "gamma"] {
            world.classic(note, &["repo"]).await;
        }
        let used = world.try_classic("ana", "used", &["repo"], Expiration::Days(7)).await.expect("it is made");
        assert_eq!(world.answer(used.secret.reveal(), "GET", ISSUES).await, Answer::Allowed);
        let ana = Visitor::signed_in(world, "ana").await;
        let table: [(&str, &[&str]); 7] = [
            ("", &["used", "gamma", "alpha", "beta"]),
            ("sort=name", &["alpha", "beta", "gamma", "used"]),
            ("sort=name&direction=desc", &["used", "gamma", "beta", "alpha"]),
            ("sort=expires&search=A", &["beta", "alpha", "gamma"]),
            ("owner=acme", &["used"]),
            ("expiring=8", &["used"]),
            ("state=active&owner=acme&sort=last_used", &["used"]),
        ];
        for (query, expected) in table {
            assert_eq!(notes(&ana, query).await, expected, "{query}");
        }
        for (query, field) in [
            ("state=pending", "state"),
            ("owner=nobody", "owner"),
            ("unused=soon", "unused"),
            ("sort=colour", "list"),
            ("after=1-x", "list"),
        ] {
            let page = ana.get(&format!("{LIST}?{query}")).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
            assert!(page.has(&format!("<a href=\"#{field}\">")), "{query}: {}", page.html);
        }
    }

    async fn classic_tokens_beyond_a_page_are_on_the_next(world: &World) {
        use grantry::store::{Db as _, tokens};
        let user = world.user("ana").await;
        for number in 0..51 {
            let (name, now) = (format!("t{number:02}"), world.clock_now());
            let new = tokens::NewToken {
                identifier: &name,
                user,
                kind: TokenKind::Classic,
                name: &name,
                description: "",
                starts_at: now,
                expires_at: None,
                wants_rotation: false,
            };
            tokens::insert(&mut world.reader(), &new).await.expect("it can be entered");
        }
        let count = world.reader().query("SELECT COUNT(*) FROM tokens").number().await;
        assert_eq!(count.expect("they are counted"), 51);
        let ana = Visitor::signed_in(world, "ana").await;
        let first = ana.get(&format!("{LIST}?sort=name")).await;
        assert!(first.has("51 tokens") && !first.has("t50"), "{}", first.html);
        let (_, next) = first.html.split_once("rel=\"next\" href=\"").expect("there is a next page");
        let next = next.split('"').next().unwrap_or_default().replace("&#38;", "&");
        let (_, query) = next.split_once('?').expect("it says where");
        assert_eq!(notes(&ana, query).await, ["t50"]);
    }
}
