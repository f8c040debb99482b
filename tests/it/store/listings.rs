//! Lists with filters: each combination runs on each database and finds the one entry that fits all of them.

use grantry::domain::permission::Level;
use grantry::store::listings::{
    Direction, EntryFilter, Key, Order, Page, Place, SortBy, count_grants, count_requests,
    list_grants, list_requests,
};

use crate::world::{World, draft};

const PAGE: Page = Page {
    limit: 10,
    offset: 0,
};

/// Every combination of filters that the entry passes, by the bits of a number.
fn filter(
    bits: u32,
    entry: &grantry::store::listings::Entry,
    whole: &EntryFilter,
    beyond: Place,
) -> EntryFilter {
    let has = |bit: u32| bits & (1 << bit) != 0;
    EntryFilter {
        users: whole.users.clone().filter(|_| has(0)),
        repository: whole.repository.filter(|_| has(1)),
        permission: whole.permission.clone().filter(|_| has(2)),
        used_before: whole.used_before.filter(|_| has(3)),
        used_after: whole.used_after.filter(|_| has(4)),
        tokens: has(5).then(|| vec![entry.token_id]),
        id: has(6).then_some(entry.id),
        beyond: has(7).then_some(beyond),
        person: whole.person.clone().filter(|_| has(0)),
        name: whole.name.clone().filter(|_| has(1)),
        level: whole.level.filter(|_| has(2)),
        came_before: whole.came_before.filter(|_| has(3)),
        came_after: whole.came_after.filter(|_| has(4)),
        unused_since: None,
        others_than: whole.others_than.filter(|_| has(5)),
        ids: has(6).then(|| vec![entry.id, 0]),
    }
}

/// A place just before or after an entry, in whatever order.
fn beside(entry: &grantry::store::listings::Entry, order: Order) -> Place {
    let place = entry.place(order.by);
    let step = if order.direction == Direction::Ascending {
        -1
    } else {
        1
    };
    Place {
        id: place.id + step,
        ..place
    }
}

const SORTS: [SortBy; 5] = [
    SortBy::At,
    SortBy::Person,
    SortBy::Token,
    SortBy::LastUsed,
    SortBy::End,
];

async fn whole(world: &World) -> EntryFilter {
    EntryFilter {
        users: Some(vec!["ANA".to_owned(), "ben".to_owned()]),
        repository: Some(world.repository("acme/web").await),
        permission: Some(("issues".to_owned(), Level::Read)),
        used_before: Some(world.clock_now().plus_seconds(1)),
        used_after: Some(world.clock_now().plus_seconds(-1)),
        person: Some("AN".to_owned()),
        name: Some("I".to_owned()),
        level: Some(Level::Read),
        came_before: Some(world.clock_now().plus_seconds(1)),
        came_after: Some(world.clock_now()),
        others_than: Some(world.user("ben").await),
        ..EntryFilter::default()
    }
}

fn orders() -> impl Iterator<Item = Order> {
    let both =
        |by| [Direction::Ascending, Direction::Descending].map(|direction| Order { by, direction });
    SORTS.into_iter().flat_map(both)
}

on_every_database! {
    async fn every_combination_of_filters_finds_the_request_that_fits(world: &World) {
        let wish = draft("ci").owner("acme").selected(&["web"]).permission("issues", "write");
        let minted = world.mint("ana", wish).await;
        world.call(minted.secret.reveal(), "GET", "/repos/acme/site/issues").await;
        let (acme, whole) = (world.organization("acme").await, whole(world).await);
        let db = &mut world.reader();
        for order in orders() {
            let all = list_requests(db, acme, &EntryFilter::default(), order, PAGE).await.expect("it is read");
            let [entry] = &all[..] else { panic!("one waits: {all:?}") };
            let beyond = beside(entry, order);
            for bits in 0..256 {
                let filter = filter(bits, entry, &whole, beyond.clone());
                let found = list_requests(db, acme, &filter, order, PAGE).await;
                assert_eq!(found.expect("it is read"), all, "{filter:?} {order:?}");
                let count = count_requests(db, acme, &filter, order).await;
                assert_eq!(count.expect("it is counted"), 1, "{filter:?} {order:?}");
            }
        }
    }

    async fn every_combination_of_filters_finds_the_grant_that_fits(world: &World) {
        let minted = world.approved("issues", "read").await;
        world.call(minted.secret.reveal(), "GET", "/repos/acme/web/issues").await;
        let (acme, whole) = (world.organization("acme").await, whole(world).await);
        let whole = EntryFilter { name: Some("APPR".to_owned()), ..whole };
        let db = &mut world.reader();
        assert_eq!(count_grants(db, acme, &EntryFilter::default()).await.expect("it is read"), 1);
        for order in orders() {
            let all = list_grants(db, acme, &EntryFilter::default(), order, PAGE).await.expect("it is read");
            let [entry] = &all[..] else { panic!("one works: {all:?}") };
            let beyond = beside(entry, order);
            for bits in 0..256 {
                let filter = filter(bits, entry, &whole, beyond.clone());
                let found = list_grants(db, acme, &filter, order, PAGE).await;
                assert_eq!(found.expect("it is read"), all, "{filter:?} {order:?}");
            }
        }
    }

    async fn each_filter_alone_leaves_out_what_does_not_fit(world: &World) {
        let minted = world.approved("issues", "read").await;
        world.call(minted.secret.reveal(), "GET", "/repos/acme/web/issues").await;
        let (acme, now) = (world.organization("acme").await, world.clock_now());
        let nothing = EntryFilter::default();
        let filters = [
            EntryFilter { users: Some(vec!["ben".to_owned()]), ..nothing.clone() },
            EntryFilter { users: Some(Vec::new()), ..nothing.clone() },
            EntryFilter { repository: Some(world.repository("acme/api").await), ..nothing.clone() },
            EntryFilter { permission: Some(("issues".to_owned(), Level::Write)), ..nothing.clone() },
            EntryFilter { used_before: Some(now), ..nothing.clone() },
            EntryFilter { used_after: Some(now), ..nothing.clone() },
            EntryFilter { tokens: Some(Vec::new()), ..nothing.clone() },
            EntryFilter { id: Some(-1), ..nothing.clone() },
            EntryFilter { ids: Some(Vec::new()), ..nothing.clone() },
            EntryFilter { person: Some("be_".to_owned()), ..nothing.clone() },
            EntryFilter { name: Some("%".to_owned()), ..nothing.clone() },
            EntryFilter { level: Some(Level::Write), ..nothing.clone() },
            EntryFilter { came_before: Some(now), ..nothing.clone() },
            EntryFilter { came_after: Some(now.plus_seconds(1)), ..nothing.clone() },
            EntryFilter { unused_since: Some(now), ..nothing.clone() },
            EntryFilter { others_than: Some(world.user("ana").await), ..nothing.clone() },
            EntryFilter { beyond: Some(Place { key: Key::Number(i64::MAX), id: 0 }), ..nothing.clone() },
        ];
        for filter in filters {
            let found = list_grants(&mut world.reader(), acme, &filter, Order::by_age(Direction::Ascending), PAGE).await;
            assert_eq!(found.expect("it is read"), [], "{filter:?}");
        }
    }
}
