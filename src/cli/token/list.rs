//! `grantry token list`: live tokens, newest first.

use clap::Args;

use super::{find_owner, find_user, moment_or, state};
use crate::actions::Context;
use crate::cli::failure::Failure;
use crate::cli::table::lay_out;
use crate::cli::terminal::Terminal;
use crate::store::tokens::{self, TokenFilter};
use crate::store::{Reader, StoreError, accounts, grants};

/// List live tokens, newest first
#[derive(Debug, Args)]
pub(in crate::cli) struct List {
    /// Only those of this person
    #[arg(long, value_name = "LOGIN")]
    user: Option<String>,
    /// Only those with a grant or request at this owner
    #[arg(long, value_name = "LOGIN")]
    owner: Option<String>,
}

impl List {
    pub(super) async fn run(
        &self,
        context: &Context,
        terminal: &mut Terminal,
    ) -> Result<(), Failure> {
        let mut filter = TokenFilter::default();
        if let Some(login) = &self.user {
            filter.user = Some(find_user(context, login).await?.id);
        }
        if let Some(login) = &self.owner {
            filter.owner = Some(find_owner(context, login).await?.id);
        }
        let mut db = context.store.reader();
        let found = tokens::list(&mut db, filter).await?;
        if found.is_empty() {
            terminal.say("no live token fits");
            return Ok(());
        }
        let mut rows = Vec::new();
        for token in &found {
            rows.push(row(context, &mut db, token).await?);
        }
        let headings = [
            "ID",
            "IDENTIFIER",
            "USER",
            "KIND",
            "NAME",
            "STATE",
            "EXPIRES (UTC)",
            "LAST USED (UTC)",
            "OWNERS",
        ];
        terminal.print(&lay_out(&headings, &rows));
        Ok(())
    }
}

async fn row(
    context: &Context,
    db: &mut Reader,
    token: &tokens::Token,
) -> Result<Vec<String>, StoreError> {
    let user = accounts::find(db, token.user_id).await?;
    let last_use = tokens::find_last_use(db, token.id, None).await?;
    let mut owners = Vec::new();
    for grant in grants::list_of_token(db, token.id).await? {
        let owner = accounts::find(db, grant.owner_id).await?;
        owners.extend(owner.map(|owner| owner.login));
    }
    Ok(vec![
        token.id.to_string(),
        token.identifier.clone(),
        user.map(|user| user.login).unwrap_or_default(),
        token.kind.to_string(),
        token.name.clone(),
        state(token, context.clock.now()),
        moment_or(token.expires_at, "never"),
        moment_or(last_use, "never"),
        owners.join(", "),
    ])
}
