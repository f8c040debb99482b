//! The guarded services as the gate remembers them: all of them at once, since they are few, so that a name that
//! belongs to none costs no look into the store either.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{Gate, Unavailable};
use crate::domain::ids::{AccountId, ServiceId};
use crate::domain::names;
use crate::domain::service::{LONGEST_SECRET, Proxy, is_live};
use crate::domain::time::Timestamp;
use crate::domain::token::secret::SecretHash;
use crate::store::services::{self, Parts, Service};

/// A service that asks about tokens.
#[derive(Debug, Clone)]
pub struct GuardedService {
    /// Which.
    pub id: ServiceId,
    /// Its name.
    pub name: String,
    /// The headers in which its proxy asks.
    pub proxy: Proxy,
    /// Whether it shows each reader only their own items.
    pub filters: bool,
    hosts: HashSet<String>,
    owners: Option<HashSet<AccountId>>,
    secrets: Vec<(SecretHash, Option<Timestamp>)>,
}

impl GuardedService {
    /// Whether it answers for a host; a service that lists none answers for any.
    pub fn answers_for(&self, host: &str) -> bool {
        self.hosts.is_empty() || self.hosts.contains(host)
    }

    /// Whether it serves an owner's resources; a service that lists none serves everybody's.
    pub fn serves(&self, owner: AccountId) -> bool {
        self.owners
            .as_ref()
            .is_none_or(|owners| owners.contains(&owner))
    }

    /// Whether it lists whom it serves.
    pub const fn is_narrow(&self) -> bool {
        self.owners.is_some()
    }

    /// Whether a presented string is one of its secrets at `now`.
    pub fn knows(&self, presented: &str, now: Timestamp) -> bool {
        if presented.is_empty() || presented.len() > LONGEST_SECRET {
            return false;
        }
        let hash = SecretHash::of(presented);
        let mut secrets = self.secrets.iter();
        secrets.any(|(known, ends_at)| *known == hash && is_live(*ends_at, now))
    }
}

/// Every service by its name as names are compared.
pub type Services = HashMap<String, Arc<GuardedService>>;

impl Gate {
    /// The service with this name, if there is one.
    ///
    /// # Errors
    /// [`Unavailable`] where it cannot be known now.
    pub async fn service(&self, name: &str) -> Result<Option<Arc<GuardedService>>, Unavailable> {
        self.check_hearing()?;
        let services = match self.memory.services() {
            Some(known) => known,
            None => load(self).await?,
        };
        Ok(services.get(&names::key(name)).cloned())
    }

    /// Whether a presented string is a secret of this service now.
    pub fn is_service_secret(&self, service: &GuardedService, presented: &str) -> bool {
        service.knows(presented, self.clock.now())
    }
}

async fn load(gate: &Gate) -> Result<Arc<Services>, Unavailable> {
    let epoch = gate.memory.epoch();
    let mut db = gate.store.reader();
    let parts = services::list_parts(&mut db, gate.clock.now()).await?;
    let found = services::list(&mut db).await?;
    let entries = found.into_iter().map(|service| {
        let entry = guarded(&service, &parts);
        (names::key(&service.name), Arc::new(entry))
    });
    let services = Arc::new(entries.collect());
    gate.memory.keep_services(epoch, Arc::clone(&services));
    Ok(services)
}

fn guarded(service: &Service, parts: &Parts) -> GuardedService {
    let id = service.id;
    let hosts = parts.hosts.iter().filter(|(of, _)| *of == id);
    let owners: HashSet<_> = parts
        .owners
        .iter()
        .filter(|(of, _)| *of == id)
        .map(|(_, owner)| *owner)
        .collect();
    let secrets = parts.secrets.iter().filter(|(of, ..)| *of == id);
    GuardedService {
        id,
        name: service.name.clone(),
        proxy: service.proxy,
        filters: service.filters,
        hosts: hosts.map(|(_, host)| host.clone()).collect(),
        owners: (!owners.is_empty()).then_some(owners),
        secrets: secrets
            .filter_map(|(_, hash, ends_at)| Some((SecretHash::stored(hash)?, *ends_at)))
            .collect(),
    }
}
