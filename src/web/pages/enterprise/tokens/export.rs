//! The inventory as a file: exactly what is filtered, in the order in which it is sorted.

use axum::extract::State;
use futures_util::stream;

use super::rows::{Details, row};
use super::view::View;
use super::{rules, scope};
use crate::app::App;
use crate::domain::permission::Level;
use crate::domain::policy::Exempted;
use crate::domain::time::{DAY, Timestamp};
use crate::store::enterprises::Rules;
use crate::store::inventory::{self, Entry, Filter, Order, Scope};
use crate::store::{Reader, Result};
use crate::web::download::{Cell, Download, Format};
use crate::web::error::{PageError, PageResult};
use crate::web::extract::EnterpriseOwner;
use crate::web::form::QueryFields;
use crate::web::pages::enterprise::frame;

/// How many entries are read at once.
const BATCH: i64 = 500;

const HEADS: &[&str] = &[
    "token_id",
    "kind",
    "name",
    "user",
    "user_name",
    "managed",
    "suspended",
    "at",
    "state",
    "reason",
    "highest_level",
    "can",
    "repositories",
    "last_used_at",
    "starts_at",
    "expires_at",
    "life_days",
    "access_exempt_until",
    "lifetime_exempt_until",
];

/// Sends what the list of the same address would show, page after page.
pub async fn get(
    State(app): State<App>,
    owner: EnterpriseOwner,
    QueryFields(query): QueryFields,
) -> PageResult {
    let view = View::read(&query);
    let list = frame::tokens_path(&owner.enterprise.login);
    let Some(format) = Format::read(query.get("format")) else {
        let text = "Choose CSV or JSON: `format` is `csv` or `json`.".to_owned();
        return Err(refused(
            "This list can be exported in two forms",
            text,
            &view,
            &list,
        ));
    };
    let filter = match view.filter(&app, &owner).await? {
        Ok(filter) => filter,
        Err(mistakes) => {
            let told: Vec<_> = mistakes
                .into_iter()
                .map(|(field, text)| format!("`{field}`: {text}"))
                .collect();
            let title = "A filter of this export cannot be read";
            return Err(refused(title, told.join(" "), &view, &list));
        }
    };
    let export = Export {
        rules: rules(&app, &owner).await?,
        reader: app.context.store.reader(),
        order: view.order,
        owner,
        filter,
        app,
    };
    let now = export.owner.signed_in.now();
    let name = format!("{}-tokens", export.owner.enterprise.login);
    let download = Download {
        name,
        format,
        heads: HEADS,
    };
    download
        .send(
            now,
            stream::try_unfold(Some(export), async |state| next(state).await),
        )
        .await
}

fn refused(title: &str, text: String, view: &View, list: &str) -> PageError {
    PageError::Unprocessable {
        title: title.to_owned(),
        text,
        back: ("Back to the tokens".to_owned(), view.address(list)),
    }
}

/// What an export still has to read.
struct Export {
    app: App,
    owner: EnterpriseOwner,
    rules: Rules,
    reader: Reader,
    filter: Filter,
    order: Order,
}

type Batch = Vec<Vec<Cell>>;

/// Reads the next batch; none after one that was not full.
async fn next(state: Option<Export>) -> Result<Option<(Batch, Option<Export>)>> {
    let Some(mut export) = state else {
        return Ok(None);
    };
    let scope = scope(&export.owner, &export.rules);
    let (filter, order) = (&export.filter, export.order);
    let entries = inventory::list(&mut export.reader, scope, filter, order, BATCH).await?;
    let details = Details::load(&mut export.reader, &entries).await?;
    let cells = entries
        .iter()
        .map(|entry| cells(&export, scope, entry, &details));
    let batch: Batch = cells.collect();
    let is_full = i64::try_from(entries.len()).is_ok_and(|count| count == BATCH);
    let last = entries.last().filter(|_| is_full);
    let Some(place) = last.map(|entry| entry.place(order.by)) else {
        return Ok(Some((batch, None)));
    };
    export.filter.beyond = Some(place);
    Ok(Some((batch, Some(export))))
}

fn cells(export: &Export, scope: Scope<'_>, entry: &Entry, details: &Details) -> Vec<Cell> {
    let slug = &export.owner.enterprise.login;
    let shown = row(export.app.context.catalog, slug, scope, entry, details);
    let exempt = |wanted: Exempted| -> Option<Timestamp> {
        let given = entry.exempted(details.exemptions(entry), scope.now);
        given
            .filter(|(policy, _)| *policy == wanted)
            .map(|(_, until)| until)
            .max()
    };
    let life = entry
        .expires_at
        .map(|end| end.micros_since(entry.starts_at) / DAY);
    vec![
        entry.token_id.get().into(),
        entry.kind.as_str().into(),
        shown.token.into(),
        shown.login.into(),
        shown.name.into(),
        shown.is_managed.into(),
        shown.is_suspended.into(),
        shown.owner.into(),
        shown.state.word.into(),
        Some(shown.state.reason)
            .filter(|reason| !reason.is_empty())
            .into(),
        shown.highest.map(Level::as_str).into(),
        shown.gives.into(),
        shown.repositories.into(),
        shown.last_used_at.into(),
        entry.starts_at.into(),
        shown.expires_at.into(),
        life.into(),
        exempt(Exempted::Access).into(),
        exempt(Exempted::Lifetime).into(),
    ]
}
