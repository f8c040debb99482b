//! Enters or updates the directory from a file: idempotent, all or nothing (INTERFACE §1, "Directory file").
//!
//! [`Directory::parse`] reads the file, [`plan`](plan::plan) compares it with the database, and one transaction carries
//! the plan out. Mistakes are all reported at once, each with its place, and nothing is written.

mod apply;
mod bare;
pub mod directory;
pub mod plan;
mod read;
mod source;
pub mod state;
pub mod step;

use std::path::Path;

use super::Context;
use crate::domain::audit::Origin;
use crate::git::error::GitError;
use crate::git::layout::Layout;
use crate::store::{StoreError, Work};

pub use directory::{Directory, Mistake};
use plan::Plan;
use state::State;

/// How an import is to go about it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Only says what would change.
    pub dry_run: bool,
    /// Replaces policies that were changed elsewhere since the last import.
    pub overwrites_policies: bool,
}

/// What an import did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// What changed, a line each.
    pub changes: Vec<String>,
    /// What was left as it is although the file says otherwise, a line each.
    pub left: Vec<String>,
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file has mistakes.
    #[error("the file has mistakes")]
    Mistakes(Vec<Mistake>),
    /// A git repository could not be made.
    #[error("the git repository of `{0}` could not be made: {1}")]
    Git(String, GitError),
    /// The folder of git repositories cannot be written.
    #[error("the folder of the repositories cannot be written: {0}")]
    Folder(#[from] std::io::Error),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Imports a directory. `base` is the folder of the file, from which it names repositories to copy.
pub async fn import(
    context: &Context,
    layout: &Layout,
    origin: &Origin,
    directory: &Directory,
    base: &Path,
    options: Options,
) -> Result<Report, ImportError> {
    let now = context.clock.now();
    let secrets = read::services::secrets(directory, base).map_err(ImportError::Mistakes)?;
    let state = State::load(&mut context.store.reader(), directory, &secrets, now).await?;
    let foreseen = judge(directory, &state, options)?;
    if options.dry_run || foreseen.steps.is_empty() {
        return Ok(report(&foreseen));
    }
    let mut repositories = bare::Stage::prepare(layout, base, &foreseen.steps).await?;
    let mut work = context.begin(origin).await?;
    let state = State::load(&mut work, directory, &secrets, now).await?;
    let plan = judge(directory, &state, options)?;
    carry_out(context, &mut work, &state, &plan, &mut repositories, base).await?;
    context.commit(work).await?;
    repositories.keep();
    Ok(report(&plan))
}

fn judge(directory: &Directory, state: &State, options: Options) -> Result<Plan, ImportError> {
    plan::plan(directory, state, options.overwrites_policies).map_err(ImportError::Mistakes)
}

async fn carry_out(
    context: &Context,
    work: &mut Work,
    state: &State,
    plan: &Plan,
    repositories: &mut bare::Stage<'_>,
    base: &Path,
) -> Result<(), ImportError> {
    let mut applier = apply::Applier::new(context, work, state, repositories, base);
    for step in &plan.steps {
        applier.apply(step).await?;
    }
    applier.finish().await
}

fn report(plan: &Plan) -> Report {
    let visible = plan.steps.iter().filter(|step| step.is_visible());
    Report {
        changes: visible.map(ToString::to_string).collect(),
        left: plan.left.clone(),
    }
}
