//! Policies of an organization or enterprise by API: read, previewed, saved. Ours: nothing like it is published.
//!
//! Each is about one kind of token, `?kind=`. A save names the version that it was made from in `If-Match`, and the digest
//! of the preview where it would block a token in use.

use axum::http::HeaderValue;
use axum::http::header::{ETAG, IF_MATCH};
use axum::response::Response;
use chrono::NaiveDate;

use crate::actions::preview_policy::preview_policy;
use crate::actions::save_policy::{PolicyCase, Proposal, SavePolicyError, Wish, save_policy};
use crate::api::body::JsonBody;
use crate::api::call::{ApiCall, ok};
use crate::api::errors::{ApiError, ApiResult, FieldError};
use crate::api::shapes;
use crate::domain::account::AccountKind;
use crate::domain::policy::enterprise_wish::EnterpriseWish;
use crate::domain::policy::preview::Looked;
use crate::domain::policy::start::{Start, StartMistake};
use crate::domain::policy::wish::{LifetimeWish, PolicyField, PolicyMistake, PolicyWish};
use crate::domain::token::TokenKind;
use crate::store::exemption_lists;

/// What error messages call it.
const RESOURCE: &str = "PersonalAccessTokenPolicy";

/// The words for a start that is now.
const NOW: &str = "now";

/// The policy as it stands.
pub(in crate::api) async fn get(call: ApiCall) -> ApiResult {
    let kind = kind(&call)?;
    let case = load(&call, kind).await?;
    Ok(tagged(&case))
}

/// What a change would block and free, and the digest that a save of it hands in.
pub(in crate::api) async fn preview(call: ApiCall) -> ApiResult {
    let kind = kind(&call)?;
    let case = load(&call, kind).await?;
    let asked = Asked::read(&call, &case)?;
    let context = &call.app.context;
    let now = context.clock.now();
    let planned = case.plan(asked.wish, asked.start, asked.accepts_risk, now);
    let (after, at) = planned.map_err(mistaken)?;
    let found = preview_policy(context, case.scope.id, kind, after, at).await?;
    let looked = Looked {
        scope: case.scope.id,
        kind,
        proposed: after,
        start: asked.start,
    };
    let digest = found.digest(&looked);
    Ok(ok(shapes::policy_preview(
        kind,
        (case.own(), after),
        at,
        &found,
        &digest,
        now,
    )))
}

/// Saves a change of the version that was read.
pub(in crate::api) async fn put(call: ApiCall) -> ApiResult {
    let kind = kind(&call)?;
    let case = load(&call, kind).await?;
    let shown = stated_version(&call, kind)?;
    let asked = Asked::read(&call, &case)?;
    let proposal = Proposal {
        scope: case.scope.id,
        kind,
        shown,
        wish: asked.wish,
        start: asked.start,
        accepts_risk: asked.accepts_risk,
        looked: asked.digest.as_deref(),
    };
    let origin = call.permit.origin()?;
    save_policy(&call.app.context, &origin, &proposal)
        .await
        .map_err(unsaved)?;
    Ok(tagged(&load(&call, kind).await?))
}

/// The exemptions that count now, newest first.
pub(in crate::api) async fn exemptions(call: ApiCall) -> ApiResult {
    let scope = call.permit.account()?.id;
    let now = call.app.context.clock.now();
    let given = exemption_lists::list_in_force(&mut call.db(), scope, now, MOST_EXEMPTIONS).await?;
    Ok(ok(given.iter().map(shapes::exemption).collect()))
}

/// The most exemptions that are listed.
const MOST_EXEMPTIONS: i64 = 1_000;

fn kind(call: &ApiCall) -> ApiResult<TokenKind> {
    let word = call.query.word(
        "kind",
        &[TokenKind::FineGrained.as_str(), TokenKind::Classic.as_str()],
    )?;
    word.parse().map_err(|_| ApiError::Internal)
}

async fn load(call: &ApiCall, kind: TokenKind) -> ApiResult<PolicyCase> {
    let scope = call.permit.account()?;
    let now = call.app.context.clock.now();
    Ok(PolicyCase::load(&mut call.db(), scope, kind, now).await?)
}

/// The policy with the version as its tag.
fn tagged(case: &PolicyCase) -> Response {
    let mut response = ok(shapes::policy(case));
    if let Ok(tag) = HeaderValue::from_str(&tag(case.kind, case.standing.number)) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

fn tag(kind: TokenKind, version: i64) -> String {
    format!("\"{}-{version}\"", kind.as_str())
}

/// The version in `If-Match`. What is no tag of ours names a version that there never was.
fn stated_version(call: &ApiCall, kind: TokenKind) -> ApiResult<i64> {
    let mut stated = call.headers.get_all(IF_MATCH).iter();
    let (Some(one), None) = (stated.next(), stated.next()) else {
        return Err(ApiError::PreconditionRequired(
            "State the version that you read in one `If-Match` header: the `ETag` of this address."
                .to_owned(),
        ));
    };
    let version = one.to_str().ok().and_then(|text| {
        let text = text.trim().trim_start_matches("W/").trim_matches('"');
        text.strip_prefix(kind.as_str())?
            .strip_prefix('-')?
            .parse()
            .ok()
    });
    version.ok_or_else(moved)
}

fn moved() -> ApiError {
    ApiError::PreconditionFailed(
        "The policy was saved since you read it, and nothing was changed: read it again, and decide anew.".to_owned(),
    )
}

/// What a body asks for.
struct Asked {
    wish: Wish,
    start: Start,
    accepts_risk: bool,
    digest: Option<String>,
}

impl Asked {
    fn read(call: &ApiCall, case: &PolicyCase) -> ApiResult<Self> {
        let mut body = call.json(RESOURCE)?;
        let wish = match case.scope.kind {
            AccountKind::Enterprise => Wish::Enterprise(EnterpriseWish {
                access: parsed(body.word("access", &["delegate", "restrict", "allow"])),
                approval: parsed(body.word("approval", &["delegate", "require", "disable"])),
                lifetime: lifetime(&mut body),
                exempts_administrators: body.flag("exempt_administrators"),
            }),
            AccountKind::Organization | AccountKind::User => Wish::Organization(PolicyWish {
                access: parsed(body.word("access", &["restrict", "allow"])),
                approval: parsed(body.word("approval", &["required", "not_required"])),
                lifetime: lifetime(&mut body),
            }),
        };
        let asked = Self {
            wish,
            start: start(&mut body),
            accepts_risk: body.flag("accept_risk").unwrap_or(false),
            digest: body.text("digest", 100),
        };
        body.finish()?;
        Ok(asked)
    }
}

fn parsed<T: std::str::FromStr>(word: Option<&str>) -> Option<T> {
    word.and_then(|word| word.parse().ok())
}

/// A number of days, `none` or `default`.
fn lifetime(body: &mut JsonBody) -> Option<LifetimeWish> {
    const FIELD: &str = "max_lifetime_days";
    match body.stated(FIELD) {
        Some("none") => Some(LifetimeWish::Unlimited),
        Some("default") => Some(LifetimeWish::Default),
        Some(_) => {
            let message = format!("`{FIELD}` is a number from 1 to 366, `none` or `default`");
            body.refuse(FIELD, "invalid", message);
            None
        }
        None => body.number(FIELD, 1..=366).map(LifetimeWish::Days),
    }
}

/// `now`, or a day.
fn start(body: &mut JsonBody) -> Start {
    let given = body.text("start", 40);
    let date = match given.as_deref() {
        None | Some(NOW) => return Start::Now,
        Some(text) => text.parse::<NaiveDate>(),
    };
    date.map_or_else(
        |_| {
            let message = "`start` is no day; write it like `2026-12-20`, or `now`";
            body.refuse("start", "invalid", message);
            Start::Now
        },
        Start::On,
    )
}

fn unsaved(error: SavePolicyError) -> ApiError {
    match error {
        SavePolicyError::NotFound => ApiError::not_found(),
        SavePolicyError::NotAnOwner => ApiError::Forbidden(
            "Only owners save policies, and you are none any more: ask an owner.".to_owned(),
        ),
        SavePolicyError::Mistakes(mistakes) => mistaken(mistakes),
        SavePolicyError::Moved(_) => moved(),
        SavePolicyError::LookFirst(found) => ApiError::Conflict(format!(
            "This would block {} tokens of {} people, some of which were used in the last 7 days; nothing was saved. Ask \
             `preview` for what it blocks, and send the `digest` of that with the change.",
            found.blocked_tokens(),
            found.blocked_people()
        )),
        SavePolicyError::Store(error) => error.into(),
    }
}

fn mistaken(mistakes: Vec<PolicyMistake>) -> ApiError {
    let told = mistakes.into_iter().map(|mistake| FieldError {
        resource: RESOURCE,
        field: field(mistake.field()).to_owned(),
        code: "custom",
        message: sentence(mistake),
        value: None,
    });
    ApiError::Invalid(told.collect())
}

const fn field(field: PolicyField) -> &'static str {
    match field {
        PolicyField::Access => "access",
        PolicyField::Approval => "approval",
        PolicyField::Lifetime => "max_lifetime_days",
        PolicyField::Risk => "accept_risk",
        PolicyField::Start => "start",
    }
}

fn sentence(mistake: PolicyMistake) -> String {
    match mistake {
        PolicyMistake::Fixed(_) => "The enterprise fixes this value: leave it out, or ask its owners.".to_owned(),
        PolicyMistake::NoApproval => "Classic tokens are never subject to approval: leave it out.".to_owned(),
        PolicyMistake::NotInRange => "Send a number of days from 1 to 366, `none` or `default`.".to_owned(),
        PolicyMistake::Wider { limit } => {
            format!("The enterprise allows tokens for at most {limit} days: send at most that.")
        }
        PolicyMistake::RiskNotAccepted => {
            "This limit may interrupt what managed users do: accept that with `true`, or exempt administrators.".to_owned()
        }
        PolicyMistake::Start(StartMistake::Begun) => "That day has begun: choose a later one, or `now`.".to_owned(),
        PolicyMistake::Start(StartMistake::TooFar) => "That day is more than 366 days away: choose an earlier one.".to_owned(),
    }
}
