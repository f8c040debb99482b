//! Who is what: owners and members of organizations, owners of enterprises, and the users that enterprises manage.

use std::collections::{BTreeMap, BTreeSet};

use super::Planner;
use crate::actions::import::directory::{At, EnterpriseEntry, OrganizationEntry, People};
use crate::actions::import::step::{Named, Step};
use crate::domain::access::rights::MemberRole;
use crate::domain::account::AccountKind;
use crate::domain::names;
use crate::store::accounts::Account;

type Roles = BTreeMap<String, MemberRole>;

impl Planner<'_> {
    /// Plans roles, enterprises first.
    pub(super) fn people(&mut self) {
        let directory = self.directory;
        for entry in &directory.enterprises {
            self.people_of_enterprise(entry);
        }
        self.refuse_shared_managed_users();
        for entry in &directory.organizations {
            self.people_of_organization(entry);
        }
    }

    fn people_of_enterprise(&mut self, entry: &EnterpriseEntry) {
        let account = Named {
            kind: AccountKind::Enterprise,
            login: entry.slug.value.clone(),
        };
        let found = self.state.slugs.get(&names::key(&entry.slug.value));
        let before = self.roles(found);
        let wanted = self.wanted(&before, entry.owners.as_ref(), None);
        self.require_owner(&account, &entry.slug, entry.owners.as_ref(), &wanted);
        self.change_roles(&account, &before, &wanted);
        if let Some(managed) = &entry.managed_users {
            self.managed_users(&entry.slug.value, found, &managed.value);
        }
    }

    fn people_of_organization(&mut self, entry: &OrganizationEntry) {
        let account = Named {
            kind: AccountKind::Organization,
            login: entry.login.value.clone(),
        };
        let before = self.roles(self.state.organization(&entry.login.value));
        let wanted = self.wanted(&before, entry.owners.as_ref(), entry.members.as_ref());
        self.require_owner(&account, &entry.login, entry.owners.as_ref(), &wanted);
        self.change_roles(&account, &before, &wanted);
    }

    fn roles(&self, found: Option<&Account>) -> Roles {
        found
            .and_then(|account| self.state.members.get(&account.id))
            .cloned()
            .unwrap_or_default()
    }

    /// The roles after the import. A list that is not stated leaves those who have that role; an owner whom the owners'
    /// list leaves out stays only where the members' list names them.
    fn wanted(
        &mut self,
        before: &Roles,
        owners: Option<&At<People>>,
        members: Option<&At<People>>,
    ) -> Roles {
        let mut wanted = before.clone();
        if let Some(owners) = owners {
            let keys = self.check_people(&owners.value);
            wanted.retain(|_, role| *role != MemberRole::Owner);
            wanted.extend(keys.into_iter().map(|key| (key, MemberRole::Owner)));
        }
        if let Some(members) = members {
            let keys = self.check_people(&members.value);
            wanted.retain(|_, role| *role != MemberRole::Member);
            for key in keys {
                if wanted.contains_key(&key) {
                    let place = members.value.iter().find(|at| names::key(&at.value) == key);
                    let place = place.map_or(&members.place, |at| &at.place);
                    let message = format!(
                        "`{key}` is an owner and so no mere member: name them in one list, and state `owners` to change them"
                    );
                    self.mistake(place, message);
                }
                wanted.entry(key).or_insert(MemberRole::Member);
            }
        }
        wanted
    }

    /// Nobody could decide anything where nobody is an owner.
    fn require_owner(
        &mut self,
        account: &Named,
        login: &At<String>,
        owners: Option<&At<People>>,
        wanted: &Roles,
    ) {
        if !wanted.values().any(|role| *role == MemberRole::Owner) {
            let place = owners.map_or(&login.place, |owners| &owners.place);
            let message = format!("{account} would have no owner: name one in `owners`");
            self.mistake(place, message);
        }
    }

    fn change_roles(&mut self, account: &Named, before: &Roles, wanted: &Roles) {
        for (user, role) in wanted {
            let held = before.get(user).copied();
            if held != Some(*role) {
                self.step(Step::PutMember {
                    account: account.clone(),
                    user: user.clone(),
                    role: *role,
                    before: held,
                });
            }
        }
        for user in before.keys().filter(|user| !wanted.contains_key(*user)) {
            self.step(Step::RemoveMember {
                account: account.clone(),
                user: user.clone(),
            });
        }
    }

    fn managed_users(&mut self, slug: &str, found: Option<&Account>, people: &[At<String>]) {
        let wanted = self.check_people(people);
        let managed: BTreeSet<String> = match found {
            None => BTreeSet::new(),
            Some(enterprise) => {
                let users = self.state.logins.iter();
                users
                    .filter(|(_, user)| user.managed_by == Some(enterprise.id))
                    .map(|(key, _)| key.clone())
                    .collect()
            }
        };
        for user in managed.difference(&wanted) {
            let is_claimed = self.directory.enterprises.iter().any(|entry| {
                let claimed = entry.managed_users.iter().flat_map(|list| &list.value);
                claimed.into_iter().any(|at| names::key(&at.value) == *user)
            });
            if !is_claimed {
                self.step(Step::SetManaged {
                    user: user.clone(),
                    enterprise: None,
                });
            }
        }
        for user in wanted.difference(&managed) {
            self.step(Step::SetManaged {
                user: user.clone(),
                enterprise: Some(slug.to_owned()),
            });
        }
    }

    fn refuse_shared_managed_users(&mut self) {
        let directory = self.directory;
        let mut managers = BTreeMap::new();
        for entry in &directory.enterprises {
            for user in entry.managed_users.iter().flat_map(|list| &list.value) {
                let earlier = managers.insert(names::key(&user.value), &entry.slug.value);
                if let Some(earlier) = earlier.filter(|earlier| **earlier != entry.slug.value) {
                    let message = format!(
                        "`{}` is managed by `{earlier}` already: one enterprise owns an account",
                        user.value
                    );
                    self.mistake(&user.place, message);
                }
            }
        }
    }
}
