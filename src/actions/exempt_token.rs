//! An owner spares one token a policy until a date, with a reason, and may take that back (DOMAIN §4).

use super::Context;
use super::membership;
use crate::domain::access::membership::Asker;
use crate::domain::account::AccountKind;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::policy::bars;
use crate::domain::policy::exemption::{ExemptionMistake, check_exemption};
use crate::domain::policy::{Exempted, Exemption, Spared};
use crate::domain::time::Timestamp;
use crate::domain::token::TokenState;
use crate::store::accounts::Account;
use crate::store::exceptions::{self, NewExemption};
use crate::store::tokens::{self, Token};
use crate::store::{Change, StoreError, Work, accounts, exemption_lists, members, records, rights};

/// What an owner asks for.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// Which token.
    pub token: TokenId,
    /// From which policy.
    pub policy: Exempted,
    /// Until when.
    pub until: Timestamp,
    /// Why.
    pub reason: &'a str,
}

/// Why a token is not spared as asked.
#[derive(Debug, thiserror::Error)]
pub enum ExemptError {
    /// No such token reaches the organization or enterprise, or there is no such exemption.
    #[error("there is no such token here")]
    NotFound,
    /// Only owners do it, and whoever asks is none (any more).
    #[error("only owners exempt tokens from their policies")]
    NotAnOwner,
    /// It was taken back or replaced already, or its date has come.
    #[error("the exemption is over already")]
    Over,
    /// The policy, the date or the reason.
    #[error("the exemption cannot be given as asked")]
    Mistakes(Vec<ExemptionMistake>),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Spares a token the policy of an organization or enterprise: only that scope's own values, and only until the date. An
/// exemption from the same policy that is in force already is replaced.
pub async fn exempt_token(
    context: &Context,
    origin: &Origin,
    scope: AccountId,
    wish: &Wish<'_>,
) -> Result<(), ExemptError> {
    let mut work = context.begin(origin).await?;
    members::lock(&mut work, scope).await?;
    let account = owned(&mut work, origin, scope).await?;
    let now = work.now();
    let checked = check_exemption(wish.until, wish.reason, now);
    let token = tokens::find(&mut work, wish.token)
        .await?
        .filter(|token| token.state == TokenState::Live)
        .ok_or(ExemptError::NotFound)?;
    if !records::reaches(&mut work, token.id, token.kind, scope).await? {
        return Err(ExemptError::NotFound);
    }
    let mut mistakes = checked.err().unwrap_or_default();
    if is_decided_above(&mut work, &account, &token, wish.policy).await? {
        mistakes.insert(0, ExemptionMistake::SetAbove);
    }
    if !mistakes.is_empty() {
        return Err(ExemptError::Mistakes(mistakes));
    }
    let new = NewExemption {
        token: token.id,
        exemption: Exemption {
            scope,
            policy: wish.policy,
            until: wish.until,
        },
        reason: wish.reason.trim(),
        by: origin.actor.user(),
        at: now,
    };
    exceptions::give(&mut work, &new).await?;
    let event = event(Action::ExemptionGive, &account)
        .user(token.user_id)
        .token(token.id)
        .with("user_programmatic_access_name", token.name.as_str())
        .with("programmatic_access_type", token.kind.title())
        .with("policy", wish.policy.as_str())
        .with("until", wish.until.to_rfc3339())
        .with("reason", new.reason);
    work.audit_and_tell(event, [token.user_id]);
    work.changed(Change::Token(token.id));
    Ok(context.commit(work).await?)
}

/// Takes an exemption back before its date: from the next request on the policy counts for the token again.
pub async fn end_exemption(
    context: &Context,
    origin: &Origin,
    scope: AccountId,
    exemption: i64,
) -> Result<(), ExemptError> {
    let mut work = context.begin(origin).await?;
    members::lock(&mut work, scope).await?;
    let account = owned(&mut work, origin, scope).await?;
    let now = work.now();
    let given = exemption_lists::find(&mut work, scope, exemption)
        .await?
        .ok_or(ExemptError::NotFound)?;
    let token = tokens::find(&mut work, given.token_id)
        .await?
        .ok_or(ExemptError::NotFound)?;
    if given.is_over(now)
        || !exceptions::take_back(&mut work, given.id, origin.actor.user(), now).await?
    {
        return Err(ExemptError::Over);
    }
    let event = event(Action::ExemptionEnd, &account)
        .user(token.user_id)
        .token(token.id)
        .with("user_programmatic_access_name", token.name.as_str())
        .with("policy", given.policy.as_str());
    work.audit_and_tell(event, [token.user_id]);
    work.changed(Change::Token(token.id));
    Ok(context.commit(work).await?)
}

/// Whether an exemption by an organization would mean nothing, as its enterprise decides.
async fn is_decided_above(
    work: &mut Work,
    scope: &Account,
    token: &Token,
    policy: Exempted,
) -> Result<bool, StoreError> {
    let now = work.now();
    if scope.kind != AccountKind::Organization {
        return Ok(false);
    }
    let above = scope.governed_by();
    let found = rights::find_policy(work, scope.kind, scope.id, above, token.kind, now).await?;
    let exemptions = exceptions::list_of_token(work, token.id).await?;
    let spared = Spared::by(&exemptions, (scope.id, above), false, now);
    Ok(found.is_some_and(|found| bars::is_decided_above(&found, spared, policy)))
}

/// The organization or enterprise, if whoever asks owns it.
async fn owned(work: &mut Work, origin: &Origin, scope: AccountId) -> Result<Account, ExemptError> {
    let account = accounts::find(work, scope)
        .await?
        .ok_or(ExemptError::NotFound)?;
    match membership::asker(work, origin, scope, scope).await? {
        Asker::Owner | Asker::Operator => Ok(account),
        Asker::Themselves | Asker::Stranger => Err(ExemptError::NotAnOwner),
    }
}

fn event(action: Action, scope: &Account) -> Event {
    Event::new(action)
        .owner(scope.id)
        .enterprise(scope.governed_by())
}
