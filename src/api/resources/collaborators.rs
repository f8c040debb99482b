//! Who has which role on a repository: list, ask, give, take away.

use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use serde_json::{Value, json};

use super::organizations::people;
use super::repositories::refusal;
use crate::actions::remove_collaborator::remove_collaborator;
use crate::actions::set_collaborator::set_collaborator;
use crate::api::call::{ApiCall, done, ok};
use crate::api::errors::{ApiError, ApiResult};
use crate::api::paging::{self, PageRequest};
use crate::api::shapes::collaborator;
use crate::domain::role::RepositoryRole;
use crate::store::accounts::{self, Account};
use crate::store::reach::{self, People, PeoplePage};
use crate::store::{StoreError, repositories};

/// What error messages call it.
const RESOURCE: &str = "Collaborator";

/// The published words for roles, from the weakest.
const WORDS: [(&str, RepositoryRole); 5] = [
    ("pull", RepositoryRole::Read),
    ("triage", RepositoryRole::Triage),
    ("push", RepositoryRole::Write),
    ("maintain", RepositoryRole::Maintain),
    ("admin", RepositoryRole::Admin),
];

/// Everybody with a role on a repository, by login.
pub(in crate::api) async fn list(call: ApiCall) -> ApiResult {
    let request = PageRequest::read(&call.query)?;
    let wanted = match call
        .query
        .word("affiliation", &["all", "direct", "outside"])?
    {
        "direct" => People::Collaborators,
        "outside" => People::Outside,
        _ => People::Everybody,
    };
    call.query.refuse(&["permission"])?;
    let repository = call.repository()?;
    let base = call.permit.account()?.base_permission;
    let part = request.one_more();
    let page = PeoplePage {
        search: "",
        after: "",
        limit: part.limit,
        offset: part.offset,
    };
    let found = reach::list_people(&mut call.db(), &repository, base, wanted, page).await?;
    let (found, rest) = request.cut_one_more(found);
    let accounts = people(&call, found.iter().map(|person| person.user_id)).await?;
    let items = found.iter().filter_map(|person| {
        let role = person.role(&repository, base)?;
        Some(collaborator(
            call.links(),
            accounts.get(&person.user_id)?,
            role,
        ))
    });
    let items: Vec<Value> = items.collect();
    Ok(paging::page(&call, request, items, rest))
}

/// Whether a user has a role: `204`, or `404`.
pub(in crate::api) async fn check(call: ApiCall) -> ApiResult {
    let user = find_user(&call).await?;
    let found = named_role(&call, &user).await?;
    found.map(|_| done()).ok_or_else(ApiError::not_found)
}

/// What a user may do, in the published words.
pub(in crate::api) async fn permission(call: ApiCall) -> ApiResult {
    let user = find_user(&call).await?;
    let repository = call.repository()?;
    let role = if user.is_suspended() {
        None
    } else {
        reach::find_role(&mut call.db(), user.id, &repository).await?
    };
    Ok(ok(json!({
        "permission": coarse(role),
        "role_name": role.map_or("none", RepositoryRole::as_str),
        "user": role.map_or_else(
            || crate::api::shapes::simple_user(call.links(), &user),
            |role| collaborator(call.links(), &user, role),
        ),
    })))
}

/// Gives a user a role at once: nobody is invited first.
pub(in crate::api) async fn put(call: ApiCall) -> ApiResult {
    let mut body = call.json(RESOURCE)?;
    let words = WORDS.map(|(word, _)| word);
    let word = body.word("permission", &words);
    body.finish()?;
    let role = WORDS
        .iter()
        .find(|(known, _)| Some(*known) == word)
        .map_or(RepositoryRole::Write, |(_, role)| *role);
    let user = find_user(&call).await?;
    let repository = call.repository()?;
    let (origin, by) = (call.permit.origin()?, call.permit.user()?);
    let context = &call.app.context;
    let set = set_collaborator(context, &origin, by, repository.id, &user.login, role).await;
    set.map_err(refusal)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Takes a collaborator's role away.
pub(in crate::api) async fn delete(call: ApiCall) -> ApiResult {
    let user = find_user(&call).await?;
    let repository = call.repository()?;
    let (origin, by) = (call.permit.origin()?, call.permit.user()?);
    let context = &call.app.context;
    let removed = remove_collaborator(context, &origin, by, repository.id, user.id).await;
    if removed.map_err(refusal)? {
        Ok(done())
    } else {
        Err(ApiError::not_found())
    }
}

async fn find_user(call: &ApiCall) -> ApiResult<Account> {
    let login = call.permit.parameter("username");
    let found = accounts::find_user(&mut call.db(), login).await?;
    found.ok_or_else(ApiError::not_found)
}

/// A role that a person has by name, as an owner, a member or a collaborator: what anybody reads is none.
async fn named_role(call: &ApiCall, user: &Account) -> Result<Option<RepositoryRole>, ApiError> {
    let repository = call.repository()?;
    let mut db = call.db();
    let owner = accounts::find(&mut db, repository.owner_id).await?;
    let base = owner.ok_or(StoreError::RowNotFound)?.base_permission;
    let person = reach::Person {
        user_id: user.id,
        login: user.login.clone(),
        name: String::new(),
        suspended_at: user.suspended_at,
        membership: accounts::find_role(&mut db, repository.owner_id, user.id).await?,
        collaborator: repositories::find_collaborator(&mut db, repository.id, user.id).await?,
    };
    let is_named = person.collaborator.is_some()
        || person.membership.is_some()
        || user.id == repository.owner_id;
    let role = person.role(&repository, base);
    Ok(role.filter(|_| is_named && !user.is_suspended()))
}

/// The coarse words of `permission`: triage counts as read, maintain as write.
fn coarse(role: Option<RepositoryRole>) -> &'static str {
    match role {
        None => "none",
        Some(RepositoryRole::Read | RepositoryRole::Triage) => "read",
        Some(RepositoryRole::Write | RepositoryRole::Maintain) => "write",
        Some(RepositoryRole::Admin) => "admin",
    }
}
