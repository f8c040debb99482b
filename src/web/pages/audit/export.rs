//! A part of a log as a file.
//!
//! The page before says how many entries there are to come (counted as far as that is quick), so that the growing
//! download tells how far it is, without scripts and without keeping anything on the server. Entries are read and sent a
//! batch at a time; the last line is the sealed head of the log, so a file without it is not whole. Every export is
//! recorded in the log itself.

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse as _;
use futures_util::{Stream, StreamExt as _, stream};
use serde_json::Value;

use super::{Reader, searched};
use crate::actions::export_log::export_log;
use crate::app::App;
use crate::domain::audit::seal::Seal;
use crate::domain::audit::{Entry, Filter, Key, LogOf, Names, Phrase, published};
use crate::store::audit_log::{self, Ask, Count, Direction, EFFORT};
use crate::store::{self, Store, audit_chain};
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::download::{Cell, Download, Format};
use crate::web::error::{PageResult, page};
use crate::web::form::{Fields, Form, QueryFields};

/// How many entries are read and sent at once.
const BATCH: usize = 500;

/// The columns of a table; whatever else was recorded stands in the last one.
const HEADS: &[&str] = &[
    "created_at",
    "_document_id",
    "action",
    "operation_type",
    "actor",
    "user",
    "org",
    "business",
    "repo",
    "token_id",
    "user_programmatic_access_name",
    "programmatic_access_type",
    "hashed_token",
    "reason",
    "actor_ip",
    "user_agent",
    "request_id",
    "data",
];

#[derive(Template)]
#[template(path = "pages/audit/export.html")]
struct Export {
    chrome: Chrome,
    nav: Nav,
    path: String,
    back: String,
    phrase: String,
    count: String,
    error: String,
    format: String,
}

/// Says what the file will hold.
pub async fn get<R: Reader>(
    State(app): State<App>,
    reader: R,
    QueryFields(query): QueryFields,
) -> PageResult {
    let fields = query.without(&["format"]).with("format", "csv");
    show(&app, &reader, &fields, String::new()).await
}

/// Sends the file.
pub async fn post<R: Reader>(State(app): State<App>, reader: R, Form(fields): Form) -> PageResult {
    let Some(format) = Format::read(fields.get("format")) else {
        let error = "Choose a form for the file.".to_owned();
        return show(&app, &reader, &fields, error).await;
    };
    let Ok(phrase) = Phrase::parse(fields.get("q")) else {
        return show(&app, &reader, &fields, String::new()).await;
    };
    let filter = audit_log::resolve(&mut app.context.store.reader(), &phrase).await?;
    let signed_in = reader.signed_in();
    let (origin, now) = (signed_in.origin(), signed_in.now());
    // Sealed before the export itself is recorded: the file holds what was there when it was asked for.
    let head = audit_chain::head(&mut app.context.store.reader()).await?;
    let seal = app.audit_key.seal(head, now);
    export_log(
        &app.context,
        &origin,
        reader.log(),
        fields.get("q").trim(),
        format.extension(),
    )
    .await?;
    let batches = batches(app.context.store.clone(), reader.log(), filter);
    let name = reader.file_name();
    match format {
        Format::Csv => {
            let rows = batches.map(|batch| batch.map(|batch| batch.rows()));
            let end = stream::once(async move { Ok(vec![head_row(&seal)]) });
            let download = Download {
                name,
                format,
                heads: HEADS,
            };
            download.send(now, rows.chain(end)).await
        }
        Format::Json => {
            let headers = [
                (CONTENT_TYPE, format.content_type().to_owned()),
                (
                    CONTENT_DISPOSITION,
                    format!("attachment; filename=\"{name}-{}.json\"", now.date()),
                ),
            ];
            Ok((
                headers,
                Body::from_stream(json(batches, head_object(&seal))),
            )
                .into_response())
        }
    }
}

async fn show<R: Reader>(app: &App, reader: &R, fields: &Fields, mistake: String) -> PageResult {
    let phrase = fields.get("q").trim().to_owned();
    let (count, error) = match Phrase::parse(&phrase) {
        Ok(read) => {
            let mut db = app.context.store.reader();
            let filter = audit_log::resolve(&mut db, &read).await?;
            let count = audit_log::count(&mut db, reader.log(), &filter).await?;
            (told(count), mistake)
        }
        Err(error) => (String::new(), format!("{error}.")),
    };
    let (title, path) = ("Export", reader.path());
    let log = reader.title().0;
    let trail = vec![Crumb::link(log, &path), Crumb::text(title)];
    let (chrome, nav) = reader.frame(app, title, trail).await?;
    let status = if error.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let template = Export {
        chrome,
        nav,
        back: searched(&path, &phrase),
        path: format!("{path}/export"),
        phrase,
        count,
        error,
        format: fields.get("format").to_owned(),
    };
    Ok(page(status, template))
}

/// How many entries are to come.
fn told(count: Count) -> String {
    let entries = i64::try_from(count.entries).unwrap_or(i64::MAX);
    let words = crate::web::filters::counted(entries, "entry", "entries");
    if count.is_all {
        words
    } else {
        format!("more than {words}")
    }
}

/// Some entries with what they are told with.
struct Batch {
    entries: Vec<Entry>,
    names: Names,
}

impl Batch {
    fn objects(&self) -> impl Iterator<Item = serde_json::Map<String, Value>> {
        self.entries
            .iter()
            .map(|entry| published(entry, &self.names))
    }

    fn rows(&self) -> Vec<Vec<Cell>> {
        self.objects().map(row).collect()
    }
}

/// The entries of a log, newest first, batch by batch until its end.
fn batches(
    store: Store,
    log: LogOf,
    filter: Filter,
) -> impl Stream<Item = store::Result<Batch>> + Send {
    let begin: Option<Option<Key>> = Some(None);
    stream::try_unfold(
        (store, filter, begin),
        move |(store, filter, place)| async move {
            let Some(from) = place else { return Ok(None) };
            let mut db = store.reader();
            let ask = Ask {
                log,
                filter: &filter,
                direction: Direction::Older,
                from,
                limit: BATCH,
                effort: EFFORT,
            };
            let page = audit_log::list(&mut db, &ask).await?;
            let names = audit_log::names_of(&mut db, &page.entries).await?;
            let batch = Batch {
                entries: page.entries,
                names,
            };
            Ok(Some((batch, (store, filter, page.next.map(Some)))))
        },
    )
}

/// One entry as a row: the columns, and what is left.
fn row(mut fields: serde_json::Map<String, Value>) -> Vec<Cell> {
    fields.remove("@timestamp");
    let last = HEADS.len() - 1;
    let mut cells: Vec<_> = HEADS[..last]
        .iter()
        .map(|head| match (*head, fields.remove(*head)) {
            (_, None) => Cell::Nothing,
            ("created_at", Some(Value::Number(millis))) => {
                let micros = millis.as_i64().unwrap_or_default().saturating_mul(1_000);
                Cell::Time(crate::domain::time::Timestamp::from_micros(micros))
            }
            (_, Some(Value::String(text))) => text.into(),
            (_, Some(other)) => other.to_string().into(),
        })
        .collect();
    cells.push(Value::Object(fields).to_string().into());
    cells
}

/// The head of the log as the last object of a list.
fn head_object(seal: &Seal) -> serde_json::Map<String, Value> {
    let mut object = serde_json::Map::new();
    object.insert("action".to_owned(), "audit_log.head".into());
    object.insert("head".to_owned(), seal.to_json());
    object
}

fn head_row(seal: &Seal) -> Vec<Cell> {
    row(head_object(seal))
}

/// A list of objects, a batch at a time, with the head as the last one.
fn json(
    batches: impl Stream<Item = store::Result<Batch>> + Send,
    head: serde_json::Map<String, Value>,
) -> impl Stream<Item = store::Result<String>> + Send {
    let lines = batches.map(|batch| {
        let lines = batch.map(|batch| {
            let lines = batch
                .objects()
                .map(|object| format!("{},\n", Value::Object(object)));
            lines.collect::<String>()
        });
        lines.inspect_err(|cause| tracing::error!(%cause, "an export broke off"))
    });
    let head = Value::Object(head);
    let begin = stream::once(async { Ok("[\n".to_owned()) });
    let end = stream::once(async move { Ok(format!("{head}\n]\n")) });
    begin.chain(lines).chain(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_every_column_and_loses_nothing() {
        let fields = serde_json::json!({"action": "repo.create", "created_at": 5_000, "token_id": 7, "extra": [1]});
        let Value::Object(fields) = fields else {
            panic!("an object")
        };
        let cells = row(fields);
        assert_eq!(cells.len(), HEADS.len());
        assert_eq!(cells[2], Cell::from("repo.create"));
        assert_eq!(cells[9], Cell::from("7"));
        assert_eq!(cells.last(), Some(&Cell::from(r#"{"extra":[1]}"#)));
    }
}
