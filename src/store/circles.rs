//! What a few people are to a repository: asked for those on one page, never for everybody.

use std::collections::HashSet;

use super::db::Compose;
use super::{Db, Result};
use crate::domain::ids::{AccountId, RepositoryId};

/// Those of `people` who have a role in an organization or enterprise.
pub async fn members_among(
    db: &mut impl Db,
    account: AccountId,
    people: &[AccountId],
) -> Result<HashSet<AccountId>> {
    let from = "SELECT user_id FROM memberships WHERE account_id =";
    among(db, Compose::new(from).value(account), people).await
}

/// Those of `people` who collaborate on a repository.
pub async fn collaborators_among(
    db: &mut impl Db,
    repository: RepositoryId,
    people: &[AccountId],
) -> Result<HashSet<AccountId>> {
    let from = "SELECT user_id FROM collaborators WHERE repository_id =";
    among(db, Compose::new(from).value(repository), people).await
}

async fn among(
    db: &mut impl Db,
    from: Compose,
    people: &[AccountId],
) -> Result<HashSet<AccountId>> {
    if people.is_empty() {
        return Ok(HashSet::new());
    }
    let compose = from.then("AND user_id IN").list(people.iter().copied());
    let rows: Vec<(AccountId,)> = db.composed(compose).all().await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}
