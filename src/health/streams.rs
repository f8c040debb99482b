//! Whether the audit log reaches those it is given on to.

use super::Check;
use crate::config::Config;
use crate::domain::time::Timestamp;
use crate::store::audit_streams::{self, Stream};
use crate::store::unknown_secrets;
use crate::store::{Reader, StoreError, audit_chain};

/// So many rows behind deserve a look.
const BEHIND: i64 = 1_000;

/// Looks at every stream that is set.
pub async fn examine(
    config: &Config,
    db: &mut Reader,
    now: Timestamp,
) -> Result<Vec<Check>, StoreError> {
    let head = audit_chain::head(db).await?;
    let known = audit_streams::list(db).await?;
    let set = [
        (
            "url",
            "Audit stream to an address",
            config.audit.stream_url.is_some(),
        ),
        (
            "file",
            "Audit stream to a file",
            config.audit.stream_file.is_some(),
        ),
    ];
    let checks = set.into_iter().filter(|(_, _, is_set)| *is_set);
    let checks = checks.map(|(name, title, _)| {
        let stream = known.iter().find(|stream| stream.name == name);
        match stream {
            Some(stream) => told(title, stream, stream.waiting(&head), now),
            None => Check::warning(
                title,
                "nothing was given on yet",
                "start `grantry serve`: it gives the log on",
            ),
        }
    });
    Ok(checks.collect())
}

fn told(title: &'static str, stream: &Stream, waiting: i64, now: Timestamp) -> Check {
    let lag = match stream.sent_at.as_micros() {
        0 => "nothing was taken yet".to_owned(),
        _ => format!(
            "last taken {} seconds ago",
            now.micros_since(stream.sent_at) / 1_000_000
        ),
    };
    let found = format!("{waiting} events and groups of decisions wait; {lag}");
    if !stream.problem.is_empty() {
        let found = format!(
            "{found}; {} tries in a row failed: {}",
            stream.failures, stream.problem
        );
        return Check::failure(
            title,
            found,
            "look at the receiver; nothing is lost, and it is tried again by itself",
        );
    }
    if waiting > BEHIND {
        return Check::warning(title, found, "look whether the receiver keeps up");
    }
    Check::fine(title, found)
}

/// How many strings were presented that are no token of ours: many of them mean that somebody tries.
pub async fn strangers(db: &mut Reader, now: Timestamp) -> Result<Check, StoreError> {
    let today = now.day_number();
    let day = unknown_secrets::count_since(db, today).await?;
    let week = unknown_secrets::count_since(db, today - 6).await?;
    let found = format!(
        "{} malformed and {} unknown strings were presented as tokens today, {} and {} in seven days",
        day.malformed, day.unknown, week.malformed, week.unknown
    );
    Ok(Check::fine("Unknown tokens", found))
}
