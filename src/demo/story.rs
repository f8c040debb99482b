//! What happened to tokens in the sample enterprise in the last two months, in the order of time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::usage::{Habit, record};
use super::{DemoError, NARROWED, enter, repository};
use crate::actions::Context;
use crate::actions::approve::approve;
use crate::actions::block_classic::block_classic;
use crate::actions::deny::deny;
use crate::actions::exempt_token;
use crate::actions::mint::{Minted, mint};
use crate::actions::mint_classic::{ClassicDraft, mint_classic};
use crate::actions::revoke_grant::revoke_grant;
use crate::clock::ManualClock;
use crate::domain::account::AccountKind;
use crate::domain::approval::Part;
use crate::domain::audit::{Actor, Origin};
use crate::domain::ids::{AccountId, GrantId, RepositoryId, RequestId, TokenId};
use crate::domain::permission::{Level, PermissionSet};
use crate::domain::policy::Exempted;
use crate::domain::selection::Selection;
use crate::domain::time::Timestamp;
use crate::domain::token::conditions::Conditions;
use crate::domain::token::draft::{Draft, Wish};
use crate::domain::token::expiry::Expiration;
use crate::domain::token::secret::Secret;
use crate::git::layout::Layout;
use crate::store::{StoreError, accounts, grants, requests};

/// Which repositories a sample token asks for.
#[derive(Clone, Copy)]
enum Repositories {
    Named(&'static [&'static str]),
    All,
    Public,
}

/// What a sample token asks of one owner.
type Asked = (&'static str, Repositories, &'static [(&'static str, Level)]);

/// A sample token in the making.
#[derive(Clone, Copy)]
struct Sample {
    user: &'static str,
    name: &'static str,
    description: &'static str,
    expiration: Expiration,
    reason: &'static str,
    asks: &'static [Asked],
}

/// A sample classic token in the making.
#[derive(Clone, Copy)]
struct ClassicSample {
    user: &'static str,
    note: &'static str,
    scopes: &'static [&'static str],
    expiration: Expiration,
}

struct Teller<'a> {
    context: &'a Context,
    clock: &'a Arc<ManualClock>,
    now: Timestamp,
    people: BTreeMap<String, AccountId>,
}

/// Tells the story; gives the secret of the token to try out.
pub(super) async fn tell(
    context: &Context,
    clock: &Arc<ManualClock>,
    layout: &Layout,
    now: Timestamp,
) -> Result<Secret, DemoError> {
    let mut people = BTreeMap::new();
    for kind in [AccountKind::User, AccountKind::Organization] {
        let found = accounts::list(&mut context.store.reader(), kind).await?;
        people.extend(found.into_iter().map(|account| (account.login, account.id)));
    }
    let teller = Teller {
        context,
        clock,
        now,
        people,
    };
    let mut habits = Vec::new();
    let script = teller.script(&mut habits).await?;
    teller.first_month(&mut habits).await?;
    teller.ago(20, 9);
    enter(context, layout, NARROWED).await?;
    teller.second_month(&mut habits).await?;
    teller.last_days().await?;
    let secret = teller.token_to_try().await?;
    record(context, &habits, now).await?;
    teller.block(script).await?;
    Ok(secret)
}

impl Teller<'_> {
    /// Sets the clock to so many days and hours ago.
    fn ago(&self, days: i64, hours: i64) {
        self.clock
            .set(self.now.plus_days(-days).plus_seconds(-hours * 3_600));
    }

    fn id(&self, login: &str) -> Result<AccountId, StoreError> {
        self.people
            .get(login)
            .copied()
            .ok_or(StoreError::RowNotFound)
    }

    fn origin(&self, login: &str) -> Result<Origin, StoreError> {
        Ok(Origin {
            address: Some("192.0.2.14".to_owned()),
            ..Origin::of(Actor::Person(self.id(login)?))
        })
    }

    async fn mint(&self, sample: &Sample) -> Result<Minted, DemoError> {
        let mut wishes = Vec::new();
        for asked in sample.asks {
            wishes.push(self.wish(asked).await?);
        }
        let draft = Draft {
            name: sample.name.to_owned(),
            description: sample.description.to_owned(),
            expiration: sample.expiration,
            justification: sample.reason.to_owned(),
            wants_rotation: false,
            conditions: Conditions::default(),
            wishes,
        };
        let origin = self.origin(sample.user)?;
        Ok(mint(self.context, &origin, self.id(sample.user)?, &draft, None).await?)
    }

    async fn wish(&self, (owner, chosen, asked): &Asked) -> Result<Wish, DemoError> {
        let selection = match chosen {
            Repositories::All => Selection::All,
            Repositories::Public => Selection::Public,
            Repositories::Named(names) => {
                let mut ids = BTreeSet::new();
                for name in *names {
                    let id = repository(self.context, owner, name).await?;
                    ids.insert(RepositoryId::new(id));
                }
                Selection::Selected(ids)
            }
        };
        let permissions: PermissionSet = asked
            .iter()
            .filter_map(|(slug, level)| {
                Some((self.context.catalog.find_permission(slug)?.id, *level))
            })
            .collect();
        Ok(Wish {
            owner: self.id(owner)?,
            selection,
            permissions,
        })
    }

    async fn grant(&self, token: TokenId, owner: AccountId) -> Result<GrantId, DemoError> {
        let mut db = self.context.store.reader();
        let found = grants::list_of_token(&mut db, token).await?;
        let grant = found.iter().find(|grant| grant.owner_id == owner);
        Ok(grant.ok_or(StoreError::RowNotFound)?.id)
    }

    async fn request(&self, token: TokenId, owner: AccountId) -> Result<RequestId, DemoError> {
        let grant = self.grant(token, owner).await?;
        let pending = requests::find_pending(&mut self.context.store.reader(), grant).await?;
        Ok(pending.ok_or(StoreError::RowNotFound)?.id)
    }

    async fn approve(&self, token: TokenId, by: &str, why: &str) -> Result<(), DemoError> {
        self.approve_at("acme", token, by, why).await
    }

    async fn approve_at(
        &self,
        owner: &str,
        token: TokenId,
        by: &str,
        why: &str,
    ) -> Result<(), DemoError> {
        let owner = self.id(owner)?;
        let request = self.request(token, owner).await?;
        let origin = self.origin(by)?;
        let by = self.id(by)?;
        Ok(approve(self.context, &origin, owner, request, by, why, &Part::Whole).await?)
    }

    /// A token that was made, used every day, and is still used.
    async fn first_month(&self, habits: &mut Vec<Habit>) -> Result<(), DemoError> {
        let (acme, labs) = (self.id("acme")?, self.id("labs")?);
        self.ago(50, 4);
        let dashboard = self.mint(&OLD_DASHBOARD).await?.token;
        self.ago(49, 20);
        self.approve(dashboard, "sam", "").await?;
        self.ago(45, 5);
        let backup = self.classic(&BACKUP).await?;
        self.ago(40, 7);
        let preview = self.mint(&DEPLOY_PREVIEW).await?.token;
        self.ago(39, 22);
        self.approve(preview, "olga", "Fine, for the shop only.")
            .await?;
        self.ago(35, 3);
        let long = self.mint(&LONG_RUNNER).await?.token;
        let sensors = self.classic(&OLD_SENSORS).await?;
        self.ago(30, 6);
        let spring = self.mint(&SPRING).await?.token;
        self.ago(25, 2);
        self.exempt(preview, long).await?;
        let use_of = |token, owner, method, path, permission| Habit {
            token,
            owner,
            method,
            path,
            permission,
            refusal: None,
            address: "192.0.2.40",
            from: 0,
            to: 0,
            often: 6,
        };
        let days = |habit: Habit, from, to, often| Habit {
            from,
            to,
            often,
            ..habit
        };
        let issues = use_of(dashboard, acme, "GET", "/repos/acme/api/issues", "issues");
        habits.push(days(issues, 48, 11, 8));
        let contents = use_of(
            preview,
            acme,
            "GET",
            "/repos/acme/web/contents/README.md",
            "contents",
        );
        habits.push(days(contents, 38, 0, 9));
        let fetch = use_of(preview, acme, "GIT", "acme/web fetch", "contents");
        habits.push(days(fetch, 38, 0, 4));
        let measured = use_of(
            long,
            labs,
            "GET",
            "/repos/labs/probe/contents/probe.py",
            "contents",
        );
        habits.push(days(measured, 34, 20, 5));
        habits.push(Habit {
            refusal: Some((
                "policy_lifetime",
                "labs allows tokens for at most 90 days, and this one lives 180",
            )),
            ..days(measured, 19, 1, 2)
        });
        let sensed = use_of(sensors, labs, "GET", "/repos/labs/probe/issues", "issues");
        habits.push(days(sensed, 34, 20, 3));
        habits.push(Habit {
            refusal: Some((
                "policy_lifetime",
                "labs allows tokens for at most 60 days; this one lives longer.",
            )),
            ..days(sensed, 19, 0, 1)
        });
        let copied = use_of(backup, acme, "GIT", "acme/api fetch", "contents");
        habits.push(days(copied, 44, 0, 1));
        let commits = use_of(spring, labs, "GET", "/repos/labs/probe/commits", "contents");
        habits.push(days(commits, 29, 24, 7));
        Ok(())
    }

    /// A classic token that has come to acme all the time.
    async fn script(&self, habits: &mut Vec<Habit>) -> Result<TokenId, DemoError> {
        self.ago(55, 2);
        let scopes = self.context.catalog.scope_set(&["repo", "workflow"]);
        let draft = ClassicDraft {
            note: "deploy script".to_owned(),
            scopes: scopes.unwrap_or_default(),
            expiration: Expiration::Never,
        };
        let (origin, ben) = (self.origin("ben")?, self.id("ben")?);
        let token = mint_classic(self.context, &origin, ben, &draft)
            .await?
            .token;
        habits.push(Habit {
            token,
            owner: self.id("acme")?,
            method: "GIT",
            path: "acme/api push",
            permission: "contents",
            refusal: None,
            address: "192.0.2.77",
            from: 54,
            to: 0,
            often: 3,
        });
        Ok(token)
    }

    /// An owner blocks it, once it was seen.
    async fn block(&self, token: TokenId) -> Result<(), DemoError> {
        self.ago(0, 0);
        let why = "It can do whatever ben can. Use a fine-grained token for `api`.";
        let (origin, acme) = (self.origin("olga")?, self.id("acme")?);
        Ok(block_classic(self.context, &origin, acme, token, why).await?)
    }

    /// Acme and the enterprise spare a token each a limit, one of them for a few more days only.
    async fn exempt(&self, preview: TokenId, probe: TokenId) -> Result<(), DemoError> {
        let globex = accounts::find_slug(&mut self.context.store.reader(), "globex").await?;
        let globex = globex.ok_or(StoreError::RowNotFound)?.id;
        let given = [
            (
                "olga",
                self.id("acme")?,
                preview,
                Exempted::Lifetime,
                30,
                "Previews of the spring sale must not stop before it is over.",
            ),
            (
                "eve",
                globex,
                probe,
                Exempted::Lifetime,
                90,
                "The long run of the probe must not be cut by a shorter limit.",
            ),
        ];
        for (by, scope, token, policy, days, reason) in given {
            let wish = exempt_token::Wish {
                token,
                policy,
                until: self.context.clock.now().plus_days(days),
                reason,
            };
            exempt_token::exempt_token(self.context, &self.origin(by)?, scope, &wish).await?;
        }
        Ok(())
    }

    async fn classic(&self, sample: &ClassicSample) -> Result<TokenId, DemoError> {
        let scopes = self.context.catalog.scope_set(sample.scopes);
        let draft = ClassicDraft {
            note: sample.note.to_owned(),
            scopes: scopes.unwrap_or_default(),
            expiration: sample.expiration,
        };
        let (origin, user) = (self.origin(sample.user)?, self.id(sample.user)?);
        let minted = mint_classic(self.context, &origin, user, &draft).await?;
        Ok(minted.token)
    }

    /// Over two owners, one's own, unused, denied, revoked.
    async fn second_month(&self, habits: &mut Vec<Habit>) -> Result<(), DemoError> {
        let (acme, labs, ana) = (self.id("acme")?, self.id("labs")?, self.id("ana")?);
        self.ago(16, 5);
        let sync = self.mint(&TEAM_SYNC).await?.token;
        self.ago(15, 21);
        self.approve(sync, "olga", "").await?;
        self.ago(14, 2);
        self.mint(&READER).await?;
        self.managed_user().await?;
        self.ago(13, 8);
        let metrics = self.mint(&METRICS).await?.token;
        self.ago(12, 6);
        let request = self.request(metrics, acme).await?;
        let why = "Administration of every repository is too much for metrics. Ask for `api` with actions: read.";
        deny(
            self.context,
            &self.origin("sam")?,
            acme,
            request,
            self.id("sam")?,
            why,
        )
        .await?;
        self.ago(12, 1);
        let scripts = self.classic(&SCRIPTS).await?;
        self.ago(11, 4);
        self.mint(&INVENTORY).await?;
        self.ago(10, 3);
        self.revoke_dashboard().await?;
        self.ago(9, 7);
        let readings = self.mint(&READINGS).await?.token;
        self.ago(9, 2);
        self.approve_at("ana", readings, "ana", "").await?;
        self.ago(8, 9);
        let lab = self.mint(&OWN_LAB).await?.token;
        let use_of = |token, owner, path, permission, often| Habit {
            token,
            owner,
            method: "GET",
            path,
            permission,
            refusal: None,
            address: "198.51.100.7",
            from: 15,
            to: 0,
            often,
        };
        habits.push(use_of(sync, acme, "/repos/acme/web/issues", "issues", 5));
        habits.push(Habit {
            from: 11,
            method: "GIT",
            ..use_of(scripts, acme, "acme/web fetch", "contents", 3)
        });
        habits.push(use_of(sync, labs, "/repos/labs/probe/issues", "issues", 3));
        habits.push(Habit {
            from: 7,
            method: "GIT",
            ..use_of(lab, ana, "ana/lab push", "contents", 2)
        });
        habits.push(Habit {
            from: 5,
            refusal: Some((
                "missing_permission",
                "this token does not hold contents=read at acme; ask its owners for it",
            )),
            ..use_of(
                sync,
                acme,
                "/repos/acme/web/contents/shop/cart.py",
                "contents",
                1,
            )
        });
        Ok(())
    }

    async fn revoke_dashboard(&self) -> Result<(), DemoError> {
        let (acme, ben) = (self.id("acme")?, self.id("ben")?);
        let mut db = self.context.store.reader();
        let kind = crate::domain::token::TokenKind::FineGrained;
        let found = crate::store::tokens::list_live(&mut db, ben, kind).await?;
        let dashboard = found.iter().find(|token| token.name == OLD_DASHBOARD.name);
        let token = dashboard.ok_or(StoreError::RowNotFound)?.id;
        let grant = self.grant(token, acme).await?;
        let why = "The old dashboard was switched off. Ask again if another one needs it.";
        let origin = self.origin("olga")?;
        Ok(revoke_grant(self.context, &origin, acme, grant, self.id("olga")?, why).await?)
    }

    /// The tokens of somebody whose account the enterprise owns: at an organization of it, and at home.
    async fn managed_user(&self) -> Result<(), DemoError> {
        let stations = self.mint(&STATIONS).await?.token;
        self.ago(13, 22);
        self.approve_at("field", stations, "sam", "").await?;
        self.ago(13, 20);
        self.mint(&JOURNAL).await?;
        Ok(())
    }

    /// What waits for acme's owners and for ana now.
    async fn last_days(&self) -> Result<(), DemoError> {
        self.ago(3, 2);
        self.mint(&TRIAGE).await?;
        self.ago(2, 4);
        self.mint(&ROUTER_TRIAL).await?;
        self.ago(1, 5);
        self.mint(&RELEASE_NOTES).await?;
        self.ago(0, 3);
        self.mint(&THEME_SYNC).await?;
        Ok(())
    }

    async fn token_to_try(&self) -> Result<Secret, DemoError> {
        self.ago(0, 2);
        let minted = self.mint(&TO_TRY).await?;
        self.ago(0, 1);
        self.approve(minted.token, "olga", "").await?;
        Ok(minted.secret)
    }
}

const BACKUP: ClassicSample = ClassicSample {
    user: "sam",
    note: "nightly backup",
    scopes: &["repo", "read:org"],
    expiration: Expiration::Never,
};

/// Made before labs limited classic tokens. One of its scopes was dropped: another one includes it.
const OLD_SENSORS: ClassicSample = ClassicSample {
    user: "ana",
    note: "old sensors",
    scopes: &["repo", "repo:status"],
    expiration: Expiration::Never,
};

const SCRIPTS: ClassicSample = ClassicSample {
    user: "ana",
    note: "laptop scripts",
    scopes: &["repo", "read:org", "gist"],
    expiration: Expiration::Days(30),
};

const OLD_DASHBOARD: Sample = Sample {
    user: "ben",
    name: "old dashboard",
    description: "Shows open issues on the screen in the kitchen",
    expiration: Expiration::Days(180),
    reason: "The kitchen screen shows how many issues are open.",
    asks: &[(
        "acme",
        Repositories::Named(&["api"]),
        &[("issues", Level::Read)],
    )],
};

const DEPLOY_PREVIEW: Sample = Sample {
    user: "ana",
    name: "deploy preview",
    description: "Builds a preview of every branch and links it in the issue",
    expiration: Expiration::Days(90),
    reason: "Previews clone the shop and comment on the issue they belong to.",
    asks: &[(
        "acme",
        Repositories::Named(&["web"]),
        &[("contents", Level::Read), ("issues", Level::Write)],
    )],
};

const LONG_RUNNER: Sample = Sample {
    user: "dan",
    name: "long runner",
    description: "Keeps the probe's measurements",
    expiration: Expiration::Days(180),
    reason: "",
    asks: &[(
        "labs",
        Repositories::Named(&["probe"]),
        &[("contents", Level::Write)],
    )],
};

const SPRING: Sample = Sample {
    user: "dan",
    name: "spring experiment",
    description: "One week of measurements",
    expiration: Expiration::Days(7),
    reason: "",
    asks: &[(
        "labs",
        Repositories::Named(&["probe"]),
        &[("contents", Level::Read)],
    )],
};

const TEAM_SYNC: Sample = Sample {
    user: "ana",
    name: "team sync",
    description: "Copies issues between acme and labs",
    expiration: Expiration::Days(60),
    reason: "Both teams work on the same sensors and should see the same issues.",
    asks: &[
        (
            "acme",
            Repositories::Named(&["web"]),
            &[("issues", Level::Read)],
        ),
        (
            "labs",
            Repositories::Named(&["probe"]),
            &[("issues", Level::Write)],
        ),
    ],
};

const READER: Sample = Sample {
    user: "gus",
    name: "reader",
    description: "Reads what is public, at a higher rate",
    expiration: Expiration::Days(60),
    reason: "",
    asks: &[("gus", Repositories::Public, &[])],
};

const STATIONS: Sample = Sample {
    user: "mia",
    name: "station list",
    description: "Keeps the list of stations in step with what is built",
    expiration: Expiration::Days(30),
    reason: "The map of stations is drawn from this list every night.",
    asks: &[(
        "field",
        Repositories::Named(&["stations"]),
        &[("contents", Level::Write)],
    )],
};

const JOURNAL: Sample = Sample {
    user: "mia",
    name: "journal backup",
    description: "Copies the journal to the small computer outside",
    expiration: Expiration::Days(60),
    reason: "",
    asks: &[(
        "mia",
        Repositories::Named(&["journal"]),
        &[("contents", Level::Read)],
    )],
};

const METRICS: Sample = Sample {
    user: "ana",
    name: "metrics export",
    description: "Counts builds and their time",
    expiration: Expiration::Days(366),
    reason: "We want to know how long builds take.",
    asks: &[(
        "acme",
        Repositories::All,
        &[("administration", Level::Write), ("actions", Level::Read)],
    )],
};

const INVENTORY: Sample = Sample {
    user: "olga",
    name: "inventory",
    description: "Lists who can touch what, once a quarter",
    expiration: Expiration::Days(30),
    reason: "",
    asks: &[(
        "acme",
        Repositories::All,
        &[("members", Level::Read), ("administration", Level::Read)],
    )],
};

const OWN_LAB: Sample = Sample {
    user: "ana",
    name: "own lab",
    description: "Pushes from the small computer at home",
    expiration: Expiration::Days(30),
    reason: "",
    asks: &[(
        "ana",
        Repositories::Named(&["lab"]),
        &[("contents", Level::Write)],
    )],
};

const READINGS: Sample = Sample {
    user: "dan",
    name: "lab readings",
    description: "Reads what the last trial measured",
    expiration: Expiration::Days(60),
    reason: "I compare your trials with what the probe measures.",
    asks: &[(
        "ana",
        Repositories::Named(&["lab"]),
        &[("contents", Level::Read)],
    )],
};

const ROUTER_TRIAL: Sample = Sample {
    user: "dan",
    name: "router trial",
    description: "Notes what the new router does",
    expiration: Expiration::Days(7),
    reason: "The trial runs for a week and opens an issue for each fault.",
    asks: &[(
        "ana",
        Repositories::Named(&["lab"]),
        &[("issues", Level::Write)],
    )],
};

const TRIAGE: Sample = Sample {
    user: "ben",
    name: "issue triage",
    description: "Labels new issues",
    expiration: Expiration::Days(90),
    reason: "The bot sorts new issues of the shop and the interface every morning.",
    asks: &[(
        "acme",
        Repositories::Named(&["web", "api"]),
        &[("issues", Level::Write), ("pull_requests", Level::Read)],
    )],
};

const RELEASE_NOTES: Sample = Sample {
    user: "ana",
    name: "release notes",
    description: "Writes the notes of a release into the handbook",
    expiration: Expiration::Days(30),
    reason: "Release notes are still copied by hand. This job writes them from the commits.",
    asks: &[(
        "acme",
        Repositories::Named(&["web", "handbook"]),
        &[("contents", Level::Write), ("workflows", Level::Write)],
    )],
};

const THEME_SYNC: Sample = Sample {
    user: "carl",
    name: "theme sync",
    description: "Pushes the theme from our studio",
    expiration: Expiration::Days(60),
    reason: "Our build publishes the theme to the branch `theme` of the shop.",
    asks: &[(
        "acme",
        Repositories::Named(&["web"]),
        &[("contents", Level::Write)],
    )],
};

const TO_TRY: Sample = Sample {
    user: "ana",
    name: "try me",
    description: "The token that the demo prints",
    expiration: Expiration::Days(7),
    reason: "To try Grantry from a terminal.",
    asks: &[(
        "acme",
        Repositories::Named(&["web"]),
        &[("contents", Level::Write), ("issues", Level::Write)],
    )],
};
