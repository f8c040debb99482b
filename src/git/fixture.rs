//! Repositories for tests: real ones, made by real git, in folders that go away.

use std::process::Command;

use chrono::DateTime;
use tempfile::TempDir;

use super::build::{SampleCommit, build_history};
use super::repository::Repository;

/// A bare repository in a folder of its own.
pub(super) struct Scratch {
    pub folder: TempDir,
    pub repository: Repository,
}

/// A commit that writes one file.
pub(super) fn sample(branch: &str, path: &str, content: &str) -> SampleCommit {
    SampleCommit {
        branch: branch.to_owned(),
        author: "Ana Lima".to_owned(),
        email: "ana@example.test".to_owned(),
        at: DateTime::from_timestamp(1_700_000_000, 0).expect("this is a time"),
        message: format!("write {path}"),
        files: vec![(path.to_owned(), Some(content.as_bytes().to_vec()))],
    }
}

impl Scratch {
    pub async fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("1.git");
        let repository = Repository::create_empty(path)
            .await
            .expect("git makes a repository");
        Self { folder, repository }
    }

    pub async fn with(commits: &[SampleCommit]) -> Self {
        let scratch = Self::empty().await;
        scratch.build(commits).await;
        scratch
    }

    pub async fn build(&self, commits: &[SampleCommit]) -> Vec<String> {
        build_history(self.repository.path(), commits)
            .await
            .expect("the commits can be written")
    }

    /// Runs git on the repository and returns what it prints.
    pub fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .arg("-C")
            .arg(self.repository.path())
            .args(arguments)
            .output();
        let output = output.expect("git runs");
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}
