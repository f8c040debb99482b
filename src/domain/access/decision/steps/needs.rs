//! What both kinds of token have in common in steps 7 and 8: which sets count, at what, and the user's own role.

use super::{Case, Verdict, owner_of};
use crate::domain::access::decision::facts::{Door, OwnerFacts, Target, Workflows};
use crate::domain::access::decision::reason::{Reason, Refusal};
use crate::domain::access::rights::MemberRole;
use crate::domain::catalog::Need;
use crate::domain::permission::{Group, Level};
use crate::domain::role::{LeastRole, OwnerRole};
use crate::domain::selection::Selection;
use crate::domain::token::TokenKind;

impl Case<'_> {
    /// A repository permission without a repository in the path asks for all of them, unless the service filters; a
    /// route without an owner either can be judged nowhere.
    pub(super) fn is_targeted(&self) -> Verdict {
        let refuse = |place, reason| match self.question.targets.get(place).and_then(owner_of) {
            Some(owner) => Err(Refusal::bare(reason).at(owner.account.id, place)),
            None => Err(Refusal::bare(reason)),
        };
        let is_elsewhere = |set: &Vec<Need>| set.iter().any(|need| self.is_untargeted(need));
        let sets = &self.endpoint.sets;
        if sets.is_empty() || !sets.iter().all(is_elsewhere) {
            return Ok(());
        }
        let untargeted = sets.iter().flatten().find(|need| self.is_untargeted(need));
        untargeted.map_or(Ok(()), |need| refuse(need.target, Reason::NotTargeted))
    }

    /// Whether a need is looked up at nothing that the path names, or asks for a repository permission at something that
    /// is no repository, and the token does not hold it for all.
    pub(super) fn is_untargeted(&self, need: &Need) -> bool {
        let Some(target) = self.question.targets.get(need.target) else {
            return true;
        };
        if !self.is_of_repository(need) {
            return false;
        }
        match (target, owner_of(target)) {
            (Target::Repository(_), _) => false,
            (_, Some(owner)) => !self.service_filters() && !self.is_for_all(&owner),
            (_, None) => true,
        }
    }

    /// Whether the token is for everything of an owner; a classic one always is.
    fn is_for_all(&self, owner: &OwnerFacts<'_>) -> bool {
        match self.token.kind {
            TokenKind::FineGrained => self
                .token
                .grant_at(owner.account.id)
                .is_some_and(|grant| grant.selection == Selection::All),
            TokenKind::Classic => true,
        }
    }

    /// Whether the guarded service shows each reader only their own items.
    fn service_filters(&self) -> bool {
        self.question.is_read && self.question.door == Door::Service { filters: true }
    }

    fn is_of_repository(&self, need: &Need) -> bool {
        self.catalog.permission(need.permission).group == Group::Repository
    }

    /// The sets of which one must be held: only the larger one of a conditional pair when workflow files are touched.
    pub(super) fn required_sets(&self) -> Vec<Vec<Need>> {
        match (self.endpoint.conditional, self.question.workflows) {
            (Some(larger), Workflows::Touched | Workflows::Unknown) => {
                vec![self.endpoint.sets[larger].clone()]
            }
            _ if self.endpoint.is_free() => self.metadata_sets(),
            _ => self.endpoint.sets.clone(),
        }
    }

    /// A permission-free route that names repositories: reading takes what comes with every permission on them;
    /// writing is denied until the catalog gives it a set.
    fn metadata_sets(&self) -> Vec<Vec<Need>> {
        let automatic = self
            .catalog
            .permissions()
            .iter()
            .find(|known| known.automatic);
        let Some(automatic) = automatic.filter(|_| self.question.is_read) else {
            return Vec::new();
        };
        let targets = self.question.targets.iter().enumerate();
        let named = targets.filter(|(_, target)| matches!(target, Target::Repository(_)));
        let set: Vec<_> = named
            .map(|(target, _)| Need {
                permission: automatic.id,
                level: Level::Read,
                target,
            })
            .collect();
        if set.is_empty() {
            Vec::new()
        } else {
            vec![set]
        }
    }

    /// Step 8: a token never does what its user may not.
    pub(super) fn has_role(&self, need: &Need) -> bool {
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
            (LeastRole::Repository(_), _) if self.service_filters() => true,
            // Without a repository in the path only an owner is sure to have the role everywhere.
            (LeastRole::Repository(_) | LeastRole::SelfOnly | LeastRole::EnterpriseOwner, _) => {
                has_owner_role(target, OwnerRole::Owner)
            }
        }
    }

    pub(super) fn missing_role(&self, set: &[Need]) -> Refusal {
        let lacking = set.iter().find(|need| !self.has_role(need));
        let refusal = Refusal {
            needed: vec![set.to_vec()],
            ..Refusal::bare(Reason::MissingRole)
        };
        self.said_of(lacking, refusal)
    }

    pub(super) fn said_of(&self, need: Option<&Need>, refusal: Refusal) -> Refusal {
        let place = need.map_or(0, |need| need.target);
        match self.question.targets.get(place).and_then(owner_of) {
            Some(owner) => refusal.at(owner.account.id, place),
            None => refusal,
        }
    }
}

fn has_owner_role(target: &Target<'_>, least: OwnerRole) -> bool {
    let role = owner_of(target).and_then(|owner| owner.role);
    match least {
        OwnerRole::Anyone => true,
        OwnerRole::Member => role.is_some(),
        OwnerRole::Owner => role == Some(MemberRole::Owner),
    }
}
