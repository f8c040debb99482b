//! How long lists, pickers and bulk acts take at an organization as large as they come, beside the same at a small one.
//!
//! `scripts/bench-pages` runs it. It fills throw-away databases (SQLite, and PostgreSQL in a throw-away cluster), asks
//! each page a number of times through the whole router in this process, without any socket, and prints the median and
//! the 95th percentile of the time until the last byte, and the bytes as a browser gets them. It ends by itself.

mod measure;
mod pages;
mod scale;
#[path = "../../tests/support/mod.rs"]
mod support;

use std::io::Write as _;
use std::sync::Arc;

use grantry::app::{self, App, Running};
use grantry::clock::SystemClock;
use grantry::config::{Config, Layers};
use grantry::entropy::SystemEntropy;

use tempfile::TempDir;

use crate::measure::{Answer, Figure, Seat};
use crate::pages::Page;
use crate::scale::{Filled, Size};

/// What the specification asks lists to stay quick at.
const LARGE: Size = Size {
    members: 500,
    repositories: 10_000,
    tokens: 400,
    requests: 2_000,
};

/// What the large figures are compared with.
const SMALL: Size = Size {
    members: 10,
    repositories: 10,
    tokens: 10,
    requests: 10,
};

/// How often each page is asked for.
const TIMES: usize = 40;

/// How often before that, for caches to fill.
const WARMING: usize = 2;

#[tokio::main]
async fn main() {
    let mut output = std::io::stdout().lock();
    for database in ["SQLite", "PostgreSQL"] {
        let small = Site::open(database, SMALL).await;
        let large = Site::open(database, LARGE).await;
        let pairs = compare(&small, &large).await;
        small.close().await;
        large.close().await;
        let text = table(database, &pairs);
        output
            .write_all(text.as_bytes())
            .expect("the output takes text");
    }
}

/// One installation, with two people signed in. Its database goes away with it.
struct Site {
    app: App,
    running: Running,
    filled: Filled,
    owner: Seat,
    developer: Seat,
    _folder: TempDir,
    _postgres: Option<support::postgres::TestDatabase>,
}

impl Site {
    async fn open(database: &str, size: Size) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let postgres = match database {
            "PostgreSQL" => Some(support::postgres::database().await),
            _ => None,
        };
        let url = match &postgres {
            Some(postgres) => postgres.url().to_owned(),
            None => format!("sqlite://{}", folder.path().join("grantry.db").display()),
        };
        let config = config(folder.path(), &url);
        let clock = Arc::new(SystemClock::default());
        let context = app::open(&config, clock, Arc::new(SystemEntropy)).await;
        let context = context.expect("an empty database opens");
        let filled = scale::fill(&context, size).await;
        let (app, running) = app::start(context, config).await.expect("it starts");
        Self {
            owner: Seat::take(&app, filled.owner).await,
            developer: Seat::take(&app, filled.developer).await,
            app,
            running,
            filled,
            _folder: folder,
            _postgres: postgres,
        }
    }

    /// Asks a page once.
    async fn ask(&self, page: &Page) -> Answer {
        let seat = if page.is_developers {
            &self.developer
        } else {
            &self.owner
        };
        measure::ask(&self.app, seat, page.request(&self.filled)).await
    }

    async fn close(self) {
        drop(self.app);
        self.running.stop().await;
    }
}

/// A page with its figures at the small and at the large installation.
type Pair = (String, Figure, Figure);

/// Asks both by turns, so that whatever else the machine does slows both.
async fn compare(small: &Site, large: &Site) -> Vec<Pair> {
    let pages = pages::all(&small.filled)
        .into_iter()
        .zip(pages::all(&large.filled));
    let mut pairs = Vec::new();
    for (few, many) in pages {
        let (mut at_few, mut at_many) = (Vec::new(), Vec::new());
        for round in 0..TIMES + WARMING {
            let answers = (small.ask(&few).await, large.ask(&many).await);
            if round >= WARMING {
                at_few.push(answers.0);
                at_many.push(answers.1);
            }
        }
        pairs.push((few.title, Figure::of(&at_few), Figure::of(&at_many)));
    }
    pairs.push((
        "approve 100 requests".to_owned(),
        measure::bulk_approval(&small.app, &small.filled).await,
        measure::bulk_approval(&large.app, &large.filled).await,
    ));
    pairs
}

fn config(folder: &std::path::Path, url: &str) -> Config {
    let flag = |layers: Layers, name, value: &str| {
        let layers = layers.flag(name, Some(value.to_owned()));
        layers.expect("the setting exists")
    };
    let layers = flag(Layers::default(), "data_dir", &folder.display().to_string());
    let layers = flag(layers, "database_url", url);
    let layers = flag(layers, "base_url", measure::BASE_URL);
    layers.finish().expect("every setting fits")
}

/// The figures side by side; a mark where the large page is more than twice as slow, over 10 ms, or over 40 KB.
fn table(database: &str, pairs: &[Pair]) -> String {
    let scale = format!(
        "{} members, {} repositories, {} active tokens, {} waiting requests",
        LARGE.members, LARGE.repositories, LARGE.tokens, LARGE.requests
    );
    let head = format!(
        "\n{database}: {scale}, beside 10 of each; {TIMES} times each\n\n\
         | page | status | 10: median ms | p95 ms | KB | large: median ms | p95 ms | KB | ratio | |\n\
         |---|---|---|---|---|---|---|---|---|---|\n"
    );
    let lines = pairs
        .iter()
        .map(|(title, few, many)| line(title, *few, *many));
    lines.fold(head, |text, line| text + line.as_str())
}

fn line(title: &str, few: Figure, many: Figure) -> String {
    let ratio = many.median / few.median;
    // An API list is asked for a hundred items at once, and read by no browser.
    let is_page = !title.starts_with("API");
    let marks = [
        (ratio > 2.0, "slower than 2 ×"),
        (many.p95 > 10.0, "over 10 ms"),
        (is_page && many.kilobytes > 40.0, "over 40 KB"),
    ];
    let marks: Vec<_> = marks
        .iter()
        .filter(|mark| mark.0)
        .map(|mark| mark.1)
        .collect();
    format!(
        "| {title} | {} | {} | {} | {ratio:.1} | {} |\n",
        many.status,
        few.cells(),
        many.cells(),
        marks.join(", ")
    )
}
