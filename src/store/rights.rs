//! What a user may choose as a resource owner, and what a user is to an owner (DOMAIN §2.3).

use sqlx::FromRow;

use super::db::Compose;
use super::{Db, Result, ahead};
use crate::domain::access::rights::Relation;
use crate::domain::account::AccountKind;
use crate::domain::ids::{AccountId, RepositoryId};
use crate::domain::policy::Effective;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;

/// An account that a user may choose, with what makes it choosable.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Choosable {
    /// The account.
    pub id: AccountId,
    /// What it is.
    pub kind: AccountKind,
    /// Its login or slug.
    pub login: String,
    /// Its name.
    pub name: String,
    /// The enterprise that governs it: an organization's, or a managed user's.
    pub governed_by: Option<AccountId>,
    /// What makes it choosable.
    pub relation: Relation,
}

/// The strongest relation first: an owner who also collaborates is an owner.
const CHOOSABLE: &str = "\
SELECT a.id, a.kind, a.login, a.name, CASE WHEN a.kind = 'enterprise' THEN a.id ELSE COALESCE(a.enterprise_id, a.managed_by) END AS governed_by, x.relation FROM (
    SELECT CAST($1 AS BIGINT) AS id, 'own' AS relation, 1 AS strength
    UNION ALL
    SELECT m.account_id, CASE WHEN o.kind = 'enterprise' THEN 'enterprise_owner' WHEN m.role = 'owner' THEN 'owner' \
           ELSE 'member' END, 2
    FROM memberships m JOIN accounts o ON o.id = m.account_id WHERE m.user_id = $1
    UNION ALL
    SELECT DISTINCT r.owner_id, 'collaborator', 3
    FROM collaborators c JOIN repositories r ON r.id = c.repository_id
    WHERE c.user_id = $1 AND r.deleted_at IS NULL
    UNION ALL
    SELECT o.id, 'sister', 4 FROM accounts o WHERE o.kind = 'organization' AND o.enterprise_id IN (
        SELECT s.enterprise_id FROM memberships m JOIN accounts s ON s.id = m.account_id WHERE m.user_id = $1
        UNION SELECT m.account_id FROM memberships m JOIN accounts e ON e.id = m.account_id
              WHERE m.user_id = $1 AND e.kind = 'enterprise'
        UNION SELECT u.managed_by FROM accounts u WHERE u.id = $1)
) x JOIN accounts a ON a.id = x.id
WHERE a.deleted_at IS NULL";

/// Every account that a user may choose: the user first, then by login.
pub async fn list_choosable(db: &mut impl Db, user: AccountId) -> Result<Vec<Choosable>> {
    let order = "ORDER BY CASE WHEN x.relation = 'own' THEN 0 ELSE 1 END, a.login_key, x.strength";
    let mut rows: Vec<Choosable> = db
        .query(super::Statement::join(&[CHOOSABLE, order]))
        .bind(user)
        .all()
        .await?;
    rows.dedup_by_key(|row| row.id);
    Ok(rows)
}

/// One account, if the user may choose it.
pub async fn find_choosable(
    db: &mut impl Db,
    user: AccountId,
    owner: AccountId,
) -> Result<Option<Choosable>> {
    let one = "AND a.id = $2 ORDER BY x.strength LIMIT 1";
    db.query(super::Statement::join(&[CHOOSABLE, one]))
        .bind(user)
        .bind(owner)
        .optional()
        .await
}

/// Which of these repositories of an owner a user may select, given what makes the owner choosable.
pub async fn filter_selectable(
    db: &mut impl Db,
    user: AccountId,
    owner: AccountId,
    relation: Relation,
    repositories: &[RepositoryId],
) -> Result<Vec<RepositoryId>> {
    if repositories.is_empty() {
        return Ok(Vec::new());
    }
    let compose = selectable("SELECT r.id FROM repositories r", user, owner, relation);
    let compose = compose
        .then("AND r.id IN")
        .list(repositories.iter().copied());
    let rows: Vec<(RepositoryId,)> = db.composed(compose).all().await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// A repository that can be picked.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Pick {
    /// Which.
    pub id: RepositoryId,
    /// Its name without the owner's.
    pub name: String,
    /// Who can read it.
    pub visibility: crate::domain::access::rights::Visibility,
}

/// Repositories of an owner that a user may select and whose name holds `search`, by name: the first `limit`.
pub async fn list_selectable(
    db: &mut impl Db,
    user: AccountId,
    owner: AccountId,
    relation: Relation,
    search: &str,
    limit: i64,
) -> Result<Vec<Pick>> {
    let pattern = (!search.is_empty()).then(|| {
        let escaped = search
            .to_ascii_lowercase()
            .replace('!', "!!")
            .replace('%', "!%")
            .replace('_', "!_");
        format!("%{escaped}%")
    });
    let compose = selectable(
        "SELECT r.id, r.name, r.visibility FROM repositories r",
        user,
        owner,
        relation,
    )
    .when(pattern, |text, pattern| {
        text.then("AND r.name_key LIKE")
            .value(pattern)
            .then("ESCAPE '!'")
    })
    .then("ORDER BY r.name_key LIMIT")
    .value(limit);
    db.composed(compose).all().await
}

fn selectable(
    head: &'static str,
    user: AccountId,
    owner: AccountId,
    relation: Relation,
) -> Compose {
    let compose = Compose::new(head)
        .then("WHERE r.deleted_at IS NULL AND r.owner_id =")
        .value(owner);
    let as_collaborator =
        "EXISTS (SELECT 1 FROM collaborators c WHERE c.repository_id = r.id AND c.user_id =";
    match relation {
        Relation::Own | Relation::Owner => compose,
        Relation::Member => compose
            .then("AND (r.visibility = 'public' OR EXISTS (SELECT 1 FROM accounts o WHERE o.id = r.owner_id")
            .then("AND o.base_permission <> 'none') OR r.visibility = 'internal' OR")
            .then(as_collaborator)
            .value(user)
            .then("))"),
        Relation::Collaborator => compose.then("AND").then(as_collaborator).value(user).then(")"),
        Relation::Sister => compose.then("AND r.visibility = 'internal'"),
        Relation::EnterpriseOwner => compose.then("AND 1 = 0"),
    }
}

/// The policy in force at an account for a kind of token, if any governs it: an organization's own under its
/// enterprise's; an enterprise's values for itself and for the accounts of its managed users.
pub async fn find_policy(
    db: &mut impl Db,
    kind: AccountKind,
    account: AccountId,
    governed_by: Option<AccountId>,
    token_kind: TokenKind,
    now: Timestamp,
) -> Result<Option<Effective>> {
    let saved = ahead::find_saved(db, kind, account, governed_by, token_kind).await?;
    Ok(saved.in_force(token_kind, now))
}
