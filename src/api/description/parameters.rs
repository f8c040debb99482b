//! Values of the query that operations read.

use super::Parameter;
use super::shape::Shape::{Between, From, List, Moment, Text, Words};

const fn parameter(name: &'static str, shape: super::Shape, about: &'static str) -> Parameter {
    Parameter { name, shape, about }
}

/// Which page of a list.
pub const PAGING: &[Parameter] = &[
    parameter(
        "per_page",
        From(1),
        "How many items a page has: 30 where it is left out, 100 at most.",
    ),
    parameter("page", Between(1, 1_000_000), "Which page, from 1."),
];

const DIRECTION: Parameter = parameter("direction", Words(&["asc", "desc"]), "Up or down.");

/// Filters of requests and of tokens with access.
pub const ACCESS: &[Parameter] = &[
    parameter("sort", Words(&["created_at"]), "By what they are sorted."),
    DIRECTION,
    parameter(
        "owner",
        List(&Text),
        "Only tokens of these users, by login; 10 at most.",
    ),
    parameter("repository", Text, "Only those that name this repository."),
    parameter(
        "permission",
        Text,
        "Only those with this permission or more, such as `contents_write`.",
    ),
    parameter(
        "last_used_before",
        Moment,
        "Only tokens that were last used before.",
    ),
    parameter(
        "last_used_after",
        Moment,
        "Only tokens that were last used after.",
    ),
    parameter("token_id", List(&Text), "Only these tokens; 50 at most."),
];

/// Which part of an audit log, and which page of it.
pub const AUDIT_LOG: &[Parameter] = &[
    parameter(
        "phrase",
        Text,
        "Only what fits, such as `action:personal_access_token actor:ana created:>=2026-11-01`.",
    ),
    parameter(
        "include",
        Words(&["web", "git", "all"]),
        "Git calls, all others, or both; both where it is left out.",
    ),
    parameter(
        "after",
        Text,
        "What comes behind this place, from a `Link` header.",
    ),
    parameter(
        "before",
        Text,
        "What comes before this place, from a `Link` header.",
    ),
    parameter(
        "order",
        Words(&["desc", "asc"]),
        "Newest first, or oldest first.",
    ),
    parameter(
        "per_page",
        From(1),
        "How many items a page has: 30 where it is left out, 100 at most.",
    ),
];

/// For which kind of token a policy is.
pub const KIND: &[Parameter] = &[parameter(
    "kind",
    Words(&["fine_grained", "classic"]),
    "For which kind of token; fine-grained ones where it is left out.",
)];

/// Whose credentials.
pub const LOGIN: &[Parameter] = &[parameter("login", Text, "Only those of this user.")];

/// For how long use is told.
pub const DAYS: &[Parameter] = &[parameter(
    "days",
    Between(1, 366),
    "For how many days, today included; 30 where it is left out.",
)];

const REPOSITORY_SORT: Parameter = parameter(
    "sort",
    Words(&["created", "updated", "pushed", "full_name"]),
    "By what they are sorted.",
);

/// Filters of the user's own repositories.
pub const MY_REPOSITORIES: &[Parameter] = &[
    parameter(
        "visibility",
        Words(&["all", "public", "private"]),
        "Who can read them.",
    ),
    parameter(
        "type",
        Words(&["all", "owner", "public", "private", "member"]),
        "What the user is to them.",
    ),
    REPOSITORY_SORT,
    DIRECTION,
];

/// Filters of a user's repositories.
pub const USER_REPOSITORIES: &[Parameter] = &[
    parameter(
        "type",
        Words(&["owner", "all", "member"]),
        "What the user is to them.",
    ),
    REPOSITORY_SORT,
    DIRECTION,
];

/// Filters of an organization's repositories.
pub const ORGANIZATION_REPOSITORIES: &[Parameter] = &[
    parameter(
        "type",
        Words(&["all", "public", "private", "internal", "sources", "forks"]),
        "Of which sort.",
    ),
    REPOSITORY_SORT,
    DIRECTION,
];

/// Filters of members.
pub const MEMBERS: &[Parameter] = &[
    parameter("role", Words(&["all", "admin", "member"]), "In which role."),
    parameter("filter", Words(&["all"]), "All of them."),
];

/// Filters of branches.
pub const BRANCHES: &[Parameter] = &[parameter(
    "protected",
    Words(&["all", "true", "false"]),
    "Whether they are protected; none is.",
)];

/// Filters of collaborators.
pub const COLLABORATORS: &[Parameter] = &[parameter(
    "affiliation",
    Words(&["all", "direct", "outside"]),
    "What they are to the owner.",
)];

/// Where a list of commits begins.
pub const COMMITS: &[Parameter] = &[
    parameter(
        "sha",
        Text,
        "The branch, tag or commit from which it goes backwards.",
    ),
    parameter("path", Text, "Only commits that touch this path."),
];

/// At which commit.
pub const REFERENCE: &[Parameter] = &[parameter(
    "ref",
    Text,
    "The branch, tag or commit; the default branch where it is left out.",
)];

/// Filters of issues.
pub const ISSUES: &[Parameter] = &[
    parameter(
        "state",
        Words(&["open", "closed", "all"]),
        "In which state.",
    ),
    parameter("sort", Words(&["created"]), "By what they are sorted."),
    parameter("direction", Words(&["desc"]), "Newest first."),
];

/// Filters of the comments below one issue.
pub const COMMENTS: &[Parameter] = &[parameter("since", Moment, "Only those changed since.")];

/// Filters of all comments of a repository.
pub const ALL_COMMENTS: &[Parameter] = &[
    parameter("since", Moment, "Only those changed since."),
    parameter(
        "sort",
        Words(&["created", "updated"]),
        "By what they are sorted.",
    ),
    DIRECTION,
];
