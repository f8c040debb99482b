//! Everything the gate must know of a token, in three statements.

use sqlx::FromRow;

use super::grants::{CATALOG, lifetime};
use super::{Db, Result, tokens};
use crate::domain::access::decision::{GrantFacts, TokenFacts};
use crate::domain::access::rights::Relation;
use crate::domain::approval::{GrantStanding, GrantState, RequestState, Terms};
use crate::domain::catalog::Catalog;
use crate::domain::ids::{AccountId, GrantId, RepositoryId, RequestId, SecretId, TokenId};
use crate::domain::permission::{Level, PermissionSet};
use crate::domain::policy::Exemption;
use crate::domain::selection::{Selection, SelectionKind};
use crate::domain::time::Timestamp;
use crate::domain::token::conditions::{ConditionKind, Conditions};
use crate::domain::token::expiry::is_over;
use crate::domain::token::secret::SecretHash;
use crate::domain::token::{SecretRole, TokenKind, TokenState};

/// A secret and the token it belongs to, as the gate remembers them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The secret.
    pub secret: SecretId,
    /// Its hash, by which the audit log follows it.
    pub hash: SecretHash,
    /// What it is to the token.
    pub role: SecretRole,
    /// When an overlap ends.
    pub ends_at: Option<Timestamp>,
    /// Whether it was used before.
    pub was_used: bool,
    /// Whether the token was ended.
    pub is_ended: bool,
    /// The token's name, for its holder and for owners.
    pub name: String,
    /// The 22 characters that may be logged.
    pub identifier: String,
    /// What the decision needs.
    pub facts: TokenFacts,
}

impl Snapshot {
    /// Whether the secret still counts: live token, current secret or one within its overlap, life not over.
    pub fn is_good(&self, now: Timestamp) -> bool {
        let counts = match self.role {
            SecretRole::Current => true,
            SecretRole::Overlapping => !is_over(self.ends_at, now),
            SecretRole::Retired => false,
        };
        counts && !self.is_ended && !is_over(self.facts.expires_at, now)
    }
}

#[derive(Debug, FromRow)]
struct TokenRow {
    secret_id: SecretId,
    hash: SecretHash,
    role: SecretRole,
    ends_at: Option<Timestamp>,
    first_used_at: Option<Timestamp>,
    id: TokenId,
    identifier: String,
    user_id: AccountId,
    kind: TokenKind,
    name: String,
    starts_at: Timestamp,
    expires_at: Option<Timestamp>,
    state: TokenState,
}

#[derive(Debug, FromRow)]
struct GrantRow {
    id: GrantId,
    owner_id: AccountId,
    state: GrantState,
    selection: SelectionKind,
    relation: Relation,
    terms_lifetime: Option<i64>,
    terms_rotation: bool,
    request_id: Option<RequestId>,
    request_state: Option<RequestState>,
    request_selection: Option<SelectionKind>,
}

/// One part of a grant, request or token: what it is (`permission`, `target`, …), whose, a word, a level or number.
type Part = (String, i64, String, i64);

/// The token one of whose secrets has this hash.
pub async fn find_by_hash(
    db: &mut impl Db,
    catalog: &Catalog,
    hash: SecretHash,
) -> Result<Option<Snapshot>> {
    find(db, catalog, "s.hash = $1", hash).await
}

/// A token by its id, with its current secret: for dry runs and pages, which ask the same decision.
pub async fn find_by_token(
    db: &mut impl Db,
    catalog: &Catalog,
    token: TokenId,
) -> Result<Option<Snapshot>> {
    find(db, catalog, "s.token_id = $1 AND s.role = 'current'", token).await
}

async fn find(
    db: &mut impl Db,
    catalog: &Catalog,
    condition: &'static str,
    key: impl Into<super::Value>,
) -> Result<Option<Snapshot>> {
    let head = "SELECT s.id AS secret_id, s.hash, s.role, s.ends_at, s.first_used_at, t.id, t.identifier, t.user_id, t.kind, \
         t.name, t.starts_at, t.expires_at, t.state FROM secrets s JOIN tokens t ON t.id = s.token_id WHERE";
    let row: Option<TokenRow> = db
        .query(super::Statement::join(&[head, condition]))
        .bind(key)
        .optional()
        .await?;
    let Some(row) = row else { return Ok(None) };
    let grants: Vec<GrantRow> = db.query(GRANTS).bind(row.id).all().await?;
    let parts: Vec<Part> = db.query(PARTS).bind(row.id).bind(CATALOG).all().await?;
    Ok(Some(assemble(catalog, row, &grants, &parts)))
}

const GRANTS: &str = "\
SELECT g.id, g.owner_id, g.state, g.selection, g.relation, g.terms_lifetime, g.terms_rotation, r.id AS request_id,
       r.state AS request_state, r.selection AS request_selection
FROM grants g
LEFT JOIN requests r ON r.id = (SELECT MAX(l.id) FROM requests l WHERE l.grant_id = g.id)
WHERE g.token_id = $1 ORDER BY g.id";

const PARTS: &str = "\
SELECT 'permission' AS part, p.grant_id AS whose, p.permission || ' ' || p.level AS word, 0 AS number
FROM grant_permissions p JOIN grants g ON g.id = p.grant_id WHERE g.token_id = $1 AND p.catalog = $2
UNION ALL
SELECT 'target', x.grant_id, '', x.target_id
FROM grant_targets x JOIN grants g ON g.id = x.grant_id WHERE g.token_id = $1 AND x.kind = 'repository'
UNION ALL
SELECT 'wished', r.id, '', x.target_id
FROM request_targets x JOIN requests r ON r.id = x.request_id JOIN grants g ON g.id = r.grant_id
WHERE g.token_id = $1 AND x.kind = 'repository'
  AND r.id = (SELECT MAX(l.id) FROM requests l WHERE l.grant_id = g.id)
UNION ALL
SELECT 'grant ' || c.kind, c.grant_id, c.pattern, 0
FROM grant_conditions c JOIN grants g ON g.id = c.grant_id WHERE g.token_id = $1
UNION ALL
SELECT 'token ' || c.kind, c.token_id, c.pattern, 0 FROM token_conditions c WHERE c.token_id = $1
UNION ALL
SELECT 'scope', s.token_id, s.scope, 0 FROM token_scopes s WHERE s.token_id = $1
UNION ALL
SELECT 'exempt', e.scope_id, e.policy, e.until_at FROM exemptions e WHERE e.token_id = $1 AND e.ended_at IS NULL
UNION ALL
SELECT 'blocked', b.owner_id, '', 0 FROM token_blocks b WHERE b.token_id = $1";

fn assemble(catalog: &Catalog, row: TokenRow, grants: &[GrantRow], parts: &[Part]) -> Snapshot {
    let scopes = parts.iter().filter(|part| part.0 == "scope");
    let facts = TokenFacts {
        id: row.id,
        user: row.user_id,
        kind: row.kind,
        starts_at: row.starts_at,
        expires_at: row.expires_at,
        conditions: conditions(parts, "token ", row.id.get()),
        grants: grants
            .iter()
            .map(|grant| grant_facts(catalog, grant, parts))
            .collect(),
        scopes: scopes
            .filter_map(|part| Some(catalog.find_scope(&part.2)?.id))
            .collect(),
        exemptions: parts.iter().filter_map(exemption).collect(),
        blocked_at: parts
            .iter()
            .filter(|part| part.0 == "blocked")
            .map(|part| AccountId::new(part.1))
            .collect(),
    };
    Snapshot {
        secret: row.secret_id,
        hash: row.hash,
        role: row.role,
        ends_at: row.ends_at,
        was_used: row.first_used_at.is_some(),
        is_ended: row.state == TokenState::Ended,
        name: row.name,
        identifier: row.identifier,
        facts,
    }
}

fn grant_facts(catalog: &Catalog, grant: &GrantRow, parts: &[Part]) -> GrantFacts {
    let wished = grant.request_id.zip(grant.request_selection);
    let wish = grant
        .request_state
        .map(|state| GrantStanding::of(GrantState::None, Some(state)));
    GrantFacts {
        id: grant.id,
        owner: grant.owner_id,
        standing: GrantStanding::of(grant.state, grant.request_state),
        wish: wish.filter(|wish| *wish != GrantStanding::None),
        relation: grant.relation,
        selection: selection(parts, "target", grant.selection, grant.id.get()),
        wished: wished.map(|(request, kind)| selection(parts, "wished", kind, request.get())),
        permissions: permissions(catalog, parts, grant.id),
        terms: Terms {
            lifetime: lifetime(grant.terms_lifetime),
            allows_rotation: grant.terms_rotation,
            conditions: conditions(parts, "grant ", grant.id.get()),
        },
    }
}

/// A word that is no policy lifts nothing.
fn exemption(part: &Part) -> Option<Exemption> {
    let (name, scope, word, until) = part;
    let policy = word.parse().ok().filter(|_| name == "exempt")?;
    Some(Exemption {
        scope: AccountId::new(*scope),
        policy,
        until: Timestamp::from_micros(*until),
    })
}

fn selection(parts: &[Part], name: &str, kind: SelectionKind, whose: i64) -> Selection {
    let of = parts
        .iter()
        .filter(|part| part.0 == name && part.1 == whose);
    Selection::from_parts(kind, of.map(|part| RepositoryId::new(part.3)).collect())
}

/// A permission that the catalog does not know any more gives nothing.
fn permissions(catalog: &Catalog, parts: &[Part], grant: GrantId) -> PermissionSet {
    let of = parts
        .iter()
        .filter(|part| part.0 == "permission" && part.1 == grant.get());
    of.filter_map(|part| {
        let (slug, level) = part.2.split_once(' ')?;
        Some((
            catalog.find_permission(slug)?.id,
            level.parse::<Level>().ok()?,
        ))
    })
    .collect()
}

fn conditions(parts: &[Part], prefix: &str, whose: i64) -> Conditions {
    let of = parts.iter().filter(|part| part.1 == whose);
    tokens::read_conditions(of.filter_map(|part| {
        let kind: ConditionKind = part.0.strip_prefix(prefix)?.parse().ok()?;
        Some((kind, part.2.clone()))
    }))
}
