//! A call as the doors hand it in, and the ruling they get back.

use std::net::IpAddr;

use super::resolve::ResolvedOwner;
use super::{Credential, Gate, Resolved, permission_used};
use crate::domain::access::decision::{Decision, Door, Question, Refusal, Target, Workflows};
use crate::domain::access::explain::{self, Names};
use crate::domain::catalog::Endpoint;
use crate::domain::ids::RepositoryId;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::domain::token::conditions::Branches;
use crate::domain::token::secret::masked;
use crate::store::accounts::Account;
use crate::store::records::DecisionRecord;
use crate::store::snapshots::Snapshot;

/// A call that was matched against the catalog.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The endpoint; none when the catalog has no such one.
    pub endpoint: Option<&'a Endpoint>,
    /// The values of its parameters, by name.
    pub parameters: &'a [(String, String)],
    /// Who asks.
    pub door: Door,
    /// Whether it only reads.
    pub is_read: bool,
    /// The method, as it is recorded.
    pub method: &'a str,
    /// The path without its query, as it is recorded.
    pub path: &'a str,
    /// Where it comes from.
    pub client: Option<IpAddr>,
    /// The request's id, as the answer carries it.
    pub request_id: &'a str,
    /// Which branches it writes.
    pub branches: Branches<'a>,
    /// Whether it touches workflow files.
    pub workflows: Workflows,
}

impl Call<'_> {
    /// The value of a parameter; empty when the template has none of that name.
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters
            .iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }

    pub(super) fn question<'b>(
        &'b self,
        targets: &'b [Target<'b>],
        now: Timestamp,
    ) -> Question<'b> {
        Question {
            endpoint: self.endpoint,
            door: self.door,
            is_read: self.is_read,
            targets,
            client: self.client,
            branches: self.branches,
            workflows: self.workflows,
            now,
        }
    }
}

/// The gate's answer: the decision, what the call names, and who asked.
#[derive(Debug, Clone)]
pub struct Ruling {
    /// The decision.
    pub decision: Decision,
    /// What the call names, in path order; empty when it was refused before anything was looked up.
    pub targets: Vec<Resolved>,
    /// Who asked, as they were at the moment of the decision.
    pub credential: Credential,
}

/// The list below which the page of a token of this kind stands, for its user.
const fn page_of(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::FineGrained => "/settings/personal-access-tokens",
        TokenKind::Classic => "/settings/tokens",
    }
}

impl Ruling {
    pub(super) const fn refused(refusal: Refusal, credential: Credential) -> Self {
        Self {
            decision: Decision::Refuse(refusal),
            targets: Vec::new(),
            credential,
        }
    }

    /// The token that asked, where there is a good one.
    pub fn snapshot(&self) -> Option<&Snapshot> {
        self.credential.snapshot()
    }

    /// The sentence for a refusal; empty for an allow.
    pub fn sentence(&self, gate: &Gate) -> String {
        let Decision::Refuse(refusal) = &self.decision else {
            return String::new();
        };
        let kind = self
            .snapshot()
            .map_or(TokenKind::FineGrained, |snapshot| snapshot.facts.kind);
        explain::sentence(gate.catalog, refusal, kind, &self.names(gate, refusal))
    }

    fn names(&self, gate: &Gate, refusal: &Refusal) -> Names {
        let failed = refusal.target.and_then(|place| self.targets.get(place));
        let owner = failed.and_then(Resolved::owner);
        let above = owner.and_then(ResolvedOwner::above);
        let token = self.snapshot().map(|snapshot| &snapshot.facts);
        Names {
            owner: owner
                .map(|owner| owner.entry.account.login.clone())
                .unwrap_or_default(),
            owners: owner
                .map(|owner| owner.entry.owners.clone())
                .unwrap_or_default(),
            enterprise: above
                .map(|above| above.account.login.clone())
                .unwrap_or_default(),
            enterprise_owners: above.map(|above| above.owners.clone()).unwrap_or_default(),
            repository: failed
                .and_then(Resolved::repository)
                .map(|found| found.full_name())
                .unwrap_or_default(),
            token_page: token
                .map(|token| format!("{}{}/{}", gate.base_url, page_of(token.kind), token.id))
                .unwrap_or_default(),
            user: self.credential.login().to_owned(),
        }
    }

    /// What is recorded: every decision about a known token.
    pub(super) fn record(
        &self,
        gate: &Gate,
        presented: &Credential,
        call: &Call<'_>,
    ) -> Option<DecisionRecord> {
        let snapshot = self.credential.token().or_else(|| presented.token())?;
        let reason = self.decision.reason();
        let owner = self.owner();
        Some(DecisionRecord {
            at: gate.clock.now(),
            token: snapshot.facts.id,
            first_use_of: (!snapshot.was_used).then_some(snapshot.secret),
            secret: snapshot.hash,
            user: snapshot.facts.user,
            owner: owner.map(|owner| owner.id),
            enterprise: owner.and_then(Account::governed_by),
            repository: self.repository(),
            method: call.method.to_owned(),
            path: masked(call.path).chars().take(512).collect(),
            permission: permission_used(gate.catalog, &self.decision),
            reason: reason.map(crate::domain::access::decision::Reason::as_str),
            message: self.sentence(gate),
            address: call
                .client
                .map(|client| client.to_string())
                .unwrap_or_default(),
            request_id: call.request_id.to_owned(),
        })
    }

    /// The owner whose log it belongs to. A name that the token may not know belongs to nobody's.
    fn owner(&self) -> Option<&Account> {
        if let Decision::Refuse(refusal) = &self.decision
            && refusal.owner.is_none()
        {
            return None;
        }
        self.targets
            .iter()
            .find_map(Resolved::owner)
            .map(|owner| &owner.entry.account)
    }

    /// The repository whose log it belongs to, by the same rule.
    fn repository(&self) -> Option<RepositoryId> {
        self.owner()?;
        let mut found = self.targets.iter().filter_map(Resolved::repository);
        found.next().map(|repository| repository.id)
    }
}
