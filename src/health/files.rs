//! Whether the data folder is there, private, writable and not full.

use std::fs::Metadata;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::{Check, size_words};
use crate::config::Config;

/// With less free space than this the server is about to stop.
const FULL: u64 = 100 * 1_024 * 1_024;
/// With less free space than this it is time to make room.
const TIGHT: u64 = 1_024 * 1_024 * 1_024;

/// Looks at the data folder, the database file and the file of settings.
pub fn examine(config: &Config, config_file: Option<&Path>) -> Vec<Check> {
    let mut checks = vec![folder(&config.data_dir)];
    checks.extend(space(&config.data_dir));
    checks.extend(exposed(config, config_file));
    checks
}

fn folder(path: &Path) -> Check {
    const NAME: &str = "Data folder";
    let shown = path.display();
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let found = format!("`{shown}` is not there");
            let advice =
                "the first start of the server makes it; if it was there before, check `data_dir`";
            return Check::warning(NAME, found, advice);
        }
        Err(error) => {
            let found = format!("`{shown}` cannot be looked at: {error}");
            return Check::failure(NAME, found, "run this as the user whom the server runs as");
        }
    };
    if !metadata.is_dir() {
        let found = format!("`{shown}` is no folder");
        return Check::failure(NAME, found, "name a folder in `data_dir`");
    }
    if is_open(&metadata) {
        let mode = metadata.permissions().mode() & 0o777;
        let found = format!("others of this machine can enter `{shown}` (mode {mode:04o})");
        return Check::failure(NAME, found, format!("run `chmod 700 {shown}`"));
    }
    if let Err(error) = tempfile::tempfile_in(path) {
        let found = format!("nothing can be written into `{shown}`: {error}");
        let advice = "give it to the user whom the server runs as, or run this as that user";
        return Check::failure(NAME, found, advice);
    }
    Check::fine(NAME, format!("`{shown}` is private and writable"))
}

/// Whether anybody but the owner has any right.
fn is_open(metadata: &Metadata) -> bool {
    metadata.permissions().mode() & 0o077 != 0
}

/// Free space of the file system that holds a folder, in bytes; nothing where it cannot be known.
pub fn free_space(path: &Path) -> Option<u64> {
    let there = path.ancestors().find(|folder| folder.exists());
    let found = rustix::fs::statvfs(there.unwrap_or(Path::new("."))).ok()?;
    found.f_bavail.checked_mul(found.f_frsize)
}

fn space(path: &Path) -> Option<Check> {
    const NAME: &str = "Disk space";
    let free = free_space(path)?;
    let found = format!("{} are free in the data folder", size_words(free));
    let advice = "make room: without space nothing can be recorded, and every call is refused";
    Some(if free < FULL {
        Check::failure(NAME, found, advice)
    } else if free < TIGHT {
        Check::warning(NAME, found, advice)
    } else {
        Check::fine(NAME, found)
    })
}

/// Files with secrets in them that others of this machine can read: outside of a private folder each is looked at.
fn exposed(config: &Config, config_file: Option<&Path>) -> Option<Check> {
    const NAME: &str = "Files";
    let with_password = config_file.filter(|_| config.database_url.contains('@'));
    let mut files: Vec<PathBuf> = with_password.map(Path::to_owned).into_iter().collect();
    files.extend(database_file(&config.database_url));
    files.extend(keys(&config.data_dir));
    let open: Vec<_> = files.into_iter().filter(|file| can_be_read(file)).collect();
    let first = open.first()?;
    let found = format!("others of this machine can read `{}`", first.display());
    let names: Vec<_> = open.iter().map(|file| file.display().to_string()).collect();
    Some(Check::failure(
        NAME,
        found,
        format!("run `chmod 600 {}`", names.join(" ")),
    ))
}

/// The file of a SQLite database.
pub fn database_file(url: &str) -> Option<PathBuf> {
    let rest = url.strip_prefix("sqlite:")?;
    let path = rest.strip_prefix("//").unwrap_or(rest).split('?').next()?;
    (!path.is_empty() && path != ":memory:").then(|| PathBuf::from(path))
}

fn keys(data_dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(data_dir.join("keys"));
    let files = entries.into_iter().flatten().flatten();
    files.map(|entry| entry.path()).collect()
}

/// Whether others can read a file: by its own mode, and because its folder lets them in.
fn can_be_read(file: &Path) -> bool {
    let is_open_there = |path: &Path| std::fs::metadata(path).is_ok_and(|found| is_open(&found));
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    is_open_there(file) && is_open_there(folder.unwrap_or(Path::new(".")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Layers;
    use crate::health::Outcome;
    use std::fs::Permissions;

    fn config(folder: &Path) -> Config {
        let folder = folder.display().to_string();
        let layers = Layers::default().flag("data_dir", Some(folder));
        layers.and_then(|layers| layers.finish()).expect("it fits")
    }

    fn set(path: &Path, mode: u32) {
        std::fs::set_permissions(path, Permissions::from_mode(mode)).expect("it is ours");
    }

    #[test]
    fn a_folder_that_others_can_enter_is_a_failure() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        set(folder.path(), 0o700);
        assert_eq!(super::folder(folder.path()).outcome, Outcome::Fine);
        set(folder.path(), 0o750);
        let check = super::folder(folder.path());
        assert_eq!(check.outcome, Outcome::Failure);
        assert!(
            check.found.contains("0750") && check.advice.contains("chmod 700"),
            "{check:?}"
        );
        let absent = super::folder(&folder.path().join("absent"));
        assert_eq!(absent.outcome, Outcome::Warning);
    }

    #[test]
    fn a_database_that_others_can_read_is_a_failure_only_where_they_get_at_it() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let config = config(folder.path());
        let file = folder.path().join("grantry.db");
        std::fs::write(&file, "").expect("it is writable");
        set(&file, 0o644);
        set(folder.path(), 0o700);
        assert_eq!(exposed(&config, None), None);
        set(folder.path(), 0o755);
        let check = exposed(&config, None).expect("others can read it");
        assert!(check.advice.starts_with("run `chmod 600 "), "{check:?}");
        set(&file, 0o600);
        assert_eq!(exposed(&config, None), None);
    }

    #[test]
    fn the_file_of_a_database_is_read_from_its_address() {
        assert_eq!(
            database_file("sqlite://a/b.db?mode=rw"),
            Some(PathBuf::from("a/b.db"))
        );
        assert_eq!(database_file("sqlite::memory:"), None);
        assert_eq!(database_file("postgres://u@h/db"), None);
    }
}
