//! What a token could do after an approval, line by line beside what it can do now.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::approval::Ask;
use crate::domain::catalog::{Catalog, Permission};
use crate::domain::ids::RepositoryId;
use crate::domain::permission::{Level, PermissionSet};
use crate::domain::selection::Selection;
use crate::domain::time::DAY;
use crate::domain::token::conditions::Conditions;
use crate::domain::token::expiry::Lifetime;
use crate::domain::token::summary;
use crate::store::repositories::Repository;

/// One line of the comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// `added`, `raised` or `same`.
    pub kind: &'static str,
    /// What.
    pub text: String,
    /// What it means.
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

/// The permissions after an approval: what is added first, then what is raised, then what stays; of these, what comes
/// by itself last.
pub fn permissions(catalog: &Catalog, before: &PermissionSet, after: &PermissionSet) -> Vec<Line> {
    let mut lines: Vec<_> = after
        .iter()
        .map(|(id, level)| (catalog.permission(id), before.level_of(id), level))
        .map(|(one, held, level)| (one.automatic, permission(one, held, level)))
        .collect();
    lines.sort_by_key(|(is_automatic, line)| (order(line.kind), *is_automatic));
    lines.into_iter().map(|(_, line)| line).collect()
}

fn order(kind: &str) -> u8 {
    match kind {
        "added" => 0,
        "raised" => 1,
        _ => 2,
    }
}

fn permission(permission: &Permission, before: Option<Level>, after: Level) -> Line {
    let title = &permission.title;
    let can = permission
        .level_covering(after)
        .map_or_else(String::new, |rule| format!("can {}", rule.can));
    match before {
        None => Line::new("added", format!("{title}: {after}"), can),
        Some(held) if held < after => {
            Line::new("raised", format!("{title}: {held} to {after}"), can)
        }
        Some(_) => Line::new("same", format!("{title}: {after}"), can),
    }
}

/// What was asked for and not granted, permission by permission.
pub fn dropped_permissions(
    catalog: &Catalog,
    asked: &PermissionSet,
    after: &PermissionSet,
) -> Vec<Line> {
    let line = |(id, level)| {
        let title = &catalog.permission(id).title;
        let detail = match after.level_of(id) {
            Some(less) => format!("only {less} was granted"),
            None => "not granted".to_owned(),
        };
        Line::new("dropped", format!("{title}: {level}"), detail)
    };
    asked.additions_over(after).iter().map(line).collect()
}

/// The same lines, with those of repositories that were not granted marked, and last.
pub fn mark_dropped(
    mut lines: Vec<Line>,
    dropped: &BTreeSet<RepositoryId>,
    named: &BTreeMap<RepositoryId, Repository>,
) -> Vec<Line> {
    let left_out: BTreeSet<_> = dropped
        .iter()
        .filter_map(|id| named.get(id))
        .map(Repository::full_name)
        .collect();
    for line in lines
        .iter_mut()
        .filter(|line| left_out.contains(&line.text))
    {
        line.kind = "dropped";
        "not granted".clone_into(&mut line.detail);
    }
    lines.sort_by_key(|line| line.kind == "dropped");
    lines
}

/// The repositories after an approval, each by its name.
pub fn repositories(
    before: Option<&Selection>,
    after: &Selection,
    named: &BTreeMap<RepositoryId, Repository>,
) -> Vec<Line> {
    let kind = |is_held: bool| if is_held { "same" } else { "added" };
    match after {
        Selection::Public => vec![Line::new(
            kind(before.is_some()),
            "Public repositories",
            "read only, as anybody may",
        )],
        Selection::All => vec![Line::new(
            kind(before == Some(&Selection::All)),
            "All repositories",
            "those owned now and later",
        )],
        Selection::Selected(listed) => {
            let held = |id| before.is_some_and(|before| before.names(id));
            let mut lines: Vec<_> = listed
                .iter()
                .filter_map(|id| named.get(id))
                .map(|found| {
                    Line::new(
                        kind(held(found.id)),
                        found.full_name(),
                        found.visibility.as_str(),
                    )
                })
                .collect();
            lines.sort_by(|one, other| {
                (order(one.kind), &one.text).cmp(&(order(other.kind), &other.text))
            });
            lines
        }
    }
}

/// The terms that an approval would loosen or set: life, self-rotation, conditions.
pub fn terms(before: Option<&Ask>, after: &Ask) -> Vec<Line> {
    let was = before.map(|before| &before.terms);
    let mut lines = Vec::new();
    if let Some(was) = was
        && after.terms.lifetime > was.lifetime
    {
        let text = format!(
            "Life: {} to {}",
            life(was.lifetime),
            life(after.terms.lifetime)
        );
        lines.push(Line::new("raised", text, "counted from its beginning"));
    }
    if after.terms.allows_rotation {
        let is_held = was.is_some_and(|was| was.allows_rotation);
        let kind = if is_held { "same" } else { "added" };
        let detail = "it can replace its own secret, and never moves its end";
        lines.push(Line::new(kind, "May rotate itself", detail));
    }
    if let Some(was) = was
        && was.conditions != after.terms.conditions
    {
        let now = conditions(&after.terms.conditions).join("; ");
        let now = if now.is_empty() { "none" } else { &now };
        lines.push(Line::new(
            "raised",
            "Conditions change",
            format!("to: {now}"),
        ));
    }
    lines
}

/// A life in words: `30 days`, `no end`.
pub fn life(lifetime: Lifetime) -> String {
    match lifetime {
        Lifetime::Unlimited => "no end".to_owned(),
        Lifetime::Micros(micros) => crate::web::filters::counted(
            // A life is chosen in whole days; one that an import gave rounds up.
            micros.saturating_add(DAY - 1) / DAY,
            "day",
            "days",
        ),
    }
}

/// Conditions, a sentence each.
pub fn conditions(conditions: &Conditions) -> Vec<String> {
    let mut sentences = Vec::new();
    if !conditions.addresses.is_empty() {
        let ranges: Vec<_> = conditions
            .addresses
            .iter()
            .map(ToString::to_string)
            .collect();
        sentences.push(format!("Works only from {}", summary::join(&ranges)));
    }
    if !conditions.branches.is_empty() {
        let branches = summary::join(&conditions.branches);
        sentences.push(format!("Writes only to branches and tags {branches}"));
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::approval::Terms;

    fn set(entries: &[(&str, Level)]) -> PermissionSet {
        let catalog = Catalog::github();
        let id = |slug| catalog.find_permission(slug).expect("it exists").id;
        entries
            .iter()
            .map(|(slug, level)| (id(slug), *level))
            .collect()
    }

    #[test]
    fn permissions_are_told_as_added_raised_or_same_in_that_order() {
        let before = set(&[("metadata", Level::Read), ("contents", Level::Read)]);
        let asked = set(&[("contents", Level::Write), ("issues", Level::Read)]);
        let lines = permissions(Catalog::github(), &before, &before.union(&asked));
        let told: Vec<_> = lines
            .iter()
            .map(|line| (line.kind, line.text.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("added", "Issues: read"),
                ("raised", "Contents: read to write"),
                ("same", "Metadata: read"),
            ]
        );
        assert_eq!(lines[1].detail, "can push code");
    }

    #[test]
    fn a_longer_life_and_looser_conditions_are_told() {
        let ask = |days, branches: &[&str]| Ask {
            selection: Selection::Public,
            permissions: PermissionSet::new(),
            terms: Terms {
                lifetime: Lifetime::days(days),
                allows_rotation: false,
                conditions: Conditions {
                    addresses: vec![],
                    branches: branches.iter().map(|&name| name.to_owned()).collect(),
                },
            },
        };
        let lines = terms(Some(&ask(30, &["main"])), &ask(90, &[]));
        let told: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(told, ["Life: 30 days to 90 days", "Conditions change"]);
        assert_eq!(lines[1].detail, "to: none");
        assert!(terms(None, &ask(90, &[])).is_empty());
    }

    #[test]
    fn what_was_not_granted_is_told_with_what_was() {
        let asked = set(&[("contents", Level::Write), ("issues", Level::Read)]);
        let lines = dropped_permissions(
            Catalog::github(),
            &asked,
            &set(&[("contents", Level::Read)]),
        );
        let told: Vec<_> = lines
            .iter()
            .map(|line| (line.kind, line.text.as_str(), line.detail.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("dropped", "Contents: write", "only read was granted"),
                ("dropped", "Issues: read", "not granted"),
            ]
        );
    }
}
