//! `/settings/tokens/{id}/regenerate`: a new secret and a new life. Lives that are refused nowhere come first; an address
//! with `?expires=30` chooses one, for those who come from a token that a limit stands against.

use axum::extract::{Path, State};

use super::expires::{Limits, asked_days};
use super::ground::{Ground, Obstacle};
use super::new::CONFIRMED;
use super::{LIST, find_own, nav, page_of};
use crate::actions::regenerate::regenerate;
use crate::app::App;
use crate::domain::policy::exemption::Exemption;
use crate::domain::token::expiry::Lifetime;
use crate::domain::token::rotation::LONGEST_OVERLAP;
use crate::store::exceptions;
use crate::store::tokens::Token;
use crate::web::chrome::Chrome;
use crate::web::error::{PageResult, page};
use crate::web::extract::SignedIn;
use crate::web::form::{Fields, Form, QueryFields};
use crate::web::pages::tokens::dependents::Dependents;
use crate::web::pages::tokens::form::{Answers, expires_help, status_of};
use crate::web::pages::tokens::new::like::choose_life;
use crate::web::pages::tokens::regenerate::{Done, RegeneratePage, Typed, mistakes_of, show};

/// A token with everything that the steps work with.
struct Visit {
    app: App,
    signed_in: SignedIn,
    token: Token,
    ground: Ground,
    exemptions: Vec<Exemption>,
}

impl Visit {
    async fn begin(app: App, signed_in: SignedIn, id: &str) -> PageResult<Self> {
        let token = find_own(&app, &signed_in, id).await?;
        let mut db = app.context.store.reader();
        let ground = Ground::load(&mut db, signed_in.user.id, signed_in.now()).await?;
        let exemptions = exceptions::list_of_token(&mut db, token.id).await?;
        Ok(Self {
            app,
            signed_in,
            token,
            ground,
            exemptions,
        })
    }

    fn limits(&self) -> Limits<'_> {
        Limits {
            ground: &self.ground,
            exemptions: &self.exemptions,
            now: self.signed_in.now(),
        }
    }

    fn path(&self) -> String {
        format!("{}/regenerate", page_of(&self.token))
    }

    fn chrome(&self, title: &str) -> Chrome {
        super::chrome(&self.signed_in, title)
            .crumb(&self.token.name, page_of(&self.token))
            .here("Regenerate")
    }

    /// The form as it begins: with the life that the address asks for, or one as long as before where that is refused
    /// nowhere.
    fn beginning(&self, asked: Option<u16>) -> Typed {
        let mut answers = Answers::default();
        if let Some(days) = asked {
            self.limits().choose(&mut answers, days);
        } else {
            choose_life(self.signed_in.now(), &self.token, &mut answers);
            self.limits().choose_compliant(&mut answers);
        }
        Typed::beginning(answers)
    }

    async fn form(
        &self,
        typed: Typed,
        errors: Vec<(String, String)>,
        mut notes: Vec<String>,
    ) -> PageResult {
        let typed = typed.numbered(&*self.app.context.entropy);
        let now = self.signed_in.now();
        let limits = self.limits().against(Lifetime::Unlimited);
        notes.extend(limits.iter().map(Obstacle::sentence));
        let mut db = self.app.context.store.reader();
        let status = status_of(errors.is_empty());
        let template = RegeneratePage {
            chrome: self.chrome(&format!("Regenerate {}", self.token.name)),
            nav: nav(LIST),
            now: now.as_micros(),
            action: self.path(),
            cancel: page_of(&self.token),
            expires: self.limits().draw(&typed.answers),
            expires_help: expires_help(None),
            number: typed.answers.number,
            expires_on: typed.answers.expires_on,
            is_overlapping: typed.is_overlapping,
            hours: typed.hours,
            longest: LONGEST_OVERLAP.to_string(),
            notes,
            dependents: Dependents::find(&mut db, self.token.id, now).await?,
            errors,
        };
        Ok(page(status, template))
    }

    async fn regenerate(&self, fields: &Fields) -> PageResult {
        let typed = Typed::read(fields);
        let wish = match typed.wish(fields.get("old")) {
            Ok(wish) => wish,
            Err(errors) => return self.form(typed, errors, Vec::new()).await,
        };
        let (app, signed_in) = (&self.app, &self.signed_in);
        let path = self.path();
        let confirm = signed_in.ask_first(app, "regenerate a classic token", &path, fields);
        if let Some(response) = confirm.await {
            return Ok(response);
        }
        let (origin, user) = (signed_in.origin(), signed_in.user.id);
        match regenerate(&app.context, &origin, user, self.token.id, &wish).await {
            Ok(made) => Ok(show(Done {
                chrome: self.chrome("Your new secret"),
                list: LIST,
                token: &self.token,
                made: &made,
                now: signed_in.now(),
            })),
            Err(error) => {
                let errors = mistakes_of(error, page_of(&self.token))?;
                self.form(typed, errors, Vec::new()).await
            }
        }
    }
}

/// Shows the form: as it begins, or as it was before a confirmation.
pub async fn get(
    signed_in: SignedIn,
    State(app): State<App>,
    Path(id): Path<String>,
    QueryFields(query): QueryFields,
) -> PageResult {
    let restored = signed_in.restored(&app, &query).await?;
    let visit = Visit::begin(app, signed_in, &id).await?;
    if let Some(fields) = restored {
        let notes = vec![CONFIRMED.to_owned()];
        return visit.form(Typed::read(&fields), Vec::new(), notes).await;
    }
    let asked = asked_days(query.get("expires"));
    if asked.is_none() && query.has("expires") {
        let message = "The address asks for a life that cannot be chosen: choose another one.";
        let errors = vec![("expiration".to_owned(), message.to_owned())];
        return visit.form(visit.beginning(None), errors, Vec::new()).await;
    }
    visit
        .form(visit.beginning(asked), Vec::new(), Vec::new())
        .await
}

/// Replaces the secret.
pub async fn post(
    signed_in: SignedIn,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(fields): Form,
) -> PageResult {
    let visit = Visit::begin(app, signed_in, &id).await?;
    visit.regenerate(&fields).await
}
