//! Saved policies: every version stays.

use sqlx::FromRow;

use super::{Db, Result};
use crate::domain::ids::AccountId;
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
