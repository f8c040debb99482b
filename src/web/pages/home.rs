//! What waits for me: requests to review, my tokens that need a look, and my organizations.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use crate::app::App;
use crate::domain::access::rights::MemberRole;
use crate::domain::account::AccountKind;
use crate::domain::approval::GrantStanding;
use crate::domain::ids::TokenId;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::store::accounts;
use crate::store::listings::{self, OwnGrant};
use crate::store::reviews::{self, Waiting};
use crate::store::tokens::{self, Token};
use crate::web::chrome::Chrome;
use crate::web::error::{PageResult, page};
use crate::web::extract::SignedIn;

/// A token that ends within so many days is told; one that ended, for so many days after.
const NEAR: i64 = 14;

#[derive(Template)]
#[template(path = "pages/home.html")]
struct Home {
    chrome: Chrome,
    now: i64,
    base_url: String,
    is_new: bool,
    waiting: Vec<Waiting>,
    tokens: Vec<Troubled>,
    organizations: Vec<Organization>,
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
    name: String,
    /// When it ends or ended, where that is near.
    ends_at: Option<Timestamp>,
    is_over: bool,
    standings: Vec<Standing>,
}

/// How a token stands at an owner where it does not simply work.
#[derive(Debug, PartialEq, Eq)]
struct Standing {
    owner: String,
    state: &'static str,
    reason: String,
}

impl Standing {
    /// What happened there, as a sentence without its full stop.
    fn sentence(&self) -> String {
        let owner = &self.owner;
        match self.state {
            "pending" => format!("Waits for an owner of {owner}"),
            "denied" => format!("An owner of {owner} denied it"),
            _ => format!("Its access to {owner} was revoked"),
        }
    }
}

/// An organization of mine.
struct Organization {
    login: String,
    name: String,
    is_owner: bool,
}

/// Shows the page.
pub async fn get(State(app): State<App>, signed_in: SignedIn) -> PageResult {
    let mut db = app.context.store.reader();
    let (user, now) = (&signed_in.user, signed_in.now());
    let live = tokens::list_live(&mut db, user.id, TokenKind::FineGrained).await?;
    let grants = listings::list_own_grants(&mut db, user.id).await?;
    let waiting = reviews::list_waiting(&mut db, user.id).await?;
    let belongings = accounts::list_belongings(&mut db, user.id).await?;
    let organizations = belongings
        .into_iter()
        .filter(|at| at.kind == AccountKind::Organization)
        .map(|at| Organization {
            login: at.login,
            name: at.name,
            is_owner: at.role == MemberRole::Owner,
        });
    let template = Home {
        chrome: signed_in.chrome("What waits for you"),
        now: now.as_micros(),
        base_url: app.config.base_url.trim_end_matches('/').to_owned(),
        is_new: live.is_empty() && waiting.is_empty(),
        waiting,
        tokens: troubled(&live, grants, now),
        organizations: organizations.collect(),
    };
    Ok(page(StatusCode::OK, template))
}

/// The tokens that need a look: those that end soon first, then the newest.
fn troubled(live: &[Token], grants: Vec<OwnGrant>, now: Timestamp) -> Vec<Troubled> {
    let mut by_token = BTreeMap::<TokenId, Vec<Standing>>::new();
    for grant in grants {
        if let Some((token, standing)) = standing(grant) {
            by_token.entry(token).or_default().push(standing);
        }
    }
    let mut found: Vec<_> = live
        .iter()
        .map(|token| Troubled {
            id: token.id,
            name: token.name.clone(),
            ends_at: near(token, now),
            is_over: token.is_expired(now),
            standings: by_token.remove(&token.id).unwrap_or_default(),
        })
        .filter(|token| token.ends_at.is_some() || !token.standings.is_empty())
        .collect();
    found.sort_by_key(|token| (token.ends_at.is_none(), token.ends_at));
    found
}

fn standing(grant: OwnGrant) -> Option<(TokenId, Standing)> {
    let state = match grant.standing() {
        GrantStanding::Pending => "pending",
        GrantStanding::Denied => "denied",
        GrantStanding::Revoked => "revoked",
        GrantStanding::Active | GrantStanding::None => return None,
    };
    let standing = Standing {
        owner: grant.owner_login,
        state,
        reason: if state == "pending" {
            String::new()
        } else {
            grant.reason
        },
    };
    Some((grant.token_id, standing))
}

fn near(token: &Token, now: Timestamp) -> Option<Timestamp> {
    let end = token.expires_at?;
    (now.plus_days(-NEAR) <= end && end <= now.plus_days(NEAR)).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::approval::{GrantState, RequestState};
    use crate::domain::ids::{AccountId, GrantId};
    use crate::domain::selection::SelectionKind;
    use crate::domain::token::TokenState;

    const NOW: Timestamp = Timestamp::from_micros(1_795_176_000_000_000);

    fn token(id: i64, expires_at: Option<Timestamp>) -> Token {
        Token {
            id: TokenId::new(id),
            identifier: String::new(),
            user_id: AccountId::new(1),
            kind: TokenKind::FineGrained,
            name: format!("t{id}"),
            description: String::new(),
            starts_at: NOW.plus_days(-30),
            expires_at,
            wants_rotation: false,
            state: TokenState::Live,
            ended_reason: None,
            ended_at: None,
            created_at: NOW.plus_days(-30),
            rev: 1,
        }
    }

    fn grant(token: i64, state: GrantState, request: RequestState) -> OwnGrant {
        OwnGrant {
            id: GrantId::new(token),
            token_id: TokenId::new(token),
            owner_id: AccountId::new(2),
            owner_login: "acme".to_owned(),
            state,
            request_state: Some(request),
            selection: SelectionKind::All,
            listed: 0,
            reason: "Too much.".to_owned(),
        }
    }

    #[test]
    fn tokens_that_end_soon_come_first_and_quiet_ones_not_at_all() {
        let live = [
            token(1, None),
            token(2, Some(NOW.plus_days(60))),
            token(3, Some(NOW.plus_days(13))),
            token(4, Some(NOW.plus_days(2))),
        ];
        let grants = vec![
            grant(1, GrantState::None, RequestState::Denied),
            grant(2, GrantState::Active, RequestState::Approved),
        ];
        let found = troubled(&live, grants, NOW);
        let names: Vec<_> = found.iter().map(|token| token.name.as_str()).collect();
        assert_eq!(names, ["t4", "t3", "t1"]);
        assert_eq!(found[2].standings[0].reason, "Too much.");
        assert_eq!(
            found[2].standings[0].sentence(),
            "An owner of acme denied it"
        );
    }
}
