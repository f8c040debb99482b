//! *Minimal Repository* and *Full Repository*.

use serde_json::{Map, Value, json};

use super::{Links, node_id, simple_user};
use crate::domain::access::rights::Visibility;
use crate::domain::role::RepositoryRole;
use crate::store::accounts::Account;
use crate::store::repositories::Repository;

/// The addresses of a repository in the API, by field.
const ADDRESSES: [(&str, &str); 38] = [
    ("url", ""),
    ("archive_url", "/{archive_format}{/ref}"),
    ("assignees_url", "/assignees{/user}"),
    ("blobs_url", "/git/blobs{/sha}"),
    ("branches_url", "/branches{/branch}"),
    ("collaborators_url", "/collaborators{/collaborator}"),
    ("comments_url", "/comments{/number}"),
    ("commits_url", "/commits{/sha}"),
    ("compare_url", "/compare/{base}...{head}"),
    ("contents_url", "/contents/{+path}"),
    ("contributors_url", "/contributors"),
    ("deployments_url", "/deployments"),
    ("downloads_url", "/downloads"),
    ("events_url", "/events"),
    ("forks_url", "/forks"),
    ("git_commits_url", "/git/commits{/sha}"),
    ("git_refs_url", "/git/refs{/sha}"),
    ("git_tags_url", "/git/tags{/sha}"),
    ("hooks_url", "/hooks"),
    ("issue_comment_url", "/issues/comments{/number}"),
    ("issue_events_url", "/issues/events{/number}"),
    ("issues_url", "/issues{/number}"),
    ("keys_url", "/keys{/key_id}"),
    ("labels_url", "/labels{/name}"),
    ("languages_url", "/languages"),
    ("merges_url", "/merges"),
    ("milestones_url", "/milestones{/number}"),
    (
        "notifications_url",
        "/notifications{?since,all,participating}",
    ),
    ("pulls_url", "/pulls{/number}"),
    ("releases_url", "/releases{/id}"),
    ("stargazers_url", "/stargazers"),
    ("statuses_url", "/statuses/{sha}"),
    ("subscribers_url", "/subscribers"),
    ("subscription_url", "/subscription"),
    ("tags_url", "/tags"),
    ("teams_url", "/teams"),
    ("trees_url", "/git/trees{/sha}"),
    ("issue_types_url", "/issue-types"),
];

/// What a shape says beyond the repository's own row.
#[derive(Debug)]
pub struct Facts<'a> {
    /// Its owner.
    pub owner: &'a Account,
    /// The branch that a clone checks out.
    pub default_branch: &'a str,
    /// How many of its issues are open.
    pub open_issues: i64,
    /// The caller's own role on it; none for an anonymous call or a mere reader of what is public.
    pub role: Option<RepositoryRole>,
    /// Whether somebody asks; an anonymous call has no permissions to be told of.
    pub is_signed_in: bool,
}

/// *Minimal Repository*: also all that the reviewer of a token needs of one.
pub fn minimal_repository(links: Links<'_>, repository: &Repository, owner: &Account) -> Value {
    Value::Object(fields(links, repository, owner))
}

fn fields(links: Links<'_>, repository: &Repository, owner: &Account) -> Map<String, Value> {
    let full_name = repository.full_name();
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("id", repository.id.get().into());
    put("node_id", node_id("Repository", repository.id).into());
    put("name", repository.name.as_str().into());
    put("full_name", full_name.as_str().into());
    put("owner", simple_user(links, owner));
    put(
        "private",
        (repository.visibility != Visibility::Public).into(),
    );
    put("visibility", repository.visibility.as_str().into());
    let description =
        (!repository.description.is_empty()).then_some(repository.description.as_str());
    put("description", description.into());
    put("fork", false.into());
    put("html_url", links.page(&format!("/{full_name}")).into());
    put("created_at", repository.created_at.to_rfc3339().into());
    put("updated_at", repository.updated_at.to_rfc3339().into());
    for (name, tail) in ADDRESSES {
        put(name, links.api(&format!("/repos/{full_name}{tail}")).into());
    }
    fields
}

/// *Full Repository*: what a list and a single look both give, so that neither leaves a client asking again.
pub fn full_repository(links: Links<'_>, repository: &Repository, facts: &Facts<'_>) -> Value {
    let mut fields = fields(links, repository, facts.owner);
    let address = links.page(&format!("/{}.git", repository.full_name()));
    let more = json!({
        "git_url": address,
        "ssh_url": address,
        "clone_url": address,
        "svn_url": links.page(&format!("/{}", repository.full_name())),
        "mirror_url": null,
        "homepage": null,
        "language": null,
        "license": null,
        "topics": [],
        "size": 0,
        "default_branch": facts.default_branch,
        "open_issues": facts.open_issues,
        "open_issues_count": facts.open_issues,
        "forks": 0,
        "forks_count": 0,
        "network_count": 0,
        "stargazers_count": 0,
        "subscribers_count": 0,
        "watchers": 0,
        "watchers_count": 0,
        "is_template": false,
        "has_issues": true,
        "has_projects": false,
        "has_wiki": false,
        "has_pages": false,
        "has_downloads": false,
        "has_discussions": false,
        "allow_forking": false,
        "archived": false,
        "disabled": false,
        "web_commit_signoff_required": false,
        "pushed_at": repository.updated_at.to_rfc3339(),
    });
    if let Value::Object(more) = more {
        fields.extend(more);
    }
    if facts.is_signed_in {
        fields.insert(
            "permissions".to_owned(),
            permissions(repository, facts.role),
        );
    }
    Value::Object(fields)
}

/// The user's own rights; what the token may do with them is its own matter.
fn permissions(repository: &Repository, role: Option<RepositoryRole>) -> Value {
    let reads = Some(RepositoryRole::Read).filter(|_| repository.visibility == Visibility::Public);
    role_flags(role.max(reads))
}

fn role_flags(role: Option<RepositoryRole>) -> Value {
    let has = |least| role >= Some(least);
    json!({
        "admin": has(RepositoryRole::Admin),
        "maintain": has(RepositoryRole::Maintain),
        "push": has(RepositoryRole::Write),
        "triage": has(RepositoryRole::Triage),
        "pull": has(RepositoryRole::Read),
    })
}

/// *Collaborator*: a user with the role on a repository.
pub fn collaborator(links: Links<'_>, user: &Account, role: RepositoryRole) -> Value {
    let mut shape = simple_user(links, user);
    shape["permissions"] = role_flags(Some(role));
    shape["role_name"] = role.as_str().into();
    shape
}
