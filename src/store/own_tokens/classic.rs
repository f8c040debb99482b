//! What the list of a user's classic tokens asks beside: whether anything stands against one, and where they were used.

use super::{Bar, Filter, State};
use crate::domain::ids::{AccountId, TokenId};
use crate::store::db::Compose;
use crate::store::{Db, Result};

/// Used at an owner at least once.
pub(super) fn used_at(text: Compose, owner: AccountId) -> Compose {
    text.then("AND EXISTS (SELECT 1 FROM last_uses l WHERE l.token_id = t.id AND l.owner_id =")
        .value(owner)
        .then(")")
}

/// Working everywhere, or blocked somewhere; nothing else becomes of one whose life is not over.
pub(super) fn in_state(text: Compose, filter: &Filter, state: State) -> Compose {
    let text = text
        .then("AND (t.expires_at IS NULL OR t.expires_at >")
        .value(filter.now)
        .then(")");
    match state {
        State::Active => blocked(text.then("AND NOT"), filter),
        State::Blocked => blocked(text.then("AND"), filter),
        State::Pending | State::Denied | State::Revoked | State::Expired => text.then("AND 1 = 0"),
    }
}

/// Against which a policy stands, as `stands_against` judges it, or which an owner blocked.
fn blocked(text: Compose, filter: &Filter) -> Compose {
    let text = text.then("(EXISTS (SELECT 1 FROM token_blocks b WHERE b.token_id = t.id)");
    let text = filter
        .bars
        .iter()
        .fold(text, |text, bar| barred(text, filter, bar));
    text.then(")")
}

fn barred(text: Compose, filter: &Filter, bar: &Bar) -> Compose {
    let text = text.then("OR (1 = 1").when(bar.longest, |text, longest| {
        text.then("AND (t.expires_at IS NULL OR t.expires_at - t.starts_at >")
            .value(longest)
            .then(")")
    });
    let spared = filter
        .spared
        .iter()
        .filter(|(_, owner)| *owner == bar.owner);
    let text = spared.fold(text, |text, (token, _)| {
        text.then("AND t.id <>").value(*token)
    });
    text.then(")")
}

/// The owners at which a user's live classic tokens were used: id and login, by login.
pub async fn list_owners_of_use(
    db: &mut impl Db,
    user: AccountId,
) -> Result<Vec<(AccountId, String)>> {
    db.query(
        "SELECT o.id, o.login FROM accounts o WHERE o.deleted_at IS NULL AND o.id IN (SELECT l.owner_id \
         FROM last_uses l JOIN tokens t ON t.id = l.token_id \
         WHERE t.user_id = $1 AND t.kind = 'classic' AND t.state = 'live') ORDER BY o.login_key",
    )
    .bind(user)
    .all()
    .await
}

/// The scopes of these tokens, by token.
pub async fn list_scopes(db: &mut impl Db, tokens: &[TokenId]) -> Result<Vec<(TokenId, String)>> {
    let head = "SELECT token_id, scope FROM token_scopes WHERE token_id IN";
    let compose = Compose::new(head).list(tokens.iter().copied());
    db.composed(compose.then("ORDER BY token_id, scope"))
        .all()
        .await
}
