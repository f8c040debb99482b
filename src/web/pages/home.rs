//! What waits for me: requests to review, my tokens that need a look, and where I belong.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use crate::app::App;
use crate::domain::access::rights::MemberRole;
use crate::domain::account::AccountKind;
use crate::domain::approval::GrantStanding;
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::policy::evaluate::{Violation, violation};
use crate::domain::policy::{Effective, Exemption, Spared};
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::domain::token::expiry::{Lifetime, is_over};
use crate::store::accounts::{self, Belonging};
use crate::store::ahead::{self, SoonBlocked};
use crate::store::exceptions;
use crate::store::home::{self, Holding};
use crate::store::reviews::{self, Waiting};
use crate::store::subjects;
use crate::web::chrome::Chrome;
use crate::web::error::{PageResult, page};
use crate::web::extract::SignedIn;
use crate::web::pages::classic::{self, against};
use crate::web::pages::tokens;

/// A token that ends within so many days is told; one that ended, for so many days after.
const NEAR: i64 = 14;
/// How many tokens are told; the list of tokens has the rest.
const MOST: usize = 20;

#[derive(Template)]
#[template(path = "pages/home.html")]
struct Home {
    chrome: Chrome,
    now: i64,
    base_url: String,
    is_new: bool,
    waiting: Vec<Waiting>,
    tokens: Vec<Troubled>,
    /// How many more tokens need a look; empty where there are none.
    more: String,
    ahead: Vec<Ahead>,
    /// How many more tokens a policy ahead will block; empty where there are none.
    more_ahead: String,
    organizations: Vec<Place>,
    enterprises: Vec<Place>,
}

impl Home {
    /// For a new account the button is the one thing to do.
    fn act_kind(&self) -> &'static str {
        if self.is_new { "primary" } else { "secondary" }
    }
}

/// One of my tokens, with what there is to know of it.
#[derive(Debug, PartialEq, Eq)]
struct Troubled {
    id: TokenId,
    /// Its page.
    page: String,
    name: String,
    /// When it ends or ended, where that is near.
    ends_at: Option<Timestamp>,
    is_over: bool,
    standings: Vec<Standing>,
}

/// How a token stands at an owner where it does not simply work.
#[derive(Debug, PartialEq, Eq)]
struct Standing {
    state: &'static str,
    /// What happened there, as a sentence without its full stop.
    sentence: String,
    /// What an owner wrote.
    reason: String,
}

/// A token of mine that a policy ahead will block.
#[derive(Debug, PartialEq, Eq)]
struct Ahead {
    /// Its page.
    href: String,
    name: String,
    at: Timestamp,
    /// Who will allow what, as a sentence without its end.
    sentence: String,
}

impl Ahead {
    fn new(soon: &SoonBlocked, name: &str) -> Self {
        let list = match soon.token_kind {
            TokenKind::FineGrained => tokens::LIST,
            TokenKind::Classic => classic::LIST,
        };
        Self {
            href: format!("{list}/{}", soon.token_id),
            name: name.to_owned(),
            at: soon.coming.at,
            sentence: tokens::standing::soon_blocked(soon),
        }
    }
}

/// An organization or enterprise of mine.
struct Place {
    login: String,
    name: String,
    is_owner: bool,
}

/// Shows the page.
pub async fn get(State(app): State<App>, signed_in: SignedIn) -> PageResult {
    let mut db = app.context.store.reader();
    let (user, now) = (&signed_in.user, signed_in.now());
    let waiting = reviews::list_waiting(&mut db, user.id).await?;
    let belongings = accounts::list_belongings(&mut db, user.id).await?;
    let holdings = home::list_holdings(&mut db, user.id).await?;
    let policies = home::find_policies(&mut db, &holdings, now).await?;
    let judge = Judge {
        now,
        policies,
        owned: owned_enterprises(&belongings),
        exemptions: exceptions::list_of_user(&mut db, user.id, TokenKind::FineGrained).await?,
    };
    let classic = against::list(&mut db, user.id, now).await?;
    let is_new = holdings.is_empty() && classic.is_empty() && waiting.is_empty();
    let mut tokens = judge.troubled(holdings);
    tokens.extend(judge.troubled_classic(classic));
    tokens.sort_by_key(|token| (token.ends_at.is_none(), token.ends_at));
    let more = cut(&mut tokens);
    let mut ahead = ahead::list_soon_blocked(&mut db, user.id, now).await?;
    let more_ahead = cut(&mut ahead);
    let ids: Vec<_> = ahead.iter().map(|soon| soon.token_id).collect();
    let names = subjects::name_tokens(&mut db, &ids).await?;
    let ahead = ahead
        .iter()
        .filter_map(|soon| Some(Ahead::new(soon, &names.get(&soon.token_id)?.name)))
        .collect();
    let template = Home {
        chrome: signed_in.chrome("What waits for you"),
        now: now.as_micros(),
        base_url: app.config.base_url.trim_end_matches('/').to_owned(),
        is_new,
        waiting,
        tokens,
        more,
        ahead,
        more_ahead,
        organizations: places(&belongings, AccountKind::Organization),
        enterprises: places(&belongings, AccountKind::Enterprise),
    };
    Ok(page(StatusCode::OK, template))
}

/// Leaves the first of a list, and says how many are gone; nothing where none is.
fn cut<T>(list: &mut Vec<T>) -> String {
    let more = list.len().saturating_sub(MOST);
    list.truncate(MOST);
    if more > 0 {
        more.to_string()
    } else {
        String::new()
    }
}

fn places(belongings: &[Belonging], kind: AccountKind) -> Vec<Place> {
    let of_kind = belongings.iter().filter(|at| at.kind == kind);
    of_kind
        .map(|at| Place {
            login: at.login.clone(),
            name: at.name.clone(),
            is_owner: at.role == MemberRole::Owner,
        })
        .collect()
}

fn owned_enterprises(belongings: &[Belonging]) -> Vec<AccountId> {
    let owned = belongings
        .iter()
        .filter(|at| at.kind == AccountKind::Enterprise && at.role == MemberRole::Owner);
    owned.map(|at| at.account_id).collect()
}

/// Finds the tokens that need a look, by the rules that the gate applies.
struct Judge {
    now: Timestamp,
    policies: BTreeMap<AccountId, Effective>,
    /// The enterprises whose limits may spare the person.
    owned: Vec<AccountId>,
    /// The tokens that owners spare a policy.
    exemptions: BTreeMap<TokenId, Vec<Exemption>>,
}

impl Judge {
    /// Those that end soon first, then the newest.
    fn troubled(&self, holdings: Vec<Holding>) -> Vec<Troubled> {
        let mut found: Vec<Troubled> = Vec::new();
        for holding in holdings {
            let is_over = holding.expires_at.is_some_and(|end| end <= self.now);
            if found
                .last()
                .is_none_or(|token| token.id != holding.token_id)
            {
                found.push(Troubled {
                    id: holding.token_id,
                    page: format!("{}/{}", tokens::LIST, holding.token_id),
                    name: holding.name.clone(),
                    ends_at: self.near(holding.expires_at),
                    is_over,
                    standings: Vec::new(),
                });
            }
            if let (Some(token), false) = (found.last_mut(), is_over) {
                token.standings.extend(self.standing(holding));
            }
        }
        found.retain(|token| token.ends_at.is_some() || !token.standings.is_empty());
        found.sort_by_key(|token| (token.ends_at.is_none(), token.ends_at));
        found
    }

    /// Classic tokens that end soon, or that something stands against.
    fn troubled_classic(&self, found: Vec<against::Troubled>) -> Vec<Troubled> {
        let looked_at = found.into_iter().map(|one| Troubled {
            id: one.token.id,
            page: one.page,
            name: one.token.name,
            ends_at: self.near(one.token.expires_at),
            is_over: is_over(one.token.expires_at, self.now),
            standings: one.sentences.iter().map(|told| blocked(told)).collect(),
        });
        looked_at
            .filter(|token| token.ends_at.is_some() || !token.standings.is_empty())
            .collect()
    }

    fn near(&self, end: Option<Timestamp>) -> Option<Timestamp> {
        let (end, now) = (end?, self.now);
        (now.plus_days(-NEAR) <= end && end <= now.plus_days(NEAR)).then_some(end)
    }

    fn standing(&self, holding: Holding) -> Option<Standing> {
        let owner = &holding.owner_login;
        let standing = holding.standing();
        let waits_or_works = matches!(standing, GrantStanding::Active | GrantStanding::Pending);
        if let (true, Some(sentence)) = (waits_or_works, self.blocked(&holding)) {
            return Some(Standing {
                state: "blocked",
                sentence,
                reason: String::new(),
            });
        }
        let (state, sentence) = match standing {
            GrantStanding::Pending => ("pending", format!("Waits for an owner of {owner}")),
            GrantStanding::Denied => ("denied", format!("An owner of {owner} denied it")),
            GrantStanding::Revoked => ("revoked", format!("Its access to {owner} was revoked")),
            GrantStanding::Active | GrantStanding::None => return None,
        };
        let is_decided = standing != GrantStanding::Pending;
        Some(Standing {
            state,
            sentence,
            reason: if is_decided {
                holding.reason
            } else {
                String::new()
            },
        })
    }

    fn blocked(&self, holding: &Holding) -> Option<String> {
        let policy = self.policies.get(&holding.owner_id)?;
        let lifetime = Lifetime::between(holding.starts_at, holding.expires_at);
        let is_enterprise_owner = holding
            .governed_by
            .is_some_and(|id| self.owned.contains(&id));
        let given = self.exemptions.get(&holding.token_id);
        let spared = Spared::by(
            given.map_or(&[], Vec::as_slice),
            (holding.owner_id, holding.governed_by),
            is_enterprise_owner,
            self.now,
        );
        let owner = &holding.owner_login;
        Some(match violation(policy, lifetime, spared)? {
            Violation::Access(_) => {
                format!("Blocked by policy: {owner} does not allow fine-grained tokens")
            }
            Violation::Lifetime { days, .. } => {
                format!(
                    "Blocked by policy: {owner} allows tokens for at most {days} days, and this one lives longer"
                )
            }
        })
    }
}

/// What stands against a classic token somewhere.
fn blocked(sentence: &str) -> Standing {
    let sentence = sentence.trim_end_matches('.').to_owned();
    Standing {
        state: "blocked",
        sentence,
        reason: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::approval::{GrantState, RequestState};

    const NOW: Timestamp = Timestamp::from_micros(1_795_176_000_000_000);

    fn holding(token: i64, days: Option<i64>, state: GrantState, request: RequestState) -> Holding {
        Holding {
            token_id: TokenId::new(token),
            name: format!("t{token}"),
            starts_at: NOW.plus_days(-30),
            expires_at: days.map(|days| NOW.plus_days(days)),
            owner_id: AccountId::new(2),
            owner_login: "acme".to_owned(),
            owner_kind: AccountKind::Organization,
            governed_by: None,
            state,
            request_state: Some(request),
            reason: "Too much.".to_owned(),
        }
    }

    fn judge(policy: Option<Effective>) -> Judge {
        Judge {
            now: NOW,
            policies: policy
                .into_iter()
                .map(|policy| (AccountId::new(2), policy))
                .collect(),
            owned: Vec::new(),
            exemptions: BTreeMap::new(),
        }
    }

    #[test]
    fn tokens_that_end_soon_come_first_and_quiet_ones_not_at_all() {
        let active = |token, days| holding(token, days, GrantState::Active, RequestState::Approved);
        let holdings = vec![
            active(5, Some(-20)),
            active(4, Some(2)),
            active(3, Some(13)),
            active(2, Some(60)),
            holding(1, None, GrantState::None, RequestState::Denied),
        ];
        let found = judge(None).troubled(holdings);
        let names: Vec<_> = found.iter().map(|token| token.name.as_str()).collect();
        assert_eq!(names, ["t4", "t3", "t1"]);
        let denied = &found[2].standings[0];
        assert_eq!(
            (denied.sentence.as_str(), denied.reason.as_str()),
            ("An owner of acme denied it", "Too much.")
        );
    }

    #[test]
    fn what_a_policy_blocks_is_told_unless_it_is_over_or_refused_anyway() {
        use crate::domain::policy::setting::{Access, Approval, Limit, OrganizationLayer};
        use crate::domain::policy::{Exempted, effective};
        let own = OrganizationLayer {
            access: Access::Allow,
            approval: Approval::Required,
            lifetime: Limit::Days(60),
        };
        let judge = judge(Some(effective(TokenKind::FineGrained, None, Some(own))));
        let found = judge.troubled(vec![
            holding(3, Some(60), GrantState::Active, RequestState::Approved),
            holding(2, Some(20), GrantState::Active, RequestState::Approved),
            holding(1, Some(60), GrantState::Revoked, RequestState::Approved),
        ]);
        let told: Vec<_> = found
            .iter()
            .map(|token| (token.id.get(), token.standings[0].state))
            .collect();
        assert_eq!(told, [(3, "blocked"), (1, "revoked")]);
        let exemption = Exemption {
            scope: AccountId::new(2),
            policy: Exempted::Lifetime,
            until: NOW.plus_days(1),
        };
        let exempt = Judge {
            exemptions: [(TokenId::new(3), vec![exemption])].into(),
            ..judge
        };
        let active = holding(3, Some(60), GrantState::Active, RequestState::Approved);
        assert_eq!(exempt.troubled(vec![active]), [], "an owner spares it");
    }
}
