//! Builds a catalog from its text and reports everything that is wrong with it.

use std::collections::HashMap;

use toml::de::DeTable;

use super::Catalog;
use super::error::{CatalogErrors, Mistakes};
use super::line::{Line, WrittenNeed};
use super::model::{Endpoint, EndpointId, LevelRule, Method, Need, Permission, TargetTemplate};
use super::source::{Entry, Fields, Lines, entries};
use super::template::Template;
use super::tree::Tree;
use crate::domain::permission::{Group, Level, PermissionId, PermissionSet};
use crate::domain::role::{LeastRole, OwnerRole, RepositoryRole};
use crate::domain::scope::{Scope, ScopeId, ScopeSet};

const TABLES: &str = "`scopes`, `permissions` and `endpoints`";
const PERMISSION_FIELDS: &str = "`group`, `title`, `sentence`, `read`, `write`, `admin`, `public_scope`, `automatic` and `risk`";
const LEVEL_FIELDS: &str = "`can`, `role` and `scopes`";
const SCOPE_FIELDS: &str = "`parent` and `sentence`";

pub(super) fn parse(text: &str) -> Result<Catalog, CatalogErrors> {
    let lines = Lines::of(text);
    let mut mistakes = Mistakes::default();
    let (document, broken) = DeTable::parse_recoverable(text);
    for error in &broken {
        let line = lines.line(error.span().map_or(0, |span| span.start));
        mistakes.add(line, format!("this is no TOML: {}", error.message()));
    }
    let mut reader = Reader::new(lines, mistakes);
    let mut tables = entries(document.get_ref(), &reader.lines);
    // Later tables refer to earlier ones, in whatever order the text has them.
    tables.sort_by_key(|table| {
        ["scopes", "permissions", "endpoints"]
            .iter()
            .position(|&name| name == table.key)
    });
    for table in tables {
        reader.table(table);
    }
    reader.finish()
}

/// What has been read so far.
struct Reader {
    lines: Lines,
    mistakes: Mistakes,
    catalog: Catalog,
    /// The line of each endpoint, to name the earlier of two.
    endpoint_lines: Vec<usize>,
}

impl Reader {
    fn new(lines: Lines, mistakes: Mistakes) -> Self {
        let catalog = Catalog {
            scopes: Vec::new(),
            permissions: Vec::new(),
            by_slug: HashMap::new(),
            automatic: PermissionSet::new(),
            endpoints: Vec::new(),
            templates: Vec::new(),
            tree: Tree::new(),
        };
        Self {
            lines,
            mistakes,
            catalog,
            endpoint_lines: Vec::new(),
        }
    }

    fn finish(self) -> Result<Catalog, CatalogErrors> {
        self.mistakes.into_result()?;
        Ok(self.catalog)
    }

    fn table(&mut self, table: Entry<'_>) {
        let Some(entries) = self.mistakes.keep(table.line, table.entries(&self.lines)) else {
            return;
        };
        match table.key {
            "scopes" => self.scopes(&entries),
            "permissions" => entries.into_iter().for_each(|entry| self.permission(entry)),
            "endpoints" => entries.into_iter().for_each(|entry| self.endpoint(entry)),
            other => self.mistakes.add(
                table.line,
                format!("`{other}` is no table of a catalog; the tables are {TABLES}"),
            ),
        }
    }

    fn scopes(&mut self, entries: &[Entry<'_>]) {
        for &entry in entries {
            self.scope(entry);
        }
    }

    /// A parent stands above its children, so that nobody includes themselves.
    fn scope(&mut self, entry: Entry<'_>) {
        let Some(mut fields) = Fields::of(entry, &self.lines, &mut self.mistakes) else {
            return;
        };
        let sentence = fields.required_text("sentence", &mut self.mistakes);
        let parent_line = entry.line;
        let parent = fields.optional_text("parent", &mut self.mistakes);
        fields.finish(SCOPE_FIELDS, &mut self.mistakes);
        let parent = parent.and_then(|name| self.find_scope(parent_line, &name));
        let Some(id) = ScopeId::new(self.catalog.scopes.len()) else {
            let limit = ScopeId::LIMIT;
            return self.mistakes.add(
                entry.line,
                format!(
                    "`{}` is one scope too many; a catalog holds {limit}",
                    entry.key
                ),
            );
        };
        let mut covered_by = parent.map_or_else(ScopeSet::new, |parent| {
            self.catalog.scopes[parent.index()].covered_by
        });
        covered_by.insert(id);
        let sentence = sentence.unwrap_or_default();
        self.catalog.scopes.push(Scope {
            id,
            name: entry.key.to_owned(),
            parent,
            sentence,
            covered_by,
        });
    }

    fn find_scope(&mut self, line: usize, name: &str) -> Option<ScopeId> {
        let found = self.catalog.find_scope(name).map(|scope| scope.id);
        if found.is_none() {
            self.mistakes.add(
                line,
                format!(
                    "`{name}` is no scope; add it under `[scopes]`, above those that it includes"
                ),
            );
        }
        found
    }

    fn scope_set(&mut self, line: usize, names: &[&str]) -> ScopeSet {
        names
            .iter()
            .filter_map(|name| self.find_scope(line, name))
            .collect()
    }

    fn permission(&mut self, entry: Entry<'_>) {
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

    fn endpoint(&mut self, entry: Entry<'_>) {
        let Some(text) = self.mistakes.keep(entry.line, entry.text()) else {
            return;
        };
        let (line, wrong) = Line::parse(text);
        for mistake in wrong {
            self.mistakes
                .add(entry.line, format!("`{}`: {mistake}", entry.key));
        }
        let Some((method, path, template)) = self.operation(entry, &line) else {
            return;
        };
        let Ok(index) = u16::try_from(self.catalog.endpoints.len()) else {
            return self
                .mistakes
                .add(entry.line, "a catalog holds 65,536 endpoints at most");
        };
        let id = EndpointId::new(index);
        if method != Method::Git
            && let Err(earlier) = self.catalog.tree.insert(method, &template, id)
        {
            let line = self.endpoint_lines[earlier.index()];
            return self.mistakes.add(
                entry.line,
                format!(
                    "`{}` matches the same requests as line {line}; keep one",
                    entry.key
                ),
            );
        }
        let endpoint = self.build(entry, id, (method, path), &template, line);
        self.catalog.endpoints.push(endpoint);
        self.catalog.templates.push(template);
        self.endpoint_lines.push(entry.line);
    }

    fn operation<'t>(
        &mut self,
        entry: Entry<'t>,
        line: &Line<'_>,
    ) -> Option<(Method, &'t str, Template)> {
        let Some((method, path)) = entry.key.split_once(' ') else {
            self.mistakes.add(
                entry.line,
                format!("`{}` is no endpoint; write \"METHOD /path\"", entry.key),
            );
            return None;
        };
        let method = self.mistakes.keep(entry.line, method.parse::<Method>())?;
        let template = match (method, path) {
            (Method::Git, "fetch" | "push") => Template::parse("/{owner}/{repo}", false),
            (Method::Git, _) => Err(format!(
                "`{path}` is no git operation; use `fetch` or `push`"
            )),
            _ => Template::parse(path, line.spans),
        };
        Some((method, path, self.mistakes.keep(entry.line, template)?))
    }

    fn build(
        &mut self,
        entry: Entry<'_>,
        id: EndpointId,
        (method, path): (Method, &str),
        template: &Template,
        line: Line<'_>,
    ) -> Endpoint {
        self.check_freedom(entry, &line);
        let groups = self.groups(&line);
        let targets = line.targets.unwrap_or_else(|| template.targets(&groups));
        self.check_targets(entry, template, &targets);
        let sets: Vec<Vec<Need>> = line
            .sets
            .iter()
            .map(|set| self.needs(entry, set, &targets))
            .collect();
        let scopes = line.scopes.map(|names| self.scope_set(entry.line, &names));
        let least_role = line
            .role
            .and_then(|role| self.mistakes.keep(entry.line, role.parse::<LeastRole>()));
        Endpoint {
            id,
            method,
            template: path.to_owned(),
            public_readable: line.public,
            permission_free: line.free,
            listing: self.is_listing(&sets, &targets),
            conditional: conditional(&sets),
            sets,
            targets,
            scopes,
            least_role,
        }
    }

    fn check_freedom(&mut self, entry: Entry<'_>, line: &Line<'_>) {
        if line.free && !line.sets.is_empty() {
            self.mistakes.add(
                entry.line,
                format!(
                    "`{}` is `free` and yet needs permissions; drop one of the two",
                    entry.key
                ),
            );
        }
        if !line.free && line.sets.is_empty() {
            self.mistakes.add(
                entry.line,
                format!("`{}` needs no permission; write `free` if that is meant, else it would be denied to all", entry.key),
            );
        }
    }

    fn groups(&self, line: &Line<'_>) -> Vec<Group> {
        let needs = line.sets.iter().flatten();
        needs
            .filter_map(|need| self.catalog.find_permission(need.slug))
            .map(|permission| permission.group)
            .collect()
    }

    fn check_targets(&mut self, entry: Entry<'_>, template: &Template, targets: &[TargetTemplate]) {
        for param in targets.iter().flat_map(TargetTemplate::params) {
            if !template.has_parameter(param) {
                self.mistakes.add(
                    entry.line,
                    format!(
                        "`targets=` names `{param}`, which is no parameter of `{}`",
                        entry.key
                    ),
                );
            }
        }
    }

    fn needs(
        &mut self,
        entry: Entry<'_>,
        set: &[WrittenNeed<'_>],
        targets: &[TargetTemplate],
    ) -> Vec<Need> {
        set.iter()
            .filter_map(|written| {
                let need = self.need(written, targets);
                self.mistakes.keep(
                    entry.line,
                    need.map_err(|mistake| format!("`{}`: {mistake}", entry.key)),
                )
            })
            .collect()
    }

    fn need(&self, written: &WrittenNeed<'_>, targets: &[TargetTemplate]) -> Result<Need, String> {
        let slug = written.slug;
        let permission = self.catalog.find_permission(slug);
        let permission = permission.ok_or_else(|| {
            format!("`{slug}` is no permission; add `[permissions.{slug}]` or mend the name")
        })?;
        if permission.level_covering(written.level).is_none() {
            return Err(format!(
                "`{slug}` does not offer `{}`; it offers {}",
                written.level,
                offered(permission)
            ));
        }
        let target = target_of(permission.group, written.target, targets);
        let target = target.ok_or_else(|| {
            format!("the path names nothing at which `{slug}` ({} permission) is held; say what with `targets=…`", permission.group)
        })?;
        Ok(Need {
            permission: permission.id,
            level: written.level,
            target,
        })
    }

    fn is_listing(&self, sets: &[Vec<Need>], targets: &[TargetTemplate]) -> bool {
        let of_repository =
            |need: &Need| self.catalog.permission(need.permission).group == Group::Repository;
        let needs_repository = sets.iter().flatten().any(of_repository);
        needs_repository && !targets.iter().any(|target| target.fits(Group::Repository))
    }
}

/// The target at which a permission is looked up: the one written, else the first of its kind, else (a
/// repository permission where no repository is named) the first that owns repositories.
fn target_of(group: Group, written: Option<usize>, targets: &[TargetTemplate]) -> Option<usize> {
    let fits = |target: &TargetTemplate| target.fits(group);
    let lists = |target: &TargetTemplate| group == Group::Repository && target.owns_repositories();
    if let Some(at) = written {
        return targets
            .get(at)
            .filter(|target| fits(target) || lists(target))
            .map(|_| at);
    }
    targets
        .iter()
        .position(fits)
        .or_else(|| targets.iter().position(lists))
}

/// The first set that contains another set of the same endpoint.
fn conditional(sets: &[Vec<Need>]) -> Option<usize> {
    let contains_another = |larger: &Vec<Need>| {
        sets.iter()
            .any(|set| set.len() < larger.len() && set.iter().all(|need| larger.contains(need)))
    };
    sets.iter().position(contains_another)
}

fn offered(permission: &Permission) -> String {
    let levels: Vec<_> = permission
        .levels
        .iter()
        .map(|rule| format!("`{}`", rule.level))
        .collect();
    levels.join(" and ")
}
