//! The policies in force at everything that an enterprise governs, loaded in as many statements for one organization as
//! for a thousand.

use std::collections::BTreeMap;

use sqlx::FromRow;

use crate::domain::account::AccountKind;
use crate::domain::ids::AccountId;
use crate::domain::policy::barrier::{Barrier, barriers};
use crate::domain::policy::layers::governed_only;
use crate::domain::policy::setting::in_force;
use crate::domain::policy::{Effective, EnterpriseLayer, OrganizationLayer, effective};
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::store::policies::{self, Columns as _};
use crate::store::{Db, Result};

/// What is in force, for both kinds of token.
#[derive(Debug, Clone)]
pub struct Rules {
    fine_grained: OfKind,
    classic: OfKind,
}

#[derive(Debug, Clone)]
struct OfKind {
    above: EnterpriseLayer,
    organizations: BTreeMap<AccountId, Effective>,
    elsewhere: Effective,
}

/// A barrier with the places where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The barrier.
    pub barrier: Barrier,
    /// The organizations where it stands.
    pub organizations: Vec<AccountId>,
    /// Whether it stands at the enterprise's own resources and at its managed users' accounts.
    pub is_elsewhere: bool,
}

impl Rules {
    /// Loads what is in force at an enterprise's organizations and other resources.
    pub async fn load(db: &mut impl Db, enterprise: AccountId, now: Timestamp) -> Result<Self> {
        Ok(Self {
            fine_grained: OfKind::load(db, enterprise, TokenKind::FineGrained, now).await?,
            classic: OfKind::load(db, enterprise, TokenKind::Classic, now).await?,
        })
    }

    /// What is in force at a place; an organization that came a moment ago is under the enterprise's values alone.
    pub fn at(&self, kind: TokenKind, owner: AccountId, owner_kind: AccountKind) -> &Effective {
        let rules = self.of_kind(kind);
        match owner_kind {
            AccountKind::Organization => rules.organizations.get(&owner),
            AccountKind::User | AccountKind::Enterprise => None,
        }
        .unwrap_or(&rules.elsewhere)
    }

    /// What the enterprise itself says.
    pub const fn above(&self, kind: TokenKind) -> EnterpriseLayer {
        self.of_kind(kind).above
    }

    /// Every barrier once, with all the places where it stands.
    pub fn groups(&self, kind: TokenKind) -> Vec<Group> {
        let rules = self.of_kind(kind);
        let mut places: BTreeMap<Barrier, (Vec<AccountId>, bool)> = BTreeMap::new();
        for (organization, policy) in &rules.organizations {
            for barrier in barriers(policy) {
                places.entry(barrier).or_default().0.push(*organization);
            }
        }
        for barrier in barriers(&rules.elsewhere) {
            places.entry(barrier).or_default().1 = true;
        }
        let group = |(barrier, (organizations, is_elsewhere))| Group {
            barrier,
            organizations,
            is_elsewhere,
        };
        places.into_iter().map(group).collect()
    }

    const fn of_kind(&self, kind: TokenKind) -> &OfKind {
        match kind {
            TokenKind::FineGrained => &self.fine_grained,
            TokenKind::Classic => &self.classic,
        }
    }
}

impl OfKind {
    async fn load(
        db: &mut impl Db,
        enterprise: AccountId,
        kind: TokenKind,
        now: Timestamp,
    ) -> Result<Self> {
        let versions = policies::list_versions::<EnterpriseLayer>(db, enterprise, kind).await?;
        let above = in_force(&versions, now).unwrap_or(EnterpriseLayer::default_for(kind));
        let organizations = list_layers(db, enterprise, kind, now).await?;
        let organizations = organizations
            .into_iter()
            .map(|(id, own)| (id, effective(kind, Some(above), own)));
        Ok(Self {
            above,
            organizations: organizations.collect(),
            elsewhere: governed_only(kind, above),
        })
    }
}

#[derive(Debug, FromRow)]
struct LayerRow {
    id: AccountId,
    access: Option<String>,
    approval: Option<String>,
    lifetime_days: Option<i64>,
}

/// What each organization of an enterprise set itself, as it is in force `at` a moment; none where it set nothing.
async fn list_layers(
    db: &mut impl Db,
    enterprise: AccountId,
    kind: TokenKind,
    at: Timestamp,
) -> Result<Vec<(AccountId, Option<OrganizationLayer>)>> {
    let rows: Vec<LayerRow> = db
        .query(
            "SELECT a.id, p.access, p.approval, p.lifetime_days FROM accounts a LEFT JOIN policies p \
             ON p.scope_id = a.id AND p.token_kind = $2 AND p.version = (SELECT MAX(v.version) FROM policies v \
             WHERE v.scope_id = a.id AND v.token_kind = $2 AND v.cancelled_at IS NULL AND v.effective_at <= $3) \
             WHERE a.kind = 'organization' AND a.enterprise_id = $1 AND a.deleted_at IS NULL",
        )
        .bind(enterprise)
        .bind(kind)
        .bind(at)
        .all()
        .await?;
    let layer = |row: LayerRow| match (&row.access, &row.approval) {
        (Some(access), Some(approval)) => {
            let layer = OrganizationLayer::read(access, approval, row.lifetime_days, false)?;
            Ok((row.id, Some(layer)))
        }
        _ => Ok((row.id, None)),
    };
    rows.into_iter().map(layer).collect()
}
