//! Every token that reaches what an enterprise governs, one entry a token and owner: fine-grained ones that work or wait
//! there, classic ones that were used there lately. Nothing of any other owner is read.
//!
//! Both kinds are narrowed, sorted and cut apart, so that each can use its own indexes; only what is left is joined with
//! what a page shows.

mod narrow;

use std::collections::BTreeMap;

use sqlx::FromRow;

use super::db::Compose;
use super::enterprises::Rules;
use super::listings::{Direction, Key};
use super::{Db, Result};
use crate::domain::access::rights::Relation;
use crate::domain::account::AccountKind;
use crate::domain::approval::{Activation, GrantState};
use crate::domain::ids::{AccountId, GrantId, RequestId, TokenId};
use crate::domain::inventory::{Facts, Standing};
use crate::domain::names;
use crate::domain::policy::evaluate::{Exposure, Violation, stands_against};
use crate::domain::policy::{Exempted, Exemption, Spared};
use crate::domain::selection::SelectionKind;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::domain::token::expiry::{Lifetime, is_over};
use narrow::{Arm, Walk};

pub use narrow::{Filter, Life, Order, Place, SortBy};

/// For so many days after its last use a classic token is listed: of others it cannot be known where they reach.
pub const CLASSIC_DAYS: i64 = 90;

/// A token at one owner.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[allow(clippy::struct_excessive_bools)] // Each is a question of its own; none excludes another.
pub struct Entry {
    /// The token.
    pub token_id: TokenId,
    /// Where it reaches.
    pub owner_id: AccountId,
    /// Its grant there; none of a classic one.
    pub grant_id: Option<GrantId>,
    /// The version of the grant.
    pub grant_rev: Option<i64>,
    /// What it asks for there, if that waits.
    pub request_id: Option<RequestId>,
    /// Which of the two models it follows.
    pub kind: TokenKind,
    /// Its name or note.
    pub token_name: String,
    /// What it is for.
    pub token_description: String,
    /// When its life began.
    pub starts_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// Whose it is.
    pub user_id: AccountId,
    /// Their login.
    pub user_login: String,
    /// Their name.
    pub user_name: String,
    /// Whether the enterprise owns their account.
    pub is_managed: bool,
    /// Since when they are suspended.
    pub suspended_at: Option<Timestamp>,
    /// The owner's login or slug.
    pub owner_login: String,
    /// The owner's name.
    pub owner_name: String,
    /// What the owner is.
    pub owner_kind: AccountKind,
    /// The state of the grant.
    pub grant_state: Option<GrantState>,
    /// How the grant became active.
    pub activation: Option<Activation>,
    /// What makes the owner choosable.
    pub relation: Option<Relation>,
    /// What the grant reaches, or the request asks for.
    pub selection: Option<SelectionKind>,
    /// Whether that is more than anybody may read.
    pub reaches_more_than_public: bool,
    /// When it was last used there.
    pub last_used_at: Option<Timestamp>,
    /// Since when an owner blocks it there.
    pub blocked_at: Option<Timestamp>,
    /// The enterprise.
    enterprise_id: AccountId,
    is_enterprise_owner: bool,
    is_of_a_member: bool,
}

impl Entry {
    /// Whether it works there, or only waits to.
    pub fn is_active(&self) -> bool {
        self.grant_state
            .is_none_or(|state| state == GrantState::Active)
    }

    /// How policies see it there.
    pub fn exposure(&self, exemptions: &[Exemption], now: Timestamp) -> Exposure {
        let place = (self.owner_id, Some(self.enterprise_id));
        Exposure {
            kind: self.kind,
            lifetime: Lifetime::between(self.starts_at, self.expires_at),
            is_of_a_member: self.is_of_a_member,
            spared: Spared::by(exemptions, place, self.is_enterprise_owner, now),
        }
    }

    /// How it stands there, and which policy stands against it.
    pub fn standing(
        &self,
        rules: &Rules,
        exemptions: &[Exemption],
        now: Timestamp,
    ) -> (Standing, Option<Violation>) {
        let policy = rules.at(self.kind, self.owner_id, self.owner_kind);
        let violation = stands_against(policy, &self.exposure(exemptions, now));
        let standing = Standing::of(&Facts {
            is_expired: is_over(self.expires_at, now),
            is_blocked_here: self.blocked_at.is_some(),
            is_active: self.is_active(),
            reaches_more_than_public: self.reaches_more_than_public,
            violation,
        });
        (standing, violation)
    }

    /// The exemptions among these that the owner or the enterprise gave and that count now.
    pub fn exempted<'a>(
        &'a self,
        exemptions: &'a [Exemption],
        now: Timestamp,
    ) -> impl Iterator<Item = (Exempted, Timestamp)> + 'a {
        exemptions
            .iter()
            .filter(move |one| {
                one.counts(now) && (one.scope == self.owner_id || one.scope == self.enterprise_id)
            })
            .map(|one| (one.policy, one.until))
    }

    /// Where it stands in a list that is sorted by this.
    pub fn place(&self, by: SortBy) -> Place {
        let key = match by {
            SortBy::Age => Key::Number(self.token_id.get()),
            SortBy::Person => Key::Text(names::key(&self.user_login)),
            SortBy::Token => Key::Text(names::key(&self.token_name)),
            SortBy::Owner => Key::Text(names::key(&self.owner_login)),
            SortBy::LastUsed => Key::Number(self.last_used_at.map_or(-1, Timestamp::as_micros)),
            SortBy::End => Key::Number(self.expires_at.map_or(i64::MAX, Timestamp::as_micros)),
        };
        Place {
            key,
            token: self.token_id,
            owner: self.owner_id,
        }
    }
}

/// The enterprise whose inventory it is, as a moment sees it.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// Which.
    pub enterprise: AccountId,
    /// What is in force there.
    pub rules: &'a Rules,
    /// The moment.
    pub now: Timestamp,
}

/// The first `limit` entries that pass a filter.
pub async fn list(
    db: &mut impl Db,
    scope: Scope<'_>,
    filter: &Filter,
    order: Order,
    limit: i64,
) -> Result<Vec<Entry>> {
    if !is_possible(filter) {
        return Ok(Vec::new());
    }
    let walk = Walk::of(order, filter);
    let compose = begin(scope).then(ENTRIES);
    let compose = arms(compose, filter, |text, arm| {
        let text = text
            .then(arm.keys())
            .then(narrow::key(order.by))
            .then("AS sort_key");
        let text = narrow::narrow(text.then(arm.tables(walk)), scope, filter, arm);
        let text = narrow::beyond(text, filter.beyond.as_ref(), order);
        narrow::sort(text, order).then("LIMIT").value(limit)
    });
    let compose = compose.then(JOINED).then(match order.direction {
        Direction::Ascending => "ORDER BY x.sort_key, x.token_id, x.owner_id LIMIT",
        Direction::Descending => "ORDER BY x.sort_key DESC, x.token_id DESC, x.owner_id DESC LIMIT",
    });
    db.composed(compose.value(limit)).all().await
}

/// How many entries pass a filter, counted up to `most`.
pub async fn count(db: &mut impl Db, scope: Scope<'_>, filter: &Filter, most: i64) -> Result<i64> {
    if !is_possible(filter) {
        return Ok(0);
    }
    let compose = begin(scope).then("SELECT COUNT(*) FROM (");
    let compose = arms(compose, filter, |text, arm| {
        let text = text
            .then(arm.keys())
            .then("0 AS sort_key")
            .then(arm.tables(Walk::Owners));
        narrow::narrow(text, scope, filter, arm)
            .then("LIMIT")
            .value(most)
    });
    db.composed(compose.then(") x")).number().await
}

/// The entry of a token at an owner, in whatever state of its own; none where it does not reach.
pub async fn find(
    db: &mut impl Db,
    scope: Scope<'_>,
    token: TokenId,
    owner: AccountId,
) -> Result<Option<Entry>> {
    let order = Order {
        by: SortBy::Age,
        direction: Direction::Ascending,
    };
    let one = Filter {
        only: Some((token, owner)),
        ..Filter::default()
    };
    let over = Filter {
        standing: Some(Standing::Expired),
        ..one.clone()
    };
    for filter in [one, over] {
        if let Some(found) = list(db, scope, &filter, order, 1).await?.pop() {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Begins a statement with `s`: everything that the enterprise governs.
fn begin(scope: Scope<'_>) -> Compose {
    let enterprise = scope.enterprise;
    Compose::new("WITH s AS (SELECT a.id, a.kind, a.login, a.login_key, a.name, CAST(")
        .value(enterprise)
        .then("AS BIGINT) AS enterprise_id FROM accounts a WHERE a.deleted_at IS NULL AND (a.id =")
        .value(enterprise)
        .then("OR a.enterprise_id =")
        .value(enterprise)
        .then("OR a.managed_by =")
        .value(enterprise)
        .then("))")
}

/// Whether anything at all can pass a filter: no classic token waits, and no fine-grained one is blocked by an owner.
fn is_possible(filter: &Filter) -> bool {
    Arm::ALL.into_iter().any(|arm| filter.wants(arm))
}

/// Adds the arms that a filter leaves, one under the other; it must leave one.
fn arms(
    compose: Compose,
    filter: &Filter,
    mut arm: impl FnMut(Compose, Arm) -> Compose,
) -> Compose {
    let wanted = Arm::ALL.into_iter().filter(|one| filter.wants(*one));
    let (mut compose, mut is_first) = (compose, true);
    for one in wanted {
        if !is_first {
            compose = compose.then("UNION ALL");
        }
        is_first = false;
        compose = arm(compose.then("SELECT * FROM ("), one).then(if one == Arm::FineGrained {
            ") f"
        } else {
            ") c"
        });
    }
    compose
}

const ENTRIES: &str = "\
SELECT x.token_id, x.owner_id, x.grant_id, g.rev AS grant_rev, x.request_id, t.kind, t.name AS token_name,
       t.description AS token_description, t.starts_at, t.expires_at, t.user_id, u.login AS user_login,
       u.name AS user_name, (COALESCE(u.managed_by, 0) = s.enterprise_id) AS is_managed, u.suspended_at,
       s.login AS owner_login, s.name AS owner_name, s.kind AS owner_kind, g.state AS grant_state, g.activation,
       g.relation, CASE WHEN g.state = 'active' THEN g.selection ELSE COALESCE(r.selection, g.selection) END AS selection,
       (g.id IS NULL OR g.selection <> 'public' OR r.id IS NOT NULL
        OR EXISTS (SELECT 1 FROM grant_permissions p WHERE p.grant_id = g.id)) AS reaches_more_than_public,
       l.at AS last_used_at, b.blocked_at, s.enterprise_id,
       EXISTS (SELECT 1 FROM memberships e WHERE e.account_id = s.enterprise_id AND e.user_id = t.user_id
               AND e.role = 'owner') AS is_enterprise_owner,
       (t.user_id = s.id OR COALESCE(u.managed_by, 0) = s.enterprise_id
        OR EXISTS (SELECT 1 FROM memberships m LEFT JOIN accounts o ON o.id = m.account_id
                   WHERE m.user_id = t.user_id AND (m.account_id = s.id OR m.account_id = s.enterprise_id
                   OR o.enterprise_id = s.enterprise_id))) AS is_of_a_member
FROM (";

const JOINED: &str = "\
) x JOIN tokens t ON t.id = x.token_id JOIN accounts u ON u.id = t.user_id JOIN s ON s.id = x.owner_id
LEFT JOIN grants g ON g.id = x.grant_id LEFT JOIN requests r ON r.id = x.request_id
LEFT JOIN last_uses l ON l.token_id = x.token_id AND l.owner_id = x.owner_id
LEFT JOIN token_blocks b ON b.token_id = x.token_id AND b.owner_id = x.owner_id AND x.grant_id IS NULL";

/// The exemptions of these tokens that were not taken back, by whomever.
pub async fn exemptions_of(
    db: &mut impl Db,
    tokens: &[TokenId],
) -> Result<BTreeMap<TokenId, Vec<Exemption>>> {
    let head = "SELECT token_id, scope_id, policy, until_at FROM exemptions WHERE ended_at IS NULL AND token_id IN";
    let compose = Compose::new(head).list(tokens.iter().copied());
    let rows: Vec<(TokenId, AccountId, Exempted, Timestamp)> = db.composed(compose).all().await?;
    let mut by_token: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (token, scope, policy, until) in rows {
        by_token.entry(token).or_default().push(Exemption {
            scope,
            policy,
            until,
        });
    }
    Ok(by_token)
}

/// The scopes of these classic tokens, by name.
pub async fn scopes_of(
    db: &mut impl Db,
    tokens: &[TokenId],
) -> Result<BTreeMap<TokenId, Vec<String>>> {
    let head = "SELECT token_id, scope FROM token_scopes WHERE token_id IN";
    let compose = Compose::new(head)
        .list(tokens.iter().copied())
        .then("ORDER BY scope");
    let rows: Vec<(TokenId, String)> = db.composed(compose).all().await?;
    let mut by_token: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (token, scope) in rows {
        by_token.entry(token).or_default().push(scope);
    }
    Ok(by_token)
}
