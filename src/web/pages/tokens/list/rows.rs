//! The rows of the list: how each token stands at each owner, what it reaches, when it was used.

use std::collections::BTreeMap;

use crate::domain::ids::{AccountId, GrantId, TokenId};
use crate::domain::permission::Level;
use crate::domain::policy::exemption::Exemption;
use crate::domain::time::Timestamp;
use crate::domain::token::expiry::{Lifetime, is_over};
use crate::domain::token::summary;
use crate::store::listings::OwnGrant;
use crate::store::own_tokens::{self, OwnToken};
use crate::store::records::TokenUse;
use crate::store::{Db, StoreError};
use crate::web::pages::tokens::standing::{Place, Standing};

/// One token.
#[derive(Debug)]
pub struct Row {
    /// Which.
    pub id: TokenId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether its life is over.
    pub is_expired: bool,
    /// Each owner.
    pub places: Vec<RowPlace>,
    /// The highest level that it holds; none for public reads alone.
    pub level: Option<Level>,
    /// When it was used last, and for what.
    pub last_use: Option<TokenUse>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// One owner of a token.
#[derive(Debug)]
pub struct RowPlace {
    /// The owner's login.
    pub login: String,
    /// How it stands.
    pub standing: Standing,
    /// What it reaches, in words.
    pub repositories: String,
}

/// Everything that the rows of a page are made from.
#[derive(Debug)]
pub struct Facts {
    now: Timestamp,
    grants: Vec<OwnGrant>,
    places: BTreeMap<AccountId, Place>,
    levels: BTreeMap<GrantId, Level>,
    last_uses: Vec<TokenUse>,
    exemptions: BTreeMap<TokenId, Vec<Exemption>>,
}

impl Facts {
    /// Loads what a page of tokens needs; `places` are their owners.
    pub async fn load(
        db: &mut impl Db,
        tokens: &[OwnToken],
        places: Vec<Place>,
        exemptions: BTreeMap<TokenId, Vec<Exemption>>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let ids: Vec<_> = tokens.iter().map(|token| token.id).collect();
        let mut levels = BTreeMap::<_, Level>::new();
        for (grant, level) in own_tokens::list_levels(db, &ids).await? {
            let highest = levels.entry(grant).or_insert(level);
            *highest = level.max(*highest);
        }
        let places = places.into_iter().map(|place| (place.account.id, place));
        Ok(Self {
            now,
            grants: own_tokens::list_grants(db, &ids).await?,
            places: places.collect(),
            levels,
            exemptions,
            last_uses: own_tokens::list_last_uses(db, &ids).await?,
        })
    }

    /// The row of a token.
    pub fn row(&self, token: OwnToken) -> Row {
        let grants = self.grants.iter();
        let own: Vec<_> = grants.filter(|grant| grant.token_id == token.id).collect();
        let levels = own.iter();
        let mut last_uses = self.last_uses.iter();
        Row {
            is_expired: is_over(token.expires_at, self.now),
            places: own.iter().map(|grant| self.place(&token, grant)).collect(),
            level: levels
                .filter_map(|grant| self.levels.get(&grant.id).copied())
                .max(),
            last_use: last_uses.find(|last| last.token_id == token.id).cloned(),
            expires_at: token.expires_at,
            id: token.id,
            name: token.name,
            description: token.description,
        }
    }

    fn place(&self, token: &OwnToken, grant: &OwnGrant) -> RowPlace {
        let listed = usize::try_from(grant.listed).unwrap_or(0);
        RowPlace {
            login: grant.owner_login.clone(),
            standing: self.standing(token, grant),
            repositories: summary::selection(grant.selection, listed),
        }
    }

    fn standing(&self, token: &OwnToken, grant: &OwnGrant) -> Standing {
        if is_over(token.expires_at, self.now) {
            return Standing::expired("");
        }
        let lifetime = Lifetime::between(token.starts_at, token.expires_at);
        match self.places.get(&grant.owner_id) {
            Some(place) => {
                let exemptions = self.exemptions.get(&token.id);
                let exemptions = exemptions.map_or(&[][..], Vec::as_slice);
                place.standing(grant.standing(), lifetime, exemptions, &grant.reason)
            }
            None => Standing::gone(),
        }
    }
}
