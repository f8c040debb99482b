//! Bodies that operations take.

use super::shape::Shape::{
    self, Between, Date, Either, Flag, Integer, Maybe, Moment, Named, Object, Several, Short, Text,
    Words,
};
use super::shape::{self, may, must};

const REASON: shape::Field = may("reason", Maybe(&Short(1_024)));

/// One decision.
pub const REVIEW: Shape = Object(&[must("action", Words(&["approve", "deny"])), REASON]);

/// One decision on many requests.
pub const REVIEW_MANY: Shape = Object(&[
    must("action", Words(&["approve", "deny"])),
    must("pat_request_ids", Several(&Integer, 1, 100)),
    REASON,
]);

/// The end of a token's access.
pub const REVOKE: Shape = Object(&[must("action", Words(&["revoke"])), REASON]);

/// The end of the access of many.
pub const REVOKE_MANY: Shape = Object(&[
    must("action", Words(&["revoke"])),
    must("pat_ids", Several(&Integer, 1, 100)),
    REASON,
]);

const KIND: shape::Field = must(
    "credential_type",
    Words(crate::api::management::credentials::KINDS),
);
const ENDS_MANAGED: shape::Field = may("revoke_credentials", Maybe(&Flag));

/// A kind of credentials.
pub const CREDENTIALS: Shape = Object(&[KIND]);

/// Whether an enterprise ends what it manages.
pub const ENTERPRISE: Shape = Object(&[ENDS_MANAGED]);

/// A kind of credentials of an enterprise.
pub const ENTERPRISE_CREDENTIALS: Shape = Object(&[KIND, ENDS_MANAGED]);

/// Secrets that were found somewhere.
pub const LEAKS: Shape = Object(&[must("credentials", Several(&Text, 1, 1_000))]);

/// What a token asks.
pub const QUESTIONS: Shape = Object(&[must(
    "questions",
    Several(&Object(&[must("method", Text), must("path", Text)]), 1, 100),
)]);

/// For how long the old secret goes on.
pub const ROTATION: Shape = Object(&[may("overlap_hours", Maybe(&Between(1, 72)))]);

const VISIBILITY: shape::Field = may(
    "visibility",
    Maybe(&Words(&["public", "internal", "private"])),
);

/// A new repository.
pub const REPOSITORY: Shape = Object(&[
    must("name", Text),
    may("description", Maybe(&Text)),
    VISIBILITY,
    may("private", Maybe(&Flag)),
    may("auto_init", Maybe(&Flag)),
]);

/// What changes of a repository.
pub const REPOSITORY_CHANGE: Shape = Object(&[
    may("name", Maybe(&Text)),
    may("description", Maybe(&Text)),
    VISIBILITY,
    may("private", Maybe(&Flag)),
    may("default_branch", Maybe(&Text)),
]);

/// A collaborator's role.
pub const COLLABORATOR: Shape = Object(&[may(
    "permission",
    Maybe(&Words(&[
        "pull", "triage", "push", "maintain", "admin", "read", "write",
    ])),
)]);

static PERSON_FORM: shape::Named = shape::Named {
    name: "Person",
    shape: Object(&[
        must("name", Text),
        must("email", Text),
        may("date", Maybe(&Moment)),
    ]),
};

const PERSON: Shape = Maybe(&Named(&PERSON_FORM));

/// A file to be.
pub const FILE: Shape = Object(&[
    must("message", Text),
    must("content", Text),
    may("sha", Maybe(&Text)),
    may("branch", Maybe(&Text)),
    may("committer", PERSON),
    may("author", PERSON),
]);

/// The end of a file.
pub const FILE_END: Shape = Object(&[
    must("message", Text),
    must("sha", Text),
    may("branch", Maybe(&Text)),
    may("committer", PERSON),
    may("author", PERSON),
]);

/// A new issue.
pub const ISSUE: Shape = Object(&[must("title", Text), may("body", Maybe(&Text))]);

/// What changes of an issue.
pub const ISSUE_CHANGE: Shape = Object(&[
    may("title", Maybe(&Text)),
    may("body", Maybe(&Text)),
    may("state", Maybe(&Words(&["open", "closed"]))),
]);

/// The text of a comment.
pub const COMMENT: Shape = Object(&[must("body", Text)]);

const DAYS: shape::Field = may(
    "max_lifetime_days",
    Maybe(&Either(&[Between(1, 366), Words(&["none", "default"])])),
);
const START: shape::Field = may("start", Maybe(&Either(&[Date, Words(&["now"])])));
const DIGEST: shape::Field = may("digest", Maybe(&Short(100)));
const RISK: shape::Field = may("accept_risk", Maybe(&Flag));

/// What changes of an organization's policy.
pub const POLICY: Shape = Object(&[
    may("access", Maybe(&Words(&["restrict", "allow"]))),
    may("approval", Maybe(&Words(&["required", "not_required"]))),
    DAYS,
    START,
    RISK,
    DIGEST,
]);

/// What changes of an enterprise's policy.
pub const ENTERPRISE_POLICY: Shape = Object(&[
    may("access", Maybe(&Words(&["delegate", "restrict", "allow"]))),
    may(
        "approval",
        Maybe(&Words(&["delegate", "require", "disable"])),
    ),
    DAYS,
    may("exempt_administrators", Maybe(&Flag)),
    START,
    RISK,
    DIGEST,
]);
