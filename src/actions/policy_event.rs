//! How policies are written into the audit log, and who is told of them.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::domain::audit::{Action, Event};
use crate::domain::ids::AccountId;
use crate::domain::policy::preview::Preview;
use crate::domain::policy::setting::{Layer, Limit};
use crate::domain::token::TokenKind;
use crate::store::accounts::{self, Account};
use crate::store::{StoreError, Work};

/// An event about the policy of an organization or enterprise for one kind of token.
pub(super) fn event(action: Action, scope: &Account, kind: TokenKind) -> Event {
    Event::new(action)
        .owner(scope.id)
        .enterprise(scope.governed_by())
        .with("programmatic_access_type", kind.title())
}

/// The same with how many tokens of how many people it blocks and frees.
pub(super) fn with_counts(event: Event, effect: &Preview) -> Event {
    event
        .with("blocked_tokens", effect.blocked_tokens())
        .with("blocked_people", effect.blocked_people())
        .with("freed_tokens", effect.freed_tokens())
}

/// A policy in the words of directory files.
pub(super) fn written(kind: TokenKind, layer: Layer) -> Value {
    let (access, approval, lifetime, exempts) = layer.values();
    let mut fields = Map::new();
    fields.insert("access".to_owned(), access.into());
    if kind == TokenKind::FineGrained {
        fields.insert("approval".to_owned(), approval.into());
    }
    let days = match lifetime {
        Limit::Days(days) => Value::from(days),
        Limit::Unlimited => Value::from("none"),
    };
    fields.insert("max_lifetime_days".to_owned(), days);
    if matches!(layer, Layer::Enterprise(_)) {
        fields.insert("exempt_administrators".to_owned(), exempts.into());
    }
    Value::Object(fields)
}

/// Records the event, and tells the other owners and these people, whose tokens it is about.
pub(super) async fn tell(
    work: &mut Work,
    event: Event,
    scope: AccountId,
    concerned: impl IntoIterator<Item = AccountId>,
) -> Result<(), StoreError> {
    let owners = accounts::list_owners(work, scope).await?;
    let mut people: BTreeSet<_> = concerned.into_iter().collect();
    people.extend(owners.into_iter().map(|owner| owner.user_id));
    if let Some(by) = work.origin().actor.user() {
        people.remove(&by);
    }
    work.audit_and_tell(event, people);
    Ok(())
}
