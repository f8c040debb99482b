//! What the list is asked for in its address: filters, order and place, each checked, and the addresses that lead on.

use crate::domain::ids::{AccountId, TokenId};
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::store::listings::Direction;
use crate::store::own_tokens::{Bar, Filter, Key, Place, Sort, State};
use crate::web::form::Fields;
use crate::web::pages::tokens::LIST;

/// How many days back or ahead may be asked for.
const MOST_DAYS: i64 = 3_660;

/// The longest text that is searched for, in characters.
const LONGEST_SEARCH: usize = 100;

/// A list of tokens of one kind.
#[derive(Debug, PartialEq, Eq)]
pub struct Listing {
    /// Its address.
    pub path: &'static str,
    /// The kind.
    pub kind: TokenKind,
    /// The words of the states, as the address and the form write them.
    pub states: &'static [(&'static str, &'static str, State)],
}

/// The list of fine-grained tokens.
pub static FINE_GRAINED: Listing = Listing {
    path: LIST,
    kind: TokenKind::FineGrained,
    states: &[
        ("active", "Active", State::Active),
        ("pending", "Pending", State::Pending),
        ("denied", "Denied", State::Denied),
        ("revoked", "Revoked", State::Revoked),
        ("blocked", "Blocked by policy", State::Blocked),
        ("expired", "Expired", State::Expired),
    ],
};

/// The orders as the form offers them.
pub const SORT_WORDS: [(&str, &str); 4] = [
    ("made", "Newest first"),
    ("name", "Name"),
    ("last_used", "Last used"),
    ("expires", "Expires"),
];

/// The words of the orders, each with the direction in which it begins.
const SORTS: [(&str, Sort, Direction); 4] = [
    ("made", Sort::Made, Direction::Descending),
    ("name", Sort::Name, Direction::Ascending),
    ("last_used", Sort::LastUsed, Direction::Descending),
    ("expires", Sort::Expires, Direction::Ascending),
];

/// What is asked for, as typed and as understood.
#[derive(Debug)]
pub struct Query {
    /// Of which list.
    listing: &'static Listing,
    /// What was typed, without what was empty.
    typed: Fields,
    /// The state.
    pub state: Option<State>,
    /// The owner.
    pub owner: Option<AccountId>,
    /// Not used for so many days.
    pub unused: Option<i64>,
    /// Ending within so many days.
    pub expiring: Option<i64>,
    /// What names and descriptions hold.
    pub search: String,
    /// What it is sorted by.
    pub sort: Sort,
    /// In which direction.
    pub direction: Direction,
    /// The place after which, or before which, the page lies.
    pub place: Option<Place>,
    /// Whether the page lies before the place.
    pub is_before: bool,
    /// What could not be understood: the field, and what is wrong.
    pub errors: Vec<(String, String)>,
}

impl Query {
    /// Reads a query; `owners` are the owners of the user's tokens.
    pub fn read(listing: &'static Listing, query: &Fields, owners: &[(AccountId, String)]) -> Self {
        let typed = query.pairs().filter(|(_, value)| !value.trim().is_empty());
        let typed = Fields::new(typed.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let mut errors = Vec::new();
        let mut tell = |field: &str, message: String| errors.push((field.to_owned(), message));
        let mut states = listing.states.iter();
        let state = states.find(|(word, _, _)| *word == typed.get("state"));
        if state.is_none() && typed.has("state") {
            tell("state", unknown(typed.get("state")));
        }
        let login = typed.get("owner");
        let owner = owners
            .iter()
            .find(|(_, known)| known.eq_ignore_ascii_case(login));
        if owner.is_none() && typed.has("owner") {
            tell(
                "owner",
                format!("None of your tokens names `{}`.", short(login)),
            );
        }
        let [unused, expiring] = ["unused", "expiring"].map(|name| match days(typed.get(name)) {
            Ok(days) => days,
            Err(message) => {
                tell(name, message);
                None
            }
        });
        let search: String = typed.get("search").chars().take(LONGEST_SEARCH).collect();
        let (sort, natural) = match SORTS.iter().find(|(word, _, _)| *word == typed.get("sort")) {
            Some((_, sort, direction)) => (*sort, *direction),
            None => (Sort::Made, Direction::Descending),
        };
        if typed.has("sort") && SORTS.iter().all(|(word, _, _)| *word != typed.get("sort")) {
            tell(
                "list",
                format!(
                    "The list cannot be sorted by `{}`.",
                    short(typed.get("sort"))
                ),
            );
        }
        let direction = match typed.get("direction") {
            "asc" => Direction::Ascending,
            "desc" => Direction::Descending,
            _ => natural,
        };
        let (text, is_before) = match typed.get("after") {
            "" => (typed.get("before"), true),
            after => (after, false),
        };
        let place = parse_place(text, sort);
        if place.is_none() && !text.is_empty() {
            tell(
                "list",
                "The address names no place in the list: this is its beginning.".to_owned(),
            );
        }
        Self {
            listing,
            state: state.map(|(_, _, state)| *state),
            owner: owner.map(|(id, _)| *id),
            unused,
            expiring,
            search,
            sort,
            direction,
            is_before: is_before && place.is_some(),
            place,
            errors,
            typed,
        }
    }

    /// The states that can be asked for, each with its words.
    pub fn states(&self) -> Vec<(&'static str, &'static str)> {
        let states = self.listing.states.iter();
        states.map(|(word, label, _)| (*word, *label)).collect()
    }

    /// What was typed into a field.
    pub fn typed(&self, field: &str) -> &str {
        self.typed.get(field)
    }

    /// What is wrong at a field; empty when nothing is.
    pub fn error(&self, field: &str) -> &str {
        let at = self.errors.iter().find(|(name, _)| name == field);
        at.map_or("", |(_, message)| message)
    }

    /// Whether anything narrows the list.
    pub fn is_narrowed(&self) -> bool {
        let days = self.unused.or(self.expiring).is_some();
        self.state.is_some() || self.owner.is_some() || days || !self.search.trim().is_empty()
    }

    /// The filter for the database.
    pub fn filter(&self, user: AccountId, now: Timestamp, bars: Vec<Bar>) -> Filter {
        Filter {
            user,
            kind: self.listing.kind,
            now,
            state: self.state,
            owner: self.owner,
            unused_since: self.unused.map(|days| now.plus_days(-days)),
            ends_before: self.expiring.map(|days| now.plus_days(days)),
            search: self.search.clone(),
            bars,
            spared: Vec::new(),
        }
    }

    /// The filters that are on, each as words with the address that takes it away.
    pub fn chips(&self, owners: &[(AccountId, String)]) -> Vec<(String, String)> {
        let mut states = self.listing.states.iter();
        let state = states.find(|(_, _, state)| Some(*state) == self.state);
        let owner = owners.iter().find(|(id, _)| Some(*id) == self.owner);
        let days = |count: i64| crate::web::filters::counted(count, "day", "days");
        let search = self.search.trim();
        [
            state.map(|(_, label, _)| ("state", (*label).to_owned())),
            owner.map(|(_, login)| ("owner", format!("At {login}"))),
            self.unused
                .map(|count| ("unused", format!("Not used for {}", days(count)))),
            self.expiring
                .map(|count| ("expiring", format!("Expires within {}", days(count)))),
            (!search.is_empty()).then(|| ("search", format!("“{search}”"))),
        ]
        .into_iter()
        .flatten()
        .map(|(name, label)| (label, self.address(&[name], &[])))
        .collect()
    }

    /// The address that sorts by a column: the other way round where it is sorted so already.
    pub fn sort_address(&self, word: &str) -> String {
        let natural = SORTS.iter().find(|(known, _, _)| *known == word);
        let begins_high = natural.is_some_and(|(_, _, way)| *way == Direction::Descending);
        let sorted = self.sorted(word);
        let is_next_high = sorted == "ascending" || sorted.is_empty() && begins_high;
        let direction = if is_next_high { "desc" } else { "asc" };
        self.address(
            &["sort", "direction"],
            &[("sort", word), ("direction", direction)],
        )
    }

    /// How a column is sorted, in the words of `aria-sort`; empty where it is not.
    pub fn sorted(&self, word: &str) -> &'static str {
        let is_it = SORTS
            .iter()
            .any(|(known, sort, _)| *known == word && *sort == self.sort);
        match (is_it, self.direction) {
            (false, _) => "",
            (true, Direction::Ascending) => "ascending",
            (true, Direction::Descending) => "descending",
        }
    }

    /// The address of the page on this side (`after`, `before`) of a place.
    pub fn page_address(&self, side: &str, place: &Place) -> String {
        self.address(&[], &[(side, &write_place(place))])
    }

    /// The direction in which the database is read: against the list's own for a page before a place.
    pub const fn read_direction(&self) -> Direction {
        match (self.direction, self.is_before) {
            (Direction::Ascending, false) | (Direction::Descending, true) => Direction::Ascending,
            (Direction::Descending, false) | (Direction::Ascending, true) => Direction::Descending,
        }
    }

    fn address(&self, without: &[&str], with: &[(&str, &str)]) -> String {
        let mut fields = self.typed.without(&["after", "before"]).without(without);
        for (name, value) in with {
            fields = fields.with(*name, *value);
        }
        match fields.encode().as_str() {
            "" => self.listing.path.to_owned(),
            query => format!("{}?{query}", self.listing.path),
        }
    }
}

fn days(text: &str) -> Result<Option<i64>, String> {
    let text = text.trim();
    match text.parse() {
        _ if text.is_empty() => Ok(None),
        Ok(days @ 1..=MOST_DAYS) => Ok(Some(days)),
        _ => Err(format!(
            "`{}` is no number of days: write 1 to {MOST_DAYS}.",
            short(text)
        )),
    }
}

fn unknown(text: &str) -> String {
    format!("`{}` is none of the choices.", short(text))
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

fn write_place(place: &Place) -> String {
    match &place.key {
        Key::Text(key) => format!("{}-{key}", place.id),
        Key::Number(key) => format!("{}-{key}", place.id),
    }
}

fn parse_place(text: &str, sort: Sort) -> Option<Place> {
    let (id, key) = text.split_once('-')?;
    let id: TokenId = id.parse().ok()?;
    let key = if sort == Sort::Name {
        Key::Text(key.to_owned())
    } else {
        Key::Number(key.parse().ok()?)
    };
    Some(Place { key, id })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Query {
        let owners = [(AccountId::new(7), "acme".to_owned())];
        Query::read(&FINE_GRAINED, &Fields::parse(query), &owners)
    }

    #[test]
    fn every_filter_is_a_chip_that_takes_itself_away() {
        let query = read("state=blocked&owner=ACME&unused=30&expiring=&search=ci&sort=name");
        assert_eq!(query.errors, []);
        let chips = query.chips(&[(AccountId::new(7), "acme".to_owned())]);
        let labels: Vec<_> = chips.iter().map(|(label, _)| label.as_str()).collect();
        assert_eq!(
            labels,
            [
                "Blocked by policy",
                "At acme",
                "Not used for 30 days",
                "“ci”"
            ]
        );
        assert_eq!(
            chips[1].1,
            "/settings/personal-access-tokens?state=blocked&unused=30&search=ci&sort=name"
        );
    }

    #[test]
    fn what_means_nothing_is_told_at_its_field_and_narrows_nothing() {
        for (query, field) in [
            ("state=happy", "state"),
            ("owner=nobody", "owner"),
            ("unused=soon", "unused"),
            ("unused=0", "unused"),
            ("expiring=99999", "expiring"),
            ("sort=colour", "list"),
            ("after=nowhere", "list"),
            ("after=1-x", "list"),
        ] {
            let read = read(query);
            let fields: Vec<_> = read
                .errors
                .iter()
                .map(|(field, _)| field.as_str())
                .collect();
            assert_eq!(fields, [field], "{query}");
            assert!(!read.is_narrowed(), "{query}");
        }
    }

    #[test]
    fn a_column_head_sorts_and_then_turns_round() {
        let plain = read("owner=acme&after=3-3");
        assert_eq!(
            plain.sort_address("name"),
            "/settings/personal-access-tokens?owner=acme&sort=name&direction=asc"
        );
        assert!(
            plain
                .sort_address("last_used")
                .ends_with("sort=last_used&direction=desc")
        );
        let sorted = read("sort=name&direction=asc");
        assert_eq!(sorted.sorted("name"), "ascending");
        assert!(sorted.sort_address("name").ends_with("direction=desc"));
        assert_eq!(sorted.sorted("expires"), "");
    }

    #[test]
    fn a_place_is_read_as_it_was_written() {
        for (sort, place) in [
            (
                Sort::Name,
                Place {
                    key: Key::Text("a-b c".to_owned()),
                    id: TokenId::new(4),
                },
            ),
            (
                Sort::Expires,
                Place {
                    key: Key::Number(-9),
                    id: TokenId::new(4),
                },
            ),
        ] {
            assert_eq!(parse_place(&write_place(&place), sort), Some(place));
        }
    }
}
