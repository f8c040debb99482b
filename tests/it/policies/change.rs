//! Saving policies, as short as a test wants it.

use grantry::actions::preview_policy::preview_policy;
use grantry::actions::save_policy::{
    PolicyCase, Proposal, SavePolicyError, SavedPolicy, Wish, save_policy,
};
use grantry::domain::audit::Origin;
use grantry::domain::ids::AccountId;
use grantry::domain::policy::preview::{Looked, Preview};
use grantry::domain::policy::start::Start;
use grantry::domain::token::TokenKind;
use grantry::store::accounts;

use crate::world::World;

/// What somebody wants to save.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    pub scope: AccountId,
    pub kind: TokenKind,
    pub shown: i64,
    pub wish: Wish,
    pub start: Start,
    pub accepts_risk: bool,
}

impl Change {
    /// From now on, where nobody saved anything yet.
    pub fn at(scope: AccountId, kind: TokenKind, wish: Wish) -> Self {
        Self {
            scope,
            kind,
            shown: 0,
            wish,
            start: Start::Now,
            accepts_risk: false,
        }
    }

    /// So many days from now on.
    pub fn in_days(self, world: &World, days: i64) -> Self {
        Self {
            start: Start::On(world.clock_now().plus_days(days).date()),
            ..self
        }
    }
}

/// Saves it with a digest, or without having looked.
pub async fn save(
    world: &World,
    origin: &Origin,
    change: Change,
    looked: Option<&str>,
) -> Result<SavedPolicy, SavePolicyError> {
    let proposal = Proposal {
        scope: change.scope,
        kind: change.kind,
        shown: change.shown,
        wish: change.wish,
        start: change.start,
        accepts_risk: change.accepts_risk,
        looked,
    };
    save_policy(&world.context, origin, &proposal).await
}

/// The preview of a change that can be saved, with the digest that proves a look at it.
pub async fn look(world: &World, change: Change) -> Option<(Preview, String)> {
    let now = world.clock_now();
    let db = &mut world.reader();
    let scope = accounts::find(db, change.scope).await;
    let scope = scope
        .expect("the directory can be read")
        .expect("it is there");
    let case = PolicyCase::load(db, &scope, change.kind, now).await;
    let case = case.expect("policies can be read");
    let (proposed, at) = case.plan(change.wish, change.start, true, now).ok()?;
    let (scope, kind, start) = (change.scope, change.kind, change.start);
    let preview = preview_policy(&world.context, scope, kind, proposed, at).await;
    let preview = preview.expect("it is asked");
    let looked = Looked {
        scope,
        kind,
        proposed,
        start,
    };
    let digest = preview.digest(&looked);
    Some((preview, digest))
}

/// Saves it after a look.
pub async fn looked_at(
    world: &World,
    origin: &Origin,
    change: Change,
) -> Result<SavedPolicy, SavePolicyError> {
    let looked = look(world, change).await;
    let digest = looked.as_ref().map(|(_, digest)| digest.as_str());
    save(world, origin, change, digest).await
}
