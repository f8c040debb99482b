//! Everybody who belongs to an enterprise, a page at a time.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use super::{one, role};
use crate::app::App;
use crate::domain::ids::AccountId;
use crate::domain::time::Timestamp;
use crate::store::enterprises::{self, PeopleFilter, PeopleOf, Person};
use crate::store::inventory::CLASSIC_DAYS;
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::{PageResult, page};
use crate::web::extract::EnterpriseOwner;
use crate::web::form::{Fields, QueryFields};
use crate::web::pages::enterprise::frame;
use crate::web::pages::enterprise::window::{Cut, Placed, Window};

/// So many roles are named in a row; more are counted.
const NAMED: usize = 3;

/// Which people can be asked for, by the word in addresses.
const PARTS: [(&str, &str, PeopleOf); 6] = [
    ("", "Everybody", PeopleOf::Everybody),
    ("managed", "Managed users", PeopleOf::Managed),
    (
        "unmanaged",
        "Users who are not managed",
        PeopleOf::Unmanaged,
    ),
    ("owners", "Owners of the enterprise", PeopleOf::Owners),
    (
        "organization-owners",
        "Owners of organizations",
        PeopleOf::OrganizationOwners,
    ),
    ("suspended", "Suspended", PeopleOf::Suspended),
];

#[derive(Template)]
#[template(path = "pages/enterprise/people/list.html")]
struct List {
    chrome: Chrome,
    nav: Nav,
    enterprise: String,
    path: String,
    window: Window,
    parts: &'static [(&'static str, &'static str, PeopleOf)],
    mistakes: Vec<(&'static str, String)>,
    chips: Vec<(String, String)>,
    rows: Vec<Row>,
    before: String,
    after: String,
}

impl List {
    fn errors(&self) -> Vec<(&'static str, &str)> {
        let pairs = self.mistakes.iter();
        pairs.map(|(field, text)| (*field, text.as_str())).collect()
    }

    fn error(&self, field: &str) -> &str {
        let found = self.mistakes.iter().find(|(known, _)| *known == field);
        found.map_or("", |(_, text)| text)
    }

    fn is_narrowed(&self) -> bool {
        self.window.filters.pairs().next().is_some()
    }
}

/// One person as the list shows them.
struct Row {
    href: String,
    login: String,
    name: String,
    is_managed: bool,
    is_suspended: bool,
    roles: Vec<String>,
    tokens: i64,
    tokens_href: String,
    since: Timestamp,
}

impl Placed for Person {
    fn place(&self) -> (&str, Timestamp, AccountId) {
        (&self.login, self.created_at, self.id)
    }
}

/// Shows one page of the list.
pub async fn get(
    State(app): State<App>,
    owner: EnterpriseOwner,
    QueryFields(query): QueryFields,
) -> PageResult {
    let path = frame::people_path(&owner.enterprise.login);
    let window = Window::read(&query, &["q", "show", "organization"], &path)?;
    let (cut, mistakes) = match read(&app, &owner, &window).await? {
        Ok(filter) => {
            let mut db = app.context.store.reader();
            let found = enterprises::list_people(&mut db, owner.enterprise.id, &filter).await?;
            (window.cut(found, &path), Vec::new())
        }
        Err(mistakes) => (nobody(), mistakes),
    };
    let status = if mistakes.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let (chrome, nav) = frame::around(&owner, "People", &path, vec![Crumb::text("People")]);
    let template = List {
        chrome,
        nav,
        enterprise: owner.enterprise.name.clone(),
        parts: &PARTS,
        chips: chips(&window, &path),
        rows: rows(&app, &owner, &cut.rows).await?,
        before: cut.before,
        after: cut.after,
        mistakes,
        path,
        window,
    };
    Ok(page(status, template))
}

const fn nobody() -> Cut<Person> {
    Cut {
        rows: Vec::new(),
        before: String::new(),
        after: String::new(),
    }
}

type Mistakes = Vec<(&'static str, String)>;

/// The filter that an address asks for, or every mistake in it.
async fn read(
    app: &App,
    owner: &EnterpriseOwner,
    window: &Window,
) -> PageResult<Result<PeopleFilter, Mistakes>> {
    let mut mistakes = Vec::new();
    let word = window.get("show");
    let part = PARTS.iter().find(|(known, _, _)| *known == word);
    if part.is_none() {
        mistakes.push(("show", "Choose from the list who is shown.".to_owned()));
    }
    let login = window.get("organization");
    let enterprise = &owner.enterprise;
    let organization = if login.is_empty() {
        None
    } else {
        let mut db = app.context.store.reader();
        let found = enterprises::find_organization(&mut db, enterprise.id, login).await?;
        if found.is_none() {
            let told = format!("{} has no organization named `{login}`.", enterprise.name);
            mistakes.push(("organization", told));
        }
        found.map(|one| one.id)
    };
    if !mistakes.is_empty() {
        return Ok(Err(mistakes));
    }
    Ok(Ok(PeopleFilter {
        of: part.map_or(PeopleOf::Everybody, |(_, _, of)| *of),
        organization,
        search: window.get("q").to_owned(),
        page: window.page(),
    }))
}

/// The filters that are on, each with the address without it.
fn chips(window: &Window, path: &str) -> Vec<(String, String)> {
    let label = |name: &str, text: &str| match name {
        "q" => format!("“{text}”"),
        "show" => {
            let found = PARTS.iter().find(|(known, _, _)| *known == text);
            found.map_or(text, |(_, label, _)| label).to_owned()
        }
        _ => format!("Organization: {text}"),
    };
    window
        .filters
        .pairs()
        .map(|(name, text)| (label(name, text), window.without(name, path)))
        .collect()
}

/// Puts the rows together, in as many statements for one as for fifty.
async fn rows(app: &App, owner: &EnterpriseOwner, people: &[Person]) -> PageResult<Vec<Row>> {
    let (enterprise, slug) = (owner.enterprise.id, &owner.enterprise.login);
    let mut db = app.context.store.reader();
    let now = owner.signed_in.now();
    let users: Vec<AccountId> = people.iter().map(|person| person.id).collect();
    let roles = enterprises::list_memberships(&mut db, enterprise, &users).await?;
    let since = now.plus_days(-CLASSIC_DAYS);
    let tokens = enterprises::count_tokens_of(&mut db, enterprise, &users, since, now).await?;
    let row = |person: &Person| Row {
        href: one::path(slug, person.id),
        login: person.login.clone(),
        name: person.name.clone(),
        is_managed: person.is_managed,
        is_suspended: person.suspended_at.is_some(),
        roles: some_roles(roles.get(&person.id).map_or(&[], Vec::as_slice)),
        tokens: tokens.get(&person.id).copied().unwrap_or_default(),
        tokens_href: of_person(slug, &person.login),
        since: person.created_at,
    };
    Ok(people.iter().map(row).collect())
}

/// A person's tokens in the inventory.
pub(super) fn of_person(slug: &str, login: &str) -> String {
    let query = Fields::new([("person", login)]).encode();
    format!("{}?{query}", frame::tokens_path(slug))
}

fn some_roles(roles: &[enterprises::Membership]) -> Vec<String> {
    let mut lines: Vec<_> = roles.iter().take(NAMED).map(role).collect();
    if roles.len() > NAMED {
        lines.push(format!("{} more", roles.len() - NAMED));
    }
    lines
}
