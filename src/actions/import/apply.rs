//! Carries a plan out, step by step, in one transaction.

mod services;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::ImportError;
use super::bare::Stage;
use super::plan::{issue_key, policy_key};
use super::state::{State, repository_key};
use super::step::{Named, RepositoryName, Step};
use crate::actions::administer::create_account::passkey_handle;
use crate::actions::{Context, end_relation};
use crate::domain::access::rights::MemberRole;
use crate::domain::account::AccountKind;
use crate::domain::audit::{Action, Event};
use crate::domain::ids::{AccountId, RepositoryId};
use crate::domain::names;
use crate::domain::policy::Layer;
use crate::domain::token::TokenKind;
use crate::store::accounts::{Account, NewAccount};
use crate::store::repositories::{NewRepository, Repository};
use crate::store::{
    Change, StoreError, Work, accounts, grants, imports, issues, policies, repositories, sessions,
};

type Outcome<T = ()> = Result<T, ImportError>;

/// A plan under way. Names become ids as accounts and repositories are entered.
pub(super) struct Applier<'a, 'l> {
    context: &'a Context,
    work: &'a mut Work,
    git: &'a mut Stage<'l>,
    base: &'a Path,
    accounts: BTreeMap<(&'static str, String), AccountId>,
    repositories: BTreeMap<String, RepositoryId>,
    /// Users whose relations may have changed.
    moved: BTreeSet<AccountId>,
}

impl<'a, 'l> Applier<'a, 'l> {
    pub(super) fn new(
        context: &'a Context,
        work: &'a mut Work,
        state: &State,
        git: &'a mut Stage<'l>,
        base: &'a Path,
    ) -> Self {
        let known = state.logins.values().chain(state.slugs.values());
        let accounts = known.map(|account| {
            let key = names::key(&account.login);
            ((account.kind.namespace(), key), account.id)
        });
        let repositories = state.repositories.iter();
        Self {
            context,
            work,
            git,
            base,
            accounts: accounts.collect(),
            repositories: repositories
                .map(|(key, repository)| (key.clone(), repository.id))
                .collect(),
            moved: BTreeSet::new(),
        }
    }

    /// What follows from the steps together: grants whose relation ended end with it.
    pub(super) async fn finish(self) -> Outcome {
        for user in &self.moved {
            end_relation::review(self.context, self.work, *user).await?;
        }
        Ok(())
    }

    pub(super) async fn apply(&mut self, step: &Step) -> Outcome {
        match step {
            Step::EnterAccount { .. }
            | Step::Rename { .. }
            | Step::SetEmail { .. }
            | Step::SetSiteAdmin { .. }
            | Step::SetSuspended { .. }
            | Step::SetManaged { .. }
            | Step::SetEnterprise { .. }
            | Step::SetBasePermission { .. } => self.apply_to_account(step).await,
            Step::PutMember { .. } | Step::RemoveMember { .. } => self.apply_to_member(step).await,
            Step::SavePolicy {
                account,
                kind,
                layer,
                ..
            } => self.save_policy(account, *kind, *layer).await,
            Step::NotePolicy {
                account,
                kind,
                layer,
            } => self.note_policy(account, *kind, *layer).await,
            Step::EnterService(_) | Step::ChangeService { .. } | Step::PutServiceSecret { .. } => {
                self.apply_to_service(step).await
            }
            _ => self.apply_to_repository(step).await,
        }
    }

    fn id(&self, kind: AccountKind, login: &str) -> Outcome<AccountId> {
        let id = self.accounts.get(&(kind.namespace(), names::key(login)));
        Ok(*id.ok_or(StoreError::RowNotFound)?)
    }

    fn named(&self, account: &Named) -> Outcome<AccountId> {
        self.id(account.kind, &account.login)
    }

    fn user(&self, login: &str) -> Outcome<AccountId> {
        self.id(AccountKind::User, login)
    }

    fn enterprise(&self, slug: Option<&String>) -> Outcome<Option<AccountId>> {
        slug.map(|slug| self.id(AccountKind::Enterprise, slug))
            .transpose()
    }

    async fn account(&mut self, id: AccountId) -> Outcome<Account> {
        let found = accounts::find(self.work, id).await?;
        Ok(found.ok_or(StoreError::RowNotFound)?)
    }

    async fn apply_to_account(&mut self, step: &Step) -> Outcome {
        match step {
            Step::EnterAccount {
                account,
                name,
                email,
            } => self.enter_account(account, name, email.as_deref()).await,
            Step::Rename { account, name } => {
                let mut found = self.account(self.named(account)?).await?;
                found.name.clone_from(name);
                self.update(&found, None).await
            }
            Step::SetEmail { user, email } => {
                let mut found = self.account(self.user(user)?).await?;
                found.email = Some(email.clone());
                self.update(&found, None).await
            }
            Step::SetSiteAdmin { user, on } => {
                let mut found = self.account(self.user(user)?).await?;
                found.site_admin = *on;
                self.update(&found, None).await
            }
            Step::SetSuspended { user, on } => self.set_suspended(user, *on).await,
            Step::SetManaged { user, enterprise } => {
                let mut found = self.account(self.user(user)?).await?;
                found.managed_by = self.enterprise(enterprise.as_ref())?;
                self.moved.insert(found.id);
                self.update(&found, None).await
            }
            Step::SetEnterprise {
                organization,
                enterprise,
            } => {
                let id = self.id(AccountKind::Organization, organization)?;
                let mut found = self.account(id).await?;
                found.enterprise_id = self.enterprise(enterprise.as_ref())?;
                self.move_people_of(id).await?;
                self.update(&found, None).await
            }
            Step::SetBasePermission { organization, base } => {
                let id = self.id(AccountKind::Organization, organization)?;
                let mut found = self.account(id).await?;
                found.base_permission = *base;
                self.update(&found, None).await
            }
            _ => Ok(()),
        }
    }

    async fn enter_account(&mut self, account: &Named, name: &str, email: Option<&str>) -> Outcome {
        let is_user = account.kind == AccountKind::User;
        let new = NewAccount {
            kind: account.kind,
            login: &account.login,
            name,
            email,
            passkey_handle: is_user.then(|| passkey_handle(self.context.entropy.as_ref())),
            created_at: self.work.now(),
        };
        let id = accounts::insert(self.work, &new).await?;
        let key = (account.kind.namespace(), names::key(&account.login));
        self.accounts.insert(key, id);
        let action = match account.kind {
            AccountKind::User => Action::UserCreate,
            AccountKind::Organization => Action::OrganizationCreate,
            AccountKind::Enterprise => Action::EnterpriseCreate,
        };
        let event = about(Event::new(action), account.kind, id);
        self.work.audit(event.with("login", account.login.as_str()));
        self.work.changed(Change::Account(id));
        Ok(())
    }

    async fn update(&mut self, account: &Account, action: Option<Action>) -> Outcome {
        accounts::update(self.work, account).await?;
        let action = action.unwrap_or(match account.kind {
            AccountKind::User => Action::UserUpdate,
            AccountKind::Organization => Action::OrganizationUpdate,
            AccountKind::Enterprise => Action::EnterpriseUpdate,
        });
        let event = about(Event::new(action), account.kind, account.id)
            .enterprise(account.governed_by())
            .with("name", account.name.as_str())
            .with("site_admin", account.site_admin)
            .with("base_permission", account.base_permission.as_str());
        self.work.audit(event);
        self.work.changed(Change::Account(account.id));
        Ok(())
    }

    async fn set_suspended(&mut self, user: &str, on: bool) -> Outcome {
        let mut found = self.account(self.user(user)?).await?;
        found.suspended_at = on.then_some(self.work.now());
        if !on {
            return self.update(&found, Some(Action::UserUnsuspend)).await;
        }
        sessions::delete_of_user(self.work, found.id).await?;
        end_relation::cancel_requests(self.work, found.id).await?;
        self.update(&found, Some(Action::UserSuspend)).await
    }

    /// An organization that changes its enterprise changes what its people are elsewhere, and what others are to it.
    async fn move_people_of(&mut self, organization: AccountId) -> Outcome {
        let members = accounts::list_members(self.work, organization).await?;
        self.moved
            .extend(members.iter().map(|member| member.user_id));
        self.moved
            .extend(grants::list_users_at(self.work, organization).await?);
        Ok(())
    }

    async fn apply_to_member(&mut self, step: &Step) -> Outcome {
        let (Step::PutMember {
            account,
            user: login,
            ..
        }
        | Step::RemoveMember {
            account,
            user: login,
        }) = step
        else {
            return Ok(());
        };
        let (id, user) = (self.named(account)?, self.user(login)?);
        let action = if let Step::PutMember { role, .. } = step {
            let now = self.work.now();
            accounts::put_member(self.work, id, user, *role, now).await?;
            Action::MemberUpdate
        } else {
            accounts::remove_member(self.work, id, user).await?;
            Action::MemberRemove
        };
        let event = about(Event::new(action), account.kind, id).user(user);
        let event = match step {
            Step::PutMember { role, before, .. } => event
                .with("permission", role.as_str())
                .with("old_permission", before.map(MemberRole::as_str)),
            _ => event,
        };
        self.work.audit(event);
        self.moved.insert(user);
        self.work.changed(Change::Account(user));
        self.work.changed(Change::Account(id));
        Ok(())
    }

    /// Saves a policy from now on, in place of a version that was to begin later.
    async fn save_policy(&mut self, account: &Named, kind: TokenKind, layer: Layer) -> Outcome {
        let id = self.named(account)?;
        let now = self.work.now();
        let replaced = policies::cancel_ahead(self.work, id, kind, now).await?;
        policies::insert(self.work, id, kind, &layer, None, now).await?;
        let event = about(Event::new(Action::PolicyUpdate), account.kind, id)
            .with("programmatic_access_type", kind.title())
            .with("policy", layer.digest())
            .with("replaced_version", replaced);
        self.work.audit(event);
        self.work.changed(Change::Account(id));
        self.note_policy(account, kind, layer).await
    }

    async fn note_policy(&mut self, account: &Named, kind: TokenKind, layer: Layer) -> Outcome {
        let key = policy_key(self.named(account)?, kind);
        Ok(imports::put(self.work, &key, &layer.digest()).await?)
    }

    async fn apply_to_repository(&mut self, step: &Step) -> Outcome {
        match step {
            Step::EnterRepository { .. } => self.enter_repository(step).await,
            Step::SetDescription {
                repository,
                description,
            } => {
                let mut found = self.repository(repository).await?;
                found.description.clone_from(description);
                self.update_repository(&found).await
            }
            Step::SetVisibility {
                repository,
                visibility,
            } => {
                let mut found = self.repository(repository).await?;
                found.visibility = *visibility;
                self.update_repository(&found).await
            }
            Step::PutCollaborator {
                repository, user, ..
            }
            | Step::RemoveCollaborator { repository, user } => {
                self.change_collaborator(repository, user, step).await
            }
            Step::EnterIssue {
                repository,
                author,
                title,
                body,
            } => self.enter_issue(repository, author, title, body).await,
            _ => Ok(()),
        }
    }

    fn repository_id(&self, repository: &RepositoryName) -> Outcome<RepositoryId> {
        let key = repository_key(&repository.owner, &repository.name);
        let id = self.repositories.get(&key);
        Ok(*id.ok_or(StoreError::RowNotFound)?)
    }

    async fn repository(&mut self, repository: &RepositoryName) -> Outcome<Repository> {
        let id = self.repository_id(repository)?;
        let found = repositories::find(self.work, id).await?;
        Ok(found.ok_or(StoreError::RowNotFound)?)
    }

    async fn enter_repository(&mut self, step: &Step) -> Outcome {
        let Step::EnterRepository {
            repository,
            description,
            visibility,
            source,
        } = step
        else {
            return Ok(());
        };
        // Users and organizations share their space of names.
        let owner = self.user(&repository.owner)?;
        let new = NewRepository {
            owner,
            name: &repository.name,
            description,
            visibility: *visibility,
            created_at: self.work.now(),
        };
        let id = repositories::insert(self.work, &new).await?;
        let key = repository_key(&repository.owner, &repository.name);
        self.repositories.insert(key, id);
        self.git
            .place(self.base, repository, source.as_ref(), id.get())
            .await?;
        let event = Event::new(Action::RepositoryCreate)
            .owner(owner)
            .repository(id)
            .with("repo", repository.to_string())
            .with("visibility", visibility.as_str());
        self.work.audit(event);
        self.work.changed(Change::Repository(id));
        Ok(())
    }

    async fn update_repository(&mut self, repository: &Repository) -> Outcome {
        let now = self.work.now();
        repositories::update(self.work, repository, now).await?;
        let event = Event::new(Action::RepositoryUpdate)
            .owner(repository.owner_id)
            .repository(repository.id)
            .with("repo", repository.full_name())
            .with("visibility", repository.visibility.as_str());
        self.work.audit(event);
        self.work.changed(Change::Repository(repository.id));
        Ok(())
    }

    async fn change_collaborator(
        &mut self,
        repository: &RepositoryName,
        login: &str,
        step: &Step,
    ) -> Outcome {
        let found = self.repository(repository).await?;
        let user = self.user(login)?;
        let now = self.work.now();
        let event = if let Step::PutCollaborator { role, .. } = step {
            repositories::put_collaborator(self.work, found.id, user, *role, now).await?;
            Event::new(Action::CollaboratorUpdate).with("permission", role.as_str())
        } else {
            repositories::remove_collaborator(self.work, found.id, user).await?;
            Event::new(Action::CollaboratorRemove)
        };
        let event = event
            .user(user)
            .owner(found.owner_id)
            .repository(found.id)
            .with("repo", found.full_name());
        self.work.audit(event);
        self.moved.insert(user);
        self.work.changed(Change::Account(user));
        self.work.changed(Change::Repository(found.id));
        Ok(())
    }

    async fn enter_issue(
        &mut self,
        repository: &RepositoryName,
        author: &str,
        title: &str,
        body: &str,
    ) -> Outcome {
        let found = self.repository(repository).await?;
        let author = self.user(author)?;
        let now = self.work.now();
        let number = issues::insert(self.work, found.id, author, title, body, now).await?;
        imports::put(self.work, &issue_key(found.id, title), &number.to_string()).await?;
        let event = Event::new(Action::IssueCreate)
            .user(author)
            .owner(found.owner_id)
            .repository(found.id)
            .with("number", number);
        self.work.audit(event);
        Ok(())
    }
}

/// Puts an account into its column of an event.
fn about(event: Event, kind: AccountKind, id: AccountId) -> Event {
    match kind {
        AccountKind::User => event.user(id),
        AccountKind::Organization => event.owner(id),
        AccountKind::Enterprise => event.owner(id).enterprise(Some(id)),
    }
}
