//! Credentials that reach an organization, and cutting them off: classic tokens by their use, fine-grained ones by their
//! grants. Of the published kinds there are no others here, so those list and end nothing.

use std::future::{Ready, ready};

use serde_json::{Value, json};

use super::filter;
use crate::actions::block_classic::{BlockError, block_classic};
use crate::actions::cut_off::{CutOff, CutOffError, Wish, cut_off};
use crate::api::body::JsonBody;
use crate::api::call::{ApiCall, accepted, done};
use crate::api::errors::{ApiError, ApiResult};
use crate::api::paging::{self, PageRequest};
use crate::api::shapes;
use crate::app::App;
use crate::domain::audit::Actor;
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::token::TokenKind;
use crate::domain::token::secret;
use crate::server::meta::RequestMeta;
use crate::store::accounts;
use crate::store::credentials::{self, Place};

/// What error messages call it.
const RESOURCE: &str = "CredentialAuthorization";

/// The published words for kinds of credentials.
pub(in crate::api) const KINDS: &[&str] = &[
    "classic_pat",
    "fine_grained_pat",
    "ssh_key",
    "oauth_app_token",
];

/// The most secrets that are reported at once.
const MOST_LEAKS: usize = 1_000;

/// What blocked tokens carry as the reason.
const WHY: &str = "an owner removed it by API";

/// The classic tokens that were used at the organization, without those that are blocked.
pub(in crate::api) async fn list(call: ApiCall) -> ApiResult {
    let request = PageRequest::read(&call.query)?;
    let login = call.query.one("login")?;
    let owner = call.permit.account()?.id;
    let mut db = call.db();
    let found = credentials::list_authorized(&mut db, owner, login, request.one_more()).await?;
    let (found, rest) = request.cut_one_more(found);
    let ids: Vec<_> = found.iter().map(|item| item.token_id).collect();
    let mut scopes = credentials::list_scopes(&mut db, &ids).await?;
    let items = found.iter().map(|item| {
        let scopes = scopes.remove(&item.token_id).unwrap_or_default();
        shapes::authorization(item, &scopes)
    });
    Ok(paging::page(&call, request, items.collect(), rest))
}

/// Blocks one classic token at the organization, for good.
pub(in crate::api) async fn remove(call: ApiCall) -> ApiResult {
    let token = TokenId::new(filter::id(&call, "credential_id")?);
    let organization = call.permit.account()?.id;
    let origin = call.permit.origin()?;
    match block_classic(&call.app.context, &origin, organization, token, WHY).await {
        Ok(()) => Ok(done()),
        // One that is blocked is in no list any more.
        Err(BlockError::NotFound | BlockError::AlreadyBlocked) => Err(ApiError::not_found()),
        Err(BlockError::NotAnOwner) => Err(not_an_owner()),
        Err(BlockError::ReasonTooLong(length)) => {
            tracing::error!(length, "the reason of a block is too long");
            Err(ApiError::Internal)
        }
        Err(BlockError::Store(error)) => Err(error.into()),
    }
}

/// Cuts off every credential at an organization or enterprise.
pub(in crate::api) async fn revoke_all(call: ApiCall) -> ApiResult {
    let mut body = call.json(RESOURCE)?;
    let ends_managed = ends_managed(&call, &mut body)?;
    body.finish()?;
    carry_out(&call, None, TokenKind::ALL.to_vec(), ends_managed).await
}

/// Cuts off every credential of one kind.
pub(in crate::api) async fn revoke_kind(call: ApiCall) -> ApiResult {
    let (kinds, ends_managed) = kinds(&call)?;
    carry_out(&call, None, kinds, ends_managed).await
}

/// Cuts off every credential of one person.
pub(in crate::api) async fn revoke_of_user(call: ApiCall) -> ApiResult {
    let mut body = call.json(RESOURCE)?;
    let ends_managed = ends_managed(&call, &mut body)?;
    body.finish()?;
    let user = person(&call).await?;
    carry_out(&call, Some(user), TokenKind::ALL.to_vec(), ends_managed).await
}

/// Cuts off every credential of one kind of one person.
pub(in crate::api) async fn revoke_kind_of_user(call: ApiCall) -> ApiResult {
    let (kinds, ends_managed) = kinds(&call)?;
    let user = person(&call).await?;
    carry_out(&call, Some(user), kinds, ends_managed).await
}

fn kinds(call: &ApiCall) -> ApiResult<(Vec<TokenKind>, bool)> {
    let mut body = call.json(RESOURCE)?;
    let kind = body.word("credential_type", KINDS);
    body.require("credential_type", kind.is_some());
    let ends_managed = ends_managed(call, &mut body)?;
    body.finish()?;
    let kinds = match kind {
        Some("classic_pat") => vec![TokenKind::Classic],
        Some("fine_grained_pat") => vec![TokenKind::FineGrained],
        _ => Vec::new(),
    };
    Ok((kinds, ends_managed))
}

/// Only an enterprise ends tokens altogether: those of the people whom it manages.
fn ends_managed(call: &ApiCall, body: &mut JsonBody) -> ApiResult<bool> {
    use crate::domain::account::AccountKind::Enterprise;
    let is_enterprise = call.permit.account()?.kind == Enterprise;
    Ok(is_enterprise && body.flag("revoke_credentials").unwrap_or(false))
}

/// The person in the path. The gate has found them; a name may be given away between the two.
async fn person(call: &ApiCall) -> ApiResult<AccountId> {
    let login = call.permit.parameter("username");
    let found = accounts::find_login(&mut call.db(), login).await?;
    found.map(|user| user.id).ok_or_else(ApiError::not_found)
}

async fn carry_out(
    call: &ApiCall,
    user: Option<AccountId>,
    kinds: Vec<TokenKind>,
    ends_managed: bool,
) -> ApiResult {
    let place = Place {
        scope: call.permit.account()?.id,
        user,
    };
    let wish = Wish {
        place,
        kinds,
        ends_managed,
    };
    let (origin, by) = (call.permit.origin()?, call.permit.user()?);
    let context = call.app.context.clone();
    // A client that hangs up does not leave it half done.
    let working = tokio::spawn(async move { cut_off(&context, &origin, by, &wish).await });
    match working.await {
        Ok(Ok(done)) => Ok(accepted(told(done, ends_managed))),
        Ok(Err(CutOffError::NotAnOwner)) => Err(not_an_owner()),
        Ok(Err(CutOffError::Moved)) => Err(ApiError::Unavailable),
        Ok(Err(CutOffError::Store(error))) => Err(error.into()),
        Err(error) => {
            tracing::error!(%error, "cutting credentials off did not come to its end");
            Err(ApiError::Internal)
        }
    }
}

fn told(done: CutOff, ends_managed: bool) -> Value {
    let CutOff {
        blocked,
        revoked,
        ended,
    } = done;
    let message = format!(
        "Classic tokens blocked: {blocked}. Grants of fine-grained tokens revoked: {revoked}. Tokens ended: {ended}."
    );
    if ends_managed {
        let warning = "Only tokens of people whom the enterprise manages were ended; those of others go on elsewhere.";
        json!({ "message": message, "warning": warning })
    } else {
        json!({ "message": message })
    }
}

fn not_an_owner() -> ApiError {
    ApiError::Forbidden("Only owners do this, and you are none any more: ask an owner.".to_owned())
}

/// Takes secrets that were found where they do not belong. The answer is always the same, and leaves before anything is
/// looked up.
pub(in crate::api) fn report(
    ApiCall {
        app, permit, body, ..
    }: ApiCall,
) -> Ready<ApiResult> {
    ready(hand_in(&app, permit.meta(), &body))
}

fn hand_in(app: &App, meta: &RequestMeta, bytes: &[u8]) -> ApiResult {
    let mut body = JsonBody::read("Credentials", bytes).map_err(told_plainly)?;
    let secrets = body.texts("credentials", MOST_LEAKS);
    body.require("credentials", secrets.is_some());
    body.finish().map_err(told_plainly)?;
    let prefix = &app.config.token_prefix;
    let secrets = secrets.unwrap_or_default();
    let read = secrets
        .iter()
        .filter_map(|text| secret::read(prefix, text.trim()));
    let hashes = read.map(|presented| presented.hash).collect();
    let origin = meta.origin(Actor::System);
    let handed_in = app.leaks.hand_in(hashes, origin);
    handed_in.map_err(|_| ApiError::Unavailable)?;
    Ok(accepted(json!({})))
}

/// The published answer to a bad report has no list of fields, so the sentence names the field.
fn told_plainly(error: ApiError) -> ApiError {
    match error {
        ApiError::Invalid(errors) => {
            let texts: Vec<_> = errors.into_iter().map(|error| error.message).collect();
            ApiError::Unprocessable(format!("{}.", texts.join("; ")))
        }
        ApiError::BadRequest(text) => ApiError::Unprocessable(format!(
            "{text}: send an object with the list `credentials`."
        )),
        other => other,
    }
}
