//! What a preview names, to take away as a file.

use axum::extract::State;
use futures_util::stream;

use super::form::Typed;
use super::kind;
use super::look::{Asked, read};
use super::rows::{self, Row};
use crate::app::App;
use crate::domain::policy::evaluate::Violation;
use crate::domain::policy::preview::{Effect, Touched};
use crate::store;
use crate::store::{Reader, StoreError};
use crate::web::download::{Cell, Download, Format};
use crate::web::error::{PageError, PageResult};
use crate::web::form::QueryFields;
use crate::web::pages::scope_owner::ScopeOwner;

/// So many rows are named at a time.
const BATCH: usize = 500;

const HEADS: &[&str] = &[
    "token_id",
    "token",
    "user",
    "owner",
    "starts_at",
    "expires_at",
    "last_used_at",
    "effect",
    "reason",
    "limit_days",
    "set_by",
];

/// Sends the file: every row of the preview that the query asks for.
pub async fn get(
    State(app): State<App>,
    owner: ScopeOwner,
    QueryFields(query): QueryFields,
) -> PageResult {
    let kind = kind(&query);
    let unreadable = |title: &str, text: &str| PageError::Unprocessable {
        title: title.to_owned(),
        text: text.to_owned(),
        back: owner.back(kind),
    };
    let format = Format::read(query.get("format")).ok_or_else(|| {
        let text = "Write `format=csv` or `format=json`, or use the links of the preview.";
        unreadable("This address names no form of file", text)
    })?;
    let typed = Typed::sent(&query);
    let look = match read(&app, &owner, &query, &typed).await? {
        Asked::Look(look) => look,
        Asked::Mistaken(errors) | Asked::Misdated(errors) => {
            let first = errors.into_iter().next();
            let text = first.map_or_else(String::new, |(field, message)| {
                format!("`{field}`: {message}")
            });
            return Err(unreadable(
                "This address describes no policy that can be set",
                &text,
            ));
        }
    };
    let preview = look.preview;
    let all: Vec<_> = preview.blocked.into_iter().chain(preview.freed).collect();
    let download = Download {
        name: format!("{}-policy-preview", owner.account().login),
        format,
        heads: HEADS,
    };
    let reader = app.context.store.reader();
    let batches = stream::try_unfold((reader, all), async |(reader, rest)| {
        batch(reader, rest).await
    });
    download.send(owner.signed_in().now(), batches).await
}

/// The rows of one batch, and what is left.
async fn batch(
    mut reader: Reader,
    mut rest: Vec<Touched>,
) -> Result<Option<(Vec<Vec<Cell>>, (Reader, Vec<Touched>))>, StoreError> {
    if rest.is_empty() {
        return store::Result::Ok(None);
    }
    let later = rest.split_off(rest.len().min(BATCH));
    let batch: Vec<_> = rest.iter().collect();
    let rows = rows::read(&mut reader, &batch).await?;
    let cells = rows.iter().map(cells).collect();
    Ok(Some((cells, (reader, later))))
}

fn cells(row: &Row) -> Vec<Cell> {
    let (effect, reason, days) = match row.effect {
        Effect::Freed => ("freed", None, None),
        Effect::Blocked(Violation::Access(_)) => ("blocked", Some("policy_access"), None),
        Effect::Blocked(Violation::Lifetime { days, .. }) => {
            ("blocked", Some("policy_lifetime"), Some(i64::from(days)))
        }
    };
    let named = &row.named;
    vec![
        named.token_id.get().into(),
        named.name.as_str().into(),
        named.user_login.as_str().into(),
        row.owner.as_str().into(),
        named.starts_at.into(),
        named.expires_at.into(),
        row.last_used_at.into(),
        effect.into(),
        reason.into(),
        days.into(),
        row.set_by.as_str().into(),
    ]
}
