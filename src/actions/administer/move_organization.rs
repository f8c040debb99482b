//! A site administrator puts an organization into an enterprise, or takes it out.

use std::collections::BTreeSet;

use super::{AdminResult, Mistake, Target, begin_on, find_enterprise};
use crate::actions::{Context, end_relation};
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::AccountId;
use crate::store::accounts::Account;
use crate::store::{Change, Work, accounts, administration, grants};

/// Writes which enterprise the organization belongs to; an empty slug for none. Where it leaves one, its internal
/// repositories become private, and grants end that only the common enterprise carried: of its people elsewhere, and
/// of others here.
pub async fn move_organization(
    context: &Context,
    origin: &Origin,
    by: AccountId,
    target: Target,
    slug: &str,
) -> AdminResult {
    let (mut work, mut organization) = begin_on(context, origin, by, target).await?;
    let enterprise = find_enterprise(&mut work, "enterprise", slug).await?;
    let (before, after) = (organization.enterprise_id, enterprise.map(|found| found.id));
    if before == after {
        let message = "The organization is where this would move it: choose another enterprise.";
        return Err(Mistake::new("enterprise", message).into());
    }
    organization.enterprise_id = after;
    accounts::update(&mut work, &organization).await?;
    if let Some(left) = before {
        close(&mut work, &organization, left).await?;
        note(
            &mut work,
            &organization,
            Action::EnterpriseRemoveOrganization,
            left,
        );
    }
    if let Some(joined) = after {
        note(
            &mut work,
            &organization,
            Action::EnterpriseAddOrganization,
            joined,
        );
    }
    work.changed(Change::Account(organization.id));
    for user in people(&mut work, organization.id).await? {
        work.changed(Change::Account(user));
        end_relation::review(context, &mut work, user).await?;
    }
    Ok(context.commit(work).await?)
}

fn note(work: &mut Work, organization: &Account, action: Action, enterprise: AccountId) {
    let event = Event::new(action)
        .owner(organization.id)
        .enterprise(Some(enterprise))
        .with("org", organization.login.as_str());
    work.audit(event);
}

/// What every member of the enterprise could read, only the organization's own people can read from now on.
async fn close(work: &mut Work, organization: &Account, left: AccountId) -> AdminResult {
    let now = work.now();
    let closed = administration::close_internal_repositories(work, organization.id, now).await?;
    for (id, name) in closed {
        let event = Event::new(Action::RepositoryUpdate)
            .owner(organization.id)
            .enterprise(Some(left))
            .repository(id)
            .with("repo", format!("{}/{name}", organization.login))
            .with("visibility", "private")
            .with("visibility_was", "internal");
        work.audit(event);
        work.changed(Change::Repository(id));
    }
    Ok(())
}

/// Whose relations may have changed: its own people elsewhere, and whoever holds something here.
async fn people(work: &mut Work, organization: AccountId) -> AdminResult<BTreeSet<AccountId>> {
    let members = accounts::list_members(work, organization).await?;
    let mut people: BTreeSet<_> = members.iter().map(|member| member.user_id).collect();
    people.extend(grants::list_users_at(work, organization).await?);
    Ok(people)
}
