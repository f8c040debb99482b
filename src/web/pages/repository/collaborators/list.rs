//! The list of collaborators, and a form that adds one.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};

use super::roles;
use crate::actions::set_collaborator::set_collaborator;
use crate::app::App;
use crate::domain::repository::{Field, Mistake};
use crate::domain::role::RepositoryRole;
use crate::store::reach::{self, People, PeoplePage, Person};
use crate::web::chrome::{Chrome, Crumb, FlashKind, Nav};
use crate::web::error::{PageResult, page};
use crate::web::form::{Fields, Form, QueryFields};
use crate::web::pages::repository::frame::{self, Paths};
use crate::web::pages::repository::outcome::{Mistakes, Undone, undone};
use crate::web::pages::repository::{RepositoryAdmin, RepositoryVisitor};

/// How many people a page shows.
const SIZE: usize = 50;

#[derive(Template)]
#[template(path = "pages/repository/collaborators/list.html")]
struct List {
    chrome: Chrome,
    nav: Nav,
    paths: Paths,
    full_name: String,
    owner: String,
    people: Vec<Person>,
    search: String,
    first: String,
    next: String,
    roles: Vec<(&'static str, &'static str)>,
    person: String,
    role: String,
    mistakes: Mistakes,
}

/// Shows a page of the list; the form is filled with what was typed before a confirmation.
pub async fn get(
    State(app): State<App>,
    RepositoryAdmin(visitor): RepositoryAdmin,
    QueryFields(query): QueryFields,
) -> PageResult {
    let restored = visitor.signed_in.restored(&app, &query).await?;
    let typed = restored.unwrap_or_default();
    draw(&app, &visitor, &query, &typed, Mistakes::default()).await
}

/// Adds a person, or gives them another role.
pub async fn post(
    State(app): State<App>,
    RepositoryAdmin(visitor): RepositoryAdmin,
    Form(fields): Form,
) -> PageResult {
    let nothing = Fields::default();
    let Ok(role) = fields.get("role").parse::<RepositoryRole>() else {
        let mistake = Mistake::new(Field::Role, "Choose a role: one of the answers below.");
        let mistakes = Mistakes::new(vec![mistake]);
        return draw(&app, &visitor, &nothing, &fields, mistakes).await;
    };
    let login = fields.get("person").trim();
    let path = Paths::of(&visitor).collaborators;
    let full_name = visitor.repository.full_name();
    let act = format!("give {login} the role {} on {full_name}", role.as_str());
    let signed_in = &visitor.signed_in;
    if let Some(way) = signed_in.ask_first(&app, &act, &path, &fields).await {
        return Ok(way);
    }
    let (origin, by) = (signed_in.origin(), signed_in.user.id);
    let id = visitor.repository.id;
    let set = set_collaborator(&app.context, &origin, by, id, login, role).await;
    match set.map_err(|error| undone(error, &path)) {
        Ok(before) => {
            let word = role.as_str();
            let text = match before {
                Some(before) if before == role => format!("{login} has the role {word} already."),
                Some(before) => {
                    format!("{login} has the role {word} now, had {}.", before.as_str())
                }
                None => format!("{login} has the role {word} now."),
            };
            signed_in.flash(FlashKind::Success, text).await;
            Ok(Redirect::to(&path).into_response())
        }
        Err(Undone::Mistakes(mistakes)) => {
            let mistakes = Mistakes::new(mistakes);
            draw(&app, &visitor, &nothing, &fields, mistakes).await
        }
        Err(Undone::Page(error)) => Err(error),
    }
}

async fn draw(
    app: &App,
    visitor: &RepositoryVisitor,
    query: &Fields,
    typed: &Fields,
    mistakes: Mistakes,
) -> PageResult {
    let paths = Paths::of(visitor);
    let trail = vec![
        Crumb::link("Settings", &paths.settings),
        Crumb::text("Collaborators"),
    ];
    let (chrome, nav) = frame::around(visitor, "Collaborators", &paths.collaborators, trail);
    let status = if mistakes.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let search: String = query.get("q").trim().chars().take(100).collect();
    let mut people = find(app, visitor, &search, query.get("after")).await?;
    let has_more = people.len() > SIZE;
    people.truncate(SIZE);
    let next = people.last().filter(|_| has_more);
    let template = List {
        chrome,
        nav,
        full_name: visitor.repository.full_name(),
        owner: visitor.owner.name.clone(),
        first: if query.get("after").is_empty() {
            String::new()
        } else {
            address(&paths.collaborators, &search, "")
        },
        next: next.map_or_else(String::new, |last| {
            address(&paths.collaborators, &search, &last.login)
        }),
        people,
        search,
        paths,
        roles: roles(),
        person: typed.get("person").to_owned(),
        role: match typed.get("role") {
            "" => RepositoryRole::Read.as_str().to_owned(),
            role => role.to_owned(),
        },
        mistakes,
    };
    Ok(page(status, template))
}

async fn find(
    app: &App,
    visitor: &RepositoryVisitor,
    search: &str,
    after: &str,
) -> PageResult<Vec<Person>> {
    let page = PeoplePage {
        search,
        after,
        limit: i64::try_from(SIZE + 1).expect("a page is small"),
        offset: 0,
    };
    let base = visitor.owner.base_permission;
    let mut db = app.context.store.reader();
    let found = reach::list_people(
        &mut db,
        &visitor.repository,
        base,
        People::Collaborators,
        page,
    )
    .await?;
    Ok(found)
}

fn address(list: &str, search: &str, after: &str) -> String {
    let pairs = [("q", search), ("after", after)];
    let fields = Fields::new(pairs.into_iter().filter(|(_, text)| !text.is_empty()));
    match fields.encode().as_str() {
        "" => list.to_owned(),
        query => format!("{list}?{query}"),
    }
}
