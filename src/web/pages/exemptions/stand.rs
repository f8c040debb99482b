//! How the policies stand to one token at everything of an organization or enterprise that it reaches, and what an
//! exemption changes about that: judged by the very rule of the gate, in sentences.

use std::collections::BTreeMap;

use super::violation;
use crate::domain::account::AccountKind;
use crate::domain::ids::AccountId;
use crate::domain::policy::bars::{self, Outlook};
use crate::domain::policy::evaluate::{Exposure, Violation, stands_against};
use crate::domain::policy::preview::Subject;
use crate::domain::policy::{Effective, Exempted};
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::domain::token::summary::join;
use crate::store::accounts::{self, Account};
use crate::store::tokens::Token;
use crate::store::{Db, StoreError, records, rights, subjects};
use crate::web::pages::scope_owner::ScopeOwner;

/// A token at everything that it reaches there.
#[derive(Debug)]
pub struct Stand {
    places: Vec<Place>,
    kind: TokenKind,
    /// Whose exemption it is about, by name.
    scope: String,
    is_above: bool,
    /// The enterprise, by name; empty where there is none.
    enterprise: String,
    /// Who owns the enterprise, by login.
    enterprise_owners: Vec<String>,
}

/// One owner that the token reaches.
#[derive(Debug)]
struct Place {
    id: AccountId,
    name: String,
    policy: Effective,
    exposure: Exposure,
}

impl Stand {
    /// Loads it as of now.
    pub async fn load(
        db: &mut impl Db,
        owner: &ScopeOwner,
        token: &Token,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let scope = owner.account();
        let of = (token.id, token.kind);
        let found = subjects::list_of_token(db, scope.id, of, now).await?;
        let ids: Vec<_> = found.iter().map(|subject| subject.owner).collect();
        let named = accounts::list_by_ids(db, &ids).await?;
        let named: BTreeMap<_, _> = named.into_iter().map(|one| (one.id, one)).collect();
        let mut places = Vec::new();
        for subject in &found {
            if let Some(account) = named.get(&subject.owner) {
                places.extend(place(db, account, subject, now).await?);
            }
        }
        let above = match scope.governed_by() {
            Some(id) => accounts::find(db, id).await?,
            None => None,
        };
        let owners = match &above {
            Some(above) => accounts::list_owners(db, above.id).await?,
            None => Vec::new(),
        };
        Ok(Self {
            places,
            kind: token.kind,
            scope: scope.name.clone(),
            is_above: owner.is_above(),
            enterprise: above.map_or_else(String::new, |above| above.name),
            enterprise_owners: owners.into_iter().map(|member| member.login).collect(),
        })
    }

    /// What stands against it now, a sentence for each place where something does.
    pub fn against(&self) -> Vec<String> {
        let found = self.places.iter().filter_map(|place| {
            let violation = stands_against(&place.policy, &place.exposure)?;
            Some(self.refused_at(place, violation))
        });
        found.collect()
    }

    /// Whether an exemption from the policy could mean anything.
    pub fn is_decided_above(&self, exempted: Exempted) -> bool {
        let mut places = self.places.iter();
        !self.is_above
            && places
                .any(|place| bars::is_decided_above(&place.policy, place.exposure.spared, exempted))
    }

    /// Whether an exemption would lift anything that stands against it now.
    pub fn lifts(&self, exempted: Exempted) -> bool {
        self.outlooks(exempted).any(|(_, told)| told.lifts)
    }

    /// What an exemption from the policy would change.
    pub fn consequence(&self, exempted: Exempted) -> String {
        if self.is_decided_above(exempted) {
            return format!(
                "{} decides on access for all of its organizations: only its owners can exempt a token from that. Ask {}.",
                self.enterprise,
                join(&self.enterprise_owners)
            );
        }
        if self.places.is_empty() {
            return format!(
                "The token reaches nothing of {} at present. The exemption counts as soon as it does.",
                self.scope
            );
        }
        let mut sentences = Vec::new();
        let (lifted, idle): (Vec<_>, Vec<_>) =
            self.outlooks(exempted).partition(|(_, told)| told.lifts);
        let freed = lifted.iter().filter(|(_, told)| told.remains.is_none());
        let freed: Vec<_> = freed.map(|(place, _)| place.name.as_str()).collect();
        if !freed.is_empty() {
            sentences.push(format!(
                "It works at {} from the next call on.",
                join(&freed)
            ));
        }
        for (place, violation) in lifted
            .iter()
            .filter_map(|(place, told)| Some((place, told.remains?)))
        {
            sentences.push(format!(
                "{} It would stay blocked there.",
                self.refused_at(place, violation)
            ));
        }
        if lifted.is_empty() {
            sentences.push(format!(
                "Nothing that {} sets stands in its way now: the exemption counts as soon as that changes.",
                self.scope
            ));
            for (place, violation) in idle
                .iter()
                .filter_map(|(place, told)| Some((place, told.remains?)))
            {
                sentences.push(format!(
                    "It would stay blocked: {}.",
                    self.violation(place, violation)
                ));
            }
        }
        sentences.join(" ")
    }

    /// What stands against it as soon as the exemption is gone, with how many calls that would have refused since
    /// yesterday.
    pub async fn without(
        &self,
        db: &mut impl Db,
        token: &Token,
        exempted: Exempted,
        now: Timestamp,
    ) -> Result<(Vec<String>, i64), StoreError> {
        let (mut sentences, mut calls) = (Vec::new(), 0);
        for place in &self.places {
            let bare = Exposure {
                spared: place.exposure.spared.with(self.is_above, exempted, false),
                ..place.exposure
            };
            if stands_against(&place.policy, &place.exposure).is_some() {
                continue;
            }
            let Some(violation) = stands_against(&place.policy, &bare) else {
                continue;
            };
            sentences.push(self.refused_at(place, violation));
            let used =
                records::list_use(db, token.id, Some(place.id), now.day_number() - 1).await?;
            calls += used.iter().map(|day| day.allowed).sum::<i64>();
        }
        Ok((sentences, calls))
    }

    fn outlooks(&self, exempted: Exempted) -> impl Iterator<Item = (&Place, Outlook)> {
        self.places.iter().map(move |place| {
            let told = bars::outlook(&place.policy, &place.exposure, self.is_above, exempted);
            (place, told)
        })
    }

    fn refused_at(&self, place: &Place, violation: Violation) -> String {
        let why = self.violation(place, violation);
        if self.is_above {
            format!("At {}: {why}.", place.name)
        } else {
            format!("{why}.")
        }
    }

    fn violation(&self, place: &Place, found: Violation) -> String {
        violation(self.kind, (&place.name, &self.enterprise), found)
    }
}

/// One owner with the policy in force there; none where nobody governs it.
async fn place(
    db: &mut impl Db,
    account: &Account,
    subject: &Subject,
    now: Timestamp,
) -> Result<Option<Place>, StoreError> {
    let above = account.governed_by();
    let kind = subject.exposure.kind;
    let policy = rights::find_policy(db, account.kind, account.id, above, kind, now).await?;
    Ok(policy.map(|policy| Place {
        id: account.id,
        name: match account.kind {
            AccountKind::User => account.login.clone(),
            AccountKind::Organization | AccountKind::Enterprise => account.name.clone(),
        },
        policy,
        exposure: subject.exposure,
    }))
}
