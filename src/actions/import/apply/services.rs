//! Carries out what a plan says of services.

use super::{Applier, Outcome};
use crate::actions::import::ImportError;
use crate::actions::import::step::{ServiceDescription, Step};
use crate::actions::services::note;
use crate::domain::audit::{Action, Event};
use crate::domain::ids::{AccountId, ServiceId};
use crate::domain::service::OVERLAP_HOURS;
use crate::domain::token::secret::SecretHash;
use crate::store::StoreError;
use crate::store::services::{self, NewSecret, NewService, Service};

/// By what people know a secret that came in a file.
const IMPORTED: &str = "imported";

impl Applier<'_, '_> {
    pub(super) async fn apply_to_service(&mut self, step: &Step) -> Outcome {
        match step {
            Step::EnterService(service) => self.enter_service(service).await,
            Step::ChangeService { service, .. } => self.change_service(service).await,
            Step::PutServiceSecret { service, hash } => self.put_secret(service, *hash).await,
            _ => Ok(()),
        }
    }

    async fn enter_service(&mut self, service: &ServiceDescription) -> Outcome {
        let new = NewService {
            name: &service.name,
            catalog: &service.catalog,
            proxy: service.proxy,
            filters: service.filters,
            created_at: self.work.now(),
        };
        let id = services::insert(self.work, &new).await?;
        self.put_parts(id, service, Action::ServiceCreate).await
    }

    async fn change_service(&mut self, service: &ServiceDescription) -> Outcome {
        let before = self.service(&service.name).await?;
        let changed = Service {
            catalog: service.catalog.clone(),
            proxy: service.proxy,
            filters: service.filters,
            ..before
        };
        if !services::update(self.work, &changed).await? {
            return Err(StoreError::RowNotFound.into());
        }
        self.put_parts(changed.id, service, Action::ServiceUpdate)
            .await
    }

    async fn put_parts(
        &mut self,
        id: ServiceId,
        service: &ServiceDescription,
        action: Action,
    ) -> Outcome {
        let owners = service.owners.iter().map(|login| self.user(login));
        let owners: Vec<AccountId> = owners.collect::<Result<_, ImportError>>()?;
        services::replace_hosts(self.work, id, &service.hosts).await?;
        services::replace_owners(self.work, id, &owners).await?;
        let event = Event::new(action)
            .with("catalog", service.catalog.as_str())
            .with("proxy", service.proxy.as_str())
            .with("filters", service.filters)
            .with("hosts", service.hosts.join(" "))
            .with("owners", service.owners.join(" "));
        note(self.work, id, event, &service.name);
        Ok(())
    }

    /// What asks with the secret before goes on for a day, while the new one is carried to it.
    async fn put_secret(&mut self, name: &str, hash: SecretHash) -> Outcome {
        let service = self.service(name).await?;
        let now = self.work.now();
        let overlap = now.plus_seconds(OVERLAP_HOURS[0] * 3_600);
        services::end_secrets_by(self.work, service.id, overlap).await?;
        let new = NewSecret {
            hash,
            label: IMPORTED,
            by: None,
            at: now,
        };
        services::insert_secret(self.work, service.id, &new).await?;
        note(
            self.work,
            service.id,
            Event::new(Action::ServiceSecretCreate),
            &service.name,
        );
        Ok(())
    }

    async fn service(&mut self, name: &str) -> Outcome<Service> {
        let found = services::find_named(self.work, name).await?;
        Ok(found.ok_or(StoreError::RowNotFound)?)
    }
}
