//! The log: to stderr, filtered by `GRANTRY_LOG`. Nothing in it is a secret; addresses come without their query.

use std::io;

use tracing_subscriber::EnvFilter;

use super::failure::Failure;

/// Starts logging at `level` unless `GRANTRY_LOG` says otherwise, as text or, with `GRANTRY_LOG_FORMAT=json`, as JSON.
pub(super) fn start(level: &str) -> Result<(), Failure> {
    let filter = match std::env::var("GRANTRY_LOG") {
        Ok(filter) => EnvFilter::try_new(&filter).map_err(|_| {
            Failure::BadInput(format!(
                "the environment variable `GRANTRY_LOG` is `{filter}`, which is no filter such as `info` or `grantry=debug`"
            ))
        })?,
        // Every statement would be a line otherwise.
        Err(_) => EnvFilter::new(format!("{level},sqlx=warn")),
    };
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    match std::env::var("GRANTRY_LOG_FORMAT").as_deref() {
        Ok("json") => log.json().init(),
        Ok("text") | Err(_) => log.with_ansi(false).init(),
        Ok(other) => {
            return Err(Failure::BadInput(format!(
                "the environment variable `GRANTRY_LOG_FORMAT` is `{other}`: write `text` or `json`"
            )));
        }
    }
    Ok(())
}
