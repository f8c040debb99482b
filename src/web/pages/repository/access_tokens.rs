//! `/{owner}/{repo}/settings/access-tokens`: who and what can touch a repository: people with their role and why, and, for
//! those who own it, the tokens that reach it. Nothing of other owners is shown.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use super::frame::{self, Paths};
use super::visitor::{RepositoryAdmin, RepositoryVisitor};
use super::words;
use crate::app::App;
use crate::domain::account::AccountKind;
use crate::domain::catalog::Catalog;
use crate::domain::permission::Level;
use crate::domain::role::RepositoryRole;
use crate::domain::selection::SelectionKind;
use crate::domain::time::Timestamp;
use crate::domain::token::expiry::is_over;
use crate::store::listings::{
    self, Direction, Entry, EntryFilter, Key, Order, Page, PermissionsById, Place, SortBy,
};
use crate::store::reach::{self, People, PeoplePage, Person};
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::{PageResult, page};
use crate::web::form::{Fields, QueryFields};

/// How many people or tokens a page shows.
const SIZE: usize = 50;

const NEWEST_FIRST: Order = Order {
    by: SortBy::At,
    direction: Direction::Descending,
};

#[derive(Template)]
#[template(path = "pages/repository/access_tokens.html")]
struct Access {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    path: String,
    full_name: String,
    owner: String,
    readers: String,
    sees_tokens: bool,
    view: View,
    search: String,
    people: Vec<PersonRow>,
    tokens: Vec<TokenRow>,
    first: String,
    next: String,
}

/// Which of the two lists is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    People,
    Tokens,
}

/// One person.
struct PersonRow {
    login: String,
    name: String,
    role: RepositoryRole,
    why: String,
    is_suspended: bool,
}

/// One token.
struct TokenRow {
    href: String,
    name: String,
    login: String,
    user_name: String,
    gives: Vec<String>,
    highest: Option<Level>,
    selection: &'static str,
    last_used_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    is_expired: bool,
}

/// Shows the people, or with `?view=tokens` the tokens.
pub async fn get(
    State(app): State<App>,
    RepositoryAdmin(visitor): RepositoryAdmin,
    QueryFields(query): QueryFields,
) -> PageResult {
    let paths = Paths::of(&visitor);
    let trail = vec![
        Crumb::link("Settings", &paths.settings),
        Crumb::text("Access"),
    ];
    let (chrome, nav) = frame::around(&visitor, "Access", &paths.access_tokens, trail);
    let sees_tokens = visitor.owns_it();
    let view = if sees_tokens && query.get("view") == "tokens" {
        View::Tokens
    } else {
        View::People
    };
    let search: String = query.get("q").trim().chars().take(100).collect();
    let mut template = Access {
        chrome,
        nav,
        now: visitor.signed_in.now().as_micros(),
        path: paths.access_tokens,
        full_name: visitor.repository.full_name(),
        owner: visitor.owner.name.clone(),
        readers: super::overview::readers(&app, &visitor).await?,
        sees_tokens,
        view,
        search,
        people: Vec::new(),
        tokens: Vec::new(),
        first: String::new(),
        next: String::new(),
    };
    match view {
        View::People => template.load_people(&app, &visitor, &query).await?,
        View::Tokens => template.load_tokens(&app, &visitor, &query).await?,
    }
    Ok(page(StatusCode::OK, template))
}

impl Access {
    async fn load_people(
        &mut self,
        app: &App,
        visitor: &RepositoryVisitor,
        query: &Fields,
    ) -> PageResult<()> {
        let after = query.get("after");
        let part = PeoplePage {
            search: &self.search,
            after,
            limit: i64::try_from(SIZE + 1).expect("a page is small"),
            offset: 0,
        };
        let (repository, owner) = (&visitor.repository, &visitor.owner);
        let base = owner.base_permission;
        let mut db = app.context.store.reader();
        let mut found =
            reach::list_people(&mut db, repository, base, People::Everybody, part).await?;
        let has_more = found.len() > SIZE;
        found.truncate(SIZE);
        let last = found.last().map(|person| person.login.clone());
        self.link(after, last.filter(|_| has_more));
        self.people = found
            .iter()
            .filter_map(|person| person_row(person, visitor))
            .collect();
        Ok(())
    }

    async fn load_tokens(
        &mut self,
        app: &App,
        visitor: &RepositoryVisitor,
        query: &Fields,
    ) -> PageResult<()> {
        let after = query.get("after");
        let filter = EntryFilter {
            repository: Some(visitor.repository.id),
            beyond: read_place(after),
            ..EntryFilter::default()
        };
        let part = Page {
            limit: i64::try_from(SIZE + 1).expect("a page is small"),
            offset: 0,
        };
        let mut db = app.context.store.reader();
        let owner = visitor.owner.id;
        let mut found = listings::list_grants(&mut db, owner, &filter, NEWEST_FIRST, part).await?;
        let has_more = found.len() > SIZE;
        found.truncate(SIZE);
        let last = found
            .last()
            .map(|entry| format!("{}-{}", entry.at.as_micros(), entry.id));
        self.link(after, last.filter(|_| has_more));
        let ids: Vec<_> = found.iter().map(|entry| entry.id).collect();
        let permissions = listings::permissions_of_grants(&mut db, &ids).await?;
        let catalog = app.context.catalog;
        self.tokens = found
            .iter()
            .map(|entry| token_row(catalog, visitor, entry, &permissions))
            .collect();
        Ok(())
    }

    /// The addresses of the first page and of the next one.
    fn link(&mut self, after: &str, last: Option<String>) {
        let view = match self.view {
            View::People => "",
            View::Tokens => "tokens",
        };
        let address = |after: &str| {
            let pairs = [
                ("view", view),
                ("q", self.search.as_str()),
                ("after", after),
            ];
            let fields = Fields::new(pairs.into_iter().filter(|(_, text)| !text.is_empty()));
            format!("{}?{}", self.path, fields.encode())
        };
        let first = if after.is_empty() {
            String::new()
        } else {
            address("")
        };
        let next = last.map_or_else(String::new, |last| address(&last));
        (self.first, self.next) = (first, next);
    }
}

fn read_place(text: &str) -> Option<Place> {
    let (at, id) = text.split_once('-')?;
    Some(Place {
        key: Key::Number(at.parse().ok()?),
        id: id.parse().ok()?,
    })
}

fn person_row(person: &Person, visitor: &RepositoryVisitor) -> Option<PersonRow> {
    let (repository, owner) = (&visitor.repository, &visitor.owner);
    Some(PersonRow {
        role: person.role(repository, owner.base_permission)?,
        why: words::why(person, owner, repository),
        login: person.login.clone(),
        name: person.name.clone(),
        is_suspended: person.suspended_at.is_some(),
    })
}

fn token_row(
    catalog: &Catalog,
    visitor: &RepositoryVisitor,
    entry: &Entry,
    permissions: &PermissionsById,
) -> TokenRow {
    let held = permissions.get(&entry.id).map_or(&[][..], Vec::as_slice);
    let lines = held.iter().filter_map(|(slug, level)| {
        let permission = catalog.find_permission(slug)?;
        // What comes by itself says nothing beside the rest.
        let is_told = held.len() == 1 || !permission.automatic;
        is_told.then(|| format!("{}: {level}", permission.title))
    });
    TokenRow {
        href: token_link(visitor, entry),
        name: entry.token_name.clone(),
        login: entry.user_login.clone(),
        user_name: entry.user_name.clone(),
        gives: lines.collect(),
        highest: held
            .iter()
            .map(|(_, level)| *level)
            .max()
            .filter(|level| *level > Level::Read),
        selection: match entry.selection {
            SelectionKind::All => "As one of all repositories",
            SelectionKind::Selected | SelectionKind::Public => "By name",
        },
        last_used_at: entry.last_used_at,
        expires_at: entry.expires_at,
        is_expired: is_over(entry.expires_at, visitor.signed_in.now()),
    }
}

/// The page of a token: its user's own, or that of whose repositories it reaches.
fn token_link(visitor: &RepositoryVisitor, entry: &Entry) -> String {
    if visitor.owner.kind == AccountKind::Organization {
        let login = &visitor.owner.login;
        return format!(
            "/organizations/{login}/settings/personal-access-tokens/active/{}",
            entry.grant_id
        );
    }
    if entry.user_id == visitor.signed_in.user.id {
        return format!("/settings/personal-access-tokens/{}", entry.token_id);
    }
    format!(
        "/settings/personal-access-token-requests/active/{}",
        entry.grant_id
    )
}
