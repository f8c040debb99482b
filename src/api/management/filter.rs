//! What the lists of requests and of grants share: filters, order, and the rows' other halves.

use std::collections::HashMap;

use serde_json::Value;

use crate::api::call::ApiCall;
use crate::api::errors::{ApiError, ApiResult};
use crate::api::paging::{self, PageRequest, Rest};
use crate::api::query::Query;
use crate::api::resources::{organizations::people, repositories::owners_of};
use crate::api::shapes::{Row, minimal_repository};
use crate::domain::access::rights::Visibility;
use crate::domain::catalog::Catalog;
use crate::domain::ids::{AccountId, RepositoryId, TokenId};
use crate::domain::permission::Level;
use crate::domain::selection::Selection;
use crate::store::accounts::Account;
use crate::store::listings::{self, Direction, Entry, EntryFilter, PermissionsById};
use crate::store::repositories::{self, Repository};
use crate::store::repository_lists::{Order, Seen, Sight, SortBy, count_seen, list_seen};

/// The most owners that a filter names.
const MOST_OWNERS: usize = 10;

/// The most tokens that a filter names.
const MOST_TOKENS: usize = 50;

/// A filter; none where it can match nothing.
pub async fn read(call: &ApiCall) -> ApiResult<Option<EntryFilter>> {
    let query = &call.query;
    let users = query.list("owner", MOST_OWNERS)?;
    let repository = match query.one("repository")? {
        Some(name) => match find_repository(call, name).await? {
            Some(id) => Some(id),
            None => return Ok(None),
        },
        None => None,
    };
    Ok(Some(EntryFilter {
        users: users.map(|users| users.into_iter().map(str::to_owned).collect()),
        repository,
        permission: permission(call.app.context.catalog, query)?,
        used_before: query.moment("last_used_before")?,
        used_after: query.moment("last_used_after")?,
        tokens: tokens(query)?,
        ..EntryFilter::default()
    }))
}

async fn find_repository(call: &ApiCall, name: &str) -> ApiResult<Option<RepositoryId>> {
    let owner = call.permit.account()?.id;
    let found = repositories::find_named(&mut call.db(), owner, name).await?;
    Ok(found.map(|repository| repository.id))
}

/// `contents_write`: a permission and the least level.
fn permission(catalog: &Catalog, query: &Query) -> ApiResult<Option<(String, Level)>> {
    let Some(given) = query.one("permission")? else {
        return Ok(None);
    };
    let parsed = given.rsplit_once('_').and_then(|(slug, level)| {
        let permission = catalog.find_permission(slug)?;
        Some((permission.slug.clone(), level.parse().ok()?))
    });
    parsed.map(Some).ok_or_else(|| {
        let message =
            format!("`{given}` is no permission with a level; write it like `contents_write`");
        ApiError::invalid("Query", "permission", message)
    })
}

fn tokens(query: &Query) -> ApiResult<Option<Vec<TokenId>>> {
    let Some(given) = query.list("token_id", MOST_TOKENS)? else {
        return Ok(None);
    };
    let tokens = given.into_iter().map(|text| {
        text.parse().map_err(|_| {
            ApiError::invalid(
                "Query",
                "token_id",
                format!("`{text}` is no token id; send a whole number"),
            )
        })
    });
    tokens.collect::<ApiResult<Vec<_>>>().map(Some)
}

/// The order; only that of creation is published.
pub fn order(query: &Query) -> ApiResult<listings::Order> {
    query.word("sort", &["created_at"])?;
    Ok(listings::Order::by_age(
        match query.word("direction", &["desc", "asc"])? {
            "asc" => Direction::Ascending,
            _ => Direction::Descending,
        },
    ))
}

/// The users of these rows.
pub async fn users(call: &ApiCall, entries: &[Entry]) -> ApiResult<HashMap<AccountId, Account>> {
    people(call, entries.iter().map(|entry| entry.user_id)).await
}

/// An entry with its other halves; none where its user is gone.
pub fn row<'a>(
    entry: &'a Entry,
    users: &'a HashMap<AccountId, Account>,
    permissions: &'a PermissionsById,
) -> Option<Row<'a>> {
    Some(Row {
        entry,
        user: users.get(&entry.user_id)?,
        permissions: permissions.get(&entry.id).map_or(&[], Vec::as_slice),
    })
}

/// The ids of these rows.
pub fn ids(entries: &[Entry]) -> Vec<i64> {
    entries.iter().map(|entry| entry.id).collect()
}

/// The answer with the repositories of a selection at an owner.
pub async fn answer_repositories(
    call: &ApiCall,
    owner: AccountId,
    selection: &Selection,
) -> ApiResult {
    let request = PageRequest::read(&call.query)?;
    let (found, rest) = match selection {
        Selection::Public => (Vec::new(), Rest::Total(0)),
        Selection::Selected(ids) => {
            let ids: Vec<_> = ids.iter().copied().collect();
            let mut found = repositories::list_by_ids(&mut call.db(), &ids).await?;
            // A repository that left its owner has left the grant.
            found.retain(|repository| repository.owner_id == owner);
            request.cut(found)
        }
        Selection::All => everything_of(call, owner, request).await?,
    };
    let owners = owners_of(call, &found).await?;
    let items = found.iter().filter_map(|repository| {
        let owner = owners.get(&repository.owner_id)?;
        Some(minimal_repository(call.links(), repository, owner))
    });
    let items: Vec<Value> = items.collect();
    Ok(paging::page(call, request, items, rest))
}

/// One page of all that an owner has, by name.
async fn everything_of(
    call: &ApiCall,
    owner: AccountId,
    request: PageRequest,
) -> ApiResult<(Vec<Repository>, Rest)> {
    let everything = Seen {
        owner: Some(owner),
        sights: vec![Sight {
            owner,
            visibilities: Visibility::ALL.to_vec(),
        }],
        ..Seen::default()
    };
    let by_name = Order {
        by: SortBy::Name,
        is_descending: false,
    };
    let mut db = call.db();
    let total = count_seen(&mut db, &everything).await?;
    let found = list_seen(&mut db, &everything, by_name, request.exactly()).await?;
    Ok((found, Rest::Total(usize::try_from(total).unwrap_or(0))))
}

/// A number in the path; anything else names nothing.
pub fn id(call: &ApiCall, parameter: &str) -> ApiResult<i64> {
    let given = call.permit.parameter(parameter);
    given.parse().map_err(|_| ApiError::not_found())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_filter_names_a_slug_and_a_level() {
        let read = |text: &str| {
            permission(
                Catalog::github(),
                &Query::parse(&format!("permission={text}")),
            )
        };
        let (slug, level) = read("pull_requests_write").expect("known").expect("stated");
        assert_eq!((slug.as_str(), level), ("pull_requests", Level::Write));
        for text in ["contents", "contents_all", "nonsense_read", "_read"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_token_filter_takes_whole_numbers() {
        let read = |text: &str| tokens(&Query::parse(text));
        assert_eq!(
            read("token_id=1,2").expect("numbers").map(|ids| ids.len()),
            Some(2)
        );
        assert!(read("token_id[]=x").is_err());
    }
}
