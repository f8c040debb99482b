//! Saved policies: every version stays.

use sqlx::FromRow;

use super::{Db, Result};
use crate::domain::account::AccountKind;
use crate::domain::ids::{AccountId, GrantId};
use crate::domain::policy::setting::{EnterpriseLayer, Limit, OrganizationLayer, Version};
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

/// A layer as its columns hold it.
pub trait Layer: Copy {
    /// The columns: access, approval, days, exempt administrators.
    fn columns(&self) -> (&'static str, &'static str, Option<i64>, bool);

    /// Reads the columns.
    fn read(access: &str, approval: &str, days: Option<i64>, exempts: bool) -> Result<Self>;
}

fn word<T: std::str::FromStr>(word: &str) -> Result<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    word.parse()
        .map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

impl Layer for OrganizationLayer {
    fn columns(&self) -> (&'static str, &'static str, Option<i64>, bool) {
        (
            self.access.as_str(),
            self.approval.as_str(),
            self.lifetime.days(),
            false,
        )
    }

    fn read(access: &str, approval: &str, days: Option<i64>, _: bool) -> Result<Self> {
        Ok(Self {
            access: word(access)?,
            approval: word(approval)?,
            lifetime: Limit::from_days(days),
        })
    }
}

impl Layer for EnterpriseLayer {
    fn columns(&self) -> (&'static str, &'static str, Option<i64>, bool) {
        (
            self.access.as_str(),
            self.approval.as_str(),
            self.lifetime.days(),
            self.exempts_administrators,
        )
    }

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
pub async fn list_versions<L: Layer>(
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
pub async fn insert<L: Layer>(
    db: &mut impl Db,
    scope: AccountId,
    kind: TokenKind,
    layer: &L,
    saved_by: Option<AccountId>,
    now: Timestamp,
) -> Result<()> {
    let (access, approval, days, exempts) = layer.columns();
    db.query(
        "INSERT INTO policies (scope_id, token_kind, version, access, approval, lifetime_days, exempt_administrators, \
         effective_at, saved_by, saved_at) SELECT $1, $2, COALESCE(MAX(version), 0) + 1, $3, $4, $5, $6, $7, $8, $7 \
         FROM policies WHERE scope_id = $1 AND token_kind = $2",
    )
    .bind(scope)
    .bind(kind)
    .bind(access)
    .bind(approval)
    .bind(days)
    .bind(exempts)
    .bind(now)
    .bind(saved_by)
    .execute()
    .await
    .map(drop)
}

/// The version that was saved last, in force or not yet: what the next one is saved against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latest<L> {
    /// Its number; 0 where nothing was ever saved.
    pub version: i64,
    /// What was set; none where nothing was ever saved.
    pub layer: Option<L>,
    /// The login of who saved it; none for the operator.
    pub saved_by: Option<String>,
    /// When.
    pub saved_at: Option<Timestamp>,
}

#[derive(Debug, FromRow)]
struct LatestRow {
    #[sqlx(flatten)]
    policy: PolicyRow,
    saved_by: Option<String>,
    saved_at: Timestamp,
}

/// The version that an organization or enterprise saved last for a kind of token.
pub async fn find_latest<L: Layer>(
    db: &mut impl Db,
    scope: AccountId,
    kind: TokenKind,
) -> Result<Latest<L>> {
    let row: Option<LatestRow> = db
        .query(
            "SELECT p.version, p.access, p.approval, p.lifetime_days, p.exempt_administrators, p.effective_at, \
             u.login AS saved_by, p.saved_at FROM policies p LEFT JOIN accounts u ON u.id = p.saved_by \
             WHERE p.scope_id = $1 AND p.token_kind = $2 AND p.cancelled_at IS NULL ORDER BY p.version DESC LIMIT 1",
        )
        .bind(scope)
        .bind(kind)
        .optional()
        .await?;
    let Some(LatestRow {
        policy,
        saved_by,
        saved_at,
    }) = row
    else {
        return Ok(Latest {
            version: 0,
            layer: None,
            saved_by: None,
            saved_at: None,
        });
    };
    let layer = L::read(
        &policy.access,
        &policy.approval,
        policy.lifetime_days,
        policy.exempt_administrators,
    )?;
    Ok(Latest {
        version: policy.version,
        layer: Some(layer),
        saved_by,
        saved_at: Some(saved_at),
    })
}

/// A version to be, as an insert needs it.
#[derive(Debug, Clone, Copy)]
pub struct NewVersion<L> {
    /// Of which organization or enterprise.
    pub scope: AccountId,
    /// For which kind of token.
    pub kind: TokenKind,
    /// The number of the version that it follows; 0 for the first.
    pub follows: i64,
    /// What it sets.
    pub layer: L,
    /// From when it is in force.
    pub effective_at: Timestamp,
    /// Who saves it.
    pub saved_by: Option<AccountId>,
    /// When.
    pub saved_at: Timestamp,
}

/// Saves a version, if the one that it follows is still the last. False when somebody else was first.
pub async fn append<L: Layer>(db: &mut impl Db, new: &NewVersion<L>) -> Result<bool> {
    let (access, approval, days, exempts) = new.layer.columns();
    db.query(
        "INSERT INTO policies (scope_id, token_kind, version, access, approval, lifetime_days, exempt_administrators, \
         effective_at, saved_by, saved_at) SELECT $1, $2, $3 + 1, $4, $5, $6, $7, $8, $9, $10 \
         FROM (SELECT COALESCE(MAX(version), 0) AS last FROM policies WHERE scope_id = $1 AND token_kind = $2) p \
         WHERE p.last = $3 ON CONFLICT (scope_id, token_kind, version) DO NOTHING RETURNING version",
    )
    .bind(new.scope)
    .bind(new.kind)
    .bind(new.follows)
    .bind(access)
    .bind(approval)
    .bind(days)
    .bind(exempts)
    .bind(new.effective_at)
    .bind(new.saved_by)
    .bind(new.saved_at)
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

/// How much of an organization's life a policy for one kind of token touches now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow)]
pub struct Reach {
    /// Tokens that work there.
    pub tokens: i64,
    /// Of how many people.
    pub people: i64,
    /// Fine-grained ones among them that no owner reviewed and whose user is no owner.
    pub unreviewed: i64,
    /// Those among them that live longer than the limit.
    pub too_long: i64,
}

/// The fine-grained tokens that work at an organization; `longest` is the limit in days, if there is one.
pub async fn count_reach(
    db: &mut impl Db,
    organization: AccountId,
    longest: Option<i64>,
    now: Timestamp,
) -> Result<Reach> {
    db.query(
        "SELECT COUNT(*) AS tokens, COUNT(DISTINCT t.user_id) AS people, \
         COUNT(CASE WHEN g.activation <> 'reviewed' AND g.relation <> 'owner' THEN 1 END) AS unreviewed, \
         COUNT(CASE WHEN t.expires_at IS NULL OR t.expires_at - t.starts_at > $2 THEN 1 END) AS too_long \
         FROM grants g JOIN tokens t ON t.id = g.token_id WHERE g.owner_id = $1 AND g.state = 'active' \
         AND t.state = 'live' AND (t.expires_at IS NULL OR t.expires_at > $3)",
    )
    .bind(organization)
    .bind(longest.map_or(i64::MAX, |days| days * MICROS_A_DAY))
    .bind(now)
    .one()
    .await
    .map(|reach: Reach| without_limit(reach, longest))
}

/// A token that works at an organization although no owner reviewed it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Unreviewed {
    /// Its grant there.
    pub grant_id: GrantId,
    /// Its name.
    pub token: String,
    /// Its user's login.
    pub login: String,
}

/// The tokens that [`count_reach`] counts as unreviewed, the newest access first: the first `limit`.
pub async fn list_unreviewed(
    db: &mut impl Db,
    organization: AccountId,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Unreviewed>> {
    db.query(
        "SELECT g.id AS grant_id, t.name AS token, u.login FROM grants g JOIN tokens t ON t.id = g.token_id \
         JOIN accounts u ON u.id = t.user_id WHERE g.owner_id = $1 AND g.state = 'active' \
         AND g.activation <> 'reviewed' AND g.relation <> 'owner' AND t.state = 'live' \
         AND (t.expires_at IS NULL OR t.expires_at > $2) ORDER BY g.activated_at DESC, g.id DESC LIMIT $3",
    )
    .bind(organization)
    .bind(now)
    .bind(limit)
    .all()
    .await
}

/// The classic tokens of an organization's people that were used there.
pub async fn count_classic_reach(
    db: &mut impl Db,
    organization: AccountId,
    longest: Option<i64>,
    now: Timestamp,
) -> Result<Reach> {
    db.query(
        "SELECT COUNT(*) AS tokens, COUNT(DISTINCT t.user_id) AS people, CAST(0 AS BIGINT) AS unreviewed, \
         COUNT(CASE WHEN t.expires_at IS NULL OR t.expires_at - t.starts_at > $2 THEN 1 END) AS too_long \
         FROM tokens t JOIN last_uses l ON l.token_id = t.id AND l.owner_id = $1 \
         WHERE t.kind = 'classic' AND t.state = 'live' AND (t.expires_at IS NULL OR t.expires_at > $3) \
         AND t.user_id IN (SELECT m.user_id FROM memberships m WHERE m.account_id = $1 \
             UNION SELECT c.user_id FROM collaborators c JOIN repositories r ON r.id = c.repository_id \
             WHERE r.owner_id = $1 AND r.deleted_at IS NULL)",
    )
    .bind(organization)
    .bind(longest.map_or(i64::MAX, |days| days * MICROS_A_DAY))
    .bind(now)
    .one()
    .await
    .map(|reach: Reach| without_limit(reach, longest))
}

const MICROS_A_DAY: i64 = 86_400 * 1_000_000;

/// Without a limit no life is too long, not even one without an end.
fn without_limit(reach: Reach, longest: Option<i64>) -> Reach {
    Reach {
        too_long: if longest.is_some() { reach.too_long } else { 0 },
        ..reach
    }
}
