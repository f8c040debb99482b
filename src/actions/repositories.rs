//! What the actions on repositories have in common: why one is not carried out, who may, and how a bare git repository
//! comes into its place and goes.
//!
//! Who may: an account's owner creates repositories there (of an organization its owners; a member creates none); whoever
//! has the role `admin` on a repository changes it, deletes it and says who else has a role on it.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::domain::access::rights::MemberRole;
use crate::domain::ids::{AccountId, RepositoryId};
use crate::domain::repository::{Field, Mistake};
use crate::domain::role::RepositoryRole;
use crate::git::error::GitError;
use crate::git::layout::Layout;
use crate::git::repository::Repository as GitRepository;
use crate::store::repositories::Repository;
use crate::store::{StoreError, Work, accounts, reach, repositories};

/// Why nothing happened to a repository.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// It does not exist, or the person may not know of it.
    #[error("there is no such repository")]
    NotFound,
    /// The person's role is too small.
    #[error("only an owner or an admin of the repository can do this")]
    NotAllowed,
    /// Somebody changed it since it was shown.
    #[error("the repository was changed meanwhile")]
    Moved,
    /// What was asked for cannot be.
    #[error("what was asked for cannot be")]
    Mistakes(Vec<Mistake>),
    /// The bare git repository could not be made.
    #[error("the git repository could not be made: {0}")]
    Git(#[from] GitError),
    /// The folder of the git repositories cannot be written.
    #[error("the folder of the repositories cannot be written: {0}")]
    Folder(#[from] std::io::Error),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl RepositoryError {
    pub(super) fn mistake(field: Field, message: impl Into<String>) -> Self {
        Self::Mistakes(vec![Mistake::new(field, message)])
    }
}

/// The same error, but for a name that somebody else took in the same moment.
pub(super) fn name_taken(
    error: StoreError,
    owner: &accounts::Account,
    name: &str,
) -> RepositoryError {
    match &error {
        StoreError::Database(cause) if cause.is_unique_violation() => {
            RepositoryError::Mistakes(vec![taken(owner, name)])
        }
        _ => RepositoryError::Store(error),
    }
}

fn taken(owner: &accounts::Account, name: &str) -> Mistake {
    let message = format!(
        "{} has a repository with the name {name} already: choose another name.",
        owner.login
    );
    Mistake::new(Field::Name, message)
}

/// Whether a person may create repositories at an account.
pub(super) async fn may_create(
    work: &mut Work,
    by: AccountId,
    owner: &accounts::Account,
) -> Result<bool, StoreError> {
    if owner.id == by {
        return Ok(true);
    }
    let role = accounts::find_role(work, owner.id, by).await?;
    Ok(role == Some(MemberRole::Owner))
}

/// A repository with its owner, of which a person is admin now.
pub(super) async fn administered(
    work: &mut Work,
    by: AccountId,
    id: RepositoryId,
) -> Result<(Repository, accounts::Account), RepositoryError> {
    let found = repositories::find(work, id).await?;
    let repository = found.ok_or(RepositoryError::NotFound)?;
    match reach::find_role(work, by, &repository).await? {
        Some(RepositoryRole::Admin) => {}
        Some(_) => return Err(RepositoryError::NotAllowed),
        None => return Err(RepositoryError::NotFound),
    }
    let owner = accounts::find(work, repository.owner_id).await?;
    Ok((repository, owner.ok_or(RepositoryError::NotFound)?))
}

/// What is wrong with taking a name at an account, if anything. `taker` is a repository that is renamed.
pub(super) async fn check_free(
    work: &mut Work,
    owner: &accounts::Account,
    name: &str,
    taker: Option<RepositoryId>,
) -> Result<Option<Mistake>, StoreError> {
    let holder = repositories::find_named(work, owner.id, name).await?;
    if holder.is_some_and(|found| Some(found.id) != taker) {
        return Ok(Some(taken(owner, name)));
    }
    let now = work.now();
    let kept = repositories::find_name_kept(work, owner.id, name, taker, now).await?;
    Ok(kept.map(|until| {
        let day = crate::domain::token::summary::date(until);
        let message = format!(
            "The name {name} was in use until lately, and is kept back until {day} so that nobody who still uses it meets \
             another repository: choose another name."
        );
        Mistake::new(Field::Name, message)
    }))
}

/// A bare git repository on its way: made aside, put into its place just before the commit, and taken away again unless
/// the commit succeeds.
#[derive(Debug)]
pub(super) struct Bare<'a> {
    layout: &'a Layout,
    /// Removed with what is still in it.
    _folder: TempDir,
    made: PathBuf,
    placed: Option<PathBuf>,
}

impl<'a> Bare<'a> {
    /// Makes an empty one aside.
    pub(super) async fn make(layout: &'a Layout) -> Result<Self, RepositoryError> {
        let root = layout.repositories();
        std::fs::create_dir_all(&root)?;
        let folder = tempfile::Builder::new()
            .prefix(super::tidy_repositories::ASIDE)
            .tempdir_in(root)?;
        let made = folder.path().join("bare");
        GitRepository::create_empty(&made).await?;
        Ok(Self {
            layout,
            _folder: folder,
            made,
            placed: None,
        })
    }

    /// Where it is until it has its place.
    pub(super) fn path(&self) -> &Path {
        &self.made
    }

    /// Puts it into the place of a repository.
    pub(super) fn place(&mut self, id: RepositoryId) -> Result<(), RepositoryError> {
        let place = self.layout.repository(id.get());
        put(&self.made, &place)?;
        self.placed = Some(place);
        Ok(())
    }

    /// The transaction was committed: it stays.
    pub(super) fn keep(mut self) {
        self.placed = None;
    }
}

impl Drop for Bare<'_> {
    fn drop(&mut self) {
        if let Some(place) = &self.placed {
            take_away(place);
        }
    }
}

/// Puts a bare repository into a place. What lies there was left by a change that was cut off: no living repository
/// ever had this id.
pub(super) fn put(made: &Path, place: &Path) -> std::io::Result<()> {
    if let Some(shard) = place.parent() {
        std::fs::create_dir_all(shard)?;
    }
    if place.exists() {
        std::fs::remove_dir_all(place)?;
    }
    std::fs::rename(made, place)
}

/// Removes a bare repository that no row leads to. What cannot be removed now is found by the next tidying.
pub(super) fn take_away(place: &Path) {
    match std::fs::remove_dir_all(place) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => {
            tracing::warn!(%error, place = %place.display(), "a git repository could not be taken away");
        }
    }
}
