//! What saving a policy would block or free, without doing anything (DOMAIN §4).

use std::collections::BTreeMap;

use super::Context;
use crate::domain::account::AccountKind;
use crate::domain::ids::AccountId;
use crate::domain::policy::layers::governed_only;
use crate::domain::policy::preview::{Pair, Preview, preview};
use crate::domain::policy::setting::{EnterpriseLayer, Layer, OrganizationLayer, in_force};
use crate::domain::policy::{Effective, effective};
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::store::policies::{self, Governed};
use crate::store::{Db, StoreError, subjects};

/// What would happen if `scope` set `proposed` for tokens of a kind from `at` on, in place of what it has in force now.
pub async fn preview_policy(
    context: &Context,
    scope: AccountId,
    kind: TokenKind,
    proposed: Layer,
    at: Timestamp,
) -> Result<Preview, StoreError> {
    let (db, now) = (&mut context.store.reader(), context.clock.now());
    let before = match proposed {
        Layer::Organization(_) => {
            let saved = policies::list_versions(db, scope, kind).await?;
            let own = in_force(&saved, now);
            Layer::Organization(own.unwrap_or(OrganizationLayer::default_for(kind)))
        }
        Layer::Enterprise(_) => {
            let saved = policies::list_versions(db, scope, kind).await?;
            let own = in_force(&saved, now);
            Layer::Enterprise(own.unwrap_or(EnterpriseLayer::default_for(kind)))
        }
    };
    look(db, scope, kind, (before, proposed), at).await
}

/// The same in a transaction: saving asks again. `change` is what the scope has set itself, and what it would set; a
/// version of its own that was to begin in between is not to count.
pub(super) async fn look(
    db: &mut impl Db,
    scope: AccountId,
    kind: TokenKind,
    change: (Layer, Layer),
    at: Timestamp,
) -> Result<Preview, StoreError> {
    let pairs = pairs(db, scope, kind, change, at).await?;
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
    (before, after): (Layer, Layer),
    at: Timestamp,
) -> Result<BTreeMap<AccountId, Pair>, StoreError> {
    let mut pairs = BTreeMap::new();
    let mut above: BTreeMap<AccountId, EnterpriseLayer> = BTreeMap::new();
    for governed in policies::list_governed(db, scope, kind, at).await? {
        if let Some(enterprise) = governed.enterprise.filter(|id| !above.contains_key(id)) {
            let saved = policies::list_versions(db, enterprise, kind).await?;
            let layer = in_force(&saved, at).unwrap_or(EnterpriseLayer::default_for(kind));
            above.insert(enterprise, layer);
        }
        let layer = governed.enterprise.and_then(|id| above.get(&id)).copied();
        let with = |own| in_force_at(kind, &governed, layer, own);
        pairs.insert(governed.id, (with(before), with(after)));
    }
    Ok(pairs)
}

/// What is in force at an account if the scope sets `own`: the account itself, or the enterprise above it.
fn in_force_at(
    kind: TokenKind,
    governed: &Governed,
    above: Option<EnterpriseLayer>,
    own: Layer,
) -> Option<Effective> {
    let (above, own) = match own {
        Layer::Organization(own) => (above, Some(own)),
        Layer::Enterprise(layer) => (Some(layer), governed.layer),
    };
    match governed.kind {
        AccountKind::Organization => Some(effective(kind, above, own)),
        AccountKind::User | AccountKind::Enterprise => {
            above.map(|layer| governed_only(kind, layer))
        }
    }
}
