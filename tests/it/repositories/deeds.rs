//! The actions on repositories, as short as a test wants them.

use grantry::actions::change_repository::{Edit, change_repository};
use grantry::actions::create_repository::{Draft, create_repository};
use grantry::actions::delete_repository::delete_repository;
use grantry::actions::remove_collaborator::remove_collaborator;
use grantry::actions::repositories::RepositoryError;
use grantry::actions::set_collaborator::set_collaborator;
use grantry::domain::access::rights::Visibility;
use grantry::domain::repository::Field;
use grantry::domain::role::RepositoryRole;
use grantry::store::repositories::{self, Repository};

use crate::world::World;

/// A private repository with this name.
pub fn private(name: &str) -> Draft {
    Draft {
        name: name.to_owned(),
        description: String::new(),
        visibility: Visibility::Private,
        has_readme: false,
    }
}

/// Which fields an action found mistakes in.
pub fn wrong<T: std::fmt::Debug>(outcome: Result<T, RepositoryError>) -> Vec<Field> {
    match outcome {
        Err(RepositoryError::Mistakes(mistakes)) => {
            mistakes.iter().map(|mistake| mistake.field).collect()
        }
        other => panic!("it has no mistakes: {other:?}"),
    }
}

impl World {
    pub async fn create(
        &self,
        by: &str,
        owner: &str,
        draft: &Draft,
    ) -> Result<Repository, RepositoryError> {
        let (origin, by) = (self.person(by).await, self.user(by).await);
        let owner = self.account(owner).await.id;
        let layout = &self.app.git.layout;
        create_repository(&self.context, layout, &origin, by, owner, draft).await
    }

    pub async fn change(
        &self,
        by: &str,
        repository: &str,
        edit: &Edit,
    ) -> Result<Repository, RepositoryError> {
        let (origin, by) = (self.person(by).await, self.user(by).await);
        let id = self.repository(repository).await;
        change_repository(&self.context, &origin, by, id, None, edit).await
    }

    pub async fn rename(
        &self,
        by: &str,
        repository: &str,
        name: &str,
    ) -> Result<Repository, RepositoryError> {
        let edit = Edit {
            name: Some(name.to_owned()),
            ..Edit::default()
        };
        self.change(by, repository, &edit).await
    }

    pub async fn delete(&self, by: &str, repository: &str) -> Result<(), RepositoryError> {
        let (origin, by) = (self.person(by).await, self.user(by).await);
        let id = self.repository(repository).await;
        let layout = &self.app.git.layout;
        delete_repository(&self.context, layout, &origin, by, id, None).await
    }

    pub async fn share(
        &self,
        by: &str,
        repository: &str,
        with: &str,
        role: RepositoryRole,
    ) -> Result<Option<RepositoryRole>, RepositoryError> {
        let (origin, by) = (self.person(by).await, self.user(by).await);
        let id = self.repository(repository).await;
        set_collaborator(&self.context, &origin, by, id, with, role).await
    }

    pub async fn unshare(
        &self,
        by: &str,
        repository: &str,
        with: &str,
    ) -> Result<bool, RepositoryError> {
        let (origin, by) = (self.person(by).await, self.user(by).await);
        let (id, user) = (self.repository(repository).await, self.user(with).await);
        remove_collaborator(&self.context, &origin, by, id, user).await
    }

    /// The living repository `owner/name`.
    pub async fn find(&self, full_name: &str) -> Option<Repository> {
        let (owner, name) = full_name.split_once('/').expect("two parts");
        let owner = self.account(owner).await.id;
        repositories::find_named(&mut self.reader(), owner, name)
            .await
            .expect("it is read")
    }

    /// How many bare repositories and half-made ones lie in the data folder.
    pub fn folders(&self) -> (usize, usize) {
        let root = self.app.git.layout.repositories();
        let names = |path: &std::path::Path| -> Vec<String> {
            let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
            entries
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
                .collect()
        };
        let shards = names(&root);
        let aside = shards.iter().filter(|name| name.starts_with("new-"));
        let bare = shards.iter().map(|shard| {
            let inside = names(&root.join(shard));
            inside
                .iter()
                .filter_map(|name| std::path::Path::new(name).extension())
                .filter(|extension| *extension == "git")
                .count()
        });
        (bare.sum(), aside.count())
    }

    /// How often something was written down in the audit log.
    pub async fn recorded(&self, action: &str) -> i64 {
        use grantry::store::Db as _;
        self.reader()
            .query("SELECT COUNT(*) FROM audit_events WHERE action = $1")
            .bind(action)
            .number()
            .await
            .expect("it is read")
    }
}
