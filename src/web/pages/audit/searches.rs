//! Searches that a person keeps for a log: theirs alone.

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect};

use super::list::{Naming, show};
use super::{Reader, searched};
use crate::app::App;
use crate::domain::audit::Phrase;
use crate::store::saved_searches;
use crate::web::chrome::FlashKind;
use crate::web::error::{PageError, PageResult};
use crate::web::form::{Fields, Form};

/// How many searches somebody keeps for one log.
const MOST: usize = 20;

/// The most characters of a name.
const LONGEST: usize = 40;

/// Keeps what is looked for under a name.
pub async fn save<R: Reader>(State(app): State<App>, reader: R, Form(fields): Form) -> PageResult {
    let (name, phrase) = (fields.get("name").trim(), fields.get("q").trim());
    let mut db = app.context.store.reader();
    let (user, log) = (reader.signed_in().user.id, reader.log().account());
    let kept = saved_searches::list(&mut db, user, log).await?;
    let is_known = kept.iter().any(|search| search.name == name);
    let error = match name.chars().count() {
        0 => "Give the search a name.".to_owned(),
        length if length > LONGEST => {
            format!("The name has {length} characters; {LONGEST} fit.")
        }
        _ if name.contains(char::is_control) => {
            "The name holds a character that cannot be shown: type it again.".to_owned()
        }
        _ if phrase.is_empty() => "Look for something first; everything needs no name.".to_owned(),
        _ if Phrase::parse(phrase).is_err() => {
            "Put the search right first: the error stands above.".to_owned()
        }
        _ if kept.len() >= MOST && !is_known => {
            format!("You keep {MOST} searches of this log already. Delete one first.")
        }
        _ => String::new(),
    };
    if !error.is_empty() {
        let naming = Naming {
            name: name.to_owned(),
            error,
        };
        return show(&app, &reader, &Fields::new([("q", phrase)]), naming).await;
    }
    let now = reader.signed_in().now();
    saved_searches::put(&mut db, user, log, name, phrase, now).await?;
    let text = format!("The search `{name}` is kept. Only you see it.");
    reader.signed_in().flash(FlashKind::Success, text).await;
    Ok(Redirect::to(&searched(&reader.path(), phrase)).into_response())
}

/// Forgets one.
pub async fn delete<R: Reader>(
    State(app): State<App>,
    reader: R,
    Form(fields): Form,
) -> PageResult {
    let id = fields.get("id").parse().map_err(|_| PageError::NotFound)?;
    let mut db = app.context.store.reader();
    let (user, log) = (reader.signed_in().user.id, reader.log().account());
    let name = saved_searches::delete(&mut db, user, log, id).await?;
    let name = name.ok_or(PageError::NotFound)?;
    let text = format!("The search `{name}` is deleted.");
    reader.signed_in().flash(FlashKind::Success, text).await;
    Ok(Redirect::to(&reader.path()).into_response())
}
