//! What the server does by itself, from time to time.

pub mod anchor;
pub mod leaks;
pub mod stream;

use std::time::Duration;

use tokio::task::JoinHandle;

use crate::actions::tidy_repositories::tidy_repositories;
use crate::actions::{Context, sweep};
use crate::domain::audit::{Actor, Origin};
use crate::gate::Gate;
use crate::git::layout::Layout;
use crate::store::{
    StoreError, attempts, audit_chain, changes, forms, sessions, sign_in, unknown_secrets,
};

/// How often it looks for what the passing of time ended.
const INTERVAL: Duration = Duration::from_mins(1);

/// How long the change feed keeps what every process has long heard, in days.
const FEED_DAYS: i64 = 1;

/// How long counts of tries are kept, in days: longer than any window lasts.
const ATTEMPT_DAYS: i64 = 1;

/// How long counts of strings that were no token are kept, in days.
const UNKNOWN_DAYS: i64 = 90;

/// What the operator set for the housekeeping.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// After how many days an unused token is revoked.
    pub unused_days: i64,
    /// For how many days decisions are kept; none: for ever.
    pub retention_days: Option<i64>,
}

/// Starts the housekeeping; it ends when its handle is aborted.
pub fn start(context: Context, gate: Gate, layout: Layout, rules: Rules) -> JoinHandle<()> {
    tokio::spawn(async move {
        if let Err(error) = tidy_repositories(&context, &layout).await {
            tracing::warn!(%error, "what a crash left of git repositories was not looked for");
        }
        loop {
            tokio::time::sleep(INTERVAL).await;
            if let Err(error) = keep_house(&context, &gate, rules).await {
                tracing::warn!(%error, "housekeeping failed and will be tried again");
            }
        }
    })
}

async fn keep_house(context: &Context, gate: &Gate, rules: Rules) -> Result<(), StoreError> {
    let origin = Origin::of(Actor::System);
    sweep::cancel_expired(context, &origin).await?;
    sweep::revoke_unused(context, &origin, rules.unused_days).await?;
    if let Some(days) = rules.retention_days {
        prune_decisions(context, &origin, days).await?;
    }
    let now = context.clock.now();
    let mut db = context.store.reader();
    sessions::prune(&mut db, now).await?;
    sign_in::prune_ceremonies(&mut db, now).await?;
    attempts::prune(&mut db, now.plus_days(-ATTEMPT_DAYS)).await?;
    forms::prune(&mut db, now).await?;
    count_unknown(context, gate).await?;
    unknown_secrets::prune(&mut db, now.day_number() - UNKNOWN_DAYS).await?;
    changes::prune(&mut db, now.plus_days(-FEED_DAYS))
        .await
        .map(drop)
}

/// Writes down how many strings were no token since the last time. What cannot be written is counted the next time.
pub async fn count_unknown(context: &Context, gate: &Gate) -> Result<(), StoreError> {
    let counts = gate.take_unknown();
    if counts.is_empty() {
        return Ok(());
    }
    let mut db = context.store.reader();
    let written = unknown_secrets::add(&mut db, counts, context.clock.now()).await;
    if written.is_err() {
        gate.give_back_unknown(counts);
    }
    written
}

/// Removes decisions that are older than they must be kept, a batch a transaction, until none is left.
pub async fn prune_decisions(
    context: &Context,
    origin: &Origin,
    days: i64,
) -> Result<(), StoreError> {
    loop {
        let mut work = context.begin(origin).await?;
        let before = work.now().plus_days(-days);
        if audit_chain::prune(&mut work, before).await? == 0 {
            return Ok(());
        }
        context.commit(work).await?;
    }
}
