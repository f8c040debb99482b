//! Which part of an enterprise's organizations or people an address asks for, and the addresses of the other parts.

use crate::domain::ids::AccountId;
use crate::domain::time::Timestamp;
use crate::store::enterprises::{Order, Page, Place};
use crate::web::error::{PageError, PageResult};
use crate::web::form::Fields;

/// How many rows a page shows.
const SIZE: usize = 50;

/// The longest text that a search takes, in characters.
const LONGEST: usize = 100;

/// Something with a place in a list of accounts.
pub trait Placed {
    /// Its login, when it was entered, and its id.
    fn place(&self) -> (&str, Timestamp, AccountId);
}

/// What an address asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// The filters that are on, by name.
    pub filters: Fields,
    order: Order,
    is_descending: bool,
    place: Option<Place>,
    is_reversed: bool,
}

/// One page of rows.
#[derive(Debug)]
pub struct Cut<Row> {
    /// What it shows.
    pub rows: Vec<Row>,
    /// The address of the page before; empty where there is none.
    pub before: String,
    /// The address of the page after; empty where there is none.
    pub after: String,
}

impl Window {
    /// Reads the filters of these names, `?sort=`, `?after=` and `?before=`. `list` is the address of the list, for the
    /// way back.
    pub fn read(query: &Fields, filters: &[&str], list: &str) -> PageResult<Self> {
        let (order, is_descending) = match query.get("sort") {
            "-login" => (Order::Login, true),
            "age" => (Order::Age, false),
            "-age" => (Order::Age, true),
            _ => (Order::Login, false),
        };
        let (text, is_reversed) = match (query.get("after"), query.get("before")) {
            ("", before) => (before, true),
            (after, _) => (after, false),
        };
        let place = if text.is_empty() {
            None
        } else {
            Some(parse(order, text).ok_or_else(|| lost(list))?)
        };
        let cut = |text: &str| text.trim().chars().take(LONGEST).collect::<String>();
        let on = filters
            .iter()
            .map(|name| (*name, cut(query.get(name))))
            .filter(|(_, text)| !text.is_empty());
        Ok(Self {
            filters: Fields::new(on),
            order,
            is_descending,
            is_reversed: is_reversed && place.is_some(),
            place,
        })
    }

    /// What stands in a filter.
    pub fn get(&self, name: &str) -> &str {
        self.filters.get(name)
    }

    /// What the database is asked for: one more than a page shows, so that it is known whether there is another.
    pub fn page(&self) -> Page {
        Page {
            order: self.order,
            is_descending: self.is_descending != self.is_reversed,
            beyond: self.place.clone(),
            limit: i64::try_from(SIZE + 1).expect("a page is small"),
        }
    }

    /// Cuts what the database gave to a page.
    pub fn cut<Row: Placed>(&self, mut rows: Vec<Row>, list: &str) -> Cut<Row> {
        let has_more = rows.len() > SIZE;
        rows.truncate(SIZE);
        if self.is_reversed {
            rows.reverse();
        }
        let (has_before, has_after) = if self.is_reversed {
            (has_more, true)
        } else {
            (self.place.is_some(), has_more)
        };
        let address = |name, row: Option<&Row>, there: bool| match row {
            Some(row) if there => join(list, &self.fields().with(name, self.write(row))),
            _ => String::new(),
        };
        Cut {
            before: address("before", rows.first(), has_before),
            after: address("after", rows.last(), has_after),
            rows,
        }
    }

    /// The address of the same rows sorted by login; pressed again, the other way round.
    pub fn by_login(&self, list: &str) -> String {
        self.sorted(Order::Login, list)
    }

    /// The address of the same rows sorted by age; pressed again, the other way round.
    pub fn by_age(&self, list: &str) -> String {
        self.sorted(Order::Age, list)
    }

    fn sorted(&self, order: Order, list: &str) -> String {
        let other = Self {
            order,
            is_descending: self.order == order && !self.is_descending,
            ..self.clone()
        };
        join(list, &other.fields())
    }

    /// How the column of logins is sorted, as its head says it; empty where the list is not sorted by it.
    pub fn login_direction(&self) -> &'static str {
        self.direction(Order::Login)
    }

    /// The same of the column of ages.
    pub fn age_direction(&self) -> &'static str {
        self.direction(Order::Age)
    }

    fn direction(&self, order: Order) -> &'static str {
        match (self.order == order, self.is_descending) {
            (false, _) => "",
            (true, false) => "ascending",
            (true, true) => "descending",
        }
    }

    /// The address of the same list without one filter.
    pub fn without(&self, name: &str, list: &str) -> String {
        let other = Self {
            filters: self.filters.without(&[name]),
            ..self.clone()
        };
        join(list, &other.fields())
    }

    /// The order, as the filter form keeps it; empty for the usual one.
    pub const fn sort_word(&self) -> &'static str {
        match (self.order, self.is_descending) {
            (Order::Login, false) => "",
            (Order::Login, true) => "-login",
            (Order::Age, false) => "age",
            (Order::Age, true) => "-age",
        }
    }

    fn fields(&self) -> Fields {
        match self.sort_word() {
            "" => self.filters.clone(),
            word => self.filters.clone().with("sort", word),
        }
    }

    fn write(&self, row: &impl Placed) -> String {
        let (login, at, id) = row.place();
        match self.order {
            Order::Login => login.to_owned(),
            Order::Age => format!("{}-{id}", at.as_micros()),
        }
    }
}

fn join(list: &str, fields: &Fields) -> String {
    match fields.encode() {
        query if query.is_empty() => list.to_owned(),
        query => format!("{list}?{query}"),
    }
}

fn lost(list: &str) -> PageError {
    PageError::Unprocessable {
        title: "This address names no place in the list".to_owned(),
        text: "The part after `?` may be cut off. Start from the beginning of the list.".to_owned(),
        back: ("To the beginning of the list".to_owned(), list.to_owned()),
    }
}

fn parse(order: Order, text: &str) -> Option<Place> {
    match order {
        Order::Login => Some(Place::Login(text.to_owned())),
        Order::Age => {
            let (at, id) = text.split_once('-')?;
            Some(Place::Age(
                Timestamp::from_micros(at.parse().ok()?),
                AccountId::new(id.parse().ok()?),
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> PageResult<Window> {
        Window::read(&Fields::parse(query), &["q", "show"], "/list")
    }

    #[test]
    fn an_address_keeps_filters_and_order() {
        let window = read("q=+an+&show=managed&x=1&sort=-age").expect("the address is sound");
        assert_eq!(window.get("q"), "an");
        assert_eq!(window.by_login("/list"), "/list?q=an&show=managed");
        assert_eq!(window.by_age("/list"), "/list?q=an&show=managed&sort=age");
        assert_eq!(window.without("q", "/list"), "/list?show=managed&sort=-age");
        assert_eq!(
            (window.age_direction(), window.login_direction()),
            ("descending", "")
        );
    }

    #[test]
    fn a_page_before_another_is_read_backwards() {
        let before = read("before=mia").expect("the address is sound").page();
        assert!(before.is_descending);
        assert_eq!(before.beyond, Some(Place::Login("mia".to_owned())));
        assert!(
            !read("before=")
                .expect("it is the beginning")
                .page()
                .is_descending
        );
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for bad in ["x", "12", "1-2-3", "-"] {
            assert!(read(&format!("sort=age&after={bad}")).is_err(), "{bad}");
        }
    }
}
