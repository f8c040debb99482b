//! Repositories, who has a role on them, and their issues.

use std::collections::{BTreeMap, BTreeSet};

use super::Planner;
use crate::actions::import::directory::{Collaborator, IssueEntry, RepositoryEntry};
use crate::actions::import::state::repository_key;
use crate::actions::import::step::{RepositoryName, Step};
use crate::domain::access::rights::Visibility;
use crate::domain::ids::RepositoryId;
use crate::domain::names;
use crate::domain::role::RepositoryRole;

/// The name under which an issue is noted as imported: later imports leave it to the people.
pub fn issue_key(repository: RepositoryId, title: &str) -> String {
    use sha2::{Digest as _, Sha256};
    use std::fmt::Write as _;
    let mut key = format!("issue/{repository}/");
    for byte in Sha256::digest(title.as_bytes()) {
        write!(key, "{byte:02x}").expect("a String takes every text");
    }
    key
}

impl Planner<'_> {
    /// Plans repositories, then issues.
    pub(super) fn repositories(&mut self) {
        let directory = self.directory;
        let mut lines = BTreeMap::new();
        for entry in &directory.repositories {
            let key = repository_key(&entry.owner.value, &entry.name.value);
            match lines.insert(key, entry.name.place.line) {
                Some(line) => {
                    let message = format!(
                        "this repository stands in line {line} already: one table is enough"
                    );
                    self.mistake(&entry.name.place, message);
                }
                None => self.repository(entry),
            }
        }
        self.hide_what_leaves_an_enterprise();
        let mut seen = BTreeSet::new();
        for entry in &directory.issues {
            let key = (names::key(&entry.repository.value), &entry.title.value);
            if seen.insert(key) {
                self.issue(entry);
            } else {
                self.mistake(
                    &entry.title.place,
                    "an issue with this title stands above already: give this one another title",
                );
            }
        }
    }

    fn repository(&mut self, entry: &RepositoryEntry) {
        let owner = &entry.owner;
        if !self.is_user(&owner.value) && !self.is_organization(&owner.value) {
            let message = format!(
                "there is no user or organization `{}`: add it, or mend the name",
                owner.value
            );
            self.mistake(&owner.place, message);
            return;
        }
        let repository = RepositoryName {
            owner: owner.value.clone(),
            name: entry.name.value.clone(),
        };
        self.refuse_internal_without_enterprise(entry);
        let key = repository_key(&repository.owner, &repository.name);
        let found = self.state.repositories.get(&key);
        match found {
            Some(found) => self.change_repository(entry, &repository, found),
            None => self.enter_repository(entry, &repository),
        }
        if let Some(people) = &entry.collaborators {
            let before = found.and_then(|found| self.state.collaborators.get(&found.id));
            let before = before.cloned().unwrap_or_default();
            self.collaborators(&repository, &before, people);
        }
    }

    fn refuse_internal_without_enterprise(&mut self, entry: &RepositoryEntry) {
        let Some(visibility) = &entry.visibility else {
            return;
        };
        if visibility.value != Visibility::Internal {
            return;
        }
        let login = &entry.owner.value;
        let governed = self.enterprise_of(login).is_some() || self.is_managed(login);
        if !governed {
            let message = format!("`{login}` is in no enterprise: write \"private\" or \"public\"");
            self.mistake(&visibility.place, message);
        }
    }

    /// Whether an enterprise will own this user's account.
    fn is_managed(&self, login: &str) -> bool {
        let key = names::key(login);
        let stated = self
            .directory
            .enterprises
            .iter()
            .filter_map(|entry| entry.managed_users.as_ref())
            .flat_map(|list| &list.value)
            .any(|at| names::key(&at.value) == key);
        stated
            || self
                .state
                .user(login)
                .is_some_and(|user| user.managed_by.is_some())
    }

    fn enter_repository(&mut self, entry: &RepositoryEntry, repository: &RepositoryName) {
        if let Err(error) = names::check_repository(&repository.name) {
            self.mistake(&entry.name.place, error.to_string());
            return;
        }
        let key = repository_key(&repository.owner, &repository.name);
        if self.state.kept_back.contains(&format!("repository/{key}")) {
            let message = format!(
                "`{repository}` was freed less than 90 days ago and is kept back: choose another name"
            );
            self.mistake(&entry.name.place, message);
        }
        self.step(Step::EnterRepository {
            repository: repository.clone(),
            description: entry.description.clone().unwrap_or_default(),
            visibility: entry
                .visibility
                .as_ref()
                .map_or(Visibility::Private, |visibility| visibility.value),
            source: entry.source.clone(),
        });
    }

    fn change_repository(
        &mut self,
        entry: &RepositoryEntry,
        repository: &RepositoryName,
        found: &crate::store::repositories::Repository,
    ) {
        if let Some(description) = &entry.description
            && *description != found.description
        {
            self.step(Step::SetDescription {
                repository: repository.clone(),
                description: description.clone(),
            });
        }
        if let Some(visibility) = &entry.visibility
            && visibility.value != found.visibility
        {
            self.step(Step::SetVisibility {
                repository: repository.clone(),
                visibility: visibility.value,
            });
        }
    }

    fn collaborators(
        &mut self,
        repository: &RepositoryName,
        before: &BTreeMap<String, RepositoryRole>,
        people: &[Collaborator],
    ) {
        let users: Vec<_> = people.iter().map(|person| person.user.clone()).collect();
        let wanted = self.check_people(&users);
        for person in people {
            let user = names::key(&person.user.value);
            if user == names::key(&repository.owner) {
                let message = format!("`{user}` owns this repository: take them out");
                self.mistake(&person.user.place, message);
            }
            let held = before.get(&user).copied();
            if held != Some(person.role) {
                self.step(Step::PutCollaborator {
                    repository: repository.clone(),
                    user,
                    role: person.role,
                    before: held,
                });
            }
        }
        for user in before.keys().filter(|user| !wanted.contains(*user)) {
            self.step(Step::RemoveCollaborator {
                repository: repository.clone(),
                user: user.clone(),
            });
        }
    }

    /// An internal repository that leaves its enterprise becomes private, unless the file says what it becomes.
    fn hide_what_leaves_an_enterprise(&mut self) {
        let leaving: Vec<_> = self
            .plan
            .steps
            .iter()
            .filter_map(|step| match step {
                Step::SetEnterprise { organization, .. } => self.state.organization(organization),
                _ => None,
            })
            .filter(|organization| organization.enterprise_id.is_some())
            .map(|organization| organization.id)
            .collect();
        let stated: BTreeSet<_> = self
            .directory
            .repositories
            .iter()
            .filter(|entry| entry.visibility.is_some())
            .map(|entry| repository_key(&entry.owner.value, &entry.name.value))
            .collect();
        let state = self.state;
        for (key, repository) in &state.repositories {
            let is_internal = repository.visibility == Visibility::Internal;
            if is_internal && leaving.contains(&repository.owner_id) && !stated.contains(key) {
                self.step(Step::SetVisibility {
                    repository: RepositoryName {
                        owner: repository.owner_login.clone(),
                        name: repository.name.clone(),
                    },
                    visibility: Visibility::Private,
                });
            }
        }
    }

    fn issue(&mut self, entry: &IssueEntry) {
        let key = names::key(&entry.repository.value);
        let found = self.state.repositories.get(&key);
        let is_entered = self.directory.repositories.iter().any(|repository| {
            repository_key(&repository.owner.value, &repository.name.value) == key
        });
        let named = entry.repository.value.split_once('/');
        let Some((owner, name)) = named.filter(|_| found.is_some() || is_entered) else {
            let message = format!(
                "there is no repository `{}`: write it as `owner/name`, and add `[[repositories]]` if it is new",
                entry.repository.value
            );
            self.mistake(&entry.repository.place, message);
            return;
        };
        if !self.is_user(&entry.author.value) {
            let message = format!("there is no user `{}`: mend the name", entry.author.value);
            self.mistake(&entry.author.place, message);
        }
        let noted = found.map(|found| issue_key(found.id, &entry.title.value));
        if noted.is_some_and(|key| self.state.imports.contains_key(&key)) {
            return;
        }
        self.step(Step::EnterIssue {
            repository: RepositoryName {
                owner: owner.to_owned(),
                name: name.to_owned(),
            },
            author: entry.author.value.clone(),
            title: entry.title.value.clone(),
            body: entry.body.clone(),
        });
    }
}
