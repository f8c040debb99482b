//! What an enterprise's owners look at one level up: its organizations with what each sets for tokens, and its people.

mod organizations;
mod people;
mod rules;

pub use organizations::{
    Ahead, Organization, OrganizationFilter, TokenCounts, count_organizations, count_people,
    count_tokens, find_organization, list_ahead, list_organization_names, list_organizations,
};
pub use people::{
    Membership, PeopleFilter, PeopleOf, Person, count_tokens_of, find_person, list_memberships,
    list_people,
};
pub use rules::{Group, Rules};

/// By what its organizations or people are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// By login.
    Login,
    /// By when they were entered.
    Age,
}

/// Where an organization or a person stands in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// By login.
    Login(String),
    /// By age, and of the same moment by id.
    Age(
        crate::domain::time::Timestamp,
        crate::domain::ids::AccountId,
    ),
}

/// Which part of a list is asked for, and in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// By what it is sorted.
    pub order: Order,
    /// Whether it runs backwards.
    pub is_descending: bool,
    /// Only what comes after this place, in the direction of the list.
    pub beyond: Option<Place>,
    /// How many.
    pub limit: i64,
}

impl Page {
    /// Adds place, order and length to a statement over accounts that are called `a`.
    fn cut(&self, compose: super::db::Compose) -> super::db::Compose {
        use crate::domain::names;
        let compose = compose.when(self.beyond.as_ref(), |text, place| match place {
            Place::Login(login) => text
                .then(if self.is_descending {
                    "AND a.login_key <"
                } else {
                    "AND a.login_key >"
                })
                .value(names::key(login)),
            Place::Age(at, id) => text
                .then(if self.is_descending {
                    "AND (a.created_at, a.id) <"
                } else {
                    "AND (a.created_at, a.id) >"
                })
                .list([at.as_micros(), id.get()]),
        });
        let order = match (self.order, self.is_descending) {
            (Order::Login, false) => "ORDER BY a.login_key LIMIT",
            (Order::Login, true) => "ORDER BY a.login_key DESC LIMIT",
            (Order::Age, false) => "ORDER BY a.created_at, a.id LIMIT",
            (Order::Age, true) => "ORDER BY a.created_at DESC, a.id DESC LIMIT",
        };
        compose.then(order).value(self.limit)
    }
}

/// Adds that login or name of the accounts called `a` hold a text, where one is searched.
fn with_search(compose: super::db::Compose, search: &str) -> super::db::Compose {
    compose.when(super::reach::like(search), |text, pattern| {
        text.then("AND (a.login_key LIKE")
            .value(&pattern)
            .then("ESCAPE '!' OR LOWER(a.name) LIKE")
            .value(&pattern)
            .then("ESCAPE '!')")
    })
}
