//! A site administrator gives a service a new secret; those before it go on for an overlap, or end at once.

use super::{found, mint, note};
use crate::actions::Context;
use crate::actions::administer::{self, AdminResult, Mistake};
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::{AccountId, ServiceId};
use crate::domain::service::{MOST_SECRETS, OVERLAP_HOURS};
use crate::domain::token::secret::Secret;
use crate::store::services;

/// The overlap that a form asks for, in hours.
///
/// # Errors
/// The mistake of a number that is not offered.
pub fn overlap(text: &str) -> Result<i64, Mistake> {
    let hours = text.parse().ok();
    hours
        .filter(|hours| OVERLAP_HOURS.contains(hours))
        .ok_or_else(|| Mistake::new("overlap", "Choose how long the secret before goes on."))
}

/// Makes a new secret, which is shown once.
pub async fn rotate_secret(
    context: &Context,
    origin: &Origin,
    by: AccountId,
    id: ServiceId,
    overlap: i64,
) -> AdminResult<Secret> {
    let mut work = administer::begin(context, origin, by, &[]).await?;
    let service = found(&mut work, id).await?;
    let now = work.now();
    services::end_secrets_by(&mut work, id, now.plus_seconds(overlap * 3_600)).await?;
    let live = services::list_secrets(&mut work, id, now).await?;
    if live.len() >= MOST_SECRETS {
        let message =
            format!("{MOST_SECRETS} secrets of this service still count. End one of them first.");
        return Err(Mistake::new("overlap", message).into());
    }
    let secret = mint(context, &mut work, id, by).await?;
    let event = Event::new(Action::ServiceSecretCreate).with("overlap_hours", overlap);
    note(&mut work, id, event, &service.name);
    context.commit(work).await?;
    Ok(secret)
}
