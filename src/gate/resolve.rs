//! From the names in a call to facts: what they stand for, and what the token's user is to each.

use std::sync::Arc;

use super::call::Call;
use super::memory::{AccountEntry, SavedPolicies, Ties};
use super::{Gate, Unavailable};
use crate::domain::access::decision::{
    AccountFacts, OwnerFacts, Policies, RepositoryFacts, Target,
};
use crate::domain::access::rights::{MemberRole, UserStanding, repository_role};
use crate::domain::account::AccountKind;
use crate::domain::catalog::TargetTemplate;
use crate::domain::ids::AccountId;
use crate::domain::names;
use crate::domain::policy::effective;
use crate::domain::policy::layers::governed_only;
use crate::domain::policy::setting::{EnterpriseLayer, in_force};
use crate::domain::role::RepositoryRole;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::store::repositories::Repository;
use crate::store::{accounts, policies, repositories};

/// An owner with everything that is asked of it, shared with memory.
#[derive(Debug, Clone)]
pub struct ResolvedOwner {
    /// The account.
    pub entry: Arc<AccountEntry>,
    above: Option<Arc<AccountEntry>>,
    role: Option<MemberRole>,
    is_in_enterprise: bool,
    is_enterprise_owner: bool,
    policies: Option<Policies>,
}

impl ResolvedOwner {
    fn facts(&self) -> OwnerFacts<'_> {
        OwnerFacts {
            account: AccountFacts {
                id: self.entry.account.id,
                login: &self.entry.account.login,
            },
            role: self.role,
            is_in_enterprise: self.is_in_enterprise,
            is_enterprise_owner: self.is_enterprise_owner,
            policies: self.policies,
            enterprise: self.entry.account.governed_by(),
        }
    }

    /// The enterprise that governs it; itself if it is one.
    pub fn above(&self) -> Option<&AccountEntry> {
        self.above.as_deref()
    }

    /// The user's role in it.
    pub const fn role(&self) -> Option<MemberRole> {
        self.role
    }
}

/// What a name in a call stands for.
#[derive(Debug, Clone)]
pub enum Resolved {
    /// Nothing.
    Missing,
    /// A repository.
    Repository {
        /// Its data.
        repository: Arc<Repository>,
        /// Its owner.
        owner: ResolvedOwner,
        /// The user's own role on it.
        role: Option<RepositoryRole>,
    },
    /// An organization.
    Organization(ResolvedOwner),
    /// An enterprise.
    Enterprise(ResolvedOwner),
    /// The caller's own account.
    Account(ResolvedOwner),
    /// A user as anyone sees them.
    User(Arc<AccountEntry>),
}

impl Resolved {
    /// The same as the decision takes it.
    pub fn target(&self) -> Target<'_> {
        match self {
            Self::Missing => Target::Missing,
            Self::Repository {
                repository,
                owner,
                role,
            } => Target::Repository(RepositoryFacts {
                id: repository.id,
                name: &repository.name,
                visibility: repository.visibility,
                role: *role,
                owner: owner.facts(),
            }),
            Self::Organization(owner) => Target::Organization(owner.facts()),
            Self::Enterprise(owner) => Target::Enterprise(owner.facts()),
            Self::Account(owner) => Target::Account(owner.facts()),
            Self::User(entry) => Target::User(AccountFacts {
                id: entry.account.id,
                login: &entry.account.login,
            }),
        }
    }

    /// The owner of what it is.
    pub const fn owner(&self) -> Option<&ResolvedOwner> {
        match self {
            Self::Repository { owner, .. }
            | Self::Organization(owner)
            | Self::Enterprise(owner)
            | Self::Account(owner) => Some(owner),
            Self::Missing | Self::User(_) => None,
        }
    }

    /// The repository, if it is one.
    pub const fn repository(&self) -> Option<&Arc<Repository>> {
        match self {
            Self::Repository { repository, .. } => Some(repository),
            _ => None,
        }
    }
}

/// Resolves everything that a call names, in path order.
pub(super) async fn targets(
    gate: &Gate,
    user: Option<AccountId>,
    call: &Call<'_>,
) -> Result<Vec<Resolved>, Unavailable> {
    let Some(endpoint) = call.endpoint else {
        return Ok(Vec::new());
    };
    let now = gate.clock.now();
    let mut resolved = Vec::with_capacity(endpoint.targets.len());
    for template in &endpoint.targets {
        resolved.push(target(gate, user, call, template, now).await?);
    }
    Ok(resolved)
}

async fn target(
    gate: &Gate,
    user: Option<AccountId>,
    call: &Call<'_>,
    template: &TargetTemplate,
    now: Timestamp,
) -> Result<Resolved, Unavailable> {
    match template {
        TargetTemplate::Repository {
            owner_param,
            name_param,
        } => {
            repository(
                gate,
                user,
                call.parameter(owner_param),
                call.parameter(name_param),
                now,
            )
            .await
        }
        TargetTemplate::Organization { param } => {
            let entry = named(gate, "login", call.parameter(param)).await?;
            match entry.filter(|entry| entry.account.kind == AccountKind::Organization) {
                Some(entry) => Ok(Resolved::Organization(owner(gate, user, entry, now).await?)),
                None => Ok(Resolved::Missing),
            }
        }
        TargetTemplate::Enterprise { param } => {
            match named(gate, "slug", call.parameter(param)).await? {
                Some(entry) => Ok(Resolved::Enterprise(owner(gate, user, entry, now).await?)),
                None => Ok(Resolved::Missing),
            }
        }
        TargetTemplate::Account { param } => {
            let entry = match (param, user) {
                (Some(param), _) => named(gate, "login", call.parameter(param)).await?,
                (None, Some(user)) => account(gate, user).await?,
                (None, None) => None,
            };
            match entry.filter(|entry| entry.account.kind == AccountKind::User) {
                Some(entry) => Ok(Resolved::Account(owner(gate, user, entry, now).await?)),
                None => Ok(Resolved::Missing),
            }
        }
        TargetTemplate::User { param } => {
            let entry = named(gate, "login", call.parameter(param)).await?;
            Ok(entry
                .filter(|entry| entry.account.kind == AccountKind::User)
                .map_or(Resolved::Missing, Resolved::User))
        }
    }
}

async fn repository(
    gate: &Gate,
    user: Option<AccountId>,
    owner_login: &str,
    name: &str,
    now: Timestamp,
) -> Result<Resolved, Unavailable> {
    let Some(entry) = named(gate, "login", owner_login).await? else {
        return Ok(Resolved::Missing);
    };
    let Some(repository) = repository_named(gate, entry.account.id, name).await? else {
        return Ok(Resolved::Missing);
    };
    resolve_repository(gate, user, entry, repository, now).await
}

/// A repository that is known already: for lists, which ask of each item.
pub async fn known_repository(
    gate: &Gate,
    user: Option<AccountId>,
    repository: Arc<Repository>,
) -> Result<Resolved, Unavailable> {
    match account(gate, repository.owner_id).await? {
        Some(entry) => resolve_repository(gate, user, entry, repository, gate.clock.now()).await,
        None => Ok(Resolved::Missing),
    }
}

async fn resolve_repository(
    gate: &Gate,
    user: Option<AccountId>,
    entry: Arc<AccountEntry>,
    repository: Arc<Repository>,
    now: Timestamp,
) -> Result<Resolved, Unavailable> {
    let base = entry.account.base_permission;
    let is_self = Some(entry.account.id) == user;
    let owner = owner(gate, user, entry, now).await?;
    let ties = ties(gate, user).await?;
    let standing = UserStanding {
        is_self,
        membership: owner.role.filter(|_| !is_self),
        is_in_enterprise: owner.is_in_enterprise,
        collaborator: ties.collaborations.get(&repository.id).copied(),
    };
    let role = repository_role(repository.visibility, base, standing);
    Ok(Resolved::Repository {
        repository,
        owner,
        role,
    })
}

async fn owner(
    gate: &Gate,
    user: Option<AccountId>,
    entry: Arc<AccountEntry>,
    now: Timestamp,
) -> Result<ResolvedOwner, Unavailable> {
    let ties = ties(gate, user).await?;
    let governed_by = entry.account.governed_by();
    let above = match governed_by {
        Some(enterprise) => account(gate, enterprise).await?,
        None => None,
    };
    let is_self = Some(entry.account.id) == user;
    let role = if is_self {
        Some(MemberRole::Owner)
    } else {
        ties.roles.get(&entry.account.id).copied()
    };
    let owns = |enterprise: &AccountId| ties.roles.get(enterprise) == Some(&MemberRole::Owner);
    Ok(ResolvedOwner {
        role,
        is_in_enterprise: governed_by
            .is_some_and(|enterprise| ties.enterprises.contains(&enterprise)),
        is_enterprise_owner: governed_by.as_ref().is_some_and(owns),
        policies: policies_in_force(&entry, above.as_deref(), now),
        above,
        entry,
    })
}

/// The policies in force at an account, if any govern it.
fn policies_in_force(
    entry: &AccountEntry,
    above: Option<&AccountEntry>,
    now: Timestamp,
) -> Option<Policies> {
    let layer = |kind: TokenKind| {
        above.map(|above| match &above.policies {
            SavedPolicies::Enterprise(saved) => {
                in_force(&saved[place(kind)], now).unwrap_or(EnterpriseLayer::default_for(kind))
            }
            SavedPolicies::Organization(_) | SavedPolicies::None => {
                EnterpriseLayer::default_for(kind)
            }
        })
    };
    let policy = |kind| match &entry.policies {
        SavedPolicies::Organization(saved) => Some(effective(
            kind,
            layer(kind),
            in_force(&saved[place(kind)], now),
        )),
        SavedPolicies::Enterprise(_) | SavedPolicies::None => {
            layer(kind).map(|layer| governed_only(kind, layer))
        }
    };
    Some(Policies {
        fine_grained: policy(TokenKind::FineGrained)?,
        classic: policy(TokenKind::Classic)?,
    })
}

const fn place(kind: TokenKind) -> usize {
    match kind {
        TokenKind::FineGrained => 0,
        TokenKind::Classic => 1,
    }
}

/// An account by its id, from memory or the store.
pub async fn account(gate: &Gate, id: AccountId) -> Result<Option<Arc<AccountEntry>>, Unavailable> {
    if let Some(known) = gate.memory.account(id) {
        return Ok(Some(known));
    }
    let epoch = gate.memory.epoch();
    let found = accounts::find(&mut gate.store.reader(), id).await?;
    keep_account(gate, epoch, found).await
}

async fn named(
    gate: &Gate,
    namespace: &'static str,
    name: &str,
) -> Result<Option<Arc<AccountEntry>>, Unavailable> {
    let key = names::key(name);
    if let Some(known) = gate.memory.account_named(namespace, &key) {
        return Ok(Some(known));
    }
    let epoch = gate.memory.epoch();
    let mut db = gate.store.reader();
    let found = if namespace == "slug" {
        accounts::find_slug(&mut db, &key).await?
    } else {
        accounts::find_login(&mut db, &key).await?
    };
    keep_account(gate, epoch, found).await
}

async fn keep_account(
    gate: &Gate,
    epoch: u64,
    found: Option<accounts::Account>,
) -> Result<Option<Arc<AccountEntry>>, Unavailable> {
    let Some(account) = found else {
        return Ok(None);
    };
    let mut db = gate.store.reader();
    let owners = accounts::list_owners(&mut db, account.id).await?;
    let owners = owners
        .into_iter()
        .take(3)
        .map(|owner| owner.login)
        .collect();
    let (id, fine, classic) = (account.id, TokenKind::FineGrained, TokenKind::Classic);
    let policies = match account.kind {
        AccountKind::User => SavedPolicies::None,
        AccountKind::Organization => SavedPolicies::Organization([
            policies::list_versions(&mut db, id, fine).await?,
            policies::list_versions(&mut db, id, classic).await?,
        ]),
        AccountKind::Enterprise => SavedPolicies::Enterprise([
            policies::list_versions(&mut db, id, fine).await?,
            policies::list_versions(&mut db, id, classic).await?,
        ]),
    };
    let entry = Arc::new(AccountEntry {
        account,
        owners,
        policies,
    });
    gate.memory
        .keep_account(epoch, names::key(&entry.account.login), Arc::clone(&entry));
    Ok(Some(entry))
}

async fn repository_named(
    gate: &Gate,
    owner: AccountId,
    name: &str,
) -> Result<Option<Arc<Repository>>, Unavailable> {
    let key = names::key(name);
    if let Some(known) = gate.memory.repository(owner, &key) {
        return Ok(Some(known));
    }
    let epoch = gate.memory.epoch();
    let found = repositories::find_named(&mut gate.store.reader(), owner, &key)
        .await?
        .map(Arc::new);
    if let Some(found) = &found {
        gate.memory.keep_repository(epoch, key, Arc::clone(found));
    }
    Ok(found)
}

async fn ties(gate: &Gate, user: Option<AccountId>) -> Result<Arc<Ties>, Unavailable> {
    let Some(user) = user else {
        return Ok(Arc::default());
    };
    if let Some(known) = gate.memory.ties(user) {
        return Ok(known);
    }
    let epoch = gate.memory.epoch();
    let ties = Arc::new(load_ties(gate, user).await?);
    gate.memory.keep_ties(epoch, user, Arc::clone(&ties));
    Ok(ties)
}

async fn load_ties(gate: &Gate, user: AccountId) -> Result<Ties, Unavailable> {
    let mut db = gate.store.reader();
    let roles = accounts::list_belongings(&mut db, user).await?;
    let collaborations = repositories::list_collaborations(&mut db, user).await?;
    let enterprises = accounts::list_enterprises_of(&mut db, user).await?;
    Ok(Ties {
        roles: roles
            .into_iter()
            .map(|belonging| (belonging.account_id, belonging.role))
            .collect(),
        collaborations: collaborations.into_iter().collect(),
        enterprises: enterprises.into_iter().collect(),
    })
}
