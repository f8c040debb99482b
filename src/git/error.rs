//! What can go wrong when a repository is read or written.

use thiserror::Error;

/// Why a repository could not answer.
#[derive(Debug, Error)]
pub enum GitError {
    /// No such branch, tag, commit or path, or a name that git could never hold.
    #[error("there is no `{0}` in this repository")]
    NotFound(String),
    /// The repository has no commit yet, so there is nothing to read by default.
    #[error("this repository is empty")]
    Empty,
    /// The answer is larger than the limit, in bytes.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(u64),
    /// What was to be written cannot be a branch, a path or a commit.
    #[error("{0}")]
    Unwritable(String),
    /// Git itself failed; the text is for the log and never for a visitor.
    #[error("git failed: {0}")]
    Failed(String),
}

impl From<std::io::Error> for GitError {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// The result of a question to a repository.
pub type GitResult<T> = Result<T, GitError>;
