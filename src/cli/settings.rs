//! Flags that every command takes, over the file and the environment.

use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use crate::config::{Config, Layers};

/// Where everything is. Later wins: the file, `GRANTRY_…` in the environment, flags.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Settings")]
pub(super) struct Settings {
    /// Read settings from this file
    #[arg(long, global = true, value_name = "FILE", env = "GRANTRY_CONFIG")]
    pub(super) config: Option<PathBuf>,
    /// Listen on this address and port [default: 127.0.0.1:8080]
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub(super) listen: Option<String>,
    /// The address under which people and clients reach the server
    #[arg(long, global = true, value_name = "URL")]
    pub(super) base_url: Option<String>,
    /// sqlite://… or postgres://… [default: grantry.db in the data folder]
    #[arg(long, global = true, value_name = "URL")]
    pub(super) database_url: Option<String>,
    /// The folder of the database and the repositories [default: grantry-data]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub(super) data_dir: Option<PathBuf>,
}

impl Settings {
    /// Everything together.
    pub(super) fn config(&self) -> Result<Config, Failure> {
        let layers = match &self.config {
            Some(file) => Layers::default().file(file)?,
            None => Layers::default(),
        };
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        let data_dir = self.data_dir.as_ref();
        let data_dir = data_dir.map(|folder| folder.to_string_lossy().into_owned());
        Ok(layers
            .environment(variables)?
            .flag("listen", self.listen.clone())?
            .flag("base_url", self.base_url.clone())?
            .flag("database_url", self.database_url.clone())?
            .flag("data_dir", data_dir)?
            .finish()?)
    }
}
