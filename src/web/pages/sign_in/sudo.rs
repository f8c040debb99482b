//! `/sudo`: asking for the passkey again before something that matters, and leading back to the form that waits.
//!
//! Nothing runs by the way back: the form is shown as it was typed, and its button is pressed once more.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::actions::sign_in::{self, UsedPasskey};
use crate::app::App;
use crate::store::forms::WaitingForm;
use crate::store::sign_in::list_passkeys;
use crate::web::chrome::Chrome;
use crate::web::error::{PageResult, page};
use crate::web::extract::SignedIn;
use crate::web::form::{Fields, Form, QueryFields};
use crate::web::passkeys::{self, Begun, OurScript, Refusal, told};
use crate::web::urls;

/// The page.
#[derive(Template)]
#[template(path = "pages/sign_in/sudo.html")]
struct Sudo {
    chrome: Chrome,
    /// What waits, in words; empty when nothing does.
    act: String,
    draft: String,
    /// Where somebody goes who does not want to.
    back: String,
    has_passkey: bool,
    problem: String,
}

/// Says what waits and asks for the passkey; whoever has just confirmed goes on.
pub async fn get(
    State(app): State<App>,
    signed_in: SignedIn,
    QueryFields(query): QueryFields,
) -> PageResult {
    let draft = query.get("draft");
    let form = signed_in.waiting(&app, draft).await?;
    if signed_in.is_confirmed() {
        return Ok(Redirect::to(&way_back(form.as_ref(), draft)).into_response());
    }
    show(&app, &signed_in, draft, form, None).await
}

/// Begins the ceremony.
pub async fn begin(
    State(app): State<App>,
    signed_in: SignedIn,
    _: OurScript,
) -> Result<Json<Begun>, Refusal> {
    passkeys::begin_confirmation(&app, signed_in.user.id)
        .await
        .map(Json)
}

/// Checks the passkey and leads back to the form.
pub async fn post(State(app): State<App>, signed_in: SignedIn, Form(answer): Form) -> PageResult {
    let draft = answer.get("draft");
    let form = signed_in.waiting(&app, draft).await?;
    let used = match prove(&app, &signed_in, &answer).await {
        Ok(used) => used,
        Err(refusal) => return show(&app, &signed_in, draft, form, Some(refusal)).await,
    };
    let origin = signed_in.origin();
    if !sign_in::confirm(&app.context, &origin, signed_in.user.id, used.as_ref()).await? {
        let refusal = Refusal::Told(passkeys::REMOVED);
        return show(&app, &signed_in, draft, form, Some(refusal)).await;
    }
    let passkey = used.map(|used| used.id);
    signed_in.session.confirm(passkey).await?;
    Ok(Redirect::to(&way_back(form.as_ref(), draft)).into_response())
}

/// The passkey that was shown; none in a demonstration that was told to go on without.
async fn prove(
    app: &App,
    signed_in: &SignedIn,
    answer: &Fields,
) -> Result<Option<UsedPasskey>, Refusal> {
    if app.config.demo && answer.has("without_passkey") {
        return Ok(None);
    }
    passkeys::finish_confirmation(app, signed_in.user.id, answer)
        .await
        .map(Some)
}

async fn show(
    app: &App,
    signed_in: &SignedIn,
    draft: &str,
    form: Option<WaitingForm>,
    refusal: Option<Refusal>,
) -> PageResult<Response> {
    let (status, problem) = told(refusal)?;
    let passkeys = list_passkeys(&mut app.context.store.reader(), signed_in.user.id).await?;
    let sudo = Sudo {
        chrome: signed_in.chrome("Confirm it's you"),
        back: way_back(form.as_ref(), draft),
        act: form.map(|form| form.act).unwrap_or_default(),
        draft: draft.to_owned(),
        has_passkey: !passkeys.is_empty(),
        problem,
    };
    Ok(page(status, sudo))
}

/// The form's page, filled as it was left; the home page when nothing waits.
fn way_back(form: Option<&WaitingForm>, draft: &str) -> String {
    form.and_then(|form| urls::local_path(&form.path))
        .map_or_else(|| "/".to_owned(), |path| urls::with_draft(path, draft))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(path: &str) -> WaitingForm {
        WaitingForm {
            path: path.to_owned(),
            act: "generate a token".to_owned(),
            fields: String::new(),
        }
    }

    #[test]
    fn the_way_back_leads_to_the_form_as_it_was_left() {
        assert_eq!(way_back(Some(&waiting("/new")), "abc"), "/new?draft=abc");
        assert_eq!(way_back(None, "abc"), "/");
    }

    #[test]
    fn the_way_back_never_leads_to_another_site() {
        assert_eq!(way_back(Some(&waiting("//evil.test")), "abc"), "/");
    }
}
