//! What an organization's pages about a token say of exemptions from its policy, and the way to another one.

use std::collections::BTreeMap;

use crate::domain::ids::TokenId;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenState;
use crate::store::accounts::Account;
use crate::store::exemption_lists::{self, Given};
use crate::store::tokens::Token;
use crate::store::{Db, StoreError};
use crate::web::pages::exemptions;
use crate::web::pages::organization::frame;

/// The exemptions of one token in force at an organization.
#[derive(Debug, Default)]
pub struct Exemptions {
    /// Each with its page and in a sentence.
    pub given: Vec<(String, String)>,
    /// Where the token is exempted; empty where it cannot be.
    pub give: String,
}

impl Exemptions {
    /// Finds them.
    pub async fn find(
        db: &mut impl Db,
        organization: &Account,
        token: &Token,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let list = frame::exemptions_path(&organization.login);
        let ids = [token.id];
        let mut found = exemption_lists::list_of_tokens(db, organization.id, &ids, now).await?;
        let given = found.remove(&token.id).unwrap_or_default();
        let line = |given: &Given| {
            (
                exemptions::one_path(&list, given.id),
                exemptions::sentence(given),
            )
        };
        let give = match token.state {
            TokenState::Live => exemptions::give_path(&list, token.id),
            TokenState::Ended => String::new(),
        };
        Ok(Self {
            given: given.iter().map(line).collect(),
            give,
        })
    }
}

/// A sentence for each exemption of these tokens, for lists.
pub async fn list(
    db: &mut impl Db,
    organization: &Account,
    tokens: &[TokenId],
    now: Timestamp,
) -> Result<BTreeMap<TokenId, Vec<String>>, StoreError> {
    let found = exemption_lists::list_of_tokens(db, organization.id, tokens, now).await?;
    let told = found
        .into_iter()
        .map(|(token, given)| (token, given.iter().map(exemptions::sentence).collect()));
    Ok(told.collect())
}
