//! How a token stands at one owner, in a word and a sentence: judged by the very rule that the gate applies.

use crate::domain::approval::GrantStanding;
use crate::domain::ids::AccountId;
use crate::domain::policy::Source;
use crate::domain::policy::evaluate::{Violation, violation};
use crate::domain::policy::exemption::{Exemption, Spared};
use crate::domain::policy::setting::{Access, EnterpriseLayer, Limit, OrganizationLayer, Version};
use crate::domain::time::{DAY, Timestamp};
use crate::domain::token::TokenKind;
use crate::domain::token::expiry::Lifetime;
use crate::store::accounts::Account;
use crate::store::own_tokens::Bar;
use crate::store::{Db, StoreError, accounts, policies, rights};
use crate::web::filters::counted;

/// What a page says of a token at one owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The name of its shape and colour.
    pub state: &'static str,
    /// The state in a word or three.
    pub word: &'static str,
    /// Why, and whom to ask; empty where the word says it all.
    pub reason: String,
    /// Where one click leads out of it.
    pub way: Way,
}

/// The way out of a standing that the token's user can go alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// There is none, or none is needed.
    None,
    /// A new life of at most so many days.
    Regenerate(u16),
}

impl Standing {
    /// Of a token whose life is over; `reason` may be empty.
    pub fn expired(reason: &str) -> Self {
        Self {
            state: "expired",
            word: "Expired",
            reason: reason.to_owned(),
            way: Way::None,
        }
    }

    /// At an owner that is not there any more.
    pub fn gone() -> Self {
        Self {
            state: "none",
            word: "Gone",
            reason: String::new(),
            way: Way::None,
        }
    }
}

/// The enterprise above an owner.
#[derive(Debug, Clone)]
struct Above {
    slug: String,
    owners: Vec<String>,
}

/// An owner as its tokens' standing needs it.
#[derive(Debug, Clone)]
pub struct Place {
    /// The owner.
    pub account: Account,
    /// Who decides there, by login.
    pub reviewers: Vec<String>,
    above: Option<Above>,
    policy: Option<crate::domain::policy::Effective>,
    is_enterprise_owner: bool,
    now: Timestamp,
}

impl Place {
    /// Loads an owner as a user's tokens meet it.
    pub async fn load(
        db: &mut impl Db,
        user: AccountId,
        owner: AccountId,
        now: Timestamp,
    ) -> Result<Option<Self>, StoreError> {
        use crate::domain::access::rights::MemberRole;
        let Some(account) = accounts::find(db, owner).await? else {
            return Ok(None);
        };
        let governed_by = account.governed_by();
        let kind = TokenKind::FineGrained;
        let policy =
            rights::find_policy(db, account.kind, account.id, governed_by, kind, now).await?;
        let (above, is_enterprise_owner) = match governed_by {
            Some(enterprise) => {
                let role = accounts::find_role(db, enterprise, user).await?;
                let above = above(db, enterprise).await?;
                (above, role == Some(MemberRole::Owner))
            }
            None => (None, false),
        };
        let reviewers = reviewers(db, account.id).await?;
        Ok(Some(Self {
            account,
            reviewers,
            above,
            policy,
            is_enterprise_owner,
            now,
        }))
    }

    /// What the policies here refuse, for lists that are filtered by it; none where they refuse nothing.
    pub fn bar(&self) -> Option<Bar> {
        let policy = self.policy.as_ref()?;
        let limit = policy.lifetime(self.is_enterprise_owner).value;
        let longest = match (policy.access.value, limit) {
            (Access::Restrict, _) => None,
            (Access::Allow, Limit::Days(days)) => Some(i64::from(days) * DAY),
            (Access::Allow, Limit::Unlimited) => return None,
        };
        Some(Bar {
            owner: self.account.id,
            longest,
        })
    }

    /// The policy that stands against a token of this life that may be exempt.
    pub fn violation(&self, lifetime: Lifetime, exemptions: &[Exemption]) -> Option<Violation> {
        let at = (self.account.id, self.account.governed_by());
        let spared = Spared::by(exemptions, at, self.is_enterprise_owner, self.now);
        violation(self.policy.as_ref()?, lifetime, spared)
    }

    /// When the policy that stands against a token was last saved; none where it was never set by anybody.
    pub async fn since(
        &self,
        db: &mut impl Db,
        found: Violation,
    ) -> Result<Option<Timestamp>, StoreError> {
        let kind = TokenKind::FineGrained;
        let (Violation::Access(source) | Violation::Lifetime { source, .. }) = found;
        match (source, self.account.governed_by()) {
            (Source::Organization, _) => {
                let saved = policies::list_versions::<OrganizationLayer>(db, self.account.id, kind);
                Ok(begun(&saved.await?, self.now))
            }
            (Source::Enterprise, Some(enterprise)) => {
                let saved = policies::list_versions::<EnterpriseLayer>(db, enterprise, kind);
                Ok(begun(&saved.await?, self.now))
            }
            (Source::Enterprise | Source::Default, _) => Ok(None),
        }
    }

    /// How a grant stands here; `said` is what an owner wrote with the last decision.
    pub fn standing(
        &self,
        grant: GrantStanding,
        lifetime: Lifetime,
        exemptions: &[Exemption],
        said: &str,
    ) -> Standing {
        match (grant, self.violation(lifetime, exemptions)) {
            (GrantStanding::Active | GrantStanding::Pending, Some(found)) => Standing {
                state: "blocked",
                word: "Blocked by policy",
                reason: self.blocked(found),
                way: way(found),
            },
            _ => self.by_decision(grant, said),
        }
    }

    fn by_decision(&self, grant: GrantStanding, said: &str) -> Standing {
        let login = &self.account.login;
        let (state, word, reason) = match grant {
            GrantStanding::Active => ("active", "Active", String::new()),
            GrantStanding::Pending => ("pending", "Pending", format!("Waits for {}.", self.who())),
            GrantStanding::Denied => ("denied", "Denied", because("An owner said no", said)),
            GrantStanding::Revoked => {
                ("revoked", "Revoked", because("An owner took it back", said))
            }
            GrantStanding::None => (
                "none",
                "No access",
                format!("Nothing is granted or asked for at {login}."),
            ),
        };
        Standing {
            state,
            word,
            reason,
            way: Way::None,
        }
    }

    fn who(&self) -> String {
        match self.reviewers.as_slice() {
            [] => format!(
                "an owner of {}, which has none at present",
                self.account.login
            ),
            [one] if *one == self.account.login => one.clone(),
            several => format!("an owner of {}: {}", self.account.login, several.join(", ")),
        }
    }

    fn blocked(&self, found: Violation) -> String {
        match found {
            Violation::Access(source) => format!(
                "{} does not allow fine-grained tokens. Ask {}.",
                self.setter(source),
                self.whom(source)
            ),
            Violation::Lifetime { days, source } => format!(
                "{} allows tokens for at most {}; this one lives longer.",
                self.setter(source),
                counted(i64::from(days), "day", "days")
            ),
        }
    }

    /// Who set a policy, as the beginning of a sentence.
    fn setter(&self, source: Source) -> String {
        let login = &self.account.login;
        match (source, &self.above) {
            (Source::Enterprise, Some(above)) if above.slug != *login => {
                format!("{}, the enterprise of {login},", above.slug)
            }
            (Source::Enterprise | Source::Organization | Source::Default, _) => login.clone(),
        }
    }

    /// Who can change what that policy says.
    fn whom(&self, source: Source) -> String {
        match (source, &self.above) {
            (Source::Enterprise, Some(above)) => {
                format!("an owner of {}: {}", above.slug, above.owners.join(", "))
            }
            (Source::Enterprise | Source::Organization | Source::Default, _) => self.who(),
        }
    }
}

/// What the user can do alone against a policy.
const fn way(found: Violation) -> Way {
    match found {
        Violation::Lifetime { days, .. } => Way::Regenerate(days),
        Violation::Access(_) => Way::None,
    }
}

async fn above(db: &mut impl Db, enterprise: AccountId) -> Result<Option<Above>, StoreError> {
    let Some(found) = accounts::find(db, enterprise).await? else {
        return Ok(None);
    };
    let owners = accounts::list_owners(db, enterprise).await?;
    Ok(Some(Above {
        slug: found.login,
        owners: owners.into_iter().map(|owner| owner.login).collect(),
    }))
}

/// Since when the version in force is.
fn begun<Layer>(versions: &[Version<Layer>], now: Timestamp) -> Option<Timestamp> {
    let begun = versions
        .iter()
        .filter(|version| version.effective_at <= now);
    begun
        .max_by_key(|version| version.version)
        .map(|version| version.effective_at)
}

fn because(what: &str, said: &str) -> String {
    if said.is_empty() {
        format!("{what} and gave no reason.")
    } else {
        format!("{what}: “{said}”")
    }
}

/// Who decides requests at an account, by login.
pub(super) async fn reviewers(
    db: &mut impl Db,
    account: AccountId,
) -> Result<Vec<String>, StoreError> {
    let found = accounts::list_reviewers(db, account).await?;
    Ok(found.into_iter().map(|member| member.login).collect())
}
