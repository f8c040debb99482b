//! Services: what the file says of who may ask about tokens.

use std::collections::BTreeSet;

use super::Planner;
use crate::actions::import::directory::{At, ServiceEntry};
use crate::actions::import::step::{ServiceDescription, Step};
use crate::domain::catalog::{Catalog, GITHUB_NAME};
use crate::domain::names;
use crate::domain::service::{self, MOST_HOSTS, MOST_OWNERS, Proxy};

impl Planner<'_> {
    pub(super) fn services(&mut self) {
        let mut seen = BTreeSet::new();
        for entry in &self.directory.services {
            let name = &entry.name;
            if !seen.insert(names::key(&name.value)) {
                self.mistake(
                    &name.place,
                    format!("`{}` is named twice: take one out", name.value),
                );
            }
            if let Err(error) = service::check_name(&name.value) {
                self.mistake(&name.place, error.to_string());
            }
            self.service(entry);
        }
    }

    fn service(&mut self, entry: &ServiceEntry) {
        let key = names::key(&entry.name.value);
        let before = self.state.services.get(&key);
        let wanted = ServiceDescription {
            name: before.map_or_else(|| entry.name.value.clone(), |before| before.name.clone()),
            catalog: self.catalog(entry, before),
            proxy: entry
                .proxy
                .or(before.map(|before| before.proxy))
                .unwrap_or(Proxy::Original),
            filters: entry
                .filters
                .or(before.map(|before| before.filters))
                .unwrap_or(false),
            hosts: match &entry.hosts {
                Some(hosts) => self.hosts(hosts),
                None => before
                    .map(|before| before.hosts.clone())
                    .unwrap_or_default(),
            },
            owners: match &entry.owners {
                Some(owners) => self.served(owners),
                None => before
                    .map(|before| before.owners.clone())
                    .unwrap_or_default(),
            },
        };
        match before {
            None => self.step(Step::EnterService(wanted)),
            Some(before) if *before != wanted => self.step(Step::ChangeService {
                changed: before.differences(&wanted),
                service: wanted,
            }),
            Some(_) => {}
        }
        self.secret(entry, &key);
    }

    fn catalog(&mut self, entry: &ServiceEntry, before: Option<&ServiceDescription>) -> String {
        let Some(catalog) = &entry.catalog else {
            return before.map_or_else(|| GITHUB_NAME.to_owned(), |before| before.catalog.clone());
        };
        if Catalog::named(&catalog.value).is_none() {
            let message = format!(
                "there is no catalog `{}`: known is `{GITHUB_NAME}`",
                catalog.value
            );
            self.mistake(&catalog.place, message);
        }
        catalog.value.clone()
    }

    fn hosts(&mut self, stated: &At<Vec<At<String>>>) -> Vec<String> {
        let mut hosts = BTreeSet::new();
        for text in &stated.value {
            if let Some(host) = service::host(&text.value) {
                hosts.insert(host);
            } else {
                let message = format!("`{}` is no host name such as `api.example.com`", text.value);
                self.mistake(&text.place, message);
            }
        }
        if hosts.len() > MOST_HOSTS {
            self.mistake(&stated.place, format!("at most {MOST_HOSTS} hosts fit"));
        }
        hosts.into_iter().collect()
    }

    fn served(&mut self, stated: &At<Vec<At<String>>>) -> Vec<String> {
        let mut owners = BTreeSet::new();
        for text in &stated.value {
            let login = &text.value;
            if !self.is_user(login) && !self.is_organization(login) {
                let message = format!("there is no user or organization `{login}`: mend the name");
                self.mistake(&text.place, message);
            }
            owners.insert(names::key(login));
        }
        if owners.len() > MOST_OWNERS {
            self.mistake(&stated.place, format!("at most {MOST_OWNERS} owners fit"));
        }
        owners.into_iter().collect()
    }

    /// A secret that was ended comes back by no import: whoever ended it did not want it any more.
    fn secret(&mut self, entry: &ServiceEntry, key: &str) {
        let (Some(file), Some(hash)) = (&entry.secret_file, self.state.secrets.get(key)) else {
            return;
        };
        let name = &entry.name.value;
        match self.state.known_secrets.get(hash) {
            Some((of, true)) if of == key => {}
            Some((of, false)) if of == key => {
                let line = format!(
                    "service `{name}`: the secret in `{}` was ended and stays so; write a new one into the file",
                    file.value
                );
                self.plan.left.push(line);
            }
            Some(_) => {
                let message = format!(
                    "`{}` holds a secret that another service has or had: make a new one",
                    file.value
                );
                self.mistake(&file.place, message);
            }
            None => self.step(Step::PutServiceSecret {
                service: name.clone(),
                hash: *hash,
            }),
        }
    }
}
