//! The git door: smart HTTP over the gate.
//!
//! A push is decided twice: before git starts, on what its first request shows, and in its hook, on what it would
//! really do (branches, workflow files). The second decision reads the token again, so that a right that ended while
//! the objects came in ends the push.

use axum::Router;
use axum::body::Body;
use axum::extract::{OriginalUri, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::any;

use super::backend::GitRequest;
use super::errand::{self, Errand, address};
use super::facts::{PushFacts, PushVerdict};
use super::operation::{GitOperation, Service};
use super::receive::PushTicket;
use super::refusal::{refusal_response, refuse};
use crate::app::App;
use crate::domain::access::decision::{Decision, Door, Reason, Refusal, Workflows};
use crate::domain::token::conditions::Branches;
use crate::gate::{Call, Credential, Resolved, Ruling, presented};
use crate::server::meta::RequestMeta;
use crate::store::repositories::Repository;

/// Where refs may move: everything else is git's own or the server's.
const OPEN_REFS: [&str; 3] = ["refs/heads/", "refs/tags/", "refs/notes/"];

/// The most workflow files that a refusal names.
const MOST_NAMED: usize = 5;

/// The three addresses of the smart protocol below each repository.
pub fn router() -> Router<App> {
    Router::new()
        .route("/{owner}/{repo}/info/refs", any(answer))
        .route("/{owner}/{repo}/git-upload-pack", any(answer))
        .route("/{owner}/{repo}/git-receive-pack", any(answer))
}

async fn answer(
    State(app): State<App>,
    meta: RequestMeta,
    OriginalUri(uri): OriginalUri,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Some((owner, name, tail)) = address(uri.path()) else {
        return refusal_response(
            StatusCode::BAD_REQUEST,
            "this address could be read in more than one way",
        );
    };
    let Some(operation) = GitOperation::parse(&parts.method, &tail, uri.query()) else {
        return refusal_response(
            StatusCode::NOT_FOUND,
            "only git's smart protocol is spoken here; update git",
        );
    };
    let errand = Errand {
        owner,
        name,
        operation,
    };
    match serve(&app, &meta, &errand, &parts.headers, body).await {
        Ok(response) => response,
        Err((status, sentence)) => refuse(operation, &parts.headers, status, &sentence),
    }
}

type Said<T> = Result<T, (StatusCode, String)>;

async fn serve(
    app: &App,
    meta: &RequestMeta,
    errand: &Errand,
    headers: &HeaderMap,
    body: Body,
) -> Said<Response> {
    let presented = presented::presented(headers)
        .map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))?;
    let credential = app
        .gate
        .authenticate(presented.as_deref())
        .await
        .map_err(unavailable)?;
    let case = Case {
        app: app.clone(),
        meta: meta.clone(),
        errand: errand.clone(),
        credential,
    };
    let ruling = case.decide(Branches::None, Workflows::Untouched).await?;
    let repository = repository(&ruling)?;
    let login = ruling.credential.login().to_owned();
    let push = case.push_ticket();
    let request = GitRequest {
        repository: app.git.layout.repository(repository.id.get()),
        operation: errand.operation,
        headers: headers.clone(),
        remote_user: (!login.is_empty()).then_some(login),
        remote_addr: meta.client,
        push,
        body,
    };
    Ok(app.git.backend.serve(request).await)
}

fn repository(ruling: &Ruling) -> Said<&Repository> {
    let found = ruling.targets.iter().find_map(Resolved::repository);
    found.map(AsRef::as_ref).ok_or_else(not_found)
}

/// One request with everything that its decisions need.
struct Case {
    app: App,
    meta: RequestMeta,
    errand: Errand,
    credential: Credential,
}

impl Case {
    fn is_push(&self) -> bool {
        self.errand.operation.is_write()
    }

    /// Asks the gate, which records its answer.
    async fn decide(&self, branches: Branches<'_>, workflows: Workflows) -> Said<Ruling> {
        let endpoint = self.errand.endpoint(self.app.gate.catalog());
        let call = Call {
            endpoint,
            parameters: &self.errand.parameters(endpoint),
            door: Door::Git,
            is_read: !self.is_push(),
            method: errand::METHOD,
            path: &self.errand.line(),
            client: self.meta.client,
            request_id: &self.meta.request_id,
            branches,
            workflows,
        };
        let ruling = self
            .app
            .gate
            .decide(&self.credential, &call)
            .await
            .map_err(unavailable)?;
        match &ruling.decision {
            Decision::Allow(_) => Ok(ruling),
            Decision::Refuse(refusal) => Err(self.refused(&ruling, refusal)),
        }
    }

    fn refused(&self, ruling: &Ruling, refusal: &Refusal) -> (StatusCode, String) {
        match refusal.reason {
            Reason::BadCredentials => bad_credentials(&self.credential),
            Reason::NotFound => not_found(),
            reason => {
                let status = StatusCode::from_u16(reason.status()).unwrap_or(StatusCode::FORBIDDEN);
                (status, ruling.sentence(&self.app.gate))
            }
        }
    }

    /// Leaves the decider of a push where its hook will ask.
    fn push_ticket(self) -> Option<PushTicket> {
        if self.errand.operation != GitOperation::Exchange(Service::ReceivePack) {
            return None;
        }
        let random = self.app.context.entropy.bytes::<16>();
        let desk = std::sync::Arc::clone(&self.app.git.desk);
        Some(desk.register(random, move |facts| async move {
            self.decide_push(&facts).await
        }))
    }

    async fn decide_push(&self, facts: &PushFacts) -> PushVerdict {
        if let Some(closed) = closed_ref(facts) {
            return PushVerdict::refuse(format!(
                "{closed} cannot be pushed: only branches, tags and notes can"
            ));
        }
        let names: Vec<_> = facts
            .updates
            .iter()
            .map(|update| update.short_name().to_owned())
            .collect();
        let workflows = if facts.workflow_files.is_empty() {
            Workflows::Untouched
        } else {
            Workflows::Touched
        };
        match self.decide(Branches::Known(&names), workflows).await {
            Ok(_) => PushVerdict::allow(),
            Err((_, sentence)) => {
                PushVerdict::refuse(with_workflows(&sentence, &facts.workflow_files))
            }
        }
    }
}

/// The first ref that no push may move.
fn closed_ref(facts: &PushFacts) -> Option<&str> {
    let mut references = facts.updates.iter().map(|update| update.reference.as_str());
    references.find(|reference| !OPEN_REFS.iter().any(|open| reference.starts_with(open)))
}

/// The sentence, and which workflow files a push touches: without them nobody could tell what asked for more.
fn with_workflows(sentence: &str, files: &[String]) -> String {
    if files.is_empty() {
        return sentence.to_owned();
    }
    let mut named = files
        .iter()
        .take(MOST_NAMED)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    if files.len() > MOST_NAMED {
        named.push_str(", …");
    }
    format!("{sentence}\nThis push adds or changes workflow files: {named}")
}

fn bad_credentials(credential: &Credential) -> (StatusCode, String) {
    let sentence = match credential {
        Credential::Anonymous => "sign in: any user name, and a token as the password",
        _ => "Bad credentials: give a token that works as the password",
    };
    (StatusCode::UNAUTHORIZED, sentence.to_owned())
}

fn not_found() -> (StatusCode, String) {
    let sentence = "there is no such repository, or this token may not see it";
    (StatusCode::NOT_FOUND, sentence.to_owned())
}

#[allow(clippy::needless_pass_by_value)] // It is what `map_err` hands over.
fn unavailable(error: crate::gate::Unavailable) -> (StatusCode, String) {
    tracing::error!(%error, "a git request could not be decided");
    let sentence = "the server cannot decide this now; nothing was changed, try again in a second";
    (StatusCode::SERVICE_UNAVAILABLE, sentence.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::facts::{RefChange, RefKind, RefUpdate};

    #[test]
    fn only_branches_tags_and_notes_are_open() {
        let facts = |reference: &str| PushFacts {
            updates: vec![RefUpdate {
                reference: reference.to_owned(),
                kind: RefKind::Other,
                change: RefChange::Create,
                old: String::new(),
                new: String::new(),
            }],
            workflow_files: Vec::new(),
        };
        for open in ["refs/heads/main", "refs/tags/v1", "refs/notes/commits"] {
            assert_eq!(closed_ref(&facts(open)), None);
        }
        for closed in [
            "refs/replace/x",
            "refs/pull/1/head",
            "HEAD",
            "refs/headsman",
        ] {
            assert_eq!(closed_ref(&facts(closed)), Some(closed));
        }
    }

    #[test]
    fn a_refusal_names_the_first_workflow_files() {
        let files: Vec<_> = (0..7).map(|n| format!("w{n}.yml")).collect();
        let said = with_workflows("no", &files);
        assert!(said.ends_with("w3.yml, w4.yml, …"), "{said}");
        assert_eq!(with_workflows("no", &[]), "no");
    }
}
