//! One classic token as lists show it.

use std::collections::BTreeMap;

use super::{House, Standing, token_path};
use crate::app::App;
use crate::domain::ids::TokenId;
use crate::domain::policy::Exemption;
use crate::domain::time::Timestamp;
use crate::store::accounts::Account;
use crate::store::classic_visits::{self, Visit};
use crate::store::exceptions;
use crate::web::error::PageResult;
use crate::web::pages::organization::exempt;

/// A line of the list.
pub struct Row {
    /// Its page.
    pub href: String,
    /// What it shows.
    pub visit: Visit,
    /// Its scopes, by name.
    pub scopes: Vec<String>,
    /// How it stands here.
    pub standing: Standing,
    /// The policies that it is exempt from here, a sentence each.
    pub exempt: Vec<String>,
}

impl Row {
    /// Whether it can be chosen to be blocked.
    pub fn can_be_blocked(&self) -> bool {
        self.visit.blocked_at.is_none()
    }
}

/// Puts the lines together, in as many statements for one as for a hundred.
pub async fn rows(
    app: &App,
    organization: &Account,
    house: &House,
    visits: Vec<Visit>,
    now: Timestamp,
) -> PageResult<Vec<Row>> {
    let ids: Vec<TokenId> = visits.iter().map(|visit| visit.token_id).collect();
    let mut db = app.context.store.reader();
    let mut scopes = classic_visits::list_scopes(&mut db, &ids).await?;
    let mut exempt = exempt::list(&mut db, organization, &ids, now).await?;
    let mut exemptions: BTreeMap<TokenId, Vec<Exemption>> = BTreeMap::new();
    for (token, exemption) in exceptions::list_around(&mut db, organization.id, now).await? {
        exemptions.entry(token).or_default().push(exemption);
    }
    let row = |visit: Visit| {
        let token = visit.token_id;
        let given = exemptions.get(&token).map_or(&[][..], Vec::as_slice);
        Row {
            href: token_path(organization, token),
            scopes: scopes.remove(&token).unwrap_or_default(),
            standing: house.standing(&visit, given, now),
            exempt: exempt.remove(&token).unwrap_or_default(),
            visit,
        }
    };
    Ok(visits.into_iter().map(row).collect())
}
