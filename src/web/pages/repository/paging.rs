//! Which part of a list of repositories an address asks for: search, visibility, order and place.

use crate::domain::access::rights::Visibility;
use crate::domain::time::Timestamp;
use crate::store::repositories::Repository;
use crate::store::repository_lists::{Filter, Order, Place, SortBy};
use crate::web::error::{PageError, PageResult};
use crate::web::form::Fields;

/// How many repositories a page shows.
pub const SIZE: usize = 50;

/// The longest search that is looked for, in characters: no name is longer.
const LONGEST_SEARCH: usize = 100;

/// What an address asks for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What is to be found.
    pub filter: Filter,
    /// In which order.
    pub order: Order,
    place: Option<Place>,
    is_backwards: bool,
}

/// One page, in the list's own order.
#[derive(Debug)]
pub struct Cut {
    /// What it shows.
    pub found: Vec<Repository>,
    /// The address of the page before; empty where there is none.
    pub before: String,
    /// The address of the page after; empty where there is none.
    pub after: String,
}

impl Wanted {
    /// Reads `?q=`, `visibility=`, `sort=` and `after=` or `before=`. `list` is the address of the list.
    pub fn read(query: &Fields, list: &str) -> PageResult<Self> {
        let order = read_order(query.get("sort"));
        let (text, is_backwards) = match (query.get("after"), query.get("before")) {
            ("", before) => (before, !before.is_empty()),
            (after, _) => (after, false),
        };
        let place = match text {
            "" => None,
            text => Some(read_place(text, order).ok_or_else(|| no_place(list))?),
        };
        Ok(Self {
            filter: Filter {
                search: query.get("q").trim().chars().take(LONGEST_SEARCH).collect(),
                visibility: query.get("visibility").parse().ok(),
            },
            order,
            place,
            is_backwards,
        })
    }

    /// The order in which the database is read: against the list's own for a page before another.
    pub const fn reading_order(&self) -> Order {
        if self.is_backwards {
            self.order.reversed()
        } else {
            self.order
        }
    }

    /// Beyond which place.
    pub const fn beyond(&self) -> Option<&Place> {
        self.place.as_ref()
    }

    /// Cuts what the database gave, one more than a page shows, to a page.
    pub fn cut(&self, mut found: Vec<Repository>, list: &str) -> Cut {
        let has_more = found.len() > SIZE;
        found.truncate(SIZE);
        if self.is_backwards {
            found.reverse();
        }
        let (has_before, has_after) = if self.is_backwards {
            (has_more, true)
        } else {
            (self.place.is_some(), has_more)
        };
        let address = |name: &str, at: Option<&Repository>, is_there: bool| match at {
            Some(at) if is_there => {
                let fields = self.fields().with(name, self.write_place(at));
                format!("{list}?{}", fields.encode())
            }
            _ => String::new(),
        };
        Cut {
            before: address("before", found.first(), has_before),
            after: address("after", found.last(), has_after),
            found,
        }
    }

    /// The address of the same list sorted by a column; by the one it is sorted by, the other way round.
    pub fn sorted(&self, list: &str, by: SortBy) -> String {
        // Names are looked for from A on, changes from the newest on.
        let is_descending = if self.order.by == by {
            !self.order.is_descending
        } else {
            by != SortBy::Name
        };
        let order = Order { by, is_descending };
        let fields = self.filter_fields().with("sort", write_order(order));
        format!("{list}?{}", fields.encode())
    }

    /// How a column is sorted, as its head says it.
    pub fn direction(&self, by: SortBy) -> &'static str {
        match (self.order.by == by, self.order.is_descending) {
            (false, _) => "",
            (true, false) => "ascending",
            (true, true) => "descending",
        }
    }

    /// Whether anything narrows the list.
    pub fn is_filtered(&self) -> bool {
        !self.filter.search.is_empty() || self.filter.visibility.is_some()
    }

    /// The word of the visibility that is asked for.
    pub fn visibility(&self) -> &'static str {
        self.filter.visibility.map_or("", Visibility::as_str)
    }

    /// The word of the order.
    pub fn sort(&self) -> &'static str {
        write_order(self.order)
    }

    fn fields(&self) -> Fields {
        self.filter_fields().with("sort", self.sort())
    }

    fn filter_fields(&self) -> Fields {
        let pairs = [
            ("q", self.filter.search.as_str()),
            ("visibility", self.visibility()),
        ];
        Fields::new(pairs.into_iter().filter(|(_, text)| !text.is_empty()))
    }

    fn write_place(&self, at: &Repository) -> String {
        match self.order.by {
            SortBy::Name => at.name.to_ascii_lowercase(),
            SortBy::Created => format!("{}-{}", at.created_at.as_micros(), at.id),
            SortBy::Updated => format!("{}-{}", at.updated_at.as_micros(), at.id),
        }
    }
}

fn no_place(list: &str) -> PageError {
    PageError::Unprocessable {
        title: "This address names no place in the list".to_owned(),
        text: "The part after `?` may be cut off. Start from the beginning of the list.".to_owned(),
        back: ("To the beginning of the list".to_owned(), list.to_owned()),
    }
}

/// By name, unless another order is known by this word.
fn read_order(word: &str) -> Order {
    let (by, is_descending) = match word {
        "-name" => (SortBy::Name, true),
        "updated" => (SortBy::Updated, false),
        "-updated" => (SortBy::Updated, true),
        _ => (SortBy::Name, false),
    };
    Order { by, is_descending }
}

const fn write_order(order: Order) -> &'static str {
    match (order.by, order.is_descending) {
        (SortBy::Name, false) => "name",
        (SortBy::Name, true) => "-name",
        (SortBy::Created | SortBy::Updated, false) => "updated",
        (SortBy::Created | SortBy::Updated, true) => "-updated",
    }
}

fn read_place(text: &str, order: Order) -> Option<Place> {
    if order.by == SortBy::Name {
        return (text.len() <= LONGEST_SEARCH).then(|| Place::Name(text.to_ascii_lowercase()));
    }
    let (at, id) = text.split_once('-')?;
    let at = Timestamp::from_micros(at.parse().ok()?);
    Some(Place::Moment(at, id.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Wanted {
        Wanted::read(&Fields::parse(query), "/list").expect("it is an address")
    }

    #[test]
    fn an_order_turns_round_at_its_own_head_and_keeps_the_filter() {
        let wanted = read("q=web&visibility=private");
        assert_eq!(
            wanted.sorted("/list", SortBy::Name),
            "/list?q=web&visibility=private&sort=-name"
        );
        assert_eq!(
            wanted.sorted("/list", SortBy::Updated),
            "/list?q=web&visibility=private&sort=-updated"
        );
        assert_eq!(wanted.direction(SortBy::Name), "ascending");
        assert_eq!(wanted.direction(SortBy::Updated), "");
    }

    #[test]
    fn a_page_before_another_is_read_backwards() {
        assert!(!read("after=web").reading_order().is_descending);
        assert!(read("before=web").reading_order().is_descending);
        assert!(
            !read("sort=-updated&before=7-1")
                .reading_order()
                .is_descending
        );
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for query in ["sort=updated&after=web", "sort=-updated&before=7"] {
            assert!(
                Wanted::read(&Fields::parse(query), "/list").is_err(),
                "{query}"
            );
        }
    }
}
