//! `grantry token create`: mints under the same rules as the console and prints the secret alone on stdout.

use clap::Args;

use super::wishes::{TypedWish, TypedWishes};
use super::{find_owner, find_user, moment};
use crate::actions::Context;
use crate::actions::mint::{MintError, Minted, mint};
use crate::actions::mint_classic::{ClassicDraft, mint_classic};
use crate::cli::failure::Failure;
use crate::cli::terminal::Terminal;
use crate::domain::approval::request::Beginning;
use crate::domain::audit::{Actor, Origin};
use crate::domain::names;
use crate::domain::permission::{Level, PermissionSet};
use crate::domain::selection::Selection;
use crate::domain::token::conditions::Conditions;
use crate::domain::token::draft::{Draft, Field, Mistake, Wish};
use crate::domain::token::expiry::Expiration;
use crate::store::accounts::{self, Account};
use crate::store::{repositories, tokens};

/// Make a token under the same rules as the console; its secret is printed once
///
/// Each `--owner` begins a grant: the `--repo`, `--all`, `--public` and `--permission` after it belong to it. The secret
/// alone goes to stdout. Where an owner must approve, the token waits there as it would from the console.
#[derive(Debug, Args)]
pub(in crate::cli) struct Create {
    /// Whose token
    #[arg(long, value_name = "LOGIN")]
    user: String,
    /// Its name, or the note of a classic token
    #[arg(long, visible_alias = "note")]
    name: String,
    /// When it ends: 30d, 2027-01-31 or none
    #[arg(long, value_name = "WHEN", default_value = "30d")]
    expires: String,
    /// Why the owners should approve it
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    /// What it is for
    #[arg(long, value_name = "TEXT", default_value = "")]
    description: String,
    /// Make a classic token, which has scopes in place of grants
    #[arg(long, conflicts_with_all = ["owner", "repo", "all", "public", "permission", "reason", "description"])]
    classic: bool,
    /// Give a classic token a scope, such as repo; may be repeated
    #[arg(long)]
    scope: Vec<String>,
    #[command(flatten)]
    wishes: TypedWishes,
}

impl Create {
    pub(super) async fn run(
        &self,
        context: &Context,
        terminal: &mut Terminal,
    ) -> Result<(), Failure> {
        let user = find_user(context, &self.user).await?;
        if user.is_suspended() {
            let message = format!(
                "`{}` is suspended; a token of theirs would be dead",
                user.login
            );
            return Err(Failure::BadInput(message));
        }
        let expiration = Expiration::parse(&self.expires)
            .map_err(|error| Failure::BadInput(format!("--expires: {error}")))?;
        if self.classic {
            if self.scope.is_empty() {
                return Err(Failure::BadInput(
                    "a classic token needs at least one scope: add `--scope NAME`, such as `--scope repo`"
                        .to_owned(),
                ));
            }
            return self.classic(context, &user, expiration, terminal).await;
        }
        let draft = self.draft(context, expiration).await?;
        let origin = Origin::of(Actor::Operator);
        let minted = mint(context, &origin, user.id, &draft, None).await;
        let minted = match minted {
            Ok(minted) => minted,
            Err(error) => return Err(explain(context, error).await),
        };
        terminal.print(minted.secret.reveal());
        tell(context, &minted, terminal).await
    }

    async fn draft(&self, context: &Context, expiration: Expiration) -> Result<Draft, Failure> {
        if !self.scope.is_empty() {
            return Err(Failure::BadInput(
                "`--scope` belongs to a classic token: add `--classic`, or ask an owner for a permission".to_owned(),
            ));
        }
        if self.wishes.0.is_empty() {
            return Err(Failure::BadInput(
                "a token needs at least one owner: add `--owner LOGIN` with `--repo NAME`, `--all` or `--public`"
                    .to_owned(),
            ));
        }
        let mut wishes = Vec::new();
        for typed in &self.wishes.0 {
            wishes.push(wish(context, typed).await?);
        }
        Ok(Draft {
            name: self.name.clone(),
            description: self.description.clone(),
            expiration,
            justification: self.reason.clone(),
            wants_rotation: false,
            conditions: Conditions::default(),
            wishes,
        })
    }

    async fn classic(
        &self,
        context: &Context,
        user: &Account,
        expiration: Expiration,
        terminal: &mut Terminal,
    ) -> Result<(), Failure> {
        let scopes: Vec<_> = self.scope.iter().map(String::as_str).collect();
        let scopes = context.catalog.scope_set(&scopes).map_err(|unknown| {
            let known = context.catalog.scopes().iter();
            let known: Vec<_> = known.map(|scope| scope.name.as_str()).collect();
            let known = known.join(", ");
            Failure::BadInput(format!(
                "--scope: there is no scope `{unknown}`; there are {known}"
            ))
        })?;
        let draft = ClassicDraft {
            note: self.name.clone(),
            scopes,
            expiration,
        };
        let origin = Origin::of(Actor::Operator);
        let minted = match mint_classic(context, &origin, user.id, &draft).await {
            Ok(minted) => minted,
            Err(error) => return Err(explain(context, error).await),
        };
        terminal.print(minted.secret.reveal());
        for dropped in &minted.dropped {
            terminal.say(&dropped.to_string());
        }
        let end = minted.expires_at;
        let end = end.map_or_else(
            || "it has no end".to_owned(),
            |end| format!("it ends {} UTC", moment(end)),
        );
        terminal.say(&format!(
            "classic token {} of {}: {end}",
            minted.token, user.login
        ));
        Ok(())
    }
}

/// Reads what is asked of one owner.
async fn wish(context: &Context, typed: &TypedWish) -> Result<Wish, Failure> {
    let owner = find_owner(context, &typed.owner).await?;
    Ok(Wish {
        owner: owner.id,
        selection: selection(context, &owner, typed).await?,
        permissions: permissions(context, typed)?,
    })
}

async fn selection(
    context: &Context,
    owner: &Account,
    typed: &TypedWish,
) -> Result<Selection, Failure> {
    let choices = [!typed.repositories.is_empty(), typed.all, typed.public];
    if choices.iter().filter(|chosen| **chosen).count() > 1 {
        return Err(Failure::BadInput(format!(
            "--owner {}: choose one of `--repo`, `--all` and `--public`",
            typed.owner
        )));
    }
    if typed.all {
        return Ok(Selection::All);
    }
    if typed.repositories.is_empty() {
        return Ok(Selection::Public);
    }
    let mut chosen = std::collections::BTreeSet::new();
    for written in &typed.repositories {
        let name = match written.split_once('/') {
            Some((login, name)) if names::key(login) == names::key(&owner.login) => name,
            _ => written.as_str(),
        };
        let found = repositories::find_named(&mut context.store.reader(), owner.id, name).await?;
        let found = found.ok_or_else(|| {
            Failure::BadInput(format!(
                "--repo: `{}` has no repository `{written}`; check the name",
                owner.login
            ))
        })?;
        chosen.insert(found.id);
    }
    Ok(Selection::Selected(chosen))
}

fn permissions(context: &Context, typed: &TypedWish) -> Result<PermissionSet, Failure> {
    let mut set = PermissionSet::new();
    for written in &typed.permissions {
        let bad = |problem: String| Failure::BadInput(format!("--permission {written}: {problem}"));
        let (slug, level) = written
            .split_once('=')
            .ok_or_else(|| bad("write it as NAME=LEVEL, such as contents=read".to_owned()))?;
        let permission = context
            .catalog
            .find_permission(slug)
            .ok_or_else(|| bad(format!("there is no permission `{slug}`; check the name")))?;
        let level: Level = level.parse().map_err(|error| bad(format!("{error}")))?;
        set.insert(permission.id, level);
    }
    Ok(set)
}

/// Every mistake with the flag it belongs to.
async fn explain(context: &Context, error: MintError) -> Failure {
    let mistakes = match error {
        MintError::Mistakes(mistakes) => mistakes,
        MintError::Store(error) => return error.into(),
        other @ MintError::AlreadyMade(_) => return Failure::Failed(other.to_string()),
    };
    let mut lines = Vec::new();
    for mistake in mistakes {
        lines.push(format!(
            "{}: {}",
            flag(context, &mistake).await,
            mistake.message
        ));
    }
    lines.push("no token was made".to_owned());
    Failure::BadInput(lines.join("\n"))
}

async fn flag(context: &Context, mistake: &Mistake) -> String {
    let (name, owner) = match mistake.field {
        Field::Name => ("--name", None),
        Field::Description => ("--description", None),
        Field::Owners => ("--owner", None),
        Field::Repositories(owner) => ("--repo", Some(owner)),
        Field::Permissions(owner) => ("--permission", Some(owner)),
        Field::Expiration => ("--expires", None),
        Field::Justification => ("--reason", None),
        Field::Scopes => ("--scope", None),
    };
    let Some(owner) = owner else {
        return name.to_owned();
    };
    match accounts::find(&mut context.store.reader(), owner).await {
        Ok(Some(owner)) => format!("--owner {}, {name}", owner.login),
        _ => name.to_owned(),
    }
}

/// Says on stderr what was made and where it waits.
async fn tell(context: &Context, minted: &Minted, terminal: &mut Terminal) -> Result<(), Failure> {
    let mut db = context.store.reader();
    let token = tokens::find(&mut db, minted.token).await?;
    let end = token.and_then(|token| token.expires_at);
    let end = end.map_or_else(
        || "it has no end".to_owned(),
        |end| format!("it ends {} UTC", moment(end)),
    );
    terminal.say(&format!("token {}: {end}", minted.token));
    for grant in &minted.plan.grants {
        let owner = accounts::find(&mut db, grant.owner).await?;
        let owner = owner.map_or_else(String::new, |owner| owner.login);
        terminal.say(&match grant.beginning {
            Beginning::Active(_) => format!("at {owner}: works now"),
            Beginning::Pending => format!("at {owner}: waits until an owner approves it"),
        });
    }
    Ok(())
}
