//! An enterprise's organizations: what is in force at each for tokens, where every value comes from, and where it differs.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use super::frame;
use super::window::{Placed, Window};
use crate::app::App;
use crate::domain::account::AccountKind;
use crate::domain::ids::AccountId;
use crate::domain::policy::deviation::Deviation;
use crate::domain::policy::setting::{Access, Approval};
use crate::domain::policy::{Limit, Source};
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::store::enterprises::{
    self, Ahead, Organization, OrganizationFilter, Rules, TokenCounts,
};
use crate::store::inventory::CLASSIC_DAYS;
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::{PageResult, page};
use crate::web::extract::EnterpriseOwner;
use crate::web::filters::counted;
use crate::web::form::{Fields, QueryFields};

#[derive(Template)]
#[template(path = "pages/enterprise/organizations.html")]
struct List {
    chrome: Chrome,
    nav: Nav,
    enterprise: String,
    path: String,
    policy: String,
    count: i64,
    window: Window,
    rows: Vec<Row>,
    before: String,
    after: String,
}

/// One organization as the list shows it.
struct Row {
    login: String,
    name: String,
    fine_grained: Vec<Value>,
    classic: Vec<Value>,
    ahead: Vec<(&'static str, Timestamp)>,
    people: i64,
    people_href: String,
    tokens: TokenCounts,
    tokens_href: String,
}

/// One value that is in force.
struct Value {
    text: String,
    source: &'static str,
    differs: bool,
}

impl Placed for Organization {
    fn place(&self) -> (&str, Timestamp, AccountId) {
        (&self.login, self.created_at, self.id)
    }
}

/// Shows one page of the list.
pub async fn get(
    State(app): State<App>,
    owner: EnterpriseOwner,
    QueryFields(query): QueryFields,
) -> PageResult {
    let (enterprise, slug) = (&owner.enterprise, &owner.enterprise.login);
    let path = frame::organizations_path(slug);
    let window = Window::read(&query, &["q"], &path)?;
    let filter = OrganizationFilter {
        search: window.get("q").to_owned(),
        page: window.page(),
    };
    let mut db = app.context.store.reader();
    let found = enterprises::list_organizations(&mut db, enterprise.id, &filter).await?;
    let cut = window.cut(found, &path);
    let trail = vec![Crumb::text("Organizations")];
    let (chrome, nav) = frame::around(&owner, "Organizations", &path, trail);
    let template = List {
        chrome,
        nav,
        enterprise: enterprise.name.clone(),
        policy: frame::policy_path(slug),
        count: enterprises::count_organizations(&mut db, enterprise.id).await?,
        rows: rows(&app, &owner, &cut.rows).await?,
        before: cut.before,
        after: cut.after,
        path,
        window,
    };
    Ok(page(StatusCode::OK, template))
}

/// Puts the rows together, in as many statements for one as for fifty.
async fn rows(
    app: &App,
    owner: &EnterpriseOwner,
    organizations: &[Organization],
) -> PageResult<Vec<Row>> {
    let mut db = app.context.store.reader();
    let now = owner.signed_in.now();
    let ids: Vec<AccountId> = organizations.iter().map(|one| one.id).collect();
    let rules = Rules::load(&mut db, owner.enterprise.id, now).await?;
    let people = enterprises::count_people(&mut db, &ids).await?;
    let since = now.plus_days(-CLASSIC_DAYS);
    let tokens = enterprises::count_tokens(&mut db, &ids, since, now).await?;
    let mut ahead: BTreeMap<AccountId, Vec<Ahead>> = BTreeMap::new();
    for one in enterprises::list_ahead(&mut db, &ids, now).await? {
        ahead.entry(one.organization).or_default().push(one);
    }
    let slug = &owner.enterprise.login;
    let row = |one: &Organization| Row {
        login: one.login.clone(),
        name: one.name.clone(),
        fine_grained: values(&rules, TokenKind::FineGrained, one.id),
        classic: values(&rules, TokenKind::Classic, one.id),
        ahead: ahead
            .get(&one.id)
            .into_iter()
            .flatten()
            .map(|found| (kind_word(found.kind), found.effective_at))
            .collect(),
        people: people.get(&one.id).copied().unwrap_or_default(),
        people_href: of_organization(&frame::people_path(slug), &one.login),
        tokens: tokens.get(&one.id).copied().unwrap_or_default(),
        tokens_href: of_organization(&frame::tokens_path(slug), &one.login),
    };
    Ok(organizations.iter().map(row).collect())
}

fn of_organization(list: &str, login: &str) -> String {
    format!("{list}?{}", Fields::new([("organization", login)]).encode())
}

const fn kind_word(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::FineGrained => "fine-grained tokens",
        TokenKind::Classic => "classic tokens",
    }
}

/// What is in force at an organization for a kind of token, value by value.
fn values(rules: &Rules, kind: TokenKind, organization: AccountId) -> Vec<Value> {
    let policy = rules.at(kind, organization, AccountKind::Organization);
    let differs = Deviation::of(kind, rules.above(kind), policy);
    let access = Value {
        text: match policy.access.value {
            Access::Allow => "Allowed".to_owned(),
            Access::Restrict => "Restricted".to_owned(),
        },
        source: source(policy.access.source),
        differs: differs.access,
    };
    let approval = (kind == TokenKind::FineGrained).then(|| Value {
        text: match policy.approval.value {
            Approval::Required => "Approval required".to_owned(),
            Approval::NotRequired => "No approval needed".to_owned(),
        },
        source: source(policy.approval.source),
        differs: differs.approval,
    });
    let limit = policy.lifetime(false);
    let lifetime = Value {
        text: match limit.value {
            Limit::Days(days) => {
                format!("At most {}", counted(i64::from(days), "day", "days"))
            }
            Limit::Unlimited => "Any life".to_owned(),
        },
        source: source(limit.source),
        differs: differs.lifetime,
    };
    [Some(access), approval, Some(lifetime)]
        .into_iter()
        .flatten()
        .collect()
}

const fn source(source: Source) -> &'static str {
    match source {
        Source::Enterprise => "enterprise",
        Source::Organization => "organization",
        Source::Default => "default",
    }
}
