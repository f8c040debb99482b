//! What the server does by itself, from time to time.

pub mod leaks;

use std::time::Duration;

use tokio::task::JoinHandle;

use crate::actions::tidy_repositories::tidy_repositories;
use crate::actions::{Context, sweep};
use crate::domain::audit::{Actor, Origin};
use crate::git::layout::Layout;
use crate::store::{StoreError, attempts, changes, forms, sessions, sign_in};

/// How often it looks for what the passing of time ended.
const INTERVAL: Duration = Duration::from_mins(1);

/// How long the change feed keeps what every process has long heard, in days.
const FEED_DAYS: i64 = 1;

/// How long counts of tries are kept, in days: longer than any window lasts.
const ATTEMPT_DAYS: i64 = 1;

/// Starts the housekeeping; it ends when its handle is aborted.
pub fn start(context: Context, layout: Layout, unused_days: i64) -> JoinHandle<()> {
    tokio::spawn(async move {
        if let Err(error) = tidy_repositories(&context, &layout).await {
            tracing::warn!(%error, "what a crash left of git repositories was not looked for");
        }
        loop {
            tokio::time::sleep(INTERVAL).await;
            if let Err(error) = keep_house(&context, unused_days).await {
                tracing::warn!(%error, "housekeeping failed and will be tried again");
            }
        }
    })
}

async fn keep_house(context: &Context, unused_days: i64) -> Result<(), StoreError> {
    let origin = Origin::of(Actor::System);
    sweep::cancel_expired(context, &origin).await?;
    sweep::revoke_unused(context, &origin, unused_days).await?;
    let now = context.clock.now();
    let mut db = context.store.reader();
    sessions::prune(&mut db, now).await?;
    sign_in::prune_ceremonies(&mut db, now).await?;
    attempts::prune(&mut db, now.plus_days(-ATTEMPT_DAYS)).await?;
    forms::prune(&mut db, now).await?;
    changes::prune(&mut db, now.plus_days(-FEED_DAYS))
        .await
        .map(drop)
}
