//! A reviewer approves part of a request: fewer permissions, lower levels, fewer repositories.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::content::{self, Named};
use super::decide::{check_shown, go_on};
use super::{Case, Id};
use crate::actions::approve::{self as approval, Change};
use crate::app::App;
use crate::domain::approval::Part;
use crate::domain::approval::part::{PartMistake, granted};
use crate::domain::catalog::Catalog;
use crate::domain::ids::RepositoryId;
use crate::domain::permission::{Level, PermissionId, PermissionSet};
use crate::domain::selection::Selection;
use crate::store::reviews;
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::{PageResult, page};
use crate::web::form::{Fields, Form, QueryFields};
use crate::web::pages::organization::reason::Typed;
use crate::web::pages::organization::reviewer::Reviewer;
use crate::web::pages::organization::{frame, outcome};

#[derive(Template)]
#[template(path = "pages/organization/requests/part.html")]
struct PartPage {
    chrome: Chrome,
    nav: Nav,
    owner: String,
    case: Case,
    permissions: Vec<PermissionChoice>,
    repositories: Vec<RepositoryChoice>,
    asks_for_all: bool,
    answers: Answers,
    errors: Vec<(String, String)>,
    back: String,
    path: String,
    query: String,
}

impl PartPage {
    fn error(&self, field: &str) -> &str {
        let found = self.errors.iter().find(|(known, _)| known == field);
        found.map_or("", |(_, text)| text)
    }
}

/// A permission that the request adds or raises, with the levels that can be granted of it.
struct PermissionChoice {
    field: String,
    title: String,
    sentence: String,
    current: String,
    options: Vec<(String, String)>,
}

/// A repository that the request adds.
struct RepositoryChoice {
    id: RepositoryId,
    name: String,
    visibility: String,
    is_chosen: bool,
}

/// What the form holds.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Answers {
    levels: BTreeMap<PermissionId, Option<Level>>,
    repositories: BTreeSet<RepositoryId>,
    keeps_all: bool,
    names: String,
    typed: Typed,
}

impl Answers {
    /// Before anything is left out: everything that is asked for.
    fn whole(change: &Change) -> Self {
        let asked = &change.asked;
        Self {
            levels: added(change).map(|(id, level)| (id, Some(level))).collect(),
            repositories: asked.selection.listed().collect(),
            keeps_all: true,
            names: String::new(),
            typed: Typed::default(),
        }
    }

    fn read(catalog: &Catalog, change: &Change, fields: &Fields) -> Self {
        let level = |id| fields.get(&field(catalog, id)).parse().ok();
        let chosen = fields.all("repository");
        Self {
            levels: added(change).map(|(id, _)| (id, level(id))).collect(),
            repositories: chosen.iter().filter_map(|id| id.parse().ok()).collect(),
            keeps_all: fields.get("selection") != "selected",
            names: fields.get("names").to_owned(),
            typed: Typed::mistake(fields).unwrap_or_else(|| Typed::restored(Some(fields))),
        }
    }

    /// The permissions that are granted: those chosen, beside those that the grant holds already.
    fn permissions(&self) -> PermissionSet {
        let chosen = self.levels.iter();
        chosen
            .filter_map(|(id, level)| Some((*id, (*level)?)))
            .collect()
    }
}

/// What the request adds or raises; what comes by itself is no choice.
fn added(change: &Change) -> impl Iterator<Item = (PermissionId, Level)> {
    let catalog = Catalog::github();
    let none = PermissionSet::new();
    let held = change
        .before
        .as_ref()
        .map_or(&none, |held| &held.permissions);
    let added: Vec<_> = change
        .asked
        .permissions
        .additions_over(held)
        .iter()
        .collect();
    added
        .into_iter()
        .filter(move |(id, _)| !catalog.permission(*id).automatic)
}

fn field(catalog: &Catalog, id: PermissionId) -> String {
    format!("permission-{}", catalog.permission(id).slug)
}

/// Shows the form, with everything that is asked for chosen.
pub async fn get(
    State(app): State<App>,
    reviewer: Reviewer,
    Path(id): Path<Id>,
    QueryFields(query): QueryFields,
) -> PageResult {
    let case = Case::find(&app, &reviewer, &id, &query).await?;
    let (change, obstacle) = content::preview(&app, &reviewer, &case).await?;
    if !case.waits() || obstacle.is_some() {
        return Ok(Redirect::to(&case.address(&reviewer)).into_response());
    }
    let restored = reviewer.signed_in.restored(&app, &query).await?;
    let answers = restored.map_or_else(
        || Answers::whole(&change),
        |fields| Answers::read(app.context.catalog, &change, &fields),
    );
    show(&app, &reviewer, case, &change, answers, Vec::new()).await
}

/// Approves what was chosen.
pub async fn post(
    State(app): State<App>,
    reviewer: Reviewer,
    Path(id): Path<Id>,
    QueryFields(query): QueryFields,
    Form(fields): Form,
) -> PageResult {
    let case = Case::find(&app, &reviewer, &id, &query).await?;
    let (change, _) = content::preview(&app, &reviewer, &case).await?;
    let answers = Answers::read(app.context.catalog, &change, &fields);
    let part = match judge(&app, &reviewer, &change, &answers).await? {
        Ok(part) => part,
        Err(errors) if case.waits() => {
            return show(&app, &reviewer, case, &change, answers, errors).await;
        }
        // Somebody was first: the action says who.
        Err(_) => Part::Whole,
    };
    let (user, token) = (&case.subject.user.login, &case.subject.token.name);
    let act = format!(
        "approve part of {user}'s request for {token} at {}",
        reviewer.name()
    );
    let address = case.view.address(&format!("{}/part", case.path(&reviewer)));
    let kept = fields.without(&["csrf"]);
    if let Some(way) = reviewer
        .signed_in
        .ask_first(&app, &act, &address, &kept)
        .await
    {
        return Ok(way);
    }
    check_shown(&case, &fields, &reviewer)?;
    carry_out(&app, &reviewer, &case, &answers, &part).await
}

async fn carry_out(
    app: &App,
    reviewer: &Reviewer,
    case: &Case,
    answers: &Answers,
    part: &Part,
) -> PageResult<Response> {
    let (owner, by) = (reviewer.owner.id, reviewer.signed_in.user.id);
    let (origin, why) = (reviewer.signed_in.origin(), answers.typed.reason.as_str());
    let id = case.request.id;
    match approval::approve(&app.context, &origin, owner, id, by, why, part).await {
        Ok(()) => {
            let (user, token) = (&case.subject.user.login, &case.subject.token.name);
            let text = format!(
                "Approved part of what {user}'s token {token} asked for. {user} sees on the token's page what was left out."
            );
            go_on(app, reviewer, case, text).await
        }
        Err(error) => {
            Err(outcome::undecided(app, reviewer, &case.matter(reviewer), id, error).await)
        }
    }
}

/// The part that the answers stand for, or what is wrong with them.
async fn judge(
    app: &App,
    reviewer: &Reviewer,
    change: &Change,
    answers: &Answers,
) -> PageResult<Result<Part, Vec<(String, String)>>> {
    let mut errors: Vec<(String, String)> = answers
        .typed
        .errors()
        .into_iter()
        .map(|(field, text)| (field.to_owned(), text.to_owned()))
        .collect();
    let selection = match selection(app, reviewer, change, answers).await? {
        Ok(selection) => selection,
        Err(error) => {
            errors.push(("repositories".to_owned(), error));
            return Ok(Err(errors));
        }
    };
    let part = Part::Of {
        permissions: answers.permissions(),
        selection,
    };
    let catalog = app.context.catalog;
    if let Err(mistakes) = granted(catalog, change.before.as_ref(), &change.asked, &part) {
        errors.extend(mistakes.iter().map(|mistake| said(catalog, *mistake)));
    }
    Ok(if errors.is_empty() {
        Ok(part)
    } else {
        Err(errors)
    })
}

fn said(catalog: &Catalog, mistake: PartMistake) -> (String, String) {
    let (field, text) = match mistake {
        PartMistake::Permission(id) => {
            let title = &catalog.permission(id).title;
            let text = format!("`{title}` was not asked for at this level: choose a lower one.");
            return (field(catalog, id), text);
        }
        PartMistake::Repositories => (
            "repositories",
            "One of the repositories was not asked for: take it out.",
        ),
        PartMistake::NoRepository => (
            "repositories",
            "Choose at least one repository, or deny the request.",
        ),
        PartMistake::Nothing => (
            "permissions",
            "Nothing of what it adds is left: choose something, or deny the request.",
        ),
    };
    (field.to_owned(), text.to_owned())
}

/// The repositories that the answers stand for; of all, named ones can be chosen.
async fn selection(
    app: &App,
    reviewer: &Reviewer,
    change: &Change,
    answers: &Answers,
) -> PageResult<Result<Selection, String>> {
    match &change.asked.selection {
        Selection::Public => Ok(Ok(Selection::Public)),
        Selection::All if answers.keeps_all => Ok(Ok(Selection::All)),
        Selection::All => find_named(app, reviewer, &answers.names).await,
        Selection::Selected(asked) => {
            // A check box that the page did not draw is no answer.
            let chosen = answers.repositories.intersection(asked).copied();
            Ok(Ok(Selection::Selected(chosen.collect())))
        }
    }
}

async fn find_named(
    app: &App,
    reviewer: &Reviewer,
    text: &str,
) -> PageResult<Result<Selection, String>> {
    let login = &reviewer.owner.login;
    let prefix = format!("{}/", login.to_ascii_lowercase());
    let names: BTreeSet<String> = text
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|name| !name.is_empty())
        .map(str::to_ascii_lowercase)
        .map(|name| name.strip_prefix(&prefix).unwrap_or(&name).to_owned())
        .collect();
    let limit = app.context.limits.repositories_per_grant;
    if names.len() > limit {
        return Ok(Err(format!(
            "{} repositories are named; at most {limit} fit.",
            names.len()
        )));
    }
    let names: Vec<_> = names.into_iter().collect();
    let mut db = app.context.store.reader();
    let found = reviews::list_repositories_named(&mut db, reviewer.owner.id, &names).await?;
    let unknown = names.iter().find(|name| !found.contains_key(*name));
    Ok(match unknown {
        Some(name) => Err(format!("{login} has no repository named `{name}`.")),
        None => Ok(Selection::Selected(found.into_values().collect())),
    })
}

async fn show(
    app: &App,
    reviewer: &Reviewer,
    case: Case,
    change: &Change,
    answers: Answers,
    errors: Vec<(String, String)>,
) -> PageResult<Response> {
    let catalog = app.context.catalog;
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let named = content::named(app, &change.asked).await?;
    let back = case.address(reviewer);
    let list = case.view.address(&reviewer.paths.requests);
    let trail = vec![
        Crumb::link("Pending requests", list),
        Crumb::link(&case.subject.token.name, &back),
        Crumb::text("Approve part of it"),
    ];
    let current = &reviewer.paths.requests;
    let title = "Approve part of it";
    let (chrome, nav) = frame::around_reviewer(app, reviewer, title, current, trail).await?;
    let template = PartPage {
        chrome,
        nav,
        owner: reviewer.name().to_owned(),
        permissions: permission_choices(catalog, change, &answers),
        repositories: repository_choices(change, &named, &answers),
        asks_for_all: is_all_added(change),
        path: case.path(reviewer),
        query: case.view.address(""),
        answers,
        errors,
        back,
        case,
    };
    Ok(page(status, template))
}

fn is_all_added(change: &Change) -> bool {
    let held = change.before.as_ref().map(|held| &held.selection);
    change.asked.selection == Selection::All && held != Some(&Selection::All)
}

fn permission_choices(
    catalog: &Catalog,
    change: &Change,
    answers: &Answers,
) -> Vec<PermissionChoice> {
    let choice = |(id, asked)| {
        let permission = catalog.permission(id);
        let held = change.before.as_ref();
        let held = held.and_then(|held| held.permissions.level_of(id));
        let current = answers.levels.get(&id).copied().flatten();
        let none = held.map_or_else(|| "None".to_owned(), |held| format!("Keep {held}"));
        let levels = permission
            .levels
            .iter()
            .map(|rule| rule.level)
            .filter(|level| *level <= asked && Some(*level) > held)
            .map(|level| {
                let word = level.as_str();
                (word.to_owned(), crate::web::filters::titled(word))
            });
        PermissionChoice {
            field: field(catalog, id),
            title: permission.title.clone(),
            sentence: permission.sentence.clone(),
            current: current.map_or("none", Level::as_str).to_owned(),
            options: std::iter::once(("none".to_owned(), none))
                .chain(levels)
                .collect(),
        }
    };
    added(change).map(choice).collect()
}

fn repository_choices(change: &Change, named: &Named, answers: &Answers) -> Vec<RepositoryChoice> {
    let held = change.before.as_ref().map(|held| &held.selection);
    let mut choices: Vec<_> = change
        .asked
        .selection
        .listed()
        .filter(|id| !held.is_some_and(|held| held.names(*id)))
        .filter_map(|id| named.get(&id))
        .map(|found| RepositoryChoice {
            id: found.id,
            name: found.full_name(),
            visibility: found.visibility.as_str().to_owned(),
            is_chosen: answers.repositories.contains(&found.id),
        })
        .collect();
    choices.sort_by(|one, other| one.name.cmp(&other.name));
    choices
}
