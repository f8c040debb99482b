//! One request as lists show it.

use crate::app::App;
use crate::domain::approval::risk::{Risk, RiskFacts, risks};
use crate::domain::ids::{AccountId, RequestId};
use crate::store::listings::{self, Entry, RepositoriesById};
use crate::store::reviews::{self, Addition};
use crate::web::error::PageResult;
use crate::web::pages::organization::reviewer::Reviewer;
use crate::web::pages::organization::view::View;
use crate::web::pages::organization::{chosen, phrases};

/// A line of the queue.
#[derive(Debug)]
pub struct Row {
    /// Its page.
    pub href: String,
    /// What its check box sends.
    pub value: String,
    /// Who asks.
    pub login: String,
    /// By what name.
    pub name: String,
    /// The token's name.
    pub token: String,
    /// The permissions that it adds or raises.
    pub adds: Vec<String>,
    /// The repositories that it names.
    pub repositories: String,
    /// What to notice.
    pub risks: Vec<Risk>,
    /// When it was asked, in microseconds.
    pub at: i64,
}

/// Puts the lines together, in as many statements for one as for a hundred.
pub async fn rows(
    app: &App,
    reviewer: &Reviewer,
    view: &View,
    entries: &[Entry],
) -> PageResult<Vec<Row>> {
    let mut db = app.context.store.reader();
    let numbers: Vec<i64> = entries.iter().map(|entry| entry.id).collect();
    let ids: Vec<RequestId> = entries.iter().map(Entry::request_id).collect();
    let users: Vec<AccountId> = entries.iter().map(|entry| entry.user_id).collect();
    let mut additions = reviews::list_additions(&mut db, &ids).await?;
    let repositories = listings::repositories_of_requests(&mut db, &numbers).await?;
    let first = reviews::list_first_requests(&mut db, reviewer.owner.id, &users).await?;
    let rows = entries.iter().map(|entry| {
        let id = entry.request_id();
        let added = additions.remove(&id).unwrap_or_default();
        let is_first = first.get(&entry.user_id) == Some(&id);
        Row {
            href: view.address(&reviewer.paths.request(id)),
            ..row(app, reviewer, entry, &added, &repositories, is_first)
        }
    });
    Ok(rows.collect())
}

fn row(
    app: &App,
    reviewer: &Reviewer,
    entry: &Entry,
    added: &[Addition],
    repositories: &RepositoriesById,
    is_first: bool,
) -> Row {
    let names = repositories.get(&entry.id).map_or(&[][..], Vec::as_slice);
    Row {
        href: String::new(),
        value: chosen::value(entry),
        login: entry.user_login.clone(),
        name: entry.user_name.clone(),
        token: entry.token_name.clone(),
        adds: phrases::additions(app.context.catalog, added),
        repositories: phrases::repositories(&reviewer.owner.login, entry.selection, names),
        risks: risks(&RiskFacts {
            adds: phrases::highest_added(added),
            selection: entry.selection,
            allows_rotation: entry.allows_rotation,
            expires_at: entry.expires_at,
            relation: entry.relation,
            is_first,
            now: reviewer.signed_in.now(),
        }),
        at: entry.at.as_micros(),
    }
}
