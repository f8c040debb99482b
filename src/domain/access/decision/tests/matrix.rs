//! Every endpoint of the catalog, at every level held, in every state of a grant, from every door: the decision beside
//! a model that was written from the specification alone (DOMAIN §5) and shares nothing with the steps but the facts.

use super::*;
use crate::domain::catalog::{Method, TargetTemplate};
use crate::domain::permission::Group;
use crate::domain::role::{LeastRole, OwnerRole};

/// How the grants of the token stand; none where it has none at all.
const STATES: [Option<GrantStanding>; 6] = [
    None,
    Some(GrantStanding::Active),
    Some(GrantStanding::Pending),
    Some(GrantStanding::Denied),
    Some(GrantStanding::Revoked),
    Some(GrantStanding::None),
];

/// What is held of the first permission that an endpoint asks for; of all others, what it takes.
const HELD: [Option<Level>; 4] = [
    None,
    Some(Level::Read),
    Some(Level::Write),
    Some(Level::Admin),
];

/// What is unlike the plain case: a private repository, all of them granted, a user who may do everything, no policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Twist {
    Plain,
    Public,
    NoRole,
    LowRole,
    Restricted,
    Selected,
    Elsewhere,
}

const TWISTS: [Twist; 7] = [
    Twist::Plain,
    Twist::Public,
    Twist::NoRole,
    Twist::LowRole,
    Twist::Restricted,
    Twist::Selected,
    Twist::Elsewhere,
];

#[derive(Debug, Clone, Copy)]
struct Case<'a> {
    endpoint: &'a Endpoint,
    door: Door,
    state: Option<GrantStanding>,
    held: Option<Level>,
    twist: Twist,
}

impl Case<'_> {
    fn is_read(&self) -> bool {
        self.endpoint.method == Method::Get || self.endpoint.template == "fetch"
    }

    fn needs(&self) -> Vec<Need> {
        self.endpoint.sets.first().cloned().unwrap_or_default()
    }

    /// The facts, as the gate would gather them.
    fn targets(&self) -> Vec<Target<'static>> {
        self.endpoint
            .targets
            .iter()
            .map(|target| self.target(target))
            .collect()
    }

    fn target(&self, template: &TargetTemplate) -> Target<'static> {
        let role = match self.twist {
            Twist::NoRole => None,
            Twist::LowRole => Some(MemberRole::Member),
            _ => Some(MemberRole::Owner),
        };
        let policies = (self.twist == Twist::Restricted).then(restricted);
        let at = |id, login| OwnerFacts {
            policies,
            ..owner(id, login, role)
        };
        match template {
            TargetTemplate::Repository { .. } => Target::Repository(RepositoryFacts {
                visibility: if self.twist == Twist::Public {
                    Visibility::Public
                } else {
                    Visibility::Private
                },
                role: match self.twist {
                    Twist::NoRole => None,
                    Twist::LowRole => Some(RepositoryRole::Read),
                    _ => Some(RepositoryRole::Admin),
                },
                owner: at(ACME, "acme"),
                ..web()
            }),
            TargetTemplate::Organization { .. } => Target::Organization(at(ACME, "acme")),
            TargetTemplate::Enterprise { .. } => Target::Enterprise(at(GLOBEX, "globex")),
            TargetTemplate::Account { .. } => Target::Account(OwnerFacts { policies, ..own() }),
            TargetTemplate::User { .. } => Target::User(own().account),
        }
    }

    fn token(&self) -> TokenFacts {
        let Some(standing) = self.state else {
            return token([]);
        };
        let mut permissions: PermissionSet = self
            .needs()
            .iter()
            .skip(1)
            .map(|need| (need.permission, need.level))
            .collect();
        if let (Some(level), Some(need)) = (self.held, self.needs().first()) {
            permissions.insert(need.permission, level);
        }
        let selection = match self.twist {
            Twist::Selected => Selection::Selected([WEB].into()),
            Twist::Elsewhere => Selection::Selected([SITE].into()),
            _ => Selection::All,
        };
        token([ACME, GLOBEX, ANA].map(|owner| GrantFacts {
            permissions: permissions.clone(),
            selection: selection.clone(),
            ..grant(owner).standing(standing)
        }))
    }

    fn decide(&self) -> String {
        let targets = self.targets();
        let question = Question {
            endpoint: Some(self.endpoint),
            door: self.door,
            is_read: self.is_read(),
            targets: &targets,
            client: None,
            branches: Branches::None,
            workflows: Workflows::Untouched,
            now: NOW,
        };
        match decide(Catalog::github(), &question, Some(&self.token())).reason() {
            None => "allow".to_owned(),
            Some(reason) => reason.as_str().to_owned(),
        }
    }
}

/// The model. A set is held where each of its permissions is held high enough at a place that counts.
impl Case<'_> {
    fn expected(&self) -> &'static str {
        let is_ours = self.door == Door::Api;
        if self.endpoint.sets.is_empty() && !self.endpoint.is_free() {
            return if is_ours {
                "not_found"
            } else {
                "unknown_endpoint"
            };
        }
        if self.is_open() {
            return "allow";
        }
        if self.hides_something() {
            return "not_found";
        }
        if is_ours && self.is_read() && self.endpoint.listing {
            return "allow";
        }
        let owners = self.owned().count();
        if self.twist == Twist::Restricted && owners > 0 {
            return "policy_access";
        }
        if owners > 0
            && let Some(refused) = self.state_refuses()
        {
            return refused;
        }
        self.by_sets()
    }

    fn owned(&self) -> impl Iterator<Item = &TargetTemplate> {
        let targets = self.endpoint.targets.iter();
        targets.filter(|target| !matches!(target, TargetTemplate::User { .. }))
    }

    fn names_repository(&self) -> bool {
        self.endpoint
            .targets
            .iter()
            .any(|target| matches!(target, TargetTemplate::Repository { .. }))
    }

    /// Step 4: what anyone may read, and what is free and names nothing that could be private.
    fn is_open(&self) -> bool {
        let is_ours = self.door == Door::Api;
        let is_public = |target: &TargetTemplate| match target {
            TargetTemplate::Repository { .. } => self.twist == Twist::Public,
            TargetTemplate::Enterprise { .. } => false,
            _ => is_ours,
        };
        let all_public = self.endpoint.targets.iter().all(is_public);
        let blind = self.endpoint.listing && !is_ours;
        if self.is_read() && self.endpoint.public_readable && all_public && !blind {
            return true;
        }
        let names_owner = self.endpoint.targets.iter().any(|target| {
            !matches!(
                target,
                TargetTemplate::User { .. } | TargetTemplate::Account { .. }
            )
        });
        self.endpoint.is_free() && !names_owner
    }

    /// Step 5.
    fn hides_something(&self) -> bool {
        let has_grant = self.state.is_some();
        let lists = self.door == Door::Api && self.is_read() && self.endpoint.listing;
        self.endpoint.targets.iter().any(|target| match target {
            TargetTemplate::Repository { .. } => {
                let is_named = has_grant && self.twist != Twist::Elsewhere;
                self.twist != Twist::Public && (self.twist == Twist::NoRole || !is_named)
            }
            TargetTemplate::Organization { .. } => !has_grant && !lists,
            TargetTemplate::Enterprise { .. } => self.twist == Twist::NoRole || !has_grant,
            TargetTemplate::Account { .. } | TargetTemplate::User { .. } => false,
        })
    }

    fn state_refuses(&self) -> Option<&'static str> {
        match self.state {
            Some(GrantStanding::Active) => None,
            Some(GrantStanding::Pending) => Some("pending"),
            Some(GrantStanding::Denied) => Some("denied"),
            Some(GrantStanding::Revoked) => Some("revoked"),
            Some(GrantStanding::None) | None => Some("no_grant"),
        }
    }

    /// Steps 7 and 8.
    fn by_sets(&self) -> &'static str {
        let sets = self.sets();
        if !sets.is_empty()
            && sets
                .iter()
                .all(|set| set.iter().any(|need| self.is_nowhere(need)))
        {
            return "not_targeted";
        }
        let held: Vec<_> = sets
            .iter()
            .filter(|set| set.iter().all(|need| self.holds(need)))
            .collect();
        if held.is_empty() {
            return "missing_permission";
        }
        let may = |set: &&Vec<Need>| set.iter().all(|need| self.user_may(need));
        if held.into_iter().any(|set| may(&set)) {
            "allow"
        } else {
            "missing_role"
        }
    }

    /// A free route that names a repository takes metadata to read, and nothing opens it for writing.
    fn sets(&self) -> Vec<Vec<Need>> {
        if !self.endpoint.is_free() {
            return self.endpoint.sets.clone();
        }
        let metadata = Catalog::github()
            .find_permission("metadata")
            .expect("it is there");
        let place = |target: &TargetTemplate| matches!(target, TargetTemplate::Repository { .. });
        let named = self.endpoint.targets.iter().position(place);
        let need = named.filter(|_| self.is_read()).map(|target| Need {
            permission: metadata.id,
            level: Level::Read,
            target,
        });
        need.map(|need| vec![need]).into_iter().collect()
    }

    /// Looked up at nothing, or at an owner by a grant that is not for all of the owner's repositories.
    fn is_nowhere(&self, need: &Need) -> bool {
        let Some(target) = self.endpoint.targets.get(need.target) else {
            return true;
        };
        let of_repository =
            Catalog::github().permission(need.permission).group == Group::Repository;
        let is_repository = matches!(target, TargetTemplate::Repository { .. });
        of_repository && !is_repository && matches!(self.twist, Twist::Selected | Twist::Elsewhere)
    }

    fn holds(&self, need: &Need) -> bool {
        let first = self.needs();
        let is_varied = first
            .first()
            .is_some_and(|first| first.permission == need.permission);
        let level = if is_varied {
            self.held
        } else {
            let other = first
                .iter()
                .skip(1)
                .find(|other| other.permission == need.permission);
            other.map(|other| other.level)
        };
        level >= Some(need.level) && !self.is_nowhere(need)
    }

    fn user_may(&self, need: &Need) -> bool {
        let permission = Catalog::github().permission(need.permission);
        let rule = permission
            .level_covering(need.level)
            .expect("a level of the catalog");
        let least = self.endpoint.least_role.unwrap_or(rule.least_role);
        let is_own = matches!(
            self.endpoint.targets.get(need.target),
            Some(TargetTemplate::Account { .. })
        );
        let is_repository = matches!(
            self.endpoint.targets.get(need.target),
            Some(TargetTemplate::Repository { .. })
        );
        match (self.twist, least) {
            _ if is_own => true,
            (Twist::NoRole, LeastRole::Organization(asked)) => asked == OwnerRole::Anyone,
            (Twist::LowRole, LeastRole::Repository(asked)) => {
                is_repository && asked == RepositoryRole::Read
            }
            (Twist::LowRole, LeastRole::Organization(asked)) => asked <= OwnerRole::Member,
            (Twist::NoRole, _)
            | (Twist::LowRole, LeastRole::SelfOnly | LeastRole::EnterpriseOwner) => false,
            _ => true,
        }
    }
}

fn cases(endpoint: &Endpoint) -> impl Iterator<Item = Case<'_>> {
    let doors = [Door::Api, SERVICE];
    doors.into_iter().flat_map(move |door| {
        STATES.into_iter().flat_map(move |state| {
            HELD.into_iter().flat_map(move |held| {
                TWISTS.into_iter().map(move |twist| Case {
                    endpoint,
                    door,
                    state,
                    held,
                    twist,
                })
            })
        })
    })
}

#[test]
fn every_endpoint_at_every_level_in_every_state_is_decided_as_the_model_says() {
    let mut count = 0;
    let mut differences = Vec::new();
    for case in Catalog::github().endpoints().iter().flat_map(cases) {
        count += 1;
        let (decided, expected) = (case.decide(), case.expected());
        if decided != expected {
            differences.push(format!(
                "{}: {decided}, not {expected}: {:?} {:?} {:?} {:?}",
                case.endpoint.line(),
                case.door,
                case.state,
                case.held,
                case.twist
            ));
        }
    }
    assert!(count > 400_000, "{count} cases");
    let first = differences.iter().take(20).collect::<Vec<_>>();
    assert!(
        differences.is_empty(),
        "{} differences: {first:#?}",
        differences.len()
    );
}

/// The same for classic tokens: with every scope, whatever takes any, and with none, what is open to anybody.
#[test]
fn every_endpoint_takes_a_classic_token_by_its_scopes_alone() {
    let catalog = Catalog::github();
    let all: Vec<_> = catalog
        .scopes()
        .iter()
        .map(|scope| scope.name.as_str())
        .collect();
    let classic = |names: &[&str]| TokenFacts {
        kind: TokenKind::Classic,
        expires_at: None,
        scopes: catalog.scope_set(names).expect("they are in the catalog"),
        ..token([])
    };
    let (full, empty) = (classic(&all), classic(&[]));
    for endpoint in catalog.endpoints() {
        let case = Case {
            endpoint,
            door: SERVICE,
            state: None,
            held: None,
            twist: Twist::Plain,
        };
        let targets = case.targets();
        let question = Question {
            endpoint: Some(endpoint),
            door: SERVICE,
            is_read: case.is_read(),
            targets: &targets,
            client: None,
            branches: Branches::None,
            workflows: Workflows::Untouched,
            now: NOW,
        };
        let takes = |set: &Vec<Need>| {
            set.iter().all(|need| {
                let scopes = endpoint
                    .scopes
                    .unwrap_or_else(|| catalog.scopes_for(need.permission, need.level, false));
                scopes.iter().next().is_some() && need.target != Need::NOWHERE
            })
        };
        let is_open = case.is_open();
        let reads_named = endpoint.is_free() && case.is_read() && case.names_repository();
        let expected = is_open || reads_named || endpoint.sets.iter().any(takes);
        let line = endpoint.line();
        assert_eq!(
            decide(catalog, &question, Some(&full)).is_allowed(),
            expected,
            "{line}"
        );
        assert_eq!(
            decide(catalog, &question, Some(&empty)).is_allowed(),
            is_open,
            "{line}"
        );
    }
}
