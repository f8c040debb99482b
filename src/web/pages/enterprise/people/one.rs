//! One person of an enterprise: where they belong in it, and what their tokens reach of it. Nothing of other owners is
//! read.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;

use super::list::of_person;
use super::role;
use crate::app::App;
use crate::domain::ids::AccountId;
use crate::domain::time::Timestamp;
use crate::store::accounts;
use crate::store::enterprises::{self, Person};
use crate::store::inventory::{self, Filter, Order, SortBy};
use crate::store::listings::Direction;
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::extract::EnterpriseOwner;
use crate::web::pages::enterprise::frame;
use crate::web::pages::enterprise::tokens::rows::{Row, rows};
use crate::web::pages::enterprise::tokens::{rules, scope};

/// So many tokens are shown; the inventory has the others.
const SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "pages/enterprise/people/one.html")]
struct One {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    enterprise: String,
    person: Person,
    lead: String,
    roles: Vec<(String, Timestamp)>,
    rows: Vec<Row>,
    is_cut: bool,
    inventory: String,
}

/// The part of a path that names one person: the login, or the number of the account.
#[derive(Debug, Deserialize)]
pub struct Id {
    id: String,
}

/// A person's page.
pub fn path(slug: &str, user: AccountId) -> String {
    format!("{}/{user}", frame::people_path(slug))
}

/// Shows one person; whoever does not belong to the enterprise does not exist.
pub async fn get(State(app): State<App>, owner: EnterpriseOwner, Path(id): Path<Id>) -> PageResult {
    let (enterprise, slug) = (&owner.enterprise, &owner.enterprise.login);
    let person = find(&app, &owner, &id).await?;
    let mut db = app.context.store.reader();
    let memberships = enterprises::list_memberships(&mut db, enterprise.id, &[person.id]).await?;
    let rules = rules(&app, &owner).await?;
    let scope = scope(&owner, &rules);
    let filter = Filter {
        user: Some(person.id),
        ..Filter::default()
    };
    let order = Order {
        by: SortBy::Age,
        direction: Direction::Descending,
    };
    let limit = i64::try_from(SHOWN + 1).expect("a page is small");
    let mut entries = inventory::list(&mut db, scope, &filter, order, limit).await?;
    let is_cut = entries.len() > SHOWN;
    entries.truncate(SHOWN);
    let list = frame::people_path(slug);
    let trail = vec![Crumb::link("People", &list), Crumb::text(&person.login)];
    let (chrome, nav) = frame::around(&owner, &person.login, &list, trail);
    let template = One {
        chrome,
        nav,
        now: scope.now.as_micros(),
        enterprise: enterprise.name.clone(),
        lead: lead(&person, &enterprise.name),
        roles: memberships
            .values()
            .flatten()
            .map(|one| (role(one), one.since))
            .collect(),
        rows: rows(&mut db, app.context.catalog, slug, scope, &entries).await?,
        inventory: of_person(slug, &person.login),
        is_cut,
        person,
    };
    Ok(page(StatusCode::OK, template))
}

async fn find(app: &App, owner: &EnterpriseOwner, id: &Id) -> PageResult<Person> {
    let mut db = app.context.store.reader();
    let user = if let Ok(user) = id.id.parse::<AccountId>() {
        user
    } else {
        let found = accounts::find_user(&mut db, &id.id).await?;
        found.ok_or(PageError::NotFound)?.id
    };
    let found = enterprises::find_person(&mut db, owner.enterprise.id, user).await?;
    found.ok_or(PageError::NotFound)
}

fn lead(person: &Person, enterprise: &str) -> String {
    if person.is_managed {
        format!(
            "Managed by {enterprise}: the account is the enterprise's, and its policy holds for the user's own repositories too."
        )
    } else {
        format!("Belongs to {enterprise}; the account is the user's own.")
    }
}
