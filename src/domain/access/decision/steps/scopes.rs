//! Step 7 for classic tokens: scopes in place of grants.

use super::{Case, Verdict, owner_of};
use crate::domain::access::decision::facts::{RepositoryFacts, Target};
use crate::domain::access::decision::reason::{Basis, Reason, Refusal};
use crate::domain::access::decision::trace::{Step, Watch};
use crate::domain::access::rights::Visibility;
use crate::domain::catalog::Need;
use crate::domain::scope::ScopeSet;

impl Case<'_> {
    /// Step 7 and 8 for a classic token: scopes, then the user's own role.
    pub(super) fn by_scopes(&self, watch: &mut impl Watch) -> Verdict<Basis> {
        self.is_targeted()?;
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
        watch.pass(Step::Permission);
        let with_role = scoped
            .iter()
            .find(|set| set.iter().all(|need| self.has_role(need)));
        let set = with_role.ok_or_else(|| self.missing_role(scoped[0]))?;
        watch.pass(Step::Role);
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
}
