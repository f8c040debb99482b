//! `grantry demo`: the server on a throw-away folder with a sample enterprise, to look around.

use std::fmt::Write as _;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use super::failure::Failure;
use super::serve::{listen, settle, stop_signal};
use super::settings::Settings;
use super::terminal::Terminal;
use crate::actions::Context;
use crate::actions::create_link::create_link;
use crate::app;
use crate::clock::{Clock as _, ManualClock, SystemClock};
use crate::config::Config;
use crate::demo::{self, PEOPLE};
use crate::domain::account::AccountKind;
use crate::domain::audit::{Actor, Origin};
use crate::entropy::SystemEntropy;
use crate::git::layout::Layout;
use crate::server;
use crate::store::{accounts, requests};

/// How long the printed links work, in seconds: as long as anybody will look at one demo.
const LINK_LIFE: i64 = 30 * 86_400;

pub(super) async fn run(settings: &Settings, terminal: &mut Terminal) -> Result<(), Failure> {
    let folder = tempfile::Builder::new()
        .prefix("grantry-demo-")
        .permissions(Permissions::from_mode(0o700))
        .tempdir()
        .map_err(|error| Failure::Failed(format!("no throw-away folder can be made: {error}")))?;
    let mut config = configure(settings, folder.path())?;
    let listener = listen(
        &config,
        "choose another address with `--listen 127.0.0.1:8081`",
    )
    .await?;
    settle(&mut config, &listener)?;
    let stop = stop_signal()?;
    terminal.say("Entering people, repositories with their history, and two months of tokens …");
    let (context, secret) = prepare(&config).await?;
    let guide = guide(&context, &config, &secret).await?;
    let (app, running) = app::start(context, config).await?;
    terminal.print(&guide);
    server::serve(listener, app, running, stop)
        .await
        .map_err(|error| Failure::Failed(format!("the demo stopped: {error}")))?;
    terminal.say("The demo has stopped and its folder is gone");
    Ok(())
}

/// The settings of this run: its own folder, and loopback only, since people can go on without a passkey.
fn configure(settings: &Settings, folder: &std::path::Path) -> Result<Config, Failure> {
    if settings.data_dir.is_some() {
        return Err(Failure::BadInput(
            "the demo keeps everything in a throw-away folder of its own: leave `--data-dir` away"
                .to_owned(),
        ));
    }
    let in_folder = || format!("sqlite://{}", folder.join("grantry.db").display());
    let settings = Settings {
        data_dir: Some(folder.to_owned()),
        database_url: settings.database_url.clone().or_else(|| Some(in_folder())),
        ..settings.clone()
    };
    let mut config = settings.config()?;
    if !config.listen.ip().is_loopback() {
        return Err(Failure::BadInput(format!(
            "the demo lets people in without a passkey, so it listens on this machine only: write `--listen \
             127.0.0.1:{}`",
            config.listen.port()
        )));
    }
    config.demo = true;
    Ok(config)
}

/// Opens the database, tells the story, and hands over to the machine's clock.
async fn prepare(config: &Config) -> Result<(Context, String), Failure> {
    let system = Arc::new(SystemClock::default());
    let now = system.now();
    let manual = Arc::new(ManualClock::new(now.plus_days(-demo::DAYS)));
    let clock: Arc<ManualClock> = Arc::clone(&manual);
    let context = app::open(config, clock, Arc::new(SystemEntropy)).await?;
    let users = accounts::list(&mut context.store.reader(), AccountKind::User).await?;
    if !users.is_empty() {
        return Err(Failure::BadInput(
            "this database has people in it already: give the demo an empty one".to_owned(),
        ));
    }
    let layout = Layout::new(&config.data_dir);
    let secret = demo::tell(&context, &manual, &layout, now)
        .await
        .map_err(|error| Failure::Failed(error.to_string()))?;
    let context = Context {
        clock: system,
        ..context
    };
    Ok((context, secret.reveal().to_owned()))
}

/// What to open and what to type.
async fn guide(context: &Context, config: &Config, secret: &str) -> Result<String, Failure> {
    let base = &config.base_url;
    let mut text = format!(
        "\nGrantry's demo is at {base}\nStop it with Ctrl-C; then everything in it is gone.\n\nOpen a link to be that person, with a passkey or without (another \
         browser profile can be somebody else at the same time):\n\n"
    );
    for person in PEOPLE {
        let link = link(context, config, person.login).await?;
        let waiting = waiting(context, person.login).await?;
        line(
            &mut text,
            &format!(
                "  {:<5} {}{waiting}\n        {link}",
                person.login, person.part
            ),
        );
    }
    let program = std::env::current_exe()
        .map_or_else(|_| "grantry".to_owned(), |path| path.display().to_string());
    line(&mut text, "\nAnother link, while the demo runs:\n");
    line(
        &mut text,
        &format!(
            "  {program} link olga --data-dir {} --database-url '{}' --base-url {base}",
            config.data_dir.display(),
            hide_password(&config.database_url)
        ),
    );
    line(
        &mut text,
        "\nTry a token of ana's, which may write to acme/web:\n",
    );
    let bearer = format!("curl -H 'Authorization: Bearer {secret}'");
    line(
        &mut text,
        &format!("  {bearer} {base}/api/v3/repos/acme/web/issues"),
    );
    line(
        &mut text,
        &format!("  {bearer} {base}/api/v3/orgs/acme/members    # refused, and it says why"),
    );
    let (scheme, host) = base.split_once("://").unwrap_or(("http", base));
    line(
        &mut text,
        &format!("  git clone {scheme}://ana:{secret}@{host}/acme/web.git"),
    );
    Ok(text)
}

fn line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("a String takes every text");
}

async fn link(context: &Context, config: &Config, login: &str) -> Result<String, Failure> {
    let user = super::token::find_user(context, login).await?;
    let origin = Origin::of(Actor::Operator);
    let (code, _) = create_link(context, &origin, user.id, LINK_LIFE).await?;
    Ok(format!("{}/enroll/{code}", config.base_url))
}

async fn waiting(context: &Context, login: &str) -> Result<String, Failure> {
    let user = super::token::find_user(context, login).await?;
    let count = requests::count_pending_for_owner(&mut context.store.reader(), user.id).await?;
    Ok(match count {
        0 => String::new(),
        1 => " (1 request waits)".to_owned(),
        count => format!(" ({count} requests wait)"),
    })
}

/// The address of a database without the password that may be in it.
fn hide_password(database_url: &str) -> String {
    let Ok(mut url) = url::Url::parse(database_url) else {
        return database_url.to_owned();
    };
    if url.password().is_none() {
        return database_url.to_owned();
    }
    let hidden = url.set_password(Some("PASSWORD"));
    if hidden.is_ok() {
        url.to_string()
    } else {
        "DATABASE_URL".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_printed() {
        let shown = hide_password("postgres://u:hunter2@localhost/db");
        assert_eq!(shown, "postgres://u:PASSWORD@localhost/db");
        assert_eq!(hide_password("sqlite:///tmp/x.db"), "sqlite:///tmp/x.db");
    }
}
