//! Reads the `[[services]]` of a directory file, and the files of their secrets.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::directory::{At, Directory, Mistake, ServiceEntry};
use super::super::source::{Reader, Table};
use super::{LONGEST_NAME, LONGEST_PATH, Read};
use crate::domain::names;
use crate::domain::service::{LONGEST_SECRET, SHORTEST_SECRET, is_secret};
use crate::domain::token::secret::SecretHash;

pub(super) fn service(reader: &mut Reader, table: &mut Table<'_>) -> Read<ServiceEntry> {
    let name = reader.required(table, "name", LONGEST_NAME);
    let secret_file = reader.required_if_there(table, "secret_file", LONGEST_PATH);
    let catalog = reader.required_if_there(table, "catalog", LONGEST_NAME);
    let hosts = reader.texts(table, "hosts");
    let proxy = reader.word(table, "proxy").map(|word| word.value);
    let filters = reader.flag(table, "filters");
    let owners = reader.texts(table, "owners");
    let entry = name.map(|name| ServiceEntry {
        name,
        secret_file,
        catalog,
        hosts,
        proxy,
        filters,
        owners,
    });
    let known = &[
        "name",
        "secret_file",
        "catalog",
        "hosts",
        "proxy",
        "filters",
        "owners",
    ];
    (entry, known)
}

/// The hashes of the secrets that a directory names by their files, by the service's name.
pub type Secrets = BTreeMap<String, SecretHash>;

/// Reads every `secret_file`, seen from `base`.
///
/// # Errors
/// Each file that cannot be read or holds no secret.
pub fn secrets(directory: &Directory, base: &Path) -> Result<Secrets, Vec<Mistake>> {
    let mut secrets = Secrets::new();
    let mut mistakes = Vec::new();
    for entry in &directory.services {
        let Some(file) = &entry.secret_file else {
            continue;
        };
        match secret(file, base) {
            Ok(hash) => {
                secrets.insert(names::key(&entry.name.value), hash);
            }
            Err(message) => mistakes.push(Mistake {
                place: file.place.clone(),
                message,
            }),
        }
    }
    if mistakes.is_empty() {
        Ok(secrets)
    } else {
        Err(mistakes)
    }
}

fn secret(file: &At<String>, base: &Path) -> Result<SecretHash, String> {
    let name = &file.value;
    let text = std::fs::read_to_string(base.join(name)).map_err(|error| {
        format!("`{name}` cannot be read: {error}; make one with `openssl rand -hex 32 > {name}`")
    })?;
    let text = text.trim_end_matches(['\n', '\r']);
    if is_secret(text) {
        return Ok(SecretHash::of(text));
    }
    Err(format!(
        "`{name}` holds no secret: write one line of {SHORTEST_SECRET} to {LONGEST_SECRET} letters, digits and signs \
         without spaces, as `openssl rand -hex 32` prints them"
    ))
}
