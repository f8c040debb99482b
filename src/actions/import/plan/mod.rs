//! What an import changes: a directory file compared with the database, as a pure function. Every mistake that can be
//! known is found here, before anything is written.

mod accounts;
mod people;
mod policies;
mod repositories;
mod services;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub use policies::policy_key;
pub use repositories::issue_key;

use super::directory::{At, Directory, Mistake, Place};
use super::state::State;
use super::step::Step;
use crate::domain::names;

/// What is to be done, and what is left and why.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The changes, in the order in which they are carried out.
    pub steps: Vec<Step>,
    /// What was left as it is although the file says otherwise.
    pub left: Vec<String>,
}

/// Compares a file with the database.
///
/// # Errors
/// Every mistake with its place, in the order of the file.
pub fn plan(
    directory: &Directory,
    state: &State,
    overwrites_policies: bool,
) -> Result<Plan, Vec<Mistake>> {
    let mut planner = Planner {
        directory,
        state,
        overwrites_policies,
        plan: Plan::default(),
        mistakes: Vec::new(),
    };
    planner.accounts();
    planner.people();
    planner.policies();
    planner.repositories();
    planner.services();
    if planner.mistakes.is_empty() {
        return Ok(planner.plan);
    }
    planner.mistakes.sort();
    planner.mistakes.dedup();
    Err(planner.mistakes)
}

/// A comparison under way.
struct Planner<'a> {
    directory: &'a Directory,
    state: &'a State,
    overwrites_policies: bool,
    plan: Plan,
    mistakes: Vec<Mistake>,
}

impl Planner<'_> {
    fn step(&mut self, step: Step) {
        self.plan.steps.push(step);
    }

    fn mistake(&mut self, place: &Place, message: impl Into<String>) {
        self.mistakes.push(Mistake {
            place: place.clone(),
            message: message.into(),
        });
    }

    /// Whether there is or will be a user with this login.
    fn is_user(&self, login: &str) -> bool {
        let key = names::key(login);
        let entered = self.directory.users.iter();
        self.state.user(login).is_some()
            || entered
                .map(|entry| names::key(&entry.login.value))
                .any(|entered| entered == key)
    }

    /// Whether there is or will be an organization with this login.
    fn is_organization(&self, login: &str) -> bool {
        let key = names::key(login);
        let entered = self.directory.organizations.iter();
        self.state.organization(login).is_some()
            || entered
                .map(|entry| names::key(&entry.login.value))
                .any(|entered| entered == key)
    }

    /// Whether there is or will be an enterprise with this slug.
    fn is_enterprise(&self, slug: &str) -> bool {
        let key = names::key(slug);
        let entered = self.directory.enterprises.iter();
        self.state.slugs.contains_key(&key)
            || entered
                .map(|entry| names::key(&entry.slug.value))
                .any(|entered| entered == key)
    }

    /// The enterprise that an organization will be in, by slug.
    fn enterprise_of(&self, organization: &str) -> Option<String> {
        let key = names::key(organization);
        let mut entries = self.directory.organizations.iter();
        let stated = entries
            .find(|entry| names::key(&entry.login.value) == key)
            .and_then(|entry| entry.enterprise.as_ref());
        if let Some(slug) = stated {
            return (!slug.value.is_empty()).then(|| slug.value.clone());
        }
        let id = self.state.organization(organization)?.enterprise_id?;
        self.state.slug_of(id).map(str::to_owned)
    }

    /// The users of a list, each checked: known, and named once.
    fn check_people(&mut self, people: &[At<String>]) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        for person in people {
            if !self.is_user(&person.value) {
                let message = format!(
                    "there is no user `{}`: add `[[users]]` with this login, or mend the name",
                    person.value
                );
                self.mistake(&person.place, message);
            }
            if !seen.insert(names::key(&person.value)) {
                self.mistake(
                    &person.place,
                    format!("`{}` is named twice: take one out", person.value),
                );
            }
        }
        seen
    }
}
