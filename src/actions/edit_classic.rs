//! A user changes the note and the scopes of a classic token. What it may do changes with the next call; nobody has to
//! approve it.

use super::Context;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::scope::ScopeSet;
use crate::domain::token::classic::{self, Dropped, simplify};
use crate::domain::token::conditions::Conditions;
use crate::domain::token::draft::Mistake;
use crate::domain::token::{TokenKind, TokenState};
use crate::store::tokens::Token;
use crate::store::{Change, Db, StoreError, Work, tokens};

/// What a user wants of the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassicEdit {
    /// The version that the form was filled from.
    pub rev: i64,
    /// The note.
    pub note: String,
    /// The scopes.
    pub scopes: ScopeSet,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum EditClassicError {
    /// The user has no such classic token, or not any more.
    #[error("there is no such token")]
    NotFound,
    /// It changed since the form was filled.
    #[error("the token changed meanwhile")]
    Moved,
    /// The form has mistakes, each with its place.
    #[error("the token cannot be changed as asked")]
    Mistakes(Vec<Mistake>),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Says what is wrong with an edit, without changing anything.
pub async fn check(
    context: &Context,
    user: AccountId,
    token: TokenId,
    edit: &ClassicEdit,
) -> Result<(), EditClassicError> {
    let mut db = context.store.reader();
    judge(&mut db, user, token, edit).await.map(drop)
}

/// Changes the token; gives what was dropped of the scopes, because another one includes it.
pub async fn edit_classic(
    context: &Context,
    origin: &Origin,
    user: AccountId,
    token: TokenId,
    edit: &ClassicEdit,
) -> Result<Vec<Dropped>, EditClassicError> {
    let mut work = context.begin(origin).await?;
    let found = judge(&mut work, user, token, edit).await?;
    let (scopes, dropped) = simplify(context.catalog, edit.scopes);
    let before = tokens::list_scopes(&mut work, token).await?;
    let after = classic::names(context.catalog, scopes);
    let note = edit.note.trim();
    write(&mut work, &found, edit.rev, note).await?;
    tokens::replace_scopes(&mut work, token, &after).await?;
    let event = Event::new(Action::TokenUpdate)
        .user(user)
        .token(token)
        .with("user_programmatic_access_name", note)
        .with("programmatic_access_type", TokenKind::Classic.title())
        .with("token_scopes", after.join(", "))
        .with("before", written(&found.name, &before))
        .with("after", written(note, &after));
    work.audit(event);
    work.changed(Change::Token(token));
    context.commit(work).await?;
    Ok(dropped)
}

/// A token before or after an edit, as the log keeps it.
fn written<S: AsRef<str>>(note: &str, scopes: &[S]) -> serde_json::Value {
    let scopes: Vec<_> = scopes.iter().map(AsRef::as_ref).collect();
    serde_json::json!({"note": note, "token_scopes": scopes.join(", ")})
}

async fn judge(
    db: &mut impl Db,
    user: AccountId,
    token: TokenId,
    edit: &ClassicEdit,
) -> Result<Token, EditClassicError> {
    let found = tokens::find(db, token).await?;
    let found = found
        .filter(|token| token.user_id == user && token.kind == TokenKind::Classic)
        .filter(|token| token.state == TokenState::Live)
        .ok_or(EditClassicError::NotFound)?;
    let mut mistakes = classic::mistakes(&edit.note, edit.scopes);
    let note = edit.note.trim();
    if tokens::is_name_taken_beside(db, &found, note).await? {
        mistakes.push(classic::taken(note));
    }
    match mistakes.is_empty() {
        false => Err(EditClassicError::Mistakes(mistakes)),
        true if found.rev == edit.rev => Ok(found),
        true => Err(EditClassicError::Moved),
    }
}

async fn write(
    work: &mut Work,
    found: &Token,
    rev: i64,
    note: &str,
) -> Result<(), EditClassicError> {
    let edited = tokens::Edited {
        name: note,
        description: &found.description,
        wants_rotation: found.wants_rotation,
        conditions: &Conditions::default(),
    };
    match tokens::edit(work, (found.id, rev), &edited).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(EditClassicError::Moved),
        Err(error) => Err(note_taken(error, note)),
    }
}

/// Two forms sent at once can both find a note free; the table's rule lets one of them in.
fn note_taken(error: StoreError, note: &str) -> EditClassicError {
    match error.as_database_error() {
        Some(rule) if rule.is_unique_violation() => {
            EditClassicError::Mistakes(vec![classic::taken(note)])
        }
        _ => EditClassicError::Store(error),
    }
}
