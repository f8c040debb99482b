//! An owner grants what a request asks for, or part of it.

use std::collections::BTreeMap;

use super::Context;
use super::cases::{Case, Desk, is_own};
use super::refuse::{Blocked, Obstacle, ReviewError, may_decide, permissions_json, reason, single};
use crate::domain::approval::decide::DecideError;
use crate::domain::approval::part::{Dropped, Part, granted};
use crate::domain::approval::{Ask, GrantState, RequestState};
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::{AccountId, GrantId, RequestId};
use crate::store::grants::Grant;
use crate::store::requests::Request;
use crate::store::{Change as Changed, Db, StoreError, Work, asks, grants, repositories, requests};

/// Approves a request at an owner, or part of it. Everything it depends on is read again in the transaction that
/// approves.
pub async fn approve(
    context: &Context,
    origin: &Origin,
    owner: AccountId,
    request: RequestId,
    by: AccountId,
    why: &str,
    part: &Part,
) -> Result<(), ReviewError> {
    let why = reason(why)?;
    let mut work = context.begin(origin).await?;
    let one = Wanted {
        request,
        shown: None,
        part,
    };
    single(approve_all(context, &mut work, owner, by, &[one], why).await?)?;
    Ok(context.commit(work).await?)
}

/// One of the requests that are to be approved together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// Which.
    pub request: RequestId,
    /// The version of its grant that was shown, where a page showed one.
    pub shown: Option<i64>,
    /// How much of it.
    pub part: &'a Part,
}

/// Approves all of them, or says what stands against which; then nothing must be committed.
pub(super) async fn approve_all(
    context: &Context,
    work: &mut Work,
    owner: AccountId,
    by: AccountId,
    wanted: &[Wanted<'_>],
    why: &str,
) -> Result<Vec<Blocked<RequestId>>, StoreError> {
    let ids: Vec<_> = wanted.iter().map(|one| one.request).collect();
    let now = work.now();
    let Some(desk) = Desk::lay(work, owner, &ids, now).await? else {
        return Ok(all_unknown(&ids));
    };
    if !may_decide(work, owner, by).await? {
        return Ok(all_unknown(&ids));
    }
    let origin = work.origin().clone();
    let blocked: Vec<_> = wanted
        .iter()
        .filter_map(|one| {
            let why = obstacle(&desk, &origin, by, one)?;
            Some(Blocked {
                id: one.request,
                why,
            })
        })
        .collect();
    if !blocked.is_empty() {
        return Ok(blocked);
    }
    let (approvals, blocked) = judge(context, work, &desk, wanted).await?;
    if !blocked.is_empty() {
        return Ok(blocked);
    }
    let blocked = write(context, work, &approvals, by, why).await?;
    if blocked.is_empty() {
        for approval in &approvals {
            let event = event(context, work, approval, why).await?;
            work.audit_and_tell(event, [approval.case.token.user_id]);
            work.changed(Changed::Token(approval.case.token.id));
        }
    }
    Ok(blocked)
}

/// Every one of these as not to be found.
pub(super) fn all_unknown<Id: Copy>(ids: &[Id]) -> Vec<Blocked<Id>> {
    let unknown = ids.iter().map(|&id| Blocked {
        id,
        why: Obstacle::NotFound,
    });
    unknown.collect()
}

fn obstacle(desk: &Desk, origin: &Origin, by: AccountId, one: &Wanted<'_>) -> Option<Obstacle> {
    let requester = desk.cases.get(&one.request).map(|case| case.token.user_id);
    if requester.is_some_and(|requester| is_own(origin, by, requester)) {
        return Some(Obstacle::OwnRequest);
    }
    desk.obstacle(one.request, one.shown)
}

/// What is to be written for one request.
struct Approval<'a> {
    case: &'a Case,
    after: Ask,
    dropped: Dropped,
}

async fn judge<'a>(
    context: &Context,
    db: &mut impl Db,
    desk: &'a Desk,
    wanted: &[Wanted<'_>],
) -> Result<(Vec<Approval<'a>>, Vec<Blocked<RequestId>>), StoreError> {
    let mut changes = changes(context, db, desk).await?;
    let (mut approvals, mut blocked) = (Vec::new(), Vec::new());
    for one in wanted {
        let (Some(case), Some(change)) =
            (desk.cases.get(&one.request), changes.remove(&one.request))
        else {
            // Chosen twice: once is enough.
            continue;
        };
        match granted(
            context.catalog,
            change.before.as_ref(),
            &change.asked,
            one.part,
        ) {
            Ok(after) => approvals.push(Approval {
                case,
                dropped: Dropped::between(&change.asked, &after),
                after,
            }),
            Err(mistakes) => blocked.push(Blocked {
                id: one.request,
                why: Obstacle::Part(mistakes),
            }),
        }
    }
    // Always in this order, so that two owners who decide at once wait for each other and not in a circle.
    approvals.sort_by_key(|approval| approval.case.request.id);
    Ok((approvals, blocked))
}

async fn write(
    context: &Context,
    work: &mut Work,
    approvals: &[Approval<'_>],
    by: AccountId,
    why: &str,
) -> Result<Vec<Blocked<RequestId>>, StoreError> {
    let ids: Vec<_> = approvals
        .iter()
        .map(|approval| approval.case.request.id)
        .collect();
    let blocked = decide_all(work, &ids, RequestState::Approved, by, why).await?;
    if !blocked.is_empty() {
        return Ok(blocked);
    }
    asks::note_granted(work, &ids).await?;
    for approval in approvals.iter().filter(|one| !one.dropped.is_nothing()) {
        let id = approval.case.request.id;
        asks::note_dropped(
            work,
            context.catalog,
            id,
            &approval.dropped,
            &approval.after,
        )
        .await?;
    }
    let blocked = activate_all(work, approvals, by).await?;
    if blocked.is_empty() {
        let given: Vec<(GrantId, Ask)> = approvals
            .iter()
            .map(|approval| (approval.case.grant.id, approval.after.clone()))
            .collect();
        asks::write_grants(work, context.catalog, &given).await?;
    }
    Ok(blocked)
}

/// Moves requests to their end, in the order given. Where somebody was first, says so of each that was decided.
pub(super) async fn decide_all(
    work: &mut Work,
    ids: &[RequestId],
    state: RequestState,
    by: AccountId,
    why: &str,
) -> Result<Vec<Blocked<RequestId>>, StoreError> {
    let now = work.now();
    for (place, &id) in ids.iter().enumerate() {
        if !requests::decide(work, id, state, Some(by), why, now).await? {
            return overtaken(work, &ids[place..]).await;
        }
    }
    Ok(Vec::new())
}

/// Says how requests were decided by whoever was first.
async fn overtaken(
    db: &mut impl Db,
    ids: &[RequestId],
) -> Result<Vec<Blocked<RequestId>>, StoreError> {
    let now = requests::list_by_ids(db, ids).await?;
    let decided = now
        .iter()
        .filter(|request| request.state != RequestState::Pending);
    let blocked = decided.map(|request| Blocked {
        id: request.id,
        why: Obstacle::Request(DecideError::AlreadyDecided(request.state)),
    });
    let blocked: Vec<_> = blocked.collect();
    Ok(if blocked.is_empty() {
        all_unknown(ids)
    } else {
        blocked
    })
}

async fn activate_all(
    work: &mut Work,
    approvals: &[Approval<'_>],
    by: AccountId,
) -> Result<Vec<Blocked<RequestId>>, StoreError> {
    let now = work.now();
    let mut in_order: Vec<_> = approvals.iter().collect();
    in_order.sort_by_key(|approval| approval.case.grant.id);
    for approval in in_order {
        let version = (approval.case.grant.id, approval.case.grant.rev);
        if !grants::activate_row(work, version, &approval.after, by, now).await? {
            return Ok(vec![Blocked {
                id: approval.case.request.id,
                why: Obstacle::Request(DecideError::Moved),
            }]);
        }
    }
    Ok(Vec::new())
}

async fn event(
    context: &Context,
    db: &mut impl Db,
    approval: &Approval<'_>,
    why: &str,
) -> Result<Event, StoreError> {
    let Approval {
        case,
        after,
        dropped,
    } = approval;
    let catalog = context.catalog;
    let event = case
        .event(Action::AccessGrant)
        .with("repository_selection", after.selection.kind().as_str())
        .with("permissions", permissions_json(catalog, &after.permissions))
        .with("reason", why);
    if dropped.is_nothing() {
        return Ok(event);
    }
    let names = repositories::list_by_ids(db, &dropped.repositories).await?;
    let mut names: Vec<_> = names.into_iter().map(|found| found.name).collect();
    names.sort();
    let event = event
        .with(
            "dropped_permissions",
            permissions_json(catalog, &dropped.permissions),
        )
        .with("dropped_repositories", names);
    Ok(if dropped.narrows_all {
        event.with("dropped_selection", "all")
    } else {
        event
    })
}

/// What approving does to a grant, as its reviewer is shown it and as approving does it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What the grant gives now; none when it gives nothing.
    pub before: Option<Ask>,
    /// What the request asks for.
    pub asked: Ask,
    /// What it will give: what it gives already and what the request adds, under the request's terms.
    pub after: Ask,
}

async fn changes(
    context: &Context,
    db: &mut impl Db,
    desk: &Desk,
) -> Result<BTreeMap<RequestId, Change>, StoreError> {
    let all: Vec<Request> = desk
        .cases
        .values()
        .map(|case| case.request.clone())
        .collect();
    let mut asked = asks::list_of_requests(db, context.catalog, &all).await?;
    // A suspended grant gives nothing until it is reviewed, so nothing of it stays by itself.
    let working: Vec<&Grant> = desk
        .cases
        .values()
        .map(|case| &case.grant)
        .filter(|grant| grant.state == GrantState::Active)
        .collect();
    let mut given = asks::list_of_grants(db, context.catalog, &working).await?;
    let change = |case: &Case| {
        let asked = asked.remove(&case.request.id)?;
        let before = given.remove(&case.grant.id);
        let after = granted(context.catalog, before.as_ref(), &asked, &Part::Whole)
            .expect("the whole of a request is a part of it");
        let change = Change {
            before,
            asked,
            after,
        };
        Some((case.request.id, change))
    };
    Ok(desk.cases.values().filter_map(change).collect())
}

/// What approving a request would do now, and what stands against it, without doing anything.
pub async fn preview(
    context: &Context,
    owner: AccountId,
    request: RequestId,
) -> Result<(Change, Option<DecideError>), ReviewError> {
    let mut db = context.store.reader();
    let now = context.clock.now();
    let desk = Desk::lay(&mut db, owner, &[request], now).await?;
    let desk = desk.ok_or(ReviewError::NotFound)?;
    let change = changes(context, &mut db, &desk).await?.remove(&request);
    let change = change.ok_or(ReviewError::NotFound)?;
    match desk.obstacle(request, None) {
        None => Ok((change, None)),
        Some(Obstacle::Request(error)) => Ok((change, Some(error))),
        Some(other) => Err(other.into()),
    }
}
