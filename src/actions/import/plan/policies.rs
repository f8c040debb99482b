//! Policies: what the file states over what is in force, and what somebody changed elsewhere meanwhile.

use super::Planner;
use crate::actions::import::directory::{
    At, EnterpriseEntry, OrganizationEntry, Place, PolicyEntry,
};
use crate::actions::import::step::{Named, Step};
use crate::domain::account::AccountKind;
use crate::domain::ids::AccountId;
use crate::domain::names;
use crate::domain::policy::setting::{
    Access, Approval, EnterpriseAccess, EnterpriseApproval, EnterpriseLayer, Layer, Limit,
    OrganizationLayer,
};
use crate::domain::token::TokenKind;

/// The name under which a policy is noted as imported.
pub fn policy_key(scope: AccountId, kind: TokenKind) -> String {
    format!("policy/{scope}/{kind}")
}

impl Planner<'_> {
    /// Plans policies, those of enterprises first: they bound those of organizations.
    pub(super) fn policies(&mut self) {
        let directory = self.directory;
        for entry in &directory.enterprises {
            for (kind, policy) in [
                (TokenKind::FineGrained, &entry.policies.fine_grained),
                (TokenKind::Classic, &entry.policies.classic),
            ] {
                if let Some(policy) = policy {
                    self.enterprise_policy(entry, kind, policy);
                }
            }
        }
        for entry in &directory.organizations {
            for (kind, policy) in [
                (TokenKind::FineGrained, &entry.policies.fine_grained),
                (TokenKind::Classic, &entry.policies.classic),
            ] {
                if let Some(policy) = policy {
                    self.organization_policy(entry, kind, policy);
                }
            }
        }
    }

    fn enterprise_policy(
        &mut self,
        entry: &EnterpriseEntry,
        kind: TokenKind,
        policy: &At<PolicyEntry<EnterpriseAccess, EnterpriseApproval>>,
    ) {
        let found = self.state.slugs.get(&names::key(&entry.slug.value));
        let scope = found.map(|account| account.id);
        let wanted = Layer::Enterprise(overlaid(
            self.enterprise_layer(&entry.slug.value, kind),
            &policy.value,
        ));
        let account = Named {
            kind: AccountKind::Enterprise,
            login: entry.slug.value.clone(),
        };
        self.save(account, scope, kind, wanted, &policy.place);
    }

    /// What an enterprise has set so far.
    fn enterprise_layer(&self, slug: &str, kind: TokenKind) -> EnterpriseLayer {
        let found = self.state.slugs.get(&names::key(slug));
        match found.and_then(|account| self.state.policies.get(&(account.id, kind.as_str()))) {
            Some(Layer::Enterprise(layer)) => *layer,
            _ => EnterpriseLayer::default_for(kind),
        }
    }

    fn organization_policy(
        &mut self,
        entry: &OrganizationEntry,
        kind: TokenKind,
        policy: &At<PolicyEntry<Access, Approval>>,
    ) {
        let scope = self
            .state
            .organization(&entry.login.value)
            .map(|account| account.id);
        let current = match scope.and_then(|id| self.state.policies.get(&(id, kind.as_str()))) {
            Some(Layer::Organization(layer)) => *layer,
            _ => OrganizationLayer::default_for(kind),
        };
        let stated = &policy.value;
        let wanted = OrganizationLayer {
            access: stated.access.unwrap_or(current.access),
            approval: stated.approval.unwrap_or(current.approval),
            lifetime: stated
                .lifetime
                .as_ref()
                .map_or(current.lifetime, |limit| limit.value),
        };
        if let Some(limit) = &stated.lifetime {
            self.refuse_wider(&entry.login.value, kind, limit);
        }
        let account = Named {
            kind: AccountKind::Organization,
            login: entry.login.value.clone(),
        };
        self.save(
            account,
            scope,
            kind,
            Layer::Organization(wanted),
            &policy.place,
        );
    }

    /// A number wider than the enterprise's would promise what never happens.
    fn refuse_wider(&mut self, organization: &str, kind: TokenKind, limit: &At<Limit>) {
        let Some(slug) = self.enterprise_of(organization) else {
            return;
        };
        let above = self.enterprise_layer_after(&slug, kind).lifetime;
        if let (Limit::Days(days), Limit::Days(most)) = (limit.value, above)
            && days > most
        {
            let message = format!(
                "{days} days is more than enterprise `{slug}` allows: write {most} or less, or \"none\""
            );
            self.mistake(&limit.place, message);
        }
    }

    /// What an enterprise will have set after this import.
    fn enterprise_layer_after(&self, slug: &str, kind: TokenKind) -> EnterpriseLayer {
        let saved = self.plan.steps.iter().find_map(|step| match step {
            Step::SavePolicy {
                account,
                kind: of,
                layer: Layer::Enterprise(layer),
                ..
            } if *of == kind
                && account.kind == AccountKind::Enterprise
                && names::key(&account.login) == names::key(slug) =>
            {
                Some(*layer)
            }
            _ => None,
        });
        saved.unwrap_or_else(|| self.enterprise_layer(slug, kind))
    }

    fn save(
        &mut self,
        account: Named,
        scope: Option<AccountId>,
        kind: TokenKind,
        wanted: Layer,
        place: &Place,
    ) {
        let saved = scope.and_then(|id| self.state.policies.get(&(id, kind.as_str())));
        let noted = scope.and_then(|id| self.state.imports.get(&policy_key(id, kind)));
        if saved == Some(&wanted) {
            if noted != Some(&wanted.digest()) {
                self.step(Step::NotePolicy {
                    account,
                    kind,
                    layer: wanted,
                });
            }
            return;
        }
        let ahead = scope.and_then(|id| self.state.ahead.get(&(id, kind.as_str())));
        let changed_elsewhere = saved.is_some_and(|saved| noted != Some(&saved.digest()));
        let why = match ahead {
            Some((layer, at)) if *layer == wanted => Some(format!("begins on {} as the file says", at.date())),
            _ if self.overwrites_policies => None,
            Some((_, at)) => Some(format!(
                "is to be another one from {} on and stays as it is; --overwrite-policies replaces both",
                at.date()
            )),
            None => changed_elsewhere.then(|| {
                "was changed elsewhere since the last import and stays as it is; --overwrite-policies replaces it"
                    .to_owned()
            }),
        };
        if let Some(why) = why {
            let (line, title) = (place.line, kind.title());
            self.plan.left.push(format!(
                "line {line}: the policy of {account} for each {title} {why}"
            ));
            return;
        }
        self.step(Step::SavePolicy {
            account,
            kind,
            layer: wanted,
            instead_of: ahead.map(|(_, at)| *at),
        });
    }
}

fn overlaid(
    current: EnterpriseLayer,
    stated: &PolicyEntry<EnterpriseAccess, EnterpriseApproval>,
) -> EnterpriseLayer {
    EnterpriseLayer {
        access: stated.access.unwrap_or(current.access),
        approval: stated.approval.unwrap_or(current.approval),
        lifetime: stated
            .lifetime
            .as_ref()
            .map_or(current.lifetime, |limit| limit.value),
        exempts_administrators: stated
            .exempt_administrators
            .unwrap_or(current.exempts_administrators),
    }
}
