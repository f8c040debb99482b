//! The preview again, asking again: what it shows is not what whoever saves saw.

use axum::http::StatusCode;

use super::form::Typed;
use super::look::{Asked, read};
use super::preview::{Note, show};
use super::show::{by, day, load, refuse};
use super::view::sentence;
use crate::actions::save_policy::PolicyCase;
use crate::app::App;
use crate::domain::policy::Layer;
use crate::domain::token::TokenKind;
use crate::store::policies::{self, Standing};
use crate::web::error::PageResult;
use crate::web::pages::scope_owner::ScopeOwner;

/// What would be blocked is not what whoever saves looked at: here it is as it is now.
pub(super) async fn changed(
    app: &App,
    owner: &ScopeOwner,
    kind: TokenKind,
    typed: Typed,
) -> PageResult {
    let note = Note {
        title: "What this would block has changed since you looked".to_owned(),
        text: "Nothing was saved. Look at what it would block now, and save it again if that is what you want."
            .to_owned(),
    };
    again(app, owner, kind, typed, note).await
}

/// Somebody saved meanwhile: what they changed, and what this person's wish would do on top of it.
pub(super) async fn overtaken(
    app: &App,
    owner: &ScopeOwner,
    kind: TokenKind,
    typed: Typed,
    standing: &Standing<Layer>,
) -> PageResult {
    let note = Note {
        title: "This policy was saved by somebody else since you opened it".to_owned(),
        text: told(app, owner, kind, &typed, standing).await?,
    };
    let typed = Typed {
        version: standing.number.to_string(),
        ..typed
    };
    again(app, owner, kind, typed, note).await
}

/// The page again, asking again.
async fn again(
    app: &App,
    owner: &ScopeOwner,
    kind: TokenKind,
    typed: Typed,
    note: Note,
) -> PageResult {
    match read(app, owner, &typed.query(kind), &typed).await? {
        Asked::Look(look) => {
            show(
                app,
                owner,
                (*look, typed),
                "",
                Some(note),
                StatusCode::CONFLICT,
            )
            .await
        }
        Asked::Mistaken(errors) | Asked::Misdated(errors) => {
            refuse(app, owner, kind, typed, errors).await
        }
    }
}

/// Who saved what and when, before and now.
async fn told(
    app: &App,
    owner: &ScopeOwner,
    kind: TokenKind,
    typed: &Typed,
    standing: &Standing<Layer>,
) -> PageResult<String> {
    let case = load(app, owner, kind).await?;
    let before = shown_layer(app, &case, typed.shown().unwrap_or(0)).await?;
    let was = sentence(kind, before);
    let Some(latest) = standing.latest() else {
        return Ok(format!(
            "A version that was to begin later was taken back. Before: {was}. Now the defaults hold. {NOTHING}"
        ));
    };
    let when = latest.saved_at.to_utc().format("%-d %b %Y at %H:%M UTC");
    let begins = if latest.effective_at > owner.signed_in().now() {
        format!("From {} on", day(latest.effective_at))
    } else {
        "Now".to_owned()
    };
    let (who, is) = (by(latest), sentence(kind, latest.layer));
    Ok(format!(
        "{who} saved it on {when}. Before: {was}. {begins}: {is}. {NOTHING}"
    ))
}

const NOTHING: &str = "Nothing of what you chose was saved. Below is what it would do now.";

/// What the version of this number, or the last one before it that was not taken back, had set.
async fn shown_layer(app: &App, case: &PolicyCase, shown: i64) -> PageResult<Layer> {
    let db = &mut app.context.store.reader();
    let (id, kind) = (case.scope.id, case.kind);
    Ok(match case.default_layer() {
        Layer::Organization(default) => {
            let saved = policies::list_versions(db, id, kind).await?;
            let last = saved.into_iter().rfind(|one| one.version <= shown);
            Layer::Organization(last.map_or(default, |one| one.layer))
        }
        Layer::Enterprise(default) => {
            let saved = policies::list_versions(db, id, kind).await?;
            let last = saved.into_iter().rfind(|one| one.version <= shown);
            Layer::Enterprise(last.map_or(default, |one| one.layer))
        }
    })
}
