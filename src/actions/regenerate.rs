//! A user replaces a token's secret and begins its life anew. The old secret stops now, or goes on for some hours beside
//! the new one until that is used. It is the same for both kinds; a classic token has no owner that could refuse the
//! life or has to agree to it.

use super::Context;
use super::own_token::{self, NewWish, OwnGrant, OwnToken, described};
use crate::domain::approval::{Ask, Cause};
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::{AccountId, SecretId, TokenId};
use crate::domain::time::Timestamp;
use crate::domain::token::draft::{Field, Mistake};
use crate::domain::token::expiry::Expiration;
use crate::domain::token::rotation::{
    Overlap, OwnerRotation, RotationOutcome, RotationPlan, plan_rotation,
};
use crate::domain::token::secret::{self, Secret};
use crate::store::{Change, Db, StoreError, Work, forms, grants, tokens};

/// What a user chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The hash of the form's one-time number.
    pub form_number: Vec<u8>,
    /// When the new life ends.
    pub expiration: Expiration,
    /// For how long the old secret goes on; none: it stops now.
    pub overlap: Option<Overlap>,
}

/// A token with its new secret: the only time it is in the clear.
#[derive(Debug)]
pub struct Regenerated {
    /// To show once.
    pub secret: Secret,
    /// When the new life ends.
    pub expires_at: Option<Timestamp>,
    /// When the old secret stops, should the new one not be used before; none: it has stopped.
    pub old_ends_at: Option<Timestamp>,
    /// What the new life means at each owner. Empty where the form was sent again: the first time said it.
    pub owners: Vec<OwnerRotation>,
}

/// Why the secret was not replaced.
#[derive(Debug, thiserror::Error)]
pub enum RegenerateError {
    /// The user has no such token.
    #[error("there is no such token")]
    NotFound,
    /// It was deleted or revoked.
    #[error("the token was ended")]
    Ended,
    /// It, or something that waits for it, changed at the same moment.
    #[error("the token changed meanwhile")]
    Moved,
    /// This form has replaced the secret before, and the new one was used: it cannot be shown again.
    #[error("this form has already replaced the secret")]
    AlreadyMade,
    /// The form has mistakes, each with its place.
    #[error("the token cannot be regenerated as asked")]
    Mistakes(Vec<Mistake>),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Says what regenerating would do, without doing anything.
pub async fn preview(
    context: &Context,
    user: AccountId,
    token: TokenId,
    expiration: Expiration,
    overlap: Option<Overlap>,
) -> Result<RotationPlan, RegenerateError> {
    let mut db = context.store.reader();
    let own = find(context, &mut db, user, token).await?;
    let now = context.clock.now();
    judge(context, &mut db, &own, expiration, overlap, now).await
}

/// Replaces the secret. The same form sent again replaces a new secret that nobody has used, and changes nothing else.
pub async fn regenerate(
    context: &Context,
    origin: &Origin,
    user: AccountId,
    token: TokenId,
    wish: &Wish,
) -> Result<Regenerated, RegenerateError> {
    let mut work = context.begin(origin).await?;
    let now = work.now();
    let is_first = forms::claim_number(&mut work, user, &wish.form_number, now).await?;
    let own = find(context, &mut work, user, token).await?;
    if !is_first {
        return replace_again(context, work, &own, wish).await;
    }
    let plan = judge(context, &mut work, &own, wish.expiration, wish.overlap, now).await?;
    let version = (token, own.token.rev);
    if !tokens::renew(&mut work, version, now, plan.expires_at).await? {
        return Err(RegenerateError::Moved);
    }
    forms::note_token(&mut work, user, &wish.form_number, token).await?;
    let old_ends_at = retire(&mut work, &own, plan.old_ends_at).await?;
    let secret = put_secret(context, &mut work, &own).await?;
    let event = new_secret(&own, &secret, old_ends_at)
        .with("expires_at", plan.expires_at.map(Timestamp::to_rfc3339));
    record(&mut work, &own, event);
    for ((owner, part), grant) in plan.owners.iter().zip(&own.parts).zip(&own.current.grants) {
        let step = Step {
            context,
            own: &own,
            part,
            given: grant.given.as_ref(),
            was_refused: grant.was_refused,
        };
        step.write(&mut work, &owner.outcome).await?;
    }
    work.changed(Change::Token(token));
    context.commit(work).await?;
    Ok(Regenerated {
        secret,
        expires_at: plan.expires_at,
        old_ends_at,
        owners: plan.owners,
    })
}

async fn find(
    context: &Context,
    db: &mut impl Db,
    user: AccountId,
    token: TokenId,
) -> Result<OwnToken, RegenerateError> {
    let own = own_token::load_any(db, context.catalog, user, token).await?;
    let own = own.ok_or(RegenerateError::NotFound)?;
    if own.is_ended() {
        Err(RegenerateError::Ended)
    } else {
        Ok(own)
    }
}

async fn judge(
    context: &Context,
    db: &mut impl Db,
    own: &OwnToken,
    expiration: Expiration,
    overlap: Option<Overlap>,
    now: Timestamp,
) -> Result<RotationPlan, RegenerateError> {
    let choices = own_token::choices(db, own, now).await?;
    let former_end = own.token.expires_at;
    let plan = plan_rotation(&own.current, former_end, expiration, overlap, &choices, now)
        .map_err(RegenerateError::Mistakes)?;
    // One whose life is over does not count as living; it will again.
    if own.token.is_expired(now) {
        let limit = context.limits.tokens_per_user;
        let live = tokens::count_live(db, own.token.user_id, now).await?;
        if usize::try_from(live).unwrap_or(usize::MAX) >= limit {
            let message = format!(
                "You have {limit} tokens, which is the most there may be: delete one first."
            );
            let field = Field::Expiration;
            return Err(RegenerateError::Mistakes(vec![Mistake { field, message }]));
        }
    }
    Ok(plan)
}

/// Retires the old secret, or lets it go on. The old secret is the one in use: where the current one was never used and
/// the one before still goes on, that one does, for no longer than it was promised. So a lost answer costs nothing.
pub(super) async fn retire(
    work: &mut Work,
    own: &OwnToken,
    old_ends_at: Option<Timestamp>,
) -> Result<Option<Timestamp>, StoreError> {
    let kept = match old_ends_at {
        None => None,
        Some(end) => in_use(work, own.token.id)
            .await?
            .map(|(secret, promised)| (secret, promised.map_or(end, |promised| promised.min(end)))),
    };
    tokens::retire_secrets(work, own.token.id, kept).await?;
    Ok(kept.map(|(_, end)| end))
}

async fn in_use(
    work: &mut Work,
    token: TokenId,
) -> Result<Option<(SecretId, Option<Timestamp>)>, StoreError> {
    let now = work.now();
    let current = tokens::find_current_secret(work, token).await?;
    let is_unused = current
        .as_ref()
        .is_some_and(|secret| secret.first_used_at.is_none());
    let before = tokens::find_overlapping_secret(work, token, now).await?;
    Ok(match before {
        Some(before) if is_unused => Some((before.id, before.ends_at)),
        _ => current.map(|current| (current.id, None)),
    })
}

pub(super) async fn put_secret(
    context: &Context,
    work: &mut Work,
    own: &OwnToken,
) -> Result<Secret, StoreError> {
    let minted = secret::mint(
        &context.token_prefix,
        own.token.kind,
        Some(&own.token.identifier),
        &*context.entropy,
    );
    let now = work.now();
    tokens::insert_secret(work, own.token.id, minted.secret.hash(), now).await?;
    Ok(minted.secret)
}

fn new_secret(own: &OwnToken, secret: &Secret, old_ends_at: Option<Timestamp>) -> Event {
    own.event(Action::TokenRegenerate)
        .with("hashed_token", secret.hash().to_base64())
        .with(
            "former_secret_ends_at",
            old_ends_at.map(Timestamp::to_rfc3339),
        )
}

/// Records a secret that the token replaced by itself, in an unchanged life.
pub(super) fn record_rotation(
    work: &mut Work,
    own: &OwnToken,
    secret: &Secret,
    old_ends_at: Option<Timestamp>,
) {
    let event = new_secret(own, secret, old_ends_at).with("self_rotation", true);
    record(work, own, event);
}

/// Records it for the user, who is told as well, and for each owner where the token holds or asks for anything.
fn record(work: &mut Work, own: &OwnToken, event: Event) {
    let owners = own.current.grants.iter().zip(&own.parts);
    for (_, part) in owners.filter(|(grant, _)| grant.wished().is_some()) {
        let at_owner = event.clone().owner(part.row.owner_id);
        work.audit(at_owner.enterprise(part.enterprise));
    }
    work.audit_and_tell(event, [own.token.user_id]);
}

/// What a new life writes at one owner.
struct Step<'a> {
    context: &'a Context,
    own: &'a OwnToken,
    part: &'a OwnGrant,
    given: Option<&'a Ask>,
    was_refused: bool,
}

impl Step<'_> {
    async fn write(
        &self,
        work: &mut Work,
        outcome: &RotationOutcome,
    ) -> Result<(), RegenerateError> {
        match outcome {
            RotationOutcome::Unchanged => Ok(()),
            RotationOutcome::Extended(ask) => self.extend(work, ask).await,
            RotationOutcome::Requested { asked, .. } => self.request(work, asked).await,
        }
    }

    async fn extend(&self, work: &mut Work, ask: &Ask) -> Result<(), RegenerateError> {
        let row = &self.part.row;
        let version = (row.id, row.rev);
        if !grants::change(work, self.context.catalog, version, ask).await? {
            return Err(RegenerateError::Moved);
        }
        let event = self
            .own
            .event_at(Action::AccessUpdate, row.owner_id, self.part.enterprise);
        work.audit(described(self.context, event, ask));
        Ok(())
    }

    async fn request(&self, work: &mut Work, asked: &Ask) -> Result<(), RegenerateError> {
        let row = &self.part.row;
        let why = "the token was regenerated with a longer life";
        if !own_token::cancel(work, self.own, self.part, why).await? {
            return Err(RegenerateError::Moved);
        }
        let rev = own_token::hold(work, row, row.relation).await?;
        let pending = self.part.pending.as_ref();
        let wish = NewWish {
            grant: (row.id, rev.ok_or(RegenerateError::Moved)?),
            owner: row.owner_id,
            enterprise: self.part.enterprise,
            cause: match (self.was_refused, self.given) {
                (true, _) => Cause::Again,
                (false, Some(_)) => Cause::Widening,
                (false, None) => Cause::New,
            },
            ask: asked,
            given: self.given,
            reason: pending.map_or("", |request| request.reason.as_str()),
        };
        own_token::request(self.context, work, self.own, wish).await?;
        Ok(())
    }
}

/// The same form again: a secret that nobody used is replaced, and the new one shown. All else stands.
async fn replace_again(
    context: &Context,
    mut work: Work,
    own: &OwnToken,
    wish: &Wish,
) -> Result<Regenerated, RegenerateError> {
    let token = own.token.id;
    let made = forms::find_number(&mut work, own.token.user_id, &wish.form_number).await?;
    if made != token || !tokens::retire_unused_secret(&mut work, token).await? {
        return Err(RegenerateError::AlreadyMade);
    }
    let secret = put_secret(context, &mut work, own).await?;
    let now = work.now();
    let old = tokens::find_overlapping_secret(&mut work, token, now).await?;
    let event = own.event(Action::TokenRegenerate);
    let event = event.with("hashed_token", secret.hash().to_base64());
    work.audit(event.with("reason", "form sent again"));
    work.changed(Change::Token(token));
    context.commit(work).await?;
    Ok(Regenerated {
        secret,
        expires_at: own.token.expires_at,
        old_ends_at: old.and_then(|old| old.ends_at),
        owners: Vec::new(),
    })
}
