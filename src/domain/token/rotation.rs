//! What regenerating does: a new secret, a new life, and what becomes of the old secret (DOMAIN §2).

use super::draft::{Choice, Field, Mistake, capitalized, mistake};
use super::edit::{Current, CurrentGrant};
use super::expiry::{Expiration, Lifetime, is_over};
use crate::domain::approval::request::{Beginning, beginning};
use crate::domain::approval::{Ask, GrantState, Terms};
use crate::domain::ids::AccountId;
use crate::domain::policy::setting::Limit;
use crate::domain::time::Timestamp;

/// The longest time for which the old secret can go on beside the new one, in hours.
pub const LONGEST_OVERLAP: u16 = 72;

/// For how many hours the old secret goes on beside the new one: 1 to 72.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overlap(u16);

/// A number of hours that cannot be an overlap.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write how many hours the old secret goes on, 1 to {LONGEST_OVERLAP}")]
pub struct NoOverlap;

impl Overlap {
    /// An overlap of so many hours.
    pub fn hours(hours: u16) -> Result<Self, NoOverlap> {
        let fits = (1..=LONGEST_OVERLAP).contains(&hours);
        fits.then_some(Self(hours)).ok_or(NoOverlap)
    }

    /// Reads a number of hours as it is typed.
    pub fn parse(text: &str) -> Result<Self, NoOverlap> {
        let hours = text.trim().parse().map_err(|_| NoOverlap)?;
        Self::hours(hours)
    }

    /// How many hours.
    pub const fn get(self) -> u16 {
        self.0
    }
}

/// For how long the old secret goes on where a token rotates itself and does not say.
pub const SELF_ROTATION_OVERLAP: Overlap = Overlap(1);

/// Why a token may not rotate itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSelfRotation {
    /// Its user did not say that it may.
    #[error("its user did not allow it to rotate itself")]
    NotWished,
    /// These owners approved it without.
    #[error("{} let it in without the right to rotate itself", .0.join(", "))]
    NotApproved(Vec<String>),
}

/// Whether a token may rotate itself: its user said so, and every grant that works allows it.
pub fn check_self_rotation(current: &Current) -> Result<(), NoSelfRotation> {
    if !current.wants_rotation {
        return Err(NoSelfRotation::NotWished);
    }
    let forbids = |grant: &&CurrentGrant| {
        let given = grant.given.as_ref();
        given.is_some_and(|given| !given.terms.allows_rotation)
    };
    let owners = current.grants.iter().filter(forbids);
    let owners: Vec<_> = owners.map(|grant| grant.login.clone()).collect();
    if owners.is_empty() {
        Ok(())
    } else {
        Err(NoSelfRotation::NotApproved(owners))
    }
}

/// When the old secret stops at the latest: now without an overlap, else after the chosen hours, but not after its own
/// former end. None when that moment has come.
pub fn old_end(
    overlap: Option<Overlap>,
    former_end: Option<Timestamp>,
    now: Timestamp,
) -> Option<Timestamp> {
    let chosen = now.plus_seconds(i64::from(overlap?.get()) * 3_600);
    let end = former_end.map_or(chosen, |former| former.min(chosen));
    (!is_over(Some(end), now)).then_some(end)
}

/// What a new life means at one owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerRotation {
    /// The owner.
    pub owner: AccountId,
    /// Its name in sentences.
    pub login: String,
    /// In a word.
    pub outcome: RotationOutcome,
}

/// What becomes of one owner's part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RotationOutcome {
    /// The life that was approved, or that a request asks for already, is long enough.
    Unchanged,
    /// The grant takes the longer life at once: nobody has to decide.
    Extended(Ask),
    /// The longer life waits for an owner.
    Requested {
        /// The whole wish.
        asked: Ask,
        /// Until when the token works there meanwhile: the end of the life that was approved. None where nothing works.
        works_until: Option<Timestamp>,
    },
}

/// What regenerating does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotationPlan {
    /// The whole new life.
    pub lifetime: Lifetime,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// When the old secret stops at the latest, should the new one not be used before; none: now.
    pub old_ends_at: Option<Timestamp>,
    /// Each owner of the token, in the order of its grants.
    pub owners: Vec<OwnerRotation>,
}

/// Judges a new life: what it does at every owner, or every mistake with its place.
pub fn plan_rotation(
    current: &Current,
    former_end: Option<Timestamp>,
    expiration: Expiration,
    overlap: Option<Overlap>,
    choices: &[Choice],
    now: Timestamp,
) -> Result<RotationPlan, Vec<Mistake>> {
    let lifetime = expiration
        .lifetime(now)
        .map_err(|error| vec![mistake(Field::Expiration, capitalized(&error.to_string()))])?;
    let mut mistakes = Vec::new();
    let mut owners = Vec::new();
    for grant in &current.grants {
        let choice = choices.iter().find(|choice| choice.owner == grant.owner);
        if grant.holds_anything() {
            mistakes.extend(choice.and_then(|choice| limit_mistake(choice, lifetime)));
        }
        owners.push(OwnerRotation {
            owner: grant.owner,
            login: grant.login.clone(),
            outcome: at_owner(grant, choice, lifetime, now),
        });
    }
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    Ok(RotationPlan {
        lifetime,
        expires_at: lifetime.end_from(now),
        old_ends_at: old_end(overlap, former_end, now),
        owners,
    })
}

/// A limit counts as at creation, also where the owner restricts access for the time being: access comes back, and the
/// limit would then stand against the token.
fn limit_mistake(choice: &Choice, lifetime: Lifetime) -> Option<Mistake> {
    let limit = choice.policy.as_ref()?.lifetime(choice.spared);
    match limit.value {
        Limit::Days(days) if limit.value.is_violated_by(lifetime) => {
            let login = &choice.login;
            let message =
                format!("{login} allows tokens for at most {days} days: choose an earlier end.");
            Some(mistake(Field::Expiration, message))
        }
        Limit::Days(_) | Limit::Unlimited => None,
    }
}

fn at_owner(
    grant: &CurrentGrant,
    choice: Option<&Choice>,
    lifetime: Lifetime,
    now: Timestamp,
) -> RotationOutcome {
    // A longer life is no way back for what was denied, revoked or taken out.
    let wished = grant.wished().filter(|_| grant.holds_anything());
    let Some(wished) = wished.filter(|wished| wished.terms.lifetime < lifetime) else {
        return RotationOutcome::Unchanged;
    };
    let terms = Terms {
        lifetime,
        ..wished.terms.clone()
    };
    let asked = Ask {
        terms,
        ..wished.clone()
    };
    let begins = choice.map_or(Beginning::Pending, |choice| {
        beginning(choice.relation, choice.approval(), &asked)
    });
    let decides_nobody = matches!(begins, Beginning::Active(_)) && !grant.was_refused;
    if decides_nobody && grant.state == GrantState::Active && grant.pending.is_none() {
        return RotationOutcome::Extended(asked);
    }
    let given = grant.given.as_ref();
    RotationOutcome::Requested {
        works_until: given.and_then(|given| given.terms.lifetime.end_from(now)),
        asked,
    }
}

#[cfg(test)]
mod tests;
