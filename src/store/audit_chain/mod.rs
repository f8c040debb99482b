//! The two hash chains, read again from the first row on: whether anything was changed, removed, put elsewhere or added.
//!
//! A change's link holds everything in its row; a group's link holds its body, from which all else about the group
//! follows and is compared. What no chain can show is an end that was cut off: for that there are seals
//! ([`crate::domain::audit::seal`]), which say how long the chains were.

mod events;
mod groups;
mod prune;

pub use prune::{Checkpoint, find_checkpoint, prune};

use super::{Db, Result};
use crate::domain::audit::seal::{Head, Link, Seal};
use crate::domain::time::Timestamp;

/// How many rows are read at once.
const BATCH: i64 = 500;

/// Which chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chain {
    /// Changes.
    Events,
    /// Groups of decisions.
    Decisions,
}

impl Chain {
    /// Its name in the table of heads.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Decisions => "decisions",
        }
    }

    /// What one row of it is called.
    pub const fn row(self) -> &'static str {
        match self {
            Self::Events => "event",
            Self::Decisions => "group of decisions",
        }
    }
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    /// A row does not fit the link before it.
    #[error("{} {seq} is not what was written: it was changed, or put there later", chain.row())]
    Changed {
        /// Where.
        chain: Chain,
        /// Which row.
        seq: i64,
    },
    /// Rows are missing.
    #[error("{} {from} to {until} are missing", chain.row())]
    Missing {
        /// Where.
        chain: Chain,
        /// The first one.
        from: i64,
        /// The last one.
        until: i64,
    },
    /// The last row is not the one that the head names.
    #[error("the chain of {} ends with {found}, and its head says {expected}: the end was cut off or changed", chain.as_str())]
    End {
        /// Where.
        chain: Chain,
        /// The head's number.
        expected: i64,
        /// The last row's number.
        found: i64,
    },
    /// A published seal names another link.
    #[error("{} {seq} is not the one that was sealed: the log was cut or written anew", chain.row())]
    Unsealed {
        /// Where.
        chain: Chain,
        /// Which row.
        seq: i64,
    },
    /// What finds a group does not lead to it.
    #[error(
        "group of decisions {seq} cannot be found by everything that it is about: its index was changed"
    )]
    Hidden {
        /// Which group.
        seq: i64,
    },
    /// The removal of old decisions was not recorded as it stands.
    #[error(
        "decisions up to group {seq} are gone, and no event says that they were removed by age"
    )]
    Unrecorded {
        /// Up to which group.
        seq: i64,
    },
}

/// How far a check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Which chain is read.
    pub chain: Chain,
    /// How many rows were read.
    pub done: i64,
    /// How many there are to read.
    pub all: i64,
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// How many changes were read.
    pub events: i64,
    /// How many groups of decisions were read.
    pub groups: i64,
    /// How many decisions they hold.
    pub decisions: i64,
    /// What is wrong, in the order in which it was found, at most [`MOST_BREAKS`].
    pub breaks: Vec<Break>,
    /// Seals that are older than what is kept, so that nothing can be said of them.
    pub seals_too_old: usize,
}

/// More than this need not be told: the log is not what was written.
pub const MOST_BREAKS: usize = 100;

impl Report {
    fn note(&mut self, found: Break) {
        if self.breaks.len() < MOST_BREAKS && !self.breaks.contains(&found) {
            self.breaks.push(found);
        }
    }
}

/// Whether the log still holds what a head said of it: it is as long at least, and the rows that were the last then are
/// what they were. Of groups that were removed by age nothing can be said.
pub async fn still_holds(db: &mut impl Db, earlier: &Head) -> Result<bool> {
    let now = head(db).await?;
    let kept = find_checkpoint(db).await?.map_or(0, |found| found.link.seq);
    let events = "SELECT hash FROM audit_events WHERE seq = $1";
    let groups = "SELECT hash FROM decision_groups WHERE seq = $1";
    for (then, now, statement, first) in [
        (&earlier.events, &now.events, events, 0),
        (&earlier.decisions, &now.decisions, groups, kept),
    ] {
        if then.seq > now.seq {
            return Ok(false);
        }
        if then.seq <= first {
            continue;
        }
        let row: Option<(Vec<u8>,)> = db.query(statement).bind(then.seq).optional().await?;
        if row.is_none_or(|(hash,)| hash != then.hash) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The ends of both chains.
pub async fn head(db: &mut impl Db) -> Result<Head> {
    Ok(Head {
        events: end_of(db, Chain::Events).await?,
        decisions: end_of(db, Chain::Decisions).await?,
    })
}

async fn end_of(db: &mut impl Db, chain: Chain) -> Result<Link> {
    let row: (i64, Vec<u8>) = db
        .query("SELECT seq, hash FROM audit_heads WHERE chain = $1")
        .bind(chain.as_str())
        .one()
        .await?;
    Ok(Link {
        seq: row.0,
        hash: row.1,
    })
}

/// Reads both chains, from a moment on or from their beginnings, and compares them with seals.
///
/// The heads are read first: what is written while the chains are read is not looked at.
pub async fn verify(
    db: &mut impl Db,
    since: Option<Timestamp>,
    seals: &[Seal],
    mut told: impl FnMut(Progress) + Send,
) -> Result<Report> {
    let head = head(db).await?;
    let mut report = Report::default();
    events::verify(db, &head.events, since, seals, &mut report, &mut told).await?;
    groups::verify(db, &head.decisions, since, seals, &mut report, &mut told).await?;
    Ok(report)
}

/// A chain on its way from link to link.
#[derive(Debug)]
struct Walk<'a> {
    chain: Chain,
    /// The last link that was read.
    last: Link,
    sealed: Vec<&'a Link>,
    begin: i64,
}

impl<'a> Walk<'a> {
    fn new(chain: Chain, begin: Link, seals: &'a [Seal]) -> Self {
        let sealed = seals.iter().map(|seal| match chain {
            Chain::Events => &seal.head.events,
            Chain::Decisions => &seal.head.decisions,
        });
        Self {
            chain,
            begin: begin.seq,
            last: begin,
            sealed: sealed.filter(|link| link.seq > 0).collect(),
        }
    }

    /// Goes on to the next row: `stored` is the link in it, `computed` what the link should be.
    fn step(&mut self, seq: i64, stored: Vec<u8>, computed: &[u8], report: &mut Report) {
        let chain = self.chain;
        if seq != self.last.seq + 1 {
            report.note(Break::Missing {
                chain,
                from: self.last.seq + 1,
                until: seq - 1,
            });
        }
        // Behind a gap nothing can be computed; the row after it shows whether the chain goes on.
        else if stored != computed {
            report.note(Break::Changed { chain, seq });
        }
        if self
            .sealed
            .iter()
            .any(|link| link.seq == seq && link.hash != stored)
        {
            report.note(Break::Unsealed { chain, seq });
        }
        self.last = Link { seq, hash: stored };
    }

    /// Compares the end with the head, and with seals that are ahead of it.
    fn end(self, head: &Link, report: &mut Report) {
        let chain = self.chain;
        if self.last != *head {
            report.note(Break::End {
                chain,
                expected: head.seq,
                found: self.last.seq,
            });
        }
        for link in self.sealed {
            if link.seq > self.last.seq {
                let seq = link.seq;
                report.note(Break::Unsealed { chain, seq });
            } else if link.seq <= self.begin {
                report.seals_too_old += 1;
            }
        }
    }
}
