//! The right to do what a call asks: a value that only the gate's yes can make, and that a handler cannot run without.

use std::sync::Arc;

use axum::http::HeaderMap;

use super::errors::{ApiError, ApiResult, Refused};
use super::headers::Seen;
use super::operation::{self, Operation};
use crate::app::App;
use crate::domain::access::decision::{Decision, Door, Reason, Refusal, Workflows};
use crate::domain::audit::{Actor, Origin};
use crate::domain::catalog::{Catalog, Endpoint, MatchError};
use crate::domain::ids::AccountId;
use crate::domain::role::RepositoryRole;
use crate::domain::token::conditions::Branches;
use crate::gate::presented::{holds_token, overrides_method};
use crate::gate::resolve::ResolvedOwner;
use crate::gate::{Call, Credential, Resolved, Ruling};
use crate::server::meta::RequestMeta;
use crate::store::accounts::Account;
use crate::store::repositories::Repository;
use crate::store::snapshots::Snapshot;

/// The presented string, if any.
///
/// # Errors
/// 400 for what two readers could take differently, and for a token where logs would keep it.
pub(super) fn presented(
    token_prefix: &str,
    headers: &HeaderMap,
    query: Option<&str>,
) -> ApiResult<Option<String>> {
    let refuse = |text: &str| Err(ApiError::BadRequest(text.to_owned()));
    if overrides_method(headers) {
        return refuse("Method overrides are not read: send the method itself.");
    }
    if query.is_some_and(|query| holds_token(token_prefix, query)) {
        return refuse(
            "A token in an address ends up in logs and histories, so it is not read there: send it in the \
             `Authorization` header, and replace the token.",
        );
    }
    crate::gate::presented::presented(headers)
        .map_err(|error| ApiError::BadRequest(format!("{error}.")))
}

/// The first line of a request, its path as it came, below the API's prefix.
#[derive(Debug, Clone, Copy)]
pub(super) struct RequestLine<'a> {
    pub method: &'a str,
    pub path: &'a str,
}

/// A call that the gate allowed, with what its names stand for.
#[derive(Debug)]
pub struct Permit {
    targets: Vec<Resolved>,
    matched: Matched,
    method: String,
    path: String,
    credential: Credential,
    meta: RequestMeta,
}

/// What a call that waits for its body would write.
#[derive(Debug, Clone, Copy)]
pub struct Writing<'a> {
    /// Which branches.
    pub branches: Branches<'a>,
    /// Whether workflow files are among it.
    pub workflows: Workflows,
}

impl Writing<'_> {
    /// What a call writes whose request line says everything.
    const NOTHING: Self = Self {
        branches: Branches::None,
        workflows: Workflows::Untouched,
    };
}

/// What a request line turned out to be.
#[derive(Debug)]
struct Matched {
    endpoint: Option<&'static Endpoint>,
    operation: Option<&'static Operation>,
    parameters: Vec<(String, String)>,
    is_bad_path: bool,
}

impl Matched {
    /// An endpoint that the catalog describes and that is not built in counts as unknown.
    fn find(catalog: &'static Catalog, line: RequestLine<'_>) -> Self {
        let matched = catalog.match_endpoint(line.method, line.path);
        let is_bad_path = matches!(matched, Err(MatchError::BadPath(_)));
        let matched = matched.ok();
        let endpoint = matched
            .as_ref()
            .map(|found| catalog.endpoint(found.endpoint));
        let operation = endpoint.and_then(operation::of);
        let parameters = matched.into_iter().flat_map(|found| found.parameters);
        Self {
            endpoint: endpoint.filter(|_| operation.is_some()),
            operation,
            parameters: parameters
                .map(|(name, value)| (name.to_owned(), value.into_owned()))
                .collect(),
            is_bad_path,
        }
    }
}

/// Asks the gate about a request line. What is learned on the way goes into `seen`, also when the answer is no.
pub(super) async fn obtain(
    app: &App,
    meta: &RequestMeta,
    credential: &Credential,
    line: RequestLine<'_>,
    seen: &mut Seen,
) -> ApiResult<(&'static Operation, Permit)> {
    let matched = Matched::find(app.gate.catalog(), line);
    let call = gate_call(&matched, meta, line, Writing::NOTHING);
    let waits = matched
        .operation
        .is_some_and(|operation| operation.waits_for_body() || operation.is_dry_run());
    let ruling = match () {
        () if matched.is_bad_path => app.gate.refuse(credential, &call, Reason::BadPath).await?,
        () if waits => foresee(app, credential, &call).await?,
        () => app.gate.decide(credential, &call).await?,
    };
    seen.endpoint = matched.endpoint;
    seen.credential = ruling.credential.clone();
    refuse_refused(app, &ruling)?;
    let operation = matched.operation.ok_or_else(ApiError::not_found)?;
    Ok((operation, Permit::new(ruling, matched, meta, line)))
}

/// What the gate would say to a request line now, without writing it down and without counting it as a use. Where the
/// body decides what is written, it says what holds whatever the body.
pub(super) async fn foretell(
    app: &App,
    permit: &Permit,
    line: RequestLine<'_>,
) -> ApiResult<Ruling> {
    let matched = Matched::find(app.gate.catalog(), line);
    if matched.is_bad_path {
        return Ok(Ruling {
            decision: Decision::Refuse(Refusal::bare(Reason::BadPath)),
            targets: Vec::new(),
            credential: permit.credential.clone(),
        });
    }
    let call = gate_call(&matched, &permit.meta, line, Writing::NOTHING);
    Ok(app.gate.judge(&permit.credential, &call).await?)
}

/// Refuses at once what no body could make right; a yes is not written down before the body was read.
async fn foresee(app: &App, credential: &Credential, call: &Call<'_>) -> ApiResult<Ruling> {
    let ruling = app.gate.judge(credential, call).await?;
    if ruling.decision.is_allowed() {
        Ok(ruling)
    } else {
        Ok(app.gate.decide(credential, call).await?)
    }
}

fn refuse_refused(app: &App, ruling: &Ruling) -> ApiResult<()> {
    match &ruling.decision {
        Decision::Allow(_) => Ok(()),
        Decision::Refuse(refusal) => {
            let refused = Refused::new(&app.gate, ruling, refusal);
            Err(ApiError::Refused(Box::new(refused)))
        }
    }
}

fn gate_call<'a>(
    matched: &'a Matched,
    meta: &'a RequestMeta,
    line: RequestLine<'a>,
    writing: Writing<'a>,
) -> Call<'a> {
    Call {
        endpoint: matched.endpoint,
        parameters: &matched.parameters,
        door: Door::Api,
        is_read: matches!(line.method, "GET" | "HEAD"),
        method: line.method,
        path: line.path,
        client: meta.client,
        request_id: &meta.request_id,
        branches: writing.branches,
        workflows: writing.workflows,
    }
}

impl Permit {
    fn new(ruling: Ruling, matched: Matched, meta: &RequestMeta, line: RequestLine<'_>) -> Self {
        Self {
            targets: ruling.targets,
            matched,
            method: line.method.to_owned(),
            path: line.path.to_owned(),
            credential: ruling.credential,
            meta: meta.clone(),
        }
    }

    /// Asks the gate again, now that the body said what would be written, and writes the answer down. Gives what a
    /// change must name as its origin.
    ///
    /// # Errors
    /// The gate's refusal.
    pub async fn settle(&self, app: &App, writing: Writing<'_>) -> ApiResult<Origin> {
        let line = RequestLine {
            method: &self.method,
            path: &self.path,
        };
        let call = gate_call(&self.matched, &self.meta, line, writing);
        let ruling = app.gate.decide(&self.credential, &call).await?;
        refuse_refused(app, &ruling)?;
        self.origin()
    }

    /// Who asked.
    pub const fn credential(&self) -> &Credential {
        &self.credential
    }

    /// The token that asked; none for an anonymous call.
    pub fn token(&self) -> Option<&Snapshot> {
        self.credential.snapshot()
    }

    /// The user behind the token.
    ///
    /// # Errors
    /// 404 for an anonymous call, as the gate answers it.
    pub fn user(&self) -> ApiResult<AccountId> {
        self.token()
            .map(|token| token.facts.user)
            .ok_or_else(ApiError::not_found)
    }

    /// The value of a parameter of the path.
    pub fn parameter(&self, name: &str) -> &str {
        let found = self
            .matched
            .parameters
            .iter()
            .find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// The repository that the path names, and the user's own role on it.
    pub fn repository(&self) -> ApiResult<(&Arc<Repository>, Option<RepositoryRole>)> {
        self.targets
            .iter()
            .find_map(|target| match target {
                Resolved::Repository {
                    repository, role, ..
                } => Some((repository, *role)),
                _ => None,
            })
            .ok_or_else(ApiError::not_found)
    }

    /// The owner of what the path names.
    pub fn owner(&self) -> ApiResult<&ResolvedOwner> {
        self.targets
            .iter()
            .find_map(Resolved::owner)
            .ok_or_else(ApiError::not_found)
    }

    /// The account that the path names, as anyone sees it.
    pub fn account(&self) -> ApiResult<&Account> {
        self.targets
            .iter()
            .find_map(|target| match target {
                Resolved::User(entry) => Some(&entry.account),
                other => other.owner().map(|owner| &owner.entry.account),
            })
            .ok_or_else(ApiError::not_found)
    }

    /// Where a change that this call makes comes from.
    pub fn origin(&self) -> ApiResult<Origin> {
        let token = self.token().ok_or_else(ApiError::not_found)?;
        Ok(self.meta.origin(Actor::Token {
            user: token.facts.user,
            token: token.facts.id,
            secret: token.hash,
        }))
    }

    /// The request that was permitted.
    pub const fn meta(&self) -> &RequestMeta {
        &self.meta
    }
}
