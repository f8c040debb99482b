//! An owner takes back a policy that was to begin later.

use super::preview_policy::look;
use super::save_policy::PolicyCase;
use super::{Context, membership, policy_event};
use crate::domain::access::membership::Asker;
use crate::domain::account::AccountKind;
use crate::domain::audit::{Action, Origin};
use crate::domain::ids::AccountId;
use crate::domain::policy::Layer;
use crate::domain::token::TokenKind;
use crate::store::policies::{self, Saved};
use crate::store::{Change, StoreError, accounts, members};

/// Why a policy is not taken back.
#[derive(Debug, thiserror::Error)]
pub enum CancelPolicyError {
    /// There is no such organization or enterprise.
    #[error("there is no such organization or enterprise")]
    NotFound,
    /// Only owners do it, and whoever asks is none (any more).
    #[error("only owners take policies back")]
    NotAnOwner,
    /// It has begun, or somebody took it back or replaced it meanwhile.
    #[error("this version of the policy is not ahead any more")]
    NotAhead,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Takes back the version of this number, which was still to begin: what is in force stays in force.
pub async fn cancel_policy(
    context: &Context,
    origin: &Origin,
    scope: AccountId,
    kind: TokenKind,
    version: i64,
) -> Result<Saved<Layer>, CancelPolicyError> {
    let mut work = context.begin(origin).await?;
    let now = work.now();
    let scope = accounts::find(&mut work, scope)
        .await?
        .filter(|account| account.kind != AccountKind::User)
        .ok_or(CancelPolicyError::NotFound)?;
    members::lock(&mut work, scope.governed_by().unwrap_or(scope.id)).await?;
    match membership::asker(&mut work, origin, scope.id, scope.id).await? {
        Asker::Owner | Asker::Operator => {}
        Asker::Themselves | Asker::Stranger => return Err(CancelPolicyError::NotAnOwner),
    }
    let case = PolicyCase::load(&mut work, &scope, kind, now).await?;
    let ahead = case.standing.ahead.as_ref();
    let ahead = ahead.filter(|ahead| ahead.version == version).cloned();
    let ahead = ahead.ok_or(CancelPolicyError::NotAhead)?;
    if !policies::cancel(&mut work, scope.id, kind, version, now).await? {
        return Err(CancelPolicyError::NotAhead);
    }
    // Whoever was told that it comes is told that it does not.
    let change = (case.own(), ahead.layer);
    let effect = look(&mut work, scope.id, kind, change, ahead.effective_at).await?;
    let event = policy_event::event(Action::PolicyCancel, &scope, kind)
        .with("version", version)
        .with("before", policy_event::written(kind, ahead.layer))
        .with("effective_at", ahead.effective_at.to_rfc3339());
    policy_event::tell(&mut work, event, scope.id, effect.blocked_users()).await?;
    work.changed(Change::Account(scope.id));
    context.commit(work).await?;
    Ok(ahead)
}
