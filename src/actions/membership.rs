//! What changes of membership share: who may make them, what they write, and what ends with them.

use super::Context;
use super::end_relation::{self, Consequence};
use crate::domain::access::membership::{
    Asker, MembershipChange, MembershipFacts, MembershipRefusal, check_membership,
};
use crate::domain::access::rights::MemberRole;
use crate::domain::account::AccountKind;
use crate::domain::audit::{Action, Actor, Event, Origin};
use crate::domain::ids::AccountId;
use crate::store::accounts::{self, Account};
use crate::store::{Change, Db, StoreError, Work, members, repositories};

/// Why somebody's role in an organization stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum MemberError {
    /// There is no such organization or person.
    #[error("there is no such person here")]
    NotFound,
    /// A rule stands against it, or somebody else was first.
    #[error("the membership cannot be changed as asked")]
    Refused(MembershipRefusal),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A change of one person's membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// Of which organization.
    pub organization: AccountId,
    /// Whose.
    pub user: AccountId,
    /// The role that whoever asks was shown.
    pub shown: Option<MemberRole>,
    /// What is to become of it.
    pub change: MembershipChange,
    /// Whether somebody whose membership ends keeps their roles on single repositories, as an outside collaborator.
    pub keeps_repositories: bool,
}

/// What a change would do, without doing it: it is made in full and taken back, so that it cannot differ.
///
/// Of what ends at other owners it says nothing to an owner: see [`at`].
pub async fn preview(context: &Context, wish: &Wish) -> Result<Vec<Consequence>, MemberError> {
    let mut work = context.begin(&Origin::of(Actor::System)).await?;
    let case = Case::load(&mut work, wish).await?;
    case.write(&mut work, wish).await?;
    Ok(end_relation::review(context, &mut work, wish.user).await?)
}

/// Only what concerns one owner: what it may see.
pub fn at(consequences: Vec<Consequence>, owner: AccountId) -> Vec<Consequence> {
    let mut seen = consequences;
    seen.retain(|consequence| consequence.owner == owner);
    seen
}

/// Makes a change, and ends what ends with it. The organization is held first: of two owners who take each other's role
/// away at once, the second is not one any more.
pub(super) async fn change(
    context: &Context,
    origin: &Origin,
    wish: &Wish,
) -> Result<Vec<Consequence>, MemberError> {
    let mut work = context.begin(origin).await?;
    members::lock(&mut work, wish.organization).await?;
    let case = Case::load(&mut work, wish).await?;
    let facts = case.facts(&mut work, origin, wish).await?;
    check_membership(facts, wish.change).map_err(MemberError::Refused)?;
    case.write(&mut work, wish).await?;
    let consequences = end_relation::review(context, &mut work, wish.user).await?;
    context.commit(work).await?;
    Ok(consequences)
}

/// What somebody is to the organization whose membership they want to change.
pub(super) async fn asker(
    db: &mut impl Db,
    origin: &Origin,
    organization: AccountId,
    user: AccountId,
) -> Result<Asker, StoreError> {
    let by = match origin.actor {
        Actor::Operator => return Ok(Asker::Operator),
        Actor::System => return Ok(Asker::Stranger),
        Actor::Person(by) | Actor::Token { user: by, .. } => by,
    };
    let role = accounts::find_role(db, organization, by).await?;
    Ok(match role {
        Some(MemberRole::Owner) => Asker::Owner,
        Some(MemberRole::Member) | None if by == user => Asker::Themselves,
        Some(MemberRole::Member) | None => Asker::Stranger,
    })
}

/// An organization with a person and their role in it now.
#[derive(Debug)]
struct Case {
    organization: Account,
    user: Account,
    now: Option<MemberRole>,
}

impl Case {
    async fn load(db: &mut impl Db, wish: &Wish) -> Result<Self, MemberError> {
        let organization = accounts::find(db, wish.organization)
            .await?
            .filter(|account| account.kind == AccountKind::Organization);
        let user = accounts::find(db, wish.user)
            .await?
            .filter(|account| account.kind == AccountKind::User);
        Ok(Self {
            organization: organization.ok_or(MemberError::NotFound)?,
            user: user.ok_or(MemberError::NotFound)?,
            now: accounts::find_role(db, wish.organization, wish.user).await?,
        })
    }

    async fn facts(
        &self,
        db: &mut impl Db,
        origin: &Origin,
        wish: &Wish,
    ) -> Result<MembershipFacts, StoreError> {
        let (organization, user) = (self.organization.id, self.user.id);
        Ok(MembershipFacts {
            asker: asker(db, origin, organization, user).await?,
            now: self.now,
            shown: wish.shown,
            is_suspended: self.user.is_suspended(),
            other_owners: members::count_other_owners(db, organization, user).await?,
        })
    }

    async fn write(&self, work: &mut Work, wish: &Wish) -> Result<(), StoreError> {
        match wish.change {
            MembershipChange::Set(role) => self.set(work, role).await,
            MembershipChange::End => self.end(work, wish.keeps_repositories).await,
        }
    }

    async fn set(&self, work: &mut Work, role: MemberRole) -> Result<(), StoreError> {
        if self.now == Some(role) {
            return Ok(());
        }
        let now = work.now();
        accounts::put_member(work, self.organization.id, self.user.id, role, now).await?;
        let action = match self.now {
            Some(_) => Action::MemberUpdate,
            None => Action::MemberAdd,
        };
        let event = self
            .event(action)
            .with("permission", role.as_str())
            .with("old_permission", self.now.map(MemberRole::as_str));
        self.note(work, event);
        Ok(())
    }

    async fn end(&self, work: &mut Work, keeps_repositories: bool) -> Result<(), StoreError> {
        if !keeps_repositories {
            end_collaborations(work, &self.organization, self.user.id).await?;
        }
        if self.now.is_none() {
            return Ok(());
        }
        accounts::remove_member(work, self.organization.id, self.user.id).await?;
        let event = self
            .event(Action::MemberRemove)
            .with("old_permission", self.now.map(MemberRole::as_str));
        self.note(work, event);
        Ok(())
    }

    fn event(&self, action: Action) -> Event {
        Event::new(action)
            .user(self.user.id)
            .owner(self.organization.id)
            .enterprise(self.organization.governed_by())
    }

    fn note(&self, work: &mut Work, event: Event) {
        work.audit_and_tell(event, [self.user.id]);
        work.changed(Change::Account(self.user.id));
        work.changed(Change::Account(self.organization.id));
    }
}

/// Ends every role of somebody on an organization's repositories; how many there were.
pub(super) async fn end_collaborations(
    work: &mut Work,
    organization: &Account,
    user: AccountId,
) -> Result<usize, StoreError> {
    let all = repositories::list_collaborations(work, user).await?;
    let ids: Vec<_> = all.iter().map(|(repository, _)| *repository).collect();
    let found = repositories::list_by_ids(work, &ids).await?;
    let here = found
        .iter()
        .filter(|repository| repository.owner_id == organization.id);
    let mut count = 0;
    for repository in here {
        let event = Event::new(Action::CollaboratorRemove)
            .user(user)
            .owner(organization.id)
            .enterprise(organization.governed_by())
            .repository(repository.id)
            .with("repo", repository.full_name());
        work.audit(event);
        work.changed(Change::Repository(repository.id));
        count += 1;
    }
    if count > 0 {
        members::remove_collaborations(work, organization.id, user).await?;
        work.changed(Change::Account(user));
    }
    Ok(count)
}
