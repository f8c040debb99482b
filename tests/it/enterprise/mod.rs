//! What an enterprise's owners see and take back: its organizations, its people, and every token that reaches them.

mod filters;
mod managed;
mod pages;
mod places;
mod revoking;

use grantry::actions::mint::Minted;
use grantry::domain::policy::Limit;
use grantry::domain::policy::setting::{EnterpriseAccess, EnterpriseApproval, EnterpriseLayer};
use grantry::domain::token::TokenKind;
use grantry::store::{Change, policies};

use crate::world::{World, draft};

const TOKENS: &str = "/enterprises/globex/settings/tokens";
const PEOPLE: &str = "/enterprises/globex/settings/people";
const ORGANIZATIONS: &str = "/enterprises/globex/settings/organizations";

/// What an enterprise says that lets its organizations decide everything.
const DELEGATED: EnterpriseLayer = EnterpriseLayer {
    access: EnterpriseAccess::Delegate,
    approval: EnterpriseApproval::Delegate,
    lifetime: Limit::Unlimited,
    exempts_administrators: false,
};

/// Lets globex say this of one kind of token.
async fn globex_says(world: &World, kind: TokenKind, layer: EnterpriseLayer) {
    let (origin, globex) = (world.person("eve").await, world.enterprise("globex").await);
    let mut work = world.context.begin(&origin).await.expect("a change begins");
    let now = work.now();
    policies::insert(&mut work, globex, kind, &layer, None, now)
        .await
        .expect("it is saved");
    work.changed(Change::Account(globex));
    world.context.commit(work).await.expect("it lasts");
}

/// A token of ana's that works at labs at once.
async fn at_labs(world: &World, name: &str) -> Minted {
    let wish = draft(name).owner("labs").selected(&["probe"]);
    world.mint("ana", wish.permission("issues", "write")).await
}

/// A token of ben's that waits at acme.
async fn waiting(world: &World, name: &str) -> Minted {
    let wish = draft(name).owner("acme").selected(&["web"]);
    world.mint("ben", wish.permission("contents", "read")).await
}

/// A token of a managed user for everything of their own.
async fn of_mia(world: &World, name: &str, days: u16) -> Minted {
    let wish = draft(name)
        .owner("mia")
        .all()
        .permission("contents", "write");
    world.mint("mia", wish.days(days)).await
}

/// The address of a token's page at an owner.
async fn entry(world: &World, minted: &Minted, owner: &str) -> String {
    format!("{TOKENS}/{}", world.grant(minted.token, owner).await.id)
}
