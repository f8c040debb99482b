//! What no combination of facts may break.

use proptest::prelude::*;

use super::*;

const KEYS: [&str; 10] = [
    ISSUES,
    OPEN_ISSUE,
    HOOKS,
    CONTENTS,
    LIST,
    CREATE,
    MEMBERS,
    MANAGE,
    "GIT fetch",
    "GIT push",
];

#[derive(Debug, Clone)]
struct Facts {
    key: &'static str,
    door: Door,
    workflows: Workflows,
    repository: RepositoryFacts<'static>,
    grant: GrantFacts,
    has_grant: bool,
    scopes: Option<Vec<&'static str>>,
    is_blocked: bool,
}

fn any_owner() -> impl Strategy<Value = OwnerFacts<'static>> {
    let role = prop_oneof![
        Just(None),
        Just(Some(MemberRole::Member)),
        Just(Some(MemberRole::Owner))
    ];
    let policies = prop_oneof![
        Just(None),
        Just(Some(restricted())),
        Just(Some(in_force(
            Access::Allow,
            Limit::Days(7),
            Limit::Unlimited,
            false
        ))),
        Just(Some(in_force(
            Access::Allow,
            Limit::Unlimited,
            Limit::Days(60),
            true
        ))),
    ];
    (role, any::<bool>(), any::<bool>(), policies).prop_map(
        |(role, is_in_enterprise, is_enterprise_owner, policies)| OwnerFacts {
            role,
            is_in_enterprise,
            is_enterprise_owner,
            policies,
            ..acme()
        },
    )
}

fn any_repository() -> impl Strategy<Value = RepositoryFacts<'static>> {
    let visibility = prop::sample::select(Visibility::ALL);
    let role = prop::option::of(prop::sample::select(RepositoryRole::ALL.to_vec()));
    (any_owner(), visibility, role).prop_map(|(owner, visibility, role)| RepositoryFacts {
        visibility,
        role,
        owner,
        ..web()
    })
}

fn any_selection() -> impl Strategy<Value = Selection> {
    prop_oneof![
        Just(Selection::Public),
        Just(Selection::All),
        Just(Selection::Selected([WEB].into())),
        Just(Selection::Selected([SITE].into())),
    ]
}

fn any_grant() -> impl Strategy<Value = GrantFacts> {
    let slugs = [
        "metadata",
        "issues",
        "contents",
        "workflows",
        "administration",
        "members",
        "tokens",
    ];
    let level = prop::sample::select(vec![Level::Read, Level::Write]);
    let held = prop::collection::vec((prop::sample::select(slugs.to_vec()), level), 0..6);
    let standing = prop::sample::select(GrantStanding::ALL);
    let relation = prop::sample::select(Relation::ALL);
    (
        any_selection(),
        prop::option::of(any_selection()),
        held,
        standing,
        relation,
    )
        .prop_map(|(selection, wished, held, standing, relation)| GrantFacts {
            standing,
            relation,
            selection,
            wished,
            ..grant(ACME).holds(&held)
        })
}

fn any_facts() -> impl Strategy<Value = Facts> {
    let door = prop::sample::select(vec![Door::Api, Door::Git, SERVICE, FILTERING]);
    let workflows = prop::sample::select(vec![
        Workflows::Untouched,
        Workflows::Touched,
        Workflows::Unknown,
    ]);
    let scopes =
        prop::sample::subsequence(vec!["repo", "public_repo", "workflow", "admin:org"], 0..4);
    let key = prop::sample::select(KEYS.to_vec());
    (
        key,
        door,
        workflows,
        any_repository(),
        any_grant(),
        any::<bool>(),
        prop::option::of(scopes),
        any::<bool>(),
    )
        .prop_map(
            |(key, door, workflows, repository, grant, has_grant, scopes, is_blocked)| Facts {
                key,
                door,
                workflows,
                repository,
                grant,
                has_grant,
                scopes,
                is_blocked,
            },
        )
}

impl Facts {
    fn names_repository(&self) -> bool {
        !self.key.contains("{org}")
    }

    fn with_policies(&self, policies: Option<Policies>) -> Self {
        let mut facts = self.clone();
        facts.repository.owner.policies = policies;
        facts
    }

    fn decide(&self) -> Result<Basis, Reason> {
        let (call, token) = self.call();
        call.by(&token)
    }

    fn call(&self) -> (Ask, TokenFacts) {
        let target = if self.names_repository() {
            Target::Repository(self.repository)
        } else {
            Target::Organization(self.repository.owner)
        };
        let token = match &self.scopes {
            Some(scopes) => classic(scopes),
            None => token(self.has_grant.then(|| self.grant.clone())),
        };
        let token = TokenFacts {
            blocked_at: self.is_blocked.then_some(ACME).into_iter().collect(),
            ..token
        };
        let call = Ask {
            door: self.door,
            workflows: self.workflows,
            ..ask(self.key)
        };
        (call.of(target), token)
    }

    fn is_public_read(&self) -> bool {
        endpoint(self.key).public_readable && self.repository.visibility == Visibility::Public
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_private_is_allowed_without_an_active_grant_that_names_it_and_a_role(facts in any_facts()) {
        let Ok(Basis::Grant { permission, level, .. }) = facts.decide() else { return Ok(()) };
        prop_assert!(facts.has_grant && facts.scopes.is_none());
        prop_assert_eq!(facts.grant.standing, GrantStanding::Active);
        prop_assert!(facts.grant.permissions.holds(permission, level));
        if facts.names_repository() {
            prop_assert!(facts.grant.selection.names(facts.repository.id));
            prop_assert!(facts.repository.role.is_some());
        }
        if let Some(policies) = facts.repository.owner.policies {
            prop_assert_eq!(policies.fine_grained.access.value, Access::Allow);
        }
    }

    #[test]
    fn every_other_allow_is_public_or_filtered_or_scoped(facts in any_facts()) {
        match facts.decide() {
            Ok(Basis::PublicRead) => prop_assert!(facts.is_public_read() || facts.key == LIST),
            Ok(Basis::Listing) => prop_assert!(facts.door == Door::Api && facts.key == LIST),
            Ok(Basis::Scope { .. }) => {
                prop_assert!(facts.scopes.as_ref().is_some_and(|scopes| !scopes.is_empty()));
                prop_assert!(!facts.names_repository() || facts.repository.role.is_some());
                prop_assert!(!facts.is_blocked);
            }
            Ok(Basis::Free) => prop_assert!(false, "none of these is free"),
            Ok(Basis::Grant { .. }) | Err(_) => {}
        }
    }

    #[test]
    fn a_restriction_never_allows_more(facts in any_facts()) {
        let free = facts.with_policies(None).decide();
        let restricted = facts.with_policies(Some(restricted())).decide();
        prop_assert!(restricted.is_err() || free.is_ok());
        if facts.decide().is_ok() {
            prop_assert!(free.is_ok());
        }
    }

    #[test]
    fn a_trace_tells_the_very_decision_and_stops_where_it_fell(facts in any_facts()) {
        let (call, token) = facts.call();
        let decision = call.decide(Some(&token));
        let (told, trace) = call.trace(Some(&token));
        prop_assert_eq!(&told, &decision);
        let ends = match decision.reason() {
            None => Outcome::Allowed,
            Some(reason) => {
                let hides_endpoint = reason == Reason::NotFound && trace.end() == Step::Endpoint;
                prop_assert!(hides_endpoint || trace.end() == Step::of(reason));
                Outcome::Refused
            }
        };
        prop_assert_eq!(trace.outcome(trace.end()), ends);
        for step in Step::ALL {
            match trace.outcome(step) {
                Outcome::Passed => prop_assert!(step < trace.end()),
                Outcome::NotReached => prop_assert!(step > trace.end()),
                Outcome::Allowed | Outcome::Refused => prop_assert_eq!(step, trace.end()),
            }
        }
    }

    #[test]
    fn public_resources_stay_readable_whatever_the_facts(facts in any_facts()) {
        if facts.names_repository() && facts.is_public_read() {
            prop_assert_eq!(facts.decide(), Ok(Basis::PublicRead));
        }
    }

    #[test]
    fn without_a_role_nothing_that_is_not_public_is_known(facts in any_facts()) {
        let mut facts = facts;
        facts.repository.role = None;
        if facts.names_repository() && facts.repository.visibility != Visibility::Public {
            prop_assert_eq!(facts.decide(), Err(Reason::NotFound));
        }
    }
}
