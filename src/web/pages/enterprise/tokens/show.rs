//! One token at one owner in full: what an owner may see of it, and how to take it back. Nothing of other owners is read.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::rows::{Details, State as Standing, exempted_word};
use super::{Id, Subject, rules, scope};
use crate::app::App;
use crate::domain::account::AccountKind;
use crate::domain::approval::{Activation, Ask, GrantState};
use crate::domain::inventory;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::domain::token::expiry::Lifetime;
use crate::domain::token::summary;
use crate::store::enterprises::Rules;
use crate::store::exceptions;
use crate::store::reviews::HistoryOf;
use crate::store::{grants, repositories, requests, tokens};
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::{PageResult, page};
use crate::web::extract::EnterpriseOwner;
use crate::web::form::QueryFields;
use crate::web::pages::enterprise::{frame, people};
use crate::web::pages::exemptions;
use crate::web::pages::organization::history::{self, Step};
use crate::web::pages::organization::outcome::Known;
use crate::web::pages::organization::phrases;
use crate::web::pages::organization::reason::Typed;
use crate::web::pages::organization::requests::Folded;
use crate::web::pages::organization::requests::change::{self, Line};
use crate::web::usage::Usage;

#[derive(Template)]
#[template(path = "pages/enterprise/tokens/show.html")]
struct Show {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    at: String,
    path: String,
    person: String,
    lead: String,
    is_managed: bool,
    stands: Standing,
    exempted: Vec<(&'static str, Timestamp)>,
    block: Option<exceptions::Block>,
    content: Content,
    activation: &'static str,
    life: String,
    last_used_at: Option<Timestamp>,
    usage: Usage,
    history: Vec<Step>,
    end: Option<Known>,
    can_be_revoked: bool,
    /// Where it is spared a policy; empty where it is over.
    exempt: String,
    case: Subject,
    typed: Typed,
}

/// What it can do at the owner, or asks to.
#[derive(Default)]
struct Content {
    title: &'static str,
    sentences: Vec<String>,
    permissions: Vec<Line>,
    repositories: Folded,
    scopes: Vec<(String, String)>,
}

/// Shows one entry of the inventory; a grant that was revoked shows how.
pub async fn get(
    State(app): State<App>,
    owner: EnterpriseOwner,
    Path(id): Path<Id>,
    QueryFields(query): QueryFields,
) -> PageResult {
    let rules = rules(&app, &owner).await?;
    let case = Subject::find(&app, &owner, &rules, &id).await?;
    let restored = owner.signed_in.restored(&app, &query).await?;
    let typed = Typed::restored(restored.as_ref());
    show(&app, &owner, &rules, case, typed, StatusCode::OK).await
}

/// Draws the page with what the form holds.
pub(super) async fn show(
    app: &App,
    owner: &EnterpriseOwner,
    rules: &Rules,
    case: Subject,
    typed: Typed,
    status: StatusCode,
) -> PageResult<Response> {
    let slug = &owner.enterprise.login;
    let list = frame::tokens_path(slug);
    let title = format!("{} of {}", case.token.name, case.user.login);
    let trail = vec![Crumb::link("Tokens", &list), Crumb::text(&case.token.name)];
    let (chrome, nav) = frame::around(owner, &title, &list, trail);
    let mut db = app.context.store.reader();
    let (now, here, token) = (owner.signed_in.now(), Some(case.owner.id), case.token.id);
    let (stands, exempted) = standing(app, owner, rules, &case).await?;
    let template = Show {
        now: now.as_micros(),
        at: case.at().to_owned(),
        path: case.path(slug),
        person: people::one::path(slug, case.user.id),
        lead: lead(&case),
        is_managed: case.user.managed_by == Some(owner.enterprise.id),
        block: find_block(app, &case).await?,
        content: content(app, &case).await?,
        activation: activation(&case),
        life: change::life(Lifetime::between(
            case.token.starts_at,
            case.token.expires_at,
        )),
        last_used_at: tokens::find_last_use(&mut db, token, here).await?,
        usage: Usage::find(&mut db, app.context.catalog, token, here, now).await?,
        history: history::list(app, case.owner.id, HistoryOf::Token(token)).await?,
        end: find_end(app, &case).await?,
        can_be_revoked: case.can_be_revoked(),
        exempt: exemptions::give_path(&frame::exemptions_path(&owner.enterprise.login), token),
        stands,
        exempted,
        chrome,
        nav,
        case,
        typed,
    };
    Ok(page(status, template))
}

type Exempted = Vec<(&'static str, Timestamp)>;

async fn standing(
    app: &App,
    owner: &EnterpriseOwner,
    rules: &Rules,
    case: &Subject,
) -> PageResult<(Standing, Exempted)> {
    let Some(entry) = &case.entry else {
        let gone = Standing {
            badge: "revoked",
            word: "Revoked",
            reason: String::new(),
        };
        return Ok((gone, Vec::new()));
    };
    let scope = scope(owner, rules);
    let mut db = app.context.store.reader();
    let details = Details::load(&mut db, std::slice::from_ref(entry)).await?;
    let exemptions = details.exemptions(entry);
    let (found, violation) = entry.standing(rules, exemptions, scope.now);
    let exempted = entry
        .exempted(exemptions, scope.now)
        .map(|(policy, until)| (exempted_word(policy), until));
    let mut state = Standing::new(found, violation, entry.kind, case.at());
    if found == inventory::Standing::Pending {
        state.reason = format!("An owner of {} has to let it in.", case.at());
    }
    Ok((state, exempted.collect()))
}

/// What the user is to the owner.
fn lead(case: &Subject) -> String {
    match &case.grant {
        Some(grant) => phrases::relation(grant.relation, case.at()),
        None => format!("A classic token that was used at {}", case.at()),
    }
}

fn activation(case: &Subject) -> &'static str {
    match case.grant.as_ref().and_then(|grant| grant.activation) {
        Some(Activation::Reviewed) => "An owner reviewed it",
        Some(Activation::ByOwner) => "Nobody: its user was an owner",
        Some(Activation::ByPolicy) => "Nobody: no approval was required",
        None => "Nobody yet",
    }
}

async fn find_block(app: &App, case: &Subject) -> PageResult<Option<exceptions::Block>> {
    if case.token.kind != TokenKind::Classic {
        return Ok(None);
    }
    let mut db = app.context.store.reader();
    let blocks = exceptions::list_blocks(&mut db, case.token.id).await?;
    Ok(blocks
        .into_iter()
        .find(|block| block.owner_id == case.owner.id))
}

async fn content(app: &App, case: &Subject) -> PageResult<Content> {
    let (catalog, mut db) = (app.context.catalog, app.context.store.reader());
    let Some(grant) = &case.grant else {
        let scopes = tokens::list_scopes(&mut db, case.token.id).await?;
        let told = scopes.into_iter().map(|name| {
            let found = catalog.find_scope(&name);
            let sentence = found.map_or_else(String::new, |scope| scope.sentence.clone());
            (name, sentence)
        });
        return Ok(Content {
            title: "What it can do",
            scopes: told.collect(),
            ..Content::default()
        });
    };
    let waits = requests::find_pending(&mut db, grant.id).await?;
    let (title, ask) = match waits.filter(|_| grant.state != GrantState::Active) {
        Some(request) => (
            "What it asks for",
            requests::load_ask(&mut db, catalog, &request).await?,
        ),
        None => (
            "What it can do",
            grants::load_ask(&mut db, catalog, grant).await?,
        ),
    };
    of_ask(app, case, title, &ask).await
}

async fn of_ask(app: &App, case: &Subject, title: &'static str, ask: &Ask) -> PageResult<Content> {
    let (catalog, mut db) = (app.context.catalog, app.context.store.reader());
    let ids: Vec<_> = ask.selection.listed().collect();
    let found = repositories::list_by_ids(&mut db, &ids).await?;
    let full_names: Vec<_> = found
        .iter()
        .map(repositories::Repository::full_name)
        .collect();
    let part = summary::Part {
        owner: &case.owner.login,
        repositories: &full_names,
        ask,
    };
    let mut sentences = summary::sentences(catalog, &part);
    let conditions = change::conditions(&ask.terms.conditions);
    sentences.extend(conditions.into_iter().map(|one| format!("{one}.")));
    let named = found.into_iter().map(|found| (found.id, found)).collect();
    Ok(Content {
        title,
        sentences,
        permissions: change::permissions(catalog, &ask.permissions, &ask.permissions),
        repositories: change::repositories(Some(&ask.selection), &ask.selection, &named).into(),
        scopes: Vec::new(),
    })
}

async fn find_end(app: &App, case: &Subject) -> PageResult<Option<Known>> {
    match &case.grant {
        Some(grant) if grant.state == GrantState::Revoked => {
            let reason = grant.reason.clone();
            let found = Known::find(app, grant.decided_by, grant.ended_at, reason);
            found.await.map(Some)
        }
        _ => Ok(None),
    }
}

impl Show {
    /// Why there is nothing to take back here; empty where there is.
    fn beyond_reach(&self) -> &'static str {
        match (&self.case.grant, self.case.owner.kind) {
            (None, AccountKind::Organization) => {
                "An owner of the organization can block a classic token there. Whoever must not reach anything any more can be suspended by a site administrator."
            }
            (Some(_), AccountKind::User) => {
                "It reaches a managed user's own account: there only that user decides, within the enterprise's policy."
            }
            _ => "",
        }
    }
}
