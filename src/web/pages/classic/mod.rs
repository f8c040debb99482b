//! A developer's own classic tokens: the list, a new one, one of them with its edit, and everything that can be done to
//! it. What they share with fine-grained tokens stands with those.

pub mod against;
pub mod delete;
mod expires;
mod form;
mod ground;
mod link;
pub mod list;
mod made;
pub mod new;
mod obstacles;
pub mod one;
pub mod regenerate;
mod scopes;

pub use super::settings::nav;
pub use ground::Ground;

use crate::app::App;
use crate::domain::ids::TokenId;
use crate::domain::token::{TokenKind, TokenState};
use crate::store::tokens::{self, Token};
use crate::web::chrome::Chrome;
use crate::web::error::{PageError, PageResult};
use crate::web::extract::SignedIn;

/// The address of the list.
pub const LIST: &str = "/settings/tokens";

/// The title of the list.
const TITLE: &str = "Classic tokens";

/// The visitor's own classic token with this id, unless it was ended; anything else does not exist.
async fn find_own(app: &App, signed_in: &SignedIn, id: &str) -> PageResult<Token> {
    let id: TokenId = id.parse().map_err(|_| PageError::NotFound)?;
    let found = tokens::find(&mut app.context.store.reader(), id).await?;
    found
        .filter(|token| token.user_id == signed_in.user.id)
        .filter(|token| token.kind == TokenKind::Classic && token.state == TokenState::Live)
        .ok_or(PageError::NotFound)
}

/// The page of a token.
fn page_of(token: &Token) -> String {
    format!("{LIST}/{}", token.id)
}

/// The frame of a page below the list.
fn chrome(signed_in: &SignedIn, title: &str) -> Chrome {
    signed_in.chrome(title).crumb(TITLE, LIST)
}
