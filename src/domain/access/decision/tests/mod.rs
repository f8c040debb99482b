//! The decision as tables: every step with its neighbours.
//!
//! A test writes a call as a sentence: `ask("GET …/issues").of(web()).by(&token([grant(ACME)…]))`. Whatever it does not
//! say is as harmless as can be, so that the one thing it says decides.

mod classic;
mod entry;
mod grants;
mod hiding;
mod laws;
mod levels;
mod listings;
mod matrix;
mod policies;
mod roles;

use std::net::IpAddr;
use std::sync::LazyLock;

use super::*;
use crate::domain::access::rights::{MemberRole, Relation, Visibility};
use crate::domain::approval::{GrantStanding, Terms};
use crate::domain::catalog::{Catalog, Endpoint, Need};
use crate::domain::ids::{AccountId, GrantId, RepositoryId, TokenId};
use crate::domain::permission::{Level, PermissionSet};
use crate::domain::policy::setting::{Access, Approval, Limit};
use crate::domain::policy::{Effective, Source, Sourced};
use crate::domain::role::RepositoryRole;
use crate::domain::scope::ScopeSet;
use crate::domain::selection::Selection;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::domain::token::conditions::{Branches, Conditions};
use crate::domain::token::expiry::Lifetime;

const NOW: Timestamp = Timestamp::from_micros(1_790_856_000_000_000);
const ANA: AccountId = AccountId::new(1);
const ACME: AccountId = AccountId::new(10);
const LABS: AccountId = AccountId::new(20);
const GLOBEX: AccountId = AccountId::new(30);
const WEB: RepositoryId = RepositoryId::new(100);
const SITE: RepositoryId = RepositoryId::new(101);

const ISSUES: &str = "GET /repos/{owner}/{repo}/issues";
const OPEN_ISSUE: &str = "POST /repos/{owner}/{repo}/issues";
const HOOKS: &str = "GET /repos/{owner}/{repo}/hooks";
const CONTENTS: &str = "PUT /repos/{owner}/{repo}/contents/{path}";
const LIST: &str = "GET /orgs/{org}/repos";
const CREATE: &str = "POST /orgs/{org}/repos";
const MEMBERS: &str = "GET /orgs/{org}/members";
const MANAGE: &str = "GET /orgs/{org}/tokens";

const CATALOG: &str = r#"
[scopes]
repo = { sentence = "Everything." }
public_repo = { parent = "repo", sentence = "Public ones." }
workflow = { sentence = "Workflows." }
"admin:org" = { sentence = "Organizations." }
"read:org" = { parent = "admin:org", sentence = "People." }
user = { sentence = "The account." }

[permissions.metadata]
group = "repository"
title = "Metadata"
sentence = "Sees repositories."
read = { can = "see", role = "read", scopes = ["repo"] }
public_scope = "public_repo"
automatic = true

[permissions.issues]
group = "repository"
title = "Issues"
sentence = "Reads issues."
read = { can = "read", role = "read", scopes = ["repo"] }
write = { can = "write", role = "triage", scopes = ["repo"] }
public_scope = "public_repo"

[permissions.contents]
group = "repository"
title = "Contents"
sentence = "Reads contents."
read = { can = "read", role = "read", scopes = ["repo"] }
write = { can = "write", role = "write", scopes = ["repo"] }
public_scope = "public_repo"

[permissions.workflows]
group = "repository"
title = "Workflows"
sentence = "Writes workflows."
write = { can = "write", role = "write", scopes = ["workflow"] }

[permissions.administration]
group = "repository"
title = "Administration"
sentence = "Runs repositories."
write = { can = "run", role = "admin", scopes = ["repo"] }

[permissions.members]
group = "organization"
title = "Members"
sentence = "Sees members."
read = { can = "see", role = "member", scopes = ["read:org"] }
write = { can = "change", role = "owner", scopes = ["admin:org"] }

[permissions.tokens]
group = "organization"
title = "Tokens"
sentence = "Sees tokens."
read = { can = "see", role = "owner" }

[permissions.emails]
group = "account"
title = "Emails"
sentence = "Reads addresses."
read = { can = "read", scopes = ["user"] }

[permissions.people]
group = "enterprise"
title = "People"
sentence = "Sees people."
read = { can = "see" }

[endpoints]
"GIT fetch" = "contents:read public"
"GIT push" = "contents:write | contents:write + workflows:write"
"GET /meta" = "free public"
"GET /user" = "free"
"POST /user/star" = "free"
"POST /leaks" = "open"
"GET /users/{username}" = "free public"
"GET /user/emails" = "emails:read"
"GET /orgs/{org}" = "free public"
"GET /orgs/{org}/members" = "members:read"
"GET /orgs/{org}/tokens" = "tokens:read"
"GET /orgs/{org}/repos" = "metadata:read public"
"GET /orgs/{org}/search" = "metadata:read"
"GET /orgs/{org}/either" = "members:read | issues:read"
"POST /orgs/{org}/repos" = "administration:write"
"GET /enterprises/{enterprise}/people" = "people:read"
"GET /repos/{owner}/{repo}/issues" = "issues:read public"
"POST /repos/{owner}/{repo}/issues" = "issues:write role=read"
"PATCH /repos/{owner}/{repo}/issues" = "issues:write | contents:write"
"GET /repos/{owner}/{repo}/hooks" = "administration:write"
"GET /repos/{owner}/{repo}/badge" = "free"
"POST /repos/{owner}/{repo}/badge" = "free"
"PUT /repos/{owner}/{repo}/contents/{path}" = "contents:write | contents:write + workflows:write"
"PUT /repos/{owner}/{repo}/both" = "issues:write + contents:write"
"POST /repos/{owner}/{repo}/into/{to}/{other}" = "contents:read + administration:write@2 targets=repository:owner/repo,repository:to/other"
"#;

static SMALL: LazyLock<Catalog> =
    LazyLock::new(|| Catalog::parse(CATALOG).unwrap_or_else(|mistakes| panic!("{mistakes:?}")));

fn endpoint(key: &str) -> &'static Endpoint {
    let (method, template) = key.split_once(' ').expect("a key has two words");
    SMALL
        .endpoints()
        .iter()
        .find(|found| found.method.as_str() == method && found.template == template)
        .unwrap_or_else(|| panic!("no endpoint `{key}`"))
}

fn permissions(wanted: &[(&str, Level)]) -> PermissionSet {
    let mut set = PermissionSet::new();
    for (slug, level) in wanted {
        let permission = SMALL.find_permission(slug);
        set.insert(permission.expect("it is in the small catalog").id, *level);
    }
    set
}

/// A call in the making.
#[derive(Clone)]
struct Ask {
    endpoint: Option<&'static Endpoint>,
    is_read: bool,
    door: Door,
    targets: Vec<Target<'static>>,
    client: Option<IpAddr>,
    branches: Branches<'static>,
    workflows: Workflows,
    now: Timestamp,
}

fn ask(key: &str) -> Ask {
    Ask {
        endpoint: Some(endpoint(key)),
        is_read: key.starts_with("GET ") || key == "GIT fetch",
        door: if key.starts_with("GIT ") {
            Door::Git
        } else {
            Door::Api
        },
        targets: Vec::new(),
        client: None,
        branches: Branches::None,
        workflows: Workflows::Untouched,
        now: NOW,
    }
}

const SERVICE: Door = Door::Service { filters: false };
const FILTERING: Door = Door::Service { filters: true };

impl Ask {
    fn of(mut self, target: impl Into<Target<'static>>) -> Self {
        self.targets.push(target.into());
        self
    }

    fn at(self, door: Door) -> Self {
        Self { door, ..self }
    }

    fn touching(self, workflows: Workflows) -> Self {
        Self { workflows, ..self }
    }

    fn from(self, address: &str) -> Self {
        let client = Some(address.parse().expect("it is an address"));
        Self { client, ..self }
    }

    fn to(self, branches: Branches<'static>) -> Self {
        Self { branches, ..self }
    }

    fn decide(&self, token: Option<&TokenFacts>) -> Decision {
        decide(&SMALL, &self.question(), token)
    }

    fn trace(&self, token: Option<&TokenFacts>) -> (Decision, Trace) {
        trace(&SMALL, &self.question(), token)
    }

    fn question(&self) -> Question<'_> {
        Question {
            endpoint: self.endpoint,
            door: self.door,
            is_read: self.is_read,
            targets: &self.targets,
            client: self.client,
            branches: self.branches,
            workflows: self.workflows,
            now: self.now,
        }
    }

    fn by(&self, token: &TokenFacts) -> Result<Basis, Reason> {
        answer(self.decide(Some(token)))
    }

    fn anonymously(&self) -> Result<Basis, Reason> {
        answer(self.decide(None))
    }

    fn refusal(&self, token: &TokenFacts) -> Refusal {
        match self.decide(Some(token)) {
            Decision::Refuse(refusal) => refusal,
            Decision::Allow(allow) => panic!("allowed by {:?}", allow.basis),
        }
    }
}

fn answer(decision: Decision) -> Result<Basis, Reason> {
    match decision {
        Decision::Allow(allow) => Ok(allow.basis),
        Decision::Refuse(refusal) => Err(refusal.reason),
    }
}

impl From<RepositoryFacts<'static>> for Target<'static> {
    fn from(repository: RepositoryFacts<'static>) -> Self {
        Self::Repository(repository)
    }
}

/// By which permission of its grant a call was allowed.
#[allow(clippy::unnecessary_wraps)] // Stands beside `Err` in tables.
fn allowed(owner: AccountId, slug: &str, level: Level) -> Result<Basis, Reason> {
    let permission = SMALL.find_permission(slug).expect("it is there").id;
    Ok(Basis::Grant {
        grant: GrantId::new(owner.get()),
        owner,
        permission,
        level,
    })
}

fn owner(id: AccountId, login: &'static str, role: Option<MemberRole>) -> OwnerFacts<'static> {
    OwnerFacts {
        account: AccountFacts { id, login },
        role,
        is_in_enterprise: false,
        is_enterprise_owner: false,
        policies: None,
        enterprise: None,
    }
}

/// An organization of which ana is a member.
fn acme() -> OwnerFacts<'static> {
    owner(ACME, "acme", Some(MemberRole::Member))
}

/// Ana's own account.
fn own() -> OwnerFacts<'static> {
    owner(ANA, "ana", Some(MemberRole::Owner))
}

/// A private repository of acme that ana can read.
fn web() -> RepositoryFacts<'static> {
    RepositoryFacts {
        id: WEB,
        name: "web",
        visibility: Visibility::Private,
        role: Some(RepositoryRole::Read),
        owner: acme(),
    }
}

/// A public repository of acme.
fn site() -> RepositoryFacts<'static> {
    RepositoryFacts {
        id: SITE,
        name: "site",
        visibility: Visibility::Public,
        ..web()
    }
}

fn with_role(role: RepositoryRole) -> RepositoryFacts<'static> {
    RepositoryFacts {
        role: Some(role),
        ..web()
    }
}

/// What is in force: access, the organization's own limit, the enterprise's, and whether its owners are exempt.
fn in_force(access: Access, own: Limit, above: Limit, exempts: bool) -> Policies {
    let sourced = |value| Sourced {
        value,
        source: Source::Organization,
    };
    let effective = Effective {
        access: sourced(access),
        organization_access: sourced(access),
        approval: Sourced {
            value: Approval::Required,
            source: Source::Default,
        },
        enterprise_lifetime: above,
        organization_lifetime: Sourced {
            value: own,
            source: Source::Organization,
        },
        exempts_administrators: exempts,
    };
    Policies {
        fine_grained: effective,
        classic: effective,
    }
}

fn restricted() -> Policies {
    in_force(Access::Restrict, Limit::Unlimited, Limit::Unlimited, false)
}

/// Acme under these policies.
fn under(policies: Policies) -> OwnerFacts<'static> {
    OwnerFacts {
        policies: Some(policies),
        ..acme()
    }
}

/// A repository of this owner.
fn of_owner(
    owner: OwnerFacts<'static>,
    repository: RepositoryFacts<'static>,
) -> RepositoryFacts<'static> {
    RepositoryFacts {
        owner,
        ..repository
    }
}

/// A fine-grained token of ana that lives for 30 days.
fn token(grants: impl IntoIterator<Item = GrantFacts>) -> TokenFacts {
    TokenFacts {
        id: TokenId::new(7),
        user: ANA,
        kind: TokenKind::FineGrained,
        starts_at: NOW,
        expires_at: Some(NOW.plus_days(30)),
        conditions: Conditions::default(),
        grants: grants.into_iter().collect(),
        scopes: ScopeSet::new(),
        exemptions: Vec::new(),
        blocked_at: Vec::new(),
    }
}

/// A classic token of ana that lives for ever.
fn classic(scopes: &[&str]) -> TokenFacts {
    TokenFacts {
        kind: TokenKind::Classic,
        expires_at: None,
        scopes: SMALL.scope_set(scopes).expect("they are in the catalog"),
        ..token([])
    }
}

/// A working grant for everything of an owner, without a permission.
fn grant(owner: AccountId) -> GrantFacts {
    GrantFacts {
        id: GrantId::new(owner.get()),
        owner,
        standing: GrantStanding::Active,
        wish: None,
        relation: Relation::Member,
        selection: Selection::All,
        wished: None,
        permissions: PermissionSet::new(),
        terms: Terms {
            lifetime: Lifetime::Unlimited,
            allows_rotation: false,
            conditions: Conditions::default(),
        },
    }
}

impl GrantFacts {
    fn holds(self, wanted: &[(&str, Level)]) -> Self {
        Self {
            permissions: permissions(wanted),
            ..self
        }
    }

    fn selected(self, repositories: &[RepositoryId]) -> Self {
        let selection = Selection::Selected(repositories.iter().copied().collect());
        Self { selection, ..self }
    }

    fn standing(self, standing: GrantStanding) -> Self {
        Self { standing, ..self }
    }

    fn wishing(self, wish: GrantStanding, wished: Selection) -> Self {
        Self {
            wish: Some(wish),
            wished: Some(wished),
            ..self
        }
    }

    fn relation(self, relation: Relation) -> Self {
        Self { relation, ..self }
    }
}

/// A token whose grant at acme reads issues of everything.
fn reader() -> TokenFacts {
    token([grant(ACME).holds(&[("issues", Level::Read)])])
}
