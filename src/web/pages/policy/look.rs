//! What an address or a form asks to look at: a change that nobody saved yet, or a version that begins later.

use super::form::{Errors, Typed};
use super::kind;
use super::show::load;
use crate::actions::preview_policy::preview_policy;
use crate::actions::save_policy::PolicyCase;
use crate::app::App;
use crate::domain::policy::Layer;
use crate::domain::policy::preview::{Looked, Preview};
use crate::domain::policy::start::Start;
use crate::domain::policy::wish::PolicyMistake;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::web::error::{PageError, PageResult};
use crate::web::filters::counted;
use crate::web::form::Fields;
use crate::web::pages::scope_owner::ScopeOwner;

/// A change with what it would do.
pub(super) struct Look {
    pub(super) kind: TokenKind,
    pub(super) before: Layer,
    pub(super) after: Layer,
    pub(super) at: Timestamp,
    pub(super) start: Start,
    pub(super) preview: Preview,
    /// What a save hands in as proof of the look.
    pub(super) digest: String,
    /// Whether somebody has to accept that it may interrupt managed users.
    pub(super) is_risky: bool,
    /// The number of the version ahead, where that is what is looked at.
    pub(super) ahead: Option<i64>,
}

impl Look {
    /// Looks at a change that nobody saved yet.
    pub(super) async fn at_change(
        app: &App,
        case: &PolicyCase,
        after: Layer,
        start: Start,
        at: Timestamp,
    ) -> PageResult<Self> {
        let (scope, kind) = (case.scope.id, case.kind);
        let preview = preview_policy(&app.context, scope, kind, after, at).await?;
        let looked = Looked {
            scope,
            kind,
            proposed: after,
            start,
        };
        Ok(Self {
            kind,
            before: case.own(),
            after,
            at,
            start,
            digest: preview.digest(&looked),
            preview,
            is_risky: case.is_risky(after),
            ahead: None,
        })
    }

    /// Looks at the version that begins later, if it has this number.
    async fn at_ahead(
        app: &App,
        owner: &ScopeOwner,
        kind: TokenKind,
        number: &str,
    ) -> PageResult<Self> {
        let case = load(app, owner, kind).await?;
        let ahead = case.standing.ahead.as_ref();
        let ahead = ahead.filter(|ahead| ahead.version.to_string() == number);
        let Some(ahead) = ahead.cloned() else {
            return Err(PageError::Conflict {
                title: "This version of the policy is not ahead any more".to_owned(),
                text: "It has begun, or an owner took it back or saved another one.".to_owned(),
                back: owner.back(kind),
            });
        };
        let start = Start::On(ahead.effective_at.date());
        let look = Self::at_change(app, &case, ahead.layer, start, ahead.effective_at).await?;
        Ok(Self {
            ahead: Some(ahead.version),
            ..look
        })
    }
}

/// What an address asks to look at.
pub(super) enum Asked {
    /// This.
    Look(Box<Look>),
    /// Something that cannot be set, with what is wrong with it at the fields of the policy.
    Mistaken(Errors),
    /// Something that cannot begin then.
    Misdated(Errors),
}

/// Reads what an address asks to look at.
pub(super) async fn read(
    app: &App,
    owner: &ScopeOwner,
    fields: &Fields,
    typed: &Typed,
) -> PageResult<Asked> {
    let kind = kind(fields);
    if fields.has("ahead") {
        let look = Look::at_ahead(app, owner, kind, fields.get("ahead")).await?;
        return Ok(Asked::Look(Box::new(look)));
    }
    let wish = match typed.wish(owner.account().kind) {
        Ok(wish) => wish,
        Err(errors) => return Ok(Asked::Mistaken(errors)),
    };
    let (case, now) = (load(app, owner, kind).await?, owner.signed_in().now());
    let (after, _) = match case.plan(wish, Start::Now, true, now) {
        Ok(planned) => planned,
        Err(mistakes) => return Ok(Asked::Mistaken(owner.messages(app, &mistakes).await?)),
    };
    let start = match typed.start() {
        Ok(start) => start,
        Err(errors) => return Ok(Asked::Misdated(errors)),
    };
    match start.instant(now) {
        Ok(at) => {
            let look = Look::at_change(app, &case, after, start, at).await?;
            Ok(Asked::Look(Box::new(look)))
        }
        Err(mistake) => {
            let mistake = [PolicyMistake::Start(mistake)];
            Ok(Asked::Misdated(owner.messages(app, &mistake).await?))
        }
    }
}

/// What a change does to the tokens that are there, in a sentence or two.
pub(super) fn effect(preview: &Preview) -> String {
    let blocked = match preview.blocked_tokens() {
        0 => "It blocks nothing that works now.".to_owned(),
        blocked => format!(
            "It blocks {} of {}.",
            number(blocked, "token", "tokens"),
            number(preview.blocked_people(), "person", "people"),
        ),
    };
    match preview.freed_tokens() {
        0 => blocked,
        freed => format!(
            "{blocked} It lets {} in again.",
            number(freed, "token", "tokens")
        ),
    }
}

/// How many of the tokens that a change blocks will be missed.
pub(super) fn uses(preview: &Preview, now: Timestamp) -> String {
    match (preview.blocked_tokens(), preview.blocked_in_use(now)) {
        (0, _) => String::new(),
        (_, 0) => "None of them was used in the last 7 days.".to_owned(),
        (_, 1) => "1 was used in the last 7 days.".to_owned(),
        (_, used) => format!("{used} were used in the last 7 days."),
    }
}

fn number(count: usize, one: &str, many: &str) -> String {
    counted(i64::try_from(count).unwrap_or(i64::MAX), one, many)
}
