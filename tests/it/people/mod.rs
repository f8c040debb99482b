//! An organization's people and what it allows of tokens: what may be changed, by whom, and what follows at the next
//! request.

mod membership;
mod pages;
pub mod policy;
mod policy_page;
mod races;

use grantry::actions::end_relation::{Consequence, Fate};
use grantry::actions::membership::MemberError;
use grantry::actions::remove_member::remove_member;
use grantry::actions::set_member::set_member;
use grantry::domain::access::membership::MembershipRefusal;
use grantry::domain::access::rights::MemberRole;
use grantry::store::accounts;

use crate::world::World;

/// The issues of the repository on which most tests try a token.
const ISSUES: &str = "/repos/acme/web/issues";

/// Somebody's role in acme.
async fn role(world: &World, login: &str) -> Option<MemberRole> {
    role_at(world, "acme", login).await
}

async fn role_at(world: &World, organization: &str, login: &str) -> Option<MemberRole> {
    let (organization, user) = (
        world.organization(organization).await,
        world.user(login).await,
    );
    accounts::find_role(&mut world.reader(), organization, user)
        .await
        .expect("roles can be read")
}

/// Gives somebody a role in an organization, as the page does that showed the role of now.
async fn set(
    world: &World,
    by: &str,
    organization: &str,
    login: &str,
    to: MemberRole,
) -> Result<Vec<Consequence>, MemberError> {
    let shown = role_at(world, organization, login).await;
    let origin = world.person(by).await;
    let (id, user) = (
        world.organization(organization).await,
        world.user(login).await,
    );
    set_member(&world.context, &origin, id, user, shown, to).await
}

/// Removes somebody from an organization, and from all of its repositories.
async fn remove(
    world: &World,
    by: &str,
    organization: &str,
    login: &str,
) -> Result<Vec<Consequence>, MemberError> {
    let shown = role_at(world, organization, login)
        .await
        .unwrap_or(MemberRole::Member);
    let origin = world.person(by).await;
    let (id, user) = (
        world.organization(organization).await,
        world.user(login).await,
    );
    remove_member(&world.context, &origin, id, user, shown, false).await
}

/// The refusal in a result that must be one.
fn refusal<T: std::fmt::Debug>(result: Result<T, MemberError>) -> MembershipRefusal {
    match result {
        Err(MemberError::Refused(refusal)) => refusal,
        other => panic!("no refusal: {other:?}"),
    }
}

/// What became of which token, by name.
fn fates(consequences: &[Consequence]) -> Vec<(&str, Fate)> {
    consequences
        .iter()
        .map(|consequence| (consequence.name.as_str(), consequence.fate))
        .collect()
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
