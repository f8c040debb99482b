//! What many requests ask for and many grants give, read and written by the hundred: a bulk decision runs the same few
//! statements for one request as for a hundred.

use std::collections::BTreeMap;

use super::db::Compose;
use super::grants::{CATALOG, Grant, lifetime, permission_set};
use super::requests::Request;
use super::{Db, Result, Statement, Value, tokens};
use crate::domain::approval::part::Dropped;
use crate::domain::approval::{Ask, Terms};
use crate::domain::catalog::Catalog;
use crate::domain::ids::{GrantId, RepositoryId, RequestId};
use crate::domain::permission::Level;
use crate::domain::selection::{Selection, SelectionKind};
use crate::domain::token::conditions::ConditionKind;

/// How many rows one statement writes: databases bound the placeholders of a statement.
const GROUP: usize = 1_000;

/// Rows that belong to something, by its id.
type ById<T> = BTreeMap<i64, Vec<T>>;

/// What these requests ask for, whole.
pub async fn list_of_requests(
    db: &mut impl Db,
    catalog: &Catalog,
    requests: &[Request],
) -> Result<BTreeMap<RequestId, Ask>> {
    let heads = requests.iter().map(|request| Head {
        id: request.id.get(),
        selection: request.selection,
        terms_lifetime: request.terms_lifetime,
        terms_rotation: request.terms_rotation,
    });
    let asks = load(db, catalog, heads.collect(), &OF_REQUESTS).await?;
    Ok(asks
        .into_iter()
        .map(|(id, ask)| (RequestId::new(id), ask))
        .collect())
}

/// What these grants give.
pub async fn list_of_grants(
    db: &mut impl Db,
    catalog: &Catalog,
    grants: &[&Grant],
) -> Result<BTreeMap<GrantId, Ask>> {
    let heads = grants.iter().map(|grant| Head {
        id: grant.id.get(),
        selection: grant.selection,
        terms_lifetime: grant.terms_lifetime,
        terms_rotation: grant.terms_rotation,
    });
    let asks = load(db, catalog, heads.collect(), &OF_GRANTS).await?;
    Ok(asks
        .into_iter()
        .map(|(id, ask)| (GrantId::new(id), ask))
        .collect())
}

/// What stands in the row itself.
struct Head {
    id: i64,
    selection: SelectionKind,
    terms_lifetime: Option<i64>,
    terms_rotation: bool,
}

/// Where the rest of it stands.
struct Tables {
    permissions: &'static str,
    targets: &'static str,
    conditions: &'static str,
}

const OF_REQUESTS: Tables = Tables {
    permissions: "SELECT request_id, permission, asked FROM request_permissions WHERE catalog = 'github' AND request_id IN",
    targets: "SELECT request_id, target_id FROM request_targets WHERE kind = 'repository' AND request_id IN",
    conditions: "SELECT request_id, kind, pattern FROM request_conditions WHERE request_id IN",
};

const OF_GRANTS: Tables = Tables {
    permissions: "SELECT grant_id, permission, level FROM grant_permissions WHERE catalog = 'github' AND grant_id IN",
    targets: "SELECT grant_id, target_id FROM grant_targets WHERE kind = 'repository' AND grant_id IN",
    conditions: "SELECT grant_id, kind, pattern FROM grant_conditions WHERE grant_id IN",
};

async fn load(
    db: &mut impl Db,
    catalog: &Catalog,
    heads: Vec<Head>,
    tables: &Tables,
) -> Result<BTreeMap<i64, Ask>> {
    if heads.is_empty() {
        return Ok(BTreeMap::new());
    }
    let of = |table| Compose::new(table).list(heads.iter().map(|head| head.id));
    let permissions: Vec<(i64, String, Level)> = db.composed(of(tables.permissions)).all().await?;
    let targets: Vec<(i64, RepositoryId)> = db.composed(of(tables.targets)).all().await?;
    let conditions: Vec<(i64, ConditionKind, String)> =
        db.composed(of(tables.conditions)).all().await?;
    let mut permissions = by_id(
        permissions
            .into_iter()
            .map(|(id, slug, level)| (id, (slug, level))),
    );
    let mut targets = by_id(targets);
    let mut conditions = by_id(
        conditions
            .into_iter()
            .map(|(id, kind, text)| (id, (kind, text))),
    );
    let ask = |head: Head| {
        let listed = targets.remove(&head.id).unwrap_or_default();
        let permissions = permissions.remove(&head.id).unwrap_or_default();
        let conditions = conditions.remove(&head.id).unwrap_or_default();
        let ask = Ask {
            selection: Selection::from_parts(head.selection, listed.into_iter().collect()),
            permissions: permission_set(catalog, &permissions),
            terms: Terms {
                lifetime: lifetime(head.terms_lifetime),
                allows_rotation: head.terms_rotation,
                conditions: tokens::read_conditions(conditions),
            },
        };
        (head.id, ask)
    };
    Ok(heads.into_iter().map(ask).collect())
}

fn by_id<T>(rows: impl IntoIterator<Item = (i64, T)>) -> ById<T> {
    let mut by_id = ById::new();
    for (id, row) in rows {
        by_id.entry(id).or_default().push(row);
    }
    by_id
}

/// Writes what these grants give in place of what they gave.
pub async fn write_grants(
    db: &mut impl Db,
    catalog: &Catalog,
    grants: &[(GrantId, Ask)],
) -> Result<()> {
    for table in [
        "DELETE FROM grant_permissions WHERE grant_id IN",
        "DELETE FROM grant_targets WHERE grant_id IN",
        "DELETE FROM grant_conditions WHERE grant_id IN",
    ] {
        let ids = grants.iter().map(|(id, _)| *id);
        db.composed(Compose::new(table).list(ids)).execute().await?;
    }
    let permissions = grants.iter().flat_map(|(id, ask)| {
        ask.permissions.iter().map(move |(permission, level)| {
            let slug = catalog.permission(permission).slug.as_str();
            [(*id).into(), CATALOG.into(), slug.into(), level.into()]
        })
    });
    let head = "INSERT INTO grant_permissions (grant_id, catalog, permission, level) VALUES";
    insert(db, head, permissions.collect()).await?;
    let targets = grants.iter().flat_map(|(id, ask)| {
        let listed = ask.selection.listed();
        listed.map(move |target| [(*id).into(), "repository".into(), target.into()])
    });
    let head = "INSERT INTO grant_targets (grant_id, kind, target_id) VALUES";
    insert(db, head, targets.collect()).await?;
    let conditions = grants.iter().flat_map(|(id, ask)| {
        let rows = tokens::condition_rows(&ask.terms.conditions);
        rows.map(move |(kind, pattern)| [(*id).into(), kind.into(), pattern.into()])
    });
    let head = "INSERT INTO grant_conditions (grant_id, kind, pattern) VALUES";
    insert(db, head, conditions.collect()).await
}

async fn insert<const N: usize>(
    db: &mut impl Db,
    head: &'static str,
    rows: Vec<[Value; N]>,
) -> Result<()> {
    for group in rows.chunks(GROUP) {
        let mut query = db.query(Statement::rows(head, N, group.len(), ""));
        for row in group {
            query = query.bind_all(row.iter().cloned());
        }
        query.execute().await?;
    }
    Ok(())
}

/// Notes that these requests were granted; see [`note_dropped`] for those that were granted in part.
pub async fn note_granted(db: &mut impl Db, requests: &[RequestId]) -> Result<()> {
    for table in [
        "UPDATE request_permissions SET granted = asked WHERE request_id IN",
        "UPDATE request_targets SET outcome = 'granted' WHERE request_id IN",
    ] {
        let compose = Compose::new(table).list(requests.iter().copied());
        db.composed(compose).execute().await?;
    }
    Ok(())
}

/// Notes what of a request was not granted, after [`note_granted`], so that its user sees it. Where all repositories
/// were asked for and some are granted, those are listed as granted.
pub async fn note_dropped(
    db: &mut impl Db,
    catalog: &Catalog,
    request: RequestId,
    dropped: &Dropped,
    after: &Ask,
) -> Result<()> {
    for (permission, _) in dropped.permissions.iter() {
        db.query(
            "UPDATE request_permissions SET granted = $1 WHERE request_id = $2 AND catalog = $3 AND permission = $4",
        )
        .bind(after.permissions.level_of(permission))
        .bind(request)
        .bind(CATALOG)
        .bind(catalog.permission(permission).slug.as_str())
        .execute()
        .await?;
    }
    if !dropped.repositories.is_empty() {
        let compose =
            Compose::new("UPDATE request_targets SET outcome = 'dropped' WHERE request_id =")
                .value(request)
                .then("AND kind = 'repository' AND target_id IN")
                .list(dropped.repositories.iter().copied());
        db.composed(compose).execute().await?;
    }
    if dropped.narrows_all {
        let head = "INSERT INTO request_targets (request_id, kind, target_id, outcome) VALUES";
        let listed = after.selection.listed();
        let rows = listed.map(|target| {
            [
                request.into(),
                "repository".into(),
                target.into(),
                "granted".into(),
            ]
        });
        insert(db, head, rows.collect()).await?;
    }
    Ok(())
}
