//! The classic tokens that came to an organization, as its owners see them: whose they are, what they may, and their use
//! of the organization's own resources. Nothing of other owners is read.

use std::collections::BTreeMap;

use sqlx::FromRow;

use super::db::Compose;
use super::listings::Direction;
use super::reach::like;
use super::records::RefusalRow;
use super::{Db, Result, Value};
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::names;
use crate::domain::policy::bars::Bar;
use crate::domain::time::{DAY, Timestamp};
use crate::domain::token::TokenState;

/// So many days back, a use makes a token one of those that come here. Blocked ones stay in the list.
pub const RECENT_DAYS: i64 = 90;

/// A classic token that came to an organization.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Visit {
    /// Which.
    pub token_id: TokenId,
    /// Its note.
    pub note: String,
    /// Whether it was ended.
    pub state: TokenState,
    /// Whose.
    pub user_id: AccountId,
    /// The user's login.
    pub user_login: String,
    /// The user's name.
    pub user_name: String,
    /// When its life began.
    pub starts_at: Timestamp,
    /// When its life ends.
    pub expires_at: Option<Timestamp>,
    /// When it was last allowed anything here.
    pub last_used_at: Timestamp,
    /// What, by its method.
    pub method: String,
    /// What, by its path.
    pub path: String,
    /// When an owner blocked it here, if one did.
    pub blocked_at: Option<Timestamp>,
    /// Whether its user owns the enterprise above.
    pub is_enterprise_owner: bool,
    /// Whether its user belongs to the organization or the enterprise above.
    pub is_of_a_member: bool,
}

impl Visit {
    /// Where it stands in a list that is sorted by this.
    pub fn place(&self, by: SortBy) -> Place {
        let key = match by {
            SortBy::LastUsed => Key::Number(self.last_used_at.as_micros()),
            SortBy::End => Key::Number(self.expires_at.map_or(i64::MAX, Timestamp::as_micros)),
            SortBy::Person => Key::Text(names::key(&self.user_login)),
            SortBy::Note => Key::Text(names::key(&self.note)),
        };
        Place {
            key,
            id: self.token_id,
        }
    }
}

/// How a token stands here; each is in one of these states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing stands against it.
    Works,
    /// A policy does.
    BlockedByPolicy,
    /// An owner blocked it.
    BlockedHere,
    /// Its life is over.
    Expired,
}

/// What its life is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// It has no end.
    Endless,
    /// It is longer than so many days.
    LongerThan(u16),
}

/// Which tokens a list shows. Everything that is none does not narrow it.
#[derive(Debug, Clone)]
pub struct Filter {
    /// At which organization.
    pub organization: AccountId,
    /// The enterprise above.
    pub enterprise: Option<AccountId>,
    /// The moment at which they are judged.
    pub now: Timestamp,
    /// The values of policies that can stand against them here.
    pub bars: Vec<Bar>,
    /// Of people whose login or name holds this.
    pub person: String,
    /// Whose note holds this.
    pub note: String,
    /// With this scope, by name.
    pub scope: Option<String>,
    /// Standing so.
    pub state: Option<State>,
    /// With such a life.
    pub life: Option<Life>,
    /// Only these.
    pub tokens: Option<Vec<TokenId>>,
}

/// What a list can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    /// When it was last used here.
    LastUsed,
    /// The user's login.
    Person,
    /// Its note.
    Note,
    /// When its life ends; what never does comes after everything else.
    End,
}

impl SortBy {
    const fn column(self) -> &'static str {
        match self {
            Self::LastUsed => "l.at",
            Self::Person => "u.login_key",
            Self::Note => "t.name_key",
            Self::End => "COALESCE(t.expires_at, 9223372036854775807)",
        }
    }
}

/// What a token is sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// A moment, in microseconds.
    Number(i64),
    /// A name, in lower case.
    Text(String),
}

/// Where a token stands in a list; those of the same key stand by their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What the list is sorted by.
    pub key: Key,
    /// Its id.
    pub id: TokenId,
}

const IS_ENTERPRISE_OWNER: &str = "\
EXISTS (SELECT 1 FROM memberships e WHERE e.account_id = s.enterprise_id AND e.user_id = t.user_id AND e.role = 'owner')";

const IS_OF_A_MEMBER: &str = "\
(EXISTS (SELECT 1 FROM memberships m WHERE m.account_id = s.id AND m.user_id = t.user_id)
 OR EXISTS (SELECT 1 FROM accounts v WHERE v.id = t.user_id AND v.managed_by = s.enterprise_id)
 OR EXISTS (SELECT 1 FROM memberships m LEFT JOIN accounts o ON o.id = m.account_id
            WHERE m.user_id = t.user_id AND (m.account_id = s.enterprise_id OR o.enterprise_id = s.enterprise_id)))";

const FACTS: &str = "\
SELECT t.id AS token_id, t.name AS note, t.state, t.user_id, u.login AS user_login, u.name AS user_name, t.starts_at,
       t.expires_at, l.at AS last_used_at, l.method, l.path, b.blocked_at,";

const FROM: &str = "\
FROM last_uses l JOIN tokens t ON t.id = l.token_id AND t.kind = 'classic' JOIN accounts u ON u.id = t.user_id
JOIN accounts s ON s.id = l.owner_id
LEFT JOIN token_blocks b ON b.token_id = t.id AND b.owner_id = l.owner_id WHERE l.owner_id =";

fn facts(organization: AccountId) -> Compose {
    Compose::new(FACTS)
        .then(IS_ENTERPRISE_OWNER)
        .then("AS is_enterprise_owner,")
        .then(IS_OF_A_MEMBER)
        .then("AS is_of_a_member")
        .then(FROM)
        .value(organization)
}

/// One classic token that came to an organization at any time, ended or not.
pub async fn find(
    db: &mut impl Db,
    organization: AccountId,
    token: TokenId,
) -> Result<Option<Visit>> {
    let compose = facts(organization).then("AND t.id =").value(token);
    db.composed(compose).optional().await
}

/// The classic tokens that came to an organization lately or are blocked there, in an order, from a place on.
pub async fn list(
    db: &mut impl Db,
    filter: &Filter,
    (by, direction): (SortBy, Direction),
    beyond: Option<&Place>,
    limit: i64,
) -> Result<Vec<Visit>> {
    let (way, sign) = match direction {
        Direction::Ascending => ("ASC", ") >"),
        Direction::Descending => ("DESC", ") <"),
    };
    let compose = narrow(facts(filter.organization), filter).when(beyond, |text, place| {
        let key: Value = match &place.key {
            Key::Number(number) => (*number).into(),
            Key::Text(key) => key.as_str().into(),
        };
        text.then("AND (")
            .then(by.column())
            .then(", t.id")
            .then(sign)
            .list([key, place.id.into()])
    });
    let compose = compose
        .then("ORDER BY")
        .then(by.column())
        .then(way)
        .then(", t.id")
        .then(way)
        .then("LIMIT")
        .value(limit);
    db.composed(compose).all().await
}

/// How many such tokens there are.
pub async fn count(db: &mut impl Db, filter: &Filter) -> Result<i64> {
    let compose = Compose::new("SELECT COUNT(*)")
        .then(FROM)
        .value(filter.organization);
    db.composed(narrow(compose, filter)).number().await
}

fn narrow(compose: Compose, filter: &Filter) -> Compose {
    let compose = compose
        .then("AND t.state = 'live' AND (b.token_id IS NOT NULL OR l.at >=")
        .value(filter.now.plus_days(-RECENT_DAYS))
        .then(")")
        .when(like(&filter.person), |text, pattern| {
            text.then("AND (u.login_key LIKE")
                .value(&pattern)
                .then("ESCAPE '!' OR LOWER(u.name) LIKE")
                .value(&pattern)
                .then("ESCAPE '!')")
        })
        .when(like(&filter.note), |text, pattern| {
            text.then("AND t.name_key LIKE")
                .value(&pattern)
                .then("ESCAPE '!'")
        })
        .when(filter.scope.as_deref(), |text, scope| {
            text.then(
                "AND EXISTS (SELECT 1 FROM token_scopes c WHERE c.token_id = t.id AND c.scope =",
            )
            .value(scope)
            .then(")")
        })
        .when(filter.life, |text, life| match life {
            Life::Endless => text.then("AND t.expires_at IS NULL"),
            Life::LongerThan(days) => text
                .then("AND (t.expires_at IS NULL OR t.expires_at - t.starts_at >")
                .value(i64::from(days) * DAY)
                .then(")"),
        })
        .when(filter.tokens.as_ref(), |text, tokens| {
            text.then("AND t.id IN").list(tokens.iter().copied())
        });
    compose.when(filter.state, |text, state| in_state(text, filter, state))
}

fn in_state(compose: Compose, filter: &Filter, state: State) -> Compose {
    let open = "AND b.token_id IS NULL AND (t.expires_at IS NULL OR t.expires_at >";
    match state {
        State::BlockedHere => compose.then("AND b.token_id IS NOT NULL"),
        State::Expired => compose
            .then("AND b.token_id IS NULL AND t.expires_at <=")
            .value(filter.now),
        State::BlockedByPolicy => {
            let compose = compose.then(open).value(filter.now).then(") AND (");
            barred(compose, filter).then(")")
        }
        State::Works => {
            let compose = compose.then(open).value(filter.now).then(") AND NOT (");
            barred(compose, filter).then(")")
        }
    }
}

/// Whether any of the values stands against a token: the rule of [`Bar::stands_against`], for the database.
fn barred(compose: Compose, filter: &Filter) -> Compose {
    let mut compose = compose.then("1 = 0");
    for bar in &filter.bars {
        let scope = if bar.is_above() {
            filter.enterprise
        } else {
            Some(filter.organization)
        };
        compose = compose
            .then("OR (NOT EXISTS (SELECT 1 FROM exemptions x WHERE x.token_id = t.id AND x.scope_id =")
            .value(scope)
            .then("AND x.policy =")
            .value(bar.policy())
            .then("AND x.ended_at IS NULL AND x.until_at >")
            .value(filter.now)
            .then(")")
            .when(bar.longest, |text, days| {
                text.then("AND (t.expires_at IS NULL OR t.expires_at - t.starts_at >")
                    .value(i64::from(days) * DAY)
                    .then(") AND")
                    .then(IS_OF_A_MEMBER)
            })
            .when(bar.spares_administrators.then_some(()), |text, ()| {
                text.then("AND NOT").then(IS_ENTERPRISE_OWNER)
            })
            .then(")");
    }
    compose
}

/// The scopes of these tokens, by token.
pub async fn list_scopes(
    db: &mut impl Db,
    tokens: &[TokenId],
) -> Result<BTreeMap<TokenId, Vec<String>>> {
    let compose = Compose::new("SELECT token_id, scope FROM token_scopes WHERE token_id IN")
        .list(tokens.iter().copied())
        .then("ORDER BY scope");
    let mut by_token = BTreeMap::<_, Vec<_>>::new();
    for (token, scope) in db.composed(compose).all::<(TokenId, String)>().await? {
        by_token.entry(token).or_default().push(scope);
    }
    Ok(by_token)
}

/// A token's most recent refusals at one owner, newest first.
pub async fn list_refusals(
    db: &mut impl Db,
    token: TokenId,
    owner: AccountId,
    limit: i64,
) -> Result<Vec<RefusalRow>> {
    db.query(
        "SELECT at, reason, method, path, message FROM refusals WHERE token_id = $1 AND owner_id = $2 \
         ORDER BY id DESC LIMIT $3",
    )
    .bind(token)
    .bind(owner)
    .bind(limit)
    .all()
    .await
}
