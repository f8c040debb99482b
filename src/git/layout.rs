//! Where repositories and hooks live inside the data folder.
//!
//! A repository's folder is named by its id and never by its owner or name, so that a rename moves nothing
//! and a name that is used again never meets the data of the repository that held it before.

use std::path::{Path, PathBuf};

/// How many folders the repositories are spread over, so that none grows too large to list.
const SHARDS: i64 = 256;

/// The places inside one data folder.
#[derive(Debug, Clone)]
pub struct Layout {
    data_dir: PathBuf,
}

impl Layout {
    /// The layout of `data_dir`; nothing is created.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
        }
    }

    /// The folder of all bare repositories.
    pub fn repositories(&self) -> PathBuf {
        self.data_dir.join("repositories")
    }

    /// The bare repository with this id.
    pub fn repository(&self, repository_id: i64) -> PathBuf {
        let shard = format!("{:02x}", repository_id.rem_euclid(SHARDS));
        self.repositories()
            .join(shard)
            .join(format!("{repository_id}.git"))
    }

    /// The folder of git hooks that every served repository shares.
    pub fn hooks(&self) -> PathBuf {
        self.data_dir.join("hooks")
    }

    /// The data folder itself.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_lives_under_its_id_and_shard() {
        let layout = Layout::new("/data");
        assert_eq!(
            layout.repository(7),
            Path::new("/data/repositories/07/7.git")
        );
        assert_eq!(
            layout.repository(511),
            Path::new("/data/repositories/ff/511.git")
        );
    }

    #[test]
    fn two_ids_never_share_a_folder() {
        let layout = Layout::new("/data");
        assert_ne!(layout.repository(1), layout.repository(257));
    }
}
