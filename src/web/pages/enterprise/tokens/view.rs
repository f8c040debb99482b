//! How the inventory is looked at: filters and order, all of it in the address, so that it can be shared and exported.

use crate::app::App;
use crate::domain::catalog::Catalog;
use crate::domain::ids::AccountId;
use crate::domain::permission::Level;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::store::accounts;
use crate::store::inventory::{Filter, Life, Order, SortBy};
use crate::store::listings::Direction;
use crate::web::error::PageResult;
use crate::web::extract::EnterpriseOwner;
use crate::web::form::Fields;
use crate::web::pages::organization::view::{Chip, Head, Mistake};

/// The fields of the filter form; the first five are seen at once.
const FILTERS: [&str; 10] = [
    "person",
    "token",
    "organization",
    "kind",
    "state",
    "managed",
    "level",
    "unused",
    "life",
    "ends",
];

/// The longest text that a filter takes, in characters.
const LONGEST: usize = 100;

/// The most days that a filter takes.
const MOST_DAYS: i64 = 36_500;

/// The newest tokens first, unless the address says otherwise.
const NATURAL: Order = Order {
    by: SortBy::Age,
    direction: Direction::Descending,
};

/// What people choose states from.
pub const STATES: [(&str, &str); 5] = [
    ("active", "Active"),
    ("pending", "Pending"),
    ("blocked", "Blocked by policy"),
    ("blocked_here", "Blocked by an owner"),
    ("expired", "Expired"),
];

/// The inventory as somebody looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    typed: Fields,
    /// The order.
    pub order: Order,
}

impl View {
    /// Reads an address. What it does not know it leaves out.
    pub fn read(query: &Fields) -> Self {
        let typed = FILTERS
            .iter()
            .map(|&name| (name, query.get(name).trim().to_owned()))
            .filter(|(_, text)| !text.is_empty());
        let by = sort_by(query.get("sort")).unwrap_or(NATURAL.by);
        let direction = match query.get("order") {
            "asc" => Direction::Ascending,
            "desc" => Direction::Descending,
            _ => first_direction(by),
        };
        Self {
            typed: Fields::new(typed),
            order: Order { by, direction },
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
        FILTERS[5..].iter().any(|name| self.typed.has(name))
    }

    /// Everything that makes the view, as an address or hidden fields write it.
    pub fn fields(&self) -> Fields {
        with_order(self.typed.clone(), self.order)
    }

    /// The order alone: what the filter form keeps.
    pub fn kept(&self) -> Vec<(String, String)> {
        crate::web::pages::organization::filters::pairs(&with_order(Fields::default(), self.order))
    }

    /// The whole view as hidden fields.
    pub fn hidden(&self) -> Vec<(String, String)> {
        crate::web::pages::organization::filters::pairs(&self.fields())
    }

    /// A page's address with the view in it.
    pub fn address(&self, path: &str) -> String {
        join(path, &self.fields())
    }

    /// The same with one thing more.
    pub fn address_with(&self, path: &str, name: &str, text: &str) -> String {
        join(path, &self.fields().with(name, text))
    }

    /// A column head: its first press sorts in the direction in which people look for it, the next one turns it round.
    pub fn head(&self, path: &str, by: SortBy) -> Head {
        let is_on = self.order.by == by;
        let direction = if is_on {
            self.order.direction.reversed()
        } else {
            first_direction(by)
        };
        Head {
            href: join(
                path,
                &with_order(self.typed.clone(), Order { by, direction }),
            ),
            sorted: match (is_on, self.order.direction) {
                (false, _) => "",
                (true, Direction::Ascending) => "ascending",
                (true, Direction::Descending) => "descending",
            },
        }
    }

    /// The filters that are on, each with the address without it.
    pub fn chips(&self, path: &str) -> Vec<Chip> {
        let chip = |(name, text): (&str, &str)| {
            let without = Self {
                typed: self.typed.without(&[name]),
                ..self.clone()
            };
            Chip {
                label: label(name, text),
                href: without.address(path),
            }
        };
        self.typed.pairs().map(chip).collect()
    }

    /// The filter that the view asks of the database, or every mistake in it.
    pub async fn filter(
        &self,
        app: &App,
        owner: &EnterpriseOwner,
    ) -> PageResult<Result<Filter, Vec<Mistake>>> {
        let now = owner.signed_in.now();
        let found = self.plain_filter(app.context.catalog, now);
        let login = self.get("organization");
        if login.is_empty() {
            return Ok(found);
        }
        let place = find_place(app, owner, login).await?;
        Ok(match (found, place) {
            (Ok(filter), Some(id)) => Ok(Filter {
                owner: Some(id),
                ..filter
            }),
            (Err(mistakes), Some(_)) => Err(mistakes),
            (found, None) => {
                let name = &owner.enterprise.name;
                let told = format!("{name} has no organization or managed user named `{login}`.");
                let mut mistakes = found.err().unwrap_or_default();
                mistakes.insert(0, ("organization", told));
                Err(mistakes)
            }
        })
    }

    fn plain_filter(&self, catalog: &Catalog, now: Timestamp) -> Result<Filter, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        for name in ["person", "token"] {
            if self.get(name).chars().count() > LONGEST {
                mistakes.push((name, format!("At most {LONGEST} characters fit.")));
            }
        }
        let mut keep = |name: &'static str, read: Result<_, String>| {
            read.map_err(|text| mistakes.push((name, text)))
                .unwrap_or_default()
        };
        let unused = keep("unused", days(self.get("unused")));
        let ends = keep("ends", days(self.get("ends")));
        let life = life(self.get("life")).map_err(|text| mistakes.push(("life", text)));
        let kind = word(self.get("kind"), "Choose a kind of token from the list.")
            .map_err(|text| mistakes.push(("kind", text)));
        let standing = word(self.get("state"), "Choose a state from the list.")
            .map_err(|text| mistakes.push(("state", text)));
        let level: Result<Option<Level>, ()> =
            word(self.get("level"), "Choose read, write or admin.")
                .map_err(|text| mistakes.push(("level", text)));
        let is_managed =
            managed(self.get("managed")).map_err(|text| mistakes.push(("managed", text)));
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let text = |name| Some(self.get(name).to_owned()).filter(|text| !text.is_empty());
        Ok(Filter {
            person: text("person"),
            name: text("token"),
            kind: kind.unwrap_or_default(),
            standing: standing.unwrap_or_default(),
            level: level
                .unwrap_or_default()
                .map(|level| (level, scopes_at_least(catalog, level))),
            is_managed: is_managed.unwrap_or_default(),
            unused_since: unused.map(|days| now.plus_days(-days)),
            ends_before: ends.map(|days| now.plus_days(days)),
            life: life.unwrap_or_default(),
            ..Filter::default()
        })
    }
}

/// The classic scopes of which each alone gives something at this level or a higher one.
fn scopes_at_least(catalog: &Catalog, level: Level) -> Vec<String> {
    let gives = |id| catalog.level_of_scopes(std::iter::once(id).collect());
    catalog
        .scopes()
        .iter()
        .filter(|scope| gives(scope.id).is_some_and(|found| found >= level))
        .map(|scope| scope.name.clone())
        .collect()
}

/// The organization, managed user or the enterprise itself with this login.
async fn find_place(
    app: &App,
    owner: &EnterpriseOwner,
    login: &str,
) -> PageResult<Option<AccountId>> {
    let enterprise = &owner.enterprise;
    let found = accounts::find_login(&mut app.context.store.reader(), login).await?;
    let found = found.filter(|account| account.governed_by() == Some(enterprise.id));
    let itself = login
        .eq_ignore_ascii_case(&enterprise.login)
        .then_some(enterprise.id);
    Ok(found.map(|account| account.id).or(itself))
}

/// In which direction people look for something first.
const fn first_direction(by: SortBy) -> Direction {
    match by {
        SortBy::Age => NATURAL.direction,
        SortBy::Person | SortBy::Token | SortBy::Owner | SortBy::LastUsed | SortBy::End => {
            Direction::Ascending
        }
    }
}

fn with_order(fields: Fields, order: Order) -> Fields {
    if order == NATURAL {
        return fields;
    }
    let direction = match order.direction {
        Direction::Ascending => "asc",
        Direction::Descending => "desc",
    };
    fields
        .with("sort", sort_word(order.by))
        .with("order", direction)
}

fn join(path: &str, fields: &Fields) -> String {
    match fields.encode() {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

const SORTS: [(&str, SortBy); 6] = [
    ("age", SortBy::Age),
    ("person", SortBy::Person),
    ("token", SortBy::Token),
    ("organization", SortBy::Owner),
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

fn life(text: &str) -> Result<Option<Life>, String> {
    if text.eq_ignore_ascii_case("none") {
        return Ok(Some(Life::Endless));
    }
    let longer = days(text).map_err(|_| {
        format!(
            "Write a whole number of days, 0 to {MOST_DAYS}, or `none` for tokens without an end."
        )
    });
    Ok(longer?.map(Life::LongerThan))
}

fn managed(text: &str) -> Result<Option<bool>, String> {
    match text {
        "" => Ok(None),
        "yes" => Ok(Some(true)),
        "no" => Ok(Some(false)),
        _ => Err("Choose yes or no.".to_owned()),
    }
}

fn word<T: std::str::FromStr>(text: &str, told: &str) -> Result<Option<T>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| told.to_owned())
}

/// What a kind of token is called.
pub const fn kind_word(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::FineGrained => "Fine-grained",
        TokenKind::Classic => "Classic",
    }
}

fn label(name: &str, text: &str) -> String {
    let in_days = |text: &str| match text.parse::<i64>() {
        Ok(days) => crate::web::filters::counted(days, "day", "days"),
        Err(_) => text.to_owned(),
    };
    match name {
        "kind" => match text.parse() {
            Ok(kind) => format!("{} tokens", kind_word(kind)),
            Err(_) => format!("Kind: {text}"),
        },
        "state" => {
            let found = STATES.iter().find(|(word, _)| *word == text);
            found.map_or(text, |(_, label)| label).to_owned()
        }
        "managed" if text == "yes" => "Of managed users".to_owned(),
        "managed" => "Of users who are not managed".to_owned(),
        "level" => format!("Level: {text} or more"),
        "unused" => format!("Unused for {}", in_days(text)),
        "life" if text.eq_ignore_ascii_case("none") => "Without an end".to_owned(),
        "life" => format!("Life longer than {}", in_days(text)),
        "ends" => format!("Ends within {}", in_days(text)),
        _ => format!("{}: {text}", crate::web::filters::titled(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::Standing;

    const NOW: Timestamp = Timestamp::from_micros(1_795_176_000_000_000);

    fn view(query: &str) -> View {
        View::read(&Fields::parse(query))
    }

    #[test]
    fn an_address_keeps_what_it_knows_and_no_more() {
        let view = view("person=+ana+&x=1&sort=token&after=7-7-7&level=");
        assert_eq!(
            view.address("/list"),
            "/list?person=ana&sort=token&order=asc"
        );
        assert!(view.is_narrowed() && !view.uses_more());
        assert_eq!(
            super::View::read(&Fields::default()).address("/list"),
            "/list"
        );
    }

    #[test]
    fn every_state_can_be_chosen_by_its_name() {
        for (word, label) in STATES {
            assert!(word.parse::<Standing>().is_ok(), "{word}");
            assert_eq!(super::label("state", word), label);
        }
        assert_eq!(STATES.len(), Standing::ALL.len());
    }

    #[test]
    fn filters_are_read_or_refused_at_their_field() {
        let read = |query: &str| view(query).plain_filter(Catalog::github(), NOW);
        let filter = read("kind=classic&state=blocked&managed=no&unused=90&life=none&ends=14");
        let filter = filter.expect("it fits");
        assert_eq!(filter.kind, Some(TokenKind::Classic));
        assert_eq!(filter.standing, Some(Standing::Blocked));
        assert_eq!(filter.is_managed, Some(false));
        assert_eq!(filter.unused_since, Some(NOW.plus_days(-90)));
        assert_eq!(filter.life, Some(Life::Endless));
        assert_eq!(filter.ends_before, Some(NOW.plus_days(14)));
        let longer = read("life=30&level=write").expect("it fits");
        assert_eq!(longer.life, Some(Life::LongerThan(30)));
        let (level, scopes) = longer.level.expect("a level is asked for");
        assert_eq!(level, Level::Write);
        let holds = |scope: &str| scopes.iter().any(|one| one == scope);
        assert!(holds("repo") && !holds("read:org"), "{scopes:?}");
        for (query, field) in [
            ("kind=magic", "kind"),
            ("state=tired", "state"),
            ("managed=maybe", "managed"),
            ("level=owner", "level"),
            ("unused=-1", "unused"),
            ("life=long", "life"),
            ("ends=99999", "ends"),
        ] {
            let mistakes = read(query).expect_err("it does not fit");
            assert_eq!(mistakes[0].0, field, "{query}");
        }
    }

    #[test]
    fn a_chip_takes_its_filter_away() {
        let chips = view("person=ana&life=none&managed=yes").chips("/list");
        let labels: Vec<_> = chips.iter().map(|chip| chip.label.as_str()).collect();
        assert_eq!(
            labels,
            ["Person: ana", "Of managed users", "Without an end"]
        );
        assert_eq!(chips[0].href, "/list?managed=yes&life=none");
    }
}
