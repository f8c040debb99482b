//! A site administrator changes what describes a service. Its name stays: proxies ask at it.

use super::{Wish, description, found, note, owners};
use crate::actions::Context;
use crate::actions::administer::{self, AdminError, AdminResult};
use crate::domain::audit::{Action, Origin};
use crate::domain::ids::{AccountId, ServiceId};
use crate::store::services::{self, Service};

/// Changes a service that still is as its page showed it.
pub async fn change_service(
    context: &Context,
    origin: &Origin,
    by: AccountId,
    id: ServiceId,
    rev: i64,
    wish: &Wish,
) -> AdminResult {
    let described = wish.described().map_err(AdminError::Mistakes)?;
    let mut work = administer::begin(context, origin, by, &[]).await?;
    let before = found(&mut work, id).await?;
    let owners = owners(&mut work, &wish.owners).await?;
    let service = Service {
        catalog: described.catalog.clone(),
        proxy: described.proxy,
        filters: wish.filters,
        rev,
        ..before
    };
    if !services::update(&mut work, &service).await? {
        return Err(AdminError::Moved);
    }
    services::replace_hosts(&mut work, id, &described.hosts).await?;
    services::replace_owners(&mut work, id, &owners).await?;
    let event = description(Action::ServiceUpdate, &described, wish.filters);
    note(&mut work, id, event, &service.name);
    Ok(context.commit(work).await?)
}
