//! The steps of the decision, in their order. Numbers are those of DOMAIN §5.

use super::facts::{
    Door, GrantFacts, OwnerFacts, Question, RepositoryFacts, Target, TokenFacts, Workflows,
};
use super::reason::{Allow, Basis, Decision, Held, Reason, Refusal};
use crate::domain::access::rights::{MemberRole, Relation, Visibility};
use crate::domain::approval::GrantStanding;
use crate::domain::catalog::{Catalog, Endpoint, Need};
use crate::domain::permission::{Group, Level};
use crate::domain::policy::evaluate::{Violation, violation};
use crate::domain::role::{LeastRole, OwnerRole};
use crate::domain::scope::ScopeSet;
use crate::domain::selection::Selection;
use crate::domain::token::TokenKind;
use crate::domain::token::conditions::{Branches, Conditions};
use crate::domain::token::expiry::is_over;

/// Judges one call. `token` is the one whose secret was found good (step 1), or none when no secret came.
pub fn decide(catalog: &Catalog, question: &Question<'_>, token: Option<&TokenFacts>) -> Decision {
    match judge(catalog, question, token) {
        Ok(basis) => Decision::Allow(Allow { basis }),
        Err(refusal) => Decision::Refuse(refusal),
    }
}

type Verdict<T = ()> = Result<T, Refusal>;

fn judge(catalog: &Catalog, question: &Question<'_>, token: Option<&TokenFacts>) -> Verdict<Basis> {
    let Some(token) = token else {
        return anonymous(question);
    };
    let endpoint = known_endpoint(question)?;
    conditions(question, token)?;
    if let Some(basis) = without_permission(question, endpoint) {
        own_address(question, token)?;
        return Ok(basis);
    }
    let case = Case {
        catalog,
        question,
        token,
        endpoint,
    };
    for (place, target) in question.targets.iter().enumerate() {
        case.is_visible(place, target)?;
    }
    if case.is_filtered_list() {
        return Ok(Basis::Listing);
    }
    for (place, target) in question.targets.iter().enumerate() {
        case.policies_allow(place, target)?;
    }
    match token.kind {
        TokenKind::FineGrained => case.by_grants(),
        TokenKind::Classic => case.by_scopes(),
    }
}

/// Step 0: without a secret, what anyone may read; all else is hidden (the API) or asks for a secret (git, doors).
fn anonymous(question: &Question<'_>) -> Verdict<Basis> {
    let public = question
        .endpoint
        .and_then(|endpoint| without_permission(question, endpoint));
    match (public, question.door) {
        (Some(Basis::PublicRead), _) => Ok(Basis::PublicRead),
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
    let asks_for_something =
        endpoint.permission_free || endpoint.public_readable || !endpoint.sets.is_empty();
    if asks_for_something {
        Ok(endpoint)
    } else {
        Err(Refusal::bare(reason))
    }
}

/// Step 3: the conditions of the grant at each target, or the token's own where there is none.
fn conditions(question: &Question<'_>, token: &TokenFacts) -> Verdict {
    let mut asked = question
        .targets
        .iter()
        .enumerate()
        .filter_map(|(place, target)| {
            let owner = owner_of(target)?;
            let grant = token
                .grant_at(owner.account.id)
                .filter(|grant| grant.standing == GrantStanding::Active)?;
            Some((Some((place, owner)), &grant.terms.conditions))
        });
    let first = asked.next().unwrap_or((None, &token.conditions));
    std::iter::once(first)
        .chain(asked)
        .try_for_each(|(place, conditions)| {
            condition(conditions, question).map_err(|refusal| match place {
                Some((place, owner)) => refusal.at(owner.account.id, place),
                None => refusal,
            })
        })
}

fn condition(conditions: &Conditions, question: &Question<'_>) -> Verdict {
    match conditions.failure(question.client, question.branches) {
        None => Ok(()),
        failure => Err(Refusal {
            condition: failure,
            ..Refusal::bare(Reason::Condition)
        }),
    }
}

/// An address condition of the token itself also counts for what anyone may read.
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
    if question.is_read && endpoint.public_readable && question.targets.iter().all(is_public) {
        return Some(Basis::PublicRead);
    }
    let names_nothing =
        |target: &Target<'_>| matches!(target, Target::User(_) | Target::Account(_));
    (endpoint.permission_free && question.targets.iter().all(names_nothing)).then_some(Basis::Free)
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
        (belongs || self.token.grant_at(owner.account.id).is_some()) && self.names_owner(owner)
    }

    fn names_owner(&self, owner: &OwnerFacts<'_>) -> bool {
        match self.token.kind {
            TokenKind::FineGrained => self
                .token
                .grant_at(owner.account.id)
                .is_some_and(|grant| grant.standing != GrantStanding::None),
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
        if owner.is_token_blocked {
            Err(refuse(Reason::BlockedHere))
        } else {
            Ok(())
        }
    }

    fn violation(&self, owner: &OwnerFacts<'_>) -> Option<Violation> {
        let policies = owner.policies.as_ref()?;
        let (policy, is_limited) = match self.token.kind {
            TokenKind::FineGrained => (&policies.fine_grained, true),
            // A classic token's life is the business only of those its user belongs to.
            TokenKind::Classic => (
                &policies.classic,
                owner.role.is_some() || owner.is_in_enterprise,
            ),
        };
        let found = violation(policy, self.token.lifetime(), owner.is_enterprise_owner)?;
        (is_limited || matches!(found, Violation::Access(_))).then_some(found)
    }

    /// Step 7 and 8 for a fine-grained token.
    fn by_grants(&self) -> Verdict<Basis> {
        for (place, target) in self.question.targets.iter().enumerate() {
            self.grant_reaches(place, target)?;
        }
        let sets = self.required_sets();
        let held: Vec<_> = sets
            .iter()
            .filter(|set| set.iter().all(|need| self.is_granted(need)))
            .collect();
        if held.is_empty() {
            return Err(self.missing_permission(&sets));
        }
        let with_role = held
            .iter()
            .find(|set| set.iter().all(|need| self.has_role(need)));
        let set = with_role.ok_or_else(|| self.missing_role(held[0]))?;
        self.basis(set)
    }

    /// Step 7, first half: the grant at each target works and reaches it.
    fn grant_reaches(&self, place: usize, target: &Target<'_>) -> Verdict {
        let Some(owner) = owner_of(target) else {
            return Ok(());
        };
        let refuse = |reason| Refusal::bare(reason).at(owner.account.id, place);
        let grant = self
            .token
            .grant_at(owner.account.id)
            .ok_or_else(|| refuse(Reason::NoGrant))?;
        standing_refusal(grant.standing).map_or(Ok(()), |reason| Err(refuse(reason)))?;
        if is_over(
            grant.terms.lifetime.end_from(self.token.starts_at),
            self.question.now,
        ) {
            let reason = grant
                .wish
                .and_then(standing_refusal)
                .unwrap_or(Reason::NoGrant);
            return Err(refuse(reason));
        }
        match target {
            Target::Repository(repository) if !reaches(grant, repository) => {
                let wished = grant
                    .wished
                    .as_ref()
                    .is_some_and(|wished| wished.names(repository.id));
                let waiting = grant.wish.filter(|_| wished).and_then(standing_refusal);
                Err(refuse(waiting.unwrap_or(Reason::NotSelected)))
            }
            Target::Organization(_) | Target::Account(_) => self.untargeted(grant).map_err(refuse),
            _ => Ok(()),
        }
    }

    /// A repository permission without a repository in the path asks for all of them, unless the service filters.
    fn untargeted(&self, grant: &GrantFacts) -> Result<(), Reason> {
        let names_repository = self
            .question
            .targets
            .iter()
            .any(|target| matches!(target, Target::Repository(_)));
        let asks_repository_permission = self
            .endpoint
            .sets
            .iter()
            .flatten()
            .any(|need| self.is_of_repository(need));
        let filters =
            matches!(self.question.door, Door::Service { filters: true }) && self.question.is_read;
        let untargeted = asks_repository_permission && !names_repository && !filters;
        if untargeted && grant.selection != Selection::All {
            Err(Reason::NotTargeted)
        } else {
            Ok(())
        }
    }

    fn is_of_repository(&self, need: &Need) -> bool {
        self.catalog.permission(need.permission).group == Group::Repository
    }

    /// The sets of which one must be held: only the larger one of a conditional pair when workflow files are touched.
    fn required_sets(&self) -> Vec<Vec<Need>> {
        match (self.endpoint.conditional, self.question.workflows) {
            (Some(larger), Workflows::Touched | Workflows::Unknown) => {
                vec![self.endpoint.sets[larger].clone()]
            }
            _ => self.endpoint.sets.clone(),
        }
    }

    fn is_granted(&self, need: &Need) -> bool {
        let Some(grant) = self.grant_for(need) else {
            return false;
        };
        let too_much = grant.relation == Relation::Sister && need.level > Level::Read;
        !too_much && grant.permissions.holds(need.permission, need.level)
    }

    fn grant_for(&self, need: &Need) -> Option<&GrantFacts> {
        let owner = owner_of(self.question.targets.get(need.target)?)?;
        self.token.grant_at(owner.account.id)
    }

    fn missing_permission(&self, sets: &[Vec<Need>]) -> Refusal {
        let mut held: Vec<Held> = Vec::new();
        for need in sets.iter().flatten() {
            if !held.iter().any(|known| known.permission == need.permission) {
                let level = self
                    .grant_for(need)
                    .and_then(|grant| grant.permissions.level_of(need.permission));
                held.push(Held {
                    permission: need.permission,
                    level,
                });
            }
        }
        let first = sets.first().and_then(|set| set.first());
        let refusal = Refusal {
            needed: sets.to_vec(),
            held,
            ..Refusal::bare(Reason::MissingPermission)
        };
        self.said_of(first, refusal)
    }

    /// Step 8: a token never does what its user may not.
    fn has_role(&self, need: &Need) -> bool {
        let Some(target) = self.question.targets.get(need.target) else {
            return false;
        };
        let permission = self.catalog.permission(need.permission);
        let Some(rule) = permission.level_covering(need.level) else {
            return false;
        };
        let least = self.endpoint.least_role.unwrap_or(rule.least_role);
        match (least, target) {
            (LeastRole::Repository(least), Target::Repository(repository)) => {
                repository.role >= Some(least)
            }
            (LeastRole::Organization(least), _) => has_owner_role(target, least),
            // Without a repository in the path only an owner is sure to have the role everywhere.
            (LeastRole::Repository(_) | LeastRole::SelfOnly | LeastRole::EnterpriseOwner, _) => {
                has_owner_role(target, OwnerRole::Owner)
            }
        }
    }

    fn missing_role(&self, set: &[Need]) -> Refusal {
        let lacking = set.iter().find(|need| !self.has_role(need));
        let refusal = Refusal {
            needed: vec![set.to_vec()],
            ..Refusal::bare(Reason::MissingRole)
        };
        self.said_of(lacking, refusal)
    }

    fn said_of(&self, need: Option<&Need>, refusal: Refusal) -> Refusal {
        let place = need.map_or(0, |need| need.target);
        match self.question.targets.get(place).and_then(owner_of) {
            Some(owner) => refusal.at(owner.account.id, place),
            None => refusal,
        }
    }

    fn basis(&self, set: &[Need]) -> Verdict<Basis> {
        // The last need names what the call is about: `contents: write` before `workflows: write`, the broader first.
        let need = set.first().ok_or(Refusal::bare(Reason::UnknownEndpoint))?;
        let grant = self.grant_for(need).ok_or(Refusal::bare(Reason::NoGrant))?;
        Ok(Basis::Grant {
            grant: grant.id,
            owner: grant.owner,
            permission: need.permission,
            level: need.level,
        })
    }

    /// Step 7 and 8 for a classic token: scopes, then the user's own role.
    fn by_scopes(&self) -> Verdict<Basis> {
        let sets = self.required_sets();
        let scoped: Vec<_> = sets
            .iter()
            .filter(|set| set.iter().all(|need| self.is_scoped(need)))
            .collect();
        if scoped.is_empty() {
            let accepted = sets
                .iter()
                .flatten()
                .map(|need| self.scopes_for(need))
                .flat_map(ScopeSet::iter)
                .collect();
            let refusal = Refusal {
                needed: sets.clone(),
                scopes: accepted,
                ..Refusal::bare(Reason::MissingScope)
            };
            return Err(self.said_of(sets.first().and_then(|set| set.first()), refusal));
        }
        let with_role = scoped
            .iter()
            .find(|set| set.iter().all(|need| self.has_role(need)));
        let set = with_role.ok_or_else(|| self.missing_role(scoped[0]))?;
        let need = set.first().ok_or(Refusal::bare(Reason::UnknownEndpoint))?;
        let owner = self.question.targets.get(need.target).and_then(owner_of);
        let owner = owner
            .ok_or(Refusal::bare(Reason::UnknownEndpoint))?
            .account
            .id;
        Ok(Basis::Scope {
            owner,
            permission: need.permission,
            level: need.level,
        })
    }

    fn is_scoped(&self, need: &Need) -> bool {
        self.scopes_for(need).iter().any(|scope| {
            self.token
                .scopes
                .covers(&self.catalog.scopes()[scope.index()])
        })
    }

    fn scopes_for(&self, need: &Need) -> ScopeSet {
        if let Some(scopes) = self.endpoint.scopes {
            return scopes;
        }
        let permission = self.catalog.permission(need.permission);
        let mut scopes = permission
            .level_covering(need.level)
            .map(|rule| rule.scopes)
            .unwrap_or_default();
        let is_public = matches!(
            self.question.targets.get(need.target),
            Some(Target::Repository(RepositoryFacts {
                visibility: Visibility::Public,
                ..
            }))
        );
        if let Some(scope) = permission.public_scope.filter(|_| is_public) {
            scopes.insert(scope);
        }
        scopes
    }

    fn has_scope(&self, name: &str) -> bool {
        self.catalog
            .find_scope(name)
            .is_some_and(|scope| self.token.scopes.covers(scope))
    }
}

/// Step 7: the reason for which a grant in this state gives nothing.
fn standing_refusal(standing: GrantStanding) -> Option<Reason> {
    match standing {
        GrantStanding::Active => None,
        GrantStanding::Pending => Some(Reason::Pending),
        GrantStanding::Denied => Some(Reason::Denied),
        GrantStanding::Revoked => Some(Reason::Revoked),
        GrantStanding::None => Some(Reason::NoGrant),
    }
}

/// Whether an active grant reaches a repository; one from a sister organization stays with internal ones.
fn reaches(grant: &GrantFacts, repository: &RepositoryFacts<'_>) -> bool {
    let stays = grant.relation != Relation::Sister || repository.visibility == Visibility::Internal;
    stays && grant.selection.names(repository.id)
}

fn has_owner_role(target: &Target<'_>, least: OwnerRole) -> bool {
    let role = owner_of(target).and_then(|owner| owner.role);
    match least {
        OwnerRole::Anyone => true,
        OwnerRole::Member => role.is_some(),
        OwnerRole::Owner => role == Some(MemberRole::Owner),
    }
}
