//! How a token stands at one owner, in a word and a sentence: judged by the very rule that the gate applies.

use crate::domain::approval::GrantStanding;
use crate::domain::ids::AccountId;
use crate::domain::policy::ahead::{Coming, SavedVersions, violation_ahead};
use crate::domain::policy::evaluate::{Exposure, Violation, violation};
use crate::domain::policy::exemption::{Exemption, Spared};
use crate::domain::policy::setting::{Access, Limit};
use crate::domain::policy::{Effective, Source, since};
use crate::domain::time::{DAY, Timestamp};
use crate::domain::token::TokenKind;
use crate::domain::token::expiry::{Lifetime, is_over};
use crate::store::accounts::Account;
use crate::store::ahead::SoonBlocked;
use crate::store::own_tokens::Bar;
use crate::store::{Db, StoreError, accounts, ahead};
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

/// When a token's life began and when it ends.
#[derive(Debug, Clone, Copy)]
pub struct Life {
    /// Its beginning: the last regeneration, else the creation.
    pub starts_at: Timestamp,
    /// Its end, if it has one.
    pub expires_at: Option<Timestamp>,
}

impl Life {
    /// Its whole length.
    pub fn span(self) -> Lifetime {
        Lifetime::between(self.starts_at, self.expires_at)
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
    saved: SavedVersions,
    policy: Option<Effective>,
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
        let saved = ahead::find_saved(db, account.kind, account.id, governed_by, kind).await?;
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
            policy: saved.in_force(kind, now),
            saved,
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
        let spared = self.spared(exemptions, self.now);
        violation(self.policy.as_ref()?, lifetime, spared)
    }

    /// Since when a policy stands against a token without a break; none where none does.
    pub fn blocked_since(&self, life: Life, exemptions: &[Exemption]) -> Option<Timestamp> {
        let ends = exemptions.iter().map(|given| given.until);
        let token = |at| self.exposure(life.span(), exemptions, at);
        let kind = TokenKind::FineGrained;
        since::blocked_since(&self.saved, kind, (life.starts_at, self.now), ends, token)
    }

    /// What a policy that begins later will say against a token that works until then, and how a page tells it.
    pub fn coming(&self, life: Life, exemptions: &[Exemption]) -> Option<(Coming, String)> {
        let token = |at| {
            let lives = !is_over(life.expires_at, at);
            lives.then(|| self.exposure(life.span(), exemptions, at))
        };
        let coming = violation_ahead(&self.saved, TokenKind::FineGrained, self.now, token)?;
        let told = match coming.violation {
            Violation::Access(source) => {
                format!("{} allows no fine-grained tokens", self.setter(source))
            }
            Violation::Lifetime { days, source } => format!(
                "{} allows tokens for at most {}",
                self.setter(source),
                counted(i64::from(days), "day", "days")
            ),
        };
        Some((coming, told))
    }

    fn exposure(&self, lifetime: Lifetime, exemptions: &[Exemption], at: Timestamp) -> Exposure {
        Exposure {
            kind: TokenKind::FineGrained,
            lifetime,
            is_of_a_member: true,
            spared: self.spared(exemptions, at),
        }
    }

    fn spared(&self, exemptions: &[Exemption], at: Timestamp) -> Spared {
        let place = (self.account.id, self.account.governed_by());
        Spared::by(exemptions, place, self.is_enterprise_owner, at)
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

/// What a policy ahead will say against a token, as a sentence without its end.
pub fn soon_blocked(soon: &SoonBlocked) -> String {
    let (set_by, owner) = (&soon.set_by, &soon.owner_login);
    let tokens = match soon.token_kind {
        TokenKind::FineGrained => "fine-grained tokens",
        TokenKind::Classic => "classic tokens",
    };
    match soon.coming.violation {
        Violation::Access(_) => format!("{set_by} will let no {tokens} reach {owner}"),
        Violation::Lifetime { days, .. } => format!(
            "{set_by} will allow tokens for at most {} at {owner}, and this one lives longer",
            counted(i64::from(days), "day", "days")
        ),
    }
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
