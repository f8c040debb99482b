//! What changes between two wishes at one owner, line by line.

use std::collections::BTreeMap;

use crate::domain::approval::Ask;
use crate::domain::catalog::Catalog;
use crate::domain::ids::RepositoryId;
use crate::domain::permission::{Level, PermissionId};
use crate::domain::selection::Selection;

/// One line: `added`, `raised` or `dropped`, what, and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The name of its sign and word.
    pub kind: &'static str,
    /// What.
    pub text: String,
    /// What it means; may be empty.
    pub detail: String,
}

impl Line {
    fn new(kind: &'static str, text: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
            detail: detail.into(),
        }
    }
}

/// Everything that is in one and not in the other. `names` are the full names of the repositories of both.
pub fn lines(
    catalog: &Catalog,
    names: &BTreeMap<RepositoryId, String>,
    before: Option<&Ask>,
    after: Option<&Ask>,
) -> Vec<Line> {
    let mut lines = selections(
        names,
        before.map(|ask| &ask.selection),
        after.map(|ask| &ask.selection),
    );
    lines.extend(permissions(catalog, before, after));
    lines
}

fn permissions(catalog: &Catalog, before: Option<&Ask>, after: Option<&Ask>) -> Vec<Line> {
    let level =
        |ask: Option<&Ask>, id: PermissionId| ask.and_then(|ask| ask.permissions.level_of(id));
    let listed = catalog.permissions().iter();
    listed
        .filter(|permission| !permission.automatic)
        .filter_map(|permission| {
            let levels = (level(before, permission.id), level(after, permission.id));
            let can = |level: Level| {
                let rule = permission.level_covering(level);
                rule.map_or_else(String::new, |rule| format!("can {}", rule.can))
            };
            let title = &permission.title;
            Some(match levels {
                (None, Some(now)) => Line::new("added", format!("{title}: {now}"), can(now)),
                (Some(was), None) => Line::new("dropped", format!("{title}: {was}"), ""),
                (Some(was), Some(now)) if was < now => {
                    Line::new("raised", format!("{title}: {was} to {now}"), can(now))
                }
                (Some(was), Some(now)) if was > now => {
                    Line::new("dropped", format!("{title}: {was}"), format!("{now} stays"))
                }
                _ => return None,
            })
        })
        .collect()
}

fn selections(
    names: &BTreeMap<RepositoryId, String>,
    before: Option<&Selection>,
    after: Option<&Selection>,
) -> Vec<Line> {
    let mut lines = Vec::new();
    let is_all = |selection: Option<&Selection>| matches!(selection, Some(Selection::All));
    match (is_all(before), is_all(after)) {
        (true, false) => lines.push(Line::new("dropped", "All repositories", "")),
        (false, true) => {
            lines.push(Line::new(
                "added",
                "All repositories",
                "those owned now and later",
            ));
        }
        _ => {}
    }
    let listed = |selection: Option<&Selection>| -> Vec<RepositoryId> {
        selection.map_or_else(Vec::new, |selection| selection.listed().collect())
    };
    let (was, now) = (listed(before), listed(after));
    let name = |id: &RepositoryId| {
        let known = names.get(id);
        known.map_or_else(|| "A repository that is gone".to_owned(), Clone::clone)
    };
    let only = |some: &[RepositoryId], others: &[RepositoryId]| {
        let mut names: Vec<_> = some
            .iter()
            .filter(|id| !others.contains(id))
            .map(name)
            .collect();
        names.sort();
        names
    };
    let detail = if is_all(before) { "stays" } else { "" };
    lines.extend(only(&now, &was).into_iter().map(|name| {
        let kind = if is_all(before) { "same" } else { "added" };
        Line::new(kind, name, detail)
    }));
    if !is_all(after) {
        let dropped = only(&was, &now).into_iter();
        lines.extend(dropped.map(|name| Line::new("dropped", name, "")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::approval::Terms;
    use crate::domain::token::conditions::Conditions;
    use crate::domain::token::expiry::Lifetime;

    fn ask(selection: Selection, held: &[(&str, Level)]) -> Ask {
        let catalog = Catalog::github();
        let found = |slug| catalog.find_permission(slug).expect("it exists").id;
        Ask {
            selection,
            permissions: held
                .iter()
                .map(|(slug, level)| (found(slug), *level))
                .collect(),
            terms: Terms {
                lifetime: Lifetime::days(30),
                allows_rotation: false,
                conditions: Conditions::default(),
            },
        }
    }

    fn some(ids: &[i64]) -> Selection {
        Selection::Selected(ids.iter().copied().map(RepositoryId::new).collect())
    }

    fn told(before: Option<&Ask>, after: Option<&Ask>) -> Vec<String> {
        let names = [(1, "acme/api"), (2, "acme/web")];
        let names = names.map(|(id, name)| (RepositoryId::new(id), name.to_owned()));
        let lines = lines(Catalog::github(), &names.into(), before, after);
        lines
            .iter()
            .map(|line| format!("{} {}", line.kind, line.text))
            .collect()
    }

    #[test]
    fn what_comes_and_what_goes_is_told_and_nothing_else() {
        use Level::{Read, Write};
        let held = ask(some(&[1]), &[("issues", Write), ("contents", Read)]);
        let wish = ask(
            some(&[2]),
            &[("issues", Read), ("contents", Write), ("statuses", Write)],
        );
        let lines = told(Some(&held), Some(&wish));
        for line in [
            "added acme/web",
            "dropped acme/api",
            "dropped Issues: write",
            "raised Contents: read to write",
            "added Commit statuses: write",
        ] {
            assert!(lines.iter().any(|told| told == line), "{line}: {lines:?}");
        }
        assert_eq!(lines.len(), 5);
        assert!(told(Some(&held), Some(&held)).is_empty());
        assert_eq!(
            told(None, Some(&ask(Selection::All, &[]))),
            ["added All repositories"]
        );
        let from_all = told(Some(&ask(Selection::All, &[])), Some(&ask(some(&[1]), &[])));
        assert_eq!(from_all, ["dropped All repositories", "same acme/api"]);
    }
}
