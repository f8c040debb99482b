//! A token's form as it was sent, for a new one and for an edit: what every field means, and a mistake for each that
//! means nothing, so that it returns to its place.
//!
//! | field | holds |
//! |---|---|
//! | `name`, `description`, `justification` | texts |
//! | `owner` (repeated) | ids of the chosen owners |
//! | `selection-{owner}` | `public`, `selected` or `all` |
//! | `repository-{owner}` (repeated) | ids of the chosen repositories |
//! | `find-{owner}` | what repositories are searched for |
//! | `search-{owner}` | what permissions are searched for |
//! | `permission-{owner}-{slug}` | `none` or a level |
//! | `expires`, `expires-on` | a number of days, `custom` with a date, or `none` |
//! | `number` | the form's one-time number |
//! | `rev`, `shown` | the version of the token that an edit began from, and when that was |

use std::collections::BTreeSet;

use crate::domain::approval::request::{Ask, Terms};
use crate::domain::catalog::Catalog;
use crate::domain::ids::{AccountId, RepositoryId};
use crate::domain::permission::PermissionSet;
use crate::domain::selection::{Selection, SelectionKind};
use crate::domain::token::conditions::Conditions;
use crate::domain::token::draft::{Draft, Field, Mistake, Wish, with_automatic};
use crate::domain::token::expiry::{Expiration, Lifetime};

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
    /// The version of the token that an edit began from; empty for a new one.
    pub rev: String,
    /// When an edit's form was first shown, in microseconds; empty for a new one.
    pub shown: String,
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
    /// What permissions are searched for.
    pub search: String,
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
            search: String::new(),
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
    /// The draft, and every mistake that stands before a plan is even judged.
    pub fn draft(&self, today: crate::domain::time::Timestamp) -> (Draft, Vec<Mistake>) {
        let mut mistakes = self.mistakes.clone();
        let expiration = self.expiration().unwrap_or_else(|message| {
            mistakes.push(mistake(Field::Expiration, message));
            // Any life that no policy refuses: the draft is judged for its other mistakes alone.
            Expiration::On(today.plus_days(1).date())
        });
        let draft = Draft {
            name: self.name.clone(),
            description: self.description.clone(),
            expiration,
            justification: self.justification.clone(),
            wants_rotation: false,
            conditions: Conditions::default(),
            wishes: self.wishes(),
        };
        (draft, mistakes)
    }

    /// What is asked of each chosen owner.
    pub fn wishes(&self) -> Vec<Wish> {
        let wish = |section: &Section| Wish {
            owner: section.owner,
            selection: section.selection(),
            permissions: section.permissions.clone(),
        };
        self.sections.iter().map(wish).collect()
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

    /// Chooses an owner that is not chosen yet.
    pub fn choose(&mut self, owner: AccountId) -> &mut Section {
        let at = self
            .sections
            .iter()
            .position(|section| section.owner == owner);
        let at = at.unwrap_or_else(|| {
            self.sections.push(Section::empty(owner));
            self.sections.len() - 1
        });
        &mut self.sections[at]
    }

    /// The section of an owner, if it is chosen.
    pub fn section(&self, owner: AccountId) -> Option<&Section> {
        self.sections.iter().find(|section| section.owner == owner)
    }
}

/// A mistake with its place.
pub fn mistake(field: Field, message: impl Into<String>) -> Mistake {
    Mistake {
        field,
        message: message.into(),
    }
}

/// What was typed, short enough to be shown back.
pub fn quoted(text: &str) -> String {
    text.chars().take(40).collect()
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
        Field::Scopes => "scopes".to_owned(),
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
