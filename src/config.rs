//! Settings: `grantry.toml`, then `GRANTRY_…` in the environment, then flags; later wins. A value that is unknown or
//! cannot be used stops the start and names itself.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use url::Url;

use crate::domain::rate::Rates;
use crate::domain::token::draft::Limits;
use crate::gate::Mode;

/// What an operator can set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where the server listens.
    pub listen: SocketAddr,
    /// The address under which people and clients reach it, without a slash at its end.
    pub base_url: String,
    /// Where everything is stored: `sqlite://…` or `postgres://…`.
    pub database_url: String,
    /// The folder of the database, bare repositories and keys.
    pub data_dir: PathBuf,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The first word of token strings.
    pub token_prefix: String,
    /// When an answer may leave: after its record is committed, or at once.
    pub audit_mode: Mode,
    /// What is kept of the audit log, and where it goes.
    pub audit: Audit,
    /// How much of everything there may be.
    pub limits: Limits,
    /// How many calls of the API an hour.
    pub rates: Rates,
    /// Whether this is a throw-away demonstration, in which people may go on without a passkey.
    pub demo: bool,
}

/// What is kept of the audit log, and where it goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audit {
    /// For how many days decisions are kept; none: for ever.
    pub retention_days: Option<u16>,
    /// A file to which each new seal is appended.
    pub anchor_file: Option<PathBuf>,
    /// An address to which each new seal is sent.
    pub anchor_url: Option<Url>,
    /// A file to which every entry is appended, a JSON object a line.
    pub stream_file: Option<PathBuf>,
    /// An address to which every entry is sent.
    pub stream_url: Option<Url>,
    /// What signs that which is sent to addresses; empty: nothing does.
    pub stream_secret: Signing,
    /// Whether those addresses may lie in this machine or a private network.
    pub stream_allow_private: bool,
}

/// A secret that signs; never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Signing(pub String);

impl std::fmt::Debug for Signing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signing(…)")
    }
}

/// Why a setting cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read `{path}`: {source}; check --config")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("`{path}` is not valid TOML: {message}")]
    Syntax {
        /// Which file.
        path: PathBuf,
        /// What the parser said.
        message: String,
    },
    /// No setting has this name.
    #[error("unknown setting `{name}` in {place}; known are {known}")]
    Unknown {
        /// What was written.
        name: String,
        /// Where.
        place: String,
        /// What would be understood.
        known: String,
    },
    /// The value does not fit.
    #[error("setting `{name}` in {place}: `{value}` {problem}")]
    Bad {
        /// Which setting.
        name: &'static str,
        /// Where it was set.
        place: String,
        /// What was written.
        value: String,
        /// What is wrong with it and what would be right.
        problem: String,
    },
}

/// The names of all settings, as the file writes them.
pub const NAMES: &[&str] = &[
    "listen",
    "base_url",
    "database_url",
    "data_dir",
    "trusted_proxies",
    "token_prefix",
    "audit.mode",
    "audit.retention_days",
    "audit.anchor_file",
    "audit.anchor_url",
    "audit.stream_file",
    "audit.stream_url",
    "audit.stream_secret",
    "audit.stream_allow_private",
    "limits.tokens_per_user",
    "limits.repositories_per_grant",
    "limits.unused_days",
    "limits.api_per_hour",
    "limits.api_unauthenticated_per_hour",
];

/// A value with the place it was set at.
#[derive(Debug, Clone)]
struct Given {
    value: String,
    place: String,
}

/// Settings by name, each with where it came from; later ones replace earlier ones.
#[derive(Debug, Clone, Default)]
pub struct Layers(BTreeMap<&'static str, Given>);

impl Layers {
    /// Reads a file.
    pub fn file(mut self, path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        let table: toml::Table =
            text.parse()
                .map_err(|error: toml::de::Error| ConfigError::Syntax {
                    path: path.to_owned(),
                    message: error.message().to_owned(),
                })?;
        let place = format!("`{}`", path.display());
        self.table("", &table, &place)?;
        Ok(self)
    }

    fn table(&mut self, prefix: &str, table: &toml::Table, place: &str) -> Result<(), ConfigError> {
        for (key, value) in table {
            let name = format!("{prefix}{key}");
            match value {
                toml::Value::Table(inner) => self.table(&format!("{name}."), inner, place)?,
                toml::Value::String(text) => self.set(&name, text.clone(), place)?,
                toml::Value::Array(items) => {
                    let items = items.iter().map(|item| {
                        item.as_str()
                            .map_or_else(|| item.to_string(), str::to_owned)
                    });
                    self.set(&name, items.collect::<Vec<_>>().join(","), place)?;
                }
                other => self.set(&name, other.to_string(), place)?,
            }
        }
        Ok(())
    }

    /// Reads the environment: `GRANTRY_BASE_URL`, `GRANTRY_AUDIT_MODE`, …
    pub fn environment(
        mut self,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        for (variable, value) in variables {
            let Some(word) = variable.strip_prefix("GRANTRY_") else {
                continue;
            };
            let word = word.to_ascii_lowercase();
            // These steer the tests and the program that git runs, not the server.
            if [
                "config",
                "test_postgres",
                "screenshots",
                "program",
                "push",
                "hook_socket",
                "log",
                "log_format",
            ]
            .contains(&word.as_str())
            {
                continue;
            }
            let known = NAMES.iter().find(|name| name.replace('.', "_") == word);
            let name = known.map_or(word.as_str(), |name| name);
            self.set(
                name,
                value,
                &format!("the environment variable `{variable}`"),
            )?;
        }
        Ok(self)
    }

    /// Takes a flag, if it was given.
    pub fn flag(mut self, name: &'static str, value: Option<String>) -> Result<Self, ConfigError> {
        if let Some(value) = value {
            self.set(
                name,
                value,
                &format!("the flag `--{}`", name.replace('_', "-")),
            )?;
        }
        Ok(self)
    }

    fn set(&mut self, name: &str, value: String, place: &str) -> Result<(), ConfigError> {
        let Some(name) = NAMES.iter().find(|known| **known == name) else {
            let known = NAMES
                .iter()
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>()
                .join(", ");
            return Err(ConfigError::Unknown {
                name: name.to_owned(),
                place: place.to_owned(),
                known,
            });
        };
        self.0.insert(
            name,
            Given {
                value,
                place: place.to_owned(),
            },
        );
        Ok(())
    }

    /// Everything together, with defaults where nothing was said.
    pub fn finish(&self) -> Result<Config, ConfigError> {
        let listen: SocketAddr = self.read("listen", "127.0.0.1:8080", |text| {
            text.parse()
                .map_err(|_| "is no address with a port, such as `127.0.0.1:8080`".to_owned())
        })?;
        let default_base = format!("http://localhost:{}", listen.port());
        let data_dir = self.read("data_dir", "grantry-data", |text| Ok(PathBuf::from(text)))?;
        let default_database = format!("sqlite://{}", data_dir.join("grantry.db").display());
        Ok(Config {
            listen,
            base_url: self.read("base_url", &default_base, base_url)?,
            database_url: self.read("database_url", &default_database, database_url)?,
            data_dir,
            trusted_proxies: self.read("trusted_proxies", "", networks)?,
            token_prefix: self.read("token_prefix", "grantry", token_prefix)?,
            audit_mode: self.read("audit.mode", "strict", audit_mode)?,
            audit: self.audit()?,
            limits: Limits {
                tokens_per_user: self.read("limits.tokens_per_user", "50", positive)?,
                repositories_per_grant: self.read(
                    "limits.repositories_per_grant",
                    "500",
                    positive,
                )?,
                unused_days: self.read("limits.unused_days", "365", days)?,
            },
            rates: Rates {
                user: self.read("limits.api_per_hour", "5000", calls)?,
                stranger: self.read("limits.api_unauthenticated_per_hour", "60", calls)?,
            },
            demo: false,
        })
    }

    fn audit(&self) -> Result<Audit, ConfigError> {
        let file = |text: &str| Ok((!text.is_empty()).then(|| PathBuf::from(text)));
        Ok(Audit {
            retention_days: self.read("audit.retention_days", "", |text| match text {
                "" | "none" => Ok(None),
                text => days(text).map(Some),
            })?,
            anchor_file: self.read("audit.anchor_file", "", file)?,
            anchor_url: self.read("audit.anchor_url", "", receiver)?,
            stream_file: self.read("audit.stream_file", "", file)?,
            stream_url: self.read("audit.stream_url", "", receiver)?,
            stream_secret: self.read("audit.stream_secret", "", |text| {
                Ok(Signing(text.to_owned()))
            })?,
            stream_allow_private: self.read("audit.stream_allow_private", "false", flag)?,
        })
    }

    fn read<T>(
        &self,
        name: &'static str,
        default: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, ConfigError> {
        let given = self.0.get(name);
        let value = given.map_or(default, |given| given.value.as_str());
        parse(value).map_err(|problem| ConfigError::Bad {
            name,
            place: given.map_or_else(|| "the defaults".to_owned(), |given| given.place.clone()),
            value: redacted(name, value),
            problem,
        })
    }
}

/// Addresses may hold a password: they are not repeated, and no secret is.
fn redacted(name: &str, value: &str) -> String {
    let may_be_secret = [
        "database_url",
        "audit.anchor_url",
        "audit.stream_url",
        "audit.stream_secret",
    ];
    if may_be_secret.contains(&name) {
        "…".to_owned()
    } else {
        value.to_owned()
    }
}

fn base_url(text: &str) -> Result<String, String> {
    let problem =
        || "is no address such as `https://grantry.example.com`, without a path".to_owned();
    let url = Url::parse(text).map_err(|_| problem())?;
    let plain =
        matches!(url.scheme(), "http" | "https") && url.path() == "/" && url.query().is_none();
    if !plain || url.domain().is_none() {
        return Err(problem());
    }
    Ok(text.trim_end_matches('/').to_owned())
}

fn database_url(text: &str) -> Result<String, String> {
    let known = ["sqlite:", "postgres://", "postgresql://"]
        .iter()
        .any(|scheme| text.starts_with(scheme));
    if known {
        Ok(text.to_owned())
    } else {
        Err("starts with neither `sqlite://` nor `postgres://`".to_owned())
    }
}

fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    let items = text
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty());
    items
        .map(|item| {
            let address = item.parse::<std::net::IpAddr>().map(IpNet::from);
            item.parse().or(address).map_err(|_| {
                format!("holds `{item}`, which is no address range such as `10.0.0.0/8`")
            })
        })
        .collect()
}

fn token_prefix(text: &str) -> Result<String, String> {
    let good = (2..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase());
    if good {
        Ok(text.to_owned())
    } else {
        Err("is not 2 to 20 small letters".to_owned())
    }
}

/// Where something may be sent; nothing for an empty text.
fn receiver(text: &str) -> Result<Option<Url>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let url = Url::parse(text).ok();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some());
    url.map(Some)
        .ok_or_else(|| "is no address such as `https://collector.example.com/audit`".to_owned())
}

fn flag(text: &str) -> Result<bool, String> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("is neither `true` nor `false`".to_owned()),
    }
}

fn audit_mode(text: &str) -> Result<Mode, String> {
    match text {
        "strict" => Ok(Mode::Strict),
        "batched" => Ok(Mode::Batched),
        _ => Err("is neither `strict` nor `batched`".to_owned()),
    }
}

fn days(text: &str) -> Result<u16, String> {
    text.parse()
        .ok()
        .filter(|number| *number > 0)
        .ok_or_else(|| "is no number of days from 1 to 65535".to_owned())
}

/// 0 stands for no limit.
fn calls(text: &str) -> Result<Option<u32>, String> {
    let number: Result<u32, _> = text.parse();
    let number = number.map_err(|_| "is no whole number of calls; 0 is no limit".to_owned())?;
    Ok((number > 0).then_some(number))
}

fn positive(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|number| *number > 0)
        .ok_or_else(|| "is no whole number above 0".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Result<Config, String> {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Layers::default()
            .environment(pairs)
            .and_then(|layers| layers.finish())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn without_settings_it_listens_on_loopback_and_keeps_a_file() {
        let config = environment(&[]).expect("defaults fit");
        assert_eq!(config.base_url, "http://localhost:8080");
        assert_eq!(config.database_url, "sqlite://grantry-data/grantry.db");
        assert_eq!(config.audit_mode, Mode::Strict);
        let rates = (config.rates.user, config.rates.stranger);
        assert_eq!(rates, (Some(5_000), Some(60)));
    }

    #[test]
    fn zero_calls_an_hour_are_no_limit() {
        let config = environment(&[("GRANTRY_LIMITS_API_UNAUTHENTICATED_PER_HOUR", "0")]);
        assert_eq!(config.expect("it fits").rates.stranger, None);
    }

    #[test]
    fn a_bad_or_unknown_setting_names_itself_and_its_place() {
        let table = [
            (
                ("GRANTRY_LISTEN", "here"),
                "setting `listen` in the environment variable `GRANTRY_LISTEN`",
            ),
            (
                ("GRANTRY_BASE_URL", "http://127.0.0.1:1"),
                "setting `base_url`",
            ),
            (
                ("GRANTRY_DATABASE_URL", "mysql://u:secret@h"),
                "setting `database_url`",
            ),
            (
                ("GRANTRY_LIMITS_TOKENS_PER_USER", "0"),
                "setting `limits.tokens_per_user`",
            ),
            (
                ("GRANTRY_LIMITS_API_PER_HOUR", "-1"),
                "setting `limits.api_per_hour`",
            ),
            (
                ("GRANTRY_AUDIT_STREAM_URL", "ftp://u:secret@h"),
                "setting `audit.stream_url`",
            ),
            (
                ("GRANTRY_AUDIT_RETENTION_DAYS", "0"),
                "setting `audit.retention_days`",
            ),
            (
                ("GRANTRY_AUDIT_STREAM_ALLOW_PRIVATE", "yes"),
                "setting `audit.stream_allow_private`",
            ),
            (("GRANTRY_COLOUR", "red"), "unknown setting `colour`"),
        ];
        for (pair, expected) in table {
            let message = environment(&[pair]).expect_err("it cannot be used");
            assert!(message.contains(expected), "{message}");
            assert!(!message.contains("u:secret"), "{message}");
        }
    }

    #[test]
    fn a_flag_wins_over_the_environment() {
        let pairs = [("GRANTRY_LISTEN".to_owned(), "127.0.0.1:1".to_owned())];
        let layers = Layers::default()
            .environment(pairs.into_iter())
            .expect("it fits");
        let config = layers
            .flag("listen", Some("127.0.0.1:2".to_owned()))
            .and_then(|layers| layers.finish());
        assert_eq!(config.expect("it fits").listen.port(), 2);
    }
}
