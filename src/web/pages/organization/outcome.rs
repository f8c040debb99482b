//! Why a decision was not carried out, as a page that says what happened and leads back.

use crate::actions::refuse::ReviewError;
use crate::app::App;
use crate::domain::approval::words::{self, Names, Past, Said};
use crate::domain::ids::{AccountId, GrantId, RequestId};
use crate::domain::time::Timestamp;
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
    matter: &Matter<'_>,
    request: RequestId,
    error: ReviewError,
) -> PageError {
    let ReviewError::Request(error) = error else {
        return other(matter, error);
    };
    let found = requests::find(&mut app.context.store.reader(), request).await;
    let known = match found {
        Ok(Some(now)) => {
            Known::find(app, now.decided_by, now.decided_at, now.decision_reason).await
        }
        Ok(None) => return PageError::NotFound,
        Err(cause) => return cause.into(),
    };
    match known {
        Ok(known) => matter.conflict(words::undecided(error, matter.names, known.past())),
        Err(cause) => cause,
    }
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

fn other(matter: &Matter<'_>, error: ReviewError) -> PageError {
    match error {
        ReviewError::NotFound => PageError::NotFound,
        ReviewError::Request(error) => {
            matter.conflict(words::undecided(error, matter.names, Past::default()))
        }
        ReviewError::Grant(error) => {
            matter.conflict(words::unrevoked(error, matter.names, Past::default()))
        }
        ReviewError::OwnRequest => PageError::Forbidden {
            title: "This request is your own".to_owned(),
            text: "Another owner has to decide it. Nothing was changed.".to_owned(),
        },
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
