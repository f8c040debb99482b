//! Requests for token access: list, approve, deny.

use serde_json::json;

use super::filter;
use super::review::{Chosen, Subject, many_refusal, refusal};
use crate::actions::approve::approve;
use crate::actions::deny::deny;
use crate::actions::review_many::{MOST, Shown, approve_many, deny_many};
use crate::api::call::{ApiCall, accepted, done};
use crate::api::errors::{ApiError, ApiResult};
use crate::api::paging::{self, PageRequest, Rest};
use crate::api::shapes;
use crate::domain::approval::Part;
use crate::domain::approval::decide::LONGEST_REASON;
use crate::domain::ids::RequestId;
use crate::store::{listings, requests};

/// What error messages call it.
const RESOURCE: &str = "PersonalAccessTokenRequest";

/// The field with the requests to decide.
const IDS: &str = "pat_request_ids";

/// The requests that wait at an organization.
pub(in crate::api) async fn list(call: ApiCall) -> ApiResult {
    let request = PageRequest::read(&call.query)?;
    let order = filter::order(&call.query)?;
    let Some(narrowed) = filter::read(&call).await? else {
        return Ok(paging::page(&call, request, Vec::new(), Rest::Total(0)));
    };
    let organization = call.permit.account()?;
    let mut db = call.db();
    let found = listings::list_requests(
        &mut db,
        organization.id,
        &narrowed,
        order,
        request.one_more(),
    )
    .await?;
    let (found, rest) = request.cut_one_more(found);
    let permissions = listings::permissions_of_requests(&mut db, &filter::ids(&found)).await?;
    let users = filter::users(&call, &found).await?;
    let context = &call.app.context;
    let now = context.clock.now();
    let items = found.iter().filter_map(|entry| {
        let row = filter::row(entry, &users, &permissions)?;
        Some(shapes::request(
            call.links(),
            context.catalog,
            &organization.login,
            &row,
            now,
        ))
    });
    Ok(paging::page(&call, request, items.collect(), rest))
}

/// Approves or denies one.
pub(in crate::api) async fn review(call: ApiCall) -> ApiResult {
    let id = RequestId::new(filter::id(&call, "pat_request_id")?);
    let mut body = call.json(RESOURCE)?;
    let action = body.word("action", &["approve", "deny"]);
    body.require("action", action.is_some());
    let reason = body.text("reason", LONGEST_REASON).unwrap_or_default();
    body.finish()?;
    let organization = call.permit.account()?;
    let (origin, user) = (call.permit.origin()?, call.permit.user()?);
    let context = &call.app.context;
    let decided = if action == Some("approve") {
        approve(
            context,
            &origin,
            organization.id,
            id,
            user,
            &reason,
            &Part::Whole,
        )
        .await
    } else {
        deny(context, &origin, organization.id, id, user, &reason).await
    };
    match decided {
        Ok(()) => Ok(done()),
        Err(error) => Err(refusal(&call, Subject::Request(id), error).await),
    }
}

/// Approves or denies up to a hundred: all of them, or none.
pub(in crate::api) async fn review_many(call: ApiCall) -> ApiResult {
    let mut body = call.json(RESOURCE)?;
    let action = body.word("action", &["approve", "deny"]);
    body.require("action", action.is_some());
    let ids = body.ids(IDS, MOST);
    body.require(IDS, ids.is_some());
    let reason = body.text("reason", LONGEST_REASON).unwrap_or_default();
    body.finish()?;
    let chosen: Vec<_> = ids.unwrap_or_default().into_iter().map(shown).collect();
    let organization = call.permit.account()?.id;
    let (origin, user) = (call.permit.origin()?, call.permit.user()?);
    let context = &call.app.context;
    let decided = if action == Some("approve") {
        approve_many(context, &origin, organization, user, &chosen, &reason).await
    } else {
        deny_many(context, &origin, organization, user, &chosen, &reason).await
    };
    let subject = Chosen {
        resource: RESOURCE,
        field: IDS,
        subject: Subject::Request,
    };
    match decided {
        Ok(()) => Ok(accepted(json!({}))),
        Err(error) => Err(many_refusal(&call, &subject, error).await),
    }
}

/// By API nothing was shown: what stands now is decided.
fn shown(id: i64) -> Shown<RequestId> {
    Shown {
        id: RequestId::new(id),
        rev: None,
    }
}

/// The repositories that a request names.
pub(in crate::api) async fn repositories(call: ApiCall) -> ApiResult {
    let id = RequestId::new(filter::id(&call, "pat_request_id")?);
    let owner = call.permit.account()?.id;
    let mut db = call.db();
    let found = requests::find(&mut db, id).await?;
    let found = found.filter(|request| request.owner_id == owner);
    let found = found.ok_or_else(ApiError::not_found)?;
    let ask = requests::load_ask(&mut db, call.app.context.catalog, &found).await?;
    filter::answer_repositories(&call, owner, &ask.selection).await
}
