//! Many tokens' access to the enterprise's organizations taken back at once: what was chosen in the inventory is shown
//! again, and then all of it is revoked or nothing.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::rows::{Row, rows};
use super::view::View;
use super::{rules, scope};
use crate::actions::refuse::Blocked;
use crate::actions::review_many::{MOST, ManyError, Shown, revoke_many_by};
use crate::actions::revoke_grant::Authority;
use crate::app::App;
use crate::domain::approval::words::{Names, Past};
use crate::domain::ids::GrantId;
use crate::store::grants;
use crate::store::inventory::{self, Entry};
use crate::web::chrome::{Chrome, Crumb, FlashKind, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::extract::EnterpriseOwner;
use crate::web::filters::counted;
use crate::web::form::{Fields, Form, QueryFields};
use crate::web::pages::enterprise::frame;
use crate::web::pages::organization::blocked::BlockedRow;
use crate::web::pages::organization::chosen;
use crate::web::pages::organization::filters::pairs;
use crate::web::pages::organization::outcome::said;
use crate::web::pages::organization::reason::Typed;

#[derive(Template)]
#[template(path = "pages/enterprise/tokens/bulk.html")]
struct Bulk {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    path: String,
    back: String,
    rows: Vec<Row>,
    used: String,
    blocked: Vec<BlockedRow>,
    fields: Vec<(String, String)>,
    act: String,
    typed: Typed,
}

fn tokens(count: usize) -> String {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    counted(count, "token", "tokens")
}

/// What was chosen, and the list that it was chosen from.
struct Choice {
    chosen: Vec<Shown<GrantId>>,
    view: View,
    list: String,
}

impl Choice {
    fn read(owner: &EnterpriseOwner, fields: &Fields) -> PageResult<Self> {
        let view = View::read(fields);
        let mut chosen = chosen::read(fields, GrantId::new);
        chosen.sort_by_key(|one| one.id);
        chosen.dedup_by_key(|one| one.id);
        let list = view.address(&frame::tokens_path(&owner.enterprise.login));
        if chosen.is_empty() || chosen.len() > MOST {
            return Err(wrong_number(chosen.len(), list));
        }
        Ok(Self { chosen, view, list })
    }

    fn fields(&self) -> Fields {
        let mut fields = self.view.fields();
        for (name, text) in chosen::fields(&self.chosen, GrantId::get) {
            fields = fields.with(name, text);
        }
        fields
    }
}

fn wrong_number(count: usize, list: String) -> PageError {
    let (title, text) = if count == 0 {
        (
            "No token is chosen".to_owned(),
            "Nothing was changed. Tick the tokens whose access ends, then press the button under the list.".to_owned(),
        )
    } else {
        (
            format!("{count} tokens are too many at once"),
            format!("Nothing was changed. Up to {MOST} can be revoked at once: choose fewer."),
        )
    };
    PageError::Unprocessable {
        title,
        text,
        back: ("Back to the tokens".to_owned(), list),
    }
}

fn path(owner: &EnterpriseOwner) -> String {
    format!("{}/revoke", frame::tokens_path(&owner.enterprise.login))
}

/// Shows what would be revoked.
pub async fn get(
    State(app): State<App>,
    owner: EnterpriseOwner,
    QueryFields(query): QueryFields,
) -> PageResult {
    let restored = owner.signed_in.restored(&app, &query).await?;
    let typed = Typed::restored(restored.as_ref());
    let choice = Choice::read(&owner, restored.as_ref().unwrap_or(&query))?;
    show(&app, &owner, &choice, typed, &[], StatusCode::OK).await
}

/// Revokes all of them.
pub async fn post(
    State(app): State<App>,
    owner: EnterpriseOwner,
    Form(fields): Form,
) -> PageResult {
    let choice = Choice::read(&owner, &fields)?;
    if let Some(typed) = Typed::mistake(&fields) {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return show(&app, &owner, &choice, typed, &[], status).await;
    }
    let act = format!(
        "revoke the access of {} at organizations of {}",
        tokens(choice.chosen.len()),
        owner.enterprise.name
    );
    let (page, kept) = (path(&owner), fields.without(&["csrf"]));
    if let Some(way) = owner.signed_in.ask_first(&app, &act, &page, &kept).await {
        return Ok(way);
    }
    let (by, why) = (owner.signed_in.user.id, fields.get("reason"));
    let authority = Authority::Enterprise(owner.enterprise.id);
    let origin = owner.signed_in.origin();
    match revoke_many_by(&app.context, &origin, authority, by, &choice.chosen, why).await {
        Ok(()) => Ok(done(&owner, &choice).await),
        Err(ManyError::Blocked(blocked)) => {
            let typed = Typed::restored(Some(&fields));
            let status = StatusCode::CONFLICT;
            show(&app, &owner, &choice, typed, &blocked, status).await
        }
        Err(ManyError::Count(count)) => Err(wrong_number(count, choice.list)),
        Err(ManyError::Reason(error)) => Err(PageError::internal(error)),
        Err(ManyError::Store(error)) => Err(error.into()),
    }
}

async fn done(owner: &EnterpriseOwner, choice: &Choice) -> Response {
    let text = format!(
        "Revoked the access of {} at organizations of {}. Their next calls there are refused.",
        tokens(choice.chosen.len()),
        owner.enterprise.name
    );
    owner.signed_in.flash(FlashKind::Success, text).await;
    Redirect::to(&choice.list).into_response()
}

async fn show(
    app: &App,
    owner: &EnterpriseOwner,
    choice: &Choice,
    typed: Typed,
    blocked: &[Blocked<GrantId>],
    status: StatusCode,
) -> PageResult<Response> {
    let rules = rules(app, owner).await?;
    let (slug, scope) = (&owner.enterprise.login, scope(owner, &rules));
    let mut db = app.context.store.reader();
    let ids: Vec<_> = choice.chosen.iter().map(|one| one.id).collect();
    let mut entries = Vec::new();
    for grant in grants::list_by_ids(&mut db, &ids).await? {
        entries.extend(inventory::find(&mut db, scope, grant.token_id, grant.owner_id).await?);
    }
    let mut rows = rows(&mut db, app.context.catalog, slug, scope, &entries).await?;
    let blocked = blocked_rows(blocked, &entries, &rows);
    rows.retain(|row| !row.value.is_empty());
    let title = format!("Revoke the access of {}", tokens(choice.chosen.len()));
    let trail = vec![Crumb::link("Tokens", &choice.list), Crumb::text("Revoke")];
    let (chrome, nav) = frame::around(owner, &title, &frame::tokens_path(slug), trail);
    let yesterday = owner.signed_in.now().plus_days(-1);
    let used = rows
        .iter()
        .filter(|row| row.last_used_at.is_some_and(|at| at >= yesterday));
    let template = Bulk {
        chrome,
        nav,
        now: scope.now.as_micros(),
        path: path(owner),
        back: choice.list.clone(),
        used: match used.count() {
            0 => "None of them was used there in the last day.".to_owned(),
            1 => "1 of them was used there in the last day: such calls are refused from the next one on.".to_owned(),
            some => format!("{some} of them were used there in the last day: such calls are refused from the next one on."),
        },
        act: format!("Revoke {}", tokens(rows.len())),
        blocked,
        fields: pairs(&choice.fields()),
        rows,
        typed,
    };
    Ok(page(status, template))
}

/// What stands against all of them, in the words that it would have alone.
fn blocked_rows(blocked: &[Blocked<GrantId>], entries: &[Entry], rows: &[Row]) -> Vec<BlockedRow> {
    let line = |one: &Blocked<GrantId>| {
        let found = entries
            .iter()
            .zip(rows)
            .find(|(entry, _)| entry.grant_id == Some(one.id));
        let names = Names {
            owner: found.map_or("the organization", |(entry, _)| &entry.owner_name),
            user: found.map_or("the user", |(_, row)| &row.login),
            token: found.map_or("the token", |(_, row)| &row.token),
        };
        let told = said(&one.why, names, Past::default());
        BlockedRow {
            href: found.map_or_else(String::new, |(_, row)| row.href.clone()),
            what: found.map_or_else(
                || "One that does not reach an organization of this enterprise".to_owned(),
                |(_, row)| format!("{}'s token {} at {}", row.login, row.token, row.owner),
            ),
            title: told.title,
            text: told.text,
        }
    };
    blocked.iter().map(line).collect()
}
