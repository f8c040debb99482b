//! What the gate remembers, and how it forgets.
//!
//! Entries are loaded one by one and kept until a change touches them. A load that began before a change may not put
//! its outdated find back afterwards: it names the epoch it began in, and a later epoch refuses it.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use super::services::Services;
use crate::domain::access::rights::MemberRole;
use crate::domain::ids::{AccountId, RepositoryId, TokenId};
use crate::domain::policy::setting::{EnterpriseLayer, OrganizationLayer, Version};
use crate::domain::role::RepositoryRole;
use crate::domain::token::secret::SecretHash;
use crate::store::Change;
use crate::store::accounts::Account;
use crate::store::repositories::Repository;
use crate::store::snapshots::Snapshot;

/// How long memory is trusted without a word from the change feed.
pub const HEARING: Duration = Duration::from_secs(1);

/// How many entries of one sort are kept before that sort is dropped whole and learned again.
const CAPACITY: usize = 100_000;

/// An account with what decisions ask of it.
#[derive(Debug, Clone)]
pub struct AccountEntry {
    /// Its data.
    pub account: Account,
    /// Logins of its owners: whom a refusal says to ask.
    pub owners: Vec<String>,
    /// Its saved policies.
    pub policies: SavedPolicies,
}

/// Saved policies, for fine-grained and classic tokens.
#[derive(Debug, Clone)]
pub enum SavedPolicies {
    /// Of an organization.
    Organization([Vec<Version<OrganizationLayer>>; 2]),
    /// Of an enterprise.
    Enterprise([Vec<Version<EnterpriseLayer>>; 2]),
    /// Users save none.
    None,
}

/// What a user is to others.
#[derive(Debug, Clone, Default)]
pub struct Ties {
    /// Roles in organizations and enterprises.
    pub roles: HashMap<AccountId, MemberRole>,
    /// Roles on repositories as a collaborator.
    pub collaborations: HashMap<RepositoryId, RepositoryRole>,
    /// Enterprises of which the user is a member: through an organization, as an owner, or as a managed user.
    pub enterprises: HashSet<AccountId>,
}

#[derive(Debug, Default)]
struct Maps {
    snapshots: HashMap<SecretHash, Arc<Snapshot>>,
    hashes: HashMap<TokenId, Vec<SecretHash>>,
    accounts: HashMap<AccountId, Arc<AccountEntry>>,
    names: HashMap<(&'static str, String), AccountId>,
    ties: HashMap<AccountId, Arc<Ties>>,
    repositories: HashMap<(AccountId, String), Arc<Repository>>,
    repository_names: HashMap<RepositoryId, (AccountId, String)>,
    services: Option<Arc<Services>>,
}

/// What is remembered of tokens and the directory.
#[derive(Debug)]
pub struct Memory {
    maps: RwLock<Maps>,
    epoch: AtomicU64,
    heard_at: Mutex<Instant>,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            maps: RwLock::default(),
            epoch: AtomicU64::new(0),
            heard_at: Mutex::new(Instant::now()),
        }
    }
}

impl Memory {
    /// Rises with every change heard.
    pub fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Drops exactly what these changes touch.
    pub fn forget(&self, changes: &[Change]) {
        if changes.is_empty() {
            return;
        }
        self.write(|maps, epoch| {
            epoch.fetch_add(1, Ordering::AcqRel);
            for change in changes {
                maps.forget(*change);
            }
        });
    }

    /// Notes that the feed was read to its end just now.
    pub fn heard(&self, began: Instant) {
        let mut heard_at = self.heard_at.lock().unwrap_or_else(PoisonError::into_inner);
        *heard_at = began.max(*heard_at);
    }

    /// Whether memory may be trusted: the feed was read to its end within the last second.
    pub fn hears(&self) -> bool {
        self.heard_ago() < HEARING
    }

    /// How long ago the feed was read to its end.
    pub fn heard_ago(&self) -> Duration {
        let heard_at = self.heard_at.lock().unwrap_or_else(PoisonError::into_inner);
        heard_at.elapsed()
    }

    fn read<T>(&self, find: impl FnOnce(&Maps) -> T) -> T {
        find(&self.maps.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write(&self, change: impl FnOnce(&mut Maps, &AtomicU64)) {
        let mut maps = self.maps.write().unwrap_or_else(PoisonError::into_inner);
        change(&mut maps, &self.epoch);
    }

    /// Keeps something that was loaded since `epoch` began, unless anything changed meanwhile.
    fn keep(&self, since: u64, insert: impl FnOnce(&mut Maps)) {
        self.write(|maps, epoch| {
            if epoch.load(Ordering::Acquire) == since {
                insert(maps);
            }
        });
    }

    pub(super) fn snapshot(&self, hash: &SecretHash) -> Option<Arc<Snapshot>> {
        self.read(|maps| maps.snapshots.get(hash).cloned())
    }

    pub(super) fn keep_snapshot(&self, since: u64, hash: SecretHash, snapshot: Arc<Snapshot>) {
        self.keep(since, |maps| {
            if maps.snapshots.len() >= CAPACITY {
                maps.snapshots.clear();
                maps.hashes.clear();
            }
            maps.hashes.entry(snapshot.facts.id).or_default().push(hash);
            maps.snapshots.insert(hash, snapshot);
        });
    }

    pub(super) fn account(&self, id: AccountId) -> Option<Arc<AccountEntry>> {
        self.read(|maps| maps.accounts.get(&id).cloned())
    }

    pub(super) fn account_named(
        &self,
        namespace: &'static str,
        key: &str,
    ) -> Option<Arc<AccountEntry>> {
        self.read(|maps| {
            let id = maps.names.get(&(namespace, key.to_owned()))?;
            maps.accounts.get(id).cloned()
        })
    }

    pub(super) fn keep_account(&self, since: u64, key: String, entry: Arc<AccountEntry>) {
        self.keep(since, |maps| {
            if maps.accounts.len() >= CAPACITY {
                maps.accounts.clear();
                maps.names.clear();
            }
            maps.names
                .insert((entry.account.kind.namespace(), key), entry.account.id);
            maps.accounts.insert(entry.account.id, entry);
        });
    }

    pub(super) fn ties(&self, user: AccountId) -> Option<Arc<Ties>> {
        self.read(|maps| maps.ties.get(&user).cloned())
    }

    pub(super) fn keep_ties(&self, since: u64, user: AccountId, ties: Arc<Ties>) {
        self.keep(since, |maps| {
            if maps.ties.len() >= CAPACITY {
                maps.ties.clear();
            }
            maps.ties.insert(user, ties);
        });
    }

    pub(super) fn repository(&self, owner: AccountId, key: &str) -> Option<Arc<Repository>> {
        self.read(|maps| maps.repositories.get(&(owner, key.to_owned())).cloned())
    }

    pub(super) fn keep_repository(&self, since: u64, key: String, repository: Arc<Repository>) {
        self.keep(since, |maps| {
            if maps.repositories.len() >= CAPACITY {
                maps.repositories.clear();
                maps.repository_names.clear();
            }
            let name = (repository.owner_id, key);
            maps.repository_names.insert(repository.id, name.clone());
            maps.repositories.insert(name, repository);
        });
    }

    pub(super) fn services(&self) -> Option<Arc<Services>> {
        self.read(|maps| maps.services.clone())
    }

    pub(super) fn keep_services(&self, since: u64, services: Arc<Services>) {
        self.keep(since, |maps| maps.services = Some(services));
    }
}

impl Maps {
    fn forget(&mut self, change: Change) {
        match change {
            Change::Token(id) => {
                for hash in self.hashes.remove(&id).unwrap_or_default() {
                    self.snapshots.remove(&hash);
                }
            }
            Change::Account(id) => {
                // An organization that changes its enterprise changes what its members belong to.
                match self.accounts.remove(&id).map(|entry| entry.account.kind) {
                    Some(crate::domain::account::AccountKind::User) => {}
                    _ => self.ties.clear(),
                }
                self.ties.remove(&id);
                self.names.retain(|_, named| *named != id);
            }
            Change::Repository(id) => {
                if let Some(name) = self.repository_names.remove(&id) {
                    self.repositories.remove(&name);
                }
            }
            Change::Service(_) => self.services = None,
            Change::Unknown => *self = Self::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_loaded_before_a_change_is_not_kept_after_it() {
        let memory = Memory::default();
        let user = AccountId::new(1);
        let before = memory.epoch();
        memory.forget(&[Change::Account(user)]);
        memory.keep_ties(before, user, Arc::new(Ties::default()));
        assert!(
            memory.ties(user).is_none(),
            "the load began before the change"
        );
        memory.keep_ties(memory.epoch(), user, Arc::new(Ties::default()));
        assert!(memory.ties(user).is_some());
        memory.forget(&[Change::Account(user)]);
        assert!(memory.ties(user).is_none());
    }
}
