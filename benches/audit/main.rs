//! How long a page of the audit log takes at ten million entries.
//!
//! `scripts/bench-audit [MILLIONS]` runs it. It fills a throw-away SQLite file with so many entries (a tenth of them
//! changes, the others decisions in groups of a hundred), spread over a year and a hundred organizations, and asks for
//! pages of fifty: the newest, one from the middle, and by filters that find much, little and nothing.

use std::io::Write as _;
use std::time::Instant;

use grantry::domain::audit::{Filter, Key, LogOf, Phrase};
use grantry::domain::ids::{AccountId, RepositoryId, TokenId};
use grantry::domain::time::Timestamp;
use grantry::domain::token::secret::SecretHash;
use grantry::store::audit_log::{self, Ask, Direction, EFFORT, Page};
use grantry::store::records::{DecisionRecord, write_group};
use grantry::store::{Db as _, Reader, Statement, Store};

/// When the year begins.
const BEGINNING: Timestamp = Timestamp::from_micros(1_790_856_000_000_000);

/// A year in microseconds.
const YEAR: i64 = 365 * 86_400 * 1_000_000;

/// How many organizations the entries are spread over; the first one has half of them.
const ORGANIZATIONS: i64 = 100;

/// How often each page is asked for.
const TIMES: usize = 20;

const INSERT: &str = "INSERT INTO audit_events (seq, at, action, actor_kind, actor_id, user_id, owner_id, \
     enterprise_id, token_id, repository_id, data, hash) VALUES";

#[tokio::main]
async fn main() {
    let mut output = std::io::stdout().lock();
    let millions = std::env::args().find_map(|word| word.parse::<i64>().ok());
    let entries = millions.unwrap_or(1) * 1_000_000;
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let url = format!("sqlite://{}", folder.path().join("grantry.db").display());
    let store = Store::open(&url).await.expect("the database opens");
    store.migrate().await.expect("the tables are made");
    let begun = Instant::now();
    fill(&store, entries).await;
    writeln!(
        output,
        "{entries} entries written in {:.0} s",
        begun.elapsed().as_secs_f64()
    )
    .expect("stdout takes text");
    for (name, phrase, is_deep) in [
        ("newest", "", false),
        ("from the middle", "", true),
        ("changes only", "-action:api -action:git", false),
        ("one token", "token_id:77", false),
        ("one action that is rare", "action:repo.destroy", false),
        ("refusals", "action:api.request_refused", false),
        ("one day", "created:2027-03-01", false),
        ("a reason that nothing has", "reason:nowhere", false),
    ] {
        let (milliseconds, page) = ask(&store, phrase, is_deep).await;
        let found = page.entries.len();
        let end = if page.looked_until.is_some() {
            ", stopped before it was full"
        } else {
            ""
        };
        writeln!(
            output,
            "{name:<28} {milliseconds:>8.2} ms, {found} entries{end}"
        )
        .expect("stdout takes text");
    }
}

/// The middle of many tries at one page.
async fn ask(store: &Store, phrase: &str, is_deep: bool) -> (f64, Page) {
    let mut db: Reader = store.reader();
    let phrase = Phrase::parse(phrase).expect("it is read");
    let filter: Filter = audit_log::resolve(&mut db, &phrase)
        .await
        .expect("names are looked up");
    let middle = BEGINNING.plus_micros(YEAR / 2);
    let ask = Ask {
        log: LogOf::Organization(AccountId::new(1)),
        filter: &filter,
        direction: Direction::Older,
        from: is_deep.then(|| Key::event(middle, 0)),
        limit: 50,
        effort: EFFORT,
    };
    let (mut times, mut last) = (Vec::new(), Page::default());
    for _ in 0..TIMES {
        let begun = Instant::now();
        last = audit_log::list(&mut db, &ask).await.expect("it is read");
        times.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    times.sort_by(f64::total_cmp);
    (times[TIMES / 2], last)
}

async fn fill(store: &Store, entries: i64) {
    let changes = entries / 10;
    let step = YEAR / changes.max(1);
    for begin in (1..=changes).step_by(1_000) {
        let rows = begin..=(begin + 999).min(changes);
        write_changes(store, rows, step).await;
    }
    let groups = (entries - changes) / 100;
    let step = YEAR / groups.max(1);
    for group in 0..groups {
        let records: Vec<_> = (0..100)
            .map(|line| {
                decision(
                    group * 100 + line,
                    BEGINNING.plus_micros(group * step + line),
                )
            })
            .collect();
        write_group(store, &records).await.expect("it is written");
    }
}

fn organization(number: i64) -> i64 {
    if number % 2 == 0 {
        1
    } else {
        1 + number / 2 % ORGANIZATIONS
    }
}

async fn write_changes(store: &Store, rows: std::ops::RangeInclusive<i64>, step: i64) {
    let mut db = store.reader();
    let count = usize::try_from(rows.end() - rows.start() + 1).expect("a batch is small");
    let mut query = db.query(Statement::rows(INSERT, 12, count, ""));
    for seq in rows {
        let action = if seq % 100_000 == 0 {
            "repo.destroy"
        } else {
            "personal_access_token.access_granted"
        };
        query = query
            .bind(seq)
            .bind(BEGINNING.plus_micros(seq * step))
            .bind(action)
            .bind("person")
            .bind(seq % 1_000)
            .bind(seq % 5_000)
            .bind(organization(seq))
            .bind(500_i64)
            .bind(seq % 20_000)
            .bind(seq % 10_000)
            .bind(r#"{"user_programmatic_access_name":"ci","repository_selection":"subset"}"#)
            .bind(vec![0_u8; 32]);
    }
    query.execute().await.expect("the rows are written");
}

fn decision(number: i64, at: Timestamp) -> DecisionRecord {
    DecisionRecord {
        at,
        token: TokenId::new(number % 20_000),
        first_use_of: None,
        secret: SecretHash::from_bytes([7; 32]),
        user: AccountId::new(number % 5_000),
        owner: Some(AccountId::new(organization(number))),
        enterprise: Some(AccountId::new(500)),
        repository: Some(RepositoryId::new(number % 10_000)),
        method: "GET".to_owned(),
        path: "/repos/acme/web/issues".to_owned(),
        permission: "issues:read".to_owned(),
        reason: (number % 50 == 0).then_some("missing_permission"),
        message: String::new(),
        address: "192.0.2.1".to_owned(),
        request_id: format!("r{number}"),
    }
}
