//! Scopes of classic tokens: a fixed list in which a parent includes its children.

/// A scope's place in the catalog that it was read from. Stores keep the name instead: places move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeId(u8);

impl ScopeId {
    /// The most scopes that one catalog can hold: a set of them is one machine word.
    pub const LIMIT: usize = 64;

    /// The scope at this place of the catalog's list, if the list can be that long.
    pub fn new(index: usize) -> Option<Self> {
        let index = u8::try_from(index).ok()?;
        (usize::from(index) < Self::LIMIT).then_some(Self(index))
    }

    /// The place in the catalog's list.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// One scope of classic tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Its place in the catalog.
    pub id: ScopeId,
    /// Its published name, such as `repo:status`.
    pub name: String,
    /// The scope that includes it, if one does.
    pub parent: Option<ScopeId>,
    /// What it lets a token do, in one sentence.
    pub sentence: String,
    /// The scope itself and all that include it, directly or through another.
    pub(crate) covered_by: ScopeSet,
}

/// Scopes that a classic token holds, or of which any one is enough.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct ScopeSet(u64);

impl ScopeSet {
    /// The set without a scope.
    pub const fn new() -> Self {
        Self(0)
    }

    /// Adds a scope.
    pub const fn insert(&mut self, scope: ScopeId) {
        self.0 |= 1 << scope.0;
    }

    /// Is this very scope in the set? Parents do not count: see [`ScopeSet::covers`].
    pub const fn contains(self, scope: ScopeId) -> bool {
        self.0 & (1 << scope.0) != 0
    }

    /// Is the scope in the set, itself or through a parent?
    pub const fn covers(self, scope: &Scope) -> bool {
        self.0 & scope.covered_by.0 != 0
    }

    /// The scopes in catalog order.
    pub fn iter(self) -> impl Iterator<Item = ScopeId> {
        (0..64)
            .map(ScopeId)
            .filter(move |&scope| self.contains(scope))
    }

    /// Is no scope in the set?
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many scopes are in the set.
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The set without the scopes that a parent in it already includes; `scopes` is the catalog's list.
    #[must_use]
    pub fn without_redundant(self, scopes: &[Scope]) -> Self {
        let through_a_parent = |scope: ScopeId| {
            let covered_by = scopes[scope.index()].covered_by;
            self.0 & covered_by.0 & !(1 << scope.0) != 0
        };
        self.iter()
            .filter(|&scope| !through_a_parent(scope))
            .collect()
    }
}

impl FromIterator<ScopeId> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = ScopeId>>(scopes: I) -> Self {
        let mut set = Self::new();
        for scope in scopes {
            set.insert(scope);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalog::Catalog;

    fn set(names: &[&str]) -> ScopeSet {
        Catalog::github()
            .scope_set(names)
            .expect("scopes of the catalog")
    }

    fn covers(held: &[&str], asked: &str) -> bool {
        set(held).covers(
            Catalog::github()
                .find_scope(asked)
                .expect("a scope of the catalog"),
        )
    }

    #[test]
    fn a_parent_includes_its_children_and_theirs() {
        assert!(covers(&["repo"], "public_repo"));
        assert!(covers(&["admin:org"], "read:org"), "through write:org");
        assert!(covers(&["read:org"], "read:org"));
    }

    #[test]
    fn a_child_does_not_include_its_parent_or_siblings() {
        assert!(!covers(&["public_repo"], "repo"));
        assert!(!covers(&["repo:status"], "public_repo"));
        assert!(!covers(&["read:org"], "write:org"));
        assert!(!covers(&[], "repo"));
    }

    #[test]
    fn redundant_children_are_dropped() {
        let given = set(&["repo", "repo:status", "read:org", "admin:org", "gist"]);
        let kept = given.without_redundant(Catalog::github().scopes());
        assert_eq!(kept, set(&["repo", "admin:org", "gist"]));
        assert_eq!(kept.len(), 3);
    }

    #[test]
    fn a_catalog_holds_no_more_scopes_than_a_word_has_bits() {
        assert!(ScopeId::new(63).is_some());
        assert!(ScopeId::new(64).is_none());
        assert!(ScopeId::new(300).is_none());
    }
}
