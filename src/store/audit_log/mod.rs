//! The audit log as somebody reads it: changes and decisions in one order, a page at a time, in bounded work.
//!
//! Changes are rows of `audit_events`; decisions are lines in packed groups, which `decision_places` finds. A page
//! merges a few **sources**, each of which walks one index from the page's beginning: the most telling term of the
//! filter chooses which ([`sources`]). SQL does nothing but walk. Whether an entry belongs into the reader's log and fits the
//! filter is judged by the domain, entry by entry, so that no statement can look for long and no two can disagree.
//!
//! What is looked at for one page has an end ([`EFFORT`]). Where it is reached first, the page says until where it has
//! looked, and the next one goes on from there: a rare entry in a large log takes several pages, never a slow one. Nothing
//! is counted and nothing is skipped, so page one thousand costs what page one does.

mod names;
mod sources;
pub mod tail;
mod walk;

pub use names::names_of;
pub use walk::list;

use super::{Db, Result, accounts, tokens};
use crate::domain::audit::{Entry, Filter, Key, Known, LogOf, Phrase};
use crate::domain::time::Timestamp;
use crate::domain::token::secret::SecretHash;

/// How many rows and lines are looked at for one page.
pub const EFFORT: usize = 20_000;

/// In which direction a page goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Back in time.
    Older,
    /// Forward in time.
    Newer,
}

/// Which page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask<'a> {
    /// Whose log.
    pub log: LogOf,
    /// What is looked for.
    pub filter: &'a Filter,
    /// In which direction it goes.
    pub direction: Direction,
    /// The place behind which it begins; none for the log's end in the other direction.
    pub from: Option<Key>,
    /// How many entries fit.
    pub limit: usize,
    /// How many rows and lines may be looked at.
    pub effort: usize,
}

/// A page: its entries in the direction that was asked for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// The entries.
    pub entries: Vec<Entry>,
    /// Where the next page begins; none where nothing follows.
    pub next: Option<Key>,
    /// Until when it has looked, where it stopped before it was full: what follows is not known yet.
    pub looked_until: Option<Timestamp>,
}

/// How many entries a filter finds, as far as that is quickly known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// So many at least.
    pub entries: usize,
    /// Whether these are all.
    pub is_all: bool,
}

/// The most that is counted, and the most pages' effort that is spent on it.
const COUNTED: usize = 10_000;
const COUNTING: usize = 5;

/// Counts what a filter finds, in bounded work.
pub async fn count(db: &mut impl Db, log: LogOf, filter: &Filter) -> Result<Count> {
    let mut entries = 0;
    let mut from = None;
    for _ in 0..COUNTING {
        let ask = Ask {
            log,
            filter,
            direction: Direction::Older,
            from,
            limit: COUNTED - entries,
            effort: EFFORT,
        };
        let page = list(db, &ask).await?;
        entries += page.entries.len();
        from = page.next;
        if from.is_none() || entries >= COUNTED {
            break;
        }
    }
    Ok(Count {
        entries,
        is_all: from.is_none(),
    })
}

/// What the names in a phrase stand for now, as a filter.
pub async fn resolve(db: &mut impl Db, phrase: &Phrase) -> Result<Filter> {
    let mut known = Known::default();
    for login in phrase.logins() {
        if let Some(account) = accounts::find_login(db, login).await? {
            known.accounts.insert(login.to_owned(), account.id);
        }
    }
    for (owner, name) in phrase.repositories() {
        let Some(owner_account) = accounts::find_login(db, owner).await? else {
            continue;
        };
        if let Some(id) = names::find_repository(db, owner_account.id, name).await? {
            known.repositories.insert(format!("{owner}/{name}"), id);
        }
    }
    for text in phrase.hashes() {
        if let Some(hash) = SecretHash::from_base64(text)
            && let Some(token) = tokens::find_by_secret(db, hash).await?
        {
            known.tokens.insert(text.to_owned(), token.id);
        }
    }
    Ok(Filter::of(phrase, &known))
}
