//! The key that seals the audit log: a file beside the repositories, never in the database.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::domain::audit::seal::{SealKey, hex, unhex};
use crate::entropy::Entropy;

/// Where the key lies.
pub fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("audit.key")
}

/// The key; none where there is none yet.
pub fn find(data_dir: &Path) -> io::Result<Option<SealKey>> {
    match File::open(path(data_dir)) {
        Ok(file) => read(file).map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The key, made at the first start. Of two programs that start at once, one makes it and both use it.
pub fn load(data_dir: &Path, entropy: &dyn Entropy) -> io::Result<SealKey> {
    let bytes = entropy.bytes::<32>();
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path(data_dir));
    match made {
        Ok(mut file) => {
            writeln!(file, "{}", hex(&bytes))?;
            file.sync_all()?;
            Ok(SealKey::new(bytes))
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => read(File::open(path(data_dir))?),
        Err(error) => Err(error),
    }
}

fn read(mut file: File) -> io::Result<SealKey> {
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    let bytes = unhex(text.trim()).and_then(|bytes| bytes.try_into().ok());
    let broken = || {
        io::Error::new(
            ErrorKind::InvalidData,
            "`audit.key` does not hold 64 hexadecimal digits",
        )
    };
    bytes.map(SealKey::new).ok_or_else(broken)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::domain::audit::seal::{Head, Link};
    use crate::domain::time::Timestamp;
    use crate::entropy::SystemEntropy;

    fn seal(key: &SealKey) -> crate::domain::audit::seal::Seal {
        let link = || Link {
            seq: 0,
            hash: Vec::new(),
        };
        let head = Head {
            events: link(),
            decisions: link(),
        };
        key.seal(head, Timestamp::from_micros(1))
    }

    #[test]
    fn the_key_is_made_once_and_is_nobody_elses() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(find(folder.path()).expect("it is looked for").is_none());
        let first = load(folder.path(), &SystemEntropy).expect("it is made");
        let again = load(folder.path(), &SystemEntropy).expect("it is read");
        assert!(again.made(&seal(&first)));
        let metadata = std::fs::metadata(path(folder.path())).expect("it is there");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_broken_key_is_said_and_not_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(path(folder.path()), "nonsense").expect("it is written");
        assert!(load(folder.path(), &SystemEntropy).is_err());
        assert!(find(folder.path()).is_err());
    }
}
