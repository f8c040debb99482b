//! Conditions that narrow where a token works: client addresses, and branches for writes (DOMAIN §2).

use std::net::IpAddr;

use ipnet::IpNet;

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
}
