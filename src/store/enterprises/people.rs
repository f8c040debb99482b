//! Everybody who belongs to an enterprise: its owners, the members and owners of its organizations, and the users whose
//! accounts it owns.

use std::collections::BTreeMap;

use sqlx::FromRow;

use super::{Page, with_search};
use crate::domain::access::rights::MemberRole;
use crate::domain::account::AccountKind;
use crate::domain::ids::AccountId;
use crate::domain::time::Timestamp;
use crate::store::db::Compose;
use crate::store::{Db, Result};

/// Somebody who belongs to an enterprise.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Person {
    /// Who.
    pub id: AccountId,
    /// Their login.
    pub login: String,
    /// Their name.
    pub name: String,
    /// Whether the enterprise owns the account.
    pub is_managed: bool,
    /// Whether they own the enterprise.
    pub is_owner: bool,
    /// Since when they are suspended.
    pub suspended_at: Option<Timestamp>,
    /// Since when they have an account.
    pub created_at: Timestamp,
}

/// Which people a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeopleOf {
    /// Everybody.
    Everybody,
    /// Those whose accounts the enterprise owns.
    Managed,
    /// Those whose accounts are their own.
    Unmanaged,
    /// The owners of the enterprise.
    Owners,
    /// Owners of any of its organizations.
    OrganizationOwners,
    /// Suspended ones.
    Suspended,
}

/// Which people a page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeopleFilter {
    /// Which of them.
    pub of: PeopleOf,
    /// Only owners and members of this organization.
    pub organization: Option<AccountId>,
    /// Whose login or name holds this; everybody where it is empty.
    pub search: String,
    /// Which part, in which order.
    pub page: Page,
}

/// Begins with the enterprise's people, who are called `a`.
fn people(enterprise: AccountId) -> Compose {
    Compose::new("SELECT a.id, a.login, a.name, (COALESCE(a.managed_by, 0) =")
        .value(enterprise)
        .then(") AS is_managed, EXISTS (SELECT 1 FROM memberships e WHERE e.user_id = a.id AND e.account_id =")
        .value(enterprise)
        .then(
            "AND e.role = 'owner') AS is_owner, a.suspended_at, a.created_at FROM accounts a \
             WHERE a.kind = 'user' AND a.deleted_at IS NULL AND a.id IN \
             (SELECT x.id FROM accounts x WHERE x.managed_by =",
        )
        .value(enterprise)
        .then("UNION SELECT m.user_id FROM memberships m WHERE m.account_id =")
        .value(enterprise)
        .then(
            "UNION SELECT m.user_id FROM memberships m JOIN accounts o ON o.id = m.account_id \
             WHERE o.deleted_at IS NULL AND o.enterprise_id =",
        )
        .value(enterprise)
        .then(")")
}

/// One page of an enterprise's people.
pub async fn list_people(
    db: &mut impl Db,
    enterprise: AccountId,
    filter: &PeopleFilter,
) -> Result<Vec<Person>> {
    let compose = narrow(people(enterprise), enterprise, filter.of);
    let compose = compose.when(filter.organization, |text, organization| {
        text.then(
            "AND EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = a.id AND m.account_id =",
        )
        .value(organization)
        .then(")")
    });
    let compose = filter.page.cut(with_search(compose, &filter.search));
    db.composed(compose).all().await
}

fn narrow(compose: Compose, enterprise: AccountId, of: PeopleOf) -> Compose {
    match of {
        PeopleOf::Everybody => compose,
        PeopleOf::Managed => compose.then("AND a.managed_by =").value(enterprise),
        PeopleOf::Unmanaged => compose
            .then("AND COALESCE(a.managed_by, 0) <>")
            .value(enterprise),
        PeopleOf::Owners => compose
            .then("AND EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = a.id AND m.role = 'owner' AND m.account_id =")
            .value(enterprise)
            .then(")"),
        PeopleOf::OrganizationOwners => compose
            .then(
                "AND EXISTS (SELECT 1 FROM memberships m JOIN accounts o ON o.id = m.account_id WHERE m.user_id = a.id \
                 AND m.role = 'owner' AND o.deleted_at IS NULL AND o.enterprise_id =",
            )
            .value(enterprise)
            .then(")"),
        PeopleOf::Suspended => compose.then("AND a.suspended_at IS NOT NULL"),
    }
}

/// One of an enterprise's people; nobody else is found.
pub async fn find_person(
    db: &mut impl Db,
    enterprise: AccountId,
    user: AccountId,
) -> Result<Option<Person>> {
    let compose = people(enterprise).then("AND a.id =").value(user);
    db.composed(compose).optional().await
}

/// A role in an organization of the enterprise, or in itself.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Membership {
    /// Whose.
    pub user_id: AccountId,
    /// Where.
    pub account_id: AccountId,
    /// The login or slug.
    pub login: String,
    /// The name.
    pub name: String,
    /// What it is.
    pub kind: AccountKind,
    /// The role.
    pub role: MemberRole,
    /// Since when.
    pub since: Timestamp,
}

/// The roles of these people in an enterprise and its organizations, by login of the organization; roles elsewhere are
/// none of its business.
pub async fn list_memberships(
    db: &mut impl Db,
    enterprise: AccountId,
    users: &[AccountId],
) -> Result<BTreeMap<AccountId, Vec<Membership>>> {
    let head = "SELECT m.user_id, m.account_id, o.login, o.name, o.kind, m.role, m.created_at AS since \
                FROM memberships m JOIN accounts o ON o.id = m.account_id WHERE o.deleted_at IS NULL AND (o.id =";
    let compose = Compose::new(head)
        .value(enterprise)
        .then("OR o.enterprise_id =")
        .value(enterprise)
        .then(") AND m.user_id IN")
        .list(users.iter().copied())
        .then("ORDER BY o.kind, o.login_key");
    let mut by_user = BTreeMap::<_, Vec<_>>::new();
    for found in db.composed(compose).all::<Membership>().await? {
        by_user.entry(found.user_id).or_default().push(found);
    }
    Ok(by_user)
}

/// How many living tokens of each of these people reach what the enterprise governs; classic ones count from their last
/// use `since` on.
pub async fn count_tokens_of(
    db: &mut impl Db,
    enterprise: AccountId,
    users: &[AccountId],
    since: Timestamp,
    now: Timestamp,
) -> Result<BTreeMap<AccountId, i64>> {
    let compose = Compose::new("WITH s AS (SELECT a.id FROM accounts a WHERE a.deleted_at IS NULL AND (a.id =")
        .value(enterprise)
        .then("OR a.enterprise_id =")
        .value(enterprise)
        .then("OR a.managed_by =")
        .value(enterprise)
        .then(
            ")) SELECT t.user_id, COUNT(*) FROM tokens t WHERE t.state = 'live' AND (t.expires_at IS NULL \
             OR t.expires_at >",
        )
        .value(now)
        .then(
            ") AND (EXISTS (SELECT 1 FROM grants g WHERE g.token_id = t.id AND g.state = 'active' \
             AND g.owner_id IN (SELECT s.id FROM s)) OR (t.kind = 'classic' AND EXISTS (SELECT 1 FROM last_uses l \
             WHERE l.token_id = t.id AND l.owner_id IN (SELECT s.id FROM s) AND l.at >=",
        )
        .value(since)
        .then("))) AND t.user_id IN")
        .list(users.iter().copied())
        .then("GROUP BY t.user_id");
    let rows: Vec<(AccountId, i64)> = db.composed(compose).all().await?;
    Ok(rows.into_iter().collect())
}
