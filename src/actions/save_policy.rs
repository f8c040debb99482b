//! An owner saves what an organization allows of one kind of token.

use serde_json::{Map, Value};

use super::Context;
use super::membership;
use crate::domain::access::membership::Asker;
use crate::domain::account::AccountKind;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::AccountId;
use crate::domain::policy::setting::{EnterpriseLayer, Limit, OrganizationLayer, in_force};
use crate::domain::policy::wish::{PolicyMistake, PolicyWish, plan_policy};
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::store::accounts::{self, Account};
use crate::store::policies::{self, Latest, NewVersion};
use crate::store::{Change, Db, StoreError, Work};

/// Why a policy stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum SavePolicyError {
    /// There is no such organization.
    #[error("there is no such organization")]
    NotFound,
    /// Only owners save it, and whoever asks is none (any more).
    #[error("only owners save an organization's policies")]
    NotAnOwner,
    /// Some values cannot be set.
    #[error("the policy cannot be saved as asked")]
    Mistakes(Vec<PolicyMistake>),
    /// Somebody saved it since it was shown.
    #[error("the policy was saved by somebody else")]
    Moved(Box<Latest<OrganizationLayer>>),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a save changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Saved {
    /// What the organization had set, or the default.
    pub before: OrganizationLayer,
    /// What it has set now; the same where nothing was changed, and nothing was saved then.
    pub after: OrganizationLayer,
}

/// What an organization's page shows of the policy for one kind of token, and what a save is judged by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// What was saved last.
    pub latest: Latest<OrganizationLayer>,
    /// What the enterprise sets, where there is one.
    pub above: Option<EnterpriseLayer>,
}

impl Standing {
    /// Reads how the policy of an organization stands.
    pub async fn load(
        db: &mut impl Db,
        organization: &Account,
        kind: TokenKind,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let above = match organization.enterprise_id {
            Some(enterprise) => {
                let versions =
                    policies::list_versions::<EnterpriseLayer>(db, enterprise, kind).await?;
                Some(in_force(&versions, now).unwrap_or(EnterpriseLayer::default_for(kind)))
            }
            None => None,
        };
        Ok(Self {
            latest: policies::find_latest(db, organization.id, kind).await?,
            above,
        })
    }

    /// What the organization has set itself, or the default.
    pub fn own(&self, kind: TokenKind) -> OrganizationLayer {
        self.latest
            .layer
            .unwrap_or(OrganizationLayer::default_for(kind))
    }
}

/// Saves what an organization allows of tokens of a kind; `shown` is the number of the version that whoever asks saw, 0
/// where nothing was ever saved. It counts from the next request on, in every process.
pub async fn save_policy(
    context: &Context,
    origin: &Origin,
    organization: AccountId,
    kind: TokenKind,
    shown: i64,
    wish: PolicyWish,
) -> Result<Saved, SavePolicyError> {
    let mut work = context.begin(origin).await?;
    let account = accounts::find(&mut work, organization)
        .await?
        .filter(|account| account.kind == AccountKind::Organization)
        .ok_or(SavePolicyError::NotFound)?;
    match membership::asker(&mut work, origin, organization, organization).await? {
        Asker::Owner | Asker::Operator => {}
        Asker::Themselves | Asker::Stranger => return Err(SavePolicyError::NotAnOwner),
    }
    let now = work.now();
    let standing = Standing::load(&mut work, &account, kind, now).await?;
    if standing.latest.version != shown {
        return Err(SavePolicyError::Moved(Box::new(standing.latest)));
    }
    let before = standing.own(kind);
    let after = plan_policy(kind, standing.above.as_ref(), before, wish)
        .map_err(SavePolicyError::Mistakes)?;
    if before == after {
        return Ok(Saved { before, after });
    }
    let new = NewVersion {
        scope: organization,
        kind,
        follows: shown,
        layer: after,
        effective_at: now,
        saved_by: origin.actor.user(),
        saved_at: now,
    };
    if !append(&mut work, &new, &account, before).await? {
        let latest = policies::find_latest(&mut work, organization, kind).await?;
        return Err(SavePolicyError::Moved(Box::new(latest)));
    }
    context.commit(work).await?;
    Ok(Saved { before, after })
}

/// Writes a version with its event, and tells the other owners. False when somebody else was first.
async fn append(
    work: &mut Work,
    new: &NewVersion<OrganizationLayer>,
    organization: &Account,
    before: OrganizationLayer,
) -> Result<bool, StoreError> {
    if !policies::append(work, new).await? {
        return Ok(false);
    }
    let event = Event::new(Action::PolicyUpdate)
        .owner(organization.id)
        .enterprise(organization.governed_by())
        .with("programmatic_access_type", new.kind.title())
        .with("version", new.follows + 1)
        .with("before", written(new.kind, before))
        .with("after", written(new.kind, new.layer));
    let owners = accounts::list_owners(work, organization.id).await?;
    let others = owners
        .into_iter()
        .map(|owner| owner.user_id)
        .filter(|owner| Some(*owner) != new.saved_by);
    work.audit_and_tell(event, others);
    work.changed(Change::Account(organization.id));
    Ok(true)
}

/// A policy as events write it, in the words of directory files.
fn written(kind: TokenKind, layer: OrganizationLayer) -> Value {
    let mut fields = Map::new();
    fields.insert("access".to_owned(), layer.access.as_str().into());
    if kind == TokenKind::FineGrained {
        fields.insert("approval".to_owned(), layer.approval.as_str().into());
    }
    let days = match layer.lifetime {
        Limit::Days(days) => Value::from(days),
        Limit::Unlimited => Value::from("none"),
    };
    fields.insert("max_lifetime_days".to_owned(), days);
    Value::Object(fields)
}
