//! `grantry token`: the operator makes, lists, shows and revokes tokens, also while a server runs.

mod create;
mod list;
mod revoke;
mod show;
mod wishes;

use std::io::Read as _;

use clap::Subcommand;

use super::failure::Failure;
use super::open;
use super::terminal::Terminal;
use crate::actions::Context;
use crate::config::Config;
use crate::domain::ids::TokenId;
use crate::domain::time::Timestamp;
use crate::domain::token::{TokenState, secret};
use crate::store::accounts::{self, Account};
use crate::store::tokens;

/// What can be done with tokens.
#[derive(Debug, Subcommand)]
pub(super) enum Token {
    /// Make a token under the same rules as the console; its secret is printed once
    Create(create::Create),
    /// List live tokens
    List(list::List),
    /// Show one token with everything it may do, and where
    Show(show::Show),
    /// End a token for good
    Revoke(revoke::Revoke),
}

impl Token {
    pub(super) async fn run(&self, config: Config, terminal: &mut Terminal) -> Result<(), Failure> {
        let context = open(&config).await?;
        let outcome = match self {
            Self::Create(create) => create.run(&context, terminal).await,
            Self::List(list) => list.run(&context, terminal).await,
            Self::Show(show) => show.run(&context, terminal).await,
            Self::Revoke(revoke) => revoke.run(&context, terminal).await,
        };
        context.store.close().await;
        outcome
    }
}

/// The user with a login, or a sentence on what to check.
pub(super) async fn find_user(context: &Context, login: &str) -> Result<Account, Failure> {
    let found = accounts::find_user(&mut context.store.reader(), login).await?;
    found.ok_or_else(|| {
        Failure::BadInput(format!(
            "there is no user `{login}`; check the login, or enter the person with `grantry import`"
        ))
    })
}

/// The user, organization or enterprise with a name, or a sentence on what to check.
async fn find_owner(context: &Context, login: &str) -> Result<Account, Failure> {
    let mut db = context.store.reader();
    if let Some(found) = accounts::find_login(&mut db, login).await? {
        return Ok(found);
    }
    let found = accounts::find_slug(&mut db, login).await?;
    found.ok_or_else(|| {
        Failure::BadInput(format!(
            "there is no user, organization or enterprise `{login}`; check the name"
        ))
    })
}

/// The token that an id, an identifier or a secret names; `-` reads it from stdin, so that no secret stands in the
/// list of processes. What may be a secret is never repeated.
async fn find_token(context: &Context, name: &str) -> Result<tokens::Token, Failure> {
    let name = if name == "-" {
        read_line()?
    } else {
        name.to_owned()
    };
    let mut db = context.store.reader();
    if let Some(presented) = secret::read(&context.token_prefix, &name) {
        let found = tokens::find_by_secret(&mut db, presented.hash).await?;
        return found.ok_or_else(|| {
            Failure::BadInput("no token has this secret, now or before".to_owned())
        });
    }
    if let Ok(id) = name.parse::<TokenId>() {
        let found = tokens::find(&mut db, id).await?;
        return found.ok_or_else(|| {
            Failure::BadInput(format!(
                "there is no token {id}; `grantry token list` shows the live ones"
            ))
        });
    }
    let found = match name.len() {
        22 => tokens::find_by_identifier(&mut db, &name).await?,
        _ => None,
    };
    found.ok_or_else(|| {
        Failure::BadInput(
            "this names no token; give its id, the 22 characters in its string, or its whole secret (`-` reads it from \
             stdin)"
                .to_owned(),
        )
    })
}

fn read_line() -> Result<String, Failure> {
    let mut text = String::new();
    let mut input = std::io::stdin().lock().take(1_000);
    input.read_to_string(&mut text).map_err(|error| {
        Failure::BadInput(format!(
            "stdin cannot be read: {error}; write the token to it"
        ))
    })?;
    Ok(text.trim().to_owned())
}

/// How a token stands, in a word or two.
fn state(token: &tokens::Token, now: Timestamp) -> String {
    match (token.state, token.ended_reason) {
        (TokenState::Ended, Some(reason)) => reason.as_str().to_owned(),
        (TokenState::Ended, None) => "ended".to_owned(),
        (TokenState::Live, _) if token.is_expired(now) => "expired".to_owned(),
        (TokenState::Live, _) => "live".to_owned(),
    }
}

/// A moment as tables show it.
fn moment(at: Timestamp) -> String {
    at.to_utc().format("%Y-%m-%d %H:%M").to_string()
}

/// A moment that may never come, as tables show it.
fn moment_or(at: Option<Timestamp>, otherwise: &str) -> String {
    at.map_or_else(|| otherwise.to_owned(), moment)
}
