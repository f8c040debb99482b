//! Users, enterprises and organizations themselves.

use std::collections::BTreeMap;

use super::Planner;
use crate::actions::import::directory::{At, OrganizationEntry, UserEntry};
use crate::actions::import::step::{Named, Step};
use crate::domain::access::rights::BasePermission;
use crate::domain::account::AccountKind;
use crate::domain::names;
use crate::store::accounts::Account;

impl Planner<'_> {
    /// Plans accounts, users first.
    pub(super) fn accounts(&mut self) {
        self.refuse_repeated_names();
        let directory = self.directory;
        for entry in &directory.users {
            self.user(entry);
        }
        for entry in &directory.enterprises {
            self.account(
                AccountKind::Enterprise,
                &entry.slug,
                entry.name.as_ref(),
                None,
            );
        }
        for entry in &directory.organizations {
            self.organization(entry);
        }
    }

    /// Users and organizations share one space of names.
    fn refuse_repeated_names(&mut self) {
        let directory = self.directory;
        let users = directory.users.iter().map(|entry| &entry.login);
        let organizations = directory.organizations.iter().map(|entry| &entry.login);
        self.refuse_repeated(users.chain(organizations));
        self.refuse_repeated(directory.enterprises.iter().map(|entry| &entry.slug));
    }

    fn refuse_repeated<'a>(&mut self, named: impl Iterator<Item = &'a At<String>>) {
        let mut lines = BTreeMap::new();
        for name in named {
            if let Some(line) = lines.insert(names::key(&name.value), name.place.line) {
                let message = format!(
                    "`{}` stands in line {line} already: one table is enough",
                    name.value
                );
                self.mistake(&name.place, message);
            }
        }
    }

    /// Plans the account itself, and gives it if it is there already.
    fn account(
        &mut self,
        kind: AccountKind,
        login: &At<String>,
        name: Option<&String>,
        email: Option<&String>,
    ) -> Option<Account> {
        let key = names::key(&login.value);
        let map = match kind {
            AccountKind::Enterprise => &self.state.slugs,
            AccountKind::User | AccountKind::Organization => &self.state.logins,
        };
        let Some(found) = map.get(&key).cloned() else {
            self.enter(kind, login, name, email);
            return None;
        };
        if found.kind != kind {
            let message = format!(
                "`{}` is already the login of another kind of account ({}): choose another",
                login.value, found.kind
            );
            self.mistake(&login.place, message);
            return None;
        }
        if let Some(name) = name
            && *name != found.name
        {
            self.step(Step::Rename {
                account: Named {
                    kind,
                    login: found.login.clone(),
                },
                name: name.clone(),
            });
        }
        Some(found)
    }

    fn enter(
        &mut self,
        kind: AccountKind,
        login: &At<String>,
        name: Option<&String>,
        email: Option<&String>,
    ) {
        if let Err(error) = names::check_login(&login.value) {
            self.mistake(&login.place, error.to_string());
            return;
        }
        let reserved = format!("{}/{}", kind.namespace(), names::key(&login.value));
        if self.state.kept_back.contains(&reserved) {
            let message = format!(
                "`{}` was freed less than 90 days ago and is kept back: choose another",
                login.value
            );
            self.mistake(&login.place, message);
        }
        self.step(Step::EnterAccount {
            account: Named {
                kind,
                login: login.value.clone(),
            },
            name: name.cloned().unwrap_or_else(|| login.value.clone()),
            email: email.cloned(),
        });
    }

    fn user(&mut self, entry: &UserEntry) {
        let login = entry.login.value.clone();
        let found = self.account(
            AccountKind::User,
            &entry.login,
            entry.name.as_ref(),
            entry.email.as_ref(),
        );
        if let (Some(found), Some(email)) = (&found, &entry.email)
            && found.email.as_ref() != Some(email)
        {
            self.step(Step::SetEmail {
                user: login.clone(),
                email: email.clone(),
            });
        }
        let is_admin = found.as_ref().is_some_and(|user| user.site_admin);
        if let Some(on) = entry.site_admin.filter(|on| *on != is_admin) {
            self.step(Step::SetSiteAdmin {
                user: login.clone(),
                on,
            });
        }
        let is_suspended = found.is_some_and(|user| user.is_suspended());
        if let Some(on) = entry.suspended.filter(|on| *on != is_suspended) {
            self.step(Step::SetSuspended { user: login, on });
        }
    }

    fn organization(&mut self, entry: &OrganizationEntry) {
        let organization = entry.login.value.clone();
        let found = self.account(
            AccountKind::Organization,
            &entry.login,
            entry.name.as_ref(),
            None,
        );
        if let Some(slug) = &entry.enterprise {
            self.enterprise(&organization, slug, found.as_ref());
        }
        let current = found.map_or(BasePermission::Read, |found| found.base_permission);
        if let Some(base) = entry.base_permission.filter(|base| *base != current) {
            self.step(Step::SetBasePermission { organization, base });
        }
    }

    fn enterprise(&mut self, organization: &str, slug: &At<String>, found: Option<&Account>) {
        if !slug.value.is_empty() && !self.is_enterprise(&slug.value) {
            let message = format!(
                "there is no enterprise `{}`: add `[[enterprises]]` with this slug, or mend the name",
                slug.value
            );
            self.mistake(&slug.place, message);
            return;
        }
        let current = found
            .and_then(|found| found.enterprise_id)
            .and_then(|id| self.state.slug_of(id));
        let stated = (!slug.value.is_empty()).then_some(slug.value.as_str());
        if current.map(names::key) != stated.map(names::key) {
            let enterprise = stated.map(str::to_owned);
            self.step(Step::SetEnterprise {
                organization: organization.to_owned(),
                enterprise,
            });
        }
    }
}
