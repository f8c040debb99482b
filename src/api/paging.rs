//! Pages of lists: `per_page`, `page` and the `Link` header.

use axum::http::header::LINK;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::Value;

use super::call::{ApiCall, json};
use super::errors::ApiResult;
use super::query::Query;
use crate::git::repository::Paging;

/// The most items on a page.
const LARGEST: usize = 100;

/// How many items a page has by default.
const DEFAULT: usize = 30;

/// The highest page that is looked up.
const LAST: usize = 1_000_000;

/// Which page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// From 1.
    pub page: usize,
    /// From 1 to 100.
    pub per_page: usize,
}

/// What follows a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// The whole list has so many items.
    Total(usize),
    /// Only whether another page follows is known.
    HasMore(bool),
}

impl PageRequest {
    /// Reads `page` and `per_page`.
    pub fn read(query: &Query) -> ApiResult<Self> {
        Ok(Self {
            page: query.number("page", 1..=LAST)?.unwrap_or(1),
            // A larger page than there is gets the largest, as published.
            per_page: query
                .number("per_page", 1..=usize::MAX)?
                .map_or(DEFAULT, |asked| asked.min(LARGEST)),
        })
    }

    /// How many items stand before the page.
    pub const fn skipped(self) -> usize {
        (self.page - 1) * self.per_page
    }

    /// The same for the store, with one item more than the page holds, which tells whether another page follows.
    pub fn one_more(self) -> crate::store::listings::Page {
        let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        crate::store::listings::Page {
            limit: number(self.per_page + 1),
            offset: number(self.skipped()),
        }
    }

    /// The same for the store, for a list whose length is known.
    pub fn exactly(self) -> crate::store::listings::Page {
        let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        crate::store::listings::Page {
            limit: number(self.per_page),
            offset: number(self.skipped()),
        }
    }

    /// The same for git.
    pub const fn for_git(self) -> Paging {
        Paging {
            page: self.page,
            per_page: self.per_page,
        }
    }

    /// A page out of the whole list.
    pub fn cut<T>(self, items: Vec<T>) -> (Vec<T>, Rest) {
        let total = items.len();
        let page = items.into_iter().skip(self.skipped()).take(self.per_page);
        (page.collect(), Rest::Total(total))
    }

    /// A page that was loaded with [`Self::one_more`].
    pub fn cut_one_more<T>(self, mut items: Vec<T>) -> (Vec<T>, Rest) {
        let has_more = items.len() > self.per_page;
        items.truncate(self.per_page);
        (items, Rest::HasMore(has_more))
    }

    fn last(self, rest: Rest) -> Option<usize> {
        match rest {
            Rest::Total(total) => Some(total.div_ceil(self.per_page).max(1)),
            Rest::HasMore(true) => None,
            Rest::HasMore(false) => Some(self.page),
        }
    }

    /// The pages that the header names, with their relation to this one.
    fn relations(self, rest: Rest) -> Vec<(&'static str, usize)> {
        let last = self.last(rest);
        let mut relations = Vec::new();
        if self.page > 1 {
            let before = last.map_or(self.page - 1, |last| last.min(self.page - 1));
            relations.push(("prev", before));
        }
        if last.is_none_or(|last| self.page < last) {
            relations.push(("next", self.page + 1));
            relations.extend(last.map(|last| ("last", last)));
        }
        if self.page > 1 {
            relations.push(("first", 1));
        }
        relations
    }
}

/// The answer with one page of a list.
pub(super) fn page(
    call: &ApiCall,
    request: PageRequest,
    items: Vec<Value>,
    rest: Rest,
) -> Response {
    let mut response = json(StatusCode::OK, Value::Array(items));
    let address = call.links().api(&call.path);
    let link = |(relation, page)| {
        format!(
            "<{address}?{}>; rel=\"{relation}\"",
            call.query.with_page(page)
        )
    };
    let links: Vec<_> = request.relations(rest).into_iter().map(link).collect();
    if !links.is_empty()
        && let Ok(value) = HeaderValue::from_str(&links.join(", "))
    {
        response.headers_mut().insert(LINK, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(page: usize, rest: Rest) -> Vec<(&'static str, usize)> {
        PageRequest { page, per_page: 10 }.relations(rest)
    }

    #[test]
    fn a_page_names_its_neighbours_and_the_ends_that_are_known() {
        assert_eq!(at(1, Rest::Total(10)), []);
        assert_eq!(at(1, Rest::Total(0)), []);
        assert_eq!(at(1, Rest::Total(25)), [("next", 2), ("last", 3)]);
        assert_eq!(
            at(2, Rest::Total(25)),
            [("prev", 1), ("next", 3), ("last", 3), ("first", 1)]
        );
        assert_eq!(
            at(3, Rest::HasMore(true)),
            [("prev", 2), ("next", 4), ("first", 1)]
        );
        assert_eq!(at(3, Rest::HasMore(false)), [("prev", 2), ("first", 1)]);
    }

    #[test]
    fn a_page_beyond_the_end_leads_back() {
        assert_eq!(at(9, Rest::Total(25)), [("prev", 3), ("first", 1)]);
    }

    #[test]
    fn a_page_larger_than_the_largest_is_the_largest() {
        let asked = PageRequest::read(&Query::parse("per_page=500")).expect("it is a number");
        assert_eq!(asked.per_page, 100);
    }

    #[test]
    fn what_is_no_size_is_refused() {
        let read = |text| PageRequest::read(&Query::parse(text));
        assert_eq!(
            read("").expect("defaults"),
            PageRequest {
                page: 1,
                per_page: 30
            }
        );
        for text in [
            "per_page=0",
            "per_page=x",
            "page=0",
            "page=-1",
            "page=1&page=2",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
