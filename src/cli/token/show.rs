//! `grantry token show`: one token with everything it may do, and where. Never its secret.

use clap::Args;

use super::{find_token, moment, moment_or, state};
use crate::actions::Context;
use crate::cli::failure::Failure;
use crate::cli::terminal::Terminal;
use crate::domain::approval::{Ask, GrantStanding, RequestState};
use crate::domain::selection::Selection;
use crate::domain::token::TokenKind;
use crate::store::grants::Grant;
use crate::store::requests::Request;
use crate::store::{Reader, StoreError, accounts, grants, repositories, requests, tokens};

/// Show one token with everything it may do, and where
#[derive(Debug, Args)]
pub(in crate::cli) struct Show {
    /// Its id, the 22 characters in its string, its secret, or - to read one of them from stdin
    #[arg(value_name = "ID|IDENTIFIER|SECRET")]
    token: String,
}

impl Show {
    pub(super) async fn run(
        &self,
        context: &Context,
        terminal: &mut Terminal,
    ) -> Result<(), Failure> {
        let token = find_token(context, &self.token).await?;
        let mut db = context.store.reader();
        let user = accounts::find(&mut db, token.user_id).await?;
        let last_use = tokens::find_last_use(&mut db, token.id, None).await?;
        let lines = [
            ("id", token.id.to_string()),
            ("identifier", token.identifier.clone()),
            ("user", user.map(|user| user.login).unwrap_or_default()),
            ("kind", token.kind.title().to_owned()),
            ("name", token.name.clone()),
            ("state", ended(&token, context)),
            ("created", format!("{} UTC", moment(token.created_at))),
            ("expires", moment_or(token.expires_at, "never")),
            ("last used", moment_or(last_use, "never")),
        ];
        for (name, value) in lines {
            terminal.print(&format!("{name:<12}{value}"));
        }
        if token.kind == TokenKind::Classic {
            let scopes = tokens::list_scopes(&mut db, token.id).await?;
            terminal.print(&format!("{:<12}{}", "scopes", or_none(&scopes.join(", "))));
        }
        for grant in grants::list_of_token(&mut db, token.id).await? {
            for line in describe(context, &mut db, &grant).await? {
                terminal.print(&line);
            }
        }
        Ok(())
    }
}

fn ended(token: &tokens::Token, context: &Context) -> String {
    let word = state(token, context.clock.now());
    match token.ended_at {
        Some(at) => format!("{word} {} UTC", moment(at)),
        None => word,
    }
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}

/// A grant: how it stands, what it gives or asks for, and what was decided.
async fn describe(
    context: &Context,
    db: &mut Reader,
    grant: &Grant,
) -> Result<Vec<String>, StoreError> {
    let owner = accounts::find(db, grant.owner_id).await?;
    let owner = owner.map(|owner| owner.login).unwrap_or_default();
    let asked = requests::list_of_grant(db, grant.id).await?;
    let latest = asked.last();
    let standing = GrantStanding::of(grant.state, latest.map(|request| request.state));
    let mut lines = vec![format!("\nat {owner}: {standing}")];
    let ask = match latest.filter(|_| grant.activated_at.is_none()) {
        Some(request) => requests::load_ask(db, context.catalog, request).await?,
        None => grants::load_ask(db, context.catalog, grant).await?,
    };
    lines.push(format!(
        "  {:<14}{}",
        "repositories",
        selected(db, &ask).await?
    ));
    lines.push(format!(
        "  {:<14}{}",
        "permissions",
        permissions(context, &ask)
    ));
    lines.extend(latest.and_then(decision));
    if !grant.reason.is_empty() {
        lines.push(format!("  {:<14}{}", "revoked", grant.reason));
    }
    Ok(lines)
}

async fn selected(db: &mut Reader, ask: &Ask) -> Result<String, StoreError> {
    let listed: Vec<_> = ask.selection.listed().collect();
    let found = repositories::list_by_ids(db, &listed).await?;
    let names: Vec<_> = found
        .into_iter()
        .map(|repository| repository.name)
        .collect();
    Ok(match ask.selection {
        Selection::All => "all".to_owned(),
        Selection::Public => "public ones, to read".to_owned(),
        Selection::Selected(_) => or_none(&names.join(", ")).to_owned(),
    })
}

fn permissions(context: &Context, ask: &Ask) -> String {
    let pairs = ask
        .permissions
        .iter()
        .map(|(id, level)| format!("{}={level}", context.catalog.permission(id).slug));
    or_none(&pairs.collect::<Vec<_>>().join(", ")).to_owned()
}

fn decision(request: &Request) -> Option<String> {
    let line = |word: &str, text: &str| Some(format!("  {word:<14}{}", or_none(text)));
    match request.state {
        RequestState::Pending => line("asked because", &request.reason),
        RequestState::Denied => line("denied because", &request.decision_reason),
        RequestState::Cancelled => line("cancelled", &request.decision_reason),
        RequestState::Approved => None,
    }
}
