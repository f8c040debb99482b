//! Permissions, their levels, and sets of them.
//!
//! A grant holds a [`PermissionSet`]; the decision asks it [`PermissionSet::holds`] on every call,
//! so a set is one sorted list that is searched in halves, without a pointer to follow.
//! Not holding a permission is expressed by its absence: there is no level "none".

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How much of a permission is held; a higher level includes the lower ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// See.
    Read,
    /// See and change.
    Write,
    /// See, change and run; few permissions offer it.
    Admin,
}

impl Level {
    /// Every level, from the lowest to the highest.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Admin];

    /// The word of the level, as it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a level; use `read`, `write` or `admin`")]
pub struct UnknownLevel(String);

impl FromStr for Level {
    type Err = UnknownLevel;

    fn from_str(given: &str) -> Result<Self, UnknownLevel> {
        let level = Self::ALL.into_iter().find(|level| level.as_str() == given);
        level.ok_or_else(|| UnknownLevel(given.to_owned()))
    }
}

/// What kind of owner a permission is held at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// The user's own account.
    Account,
    /// An organization as such.
    Organization,
    /// Repositories, of an account or of an organization.
    Repository,
    /// An enterprise.
    Enterprise,
}

impl Group {
    /// Every group, in the order in which forms show them.
    pub const ALL: [Self; 4] = [
        Self::Repository,
        Self::Organization,
        Self::Account,
        Self::Enterprise,
    ];

    /// The word of the group, as it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Organization => "organization",
            Self::Repository => "repository",
            Self::Enterprise => "enterprise",
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no group.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a group; use `repository`, `organization`, `account` or `enterprise`")]
pub struct UnknownGroup(String);

impl FromStr for Group {
    type Err = UnknownGroup;

    /// Reads the word of a group; `user` is the published word for `account`.
    fn from_str(given: &str) -> Result<Self, UnknownGroup> {
        if given == "user" {
            return Ok(Self::Account);
        }
        let group = Self::ALL.into_iter().find(|group| group.as_str() == given);
        group.ok_or_else(|| UnknownGroup(given.to_owned()))
    }
}

/// A permission's place in the catalog that it was read from. Stores keep the slug instead: places move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PermissionId(u16);

impl PermissionId {
    /// The permission at this place of the catalog's list.
    pub const fn new(index: u16) -> Self {
        Self(index)
    }

    /// The place in the catalog's list.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Permissions with the level of each, at most one per permission.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct PermissionSet {
    /// Sorted by permission, each once.
    entries: Vec<(PermissionId, Level)>,
}

impl PermissionSet {
    /// The set that allows nothing.
    pub const fn new() -> Self {
        Self {
            entries: Vec::new(),
        }
    }

    /// Adds a permission; where it is held already, the higher level stays.
    pub fn insert(&mut self, permission: PermissionId, level: Level) {
        match self.position(permission) {
            Ok(at) => self.entries[at].1 = self.entries[at].1.max(level),
            Err(at) => self.entries.insert(at, (permission, level)),
        }
    }

    /// The level held of a permission, if any.
    pub fn level_of(&self, permission: PermissionId) -> Option<Level> {
        self.position(permission).ok().map(|at| self.entries[at].1)
    }

    /// Is the permission held at this level or a higher one?
    pub fn holds(&self, permission: PermissionId, level: Level) -> bool {
        self.level_of(permission).is_some_and(|held| held >= level)
    }

    /// The permissions with their levels, in catalog order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (PermissionId, Level)> + '_ {
        self.entries.iter().copied()
    }

    /// Does the set allow nothing?
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many permissions are held, at whatever level.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// What either set holds, at the higher of the two levels.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.iter().chain(other.iter()).collect()
    }

    /// What both sets hold, at the lower of the two levels.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        let shared = |(permission, level): (PermissionId, Level)| {
            Some((permission, level.min(other.level_of(permission)?)))
        };
        self.iter().filter_map(shared).collect()
    }

    /// Is everything in `other` held here too?
    pub fn covers(&self, other: &Self) -> bool {
        other
            .iter()
            .all(|(permission, level)| self.holds(permission, level))
    }

    /// What this set holds above `before`: the permissions to ask an owner for when a grant is widened.
    #[must_use]
    pub fn additions_over(&self, before: &Self) -> Self {
        self.iter()
            .filter(|&(permission, level)| !before.holds(permission, level))
            .collect()
    }

    /// The set with some permissions dropped altogether, as an owner does who approves less.
    #[must_use]
    pub fn without(&self, dropped: &[PermissionId]) -> Self {
        self.iter()
            .filter(|(permission, _)| !dropped.contains(permission))
            .collect()
    }

    fn position(&self, permission: PermissionId) -> Result<usize, usize> {
        self.entries
            .binary_search_by_key(&permission, |&(held, _)| held)
    }
}

impl FromIterator<(PermissionId, Level)> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = (PermissionId, Level)>>(entries: I) -> Self {
        let mut set = Self::new();
        for (permission, level) in entries {
            set.insert(permission, level);
        }
        set
    }
}

impl Extend<(PermissionId, Level)> for PermissionSet {
    fn extend<I: IntoIterator<Item = (PermissionId, Level)>>(&mut self, entries: I) {
        for (permission, level) in entries {
            self.insert(permission, level);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Level::{Admin, Read, Write};

    const A: PermissionId = PermissionId::new(1);
    const B: PermissionId = PermissionId::new(2);
    const C: PermissionId = PermissionId::new(3);

    fn set(entries: &[(PermissionId, Level)]) -> PermissionSet {
        entries.iter().copied().collect()
    }

    #[test]
    fn levels_are_ordered_and_read_back_from_their_words() {
        assert!(Read < Write && Write < Admin);
        for level in Level::ALL {
            assert_eq!(level.as_str().parse(), Ok(level));
            assert_eq!(serde_json::to_value(level).expect("a word"), level.as_str());
        }
    }

    #[test]
    fn an_unknown_word_is_quoted() {
        let error = "none".parse::<Level>().expect_err("absence is not a level");
        assert_eq!(
            error.to_string(),
            "`none` is not a level; use `read`, `write` or `admin`"
        );
        assert!(
            "team"
                .parse::<Group>()
                .expect_err("no group")
                .to_string()
                .contains("`team`")
        );
    }

    #[test]
    fn user_is_the_published_word_for_account() {
        assert_eq!("user".parse(), Ok(Group::Account));
        for group in Group::ALL {
            assert_eq!(group.as_str().parse(), Ok(group));
        }
    }

    #[test]
    fn a_level_includes_the_lower_ones_and_no_higher() {
        for held in Level::ALL {
            for asked in Level::ALL {
                assert_eq!(
                    set(&[(A, held)]).holds(A, asked),
                    held >= asked,
                    "{held} for {asked}"
                );
            }
        }
    }

    #[test]
    fn an_absent_permission_is_held_at_no_level() {
        let held = set(&[(A, Admin), (C, Read)]);
        assert_eq!(held.level_of(B), None);
        assert!(!held.holds(B, Read));
        assert!(!PermissionSet::new().holds(A, Read));
    }

    #[test]
    fn inserting_keeps_the_higher_level_and_the_order() {
        let mut held = set(&[(C, Read), (A, Write)]);
        held.insert(A, Read);
        held.insert(B, Admin);
        held.insert(C, Write);
        assert_eq!(
            held.iter().collect::<Vec<_>>(),
            [(A, Write), (B, Admin), (C, Write)]
        );
    }

    #[test]
    fn a_union_holds_the_higher_of_both() {
        let union = set(&[(A, Read), (B, Write)]).union(&set(&[(A, Write), (C, Read)]));
        assert_eq!(union, set(&[(A, Write), (B, Write), (C, Read)]));
    }

    #[test]
    fn a_set_covers_what_it_holds_at_that_level_or_above() {
        let held = set(&[(A, Write), (B, Read)]);
        assert!(held.covers(&held));
        assert!(held.covers(&PermissionSet::new()));
        assert!(held.covers(&set(&[(A, Read)])));
        assert!(!held.covers(&set(&[(B, Write)])));
        assert!(!held.covers(&set(&[(C, Read)])));
    }

    #[test]
    fn additions_are_new_permissions_and_raised_levels_only() {
        let before = set(&[(A, Read), (B, Write)]);
        let after = set(&[(A, Write), (B, Read), (C, Read)]);
        assert_eq!(after.additions_over(&before), set(&[(A, Write), (C, Read)]));
        assert!(before.additions_over(&before).is_empty());
    }

    #[test]
    fn dropping_removes_the_permission_at_every_level() {
        let held = set(&[(A, Admin), (B, Read)]);
        assert_eq!(held.without(&[A, C]), set(&[(B, Read)]));
        assert_eq!(held.without(&[]), held);
    }
}
