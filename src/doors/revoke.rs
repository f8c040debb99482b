//! Revocation (RFC 7009): a service ends a token that it may learn of, such as one that it found where it should not be.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::caller::caller;
use super::form::OauthForm;
use super::oauth_error::OauthError;
use super::reach::reach;
use crate::actions::revoke_by_service::revoke_by_service;
use crate::app::App;
use crate::domain::audit::Actor;
use crate::server::meta::RequestMeta;

/// Ends a token. The answer is the same whether there was one: whoever cannot learn of it learns nothing here.
pub async fn revoke(
    State(app): State<App>,
    meta: RequestMeta,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, OauthError> {
    let form = OauthForm::read(&headers, body).await?;
    let service = caller(&app, &headers, &form).await?;
    let credential = app.gate.authenticate(Some(form.token()?)).await?;
    // A token that is bound to addresses may be ended from anywhere: whoever holds its string could use it there.
    let client = credential
        .snapshot()
        .and_then(|token| token.facts.conditions.addresses.first())
        .map(ipnet::IpNet::addr);
    if let Some(found) = reach(&app, &service, &credential, client).await? {
        let origin = meta.origin(Actor::System);
        revoke_by_service(
            &app.context,
            &origin,
            &service.name,
            found.snapshot.facts.id,
        )
        .await?;
    }
    Ok((StatusCode::OK, [(CACHE_CONTROL, "no-store")]).into_response())
}
