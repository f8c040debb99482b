//! The git repositories behind imported ones: made aside first, put into their places just before the commit, and
//! taken away again when it fails.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::ImportError;
use super::directory::{At, Mistake};
use super::state::repository_key;
use super::step::{RepositoryName, Step};
use crate::actions::repositories::{put, take_away};
use crate::actions::tidy_repositories::ASIDE;
use crate::git::layout::Layout;
use crate::git::repository::Repository;

/// Git repositories on their way.
#[derive(Debug)]
pub(super) struct Stage<'a> {
    layout: &'a Layout,
    /// Removed with what is still in it.
    folder: TempDir,
    made: BTreeMap<String, PathBuf>,
    placed: Vec<PathBuf>,
}

impl<'a> Stage<'a> {
    /// Makes every repository that the steps enter. Copying may take long, so it happens before the transaction.
    pub(super) async fn prepare(
        layout: &'a Layout,
        base: &Path,
        steps: &[Step],
    ) -> Result<Self, ImportError> {
        let root = layout.repositories();
        std::fs::create_dir_all(&root)?;
        let folder = tempfile::Builder::new().prefix(ASIDE).tempdir_in(root)?;
        let mut stage = Self {
            layout,
            folder,
            made: BTreeMap::new(),
            placed: Vec::new(),
        };
        for step in steps {
            if let Step::EnterRepository {
                repository, source, ..
            } = step
            {
                stage.make(base, repository, source.as_ref()).await?;
            }
        }
        Ok(stage)
    }

    async fn make(
        &mut self,
        base: &Path,
        repository: &RepositoryName,
        source: Option<&At<String>>,
    ) -> Result<PathBuf, ImportError> {
        let path = self.folder.path().join(self.made.len().to_string());
        if let Some(source) = source {
            copy(base, source, &path).await?;
        } else {
            let made = Repository::create_empty(&path).await;
            made.map_err(|error| ImportError::Git(repository.to_string(), error))?;
        }
        let key = repository_key(&repository.owner, &repository.name);
        self.made.insert(key, path.clone());
        Ok(path)
    }

    /// Puts a repository into its place.
    pub(super) async fn place(
        &mut self,
        base: &Path,
        repository: &RepositoryName,
        source: Option<&At<String>>,
        id: i64,
    ) -> Result<(), ImportError> {
        let key = repository_key(&repository.owner, &repository.name);
        let made = match self.made.remove(&key) {
            Some(made) => made,
            None => self.make(base, repository, source).await?,
        };
        let place = self.layout.repository(id);
        put(&made, &place)?;
        self.placed.push(place);
        Ok(())
    }

    /// The transaction was committed: what was placed stays.
    pub(super) fn keep(mut self) {
        self.placed.clear();
    }
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        for place in &self.placed {
            take_away(place);
        }
    }
}

async fn copy(base: &Path, source: &At<String>, path: &Path) -> Result<(), ImportError> {
    let from = base.join(&source.value);
    Repository::copy_from(&from, path).await.map_err(|error| {
        tracing::debug!(%error, "a git repository could not be copied");
        ImportError::Mistakes(vec![Mistake {
            place: source.place.clone(),
            message: format!(
                "`{}` cannot be copied: name the folder of a git repository, seen from this file",
                source.value
            ),
        }])
    })?;
    Ok(())
}
