//! A running Grantry: everything that handlers share, built once from the configuration.

use std::sync::Arc;

use tokio::task::JoinHandle;
use url::Url;
use webauthn_rs::prelude::{Webauthn, WebauthnBuilder, WebauthnError};

use crate::actions::Context;
use crate::api::limits::Limiter;
use crate::audit_key;
use crate::background::leaks::LeakDesk;
use crate::background::stream::{self, Receiver};
use crate::background::{self, Rules, anchor};
use crate::clock::Clock;
use crate::config::Config;
use crate::courier::Courier;
use crate::domain::audit::seal::SealKey;
use crate::domain::catalog::Catalog;
use crate::entropy::Entropy;
use crate::gate::{Gate, Memory, Recorder, feed};
use crate::git::backend::GitBackend;
use crate::git::layout::Layout;
use crate::git::receive::PushDesk;
use crate::store::{Store, StoreError, records};

/// What handlers share. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    /// What actions work with.
    pub context: Context,
    /// What decides calls.
    pub gate: Gate,
    /// What the operator set.
    pub config: Arc<Config>,
    /// Where the bare repositories lie, and how git is run on them.
    pub git: GitSide,
    /// What seals the audit log.
    pub audit_key: SealKey,
    /// What passkeys are made for and checked against: this installation's address.
    pub passkeys: Arc<Webauthn>,
    /// Takes reports of leaked secrets.
    pub leaks: LeakDesk,
    /// Counts the calls of the API.
    pub limiter: Arc<Limiter>,
}

/// Everything about git that handlers share.
#[derive(Debug, Clone)]
pub struct GitSide {
    /// Where the bare repositories lie.
    pub layout: Layout,
    /// Runs `git http-backend`.
    pub backend: Arc<GitBackend>,
    /// Where running pushes wait for their verdicts.
    pub desk: Arc<PushDesk>,
}

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder cannot be used.
    #[error("the data folder `{path}` cannot be used: {source}")]
    DataFolder {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The database cannot be opened.
    #[error("the database cannot be opened: {0}; check `database_url`")]
    Store(#[from] StoreError),
    /// The tables cannot be brought up to date.
    #[error("the database cannot be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The key of the audit log cannot be read or made.
    #[error("the key of the audit log cannot be used: {0}; look at `audit.key` in the data folder")]
    AuditKey(std::io::Error),
    /// Other servers cannot be called.
    #[error("TLS cannot be used: {0}")]
    Courier(reqwest::Error),
    /// Passkeys cannot belong to the address.
    #[error(
        "passkeys cannot be made for `{base_url}`: {source}; `base_url` must have a host name, not a number"
    )]
    Passkeys {
        /// The address.
        base_url: String,
        /// Why.
        source: WebauthnError,
    },
    /// Git is missing or cannot be run.
    #[error("git cannot be used: {0}; install git")]
    Git(std::io::Error),
}

/// Opens the database and brings it up to date, for the server and for every command.
pub async fn open(
    config: &Config,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<Context, StartError> {
    let folder = |source| StartError::DataFolder {
        path: config.data_dir.display().to_string(),
        source,
    };
    create_private(&config.data_dir).map_err(folder)?;
    let store = Store::open(&config.database_url).await?;
    store.migrate().await?;
    clock.raise(records::latest(&mut store.reader()).await?);
    Ok(Context {
        store,
        clock,
        entropy,
        catalog: Catalog::github(),
        memory: Arc::new(Memory::default()),
        limits: config.limits,
        token_prefix: config.token_prefix.as_str().into(),
    })
}

/// A folder that only this user may enter: it holds the database and the repositories.
fn create_private(path: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

/// What must be waited for when the server stops, after the last handle to the app is gone.
#[derive(Debug)]
pub struct Running {
    feed: JoinHandle<()>,
    recorder: JoinHandle<()>,
    leaks: JoinHandle<()>,
    housekeeping: JoinHandle<()>,
    sealing: JoinHandle<()>,
    streams: Vec<JoinHandle<()>>,
    store: Store,
}

impl Running {
    /// Writes what is still to be written and closes the database. Every [`App`] must be dropped before.
    pub async fn stop(self) {
        self.feed.abort();
        self.housekeeping.abort();
        self.sealing.abort();
        for stream in &self.streams {
            stream.abort();
        }
        if tokio::time::timeout(std::time::Duration::from_secs(10), self.recorder)
            .await
            .is_err()
        {
            tracing::error!("the recorder did not finish in time");
        }
        if tokio::time::timeout(std::time::Duration::from_secs(10), self.leaks)
            .await
            .is_err()
        {
            tracing::error!("reports of leaked secrets were not worked off in time");
        }
        self.store.close().await;
    }
}

/// What passkeys are made for: the host of the address, used from that address alone.
pub fn relying_party(base_url: &str) -> Result<Webauthn, StartError> {
    let refused = |source| StartError::Passkeys {
        base_url: base_url.to_owned(),
        source,
    };
    let url = Url::parse(base_url).map_err(|_| refused(WebauthnError::InvalidRPOrigin))?;
    WebauthnBuilder::new(url.domain().unwrap_or_default(), &url)
        .and_then(|builder| builder.rp_name("Grantry").build())
        .map_err(refused)
}

/// Where the operator wishes the log to go.
fn receivers(config: &Config, courier: &Courier) -> Vec<Receiver> {
    let audit = &config.audit;
    let url = audit.stream_url.clone().map(|url| Receiver::Url {
        url,
        secret: audit.stream_secret.0.clone(),
        courier: courier.clone(),
    });
    let file = audit.stream_file.clone().map(Receiver::File);
    url.into_iter().chain(file).collect()
}

/// Starts what runs beside the handlers: the recorder and the ear for changes.
pub async fn start(context: Context, config: Config) -> Result<(App, Running), StartError> {
    let passkeys = Arc::new(relying_party(&config.base_url)?);
    let layout = Layout::new(&config.data_dir);
    crate::git::hook::install_hook(&layout.hooks()).map_err(StartError::Git)?;
    let program = std::env::current_exe().map_err(StartError::Git)?;
    let backend = GitBackend::find(layout.hooks(), program).map_err(StartError::Git)?;
    let desk = PushDesk::open().map_err(StartError::Git)?;
    let store = context.store.clone();
    let (recorder, recording) = Recorder::start(store.clone(), config.audit_mode);
    let head = crate::store::changes::head(&mut store.reader()).await?;
    let hearing = tokio::spawn(feed::listen(
        store.clone(),
        Arc::clone(&context.memory),
        head,
    ));
    let (leaks, leaking) = LeakDesk::start(context.clone());
    let gate = Gate::new(
        store.clone(),
        Arc::clone(&context.memory),
        recorder,
        context.catalog,
        Arc::clone(&context.clock),
        &config.token_prefix,
        &config.base_url,
    );
    let rules = Rules {
        unused_days: i64::from(config.limits.unused_days),
        retention_days: config.audit.retention_days.map(i64::from),
    };
    let housekeeping = background::start(context.clone(), gate.clone(), layout.clone(), rules);
    let audit_key = audit_key::load(&config.data_dir, context.entropy.as_ref())
        .map_err(StartError::AuditKey)?;
    let courier = Courier::new(config.audit.stream_allow_private).map_err(StartError::Courier)?;
    let streams = receivers(&config, &courier)
        .into_iter()
        .map(|receiver| stream::start(store.clone(), Arc::clone(&context.clock), receiver))
        .collect();
    let sealing = anchor::start(
        store.clone(),
        Arc::clone(&context.clock),
        audit_key.clone(),
        anchor::Places {
            data_dir: config.data_dir.clone(),
            file: config.audit.anchor_file.clone(),
            url: config.audit.anchor_url.clone(),
        },
        courier,
    );
    let git = GitSide {
        layout,
        backend: Arc::new(backend),
        desk: Arc::new(desk),
    };
    let limiter = Arc::new(Limiter::new(config.rates));
    let app = App {
        context,
        gate,
        config: Arc::new(config),
        git,
        audit_key,
        passkeys,
        leaks,
        limiter,
    };
    Ok((
        app,
        Running {
            feed: hearing,
            recorder: recording,
            leaks: leaking,
            housekeeping,
            sealing,
            streams,
            store,
        },
    ))
}
