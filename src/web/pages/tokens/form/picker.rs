//! The repositories to pick from: a short list whole, of a long one what is picked and what a search finds.

use super::answers::Section;
use super::desk::DeskOwner;
use crate::domain::access::rights::Visibility;
use crate::domain::ids::{AccountId, RepositoryId};
use crate::store::{Db, StoreError, repositories, rights};

/// Up to so many repositories are listed whole; of more, so many are not even counted.
const LISTED: usize = 100;

/// How many repositories a search lists.
const HITS: i64 = 20;

/// A repository that can be picked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    /// Its number.
    pub id: RepositoryId,
    /// Its name without the owner's.
    pub name: String,
    /// Who can read it.
    pub visibility: Visibility,
    /// Whether it is picked.
    pub is_picked: bool,
}

/// How the repositories of an owner are picked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picker {
    /// All of them, or those picked and those found.
    pub picks: Vec<Pick>,
    /// Whether there are so many that they are searched for instead of listed.
    pub is_searched: bool,
    /// Whether a search found nothing.
    pub found_nothing: bool,
}

impl DeskOwner {
    /// The repositories to pick from.
    pub async fn picker(
        &self,
        db: &mut impl Db,
        user: AccountId,
        section: &Section,
    ) -> Result<Picker, StoreError> {
        let (owner, relation) = (self.account.id, self.choice.relation);
        let limit = i64::try_from(LISTED + 1).expect("a small number fits");
        let all = rights::list_selectable(db, user, owner, relation, "", limit).await?;
        let pick = |found: rights::Pick| Pick {
            is_picked: section.repositories.contains(&found.id),
            id: found.id,
            name: found.name,
            visibility: found.visibility,
        };
        if all.len() <= LISTED {
            return Ok(Picker {
                picks: all.into_iter().map(pick).collect(),
                is_searched: false,
                found_nothing: false,
            });
        }
        let picked = self.picked(db, user, section).await?;
        let mut picks: Vec<_> = picked
            .into_iter()
            .map(|found| Pick {
                id: found.id,
                name: found.name,
                visibility: found.visibility,
                is_picked: true,
            })
            .collect();
        let find = section.find.trim();
        let hits = rights::list_selectable(db, user, owner, relation, find, HITS).await?;
        let found_nothing = hits.is_empty();
        picks.extend(hits.into_iter().map(pick).filter(|pick| !pick.is_picked));
        Ok(Picker {
            picks,
            is_searched: true,
            found_nothing,
        })
    }

    /// The picked repositories that the user may choose.
    pub async fn picked(
        &self,
        db: &mut impl Db,
        user: AccountId,
        section: &Section,
    ) -> Result<Vec<repositories::Repository>, StoreError> {
        let ids: Vec<_> = section.repositories.iter().copied().collect();
        let (owner, relation) = (self.account.id, self.choice.relation);
        let ids = rights::filter_selectable(db, user, owner, relation, &ids).await?;
        repositories::list_by_ids(db, &ids).await
    }
}
