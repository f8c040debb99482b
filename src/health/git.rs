//! Whether git is there, new enough, and has what serves repositories over HTTP.

use std::time::Duration;

use tokio::process::Command;

use super::Check;
use crate::config::Config;
use crate::git::backend::GitBackend;
use crate::git::layout::Layout;

const NAME: &str = "Git";
/// Settings reach git through `GIT_CONFIG_COUNT`, which is understood from this version on.
const OLDEST: (u32, u32) = (2, 31);
/// How long git may take to name its version.
const PATIENCE: Duration = Duration::from_secs(5);

/// Looks at git.
pub async fn examine(config: &Config) -> Vec<Check> {
    vec![look(config).await]
}

async fn look(config: &Config) -> Check {
    let Some(words) = version().await else {
        let advice =
            "install git (on Debian: apt-get install git), and see that it is in the server's PATH";
        return Check::failure(NAME, "git cannot be run", advice);
    };
    match parse(&words) {
        Some(version) if version < OLDEST => {
            let (major, minor) = OLDEST;
            let advice = format!("install git {major}.{minor} or newer");
            return Check::failure(NAME, format!("{words} is too old"), advice);
        }
        Some(_) => {}
        None => {
            return Check::warning(
                NAME,
                format!("`{words}` names no version"),
                "check which git runs",
            );
        }
    }
    let hooks = Layout::new(&config.data_dir).hooks();
    match GitBackend::find(hooks, "grantry") {
        Ok(_) => Check::fine(NAME, words),
        Err(error) => Check::failure(NAME, error.to_string(), "install all of git"),
    }
}

/// What git says of itself: `git version 2.39.5`.
pub async fn version() -> Option<String> {
    let run = Command::new("git")
        .arg("--version")
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(PATIENCE, run).await.ok()?.ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

fn parse(words: &str) -> Option<(u32, u32)> {
    let number = words.split_whitespace().find(|word| word.contains('.'))?;
    let mut parts = number.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_git_says() {
        assert_eq!(parse("git version 2.39.5"), Some((2, 39)));
        assert_eq!(parse("git version 2.50.1 (Apple Git-155)"), Some((2, 50)));
        assert_eq!(parse("git"), None);
    }
}
