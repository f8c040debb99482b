//! Forward-auth: a proxy asks before it lets a request through to its service.
//!
//! The answer is a status and a few headers: 200 lets the request through, 401 and 403 do not, 503 says that it cannot
//! be known now. There is no other answer, and never a body.

use std::net::{IpAddr, SocketAddr};

use axum::extract::rejection::PathRejection;
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::asked::Asked;
use crate::app::App;
use crate::domain::access::decision::{Decision, Door, Reason, Workflows};
use crate::domain::access::writing::{self, Written};
use crate::domain::catalog::{MatchError, split_target};
use crate::domain::service::{self, Objection};
use crate::domain::token::conditions::Branches;
use crate::gate::presented::{holds_token, overrides_method, presented};
use crate::gate::{Call, Credential, GuardedService, Ruling, Unavailable, permission_used};
use crate::git::errand::{self, Errand, address};
use crate::git::operation::GitOperation;
use crate::server::meta::{RequestMeta, client_behind, is_trusted};

/// The header with which a proxy that is not in `trusted_proxies` shows that it asks for its service: `Authorization`
/// carries the client's own token.
pub const SERVICE_SECRET: HeaderName = HeaderName::from_static("x-grantry-service-secret");

const USER: HeaderName = HeaderName::from_static("x-grantry-user");
const USER_ID: HeaderName = HeaderName::from_static("x-grantry-user-id");
const TOKEN_ID: HeaderName = HeaderName::from_static("x-grantry-token-id");
const KIND: HeaderName = HeaderName::from_static("x-grantry-kind");
const PERMISSION: HeaderName = HeaderName::from_static("x-grantry-permission");
const REASON: HeaderName = HeaderName::from_static("x-grantry-reason");

/// The field with which some frameworks let a form name another method.
const METHOD_FIELD: &str = "_method";

/// Answers a proxy. The headers are read where they are: a copy of them would be the dearest part of a decision.
pub async fn authorize(
    State(app): State<App>,
    meta: RequestMeta,
    name: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map(|ConnectInfo(peer)| peer.ip().to_canonical());
    let name = name.map(|Path(name)| name).unwrap_or_default();
    let door = Doorway {
        app: &app,
        meta: &meta,
        headers: &parts.headers,
    };
    match door.answer(peer, &name).await {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(%error, "a request at a door could not be decided");
            answer(StatusCode::SERVICE_UNAVAILABLE, HeaderMap::new())
        }
    }
}

/// A proxy's request with what answering it needs.
struct Doorway<'a> {
    app: &'a App,
    meta: &'a RequestMeta,
    headers: &'a HeaderMap,
}

/// What may be judged: a request that a proxy holds back, and whose it is.
struct Held<'a> {
    service: &'a GuardedService,
    asked: Asked<'a>,
    client: Option<IpAddr>,
    credential: Credential,
}

impl Doorway<'_> {
    async fn answer(&self, peer: Option<IpAddr>, name: &str) -> Result<Response, Unavailable> {
        let service = self.app.gate.service(name).await?;
        let Some(peer) = peer.filter(|peer| self.is_believed(*peer, service.as_deref())) else {
            return Ok(objection(Objection::UntrustedProxy));
        };
        let Some(service) = service else {
            return Ok(objection(Objection::UnknownService));
        };
        let asked = match self.asked(&service) {
            Ok(asked) => asked,
            Err(found) => return Ok(objection(found)),
        };
        let Ok(presented) = presented(self.headers) else {
            return Ok(unauthorized());
        };
        let held = Held {
            service: &service,
            asked,
            client: Some(client_behind(
                peer,
                self.headers,
                &self.app.config.trusted_proxies,
            )),
            credential: self.app.gate.authenticate(presented.as_deref()).await?,
        };
        let ruling = self.judge(&held).await?;
        Ok(self.tell(&ruling))
    }

    /// A peer is believed because of where it is, or because of what it knows.
    fn is_believed(&self, peer: IpAddr, service: Option<&GuardedService>) -> bool {
        if is_trusted(peer, &self.app.config.trusted_proxies) {
            return true;
        }
        let mut shown = self.headers.get_all(SERVICE_SECRET).iter();
        match (service, shown.next(), shown.next()) {
            (Some(service), Some(secret), None) => secret
                .to_str()
                .is_ok_and(|secret| self.app.gate.is_service_secret(service, secret)),
            _ => false,
        }
    }

    fn asked(&self, service: &GuardedService) -> Result<Asked<'_>, Objection> {
        let asked = Asked::read(service.proxy, self.headers)?;
        let host = service::host(asked.host).ok_or(Objection::UnknownHost)?;
        if !service.answers_for(&host) {
            return Err(Objection::UnknownHost);
        }
        let query = asked.target.split_once('?').map_or("", |(_, query)| query);
        if overrides_method(self.headers) || self.says_too_much(query) {
            return Err(Objection::BadRequest);
        }
        Ok(asked)
    }

    /// Whether a query names another method, or carries a token where logs would keep it.
    fn says_too_much(&self, query: &str) -> bool {
        let mut fields = form_urlencoded::parse(query.as_bytes());
        !query.is_empty()
            && (fields.any(|(name, _)| name == METHOD_FIELD)
                || holds_token(&self.app.config.token_prefix, query))
    }

    /// Asks the gate, as a git operation where the path is one.
    async fn judge(&self, held: &Held<'_>) -> Result<Ruling, Unavailable> {
        let Ok((path, query)) = split_target(held.asked.target) else {
            let recorded = held.asked.target.split('?').next().unwrap_or_default();
            let call = self.call(held, held.asked.method, recorded);
            return self
                .app
                .gate
                .refuse(&held.credential, &call, Reason::BadPath)
                .await;
        };
        match git_errand(held.asked.method, path, query) {
            Some(errand) => self.judge_git(held, &errand).await,
            None => self.judge_endpoint(held, path).await,
        }
    }

    /// A call that names nothing yet.
    fn call<'c>(&'c self, held: &Held<'_>, method: &'c str, path: &'c str) -> Call<'c> {
        Call {
            endpoint: None,
            parameters: &[],
            door: Door::Service {
                filters: held.service.filters,
            },
            is_read: held.asked.is_read(),
            method,
            path,
            client: held.client,
            request_id: &self.meta.request_id,
            branches: Branches::None,
            workflows: Workflows::Untouched,
        }
    }

    /// What a push would write stands in its body, which no proxy shows: it counts as everything.
    async fn judge_git(&self, held: &Held<'_>, errand: &Errand) -> Result<Ruling, Unavailable> {
        let endpoint = errand.endpoint(self.app.gate.catalog());
        let (parameters, line) = (errand.parameters(endpoint), errand.line());
        let is_push = errand.operation.is_write();
        let call = Call {
            endpoint,
            parameters: &parameters,
            is_read: !is_push,
            branches: if is_push {
                Branches::Unknown
            } else {
                Branches::None
            },
            workflows: if is_push {
                Workflows::Unknown
            } else {
                Workflows::Untouched
            },
            ..self.call(held, errand::METHOD, &line)
        };
        self.app.gate.decide(&held.credential, &call).await
    }

    async fn judge_endpoint(&self, held: &Held<'_>, path: &str) -> Result<Ruling, Unavailable> {
        let (gate, catalog) = (&self.app.gate, self.app.gate.catalog());
        let call = self.call(held, held.asked.method, path);
        let matched = match catalog.match_endpoint(held.asked.method, path) {
            Ok(matched) => matched,
            Err(MatchError::BadPath(_)) => {
                return gate.refuse(&held.credential, &call, Reason::BadPath).await;
            }
            Err(MatchError::UnknownEndpoint) => return gate.decide(&held.credential, &call).await,
        };
        let endpoint = catalog.endpoint(matched.endpoint);
        let parameters: Vec<_> = matched
            .parameters
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into_owned()))
            .collect();
        let call = Call {
            endpoint: Some(endpoint),
            parameters: &parameters,
            ..call
        };
        let written = writing::branch(catalog, endpoint, call.is_read, |name| call.parameter(name));
        let named = match &written {
            Written::Branch(name) => std::slice::from_ref(name),
            Written::Nothing | Written::Unknown => &[],
        };
        let call = Call {
            branches: match written {
                Written::Nothing => Branches::None,
                Written::Unknown => Branches::Unknown,
                Written::Branch(_) => Branches::Known(named),
            },
            workflows: writing::workflows(endpoint, call.is_read, |name| call.parameter(name)),
            ..call
        };
        gate.decide(&held.credential, &call).await
    }

    fn tell(&self, ruling: &Ruling) -> Response {
        match &ruling.decision {
            Decision::Allow(_) => self.allowed(ruling),
            Decision::Refuse(refusal) if refusal.reason.status() == 401 => unauthorized(),
            Decision::Refuse(refusal) => forbidden(refusal.reason.as_str()),
        }
    }

    /// Every header is there, be it empty where nobody signed in: some proxies would pass on what a client wrote under
    /// a name that the answer leaves out, or a placeholder of their own.
    fn allowed(&self, ruling: &Ruling) -> Response {
        let permission = permission_used(self.app.gate.catalog(), &ruling.decision);
        let facts = ruling.snapshot().map(|snapshot| &snapshot.facts);
        let number =
            |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
        let said = [
            (USER, ruling.credential.login().to_owned()),
            (USER_ID, number(facts.map(|facts| facts.user.get()))),
            (TOKEN_ID, number(facts.map(|facts| facts.id.get()))),
            (
                KIND,
                facts.map_or("", |facts| facts.kind.as_str()).to_owned(),
            ),
            (PERMISSION, permission),
        ];
        let headers = said.into_iter().map(|(name, text)| {
            let value = HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
            (name, value)
        });
        answer(StatusCode::OK, headers.collect())
    }
}

/// The git operation that a request is, if it is one.
fn git_errand(method: &str, path: &str, query: Option<&str>) -> Option<Errand> {
    let is_git = ["/info/refs", "/git-upload-pack", "/git-receive-pack"];
    if !is_git.iter().any(|end| path.ends_with(end)) {
        return None;
    }
    let (owner, name, tail) = address(path)?;
    let method = method.parse().ok()?;
    let operation = GitOperation::parse(&method, &tail, query)?;
    Some(Errand {
        owner,
        name,
        operation,
    })
}

fn objection(found: Objection) -> Response {
    forbidden(found.as_str())
}

fn forbidden(reason: &'static str) -> Response {
    let reason = [(REASON, HeaderValue::from_static(reason))];
    answer(StatusCode::FORBIDDEN, reason.into_iter().collect())
}

/// Outside nobody learns what is wrong with a secret. Git asks for a password when it is told so.
fn unauthorized() -> Response {
    let reason = HeaderValue::from_static(Reason::BadCredentials.as_str());
    let challenge = HeaderValue::from_static("Basic realm=\"Grantry\", charset=\"UTF-8\"");
    let headers = [(REASON, reason), (WWW_AUTHENTICATE, challenge)];
    answer(StatusCode::UNAUTHORIZED, headers.into_iter().collect())
}

fn answer(status: StatusCode, mut headers: HeaderMap) -> Response {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    (status, headers).into_response()
}
