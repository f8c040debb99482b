//! The tokens that reach an organization, or anything that an enterprise governs, as previews of policies need them.

use std::collections::BTreeMap;

use sqlx::FromRow;

use super::{Db, Result, Statement, exceptions};
use crate::domain::account::AccountKind;
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::policy::evaluate::Exposure;
use crate::domain::policy::preview::Subject;
use crate::domain::policy::{Exemption, Spared};
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::domain::token::expiry::{Lifetime, is_over};

#[derive(Debug, FromRow)]
pub(super) struct SubjectRow {
    pub(super) token_id: TokenId,
    user_id: AccountId,
    pub(super) owner_id: AccountId,
    pub(super) owner_kind: AccountKind,
    pub(super) enterprise_id: Option<AccountId>,
    starts_at: Timestamp,
    expires_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
    is_enterprise_owner: bool,
    is_of_a_member: bool,
}

/// An organization, or an enterprise with everything that it governs.
const OF_A_SCOPE: &str = "\
FROM (SELECT a.id, a.kind, CASE WHEN a.kind = 'enterprise' THEN a.id ELSE COALESCE(a.enterprise_id, a.managed_by) END
             AS enterprise_id
      FROM accounts a WHERE (a.id = $1 OR a.enterprise_id = $1 OR a.managed_by = $1) AND a.deleted_at IS NULL) s";

/// Every account: the tokens are then those of one user.
const OF_ANYBODY: &str = "\
FROM (SELECT a.id, a.kind, CASE WHEN a.kind = 'enterprise' THEN a.id ELSE COALESCE(a.enterprise_id, a.managed_by) END
             AS enterprise_id
      FROM accounts a WHERE a.deleted_at IS NULL) s";

const OF_ONE_USER: &str = "AND t.user_id = $1";

const OF_ONE_TOKEN: &str = "AND t.id = $3 ORDER BY s.id";

const FINE_GRAINED_FACTS: &str = "\
SELECT t.id AS token_id, t.user_id, g.owner_id, s.kind AS owner_kind, s.enterprise_id, t.starts_at, t.expires_at,
       l.at AS last_used_at,
       EXISTS (SELECT 1 FROM memberships e WHERE e.account_id = s.enterprise_id AND e.user_id = t.user_id
               AND e.role = 'owner') AS is_enterprise_owner, (1 = 1) AS is_of_a_member";

/// Fine-grained tokens: every grant that works, but those that give nothing beyond public reads, which no policy blocks.
const FINE_GRAINED: &str = "\
JOIN grants g ON g.owner_id = s.id AND g.state = 'active'
JOIN tokens t ON t.id = g.token_id AND t.state = 'live' AND (t.expires_at IS NULL OR t.expires_at > $2)
JOIN accounts h ON h.id = t.user_id AND h.suspended_at IS NULL
LEFT JOIN last_uses l ON l.token_id = t.id AND l.owner_id = g.owner_id
WHERE (g.selection <> 'public' OR EXISTS (SELECT 1 FROM grant_permissions p WHERE p.grant_id = g.id))";

const CLASSIC_FACTS: &str = "\
SELECT t.id AS token_id, t.user_id, l.owner_id, s.kind AS owner_kind, s.enterprise_id, t.starts_at, t.expires_at,
       l.at AS last_used_at,
       EXISTS (SELECT 1 FROM memberships e WHERE e.account_id = s.enterprise_id AND e.user_id = t.user_id
               AND e.role = 'owner') AS is_enterprise_owner,
       (t.user_id = s.id OR EXISTS (SELECT 1 FROM memberships m WHERE m.account_id = s.id AND m.user_id = t.user_id)
        OR EXISTS (SELECT 1 FROM accounts u WHERE u.id = t.user_id AND u.managed_by = s.enterprise_id)
        OR EXISTS (SELECT 1 FROM memberships m LEFT JOIN accounts o ON o.id = m.account_id
                   WHERE m.user_id = t.user_id AND (m.account_id = s.enterprise_id
                   OR o.enterprise_id = s.enterprise_id))) AS is_of_a_member";

/// Classic tokens: those that were used at the owner, hold a scope, and whose user is anything there: what only reads in
/// public goes on under every policy. What never came there is nothing that the owner may know of.
const CLASSIC: &str = "\
JOIN last_uses l ON l.owner_id = s.id
JOIN tokens t ON t.id = l.token_id AND t.kind = 'classic' AND t.state = 'live'
     AND (t.expires_at IS NULL OR t.expires_at > $2)
JOIN accounts h ON h.id = t.user_id AND h.suspended_at IS NULL
WHERE NOT EXISTS (SELECT 1 FROM token_blocks b WHERE b.token_id = t.id AND b.owner_id = s.id)
AND EXISTS (SELECT 1 FROM token_scopes c WHERE c.token_id = t.id)
AND (t.user_id = s.id OR h.managed_by = s.enterprise_id
     OR EXISTS (SELECT 1 FROM memberships m LEFT JOIN accounts o ON o.id = m.account_id WHERE m.user_id = t.user_id
                AND (m.account_id = s.id OR m.account_id = s.enterprise_id OR o.enterprise_id = s.enterprise_id))
     OR EXISTS (SELECT 1 FROM collaborators c JOIN repositories r ON r.id = c.repository_id
                WHERE c.user_id = t.user_id AND r.owner_id = s.id AND r.deleted_at IS NULL))";

/// Every token of a kind that reaches an organization, or anything that an enterprise governs, and still lives `at` the
/// moment of the preview.
pub async fn list(
    db: &mut impl Db,
    scope: AccountId,
    kind: TokenKind,
    at: Timestamp,
) -> Result<Vec<Subject>> {
    let statement = match kind {
        TokenKind::FineGrained => [FINE_GRAINED_FACTS, OF_A_SCOPE, FINE_GRAINED],
        TokenKind::Classic => [CLASSIC_FACTS, OF_A_SCOPE, CLASSIC],
    };
    let query = db.query(Statement::join(&statement)).bind(scope).bind(at);
    let rows: Vec<SubjectRow> = query.all().await?;
    let mut exemptions: BTreeMap<TokenId, Vec<Exemption>> = BTreeMap::new();
    for (token, exemption) in exceptions::list_around(db, scope, at).await? {
        exemptions.entry(token).or_default().push(exemption);
    }
    let given = |token| exemptions.get(&token).map_or(&[][..], Vec::as_slice);
    Ok(rows
        .iter()
        .filter_map(|row| row.subject(kind, given(row.token_id), at))
        .collect())
}

/// The same of one token alone.
pub async fn list_of_token(
    db: &mut impl Db,
    scope: AccountId,
    (token, kind): (TokenId, TokenKind),
    at: Timestamp,
) -> Result<Vec<Subject>> {
    let statement = match kind {
        TokenKind::FineGrained => [FINE_GRAINED_FACTS, OF_A_SCOPE, FINE_GRAINED, OF_ONE_TOKEN],
        TokenKind::Classic => [CLASSIC_FACTS, OF_A_SCOPE, CLASSIC, OF_ONE_TOKEN],
    };
    let query = db.query(Statement::join(&statement)).bind(scope).bind(at);
    let rows: Vec<SubjectRow> = query.bind(token).all().await?;
    let exemptions = exceptions::list_of_token(db, token).await?;
    Ok(rows
        .iter()
        .filter_map(|row| row.subject(kind, &exemptions, at))
        .collect())
}

/// The same of one user's tokens, at whatever owner.
pub(super) async fn list_rows_of_user(
    db: &mut impl Db,
    user: AccountId,
    kind: TokenKind,
    now: Timestamp,
) -> Result<Vec<SubjectRow>> {
    let statement = match kind {
        TokenKind::FineGrained => [FINE_GRAINED_FACTS, OF_ANYBODY, FINE_GRAINED, OF_ONE_USER],
        TokenKind::Classic => [CLASSIC_FACTS, OF_ANYBODY, CLASSIC, OF_ONE_USER],
    };
    let query = db.query(Statement::join(&statement)).bind(user).bind(now);
    query.all().await
}

impl SubjectRow {
    fn subject(&self, kind: TokenKind, exemptions: &[Exemption], at: Timestamp) -> Option<Subject> {
        Some(Subject {
            token: self.token_id,
            user: self.user_id,
            owner: self.owner_id,
            exposure: self.exposure(kind, exemptions, at)?,
            last_used_at: self.last_used_at,
        })
    }

    /// How policies see the token at a moment; nothing once it has ended.
    pub(super) fn exposure(
        &self,
        kind: TokenKind,
        exemptions: &[Exemption],
        at: Timestamp,
    ) -> Option<Exposure> {
        let place = (self.owner_id, self.enterprise_id);
        (!is_over(self.expires_at, at)).then(|| Exposure {
            kind,
            lifetime: Lifetime::between(self.starts_at, self.expires_at),
            is_of_a_member: self.is_of_a_member,
            spared: Spared::by(exemptions, place, self.is_enterprise_owner, at),
        })
    }
}

/// A token as a preview's table names it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Named {
    /// Which.
    pub token_id: TokenId,
    /// Its name, or note.
    pub name: String,
    /// Its user's login.
    pub user_login: String,
    /// Its user's name.
    pub user_name: String,
    /// When its life began.
    pub starts_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// The names of these tokens and their people.
pub async fn name_tokens(db: &mut impl Db, tokens: &[TokenId]) -> Result<BTreeMap<TokenId, Named>> {
    if tokens.is_empty() {
        return Ok(BTreeMap::new());
    }
    let head = "SELECT t.id AS token_id, t.name, u.login AS user_login, u.name AS user_name, t.starts_at, t.expires_at \
                FROM tokens t JOIN accounts u ON u.id = t.user_id WHERE t.id IN";
    let compose = super::db::Compose::new(head).list(tokens.iter().copied());
    let rows: Vec<Named> = db.composed(compose).all().await?;
    Ok(rows.into_iter().map(|row| (row.token_id, row)).collect())
}
