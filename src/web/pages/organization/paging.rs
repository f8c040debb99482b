//! Pages of a list by place, not by number: a list from which entries leave while it is read neither skips nor repeats.

use super::view::View;
use crate::store::listings::{Entry, EntryFilter, Key, Order, Page, Place, SortBy};
use crate::web::error::{PageError, PageResult};
use crate::web::form::Fields;

/// Which part of a list an address asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// In which order the database is read: against the list's own for a page before another.
    pub order: Order,
    natural: Order,
    place: Option<Place>,
    size: usize,
}

/// One page of a list.
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
    /// Reads `?after=PLACE` and `?before=PLACE`; `list` is the address of the list, for the way back.
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
            size: view.size,
        })
    }

    /// The filter that also leaves out what lies on other pages.
    pub fn filter(&self, filter: &EntryFilter) -> EntryFilter {
        EntryFilter {
            beyond: self.place.clone(),
            ..filter.clone()
        }
    }

    /// One more than a page shows, so that it is known whether there is another.
    pub fn page(&self) -> Page {
        let limit = i64::try_from(self.size + 1).expect("a page is small");
        Page { limit, offset: 0 }
    }

    /// Cuts what the database gave to a page.
    pub fn cut(self, mut entries: Vec<Entry>, view: &View, list: &str) -> Cut {
        let is_reversed = self.order != self.natural;
        let has_more = entries.len() > self.size;
        entries.truncate(self.size);
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
    match &place.key {
        Key::Number(number) => format!("{number}-{}", place.id),
        Key::Text(text) => format!("{text}-{}", place.id),
    }
}

fn parse(text: &str, by: SortBy) -> Option<Place> {
    let (key, id) = text.rsplit_once('-')?;
    let key = if by.is_text() {
        Key::Text(key.to_owned())
    } else {
        Key::Number(key.parse().ok()?)
    };
    Some(Place {
        key,
        id: id.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::listings::Direction;

    fn read(query: &str) -> PageResult<Window> {
        let fields = Fields::parse(query);
        let view = View::read(&fields, Order::by_age(Direction::Ascending));
        Window::read(&fields, &view, "/list")
    }

    #[test]
    fn a_page_before_another_is_read_backwards() {
        let first = read("").expect("no place is the beginning");
        assert_eq!(first.order, Order::by_age(Direction::Ascending));
        assert_eq!(first.place, None);
        let before = read("before=12-3").expect("it is a place");
        assert_eq!(before.order, Order::by_age(Direction::Descending));
        assert_eq!(before.place.map(|place| place.id), Some(3));
    }

    #[test]
    fn a_place_is_read_by_what_the_list_is_sorted_by() {
        let key = |query| read(query).expect("it is a place").place.map(|at| at.key);
        assert_eq!(
            key("sort=token&after=my-own-ci-7"),
            Some(Key::Text("my-own-ci".to_owned()))
        );
        assert_eq!(key("sort=used&after=-1-7"), Some(Key::Number(-1)));
    }

    #[test]
    fn a_place_is_written_as_it_is_read() {
        for (by, key) in [
            (SortBy::At, Key::Number(12)),
            (SortBy::LastUsed, Key::Number(-1)),
            (SortBy::End, Key::Number(i64::MAX)),
            (SortBy::Token, Key::Text("a-b & c".to_owned())),
        ] {
            let place = Place { key, id: 9 };
            assert_eq!(parse(&write(&place), by), Some(place));
        }
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for bad in [
            "after=x",
            "before=12",
            "after=1-2-3",
            "after=99999999999999999999-1",
            "sort=token&after=ci",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
