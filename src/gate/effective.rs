//! What a token may do now, owner by owner: found by asking the decision itself, permission by permission.
//!
//! Nothing here judges. Each question is a call to an endpoint that needs exactly one permission, put to the gate as
//! any call is, so that what is shown and what is enforced cannot differ. Nothing is recorded: it is no use.

use std::net::IpAddr;
use std::sync::Arc;

use super::memory::AccountEntry;
use super::{Call, Credential, Gate, Ruling, Unavailable, resolve};
use crate::domain::access::decision::{Decision, Door, GrantFacts, Reason, Workflows};
use crate::domain::access::rights::{Relation, Visibility};
use crate::domain::account::AccountKind;
use crate::domain::catalog::{
    Endpoint, EndpointId, Freedom, Method, Need, Permission, TargetTemplate,
};
use crate::domain::ids::{AccountId, RepositoryId};
use crate::domain::permission::{Group, Level, PermissionSet};
use crate::domain::selection::Selection;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::domain::token::conditions::Branches;
use crate::store::repositories::{self, Repository};
use crate::store::{StoreError, accounts};

/// What a token may do at one owner.
#[derive(Debug, Clone)]
pub struct AtOwner {
    /// The owner.
    pub owner: Arc<AccountEntry>,
    /// What was granted or asked for there; none for a classic token.
    pub grant: Option<GrantFacts>,
    /// Why nothing but public reads is allowed there, if so.
    pub block: Option<Block>,
    /// What it may do at the owner itself, and at each repository of a grant for `all` of them.
    pub permissions: PermissionSet,
    /// What it may do at each repository that the grant names.
    pub repositories: Vec<AtRepository>,
}

/// Why an owner's resources are closed to a token.
#[derive(Debug, Clone)]
pub struct Block {
    /// The code.
    pub reason: Reason,
    /// The sentence with which a call would be refused.
    pub sentence: String,
}

/// What a token may do at one repository that its grant names.
#[derive(Debug, Clone)]
pub struct AtRepository {
    /// The repository.
    pub repository: Arc<Repository>,
    /// The permissions, each at the highest level that would be allowed.
    pub permissions: PermissionSet,
}

/// What each owner of a token's grants lets it do now, for a client at this address; of a classic token, each
/// organization of its user.
pub async fn effective(
    gate: &Gate,
    credential: &Credential,
    client: Option<IpAddr>,
) -> Result<Vec<AtOwner>, Unavailable> {
    let Some(token) = credential.snapshot().map(|snapshot| &snapshot.facts) else {
        return Ok(Vec::new());
    };
    let prober = Prober {
        gate,
        credential,
        client,
    };
    let mut found = Vec::new();
    match token.kind {
        TokenKind::FineGrained => {
            for grant in &token.grants {
                if let Some(owner) = resolve::account(gate, grant.owner).await? {
                    found.push(prober.at_owner(owner, grant).await?);
                }
            }
        }
        TokenKind::Classic => {
            for owner in organizations(gate, token.user).await? {
                found.push(prober.classic_at(owner).await?);
            }
        }
    }
    Ok(found)
}

async fn organizations(
    gate: &Gate,
    user: AccountId,
) -> Result<Vec<Arc<AccountEntry>>, Unavailable> {
    let belongings = accounts::list_belongings(&mut gate.store.reader(), user).await?;
    let mut found = Vec::new();
    for belonging in belongings {
        if belonging.kind == AccountKind::Organization {
            found.extend(resolve::account(gate, belonging.account_id).await?);
        }
    }
    Ok(found)
}

/// Where a question is asked.
enum Place<'a> {
    /// At an owner itself.
    Owner(&'a AccountEntry),
    /// At a repository, which need not exist: one without any special role shows what counts at every one.
    Repository(&'a Arc<Repository>),
}

struct Prober<'a> {
    gate: &'a Gate,
    credential: &'a Credential,
    client: Option<IpAddr>,
}

impl Prober<'_> {
    async fn at_owner(
        &self,
        owner: Arc<AccountEntry>,
        grant: &GrantFacts,
    ) -> Result<AtOwner, Unavailable> {
        let named = self.named(grant).await?;
        let block = self.block(&owner, &named).await?;
        let mut permissions = PermissionSet::new();
        let mut repositories = Vec::new();
        if block.is_none() {
            permissions = self.at_account(&owner, grant).await?;
            if grant.selection == Selection::All {
                let any = Arc::new(any_repository(&owner, grant));
                let everywhere = self.at_repository(&any, grant).await?;
                permissions = permissions.union(&everywhere);
            }
            for repository in named
                .into_iter()
                .filter(|found| grant.selection.names(found.id))
            {
                let permissions = self.at_repository(&repository, grant).await?;
                repositories.push(AtRepository {
                    repository,
                    permissions,
                });
            }
        }
        Ok(AtOwner {
            owner,
            grant: Some(grant.clone()),
            block,
            permissions,
            repositories,
        })
    }

    async fn classic_at(&self, owner: Arc<AccountEntry>) -> Result<AtOwner, Unavailable> {
        Ok(AtOwner {
            block: self.block(&owner, &[]).await?,
            owner,
            grant: None,
            permissions: PermissionSet::new(),
            repositories: Vec::new(),
        })
    }

    /// The repositories that a grant or its latest request names.
    async fn named(&self, grant: &GrantFacts) -> Result<Vec<Arc<Repository>>, StoreError> {
        let wished = grant.wished.iter().flat_map(Selection::listed);
        let ids: std::collections::BTreeSet<_> = grant.selection.listed().chain(wished).collect();
        let ids: Vec<_> = ids.into_iter().collect();
        let found = repositories::list_by_ids(&mut self.gate.store.reader(), &ids).await?;
        Ok(found.into_iter().map(Arc::new).collect())
    }

    /// Why everything at the owner is refused, if it is: asked with the permission that is least of all.
    async fn block(
        &self,
        owner: &AccountEntry,
        named: &[Arc<Repository>],
    ) -> Result<Option<Block>, Unavailable> {
        let catalog = self.gate.catalog;
        let Some(least) = catalog.permissions().iter().find(|known| known.automatic) else {
            return Ok(None);
        };
        let user = self.credential.snapshot().map(|found| found.facts.user);
        let is_other_user =
            owner.account.kind == AccountKind::User && Some(owner.account.id) != user;
        // Another user's account is no target itself: only its repositories are.
        let place = match named.first().filter(|_| is_other_user) {
            Some(repository) => Place::Repository(repository),
            None => Place::Owner(owner),
        };
        let ruling = self.ask(least, Level::Read, &place).await?;
        let Decision::Refuse(refusal) = &ruling.decision else {
            return Ok(None);
        };
        let reason = refusal.reason;
        let is_about_the_permission = matches!(
            reason,
            Reason::MissingPermission
                | Reason::MissingRole
                | Reason::MissingScope
                | Reason::NotTargeted
                | Reason::NotSelected
        );
        Ok((!is_about_the_permission).then(|| Block {
            reason,
            sentence: ruling.sentence(self.gate),
        }))
    }

    async fn at_account(
        &self,
        owner: &AccountEntry,
        grant: &GrantFacts,
    ) -> Result<PermissionSet, Unavailable> {
        let is_of_account = |permission: &Permission| permission.group != Group::Repository;
        self.allowed(grant, &Place::Owner(owner), is_of_account)
            .await
    }

    async fn at_repository(
        &self,
        repository: &Arc<Repository>,
        grant: &GrantFacts,
    ) -> Result<PermissionSet, Unavailable> {
        let is_of_repository = |permission: &Permission| permission.group == Group::Repository;
        self.allowed(grant, &Place::Repository(repository), is_of_repository)
            .await
    }

    /// Those permissions of a grant that count at a place, each at the highest level that would be allowed.
    async fn allowed(
        &self,
        grant: &GrantFacts,
        place: &Place<'_>,
        belongs: impl Fn(&Permission) -> bool,
    ) -> Result<PermissionSet, Unavailable> {
        let mut allowed = PermissionSet::new();
        for (id, held) in grant.permissions.iter() {
            let permission = self.gate.catalog.permission(id);
            if !belongs(permission) {
                continue;
            }
            let levels = permission.levels.iter().rev().map(|rule| rule.level);
            for level in levels.filter(|level| *level <= held) {
                let ruling = self.ask(permission, level, place).await?;
                if ruling.decision.is_allowed() {
                    allowed.insert(id, level);
                    break;
                }
            }
        }
        Ok(allowed)
    }

    async fn ask(
        &self,
        permission: &Permission,
        level: Level,
        place: &Place<'_>,
    ) -> Result<Ruling, Unavailable> {
        let endpoint = endpoint(permission, level, place);
        let login = match place {
            Place::Owner(owner) => owner.account.login.clone(),
            Place::Repository(_) => String::new(),
        };
        let parameters = [(OWNER.to_owned(), login)];
        let call = Call {
            endpoint: Some(&endpoint),
            parameters: &parameters,
            door: Door::Api,
            is_read: level == Level::Read,
            method: endpoint.method.as_str(),
            path: "",
            client: self.client,
            request_id: "",
            branches: Branches::None,
            workflows: Workflows::Untouched,
        };
        match place {
            Place::Owner(_) => self.gate.judge(self.credential, &call).await,
            Place::Repository(found) => {
                self.gate
                    .judge_repository(self.credential, &call, found)
                    .await
            }
        }
    }
}

/// The parameter that names an owner in the endpoints asked here.
const OWNER: &str = "owner";

/// An endpoint that needs one permission at one level, and nothing else.
fn endpoint(permission: &Permission, level: Level, place: &Place<'_>) -> Endpoint {
    let param = OWNER.to_owned();
    let target = match place {
        Place::Repository(_) => TargetTemplate::Repository {
            owner_param: param,
            name_param: String::new(),
        },
        Place::Owner(owner) => match owner.account.kind {
            AccountKind::Organization => TargetTemplate::Organization { param },
            AccountKind::Enterprise => TargetTemplate::Enterprise { param },
            AccountKind::User => TargetTemplate::Account { param: Some(param) },
        },
    };
    Endpoint {
        id: EndpointId::new(0),
        method: if level == Level::Read {
            Method::Get
        } else {
            Method::Put
        },
        template: String::new(),
        sets: vec![vec![Need {
            permission: permission.id,
            level,
            target: 0,
        }]],
        public_readable: false,
        freedom: Freedom::Bound,
        targets: vec![target],
        listing: false,
        conditional: None,
        scopes: None,
        least_role: None,
    }
}

/// A repository like any other of the owner: private, and without a role of the user's on it in particular. A grant
/// from a sister organization reaches internal ones only.
fn any_repository(owner: &AccountEntry, grant: &GrantFacts) -> Repository {
    let at = Timestamp::from_micros(0);
    Repository {
        id: RepositoryId::new(0),
        owner_id: owner.account.id,
        owner_login: owner.account.login.clone(),
        name: String::new(),
        description: String::new(),
        visibility: if grant.relation == Relation::Sister {
            Visibility::Internal
        } else {
            Visibility::Private
        },
        created_at: at,
        updated_at: at,
        rev: 0,
    }
}
