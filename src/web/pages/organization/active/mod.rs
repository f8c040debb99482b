//! Tokens that an account's reviewers let in, and taking that back.

pub mod bulk;
pub mod list;
pub mod revoke;
mod rows;
pub mod show;

use serde::Deserialize;

use super::outcome::Matter;
use super::reviewer::Reviewer;
use super::subject::Subject;
use super::view::View;
use crate::app::App;
use crate::domain::approval::GrantState;
use crate::domain::ids::GrantId;
use crate::store::listings::{Direction, Order};
use crate::web::error::{PageError, PageResult};
use crate::web::form::Fields;

/// The part of a path that names one grant.
#[derive(Debug, Deserialize)]
pub struct Id {
    id: String,
}

/// The list as an address asks for it: newest first, unless it says otherwise.
fn view(query: &Fields) -> View {
    View::read(query, Order::by_age(Direction::Descending))
}

/// Finds a grant of the reviewer's account; one that never worked does not exist, nor does one of the reviewer's own
/// tokens at the own account: those have pages of their own.
async fn find(app: &App, reviewer: &Reviewer, id: &Id) -> PageResult<Subject> {
    let id: GrantId = id.id.parse().map_err(|_| PageError::NotFound)?;
    let subject = Subject::find(app, reviewer, id).await?;
    let is_own = subject.user.id == reviewer.owner.id;
    if is_own || subject.grant.state == GrantState::None {
        return Err(PageError::NotFound);
    }
    Ok(subject)
}

fn matter<'a>(subject: &'a Subject, reviewer: &'a Reviewer) -> Matter<'a> {
    let list = reviewer.paths.active.clone();
    subject.matter(reviewer, "Back to the active tokens", list)
}

/// Whether there is something to take back.
const fn can_be_revoked(subject: &Subject) -> bool {
    matches!(
        subject.grant.state,
        GrantState::Active | GrantState::Suspended
    )
}
