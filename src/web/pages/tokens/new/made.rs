//! The answer to the minting form: the secret, once, how to use it, and what happens next.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, HeaderValue};

use crate::actions::mint::Minted;
use crate::app::App;
use crate::domain::approval::request::Beginning;
use crate::domain::permission::Level;
use crate::store::{accounts, repositories, tokens};
use crate::web::chrome::{Chrome, Nav};
use crate::web::error::{PageResult, page};
use crate::web::extract::SignedIn;
use crate::web::pages::tokens::standing::reviewers;
use crate::web::pages::tokens::{LIST, nav};

#[derive(Template)]
#[template(path = "pages/tokens/made.html")]
struct MadePage {
    chrome: Chrome,
    nav: Nav,
    name: String,
    secret: String,
    token_page: String,
    commands: Vec<Command>,
    clone: String,
    login: String,
    waits: Vec<String>,
    works: Vec<String>,
}

/// Shows the secret of a token that was just made.
pub async fn show(app: &App, signed_in: &SignedIn, minted: &Minted) -> PageResult {
    let mut db = app.context.store.reader();
    let mut waits = Vec::new();
    let mut works = Vec::new();
    for grant in &minted.plan.grants {
        let Some(owner) = accounts::find(&mut db, grant.owner).await? else {
            continue;
        };
        if grant.beginning == Beginning::Pending {
            let who = reviewers(&mut db, owner.id).await?;
            waits.push(crate::domain::token::summary::approval(&owner.login, &who));
        } else {
            works.push(owner.login);
        }
    }
    let ids: Vec<_> = minted
        .plan
        .grants
        .iter()
        .flat_map(|grant| grant.ask.selection.listed())
        .collect();
    let first = repositories::list_by_ids(&mut db, &ids)
        .await?
        .into_iter()
        .next();
    let first = first.map(|repository| repository.full_name());
    let holds = |slug| {
        let permission = app.context.catalog.find_permission(slug);
        permission.is_some_and(|permission| {
            let holds = |ask: &crate::domain::approval::Ask| {
                ask.permissions.holds(permission.id, Level::Read)
            };
            minted.plan.grants.iter().any(|grant| holds(&grant.ask))
        })
    };
    let base = app.config.base_url.trim_end_matches('/');
    let token = tokens::find(&mut db, minted.token).await?;
    let template = MadePage {
        chrome: super::chrome(signed_in, "Your new token"),
        nav: nav(LIST),
        name: token.map(|token| token.name).unwrap_or_default(),
        secret: minted.secret.reveal().to_owned(),
        token_page: format!("{LIST}/{}", minted.token),
        commands: commands(base, first.as_deref(), holds("issues")),
        clone: first
            .filter(|_| holds("contents"))
            .map(|name| clone(base, &signed_in.user.login, &name))
            .unwrap_or_default(),
        login: signed_in.user.login.clone(),
        waits,
        works,
    };
    let mut response = page(StatusCode::OK, template);
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// A command to copy.
#[derive(Debug)]
pub struct Command {
    /// What it does, as a sentence.
    pub purpose: &'static str,
    /// Its name for those who do not see it, each another.
    pub label: &'static str,
    /// The command.
    pub text: String,
}

/// Commands with what each is for. The secret is read from the keyboard, so that no shell remembers it.
pub fn commands(base: &str, repository: Option<&str>, reads_issues: bool) -> Vec<Command> {
    let command = |purpose, label, text| Command {
        purpose,
        label,
        text,
    };
    let mut commands = vec![
        command(
            "Put the token into a variable: press Enter, paste it, press Enter again.",
            "command that takes the token",
            "read -rs TOKEN".to_owned(),
        ),
        command(
            "Ask who you are.",
            "command that asks who you are",
            curl(base, "/user"),
        ),
    ];
    if let Some(name) = repository {
        let issues = if reads_issues { "/issues" } else { "" };
        commands.push(command(
            "Call the first repository.",
            "command that calls the repository",
            curl(base, &format!("/repos/{name}{issues}")),
        ));
    }
    commands
}

fn curl(base: &str, path: &str) -> String {
    format!("curl -H \"Authorization: Bearer $TOKEN\" {base}/api/v3{path}")
}

/// The address names the user, so that git asks for the password alone.
fn clone(base: &str, login: &str, repository: &str) -> String {
    let address = base.replacen("://", &format!("://{login}@"), 1);
    format!("git clone {address}/{repository}.git")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_command_carries_the_secret() {
        let commands = commands("http://localhost:8080", Some("acme/web"), true);
        let shown: Vec<_> = commands
            .iter()
            .map(|command| command.text.as_str())
            .collect();
        assert_eq!(
            shown,
            [
                "read -rs TOKEN",
                "curl -H \"Authorization: Bearer $TOKEN\" http://localhost:8080/api/v3/user",
                "curl -H \"Authorization: Bearer $TOKEN\" http://localhost:8080/api/v3/repos/acme/web/issues",
            ]
        );
        assert_eq!(
            clone("http://localhost:8080", "ana", "acme/web"),
            "git clone http://ana@localhost:8080/acme/web.git"
        );
    }
}
