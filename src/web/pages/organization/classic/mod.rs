//! The classic tokens that came to an organization: what they are, what they did here, and blocking them here for good.

pub mod block;
pub mod bulk;
pub mod list;
mod query;
mod rows;
pub mod show;

use serde::Deserialize;

use crate::app::App;
use crate::domain::ids::TokenId;
use crate::domain::policy::Effective;
use crate::domain::policy::bars::bars;
use crate::domain::policy::evaluate::{Exposure, Violation, stands_against};
use crate::domain::policy::{Exemption, Spared};
use crate::domain::time::Timestamp;
use crate::domain::token::expiry::{Lifetime, is_over};
use crate::domain::token::{TokenKind, TokenState};
use crate::store::accounts::{self, Account};
use crate::store::classic_visits::{self, Filter, State, Visit};
use crate::store::rights;
use crate::web::error::{PageError, PageResult};
use crate::web::extract::OrganizationOwner;
use crate::web::pages::exemptions;
use crate::web::pages::organization::frame;

/// The part of a path that names one token.
#[derive(Debug, Deserialize)]
pub struct Id {
    id: String,
}

/// One classic token that came to the organization; any other does not exist.
async fn find(app: &App, owner: &OrganizationOwner, id: &Id) -> PageResult<Visit> {
    let id: TokenId = id.id.parse().map_err(|_| PageError::NotFound)?;
    let mut db = app.context.store.reader();
    let found = classic_visits::find(&mut db, owner.organization.id, id).await?;
    found.ok_or(PageError::NotFound)
}

/// The address of the list.
fn list_path(organization: &Account) -> String {
    frame::classic_path(&organization.login)
}

/// The address of one token.
fn token_path(organization: &Account, token: TokenId) -> String {
    format!("{}/{token}", list_path(organization))
}

/// What the organization and its enterprise allow of classic tokens, and how they are called.
struct House {
    policy: Option<Effective>,
    organization: String,
    place: (
        crate::domain::ids::AccountId,
        Option<crate::domain::ids::AccountId>,
    ),
    enterprise: String,
}

/// How a token stands here, in a word and a sentence.
struct Standing {
    state: State,
    is_ended: bool,
    reason: String,
}

impl Standing {
    /// The name of its shape and colour.
    fn badge(&self) -> &'static str {
        match self.state {
            _ if self.is_ended => "revoked",
            State::Works => "active",
            State::BlockedByPolicy | State::BlockedHere => "blocked",
            State::Expired => "expired",
        }
    }

    /// The state in a word or three.
    fn word(&self) -> &'static str {
        match self.state {
            _ if self.is_ended => "Ended",
            State::Works => "Works",
            State::BlockedByPolicy => "Blocked by policy",
            State::BlockedHere => "Blocked here",
            State::Expired => "Expired",
        }
    }
}

impl House {
    async fn find(app: &App, organization: &Account, now: Timestamp) -> PageResult<Self> {
        let mut db = app.context.store.reader();
        let (id, above) = (organization.id, organization.governed_by());
        let kind = TokenKind::Classic;
        let policy = rights::find_policy(&mut db, organization.kind, id, above, kind, now).await?;
        let enterprise = match above {
            Some(above) => accounts::find(&mut db, above).await?,
            None => None,
        };
        Ok(Self {
            policy,
            organization: organization.name.clone(),
            place: (id, above),
            enterprise: enterprise.map_or_else(String::new, |one| one.name),
        })
    }

    /// The filter that leaves out nothing.
    fn filter(&self, now: Timestamp) -> Filter {
        Filter {
            organization: self.place.0,
            enterprise: self.place.1,
            now,
            bars: self.policy.as_ref().map_or_else(Vec::new, bars),
            person: String::new(),
            note: String::new(),
            scope: None,
            state: None,
            life: None,
            tokens: None,
        }
    }

    /// The longest life that is allowed here, in days; none where any is.
    fn limit(&self) -> Option<u16> {
        let limits = self.policy.iter().flat_map(bars);
        limits.filter_map(|bar| bar.longest).min()
    }

    fn violation(
        &self,
        visit: &Visit,
        exemptions: &[Exemption],
        now: Timestamp,
    ) -> Option<Violation> {
        let exposure = Exposure {
            kind: TokenKind::Classic,
            lifetime: Lifetime::between(visit.starts_at, visit.expires_at),
            is_of_a_member: visit.is_of_a_member,
            spared: Spared::by(exemptions, self.place, visit.is_enterprise_owner, now),
        };
        stands_against(self.policy.as_ref()?, &exposure)
    }

    /// How a token stands here: an owner's block comes before everything, and the end of its life before policies.
    fn standing(&self, visit: &Visit, exemptions: &[Exemption], now: Timestamp) -> Standing {
        let (state, reason) = if visit.blocked_at.is_some() {
            (State::BlockedHere, String::new())
        } else if is_over(visit.expires_at, now) {
            (State::Expired, String::new())
        } else if let Some(found) = self.violation(visit, exemptions, now) {
            let names = (self.organization.as_str(), self.enterprise.as_str());
            let why = exemptions::violation(TokenKind::Classic, names, found);
            (State::BlockedByPolicy, format!("{why}."))
        } else {
            (State::Works, String::new())
        };
        Standing {
            state,
            is_ended: visit.state == TokenState::Ended,
            reason,
        }
    }
}
