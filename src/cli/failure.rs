//! How a command ends when it does not do what it was asked.

use std::process::ExitCode;

use crate::app::StartError;
use crate::config::ConfigError;
use crate::store::StoreError;

/// Why a command did nothing, as a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// What was asked cannot be understood or is against a rule: code 2.
    #[error("{0}")]
    BadInput(String),
    /// It could not be done: code 1.
    #[error("{0}")]
    Failed(String),
}

impl Failure {
    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Self::BadInput(_) => ExitCode::from(2),
            Self::Failed(_) => ExitCode::FAILURE,
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::BadInput(error.to_string())
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Failed(format!(
            "the database failed and nothing was changed: {error}"
        ))
    }
}
