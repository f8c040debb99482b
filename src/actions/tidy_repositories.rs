//! Removes git repositories that no row leads to: what a crash left between a folder and its commit.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::Context;
use super::repositories::take_away;
use crate::domain::ids::RepositoryId;
use crate::domain::time::Timestamp;
use crate::git::layout::Layout;
use crate::store::{StoreError, repositories};

/// How the folders begin in which repositories are made aside.
pub(super) const ASIDE: &str = "new-";

/// In seconds: what is younger may belong to a change that is under way in this process or another.
const GRACE: i64 = 3_600;

/// How many ids are asked for at once.
const CHUNK: usize = 500;

/// Removes what nobody will ever look for; says how many folders that were.
pub async fn tidy_repositories(context: &Context, layout: &Layout) -> Result<usize, StoreError> {
    let mut removed = 0;
    let before = context.clock.now().plus_seconds(-GRACE);
    for aside in old_folders(&layout.repositories(), before, |name| {
        name.starts_with(ASIDE)
    }) {
        take_away(&aside);
        removed += 1;
    }
    let shards = folders(&layout.repositories());
    for shard in shards {
        let bare: Vec<_> = old_folders(&shard, before, |name| id_of(name).is_some());
        for chunk in bare.chunks(CHUNK) {
            removed += remove_dead(context, chunk).await?;
        }
    }
    Ok(removed)
}

async fn remove_dead(context: &Context, chunk: &[PathBuf]) -> Result<usize, StoreError> {
    let id = |path: &PathBuf| path.file_name()?.to_str().and_then(id_of);
    let ids: Vec<_> = chunk.iter().filter_map(id).collect();
    let living = repositories::filter_living(&mut context.store.reader(), &ids).await?;
    let dead = chunk
        .iter()
        .filter(|path| id(path).is_some_and(|id| !living.contains(&id)));
    let mut removed = 0;
    for path in dead {
        tracing::info!(place = %path.display(), "a git repository without a row is removed");
        take_away(path);
        removed += 1;
    }
    Ok(removed)
}

/// The id in the name of a bare repository's folder, `7.git`.
fn id_of(name: &str) -> Option<RepositoryId> {
    let id = name.strip_suffix(".git")?.parse().ok()?;
    Some(RepositoryId::new(id))
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect()
}

fn old_folders(path: &Path, before: Timestamp, is_one: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let mut found = folders(path);
    found.retain(|path| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(&is_one) && is_older(path, before)
    });
    found
}

fn is_older(path: &Path, before: Timestamp) -> bool {
    let changed = std::fs::metadata(path).and_then(|facts| facts.modified());
    changed.is_ok_and(|at| DateTime::<Utc>::from(at) < before.to_utc())
}
