//! The sample enterprise of `grantry demo`: people, repositories with real history, and tokens in every state, told as
//! if the last two months had happened.
//!
//! The story goes through the same actions as the console, under a clock that is set by hand, so that nothing in it
//! could not have happened.

mod commits;
mod people;
mod story;
mod usage;

use std::path::Path;
use std::sync::Arc;

use crate::actions::Context;
use crate::actions::block_classic::BlockError;
use crate::actions::exempt_token::ExemptError;
use crate::actions::import::{self, Directory, ImportError, Options};
use crate::actions::mint::MintError;
use crate::actions::refuse::ReviewError;
use crate::clock::ManualClock;
use crate::domain::audit::{Actor, Origin};
use crate::domain::time::Timestamp;
use crate::domain::token::secret::Secret;
use crate::git::build::build_history;
use crate::git::error::GitError;
use crate::git::layout::Layout;
use crate::store::{StoreError, accounts, repositories};

pub use people::{PEOPLE, Person};

/// How many days ago the story begins.
pub const DAYS: i64 = 60;

const DIRECTORY: &str = include_str!("directory.toml");
const NARROWED: &str = include_str!("narrowed.toml");

/// Why the story could not be told.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The directory could not be entered.
    #[error("the sample directory could not be entered: {0}")]
    Import(#[from] ImportError),
    /// A token could not be made.
    #[error("a sample token could not be made: {0:?}")]
    Mint(#[from] MintError),
    /// A request could not be decided.
    #[error("a sample request could not be decided: {0:?}")]
    Review(#[from] ReviewError),
    /// A token could not be exempted.
    #[error("a sample token could not be exempted: {0}")]
    Exempt(#[from] ExemptError),
    /// A classic token could not be blocked.
    #[error("a sample token could not be blocked: {0}")]
    Block(#[from] BlockError),
    /// A history could not be written.
    #[error("a sample history could not be written: {0}")]
    Git(#[from] GitError),
    /// The database failed.
    #[error("the database failed: {0}")]
    Store(#[from] StoreError),
}

/// Tells the story up to `now`. `context` must hold `clock`. Gives the secret of a token that works, to try out.
pub async fn tell(
    context: &Context,
    clock: &Arc<ManualClock>,
    layout: &Layout,
    now: Timestamp,
) -> Result<Secret, DemoError> {
    clock.set(now.plus_days(-DAYS));
    enter(context, layout, DIRECTORY).await?;
    for (owner, name) in commits::REPOSITORIES {
        let id = repository(context, owner, name).await?;
        build_history(&layout.repository(id), &commits::of(owner, name, now)).await?;
    }
    let secret = story::tell(context, clock, layout, now).await?;
    clock.set(now);
    Ok(secret)
}

async fn enter(context: &Context, layout: &Layout, text: &str) -> Result<(), DemoError> {
    let directory = Directory::parse(text).map_err(ImportError::Mistakes)?;
    let origin = Origin::of(Actor::Operator);
    let options = Options::default();
    import::import(context, layout, &origin, &directory, Path::new(""), options).await?;
    Ok(())
}

async fn repository(context: &Context, owner: &str, name: &str) -> Result<i64, DemoError> {
    let mut db = context.store.reader();
    let owner = accounts::find_login(&mut db, owner)
        .await?
        .ok_or(StoreError::RowNotFound)?;
    let found = repositories::find_named(&mut db, owner.id, name).await?;
    Ok(found.ok_or(StoreError::RowNotFound)?.id.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_files_can_be_read() {
        for text in [DIRECTORY, NARROWED] {
            let read = Directory::parse(text);
            assert!(read.is_ok(), "{read:?}");
        }
    }

    #[test]
    fn every_sample_person_is_in_the_directory() {
        let directory = Directory::parse(DIRECTORY).expect("it can be read");
        let logins: Vec<_> = directory
            .users
            .iter()
            .map(|user| user.login.value.as_str())
            .collect();
        for person in PEOPLE {
            assert!(logins.contains(&person.login), "{}", person.login);
        }
    }
}
