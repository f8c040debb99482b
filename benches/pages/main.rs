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

use grantry::app;
use grantry::clock::SystemClock;
use grantry::config::{Config, Layers};
use grantry::entropy::SystemEntropy;

use crate::measure::{Figure, Seat, measure};
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

#[tokio::main]
async fn main() {
    let mut output = std::io::stdout().lock();
    for database in ["SQLite", "PostgreSQL"] {
        let small = run(database, SMALL).await;
        let large = run(database, LARGE).await;
        let text = table(database, &small, &large);
        output
            .write_all(text.as_bytes())
            .expect("the output takes text");
    }
}

/// Fills a database and asks every page of it.
async fn run(database: &str, size: Size) -> Vec<(String, Figure)> {
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
    let filled: Filled = scale::fill(&context, size).await;
    let (app, running) = app::start(context, config).await.expect("it starts");
    let owner = Seat::take(&app, filled.owner).await;
    let developer = Seat::take(&app, filled.developer).await;
    let mut figures = Vec::new();
    for page in pages::all(&filled) {
        let seat = if page.is_developers {
            &developer
        } else {
            &owner
        };
        let figure = measure(&app, seat, &page.request(&filled), TIMES).await;
        figures.push((page.title, figure));
    }
    figures.push(measure::bulk_approval(&app, &filled).await);
    drop((app, owner, developer));
    running.stop().await;
    figures
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
fn table(database: &str, small: &[(String, Figure)], large: &[(String, Figure)]) -> String {
    let scale = format!(
        "{} members, {} repositories, {} active tokens, {} waiting requests",
        LARGE.members, LARGE.repositories, LARGE.tokens, LARGE.requests
    );
    let head = format!(
        "\n{database}: {scale}, beside 10 of each; {TIMES} times each\n\n\
         | page | status | 10: median ms | p95 ms | KB | large: median ms | p95 ms | KB | ratio | |\n\
         |---|---|---|---|---|---|---|---|---|---|\n"
    );
    let lines = small.iter().zip(large);
    let lines = lines.map(|((title, few), (_, many))| line(title, *few, *many));
    lines.fold(head, |text, line| text + line.as_str())
}

fn line(title: &str, few: Figure, many: Figure) -> String {
    let ratio = many.median / few.median;
    let marks = [
        (ratio > 2.0, "slower than 2 ×"),
        (many.p95 > 10.0, "over 10 ms"),
        (many.kilobytes > 40.0, "over 40 KB"),
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
