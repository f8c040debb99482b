//! `grantry token revoke`: ends a token for good; a running server hears of it within a second.

use clap::Args;

use super::{find_token, state};
use crate::actions::Context;
use crate::actions::revoke_token::revoke_token;
use crate::cli::failure::Failure;
use crate::cli::terminal::Terminal;
use crate::domain::approval::decide::LONGEST_REASON;
use crate::domain::audit::{Actor, Origin};

/// End a token for good; a running server hears of it within a second
#[derive(Debug, Args)]
pub(in crate::cli) struct Revoke {
    /// Its id, the 22 characters in its string, its secret, or - to read one of them from stdin
    #[arg(value_name = "ID|IDENTIFIER|SECRET")]
    token: String,
    /// Why, for its user and the audit log
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
}

impl Revoke {
    pub(super) async fn run(
        &self,
        context: &Context,
        terminal: &mut Terminal,
    ) -> Result<(), Failure> {
        let reason = self.reason.trim();
        let length = reason.chars().count();
        if length > LONGEST_REASON {
            return Err(Failure::BadInput(format!(
                "--reason: the reason has {length} characters; {LONGEST_REASON} fit"
            )));
        }
        let token = find_token(context, &self.token).await?;
        let origin = Origin::of(Actor::Operator);
        if !revoke_token(context, &origin, token.id, reason).await? {
            return Err(Failure::BadInput(format!(
                "token {} has ended already ({}); nothing was changed",
                token.id,
                state(&token, context.clock.now())
            )));
        }
        terminal.print(&format!("token {} (`{}`) is revoked", token.id, token.name));
        Ok(())
    }
}
