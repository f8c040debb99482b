//! Tokens with access: list, revoke.

use serde_json::json;

use super::filter;
use super::review::{Chosen, Subject, many_refusal, refusal};
use crate::actions::review_many::{MOST, Shown, revoke_many};
use crate::actions::revoke_grant::revoke_grant;
use crate::api::call::{ApiCall, accepted, done, ok};
use crate::api::errors::{ApiError, ApiResult};
use crate::api::paging::{self, PageRequest, Rest};
use crate::api::shapes;
use crate::domain::approval::GrantState;
use crate::domain::approval::decide::LONGEST_REASON;
use crate::domain::ids::GrantId;
use crate::store::{grants, listings, records, tokens};

/// What error messages call it.
const RESOURCE: &str = "PersonalAccessToken";

/// The field with the grants to revoke.
const IDS: &str = "pat_ids";

/// For how many days the use of a token is told at most.
const MOST_DAYS: usize = 366;

/// The tokens that work at an organization.
pub(in crate::api) async fn list(call: ApiCall) -> ApiResult {
    let request = PageRequest::read(&call.query)?;
    let order = filter::order(&call.query)?;
    let Some(narrowed) = filter::read(&call).await? else {
        return Ok(paging::page(&call, request, Vec::new(), Rest::Total(0)));
    };
    let organization = call.permit.account()?;
    let mut db = call.db();
    let found = listings::list_grants(
        &mut db,
        organization.id,
        &narrowed,
        order,
        request.one_more(),
    )
    .await?;
    let (found, rest) = request.cut_one_more(found);
    let permissions = listings::permissions_of_grants(&mut db, &filter::ids(&found)).await?;
    let users = filter::users(&call, &found).await?;
    let context = &call.app.context;
    let now = context.clock.now();
    let items = found.iter().filter_map(|entry| {
        let row = filter::row(entry, &users, &permissions)?;
        Some(shapes::grant(
            call.links(),
            context.catalog,
            &organization.login,
            &row,
            now,
        ))
    });
    Ok(paging::page(&call, request, items.collect(), rest))
}

/// Takes one token's access away. A `reason`, which is ours, is read by the token's user.
pub(in crate::api) async fn update(call: ApiCall) -> ApiResult {
    let id = GrantId::new(filter::id(&call, "pat_id")?);
    let mut body = call.json(RESOURCE)?;
    let action = body.word("action", &["revoke"]);
    body.require("action", action.is_some());
    let reason = body.text("reason", LONGEST_REASON).unwrap_or_default();
    body.finish()?;
    let organization = call.permit.account()?;
    let (origin, user) = (call.permit.origin()?, call.permit.user()?);
    let context = &call.app.context;
    match revoke_grant(context, &origin, organization.id, id, user, &reason).await {
        Ok(()) => Ok(done()),
        Err(error) => Err(refusal(&call, Subject::Grant(id), error).await),
    }
}

/// Takes the access of up to a hundred tokens away: of all of them, or of none.
pub(in crate::api) async fn update_many(call: ApiCall) -> ApiResult {
    let mut body = call.json(RESOURCE)?;
    let action = body.word("action", &["revoke"]);
    body.require("action", action.is_some());
    let ids = body.ids(IDS, MOST);
    body.require(IDS, ids.is_some());
    let reason = body.text("reason", LONGEST_REASON).unwrap_or_default();
    body.finish()?;
    let chosen: Vec<_> = ids.unwrap_or_default().into_iter().map(shown).collect();
    let organization = call.permit.account()?.id;
    let (origin, user) = (call.permit.origin()?, call.permit.user()?);
    let context = &call.app.context;
    let subject = Chosen {
        resource: RESOURCE,
        field: IDS,
        subject: Subject::Grant,
    };
    match revoke_many(context, &origin, organization, user, &chosen, &reason).await {
        Ok(()) => Ok(accepted(json!({}))),
        Err(error) => Err(many_refusal(&call, &subject, error).await),
    }
}

/// By API nothing was shown: what stands now is revoked.
fn shown(id: i64) -> Shown<GrantId> {
    Shown {
        id: GrantId::new(id),
        rev: None,
    }
}

/// How a token was used at the organization, day by day and permission by permission.
pub(in crate::api) async fn usage(call: ApiCall) -> ApiResult {
    let id = GrantId::new(filter::id(&call, "pat_id")?);
    let days = call.query.number("days", 1..=MOST_DAYS)?.unwrap_or(30);
    let owner = call.permit.account()?.id;
    let mut db = call.db();
    let found = grants::find(&mut db, id).await?;
    let found = found.filter(|grant| grant.owner_id == owner && grant.state == GrantState::Active);
    let token = found.ok_or_else(ApiError::not_found)?.token_id;
    let today = call.app.context.clock.now().day_number();
    let since = today - i64::try_from(days).unwrap_or(i64::MAX) + 1;
    let rows = records::list_use(&mut db, token, Some(owner), since).await?;
    let last = tokens::find_last_use(&mut db, token, Some(owner)).await?;
    Ok(ok(shapes::usage(token, since, last, &rows)))
}

/// The repositories that a token reaches.
pub(in crate::api) async fn repositories(call: ApiCall) -> ApiResult {
    let id = GrantId::new(filter::id(&call, "pat_id")?);
    let owner = call.permit.account()?.id;
    let mut db = call.db();
    let found = grants::find(&mut db, id).await?;
    let found = found.filter(|grant| grant.owner_id == owner && grant.state == GrantState::Active);
    let found = found.ok_or_else(ApiError::not_found)?;
    let ask = grants::load_ask(&mut db, call.app.context.catalog, &found).await?;
    filter::answer_repositories(&call, owner, &ask.selection).await
}
