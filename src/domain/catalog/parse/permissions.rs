//! Reads the `[permissions]` of a catalog.

use super::Reader;
use crate::domain::catalog::model::{LevelRule, Permission};
use crate::domain::catalog::source::{Entry, Fields};
use crate::domain::permission::{Group, Level, PermissionId};
use crate::domain::role::{LeastRole, OwnerRole, RepositoryRole};
use crate::domain::scope::ScopeId;

const PERMISSION_FIELDS: &str = "`group`, `title`, `sentence`, `read`, `write`, `admin`, `public_scope`, `automatic` and `risk`";
const LEVEL_FIELDS: &str = "`can`, `role` and `scopes`";

impl Reader {
    pub(super) fn permission(&mut self, entry: Entry<'_>) {
        let Some(mut fields) = Fields::of(entry, &self.lines, &mut self.mistakes) else {
            return;
        };
        let Ok(index) = u16::try_from(self.catalog.permissions.len()) else {
            return self
                .mistakes
                .add(entry.line, "a catalog holds 65,536 permissions at most");
        };
        let group = self.group(&mut fields);
        let permission = Permission {
            id: PermissionId::new(index),
            slug: self.slug(entry),
            group,
            title: fields
                .required_text("title", &mut self.mistakes)
                .unwrap_or_default(),
            sentence: fields
                .required_text("sentence", &mut self.mistakes)
                .unwrap_or_default(),
            levels: self.levels(entry, &mut fields, group),
            public_scope: self.public_scope(&mut fields),
            automatic: self.automatic(&mut fields),
            risk: fields.optional_text("risk", &mut self.mistakes),
        };
        fields.finish(PERMISSION_FIELDS, &mut self.mistakes);
        self.add_permission(permission);
    }

    fn add_permission(&mut self, permission: Permission) {
        if permission.automatic
            && let Some(lowest) = permission.levels.first()
        {
            self.catalog.automatic.insert(permission.id, lowest.level);
        }
        self.catalog
            .by_slug
            .insert(permission.slug.clone(), permission.id);
        self.catalog.permissions.push(permission);
    }

    fn slug(&mut self, entry: Entry<'_>) -> String {
        let is_slug = entry
            .key
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if !is_slug || entry.key.is_empty() {
            self.mistakes.add(
                entry.line,
                format!(
                    "`{}` is no name of a permission; use a-z, 0-9 and `_`",
                    entry.key
                ),
            );
        }
        entry.key.to_owned()
    }

    /// A wrong group is reported and read on as `repository`, so that the rest is still checked.
    fn group(&mut self, fields: &mut Fields<'_>) -> Group {
        let group = fields
            .required("group", &mut self.mistakes)
            .and_then(|entry| {
                let word = entry.text().ok()?;
                self.mistakes.keep(entry.line, word.parse())
            });
        group.unwrap_or(Group::Repository)
    }

    fn public_scope(&mut self, fields: &mut Fields<'_>) -> Option<ScopeId> {
        let entry = fields.take("public_scope")?;
        let name = self.mistakes.keep(entry.line, entry.text())?;
        self.find_scope(entry.line, name)
    }

    fn automatic(&mut self, fields: &mut Fields<'_>) -> bool {
        let entry = fields.take("automatic");
        entry
            .and_then(|entry| self.mistakes.keep(entry.line, entry.flag()))
            .unwrap_or(false)
    }

    fn levels(
        &mut self,
        owner: Entry<'_>,
        fields: &mut Fields<'_>,
        group: Group,
    ) -> Vec<LevelRule> {
        let rule = |level: Level| {
            let entry = fields.take(level.as_str())?;
            self.level(entry, level, group)
        };
        let levels: Vec<_> = Level::ALL.into_iter().filter_map(rule).collect();
        if levels.is_empty() {
            self.mistakes.add(
                owner.line,
                format!(
                    "`{}` offers no level; add `read`, `write` or `admin`",
                    owner.key
                ),
            );
        }
        levels
    }

    fn level(&mut self, entry: Entry<'_>, level: Level, group: Group) -> Option<LevelRule> {
        let mut fields = Fields::of(entry, &self.lines, &mut self.mistakes)?;
        let can = fields.required_text("can", &mut self.mistakes);
        let least_role = self.level_role(entry, &mut fields, group);
        let scopes = fields
            .take("scopes")
            .map(|scopes| (scopes.line, scopes.texts()));
        fields.finish(LEVEL_FIELDS, &mut self.mistakes);
        let names = scopes.and_then(|(line, names)| self.mistakes.keep(line, names));
        let scopes = self.scope_set(entry.line, &names.unwrap_or_default());
        Some(LevelRule {
            level,
            least_role: least_role?,
            can: can?,
            scopes,
        })
    }

    /// Accounts and enterprises know one role only; elsewhere the role must be said.
    fn level_role(
        &mut self,
        entry: Entry<'_>,
        fields: &mut Fields<'_>,
        group: Group,
    ) -> Option<LeastRole> {
        match group {
            Group::Account => return Some(LeastRole::SelfOnly),
            Group::Enterprise => return Some(LeastRole::EnterpriseOwner),
            Group::Repository | Group::Organization => {}
        }
        let role = fields.required_text("role", &mut self.mistakes)?;
        let role = match group {
            Group::Repository => role.parse::<RepositoryRole>().map(LeastRole::Repository),
            _ => role.parse::<OwnerRole>().map(LeastRole::Organization),
        };
        self.mistakes.keep(entry.line, role)
    }
}
