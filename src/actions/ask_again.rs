//! A user asks an owner again, after a denial or a revocation. The answer is always an owner's: whatever the approval
//! policy says, the request waits.

use super::Context;
use super::edit_token::selectable;
use super::own_token::{self, NewWish, OwnGrant, OwnToken};
use crate::domain::approval::{Ask, Cause, GrantState, RequestState, Terms};
use crate::domain::audit::Origin;
use crate::domain::catalog::Catalog;
use crate::domain::ids::{AccountId, RequestId, TokenId};
use crate::domain::selection::Selection;
use crate::domain::token::draft::{
    Choice, Field, LONGEST_TEXT, Limits, Mistake, Wish, standing_mistakes,
};
use crate::domain::token::edit::CurrentGrant;
use crate::store::{Change, Db, StoreError, Work, members, requests};

/// Why nothing was asked.
#[derive(Debug, thiserror::Error)]
pub enum AskAgainError {
    /// The user has no such fine-grained token, or it never asked this owner for anything.
    #[error("there is nothing to ask for again")]
    NotFound,
    /// The token was deleted or revoked.
    #[error("the token was ended")]
    Ended,
    /// Its life is over: it must be regenerated first.
    #[error("the token's life is over")]
    Expired,
    /// A request waits already.
    #[error("a request waits already")]
    Waiting(RequestId),
    /// Nothing was denied or taken back: what more is wished for is asked for by editing.
    #[error("nothing was denied or revoked")]
    NothingLost,
    /// The grant changed at the same moment.
    #[error("the token changed meanwhile")]
    Moved,
    /// Something stands against it now, each with its place.
    #[error("this cannot be asked for any more")]
    Mistakes(Vec<Mistake>),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Asks an owner again for what it denied or revoked, and gives the new request's id.
pub async fn ask_again(
    context: &Context,
    origin: &Origin,
    user: AccountId,
    token: TokenId,
    owner: AccountId,
    justification: &str,
) -> Result<RequestId, AskAgainError> {
    let mut work = context.begin(origin).await?;
    members::lock(&mut work, user).await?;
    let own = own_token::load(&mut work, context.catalog, user, token).await?;
    let own = own.ok_or(AskAgainError::NotFound)?;
    let (grant, part) = own.at(owner).ok_or(AskAgainError::NotFound)?;
    may_ask(&own, part, work.now())?;
    let lost = lost(context.catalog, &mut work, grant, part).await?;
    let justification = justification.trim();
    let (choice, asked) = judge(context, &mut work, &own, grant, &lost, justification).await?;
    let relation = match &grant.given {
        Some(_) => grant.relation,
        None => choice.relation,
    };
    let rev = own_token::hold(&mut work, &part.row, relation).await?;
    let wish = NewWish {
        grant: (part.row.id, rev.ok_or(AskAgainError::Moved)?),
        owner,
        enterprise: part.enterprise,
        cause: Cause::Again,
        ask: &asked,
        given: grant.given.as_ref(),
        reason: justification,
    };
    let request = own_token::request(context, &mut work, &own, wish).await?;
    work.changed(Change::Token(token));
    context.commit(work).await?;
    Ok(request)
}

fn may_ask(
    own: &OwnToken,
    part: &OwnGrant,
    now: crate::domain::time::Timestamp,
) -> Result<(), AskAgainError> {
    if own.is_ended() {
        return Err(AskAgainError::Ended);
    }
    if own.token.is_expired(now) {
        return Err(AskAgainError::Expired);
    }
    match &part.pending {
        Some(pending) => Err(AskAgainError::Waiting(pending.id)),
        None => Ok(()),
    }
}

/// What was lost: what stands as denied or revoked; of a grant that works, the widening that was denied last; of one that
/// never worked, the request that was cancelled.
async fn lost(
    catalog: &Catalog,
    work: &mut Work,
    grant: &CurrentGrant,
    part: &OwnGrant,
) -> Result<Ask, AskAgainError> {
    if let Some(lost) = &grant.lost {
        return Ok(lost.clone());
    }
    let latest = part.latest.as_ref().ok_or(AskAgainError::NothingLost)?;
    let never_worked = matches!(grant.state, GrantState::None | GrantState::Suspended);
    let was_lost = match latest.state {
        RequestState::Denied => true,
        RequestState::Cancelled => never_worked,
        RequestState::Pending | RequestState::Approved => false,
    };
    if !was_lost {
        return Err(AskAgainError::NothingLost);
    }
    Ok(requests::load_ask(work, catalog, latest).await?)
}

/// What is asked for now: the same permissions and those of the repositories that can still be chosen, under the terms
/// that the token has now.
async fn judge(
    context: &Context,
    db: &mut impl Db,
    own: &OwnToken,
    grant: &CurrentGrant,
    lost: &Ask,
    justification: &str,
) -> Result<(Choice, Ask), AskAgainError> {
    let user = own.token.user_id;
    let now = context.clock.now();
    let mistake =
        |field, message: String| AskAgainError::Mistakes(vec![Mistake { field, message }]);
    let length = justification.chars().count();
    if length > LONGEST_TEXT {
        let message = format!("The justification has {length} characters; {LONGEST_TEXT} fit.");
        return Err(mistake(Field::Justification, message));
    }
    let Some(choice) = own_token::find_choice(db, own, grant.owner, now).await? else {
        let message = format!("You cannot choose {} any more.", grant.login);
        return Err(mistake(Field::Owners, message));
    };
    let choosable = selectable(db, user, choice.relation, grant.owner, &lost.selection).await?;
    let selection = match &lost.selection {
        Selection::Selected(named) => Selection::Selected(named & &choosable),
        other => other.clone(),
    };
    let terms = Terms {
        lifetime: own.current.lifetime,
        allows_rotation: own.current.wants_rotation,
        conditions: own.current.conditions.clone(),
    };
    let asked = Ask {
        selection,
        permissions: lost.permissions.clone(),
        terms,
    };
    let choice = Choice {
        choosable,
        ..choice
    };
    let mistakes = stands_against(context.catalog, &context.limits, &choice, &asked);
    if mistakes.is_empty() {
        Ok((choice, asked))
    } else {
        Err(AskAgainError::Mistakes(mistakes))
    }
}

fn stands_against(
    catalog: &Catalog,
    limits: &Limits,
    choice: &Choice,
    asked: &Ask,
) -> Vec<Mistake> {
    let wish = Wish {
        owner: choice.owner,
        selection: asked.selection.clone(),
        permissions: asked.permissions.clone(),
    };
    standing_mistakes(catalog, limits, &wish, choice, asked.terms.lifetime)
}
