//! Conditions that narrow where a token works: client addresses, and branches for writes (DOMAIN §2).

use std::net::{IpAddr, Ipv4Addr};

use ipnet::{IpNet, Ipv4Net};

words! {
    /// What a stored condition speaks of.
    ConditionKind {
        /// An address range, `192.0.2.0/24`.
        Address = "address",
        /// A pattern for branch and tag names, `release/*`.
        Branch = "branch",
    }
}

/// Every condition of a token or grant. An empty list of a kind means that the kind was not asked for, never that it
/// allows nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conditions {
    /// The client must be in one of these.
    pub addresses: Vec<IpNet>,
    /// A write must name only branches and tags that match one of these.
    pub branches: Vec<String>,
}

/// What is known of the branches that a write touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Branches<'a> {
    /// The call is no write to a branch.
    None,
    /// A write whose branch cannot be told.
    Unknown,
    /// A write to exactly these.
    Known(&'a [String]),
}

/// Which condition a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConditionFailure {
    /// The client's address is in none of the ranges.
    Address,
    /// A branch matches no pattern, or cannot be told.
    Branch,
}

impl Conditions {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.addresses.is_empty() && self.branches.is_empty()
    }

    /// The first condition that the call fails.
    pub fn failure(
        &self,
        client: Option<IpAddr>,
        branches: Branches<'_>,
    ) -> Option<ConditionFailure> {
        if !self.allows_address(client) {
            return Some(ConditionFailure::Address);
        }
        (!self.allows_branches(branches)).then_some(ConditionFailure::Branch)
    }

    /// Whether a client at this address may use the token; an unknown address is in no range.
    pub fn allows_address(&self, client: Option<IpAddr>) -> bool {
        let inside = |client: IpAddr| {
            self.addresses
                .iter()
                .any(|range| range.contains(&client.to_canonical()))
        };
        self.addresses.is_empty() || client.is_some_and(inside)
    }

    /// Whether every call that `other` lets through is let through by these as well. Where that cannot be told from
    /// ranges and patterns one by one, the answer is no, so that a loosening is never taken for a narrowing.
    pub fn covers(&self, other: &Self) -> bool {
        covers(&self.addresses, &other.addresses, range_covers)
            && covers(&self.branches, &other.branches, pattern_covers)
    }

    /// What both let through. Where they agree on nothing, [`Self::nowhere`] of that kind stands, because an empty list
    /// would let everything through.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        let nowhere = Self::nowhere();
        Self {
            addresses: meet(
                &self.addresses,
                &other.addresses,
                range_covers,
                nowhere.addresses,
            ),
            branches: meet(
                &self.branches,
                &other.branches,
                pattern_covers,
                nowhere.branches,
            ),
        }
    }

    /// Conditions that no client and no branch can meet: no client has the address, and no branch can have a space in
    /// its name.
    pub fn nowhere() -> Self {
        Self {
            addresses: vec![no_address()],
            branches: vec![NO_BRANCH.to_owned()],
        }
    }

    /// The same conditions in one order, each once, so that they can be compared.
    #[must_use]
    pub fn sorted(&self) -> Self {
        let mut sorted = self.clone();
        sorted.addresses.sort();
        sorted.addresses.dedup();
        sorted.branches.sort();
        sorted.branches.dedup();
        sorted
    }

    fn allows_branches(&self, branches: Branches<'_>) -> bool {
        if self.branches.is_empty() {
            return true;
        }
        match branches {
            Branches::None => true,
            Branches::Unknown => false,
            Branches::Known(names) => names
                .iter()
                .all(|name| self.branches.iter().any(|pattern| matches(pattern, name))),
        }
    }
}

/// Whether a list of one kind lets through all that another does; an empty list lets everything through.
fn covers<T>(wide: &[T], narrow: &[T], one: impl Fn(&T, &T) -> bool) -> bool {
    let within = |part: &T| wide.iter().any(|whole| one(whole, part));
    wide.is_empty() || (!narrow.is_empty() && narrow.iter().all(within))
}

/// The parts of either list that lie within a part of the other; `nowhere` where there are none.
fn meet<T: Clone + Ord>(
    mine: &[T],
    theirs: &[T],
    one: impl Fn(&T, &T) -> bool,
    nowhere: Vec<T>,
) -> Vec<T> {
    if mine.is_empty() || theirs.is_empty() {
        return [mine, theirs].concat();
    }
    let within = |part: &T, list: &[T]| list.iter().any(|whole| one(whole, part));
    let kept = mine.iter().filter(|part| within(part, theirs));
    let mut both: Vec<T> = kept
        .chain(theirs.iter().filter(|part| within(part, mine)))
        .cloned()
        .collect();
    both.sort();
    both.dedup();
    if both.is_empty() { nowhere } else { both }
}

/// A range that no client is in.
const fn no_address() -> IpNet {
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::UNSPECIFIED, 32))
}

/// A pattern that no branch fits: none can have a space in its name.
const NO_BRANCH: &str = "no branch";

fn range_covers(whole: &IpNet, part: &IpNet) -> bool {
    whole.contains(part) || *part == no_address()
}

/// A pattern lies within another where both are the same or where it is a plain name that fits; two different patterns
/// are not compared further.
fn pattern_covers(whole: &String, part: &String) -> bool {
    let fits = !part.contains('*') && matches(whole, part);
    whole == part || whole == "**" || part == NO_BRANCH || fits
}

/// Whether a name fits a pattern in which `*` stands for any characters but `/`, and `**` for any at all.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(rest) = name.strip_prefix(before) else {
        return false;
    };
    let (after, crosses) = after
        .strip_prefix('*')
        .map_or((after, false), |after| (after, true));
    let reach = if crosses {
        rest.len()
    } else {
        rest.find('/').unwrap_or(rest.len())
    };
    (0..=reach)
        .filter(|end| rest.is_char_boundary(*end))
        .any(|end| matches(after, &rest[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_within_a_segment_and_two_cross_them() {
        let table = [
            ("main", "main", true),
            ("main", "main2", false),
            ("release/*", "release/1", true),
            ("release/*", "release/1/x", false),
            ("release/**", "release/1/x", true),
            ("*-ok", "a-ok", true),
            ("*", "a/b", false),
        ];
        for (pattern, name, expected) in table {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn an_address_condition_refuses_a_client_it_cannot_place() {
        let conditions = Conditions {
            addresses: vec!["192.0.2.0/24".parse().expect("a range")],
            branches: vec![],
        };
        let inside: IpAddr = "::ffff:192.0.2.7".parse().expect("an address");
        let outside: IpAddr = "198.51.100.1".parse().expect("an address");
        assert_eq!(conditions.failure(Some(inside), Branches::None), None);
        assert_eq!(
            conditions.failure(Some(outside), Branches::None),
            Some(ConditionFailure::Address)
        );
        assert_eq!(
            conditions.failure(None, Branches::None),
            Some(ConditionFailure::Address)
        );
    }

    #[test]
    fn a_branch_condition_refuses_a_write_whose_branch_cannot_be_told() {
        let conditions = Conditions {
            addresses: vec![],
            branches: vec!["main".to_owned()],
        };
        let main = ["main".to_owned()];
        let both = ["main".to_owned(), "dev".to_owned()];
        assert_eq!(conditions.failure(None, Branches::None), None);
        assert_eq!(conditions.failure(None, Branches::Known(&main)), None);
        assert_eq!(
            conditions.failure(None, Branches::Known(&both)),
            Some(ConditionFailure::Branch)
        );
        assert_eq!(
            conditions.failure(None, Branches::Unknown),
            Some(ConditionFailure::Branch)
        );
    }

    fn ranges(ranges: &[&str]) -> Conditions {
        let ranges = ranges.iter().map(|range| range.parse().expect("a range"));
        Conditions {
            addresses: ranges.collect(),
            branches: vec![],
        }
    }

    fn patterns(patterns: &[&str]) -> Conditions {
        Conditions {
            addresses: vec![],
            branches: patterns.iter().map(|&text| text.to_owned()).collect(),
        }
    }

    #[test]
    fn fewer_or_smaller_conditions_of_a_kind_are_covered_and_none_at_all_covers_them_all() {
        let table = [
            (ranges(&[]), ranges(&["10.0.0.0/8"]), true),
            (ranges(&["10.0.0.0/8"]), ranges(&[]), false),
            (ranges(&["10.0.0.0/8"]), ranges(&["10.1.0.0/16"]), true),
            (ranges(&["10.1.0.0/16"]), ranges(&["10.0.0.0/8"]), false),
            (
                ranges(&["10.0.0.0/8", "::1/128"]),
                ranges(&["::1/128"]),
                true,
            ),
            (ranges(&["10.0.0.0/8"]), Conditions::nowhere(), true),
            (patterns(&["release/*"]), patterns(&["release/1"]), true),
            (patterns(&["release/1"]), patterns(&["release/*"]), false),
            (patterns(&["*"]), patterns(&["**"]), false),
            (patterns(&["**"]), patterns(&["a/*"]), true),
            (patterns(&["main"]), ranges(&["10.0.0.0/8"]), false),
        ];
        for (wide, narrow, expected) in table {
            assert_eq!(wide.covers(&narrow), expected, "{wide:?} covers {narrow:?}");
        }
    }

    #[test]
    fn what_two_conditions_share_is_covered_by_both_and_never_everything() {
        let all = [
            ranges(&[]),
            ranges(&["10.0.0.0/8"]),
            ranges(&["10.1.0.0/16", "192.0.2.0/24"]),
            ranges(&["198.51.100.0/24"]),
            patterns(&["main"]),
            patterns(&["release/*", "main"]),
            patterns(&["release/1"]),
            Conditions::nowhere(),
        ];
        for one in &all {
            for other in &all {
                let both = one.meet(other);
                assert!(one.covers(&both), "{one:?} and {other:?}: {both:?}");
                assert!(other.covers(&both), "{one:?} and {other:?}: {both:?}");
            }
        }
    }
}
