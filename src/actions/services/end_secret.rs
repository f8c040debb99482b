//! A site administrator ends one secret of a service before its time.

use super::{found, note};
use crate::actions::Context;
use crate::actions::administer::{self, AdminError, AdminResult};
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::{AccountId, ServiceId, ServiceSecretId};
use crate::store::services;

/// Ends a secret at once; by what people knew it.
pub async fn end_secret(
    context: &Context,
    origin: &Origin,
    by: AccountId,
    id: ServiceId,
    secret: ServiceSecretId,
) -> AdminResult<String> {
    let mut work = administer::begin(context, origin, by, &[]).await?;
    let service = found(&mut work, id).await?;
    let now = work.now();
    let ended = services::end_secret(&mut work, id, secret, now).await?;
    let label = ended.ok_or(AdminError::Moved)?;
    let event = Event::new(Action::ServiceSecretEnd).with("secret", label.as_str());
    note(&mut work, id, event, &service.name);
    context.commit(work).await?;
    Ok(label)
}
