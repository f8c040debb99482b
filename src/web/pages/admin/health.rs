//! How the installation does: the checks of `grantry doctor` that a page can wait for, and what this process knows.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use super::{HEALTH, around};
use crate::app::App;
use crate::gate::Mode;
use crate::health::{self, Check, Outcome, Subject, size_words};
use crate::store::administration::{self, Counts};
use crate::store::health::{LogHead, find_log_head, find_size};
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::{PageResult, page};
use crate::web::site_admin::SiteAdmin;

#[derive(Template)]
#[template(path = "pages/admin/health.html")]
struct Health {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    version: &'static str,
    database: String,
    log: LogHead,
    counts: Counts,
    checks: Vec<Row>,
    verdict: Verdict,
}

/// One check as the table shows it.
struct Row {
    check: Check,
    state: &'static str,
    word: &'static str,
}

/// What the page says first.
struct Verdict {
    kind: &'static str,
    words: String,
}

impl Verdict {
    fn of(checks: &[Check]) -> Self {
        let count = |outcome| {
            checks
                .iter()
                .filter(|check| check.outcome == outcome)
                .count()
        };
        let (kind, words) = match (count(Outcome::Failure), count(Outcome::Warning)) {
            (0, 0) => ("success", "Everything is in order".to_owned()),
            (0, 1) => ("warning", "It works; one thing deserves a look".to_owned()),
            (0, warnings) => (
                "warning",
                format!("It works; {warnings} things deserve a look"),
            ),
            (1, _) => ("danger", "One thing is wrong".to_owned()),
            (failures, _) => ("danger", format!("{failures} things are wrong")),
        };
        Self { kind, words }
    }
}

impl From<Check> for Row {
    fn from(check: Check) -> Self {
        let (state, word) = match check.outcome {
            Outcome::Fine => ("active", "In order"),
            Outcome::Warning => ("warning", "Look"),
            Outcome::Failure => ("blocked", "Wrong"),
        };
        Self { check, state, word }
    }
}

/// Shows the page.
pub async fn get(State(app): State<App>, admin: SiteAdmin) -> PageResult {
    let mut db = app.context.store.reader();
    let now = admin.signed_in.now();
    let subject = Subject {
        config: &app.config,
        config_file: None,
        clock: app.context.clock.as_ref(),
    };
    let mut checks = vec![feed(&app), recorder(&app)];
    checks.extend(health::examine_running(&subject, &app.context.store).await);
    let size = find_size(&app.context.store, &mut db).await?;
    let size = size_words(u64::try_from(size).unwrap_or_default());
    let trail = vec![Crumb::text("Health")];
    let (chrome, nav) = around(&admin, "Health", HEALTH, trail);
    let template = Health {
        chrome,
        nav,
        now: now.as_micros(),
        version: env!("CARGO_PKG_VERSION"),
        database: format!("{}, {size}", app.context.store.kind()),
        log: find_log_head(&mut db).await?,
        counts: administration::count_all(&mut db, now).await?,
        verdict: Verdict::of(&checks),
        checks: checks.into_iter().map(Row::from).collect(),
    };
    Ok(page(StatusCode::OK, template))
}

/// Whether this process hears what others change: without it every call is refused.
fn feed(app: &App) -> Check {
    const NAME: &str = "Change feed";
    let memory = &app.context.memory;
    let found = format!("read to its end {} ms ago", memory.heard_ago().as_millis());
    if memory.hears() {
        Check::fine(NAME, found)
    } else {
        let advice = "every call is refused until it is heard again: check the database's load and connection";
        Check::failure(NAME, found, advice)
    }
}

/// Whether decisions are written down.
fn recorder(app: &App) -> Check {
    const NAME: &str = "Recorder";
    let mode = match app.config.audit_mode {
        Mode::Strict => "every answer waits for its record (strict)",
        Mode::Batched => "answers leave before their record, which follows within 100 ms (batched)",
    };
    match app.gate.recorder().waiting() {
        Some(waiting) => Check::fine(
            NAME,
            format!("{mode}; {waiting} decisions wait to be written"),
        ),
        None => Check::failure(
            NAME,
            "it has stopped: nothing is decided any more",
            "restart the server; its log says why",
        ),
    }
}
