//! `/docs/api`: every operation of the API, from the same table that serves it.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use crate::api::description::{self, Field, Shape};
use crate::api::operation::Operation;
use crate::app::App;
use crate::web::chrome::Chrome;
use crate::web::error::{PageResult, page};
use crate::web::extract::{anonymous_chrome, find_viewer};
use crate::web::session::ConsoleSession;

/// The page.
#[derive(Template)]
#[template(path = "pages/api.html")]
struct Api {
    chrome: Chrome,
    /// A first call to try.
    example: String,
    groups: Vec<Group>,
}

/// Operations under one heading.
struct Group {
    /// The place of the heading, for links.
    id: String,
    title: &'static str,
    operations: Vec<Entry>,
}

/// One operation.
struct Entry {
    method: &'static str,
    path: &'static str,
    summary: &'static str,
    needs: String,
    parameters: Vec<Row>,
    body: Vec<Row>,
    /// Whether the body may be left out.
    may_be_empty: bool,
    answers: Vec<(u16, &'static str)>,
    /// What a good answer holds, in words.
    gives: String,
}

/// A parameter or member.
struct Row {
    name: String,
    form: String,
    about: &'static str,
}

/// Shows it to everybody: what the API can do is no secret.
pub async fn get(State(app): State<App>, session: ConsoleSession) -> PageResult {
    let chrome = anonymous_chrome(&app, &session, "API").await?;
    let chrome = match find_viewer(&app, &session).await? {
        Some((viewer, csrf)) => chrome.viewer(Some(viewer)).csrf(&csrf),
        None => chrome,
    };
    let groups = description::groups()
        .into_iter()
        .map(|(title, operations)| {
            let entries = operations.into_iter().map(entry);
            Group {
                id: title.to_lowercase().replace(' ', "-"),
                title,
                operations: entries.collect(),
            }
        });
    let api = Api {
        chrome: chrome.here("API"),
        example: format!(
            "curl -H \"Authorization: Bearer $TOKEN\" {}{}/token",
            app.config.base_url,
            crate::api::PREFIX
        ),
        groups: groups.collect(),
    };
    Ok(page(StatusCode::OK, api))
}

fn entry(operation: &Operation) -> Entry {
    let body = operation.doc.body;
    let (answer, successes) = (operation.doc.answer, operation.doc.successes());
    let statuses = successes.into_iter().chain(operation.refusals());
    Entry {
        method: operation.method.as_str(),
        path: operation.template,
        summary: operation.summary,
        needs: description::needs_of(operation),
        parameters: operation
            .query()
            .iter()
            .map(|parameter| Row {
                name: parameter.name.to_owned(),
                form: parameter.shape.words(),
                about: parameter.about,
            })
            .collect(),
        body: body.map_or_else(Vec::new, |(shape, _)| {
            shape.fields().iter().map(member).collect()
        }),
        may_be_empty: body.is_some_and(|(_, is_required)| !is_required),
        answers: statuses
            .map(|status| (status, description::meaning(status)))
            .collect(),
        gives: answer.shape.map(Shape::words).unwrap_or_default(),
    }
}

fn member(field: &Field) -> Row {
    Row {
        name: field.name.to_owned(),
        form: field.shape.words(),
        about: if field.is_required {
            "always"
        } else {
            "where it is wanted"
        },
    }
}
