//! The form of a new token as it was sent: reads every field into what it means, and keeps a mistake for each that
//! means nothing, so that it returns to its place.
//!
//! | field | holds |
//! |---|---|
//! | `name`, `description`, `justification` | texts |
//! | `owner` (repeated) | ids of the chosen owners |
//! | `selection-{owner}` | `public`, `selected` or `all` |
//! | `repository-{owner}` (repeated) | ids of the chosen repositories |
//! | `find-{owner}` | what repositories are searched for |
//! | `permission-{owner}-{slug}` | `none` or a level |
//! | `expires`, `expires-on` | a number of days, `custom` with a date, or `none` |
//! | `number` | the form's one-time number |

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::approval::request::{Ask, Terms};
use crate::domain::catalog::Catalog;
use crate::domain::ids::{AccountId, RepositoryId};
use crate::domain::permission::{Level, PermissionSet};
use crate::domain::selection::{Selection, SelectionKind};
use crate::domain::token::conditions::Conditions;
use crate::domain::token::draft::{Draft, Field, Mistake, Wish, with_automatic};
use crate::domain::token::expiry::{Expiration, Lifetime};
use crate::web::form::Fields;

/// Fields that may be sent once at most.
const SINGLE: [&str; 9] = [
    "name",
    "description",
    "justification",
    "expires",
    "expires-on",
    "number",
    "step",
    "csrf",
    "draft",
];

/// The longest one-time number that a form of ours carries, in bytes.
const LONGEST_NUMBER: usize = 64;

/// What was answered, as far as it could be understood, and what could not.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    /// The name as typed.
    pub name: String,
    /// The description as typed.
    pub description: String,
    /// The justification as typed.
    pub justification: String,
    /// The chosen owners, in the order of the form, each with its section.
    pub sections: Vec<Section>,
    /// The chosen expiration: a number of days, `custom`, `none`, or empty where nothing was chosen.
    pub expires: String,
    /// The date typed beside `custom`.
    pub expires_on: String,
    /// The one-time number.
    pub number: String,
    /// What could not be understood, with its place.
    pub mistakes: Vec<Mistake>,
}

/// What was answered about one owner.
#[derive(Debug, Clone)]
pub struct Section {
    /// The owner.
    pub owner: AccountId,
    /// Which kind of selection; none where nothing was chosen yet.
    pub kind: Option<SelectionKind>,
    /// The chosen repositories, kept also while another kind is chosen.
    pub repositories: BTreeSet<RepositoryId>,
    /// The chosen permissions.
    pub permissions: PermissionSet,
    /// What repositories are searched for.
    pub find: String,
}

impl Section {
    /// An owner chosen just now, about which nothing is answered.
    pub fn empty(owner: AccountId) -> Self {
        Self {
            owner,
            kind: None,
            repositories: BTreeSet::new(),
            permissions: PermissionSet::new(),
            find: String::new(),
        }
    }

    /// The selection; nothing chosen means the narrowest there is.
    pub fn selection(&self) -> Selection {
        let kind = self.kind.unwrap_or(SelectionKind::Public);
        Selection::from_parts(kind, self.repositories.clone())
    }

    /// What is asked of the owner, as far as answered; the life is told elsewhere.
    pub fn ask(&self, catalog: &Catalog) -> Ask {
        let selection = self.selection();
        Ask {
            permissions: with_automatic(catalog, &selection, &self.permissions),
            selection,
            terms: Terms {
                lifetime: Lifetime::Unlimited,
                allows_rotation: false,
                conditions: Conditions::default(),
            },
        }
    }
}

impl Answers {
    /// Reads a form that was sent by somebody who may choose the owners in `choosable`.
    pub fn read(fields: &Fields, catalog: &Catalog, choosable: &[AccountId]) -> Self {
        let text = |name| fields.get(name).to_owned();
        let mut answers = Self {
            name: text("name"),
            description: text("description"),
            justification: text("justification"),
            expires: text("expires"),
            expires_on: text("expires-on"),
            number: text("number"),
            ..Self::default()
        };
        answers.read_owners(fields, choosable);
        answers.read_sections(fields, catalog, choosable);
        answers.refuse_repeats(fields);
        answers
    }

    /// The draft, and every mistake that stands before a plan is even judged.
    pub fn draft(&self, today: crate::domain::time::Timestamp) -> (Draft, Vec<Mistake>) {
        let mut mistakes = self.mistakes.clone();
        let expiration = self.expiration().unwrap_or_else(|message| {
            mistakes.push(mistake(Field::Expiration, message));
            // Any life that no policy refuses: the draft is judged for its other mistakes alone.
            Expiration::On(today.plus_days(1).date())
        });
        let wish = |section: &Section| Wish {
            owner: section.owner,
            selection: section.selection(),
            permissions: section.permissions.clone(),
        };
        let draft = Draft {
            name: self.name.clone(),
            description: self.description.clone(),
            expiration,
            justification: self.justification.clone(),
            wants_rotation: false,
            conditions: Conditions::default(),
            wishes: self.sections.iter().map(wish).collect(),
        };
        (draft, mistakes)
    }

    /// The chosen expiration, or what is wrong with it.
    pub fn expiration(&self) -> Result<Expiration, String> {
        match self.expires.as_str() {
            "" => Err("Choose when the token ends.".to_owned()),
            "none" => Ok(Expiration::Never),
            "custom" => match Expiration::parse(self.expires_on.trim()) {
                Ok(date @ Expiration::On(_)) => Ok(date),
                _ if self.expires_on.trim().is_empty() => {
                    Err("Choose the day on which the token ends.".to_owned())
                }
                _ => Err(format!(
                    "`{}` is no date: write it as 2027-01-31.",
                    quoted(&self.expires_on)
                )),
            },
            days => match days.parse() {
                Ok(days) => Ok(Expiration::Days(days)),
                Err(_) => Err(format!("`{}` is none of the choices.", quoted(days))),
            },
        }
    }

    /// The section of an owner, if it is chosen.
    pub fn section(&self, owner: AccountId) -> Option<&Section> {
        self.sections.iter().find(|section| section.owner == owner)
    }

    fn section_mut(&mut self, owner: AccountId) -> Option<&mut Section> {
        self.sections
            .iter_mut()
            .find(|section| section.owner == owner)
    }

    fn refuse(&mut self, field: Field, message: impl Into<String>) {
        let found = mistake(field, message);
        if !self.mistakes.contains(&found) {
            self.mistakes.push(found);
        }
    }

    fn read_owners(&mut self, fields: &Fields, choosable: &[AccountId]) {
        for typed in fields.all("owner") {
            let known = typed.parse().ok().filter(|id| choosable.contains(id));
            match known {
                Some(owner) if self.section(owner).is_some() => {
                    self.refuse(Field::Owners, "Each resource owner can be chosen once.");
                }
                Some(owner) => self.sections.push(Section::empty(owner)),
                None => self.refuse(Field::Owners, FOREIGN_OWNER),
            }
        }
        let place = |owner| choosable.iter().position(|id| *id == owner);
        self.sections.sort_by_key(|section| place(section.owner));
    }

    fn read_sections(&mut self, fields: &Fields, catalog: &Catalog, choosable: &[AccountId]) {
        let mut seen = BTreeMap::new();
        for (name, value) in fields.pairs() {
            if name == "owner" || SINGLE.contains(&name) {
                continue;
            }
            let Some(place) = Place::read(name) else {
                self.refuse(Field::Owners, unknown_field(name));
                continue;
            };
            if !choosable.contains(&place.owner) {
                self.refuse(Field::Owners, FOREIGN_OWNER);
                continue;
            }
            let times = seen.entry(name).or_insert(0_u32);
            *times += 1;
            if *times > 1 && place.part != Part::Repository {
                let field = place.field();
                self.refuse(
                    field,
                    format!("`{}` was sent twice: choose one.", quoted(name)),
                );
                continue;
            }
            // What is answered about an owner that is not chosen any more counts for nothing.
            if self.section(place.owner).is_some() {
                self.read_answer(catalog, &place, value);
            }
        }
    }

    fn read_answer(&mut self, catalog: &Catalog, place: &Place<'_>, value: &str) {
        let answer = match place.part {
            Part::Selection => read_word::<SelectionKind>(value).map(Answer::Kind),
            Part::Repository => match value.parse() {
                Ok(id) => Ok(Answer::Repository(id)),
                Err(_) => Err(format!("`{}` is no repository.", quoted(value))),
            },
            Part::Find => Ok(Answer::Find(value.chars().take(100).collect())),
            Part::Permission(slug) => read_permission(catalog, slug, value),
        };
        let answer = match answer {
            Ok(answer) => answer,
            Err(message) => return self.refuse(place.field(), message),
        };
        let Some(section) = self.section_mut(place.owner) else {
            return;
        };
        match answer {
            Answer::Kind(kind) => section.kind = Some(kind),
            Answer::Repository(id) => drop(section.repositories.insert(id)),
            Answer::Find(text) => section.find = text,
            Answer::Level(permission, level) => section.permissions.insert(permission, level),
            Answer::Nothing => {}
        }
    }

    fn refuse_repeats(&mut self, fields: &Fields) {
        for name in SINGLE {
            if fields.all(name).len() > 1 {
                self.refuse(field_of(name), format!("`{name}` was sent twice."));
            }
        }
        if self.number.len() > LONGEST_NUMBER {
            self.refuse(
                Field::Name,
                "The form's number is not one that this page made: load the page again.",
            );
        }
    }
}

const FOREIGN_OWNER: &str = "One of the resource owners cannot be chosen by you: it was taken out.";

enum Answer {
    Kind(SelectionKind),
    Repository(RepositoryId),
    Find(String),
    Level(crate::domain::permission::PermissionId, Level),
    Nothing,
}

/// Where a field of an owner's section belongs.
struct Place<'a> {
    owner: AccountId,
    part: Part<'a>,
}

#[derive(PartialEq, Eq)]
enum Part<'a> {
    Selection,
    Repository,
    Find,
    Permission(&'a str),
}

impl<'a> Place<'a> {
    fn read(name: &'a str) -> Option<Self> {
        let (word, rest) = name.split_once('-')?;
        let (owner, slug) = match rest.split_once('-') {
            Some((owner, slug)) => (owner, Some(slug)),
            None => (rest, None),
        };
        let owner = owner.parse().ok()?;
        let part = match (word, slug) {
            ("selection", None) => Part::Selection,
            ("repository", None) => Part::Repository,
            ("find", None) => Part::Find,
            ("permission", Some(slug)) => Part::Permission(slug),
            _ => return None,
        };
        Some(Self { owner, part })
    }

    fn field(&self) -> Field {
        match self.part {
            Part::Permission(_) => Field::Permissions(self.owner),
            Part::Selection | Part::Repository | Part::Find => Field::Repositories(self.owner),
        }
    }
}

fn read_permission(catalog: &Catalog, slug: &str, value: &str) -> Result<Answer, String> {
    let Some(permission) = catalog.find_permission(slug) else {
        return Err(format!("There is no permission `{}`.", quoted(slug)));
    };
    if value == "none" {
        return Ok(Answer::Nothing);
    }
    match value.parse::<Level>() {
        Ok(level) if permission.level(level).is_some() => Ok(Answer::Level(permission.id, level)),
        _ => Err(format!(
            "`{}` is not offered at level `{}`.",
            permission.title,
            quoted(value)
        )),
    }
}

fn read_word<T: std::str::FromStr>(value: &str) -> Result<T, String> {
    let unknown = |_| format!("`{}` is none of the choices.", quoted(value));
    value.parse().map_err(unknown)
}

fn unknown_field(name: &str) -> String {
    format!(
        "The form holds a field `{}` that this page does not have: load the page again.",
        quoted(name)
    )
}

fn mistake(field: Field, message: impl Into<String>) -> Mistake {
    Mistake {
        field,
        message: message.into(),
    }
}

/// What was typed, short enough to be shown back.
fn quoted(text: &str) -> String {
    text.chars().take(40).collect()
}

fn field_of(name: &str) -> Field {
    match name {
        "description" => Field::Description,
        "justification" => Field::Justification,
        "expires" | "expires-on" => Field::Expiration,
        _ => Field::Name,
    }
}

/// The id of the form field at which a mistake is shown, and to which the summary of mistakes leads.
pub fn field_id(field: Field) -> String {
    match field {
        Field::Name => "name".to_owned(),
        Field::Description => "description".to_owned(),
        Field::Owners => "owners".to_owned(),
        Field::Repositories(owner) => format!("repositories-{owner}"),
        Field::Permissions(owner) => format!("permissions-{owner}"),
        Field::Expiration => "expiration".to_owned(),
        Field::Justification => "justification".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    const ANA: AccountId = AccountId::new(1);
    const ACME: AccountId = AccountId::new(7);
    const NOW: Timestamp = Timestamp::from_micros(1_795_176_000_000_000);

    fn read(form: &str) -> Answers {
        Answers::read(&Fields::parse(form), Catalog::github(), &[ANA, ACME])
    }

    #[test]
    fn a_whole_form_becomes_a_draft() {
        let answers = read(
            "csrf=x&step=check&number=n&name=ci&description=d&owner=7&selection-7=selected&repository-7=3&repository-7=4\
             &permission-7-issues=read&permission-7-contents=none&expires=30&expires-on=&justification=because",
        );
        let (draft, mistakes) = answers.draft(NOW);
        assert_eq!(mistakes, []);
        assert_eq!(draft.name, "ci");
        assert_eq!(draft.justification, "because");
        assert_eq!(draft.expiration, Expiration::Days(30));
        let [wish] = draft.wishes.as_slice() else {
            panic!("one owner")
        };
        assert_eq!(wish.owner, ACME);
        let chosen = [3, 4].map(RepositoryId::new).into();
        assert_eq!(wish.selection, Selection::Selected(chosen));
        let issues = Catalog::github()
            .find_permission("issues")
            .expect("it exists");
        assert_eq!(wish.permissions.level_of(issues.id), Some(Level::Read));
        assert_eq!(wish.permissions.len(), 1);
    }

    #[test]
    fn every_answer_that_means_nothing_is_a_mistake_at_its_place() {
        let table = [
            ("owner=9", Field::Owners),
            ("owner=acme", Field::Owners),
            ("owner=7&owner=7", Field::Owners),
            ("selection-9=all", Field::Owners),
            ("permission-x-issues=read", Field::Owners),
            ("colour=red", Field::Owners),
            ("owner=7&selection-7=some", Field::Repositories(ACME)),
            (
                "owner=7&selection-7=all&selection-7=all",
                Field::Repositories(ACME),
            ),
            ("owner=7&repository-7=web", Field::Repositories(ACME)),
            ("owner=7&permission-7-issues=huge", Field::Permissions(ACME)),
            (
                "owner=7&permission-7-metadata=write",
                Field::Permissions(ACME),
            ),
            (
                "owner=7&permission-7-everything=read",
                Field::Permissions(ACME),
            ),
            ("name=a&name=b", Field::Name),
            ("expires=30&expires=60", Field::Expiration),
        ];
        for (form, field) in table {
            let answers = read(form);
            let places: Vec<_> = answers
                .mistakes
                .iter()
                .map(|mistake| mistake.field)
                .collect();
            assert_eq!(places, [field], "{form}: {:?}", answers.mistakes);
        }
    }

    #[test]
    fn an_expiration_is_days_a_date_or_none() {
        let table = [
            ("expires=7", Ok(Expiration::Days(7))),
            ("expires=none", Ok(Expiration::Never)),
            ("expires=", Err("Choose when the token ends.")),
            (
                "expires=custom",
                Err("Choose the day on which the token ends."),
            ),
            (
                "expires=custom&expires-on=soon",
                Err("`soon` is no date: write it as 2027-01-31."),
            ),
            ("expires=never", Err("`never` is none of the choices.")),
        ];
        for (form, expected) in table {
            let found = read(form).expiration();
            assert_eq!(found, expected.map_err(str::to_owned), "{form}");
        }
        let date = read("expires=custom&expires-on=2026-12-20").expiration();
        assert!(matches!(date, Ok(Expiration::On(_))), "{date:?}");
    }

    #[test]
    fn what_is_answered_about_an_owner_that_is_not_chosen_counts_for_nothing() {
        let answers = read("owner=1&selection-7=all&permission-7-issues=write");
        assert_eq!(answers.mistakes, []);
        assert!(answers.section(ACME).is_none());
        assert_eq!(
            answers.section(ANA).map(Section::selection),
            Some(Selection::Public)
        );
    }

    #[test]
    fn owners_stand_in_the_order_of_the_form() {
        let answers = read("owner=7&owner=1");
        let owners: Vec<_> = answers
            .sections
            .iter()
            .map(|section| section.owner)
            .collect();
        assert_eq!(owners, [ANA, ACME]);
    }
}
