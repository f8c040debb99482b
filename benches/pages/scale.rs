//! An organization of any size, entered in bulk: what took months to happen is there in a second.
//!
//! Rows go in past the actions, with numbers of their own far above those that sequences give out. They stand as the
//! actions would have left them, so that every page finds what it looks for.

use grantry::actions::Context;
use grantry::actions::mint::mint;
use grantry::actions::review_many::Shown;
use grantry::domain::access::rights::MemberRole;
use grantry::domain::account::AccountKind;
use grantry::domain::audit::{Actor, Origin};
use grantry::domain::ids::{AccountId, RequestId};
use grantry::domain::permission::{Level, PermissionSet};
use grantry::domain::selection::Selection;
use grantry::domain::time::{DAY, Timestamp};
use grantry::domain::token::conditions::Conditions;
use grantry::domain::token::draft::{Draft, Wish};
use grantry::domain::token::expiry::Expiration;
use grantry::store::{Change, Db, Statement, Value, Work, accounts};
use sha2::{Digest as _, Sha256};

/// How much of everything.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Members of the organization.
    pub members: i64,
    /// Its repositories.
    pub repositories: i64,
    /// Tokens with access; one developer has as many more that wait.
    pub tokens: i64,
    /// Requests that wait.
    pub requests: i64,
}

/// What was entered, as far as pages name it.
#[derive(Debug)]
pub struct Filled {
    /// The organization.
    pub organization: AccountId,
    /// Its owner, who also runs the site.
    pub owner: AccountId,
    /// A member with many tokens.
    pub developer: AccountId,
    /// One of the developer's tokens.
    pub token: i64,
    /// A grant that works.
    pub grant: i64,
    /// A request that waits.
    pub request: i64,
    /// The secret of a token of the owner's, for the API.
    pub secret: String,
}

/// The number of the first row that is entered in bulk.
const FIRST: i64 = 1_000_000;

/// The most values in one statement, within what both databases take.
const VALUES: usize = 30_000;

/// Fills an empty database.
pub async fn fill(context: &Context, size: Size) -> Filled {
    let origin = Origin::of(Actor::Operator);
    let mut work = context.begin(&origin).await.expect("a change can begin");
    let people = People::enter(&mut work, size).await;
    let mut bulk = Bulk {
        now: work.now(),
        work: &mut work,
        people: &people,
        size,
    };
    bulk.repositories().await;
    bulk.active().await;
    bulk.waiting().await;
    work.changed(Change::Unknown);
    context.commit(work).await.expect("the rows are sound");
    if context.store.kind() == "PostgreSQL" {
        // A server that runs for a minute does this by itself.
        let analyzed = context.store.reader().query("ANALYZE").execute().await;
        analyzed.expect("the tables can be analysed");
    }
    Filled {
        organization: people.organization,
        owner: people.owner,
        developer: people.developer,
        token: FIRST + size.tokens,
        grant: FIRST + size.tokens / 2,
        request: FIRST + size.tokens + size.requests / 2,
        secret: api_token(context, &people).await,
    }
}

struct People {
    organization: AccountId,
    owner: AccountId,
    developer: AccountId,
    members: Vec<AccountId>,
}

impl People {
    async fn enter(work: &mut Work, size: Size) -> Self {
        let organization = account(work, AccountKind::Organization, "acme").await;
        let owner = account(work, AccountKind::User, "olga").await;
        let mut found = accounts::find(work, owner)
            .await
            .expect("accounts can be read")
            .expect("it was just entered");
        found.site_admin = true;
        accounts::update(work, &found)
            .await
            .expect("it can be changed");
        let mut members = Vec::new();
        for number in 0..size.members {
            let login = format!("member-{number:05}");
            members.push(account(work, AccountKind::User, &login).await);
        }
        let now = work.now();
        let owner_role = std::iter::once((owner, MemberRole::Owner));
        let others = members.iter().map(|member| (*member, MemberRole::Member));
        for (user, role) in owner_role.chain(others) {
            let put = accounts::put_member(work, organization, user, role, now).await;
            put.expect("a membership can be entered");
        }
        Self {
            organization,
            owner,
            developer: members[0],
            members,
        }
    }

    /// Whose the token with this number is.
    fn of(&self, number: i64) -> AccountId {
        let count = i64::try_from(self.members.len()).expect("few members");
        self.members[usize::try_from(number % count).expect("it is positive")]
    }
}

async fn account(work: &mut Work, kind: AccountKind, login: &str) -> AccountId {
    let email = format!("{login}@example.test");
    let is_user = kind == AccountKind::User;
    let new = accounts::NewAccount {
        kind,
        login,
        name: login,
        email: is_user.then_some(email.as_str()),
        passkey_handle: is_user.then(|| format!("handle of {login}")),
        created_at: work.now(),
    };
    accounts::insert(work, &new)
        .await
        .expect("an account can be entered")
}

/// A token of the owner that reads what owners read by API.
async fn api_token(context: &Context, people: &People) -> String {
    let mut permissions = PermissionSet::new();
    for slug in [
        "contents",
        "issues",
        "members",
        "organization_personal_access_tokens",
        "organization_personal_access_token_requests",
    ] {
        let permission = context.catalog.find_permission(slug);
        permissions.insert(permission.expect("the catalog has it").id, Level::Read);
    }
    let draft = Draft {
        name: "bench".to_owned(),
        description: String::new(),
        expiration: Expiration::Days(30),
        justification: String::new(),
        wants_rotation: false,
        conditions: Conditions::default(),
        wishes: vec![Wish {
            owner: people.organization,
            selection: Selection::All,
            permissions,
        }],
    };
    let origin = Origin::of(Actor::Person(people.owner));
    let minted = mint(context, &origin, people.owner, &draft, None).await;
    minted
        .expect("an owner needs nobody")
        .secret
        .reveal()
        .to_owned()
}

/// The requests that wait longest, as a page shows them.
pub async fn oldest_requests(
    context: &Context,
    organization: AccountId,
    most: i64,
) -> Vec<Shown<RequestId>> {
    let oldest = "SELECT id, grant_rev FROM requests WHERE owner_id = $1 AND state = 'pending' ORDER BY created_at, id LIMIT $2";
    let mut db = context.store.reader();
    let rows = db.query(oldest).bind(organization).bind(most);
    let rows: Vec<(i64, i64)> = rows.all().await.expect("requests can be read");
    let shown = rows.into_iter().map(|(id, rev)| Shown {
        id: RequestId::new(id),
        rev: Some(rev),
    });
    shown.collect()
}

/// Rows for one table.
struct Rows {
    head: &'static str,
    rows: Vec<Vec<Value>>,
}

impl Rows {
    const fn new(head: &'static str) -> Self {
        Self {
            head,
            rows: Vec::new(),
        }
    }

    fn push<const N: usize>(&mut self, row: [Value; N]) {
        self.rows.push(row.into());
    }

    async fn write(self, work: &mut Work) {
        let Some(columns) = self.rows.first().map(Vec::len) else {
            return;
        };
        for part in self.rows.chunks(VALUES / columns) {
            let insert = Statement::rows(self.head, columns, part.len(), "");
            let values = part.iter().flatten().cloned();
            let written = work.query(insert).bind_all(values).execute().await;
            written.unwrap_or_else(|error| panic!("{}: {error}", self.head));
        }
    }
}

struct Bulk<'a> {
    work: &'a mut Work,
    people: &'a People,
    size: Size,
    now: Timestamp,
}

impl Bulk<'_> {
    async fn repositories(&mut self) {
        let mut rows = Rows::new(
            "INSERT INTO repositories (id, owner_id, name, name_key, description, visibility, next_number, created_at, \
             updated_at, rev) VALUES",
        );
        for number in 0..self.size.repositories {
            let name = format!("repo-{number:05}");
            let visibility = if number % 20 == 0 {
                "public"
            } else {
                "private"
            };
            let at = self.now.plus_days(-1 - number % 300);
            rows.push([
                (FIRST + number).into(),
                self.people.organization.into(),
                name.as_str().into(),
                name.as_str().into(),
                "What this repository is for".into(),
                visibility.into(),
                1.into(),
                at.into(),
                at.into(),
                1.into(),
            ]);
        }
        rows.write(self.work).await;
    }

    /// Tokens with access, as reviewed ones are, with a month of use.
    async fn active(&mut self) {
        for number in 0..self.size.tokens {
            let user = self.people.of(number);
            self.token(FIRST + number, user).await;
        }
        let mut parts = Parts::new();
        for number in 0..self.size.tokens {
            let id = FIRST + number;
            let at = self.now.plus_days(-40).plus_seconds(number);
            parts.grant(self, id, "active", Some(at));
            parts.request(self, id, "approved", at);
            parts.uses(self, id, number);
        }
        parts.write(self.work).await;
    }

    /// Tokens that wait: the developer's first, then everybody's.
    async fn waiting(&mut self) {
        let mut parts = Parts::new();
        for number in 0..self.size.requests {
            let id = FIRST + self.size.tokens + number;
            let user = if number < self.size.tokens {
                self.people.developer
            } else {
                self.people.of(number)
            };
            self.token(id, user).await;
            let at = self.now.plus_days(-30).plus_seconds(number * 600);
            parts.grant(self, id, "none", None);
            parts.request(self, id, "pending", at);
        }
        parts.write(self.work).await;
    }

    /// One token with its secret; the few columns that differ between databases are the same here.
    async fn token(&mut self, id: i64, user: AccountId) {
        let mut tokens = Rows::new(
            "INSERT INTO tokens (id, identifier, user_id, kind, name, name_key, description, starts_at, expires_at, \
             wants_rotation, state, created_at, rev) VALUES",
        );
        let name = format!("job {id}");
        let starts_at = self.now.plus_days(-45);
        tokens.push([
            id.into(),
            format!("{id:022}").into(),
            user.into(),
            "fine_grained".into(),
            name.as_str().into(),
            name.as_str().into(),
            "Runs the checks of each change".into(),
            starts_at.into(),
            starts_at.plus_days(46 + id % 200).into(),
            false.into(),
            "live".into(),
            starts_at.into(),
            1.into(),
        ]);
        tokens.write(self.work).await;
        let mut secrets =
            Rows::new("INSERT INTO secrets (token_id, hash, role, created_at) VALUES");
        let hash = Sha256::digest(id.to_le_bytes()).to_vec();
        secrets.push([id.into(), hash.into(), "current".into(), starts_at.into()]);
        secrets.write(self.work).await;
    }
}

/// Everything that hangs on tokens, table by table.
struct Parts {
    grants: Rows,
    grant_permissions: Rows,
    grant_targets: Rows,
    requests: Rows,
    request_permissions: Rows,
    request_targets: Rows,
    last_uses: Rows,
    use_days: Rows,
}

impl Parts {
    const fn new() -> Self {
        Self {
            grants: Rows::new(
                "INSERT INTO grants (id, token_id, owner_id, state, selection, relation, activation, terms_rotation, \
                 created_at, activated_at, reason, rev) VALUES",
            ),
            grant_permissions: Rows::new(
                "INSERT INTO grant_permissions (grant_id, catalog, permission, level) VALUES",
            ),
            grant_targets: Rows::new(
                "INSERT INTO grant_targets (grant_id, kind, target_id) VALUES",
            ),
            requests: Rows::new(
                "INSERT INTO requests (id, grant_id, owner_id, grant_rev, cause, state, selection, terms_rotation, \
                 reason, created_at, decided_by, decided_at, decision_reason) VALUES",
            ),
            request_permissions: Rows::new(
                "INSERT INTO request_permissions (request_id, catalog, permission, asked) VALUES",
            ),
            request_targets: Rows::new(
                "INSERT INTO request_targets (request_id, kind, target_id, outcome) VALUES",
            ),
            last_uses: Rows::new(
                "INSERT INTO last_uses (token_id, owner_id, at, method, path, address) VALUES",
            ),
            use_days: Rows::new(
                "INSERT INTO use_days (token_id, owner_id, catalog, permission, day, allowed, refused, first_at, \
                 last_at, address) VALUES",
            ),
        }
    }

    fn grant(&mut self, bulk: &Bulk<'_>, id: i64, state: &str, at: Option<Timestamp>) {
        let active = at.is_some();
        self.grants.push([
            id.into(),
            id.into(),
            bulk.people.organization.into(),
            state.into(),
            "selected".into(),
            "member".into(),
            active.then_some("reviewed").into(),
            false.into(),
            at.unwrap_or(bulk.now).into(),
            at.into(),
            "".into(),
            1.into(),
        ]);
        if active {
            for (permission, level) in PERMISSIONS {
                let row = [id.into(), "github".into(), permission.into(), level.into()];
                self.grant_permissions.push(row);
            }
            for target in targets(bulk, id) {
                self.grant_targets
                    .push([id.into(), "repository".into(), target.into()]);
            }
        }
    }

    fn request(&mut self, bulk: &Bulk<'_>, id: i64, state: &str, at: Timestamp) {
        let by = (state == "approved").then_some(bulk.people.owner);
        self.requests.push([
            id.into(),
            id.into(),
            bulk.people.organization.into(),
            1.into(),
            "new".into(),
            state.into(),
            "selected".into(),
            false.into(),
            "The nightly job needs it".into(),
            at.into(),
            by.into(),
            by.map(|_| at).into(),
            "".into(),
        ]);
        for (permission, level) in PERMISSIONS {
            let row = [id.into(), "github".into(), permission.into(), level.into()];
            self.request_permissions.push(row);
        }
        let outcome = if by.is_some() { "granted" } else { "asked" };
        for target in targets(bulk, id) {
            let row = [
                id.into(),
                "repository".into(),
                target.into(),
                outcome.into(),
            ];
            self.request_targets.push(row);
        }
    }

    /// A month of use, for three of four tokens.
    fn uses(&mut self, bulk: &Bulk<'_>, id: i64, number: i64) {
        if number % 4 == 3 {
            return;
        }
        let owner = bulk.people.organization;
        let today = bulk.now.day_number();
        let at = bulk.now.plus_seconds(-60 * number);
        self.last_uses.push([
            id.into(),
            owner.into(),
            at.into(),
            "GET".into(),
            "/repos/acme/repo-00003/contents".into(),
            "192.0.2.7".into(),
        ]);
        for day in today - 30..today {
            let at = Timestamp::from_micros(day * DAY);
            self.use_days.push([
                id.into(),
                owner.into(),
                "github".into(),
                "contents:read".into(),
                day.into(),
                (10 + number % 50).into(),
                (number % 3).into(),
                at.into(),
                at.into(),
                "192.0.2.7".into(),
            ]);
        }
    }

    async fn write(self, work: &mut Work) {
        for rows in [
            self.grants,
            self.grant_permissions,
            self.grant_targets,
            self.requests,
            self.request_permissions,
            self.request_targets,
            self.last_uses,
            self.use_days,
        ] {
            rows.write(work).await;
        }
    }
}

/// What every token holds or asks for.
const PERMISSIONS: [(&str, &str); 3] = [
    ("metadata", "read"),
    ("contents", "write"),
    ("issues", "read"),
];

/// The three repositories that a token names.
fn targets(bulk: &Bulk<'_>, id: i64) -> [i64; 3] {
    let count = bulk.size.repositories;
    [0, 1, 2].map(|step| FIRST + (id * 7 + step * 3) % count)
}
