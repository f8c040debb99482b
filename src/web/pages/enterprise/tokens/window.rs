//! Pages of the inventory by place, not by number: an entry that leaves while it is read makes no other one skip.

use super::view::View;
use crate::domain::ids::{AccountId, TokenId};
use crate::store::inventory::{Entry, Filter, Order, Place, SortBy};
use crate::store::listings::Key;
use crate::web::error::{PageError, PageResult};
use crate::web::form::Fields;

/// How many rows a page shows.
pub const SIZE: usize = 50;

/// Which part of the inventory an address asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// In which order the database is read: against the list's own for a page before another.
    pub order: Order,
    natural: Order,
    place: Option<Place>,
}

/// One page.
#[derive(Debug, Default)]
pub struct Cut {
    /// What it shows, in the list's own order.
    pub entries: Vec<Entry>,
    /// The address of the page before; empty where there is none.
    pub before: String,
    /// The address of the page after; empty where there is none.
    pub after: String,
}

impl Window {
    /// Reads `?after=PLACE` and `?before=PLACE`; `list` is the address of the inventory, for the way back.
    pub fn read(query: &Fields, view: &View, list: &str) -> PageResult<Self> {
        let natural = view.order;
        let (text, order) = match (query.get("after"), query.get("before")) {
            ("", "") => ("", natural),
            ("", before) => (before, natural.reversed()),
            (after, _) => (after, natural),
        };
        let place = match text {
            "" => None,
            text => Some(parse(text, natural.by).ok_or_else(|| nowhere(view, list))?),
        };
        Ok(Self {
            order,
            natural,
            place,
        })
    }

    /// The filter that also leaves out what lies on other pages.
    pub fn filter(&self, filter: &Filter) -> Filter {
        Filter {
            beyond: self.place.clone(),
            ..filter.clone()
        }
    }

    /// One more than a page shows, so that it is known whether there is another.
    pub fn limit() -> i64 {
        i64::try_from(SIZE + 1).expect("a page is small")
    }

    /// Cuts what the database gave to a page.
    pub fn cut(self, mut entries: Vec<Entry>, view: &View, list: &str) -> Cut {
        let is_reversed = self.order != self.natural;
        let has_more = entries.len() > SIZE;
        entries.truncate(SIZE);
        if is_reversed {
            entries.reverse();
        }
        let (has_before, has_after) = if is_reversed {
            (has_more, true)
        } else {
            (self.place.is_some(), has_more)
        };
        let address = |name, entry: Option<&Entry>, there: bool| match entry {
            Some(entry) if there => {
                view.address_with(list, name, &write(&entry.place(self.natural.by)))
            }
            _ => String::new(),
        };
        Cut {
            before: address("before", entries.first(), has_before),
            after: address("after", entries.last(), has_after),
            entries,
        }
    }
}

fn nowhere(view: &View, list: &str) -> PageError {
    PageError::Unprocessable {
        title: "This address names no place in the list".to_owned(),
        text: "The part after `?` may be cut off. Start from the beginning of the list.".to_owned(),
        back: (
            "To the beginning of the list".to_owned(),
            view.address(list),
        ),
    }
}

fn write(place: &Place) -> String {
    let (token, owner) = (place.token, place.owner);
    match &place.key {
        Key::Number(number) => format!("{number}-{token}-{owner}"),
        Key::Text(text) => format!("{text}-{token}-{owner}"),
    }
}

fn parse(text: &str, by: SortBy) -> Option<Place> {
    let (rest, owner) = text.rsplit_once('-')?;
    let (key, token) = rest.rsplit_once('-')?;
    let key = if by.is_text() {
        Key::Text(key.to_owned())
    } else {
        Key::Number(key.parse().ok()?)
    };
    Some(Place {
        key,
        token: TokenId::new(token.parse().ok()?),
        owner: AccountId::new(owner.parse().ok()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_written_as_it_is_read() {
        for (by, key) in [
            (SortBy::Age, Key::Number(12)),
            (SortBy::LastUsed, Key::Number(-1)),
            (SortBy::End, Key::Number(i64::MAX)),
            (SortBy::Token, Key::Text("a-b & c".to_owned())),
        ] {
            let place = Place {
                key,
                token: TokenId::new(9),
                owner: AccountId::new(4),
            };
            assert_eq!(parse(&write(&place), by), Some(place));
        }
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for bad in [
            "after=x",
            "before=1-2",
            "after=x-1-2",
            "sort=token&after=ci-1",
        ] {
            let fields = Fields::parse(bad);
            let view = View::read(&fields);
            assert!(Window::read(&fields, &view, "/list").is_err(), "{bad}");
        }
        let fields = Fields::parse("before=7-7-2");
        let window = Window::read(&fields, &View::read(&fields), "/list").expect("it is a place");
        assert_ne!(window.order, window.natural, "it is read backwards");
    }
}
