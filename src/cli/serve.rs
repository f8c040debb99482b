//! `grantry serve`: the server, until it is told to stop.

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::failure::Failure;
use super::open;
use super::terminal::Terminal;
use crate::app;
use crate::config::Config;
use crate::domain::account::AccountKind;
use crate::server;
use crate::store::accounts;

pub(super) async fn run(mut config: Config, terminal: &mut Terminal) -> Result<(), Failure> {
    let listener = listen(
        &config,
        "choose another with --listen, or stop the other program",
    )
    .await?;
    settle(&mut config, &listener)?;
    let stop = stop_signal()?;
    let context = open(&config).await?;
    let users = accounts::list(&mut context.store.reader(), AccountKind::User).await?;
    let database = context.store.kind();
    let (app, running) = app::start(context, config.clone()).await?;
    terminal.say(&format!(
        "Grantry listens on {} and answers as {} ({database}, data in {})",
        config.listen,
        config.base_url,
        config.data_dir.display()
    ));
    if users.is_empty() {
        terminal.say(
            "nobody is in the directory yet: describe it in a file (docs/directory.md), then run \
             `grantry import directory.toml` and `grantry link LOGIN`",
        );
    }
    server::serve(listener, app, running, stop)
        .await
        .map_err(|error| Failure::Failed(format!("the server stopped: {error}")))?;
    terminal.say("Grantry has stopped");
    Ok(())
}

/// Takes the address before anything else: a second server must not touch what the first one uses.
pub(super) async fn listen(config: &Config, advice: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(config.listen).await.map_err(|error| {
        let problem = match error.kind() {
            std::io::ErrorKind::AddrInUse => "another program uses it".to_owned(),
            _ => error.to_string(),
        };
        Failure::Failed(format!(
            "cannot listen on {}: {problem}; {advice}",
            config.listen
        ))
    })
}

/// Writes down the port that was given, where port 0 left the choice to the system.
pub(super) fn settle(config: &mut Config, listener: &TcpListener) -> Result<(), Failure> {
    let address = listener
        .local_addr()
        .map_err(|error| Failure::Failed(format!("the address cannot be read: {error}")))?;
    if let Some(host) = config.base_url.strip_suffix(":0") {
        config.base_url = format!("{host}:{}", address.port());
    }
    config.listen = address;
    Ok(())
}

/// Comes true when the server is asked to stop: by SIGTERM or by Ctrl-C.
pub(super) fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static, Failure> {
    let cannot = |error| Failure::Failed(format!("signals cannot be heard: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(cannot)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(cannot)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
