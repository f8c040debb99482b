//! Saved policies: every version stays.

use sqlx::FromRow;

use super::{Db, Result};
use crate::domain::account::AccountKind;
use crate::domain::ids::AccountId;
use crate::domain::policy::setting::{EnterpriseLayer, Layer, Limit, OrganizationLayer, Version};
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;

#[derive(Debug, FromRow)]
struct PolicyRow {
    version: i64,
    access: String,
    approval: String,
    lifetime_days: Option<i64>,
    exempt_administrators: bool,
    effective_at: Timestamp,
}

/// A layer of one level as its columns hold it.
pub trait Columns: Copy + Into<Layer> {
    /// Reads the columns: access, approval, days, exempt administrators.
    fn read(access: &str, approval: &str, days: Option<i64>, exempts: bool) -> Result<Self>;
}

fn word<T: std::str::FromStr>(word: &str) -> Result<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    word.parse()
        .map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

impl Columns for OrganizationLayer {
    fn read(access: &str, approval: &str, days: Option<i64>, _: bool) -> Result<Self> {
        Ok(Self {
            access: word(access)?,
            approval: word(approval)?,
            lifetime: Limit::from_days(days),
        })
    }
}

impl Columns for EnterpriseLayer {
    fn read(access: &str, approval: &str, days: Option<i64>, exempts: bool) -> Result<Self> {
        let lifetime = Limit::from_days(days);
        Ok(Self {
            access: word(access)?,
            approval: word(approval)?,
            lifetime,
            exempts_administrators: exempts,
        })
    }
}

/// Every version that an organization or enterprise saved for a kind of token, oldest first.
pub async fn list_versions<L: Columns>(
    db: &mut impl Db,
    scope: AccountId,
    kind: TokenKind,
) -> Result<Vec<Version<L>>> {
    let rows: Vec<PolicyRow> = db
        .query(
            "SELECT version, access, approval, lifetime_days, exempt_administrators, effective_at FROM policies \
             WHERE scope_id = $1 AND token_kind = $2 AND cancelled_at IS NULL ORDER BY version",
        )
        .bind(scope)
        .bind(kind)
        .all()
        .await?;
    rows.into_iter()
        .map(|row| {
            let layer = L::read(
                &row.access,
                &row.approval,
                row.lifetime_days,
                row.exempt_administrators,
            )?;
            Ok(Version {
                version: row.version,
                effective_at: row.effective_at,
                layer,
            })
        })
        .collect()
}

/// Saves the next version.
pub async fn insert<L: Copy + Into<Layer>>(
    db: &mut impl Db,
    scope: AccountId,
    kind: TokenKind,
    layer: &L,
    saved_by: Option<AccountId>,
    now: Timestamp,
) -> Result<()> {
    let layer: Layer = (*layer).into();
    let (access, approval, lifetime, exempts) = layer.values();
    db.query(
        "INSERT INTO policies (scope_id, token_kind, version, access, approval, lifetime_days, exempt_administrators, \
         effective_at, saved_by, saved_at) SELECT $1, $2, COALESCE(MAX(version), 0) + 1, $3, $4, $5, $6, $7, $8, $7 \
         FROM policies WHERE scope_id = $1 AND token_kind = $2",
    )
    .bind(scope)
    .bind(kind)
    .bind(access)
    .bind(approval)
    .bind(lifetime.days())
    .bind(exempts)
    .bind(now)
    .bind(saved_by)
    .execute()
    .await
    .map(drop)
}

/// A saved version, as pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved<L> {
    /// Its number.
    pub version: i64,
    /// What it sets.
    pub layer: L,
    /// From when it is in force.
    pub effective_at: Timestamp,
    /// The login of who saved it; none for the operator.
    pub saved_by: Option<String>,
    /// When.
    pub saved_at: Timestamp,
}

/// How the policy of an organization or enterprise for one kind of token stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing<L> {
    /// The number of the version that was saved last, whatever became of it; 0 where nothing was ever saved. The next
    /// version follows it.
    pub number: i64,
    /// The version in force; none where none ever was.
    pub in_force: Option<Saved<L>>,
    /// The one version that begins later, if there is one.
    pub ahead: Option<Saved<L>>,
}

impl<L> Standing<L> {
    /// What was saved last and not taken back: who saved meanwhile is told by it.
    pub fn latest(&self) -> Option<&Saved<L>> {
        self.ahead.as_ref().or(self.in_force.as_ref())
    }

    /// The same with layers of another type.
    pub fn map<T>(self, to: impl Fn(L) -> T) -> Standing<T> {
        let saved = |saved: Saved<L>| Saved {
            version: saved.version,
            layer: to(saved.layer),
            effective_at: saved.effective_at,
            saved_by: saved.saved_by,
            saved_at: saved.saved_at,
        };
        Standing {
            number: self.number,
            in_force: self.in_force.map(saved),
            ahead: self.ahead.map(saved),
        }
    }
}

#[derive(Debug, FromRow)]
struct SavedRow {
    #[sqlx(flatten)]
    policy: PolicyRow,
    saved_by: Option<String>,
    saved_at: Timestamp,
    cancelled_at: Option<Timestamp>,
}

impl SavedRow {
    fn read<L: Columns>(&self) -> Result<Saved<L>> {
        let policy = &self.policy;
        Ok(Saved {
            version: policy.version,
            layer: L::read(
                &policy.access,
                &policy.approval,
                policy.lifetime_days,
                policy.exempt_administrators,
            )?,
            effective_at: policy.effective_at,
            saved_by: self.saved_by.clone(),
            saved_at: self.saved_at,
        })
    }

    fn has_begun(&self, now: Timestamp) -> bool {
        self.policy.effective_at <= now
    }
}

/// How the policy of an organization or enterprise for a kind of token stands: the version in force, and all after it.
pub async fn find_standing<L: Columns>(
    db: &mut impl Db,
    scope: AccountId,
    kind: TokenKind,
    now: Timestamp,
) -> Result<Standing<L>> {
    let rows: Vec<SavedRow> = db
        .query(
            "SELECT p.version, p.access, p.approval, p.lifetime_days, p.exempt_administrators, p.effective_at, \
             u.login AS saved_by, p.saved_at, p.cancelled_at FROM policies p LEFT JOIN accounts u ON u.id = p.saved_by \
             WHERE p.scope_id = $1 AND p.token_kind = $2 AND p.version >= (SELECT COALESCE(MAX(v.version), 0) \
             FROM policies v WHERE v.scope_id = $1 AND v.token_kind = $2 AND v.cancelled_at IS NULL \
             AND v.effective_at <= $3) ORDER BY p.version DESC",
        )
        .bind(scope)
        .bind(kind)
        .bind(now)
        .all()
        .await?;
    let mut valid = rows.iter().filter(|row| row.cancelled_at.is_none());
    let last = valid.next();
    let ahead = last.filter(|row| !row.has_begun(now));
    let in_force = last.into_iter().chain(valid).find(|row| row.has_begun(now));
    Ok(Standing {
        number: rows.first().map_or(0, |row| row.policy.version),
        in_force: in_force.map(SavedRow::read).transpose()?,
        ahead: ahead.map(SavedRow::read).transpose()?,
    })
}

/// Takes back the version of this number, if it has not begun. False when it has, or somebody else was first.
pub async fn cancel(
    db: &mut impl Db,
    scope: AccountId,
    kind: TokenKind,
    version: i64,
    now: Timestamp,
) -> Result<bool> {
    db.query(
        "UPDATE policies SET cancelled_at = $1 WHERE scope_id = $2 AND token_kind = $3 AND version = $4 \
         AND cancelled_at IS NULL AND effective_at > $1 RETURNING version",
    )
    .bind(now)
    .bind(scope)
    .bind(kind)
    .bind(version)
    .found()
    .await
}

/// Takes back whatever was to begin later; the number of that version, if there was one.
pub async fn cancel_ahead(
    db: &mut impl Db,
    scope: AccountId,
    kind: TokenKind,
    now: Timestamp,
) -> Result<Option<i64>> {
    let rows: Vec<(i64,)> = db
        .query(
            "UPDATE policies SET cancelled_at = $1 WHERE scope_id = $2 AND token_kind = $3 AND cancelled_at IS NULL \
             AND effective_at > $1 RETURNING version",
        )
        .bind(now)
        .bind(scope)
        .bind(kind)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(version,)| version).max())
}

/// A version to be, as an insert needs it.
#[derive(Debug, Clone, Copy)]
pub struct NewVersion {
    /// Of which organization or enterprise.
    pub scope: AccountId,
    /// For which kind of token.
    pub kind: TokenKind,
    /// The number of the version that it follows; 0 for the first.
    pub follows: i64,
    /// What it sets.
    pub layer: Layer,
    /// From when it is in force.
    pub effective_at: Timestamp,
    /// Who saves it.
    pub saved_by: Option<AccountId>,
    /// When.
    pub saved_at: Timestamp,
    /// Who accepted that it may interrupt managed users, where that had to be accepted.
    pub risk_by: Option<AccountId>,
}

/// Saves a version, if the one that it follows is still the last. False when somebody else was first.
pub async fn append(db: &mut impl Db, new: &NewVersion) -> Result<bool> {
    let (access, approval, lifetime, exempts) = new.layer.values();
    db.query(
        "INSERT INTO policies (scope_id, token_kind, version, access, approval, lifetime_days, exempt_administrators, \
         effective_at, saved_by, saved_at, risk_by) SELECT $1, $2, $3 + 1, $4, $5, $6, $7, $8, $9, $10, $11 \
         FROM (SELECT COALESCE(MAX(version), 0) AS last FROM policies WHERE scope_id = $1 AND token_kind = $2) p \
         WHERE p.last = $3 ON CONFLICT (scope_id, token_kind, version) DO NOTHING RETURNING version",
    )
    .bind(new.scope)
    .bind(new.kind)
    .bind(new.follows)
    .bind(access)
    .bind(approval)
    .bind(lifetime.days())
    .bind(exempts)
    .bind(new.effective_at)
    .bind(new.saved_by)
    .bind(new.saved_at)
    .bind(new.risk_by)
    .found()
    .await
}

/// An account under an enterprise's or its own policies, with what it set itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Governed {
    /// Which.
    pub id: AccountId,
    /// What it is.
    pub kind: AccountKind,
    /// The enterprise above, itself if it is one.
    pub enterprise: Option<AccountId>,
    /// What is in force of its own; none where it set nothing, as people and enterprises never do.
    pub layer: Option<OrganizationLayer>,
}

#[derive(Debug, FromRow)]
struct GovernedRow {
    id: AccountId,
    kind: AccountKind,
    enterprise_id: Option<AccountId>,
    access: Option<String>,
    approval: Option<String>,
    lifetime_days: Option<i64>,
}

/// An organization alone; or an enterprise with its organizations and managed users. What each set itself is what is in
/// force `at` a moment.
pub async fn list_governed(
    db: &mut impl Db,
    scope: AccountId,
    kind: TokenKind,
    at: Timestamp,
) -> Result<Vec<Governed>> {
    let rows: Vec<GovernedRow> = db
        .query(
            "SELECT a.id, a.kind, CASE WHEN a.kind = 'enterprise' THEN a.id \
             ELSE COALESCE(a.enterprise_id, a.managed_by) END AS enterprise_id, p.access, p.approval, p.lifetime_days \
             FROM accounts a LEFT JOIN policies p ON a.kind = 'organization' AND p.scope_id = a.id \
             AND p.token_kind = $2 AND p.version = (SELECT MAX(v.version) FROM policies v WHERE v.scope_id = a.id \
             AND v.token_kind = $2 AND v.cancelled_at IS NULL AND v.effective_at <= $3) \
             WHERE (a.id = $1 OR a.enterprise_id = $1 OR a.managed_by = $1) AND a.deleted_at IS NULL ORDER BY a.id",
        )
        .bind(scope)
        .bind(kind)
        .bind(at)
        .all()
        .await?;
    rows.iter().map(governed).collect()
}

fn governed(row: &GovernedRow) -> Result<Governed> {
    let layer = match (&row.access, &row.approval) {
        (Some(access), Some(approval)) => Some(OrganizationLayer::read(
            access,
            approval,
            row.lifetime_days,
            false,
        )?),
        _ => None,
    };
    Ok(Governed {
        id: row.id,
        kind: row.kind,
        enterprise: row.enterprise_id,
        layer,
    })
}
