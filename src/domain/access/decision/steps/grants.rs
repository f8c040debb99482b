//! Step 7 for fine-grained tokens: the grant at each target, and the sets.

use super::{Case, Verdict, owner_of};
use crate::domain::access::decision::facts::{GrantFacts, RepositoryFacts, Target};
use crate::domain::access::decision::reason::{Basis, Held, Reason, Refusal};
use crate::domain::access::decision::trace::{Step, Watch};
use crate::domain::access::rights::{Relation, Visibility};
use crate::domain::approval::GrantStanding;
use crate::domain::catalog::Need;
use crate::domain::permission::Level;
use crate::domain::token::expiry::is_over;

impl Case<'_> {
    /// Step 7 and 8 for a fine-grained token.
    pub(super) fn by_grants(&self, watch: &mut impl Watch) -> Verdict<Basis> {
        for (place, target) in self.question.targets.iter().enumerate() {
            self.grant_reaches(place, target)?;
        }
        self.is_targeted()?;
        let sets = self.required_sets();
        let held: Vec<_> = sets
            .iter()
            .filter(|set| set.iter().all(|need| self.is_granted(need)))
            .collect();
        if held.is_empty() {
            return Err(self.missing_permission(&sets));
        }
        watch.pass(Step::Permission);
        let with_role = held
            .iter()
            .find(|set| set.iter().all(|need| self.has_role(need)));
        let set = with_role.ok_or_else(|| self.missing_role(held[0]))?;
        watch.pass(Step::Role);
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
            _ => Ok(()),
        }
    }

    fn is_granted(&self, need: &Need) -> bool {
        let Some(grant) = self.grant_for(need) else {
            return false;
        };
        let too_much = grant.relation == Relation::Sister && need.level > Level::Read;
        !too_much
            && !self.is_untargeted(need)
            && grant.permissions.holds(need.permission, need.level)
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

    fn basis(&self, set: &[Need]) -> Verdict<Basis> {
        // The first need of a set names what the call is about: `contents: write` before `workflows: write`.
        let need = set.first().ok_or(Refusal::bare(Reason::UnknownEndpoint))?;
        let grant = self.grant_for(need).ok_or(Refusal::bare(Reason::NoGrant))?;
        Ok(Basis::Grant {
            grant: grant.id,
            owner: grant.owner,
            permission: need.permission,
            level: need.level,
        })
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
