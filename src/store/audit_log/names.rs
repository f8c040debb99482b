//! The names that entries are told with.

use std::collections::BTreeSet;

use crate::domain::account::AccountKind;
use crate::domain::audit::{Entry, Names};
use crate::domain::ids::{AccountId, RepositoryId};
use crate::domain::names;
use crate::store::db::Compose;
use crate::store::{Db, Result, accounts, tokens};

/// The repository of an owner that has this name or, where none has, the one that had it last.
pub(super) async fn find_repository(
    db: &mut impl Db,
    owner: AccountId,
    name: &str,
) -> Result<Option<RepositoryId>> {
    let found: Option<(RepositoryId,)> = db
        .query(
            "SELECT id FROM repositories WHERE owner_id = $1 AND name_key = $2 \
             ORDER BY CASE WHEN deleted_at IS NULL THEN 0 ELSE 1 END, id DESC LIMIT 1",
        )
        .bind(owner)
        .bind(names::key(name))
        .optional()
        .await?;
    Ok(found.map(|row| row.0))
}

/// The full names of repositories, deleted ones included.
async fn list_full_names(
    db: &mut impl Db,
    ids: &[RepositoryId],
) -> Result<Vec<(RepositoryId, String)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let compose = Compose::new(
        "SELECT r.id, o.login || '/' || r.name FROM repositories r JOIN accounts o ON o.id = r.owner_id WHERE r.id IN",
    );
    db.composed(compose.list(ids.iter().copied())).all().await
}

/// What the numbers in these entries are called now, in three statements.
pub async fn names_of(db: &mut impl Db, entries: &[Entry]) -> Result<Names> {
    let accounts: BTreeSet<_> = entries
        .iter()
        .flat_map(|entry| [entry.user, entry.owner, entry.enterprise, entry.actor.user])
        .flatten()
        .collect();
    let repositories: BTreeSet<_> = entries
        .iter()
        .filter_map(|entry| entry.repository)
        .collect();
    let tokens: BTreeSet<_> = entries
        .iter()
        .flat_map(|entry| [entry.token, entry.actor.token])
        .flatten()
        .collect();
    let accounts: Vec<_> = accounts.into_iter().collect();
    let repositories: Vec<_> = repositories.into_iter().collect();
    let tokens: Vec<_> = tokens.into_iter().collect();
    let accounts = accounts::list_by_ids(db, &accounts).await?;
    let repositories = list_full_names(db, &repositories).await?;
    let tokens = tokens::list_by_ids(db, &tokens).await?;
    let people = accounts
        .iter()
        .filter(|account| account.kind == AccountKind::User);
    Ok(Names {
        people: people.map(|account| account.id).collect(),
        accounts: accounts
            .into_iter()
            .map(|account| (account.id, account.login))
            .collect(),
        repositories: repositories.into_iter().collect(),
        tokens: tokens
            .into_iter()
            .map(|token| (token.id, (token.kind, token.name)))
            .collect(),
    })
}
