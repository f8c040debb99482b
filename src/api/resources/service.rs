//! The service itself: what there is, and what it does not do.

use std::future::{Ready, ready};

use serde_json::{Map, Value, json};

use crate::api::call::{ApiCall, ok};
use crate::api::errors::{ApiError, ApiResult};
use crate::api::limits::overview;
use crate::api::operation::OPERATIONS;
use crate::api::shapes::Links;

/// Every operation with its address and summary: `documentation_url` of every error points here.
pub(in crate::api) fn root(ApiCall { app, .. }: ApiCall) -> Ready<ApiResult> {
    let links = Links::new(&app.config.base_url);
    let operations = OPERATIONS.iter().map(|operation| {
        json!({
            "method": operation.method.as_str(),
            "url": links.api(operation.template),
            "summary": operation.summary,
        })
    });
    let mut document = Map::new();
    document.insert("current_user_url".to_owned(), links.api("/user").into());
    document.insert(
        "current_user_repositories_url".to_owned(),
        links.api("/user/repos").into(),
    );
    document.insert(
        "organization_url".to_owned(),
        links.api("/orgs/{org}").into(),
    );
    document.insert(
        "repository_url".to_owned(),
        links.api("/repos/{owner}/{repo}").into(),
    );
    document.insert("user_url".to_owned(), links.api("/users/{user}").into());
    document.insert("operations".to_owned(), operations.collect());
    ready(Ok(ok(Value::Object(document))))
}

/// Facts that a client may adapt to.
pub(in crate::api) fn meta(_: ApiCall) -> Ready<ApiResult> {
    ready(Ok(ok(json!({
        "verifiable_password_authentication": false,
        "grantry_version": env!("CARGO_PKG_VERSION"),
    }))))
}

/// How many calls the caller has left. A server without limits says so as published.
pub(in crate::api) fn rate_limit(ApiCall { standing, .. }: ApiCall) -> Ready<ApiResult> {
    let overview = standing.map(|standing| ok(overview(standing)));
    ready(overview.ok_or_else(|| ApiError::Missing("Rate limiting is not enabled.".to_owned())))
}
