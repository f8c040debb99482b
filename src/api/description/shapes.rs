//! What answers look like.

use super::shape::Shape::{
    Date, Either, Flag, Integer, List, Map, Maybe, Moment, More, Named as Name, Object, Open, Text,
    Uri, Words,
};
use super::shape::{Field, Named, Shape, may, must};

macro_rules! named {
    ($($(#[$about:meta])* $constant:ident = $name:literal: $shape:expr;)+) => {$(
        $(#[$about])*
        pub static $constant: Named = Named { name: $name, shape: $shape };
    )+};
}

/// Nothing in particular: the call was taken on.
pub const EMPTY: Shape = Object(&[]);

const USER: Shape = Maybe(&Name(&SIMPLE_USER));

const ROLES: Shape = Object(&[
    must("admin", Flag),
    must("maintain", Flag),
    must("push", Flag),
    must("triage", Flag),
    must("pull", Flag),
]);

const LINK: Shape = Object(&[must("sha", Text), must("url", Uri)]);

const PARENT: Shape = Object(&[must("sha", Text), must("url", Uri), must("html_url", Uri)]);

const SIGNATURE: Shape = Object(&[
    must("name", Text),
    must("email", Text),
    must("date", Moment),
]);

const VERIFICATION: Shape = Object(&[
    must("verified", Flag),
    must("reason", Text),
    must("signature", Maybe(&Text)),
    must("payload", Maybe(&Text)),
    must("verified_at", Maybe(&Moment)),
]);

const PERMISSIONS: Shape = Object(&[
    may("organization", Map(&Text)),
    may("repository", Map(&Text)),
    may("other", Map(&Text)),
]);

const CONDITIONS: Shape = Object(&[
    must("addresses", List(&Text)),
    must("branches", List(&Text)),
]);

const SELECTION: Shape = Words(&["none", "all", "subset"]);

/// What requests and tokens with access have in common.
const ACCESS: [Field; 9] = [
    must("id", Integer),
    must("owner", Name(&SIMPLE_USER)),
    must("repository_selection", SELECTION),
    must("permissions", PERMISSIONS),
    must("token_id", Integer),
    must("token_name", Text),
    must("token_expired", Flag),
    must("token_expires_at", Maybe(&Moment)),
    must("token_last_used_at", Maybe(&Moment)),
];

static ACCESS_BASE: Named = Named {
    name: "Access",
    shape: Object(&ACCESS),
};

const KIND: Shape = Words(&["fine_grained", "classic"]);

const DAYS: Shape = Either(&[Integer, Words(&["none"])]);

const SETTING: Shape = Object(&[
    must("access", Text),
    may("approval", Text),
    must("max_lifetime_days", DAYS),
    may("exempt_administrators", Flag),
]);

const AHEAD: Shape = Maybe(&Object(&[
    must("own", SETTING),
    must("effective_at", Moment),
]));

/// Who is spared a policy.
pub const EXEMPTIONS: Shape = List(&Object(&[
    must("id", Integer),
    must("token_id", Integer),
    must("token_name", Text),
    must("login", Text),
    must("policy", Text),
    must("until", Moment),
    must("reason", Text),
    must("given_by", Maybe(&Text)),
    must("created_at", Moment),
]));

const RATE: Shape = Object(&[
    must("limit", Integer),
    must("used", Integer),
    must("remaining", Integer),
    must("reset", Integer),
]);

named! {
    /// Why a call is not answered as asked.
    ERROR = "Error": Object(&[
        must("message", Text),
        must("documentation_url", Uri),
        must("status", Text),
        may("reason", Text),
        may("token_id", Integer),
        may("needed", List(&List(&Text))),
        may("held", List(&Text)),
        may("scopes", List(&Text)),
        may("errors", List(&Object(&[
            must("resource", Text),
            must("field", Text),
            must("code", Text),
            must("message", Text),
            may("value", Integer),
        ]))),
    ]);
    /// What there is.
    ROOT = "Root": Object(&[
        must("current_user_url", Uri),
        must("current_user_repositories_url", Uri),
        must("organization_url", Text),
        must("repository_url", Text),
        must("user_url", Text),
        must("operations", List(&Object(&[must("method", Text), must("url", Text), must("summary", Text)]))),
    ]);
    /// Facts about the service.
    META = "Meta": Object(&[must("verifiable_password_authentication", Flag), must("grantry_version", Text)]);
    /// How many calls are left.
    RATE_LIMITS = "Rate Limit Overview": Object(&[must("resources", Object(&[must("core", RATE)])), must("rate", RATE)]);

    /// A user or organization, in few words.
    SIMPLE_USER = "Simple User": Object(&[
        must("login", Text),
        must("id", Integer),
        must("node_id", Text),
        must("avatar_url", Uri),
        must("gravatar_id", Text),
        must("html_url", Uri),
        must("type", Text),
        must("site_admin", Flag),
        must("user_view_type", Text),
        must("url", Uri),
        must("followers_url", Uri),
        must("following_url", Text),
        must("gists_url", Text),
        must("starred_url", Text),
        must("subscriptions_url", Uri),
        must("organizations_url", Uri),
        must("repos_url", Uri),
        must("events_url", Text),
        must("received_events_url", Uri),
    ]);
    /// What anyone may know of a user.
    PUBLIC_USER = "Public User": More(&SIMPLE_USER, &[
        must("name", Maybe(&Text)),
        must("company", Maybe(&Text)),
        must("blog", Text),
        must("location", Maybe(&Text)),
        must("email", Maybe(&Text)),
        must("hireable", Maybe(&Flag)),
        must("bio", Maybe(&Text)),
        must("twitter_username", Maybe(&Text)),
        must("public_repos", Integer),
        must("public_gists", Integer),
        must("followers", Integer),
        must("following", Integer),
        must("created_at", Moment),
        must("updated_at", Moment),
    ]);
    /// A user with a role on a repository.
    COLLABORATOR = "Collaborator": More(&SIMPLE_USER, &[must("permissions", ROLES), must("role_name", Text)]);
    /// What a user may do on a repository.
    COLLABORATOR_PERMISSION = "Repository Collaborator Permission": Object(&[
        must("permission", Words(&["none", "read", "write", "admin"])),
        must("role_name", Text),
        must("user", More(&SIMPLE_USER, &[may("permissions", ROLES), may("role_name", Text)])),
    ]);

    /// An organization, in few words.
    SIMPLE_ORGANIZATION = "Organization Simple": Object(&[
        must("login", Text),
        must("id", Integer),
        must("node_id", Text),
        must("url", Uri),
        must("repos_url", Uri),
        must("events_url", Uri),
        must("hooks_url", Uri),
        must("issues_url", Uri),
        must("members_url", Text),
        must("public_members_url", Text),
        must("avatar_url", Uri),
        must("description", Maybe(&Text)),
    ]);
    /// What anyone may know of an organization.
    ORGANIZATION = "Organization Full": More(&SIMPLE_ORGANIZATION, &[
        must("name", Text),
        must("company", Maybe(&Text)),
        must("blog", Maybe(&Text)),
        must("location", Maybe(&Text)),
        must("email", Maybe(&Text)),
        must("twitter_username", Maybe(&Text)),
        must("is_verified", Flag),
        must("has_organization_projects", Flag),
        must("has_repository_projects", Flag),
        must("public_repos", Integer),
        must("public_gists", Integer),
        must("followers", Integer),
        must("following", Integer),
        must("html_url", Uri),
        must("created_at", Moment),
        must("updated_at", Moment),
        must("archived_at", Maybe(&Moment)),
        must("type", Text),
    ]);

    /// A branch in a list.
    SHORT_BRANCH = "Short Branch": Object(&[must("name", Text), must("commit", LINK), must("protected", Flag)]);
    /// A branch with its newest commit.
    BRANCH = "Branch With Protection": Object(&[
        must("name", Text),
        must("commit", Name(&COMMIT)),
        must("_links", Object(&[must("self", Uri), must("html", Uri)])),
        must("protected", Flag),
        must("protection", Object(&[
            must("enabled", Flag),
            must("required_status_checks", Object(&[
                must("enforcement_level", Text),
                must("contexts", List(&Text)),
                must("checks", List(&Text)),
            ])),
        ])),
        must("protection_url", Uri),
    ]);
    /// A commit.
    COMMIT = "Commit": Object(&[
        must("sha", Text),
        must("node_id", Text),
        must("url", Uri),
        must("html_url", Uri),
        must("comments_url", Uri),
        must("commit", Object(&[
            must("url", Uri),
            must("author", SIGNATURE),
            must("committer", SIGNATURE),
            must("message", Text),
            must("comment_count", Integer),
            must("tree", LINK),
            must("verification", VERIFICATION),
        ])),
        must("author", USER),
        must("committer", USER),
        must("parents", List(&PARENT)),
    ]);
    /// A commit as git knows it.
    GIT_COMMIT = "Git Commit": Object(&[
        must("sha", Text),
        must("node_id", Text),
        must("url", Uri),
        must("html_url", Uri),
        must("author", SIGNATURE),
        must("committer", SIGNATURE),
        must("message", Text),
        must("tree", LINK),
        must("parents", List(&PARENT)),
        must("verification", VERIFICATION),
    ]);
    /// A branch or tag, by its full name.
    GIT_REF = "Git Reference": Object(&[
        must("ref", Text),
        must("node_id", Text),
        must("url", Uri),
        must("object", Object(&[must("type", Text), must("sha", Text), must("url", Uri)])),
    ]);
    /// A tag.
    TAG = "Tag": Object(&[
        must("name", Text),
        must("commit", LINK),
        must("zipball_url", Uri),
        must("tarball_url", Uri),
        must("node_id", Text),
    ]);
    /// A file, a link, a submodule, or a folder's entry.
    CONTENT = "Content": Object(&[
        must("type", Words(&["file", "dir", "symlink", "submodule"])),
        must("size", Integer),
        must("name", Text),
        must("path", Text),
        must("sha", Text),
        must("url", Uri),
        must("git_url", Maybe(&Uri)),
        must("html_url", Maybe(&Uri)),
        must("download_url", Maybe(&Uri)),
        must("_links", Object(&[must("self", Uri), must("git", Maybe(&Uri)), must("html", Maybe(&Uri))])),
        may("encoding", Text),
        may("content", Text),
        may("target", Text),
        may("submodule_git_url", Maybe(&Text)),
    ]);
    /// A file that was written, and the commit.
    FILE_COMMIT = "File Commit": Object(&[
        must("content", Maybe(&Name(&CONTENT))),
        must("commit", Name(&GIT_COMMIT)),
    ]);

    /// An issue.
    ISSUE = "Issue": Object(&[
        must("id", Integer),
        must("node_id", Text),
        must("url", Uri),
        must("repository_url", Uri),
        must("labels_url", Text),
        must("comments_url", Uri),
        must("events_url", Uri),
        must("timeline_url", Uri),
        must("html_url", Uri),
        must("number", Integer),
        must("title", Text),
        must("body", Maybe(&Text)),
        must("user", USER),
        must("state", Words(&["open", "closed"])),
        must("state_reason", Maybe(&Text)),
        must("labels", List(&Text)),
        must("assignee", USER),
        must("assignees", List(&Name(&SIMPLE_USER))),
        must("milestone", Maybe(&Text)),
        must("locked", Flag),
        must("active_lock_reason", Maybe(&Text)),
        must("comments", Integer),
        must("created_at", Moment),
        must("updated_at", Moment),
        must("closed_at", Maybe(&Moment)),
        must("closed_by", USER),
        must("author_association", Text),
    ]);
    /// A comment below an issue.
    COMMENT = "Issue Comment": Object(&[
        must("id", Integer),
        must("node_id", Text),
        must("url", Uri),
        must("html_url", Uri),
        must("issue_url", Uri),
        must("body", Text),
        must("user", USER),
        must("created_at", Moment),
        must("updated_at", Moment),
        must("author_association", Text),
        must("performed_via_github_app", Maybe(&Text)),
    ]);

    /// A request that waits.
    REQUEST = "Simple Organization Programmatic Access Grant Request": More(&ACCESS_BASE, &[
        must("repositories_url", Uri),
        must("reason", Maybe(&Text)),
        must("created_at", Moment),
    ]);
    /// A token with access.
    GRANT = "Organization Programmatic Access Grant": More(&ACCESS_BASE, &[
        must("repositories_url", Uri),
        must("access_granted_at", Moment),
    ]);
    /// How a token was used.
    USAGE = "Usage": Object(&[
        must("token_id", Integer),
        must("since", Date),
        must("last_used_at", Maybe(&Moment)),
        must("days", List(&Object(&[
            must("date", Date),
            must("permission", Maybe(&Text)),
            must("allowed", Integer),
            must("refused", Integer),
        ]))),
    ]);
    /// What happened, or was decided. Which other members there are depends on the action.
    AUDIT_ENTRY = "Audit Log Event": Open(&[
        must("@timestamp", Integer),
        must("_document_id", Text),
        must("action", Text),
        must("created_at", Integer),
        may("actor", Text),
        may("actor_id", Integer),
        may("actor_ip", Text),
        may("actor_token_id", Integer),
        may("business", Text),
        may("business_id", Integer),
        may("hashed_token", Text),
        may("operation_type", Text),
        may("org", Text),
        may("org_id", Integer),
        may("programmatic_access_type", Text),
        may("reason", Text),
        may("repo", Text),
        may("repo_id", Integer),
        may("repository", Text),
        may("repository_id", Integer),
        may("request_id", Text),
        may("token_id", Integer),
        may("user", Text),
        may("user_agent", Text),
        may("user_id", Integer),
    ]);
    /// A classic token in use.
    AUTHORIZATION = "Credential Authorization": Object(&[
        must("login", Text),
        must("credential_id", Integer),
        must("credential_type", Text),
        must("credential_authorized_at", Moment),
        must("credential_accessed_at", Maybe(&Moment)),
        must("authorized_credential_id", Maybe(&Integer)),
        must("authorized_credential_title", Maybe(&Text)),
        must("authorized_credential_note", Maybe(&Text)),
        must("authorized_credential_expires_at", Maybe(&Moment)),
        must("scopes", List(&Text)),
    ]);
    /// What was cut off.
    CUT_OFF = "Cut Off": Object(&[must("message", Text), may("warning", Text)]);

    /// An organization's policy for one kind of token.
    POLICY = "Policy": Object(&[
        must("kind", KIND),
        must("version", Integer),
        must("own", SETTING),
        must("ahead", AHEAD),
        must("effective", Object(&[
            must("access", Object(&[must("value", Text), must("source", Text)])),
            may("approval", Object(&[must("value", Text), must("source", Text)])),
            must("max_lifetime_days", Object(&[must("value", DAYS), must("source", Text)])),
        ])),
    ]);
    /// An enterprise's policy for one kind of token.
    ENTERPRISE_POLICY = "Enterprise Policy": Object(&[
        must("kind", KIND),
        must("version", Integer),
        must("own", SETTING),
        must("ahead", AHEAD),
    ]);
    /// What a change of a policy would do.
    POLICY_PREVIEW = "Policy Preview": Object(&[
        must("before", SETTING),
        must("after", SETTING),
        must("effective_at", Moment),
        must("blocked", Object(&[
            must("tokens", Integer),
            must("people", Integer),
            must("used_in_last_7_days", Integer),
        ])),
        must("freed", Object(&[must("tokens", Integer)])),
        must("blocked_tokens", List(&Object(&[
            must("token_id", Integer),
            must("user_id", Integer),
            must("owner_id", Integer),
            must("reason", Maybe(&Text)),
            must("last_used_at", Maybe(&Moment)),
        ]))),
        must("digest", Text),
    ]);

    /// What a token is and may do.
    TOKEN = "Token": Object(&[
        must("id", Integer),
        must("identifier", Text),
        must("kind", Words(&["fine_grained", "classic"])),
        must("name", Text),
        must("description", Text),
        must("user", Name(&SIMPLE_USER)),
        must("created_at", Moment),
        must("starts_at", Moment),
        must("expires_at", Maybe(&Moment)),
        must("secret", Object(&[
            must("role", Words(&["current", "overlapping"])),
            must("ends_at", Maybe(&Moment)),
        ])),
        must("conditions", CONDITIONS),
        must("scopes", Maybe(&List(&Text))),
        must("owners", List(&Object(&[
            must("owner", Object(&[must("id", Integer), must("login", Text), must("type", Text)])),
            must("reason", Maybe(&Text)),
            must("message", Maybe(&Text)),
            may("state", Text),
            may("expires_at", Maybe(&Moment)),
            may("repository_selection", SELECTION),
            may("granted", PERMISSIONS),
            may("effective", PERMISSIONS),
            may("repositories", List(&Object(&[
                must("id", Integer),
                must("full_name", Text),
                must("url", Uri),
                must("effective", PERMISSIONS),
            ]))),
            may("conditions", CONDITIONS),
        ]))),
        must("html_url", Uri),
    ]);
    /// What a token could do.
    DECISIONS = "Decisions": Object(&[must("decisions", List(&Object(&[
        must("method", Text),
        must("path", Text),
        must("allowed", Flag),
        must("permission", Maybe(&Text)),
        must("reason", Maybe(&Text)),
        must("message", Maybe(&Text)),
        may("needed", List(&List(&Text))),
        may("held", List(&Text)),
        may("scopes", List(&Text)),
    ])))]);
    /// A new secret.
    ROTATED = "Rotated": Object(&[
        must("token", Text),
        must("token_id", Integer),
        must("expires_at", Maybe(&Moment)),
        must("former_secret_ends_at", Maybe(&Moment)),
    ]);
}

/// A file with its content, or the entries of a folder.
pub const CONTENTS: Shape = Either(&[Name(&CONTENT), List(&Name(&CONTENT))]);

mod repository;
pub use repository::{FULL_REPOSITORY, MINIMAL_REPOSITORY};
