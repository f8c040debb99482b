//! The inventory narrowed, sorted and paged: each filter alone, all of them together, and what the database is asked for
//! beside what the gate's own rule says.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use grantry::actions::exempt_token::{Wish, exempt_token};
use grantry::actions::mint::Minted;
use grantry::domain::inventory::Standing;
use grantry::domain::permission::Level;
use grantry::domain::policy::setting::{Access, EnterpriseAccess, EnterpriseLayer};
use grantry::domain::policy::{Exempted, Limit};
use grantry::domain::token::TokenKind;
use grantry::store::enterprises::Rules;
use grantry::store::inventory::{self, Entry, Filter, Life, Order, Scope, SortBy};
use grantry::store::listings::Direction;
use grantry::store::{Change, Db as _};

use super::{DELEGATED, TOKENS, at_labs, globex_says, of_mia, waiting};
use crate::pages::visitor::{Page, Visitor};
use crate::policies::{classic, layer, read, set};
use crate::world::{World, draft};

const SORTS: [SortBy; 6] = [
    SortBy::Age,
    SortBy::Person,
    SortBy::Token,
    SortBy::Owner,
    SortBy::LastUsed,
    SortBy::End,
];

const TOKENS_LIKE: &str = "\
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $2)
INSERT INTO tokens (identifier, user_id, kind, name, name_key, description, starts_at, expires_at, wants_rotation, state,
                    created_at, rev)
SELECT 'copy-' || i, t.user_id, t.kind, 'copy ' || i, 'copy ' || i, '', t.starts_at, t.expires_at, t.wants_rotation,
       'live', t.created_at, 1 FROM tokens t, n WHERE t.id = $1";

const GRANTS_LIKE: &str = "\
INSERT INTO grants (token_id, owner_id, state, selection, relation, activation, terms_rotation, created_at, activated_at,
                    reason, rev)
SELECT c.id, g.owner_id, g.state, g.selection, g.relation, g.activation, g.terms_rotation, g.created_at, g.activated_at,
       '', 1 FROM grants g, tokens c WHERE g.token_id = $1 AND c.identifier LIKE 'copy-%'";

/// Many more tokens with a grant like this one's.
pub async fn copies(world: &World, like: &Minted, count: i64) {
    let origin = world.person("ana").await;
    let mut work = world.context.begin(&origin).await.expect("a change begins");
    let tokens = work.query(TOKENS_LIKE).bind(like.token).bind(count);
    tokens.execute().await.expect("they are entered");
    let grants = work.query(GRANTS_LIKE).bind(like.token);
    grants.execute().await.expect("they are entered");
    work.changed(Change::Unknown);
    world.context.commit(work).await.expect("it lasts");
}

/// What globex's inventory lists, as a test asks for it.
async fn list(world: &World, filter: &Filter, order: Order, limit: i64) -> Vec<Entry> {
    let (enterprise, now) = (world.enterprise("globex").await, world.clock_now());
    let mut db = world.reader();
    let rules = Rules::load(&mut db, enterprise, now)
        .await
        .expect("policies can be read");
    let scope = Scope {
        enterprise,
        rules: &rules,
        now,
    };
    let found = inventory::list(&mut db, scope, filter, order, limit).await;
    let found = found.expect("the inventory can be read");
    if limit > 50 {
        let counted = inventory::count(&mut db, scope, filter, 1_000).await;
        let counted = counted.expect("the inventory can be counted");
        assert_eq!(
            usize::try_from(counted).ok(),
            Some(found.len()),
            "{filter:?}"
        );
    }
    found
}

const NEWEST: Order = Order {
    by: SortBy::Age,
    direction: Direction::Descending,
};

async fn all(world: &World, filter: &Filter) -> Vec<Entry> {
    list(world, filter, NEWEST, 200).await
}

fn orders() -> impl Iterator<Item = Order> {
    let both =
        |by| [Direction::Ascending, Direction::Descending].map(|direction| Order { by, direction });
    SORTS.into_iter().flat_map(both)
}

/// Tokens of every sort, so that each filter has something to take and something to leave.
async fn sorts_of_tokens(world: &World) {
    let minted = world.approved("issues", "write").await;
    world
        .call(minted.secret.reveal(), "GET", "/repos/acme/web/issues")
        .await;
    at_labs(world, "sensor").await;
    waiting(world, "asks").await;
    of_mia(world, "mine", 60).await;
    let public = draft("reads").owner("acme").days(90);
    world.mint("ben", public).await;
    let endless = draft("endless")
        .owner("globex")
        .permission("enterprise_people", "read");
    world.mint("eve", endless.days(366)).await;
    for user in ["sam", "mia"] {
        let (_, secret) = classic(world, user).await;
        read(world, &secret).await;
    }
}

/// Every filter that one of these entries passes, bit by bit.
fn fitting(world: &World, bits: u32, entry: &Entry) -> Filter {
    let has = |bit: u32| bits & (1 << bit) != 0;
    let now = world.clock_now();
    Filter {
        only: has(0).then_some((entry.token_id, entry.owner_id)),
        kind: has(1).then_some(entry.kind),
        owner: has(1).then_some(entry.owner_id),
        user: has(2).then_some(entry.user_id),
        person: has(2).then(|| entry.user_login.to_uppercase()),
        is_managed: has(3).then_some(entry.is_managed),
        name: has(3).then(|| entry.token_name.to_uppercase()),
        standing: has(4).then_some(Standing::Active),
        level: has(5).then(|| (Level::Read, vec!["repo".to_owned()])),
        unused_since: has(6).then(|| now.plus_seconds(1)),
        life: has(7).then_some(Life::LongerThan(1)),
        ends_before: None,
        beyond: None,
    }
}

fn shown(page: &Page, name: &str) -> bool {
    page.has(&format!(">{name}</a>"))
}

on_every_database! {
    async fn every_combination_of_filters_and_orders_finds_the_entries_that_fit(world: &World) {
        sorts_of_tokens(world).await;
        let entries = all(world, &Filter::default()).await;
        assert_eq!(entries.len(), 8, "{entries:?}");
        let wanted = ["approved", "old job"].map(|name| {
            entries.iter().find(|one| one.token_name == name).expect("it is listed")
        });
        for order in orders() {
            for entry in wanted {
                for bits in 0..256 {
                    let filter = fitting(world, bits, entry);
                    let found = list(world, &filter, order, 50).await;
                    assert!(found.contains(entry), "{filter:?} {order:?}");
                }
            }
        }
    }

    async fn each_filter_of_the_inventory_leaves_out_what_does_not_fit(world: &World) {
        sorts_of_tokens(world).await;
        let (now, none) = (world.clock_now(), Filter::default());
        let table = [
            (Filter { kind: Some(TokenKind::Classic), ..none.clone() }, 2),
            (Filter { owner: Some(world.organization("labs").await), ..none.clone() }, 1),
            (Filter { owner: Some(world.enterprise("globex").await), ..none.clone() }, 1),
            (Filter { owner: Some(world.user("ana").await), ..none.clone() }, 0),
            (Filter { user: Some(world.user("ben").await), ..none.clone() }, 2),
            (Filter { person: Some("IA".to_owned()), ..none.clone() }, 2),
            (Filter { person: Some("_".to_owned()), ..none.clone() }, 0),
            (Filter { is_managed: Some(true), ..none.clone() }, 2),
            (Filter { is_managed: Some(false), ..none.clone() }, 6),
            (Filter { name: Some("%".to_owned()), ..none.clone() }, 0),
            (Filter { name: Some("READ".to_owned()), ..none.clone() }, 1),
            (Filter { standing: Some(Standing::Pending), ..none.clone() }, 1),
            (Filter { standing: Some(Standing::Active), ..none.clone() }, 7),
            (Filter { standing: Some(Standing::Blocked), ..none.clone() }, 0),
            (Filter { standing: Some(Standing::BlockedHere), ..none.clone() }, 0),
            (Filter { standing: Some(Standing::Expired), ..none.clone() }, 0),
            (Filter { level: Some((Level::Write, vec!["repo".to_owned()])), ..none.clone() }, 5),
            (Filter { level: Some((Level::Admin, Vec::new())), ..none.clone() }, 0),
            (Filter { unused_since: Some(now), ..none.clone() }, 0),
            (Filter { life: Some(Life::Endless), ..none.clone() }, 2),
            (Filter { life: Some(Life::LongerThan(30)), ..none.clone() }, 5),
            (Filter { ends_before: Some(now.plus_days(30)), ..none.clone() }, 0),
            (Filter { ends_before: Some(now.plus_days(31)), ..none.clone() }, 3),
            (Filter { kind: Some(TokenKind::Classic), standing: Some(Standing::Pending), ..none.clone() }, 0),
        ];
        for (filter, count) in table {
            assert_eq!(all(world, &filter).await.len(), count, "{filter:?}");
        }
        world.pass_days(30);
        let over = Filter { standing: Some(Standing::Expired), ..none.clone() };
        assert_eq!(all(world, &over).await.len(), 3, "expired ones are there for whoever asks");
        assert_eq!(all(world, &none).await.len(), 5);
        assert_eq!(all(world, &Filter { unused_since: Some(world.clock_now()), ..none }).await.len(), 5);
    }

    async fn the_state_that_is_filtered_is_the_state_that_is_shown(world: &World) {
        sorts_of_tokens(world).await;
        let spared = at_labs(world, "spared").await;
        let until = world.clock_now().plus_days(9);
        for scope in [world.enterprise("globex").await, world.organization("labs").await] {
            let by = if scope == world.enterprise("globex").await { "eve" } else { "olga" };
            for policy in [Exempted::Access, Exempted::Lifetime] {
                let wish = Wish { token: spared.token, policy, until, reason: "a test" };
                exempt_token(&world.context, &world.person(by).await, scope, &wish).await.expect("they own it");
            }
        }
        let restrict = EnterpriseLayer { access: EnterpriseAccess::Restrict, ..DELEGATED };
        let allow = EnterpriseLayer { access: EnterpriseAccess::Allow, lifetime: Limit::Days(29), ..DELEGATED };
        let lenient = EnterpriseLayer { exempts_administrators: true, lifetime: Limit::Days(59), ..DELEGATED };
        let owns = [layer(Access::Allow, Limit::Unlimited), layer(Access::Restrict, Limit::Unlimited), layer(Access::Allow, Limit::Days(29))];
        let mut kinds = BTreeSet::new();
        for above in [DELEGATED, restrict, allow, lenient] {
            for own in owns {
                for kind in [TokenKind::FineGrained, TokenKind::Classic] {
                    globex_says(world, kind, above).await;
                    set(world, kind, &own).await;
                }
                let everything = all(world, &Filter::default()).await;
                let mut found = 0;
                for standing in Standing::ALL.iter().filter(|one| **one != Standing::Expired) {
                    let filter = Filter { standing: Some(*standing), ..Filter::default() };
                    let listed = all(world, &filter).await;
                    found += listed.len();
                    for entry in &listed {
                        assert_eq!(told(world, entry).await, *standing, "{above:?} {own:?} {entry:?}");
                        kinds.insert(standing.as_str());
                    }
                }
                assert_eq!(found, everything.len(), "each stands in one way: {above:?} {own:?}");
            }
        }
        assert!(kinds.contains("blocked") && kinds.contains("active") && kinds.contains("pending"), "{kinds:?}");
    }

    async fn pages_of_the_inventory_neither_skip_nor_repeat_in_any_order(world: &World) {
        let minted = at_labs(world, "first").await;
        copies(world, &minted, 119).await;
        let eve = Visitor::confirmed(world, "eve").await;
        for sort in ["age", "person", "token", "organization", "used", "end"] {
            let mut path = format!("{TOKENS}?sort={sort}");
            let mut seen = Vec::new();
            loop {
                let page = eve.get(&path).await;
                assert_eq!(page.status, StatusCode::OK, "{path}");
                seen.push(rows_of(&page));
                match link(&page, "next") {
                    Some(next) => path = next,
                    None => break,
                }
            }
            let lengths: Vec<_> = seen.iter().map(Vec::len).collect();
            assert_eq!(lengths, [50, 50, 20], "{sort}");
            let names: BTreeSet<_> = seen.iter().flatten().collect();
            assert_eq!(names.len(), 120, "{sort}");
            let last = eve.get(&path).await;
            let back = eve.get(&link(&last, "prev").expect("there is a page before")).await;
            assert_eq!(rows_of(&back), seen[1], "{sort}, backwards");
        }
    }

    async fn a_filter_of_the_inventory_that_cannot_be_read_is_told_at_its_field(world: &World) {
        sorts_of_tokens(world).await;
        let eve = Visitor::confirmed(world, "eve").await;
        let long = format!("person={}", "a".repeat(101));
        for (query, field) in [
            ("kind=magic", "kind"), ("state=tired", "state"), ("managed=maybe", "managed"), ("level=owner", "level"),
            ("unused=-1", "unused"), ("life=long", "life"), ("ends=1.5", "ends"), ("organization=nowhere", "organization"),
            ("organization=ana", "organization"), (long.as_str(), "person"),
        ] {
            let page = eve.get(&format!("{TOKENS}?{query}")).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
            assert!(page.has(&format!("id=\"{field}-error\"")), "{query}: {}", page.html);
            assert!(!shown(&page, "approved"), "nothing is listed that was not asked for: {query}");
        }
        for place in ["after=x", "before=1-2", "sort=used&after=ci-1-2", "after=99999999999999999999-1-1"] {
            let page = eve.get(&format!("{TOKENS}?{place}")).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{place}");
            assert!(page.has("This address names no place in the list"), "{place}");
        }
    }

    async fn filters_of_the_inventory_combine_in_the_address(world: &World) {
        sorts_of_tokens(world).await;
        let eve = Visitor::confirmed(world, "eve").await;
        let page = eve.get(&format!("{TOKENS}?person=ana&organization=ACME&level=write&life=7&kind=fine_grained")).await;
        assert!(page.has("1 entry that match") && shown(&page, "approved") && !shown(&page, "sensor"), "{}", page.html);
        let own = eve.get(&format!("{TOKENS}?organization=globex")).await;
        assert!(shown(&own, "endless") && !shown(&own, "approved"), "{}", own.html);
        let managed = eve.get(&format!("{TOKENS}?organization=mia&managed=yes")).await;
        assert!(shown(&managed, "mine"), "{}", managed.html);
        let nothing = eve.get(&format!("{TOKENS}?person=nobody")).await;
        assert!(nothing.has("No token matches"), "{}", nothing.html);
    }
}

async fn told(world: &World, entry: &Entry) -> Standing {
    let (enterprise, now) = (world.enterprise("globex").await, world.clock_now());
    let mut db = world.reader();
    let rules = Rules::load(&mut db, enterprise, now)
        .await
        .expect("policies can be read");
    let exemptions = inventory::exemptions_of(&mut db, &[entry.token_id]).await;
    let exemptions = exemptions.expect("exemptions can be read");
    let given = exemptions
        .get(&entry.token_id)
        .map_or(&[][..], Vec::as_slice);
    entry.standing(&rules, given, now).0
}

/// The names of the tokens that a page lists, in order.
fn rows_of(page: &Page) -> Vec<String> {
    let cells = page.html.split("data-label=\"Token\"").skip(1);
    let name = |cell: &str| {
        let link = cell.split_once("\">").expect("a cell has a link").1;
        link.split('<').next().unwrap_or_default().to_owned()
    };
    cells.map(name).collect()
}

fn link(page: &Page, rel: &str) -> Option<String> {
    let (_, rest) = page.html.split_once(&format!("rel=\"{rel}\" href=\""))?;
    let address = rest.split('"').next()?;
    Some(address.replace("&#38;", "&").replace("&amp;", "&"))
}
