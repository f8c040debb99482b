//! The exemptions of an organization or enterprise: those in force, and those that ended lately.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use super::scope::list_path;
use super::{by, kind_word, one_path};
use crate::app::App;
use crate::domain::policy::exemption::SOON_DAYS;
use crate::domain::time::Timestamp;
use crate::store::exemption_lists::{self, Filter, Given, KEPT_DAYS, Part};
use crate::web::chrome::{Chrome, Crumb, Nav};
use crate::web::error::{PageError, PageResult, page};
use crate::web::filters::titled;
use crate::web::form::{Fields, QueryFields};
use crate::web::pages::scope_owner::ScopeOwner;

/// How many exemptions a page shows.
const SIZE: usize = 50;

/// The longest text that is searched for, in characters.
const LONGEST_SEARCH: usize = 100;

#[derive(Template)]
#[template(path = "pages/exemptions/list.html")]
struct List {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    scope: String,
    path: String,
    query: Query,
    in_force: i64,
    ended: i64,
    rows: Vec<Row>,
    newer: String,
    older: String,
}

/// One exemption as the list shows it.
struct Row {
    href: String,
    login: String,
    name: String,
    token: String,
    kind: String,
    policy: String,
    until: Timestamp,
    is_soon: bool,
    reason: String,
    by: String,
    since: Timestamp,
    /// How it ended; empty where it did not.
    end: String,
}

/// What an address asks for.
struct Query {
    part: Part,
    search: String,
    older_than: Option<i64>,
    newer_than: Option<i64>,
}

impl Query {
    fn read(query: &Fields, list: &str) -> PageResult<Self> {
        let place = |name: &str| match query.get(name) {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| nowhere(list)),
        };
        Ok(Self {
            part: match query.get("show") {
                "ended" => Part::Ended,
                _ => Part::InForce,
            },
            search: query.get("q").trim().chars().take(LONGEST_SEARCH).collect(),
            older_than: place("after")?,
            newer_than: place("before")?,
        })
    }

    fn is_ended(&self) -> bool {
        self.part == Part::Ended
    }

    fn filter(&self, part: Part, now: Timestamp) -> Filter {
        Filter {
            part,
            search: self.search.clone(),
            now,
        }
    }
}

/// The address of a part of the list, with a search and a place where there is one.
fn address(list: &str, part: Part, search: &str, place: Option<(&str, i64)>) -> String {
    let mut fields = Fields::default();
    if part == Part::Ended {
        fields = fields.with("show", "ended");
    }
    if !search.is_empty() {
        fields = fields.with("q", search);
    }
    if let Some((side, id)) = place {
        fields = fields.with(side, id.to_string());
    }
    match fields.encode().as_str() {
        "" => list.to_owned(),
        query => format!("{list}?{query}"),
    }
}

impl List {
    fn tab(&self, part: Part) -> String {
        address(&self.path, part, &self.query.search, None)
    }

    fn without_search(&self) -> String {
        address(&self.path, self.query.part, "", None)
    }
}

fn nowhere(list: &str) -> PageError {
    PageError::Unprocessable {
        title: "This address names no place in the list".to_owned(),
        text: "The part after `?` may be cut off. Start from the beginning of the list.".to_owned(),
        back: ("To the beginning of the list".to_owned(), list.to_owned()),
    }
}

/// Shows one page of the list.
pub async fn get(
    State(app): State<App>,
    owner: ScopeOwner,
    QueryFields(query): QueryFields,
) -> PageResult {
    let path = list_path(&owner);
    let query = Query::read(&query, &path)?;
    let (scope, now) = (owner.account().id, owner.signed_in().now());
    let mut db = app.context.store.reader();
    let filter = query.filter(query.part, now);
    let place = (query.older_than, query.newer_than);
    let limit = i64::try_from(SIZE + 1).expect("a page is small");
    let found = exemption_lists::list(&mut db, scope, &filter, place, limit).await?;
    let (shown, newer, older) = cut(found, &query, &path);
    let trail = vec![Crumb::text("Exemptions")];
    let (chrome, nav) = owner
        .around(&app, "Exemptions", &list_path(&owner), trail)
        .await?;
    let (current, past) = (
        query.filter(Part::InForce, now),
        query.filter(Part::Ended, now),
    );
    let template = List {
        chrome,
        nav,
        now: now.as_micros(),
        scope: owner.name().to_owned(),
        in_force: exemption_lists::count(&mut db, scope, &current).await?,
        ended: exemption_lists::count(&mut db, scope, &past).await?,
        rows: shown.iter().map(|given| row(given, &path, now)).collect(),
        newer,
        older,
        query,
        path,
    };
    Ok(page(StatusCode::OK, template))
}

/// Cuts what the database gave to a page, with the addresses of those before and after it.
fn cut(mut found: Vec<Given>, query: &Query, list: &str) -> (Vec<Given>, String, String) {
    let has_more = found.len() > SIZE;
    let is_backwards = query.newer_than.is_some();
    if has_more {
        let extra = if is_backwards { 0 } else { SIZE };
        found.remove(extra);
    }
    let (has_newer, has_older) = if is_backwards {
        (has_more, true)
    } else {
        (query.older_than.is_some(), has_more)
    };
    let beside = |side, given: Option<&Given>, there: bool| match given {
        Some(given) if there => address(list, query.part, &query.search, Some((side, given.id))),
        _ => String::new(),
    };
    let newer = beside("before", found.first(), has_newer);
    let older = beside("after", found.last(), has_older);
    (found, newer, older)
}

fn row(given: &Given, list: &str, now: Timestamp) -> Row {
    let is_over = given.is_over(now);
    Row {
        href: one_path(list, given.id),
        login: given.user_login.clone(),
        name: given.user_name.clone(),
        token: given.token_name.clone(),
        kind: titled(kind_word(given.token_kind)),
        policy: titled(given.policy.title()),
        until: given.until_at,
        is_soon: !is_over && given.until_at <= now.plus_days(SOON_DAYS),
        reason: given.reason.clone(),
        by: by(given.given_by.as_deref()).to_owned(),
        since: given.created_at,
        end: if is_over { end(given) } else { String::new() },
    }
}

/// How one ended.
pub(super) fn end(given: &Given) -> String {
    if !given.is_cut_short() {
        return "Its date came".to_owned();
    }
    let who = by(given.ended_by.as_deref());
    if given.is_replaced {
        format!("Replaced by {who}")
    } else {
        format!("Taken back by {who}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> PageResult<Query> {
        Query::read(&Fields::parse(query), "/list")
    }

    #[test]
    fn an_address_says_which_exemptions_and_keeps_the_search() {
        let query = read("show=ended&q=%20ana%20&after=7").expect("it is sound");
        assert!(query.is_ended());
        assert_eq!((query.search.as_str(), query.older_than), ("ana", Some(7)));
        let place = Some(("after", 3));
        assert_eq!(
            address("/list", query.part, &query.search, place),
            "/list?show=ended&q=ana&after=3"
        );
        assert_eq!(address("/list", Part::InForce, "", None), "/list");
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for bad in ["after=x", "before=1-2", "after=99999999999999999999"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
