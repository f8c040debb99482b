//! One page of a log: what happened, newest first, and the line in which something is looked for.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use super::view::{self, Quick, Row};
use super::{Reader, searched};
use crate::app::App;
use crate::domain::audit::{Action, Filter, Key, Phrase};
use crate::domain::time::Timestamp;
use crate::store::audit_log::{self, Ask, Direction, EFFORT};
use crate::store::saved_searches::{self, SavedSearch};
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::form::{Fields, QueryFields};

/// How many entries a page has.
const SIZE: usize = 50;

#[derive(Template)]
#[template(path = "pages/audit/list.html")]
struct List {
    chrome: Chrome,
    nav: Nav,
    now: Timestamp,
    title: &'static str,
    lead: String,
    path: String,
    export: String,
    searches: String,
    phrase: String,
    error: String,
    parts: Vec<Quick>,
    chips: Vec<(String, String)>,
    saved: Vec<Saved>,
    naming: Naming,
    suggestions: Vec<String>,
    rows: Vec<Row>,
    newer: String,
    older: String,
    looked_until: Option<Timestamp>,
}

/// A search that somebody kept.
struct Saved {
    id: i64,
    name: String,
    href: String,
    is_on: bool,
}

/// What was typed into the form that keeps a search, and what is wrong with it.
#[derive(Debug, Default)]
pub(super) struct Naming {
    pub(super) name: String,
    pub(super) error: String,
}

/// Shows a page of the log.
pub async fn get<R: Reader>(
    State(app): State<App>,
    reader: R,
    QueryFields(query): QueryFields,
) -> PageResult {
    show(&app, &reader, &query, Naming::default()).await
}

/// The page, also with the mistake in the name of a search.
pub(super) async fn show<R: Reader>(
    app: &App,
    reader: &R,
    query: &Fields,
    naming: Naming,
) -> PageResult {
    let path = reader.path();
    let phrase = query.get("q").trim();
    let place = Place::read(query, &path, phrase)?;
    let mut db = app.context.store.reader();
    let (found, error) = match Phrase::parse(phrase) {
        Ok(read) => {
            let filter = audit_log::resolve(&mut db, &read).await?;
            (cut(app, reader, &filter, place).await?, String::new())
        }
        Err(error) => (Cut::default(), format!("{error}.")),
    };
    let names = audit_log::names_of(&mut db, &found.entries).await?;
    let rows = found.entries.iter();
    let rows = rows.map(|entry| view::row(entry, &names, &path, phrase));
    let at = |name: &str, key: Option<Key>| {
        key.map_or_else(String::new, |key| place_address(&path, phrase, name, key))
    };
    let user = reader.signed_in().user.id;
    let saved = saved_searches::list(&mut db, user, reader.log().account()).await?;
    let (title, lead) = reader.title();
    let (chrome, nav) = reader.frame(app, title, vec![Crumb::text(title)]).await?;
    let is_wrong = !error.is_empty() || !naming.error.is_empty();
    let template = List {
        chrome,
        nav,
        now: reader.signed_in().now(),
        title,
        lead,
        export: searched(&format!("{path}/export"), phrase),
        searches: format!("{path}/searches"),
        parts: view::parts(&path, phrase),
        chips: view::chips(&path, phrase),
        saved: saved
            .into_iter()
            .map(|saved| offered(saved, &path, phrase))
            .collect(),
        naming,
        suggestions: suggestions(),
        rows: rows.collect(),
        newer: at("before", found.newer),
        older: at("after", found.older),
        looked_until: found.looked_until,
        phrase: phrase.to_owned(),
        error,
        path,
    };
    let status = if is_wrong {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    Ok(page(status, template))
}

fn offered(saved: SavedSearch, path: &str, phrase: &str) -> Saved {
    Saved {
        id: saved.id,
        href: searched(path, &saved.phrase),
        is_on: saved.phrase == phrase,
        name: saved.name,
    }
}

/// Terms that the filter line offers.
fn suggestions() -> Vec<String> {
    let actions = Action::ALL.iter().map(|action| format!("action:{action}"));
    let others = [
        "actor:",
        "user:",
        "repo:",
        "token_id:",
        "hashed_token:",
        "created:>=",
        "reason:*",
        "operation:access",
        "operation:create",
        "operation:modify",
        "operation:remove",
    ];
    others
        .map(str::to_owned)
        .into_iter()
        .chain(actions)
        .collect()
}

/// Where the page begins.
#[derive(Debug, Clone, Copy)]
struct Place {
    direction: Direction,
    from: Option<Key>,
}

impl Place {
    fn read(query: &Fields, path: &str, phrase: &str) -> PageResult<Self> {
        let (text, direction) = match (query.get("after"), query.get("before")) {
            ("", "") => {
                return Ok(Self {
                    direction: Direction::Older,
                    from: None,
                });
            }
            ("", before) => (before, Direction::Newer),
            (after, _) => (after, Direction::Older),
        };
        let from = Key::from_cursor(text).ok_or_else(|| PageError::Unprocessable {
            title: "There is no such place in the log".to_owned(),
            text: "The address was cut or changed on its way. Begin at the newest entry."
                .to_owned(),
            back: ("To the newest entry".to_owned(), searched(path, phrase)),
        })?;
        Ok(Self {
            direction,
            from: Some(from),
        })
    }
}

fn place_address(path: &str, phrase: &str, name: &str, key: Key) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if !phrase.is_empty() {
        query.append_pair("q", phrase);
    }
    query.append_pair(name, &key.to_cursor());
    format!("{path}?{}", query.finish())
}

/// What a page holds, newest first, and its neighbours.
#[derive(Debug, Default)]
struct Cut {
    entries: Vec<crate::domain::audit::Entry>,
    newer: Option<Key>,
    older: Option<Key>,
    looked_until: Option<Timestamp>,
}

async fn cut<R: Reader>(app: &App, reader: &R, filter: &Filter, place: Place) -> PageResult<Cut> {
    let ask = Ask {
        log: reader.log(),
        filter,
        direction: place.direction,
        from: place.from,
        limit: SIZE,
        effort: EFFORT,
    };
    let mut page = audit_log::list(&mut app.context.store.reader(), &ask).await?;
    let is_back = place.direction == Direction::Newer;
    if is_back {
        page.entries.reverse();
    }
    let first = page.entries.first().map(|entry| entry.key);
    let last = page.entries.last().map(|entry| entry.key);
    // The way from which the place was reached exists, whatever lies there.
    let (newer, older) = if is_back {
        (page.next, last.or(place.from))
    } else {
        (place.from.and(first.or(place.from)), page.next)
    };
    Ok(Cut {
        entries: page.entries,
        newer,
        older,
        looked_until: page.looked_until,
    })
}
