//! Asking the gate.

use std::time::Duration;

use grantry::app::App;
use grantry::domain::access::decision::{Decision, Door, Reason, Workflows};
use grantry::domain::token::conditions::Branches;
use grantry::gate::{Call, Ruling, Unavailable};

use super::World;

/// What a test wants to know of a ruling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It may.
    Allowed,
    /// It may not, for this reason.
    Refused(Reason),
}

/// The answer in a ruling.
pub fn reason(ruling: &Ruling) -> Answer {
    match &ruling.decision {
        Decision::Allow(_) => Answer::Allowed,
        Decision::Refuse(refusal) => Answer::Refused(refusal.reason),
    }
}

impl World {
    /// Asks the gate whether a token may do this by API; the decision is recorded.
    pub async fn call(&self, token: &str, method: &str, path: &str) -> Ruling {
        ask(&self.app, Some(token), method, path).await
    }

    /// The same as an answer to compare with.
    pub async fn answer(&self, token: &str, method: &str, path: &str) -> Answer {
        reason(&self.call(token, method, path).await)
    }
}

/// Asks the gate of any process. Where a busy machine kept it from hearing changes for a second, asks again.
pub async fn ask(app: &App, token: Option<&str>, method: &str, path: &str) -> Ruling {
    for _ in 0..50 {
        match try_ask(app, token, method, path).await {
            Err(Unavailable::Deaf) => tokio::time::sleep(Duration::from_millis(100)).await,
            other => return other.expect("the database works"),
        }
    }
    panic!("the gate has heard nothing for five seconds");
}

/// Asks the gate of any process once.
pub async fn try_ask(
    app: &App,
    token: Option<&str>,
    method: &str,
    path: &str,
) -> Result<Ruling, Unavailable> {
    let credential = app.gate.authenticate(token).await?;
    let found = app.gate.catalog().match_endpoint(method, path).ok();
    let parameters: Vec<_> = found.iter().flat_map(|found| &found.parameters).collect();
    let parameters: Vec<_> = parameters
        .into_iter()
        .map(|(name, value)| ((*name).to_owned(), value.to_string()))
        .collect();
    let call = Call {
        endpoint: found
            .as_ref()
            .map(|found| app.gate.catalog().endpoint(found.endpoint)),
        parameters: &parameters,
        door: Door::Api,
        is_read: matches!(method, "GET" | "HEAD"),
        method,
        path,
        client: Some(std::net::Ipv4Addr::LOCALHOST.into()),
        request_id: "test",
        branches: Branches::None,
        workflows: Workflows::Untouched,
    };
    app.gate.decide(&credential, &call).await
}
