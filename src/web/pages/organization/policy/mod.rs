//! What an organization allows of tokens: its policy as questions, one page a kind of token.

mod form;
mod view;

use std::fmt::Write as _;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use self::form::Typed;
use self::view::{Facts, Question};
use super::frame;
use crate::actions::save_policy::{SavePolicyError, Saved, Standing, save_policy};
use crate::app::App;
use crate::domain::policy::Effective;
use crate::domain::policy::setting::{Approval, OrganizationLayer};
use crate::domain::policy::wish::{PolicyMistake, plan_policy};
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::store::accounts::{self, Account};
use crate::store::policies::{self, Latest, Reach, Unreviewed};
use crate::store::{requests, rights};
use crate::web::chrome::{Chrome, Crumb, FlashKind, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::extract::OrganizationOwner;
use crate::web::filters::counted;
use crate::web::form::{Fields, Form, QueryFields};

/// So many tokens that nobody reviewed are named; more are counted.
const NAMED: i64 = 20;

#[derive(Template)]
#[template(path = "pages/organization/policy/show.html")]
struct Show {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    organization: String,
    path: String,
    requests: String,
    active: String,
    is_classic: bool,
    kind: &'static str,
    questions: Vec<Question>,
    lifetime: Question,
    days_help: String,
    waiting: i64,
    reach: Reach,
    requires_approval: bool,
    unreviewed: Vec<Unreviewed>,
    saved_by: String,
    saved_at: Option<Timestamp>,
    typed: Typed,
}

/// An organization's policy for one kind of token, with what it touches.
struct Case {
    kind: TokenKind,
    standing: Standing,
    effective: Effective,
    enterprise: String,
    reach: Reach,
    waiting: i64,
}

impl Case {
    async fn load(app: &App, owner: &OrganizationOwner, kind: TokenKind) -> PageResult<Self> {
        let organization = &owner.organization;
        let mut db = app.context.store.reader();
        let now = owner.signed_in.now();
        let standing = Standing::load(&mut db, organization, kind, now).await?;
        let (id, above) = (organization.id, organization.enterprise_id);
        let effective = rights::find_policy(&mut db, organization.kind, id, above, kind, now)
            .await?
            .ok_or(PageError::NotFound)?;
        let days = effective.lifetime(false).value.days();
        let reach = match kind {
            TokenKind::FineGrained => {
                policies::count_reach(&mut db, organization.id, days, now).await?
            }
            TokenKind::Classic => {
                policies::count_classic_reach(&mut db, organization.id, days, now).await?
            }
        };
        let (waiting, _) = requests::count_pending(&mut db, organization.id).await?;
        let enterprise = enterprise(app, organization).await?;
        Ok(Self {
            kind,
            standing,
            effective,
            enterprise,
            reach,
            waiting,
        })
    }

    fn facts<'a>(&'a self, organization: &'a Account) -> Facts<'a> {
        Facts {
            kind: self.kind,
            organization: &organization.name,
            enterprise: &self.enterprise,
            standing: &self.standing,
            effective: &self.effective,
            reach: self.reach,
            waiting: self.waiting,
        }
    }

    fn typed(&self) -> Typed {
        let own = self.standing.own(self.kind);
        Typed::of(self.kind, self.standing.latest.version, own)
    }
}

/// The name of an organization's enterprise; empty where it has none.
async fn enterprise(app: &App, organization: &Account) -> PageResult<String> {
    let Some(id) = organization.enterprise_id else {
        return Ok(String::new());
    };
    let found = accounts::find(&mut app.context.store.reader(), id).await?;
    Ok(found.map(|account| account.name).unwrap_or_default())
}

/// Shows the policy for one kind of token: fine-grained ones, or with `?tab=classic` the others.
pub async fn get(
    State(app): State<App>,
    owner: OrganizationOwner,
    QueryFields(query): QueryFields,
) -> PageResult {
    let case = Case::load(&app, &owner, kind(&query)).await?;
    let restored = owner.signed_in.restored(&app, &query).await?;
    let typed = restored.map_or_else(|| case.typed(), |fields| Typed::sent(&fields));
    show(&app, &owner, &case, typed, StatusCode::OK).await
}

/// Saves it.
pub async fn post(
    State(app): State<App>,
    owner: OrganizationOwner,
    Form(fields): Form,
) -> PageResult {
    let kind = kind(&fields);
    let typed = Typed::sent(&fields);
    let (wish, shown) = match (typed.wish(), typed.shown()) {
        (Ok(wish), Some(shown)) => (wish, shown),
        (Err(errors), _) => return refuse(&app, &owner, kind, typed, errors).await,
        (_, None) => return Err(foreign(&owner.organization, kind)),
    };
    // Mistakes are told before anybody is asked for a passkey.
    let standing = Case::load(&app, &owner, kind).await?.standing;
    if let Err(mistakes) = plan_policy(kind, standing.above.as_ref(), standing.own(kind), wish) {
        let errors = messages(&app, &owner.organization, &mistakes).await?;
        return refuse(&app, &owner, kind, typed, errors).await;
    }
    let path = path(&owner.organization.login, kind);
    let act = format!("change what {} allows of tokens", owner.organization.name);
    if let Some(way) = owner.signed_in.ask_first(&app, &act, &path, &fields).await {
        return Ok(way);
    }
    let (origin, id) = (owner.signed_in.origin(), owner.organization.id);
    match save_policy(&app.context, &origin, id, kind, shown, wish).await {
        Ok(saved) => done(&app, &owner, kind, saved).await,
        Err(SavePolicyError::Mistakes(mistakes)) => {
            let errors = messages(&app, &owner.organization, &mistakes).await?;
            refuse(&app, &owner, kind, typed, errors).await
        }
        Err(SavePolicyError::Moved(latest)) => Err(overtaken(&owner.organization, kind, &latest)),
        Err(SavePolicyError::NotFound | SavePolicyError::NotAnOwner) => Err(PageError::NotFound),
        Err(SavePolicyError::Store(cause)) => Err(cause.into()),
    }
}

fn kind(fields: &Fields) -> TokenKind {
    if fields.get("tab") == "classic" {
        TokenKind::Classic
    } else {
        TokenKind::FineGrained
    }
}

/// Where the policy for one kind of token is.
fn path(organization: &str, kind: TokenKind) -> String {
    let path = frame::policy_path(organization);
    match kind {
        TokenKind::FineGrained => path,
        TokenKind::Classic => format!("{path}?tab=classic"),
    }
}

async fn messages(
    app: &App,
    organization: &Account,
    mistakes: &[PolicyMistake],
) -> PageResult<Vec<(&'static str, String)>> {
    let enterprise = enterprise(app, organization).await?;
    Ok(mistakes
        .iter()
        .map(|mistake| form::message(*mistake, &enterprise))
        .collect())
}

async fn refuse(
    app: &App,
    owner: &OrganizationOwner,
    kind: TokenKind,
    typed: Typed,
    errors: Vec<(&'static str, String)>,
) -> PageResult {
    let case = Case::load(app, owner, kind).await?;
    let typed = Typed { errors, ..typed };
    show(app, owner, &case, typed, StatusCode::UNPROCESSABLE_ENTITY).await
}

fn foreign(organization: &Account, kind: TokenKind) -> PageError {
    PageError::Unprocessable {
        title: "This form does not say which version of the policy it shows".to_owned(),
        text: "Nothing was changed. Open the policy again and decide on what it shows now."
            .to_owned(),
        back: back(organization, kind),
    }
}

fn overtaken(
    organization: &Account,
    kind: TokenKind,
    latest: &Latest<OrganizationLayer>,
) -> PageError {
    let by = latest.saved_by.as_deref().unwrap_or("The operator");
    let at = latest.saved_at.map_or_else(String::new, |at| {
        format!(" on {}", at.to_utc().format("%-d %b %Y at %H:%M UTC"))
    });
    let now = latest.layer.map_or_else(String::new, |layer| {
        format!(" It says now: {}.", view::sentence(kind, layer))
    });
    PageError::Conflict {
        title: "This policy was saved by somebody else since you opened it".to_owned(),
        text: format!("{by} saved it{at}.{now} Nothing of what you chose was saved."),
        back: back(organization, kind),
    }
}

fn back(organization: &Account, kind: TokenKind) -> (String, String) {
    let words = format!("Open the policy of {} again", organization.name);
    (words, path(&organization.login, kind))
}

/// Says what the save means for the tokens that are there.
async fn done(
    app: &App,
    owner: &OrganizationOwner,
    kind: TokenKind,
    saved: Saved,
) -> PageResult<Response> {
    let name = &owner.organization.name;
    let (mark, text) = if saved.before == saved.after {
        (
            FlashKind::Info,
            format!("Nothing was changed: this is what {name} has set already."),
        )
    } else {
        let case = Case::load(app, owner, kind).await?;
        (FlashKind::Success, effect(&case, name, saved))
    };
    owner.signed_in.flash(mark, text).await;
    Ok(Redirect::to(&path(&owner.organization.login, kind)).into_response())
}

fn effect(case: &Case, name: &str, saved: Saved) -> String {
    let mut text = format!(
        "Saved. From the next call on, at {name}: {}.",
        view::sentence(case.kind, saved.after)
    );
    let too_long = case.reach.too_long;
    if saved.before.lifetime != saved.after.lifetime && too_long > 0 {
        let live = if too_long == 1 { "lives" } else { "live" };
        let _ = write!(
            text,
            " {} {live} longer than that and {} refused until regenerated.",
            counted(too_long, "token", "tokens"),
            if too_long == 1 { "is" } else { "are" },
        );
    }
    text
}

async fn show(
    app: &App,
    owner: &OrganizationOwner,
    case: &Case,
    typed: Typed,
    status: StatusCode,
) -> PageResult<Response> {
    let organization = &owner.organization;
    let list = frame::policy_path(&organization.login);
    let trail = vec![Crumb::text("Token policy")];
    let (chrome, nav) = frame::around(app, owner, "Token policy", &list, trail).await?;
    let facts = case.facts(organization);
    let (now, limit) = (owner.signed_in.now(), NAMED);
    let mut db = app.context.store.reader();
    let unreviewed = policies::list_unreviewed(&mut db, organization.id, now, limit).await?;
    let latest = &case.standing.latest;
    let template = Show {
        chrome,
        nav,
        now: now.as_micros(),
        organization: organization.name.clone(),
        path: list,
        requests: format!(
            "/organizations/{}/settings/personal-access-token-requests",
            organization.login
        ),
        active: frame::active_path(&organization.login),
        is_classic: case.kind == TokenKind::Classic,
        kind: facts.tokens(),
        questions: facts.questions(),
        lifetime: facts.lifetime(),
        days_help: facts.days_help(),
        waiting: case.waiting,
        reach: case.reach,
        unreviewed,
        requires_approval: case.effective.approval.value == Approval::Required,
        saved_by: latest
            .saved_by
            .clone()
            .unwrap_or_else(|| "the operator".to_owned()),
        saved_at: latest.saved_at,
        typed,
    };
    Ok(page(status, template))
}

impl Show {
    /// How many tokens that nobody reviewed are not named.
    fn more_unreviewed(&self) -> i64 {
        self.reach.unreviewed - i64::try_from(self.unreviewed.len()).unwrap_or(0)
    }

    /// The answer that the form holds to a question.
    fn current(&self, field: &str) -> &str {
        match field {
            "approval" => &self.typed.approval,
            _ => &self.typed.access,
        }
    }
}
