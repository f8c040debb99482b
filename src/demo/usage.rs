//! What the sample tokens were used for, day by day, as the recorder would have written it.

use crate::actions::Context;
use crate::domain::ids::{AccountId, RepositoryId, TokenId};
use crate::domain::time::Timestamp;
use crate::store::records::{DecisionRecord, write_group};
use crate::store::snapshots::{self, Snapshot};
use crate::store::{StoreError, accounts, repositories};

/// A habit: the same call again and again over some days.
#[derive(Debug, Clone, Copy)]
pub(super) struct Habit {
    pub(super) token: TokenId,
    pub(super) owner: AccountId,
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) permission: &'static str,
    /// The code and text of a refusal; none for calls that went on.
    pub(super) refusal: Option<(&'static str, &'static str)>,
    pub(super) address: &'static str,
    /// From so many days ago …
    pub(super) from: i64,
    /// … to so many days ago.
    pub(super) to: i64,
    /// About so many calls a day.
    pub(super) often: i64,
}

/// How far apart the calls of one group may be, in microseconds: the recorder closes a group at once.
const GROUP_SPAN: i64 = 1_000_000;

/// What the record says beside the habit itself.
struct Subject {
    snapshot: Snapshot,
    enterprise: Option<AccountId>,
    repository: Option<RepositoryId>,
}

impl Subject {
    async fn of(context: &Context, habit: &Habit) -> Result<Option<Self>, StoreError> {
        let mut db = context.store.reader();
        let snapshot = snapshots::find_by_token(&mut db, context.catalog, habit.token).await?;
        let owner = accounts::find(&mut db, habit.owner).await?;
        // `/repos/acme/web/…` or, by git, `acme/web fetch`.
        let path = habit.path.strip_prefix("/repos/").unwrap_or(habit.path);
        let name = path.split(['/', ' ']).nth(1).unwrap_or_default();
        let repository = repositories::find_named(&mut db, habit.owner, name).await?;
        Ok(snapshot.map(|snapshot| Self {
            snapshot,
            enterprise: owner.and_then(|owner| owner.governed_by()),
            repository: repository.map(|repository| repository.id),
        }))
    }
}

/// Writes the habits of everybody in the order of time.
pub(super) async fn record(
    context: &Context,
    habits: &[Habit],
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut subjects = Vec::new();
    for habit in habits {
        let subject = Subject::of(context, habit).await?;
        subjects.extend(subject.map(|subject| (habit, subject)));
    }
    let mut seen = std::collections::BTreeSet::new();
    for ago in (0..super::DAYS).rev() {
        let mut calls = Vec::new();
        for (index, (habit, subject)) in (0_i64..).zip(&subjects) {
            if ago > habit.from || ago < habit.to {
                continue;
            }
            let mut day = calls_of(habit, subject, index, ago, now);
            if habit.refusal.is_none()
                && seen.insert(habit.token)
                && let Some(first) = day.first_mut()
            {
                first.first_use_of = Some(subject.snapshot.secret);
            }
            calls.append(&mut day);
        }
        calls.sort_by_key(|call| call.at);
        for group in calls.chunk_by(|a, b| b.at.micros_since(a.at) < GROUP_SPAN) {
            write_group(&context.store, group).await?;
        }
    }
    Ok(())
}

/// The calls of one day: more on some days than on others, and none before they could have been made.
fn calls_of(
    habit: &Habit,
    subject: &Subject,
    index: i64,
    ago: i64,
    now: Timestamp,
) -> Vec<DecisionRecord> {
    let day = now.plus_days(-ago);
    let wave = (ago * 7 + index * 5).rem_euclid(5) - 2;
    let is_weekend = matches!(day.day_number().rem_euclid(7), 2 | 3);
    let count = if is_weekend {
        habit.often / 4
    } else {
        (habit.often + wave).max(1)
    };
    let last = day.plus_seconds(-60 * (index + 3));
    let call = |number: i64| {
        let at = last.plus_seconds(-(count - 1 - number) * 900);
        DecisionRecord {
            at,
            token: habit.token,
            first_use_of: None,
            secret: subject.snapshot.hash,
            user: subject.snapshot.facts.user,
            owner: Some(habit.owner),
            enterprise: subject.enterprise,
            repository: subject.repository,
            method: habit.method.to_owned(),
            path: habit.path.to_owned(),
            permission: habit.permission.to_owned(),
            reason: habit.refusal.map(|(reason, _)| reason),
            message: habit.refusal.map_or("", |(_, message)| message).to_owned(),
            address: habit.address.to_owned(),
            request_id: format!("demo-{index}-{ago}-{number}"),
        }
    };
    (0..count).map(call).collect()
}
