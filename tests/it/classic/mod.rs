//! Classic tokens of a developer: the rules, the pages, and what the catalog asks of them.

mod catalog;
mod edits;
mod lists;
mod pages;
mod regenerating;

use grantry::actions::edit_classic::{ClassicEdit, EditClassicError, edit_classic};
use grantry::actions::mint::MintError;
use grantry::actions::mint_classic::{ClassicDraft, MintedClassic, mint_classic};
use grantry::domain::ids::TokenId;
use grantry::domain::scope::ScopeSet;
use grantry::domain::token::classic::Dropped;
use grantry::domain::token::expiry::Expiration;
use grantry::store::tokens::{self, Token};

use crate::world::World;

const LIST: &str = "/settings/tokens";
const ISSUES: &str = "/repos/acme/web/issues";

impl World {
    fn scopes(&self, names: &[&str]) -> ScopeSet {
        let found = self.context.catalog.scope_set(names);
        found.expect("they are scopes")
    }

    /// A classic token of ana for 30 days.
    async fn classic(&self, note: &str, scopes: &[&str]) -> MintedClassic {
        let minted = self.try_classic("ana", note, scopes, Expiration::Days(30));
        minted.await.expect("it is made")
    }

    async fn try_classic(
        &self,
        user: &str,
        note: &str,
        scopes: &[&str],
        expiration: Expiration,
    ) -> Result<MintedClassic, MintError> {
        let draft = ClassicDraft {
            note: note.to_owned(),
            scopes: self.scopes(scopes),
            expiration,
        };
        let (origin, user) = (self.person(user).await, self.user(user).await);
        mint_classic(&self.context, &origin, user, &draft).await
    }

    async fn token(&self, id: TokenId) -> Token {
        let found = tokens::find(&mut self.reader(), id).await;
        found.expect("tokens can be read").expect("it is there")
    }

    async fn held(&self, id: TokenId) -> Vec<String> {
        let found = tokens::list_scopes(&mut self.reader(), id).await;
        found.expect("scopes can be read")
    }

    async fn edit_classic(
        &self,
        user: &str,
        id: TokenId,
        note: &str,
        scopes: &[&str],
    ) -> Result<Vec<Dropped>, EditClassicError> {
        let edit = ClassicEdit {
            rev: self.token(id).await.rev,
            note: note.to_owned(),
            scopes: self.scopes(scopes),
        };
        let (origin, user) = (self.person(user).await, self.user(user).await);
        edit_classic(&self.context, &origin, user, id, &edit).await
    }
}
