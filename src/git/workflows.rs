//! Which workflow files a push adds, changes or deletes.
//!
//! A workflow runs with rights of its own, so whoever may write contents must not slip one in. Looked at are
//! both the commits that are new to the repository, a merge against all of its parents at once, and the
//! difference between the old and the new tip of each branch, because a forced push can bring back an older
//! file without any new commit. What stands with the same path and content on a branch already is no news.
//!
//! This runs in the hook, which is a small blocking program of its own; hence no async here. All paths travel
//! NUL-terminated, so that no file name can pass for another.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use super::command::{base_environment, configuration};
use super::facts::{RefChange, RefKind, RefUpdate};

/// The folder of workflows, in any case: some file systems would not tell the difference.
const WORKFLOWS: &str = ":(icase).github/workflows";
/// How much one git command may answer, in bytes; a larger answer fails the push.
const OUTPUT_LIMIT: u64 = 64 * 1024 * 1024;
/// How many different workflow folders are compared before the rest counts as absent.
const FOLDER_LIMIT: usize = 500;

/// Whether a path is that of a workflow file, or would stand in the place of their folder.
pub fn is_workflow(path: &str) -> bool {
    let mut parts = path.split('/');
    let mut is_next = |folder: &str| {
        parts
            .next()
            .is_some_and(|part| part.eq_ignore_ascii_case(folder))
    };
    is_next(".github") && is_next("workflows")
}

/// A failure to find out; the push is then refused.
pub type InspectionResult<T> = Result<T, String>;

/// Git as the hook runs it, seeing the objects that wait in quarantine.
#[derive(Debug)]
pub struct Inspector {
    environment: Vec<(OsString, OsString)>,
}

/// The state of one path: its blob, or `None` where it is deleted.
type TouchedFiles = BTreeSet<(Vec<u8>, Option<String>)>;

impl Inspector {
    /// An inspector of the bare repository at `git_dir`; `quarantine` holds git's own variables that name
    /// the folders of objects which are received but not yet accepted.
    pub fn new(git_dir: &Path, quarantine: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut environment = base_environment();
        environment.extend(configuration(&[("safe.directory", git_dir.as_os_str())]));
        environment.push(("GIT_DIR".into(), git_dir.into()));
        environment.extend(quarantine);
        Self { environment }
    }

    /// Whether `old` stays in the history of `new`.
    pub fn is_ancestor(&self, old: &str, new: &str) -> InspectionResult<bool> {
        let mut command = self.command(&["merge-base", "--is-ancestor", old, new]);
        let status = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .map_err(describe)?;
        match status.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(format!("git cannot compare `{old}` with `{new}`")),
        }
    }

    /// The workflow files that `updates` touch and that stand so on no branch yet, sorted.
    pub fn touched_workflows(&self, updates: &[RefUpdate]) -> InspectionResult<Vec<String>> {
        let mut by_commits = self.touched_by_new_commits(updates)?;
        let mut by_tips = self.touched_between_tips(updates)?;
        if by_commits.is_empty() && by_tips.is_empty() {
            return Ok(Vec::new());
        }
        let tips = self.branch_tips()?;
        let candidates: TouchedFiles = by_commits.union(&by_tips).cloned().collect();
        let standing = self.standing_files(&tips, &candidates)?;
        let known = |entry: &(Vec<u8>, Option<String>)| standing.contains(entry);
        by_commits.retain(|entry| !known(entry));
        by_tips.retain(|entry| !known(entry));
        self.forgive_deletions_of_the_default_branch(&mut by_tips)?;
        let names: BTreeSet<_> = by_commits
            .union(&by_tips)
            .map(|(path, _)| lossy(path))
            .collect();
        Ok(names.into_iter().collect())
    }

    fn touched_by_new_commits(&self, updates: &[RefUpdate]) -> InspectionResult<TouchedFiles> {
        let tips = self.commits_of(updates)?;
        if tips.is_empty() {
            return Ok(TouchedFiles::new());
        }
        // Without `--full-history` git would follow one side of a merge and skip commits of the other.
        let arguments = [
            "rev-list",
            "--full-history",
            "--stdin",
            "--not",
            "--all",
            "--",
            WORKFLOWS,
        ];
        let commits = self.run(&arguments, &tips)?;
        if commits.is_empty() {
            return Ok(TouchedFiles::new());
        }
        let arguments = [
            "diff-tree",
            "--stdin",
            "--root",
            "-c",
            "-r",
            "-z",
            "--raw",
            "--no-renames",
            "--no-abbrev",
            "--no-commit-id",
            "--",
            WORKFLOWS,
        ];
        parse_raw(&self.run(&arguments, &commits)?)
    }

    /// The tips that are, or are tags of, commits; one to a line, as `rev-list --stdin` reads them.
    fn commits_of(&self, updates: &[RefUpdate]) -> InspectionResult<Vec<u8>> {
        let kept = updates
            .iter()
            .filter(|update| update.change != RefChange::Delete);
        let questions: Vec<String> = kept
            .map(|update| format!("{}^{{commit}}\n", update.new))
            .collect();
        let answers = self.run(
            &["cat-file", "--batch-check=%(objectname) %(objecttype)"],
            questions.concat().as_bytes(),
        )?;
        let answers = String::from_utf8_lossy(&answers);
        let commits = answers
            .lines()
            .filter_map(|line| line.strip_suffix(" commit"));
        Ok(commits
            .flat_map(|commit| [commit, "\n"])
            .collect::<String>()
            .into_bytes())
    }

    fn touched_between_tips(&self, updates: &[RefUpdate]) -> InspectionResult<TouchedFiles> {
        let mut touched = TouchedFiles::new();
        for update in updates.iter().filter(|update| moves_a_branch(update)) {
            let (old, new) = (update.old.as_str(), update.new.as_str());
            let arguments = [
                "diff-tree",
                "-r",
                "-z",
                "--raw",
                "--no-renames",
                "--no-abbrev",
                old,
                new,
            ];
            let arguments: Vec<&str> = arguments.into_iter().chain(["--", WORKFLOWS]).collect();
            touched.extend(parse_raw(&self.run(&arguments, b"")?)?);
        }
        Ok(touched)
    }

    fn branch_tips(&self) -> InspectionResult<Vec<String>> {
        let output = self.run(
            &["for-each-ref", "--format=%(objectname)", "refs/heads/"],
            b"",
        )?;
        let tips: BTreeSet<_> = String::from_utf8_lossy(&output)
            .lines()
            .map(str::to_owned)
            .collect();
        Ok(tips.into_iter().collect())
    }

    /// Those of `candidates` that stand with the same path and blob on one of `tips`.
    fn standing_files(
        &self,
        tips: &[String],
        candidates: &TouchedFiles,
    ) -> InspectionResult<TouchedFiles> {
        let mut standing = TouchedFiles::new();
        for (folder, object) in self
            .folders_at(tips, candidates)?
            .into_iter()
            .take(FOLDER_LIMIT)
        {
            standing.extend(
                self.files_in(&folder, &object)?
                    .into_iter()
                    .filter(|file| candidates.contains(file)),
            );
            if standing.len() == candidates.len() {
                break;
            }
        }
        Ok(standing)
    }

    /// The different workflow folders of `tips`, under each spelling that a candidate uses.
    fn folders_at(
        &self,
        tips: &[String],
        candidates: &TouchedFiles,
    ) -> InspectionResult<BTreeSet<(String, String)>> {
        let spellings: BTreeSet<String> =
            candidates.iter().map(|(path, _)| folder_of(path)).collect();
        let asked: Vec<_> = spellings
            .iter()
            .flat_map(|folder| tips.iter().map(move |tip| (folder, tip)))
            .collect();
        let questions: Vec<String> = asked
            .iter()
            .map(|(folder, tip)| format!("{tip}:{folder}\n"))
            .collect();
        let answers = self.run(
            &["cat-file", "--batch-check=%(objectname) %(objecttype)"],
            questions.concat().as_bytes(),
        )?;
        let answers = String::from_utf8_lossy(&answers);
        let pairs = asked.iter().zip(answers.lines());
        let trees = pairs.filter_map(|((folder, _), line)| {
            Some(((*folder).clone(), line.strip_suffix(" tree")?.to_owned()))
        });
        Ok(trees.collect())
    }

    fn files_in(&self, folder: &str, tree: &str) -> InspectionResult<TouchedFiles> {
        let listing = self.run(&["ls-tree", "-r", "-z", "--full-tree", tree], b"")?;
        let entries = listing
            .split(|byte| *byte == 0)
            .filter(|entry| !entry.is_empty());
        entries.map(|entry| parse_listed(folder, entry)).collect()
    }

    /// A path that a branch loses between its tips, by no new commit and absent on the default branch, was
    /// deleted there by somebody who could: merging that is no deletion of one's own.
    fn forgive_deletions_of_the_default_branch(
        &self,
        by_tips: &mut TouchedFiles,
    ) -> InspectionResult<()> {
        let deleted: TouchedFiles = by_tips
            .iter()
            .filter(|(_, blob)| blob.is_none())
            .cloned()
            .collect();
        if deleted.is_empty() {
            return Ok(());
        }
        let Some(default) = self.default_tip()? else {
            return Ok(());
        };
        let mut present = BTreeMap::new();
        for (folder, tree) in self.folders_at(&[default], &deleted)? {
            present.extend(self.files_in(&folder, &tree)?);
        }
        by_tips.retain(|(path, blob)| blob.is_some() || present.contains_key(path));
        Ok(())
    }

    fn default_tip(&self) -> InspectionResult<Option<String>> {
        let answer = self.run(
            &["cat-file", "--batch-check=%(objectname) %(objecttype)"],
            b"HEAD^{commit}\n",
        )?;
        let answer = String::from_utf8_lossy(&answer);
        Ok(answer.trim_end().strip_suffix(" commit").map(str::to_owned))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command
            .env_clear()
            .envs(self.environment.iter().cloned())
            .args(arguments)
            .stdin(Stdio::null());
        command
    }

    /// Runs git with `input` and returns all it answers; a failure is text for the log.
    fn run(&self, arguments: &[&str], input: &[u8]) -> InspectionResult<Vec<u8>> {
        let mut command = self.command(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().map_err(describe)?;
        let mut stdin = child.stdin.take().expect("stdin is piped");
        let stdout = child.stdout.take().expect("stdout is piped");
        let mut output = Vec::new();
        std::thread::scope(|scope| {
            // Its own thread: git may answer before it has read everything. A failure shows in the exit code.
            scope.spawn(move || stdin.write_all(input));
            stdout.take(OUTPUT_LIMIT + 1).read_to_end(&mut output)
        })
        .map_err(describe)?;
        let status = child.wait().map_err(describe)?;
        if output.len() as u64 > OUTPUT_LIMIT {
            return Err(format!("`git {}` answered too much", arguments[0]));
        }
        if status.success() {
            Ok(output)
        } else {
            Err(format!("`git {}` failed: {status}", arguments[0]))
        }
    }
}

fn describe(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn lossy(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}

fn moves_a_branch(update: &RefUpdate) -> bool {
    update.kind == RefKind::Branch && matches!(update.change, RefChange::Update | RefChange::Force)
}

/// The spelling of `.github/workflows` that a touched path starts with. It matched without regard to case, so
/// it is ASCII.
fn folder_of(path: &[u8]) -> String {
    let parts: Vec<_> = path.splitn(3, |byte| *byte == b'/').take(2).collect();
    lossy(&parts.join(&b'/'))
}

/// Reads `diff-tree --raw -z`: a record of as many colons as parents, modes, ids and a status, then a path.
fn parse_raw(output: &[u8]) -> InspectionResult<TouchedFiles> {
    let mut fields = output
        .split(|byte| *byte == 0)
        .filter(|field| !field.is_empty());
    let mut touched = TouchedFiles::new();
    while let Some(record) = fields.next() {
        let path = fields.next().ok_or("git ended in the middle of a record")?;
        touched.insert((path.to_vec(), new_blob(record)?));
    }
    Ok(touched)
}

/// The blob after the change: the last id of the record, `None` where it is all zeros.
fn new_blob(record: &[u8]) -> InspectionResult<Option<String>> {
    let record = std::str::from_utf8(record).map_err(describe)?;
    let parents = record.bytes().take_while(|byte| *byte == b':').count();
    let ids = record.split(' ').skip(parents + 1);
    let blob = ids
        .take(parents + 1)
        .last()
        .filter(|_| parents > 0)
        .ok_or("git gave an unknown record")?;
    Ok(blob
        .bytes()
        .any(|byte| byte != b'0')
        .then(|| blob.to_owned()))
}

/// Reads one entry of `ls-tree -r -z`: mode, type and id, a tab, the path inside `folder`.
fn parse_listed(folder: &str, entry: &[u8]) -> InspectionResult<(Vec<u8>, Option<String>)> {
    let tab = entry
        .iter()
        .position(|byte| *byte == b'\t')
        .ok_or("git gave an unknown entry")?;
    let (facts, name) = (&entry[..tab], &entry[tab + 1..]);
    let blob = facts
        .rsplit(|byte| *byte == b' ')
        .next()
        .unwrap_or_default();
    let mut path = folder.as_bytes().to_vec();
    path.push(b'/');
    path.extend_from_slice(name);
    Ok((path, Some(lossy(blob))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workflow_files_are_told_by_their_path_in_any_case() {
        for (path, is_one) in [
            (".github/workflows/ci.yml", true),
            (".GitHub/Workflows/a/b", true),
            (".github/workflows", true),
            (".github/workflows2/ci.yml", false),
            (".github/CODEOWNERS", false),
            ("x/.github/workflows/ci.yml", false),
            (".github", false),
        ] {
            assert_eq!(is_workflow(path), is_one, "{path}");
        }
    }

    #[test]
    fn a_merge_record_names_the_blob_after_its_last_parent() {
        let record = b"::100644 100644 100644 aaaa bbbb cccc MM";
        assert_eq!(new_blob(record), Ok(Some("cccc".to_owned())));
    }

    #[test]
    fn a_deletion_has_no_blob() {
        assert_eq!(new_blob(b":100644 000000 aaaa 0000 D"), Ok(None));
    }

    #[test]
    fn a_record_that_git_never_writes_is_an_error() {
        assert!(new_blob(b"something else").is_err());
        assert!(parse_raw(b":100644 100644 aaaa bbbb M\0").is_err());
    }

    #[test]
    fn the_folder_keeps_its_own_spelling() {
        assert_eq!(folder_of(b".GitHub/Workflows/a/b.yml"), ".GitHub/Workflows");
    }
}
