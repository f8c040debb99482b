//! Running `git` safely: a cleared environment, no configuration but ours, bounded output and time.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

use super::error::{GitError, GitResult};

/// How long a reading command may take.
pub(super) const READ_TIME: Duration = Duration::from_secs(10);
/// How long a command that writes history may take.
pub(super) const WRITE_TIME: Duration = Duration::from_mins(2);
/// How much of git's own complaint is kept for the log, in bytes.
const COMPLAINT_LIMIT: u64 = 4 * 1024;

/// The variables every git process of ours starts with, and the only ones.
///
/// `HOME` names a folder that never exists, and neither the system's nor a person's configuration is read:
/// what git does here must not depend on who started the server. Replacement refs are ignored because
/// whoever may push could otherwise show the inspector another history than the one stored.
pub(super) fn base_environment() -> Vec<(OsString, OsString)> {
    let fixed = [
        ("LANG", "C"),
        ("LC_ALL", "C"),
        ("HOME", "/nonexistent"),
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_ATTR_NOSYSTEM", "1"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_NO_REPLACE_OBJECTS", "1"),
    ];
    let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into());
    let mut variables: Vec<(OsString, OsString)> =
        fixed.iter().map(|(k, v)| (k.into(), v.into())).collect();
    variables.push(("PATH".into(), path));
    variables
}

/// Configuration handed over in the environment, which git trusts like its own command line.
pub(super) fn configuration(entries: &[(&str, &OsStr)]) -> Vec<(OsString, OsString)> {
    let mut variables = vec![("GIT_CONFIG_COUNT".into(), entries.len().to_string().into())];
    for (index, (key, value)) in entries.iter().enumerate() {
        variables.push((format!("GIT_CONFIG_KEY_{index}").into(), (*key).into()));
        variables.push((format!("GIT_CONFIG_VALUE_{index}").into(), (*value).into()));
    }
    variables
}

/// One git command on one bare repository.
pub(super) struct GitCommand {
    command: Command,
    stdin: Vec<u8>,
    limit: u64,
    time: Duration,
}

impl GitCommand {
    /// A command that runs inside `repository`.
    pub fn on(repository: &Path) -> Self {
        let mut git = Self::anywhere(&[("safe.directory", repository.as_os_str())]);
        git.command.env("GIT_DIR", repository);
        git
    }

    /// A command that needs no repository yet.
    pub fn anywhere(extra: &[(&str, &OsStr)]) -> Self {
        let mut entries = vec![
            ("core.hooksPath", OsStr::new("/dev/null")),
            ("gc.auto", OsStr::new("0")),
        ];
        entries.extend_from_slice(extra);
        let mut command = Command::new("git");
        command
            .env_clear()
            .envs(base_environment())
            .envs(configuration(&entries))
            .kill_on_drop(true);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Self {
            command,
            stdin: Vec::new(),
            limit: 8 * 1024 * 1024,
            time: READ_TIME,
        }
    }

    /// Adds arguments.
    pub fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets a variable.
    pub fn env(mut self, key: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(key, value);
        self
    }

    /// Feeds these bytes to the command.
    pub fn stdin(mut self, bytes: Vec<u8>) -> Self {
        self.stdin = bytes;
        self
    }

    /// Allows at most this many bytes of output.
    pub fn limit(mut self, bytes: u64) -> Self {
        self.limit = bytes;
        self
    }

    /// Allows at most this much time.
    pub fn time(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// Runs the command and returns its output; an exit other than 0 is [`GitError::Failed`].
    pub async fn output(self) -> GitResult<Vec<u8>> {
        let time = self.time;
        match tokio::time::timeout(time, self.run()).await {
            Ok(result) => result,
            Err(_) => Err(GitError::Failed(format!(
                "no answer within {} s",
                time.as_secs()
            ))),
        }
    }

    async fn run(mut self) -> GitResult<Vec<u8>> {
        let mut child = self.command.spawn()?;
        let mut stdin = child.stdin.take().expect("stdin is piped");
        let stdout = child.stdout.take().expect("stdout is piped");
        let stderr = child.stderr.take().expect("stderr is piped");
        let bytes = std::mem::take(&mut self.stdin);
        let feed = async move {
            // A command that ends early closes its input; its exit code tells what happened.
            let _ = stdin.write_all(&bytes).await;
        };
        let limit = self.limit;
        let read =
            async move { tokio::try_join!(read_bounded(stdout, limit), read_complaint(stderr)) };
        let ((), result) = tokio::join!(feed, read);
        let (output, complaint) = result?;
        finish(&mut child, &complaint).await.map(|()| output)
    }
}

async fn read_bounded(stream: impl AsyncRead + Unpin, limit: u64) -> GitResult<Vec<u8>> {
    let mut output = Vec::new();
    stream
        .take(limit.saturating_add(1))
        .read_to_end(&mut output)
        .await?;
    if output.len() as u64 > limit {
        return Err(GitError::TooLarge(limit));
    }
    Ok(output)
}

/// Reads all that git complains about and keeps its beginning, so that a talkative git never blocks.
pub(super) async fn read_complaint(mut stream: impl AsyncRead + Unpin) -> GitResult<String> {
    let mut kept = Vec::new();
    (&mut stream)
        .take(COMPLAINT_LIMIT)
        .read_to_end(&mut kept)
        .await?;
    tokio::io::copy(&mut stream, &mut tokio::io::sink()).await?;
    Ok(String::from_utf8_lossy(&kept).trim().to_owned())
}

async fn finish(child: &mut Child, complaint: &str) -> GitResult<()> {
    let status = child.wait().await?;
    if status.success() {
        Ok(())
    } else {
        Err(GitError::Failed(format!("{status}: {complaint}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn output_beyond_the_limit_is_refused() {
        let error = GitCommand::anywhere(&[])
            .args(["help", "-a"])
            .limit(10)
            .output()
            .await;
        assert!(matches!(error, Err(GitError::TooLarge(10))));
    }

    #[tokio::test]
    async fn a_command_that_hangs_is_ended() {
        let time = Duration::from_millis(50);
        let hanging = GitCommand::anywhere(&[("alias.hang", OsStr::new("!sleep 5"))]);
        let error = hanging.args(["hang"]).time(time).output().await;
        assert!(matches!(error, Err(GitError::Failed(_))));
    }

    #[tokio::test]
    async fn a_failure_carries_gits_complaint_for_the_log() {
        let error = GitCommand::anywhere(&[])
            .args(["no-such-command"])
            .output()
            .await;
        assert!(
            error
                .expect_err("the command is unknown")
                .to_string()
                .contains("no-such-command")
        );
    }
}
