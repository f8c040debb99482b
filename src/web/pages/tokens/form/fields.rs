//! Reads the fields of a token's form into its answers, each mistake with its place.

use std::collections::BTreeMap;

use super::answers::{Answers, Section, mistake, quoted};
use crate::domain::catalog::Catalog;
use crate::domain::ids::{AccountId, RepositoryId};
use crate::domain::permission::Level;
use crate::domain::selection::SelectionKind;
use crate::domain::token::draft::Field;
use crate::web::form::Fields;

/// Fields that may be sent once at most.
const SINGLE: [&str; 11] = [
    "name",
    "description",
    "justification",
    "expires",
    "expires-on",
    "number",
    "rev",
    "shown",
    "step",
    "csrf",
    "draft",
];

/// The longest one-time number that a form of ours carries, in bytes.
pub const LONGEST_NUMBER: usize = 64;

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
            rev: text("rev"),
            shown: text("shown"),
            ..Self::default()
        };
        answers.read_owners(fields, choosable);
        answers.read_sections(fields, catalog, choosable);
        answers.refuse_repeats(fields);
        answers
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
            Part::Search => Ok(Answer::Search(value.chars().take(100).collect())),
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
            Answer::Search(text) => section.search = text,
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
    Search(String),
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
    Search,
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
            ("search", None) => Part::Search,
            ("permission", Some(slug)) => Part::Permission(slug),
            _ => return None,
        };
        Some(Self { owner, part })
    }

    fn field(&self) -> Field {
        match self.part {
            Part::Search | Part::Permission(_) => Field::Permissions(self.owner),
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

fn field_of(name: &str) -> Field {
    match name {
        "description" => Field::Description,
        "justification" => Field::Justification,
        "expires" | "expires-on" => Field::Expiration,
        _ => Field::Name,
    }
}
