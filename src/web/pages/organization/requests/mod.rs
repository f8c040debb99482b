//! Requests that wait for an account's reviewers.

pub mod bulk;
pub(in crate::web::pages) mod change;
pub(super) mod content;
pub mod decide;
pub mod list;
pub mod part;
mod rows;
pub mod show;

use serde::Deserialize;

pub(in crate::web::pages) use content::Folded;

use super::outcome::Matter;
use super::reviewer::Reviewer;
use super::subject::Subject;
use super::view::View;
use crate::app::App;
use crate::domain::approval::RequestState;
use crate::domain::approval::words::Names;
use crate::domain::ids::RequestId;
use crate::domain::names;
use crate::store::listings::{Direction, Key, Order, Place, SortBy};
use crate::store::requests::{self, Request};
use crate::web::error::{PageError, PageResult};
use crate::web::form::Fields;

/// The part of a path that names one request.
#[derive(Debug, Deserialize)]
pub struct Id {
    id: String,
}

/// The queue as an address asks for it: oldest first, unless it says otherwise.
fn view(query: &Fields) -> View {
    View::read(query, Order::by_age(Direction::Ascending))
}

/// A request with everything it is about, and the queue that it was opened from.
#[derive(Debug)]
pub(super) struct Case {
    request: Request,
    subject: Subject,
    view: View,
}

impl Case {
    /// Finds a request of the reviewer's account; any other does not exist.
    async fn find(app: &App, reviewer: &Reviewer, id: &Id, query: &Fields) -> PageResult<Self> {
        let id: RequestId = id.id.parse().map_err(|_| PageError::NotFound)?;
        let request = requests::find(&mut app.context.store.reader(), id)
            .await?
            .filter(|request| request.owner_id == reviewer.owner.id)
            .ok_or(PageError::NotFound)?;
        Ok(Self {
            subject: Subject::find(app, reviewer, request.grant_id).await?,
            view: view(query),
            request,
        })
    }

    fn names<'a>(&'a self, reviewer: &'a Reviewer) -> Names<'a> {
        self.subject.names(reviewer)
    }

    fn matter<'a>(&'a self, reviewer: &'a Reviewer) -> Matter<'a> {
        let list = self.view.address(&reviewer.paths.requests);
        self.subject
            .matter(reviewer, "Back to the pending requests", list)
    }

    /// Whether it still waits.
    fn waits(&self) -> bool {
        self.request.state == RequestState::Pending
    }

    /// Its page without the view.
    fn path(&self, reviewer: &Reviewer) -> String {
        reviewer.paths.request(self.request.id)
    }

    /// Its page in the queue that it was opened from.
    fn address(&self, reviewer: &Reviewer) -> String {
        self.view.address(&self.path(reviewer))
    }

    /// Where it stands in the queue, also when it has left it.
    fn place(&self) -> Place {
        let key = match self.view.order.by {
            SortBy::Person => Key::Text(names::key(&self.subject.user.login)),
            SortBy::Token => Key::Text(names::key(&self.subject.token.name)),
            // The queue is sorted by nothing else.
            SortBy::At | SortBy::LastUsed | SortBy::End => {
                Key::Number(self.request.created_at.as_micros())
            }
        };
        Place {
            key,
            id: self.request.id.get(),
        }
    }
}
