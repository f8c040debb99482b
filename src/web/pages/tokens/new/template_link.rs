//! A link that fills the form, so that documentation can say "make such a token" in one click. It only fills: nothing
//! is made before its user has read and pressed.

use super::desk::Desk;
use super::form::{Answers, Section};
use super::view::choose_days;
use crate::domain::catalog::Catalog;
use crate::domain::ids::AccountId;
use crate::domain::permission::{Group, Level};
use crate::domain::selection::SelectionKind;
use crate::domain::token::draft::{Field, Mistake};
use crate::domain::token::expiry::LONGEST_DAYS;

use crate::web::form::Fields;

/// Reads `name, description, target_name, expires_in, <permission>=level`.
pub fn read(query: &Fields, catalog: &Catalog, desk: &Desk) -> (Answers, Vec<Mistake>) {
    let mut link = Link {
        answers: Answers {
            name: query.get("name").to_owned(),
            description: query.get("description").to_owned(),
            ..Answers::default()
        },
        mistakes: Vec::new(),
    };
    let owner = link.choose_owner(query.get("target_name"), desk);
    link.choose_end(query.get("expires_in"), desk);
    for (name, value) in query.pairs() {
        if !["name", "description", "target_name", "expires_in"].contains(&name) {
            link.choose_permission(catalog, owner, name, value);
        }
    }
    (link.answers, link.mistakes)
}

struct Link {
    answers: Answers,
    mistakes: Vec<Mistake>,
}

impl Link {
    fn refuse(&mut self, field: Field, message: String) {
        self.mistakes.push(Mistake { field, message });
    }

    /// The named owner; where none is named, the visitor's own account.
    fn choose_owner(&mut self, login: &str, desk: &Desk) -> Option<AccountId> {
        let owner = if login.is_empty() {
            desk.owners.first()
        } else {
            desk.owner_named(login)
        };
        let Some(owner) = owner else {
            let login: String = login.chars().take(40).collect();
            self.refuse(
                Field::Owners,
                format!("The link names the owner `{login}`, which you cannot choose."),
            );
            return None;
        };
        if owner.restriction().is_none() {
            self.answers.sections.push(Section::empty(owner.account.id));
        }
        Some(owner.account.id)
    }

    fn choose_end(&mut self, text: &str, desk: &Desk) {
        match (text, text.parse::<u16>()) {
            ("", _) => {}
            ("none", _) => "none".clone_into(&mut self.answers.expires),
            (_, Ok(days @ 1..=LONGEST_DAYS)) => choose_days(&mut self.answers, days, desk.now),
            _ => {
                let text: String = text.chars().take(40).collect();
                let message = format!(
                    "The link asks for a life of `{text}`: choose 1 to {LONGEST_DAYS} days, or none."
                );
                self.refuse(Field::Expiration, message);
            }
        }
    }

    fn choose_permission(
        &mut self,
        catalog: &Catalog,
        owner: Option<AccountId>,
        slug: &str,
        level: &str,
    ) {
        let found = catalog
            .find_permission(slug)
            .zip(level.parse::<Level>().ok());
        let offered = found.filter(|(permission, level)| permission.level(*level).is_some());
        let section = self
            .answers
            .sections
            .iter_mut()
            .find(|section| Some(section.owner) == owner);
        match (offered, section) {
            (Some((permission, level)), Some(section)) => {
                section.permissions.insert(permission.id, level);
                // A permission on repositories asks for named ones; which, only the visitor knows.
                if permission.group == Group::Repository {
                    section.kind = Some(SelectionKind::Selected);
                }
            }
            (Some(_), None) => {}
            (None, _) => {
                let [slug, level] =
                    [slug, level].map(|text| text.chars().take(40).collect::<String>());
                let message = format!(
                    "The link asks for `{slug}={level}`, which is no permission at a level it offers: it was left out."
                );
                let field = owner
                    .filter(|owner| self.answers.section(*owner).is_some())
                    .map_or(Field::Owners, Field::Permissions);
                self.refuse(field, message);
            }
        }
    }
}
