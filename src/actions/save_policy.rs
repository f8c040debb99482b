//! An owner saves what an organization, or an enterprise, allows of one kind of token: from now on or from a day on.

use std::collections::BTreeSet;

use super::preview_policy::look;
use super::{Context, membership, policy_event};
use crate::domain::access::membership::Asker;
use crate::domain::account::AccountKind;
use crate::domain::audit::{Action, Origin};
use crate::domain::ids::AccountId;
use crate::domain::policy::enterprise_wish::{
    EnterpriseWish, may_interrupt, plan_enterprise_policy,
};
use crate::domain::policy::preview::{Looked, Preview};
use crate::domain::policy::setting::{EnterpriseLayer, Layer, OrganizationLayer, in_force};
use crate::domain::policy::start::Start;
use crate::domain::policy::wish::{PolicyMistake, PolicyWish, plan_policy};
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::store::accounts::{self, Account};
use crate::store::policies::{self, NewVersion, Standing};
use crate::store::{Change, Db, StoreError, Work, members};

/// What an owner of one of the two levels wants to set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// For an organization.
    Organization(PolicyWish),
    /// For the organizations and managed users of an enterprise.
    Enterprise(EnterpriseWish),
}

/// Everything that an owner hands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proposal<'a> {
    /// The organization or enterprise.
    pub scope: AccountId,
    /// For which tokens.
    pub kind: TokenKind,
    /// The number of the version that whoever asks saw; 0 where nothing was ever saved.
    pub shown: i64,
    /// What is to be set.
    pub wish: Wish,
    /// From when.
    pub start: Start,
    /// Whether it is accepted that managed users may be interrupted.
    pub accepts_risk: bool,
    /// The digest of the preview that whoever asks looked at.
    pub looked: Option<&'a str>,
}

/// Why a policy stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum SavePolicyError {
    /// There is no such organization or enterprise.
    #[error("there is no such organization or enterprise")]
    NotFound,
    /// Only owners save it, and whoever asks is none (any more).
    #[error("only owners save policies")]
    NotAnOwner,
    /// Some values cannot be set.
    #[error("the policy cannot be saved as asked")]
    Mistakes(Vec<PolicyMistake>),
    /// Somebody saved it since it was shown.
    #[error("the policy was saved by somebody else")]
    Moved(Box<Standing<Layer>>),
    /// It would block what was used lately, and whoever asks has not looked at that, or at something else.
    #[error("the policy would block tokens in use, and nobody looked at them")]
    LookFirst(Box<Preview>),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a save changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedPolicy {
    /// What was in force, or the default.
    pub before: Layer,
    /// What will be.
    pub after: Layer,
    /// From when.
    pub effective_at: Timestamp,
    /// What it blocks and frees; none where it changed nothing, and nothing was saved then.
    pub effect: Option<Preview>,
}

/// A policy as a page shows it and as a save is judged by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyCase {
    /// The organization or enterprise.
    pub scope: Account,
    /// For which tokens.
    pub kind: TokenKind,
    /// What was saved.
    pub standing: Standing<Layer>,
    /// What the enterprise above an organization sets, where there is one.
    pub above: Option<EnterpriseLayer>,
    /// Whether the enterprise owns accounts of users.
    pub has_managed_users: bool,
}

impl PolicyCase {
    /// Reads how the policy of an organization or enterprise stands.
    pub async fn load(
        db: &mut impl Db,
        scope: &Account,
        kind: TokenKind,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let is_enterprise = scope.kind == AccountKind::Enterprise;
        let standing = if is_enterprise {
            let standing = policies::find_standing(db, scope.id, kind, now).await?;
            standing.map(Layer::Enterprise)
        } else {
            let standing = policies::find_standing(db, scope.id, kind, now).await?;
            standing.map(Layer::Organization)
        };
        let above = match scope.governed_by().filter(|_| !is_enterprise) {
            Some(enterprise) => {
                let saved = policies::list_versions(db, enterprise, kind).await?;
                Some(in_force(&saved, now).unwrap_or(EnterpriseLayer::default_for(kind)))
            }
            None => None,
        };
        Ok(Self {
            scope: scope.clone(),
            kind,
            standing,
            above,
            has_managed_users: is_enterprise && accounts::manages_users(db, scope.id).await?,
        })
    }

    /// What the scope has set itself and is in force, or the default: a version ahead is not yet its own.
    pub fn own(&self) -> Layer {
        let in_force = self.standing.in_force.as_ref();
        in_force.map_or_else(|| self.default_layer(), |saved| saved.layer)
    }

    /// What holds before anybody sets anything.
    pub const fn default_layer(&self) -> Layer {
        match self.scope.kind {
            AccountKind::Enterprise => Layer::Enterprise(EnterpriseLayer::default_for(self.kind)),
            AccountKind::Organization | AccountKind::User => {
                Layer::Organization(OrganizationLayer::default_for(self.kind))
            }
        }
    }

    /// What a wish would set and from when; or everything that is wrong with it.
    pub fn plan(
        &self,
        wish: Wish,
        start: Start,
        accepts_risk: bool,
        now: Timestamp,
    ) -> Result<(Layer, Timestamp), Vec<PolicyMistake>> {
        let planned = match (wish, self.own()) {
            (Wish::Organization(wish), Layer::Organization(own)) => {
                plan_policy(self.kind, self.above.as_ref(), own, wish).map(Layer::Organization)
            }
            (Wish::Enterprise(wish), Layer::Enterprise(own)) => {
                let is_risky = self.has_managed_users;
                plan_enterprise_policy(self.kind, own, wish, is_risky, accepts_risk)
                    .map(Layer::Enterprise)
            }
            // A wish of the other level asks for nothing that there is here.
            (Wish::Organization(_) | Wish::Enterprise(_), own) => Ok(own),
        };
        match (planned, start.instant(now)) {
            (Ok(layer), Ok(at)) => Ok((layer, at)),
            (Ok(_), Err(mistake)) => Err(vec![PolicyMistake::Start(mistake)]),
            (Err(mistakes), Ok(_)) => Err(mistakes),
            (Err(mut mistakes), Err(mistake)) => {
                mistakes.push(PolicyMistake::Start(mistake));
                Err(mistakes)
            }
        }
    }

    /// Whether setting this has to be accepted as a risk for managed users.
    pub fn is_risky(&self, after: Layer) -> bool {
        match (self.own(), after) {
            (Layer::Enterprise(before), Layer::Enterprise(after)) => {
                may_interrupt(before, after, self.has_managed_users)
            }
            _ => false,
        }
    }

    /// Whether setting this from then on changes nothing: it is in force already, or is to begin at that very instant.
    fn is_set(&self, after: Layer, at: Timestamp) -> bool {
        let ahead = self.standing.ahead.as_ref();
        let is_ahead = ahead.is_some_and(|ahead| ahead.layer == after && ahead.effective_at == at);
        is_ahead || (self.own() == after && self.standing.ahead.is_none())
    }
}

/// Saves what an organization or enterprise allows of tokens of a kind, in place of a version that was still to begin.
/// It counts from the next request on, in every process, or by itself from the day on that was chosen.
pub async fn save_policy(
    context: &Context,
    origin: &Origin,
    proposal: &Proposal<'_>,
) -> Result<SavedPolicy, SavePolicyError> {
    let mut work = context.begin(origin).await?;
    let now = work.now();
    let case = held_case(&mut work, origin, proposal).await?;
    let (after, at) = case
        .plan(proposal.wish, proposal.start, proposal.accepts_risk, now)
        .map_err(SavePolicyError::Mistakes)?;
    let before = case.own();
    if case.is_set(after, at) {
        return Ok(SavedPolicy {
            before,
            after: before,
            effective_at: now,
            effect: None,
        });
    }
    let (scope, kind, start) = (proposal.scope, proposal.kind, proposal.start);
    let effect = look(&mut work, scope, kind, (before, after), at).await?;
    let looked = Looked {
        scope,
        kind,
        proposed: after,
        start,
    };
    let has_looked = proposal.looked == Some(effect.digest(&looked).as_str());
    if effect.needs_a_look(now) && !has_looked {
        return Err(SavePolicyError::LookFirst(Box::new(effect)));
    }
    let saved = SavedPolicy {
        before,
        after,
        effective_at: at,
        effect: Some(effect),
    };
    append(&mut work, &case, &saved).await?;
    context.commit(work).await?;
    Ok(saved)
}

/// The policy, held until the transaction ends, if whoever asks owns it and saw its last version. An enterprise and its
/// organizations are held together, because what one of them blocks depends on what the others set.
async fn held_case(
    work: &mut Work,
    origin: &Origin,
    proposal: &Proposal<'_>,
) -> Result<PolicyCase, SavePolicyError> {
    let scope = accounts::find(work, proposal.scope)
        .await?
        .filter(|account| account.kind != AccountKind::User)
        .ok_or(SavePolicyError::NotFound)?;
    members::lock(work, scope.governed_by().unwrap_or(scope.id)).await?;
    match membership::asker(work, origin, scope.id, scope.id).await? {
        Asker::Owner | Asker::Operator => {}
        Asker::Themselves | Asker::Stranger => return Err(SavePolicyError::NotAnOwner),
    }
    let now = work.now();
    let case = PolicyCase::load(work, &scope, proposal.kind, now).await?;
    if case.standing.number == proposal.shown {
        Ok(case)
    } else {
        Err(SavePolicyError::Moved(Box::new(case.standing)))
    }
}

/// Writes the version with its event, and tells the other owners and everybody whose tokens it blocks.
async fn append(
    work: &mut Work,
    case: &PolicyCase,
    saved: &SavedPolicy,
) -> Result<(), SavePolicyError> {
    let (now, scope, by) = (work.now(), case.scope.id, work.origin().actor.user());
    let promised = promised(work, case).await?;
    let replaced = policies::cancel_ahead(work, scope, case.kind, now).await?;
    let new = NewVersion {
        scope,
        kind: case.kind,
        follows: case.standing.number,
        layer: saved.after,
        effective_at: saved.effective_at,
        saved_by: by,
        saved_at: now,
        risk_by: by.filter(|_| case.is_risky(saved.after)),
    };
    if !policies::append(work, &new).await? {
        let standing = PolicyCase::load(work, &case.scope, case.kind, now)
            .await?
            .standing;
        return Err(SavePolicyError::Moved(Box::new(standing)));
    }
    let effect = saved.effect.clone().unwrap_or_default();
    let event = policy_event::event(Action::PolicyUpdate, &case.scope, case.kind)
        .with("version", new.follows + 1)
        .with("replaced_version", replaced)
        .with("before", policy_event::written(case.kind, saved.before))
        .with("after", policy_event::written(case.kind, saved.after))
        .with("effective_at", saved.effective_at.to_rfc3339());
    let event = policy_event::with_counts(event, &effect);
    let people = effect.blocked_users().into_iter().chain(promised);
    policy_event::tell(work, event, scope, people).await?;
    work.changed(Change::Account(scope));
    Ok(())
}

/// Whom the version ahead would block: they were told of it, so they are told when another one takes its place.
async fn promised(work: &mut Work, case: &PolicyCase) -> Result<BTreeSet<AccountId>, StoreError> {
    let Some(ahead) = &case.standing.ahead else {
        return Ok(BTreeSet::new());
    };
    let change = (case.own(), ahead.layer);
    let effect = look(work, case.scope.id, case.kind, change, ahead.effective_at).await?;
    Ok(effect.blocked_users())
}
