//! A site administrator removes a service: nobody can ask as it any more, and its secrets end.

use super::{found, note};
use crate::actions::Context;
use crate::actions::administer::{self, AdminError, AdminResult};
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::{AccountId, ServiceId};
use crate::store::services;

/// Removes a service. Its name is free at once: what asks under it must bring a secret of the new one, or be trusted.
pub async fn remove_service(
    context: &Context,
    origin: &Origin,
    by: AccountId,
    id: ServiceId,
) -> AdminResult {
    let mut work = administer::begin(context, origin, by, &[]).await?;
    let service = found(&mut work, id).await?;
    let now = work.now();
    if !services::remove(&mut work, id, now).await? {
        return Err(AdminError::NotFound);
    }
    note(
        &mut work,
        id,
        Event::new(Action::ServiceRemove),
        &service.name,
    );
    Ok(context.commit(work).await?)
}
