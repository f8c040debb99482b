//! What saving a policy would block or free, without doing anything (DOMAIN §4).

use std::collections::BTreeMap;

use super::Context;
use crate::domain::account::AccountKind;
use crate::domain::ids::AccountId;
use crate::domain::policy::layers::governed_only;
use crate::domain::policy::preview::{Pair, Preview, preview};
use crate::domain::policy::setting::{EnterpriseLayer, OrganizationLayer, in_force};
use crate::domain::policy::{Effective, effective};
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::store::policies::{self, Governed};
use crate::store::{Db, StoreError, subjects};

/// A policy that is not saved yet: what an organization or an enterprise would set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proposed {
    /// By an organization.
    Organization(OrganizationLayer),
    /// By an enterprise.
    Enterprise(EnterpriseLayer),
}

/// What would happen if `scope` set `proposed` for tokens of a kind from `at` on.
pub async fn preview_policy(
    context: &Context,
    scope: AccountId,
    kind: TokenKind,
    proposed: Proposed,
    at: Timestamp,
) -> Result<Preview, StoreError> {
    look(&mut context.store.reader(), scope, kind, proposed, at).await
}

/// The same in a transaction: saving asks again.
pub(super) async fn look(
    db: &mut impl Db,
    scope: AccountId,
    kind: TokenKind,
    proposed: Proposed,
    at: Timestamp,
) -> Result<Preview, StoreError> {
    let pairs = pairs(db, scope, kind, proposed, at).await?;
    let subjects = subjects::list(db, scope, kind, at).await?;
    Ok(preview(subjects, |owner| {
        pairs.get(&owner).copied().unwrap_or((None, None))
    }))
}

/// The policies in force at every owner that the scope governs, before and after.
async fn pairs(
    db: &mut impl Db,
    scope: AccountId,
    kind: TokenKind,
    proposed: Proposed,
    at: Timestamp,
) -> Result<BTreeMap<AccountId, Pair>, StoreError> {
    let mut above: BTreeMap<AccountId, EnterpriseLayer> = BTreeMap::new();
    let mut pairs = BTreeMap::new();
    for governed in policies::list_governed(db, scope, kind, at).await? {
        let layer = match governed.enterprise {
            Some(enterprise) if !above.contains_key(&enterprise) => {
                let versions =
                    policies::list_versions::<EnterpriseLayer>(db, enterprise, kind).await?;
                let layer = in_force(&versions, at).unwrap_or(EnterpriseLayer::default_for(kind));
                above.insert(enterprise, layer);
                Some(layer)
            }
            Some(enterprise) => above.get(&enterprise).copied(),
            None => None,
        };
        let before = in_force_at(kind, &governed, layer, governed.layer);
        let after = match proposed {
            Proposed::Organization(own) => in_force_at(kind, &governed, layer, Some(own)),
            Proposed::Enterprise(layer) => {
                in_force_at(kind, &governed, Some(layer), governed.layer)
            }
        };
        pairs.insert(governed.id, (before, after));
    }
    Ok(pairs)
}

fn in_force_at(
    kind: TokenKind,
    governed: &Governed,
    above: Option<EnterpriseLayer>,
    own: Option<OrganizationLayer>,
) -> Option<Effective> {
    match governed.kind {
        AccountKind::Organization => Some(effective(kind, above, own)),
        AccountKind::User | AccountKind::Enterprise => {
            above.map(|layer| governed_only(kind, layer))
        }
    }
}
