//! A user's own tokens of one kind as their list shows them: filtered, sorted, a page at a time.
//!
//! A user has hundreds of tokens at most (`limits.tokens_per_user`), found by the index on their user; so the order may
//! be by what is computed for each, and a page still costs the same however many other users there are.

mod classic;

use sqlx::FromRow;

use super::db::Compose;
use super::grants::CATALOG;
use super::listings::{Direction, OwnGrant};
use super::{Db, Result};
use crate::domain::ids::{AccountId, GrantId, TokenId};
use crate::domain::permission::Level;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::store::records::TokenUse;

/// What a list is sorted by; entries of the same value stand by their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// When it was made.
    #[default]
    Made,
    /// Its name.
    Name,
    /// When it was last used; never comes before every use.
    LastUsed,
    /// When it ends; never comes after every end.
    Expires,
}

pub use classic::{list_owners_of_use, list_scopes};

/// How a token stands at one owner or another. A classic token waits for nobody: it works, is blocked or is expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It works at an owner.
    Active,
    /// It waits for an owner.
    Pending,
    /// An owner said no.
    Denied,
    /// An owner took it back, or what made the owner choosable ended.
    Revoked,
    /// A policy stands against it at an owner.
    Blocked,
    /// Its life is over.
    Expired,
}

/// What the policies of an owner refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// The owner.
    pub owner: AccountId,
    /// The longest life that is let in, in microseconds; none: no token at all is.
    pub longest: Option<i64>,
}

/// Which tokens a list shows.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Whose.
    pub user: AccountId,
    /// Of which kind.
    pub kind: TokenKind,
    /// The moment at which states and ends are judged.
    pub now: Timestamp,
    /// Standing so somewhere; at `owner` where that is given too.
    pub state: Option<State>,
    /// With a grant or request there; of classic tokens, used there.
    pub owner: Option<AccountId>,
    /// Not used since.
    pub unused_since: Option<Timestamp>,
    /// Ending before, and not ended yet.
    pub ends_before: Option<Timestamp>,
    /// Holding this in the name or description.
    pub search: String,
    /// What the policies of the owners refuse.
    pub bars: Vec<Bar>,
    /// Tokens that they do not refuse there after all, being exempt.
    pub spared: Vec<(TokenId, AccountId)>,
}

/// What an entry is sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// A name.
    Text(String),
    /// A moment or an id.
    Number(i64),
}

/// Where an entry stands in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What it is sorted by.
    pub key: Key,
    /// Its id.
    pub id: TokenId,
}

/// A token in the list.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct OwnToken {
    /// Which.
    pub id: TokenId,
    /// Its name.
    pub name: String,
    /// The name as it is compared.
    pub name_key: String,
    /// What it is for.
    pub description: String,
    /// When its life began.
    pub starts_at: Timestamp,
    /// When its life ends.
    pub expires_at: Option<Timestamp>,
    /// When it was last used; 0 for never.
    pub used_at: i64,
}

/// Later than any end.
const NEVER: i64 = i64::MAX;

impl OwnToken {
    /// Where it stands in a list sorted so.
    pub fn place(&self, sort: Sort) -> Place {
        let key = match sort {
            Sort::Made => Key::Number(self.id.get()),
            Sort::Name => Key::Text(self.name_key.clone()),
            Sort::LastUsed => Key::Number(self.used_at),
            Sort::Expires => Key::Number(self.expires_at.map_or(NEVER, Timestamp::as_micros)),
        };
        Place { key, id: self.id }
    }
}

const COLUMNS: &str = "SELECT t.id, t.name, t.name_key, t.description, t.starts_at, t.expires_at, \
     COALESCE((SELECT MAX(l.at) FROM last_uses l WHERE l.token_id = t.id), 0) AS used_at";
const FROM: &str = "FROM tokens t WHERE t.state = 'live' AND t.user_id =";

/// The latest request of a grant.
const LATEST: &str =
    "SELECT r.state FROM requests r WHERE r.grant_id = g.id ORDER BY r.id DESC LIMIT 1";

/// A page of a user's tokens after a place.
pub async fn list(
    db: &mut impl Db,
    filter: &Filter,
    sort: Sort,
    direction: Direction,
    beyond: Option<&Place>,
    limit: i64,
) -> Result<Vec<OwnToken>> {
    let compose = of_user(COLUMNS, filter);
    let compose =
        narrow(compose, filter).when(beyond, |text, place| after(text, sort, direction, place));
    db.composed(compose.then(order(sort, direction)).value(limit))
        .all()
        .await
}

/// How many tokens the filter leaves.
pub async fn count(db: &mut impl Db, filter: &Filter) -> Result<i64> {
    let compose = of_user("SELECT COUNT(*)", filter);
    db.composed(narrow(compose, filter)).number().await
}

fn of_user(head: &'static str, filter: &Filter) -> Compose {
    let compose = Compose::new(head).then(FROM).value(filter.user);
    compose.then("AND t.kind =").value(filter.kind)
}

fn order(sort: Sort, direction: Direction) -> &'static str {
    use Direction::{Ascending, Descending};
    match (sort, direction) {
        (Sort::Made, Ascending) => "ORDER BY t.id LIMIT",
        (Sort::Made, Descending) => "ORDER BY t.id DESC LIMIT",
        (Sort::Name, Ascending) => "ORDER BY t.name_key, t.id LIMIT",
        (Sort::Name, Descending) => "ORDER BY t.name_key DESC, t.id DESC LIMIT",
        (Sort::LastUsed, Ascending) => "ORDER BY used_at, t.id LIMIT",
        (Sort::LastUsed, Descending) => "ORDER BY used_at DESC, t.id DESC LIMIT",
        (Sort::Expires, Ascending) => {
            "ORDER BY COALESCE(t.expires_at, 9223372036854775807), t.id LIMIT"
        }
        (Sort::Expires, Descending) => {
            "ORDER BY COALESCE(t.expires_at, 9223372036854775807) DESC, t.id DESC LIMIT"
        }
    }
}

fn after(text: Compose, sort: Sort, direction: Direction, place: &Place) -> Compose {
    let column = match sort {
        Sort::Made => "AND (t.id, t.id)",
        Sort::Name => "AND (t.name_key, t.id)",
        Sort::LastUsed => {
            "AND (COALESCE((SELECT MAX(l.at) FROM last_uses l WHERE l.token_id = t.id), 0), t.id)"
        }
        Sort::Expires => "AND (COALESCE(t.expires_at, 9223372036854775807), t.id)",
    };
    let text = text.then(column).then(match direction {
        Direction::Ascending => "> (",
        Direction::Descending => "< (",
    });
    let text = match &place.key {
        Key::Text(key) => text.value(key),
        Key::Number(key) => text.value(*key),
    };
    text.then(",").value(place.id).then(")")
}

fn narrow(compose: Compose, filter: &Filter) -> Compose {
    let search = filter.search.trim();
    compose
        .when(filter.state, |text, state| in_state(text, filter, state))
        .when(filter.owner, |text, owner| at_owner(text, filter, owner))
        .when(filter.unused_since, |text, since| {
            text.then("AND t.starts_at <=")
                .value(since)
                .then(
                    "AND NOT EXISTS (SELECT 1 FROM last_uses l WHERE l.token_id = t.id AND l.at >",
                )
                .value(since)
                .then(")")
        })
        .when(filter.ends_before, |text, end| {
            text.then("AND t.expires_at <=")
                .value(end)
                .then("AND t.expires_at >")
                .value(filter.now)
        })
        .when(
            (!search.is_empty()).then(|| pattern(search)),
            |text, pattern| {
                text.then("AND (LOWER(t.name) LIKE LOWER(")
                    .value(&pattern)
                    .then(") ESCAPE '!' OR LOWER(t.description) LIKE LOWER(")
                    .value(&pattern)
                    .then(") ESCAPE '!')")
            },
        )
}

/// With anything to do with an owner. A state of a fine-grained token names its owner itself.
fn at_owner(text: Compose, filter: &Filter, owner: AccountId) -> Compose {
    let grant = "AND EXISTS (SELECT 1 FROM grants g WHERE g.token_id = t.id AND g.owner_id =";
    match (filter.kind, filter.state) {
        (TokenKind::Classic, _) => classic::used_at(text, owner),
        (TokenKind::FineGrained, None | Some(State::Expired)) => {
            text.then(grant).value(owner).then(")")
        }
        (TokenKind::FineGrained, Some(_)) => text,
    }
}

/// A pattern that finds this text anywhere, its own signs taken as they are.
fn pattern(search: &str) -> String {
    let escaped = search
        .replace('!', "!!")
        .replace('%', "!%")
        .replace('_', "!_");
    format!("%{escaped}%")
}

fn in_state(text: Compose, filter: &Filter, state: State) -> Compose {
    if state == State::Expired {
        return text.then("AND t.expires_at <=").value(filter.now);
    }
    if filter.kind == TokenKind::Classic {
        return classic::in_state(text, filter, state);
    }
    let text = text
        .then("AND (t.expires_at IS NULL OR t.expires_at >")
        .value(filter.now)
        .then(") AND EXISTS (SELECT 1 FROM grants g WHERE g.token_id = t.id")
        .when(filter.owner, |text, owner| {
            text.then("AND g.owner_id =").value(owner)
        });
    let text = match state {
        State::Active => barred(text.then("AND g.state = 'active' AND NOT"), filter),
        State::Pending => barred(waiting(text).then("AND NOT"), filter),
        State::Blocked => {
            let text = waiting(text.then("AND (g.state = 'active' OR (1 = 1"));
            barred(text.then(")) AND"), filter)
        }
        State::Denied => text
            .then("AND g.state <> 'active' AND 'denied' = (")
            .then(LATEST)
            .then(")"),
        State::Revoked => text
            .then("AND g.state = 'revoked' AND COALESCE((")
            .then(LATEST)
            .then("), '') NOT IN ('pending', 'denied')"),
        State::Expired => text,
    };
    text.then(")")
}

/// The grants that wait: as `GrantStanding::of` reads them.
fn waiting(text: Compose) -> Compose {
    text.then("AND g.state <> 'active' AND (g.state = 'suspended' OR 'pending' = (")
        .then(LATEST)
        .then("))")
}

/// Against which a policy stands: as `violation` judges it.
fn barred(text: Compose, filter: &Filter) -> Compose {
    let text = text.then("((1 = 0");
    let text = filter.bars.iter().fold(text, |text, bar| {
        let text = text.then("OR (g.owner_id =").value(bar.owner);
        match bar.longest {
            None => text.then(")"),
            Some(longest) => text
                .then("AND (t.expires_at IS NULL OR t.expires_at - t.starts_at >")
                .value(longest)
                .then("))"),
        }
    });
    let text = filter
        .spared
        .iter()
        .fold(text.then(")"), |text, (token, owner)| {
            let text = text.then("AND NOT (t.id =").value(*token);
            text.then("AND g.owner_id =").value(*owner).then(")")
        });
    text.then(")")
}

/// The owners at which a user's live tokens hold or asked for anything: id and login, by login.
pub async fn list_owners(db: &mut impl Db, user: AccountId) -> Result<Vec<(AccountId, String)>> {
    db.query(
        "SELECT o.id, o.login FROM accounts o WHERE o.id IN (SELECT g.owner_id FROM grants g \
         JOIN tokens t ON t.id = g.token_id \
         WHERE t.user_id = $1 AND t.kind = 'fine_grained' AND t.state = 'live') ORDER BY o.login_key",
    )
    .bind(user)
    .all()
    .await
}

/// The grants of these tokens, by token and owner.
pub async fn list_grants(db: &mut impl Db, tokens: &[TokenId]) -> Result<Vec<OwnGrant>> {
    let compose = Compose::new(
        "SELECT g.id, g.token_id, g.owner_id, o.login AS owner_login, g.state, r.state AS request_state, \
         CASE WHEN g.state = 'none' THEN COALESCE(r.selection, g.selection) ELSE g.selection END AS selection, \
         CASE WHEN g.state = 'none' THEN (SELECT COUNT(*) FROM request_targets x WHERE x.request_id = r.id) \
         ELSE (SELECT COUNT(*) FROM grant_targets x WHERE x.grant_id = g.id) END AS listed, \
         CASE WHEN g.state = 'revoked' AND r.state <> 'denied' THEN g.reason \
         ELSE COALESCE(r.decision_reason, g.reason) END AS reason \
         FROM grants g JOIN accounts o ON o.id = g.owner_id \
         LEFT JOIN requests r ON r.id = (SELECT MAX(l.id) FROM requests l WHERE l.grant_id = g.id) \
         WHERE g.token_id IN",
    );
    db.composed(
        compose
            .list(tokens.iter().copied())
            .then("ORDER BY g.token_id, o.login_key"),
    )
    .all()
    .await
}

/// The levels that these tokens hold, by grant; of a grant that never worked, those asked for last.
pub async fn list_levels(db: &mut impl Db, tokens: &[TokenId]) -> Result<Vec<(GrantId, Level)>> {
    let compose = Compose::new(
        "SELECT g.id, p.level FROM grants g JOIN grant_permissions p ON p.grant_id = g.id WHERE p.catalog =",
    )
    .value(CATALOG)
    .then("AND g.token_id IN")
    .list(tokens.iter().copied())
    .then(
        "UNION SELECT g.id, q.asked FROM grants g JOIN request_permissions q \
         ON q.request_id = (SELECT MAX(r.id) FROM requests r WHERE r.grant_id = g.id) \
         WHERE g.state = 'none' AND g.token_id IN",
    )
    .list(tokens.iter().copied());
    db.composed(compose).all().await
}

/// The last uses of these tokens at every owner, latest first.
pub async fn list_last_uses(db: &mut impl Db, tokens: &[TokenId]) -> Result<Vec<TokenUse>> {
    let head = "SELECT token_id, at, method, path FROM last_uses WHERE token_id IN";
    db.composed(
        Compose::new(head)
            .list(tokens.iter().copied())
            .then("ORDER BY at DESC"),
    )
    .all()
    .await
}
