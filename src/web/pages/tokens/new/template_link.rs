//! A link that fills the form, so that documentation can say "make such a token" in one click. It only fills: nothing
//! is made before its user has read and pressed. Whatever it names that does not exist is told, never passed over.

use crate::domain::catalog::{Catalog, Permission};
use crate::domain::ids::AccountId;
use crate::domain::permission::{Group, Level};
use crate::domain::selection::SelectionKind;
use crate::domain::token::draft::{Field, Mistake};
use crate::domain::token::expiry::LONGEST_DAYS;
use crate::web::form::Fields;
use crate::web::pages::tokens::form::{Answers, Desk, choose_days, mistake};

/// What a link may state beside permissions, each once.
const NAMES: [&str; 4] = ["name", "description", "target_name", "expires_in"];

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
    link.refuse_repeats(query);
    let owner = link.choose_owner(query.get("target_name"), desk);
    link.choose_end(query.get("expires_in"), desk);
    for (name, value) in query.pairs() {
        if !NAMES.contains(&name) {
            link.choose_permission(catalog, desk, owner, (name, value));
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
        let found = mistake(field, message);
        if !self.mistakes.contains(&found) {
            self.mistakes.push(found);
        }
    }

    fn refuse_repeats(&mut self, query: &Fields) {
        for (name, _) in query.pairs() {
            if query.all(name).len() > 1 {
                let message = format!("The link states `{}` more than once.", short(name));
                self.refuse(field_of(name), message);
            }
        }
    }

    /// The named owner; where none is named, the visitor's own account.
    fn choose_owner(&mut self, login: &str, desk: &Desk) -> Option<AccountId> {
        let owner = if login.is_empty() {
            desk.owners.first()
        } else {
            desk.owner_named(login)
        };
        let Some(owner) = owner else {
            let message = format!(
                "The link names the owner `{}`, which you cannot choose.",
                short(login)
            );
            self.refuse(Field::Owners, message);
            return None;
        };
        match owner.restriction() {
            Some(why) => self.refuse(Field::Owners, why),
            None => drop(self.answers.choose(owner.account.id)),
        }
        Some(owner.account.id)
    }

    fn choose_end(&mut self, text: &str, desk: &Desk) {
        match (text, text.parse::<u16>()) {
            ("", _) => {}
            ("none", _) => "none".clone_into(&mut self.answers.expires),
            (_, Ok(days @ 1..=LONGEST_DAYS)) => choose_days(&mut self.answers, days, desk.now),
            _ => {
                let message = format!(
                    "The link asks for a life of `{}`: choose 1 to {LONGEST_DAYS} days, or none.",
                    short(text)
                );
                self.refuse(Field::Expiration, message);
            }
        }
    }

    fn choose_permission(
        &mut self,
        catalog: &Catalog,
        desk: &Desk,
        owner: Option<AccountId>,
        (slug, word): (&str, &str),
    ) {
        let field = owner
            .filter(|owner| self.answers.section(*owner).is_some())
            .map_or(Field::Owners, Field::Permissions);
        let Some((permission, level)) = offered(catalog, slug, word) else {
            let message = format!(
                "The link asks for `{}={}`, which is no permission at a level it offers: it was left out.",
                short(slug),
                short(word)
            );
            return self.refuse(field, message);
        };
        let Some(owner) = owner.and_then(|owner| desk.owner(owner)) else {
            return;
        };
        if !owner.choice.offers(permission.group) {
            let (title, login) = (&permission.title, &owner.account.login);
            let message = format!(
                "The link asks for `{title}`, which cannot be held at {login}: it was left out."
            );
            return self.refuse(field, message);
        }
        if self.answers.section(owner.account.id).is_none() {
            return;
        }
        let section = self.answers.choose(owner.account.id);
        section.permissions.insert(permission.id, level);
        // A permission on repositories asks for named ones; which, only the visitor knows.
        if permission.group == Group::Repository {
            section.kind = Some(SelectionKind::Selected);
        }
    }
}

fn offered<'c>(catalog: &'c Catalog, slug: &str, word: &str) -> Option<(&'c Permission, Level)> {
    let permission = catalog.find_permission(slug)?;
    let level = word.parse().ok()?;
    permission.level(level).map(|_| (permission, level))
}

fn field_of(name: &str) -> Field {
    match name {
        "name" => Field::Name,
        "description" => Field::Description,
        "expires_in" => Field::Expiration,
        _ => Field::Owners,
    }
}

/// What a link states, short enough to be shown back.
fn short(text: &str) -> String {
    text.chars().take(40).collect()
}
