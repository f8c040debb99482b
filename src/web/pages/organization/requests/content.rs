//! What a request would change, or changed: the comparison that its page shows.

use std::collections::{BTreeMap, BTreeSet};

use super::Case;
use super::change::{self, Line};
use crate::actions::approve::{self, Change};
use crate::actions::refuse::ReviewError;
use crate::app::App;
use crate::domain::approval::decide::DecideError;
use crate::domain::approval::risk::{Risk, RiskFacts, risks};
use crate::domain::approval::{Ask, RequestState};
use crate::domain::ids::RepositoryId;
use crate::domain::permission::PermissionSet;
use crate::domain::token::summary;
use crate::store::repositories::{self, Repository};
use crate::store::reviews::{self, Addition};
use crate::store::{grants, requests};
use crate::web::error::{PageError, PageResult};
use crate::web::pages::organization::reviewer::Reviewer;

/// Repositories by their ids.
pub type Named = BTreeMap<RepositoryId, Repository>;

/// A request beside what its grant gives.
#[derive(Debug)]
pub struct Content {
    /// What the token could do, in plain words.
    pub sentences: Vec<String>,
    /// Where it would work.
    pub conditions: Vec<String>,
    /// Permission by permission.
    pub permissions: Vec<Line>,
    /// Repository by repository.
    pub repositories: Folded,
    /// What becomes of life, self-rotation and conditions.
    pub terms: Vec<Line>,
    /// What to notice.
    pub risks: Vec<Risk>,
    /// What stands against approving it now.
    pub obstacle: Option<DecideError>,
    /// Whether there is less to approve than the whole.
    pub has_parts: bool,
}

/// A list of which the beginning is shown and the rest folded away.
#[derive(Debug, Default)]
pub struct Folded {
    /// What is shown at once.
    pub shown: Vec<Line>,
    /// What is folded away.
    pub folded: Vec<Line>,
}

/// So many repositories are shown at once.
const UNFOLDED: usize = 20;

impl From<Vec<Line>> for Folded {
    fn from(mut shown: Vec<Line>) -> Self {
        let folded = if shown.len() > UNFOLDED {
            shown.split_off(UNFOLDED)
        } else {
            Vec::new()
        };
        Self { shown, folded }
    }
}

impl Content {
    /// Reads what approving a request would do now; of a decided one, what it asked for beside what was held and what
    /// was granted.
    pub async fn find(app: &App, reviewer: &Reviewer, case: &Case) -> PageResult<Self> {
        if case.waits() {
            let (change, obstacle) = preview(app, reviewer, case).await?;
            return pending(app, reviewer, case, &change, obstacle).await;
        }
        decided(app, reviewer, case).await
    }
}

/// What approving would do, and what stands against it.
pub async fn preview(
    app: &App,
    reviewer: &Reviewer,
    case: &Case,
) -> PageResult<(Change, Option<DecideError>)> {
    let preview = approve::preview(&app.context, reviewer.owner.id, case.request.id);
    preview.await.map_err(|error| match error {
        ReviewError::Store(failure) => failure.into(),
        ReviewError::NotFound => PageError::NotFound,
        other => PageError::internal(other),
    })
}

async fn pending(
    app: &App,
    reviewer: &Reviewer,
    case: &Case,
    change: &Change,
    obstacle: Option<DecideError>,
) -> PageResult<Content> {
    let catalog = app.context.catalog;
    let named = named(app, &change.after).await?;
    let before = change.before.as_ref();
    let none = PermissionSet::new();
    let held = before.map_or(&none, |before| &before.permissions);
    let repositories = change::repositories(
        before.map(|before| &before.selection),
        &change.after.selection,
        &named,
    );
    let added = change.asked.permissions.additions_over(held);
    Ok(Content {
        sentences: sentences(app, reviewer, &change.after, &named),
        conditions: change::conditions(&change.after.terms.conditions),
        permissions: change::permissions(catalog, held, &change.after.permissions),
        has_parts: has_parts(app, &added, &repositories),
        repositories: repositories.into(),
        terms: change::terms(before, &change.after),
        risks: find_risks(app, reviewer, case, &change.after, held).await?,
        obstacle,
    })
}

/// Whether something could be left out of an approval: a permission, or a repository.
fn has_parts(app: &App, added: &PermissionSet, repositories: &[Line]) -> bool {
    let is_choice = |(id, _)| !app.context.catalog.permission(id).automatic;
    added.iter().any(is_choice) || repositories.iter().any(|line| line.kind == "added")
}

async fn decided(app: &App, reviewer: &Reviewer, case: &Case) -> PageResult<Content> {
    let (catalog, request) = (app.context.catalog, &case.request);
    let mut db = app.context.store.reader();
    let asked = requests::load_ask(&mut db, catalog, request).await?;
    let additions = reviews::list_additions(&mut db, &[request.id]).await?;
    let additions: Vec<Addition> = additions.into_values().flatten().collect();
    let set = |level: fn(&Addition) -> Option<_>| {
        let levels = additions
            .iter()
            .filter_map(|one| Some((one.permission.clone(), level(one)?)));
        grants::permission_set(catalog, &levels.collect::<Vec<_>>())
    };
    let held = set(|one| one.before);
    let is_approved = request.state == RequestState::Approved;
    let after = if is_approved {
        set(|one| one.granted)
    } else {
        asked.permissions.clone()
    };
    let mut permissions = change::permissions(catalog, &held, &held.union(&after));
    permissions.extend(change::dropped_permissions(
        catalog,
        &asked.permissions,
        &after,
    ));
    let dropped = reviews::list_dropped_repositories(&mut db, request.id).await?;
    let dropped: BTreeSet<_> = dropped.into_iter().collect();
    let named = named(app, &asked).await?;
    let before = (!held.is_empty()).then(|| Ask {
        permissions: held.clone(),
        ..asked.clone()
    });
    let selection = before.as_ref().map(|before| &before.selection);
    let repositories = change::repositories(selection, &asked.selection, &named);
    Ok(Content {
        sentences: sentences(app, reviewer, &asked, &named),
        conditions: change::conditions(&asked.terms.conditions),
        permissions,
        repositories: change::mark_dropped(repositories, &dropped, &named).into(),
        terms: change::terms(before.as_ref(), &asked),
        risks: find_risks(app, reviewer, case, &asked, &held).await?,
        obstacle: None,
        has_parts: false,
    })
}

/// The repositories that an ask lists.
pub async fn named(app: &App, ask: &Ask) -> PageResult<Named> {
    let ids: Vec<_> = ask.selection.listed().collect();
    let found = repositories::list_by_ids(&mut app.context.store.reader(), &ids).await?;
    Ok(found.into_iter().map(|found| (found.id, found)).collect())
}

fn sentences(app: &App, reviewer: &Reviewer, ask: &Ask, named: &Named) -> Vec<String> {
    let mut full_names: Vec<_> = named.values().map(Repository::full_name).collect();
    full_names.sort();
    let part = summary::Part {
        owner: &reviewer.owner.login,
        repositories: &full_names,
        ask,
    };
    summary::sentences(app.context.catalog, &part)
}

async fn find_risks(
    app: &App,
    reviewer: &Reviewer,
    case: &Case,
    after: &Ask,
    held: &PermissionSet,
) -> PageResult<Vec<Risk>> {
    let user = case.subject.user.id;
    let mut db = app.context.store.reader();
    let first = reviews::list_first_requests(&mut db, reviewer.owner.id, &[user]).await?;
    let added = after.permissions.additions_over(held);
    Ok(risks(&RiskFacts {
        adds: added.iter().map(|(_, level)| level).max(),
        selection: after.selection.kind(),
        allows_rotation: after.terms.allows_rotation,
        expires_at: case.subject.token.expires_at,
        relation: case.subject.grant.relation,
        is_first: first.get(&user) == Some(&case.request.id),
        now: reviewer.signed_in.now(),
    }))
}
