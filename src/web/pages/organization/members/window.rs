//! Which part of an organization's people an address asks for, and the addresses of the other parts.

use crate::domain::ids::AccountId;
use crate::domain::time::Timestamp;
use crate::store::members::{Order, Part, PeopleFilter, Person, Place};
use crate::web::error::{PageError, PageResult};
use crate::web::form::Fields;

/// How many people a page shows.
const SIZE: usize = 50;

/// What an address asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Which people.
    pub part: Part,
    /// What was searched.
    pub search: String,
    /// By what they are sorted.
    pub order: Order,
    /// Whether the list runs backwards.
    pub is_descending: bool,
    place: Option<Place>,
    is_reversed: bool,
}

/// One page of people.
#[derive(Debug)]
pub struct Cut {
    /// Who is on it.
    pub people: Vec<Person>,
    /// The address of the page before; empty where there is none.
    pub before: String,
    /// The address of the page after; empty where there is none.
    pub after: String,
}

impl Window {
    /// Reads `?show=`, `?q=`, `?sort=`, `?after=` and `?before=`. `list` is the address of the list, for the way back.
    pub fn read(query: &Fields, list: &str) -> PageResult<Self> {
        let part = match query.get("show") {
            "owners" => Part::Owners,
            "members" => Part::Members,
            "collaborators" => Part::Collaborators,
            _ => Part::All,
        };
        let (sort, is_descending) = match query.get("sort") {
            "-login" => (Order::Login, true),
            "since" => (Order::Since, false),
            "-since" => (Order::Since, true),
            _ => (Order::Login, false),
        };
        // Outside collaborators came to a repository, not to the organization.
        let order = match part {
            Part::Collaborators => Order::Login,
            Part::All | Part::Owners | Part::Members => sort,
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
        Ok(Self {
            part,
            search: query.get("q").trim().to_owned(),
            order,
            is_descending,
            is_reversed: is_reversed && place.is_some(),
            place,
        })
    }

    /// What the database is asked for: one more than a page shows, so that it is known whether there is another.
    pub fn filter(&self) -> PeopleFilter {
        PeopleFilter {
            part: self.part,
            search: self.search.clone(),
            order: self.order,
            is_descending: self.is_descending != self.is_reversed,
            beyond: self.place.clone(),
            limit: i64::try_from(SIZE + 1).expect("a page is small"),
        }
    }

    /// Cuts what the database gave to a page.
    pub fn cut(&self, mut people: Vec<Person>, list: &str) -> Cut {
        let has_more = people.len() > SIZE;
        people.truncate(SIZE);
        if self.is_reversed {
            people.reverse();
        }
        let (has_before, has_after) = if self.is_reversed {
            (has_more, true)
        } else {
            (self.place.is_some(), has_more)
        };
        let address = |name, person: Option<&Person>, there: bool| match person {
            Some(person) if there => self
                .fields()
                .with(name, write(self.order, person))
                .address(list),
            _ => String::new(),
        };
        Cut {
            before: address("before", people.first(), has_before),
            after: address("after", people.last(), has_after),
            people,
        }
    }

    /// The address of the same list of other people.
    pub fn of_part(&self, part: Part, list: &str) -> String {
        let other = Self {
            part,
            ..self.clone()
        };
        other.fields().address(list)
    }

    /// The address of the same people without the search.
    pub fn without_search(&self, list: &str) -> String {
        let other = Self {
            search: String::new(),
            ..self.clone()
        };
        other.fields().address(list)
    }

    /// The address of the same people sorted by this; pressed again, the other way round.
    pub fn sorted(&self, order: Order, list: &str) -> String {
        let other = Self {
            order,
            is_descending: self.order == order && !self.is_descending,
            ..self.clone()
        };
        other.fields().address(list)
    }

    /// How a column is sorted, as its head says it; empty where the list is not sorted by it.
    pub fn direction(&self, order: Order) -> &'static str {
        match (self.order == order, self.is_descending) {
            (false, _) => "",
            (true, false) => "ascending",
            (true, true) => "descending",
        }
    }

    /// The word of the part in addresses; empty for everybody.
    pub const fn part_word(&self) -> &'static str {
        match self.part {
            Part::All => "",
            Part::Owners => "owners",
            Part::Members => "members",
            Part::Collaborators => "collaborators",
        }
    }

    /// The word of the order in addresses; empty for the usual one.
    pub const fn sort_word(&self) -> &'static str {
        match (self.order, self.is_descending) {
            (Order::Login, false) => "",
            (Order::Login, true) => "-login",
            (Order::Since, false) => "since",
            (Order::Since, true) => "-since",
        }
    }

    fn fields(&self) -> Fields {
        let all = [
            ("show", self.part_word()),
            ("q", self.search.as_str()),
            ("sort", self.sort_word()),
        ];
        Fields::new(all.into_iter().filter(|(_, text)| !text.is_empty()))
    }
}

trait Address {
    fn address(&self, list: &str) -> String;
}

impl Address for Fields {
    fn address(&self, list: &str) -> String {
        let query = self.encode();
        if query.is_empty() {
            list.to_owned()
        } else {
            format!("{list}?{query}")
        }
    }
}

fn lost(list: &str) -> PageError {
    PageError::Unprocessable {
        title: "This address names no place in the list".to_owned(),
        text: "The part after `?` may be cut off. Start from the beginning of the list.".to_owned(),
        back: ("To the beginning of the list".to_owned(), list.to_owned()),
    }
}

fn write(order: Order, person: &Person) -> String {
    match (order, person.since) {
        (Order::Since, Some(since)) => format!("{}-{}", since.as_micros(), person.user_id),
        (Order::Login | Order::Since, _) => person.login.clone(),
    }
}

fn parse(order: Order, text: &str) -> Option<Place> {
    match order {
        Order::Login => Some(Place::Login(text.to_owned())),
        Order::Since => {
            let (at, id) = text.split_once('-')?;
            Some(Place::Since(
                Timestamp::from_micros(at.parse().ok()?),
                AccountId::new(id.parse().ok()?),
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Window {
        Window::read(&Fields::parse(query), "/people").expect("the address is sound")
    }

    #[test]
    fn an_address_says_which_people_in_which_order() {
        let plain = read("");
        assert_eq!((plain.part, plain.order), (Part::All, Order::Login));
        assert_eq!(plain.sorted(Order::Login, "/people"), "/people?sort=-login");
        assert_eq!(plain.sorted(Order::Since, "/people"), "/people?sort=since");
        let narrowed = read("show=owners&q=an&sort=-since");
        assert_eq!(
            narrowed.of_part(Part::Members, "/people"),
            "/people?show=members&q=an&sort=-since"
        );
        assert_eq!(
            narrowed.without_search("/people"),
            "/people?show=owners&sort=-since"
        );
        assert_eq!(narrowed.direction(Order::Since), "descending");
        let outside = read("show=collaborators&sort=since");
        assert_eq!(
            outside.order,
            Order::Login,
            "they have no day on which they came"
        );
    }

    #[test]
    fn a_page_before_another_is_read_backwards() {
        let before = read("before=mia");
        assert!(before.filter().is_descending);
        assert_eq!(before.filter().beyond, Some(Place::Login("mia".to_owned())));
        let after = read("after=12-3&sort=since");
        let place = Place::Since(Timestamp::from_micros(12), AccountId::new(3));
        assert_eq!(after.filter().beyond, Some(place));
        assert!(!read("before=").filter().is_descending);
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for bad in ["x", "12", "1-2-3", "-"] {
            let query = Fields::parse(&format!("sort=since&after={bad}"));
            assert!(Window::read(&query, "/people").is_err(), "{bad}");
        }
    }
}
