//! The steps of the decision, in their order. Numbers are those of DOMAIN §5.

mod grants;
mod needs;
mod scopes;

use super::facts::{Door, OwnerFacts, Question, RepositoryFacts, Target, TokenFacts};
use super::reason::{Allow, Basis, Decision, Reason, Refusal};
use super::trace::{Passed, Step, Trace, Unwatched, Watch};
use crate::domain::access::rights::Visibility;
use crate::domain::approval::GrantStanding;
use crate::domain::catalog::{Catalog, Endpoint, Freedom};
use crate::domain::policy::Spared;
use crate::domain::policy::evaluate::{Exposure, Violation, stands_against};
use crate::domain::token::TokenKind;
use crate::domain::token::conditions::{Branches, Conditions};

/// Judges one call. `token` is the one whose secret was found good (step 1), or none when no secret came.
pub fn decide(catalog: &Catalog, question: &Question<'_>, token: Option<&TokenFacts>) -> Decision {
    conclude(judge(catalog, question, token, &mut Unwatched))
}

/// The same judgement, with what became of each step: the very steps of [`decide`], watched.
pub fn trace(
    catalog: &Catalog,
    question: &Question<'_>,
    token: Option<&TokenFacts>,
) -> (Decision, Trace) {
    let mut passed = Passed::default();
    let decision = conclude(judge(catalog, question, token, &mut passed));
    let trace = passed.into_trace(&decision);
    (decision, trace)
}

fn conclude(verdict: Verdict<Basis>) -> Decision {
    match verdict {
        Ok(basis) => Decision::Allow(Allow { basis }),
        Err(refusal) => Decision::Refuse(refusal),
    }
}

type Verdict<T = ()> = Result<T, Refusal>;

fn judge(
    catalog: &Catalog,
    question: &Question<'_>,
    token: Option<&TokenFacts>,
    watch: &mut impl Watch,
) -> Verdict<Basis> {
    let Some(token) = token else {
        return anonymous(question);
    };
    watch.pass(Step::Secret);
    watch.pass(Step::Credential);
    let endpoint = known_endpoint(question)?;
    watch.pass(Step::Endpoint);
    if let Some(basis) = without_permission(question, endpoint) {
        own_address(question, token)?;
        watch.pass(Step::Condition);
        return Ok(basis);
    }
    let case = Case {
        catalog,
        question,
        token,
        endpoint,
    };
    case.conditions_hold()?;
    watch.pass(Step::Condition);
    watch.pass(Step::Open);
    for (place, target) in question.targets.iter().enumerate() {
        case.is_visible(place, target)?;
    }
    if case.is_filtered_list() {
        return Ok(Basis::Listing);
    }
    watch.pass(Step::Visible);
    for (place, target) in question.targets.iter().enumerate() {
        case.policies_allow(place, target)?;
    }
    watch.pass(Step::Policy);
    match token.kind {
        TokenKind::FineGrained => case.by_grants(watch),
        TokenKind::Classic => case.by_scopes(watch),
    }
}

/// Step 0: without a secret, what anyone may read or, at our own API, call; all else is hidden (the API) or asks for a
/// secret (git, doors).
fn anonymous(question: &Question<'_>) -> Verdict<Basis> {
    let public = question
        .endpoint
        .and_then(|endpoint| without_permission(question, endpoint));
    let is_open = question
        .endpoint
        .is_some_and(|endpoint| endpoint.freedom == Freedom::Open);
    match (public, question.door) {
        (Some(Basis::PublicRead), _) => Ok(Basis::PublicRead),
        (Some(Basis::Free), Door::Api) if is_open => Ok(Basis::Free),
        (_, Door::Api) => Err(Refusal::bare(Reason::NotFound)),
        (_, Door::Git | Door::Service { .. }) => Err(Refusal::bare(Reason::BadCredentials)),
    }
}

/// Step 2: an endpoint that the catalog does not know, or that asks for nothing and is not marked free, is denied.
fn known_endpoint<'a>(question: &Question<'a>) -> Verdict<&'a Endpoint> {
    let reason = if question.door == Door::Api {
        Reason::NotFound
    } else {
        Reason::UnknownEndpoint
    };
    let endpoint = question.endpoint.ok_or(Refusal::bare(reason))?;
    if endpoint.is_closed() {
        Err(Refusal::bare(reason))
    } else {
        Ok(endpoint)
    }
}

/// Step 3 for one set of conditions.
fn condition(conditions: &Conditions, question: &Question<'_>) -> Verdict {
    match conditions.failure(question.client, question.branches) {
        None => Ok(()),
        failure => Err(Refusal {
            condition: failure,
            ..Refusal::bare(Reason::Condition)
        }),
    }
}

/// Step 3 for what anyone may read: there the token's own address condition counts, and no grant's.
fn own_address(question: &Question<'_>, token: &TokenFacts) -> Verdict {
    let asked = Conditions {
        addresses: token.conditions.addresses.clone(),
        branches: Vec::new(),
    };
    match asked.failure(question.client, Branches::None) {
        None => Ok(()),
        failure => Err(Refusal {
            condition: failure,
            ..Refusal::bare(Reason::Condition)
        }),
    }
}

/// Step 4: (a) reading what is public, (b) an endpoint that needs nothing and names nothing that could be private.
fn without_permission(question: &Question<'_>, endpoint: &Endpoint) -> Option<Basis> {
    let is_ours = !matches!(question.door, Door::Service { .. });
    let is_public = |target: &Target<'_>| match target {
        Target::Missing | Target::Enterprise(_) => false,
        Target::Repository(repository) => repository.visibility == Visibility::Public,
        // Our own answers about organizations and users have a public part; another service's may not.
        Target::Organization(_) | Target::User(_) | Target::Account(_) => is_ours,
    };
    // A list that names nobody may hold anything: a door cannot see into it.
    let is_blind = endpoint.listing && !is_ours;
    let names_public = !is_blind && question.targets.iter().all(is_public);
    if question.is_read && endpoint.public_readable && names_public {
        return Some(Basis::PublicRead);
    }
    let names_nothing =
        |target: &Target<'_>| matches!(target, Target::User(_) | Target::Account(_));
    (endpoint.is_free() && question.targets.iter().all(names_nothing)).then_some(Basis::Free)
}

fn owner_of<'a>(target: &Target<'a>) -> Option<OwnerFacts<'a>> {
    match target {
        Target::Missing | Target::User(_) => None,
        Target::Repository(repository) => Some(repository.owner),
        Target::Organization(owner) | Target::Enterprise(owner) | Target::Account(owner) => {
            Some(*owner)
        }
    }
}

/// A call that asks for permissions, with everything its judgement needs.
struct Case<'a> {
    catalog: &'a Catalog,
    question: &'a Question<'a>,
    token: &'a TokenFacts,
    endpoint: &'a Endpoint,
}

impl Case<'_> {
    /// Step 3: the conditions of the grant at each target; the token's own where there is none.
    ///
    /// A target that the token may not know counts as absent here too: else a grant's conditions would tell the two
    /// apart.
    fn conditions_hold(&self) -> Verdict {
        let targets = self.question.targets.iter().enumerate();
        let mut asked = targets.filter_map(|(place, target)| {
            self.is_visible(place, target).ok()?;
            let owner = owner_of(target)?.account.id;
            let grant = self.token.grant_at(owner)?;
            (grant.standing == GrantStanding::Active)
                .then_some((Some((owner, place)), &grant.terms.conditions))
        });
        let first = asked.next().unwrap_or((None, &self.token.conditions));
        std::iter::once(first)
            .chain(asked)
            .try_for_each(|(at, conditions)| {
                condition(conditions, self.question).map_err(|refusal| match at {
                    Some((owner, place)) => refusal.at(owner, place),
                    None => refusal,
                })
            })
    }

    /// Step 5: absent and hidden are one answer.
    fn is_visible(&self, place: usize, target: &Target<'_>) -> Verdict {
        let visible = match target {
            Target::Missing => false,
            Target::User(_) => true,
            Target::Repository(repository) => self.sees_repository(repository),
            Target::Organization(owner) => self.sees_organization(owner),
            Target::Enterprise(owner) => owner.role.is_some() && self.names_owner(owner),
            Target::Account(owner) => owner.role.is_some(),
        };
        let hidden = Refusal {
            target: Some(place),
            ..Refusal::bare(Reason::NotFound)
        };
        if visible { Ok(()) } else { Err(hidden) }
    }

    fn sees_repository(&self, repository: &RepositoryFacts<'_>) -> bool {
        if repository.visibility == Visibility::Public {
            return true;
        }
        let named = match self.token.kind {
            TokenKind::FineGrained => self
                .token
                .grant_at(repository.owner.account.id)
                .is_some_and(|grant| grant.mentions(repository.id)),
            TokenKind::Classic => self.has_scope("repo"),
        };
        repository.role.is_some() && named
    }

    fn sees_organization(&self, owner: &OwnerFacts<'_>) -> bool {
        // A list of repositories shows each item by its own right, so that the list itself hides nothing.
        if self.is_filtered_list() {
            return true;
        }
        let belongs = owner.role.is_some() || owner.is_in_enterprise || owner.is_enterprise_owner;
        match self.token.kind {
            TokenKind::FineGrained => self.names_owner(owner),
            TokenKind::Classic => belongs,
        }
    }

    fn names_owner(&self, owner: &OwnerFacts<'_>) -> bool {
        match self.token.kind {
            TokenKind::FineGrained => self.token.grant_at(owner.account.id).is_some(),
            TokenKind::Classic => true,
        }
    }

    /// Our own API answers a list with exactly the items that the single decision would allow.
    fn is_filtered_list(&self) -> bool {
        self.endpoint.listing && self.question.is_read && self.question.door == Door::Api
    }

    /// Step 6: the owner's access policy, then its limit, then a block of this very token.
    fn policies_allow(&self, place: usize, target: &Target<'_>) -> Verdict {
        let Some(owner) = owner_of(target) else {
            return Ok(());
        };
        let refuse = |reason| Refusal::bare(reason).at(owner.account.id, place);
        match self.violation(&owner) {
            Some(found @ Violation::Access(_)) => {
                return Err(Refusal {
                    violation: Some(found),
                    ..refuse(Reason::PolicyAccess)
                });
            }
            Some(found @ Violation::Lifetime { .. }) => {
                return Err(Refusal {
                    violation: Some(found),
                    ..refuse(Reason::PolicyLifetime)
                });
            }
            None => {}
        }
        if self.token.blocked_at.contains(&owner.account.id) {
            Err(refuse(Reason::BlockedHere))
        } else {
            Ok(())
        }
    }

    fn violation(&self, owner: &OwnerFacts<'_>) -> Option<Violation> {
        let policies = owner.policies.as_ref()?;
        let policy = match self.token.kind {
            TokenKind::FineGrained => &policies.fine_grained,
            TokenKind::Classic => &policies.classic,
        };
        let exposure = Exposure {
            kind: self.token.kind,
            lifetime: self.token.lifetime(),
            is_of_a_member: owner.role.is_some() || owner.is_in_enterprise,
            spared: Spared::by(
                &self.token.exemptions,
                (owner.account.id, owner.enterprise),
                owner.is_enterprise_owner,
                self.question.now,
            ),
        };
        stands_against(policy, &exposure)
    }

    fn has_scope(&self, name: &str) -> bool {
        self.catalog
            .find_scope(name)
            .is_some_and(|scope| self.token.scopes.covers(scope))
    }
}
