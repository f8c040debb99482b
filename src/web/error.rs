//! What a page answers when it cannot do what was asked: what happened, what to do, a way back, the request's id.
//!
//! A [`PageError`] leaves a handler as a note on the response; [`render`], which knows the request, draws the page. So
//! refusals that no page has made (an unknown address, a panic) look the same.

use std::error::Error;

use askama::Template;
use axum::body::Body;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};

use super::chrome::{Chrome, Viewer};
use super::extract;
use super::session::ConsoleSession;
use crate::app::App;
use crate::server::meta::RequestMeta;
use crate::store::StoreError;

/// What pages return.
pub type PageResult<T = Response> = Result<T, PageError>;

/// Why a page cannot be shown, or an act not done.
#[derive(Debug)]
pub enum PageError {
    /// There is no such page, or it is not for this visitor: the two look alike.
    NotFound,
    /// The page exists, but nothing can be sent to it in this way.
    MethodNotAllowed,
    /// It is refused, and saying why gives nothing away.
    Forbidden {
        /// What happened.
        title: String,
        /// Why, and what to do.
        text: String,
    },
    /// It was here, and is over: a link that was used.
    Gone {
        /// What happened.
        title: String,
        /// Why, and what to do.
        text: String,
    },
    /// Somebody else was faster.
    Conflict {
        /// What happened.
        title: String,
        /// Why, and what to do.
        text: String,
        /// The way back: what it is called and where it leads.
        back: (String, String),
    },
    /// What was sent cannot be done as it is, and no form is there to show it in.
    Unprocessable {
        /// What happened.
        title: String,
        /// Why, and what to do.
        text: String,
        /// The way back: what it is called and where it leads.
        back: (String, String),
    },
    /// The form is longer than any that a page sends.
    TooLarge,
    /// Too much was asked in a short time.
    TooMany {
        /// After how many seconds it may be tried again.
        retry_after: u32,
    },
    /// The server cannot know just now.
    Unavailable,
    /// The server failed. The cause is logged here and shown to nobody.
    Internal(Box<dyn Error + Send + Sync>),
}

impl PageError {
    /// A failure of the server with its cause.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }
}

impl From<StoreError> for PageError {
    /// A database that cannot be reached is no fault of the page: trying again helps.
    fn from(cause: StoreError) -> Self {
        match cause {
            StoreError::PoolTimedOut | StoreError::PoolClosed | StoreError::Io(_) => {
                tracing::error!(%cause, "the database cannot be reached");
                Self::Unavailable
            }
            cause => Self::internal(cause),
        }
    }
}

impl From<tower_sessions::session::Error> for PageError {
    fn from(cause: tower_sessions::session::Error) -> Self {
        Self::internal(cause)
    }
}

impl From<askama::Error> for PageError {
    fn from(cause: askama::Error) -> Self {
        Self::internal(cause)
    }
}

/// An error page's words, on their way to [`render`].
#[derive(Debug, Clone)]
struct Words {
    status: StatusCode,
    title: String,
    text: String,
    back: (String, String),
}

impl Words {
    fn new(status: StatusCode, title: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            status,
            title: title.into(),
            text: text.into(),
            back: ("Back to what waits for you".to_owned(), "/".to_owned()),
        }
    }

    fn back(self, back: (String, String)) -> Self {
        Self { back, ..self }
    }

    /// The page for a refusal that carries no words of ours.
    fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND => PageError::NotFound.words(),
            StatusCode::METHOD_NOT_ALLOWED => PageError::MethodNotAllowed.words(),
            StatusCode::PAYLOAD_TOO_LARGE => PageError::TooLarge.words(),
            StatusCode::SERVICE_UNAVAILABLE => PageError::Unavailable.words(),
            status if status.is_server_error() => failure(),
            status => Self::new(
                status,
                "This cannot be done",
                "Nothing was changed. Go back and try it from the page it belongs to.",
            ),
        }
    }
}

fn failure() -> Words {
    Words::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "Grantry failed to do this",
        "It is not your doing, and it has been written down. Try again; if it stays, give the request id below to the \
         people who run this installation.",
    )
}

impl PageError {
    fn words(self) -> Words {
        match self {
            Self::NotFound => Words::new(
                StatusCode::NOT_FOUND,
                "There is no such page",
                "The address may be mistyped, or what it showed is gone, or it belongs to somebody else.",
            ),
            Self::MethodNotAllowed => Words::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "This page cannot be used in that way",
                "Nothing was changed. Open the page and use the form on it.",
            ),
            Self::Forbidden { title, text } => Words::new(StatusCode::FORBIDDEN, title, text),
            Self::Gone { title, text } => Words::new(StatusCode::GONE, title, text),
            Self::Conflict { title, text, back } => {
                Words::new(StatusCode::CONFLICT, title, text).back(back)
            }
            Self::Unprocessable { title, text, back } => {
                Words::new(StatusCode::UNPROCESSABLE_ENTITY, title, text).back(back)
            }
            Self::TooLarge => Words::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "That is too much at once",
                "Nothing was changed. A form may hold 256 KB: go back and send less of it.",
            ),
            Self::TooMany { retry_after } => Words::new(
                StatusCode::TOO_MANY_REQUESTS,
                "That was too often in a short time",
                format!("Nothing was changed. Try again in {retry_after} seconds."),
            ),
            Self::Unavailable => Words::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "Grantry cannot answer just now",
                "It has lost touch with its database and tries to reach it again. Nothing was changed; try again in a \
                 minute.",
            ),
            Self::Internal(cause) => {
                tracing::error!(cause = %chain(cause.as_ref()), "a page failed");
                failure()
            }
        }
    }
}

/// An error with the errors that led to it.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let retry = match &self {
            Self::TooMany { retry_after } => Some(*retry_after),
            _ => None,
        };
        let words = self.words();
        let mut response = (words.status, format!("{}\n", words.title)).into_response();
        if let Some(seconds) = retry {
            response
                .headers_mut()
                .insert(axum::http::header::RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(words);
        response
    }
}

/// The page of an error.
#[derive(Template)]
#[template(path = "pages/error.html")]
struct ErrorPage {
    chrome: Chrome,
    words: Words,
    request_id: String,
}

/// Who sees a refusal: a person who is signed in keeps the menu of every other page.
#[derive(Debug, Clone)]
struct Seat {
    viewer: Viewer,
    csrf: String,
}

/// Finds out who is signed in when the answer is a refusal, for [`render`], which stands outside of the session. Where
/// that cannot be known, the page is drawn without a menu.
pub async fn seat(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let session = ConsoleSession::from_request_parts(&mut parts, &app).await;
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let is_refusal = response.status().is_client_error() || response.status().is_server_error();
    if let (true, Ok(session)) = (is_refusal, session)
        && let Ok(Some((viewer, csrf))) = extract::find_viewer(&app, &session).await
    {
        response.extensions_mut().insert(Seat { viewer, csrf });
    }
    response
}

/// Draws the page of a refusal; other answers pass.
pub async fn render(
    State(app): State<App>,
    meta: RequestMeta,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let Some(words) = words_of(&mut response) else {
        return response;
    };
    let mut chrome = Chrome::new(&words.title).demo(app.config.demo);
    if let Some(Seat { viewer, csrf }) = response.extensions_mut().remove() {
        chrome = chrome.viewer(Some(viewer)).csrf(csrf);
    }
    let template = ErrorPage {
        chrome,
        words,
        request_id: meta.request_id,
    };
    if let Ok(html) = template.render() {
        response.headers_mut().remove(CONTENT_LENGTH);
        response.headers_mut().insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        *response.body_mut() = Body::from(html);
    }
    response
}

/// The words that a handler left, or those of a bare refusal by a library.
fn words_of(response: &mut Response) -> Option<Words> {
    if let Some(words) = response.extensions_mut().remove::<Words>() {
        return Some(words);
    }
    let status = response.status();
    let is_refusal = status.is_client_error() || status.is_server_error();
    let has_own_body = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| !kind.as_bytes().starts_with(b"text/plain"));
    if !is_refusal || has_own_body {
        return None;
    }
    let words = Words::of_status(status);
    *response.status_mut() = words.status;
    Some(words)
}

/// A template as an answer with this status.
pub fn page(status: StatusCode, template: impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(cause) => PageError::from(cause).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_failure_never_shows_its_cause() {
        let response = PageError::internal("the password is xyzzy").into_response();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .expect("the body is in memory");
        assert!(!String::from_utf8_lossy(&body).contains("xyzzy"));
    }

    #[test]
    fn a_bare_refusal_of_a_library_gets_words_but_json_keeps_its_own() {
        let mut bare = (StatusCode::BAD_REQUEST, "Invalid URL").into_response();
        assert_eq!(
            words_of(&mut bare).map(|words| words.status),
            Some(StatusCode::NOT_FOUND)
        );
        let mut json = (StatusCode::CONFLICT, axum::Json("told")).into_response();
        assert!(words_of(&mut json).is_none());
        let mut fine = "fine".into_response();
        assert!(words_of(&mut fine).is_none());
    }

    #[test]
    fn too_often_says_when_to_try_again() {
        let response = PageError::TooMany { retry_after: 30 }.into_response();
        assert_eq!(response.headers()[axum::http::header::RETRY_AFTER], "30");
    }
}
