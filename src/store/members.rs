//! An organization's people: owners, members and outside collaborators, a page at a time, and what their tokens do there.

use std::collections::BTreeMap;

use sqlx::FromRow;

use super::db::Compose;
use super::{Db, Result};
use crate::domain::access::rights::{BasePermission, MemberRole};
use crate::domain::audit::Action;
use crate::domain::ids::{AccountId, RepositoryId};
use crate::domain::names;
use crate::domain::role::RepositoryRole;
use crate::domain::time::Timestamp;

/// Somebody with a role in an organization or on some of its repositories.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Person {
    /// Who.
    pub user_id: AccountId,
    /// Their login.
    pub login: String,
    /// Their name.
    pub name: String,
    /// Their role in the organization; none of an outside collaborator.
    pub role: Option<MemberRole>,
    /// Since when they are a member.
    pub since: Option<Timestamp>,
    /// Since when they are suspended.
    pub suspended_at: Option<Timestamp>,
}

/// Which of an organization's people a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Owners and members.
    All,
    /// Owners.
    Owners,
    /// Members that are no owners.
    Members,
    /// Those with a role on a repository and no membership.
    Collaborators,
}

/// By what people are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// By login.
    Login,
    /// By the moment in which they became members; outside collaborators have none and stay by login.
    Since,
}

/// Where somebody stands in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// By login.
    Login(String),
    /// By when they came; people of the same moment stand by their ids.
    Since(Timestamp, AccountId),
}

/// Which people a page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeopleFilter {
    /// Which of them.
    pub part: Part,
    /// Whose login or name holds this; everybody where it is empty.
    pub search: String,
    /// By what they are sorted.
    pub order: Order,
    /// Backwards.
    pub is_descending: bool,
    /// Only who comes after this place, in the direction of the list.
    pub beyond: Option<Place>,
    /// How many.
    pub limit: i64,
}

const MEMBERS: &str = "\
SELECT u.id AS user_id, u.login, u.name, m.role, m.created_at AS since, u.suspended_at
FROM memberships m JOIN accounts u ON u.id = m.user_id
WHERE u.deleted_at IS NULL AND m.account_id =";

const COLLABORATORS: &str = "\
SELECT u.id AS user_id, u.login, u.name, CAST(NULL AS TEXT) AS role, CAST(NULL AS BIGINT) AS since, u.suspended_at
FROM accounts u WHERE u.deleted_at IS NULL AND u.id IN (
    SELECT c.user_id FROM collaborators c JOIN repositories r ON r.id = c.repository_id
    WHERE r.deleted_at IS NULL AND r.owner_id =";

const NO_MEMBER: &str =
    ") AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = u.id AND m.account_id =";

/// One page of an organization's people.
pub async fn list_people(
    db: &mut impl Db,
    organization: AccountId,
    filter: &PeopleFilter,
) -> Result<Vec<Person>> {
    let compose = of_part(organization, filter.part);
    let compose = compose.when(pattern(&filter.search), |text, pattern| {
        text.then("AND (u.login_key LIKE")
            .value(pattern.as_str())
            .then("ESCAPE '!' OR LOWER(u.name) LIKE")
            .value(pattern.as_str())
            .then("ESCAPE '!')")
    });
    let compose = compose.when(filter.beyond.clone(), |text, place| {
        beyond(text, place, filter.is_descending)
    });
    let order = match (filter.order, filter.part, filter.is_descending) {
        (Order::Since, Part::All | Part::Owners | Part::Members, false) => {
            "ORDER BY m.created_at, m.user_id LIMIT"
        }
        (Order::Since, Part::All | Part::Owners | Part::Members, true) => {
            "ORDER BY m.created_at DESC, m.user_id DESC LIMIT"
        }
        (_, _, false) => "ORDER BY u.login_key LIMIT",
        (_, _, true) => "ORDER BY u.login_key DESC LIMIT",
    };
    db.composed(compose.then(order).value(filter.limit))
        .all()
        .await
}

fn of_part(organization: AccountId, part: Part) -> Compose {
    let members = || Compose::new(MEMBERS).value(organization);
    match part {
        Part::All => members(),
        Part::Owners => members().then("AND m.role = 'owner'"),
        Part::Members => members().then("AND m.role = 'member'"),
        Part::Collaborators => Compose::new(COLLABORATORS)
            .value(organization)
            .then(NO_MEMBER)
            .value(organization)
            .then(")"),
    }
}

fn beyond(text: Compose, place: Place, is_descending: bool) -> Compose {
    match place {
        Place::Login(login) => text
            .then(if is_descending {
                "AND u.login_key <"
            } else {
                "AND u.login_key >"
            })
            .value(names::key(&login)),
        Place::Since(at, id) => text
            .then(if is_descending {
                "AND (m.created_at, m.user_id) <"
            } else {
                "AND (m.created_at, m.user_id) >"
            })
            .list([at.as_micros(), id.get()]),
    }
}

/// What `LIKE … ESCAPE '!'` looks for; nothing where nothing is searched.
fn pattern(search: &str) -> Option<String> {
    let search = search.trim().to_ascii_lowercase();
    if search.is_empty() {
        return None;
    }
    let escaped = search
        .replace('!', "!!")
        .replace('%', "!%")
        .replace('_', "!_");
    Some(format!("%{escaped}%"))
}

/// How many people an organization has of each sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow)]
pub struct Counts {
    /// Owners.
    pub owners: i64,
    /// Members that are no owners.
    pub members: i64,
    /// Outside collaborators.
    pub collaborators: i64,
}

/// Counts an organization's people.
pub async fn count_people(db: &mut impl Db, organization: AccountId) -> Result<Counts> {
    db.query(
        "SELECT COUNT(CASE WHEN m.role = 'owner' THEN 1 END) AS owners, \
         COUNT(CASE WHEN m.role = 'member' THEN 1 END) AS members, \
         (SELECT COUNT(DISTINCT c.user_id) FROM collaborators c JOIN repositories r ON r.id = c.repository_id \
          WHERE r.owner_id = $1 AND r.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM memberships o \
          WHERE o.account_id = $1 AND o.user_id = c.user_id)) AS collaborators \
         FROM memberships m JOIN accounts u ON u.id = m.user_id WHERE m.account_id = $1 AND u.deleted_at IS NULL",
    )
    .bind(organization)
    .one()
    .await
}

/// What a person's tokens do at an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Activity {
    /// Fine-grained tokens that reach it.
    pub tokens: i64,
    /// Requests that wait there.
    pub waiting: i64,
}

/// What these people's tokens do at an organization; who is missing does nothing there.
pub async fn list_activity(
    db: &mut impl Db,
    organization: AccountId,
    users: &[AccountId],
) -> Result<BTreeMap<AccountId, Activity>> {
    let head = "SELECT t.user_id, COUNT(CASE WHEN g.state = 'active' THEN 1 END), COUNT(r.id) FROM tokens t \
                JOIN grants g ON g.token_id = t.id \
                LEFT JOIN requests r ON r.grant_id = g.id AND r.state = 'pending' \
                WHERE t.state = 'live' AND t.kind = 'fine_grained' AND g.owner_id =";
    let compose = Compose::new(head)
        .value(organization)
        .then("AND t.user_id IN")
        .list(users.iter().copied())
        .then("GROUP BY t.user_id");
    let rows: Vec<(AccountId, i64, i64)> = db.composed(compose).all().await?;
    Ok(rows
        .into_iter()
        .map(|(user, tokens, waiting)| (user, Activity { tokens, waiting }))
        .collect())
}

/// One role of a person on a repository of an organization.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Collaboration {
    /// Who.
    pub user_id: AccountId,
    /// On which repository.
    pub repository_id: RepositoryId,
    /// Its name, without the organization's.
    pub name: String,
    /// The role.
    pub role: RepositoryRole,
    /// On how many repositories of the organization the person has a role.
    pub total: i64,
}

/// The first `limit` roles of each of these people on an organization's repositories, by name.
pub async fn list_collaborations(
    db: &mut impl Db,
    organization: AccountId,
    users: &[AccountId],
    limit: i64,
) -> Result<BTreeMap<AccountId, Vec<Collaboration>>> {
    let head = "SELECT user_id, repository_id, name, role, total FROM (\
                SELECT c.user_id, c.repository_id, r.name, r.name_key, c.role, \
                COUNT(*) OVER (PARTITION BY c.user_id) AS total, \
                ROW_NUMBER() OVER (PARTITION BY c.user_id ORDER BY r.name_key) AS place \
                FROM collaborators c JOIN repositories r ON r.id = c.repository_id \
                WHERE r.deleted_at IS NULL AND r.owner_id =";
    let compose = Compose::new(head)
        .value(organization)
        .then("AND c.user_id IN")
        .list(users.iter().copied())
        .then(") x WHERE place <=")
        .value(limit)
        .then("ORDER BY user_id, name_key");
    let mut by_user = BTreeMap::<_, Vec<_>>::new();
    for found in db.composed(compose).all::<Collaboration>().await? {
        by_user.entry(found.user_id).or_default().push(found);
    }
    Ok(by_user)
}

/// Ends every role of a user on an organization's repositories.
pub async fn remove_collaborations(
    db: &mut impl Db,
    organization: AccountId,
    user: AccountId,
) -> Result<()> {
    db.query(
        "DELETE FROM collaborators WHERE user_id = $2 AND repository_id IN \
         (SELECT id FROM repositories WHERE owner_id = $1)",
    )
    .bind(organization)
    .bind(user)
    .execute()
    .await
    .map(drop)
}

/// Somebody who could be added.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Candidate {
    /// Their login.
    pub login: String,
    /// Their name.
    pub name: String,
}

/// Users without a membership whose login begins with this, by login: the first `limit`.
pub async fn list_candidates(
    db: &mut impl Db,
    organization: AccountId,
    beginning: &str,
    limit: i64,
) -> Result<Vec<Candidate>> {
    let first = names::key(beginning.trim());
    if first.is_empty() {
        return Ok(Vec::new());
    }
    // Every login that begins so lies between the two: an index finds them, whatever the database makes of LIKE.
    let last = format!("{first}\u{10ffff}");
    db.query(
        "SELECT u.login, u.name FROM accounts u WHERE u.namespace = 'login' AND u.login_key >= $2 AND u.login_key < $3 \
         AND u.deleted_at IS NULL AND u.kind = 'user' AND u.suspended_at IS NULL AND NOT EXISTS (SELECT 1 \
         FROM memberships m WHERE m.account_id = $1 AND m.user_id = u.id) ORDER BY u.login_key LIMIT $4",
    )
    .bind(organization)
    .bind(first)
    .bind(last)
    .bind(limit)
    .all()
    .await
}

/// Holds an account until the transaction ends: whoever else wants to change who belongs to it, or what belongs to it,
/// waits. SQLite has one writer anyway.
pub async fn lock(db: &mut impl Db, account: AccountId) -> Result<()> {
    db.query("UPDATE accounts SET rev = rev WHERE id = $1")
        .bind(account)
        .execute()
        .await
        .map(drop)
}

/// How many owners an organization has beside this user who can sign in.
pub async fn count_other_owners(
    db: &mut impl Db,
    organization: AccountId,
    user: AccountId,
) -> Result<i64> {
    db.query(
        "SELECT COUNT(*) FROM memberships m JOIN accounts u ON u.id = m.user_id WHERE m.account_id = $1 \
         AND m.role = 'owner' AND m.user_id <> $2 AND u.deleted_at IS NULL AND u.suspended_at IS NULL",
    )
    .bind(organization)
    .bind(user)
    .number()
    .await
}

/// Gives an organization's members another base permission, if it is still `before`. False when it moved.
pub async fn set_base_permission(
    db: &mut impl Db,
    organization: AccountId,
    before: BasePermission,
    after: BasePermission,
) -> Result<bool> {
    db.query(
        "UPDATE accounts SET base_permission = $1, rev = rev + 1 WHERE id = $2 AND base_permission = $3 RETURNING id",
    )
    .bind(after)
    .bind(organization)
    .bind(before)
    .found()
    .await
}

/// How many repositories a base permission counts for: those that are not public.
pub async fn count_closed(db: &mut impl Db, organization: AccountId) -> Result<i64> {
    db.query(
        "SELECT COUNT(*) FROM repositories WHERE owner_id = $1 AND visibility <> 'public' AND deleted_at IS NULL",
    )
    .bind(organization)
    .number()
    .await
}

/// An act of somebody, as the audit log has it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Act {
    /// The login of who did it; none for the operator and the server.
    pub by: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// Who changed something about an organization last: a person's membership, or, without a person, itself.
pub async fn find_last_act(
    db: &mut impl Db,
    organization: AccountId,
    user: Option<AccountId>,
    actions: &[Action],
) -> Result<Option<Act>> {
    let head = "SELECT a.login AS by, e.at FROM audit_events e LEFT JOIN accounts a ON a.id = e.actor_id \
                WHERE e.owner_id =";
    let compose = Compose::new(head)
        .value(organization)
        .when(user, |text, user| text.then("AND e.user_id =").value(user))
        .then("AND e.action IN")
        .list(actions.iter().map(|action| action.as_str()))
        .then("ORDER BY e.at DESC, e.seq DESC LIMIT 1");
    db.composed(compose).optional().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_taken_by_the_letter() {
        assert_eq!(pattern("  "), None);
        assert_eq!(pattern("A_b%!").as_deref(), Some("%a!_b!%!!%"));
    }
}
