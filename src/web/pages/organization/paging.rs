//! Pages of a list by place, not by number: a list from which entries leave while it is read neither skips nor repeats.

use crate::domain::time::Timestamp;
use crate::store::listings::{Direction, Entry, EntryFilter, Page, Place};
use crate::web::error::{PageError, PageResult};
use crate::web::form::Fields;

/// How many entries a page shows.
const SIZE: usize = 50;

/// Which part of a list an address asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// In which direction the database is read: against the list's own for a page before another.
    pub direction: Direction,
    place: Option<Place>,
    is_reversed: bool,
}

/// One page of a list.
#[derive(Debug)]
pub struct Cut {
    /// What it shows, in the list's own direction.
    pub entries: Vec<Entry>,
    /// The address of the page before; empty where there is none.
    pub before: String,
    /// The address of the page after; empty where there is none.
    pub after: String,
}

impl Window {
    /// Reads `?after=PLACE` and `?before=PLACE`. `list` is the address of the list, for the way back.
    pub fn read(query: &Fields, natural: Direction, list: &str) -> PageResult<Self> {
        let (text, is_reversed) = match (query.get("after"), query.get("before")) {
            ("", "") => return Ok(Self::new(natural, None, false)),
            ("", before) => (before, true),
            (after, _) => (after, false),
        };
        let place = parse(text).ok_or_else(|| PageError::Unprocessable {
            title: "This address names no place in the list".to_owned(),
            text: "The part after `?` may be cut off. Start from the beginning of the list."
                .to_owned(),
            back: ("To the beginning of the list".to_owned(), list.to_owned()),
        })?;
        Ok(Self::new(natural, Some(place), is_reversed))
    }

    fn new(natural: Direction, place: Option<Place>, is_reversed: bool) -> Self {
        let direction = match (natural, is_reversed) {
            (Direction::Ascending, false) | (Direction::Descending, true) => Direction::Ascending,
            (Direction::Descending, false) | (Direction::Ascending, true) => Direction::Descending,
        };
        Self {
            direction,
            place,
            is_reversed,
        }
    }

    /// The filter that leaves out what lies on other pages.
    pub fn filter(&self) -> EntryFilter {
        EntryFilter {
            beyond: self.place,
            ..EntryFilter::default()
        }
    }

    /// One more than a page shows, so that it is known whether there is another.
    pub fn page() -> Page {
        let limit = i64::try_from(SIZE + 1).expect("a page is small");
        Page { limit, offset: 0 }
    }

    /// Cuts what the database gave to a page.
    pub fn cut(self, mut entries: Vec<Entry>, list: &str) -> Cut {
        let has_more = entries.len() > SIZE;
        entries.truncate(SIZE);
        if self.is_reversed {
            entries.reverse();
        }
        let (has_before, has_after) = if self.is_reversed {
            (has_more, true)
        } else {
            (self.place.is_some(), has_more)
        };
        let address = |name, entry: Option<&Entry>, there: bool| match entry {
            Some(entry) if there => format!("{list}?{name}={}", write(entry.place())),
            _ => String::new(),
        };
        Cut {
            before: address("before", entries.first(), has_before),
            after: address("after", entries.last(), has_after),
            entries,
        }
    }
}

fn write(place: Place) -> String {
    format!("{}-{}", place.at.as_micros(), place.id)
}

fn parse(text: &str) -> Option<Place> {
    let (at, id) = text.split_once('-')?;
    Some(Place {
        at: Timestamp::from_micros(at.parse().ok()?),
        id: id.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> PageResult<Window> {
        Window::read(&Fields::parse(query), Direction::Ascending, "/list")
    }

    #[test]
    fn a_page_before_another_is_read_backwards() {
        let first = read("").expect("no place is the beginning");
        assert_eq!((first.direction, first.place), (Direction::Ascending, None));
        let before = read("before=12-3").expect("it is a place");
        assert_eq!(before.direction, Direction::Descending);
        assert_eq!(before.place.map(|place| place.id), Some(3));
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for bad in [
            "after=x",
            "before=12",
            "after=1-2-3",
            "after=99999999999999999999-1",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
