//! One token at one owner, as the inventory, a person's page and exports tell it.

use std::collections::BTreeMap;

use super::view::kind_word;
use crate::domain::account::AccountKind;
use crate::domain::approval::GrantState;
use crate::domain::catalog::Catalog;
use crate::domain::ids::{GrantId, RequestId, TokenId};
use crate::domain::inventory::Standing;
use crate::domain::permission::Level;
use crate::domain::policy::evaluate::Violation;
use crate::domain::policy::{Exempted, Exemption, Source};
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::domain::token::expiry::Lifetime;
use crate::store::inventory::{self, Entry, Scope};
use crate::store::listings::{self, PermissionsById, RepositoriesById};
use crate::store::{Db, Result};
use crate::web::filters::counted;
use crate::web::pages::organization::phrases;
use crate::web::pages::organization::requests::change;

/// A line of a list.
#[derive(Debug)]
pub struct Row {
    /// Its page.
    pub href: String,
    /// What its check box sends; empty where there is nothing that the enterprise could take back.
    pub value: String,
    /// Whose.
    pub login: String,
    /// By what name.
    pub name: String,
    /// Whether the enterprise owns their account.
    pub is_managed: bool,
    /// Whether they are suspended, and their tokens dead.
    pub is_suspended: bool,
    /// The token's name.
    pub token: String,
    /// Which kind it is.
    pub kind: &'static str,
    /// Where it reaches.
    pub owner: String,
    /// What it can do there, a line each.
    pub gives: Vec<String>,
    /// The highest level among it.
    pub highest: Option<Level>,
    /// The repositories that it reaches there.
    pub repositories: String,
    /// How it stands there.
    pub state: State,
    /// What it is spared, and until when.
    pub exempted: Vec<(&'static str, Timestamp)>,
    /// When it was last used there.
    pub last_used_at: Option<Timestamp>,
    /// How long it lives in all.
    pub life: String,
    /// When its life ends.
    pub expires_at: Option<Timestamp>,
}

impl Row {
    /// The highest level where it is worth an eye.
    pub fn risk(&self) -> Option<Level> {
        self.highest.filter(|level| *level > Level::Read)
    }
}

/// How a token stands at an owner, as badges say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The name of its shape and colour.
    pub badge: &'static str,
    /// The state in a word or three.
    pub word: &'static str,
    /// Why; empty where the word says it all.
    pub reason: String,
}

impl State {
    /// Of a standing at an owner of this name, with the policy that stands against it.
    pub fn new(
        standing: Standing,
        violation: Option<Violation>,
        kind: TokenKind,
        at: &str,
    ) -> Self {
        let (badge, word) = match standing {
            Standing::Active => ("active", "Active"),
            Standing::Pending => ("pending", "Pending"),
            Standing::Blocked => ("blocked", "Blocked by policy"),
            Standing::BlockedHere => ("denied", "Blocked by an owner"),
            Standing::Expired => ("expired", "Expired"),
        };
        let reason = match (standing, violation) {
            (Standing::Blocked, Some(found)) => blocked(found, kind, at),
            _ => String::new(),
        };
        Self {
            badge,
            word,
            reason,
        }
    }
}

fn blocked(found: Violation, kind: TokenKind, at: &str) -> String {
    let by = |source| match source {
        Source::Enterprise => "set by the enterprise",
        Source::Organization => "its own policy",
        Source::Default => "the default",
    };
    match found {
        Violation::Access(source) => {
            let kind = kind_word(kind).to_lowercase();
            format!("{at} does not allow {kind} tokens ({}).", by(source))
        }
        Violation::Lifetime { days, source } => {
            let days = counted(i64::from(days), "day", "days");
            format!("{at} allows a life of at most {days} ({}).", by(source))
        }
    }
}

/// What several entries need that their own rows do not hold, in as many statements for one as for hundreds.
#[derive(Debug)]
pub struct Details {
    held: PermissionsById,
    asked: PermissionsById,
    held_repositories: RepositoriesById,
    asked_repositories: RepositoriesById,
    scopes: BTreeMap<TokenId, Vec<String>>,
    exemptions: BTreeMap<TokenId, Vec<Exemption>>,
}

impl Details {
    /// Loads them.
    pub async fn load(db: &mut impl Db, entries: &[Entry]) -> Result<Self> {
        let working = entries.iter().filter(|entry| entry.is_active());
        let grants: Vec<i64> = working
            .filter_map(|entry| entry.grant_id.map(GrantId::get))
            .collect();
        let waiting = entries.iter().filter(|entry| !entry.is_active());
        let requests: Vec<i64> = waiting
            .filter_map(|entry| entry.request_id.map(RequestId::get))
            .collect();
        let classic = entries.iter().filter(|entry| entry.grant_id.is_none());
        let classic: Vec<TokenId> = classic.map(|entry| entry.token_id).collect();
        let tokens: Vec<TokenId> = entries.iter().map(|entry| entry.token_id).collect();
        Ok(Self {
            held: listings::permissions_of_grants(db, &grants).await?,
            asked: listings::permissions_of_requests(db, &requests).await?,
            held_repositories: listings::repositories_of_grants(db, &grants).await?,
            asked_repositories: listings::repositories_of_requests(db, &requests).await?,
            scopes: inventory::scopes_of(db, &classic).await?,
            exemptions: inventory::exemptions_of(db, &tokens).await?,
        })
    }

    /// The exemptions of an entry's token, by whomever.
    pub fn exemptions(&self, entry: &Entry) -> &[Exemption] {
        self.exemptions
            .get(&entry.token_id)
            .map_or(&[], Vec::as_slice)
    }

    /// The scopes of a classic token.
    pub fn scopes(&self, entry: &Entry) -> &[String] {
        self.scopes.get(&entry.token_id).map_or(&[], Vec::as_slice)
    }

    /// What a fine-grained token holds, or asks for.
    pub fn permissions(&self, entry: &Entry) -> &[(String, Level)] {
        let found = match (entry.is_active(), entry.grant_id, entry.request_id) {
            (true, Some(grant), _) => self.held.get(&grant.get()),
            (false, _, Some(request)) => self.asked.get(&request.get()),
            _ => None,
        };
        found.map_or(&[], Vec::as_slice)
    }

    fn repositories(&self, entry: &Entry) -> &[String] {
        let found = match (entry.is_active(), entry.grant_id, entry.request_id) {
            (true, Some(grant), _) => self.held_repositories.get(&grant.get()),
            (false, _, Some(request)) => self.asked_repositories.get(&request.get()),
            _ => None,
        };
        found.map_or(&[], Vec::as_slice)
    }

    fn highest(&self, catalog: &Catalog, entry: &Entry) -> Option<Level> {
        match entry.kind {
            TokenKind::FineGrained => {
                let held = self.permissions(entry).iter();
                held.map(|(_, level)| *level).max()
            }
            TokenKind::Classic => {
                let names: Vec<_> = self.scopes(entry).iter().map(String::as_str).collect();
                catalog.level_of_scopes(catalog.scope_set(&names).unwrap_or_default())
            }
        }
    }

    fn gives(&self, catalog: &Catalog, entry: &Entry) -> Vec<String> {
        match entry.kind {
            TokenKind::FineGrained => phrases::held(catalog, self.permissions(entry)),
            TokenKind::Classic => self.scopes(entry).to_vec(),
        }
    }
}

/// What an owner is called in sentences.
fn at(entry: &Entry) -> &str {
    match entry.owner_kind {
        AccountKind::User => &entry.owner_login,
        AccountKind::Organization | AccountKind::Enterprise => &entry.owner_name,
    }
}

/// The lines of these entries.
pub async fn rows(
    db: &mut impl Db,
    catalog: &Catalog,
    slug: &str,
    scope: Scope<'_>,
    entries: &[Entry],
) -> Result<Vec<Row>> {
    let details = Details::load(db, entries).await?;
    Ok(entries
        .iter()
        .map(|entry| row(catalog, slug, scope, entry, &details))
        .collect())
}

/// The line of one entry.
pub fn row(
    catalog: &Catalog,
    slug: &str,
    scope: Scope<'_>,
    entry: &Entry,
    details: &Details,
) -> Row {
    let exemptions = details.exemptions(entry);
    let (standing, violation) = entry.standing(scope.rules, exemptions, scope.now);
    let exempted = entry.exempted(exemptions, scope.now);
    Row {
        href: super::address(slug, entry),
        value: value(entry),
        login: entry.user_login.clone(),
        name: entry.user_name.clone(),
        is_managed: entry.is_managed,
        is_suspended: entry.suspended_at.is_some(),
        token: entry.token_name.clone(),
        kind: kind_word(entry.kind),
        owner: entry.owner_login.clone(),
        gives: details.gives(catalog, entry),
        highest: details.highest(catalog, entry),
        repositories: repositories(entry, details),
        state: State::new(standing, violation, entry.kind, at(entry)),
        exempted: exempted
            .map(|(policy, until)| (exempted_word(policy), until))
            .collect(),
        last_used_at: entry.last_used_at,
        life: change::life(Lifetime::between(entry.starts_at, entry.expires_at)),
        expires_at: entry.expires_at,
    }
}

/// What an exemption spares a token.
pub const fn exempted_word(policy: Exempted) -> &'static str {
    match policy {
        Exempted::Access => "the access policy",
        Exempted::Lifetime => "the longest life",
    }
}

fn repositories(entry: &Entry, details: &Details) -> String {
    match entry.selection {
        Some(kind) => phrases::repositories(&entry.owner_login, kind, details.repositories(entry)),
        None => "Whatever its user reaches".to_owned(),
    }
}

/// What a check box sends, as on an organization's list: the grant with the version that was shown.
fn value(entry: &Entry) -> String {
    let is_working = entry.grant_state == Some(GrantState::Active);
    match (entry.grant_id, entry.grant_rev) {
        (Some(id), Some(rev)) if is_working && entry.owner_kind == AccountKind::Organization => {
            format!("{id}-{rev}")
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_that_stands_against_a_token_says_whose_it_is() {
        let told = |violation| {
            let standing = Standing::Blocked;
            State::new(standing, Some(violation), TokenKind::Classic, "Acme").reason
        };
        assert_eq!(
            told(Violation::Access(Source::Enterprise)),
            "Acme does not allow classic tokens (set by the enterprise)."
        );
        assert_eq!(
            told(Violation::Lifetime {
                days: 30,
                source: Source::Organization
            }),
            "Acme allows a life of at most 30 days (its own policy)."
        );
        let over = State::new(
            Standing::Expired,
            Some(Violation::Access(Source::Default)),
            TokenKind::FineGrained,
            "Acme",
        );
        assert_eq!((over.word, over.reason.as_str()), ("Expired", ""));
    }
}
