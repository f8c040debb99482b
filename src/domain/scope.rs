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

/// A scope where it stands in the tree of those that include one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Branch<'a> {
    /// The scope.
    pub scope: &'a Scope,
    /// How many scopes stand above it.
    pub depth: usize,
    /// The scopes that it includes, directly or through another.
    pub includes: ScopeSet,
}

/// The catalog's scopes as a tree, written down line by line: each child below its parent.
pub fn tree(scopes: &[Scope]) -> Vec<Branch<'_>> {
    let mut lines = Vec::with_capacity(scopes.len());
    grow(scopes, None, 0, &mut lines);
    lines
}

fn grow<'a>(
    scopes: &'a [Scope],
    parent: Option<ScopeId>,
    depth: usize,
    lines: &mut Vec<Branch<'a>>,
) {
    for scope in scopes.iter().filter(|scope| scope.parent == parent) {
        let below = scopes
            .iter()
            .filter(|below| below.id != scope.id && below.covered_by.contains(scope.id));
        lines.push(Branch {
            scope,
            depth,
            includes: below.map(|below| below.id).collect(),
        });
        grow(scopes, Some(scope.id), depth + 1, lines);
    }
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

    /// What [`ScopeSet::without_redundant`] leaves out, each with a scope that stays and includes it.
    pub fn redundant(self, scopes: &[Scope]) -> Vec<(ScopeId, ScopeId)> {
        let kept = self.without_redundant(scopes);
        let through = |scope: ScopeId| {
            let covered_by = scopes[scope.index()].covered_by;
            kept.iter().find(|&parent| covered_by.contains(parent))
        };
        self.iter()
            .filter(|&scope| !kept.contains(scope))
            .filter_map(|scope| Some((scope, through(scope)?)))
            .collect()
    }

    /// Is every scope of `other` in the set, itself or through a parent? `scopes` is the catalog's list.
    pub fn covers_all(self, other: Self, scopes: &[Scope]) -> bool {
        other
            .iter()
            .all(|scope| self.covers(&scopes[scope.index()]))
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
    fn what_is_dropped_names_the_scope_that_includes_it() {
        let scopes = Catalog::github().scopes();
        let named = |scope: ScopeId| scopes[scope.index()].name.as_str();
        let given = set(&[
            "repo",
            "repo:status",
            "admin:org",
            "write:org",
            "read:org",
            "gist",
        ]);
        let dropped: Vec<_> = given.redundant(scopes).into_iter().collect();
        let dropped: Vec<_> = dropped
            .iter()
            .map(|(one, by)| (named(*one), named(*by)))
            .collect();
        assert_eq!(
            dropped,
            [
                ("repo:status", "repo"),
                ("write:org", "admin:org"),
                ("read:org", "admin:org")
            ]
        );
        assert_eq!(set(&["repo", "gist"]).redundant(scopes), []);
    }

    #[test]
    fn a_set_covers_another_where_it_holds_each_or_its_parent() {
        let scopes = Catalog::github().scopes();
        let covers = |held: &[&str], asked: &[&str]| set(held).covers_all(set(asked), scopes);
        assert!(covers(&["repo", "gist"], &["public_repo", "gist"]));
        assert!(covers(&["repo"], &[]));
        assert!(!covers(&["public_repo"], &["repo"]));
        assert!(!covers(&["repo"], &["repo", "gist"]));
    }

    #[test]
    fn the_tree_stands_every_scope_below_its_parent_once() {
        let scopes = Catalog::github().scopes();
        let lines = tree(scopes);
        assert_eq!(lines.len(), scopes.len());
        let org: Vec<_> = lines
            .iter()
            .map(|line| (line.scope.name.as_str(), line.depth))
            .skip_while(|(name, _)| *name != "admin:org")
            .take(4)
            .collect();
        assert_eq!(
            org,
            [
                ("admin:org", 0),
                ("write:org", 1),
                ("read:org", 2),
                ("manage_runners:org", 1)
            ]
        );
        let top = lines.iter().find(|line| line.scope.name == "admin:org");
        let top = top.expect("it stands there");
        assert_eq!(
            top.includes,
            set(&["write:org", "read:org", "manage_runners:org"])
        );
        for (place, line) in lines.iter().enumerate() {
            let parent = line.scope.parent;
            let above = lines[..place]
                .iter()
                .rev()
                .find(|above| above.depth < line.depth);
            assert_eq!(
                above.map(|above| above.scope.id),
                parent,
                "{}",
                line.scope.name
            );
        }
    }

    #[test]
    fn a_catalog_holds_no_more_scopes_than_a_word_has_bits() {
        assert!(ScopeId::new(63).is_some());
        assert!(ScopeId::new(64).is_none());
        assert!(ScopeId::new(300).is_none());
    }
}
