//! What the database says of everything that a directory file names, read in the transaction that imports.

use std::collections::{BTreeMap, BTreeSet};

use super::directory::Directory;
use super::read::services::Secrets;
use super::step::ServiceDescription;
use crate::domain::access::rights::MemberRole;
use crate::domain::account::AccountKind;
use crate::domain::ids::{AccountId, RepositoryId};
use crate::domain::names;
use crate::domain::policy::Layer;
use crate::domain::role::RepositoryRole;
use crate::domain::service::is_live;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::domain::token::secret::SecretHash;
use crate::store::accounts::Account;
use crate::store::policies::Standing;
use crate::store::repositories::Repository;
use crate::store::{Db, StoreError, accounts, imports, policies, repositories, services};

/// The directory as it is. Maps are keyed by names in the form in which names are compared.
#[derive(Debug, Default)]
pub struct State {
    /// Users and organizations.
    pub logins: BTreeMap<String, Account>,
    /// Enterprises.
    pub slugs: BTreeMap<String, Account>,
    /// Freed names that are kept back: of accounts as `login/ana`, of repositories as `repository/acme/web`.
    pub kept_back: BTreeSet<String>,
    /// Roles in organizations and enterprises, by the user's login.
    pub members: BTreeMap<AccountId, BTreeMap<String, MemberRole>>,
    /// Repositories by `owner/name`.
    pub repositories: BTreeMap<String, Repository>,
    /// Roles on repositories, by the user's login.
    pub collaborators: BTreeMap<RepositoryId, BTreeMap<String, RepositoryRole>>,
    /// Policies in force that somebody saved.
    pub policies: BTreeMap<(AccountId, &'static str), Layer>,
    /// Policies that are to begin later, and when.
    pub ahead: BTreeMap<(AccountId, &'static str), (Layer, Timestamp)>,
    /// Guarded services, by name.
    pub services: BTreeMap<String, ServiceDescription>,
    /// The secrets that the file brings, by the service's name.
    pub secrets: Secrets,
    /// Those of them that some service has or had: its name, and whether it still counts.
    pub known_secrets: BTreeMap<SecretHash, (String, bool)>,
    /// What earlier imports noted.
    pub imports: BTreeMap<String, String>,
}

/// The key of a repository in [`State::repositories`].
pub fn repository_key(owner: &str, name: &str) -> String {
    names::key(&format!("{owner}/{name}"))
}

impl State {
    /// Reads what the file is compared with.
    pub async fn load(
        db: &mut impl Db,
        directory: &Directory,
        secrets: &Secrets,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let mut state = Self {
            imports: imports::list(db).await?,
            secrets: secrets.clone(),
            ..Self::default()
        };
        state.load_accounts(db).await?;
        state.load_reserved(db, directory, now).await?;
        state.load_members(db, directory).await?;
        state.load_policies(db, directory, now).await?;
        state.load_repositories(db, directory).await?;
        state.load_services(db, now).await?;
        Ok(state)
    }

    /// The account with this login, if it is a user.
    pub fn user(&self, login: &str) -> Option<&Account> {
        self.logins
            .get(&names::key(login))
            .filter(|account| account.kind == AccountKind::User)
    }

    /// The account with this login, if it is an organization.
    pub fn organization(&self, login: &str) -> Option<&Account> {
        self.logins
            .get(&names::key(login))
            .filter(|account| account.kind == AccountKind::Organization)
    }

    /// The slug of an enterprise.
    pub fn slug_of(&self, id: AccountId) -> Option<&str> {
        let mut enterprises = self.slugs.values();
        enterprises
            .find(|enterprise| enterprise.id == id)
            .map(|enterprise| enterprise.login.as_str())
    }

    async fn load_accounts(&mut self, db: &mut impl Db) -> Result<(), StoreError> {
        for kind in AccountKind::ALL {
            for account in accounts::list(db, *kind).await? {
                let map = match kind {
                    AccountKind::Enterprise => &mut self.slugs,
                    AccountKind::User | AccountKind::Organization => &mut self.logins,
                };
                map.insert(names::key(&account.login), account);
            }
        }
        Ok(())
    }

    async fn load_reserved(
        &mut self,
        db: &mut impl Db,
        directory: &Directory,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let users = directory
            .users
            .iter()
            .map(|entry| (AccountKind::User, &entry.login));
        let organizations = directory
            .organizations
            .iter()
            .map(|entry| (AccountKind::Organization, &entry.login));
        let enterprises = directory
            .enterprises
            .iter()
            .map(|entry| (AccountKind::Enterprise, &entry.slug));
        for (kind, login) in users.chain(organizations).chain(enterprises) {
            let key = format!("{}/{}", kind.namespace(), names::key(&login.value));
            if accounts::is_name_reserved(db, kind, &login.value, now).await? {
                self.kept_back.insert(key);
            }
        }
        for entry in &directory.repositories {
            let Some(owner) = self.logins.get(&names::key(&entry.owner.value)) else {
                continue;
            };
            let name = &entry.name.value;
            if repositories::find_name_kept(db, owner.id, name, None, now)
                .await?
                .is_some()
            {
                let key = repository_key(&entry.owner.value, &entry.name.value);
                self.kept_back.insert(format!("repository/{key}"));
            }
        }
        Ok(())
    }

    async fn load_members(
        &mut self,
        db: &mut impl Db,
        directory: &Directory,
    ) -> Result<(), StoreError> {
        let organizations = directory
            .organizations
            .iter()
            .filter_map(|entry| self.organization(&entry.login.value));
        let enterprises = directory
            .enterprises
            .iter()
            .filter_map(|entry| self.slugs.get(&names::key(&entry.slug.value)));
        let ids: Vec<_> = organizations
            .chain(enterprises)
            .map(|account| account.id)
            .collect();
        for id in ids {
            let members = accounts::list_members(db, id).await?;
            let roles = members
                .into_iter()
                .map(|member| (names::key(&member.login), member.role));
            self.members.insert(id, roles.collect());
        }
        Ok(())
    }

    /// Policies of every organization and enterprise in the file, and of the enterprises above them.
    async fn load_policies(
        &mut self,
        db: &mut impl Db,
        directory: &Directory,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let organizations: Vec<_> = directory
            .organizations
            .iter()
            .filter_map(|entry| self.organization(&entry.login.value))
            .map(|account| account.id)
            .collect();
        let enterprises: Vec<_> = self.slugs.values().map(|account| account.id).collect();
        for kind in TokenKind::ALL {
            for id in &organizations {
                let standing = policies::find_standing(db, *id, *kind, now).await?;
                self.put_policy(*id, *kind, standing.map(Layer::Organization));
            }
            for id in &enterprises {
                let standing = policies::find_standing(db, *id, *kind, now).await?;
                self.put_policy(*id, *kind, standing.map(Layer::Enterprise));
            }
        }
        Ok(())
    }

    fn put_policy(&mut self, id: AccountId, kind: TokenKind, standing: Standing<Layer>) {
        let key = (id, kind.as_str());
        let in_force = standing.in_force.map(|saved| (key, saved.layer));
        self.policies.extend(in_force);
        let ahead = standing.ahead;
        self.ahead
            .extend(ahead.map(|saved| (key, (saved.layer, saved.effective_at))));
    }

    /// Repositories in the file, those that its issues name, and every one of an organization whose enterprise it states.
    async fn load_repositories(
        &mut self,
        db: &mut impl Db,
        directory: &Directory,
    ) -> Result<(), StoreError> {
        for entry in &directory.repositories {
            self.load_repository(db, &entry.owner.value, &entry.name.value)
                .await?;
        }
        for entry in &directory.issues {
            if let Some((owner, name)) = entry.repository.value.split_once('/') {
                self.load_repository(db, owner, name).await?;
            }
        }
        for entry in &directory.organizations {
            let Some(id) = self.organization(&entry.login.value).map(|found| found.id) else {
                continue;
            };
            if entry.enterprise.is_some() {
                for repository in repositories::list_of_owner(db, id, "", i64::MAX).await? {
                    let key = repository_key(&repository.owner_login, &repository.name);
                    self.repositories.insert(key, repository);
                }
            }
        }
        Ok(())
    }

    async fn load_repository(
        &mut self,
        db: &mut impl Db,
        owner: &str,
        name: &str,
    ) -> Result<(), StoreError> {
        let Some(owner) = self.logins.get(&names::key(owner)).map(|owner| owner.id) else {
            return Ok(());
        };
        let Some(found) = repositories::find_named(db, owner, name).await? else {
            return Ok(());
        };
        let people = repositories::list_collaborators(db, found.id).await?;
        let roles = people
            .into_iter()
            .map(|person| (names::key(&person.login), person.role));
        self.collaborators.insert(found.id, roles.collect());
        let key = repository_key(&found.owner_login, &found.name);
        self.repositories.insert(key, found);
        Ok(())
    }

    async fn load_services(&mut self, db: &mut impl Db, now: Timestamp) -> Result<(), StoreError> {
        let mut names_of = BTreeMap::new();
        for found in services::list(db).await? {
            let owners = services::list_owners(db, found.id).await?;
            let mut owners: Vec<_> = owners
                .into_iter()
                .map(|(_, login)| names::key(&login))
                .collect();
            owners.sort();
            let key = names::key(&found.name);
            names_of.insert(found.id, key.clone());
            let description = ServiceDescription {
                hosts: services::list_hosts(db, found.id).await?,
                name: found.name,
                catalog: found.catalog,
                proxy: found.proxy,
                filters: found.filters,
                owners,
            };
            self.services.insert(key, description);
        }
        for hash in self.secrets.values() {
            if let Some((of, ends_at)) = services::find_secret(db, *hash).await? {
                // One that was removed has no name any more, and its secret is nobody else's.
                let name = names_of.get(&of).cloned().unwrap_or_default();
                self.known_secrets
                    .insert(*hash, (name, is_live(ends_at, now)));
            }
        }
        Ok(())
    }
}
