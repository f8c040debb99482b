//! The lists of users, organizations and enterprises: searched, filtered, sorted, a page at a time.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use super::{around, list_path, list_title};
use crate::app::App;
use crate::domain::account::AccountKind;
use crate::domain::administration::{Sort, UserState};
use crate::store::accounts;
use crate::store::administration::{
    self, AccountFilter, EnterpriseRow, Listed, OrganizationRow, Part, UserRow,
};
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::form::{Fields, QueryFields};
use crate::web::site_admin::SiteAdmin;

/// How many accounts a page shows.
const SIZE: usize = 50;
/// How much of a search is read, in characters.
const LONGEST_SEARCH: usize = 255;

#[derive(Template)]
#[template(path = "pages/admin/users.html")]
struct Users {
    frame: Frame,
    chrome: Chrome,
    nav: Nav,
    rows: Vec<UserRow>,
}

#[derive(Template)]
#[template(path = "pages/admin/organizations.html")]
struct Organizations {
    frame: Frame,
    chrome: Chrome,
    nav: Nav,
    rows: Vec<OrganizationRow>,
}

#[derive(Template)]
#[template(path = "pages/admin/enterprises.html")]
struct Enterprises {
    frame: Frame,
    chrome: Chrome,
    nav: Nav,
    rows: Vec<EnterpriseRow>,
}

/// Shows the users.
pub async fn users(
    State(app): State<App>,
    admin: SiteAdmin,
    QueryFields(query): QueryFields,
) -> PageResult {
    let (frame, rows) = read(&app, &admin, &query).await?;
    let (chrome, nav) = surround(&admin, AccountKind::User);
    Ok(page(
        StatusCode::OK,
        Users {
            frame,
            chrome,
            nav,
            rows,
        },
    ))
}

/// Shows the organizations.
pub async fn organizations(
    State(app): State<App>,
    admin: SiteAdmin,
    QueryFields(query): QueryFields,
) -> PageResult {
    let (frame, rows) = read(&app, &admin, &query).await?;
    let (chrome, nav) = surround(&admin, AccountKind::Organization);
    Ok(page(
        StatusCode::OK,
        Organizations {
            frame,
            chrome,
            nav,
            rows,
        },
    ))
}

/// Shows the enterprises.
pub async fn enterprises(
    State(app): State<App>,
    admin: SiteAdmin,
    QueryFields(query): QueryFields,
) -> PageResult {
    let (frame, rows) = read(&app, &admin, &query).await?;
    let (chrome, nav) = surround(&admin, AccountKind::Enterprise);
    Ok(page(
        StatusCode::OK,
        Enterprises {
            frame,
            chrome,
            nav,
            rows,
        },
    ))
}

fn surround(admin: &SiteAdmin, kind: AccountKind) -> (Chrome, Nav) {
    let title = list_title(kind);
    around(admin, title, list_path(kind), vec![Crumb::text(title)])
}

/// What stands around the rows.
struct Frame {
    path: &'static str,
    now: i64,
    search: String,
    state: String,
    enterprise: String,
    sort: Sort,
    count: i64,
    chips: Vec<(String, String)>,
    by_login: String,
    by_age: String,
    before: String,
    after: String,
}

impl Frame {
    /// Whether the order is this one, as the head of its column says it.
    fn sorted(&self, sort: Sort) -> &'static str {
        match (self.sort == sort, sort) {
            (false, _) => "",
            (true, Sort::Login) => "ascending",
            (true, Sort::Newest) => "descending",
        }
    }

    /// Whether a filter is on.
    fn is_narrowed(&self) -> bool {
        !self.chips.is_empty()
    }
}

/// What an address asks for.
struct Asked {
    fields: Fields,
    filter: AccountFilter,
    part: Part,
}

async fn read<T: Listed>(
    app: &App,
    admin: &SiteAdmin,
    query: &Fields,
) -> PageResult<(Frame, Vec<T>)> {
    let path = list_path(T::KIND);
    let asked = Asked::read(app, query, path).await?;
    let mut db = app.context.store.reader();
    let mut rows: Vec<T> = administration::list(&mut db, &asked.filter, &asked.part).await?;
    let count = administration::count(&mut db, T::KIND, &asked.filter).await?;
    let has_more = rows.len() > SIZE;
    rows.truncate(SIZE);
    if asked.part.is_reversed {
        rows.reverse();
    }
    let (has_before, has_after) = if asked.part.is_reversed {
        (has_more, true)
    } else {
        (asked.part.beyond.is_some(), has_more)
    };
    let beside = |name, row: Option<&T>, there: bool| match row {
        Some(row) if there => asked.address(path, &[(name, &asked.mark(row))]),
        _ => String::new(),
    };
    let frame = Frame {
        path,
        now: admin.signed_in.now().as_micros(),
        search: asked.filter.search.clone(),
        state: asked.fields.get("state").to_owned(),
        enterprise: asked.fields.get("enterprise").to_owned(),
        sort: asked.part.sort,
        count,
        chips: asked.chips(path),
        by_login: asked.sorted_address(path, Sort::Login),
        by_age: asked.sorted_address(path, Sort::Newest),
        before: beside("before", rows.first(), has_before),
        after: beside("after", rows.last(), has_after),
    };
    Ok((frame, rows))
}

impl Asked {
    async fn read(app: &App, query: &Fields, path: &str) -> PageResult<Self> {
        let search: String = query.get("q").trim().chars().take(LONGEST_SEARCH).collect();
        let state = word::<UserState>(query.get("state"), path)?;
        let sort = word::<Sort>(query.get("sort"), path)?;
        let (beyond, is_reversed) = match (query.get("after"), query.get("before")) {
            ("", "") => (None, false),
            ("", before) => (Some(before.to_owned()), true),
            (after, _) => (Some(after.to_owned()), false),
        };
        let kept = ["q", "state", "enterprise", "sort"];
        let fields = kept.iter().map(|name| (*name, query.get(name).trim()));
        let fields = Fields::new(fields.filter(|(_, text)| !text.is_empty()));
        Ok(Self {
            filter: AccountFilter {
                search,
                state,
                enterprise: enterprise(app, fields.get("enterprise"), path).await?,
            },
            part: Part {
                sort: sort.unwrap_or(Sort::Login),
                is_reversed,
                beyond,
                limit: i64::try_from(SIZE + 1).expect("a page is small"),
            },
            fields,
        })
    }

    /// Where a row stands, for the address of the page beside it.
    fn mark<T: Listed>(&self, row: &T) -> String {
        let (id, login) = row.place();
        match self.part.sort {
            Sort::Login => login.to_owned(),
            Sort::Newest => id.to_string(),
        }
    }

    fn address(&self, path: &str, more: &[(&str, &str)]) -> String {
        let more = more.iter().copied();
        let fields = more.fold(self.fields.clone(), |fields, (name, text)| {
            fields.without(&[name]).with(name, text)
        });
        match fields.encode() {
            query if query.is_empty() => path.to_owned(),
            query => format!("{path}?{query}"),
        }
    }

    fn sorted_address(&self, path: &str, sort: Sort) -> String {
        self.address(path, &[("sort", sort.as_str())])
    }

    /// The filters that are on, each with the address that takes it away.
    fn chips(&self, path: &str) -> Vec<(String, String)> {
        let state = self.filter.state.map(|state| match state {
            UserState::Suspended => "Suspended",
            UserState::SiteAdmin => "Site administrators",
            UserState::NoPasskey => "Without a passkey",
        });
        let labels = [
            ("q", Some(format!("“{}”", self.filter.search))),
            ("state", state.map(str::to_owned)),
            (
                "enterprise",
                Some(format!("Of {}", self.fields.get("enterprise"))),
            ),
        ];
        let on = labels.into_iter().filter(|(name, _)| self.fields.has(name));
        on.filter_map(|(name, label)| {
            let rest = Self {
                fields: self.fields.without(&[name]),
                filter: self.filter.clone(),
                part: self.part.clone(),
            };
            Some((label?, rest.address(path, &[])))
        })
        .collect()
    }
}

/// One of a few words; none where nothing is written.
fn word<T: std::str::FromStr<Err: std::fmt::Display>>(
    text: &str,
    path: &str,
) -> PageResult<Option<T>> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse()
        .map(Some)
        .map_err(|error: T::Err| unknown(format!("The address says {error}."), path))
}

async fn enterprise(
    app: &App,
    slug: &str,
    path: &str,
) -> PageResult<Option<crate::domain::ids::AccountId>> {
    if slug.is_empty() {
        return Ok(None);
    }
    let found = accounts::find_slug(&mut app.context.store.reader(), slug).await?;
    match found {
        Some(found) => Ok(Some(found.id)),
        None => Err(unknown(format!("There is no enterprise `{slug}`."), path)),
    }
}

fn unknown(text: String, path: &str) -> PageError {
    PageError::Unprocessable {
        title: "This address asks for something unknown".to_owned(),
        text,
        back: ("To the whole list".to_owned(), path.to_owned()),
    }
}
