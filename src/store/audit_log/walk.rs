//! One page: sources are walked side by side and merged, until it is full, they end, or enough was looked at.

use std::collections::VecDeque;

use super::sources::{Bounds, Index, choose};
use super::{Ask, Direction, Page};
use crate::domain::audit::{Entry, Key};
use crate::store::{Db, Result};

/// How many groups are read at once at most: each can hold a thousand lines.
const MOST_GROUPS: usize = 16;

/// How many rows are read at once at most.
const MOST_ROWS: usize = 1_000;

/// Reads a page.
pub async fn list(db: &mut impl Db, ask: &Ask<'_>) -> Result<Page> {
    if ask.filter.is_void() || ask.limit == 0 {
        return Ok(Page::default());
    }
    let mut walks: Vec<_> = choose(ask.log, ask.filter)
        .into_iter()
        .map(|index| Walk::new(index, ask))
        .collect();
    let mut entries = Vec::new();
    let mut looked_at = 0;
    loop {
        for walk in walks.iter_mut().filter(|walk| walk.is_hungry()) {
            looked_at += walk.feed(db, ask).await?;
        }
        let is_tired = looked_at >= ask.effort;
        take(&mut walks, ask, is_tired, &mut entries);
        if entries.len() > ask.limit {
            entries.truncate(ask.limit);
            let next = entries.last().map(|entry| entry.key);
            return Ok(Page {
                entries,
                next,
                looked_until: None,
            });
        }
        if is_tired || walks.iter().all(Walk::is_over) {
            let next = frontier(&walks, ask.direction);
            return Ok(Page {
                entries,
                next,
                looked_until: next.map(|key| key.at),
            });
        }
    }
}

/// Moves what comes first onto the page, until it has one entry more than fits.
///
/// A source that must be read on stops it, since what it would give could come first; unless nothing is read on any
/// more: then what every source was looked at for is still shown.
fn take(walks: &mut [Walk], ask: &Ask<'_>, is_tired: bool, entries: &mut Vec<Entry>) {
    while entries.len() <= ask.limit {
        let frontier = frontier(walks, ask.direction);
        if frontier.is_some() && !is_tired {
            return;
        }
        let heads = walks.iter_mut().filter(|walk| walk.head().is_some());
        let first = match ask.direction {
            Direction::Older => heads.max_by_key(|walk| walk.head()),
            Direction::Newer => heads.min_by_key(|walk| walk.head()),
        };
        let Some(walk) = first else { return };
        let is_beyond =
            walk.head()
                .zip(frontier)
                .is_some_and(|(head, frontier)| match ask.direction {
                    Direction::Older => head < frontier,
                    Direction::Newer => head > frontier,
                });
        if is_beyond {
            return;
        }
        let Some(entry) = walk.found.pop_front() else {
            return;
        };
        // Two indexes can hold the same change.
        if entries.last().is_none_or(|last| last.key != entry.key) {
            entries.push(ask.log.show(entry));
        }
    }
}

/// Of the sources that could still have something, the place of the one that has come least far.
fn frontier(walks: &[Walk], direction: Direction) -> Option<Key> {
    let hungry = walks.iter().filter(|walk| walk.is_hungry());
    let reached = hungry.filter_map(|walk| walk.reached);
    match direction {
        Direction::Older => reached.max(),
        Direction::Newer => reached.min(),
    }
}

/// One source on its way.
struct Walk {
    index: Index,
    /// The last place that was looked at.
    reached: Option<Key>,
    /// What was found and not taken yet.
    found: VecDeque<Entry>,
    /// How many rows are read next.
    rows: usize,
    has_ended: bool,
}

impl Walk {
    fn new(index: Index, ask: &Ask<'_>) -> Self {
        let rows = match index {
            Index::Groups(_) => 2,
            // One more tells whether another page follows.
            _ => ask.limit + 1,
        };
        Self {
            index,
            reached: ask.from,
            found: VecDeque::new(),
            rows: rows.min(MOST_ROWS),
            has_ended: false,
        }
    }

    /// Whether it must be read before its head can be compared.
    fn is_hungry(&self) -> bool {
        self.found.is_empty() && !self.has_ended
    }

    fn is_over(&self) -> bool {
        self.found.is_empty() && self.has_ended
    }

    fn head(&self) -> Option<Key> {
        self.found.front().map(|entry| entry.key)
    }

    /// Reads on; how many rows or lines were looked at.
    async fn feed(&mut self, db: &mut impl Db, ask: &Ask<'_>) -> Result<usize> {
        let bounds = Bounds {
            direction: ask.direction,
            from: self.reached,
            span: ask.filter.span(),
        };
        let read = self.index.read(db, bounds, self.rows).await?;
        let looked_at = read.entries.len().max(1);
        let before = self.reached;
        let is_ahead = |entry: &Entry| {
            before.is_none_or(|before| match ask.direction {
                Direction::Older => entry.key < before,
                Direction::Newer => entry.key > before,
            })
        };
        let found = read
            .entries
            .into_iter()
            .filter(|entry| is_ahead(entry) && ask.log.holds(entry) && ask.filter.takes(entry));
        self.found.extend(found);
        self.reached = read.reached.or(before);
        self.has_ended = !read.has_more;
        self.rows = match self.index {
            Index::Groups(_) => (self.rows * 2).min(MOST_GROUPS),
            _ => (self.rows * 4).min(MOST_ROWS),
        };
        Ok(looked_at)
    }
}
