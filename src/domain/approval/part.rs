//! How much of a request an owner grants: the whole of it, or less (DOMAIN §3). Never more than was asked.

use super::Ask;
use crate::domain::catalog::Catalog;
use crate::domain::ids::RepositoryId;
use crate::domain::permission::{PermissionId, PermissionSet};
use crate::domain::selection::Selection;
use crate::domain::token::draft::with_automatic;

/// What an owner grants of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Everything that it asks for.
    Whole,
    /// Of what it adds, only this. What the grant gives already stays.
    Of {
        /// Permissions, each at the level asked for or a lower one.
        permissions: PermissionSet,
        /// Repositories among those asked for.
        selection: Selection,
    },
}

/// Why a part of a request cannot be granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartMistake {
    /// This permission was not asked for, or not at this level.
    Permission(PermissionId),
    /// A repository was not asked for.
    Repositories,
    /// Named repositories are to be granted, and none is named.
    NoRepository,
    /// Nothing of what it adds would be granted: that is a denial.
    Nothing,
}

/// What a grant gives after an approval: what it gave before, and what of the request is granted, under the request's
/// terms. Or every mistake in the part.
pub fn granted(
    catalog: &Catalog,
    before: Option<&Ask>,
    asked: &Ask,
    part: &Part,
) -> Result<Ask, Vec<PartMistake>> {
    let (permissions, selection) = match part {
        Part::Whole => (asked.permissions.clone(), asked.selection.clone()),
        Part::Of {
            permissions,
            selection,
        } => {
            let mistakes = mistakes(before, asked, permissions, selection);
            if !mistakes.is_empty() {
                return Err(mistakes);
            }
            let kept = with_automatic(catalog, selection, permissions);
            (kept, selection.clone())
        }
    };
    let after = Ask {
        selection: before.map_or(selection.clone(), |held| held.selection.union(&selection)),
        permissions: before.map_or(permissions.clone(), |held| {
            held.permissions.union(&permissions)
        }),
        terms: asked.terms.clone(),
    };
    let adds_nothing = before.map_or(after.is_only_public_reads(), |held| *held == after);
    if *part != Part::Whole && adds_nothing {
        return Err(vec![PartMistake::Nothing]);
    }
    Ok(after)
}

fn mistakes(
    before: Option<&Ask>,
    asked: &Ask,
    permissions: &PermissionSet,
    selection: &Selection,
) -> Vec<PartMistake> {
    let mut mistakes: Vec<_> = permissions
        .iter()
        .filter(|&(permission, level)| !asked.permissions.holds(permission, level))
        .map(|(permission, _)| PartMistake::Permission(permission))
        .collect();
    if !asked.selection.covers(selection) {
        mistakes.push(PartMistake::Repositories);
    }
    let holds_some = before.is_some_and(|held| held.selection.listed().next().is_some());
    if matches!(selection, Selection::Selected(listed) if listed.is_empty()) && !holds_some {
        mistakes.push(PartMistake::NoRepository);
    }
    mistakes
}

/// What was asked for and not granted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Permissions, at the level asked for.
    pub permissions: PermissionSet,
    /// Repositories that were named.
    pub repositories: Vec<RepositoryId>,
    /// Whether all repositories were asked for, and fewer granted.
    pub narrows_all: bool,
}

impl Dropped {
    /// Compares what was asked for with what a grant gives after its approval.
    pub fn between(asked: &Ask, after: &Ask) -> Self {
        Self {
            permissions: asked.permissions.additions_over(&after.permissions),
            repositories: asked
                .selection
                .listed()
                .filter(|&id| !after.selection.names(id))
                .collect(),
            narrows_all: asked.selection == Selection::All && after.selection != Selection::All,
        }
    }

    /// Whether everything was granted.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::approval::Terms;
    use crate::domain::permission::Level::{self, Admin, Read, Write};
    use crate::domain::token::conditions::Conditions;
    use crate::domain::token::expiry::Lifetime;

    fn set(entries: &[(&str, Level)]) -> PermissionSet {
        let catalog = Catalog::github();
        let id = |slug| catalog.find_permission(slug).expect("it exists").id;
        entries
            .iter()
            .map(|(slug, level)| (id(slug), *level))
            .collect()
    }

    fn some(numbers: &[i64]) -> Selection {
        Selection::Selected(numbers.iter().copied().map(RepositoryId::new).collect())
    }

    fn ask(permissions: &[(&str, Level)], selection: Selection) -> Ask {
        let terms = Terms {
            lifetime: Lifetime::days(30),
            allows_rotation: false,
            conditions: Conditions::default(),
        };
        Ask {
            selection,
            permissions: set(permissions),
            terms,
        }
    }

    fn part(permissions: &[(&str, Level)], selection: Selection) -> Part {
        Part::Of {
            permissions: set(permissions),
            selection,
        }
    }

    fn decide(before: Option<&Ask>, asked: &Ask, part: &Part) -> Result<Ask, Vec<PartMistake>> {
        granted(Catalog::github(), before, asked, part)
    }

    const META: (&str, Level) = ("metadata", Read);

    #[test]
    fn the_whole_is_what_was_asked_beside_what_was_held() {
        let asked = ask(&[META, ("issues", Write)], some(&[1]));
        assert_eq!(decide(None, &asked, &Part::Whole), Ok(asked.clone()));
        let held = ask(&[META, ("checks", Read)], some(&[2]));
        let both = ask(&[META, ("issues", Write), ("checks", Read)], some(&[1, 2]));
        assert_eq!(decide(Some(&held), &asked, &Part::Whole), Ok(both));
    }

    #[test]
    fn less_is_granted_with_what_comes_by_itself() {
        let asked = ask(
            &[META, ("issues", Write), ("contents", Read)],
            some(&[1, 2]),
        );
        let less = part(&[("issues", Read)], some(&[2]));
        assert_eq!(
            decide(None, &asked, &less),
            Ok(ask(&[META, ("issues", Read)], some(&[2])))
        );
    }

    #[test]
    fn all_repositories_can_be_narrowed_to_named_ones() {
        let asked = ask(&[META, ("issues", Read)], Selection::All);
        let less = part(&[("issues", Read)], some(&[7]));
        let after = decide(None, &asked, &less).expect("it is less");
        assert_eq!(after.selection, some(&[7]));
        let dropped = Dropped::between(&asked, &after);
        assert!(dropped.narrows_all && !dropped.is_nothing());
    }

    #[test]
    fn what_is_held_already_is_never_dropped() {
        let held = ask(&[META, ("issues", Read)], some(&[1]));
        let asked = ask(
            &[META, ("issues", Admin), ("contents", Read)],
            some(&[1, 2]),
        );
        let after = decide(Some(&held), &asked, &part(&[("contents", Read)], some(&[])))
            .expect("the old repository stays");
        assert_eq!(
            after,
            ask(&[META, ("issues", Read), ("contents", Read)], some(&[1]))
        );
        let dropped = Dropped::between(&asked, &after);
        assert_eq!(dropped.permissions, set(&[("issues", Admin)]));
        assert_eq!(dropped.repositories, [RepositoryId::new(2)]);
    }

    #[test]
    fn more_than_was_asked_is_refused_at_its_place() {
        let asked = ask(&[META, ("issues", Read)], some(&[1]));
        let id = |slug| {
            Catalog::github()
                .find_permission(slug)
                .expect("it exists")
                .id
        };
        let table = [
            (
                part(&[("issues", Write)], some(&[1])),
                vec![PartMistake::Permission(id("issues"))],
            ),
            (
                part(&[("contents", Read)], some(&[1, 2])),
                vec![
                    PartMistake::Permission(id("contents")),
                    PartMistake::Repositories,
                ],
            ),
            (
                part(&[("issues", Read)], Selection::All),
                vec![PartMistake::Repositories],
            ),
            (
                part(&[("issues", Read)], some(&[])),
                vec![PartMistake::NoRepository],
            ),
            (part(&[], Selection::Public), vec![PartMistake::Nothing]),
        ];
        for (part, expected) in table {
            assert_eq!(decide(None, &asked, &part), Err(expected), "{part:?}");
        }
    }

    #[test]
    fn adding_nothing_to_what_is_held_is_a_denial() {
        let held = ask(&[META, ("issues", Read)], some(&[1]));
        let asked = ask(&[META, ("issues", Write)], some(&[1]));
        let nothing = part(&[], some(&[1]));
        assert_eq!(
            decide(Some(&held), &asked, &nothing),
            Err(vec![PartMistake::Nothing])
        );
    }

    #[test]
    fn granting_everything_drops_nothing() {
        let asked = ask(&[META, ("issues", Read)], Selection::All);
        assert!(Dropped::between(&asked, &asked).is_nothing());
    }
}
