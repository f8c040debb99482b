//! The audit log: what it holds, who reads what of it, and that nobody can change it unseen.

mod api;
mod chain;
mod giving_on;
mod pages;
mod reading;
mod vocabulary;

use grantry::domain::audit::{Entry, Filter, Key, LogOf, Phrase};
use grantry::store::audit_log::{self, Ask, Direction, EFFORT, Page};

use crate::world::World;

/// Whose log, what is looked for, and how much of it.
pub struct Look {
    log: LogOf,
    phrase: String,
    direction: Direction,
    from: Option<Key>,
    limit: usize,
    effort: usize,
}

impl Look {
    pub fn at(log: LogOf) -> Self {
        Self {
            log,
            phrase: String::new(),
            direction: Direction::Older,
            from: None,
            limit: 1_000,
            effort: EFFORT,
        }
    }

    pub fn for_(self, phrase: &str) -> Self {
        let phrase = phrase.to_owned();
        Self { phrase, ..self }
    }

    pub fn limit(self, limit: usize) -> Self {
        Self { limit, ..self }
    }

    pub fn effort(self, effort: usize) -> Self {
        Self { effort, ..self }
    }

    pub fn older_than(self, from: Option<Key>) -> Self {
        Self { from, ..self }
    }

    pub fn newer_than(self, from: Option<Key>) -> Self {
        let direction = Direction::Newer;
        Self {
            direction,
            from,
            ..self
        }
    }

    pub async fn page(&self, world: &World) -> Page {
        let mut db = world.reader();
        let phrase = Phrase::parse(&self.phrase).expect("the phrase is one");
        let filter = audit_log::resolve(&mut db, &phrase).await;
        let filter: Filter = filter.expect("names are looked up");
        let ask = Ask {
            log: self.log,
            filter: &filter,
            direction: self.direction,
            from: self.from,
            limit: self.limit,
            effort: self.effort,
        };
        audit_log::list(&mut db, &ask)
            .await
            .expect("the log is read")
    }

    pub async fn entries(&self, world: &World) -> Vec<Entry> {
        self.page(world).await.entries
    }

    pub async fn actions(&self, world: &World) -> Vec<String> {
        let entries = self.entries(world).await;
        entries.into_iter().map(|entry| entry.action).collect()
    }
}

impl World {
    /// The log of an organization.
    pub async fn log_of(&self, organization: &str) -> Look {
        Look::at(LogOf::Organization(self.organization(organization).await))
    }

    /// The log of the enterprise.
    pub async fn log_of_globex(&self) -> Look {
        Look::at(LogOf::Enterprise(self.enterprise("globex").await))
    }

    /// Somebody's own log.
    pub async fn log_of_user(&self, login: &str) -> Look {
        Look::at(LogOf::Person(self.user(login).await))
    }
}
