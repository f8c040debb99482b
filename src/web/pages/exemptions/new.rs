//! A token is exempted: from which policy, until when and why. What would come of each choice is told beforehand.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use chrono::NaiveDate;

use super::scope::list_path;
use super::stand::Stand;
use super::{give_path, kind_word, one_path, sentence};
use crate::actions::exempt_token::{ExemptError, Wish, exempt_token};
use crate::app::App;
use crate::domain::ids::TokenId;
use crate::domain::policy::Exempted;
use crate::domain::policy::exemption::{
    ExemptionMistake, LONGEST_DAYS, PRESETS, check_exemption, until_day,
};
use crate::domain::time::Timestamp;
use crate::domain::token::summary;
use crate::domain::token::{TokenKind, TokenState};
use crate::store::accounts::{self, Account};
use crate::store::exemption_lists::{self, Given};
use crate::store::tokens::{self, Token};
use crate::store::{exceptions, records};
use crate::web::chrome::{Chrome, Crumb, FlashKind, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::filters::titled;
use crate::web::form::{Fields, Form, QueryFields};
use crate::web::pages::scope_owner::ScopeOwner;

#[derive(Template)]
#[template(path = "pages/exemptions/new.html")]
struct New {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    scope: String,
    path: String,
    list: String,
    token: Token,
    user: Account,
    kind: String,
    is_blocked_here: bool,
    against: Vec<String>,
    given: Vec<(String, String)>,
    policies: Vec<Choice>,
    ends: Vec<Choice>,
    typed: Typed,
}

/// An answer with what follows from it.
struct Choice {
    value: String,
    label: String,
    consequence: String,
    is_chosen: bool,
    is_off: bool,
}

/// What the form holds, with the mistakes in it.
#[derive(Debug, Clone, Default)]
struct Typed {
    policy: String,
    expires: String,
    day: String,
    reason: String,
    errors: Vec<(&'static str, String)>,
}

impl Typed {
    fn read(fields: &Fields) -> Self {
        let text = |name| fields.get(name).trim().to_owned();
        Self {
            policy: text("policy"),
            expires: text("expires"),
            day: text("expires-on"),
            reason: fields.get("reason").to_owned(),
            errors: Vec::new(),
        }
    }

    /// The mistake in a field; empty where there is none.
    fn error(&self, field: &str) -> &str {
        let found = self.errors.iter().find(|(known, _)| *known == field);
        found.map_or("", |(_, text)| text)
    }

    fn tell(&mut self, field: &'static str, message: impl std::fmt::Display) {
        self.errors
            .push((field, format!("{}.", titled(message.to_string()))));
    }

    fn until(&self, now: Timestamp) -> Result<Timestamp, String> {
        if self.expires == "custom" {
            let unreadable = || {
                let typed: String = self.day.chars().take(40).collect();
                format!("`{typed}` is no day: write it as `2027-01-31`")
            };
            let day = NaiveDate::parse_from_str(&self.day, "%Y-%m-%d").map_err(|_| unreadable())?;
            return until_day(day, now).map_err(|mistake| mistake.to_string());
        }
        let preset = PRESETS.iter().find(|days| days.to_string() == self.expires);
        let days = preset.ok_or("choose until when the token is exempt")?;
        Ok(now.plus_days(i64::from(*days)))
    }

    /// What is asked for; or the mistakes are noted.
    fn settle(&mut self, case: &Case, now: Timestamp) -> Option<(Exempted, Timestamp)> {
        let policy = self.policy.parse::<Exempted>().ok();
        match policy {
            None => self.tell("policy", "choose the policy that the token is exempt from"),
            Some(policy) if case.stand.is_decided_above(policy) => {
                self.tell("policy", ExemptionMistake::SetAbove);
            }
            Some(_) => {}
        }
        let until = match self.until(now) {
            Ok(until) => Some(until),
            Err(message) => {
                self.tell("until", message);
                None
            }
        };
        // The date was checked where it was read.
        let any = until.unwrap_or(now.plus_days(1));
        if let Err(mistakes) = check_exemption(any, &self.reason, now) {
            self.tell_all(&mistakes);
        }
        (self.errors.is_empty())
            .then_some(())
            .and(policy.zip(until))
    }

    fn tell_all(&mut self, mistakes: &[ExemptionMistake]) {
        for mistake in mistakes {
            let field = match mistake {
                ExemptionMistake::SetAbove => "policy",
                ExemptionMistake::Over | ExemptionMistake::TooLong => "until",
                ExemptionMistake::NoReason | ExemptionMistake::ReasonTooLong(_) => "reason",
            };
            self.tell(field, mistake);
        }
    }
}

/// A token with everything that the page says of it.
struct Case {
    token: Token,
    user: Account,
    stand: Stand,
    given: Vec<Given>,
    is_blocked_here: bool,
}

impl Case {
    /// The token in the address; one that does not reach the organization or enterprise, or ended, does not exist.
    async fn find(app: &App, owner: &ScopeOwner, query: &Fields) -> PageResult<Self> {
        let (scope, now) = (owner.account().id, owner.signed_in().now());
        let id: TokenId = query
            .get("token")
            .parse()
            .map_err(|_| PageError::NotFound)?;
        let mut db = app.context.store.reader();
        let token = tokens::find(&mut db, id)
            .await?
            .filter(|token| token.state == TokenState::Live)
            .ok_or(PageError::NotFound)?;
        if !records::reaches(&mut db, token.id, token.kind, scope).await? {
            return Err(PageError::NotFound);
        }
        let user = accounts::find(&mut db, token.user_id).await?;
        let mut given = exemption_lists::list_of_tokens(&mut db, scope, &[id], now).await?;
        let blocks = match token.kind {
            TokenKind::FineGrained => Vec::new(),
            TokenKind::Classic => exceptions::list_blocks(&mut db, id).await?,
        };
        Ok(Self {
            user: user.ok_or(PageError::NotFound)?,
            stand: Stand::load(&mut db, owner, &token, now).await?,
            given: given.remove(&id).unwrap_or_default(),
            is_blocked_here: blocks.iter().any(|block| block.owner_id == scope),
            token,
        })
    }

    fn policies(&self, typed: &Typed) -> Vec<Choice> {
        let choice = |policy: &Exempted| Choice {
            value: policy.as_str().to_owned(),
            label: titled(policy.title()),
            consequence: self.stand.consequence(*policy),
            is_chosen: typed.policy == policy.as_str(),
            is_off: self.stand.is_decided_above(*policy),
        };
        Exempted::ALL.iter().map(choice).collect()
    }

    /// What is likely wanted: the policy that stands in the token's way.
    fn likely(&self) -> &'static str {
        let mut all = Exempted::ALL.iter();
        let found = all.find(|policy| self.stand.lifts(**policy));
        found.map_or("", |policy| policy.as_str())
    }
}

fn ends(typed: &Typed, now: Timestamp) -> Vec<Choice> {
    let preset = |days: &u16| Choice {
        value: days.to_string(),
        label: format!("{days} days"),
        consequence: format!("Until {}.", summary::date(now.plus_days(i64::from(*days)))),
        is_chosen: typed.expires == days.to_string(),
        is_off: false,
    };
    let mut all: Vec<_> = PRESETS.iter().map(preset).collect();
    all.push(Choice {
        value: "custom".to_owned(),
        label: "Until a day of your choice".to_owned(),
        consequence: format!(
            "At the latest {}. Days are counted in UTC.",
            summary::date(now.plus_days(LONGEST_DAYS))
        ),
        is_chosen: typed.expires == "custom",
        is_off: false,
    });
    all
}

/// Shows the form.
pub async fn get(
    State(app): State<App>,
    owner: ScopeOwner,
    QueryFields(query): QueryFields,
) -> PageResult {
    let case = Case::find(&app, &owner, &query).await?;
    let restored = owner.signed_in().restored(&app, &query).await?;
    let mut typed = Typed::read(restored.as_ref().unwrap_or(&query));
    if restored.is_none() {
        if typed.policy.parse::<Exempted>().is_err() {
            case.likely().clone_into(&mut typed.policy);
        }
        PRESETS[0].to_string().clone_into(&mut typed.expires);
    }
    show(&app, &owner, case, typed, StatusCode::OK).await
}

/// Exempts the token.
pub async fn post(
    State(app): State<App>,
    owner: ScopeOwner,
    QueryFields(query): QueryFields,
    Form(fields): Form,
) -> PageResult {
    let case = Case::find(&app, &owner, &query).await?;
    let (mut typed, signed_in) = (Typed::read(&fields), owner.signed_in());
    let Some((policy, until)) = typed.settle(&case, signed_in.now()) else {
        return show(&app, &owner, case, typed, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let act = format!(
        "exempt {}'s token {} from the {} of {}",
        case.user.login,
        case.token.name,
        policy.title(),
        owner.name()
    );
    let path = give_path(&list_path(&owner), case.token.id);
    let kept = fields.without(&["csrf"]);
    if let Some(way) = signed_in.ask_first(&app, &act, &path, &kept).await {
        return Ok(way);
    }
    let wish = Wish {
        token: case.token.id,
        policy,
        until,
        reason: &typed.reason,
    };
    let origin = signed_in.origin();
    match exempt_token(&app.context, &origin, owner.account().id, &wish).await {
        Ok(()) => Ok(done(&owner, &case, &wish).await),
        Err(ExemptError::Mistakes(mistakes)) => {
            typed.tell_all(&mistakes);
            show(&app, &owner, case, typed, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(ExemptError::NotFound | ExemptError::NotAnOwner | ExemptError::Over) => {
            Err(PageError::NotFound)
        }
        Err(ExemptError::Store(error)) => Err(error.into()),
    }
}

async fn done(owner: &ScopeOwner, case: &Case, wish: &Wish<'_>) -> Response {
    let text = format!(
        "Exempted {}'s token {} from the {} of {} until {}. It counts from the next call on.",
        case.user.login,
        case.token.name,
        wish.policy.title(),
        owner.name(),
        summary::date(wish.until)
    );
    owner.signed_in().flash(FlashKind::Success, text).await;
    Redirect::to(&list_path(owner)).into_response()
}

async fn show(
    app: &App,
    owner: &ScopeOwner,
    case: Case,
    typed: Typed,
    status: StatusCode,
) -> PageResult<Response> {
    let (list, now) = (list_path(owner), owner.signed_in().now());
    let title = format!("Exempt {} of {}", case.token.name, case.user.login);
    let trail = vec![
        Crumb::link("Exemptions", &list),
        Crumb::text("Exempt a token"),
    ];
    let (chrome, nav) = owner.around(app, &title, &list_path(owner), trail).await?;
    let given = case.given.iter();
    let template = New {
        chrome,
        nav,
        now: now.as_micros(),
        scope: owner.name().to_owned(),
        path: give_path(&list, case.token.id),
        kind: titled(kind_word(case.token.kind)),
        is_blocked_here: case.is_blocked_here,
        against: case.stand.against(),
        given: given
            .map(|given| (one_path(&list, given.id), sentence(given)))
            .collect(),
        policies: case.policies(&typed),
        ends: ends(&typed, now),
        list,
        token: case.token,
        user: case.user,
        typed,
    };
    Ok(page(status, template))
}
