//! Why a decision was not carried out, as a page that says what happened and leads back.

use super::history;
use super::reviewer::Reviewer;
use crate::actions::refuse::{Obstacle, ReviewError};
use crate::app::App;
use crate::domain::approval::decide::DecideError;
use crate::domain::approval::words::{self, Names, Past, Said};
use crate::domain::ids::{AccountId, GrantId, RequestId};
use crate::domain::time::Timestamp;
use crate::store::reviews::HistoryOf;
use crate::store::{accounts, grants, requests};
use crate::web::error::{PageError, PageResult};

/// What was to be decided, and where the page leads back to.
#[derive(Debug, Clone)]
pub struct Matter<'a> {
    /// Names for the sentences.
    pub names: Names<'a>,
    /// The link back: what it is called and where it leads.
    pub back: (&'a str, String),
}

impl Matter<'_> {
    fn conflict(&self, said: Said) -> PageError {
        PageError::Conflict {
            title: said.title,
            text: said.text,
            back: (self.back.0.to_owned(), self.back.1.clone()),
        }
    }
}

/// Why a request was not decided; what happened to it meanwhile is read again.
pub async fn undecided(
    app: &App,
    reviewer: &Reviewer,
    matter: &Matter<'_>,
    request: RequestId,
    error: ReviewError,
) -> PageError {
    let ReviewError::Request(error) = error else {
        return other(matter, error);
    };
    match overtaken(app, reviewer, matter, request, error).await {
        Ok(error) | Err(error) => error,
    }
}

/// Who was first, or what changed, with the way to what waits now.
async fn overtaken(
    app: &App,
    reviewer: &Reviewer,
    matter: &Matter<'_>,
    request: RequestId,
    error: DecideError,
) -> PageResult<PageError> {
    let mut db = app.context.store.reader();
    let now = requests::find(&mut db, request)
        .await?
        .ok_or(PageError::NotFound)?;
    let known = Known::find(app, now.decided_by, now.decided_at, now.decision_reason).await?;
    let mut said = words::undecided(error, matter.names, known.past());
    if error == DecideError::Moved
        && let Some(change) = find_change(app, reviewer, now.grant_id, now.created_at).await?
    {
        said.text = format!("{} {change}", said.text);
    }
    let mut conflict = matter.conflict(said);
    let successor = requests::find_pending(&mut db, now.grant_id).await?;
    if let (Some(next), PageError::Conflict { back, .. }) = (successor, &mut conflict)
        && next.id != request
    {
        *back = (
            "Open the request that replaced it".to_owned(),
            reviewer.paths.request(next.id),
        );
    }
    Ok(conflict)
}

/// What happened to a grant last, since a request was made.
async fn find_change(
    app: &App,
    reviewer: &Reviewer,
    grant: GrantId,
    since: Timestamp,
) -> PageResult<Option<String>> {
    let grant = grants::find(&mut app.context.store.reader(), grant).await?;
    let Some(grant) = grant else { return Ok(None) };
    let of = HistoryOf::Token(grant.token_id);
    let steps = history::list(app, reviewer.owner.id, of).await?;
    let last = steps
        .into_iter()
        .find(|step| step.is_of_access && step.kind != "pending" && step.at >= since.as_micros());
    Ok(last.map(|step| format!("Last: {}.", step.text)))
}

/// Why a grant was not revoked; what happened to it meanwhile is read again.
pub async fn unrevoked(
    app: &App,
    matter: &Matter<'_>,
    grant: GrantId,
    error: ReviewError,
) -> PageError {
    let ReviewError::Grant(error) = error else {
        return other(matter, error);
    };
    let found = grants::find(&mut app.context.store.reader(), grant).await;
    let known = match found {
        Ok(Some(now)) => Known::find(app, now.decided_by, now.ended_at, now.reason).await,
        Ok(None) => return PageError::NotFound,
        Err(cause) => return cause.into(),
    };
    match known {
        Ok(known) => matter.conflict(words::unrevoked(error, matter.names, known.past())),
        Err(cause) => cause,
    }
}

/// What stands against deciding one of many, in the words that it would have alone.
pub fn said(obstacle: &Obstacle, names: Names<'_>, past: Past<'_>) -> Said {
    match obstacle {
        Obstacle::Request(error) => words::undecided(*error, names, past),
        Obstacle::Grant(error) => words::unrevoked(*error, names, past),
        Obstacle::NotFound => Said {
            title: "There is no such request or token here".to_owned(),
            text: "It may belong to another account. Nothing was changed.".to_owned(),
        },
        Obstacle::OwnRequest => Said {
            title: "This request is your own".to_owned(),
            text: "Another owner has to decide it. Nothing was changed.".to_owned(),
        },
        Obstacle::Part(_) => Said {
            title: "This is no part of the request".to_owned(),
            text: "It was not asked for. Nothing was changed.".to_owned(),
        },
    }
}

fn other(matter: &Matter<'_>, error: ReviewError) -> PageError {
    let none = Past::default();
    match error {
        ReviewError::NotFound => PageError::NotFound,
        ReviewError::Request(error) => {
            matter.conflict(said(&Obstacle::Request(error), matter.names, none))
        }
        ReviewError::Grant(error) => {
            matter.conflict(said(&Obstacle::Grant(error), matter.names, none))
        }
        ReviewError::Part(mistakes) => {
            matter.conflict(said(&Obstacle::Part(mistakes), matter.names, none))
        }
        ReviewError::OwnRequest => {
            let Said { title, text } = said(&Obstacle::OwnRequest, matter.names, none);
            PageError::Forbidden { title, text }
        }
        ReviewError::ReasonTooLong(_) => PageError::Unprocessable {
            title: "The reason is too long".to_owned(),
            text: format!("Nothing was changed: {error}."),
            back: (matter.back.0.to_owned(), matter.back.1.clone()),
        },
        ReviewError::Store(cause) => cause.into(),
    }
}

/// An earlier decision, with the login of who made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// By whom; none where it was nobody.
    pub by: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
    /// Why.
    pub reason: String,
}

impl Known {
    /// Looks up who made a decision.
    pub async fn find(
        app: &App,
        by: Option<AccountId>,
        at: Option<Timestamp>,
        reason: String,
    ) -> PageResult<Self> {
        let by = match by {
            Some(by) => accounts::find(&mut app.context.store.reader(), by).await?,
            None => None,
        };
        Ok(Self {
            by: by.map(|account| account.login),
            at,
            reason,
        })
    }

    fn past(&self) -> Past<'_> {
        Past {
            by: self.by.as_deref(),
            at: self.at,
            reason: &self.reason,
        }
    }
}
