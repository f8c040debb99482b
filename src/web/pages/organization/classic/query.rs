//! What the list is asked for in its address: filters, order and place, each checked, and the addresses that lead on.

use crate::domain::catalog::Catalog;
use crate::domain::ids::TokenId;
use crate::store::classic_visits::{Filter, Key, Life, Place, SortBy, State};
use crate::store::listings::Direction;
use crate::web::form::Fields;

/// The longest text that is searched for, in characters.
const LONGEST_SEARCH: usize = 100;

/// The words of the states, as the address and the form write them.
pub const STATES: [(&str, &str, State); 4] = [
    ("works", "Works", State::Works),
    ("policy", "Blocked by policy", State::BlockedByPolicy),
    ("blocked", "Blocked here", State::BlockedHere),
    ("expired", "Expired", State::Expired),
];

/// The words of the orders, each with the direction in which it begins.
const SORTS: [(&str, SortBy, Direction); 4] = [
    ("used", SortBy::LastUsed, Direction::Descending),
    ("person", SortBy::Person, Direction::Ascending),
    ("note", SortBy::Note, Direction::Ascending),
    ("end", SortBy::End, Direction::Ascending),
];

/// What is asked for, as typed and as understood.
#[derive(Debug)]
pub struct Query {
    list: String,
    typed: Fields,
    state: Option<State>,
    life: Option<Life>,
    by: SortBy,
    direction: Direction,
    /// The place after which, or before which, the page lies.
    pub place: Option<Place>,
    is_before: bool,
    /// What could not be understood: the field, and what is wrong.
    pub errors: Vec<(&'static str, String)>,
}

impl Query {
    /// Reads a query of the list at this address; `limit` is the longest life that is allowed here, in days.
    pub fn read(query: &Fields, list: &str, catalog: &Catalog, limit: Option<u16>) -> Self {
        let typed = query.pairs().filter(|(_, text)| !text.trim().is_empty());
        let clipped = |text: &str| text.trim().chars().take(LONGEST_SEARCH).collect::<String>();
        let typed = Fields::new(typed.map(|(name, text)| (name.to_owned(), clipped(text))));
        let mut errors = Vec::new();
        let mut tell = |field, text: &str| errors.push((field, none_of(text)));
        let state = STATES.iter().find(|(word, ..)| *word == typed.get("state"));
        if state.is_none() && typed.has("state") {
            tell("state", typed.get("state"));
        }
        if typed.has("scope") && catalog.find_scope(typed.get("scope")).is_none() {
            tell("scope", typed.get("scope"));
        }
        let life = match (typed.get("life"), limit) {
            ("none", _) => Some(Life::Endless),
            ("long", Some(days)) => Some(Life::LongerThan(days)),
            ("", _) => None,
            (other, _) => {
                tell("life", other);
                None
            }
        };
        let sort = SORTS.iter().find(|(word, ..)| *word == typed.get("sort"));
        if sort.is_none() && typed.has("sort") {
            tell("list", typed.get("sort"));
        }
        let (_, by, natural) = *sort.unwrap_or(&SORTS[0]);
        let direction = match typed.get("order") {
            "asc" => Direction::Ascending,
            "desc" => Direction::Descending,
            _ => natural,
        };
        let (text, is_before) = match typed.get("after") {
            "" => (typed.get("before"), true),
            after => (after, false),
        };
        let place = parse(text, by);
        if place.is_none() && !text.is_empty() {
            errors.push(("list", "The address names no place in the list.".to_owned()));
        }
        Self {
            list: list.to_owned(),
            state: state.map(|(.., state)| *state),
            life,
            by,
            direction,
            is_before: is_before && place.is_some(),
            place,
            errors,
            typed,
        }
    }

    /// What was typed into a field.
    pub fn typed(&self, field: &str) -> &str {
        self.typed.get(field)
    }

    /// What is wrong at a field; empty when nothing is.
    pub fn error(&self, field: &str) -> &str {
        let at = self.errors.iter().find(|(name, _)| *name == field);
        at.map_or("", |(_, message)| message)
    }

    /// Whether anything narrows the list.
    pub fn is_narrowed(&self) -> bool {
        ["person", "note", "scope", "state", "life"]
            .iter()
            .any(|name| self.typed.has(name))
    }

    /// Adds what is asked for to a filter that leaves out nothing.
    pub fn filter(&self, whole: Filter) -> Filter {
        let scope = self.typed.get("scope");
        Filter {
            person: self.typed.get("person").to_owned(),
            note: self.typed.get("note").to_owned(),
            scope: (!scope.is_empty()).then(|| scope.to_owned()),
            state: self.state,
            life: self.life,
            ..whole
        }
    }

    /// The order in which the database is read: against the list's own for a page before a place.
    pub const fn order(&self) -> (SortBy, Direction) {
        let direction = if self.is_before {
            self.direction.reversed()
        } else {
            self.direction
        };
        (self.by, direction)
    }

    /// What the list is sorted by.
    pub const fn by(&self) -> SortBy {
        self.by
    }

    /// Whether the page lies before its place.
    pub const fn is_before(&self) -> bool {
        self.is_before
    }

    /// The filters that are on, each as words with the address that takes it away.
    pub fn chips(&self) -> Vec<(String, String)> {
        let state = STATES.iter().find(|(.., state)| Some(*state) == self.state);
        let text = |name, before: &str| {
            let typed = self.typed.get(name);
            (!typed.is_empty()).then(|| (name, format!("{before}{typed}")))
        };
        let life = self.life.map(|life| match life {
            Life::Endless => ("life", "Without an end".to_owned()),
            Life::LongerThan(days) => ("life", format!("Lives longer than {days} days")),
        });
        [
            text("person", "Person: "),
            text("note", "Note: "),
            text("scope", "Scope: "),
            state.map(|(_, label, _)| ("state", (*label).to_owned())),
            life,
        ]
        .into_iter()
        .flatten()
        .map(|(name, label)| (label, self.address(&[name], &[])))
        .collect()
    }

    /// The address that sorts by a column: the other way round where it is sorted so already.
    pub fn sort_address(&self, word: &str) -> String {
        let natural = SORTS.iter().find(|(known, ..)| *known == word);
        let begins_high = natural.is_some_and(|(.., way)| *way == Direction::Descending);
        let sorted = self.sorted(word);
        let is_next_high = sorted == "ascending" || sorted.is_empty() && begins_high;
        let order = if is_next_high { "desc" } else { "asc" };
        self.address(&["sort", "order"], &[("sort", word), ("order", order)])
    }

    /// How a column is sorted, in the words of `aria-sort`; empty where it is not.
    pub fn sorted(&self, word: &str) -> &'static str {
        let is_it = SORTS
            .iter()
            .any(|(known, by, _)| *known == word && *by == self.by);
        match (is_it, self.direction) {
            (false, _) => "",
            (true, Direction::Ascending) => "ascending",
            (true, Direction::Descending) => "descending",
        }
    }

    /// The address of the page on this side (`after`, `before`) of a place.
    pub fn page_address(&self, side: &str, place: &Place) -> String {
        self.address(&[], &[(side, &write(place))])
    }

    /// The order, which the filter form keeps.
    pub fn kept(&self) -> Vec<(&'static str, String)> {
        ["sort", "order"]
            .into_iter()
            .filter(|name| self.typed.has(name))
            .map(|name| (name, self.typed.get(name).to_owned()))
            .collect()
    }

    fn address(&self, without: &[&str], with: &[(&str, &str)]) -> String {
        let mut fields = self.typed.without(&["after", "before"]).without(without);
        for (name, text) in with {
            fields = fields.with(*name, *text);
        }
        match fields.encode().as_str() {
            "" => self.list.clone(),
            query => format!("{}?{query}", self.list),
        }
    }
}

fn none_of(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    format!("`{short}` is none of the choices.")
}

fn write(place: &Place) -> String {
    match &place.key {
        Key::Text(key) => format!("{}-{key}", place.id),
        Key::Number(key) => format!("{}-{key}", place.id),
    }
}

fn parse(text: &str, by: SortBy) -> Option<Place> {
    let (id, key) = text.split_once('-')?;
    let id: TokenId = id.parse().ok()?;
    let key = match by {
        SortBy::Person | SortBy::Note => Key::Text(key.to_owned()),
        SortBy::LastUsed | SortBy::End => Key::Number(key.parse().ok()?),
    };
    Some(Place { key, id })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Query {
        Query::read(&Fields::parse(query), "/list", Catalog::github(), Some(30))
    }

    #[test]
    fn every_filter_is_a_chip_that_takes_itself_away() {
        let query = read("person=ana&note=&scope=repo&state=policy&life=long&sort=note");
        assert_eq!(query.errors, []);
        let chips = query.chips();
        let labels: Vec<_> = chips.iter().map(|(label, _)| label.as_str()).collect();
        assert_eq!(
            labels,
            [
                "Person: ana",
                "Scope: repo",
                "Blocked by policy",
                "Lives longer than 30 days"
            ]
        );
        assert_eq!(
            chips[2].1,
            "/list?person=ana&scope=repo&life=long&sort=note"
        );
    }

    #[test]
    fn what_means_nothing_is_told_at_its_field() {
        for (query, field) in [
            ("state=happy", "state"),
            ("scope=everything", "scope"),
            ("life=short", "life"),
            ("sort=colour", "list"),
            ("after=nowhere", "list"),
            ("after=1-x", "list"),
            ("sort=note&before=x-y", "list"),
        ] {
            let fields: Vec<_> = read(query).errors.iter().map(|(field, _)| *field).collect();
            assert_eq!(fields, [field], "{query}");
        }
        let unlimited = Query::read(
            &Fields::parse("life=long"),
            "/list",
            Catalog::github(),
            None,
        );
        assert_eq!(unlimited.error("life"), "`long` is none of the choices.");
    }

    #[test]
    fn a_place_is_read_as_it_was_written() {
        for (by, key) in [
            (SortBy::Note, Key::Text("a-b c".to_owned())),
            (SortBy::End, Key::Number(i64::MAX)),
        ] {
            let place = Place {
                key,
                id: TokenId::new(4),
            };
            assert_eq!(parse(&write(&place), by), Some(place));
        }
    }
}
