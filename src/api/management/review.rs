//! Why a review was not carried out: the same sentences that the console shows.

use super::super::call::ApiCall;
use super::super::errors::{ApiError, ApiResult, FieldError};
use crate::actions::refuse::{Blocked, ReviewError};
use crate::actions::review_many::ManyError;
use crate::domain::approval::decide::{DecideError, RevokeError};
use crate::domain::approval::words::{Names, Past, Said, undecided, unrevoked};
use crate::domain::ids::{AccountId, GrantId, RequestId};
use crate::domain::time::Timestamp;
use crate::store::{StoreError, accounts, grants, requests, tokens};

/// What was to be decided.
#[derive(Debug, Clone, Copy)]
pub enum Subject {
    /// A request.
    Request(RequestId),
    /// A grant.
    Grant(GrantId),
}

/// The answer to a review that was not carried out.
pub async fn refusal(call: &ApiCall, subject: Subject, error: ReviewError) -> ApiError {
    match said(call, subject, error).await {
        Ok(error) | Err(error) => error,
    }
}

/// What the ids of a call that decides many stand for.
#[derive(Debug)]
pub struct Chosen<Id> {
    /// What error messages call one of them.
    pub resource: &'static str,
    /// The field that holds the ids.
    pub field: &'static str,
    /// What one id names.
    pub subject: fn(Id) -> Subject,
}

/// The answer to a review of many that was not carried out: everything that stands against it, each with its id.
pub async fn many_refusal<Id: Copy + Into<i64>>(
    call: &ApiCall,
    chosen: &Chosen<Id>,
    error: ManyError<Id>,
) -> ApiError {
    let Chosen {
        resource, field, ..
    } = *chosen;
    match error {
        ManyError::Count(_) => ApiError::invalid(resource, field, error.to_string()),
        ManyError::Reason(_) => ApiError::invalid(resource, "reason", error.to_string()),
        ManyError::Store(error) => error.into(),
        ManyError::Blocked(blocked) => match all_said(call, chosen, blocked).await {
            Ok(errors) => ApiError::Invalid(errors),
            Err(error) => error,
        },
    }
}

async fn all_said<Id: Copy + Into<i64>>(
    call: &ApiCall,
    chosen: &Chosen<Id>,
    blocked: Vec<Blocked<Id>>,
) -> ApiResult<Vec<FieldError>> {
    let mut errors = Vec::with_capacity(blocked.len());
    for one in blocked {
        let message = match said(call, (chosen.subject)(one.id), one.why.into()).await? {
            ApiError::Missing(_) => "There is no such one here.".to_owned(),
            other => other.message(),
        };
        errors.push(FieldError {
            resource: chosen.resource,
            field: chosen.field.to_owned(),
            code: "custom",
            message,
            value: Some(one.id.into()),
        });
    }
    Ok(errors)
}

async fn said(call: &ApiCall, subject: Subject, error: ReviewError) -> ApiResult<ApiError> {
    Ok(match error {
        ReviewError::NotFound => ApiError::not_found(),
        ReviewError::OwnRequest => ApiError::Forbidden(
            "Nobody decides on their own requests by API: ask another owner, or decide in the console.".to_owned(),
        ),
        ReviewError::ReasonTooLong(_) => {
            ApiError::invalid("PersonalAccessToken", "reason", error.to_string())
        }
        ReviewError::Part(_) => {
            ApiError::invalid("PersonalAccessTokenRequest", "action", error.to_string())
        }
        ReviewError::Store(error) => error.into(),
        ReviewError::Request(error) => in_words(call, subject, |told| told.undecided(error)).await?,
        ReviewError::Grant(error) => in_words(call, subject, |told| told.unrevoked(error)).await?,
    })
}

async fn in_words(
    call: &ApiCall,
    subject: Subject,
    say: impl FnOnce(&Told) -> Said,
) -> ApiResult<ApiError> {
    let Some(told) = Told::load(call, subject).await? else {
        return Ok(ApiError::not_found());
    };
    let said = say(&told);
    Ok(ApiError::Unprocessable(format!(
        "{}. {}",
        said.title, said.text
    )))
}

/// The names in the sentences, and the decision that came first.
struct Told {
    owner: String,
    user: String,
    token: String,
    by: Option<String>,
    at: Option<Timestamp>,
    reason: String,
}

impl Told {
    async fn load(call: &ApiCall, subject: Subject) -> ApiResult<Option<Self>> {
        let mut db = call.db();
        let decision = match subject {
            Subject::Request(id) => requests::find(&mut db, id).await?.map(|request| {
                let decided = (
                    request.decided_by,
                    request.decided_at,
                    request.decision_reason,
                );
                (request.grant_id, decided)
            }),
            Subject::Grant(id) => grants::find(&mut db, id)
                .await?
                .map(|grant| (id, (grant.decided_by, grant.ended_at, grant.reason))),
        };
        let Some((grant, (by, at, reason))) = decision else {
            return Ok(None);
        };
        let Some(grant) = grants::find(&mut db, grant).await? else {
            return Ok(None);
        };
        let Some(token) = tokens::find(&mut db, grant.token_id).await? else {
            return Ok(None);
        };
        Ok(Some(Self {
            owner: call.permit.account()?.login.clone(),
            user: login(call, Some(token.user_id)).await?.unwrap_or_default(),
            token: token.name,
            by: login(call, by).await?,
            at,
            reason,
        }))
    }

    fn names(&self) -> Names<'_> {
        Names {
            owner: &self.owner,
            user: &self.user,
            token: &self.token,
        }
    }

    fn past(&self) -> Past<'_> {
        Past {
            by: self.by.as_deref(),
            at: self.at,
            reason: &self.reason,
        }
    }

    fn undecided(&self, error: DecideError) -> Said {
        undecided(error, self.names(), self.past())
    }

    fn unrevoked(&self, error: RevokeError) -> Said {
        unrevoked(error, self.names(), self.past())
    }
}

async fn login(call: &ApiCall, id: Option<AccountId>) -> Result<Option<String>, StoreError> {
    let ids: Vec<_> = id.into_iter().collect();
    let found = accounts::list_by_ids(&mut call.db(), &ids).await?;
    Ok(found.into_iter().next().map(|account| account.login))
}
