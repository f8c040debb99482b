//! A token's recent refusals, the same call told once: a script that tries every minute must not push out all else.

use crate::domain::time::Timestamp;
use crate::store::records::RefusalRow;

/// How many lines are shown.
const LINES: usize = 10;

/// The same call, refused so many times in the same words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusals {
    /// The last time.
    pub at: Timestamp,
    /// How often.
    pub count: u32,
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The code.
    pub reason: String,
    /// What the client was told.
    pub message: String,
}

/// Groups refusals that come newest first; a group stands where its newest does.
pub fn group(rows: Vec<RefusalRow>) -> Vec<Refusals> {
    let mut groups = Vec::<Refusals>::new();
    for row in rows {
        let same = groups.iter_mut().find(|group| {
            (&group.method, &group.path, &group.message) == (&row.method, &row.path, &row.message)
        });
        match same {
            Some(group) => group.count += 1,
            None => groups.push(Refusals {
                at: row.at,
                count: 1,
                method: row.method,
                path: row.path,
                reason: row.reason,
                message: row.message,
            }),
        }
    }
    groups.truncate(LINES);
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_call_is_told_once_with_its_newest_time() {
        let row = |at, path: &str| RefusalRow {
            at: Timestamp::from_micros(at),
            reason: "pending".to_owned(),
            method: "GET".to_owned(),
            path: path.to_owned(),
            message: "It waits.".to_owned(),
        };
        let groups = group(vec![row(3, "/a"), row(2, "/b"), row(1, "/a")]);
        let told: Vec<_> = groups
            .iter()
            .map(|group| (group.at.as_micros(), group.path.as_str(), group.count))
            .collect();
        assert_eq!(told, [(3, "/a", 2), (2, "/b", 1)]);
    }
}
