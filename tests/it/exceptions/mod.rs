//! What owners except from their policies for one token, and the classic tokens that came to their organization: who may,
//! what each page says, and what follows at the next request.

mod exemptions;
mod giving;
mod visits;

use grantry::actions::exempt_token::{Wish, exempt_token};
use grantry::actions::mint_classic::{ClassicDraft, mint_classic};
use grantry::domain::ids::TokenId;
use grantry::domain::policy::Exempted;
use grantry::domain::policy::setting::{
    Access, EnterpriseAccess, EnterpriseApproval, EnterpriseLayer, Limit,
};
use grantry::domain::token::TokenKind;
use grantry::domain::token::expiry::Expiration;
use grantry::store::exemption_lists::{self, Filter, Given, Part};
use grantry::store::{Change, policies};

use crate::policies::{layer, read, set};
use crate::world::World;

/// A fine-grained token of ana that lives for 60 days, approved at acme.
async fn approved(world: &World, name: &str) -> (TokenId, String) {
    crate::policies::approved(world, name, 60).await
}

/// A classic token of somebody with one scope, that lives for ever.
pub async fn classic(world: &World, user: &str, note: &str) -> (TokenId, String) {
    let scopes = world.context.catalog.scope_set(&["repo"]);
    let draft = ClassicDraft {
        note: note.to_owned(),
        scopes: scopes.expect("it is a scope"),
        expiration: Expiration::Never,
    };
    let (origin, user) = (world.person(user).await, world.user(user).await);
    let minted = mint_classic(&world.context, &origin, user, &draft).await;
    let minted = minted.expect("it is made");
    (minted.token, minted.secret.reveal().to_owned())
}

/// What acme sets for a kind of token counts from now on.
pub async fn acme_sets(world: &World, kind: TokenKind, access: Access, lifetime: Limit) {
    set(world, kind, &layer(access, lifetime)).await;
}

/// What globex sets for a kind of token counts from now on at all of its organizations.
async fn globex_sets(world: &World, kind: TokenKind, access: EnterpriseAccess, lifetime: Limit) {
    let layer = EnterpriseLayer {
        access,
        approval: EnterpriseApproval::Delegate,
        lifetime,
        exempts_administrators: false,
    };
    let globex = world.enterprise("globex").await;
    let mut work = world
        .context
        .begin(&world.person("eve").await)
        .await
        .expect("a change begins");
    let now = work.now();
    policies::insert(&mut work, globex, kind, &layer, None, now)
        .await
        .expect("it is saved");
    work.changed(Change::Account(globex));
    world.context.commit(work).await.expect("it lasts");
}

/// The exemptions in force of acme, or of globex.
async fn in_force(world: &World, scope: &str) -> Vec<Given> {
    part(world, scope, Part::InForce).await
}

async fn part(world: &World, scope: &str, part: Part) -> Vec<Given> {
    let id = match scope {
        "globex" => world.enterprise(scope).await,
        login => world.organization(login).await,
    };
    let filter = Filter {
        part,
        search: String::new(),
        now: world.clock_now(),
    };
    let found = exemption_lists::list(&mut world.reader(), id, &filter, (None, None), 100).await;
    found.expect("they are read")
}

/// Olga exempts a token at acme.
pub async fn exempt(world: &World, token: TokenId, policy: Exempted, days: i64, reason: &str) {
    let wish = Wish {
        token,
        policy,
        until: world.clock_now().plus_days(days),
        reason,
    };
    let (acme, olga) = (world.organization("acme").await, world.person("olga").await);
    exempt_token(&world.context, &olga, acme, &wish)
        .await
        .expect("olga owns acme");
}

/// How many events of this action the log has.
async fn count_events(world: &World, action: &str) -> i64 {
    use grantry::store::Db as _;
    let mut db = world.reader();
    let count = db.query("SELECT COUNT(*) FROM audit_events WHERE action = $1");
    count
        .bind(action)
        .number()
        .await
        .expect("the log can be read")
}
