//! What the sample tokens were used for, day by day, as the recorder would have written it.

use crate::actions::Context;
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::time::Timestamp;
use crate::store::records::{DecisionRecord, write_group};
use crate::store::{StoreError, tokens};

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

/// Writes the habits of everybody, one group a day, in the order of time.
pub(super) async fn record(
    context: &Context,
    habits: &[Habit],
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut seen = std::collections::BTreeSet::new();
    for ago in (0..super::DAYS).rev() {
        let mut calls = Vec::new();
        for (index, habit) in (0_i64..).zip(habits) {
            if ago > habit.from || ago < habit.to {
                continue;
            }
            let mut day = calls_of(habit, index, ago, now);
            if habit.refusal.is_none()
                && seen.insert(habit.token)
                && let Some(first) = day.first_mut()
            {
                let mut db = context.store.reader();
                let secret = tokens::find_current_secret(&mut db, habit.token).await?;
                first.first_use_of = secret.map(|secret| secret.id);
            }
            calls.append(&mut day);
        }
        calls.sort_by_key(|call| call.at);
        write_group(&context.store, &calls).await?;
    }
    Ok(())
}

/// The calls of one day: more on some days than on others, and none before they could have been made.
fn calls_of(habit: &Habit, index: i64, ago: i64, now: Timestamp) -> Vec<DecisionRecord> {
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
            owner: Some(habit.owner),
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
