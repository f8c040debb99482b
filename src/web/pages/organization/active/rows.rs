//! One token with access as lists show it.

use crate::app::App;
use crate::domain::ids::TokenId;
use crate::domain::permission::Level;
use crate::domain::time::Timestamp;
use crate::domain::token::expiry::is_over;
use crate::store::listings::{self, Entry, PermissionsById, RepositoriesById};
use crate::store::reviews;
use crate::web::error::PageResult;
use crate::web::pages::organization::reviewer::Reviewer;
use crate::web::pages::organization::view::View;
use crate::web::pages::organization::{chosen, exempt, phrases};
use crate::web::usage;

/// A line of the list.
#[derive(Debug)]
pub struct Row {
    /// Its page.
    pub href: String,
    /// What its check box sends.
    pub value: String,
    /// Whose.
    pub login: String,
    /// By what name.
    pub name: String,
    /// The token's name.
    pub token: String,
    /// What it gives.
    pub gives: Vec<String>,
    /// The highest level among it.
    pub highest: Option<Level>,
    /// How much of it was not used lately; empty where all was.
    pub unused: String,
    /// The repositories that it reaches.
    pub repositories: String,
    /// When it was last used here.
    pub last_used_at: Option<Timestamp>,
    /// When its life ends.
    pub expires_at: Option<Timestamp>,
    /// Whether its life is over.
    pub is_expired: bool,
    /// The policies that it is exempt from here, a sentence each.
    pub exempt: Vec<String>,
}

impl Row {
    /// The highest level where it is worth a reviewer's eye.
    pub fn risk(&self) -> Option<Level> {
        self.highest.filter(|level| *level > Level::Read)
    }
}

/// Puts the lines together, in as many statements for one as for a hundred.
pub async fn rows(
    app: &App,
    reviewer: &Reviewer,
    view: &View,
    entries: &[Entry],
) -> PageResult<Vec<Row>> {
    let mut db = app.context.store.reader();
    let ids: Vec<i64> = entries.iter().map(|entry| entry.id).collect();
    let tokens: Vec<TokenId> = entries.iter().map(|entry| entry.token_id).collect();
    let permissions = listings::permissions_of_grants(&mut db, &ids).await?;
    let repositories = listings::repositories_of_grants(&mut db, &ids).await?;
    let since = usage::first_day(reviewer.signed_in.now());
    let used = reviews::list_used_permissions(&mut db, reviewer.owner.id, &tokens, since).await?;
    let now = reviewer.signed_in.now();
    let mut exempt = exempt::list(&mut db, &reviewer.owner, &tokens, now).await?;
    let rows = entries.iter().map(|entry| {
        let held = permissions.get(&entry.id).map_or(&[][..], Vec::as_slice);
        let used = used.get(&entry.token_id);
        let is_used = |slug: &str| used.is_some_and(|used| used.contains(slug));
        Row {
            href: view.address(&reviewer.paths.grant(entry.grant_id)),
            unused: phrases::unused(app.context.catalog, held, is_used),
            exempt: exempt.remove(&entry.token_id).unwrap_or_default(),
            ..row(app, reviewer, entry, &permissions, &repositories)
        }
    });
    Ok(rows.collect())
}

fn row(
    app: &App,
    reviewer: &Reviewer,
    entry: &Entry,
    permissions: &PermissionsById,
    repositories: &RepositoriesById,
) -> Row {
    let held = permissions.get(&entry.id).map_or(&[][..], Vec::as_slice);
    let names = repositories.get(&entry.id).map_or(&[][..], Vec::as_slice);
    Row {
        href: String::new(),
        value: chosen::value(entry),
        login: entry.user_login.clone(),
        name: entry.user_name.clone(),
        token: entry.token_name.clone(),
        gives: phrases::held(app.context.catalog, held),
        highest: held.iter().map(|(_, level)| *level).max(),
        unused: String::new(),
        repositories: phrases::repositories(&reviewer.owner.login, entry.selection, names),
        last_used_at: entry.last_used_at,
        expires_at: entry.expires_at,
        is_expired: is_over(entry.expires_at, reviewer.signed_in.now()),
        exempt: Vec::new(),
    }
}
