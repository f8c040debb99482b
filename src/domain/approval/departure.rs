//! What a repository leaves behind in the wishes that name it, when it is gone for good (DOMAIN §1, §3).

use super::Ask;
use crate::domain::ids::RepositoryId;
use crate::domain::selection::Selection;

/// What is left to ask for once a repository is gone, when `held` is what the grant gives without it. Nothing where the
/// list is empty now, and where the grant gives all the rest already.
pub fn remainder(ask: &Ask, held: Option<&Ask>, gone: RepositoryId) -> Option<Ask> {
    let left = without(ask, gone);
    let is_emptied = matches!(&left.selection, Selection::Selected(listed) if listed.is_empty());
    let is_held = held.is_some_and(|held| covers(held, &left));
    (!is_emptied && !is_held).then_some(left)
}

/// The same ask without a repository.
pub fn without(ask: &Ask, gone: RepositoryId) -> Ask {
    let mut left = ask.clone();
    if let Selection::Selected(listed) = &mut left.selection {
        listed.remove(&gone);
    }
    left
}

fn covers(held: &Ask, asked: &Ask) -> bool {
    held.selection.covers(&asked.selection)
        && held.permissions.covers(&asked.permissions)
        && held.terms == asked.terms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::approval::Terms;
    use crate::domain::permission::{Level, PermissionId, PermissionSet};
    use crate::domain::token::conditions::Conditions;
    use crate::domain::token::expiry::Lifetime;

    const GONE: RepositoryId = RepositoryId::new(1);

    fn ask(selection: Selection, level: Level) -> Ask {
        Ask {
            selection,
            permissions: PermissionSet::from_iter([(PermissionId::new(0), level)]),
            terms: Terms {
                lifetime: Lifetime::days(30),
                allows_rotation: false,
                conditions: Conditions::default(),
            },
        }
    }

    fn some(numbers: &[i64]) -> Selection {
        Selection::Selected(numbers.iter().copied().map(RepositoryId::new).collect())
    }

    #[test]
    fn what_is_left_is_asked_for_anew_unless_it_is_nothing_or_held() {
        use Level::{Read, Write};
        let held = |numbers: &[i64], level| Some(ask(some(numbers), level));
        let table = [
            (some(&[1]), Read, None, None),
            (some(&[1, 2]), Read, None, Some(some(&[2]))),
            (Selection::All, Read, None, Some(Selection::All)),
            (some(&[1, 2]), Read, held(&[2], Read), None),
            (some(&[1, 2]), Write, held(&[2], Read), Some(some(&[2]))),
            (
                some(&[1, 2, 3]),
                Read,
                held(&[2], Read),
                Some(some(&[2, 3])),
            ),
        ];
        for (selection, level, held, expected) in table {
            let asked = ask(selection, level);
            let left = remainder(&asked, held.as_ref(), GONE);
            let expected = expected.map(|selection| ask(selection, level));
            assert_eq!(left, expected, "{asked:?} over {held:?}");
        }
    }
}
