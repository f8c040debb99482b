//! What a push would do, as it is known before any ref moves.

use serde::{Deserialize, Serialize};

/// What kind of ref is moved; patterns on branches and tags look at this and the short name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefKind {
    /// `refs/heads/…`
    Branch,
    /// `refs/tags/…`
    Tag,
    /// Anything else, such as notes.
    Other,
}

/// What happens to the ref.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefChange {
    /// It did not exist.
    Create,
    /// It moves forward: the old commit stays in its history.
    Update,
    /// It moves anywhere else, so that commits may be lost from it.
    Force,
    /// It goes away.
    Delete,
}

/// One ref that a push wants to move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefUpdate {
    /// The full name, `refs/heads/main`.
    pub reference: String,
    /// Branch, tag or other.
    pub kind: RefKind,
    /// What happens to it.
    pub change: RefChange,
    /// Object id before; all zeros when created.
    pub old: String,
    /// Object id after; all zeros when deleted.
    pub new: String,
}

impl RefUpdate {
    /// The name without `refs/heads/` or `refs/tags/`; the full name of any other ref.
    pub fn short_name(&self) -> &str {
        let prefix = match self.kind {
            RefKind::Branch => "refs/heads/",
            RefKind::Tag => "refs/tags/",
            RefKind::Other => "",
        };
        self.reference
            .strip_prefix(prefix)
            .unwrap_or(&self.reference)
    }
}

impl RefKind {
    pub(super) fn of(reference: &str) -> Self {
        if reference.starts_with("refs/heads/") {
            Self::Branch
        } else if reference.starts_with("refs/tags/") {
            Self::Tag
        } else {
            Self::Other
        }
    }
}

/// Everything a push is decided on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushFacts {
    /// The refs it wants to move, in the order the client sent them.
    pub updates: Vec<RefUpdate>,
    /// The workflow files it adds, changes or deletes and that stand so on no branch yet; at most 100, sorted.
    /// Empty means that `workflows: write` is not needed.
    pub workflow_files: Vec<String>,
}

/// The answer to a push.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushVerdict {
    /// Whether the refs may move.
    pub allow: bool,
    /// What the person who pushes reads on a refusal; each line becomes a `remote:` line.
    #[serde(default)]
    pub message: String,
}

impl PushVerdict {
    /// Lets the refs move.
    pub fn allow() -> Self {
        Self {
            allow: true,
            message: String::new(),
        }
    }

    /// Moves nothing and says why.
    pub fn refuse(message: impl Into<String>) -> Self {
        Self {
            allow: false,
            message: message.into(),
        }
    }
}

/// What the hook sends to the server: one line of JSON.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PushQuestion {
    /// The push's identifier, as the server handed it to the hook.
    pub push: String,
    /// What the push would do.
    #[serde(flatten)]
    pub facts: PushFacts,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_name_keeps_its_slashes() {
        let reference = "refs/heads/feature/x".to_owned();
        let kind = RefKind::of(&reference);
        let update = RefUpdate {
            reference,
            kind,
            change: RefChange::Create,
            old: String::new(),
            new: String::new(),
        };
        assert_eq!(update.short_name(), "feature/x");
    }

    #[test]
    fn a_name_that_only_begins_like_a_branch_is_other() {
        assert_eq!(RefKind::of("refs/headsman"), RefKind::Other);
        assert_eq!(RefKind::of("refs/notes/commits"), RefKind::Other);
    }
}
