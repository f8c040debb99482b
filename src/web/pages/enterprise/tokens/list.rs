//! The inventory, a page at a time, the newest token first unless somebody wants it otherwise.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use super::rows::{Row, rows};
use super::view::{STATES, View};
use super::window::{Cut, Window};
use super::{rules, scope};
use crate::app::App;
use crate::store::inventory::{self, Filter, SortBy};
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::{PageResult, page};
use crate::web::extract::EnterpriseOwner;
use crate::web::filters::{counted, grouped};
use crate::web::form::{Fields, QueryFields};
use crate::web::pages::enterprise::frame;
use crate::web::pages::organization::view::{Chip, Head, Mistake};

/// So many are counted; beyond, a number says nothing that "more" would not say.
const COUNTED: i64 = 10_000;

#[derive(Template)]
#[template(path = "pages/enterprise/tokens/list.html")]
struct List {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    enterprise: String,
    path: String,
    view: View,
    states: &'static [(&'static str, &'static str)],
    chips: Vec<Chip>,
    mistakes: Vec<Mistake>,
    matching: i64,
    exports: [(&'static str, String); 2],
    heads: Heads,
    rows: Vec<Row>,
    before: String,
    after: String,
}

impl List {
    fn errors(&self) -> Vec<(&'static str, &str)> {
        let pairs = self.mistakes.iter();
        pairs.map(|(field, text)| (*field, text.as_str())).collect()
    }

    fn error(&self, field: &str) -> &str {
        let found = self.mistakes.iter().find(|(known, _)| *known == field);
        found.map_or("", |(_, text)| text)
    }

    /// Whether the less common filters are to be seen at once.
    fn is_open(&self) -> bool {
        let is_folded =
            |field: &str| matches!(field, "managed" | "level" | "unused" | "life" | "ends");
        self.view.uses_more() || self.mistakes.iter().any(|(field, _)| is_folded(field))
    }

    fn count(&self) -> String {
        if self.matching > COUNTED {
            return format!("More than {} entries", grouped(COUNTED));
        }
        counted(self.matching, "entry", "entries")
    }

    /// Whether any row can be taken back with others.
    fn has_choice(&self) -> bool {
        self.rows.iter().any(|row| !row.value.is_empty())
    }
}

/// The column heads that sort.
struct Heads {
    person: Head,
    token: Head,
    owner: Head,
    used: Head,
    end: Head,
}

impl Heads {
    fn new(view: &View, path: &str) -> Self {
        Self {
            person: view.head(path, SortBy::Person),
            token: view.head(path, SortBy::Token),
            owner: view.head(path, SortBy::Owner),
            used: view.head(path, SortBy::LastUsed),
            end: view.head(path, SortBy::End),
        }
    }
}

/// Shows one page of the inventory.
pub async fn get(
    State(app): State<App>,
    owner: EnterpriseOwner,
    QueryFields(query): QueryFields,
) -> PageResult {
    let enterprise = &owner.enterprise;
    let path = frame::tokens_path(&enterprise.login);
    let view = View::read(&query);
    let (shown, mistakes) = match view.filter(&app, &owner).await? {
        Ok(filter) => (
            Shown::find(&app, &owner, &view, &query, filter).await?,
            Vec::new(),
        ),
        Err(mistakes) => (Shown::default(), mistakes),
    };
    let status = if mistakes.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let (chrome, nav) = frame::around(&owner, "Tokens", &path, vec![Crumb::text("Tokens")]);
    let export = |format| view.address_with(&format!("{path}/export"), "format", format);
    let template = List {
        chrome,
        nav,
        now: owner.signed_in.now().as_micros(),
        enterprise: enterprise.name.clone(),
        states: &STATES,
        chips: view.chips(&path),
        matching: shown.matching,
        exports: [("CSV", export("csv")), ("JSON", export("json"))],
        heads: Heads::new(&view, &path),
        rows: shown.rows,
        before: shown.before,
        after: shown.after,
        mistakes,
        view,
        path,
    };
    Ok(page(status, template))
}

/// What a page shows.
#[derive(Default)]
struct Shown {
    matching: i64,
    rows: Vec<Row>,
    before: String,
    after: String,
}

impl Shown {
    async fn find(
        app: &App,
        owner: &EnterpriseOwner,
        view: &View,
        query: &Fields,
        filter: Filter,
    ) -> PageResult<Self> {
        let slug = &owner.enterprise.login;
        let path = frame::tokens_path(slug);
        let window = Window::read(query, view, &path)?;
        let rules = rules(app, owner).await?;
        let scope = scope(owner, &rules);
        let mut db = app.context.store.reader();
        let narrowed = window.filter(&filter);
        let found =
            inventory::list(&mut db, scope, &narrowed, window.order, Window::limit()).await?;
        let Cut {
            entries,
            before,
            after,
        } = window.cut(found, view, &path);
        Ok(Self {
            matching: inventory::count(&mut db, scope, &filter, COUNTED + 1).await?,
            rows: rows(&mut db, app.context.catalog, slug, scope, &entries).await?,
            before,
            after,
        })
    }
}
