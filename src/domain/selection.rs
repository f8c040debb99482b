//! Which repositories of one owner a grant reaches (DOMAIN §2.1).

use std::collections::BTreeSet;

use super::ids::RepositoryId;

words! {
    /// The kind of a selection, as it is stored and written in forms.
    SelectionKind {
        /// Public repositories, read only.
        Public = "public",
        /// Named repositories.
        Selected = "selected",
        /// Every repository that the owner has now or later.
        All = "all",
    }
}

/// Which repositories a grant reaches. There is no "unset": absence never means everything.
///
/// All three include reading public resources. A `Selected` list that departures emptied reaches nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// Public repositories, read only.
    Public,
    /// These repositories.
    Selected(BTreeSet<RepositoryId>),
    /// Those owned now and later.
    All,
}

impl Selection {
    /// The word for it.
    pub fn kind(&self) -> SelectionKind {
        match self {
            Self::Public => SelectionKind::Public,
            Self::Selected(_) => SelectionKind::Selected,
            Self::All => SelectionKind::All,
        }
    }

    /// The selection of `kind`, with `repositories` where that kind names them.
    pub fn from_parts(kind: SelectionKind, repositories: BTreeSet<RepositoryId>) -> Self {
        match kind {
            SelectionKind::Public => Self::Public,
            SelectionKind::Selected => Self::Selected(repositories),
            SelectionKind::All => Self::All,
        }
    }

    /// Whether it names the repository beyond what anyone may read.
    pub fn names(&self, repository: RepositoryId) -> bool {
        match self {
            Self::Public => false,
            Self::Selected(repositories) => repositories.contains(&repository),
            Self::All => true,
        }
    }

    /// The repositories it lists by name; none for `public` and `all`.
    pub fn listed(&self) -> impl Iterator<Item = RepositoryId> + '_ {
        let listed = match self {
            Self::Selected(repositories) => Some(repositories),
            Self::Public | Self::All => None,
        };
        listed.into_iter().flatten().copied()
    }

    /// Whether everything that `other` reaches is reached by this one as well.
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (_, Self::Public) | (Self::All, _) => true,
            (Self::Selected(mine), Self::Selected(theirs)) => theirs.is_subset(mine),
            (Self::Public, Self::Selected(theirs)) => theirs.is_empty(),
            (Self::Public | Self::Selected(_), Self::All) => false,
        }
    }

    /// What both reach.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Public, _) | (_, Self::Public) => Self::Public,
            (Self::All, rest) | (rest, Self::All) => rest.clone(),
            (Self::Selected(mine), Self::Selected(theirs)) => Self::Selected(mine & theirs),
        }
    }

    /// Both together.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::All, _) | (_, Self::All) => Self::All,
            (Self::Selected(mine), Self::Selected(theirs)) => Self::Selected(mine | theirs),
            (Self::Selected(some), Self::Public) | (Self::Public, Self::Selected(some)) => {
                Self::Selected(some.clone())
            }
            (Self::Public, Self::Public) => Self::Public,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(numbers: &[i64]) -> Selection {
        Selection::Selected(numbers.iter().copied().map(RepositoryId::new).collect())
    }

    #[test]
    fn covering_reads_as_reaching_at_least_as_much() {
        use Selection::{All, Public};
        let table = [
            (All, some(&[1]), true),
            (All, All, true),
            (some(&[1, 2]), some(&[1]), true),
            (some(&[1]), some(&[1, 2]), false),
            (some(&[1]), All, false),
            (some(&[1]), Public, true),
            (Public, some(&[1]), false),
            (Public, some(&[]), true),
        ];
        for (one, other, expected) in table {
            assert_eq!(one.covers(&other), expected, "{one:?} covers {other:?}");
        }
    }

    #[test]
    fn a_union_covers_both_and_both_cover_a_meeting() {
        use Selection::{All, Public};
        for one in [Public, some(&[1]), some(&[2]), All] {
            for other in [Public, some(&[1]), some(&[2]), All] {
                let shared = one.meet(&other);
                assert!(
                    one.covers(&shared) && other.covers(&shared),
                    "{one:?} and {other:?}"
                );
                let both = one.union(&other);
                assert!(
                    both.covers(&one) && both.covers(&other),
                    "{one:?} and {other:?}"
                );
            }
        }
    }
}
