//! `/settings/tokens/{id}`: what one classic token can do, where it was used, what stands against it and the way out; and
//! its note and scopes, to be changed in place.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect};

use super::form::{Errors, Typed, error_at, told};
use super::ground::Ground;
use super::new::CONFIRMED;
use super::obstacles::{BlockView, ObstacleView};
use super::scopes::ScopeView;
use super::{LIST, find_own, nav, obstacles, page_of, scopes};
use crate::actions::edit_classic::{ClassicEdit, EditClassicError, check, edit_classic};
use crate::app::App;
use crate::domain::scope::ScopeSet;
use crate::domain::time::Timestamp;
use crate::domain::token::classic::Dropped;
use crate::domain::token::draft::Mistake;
use crate::store::ahead::list_soon_blocked;
use crate::store::records::{self, LastUse};
use crate::store::tokens::{self, Token};
use crate::store::{Db, StoreError, accounts};
use crate::web::chrome::{Chrome, FlashKind, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::extract::SignedIn;
use crate::web::form::{Fields, Form, QueryFields};
use crate::web::pages::exemptions;
use crate::web::pages::tokens::form::status_of;
use crate::web::pages::tokens::one::REFUSALS;
use crate::web::pages::tokens::one::refusals::{Refusals, group};
use crate::web::pages::tokens::standing::soon_blocked;
use crate::web::usage::Usage;

#[derive(Template)]
#[template(path = "pages/classic/one.html")]
struct TokenPage {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    id: String,
    name: String,
    beginning: String,
    created_at: i64,
    end_label: &'static str,
    expires_at: Option<Timestamp>,
    is_expired: bool,
    sentences: Vec<String>,
    obstacles: Vec<ObstacleView>,
    blocks: Vec<BlockView>,
    uses: Vec<(String, LastUse)>,
    usage: Usage,
    refusals: Vec<Refusals>,
    rev: String,
    note: String,
    scopes: Vec<ScopeView>,
    spared: Vec<String>,
    ahead: Vec<(Timestamp, String)>,
    notes: Vec<String>,
    errors: Errors,
}

impl TokenPage {
    fn error(&self, field: &str) -> String {
        error_at(&self.errors, field)
    }
}

/// A token with everything that the steps work with.
struct Visit {
    app: App,
    signed_in: SignedIn,
    token: Token,
    held: ScopeSet,
}

/// The part of the page that can be changed.
struct Edit {
    rev: String,
    typed: Typed,
}

impl Edit {
    fn read(visit: &Visit, fields: &Fields) -> Self {
        Self {
            rev: fields.get("rev").to_owned(),
            typed: Typed::read(visit.app.context.catalog, fields),
        }
    }

    fn wish(&self) -> Option<ClassicEdit> {
        Some(ClassicEdit {
            rev: self.rev.parse().ok()?,
            note: self.typed.note.clone(),
            scopes: self.typed.scopes,
        })
    }
}

impl Visit {
    async fn begin(app: App, signed_in: SignedIn, id: &str) -> PageResult<Self> {
        let token = find_own(&app, &signed_in, id).await?;
        let names = tokens::list_scopes(&mut app.context.store.reader(), token.id).await?;
        let (held, _) = scopes::find(app.context.catalog, names.iter().map(String::as_str));
        Ok(Self {
            app,
            signed_in,
            token,
            held,
        })
    }

    /// The form as it begins: with what the token is.
    fn beginning(&self) -> Edit {
        Edit {
            rev: self.token.rev.to_string(),
            typed: Typed {
                note: self.token.name.clone(),
                scopes: self.held,
                ..Typed::default()
            },
        }
    }

    async fn show(&self, edit: Edit, errors: Errors, notes: Vec<String>) -> PageResult {
        let (token, now) = (&self.token, self.signed_in.now());
        let catalog = self.app.context.catalog;
        let mut db = self.app.context.store.reader();
        let ground = Ground::load(&mut db, token.user_id, now).await?;
        let is_expired = token.is_expired(now);
        let status = status_of(errors.is_empty());
        let template = TokenPage {
            chrome: super::chrome(&self.signed_in, &token.name).here(&token.name),
            nav: nav(LIST),
            now: now.as_micros(),
            id: token.id.to_string(),
            name: token.name.clone(),
            beginning: format!(
                "{}_{}_{}_",
                self.app.context.token_prefix,
                token.kind.infix(),
                token.identifier
            ),
            created_at: token.created_at.as_micros(),
            end_label: if is_expired { "Expired" } else { "Expires" },
            expires_at: token.expires_at,
            is_expired,
            sentences: scopes::sentences(catalog, self.held),
            obstacles: obstacles::load(&mut db, &ground, token, now).await?,
            blocks: obstacles::blocks(&mut db, token).await?,
            uses: uses(&mut db, token).await?,
            usage: Usage::find(&mut db, catalog, token.id, None, now).await?,
            refusals: group(records::list_refusals(&mut db, token.id, REFUSALS).await?),
            rev: edit.rev,
            note: edit.typed.note,
            scopes: scopes::draw(catalog, edit.typed.scopes),
            spared: exemptions::told_to_holder(&mut db, token.id, now).await?,
            ahead: ahead(&mut db, token, now).await?,
            notes,
            errors,
        };
        Ok(page(status, template))
    }

    async fn save(&self, fields: &Fields) -> PageResult {
        let edit = Edit::read(self, fields);
        let Some(wish) = edit.wish() else {
            return Err(self.moved());
        };
        let mut errors = edit.typed.unknown_scopes();
        told(&mut errors, self.mistakes(&wish).await?);
        if !errors.is_empty() {
            return self.show(edit, errors, Vec::new()).await;
        }
        if self.is_widened(&wish)
            && let Some(response) = self.ask_first(fields).await
        {
            return Ok(response);
        }
        let (origin, user) = (self.signed_in.origin(), self.signed_in.user.id);
        let context = &self.app.context;
        match edit_classic(context, &origin, user, self.token.id, &wish).await {
            Ok(dropped) => {
                self.signed_in
                    .flash(FlashKind::Success, saved(&dropped))
                    .await;
                Ok(Redirect::to(&page_of(&self.token)).into_response())
            }
            Err(EditClassicError::Mistakes(mistakes)) => {
                told(&mut errors, mistakes);
                self.show(edit, errors, Vec::new()).await
            }
            Err(error) => Err(self.refused(error)),
        }
    }

    async fn ask_first(&self, fields: &Fields) -> Option<axum::response::Response> {
        let (act, path) = ("give a classic token more scopes", page_of(&self.token));
        self.signed_in
            .ask_first(&self.app, act, &path, fields)
            .await
    }

    /// Whether the token could do more than before: taking scopes away, or another note, needs no passkey.
    fn is_widened(&self, wish: &ClassicEdit) -> bool {
        let scopes = self.app.context.catalog.scopes();
        !self.held.covers_all(wish.scopes, scopes)
    }

    async fn mistakes(&self, wish: &ClassicEdit) -> PageResult<Vec<Mistake>> {
        let user = self.signed_in.user.id;
        match check(&self.app.context, user, self.token.id, wish).await {
            Ok(()) => Ok(Vec::new()),
            Err(EditClassicError::Mistakes(mistakes)) => Ok(mistakes),
            Err(error) => Err(self.refused(error)),
        }
    }

    fn refused(&self, error: EditClassicError) -> PageError {
        match error {
            EditClassicError::NotFound => PageError::NotFound,
            EditClassicError::Moved | EditClassicError::Mistakes(_) => self.moved(),
            EditClassicError::Store(error) => error.into(),
        }
    }

    fn moved(&self) -> PageError {
        PageError::Conflict {
            title: "The token changed while you edited it".to_owned(),
            text: "Nothing was saved. Look at the token as it is now, then change it.".to_owned(),
            back: ("See the token".to_owned(), page_of(&self.token)),
        }
    }
}

/// Says that an edit was saved, and what was dropped.
fn saved(dropped: &[Dropped]) -> String {
    let saved = std::iter::once("Saved. It counts from the next call on.".to_owned());
    let dropped = dropped.iter().map(|dropped| format!("{dropped}."));
    saved.chain(dropped).collect::<Vec<_>>().join(" ")
}

/// The last use at every owner, with its login; what names no owner comes last.
/// What policies that begin later will say against it, each with its moment.
async fn ahead(
    db: &mut impl Db,
    token: &Token,
    now: Timestamp,
) -> Result<Vec<(Timestamp, String)>, StoreError> {
    let soon = list_soon_blocked(db, token.user_id, now).await?;
    let own = soon.iter().filter(|one| one.token_id == token.id);
    Ok(own.map(|one| (one.coming.at, soon_blocked(one))).collect())
}

async fn uses(db: &mut impl Db, token: &Token) -> Result<Vec<(String, LastUse)>, StoreError> {
    let mut found = Vec::new();
    for last in records::list_last_uses(db, token.id).await? {
        let owner = accounts::find(db, crate::domain::ids::AccountId::new(last.owner_id)).await?;
        found.push((owner.map_or_else(String::new, |owner| owner.login), last));
    }
    found.sort_by_key(|(login, _)| login.is_empty());
    Ok(found)
}

/// Shows one token, or its form as it was before a confirmation.
pub async fn get(
    signed_in: SignedIn,
    State(app): State<App>,
    Path(id): Path<String>,
    QueryFields(query): QueryFields,
) -> PageResult {
    let restored = signed_in.restored(&app, &query).await?;
    let visit = Visit::begin(app, signed_in, &id).await?;
    let (edit, notes) = match restored {
        Some(fields) => (Edit::read(&visit, &fields), vec![CONFIRMED.to_owned()]),
        None => (visit.beginning(), Vec::new()),
    };
    visit.show(edit, Errors::new(), notes).await
}

/// Saves the note and the scopes.
pub async fn post(
    signed_in: SignedIn,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(fields): Form,
) -> PageResult {
    let visit = Visit::begin(app, signed_in, &id).await?;
    visit.save(&fields).await
}
