//! How a list of requests or tokens is looked at: filters, order and length, all of it in the address, so that it can
//! be shared and is still on when a decision leads back.

use crate::app::App;
use crate::domain::catalog::Catalog;
use crate::domain::permission::Level;
use crate::domain::time::Timestamp;
use crate::store::accounts::Account;
use crate::store::listings::{Direction, EntryFilter, Order, SortBy};
use crate::store::repositories;
use crate::web::error::PageResult;
use crate::web::form::Fields;

/// The fields of the filter form.
const FILTERS: [&str; 9] = [
    "person",
    "token",
    "repository",
    "permission",
    "level",
    "older",
    "younger",
    "unused",
    "used",
];

/// The longest text that a filter takes, in characters.
const LONGEST: usize = 100;

/// The most days that a filter takes.
const MOST_DAYS: i64 = 36_500;

/// How many rows a page shows, unless more are asked for.
const SIZE: usize = 50;

/// How many rows a page shows at most: as many as can be decided at once.
const MOST: usize = crate::actions::review_many::MOST;

/// A list as somebody looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    typed: Fields,
    /// The order.
    pub order: Order,
    natural: Order,
    /// How many rows a page shows.
    pub size: usize,
}

/// A filter that is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chip {
    /// What it says.
    pub label: String,
    /// The address without it.
    pub href: String,
}

/// A column head that sorts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The address of the list in that order.
    pub href: String,
    /// `ascending`, `descending`, or nothing where the list is sorted by something else.
    pub sorted: &'static str,
}

/// A mistake in the filter form: the field and what is wrong.
pub type Mistake = (&'static str, String);

impl View {
    /// Reads an address. What it does not know it leaves out; `natural` is the order where none is asked for.
    pub fn read(query: &Fields, natural: Order) -> Self {
        let typed = FILTERS
            .iter()
            .map(|&name| (name, query.get(name).trim().to_owned()))
            .filter(|(_, text)| !text.is_empty());
        let by = sort_by(query.get("sort")).unwrap_or(natural.by);
        let direction = match query.get("order") {
            "asc" => Direction::Ascending,
            "desc" => Direction::Descending,
            _ => first_direction(by, natural),
        };
        Self {
            typed: Fields::new(typed),
            order: Order { by, direction },
            natural,
            size: if query.get("show") == "100" {
                MOST
            } else {
                SIZE
            },
        }
    }

    /// What was typed into a filter.
    pub fn get(&self, name: &str) -> &str {
        self.typed.get(name)
    }

    /// Whether any filter is on.
    pub fn is_narrowed(&self) -> bool {
        self.typed.pairs().next().is_some()
    }

    /// Whether any of the filters is on that are folded away at first.
    pub fn uses_more(&self) -> bool {
        FILTERS[3..].iter().any(|name| self.typed.has(name))
    }

    /// Everything that makes the view, as an address or hidden fields write it.
    pub fn fields(&self) -> Fields {
        self.order_fields(self.order, self.typed.clone())
    }

    /// The order and the length alone: what the filter form keeps.
    pub fn kept(&self) -> Fields {
        self.order_fields(self.order, Fields::default())
    }

    fn order_fields(&self, order: Order, typed: Fields) -> Fields {
        let mut fields = typed;
        if order != self.natural {
            let direction = match order.direction {
                Direction::Ascending => "asc",
                Direction::Descending => "desc",
            };
            fields = fields
                .with("sort", sort_word(order.by))
                .with("order", direction);
        }
        if self.size != SIZE {
            fields = fields.with("show", self.size.to_string());
        }
        fields
    }

    /// A page's address with the view in it.
    pub fn address(&self, path: &str) -> String {
        join(path, &self.fields())
    }

    /// The same with one thing more.
    pub fn address_with(&self, path: &str, name: &str, text: &str) -> String {
        join(path, &self.fields().with(name, text))
    }

    /// The address of the list with more or fewer rows.
    pub fn resized(&self, path: &str) -> String {
        let size = if self.size == SIZE { MOST } else { SIZE };
        let other = Self {
            size,
            ..self.clone()
        };
        other.address(path)
    }

    /// Whether a page shows as many rows as it can.
    pub fn is_long(&self) -> bool {
        self.size == MOST
    }

    /// A column head: its first press sorts in the direction in which people look for it, the next one turns it round.
    pub fn head(&self, path: &str, by: SortBy) -> Head {
        let is_on = self.order.by == by;
        let direction = if is_on {
            self.order.direction.reversed()
        } else {
            first_direction(by, self.natural)
        };
        let order = Order { by, direction };
        Head {
            href: join(path, &self.order_fields(order, self.typed.clone())),
            sorted: match (is_on, self.order.direction) {
                (false, _) => "",
                (true, Direction::Ascending) => "ascending",
                (true, Direction::Descending) => "descending",
            },
        }
    }

    /// The filters that are on, each with the address without it.
    pub fn chips(&self, catalog: &Catalog, path: &str) -> Vec<Chip> {
        let chip = |(name, text): (&str, &str)| {
            let without = Self {
                typed: self.typed.without(&[name]),
                ..self.clone()
            };
            Chip {
                label: label(catalog, name, text),
                href: without.address(path),
            }
        };
        self.typed.pairs().map(chip).collect()
    }

    /// The filter that the view asks of the database, or every mistake in it.
    pub async fn filter(
        &self,
        app: &App,
        owner: &Account,
        now: Timestamp,
    ) -> PageResult<Result<EntryFilter, Vec<Mistake>>> {
        let mut filter = match self.plain_filter(app.context.catalog, now) {
            Ok(filter) => filter,
            Err(mistakes) => return Ok(Err(mistakes)),
        };
        let name = self.get("repository");
        if !name.is_empty() {
            let prefix = format!("{}/", owner.login.to_ascii_lowercase());
            let key = name.to_ascii_lowercase();
            let key = key.strip_prefix(&prefix).unwrap_or(&key);
            let mut db = app.context.store.reader();
            let Some(found) = repositories::find_named(&mut db, owner.id, key).await? else {
                let message = format!("{} has no repository named `{name}`.", owner.login);
                return Ok(Err(vec![("repository", message)]));
            };
            filter.repository = Some(found.id);
        }
        Ok(Ok(filter))
    }

    fn plain_filter(&self, catalog: &Catalog, now: Timestamp) -> Result<EntryFilter, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        for name in ["person", "token"] {
            if self.get(name).chars().count() > LONGEST {
                mistakes.push((name, format!("At most {LONGEST} characters fit.")));
            }
        }
        let mut ago = |name: &'static str| {
            let days = days(self.get(name)).map_err(|text| mistakes.push((name, text)));
            Some(now.plus_days(-days.ok()??))
        };
        let (came_before, came_after) = (ago("older"), ago("younger"));
        let (unused_since, used_after) = (ago("unused"), ago("used"));
        let level = level(self.get("level")).map_err(|text| mistakes.push(("level", text)));
        let level = level.unwrap_or_default();
        let slug = self.get("permission");
        if !slug.is_empty() && catalog.find_permission(slug).is_none() {
            let message = "Choose a permission from the list.".to_owned();
            mistakes.push(("permission", message));
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let text = |name| Some(self.get(name).to_owned()).filter(|text| !text.is_empty());
        let permission = text("permission").map(|slug| (slug, level.unwrap_or(Level::Read)));
        Ok(EntryFilter {
            person: text("person"),
            name: text("token"),
            level: level.filter(|_| permission.is_none()),
            permission,
            came_before,
            came_after,
            unused_since,
            used_after,
            ..EntryFilter::default()
        })
    }
}

/// In which direction people look for something first.
const fn first_direction(by: SortBy, natural: Order) -> Direction {
    match by {
        SortBy::At => natural.direction,
        SortBy::Person | SortBy::Token | SortBy::LastUsed | SortBy::End => Direction::Ascending,
    }
}

fn join(path: &str, fields: &Fields) -> String {
    match fields.encode() {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

const SORTS: [(&str, SortBy); 5] = [
    ("age", SortBy::At),
    ("person", SortBy::Person),
    ("token", SortBy::Token),
    ("used", SortBy::LastUsed),
    ("end", SortBy::End),
];

fn sort_by(word: &str) -> Option<SortBy> {
    let found = SORTS.iter().find(|(known, _)| *known == word);
    found.map(|(_, by)| *by)
}

fn sort_word(by: SortBy) -> &'static str {
    let found = SORTS.iter().find(|(_, known)| *known == by);
    found.map_or("age", |(word, _)| word)
}

fn days(text: &str) -> Result<Option<i64>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse() {
        Ok(days @ 0..=MOST_DAYS) => Ok(Some(days)),
        _ => Err(format!("Write a whole number of days, 0 to {MOST_DAYS}.")),
    }
}

fn level(text: &str) -> Result<Option<Level>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let level = text.parse().map(Some);
    level.map_err(|_| "Choose read, write or admin.".to_owned())
}

fn label(catalog: &Catalog, name: &str, text: &str) -> String {
    let in_days = |text: &str| match text.parse::<i64>() {
        Ok(days) => crate::web::filters::counted(days, "day", "days"),
        Err(_) => text.to_owned(),
    };
    match name {
        "permission" => {
            let title = catalog
                .find_permission(text)
                .map_or(text, |found| found.title.as_str());
            format!("Permission: {title}")
        }
        "level" => format!("Level: {text} or more"),
        "older" => format!("Older than {}", in_days(text)),
        "younger" => format!("Younger than {}", in_days(text)),
        "unused" => format!("Unused for {}", in_days(text)),
        "used" => format!("Used within {}", in_days(text)),
        _ => format!("{}: {text}", crate::web::filters::titled(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NATURAL: Order = Order::by_age(Direction::Ascending);
    const NOW: Timestamp = Timestamp::from_micros(1_795_176_000_000_000);

    fn view(query: &str) -> View {
        View::read(&Fields::parse(query), NATURAL)
    }

    #[test]
    fn an_address_keeps_what_it_knows_and_no_more() {
        let view = view("person=+ana+&x=1&sort=token&order=desc&show=100&after=7-7&level=");
        assert_eq!(
            view.address("/list"),
            "/list?person=ana&sort=token&order=desc&show=100"
        );
        assert!(view.is_narrowed() && view.is_long() && !view.uses_more());
    }

    #[test]
    fn the_natural_view_needs_no_query() {
        assert_eq!(view("sort=age&order=asc&show=50").address("/list"), "/list");
        assert!(!view("").is_narrowed());
    }

    #[test]
    fn a_head_turns_the_order_round() {
        let head = view("person=ana").head("/list", SortBy::At);
        assert_eq!(head.sorted, "ascending");
        assert_eq!(head.href, "/list?person=ana&sort=age&order=desc");
        let other = view("sort=token&order=desc").head("/list", SortBy::Token);
        assert_eq!(
            (other.sorted, other.href.as_str()),
            ("descending", "/list?sort=token&order=asc")
        );
        assert_eq!(view("").head("/list", SortBy::Person).sorted, "");
    }

    #[test]
    fn a_chip_takes_its_filter_away() {
        let view = view("person=ana&permission=issues&older=7");
        let chips = view.chips(Catalog::github(), "/list");
        let labels: Vec<_> = chips.iter().map(|chip| chip.label.as_str()).collect();
        assert_eq!(
            labels,
            ["Person: ana", "Permission: Issues", "Older than 7 days"]
        );
        assert_eq!(chips[1].href, "/list?person=ana&older=7");
    }

    #[test]
    fn filters_are_read_or_refused_at_their_field() {
        let read = |query: &str| view(query).plain_filter(Catalog::github(), NOW);
        let filter = read("permission=issues&level=write&older=7&unused=90").expect("it fits");
        assert_eq!(filter.permission, Some(("issues".to_owned(), Level::Write)));
        assert_eq!(filter.level, None);
        assert_eq!(filter.came_before, Some(NOW.plus_days(-7)));
        assert_eq!(filter.unused_since, Some(NOW.plus_days(-90)));
        let only = read("level=admin").expect("it fits");
        assert_eq!((only.level, only.permission), (Some(Level::Admin), None));
        for (query, field) in [
            ("older=-1", "older"),
            ("younger=soon", "younger"),
            ("used=99999", "used"),
            ("level=owner", "level"),
            ("permission=teleportation", "permission"),
        ] {
            let mistakes = read(query).expect_err("it does not fit");
            assert_eq!(mistakes[0].0, field, "{query}");
        }
    }
}
