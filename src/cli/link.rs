//! `grantry link`: a one-time link with which a person registers the first passkey, or another after losing all.

use clap::Args;

use super::failure::Failure;
use super::terminal::Terminal;
use super::{open, token::find_user};
use crate::actions::create_link::{LINK_LIFE, create_link};
use crate::config::Config;
use crate::domain::audit::{Actor, Origin};

/// Make a one-time link with which a person registers a passkey
///
/// The link works once and for an hour. It replaces an earlier one that was not used.
#[derive(Debug, Args)]
pub(super) struct Link {
    /// Whose link
    login: String,
}

impl Link {
    pub(super) async fn run(&self, config: Config, terminal: &mut Terminal) -> Result<(), Failure> {
        let context = open(&config).await?;
        let user = find_user(&context, &self.login).await?;
        if user.is_suspended() {
            return Err(Failure::BadInput(format!(
                "`{}` is suspended; import the directory with `suspended = false` first",
                user.login
            )));
        }
        let origin = Origin::of(Actor::Operator);
        let (code, until) = create_link(&context, &origin, user.id, LINK_LIFE).await?;
        terminal.print(&format!("{}/enroll/{code}", config.base_url));
        terminal.say(&format!(
            "give this link to {} ({}): it works once, until {} (1 hour)",
            user.login,
            user.name,
            until.to_utc().format("%Y-%m-%d %H:%M UTC")
        ));
        context.store.close().await;
        Ok(())
    }
}
