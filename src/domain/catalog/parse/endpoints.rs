//! Reads the `[endpoints]` of a catalog.

use super::Reader;
use crate::domain::catalog::line::{Line, WrittenNeed};
use crate::domain::catalog::model::{
    Endpoint, EndpointId, Freedom, Method, Need, Permission, TargetTemplate,
};
use crate::domain::catalog::source::Entry;
use crate::domain::catalog::template::Template;
use crate::domain::permission::Group;
use crate::domain::role::LeastRole;

impl Reader {
    pub(super) fn endpoint(&mut self, entry: Entry<'_>) {
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
            freedom: line.freedom,
            listing: self.is_listing(&sets, &targets),
            conditional: conditional(&sets),
            sets,
            targets,
            scopes,
            least_role,
        }
    }

    /// An endpoint asks for permissions, is free, or is closed: exactly one of the three, and said so.
    fn check_freedom(&mut self, entry: Entry<'_>, line: &Line<'_>) {
        let key = entry.key;
        let mistake = match (line.freedom, line.sets.is_empty()) {
            (Freedom::Bound, true) => format!(
                "`{key}` needs no permission; write `free` if that is meant, or `closed` if no token may reach it"
            ),
            (Freedom::Free | Freedom::Open, false) => {
                format!("`{key}` is `free` and yet needs permissions; drop one of the two")
            }
            (Freedom::Closed, false) => {
                format!("`{key}` is `closed` and yet needs permissions; drop one of the two")
            }
            (Freedom::Closed, true) if line.public => {
                format!("`{key}` is both `public` and `closed`; drop one of the two")
            }
            (Freedom::Bound, false) | (Freedom::Free | Freedom::Open | Freedom::Closed, true) => {
                return;
            }
        };
        self.mistakes.add(entry.line, mistake);
    }

    /// The groups of the permissions that are looked up somewhere.
    fn groups(&self, line: &Line<'_>) -> Vec<Group> {
        let needs = line.sets.iter().flatten();
        needs
            .filter(|need| need.target != Some(Need::NOWHERE))
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
            format!("the path names nothing at which `{slug}` ({} permission) is held; say what with `targets=…`, or `@0` if only the service knows", permission.group)
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
    if written == Some(Need::NOWHERE) {
        return written;
    }
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
