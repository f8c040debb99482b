//! What site administrators do to guarded services, one verb a file.
//!
//! Each act checks again, in its transaction, that whoever acts still runs the installation. A secret leaves an act in
//! the clear once, for the page that answers it; only its hash is stored.

pub mod change_service;
pub mod create_service;
pub mod end_secret;
pub mod remove_service;
pub mod rotate_secret;

use super::Context;
use super::administer::{AdminError, AdminResult, Mistake};
use crate::domain::audit::{Action, Event};
use crate::domain::catalog::Catalog;
use crate::domain::ids::{AccountId, ServiceId};
use crate::domain::names::NameError;
use crate::domain::service::{self, MOST_HOSTS, MOST_OWNERS, Proxy};
use crate::domain::token::secret::{self, Secret};
use crate::store::services::{NewSecret, Service};
use crate::store::{Change, StoreError, Work, accounts, services};

/// What was typed of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// Its name.
    pub name: String,
    /// The catalog of its endpoints.
    pub catalog: String,
    /// The word of the headers in which its proxy asks.
    pub proxy: String,
    /// Whether it shows each reader only their own items.
    pub filters: bool,
    /// Host names, with spaces, commas or lines between.
    pub hosts: String,
    /// Logins, with spaces, commas or lines between.
    pub owners: String,
}

/// A wish whose texts are good.
pub(super) struct Described {
    pub catalog: String,
    pub proxy: Proxy,
    pub hosts: Vec<String>,
}

impl Wish {
    /// What is wrong with the name alone.
    pub fn name_mistake(&self) -> Option<Mistake> {
        let error = service::check_name(self.name.trim()).err()?;
        Some(Mistake::new("name", name_sentence(&error)))
    }

    /// What is wrong with the other texts alone.
    pub fn mistakes(&self) -> Vec<Mistake> {
        self.described().err().unwrap_or_default()
    }

    pub(super) fn described(&self) -> Result<Described, Vec<Mistake>> {
        let catalog = Catalog::named(&self.catalog).is_some();
        let proxy = self.proxy.parse::<Proxy>().ok();
        let hosts = hosts(&self.hosts);
        let mut mistakes = Vec::new();
        if !catalog {
            mistakes.push(Mistake::new(
                "catalog",
                "Choose one of the catalogs that this installation has.",
            ));
        }
        if proxy.is_none() {
            mistakes.push(Mistake::new(
                "proxy",
                "Choose in which headers the proxy asks.",
            ));
        }
        match (hosts, proxy) {
            (Err(mistake), _) => mistakes.push(mistake),
            (Ok(hosts), Some(proxy)) if mistakes.is_empty() => {
                return Ok(Described {
                    catalog: self.catalog.clone(),
                    proxy,
                    hosts,
                });
            }
            (Ok(_), _) => {}
        }
        Err(mistakes)
    }
}

/// What a rule of names says of the name of a service.
fn name_sentence(error: &NameError) -> String {
    match error {
        NameError::Empty => {
            "Write the name that stands in the address at which its proxy asks.".to_owned()
        }
        error => super::administer::create_account::sentence(error),
    }
}

/// The words of a text in which people list things.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || c == ',')
        .filter(|word| !word.is_empty())
}

fn hosts(text: &str) -> Result<Vec<String>, Mistake> {
    let mut hosts = Vec::new();
    for word in words(text) {
        let Some(host) = service::host(word) else {
            let message = format!("`{word}` is no host name such as `api.example.com`.");
            return Err(Mistake::new("hosts", message));
        };
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    if hosts.len() > MOST_HOSTS {
        return Err(Mistake::new(
            "hosts",
            format!("At most {MOST_HOSTS} hosts fit."),
        ));
    }
    Ok(hosts)
}

/// The accounts behind the logins of a wish.
async fn owners(work: &mut Work, text: &str) -> AdminResult<Vec<AccountId>> {
    let mut owners = Vec::new();
    for login in words(text) {
        let found = accounts::find_login(work, login).await?;
        let Some(owner) = found else {
            let message = format!("There is no user or organization `{login}`.");
            return Err(Mistake::new("owners", message).into());
        };
        if !owners.contains(&owner.id) {
            owners.push(owner.id);
        }
    }
    if owners.len() > MOST_OWNERS {
        return Err(Mistake::new("owners", format!("At most {MOST_OWNERS} owners fit.")).into());
    }
    Ok(owners)
}

/// The service that an act is about.
async fn found(work: &mut Work, id: ServiceId) -> AdminResult<Service> {
    services::find(work, id).await?.ok_or(AdminError::NotFound)
}

/// Makes a secret and keeps its hash.
async fn mint(
    context: &Context,
    work: &mut Work,
    id: ServiceId,
    by: AccountId,
) -> Result<Secret, StoreError> {
    let minted = secret::mint_for_service(&context.token_prefix, context.entropy.as_ref());
    let new = NewSecret {
        hash: minted.secret.hash(),
        label: &minted.identifier,
        by: Some(by),
        at: work.now(),
    };
    services::insert_secret(work, id, &new).await?;
    Ok(minted.secret)
}

/// Tells the log and every memory what happened to a service.
pub(super) fn note(work: &mut Work, id: ServiceId, event: Event, name: &str) {
    work.audit(event.with("service", name).with("service_id", id.get()));
    work.changed(Change::Service(id));
}

/// An event with what describes a service now.
pub(super) fn description(action: Action, described: &Described, filters: bool) -> Event {
    Event::new(action)
        .with("catalog", described.catalog.as_str())
        .with("proxy", described.proxy.as_str())
        .with("filters", filters)
        .with("hosts", described.hosts.join(" "))
}
