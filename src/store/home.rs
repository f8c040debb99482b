//! What waits for a person, in few statements however many tokens and organizations there are.

use std::collections::BTreeMap;

use sqlx::FromRow;

use super::db::Compose;
use super::policies::Columns;
use super::{Db, Result};
use crate::domain::account::AccountKind;
use crate::domain::approval::{GrantStanding, GrantState, RequestState};
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::policy::layers::governed_only;
use crate::domain::policy::setting::{EnterpriseLayer, OrganizationLayer};
use crate::domain::policy::{Effective, effective};
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;

/// One of a person's live fine-grained tokens at one owner.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Holding {
    /// The token.
    pub token_id: TokenId,
    /// Its name.
    pub name: String,
    /// From when its life counts.
    pub starts_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// The owner.
    pub owner_id: AccountId,
    /// The owner's login.
    pub owner_login: String,
    /// What the owner is.
    pub owner_kind: AccountKind,
    /// The enterprise that governs the owner.
    pub governed_by: Option<AccountId>,
    /// The state of the grant there.
    pub state: GrantState,
    /// The state of its latest request.
    pub request_state: Option<RequestState>,
    /// The reason of the latest decision.
    pub reason: String,
}

impl Holding {
    /// How it stands.
    pub fn standing(&self) -> GrantStanding {
        GrantStanding::of(self.state, self.request_state)
    }
}

/// Every live fine-grained token of a person at every owner, the newest token first.
pub async fn list_holdings(db: &mut impl Db, user: AccountId) -> Result<Vec<Holding>> {
    db.query(
        "SELECT t.id AS token_id, t.name, t.starts_at, t.expires_at, o.id AS owner_id, o.login AS owner_login, \
         o.kind AS owner_kind, CASE WHEN o.kind = 'enterprise' THEN o.id ELSE COALESCE(o.enterprise_id, o.managed_by) \
         END AS governed_by, g.state, r.state AS request_state, \
         CASE WHEN g.state = 'revoked' THEN g.reason ELSE COALESCE(r.decision_reason, '') END AS reason \
         FROM tokens t JOIN grants g ON g.token_id = t.id JOIN accounts o ON o.id = g.owner_id \
         LEFT JOIN requests r ON r.id = (SELECT MAX(l.id) FROM requests l WHERE l.grant_id = g.id) \
         WHERE t.user_id = $1 AND t.kind = 'fine_grained' AND t.state = 'live' ORDER BY t.id DESC, o.login_key",
    )
    .bind(user)
    .all()
    .await
}

#[derive(Debug, FromRow)]
struct PolicyRow {
    scope_id: AccountId,
    access: String,
    approval: String,
    lifetime_days: Option<i64>,
    exempt_administrators: bool,
}

/// Owners whose policies are asked for: what each is, and the enterprise that governs it.
pub type Owners = BTreeMap<AccountId, (AccountKind, Option<AccountId>)>;

/// The policies for fine-grained tokens in force at the owners of these holdings; one that nothing governs has none.
pub async fn find_policies(
    db: &mut impl Db,
    holdings: &[Holding],
    now: Timestamp,
) -> Result<BTreeMap<AccountId, Effective>> {
    let owners = holdings
        .iter()
        .map(|holding| (holding.owner_id, (holding.owner_kind, holding.governed_by)))
        .collect();
    find_policies_at(db, TokenKind::FineGrained, owners, now).await
}

/// The policies for a kind of token in force at these owners; one that nothing governs has none.
pub async fn find_policies_at(
    db: &mut impl Db,
    kind: TokenKind,
    owners: Owners,
    now: Timestamp,
) -> Result<BTreeMap<AccountId, Effective>> {
    let saved = list_in_force(db, kind, &owners, now).await?;
    let mut policies = BTreeMap::new();
    for (owner, (owner_kind, governed_by)) in owners {
        let above = match governed_by {
            Some(enterprise) => Some(match saved.get(&enterprise) {
                Some(row) => row.read::<EnterpriseLayer>()?,
                None => EnterpriseLayer::default_for(kind),
            }),
            None => None,
        };
        let own = saved
            .get(&owner)
            .filter(|_| owner_kind == AccountKind::Organization);
        let own = own.map(PolicyRow::read::<OrganizationLayer>).transpose()?;
        let policy = match (owner_kind, above) {
            (AccountKind::Organization, above) => Some(effective(kind, above, own)),
            (_, above) => above.map(|layer| governed_only(kind, layer)),
        };
        policies.extend(policy.map(|policy| (owner, policy)));
    }
    Ok(policies)
}

impl PolicyRow {
    fn read<L: Columns>(&self) -> Result<L> {
        L::read(
            &self.access,
            &self.approval,
            self.lifetime_days,
            self.exempt_administrators,
        )
    }
}

/// The version in force of every account concerned: the highest whose time has come.
async fn list_in_force(
    db: &mut impl Db,
    kind: TokenKind,
    owners: &Owners,
    now: Timestamp,
) -> Result<BTreeMap<AccountId, PolicyRow>> {
    let above = owners.values().filter_map(|(_, governed_by)| *governed_by);
    let scopes: std::collections::BTreeSet<_> = owners.keys().copied().chain(above).collect();
    if scopes.is_empty() {
        return Ok(BTreeMap::new());
    }
    let head = "SELECT scope_id, access, approval, lifetime_days, exempt_administrators FROM policies \
                WHERE cancelled_at IS NULL AND token_kind =";
    let compose = Compose::new(head)
        .value(kind)
        .then("AND effective_at <=")
        .value(now)
        .then("AND scope_id IN")
        .list(scopes)
        .then("ORDER BY scope_id, version");
    let rows: Vec<PolicyRow> = db.composed(compose).all().await?;
    Ok(rows.into_iter().map(|row| (row.scope_id, row)).collect())
}
