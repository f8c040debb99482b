//! A site administrator enters a service, with its first secret.

use super::{Wish, description, mint, note, owners};
use crate::actions::Context;
use crate::actions::administer::{self, AdminError, AdminResult, Mistake};
use crate::domain::audit::{Action, Origin};
use crate::domain::ids::{AccountId, ServiceId};
use crate::domain::token::secret::Secret;
use crate::store::services::{self, NewService};

/// What is wrong with the texts alone.
pub fn mistakes(wish: &Wish) -> Vec<Mistake> {
    wish.name_mistake()
        .into_iter()
        .chain(wish.mistakes())
        .collect()
}

/// Enters a service; its first secret is shown once.
pub async fn create_service(
    context: &Context,
    origin: &Origin,
    by: AccountId,
    wish: &Wish,
) -> AdminResult<(ServiceId, Secret)> {
    let wrong = mistakes(wish);
    if !wrong.is_empty() {
        return Err(AdminError::Mistakes(wrong));
    }
    let described = wish.described().map_err(AdminError::Mistakes)?;
    let mut work = administer::begin(context, origin, by, &[]).await?;
    let name = wish.name.trim();
    if services::find_named(&mut work, name).await?.is_some() {
        return Err(taken(name));
    }
    let owners = owners(&mut work, &wish.owners).await?;
    let new = NewService {
        name,
        catalog: &described.catalog,
        proxy: described.proxy,
        filters: wish.filters,
        created_at: work.now(),
    };
    let id = services::insert(&mut work, &new).await.map_err(|error| {
        // Somebody else may have entered one of this name at the same moment.
        if crate::store::account_names::is_taken_meanwhile(&error) {
            taken(name)
        } else {
            error.into()
        }
    })?;
    services::replace_hosts(&mut work, id, &described.hosts).await?;
    services::replace_owners(&mut work, id, &owners).await?;
    let secret = mint(context, &mut work, id, by).await?;
    let event = description(Action::ServiceCreate, &described, wish.filters);
    note(&mut work, id, event, name);
    context.commit(work).await?;
    Ok((id, secret))
}

fn taken(name: &str) -> AdminError {
    Mistake::new("name", format!("There is a service `{name}` already.")).into()
}
