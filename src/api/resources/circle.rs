//! What the authors on a page are to the repository: the published `author_association`.

use std::collections::HashSet;

use crate::api::call::ApiCall;
use crate::api::errors::ApiResult;
use crate::api::shapes::Standing;
use crate::domain::ids::AccountId;
use crate::store::circles;
use crate::store::repositories::Repository;

/// The people of one page, sorted by what they are to a repository.
pub(super) struct Circle {
    owner: AccountId,
    members: HashSet<AccountId>,
    collaborators: HashSet<AccountId>,
}

impl Circle {
    /// Asks for these people alone: an organization may have very many.
    pub(super) async fn load(
        call: &ApiCall,
        repository: &Repository,
        people: impl Iterator<Item = AccountId>,
    ) -> ApiResult<Self> {
        let people: HashSet<_> = people.collect();
        let people: Vec<_> = people.into_iter().collect();
        let mut db = call.db();
        let (owner, id) = (repository.owner_id, repository.id);
        Ok(Self {
            owner,
            members: circles::members_among(&mut db, owner, &people).await?,
            collaborators: circles::collaborators_among(&mut db, id, &people).await?,
        })
    }

    /// What one of them is.
    pub(super) fn standing(&self, user: AccountId) -> Standing {
        if user == self.owner {
            Standing::Owner
        } else if self.members.contains(&user) {
            Standing::Member
        } else if self.collaborators.contains(&user) {
            Standing::Collaborator
        } else {
            Standing::None
        }
    }
}
