//! Everybody with a role in an organization or on its repositories, a page at a time.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use super::window::{Cut, Window};
use super::{NAMED, add_path, base_path, of_person, person_path, repositories, role_word};
use crate::app::App;
use crate::domain::access::rights::BasePermission;
use crate::domain::ids::AccountId;
use crate::domain::time::Timestamp;
use crate::store::members::{self, Activity, Counts, Order, Part};
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::{PageResult, page};
use crate::web::extract::OrganizationOwner;
use crate::web::form::QueryFields;
use crate::web::pages::organization::frame;

#[derive(Template)]
#[template(path = "pages/organization/members/list.html")]
struct List {
    chrome: Chrome,
    nav: Nav,
    organization: String,
    path: String,
    add: String,
    base: String,
    base_sentence: String,
    counts: Counts,
    window: Window,
    rows: Vec<Row>,
    newer: String,
    older: String,
}

/// One person as the list shows them.
struct Row {
    href: String,
    login: String,
    name: String,
    role: &'static str,
    is_suspended: bool,
    repositories: Vec<String>,
    since: Option<Timestamp>,
    activity: Activity,
    tokens_href: String,
    waiting_href: String,
}

impl List {
    fn tab(&self, part: Part) -> String {
        self.window.of_part(part, &self.path)
    }

    fn shows(&self, part: Part) -> bool {
        self.window.part == part
    }

    fn sorted(&self, order: Order) -> String {
        self.window.sorted(order, &self.path)
    }
}

/// Shows one page of the list.
pub async fn get(
    State(app): State<App>,
    owner: OrganizationOwner,
    QueryFields(query): QueryFields,
) -> PageResult {
    let organization = &owner.organization;
    let path = frame::people_path(&organization.login);
    let window = Window::read(&query, &path)?;
    let mut db = app.context.store.reader();
    let found = members::list_people(&mut db, organization.id, &window.filter()).await?;
    let cut = window.cut(found, &path);
    let rows = rows(&app, &owner, &cut).await?;
    let trail = vec![Crumb::text("People")];
    let (chrome, nav) = frame::around(&app, &owner, "People", &path, trail).await?;
    let template = List {
        chrome,
        nav,
        organization: organization.name.clone(),
        add: add_path(&organization.login),
        base: base_path(&organization.login),
        base_sentence: base_sentence(organization.base_permission),
        counts: members::count_people(&mut db, organization.id).await?,
        rows,
        newer: cut.before,
        older: cut.after,
        path,
        window,
    };
    Ok(page(StatusCode::OK, template))
}

/// What members have, in one sentence.
fn base_sentence(base: BasePermission) -> String {
    match base {
        BasePermission::None => {
            "Members have nothing on private repositories but what a repository gives them itself."
                .to_owned()
        }
        BasePermission::Read | BasePermission::Write | BasePermission::Admin => {
            format!("Members have {base} on every private and internal repository.")
        }
    }
}

async fn rows(app: &App, owner: &OrganizationOwner, cut: &Cut) -> PageResult<Vec<Row>> {
    let organization = &owner.organization;
    let mut db = app.context.store.reader();
    let users: Vec<AccountId> = cut.people.iter().map(|person| person.user_id).collect();
    let activity = members::list_activity(&mut db, organization.id, &users).await?;
    let roles = members::list_collaborations(&mut db, organization.id, &users, NAMED).await?;
    let login = &organization.login;
    let (active, requests) = (frame::active_path(login), frame::requests_path(login));
    let row = |person: &members::Person| Row {
        href: person_path(login, person.user_id),
        login: person.login.clone(),
        name: person.name.clone(),
        role: role_word(person.role),
        is_suspended: person.suspended_at.is_some(),
        repositories: roles
            .get(&person.user_id)
            .map_or_else(Vec::new, |found| repositories(found)),
        since: person.since,
        activity: activity.get(&person.user_id).copied().unwrap_or_default(),
        tokens_href: of_person(&active, &person.login),
        waiting_href: of_person(&requests, &person.login),
    };
    Ok(cut.people.iter().map(row).collect())
}
