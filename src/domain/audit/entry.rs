//! One entry of the log as it is read: a change or a decision, in one form.

use serde_json::{Map, Value};

use super::cursor::Key;
use crate::domain::ids::{AccountId, RepositoryId, TokenId};
use crate::domain::time::Timestamp;

words! {
    /// What kind of actor did something.
    ActorKind {
        /// A person in the console.
        Person = "person",
        /// A token by API or git.
        Token = "token",
        /// The operator on the command line.
        Operator = "operator",
        /// The server itself.
        System = "system",
    }
}

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doer {
    /// What kind of actor.
    pub kind: ActorKind,
    /// The person behind it, if any.
    pub user: Option<AccountId>,
    /// The token that was used, if any.
    pub token: Option<TokenId>,
}

/// One entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its place.
    pub key: Key,
    /// When.
    pub at: Timestamp,
    /// What happened, in the log's word. A newer program may have written one that this one does not know.
    pub action: String,
    /// Who did it.
    pub actor: Doer,
    /// The user it is about.
    pub user: Option<AccountId>,
    /// The owner that it concerns.
    pub owner: Option<AccountId>,
    /// The enterprise that it concerns.
    pub enterprise: Option<AccountId>,
    /// The token it is about.
    pub token: Option<TokenId>,
    /// The repository it is about.
    pub repository: Option<RepositoryId>,
    /// The client's address.
    pub address: Option<String>,
    /// The client's name for itself.
    pub user_agent: Option<String>,
    /// The request's id.
    pub request_id: Option<String>,
    /// Everything else, by published field names.
    pub data: Map<String, Value>,
}

impl Entry {
    /// A field of the rest that is a text.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.data.get(field).and_then(Value::as_str)
    }
}

/// Whose log is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LogOf {
    /// An organization's: what concerns it as an owner.
    Organization(AccountId),
    /// An enterprise's: what concerns it or one of its organizations.
    Enterprise(AccountId),
    /// A person's own: what they did, what was done to them, and what happened to what they own.
    Person(AccountId),
}

impl LogOf {
    /// The account whose log it is.
    pub const fn account(self) -> AccountId {
        match self {
            Self::Organization(id) | Self::Enterprise(id) | Self::Person(id) => id,
        }
    }

    /// Whether an entry belongs into this log: an owner never sees what a token did elsewhere.
    pub fn holds(self, entry: &Entry) -> bool {
        match self {
            Self::Organization(id) => entry.owner == Some(id),
            Self::Enterprise(id) => entry.enterprise == Some(id) || entry.owner == Some(id),
            Self::Person(id) => [entry.user, entry.actor.user, entry.owner].contains(&Some(id)),
        }
    }

    /// The entry as this log's reader may see it: where somebody else was when they decided about a person's token is
    /// not that person's to know.
    #[must_use]
    pub fn show(self, mut entry: Entry) -> Entry {
        if let Self::Person(id) = self
            && entry.actor.user != Some(id)
            && entry.owner != Some(id)
        {
            entry.address = None;
            entry.user_agent = None;
            entry.request_id = None;
        }
        entry
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::domain::audit) fn entry(action: &str) -> Entry {
        let at = Timestamp::from_micros(1_790_856_000_000_000);
        Entry {
            key: Key::event(at, 7),
            at,
            action: action.to_owned(),
            actor: Doer {
                kind: ActorKind::Person,
                user: Some(AccountId::new(1)),
                token: None,
            },
            user: Some(AccountId::new(2)),
            owner: Some(AccountId::new(3)),
            enterprise: Some(AccountId::new(4)),
            token: Some(TokenId::new(5)),
            repository: Some(RepositoryId::new(6)),
            address: Some("192.0.2.1".to_owned()),
            user_agent: Some("curl".to_owned()),
            request_id: Some("r".to_owned()),
            data: Map::new(),
        }
    }

    #[test]
    fn each_log_holds_what_concerns_its_reader_and_nothing_else() {
        let entry = entry("repo.create");
        let table = [
            (LogOf::Organization(AccountId::new(3)), true),
            (LogOf::Organization(AccountId::new(4)), false),
            (LogOf::Enterprise(AccountId::new(4)), true),
            (LogOf::Enterprise(AccountId::new(3)), true),
            (LogOf::Enterprise(AccountId::new(9)), false),
            (LogOf::Person(AccountId::new(1)), true),
            (LogOf::Person(AccountId::new(2)), true),
            (LogOf::Person(AccountId::new(3)), true),
            (LogOf::Person(AccountId::new(4)), false),
        ];
        for (log, holds) in table {
            assert_eq!(log.holds(&entry), holds, "{log:?}");
        }
    }

    #[test]
    fn a_person_does_not_learn_where_somebody_else_was() {
        let shown = |log: LogOf| log.show(entry("repo.create")).address.is_some();
        assert!(shown(LogOf::Organization(AccountId::new(3))));
        assert!(shown(LogOf::Person(AccountId::new(1))), "their own deed");
        assert!(!shown(LogOf::Person(AccountId::new(2))), "done to them");
        assert!(
            shown(LogOf::Person(AccountId::new(3))),
            "done to what they own"
        );
    }
}
