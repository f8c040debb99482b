//! What the page says at each of the two levels, with the numbers that are in its sentences.

use super::view::enterprise::{self, Below};
use super::view::{Question, organization};
use crate::actions::save_policy::PolicyCase;
use crate::app::App;
use crate::domain::policy::Layer;
use crate::domain::policy::setting::{Approval, EnterpriseLayer};
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::store::policy_reach::{self, Reach, Unreviewed};
use crate::store::{Reader, policies, requests, rights, subjects};
use crate::web::error::{PageError, PageResult};
use crate::web::pages::organization::frame::{active_path, requests_path};
use crate::web::pages::scope_owner::ScopeOwner;

/// So many tokens that nobody reviewed are named; more are counted.
const NAMED: i64 = 20;

/// What an organization's owners may want to look at beside the policy.
#[derive(Debug, Default)]
pub struct Notes {
    /// Requests that wait for an owner.
    pub waiting: i64,
    /// Where they are.
    pub requests: String,
    /// Where the tokens are that work.
    pub active: String,
    /// Whether an owner approves tokens first.
    pub requires_approval: bool,
    /// The first tokens that work although nobody reviewed them.
    pub unreviewed: Vec<Unreviewed>,
    /// How many there are.
    pub unreviewed_in_all: i64,
}

/// What the page says of one of the two levels.
pub struct Words {
    /// The questions about access and approval.
    pub questions: Vec<Question>,
    /// The question about the longest life.
    pub lifetime: Question,
    /// The help under the number of days.
    pub days_help: String,
    /// How many tokens live longer than the limit in force.
    pub too_long: i64,
    /// What else an organization's owners see.
    pub notes: Notes,
}

/// Reads everything the page's sentences are made of.
pub async fn words(app: &App, owner: &ScopeOwner, case: &PolicyCase) -> PageResult<Words> {
    let db = app.context.store.reader();
    match case.own() {
        Layer::Organization(_) => of_organization(app, owner, case, db).await,
        Layer::Enterprise(layer) => of_enterprise(owner, case, layer, db).await,
    }
}

async fn of_organization(
    app: &App,
    owner: &ScopeOwner,
    case: &PolicyCase,
    mut db: Reader,
) -> PageResult<Words> {
    let (scope, kind, now) = (&case.scope, case.kind, owner.signed_in().now());
    let effective = rights::find_policy(
        &mut db,
        scope.kind,
        scope.id,
        scope.enterprise_id,
        kind,
        now,
    )
    .await?
    .ok_or(PageError::NotFound)?;
    let reach = reach(&mut db, case, effective.lifetime(false).value.days(), now).await?;
    let (waiting, _) = requests::count_pending(&mut db, scope.id).await?;
    let enterprise = owner.enterprise(app).await?;
    let facts = organization::Facts {
        kind,
        organization: &scope.name,
        enterprise: &enterprise,
        above: case.above.as_ref(),
        effective: &effective,
        reach,
        waiting,
    };
    let notes = Notes {
        waiting,
        requests: requests_path(&scope.login),
        active: active_path(&scope.login),
        requires_approval: effective.approval.value == Approval::Required,
        unreviewed: policy_reach::list_unreviewed(&mut db, scope.id, now, NAMED).await?,
        unreviewed_in_all: reach.unreviewed,
    };
    Ok(Words {
        questions: facts.questions(),
        lifetime: facts.lifetime(),
        days_help: facts.days_help(),
        too_long: reach.too_long,
        notes,
    })
}

async fn reach(
    db: &mut Reader,
    case: &PolicyCase,
    days: Option<i64>,
    now: Timestamp,
) -> PageResult<Reach> {
    let id = case.scope.id;
    Ok(match case.kind {
        TokenKind::FineGrained => policy_reach::count_reach(db, id, days, now).await?,
        TokenKind::Classic => policy_reach::count_classic_reach(db, id, days, now).await?,
    })
}

async fn of_enterprise(
    owner: &ScopeOwner,
    case: &PolicyCase,
    layer: EnterpriseLayer,
    mut db: Reader,
) -> PageResult<Words> {
    let (id, kind, now) = (case.scope.id, case.kind, owner.signed_in().now());
    let reaching = subjects::list(&mut db, id, kind, now).await?;
    let governed = policies::list_governed(&mut db, id, kind, now).await?;
    let facts = enterprise::Facts {
        kind,
        enterprise: &case.scope.name,
        layer,
        is_saved: case.standing.in_force.is_some(),
        below: Below::count(kind, layer, &reaching, &governed),
    };
    Ok(Words {
        questions: facts.questions(),
        lifetime: facts.lifetime(),
        days_help: "From 1 to 366 days.".to_owned(),
        too_long: i64::try_from(facts.below.too_long).unwrap_or(i64::MAX),
        notes: Notes::default(),
    })
}
