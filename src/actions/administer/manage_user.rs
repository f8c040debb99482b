//! A site administrator gives a user's account to an enterprise, or back to the user.

use super::{AdminResult, Mistake, Target, begin_on, find_enterprise};
use crate::actions::{Context, end_relation};
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::AccountId;
use crate::store::{Change, accounts};

/// Writes which enterprise manages the user; an empty slug for none. What the person held only as a member of the
/// former enterprise ends.
pub async fn manage_user(
    context: &Context,
    origin: &Origin,
    by: AccountId,
    target: Target,
    slug: &str,
) -> AdminResult {
    let (mut work, mut user) = begin_on(context, origin, by, target).await?;
    let enterprise = find_enterprise(&mut work, "enterprise", slug).await?;
    let id = enterprise.as_ref().map(|enterprise| enterprise.id);
    if user.managed_by == id {
        let message = match enterprise {
            Some(enterprise) => format!("{} manages this account already.", enterprise.name),
            None => "No enterprise manages this account already.".to_owned(),
        };
        return Err(Mistake::new("enterprise", message).into());
    }
    let before = user.managed_by;
    user.managed_by = id;
    accounts::update(&mut work, &user).await?;
    let event = Event::new(Action::UserUpdate)
        .user(user.id)
        .enterprise(id.or(before))
        .with("managed_by", enterprise.map(|enterprise| enterprise.login))
        .with("managed_by_was", before.map(AccountId::get));
    work.audit_and_tell(event, [user.id]);
    work.changed(Change::Account(user.id));
    end_relation::review(context, &mut work, user.id).await?;
    Ok(context.commit(work).await?)
}
