//! Which part of an inventory is asked for, and in which order; composed of constant fragments, as in
//! [`listings`](super::super::listings).

use super::super::Value;
use super::super::db::Compose;
use super::super::enterprises::Group;
use super::super::grants::CATALOG;
use super::super::listings::{Direction, Key};
use super::super::reach::like;
use super::{CLASSIC_DAYS, Scope};
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::inventory::Standing;
use crate::domain::permission::Level;
use crate::domain::policy::Exempted;
use crate::domain::policy::barrier::{Layer, Stops};
use crate::domain::time::{DAY, Timestamp};
use crate::domain::token::TokenKind;

/// Which entries a list shows. Everything that is none does not narrow it, but that tokens whose life is over are shown
/// only where they are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only this token at this owner.
    pub only: Option<(TokenId, AccountId)>,
    /// Of this kind.
    pub kind: Option<TokenKind>,
    /// At this owner.
    pub owner: Option<AccountId>,
    /// Of this user.
    pub user: Option<AccountId>,
    /// Of people whose login or name holds this.
    pub person: Option<String>,
    /// Of people whose account the enterprise owns, or does not.
    pub is_managed: Option<bool>,
    /// Whose name holds this.
    pub name: Option<String>,
    /// That stand so.
    pub standing: Option<Standing>,
    /// With any permission at this level or a higher one; of classic tokens one of these scopes.
    pub level: Option<(Level, Vec<String>)>,
    /// Not used since, although they were there.
    pub unused_since: Option<Timestamp>,
    /// With such a life.
    pub life: Option<Life>,
    /// That end before.
    pub ends_before: Option<Timestamp>,
    /// Only what comes after this place, in the order of the list.
    pub beyond: Option<Place>,
}

/// How long tokens live that a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// Longer than so many days, or for ever.
    LongerThan(i64),
    /// For ever.
    Endless,
}

/// Where an entry stands in a list; entries of the same key stand by token and owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What the list is sorted by.
    pub key: Key,
    /// The token.
    pub token: TokenId,
    /// The owner.
    pub owner: AccountId,
}

/// What an inventory can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    /// When the token was made.
    Age,
    /// The user's login.
    Person,
    /// The token's name.
    Token,
    /// The owner's login.
    Owner,
    /// When it was last used there; what never was comes first.
    LastUsed,
    /// When its life ends; what never does comes last.
    End,
}

impl SortBy {
    /// Whether its keys are texts.
    pub const fn is_text(self) -> bool {
        matches!(self, Self::Person | Self::Token | Self::Owner)
    }
}

/// The order of an inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// By what.
    pub by: SortBy,
    /// In which direction.
    pub direction: Direction,
}

impl Order {
    /// The other way round.
    #[must_use]
    pub const fn reversed(self) -> Self {
        Self {
            direction: self.direction.reversed(),
            ..self
        }
    }
}

/// From which end the tables are joined. SQLite takes the tables of a `CROSS JOIN` in the order in which they stand; to
/// PostgreSQL the two are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Walk {
    /// From the owners: what is at few of them, or sorted by anything, is read whole and then sorted.
    Owners,
    /// From the newest token, or the oldest: a page is full after a few dozen, however many there are.
    Tokens,
}

impl Walk {
    /// The quicker one.
    pub(super) const fn of(order: Order, filter: &Filter) -> Self {
        match (order.by, filter.owner) {
            (SortBy::Age, None) => Self::Tokens,
            _ => Self::Owners,
        }
    }
}

/// The two halves of an inventory, which are found in different tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arm {
    /// By grants and requests.
    FineGrained,
    /// By use.
    Classic,
}

impl Arm {
    pub(super) const ALL: [Self; 2] = [Self::FineGrained, Self::Classic];

    pub(super) const fn keys(self) -> &'static str {
        match self {
            Self::FineGrained => {
                "SELECT t.id AS token_id, s.id AS owner_id, g.id AS grant_id, r.id AS request_id,"
            }
            Self::Classic => {
                "SELECT t.id AS token_id, s.id AS owner_id, CAST(NULL AS BIGINT) AS grant_id, \
                 CAST(NULL AS BIGINT) AS request_id,"
            }
        }
    }

    /// The tables, and the beginning of a condition that the classic arm's first value completes.
    pub(super) const fn tables(self, walk: Walk) -> &'static str {
        match (self, walk) {
            (Self::FineGrained, Walk::Owners) => {
                "FROM grants g JOIN s ON s.id = g.owner_id JOIN tokens t ON t.id = g.token_id \
                 JOIN accounts u ON u.id = t.user_id \
                 LEFT JOIN requests r ON r.grant_id = g.id AND r.state = 'pending' \
                 LEFT JOIN last_uses l ON l.token_id = t.id AND l.owner_id = g.owner_id \
                 WHERE t.state = 'live' AND (g.state = 'active' OR r.id IS NOT NULL)"
            }
            (Self::FineGrained, Walk::Tokens) => {
                "FROM tokens t CROSS JOIN grants g CROSS JOIN s CROSS JOIN accounts u \
                 LEFT JOIN requests r ON r.grant_id = g.id AND r.state = 'pending' \
                 LEFT JOIN last_uses l ON l.token_id = g.token_id AND l.owner_id = g.owner_id \
                 WHERE g.token_id = t.id AND s.id = g.owner_id AND u.id = t.user_id \
                 AND t.state = 'live' AND (g.state = 'active' OR r.id IS NOT NULL)"
            }
            (Self::Classic, Walk::Owners) => {
                "FROM last_uses l JOIN s ON s.id = l.owner_id JOIN tokens t ON t.id = l.token_id \
                 JOIN accounts u ON u.id = t.user_id \
                 LEFT JOIN token_blocks b ON b.token_id = t.id AND b.owner_id = l.owner_id \
                 WHERE t.kind = 'classic' AND t.state = 'live' AND l.at >="
            }
            (Self::Classic, Walk::Tokens) => {
                "FROM tokens t CROSS JOIN last_uses l CROSS JOIN s CROSS JOIN accounts u \
                 LEFT JOIN token_blocks b ON b.token_id = l.token_id AND b.owner_id = l.owner_id \
                 WHERE l.token_id = t.id AND s.id = l.owner_id AND u.id = t.user_id \
                 AND t.kind = 'classic' AND t.state = 'live' AND l.at >="
            }
        }
    }

    const fn kind(self) -> TokenKind {
        match self {
            Self::FineGrained => TokenKind::FineGrained,
            Self::Classic => TokenKind::Classic,
        }
    }
}

/// What an order sorts by; both arms call it the same.
pub(super) const fn key(by: SortBy) -> &'static str {
    match by {
        SortBy::Age => "t.id",
        SortBy::Person => "u.login_key",
        SortBy::Token => "t.name_key",
        SortBy::Owner => "s.login_key",
        SortBy::LastUsed => "COALESCE(l.at, -1)",
        SortBy::End => "COALESCE(t.expires_at, 9223372036854775807)",
    }
}

impl Filter {
    /// Whether an arm can hold anything that passes.
    pub(super) fn wants(&self, arm: Arm) -> bool {
        let is_possible = match (arm, self.standing) {
            (Arm::FineGrained, Some(Standing::BlockedHere))
            | (Arm::Classic, Some(Standing::Pending)) => false,
            (Arm::FineGrained | Arm::Classic, _) => true,
        };
        is_possible && self.kind.is_none_or(|kind| kind == arm.kind())
    }
}

/// Adds what a filter says to an arm, after its `WHERE`.
pub(super) fn narrow(text: Compose, scope: Scope<'_>, filter: &Filter, arm: Arm) -> Compose {
    let text = match arm {
        Arm::FineGrained => text,
        Arm::Classic => text.value(scope.now.plus_days(-CLASSIC_DAYS)),
    };
    let text = text
        .when(filter.only, |text, (token, owner)| {
            text.then("AND t.id =")
                .value(token)
                .then("AND s.id =")
                .value(owner)
        })
        .when(filter.owner, |text, owner| {
            text.then("AND s.id =").value(owner)
        });
    let text = with_people(text, scope, filter);
    let text = text.when(filter.level.as_ref(), |text, (level, scopes)| {
        with_level(text, *level, scopes, arm)
    });
    with_standing(in_time(text, filter, arm), scope, filter.standing, arm)
}

fn with_people(text: Compose, scope: Scope<'_>, filter: &Filter) -> Compose {
    let holds = |search: &Option<String>| search.as_deref().and_then(like);
    text.when(filter.user, |text, user| {
        text.then("AND t.user_id =").value(user)
    })
    .when(holds(&filter.person), |text, pattern| {
        text.then("AND (u.login_key LIKE")
            .value(&pattern)
            .then("ESCAPE '!' OR LOWER(u.name) LIKE")
            .value(&pattern)
            .then("ESCAPE '!')")
    })
    .when(filter.is_managed, |text, is_managed| {
        text.then(if is_managed {
            "AND COALESCE(u.managed_by, 0) ="
        } else {
            "AND COALESCE(u.managed_by, 0) <>"
        })
        .value(scope.enterprise)
    })
    .when(holds(&filter.name), |text, pattern| {
        text.then("AND t.name_key LIKE")
            .value(pattern)
            .then("ESCAPE '!'")
    })
}

fn with_level(text: Compose, level: Level, scopes: &[String], arm: Arm) -> Compose {
    let levels = || Level::ALL.into_iter().filter(move |one| *one >= level);
    match arm {
        Arm::FineGrained => text
            .then(
                "AND (EXISTS (SELECT 1 FROM grant_permissions p WHERE g.state = 'active' AND p.grant_id = g.id \
                 AND p.catalog =",
            )
            .value(CATALOG)
            .then("AND p.level IN")
            .list(levels())
            .then(
                ") OR EXISTS (SELECT 1 FROM request_permissions q WHERE g.state <> 'active' AND q.request_id = r.id \
                 AND q.catalog =",
            )
            .value(CATALOG)
            .then("AND q.asked IN")
            .list(levels())
            .then("))"),
        Arm::Classic => text
            .then("AND EXISTS (SELECT 1 FROM token_scopes p WHERE p.token_id = t.id AND p.scope IN")
            .list(scopes)
            .then(")"),
    }
}

fn in_time(text: Compose, filter: &Filter, arm: Arm) -> Compose {
    text.when(filter.unused_since, |text, at| match arm {
        Arm::FineGrained => text
            .then("AND COALESCE(g.activated_at, g.created_at) <")
            .value(at)
            .then("AND (l.at IS NULL OR l.at <")
            .value(at)
            .then(")"),
        Arm::Classic => text.then("AND l.at <").value(at),
    })
    .when(filter.life, |text, life| match life {
        Life::LongerThan(days) => longer_than(text.then("AND"), days),
        Life::Endless => text.then("AND t.expires_at IS NULL"),
    })
    .when(filter.ends_before, |text, at| {
        text.then("AND t.expires_at <").value(at)
    })
}

fn longer_than(text: Compose, days: i64) -> Compose {
    text.then("(t.expires_at IS NULL OR t.expires_at - t.starts_at >")
        .value(days.saturating_mul(DAY))
        .then(")")
}

fn with_standing(text: Compose, scope: Scope<'_>, standing: Option<Standing>, arm: Arm) -> Compose {
    if standing == Some(Standing::Expired) {
        return text.then("AND t.expires_at <=").value(scope.now);
    }
    let text = text
        .then("AND (t.expires_at IS NULL OR t.expires_at >")
        .value(scope.now)
        .then(")");
    match (standing, arm) {
        (None | Some(Standing::Expired), _) => text,
        (Some(Standing::BlockedHere), _) => text.then("AND b.token_id IS NOT NULL"),
        (Some(Standing::Blocked), Arm::FineGrained) => blocked(text.then("AND"), scope, arm),
        (Some(Standing::Blocked), Arm::Classic) => {
            blocked(text.then("AND b.token_id IS NULL AND"), scope, arm)
        }
        (Some(Standing::Active), Arm::FineGrained) => {
            blocked(text.then("AND g.state = 'active' AND NOT"), scope, arm)
        }
        (Some(Standing::Pending), _) => {
            blocked(text.then("AND g.state <> 'active' AND NOT"), scope, arm)
        }
        (Some(Standing::Active), Arm::Classic) => {
            blocked(text.then("AND b.token_id IS NULL AND NOT"), scope, arm)
        }
    }
}

/// Adds, in parentheses, that a policy stands against the token: the rule of
/// [`Barrier::is_met_by`](crate::domain::policy::barrier::Barrier::is_met_by), barrier by barrier.
fn blocked(text: Compose, scope: Scope<'_>, arm: Arm) -> Compose {
    let text = match arm {
        Arm::FineGrained => text.then(
            "((g.selection <> 'public' OR r.id IS NOT NULL OR EXISTS (SELECT 1 FROM grant_permissions p \
             WHERE p.grant_id = g.id)) AND (1 = 0",
        ),
        Arm::Classic => text.then("((1 = 1) AND (1 = 0"),
    };
    let groups = scope.rules.groups(arm.kind());
    groups
        .iter()
        .fold(text, |text, group| {
            met(text.then("OR ("), group, scope, arm).then(")")
        })
        .then("))")
}

fn met(text: Compose, group: &Group, scope: Scope<'_>, arm: Arm) -> Compose {
    let text = at_places(text, group);
    let text = match group.barrier.stops {
        Stops::All => text,
        Stops::LongerThan {
            days,
            spares_administrators,
        } => {
            let text = longer_than(text.then("AND"), days.into());
            let text = if spares_administrators {
                text.then("AND NOT").then(IS_ADMINISTRATOR)
            } else {
                text
            };
            match arm {
                Arm::FineGrained => text,
                Arm::Classic => text.then("AND").then(IS_OF_A_MEMBER),
            }
        }
    };
    let text = text.then(match group.barrier.layer {
        Layer::Enterprise => {
            "AND NOT EXISTS (SELECT 1 FROM exemptions x WHERE x.token_id = t.id AND x.scope_id = s.enterprise_id"
        }
        Layer::Organization => {
            "AND NOT EXISTS (SELECT 1 FROM exemptions x WHERE x.token_id = t.id AND x.scope_id = s.id"
        }
    });
    text.then(match group.barrier.policy() {
        Exempted::Access => "AND x.policy = 'access' AND x.ended_at IS NULL AND x.until_at >",
        Exempted::Lifetime => "AND x.policy = 'lifetime' AND x.ended_at IS NULL AND x.until_at >",
    })
    .value(scope.now)
    .then(")")
}

fn at_places(text: Compose, group: &Group) -> Compose {
    let elsewhere = "s.kind <> 'organization'";
    match (group.is_elsewhere, group.organizations.is_empty()) {
        (true, true) => text.then(elsewhere),
        (true, false) => text
            .then("(s.kind <> 'organization' OR s.id IN")
            .list(group.organizations.iter().copied())
            .then(")"),
        (false, _) => text
            .then("s.id IN")
            .list(group.organizations.iter().copied()),
    }
}

const IS_ADMINISTRATOR: &str = "EXISTS (SELECT 1 FROM memberships e WHERE e.account_id = s.enterprise_id \
     AND e.user_id = t.user_id AND e.role = 'owner')";

const IS_OF_A_MEMBER: &str = "(t.user_id = s.id OR COALESCE(u.managed_by, 0) = s.enterprise_id \
     OR EXISTS (SELECT 1 FROM memberships m LEFT JOIN accounts o ON o.id = m.account_id \
     WHERE m.user_id = t.user_id AND (m.account_id = s.id OR m.account_id = s.enterprise_id \
     OR o.enterprise_id = s.enterprise_id)))";

/// Adds that only what comes after a place is wanted.
pub(super) fn beyond(text: Compose, place: Option<&Place>, order: Order) -> Compose {
    text.when(place, |text, place| {
        text.then("AND (")
            .then(key(order.by))
            .then(", t.id, s.id")
            .then(match order.direction {
                Direction::Ascending => ") >",
                Direction::Descending => ") <",
            })
            .list([
                Value::from(place.key.clone()),
                place.token.into(),
                place.owner.into(),
            ])
    })
}

/// Adds the order of an arm.
pub(super) fn sort(text: Compose, order: Order) -> Compose {
    let text = text.then("ORDER BY");
    // A key that stood there twice would hide from the database that it reads the tokens in this very order.
    let text = match (order.by, order.direction) {
        (SortBy::Age, _) => text,
        (by, Direction::Ascending) => text.then(key(by)).then(","),
        (by, Direction::Descending) => text.then(key(by)).then("DESC,"),
    };
    text.then(match order.direction {
        Direction::Ascending => "t.id, s.id",
        Direction::Descending => "t.id DESC, s.id DESC",
    })
}
