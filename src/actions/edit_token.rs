//! A user edits a token: its name and description, and what it may do at each owner. What narrows applies at once and is
//! never refused; what widens waits where an owner has to decide, while the old rights go on.

use std::collections::BTreeSet;

use super::Context;
use super::mint::duplicate;
use super::own_token::{self, NewWish, OwnGrant, OwnToken, described};
use crate::domain::access::rights::Relation;
use crate::domain::approval::{Activation, Ask, Cause, GrantState, RevokeCause};
use crate::domain::audit::{Action, Origin};
use crate::domain::ids::{AccountId, GrantId, RepositoryId, TokenId};
use crate::domain::selection::Selection;
use crate::domain::time::Timestamp;
use crate::domain::token::draft::{Choice, Draft, Mistake};
use crate::domain::token::edit::{Current, EditPlan, OwnerEdit, OwnerOutcome, plan_edit};
use crate::store::{Change, Db, StoreError, Work, accounts, grants, members, rights, tokens};

/// Why nothing was edited.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The user has no such fine-grained token.
    #[error("there is no such token")]
    NotFound,
    /// It was deleted or revoked.
    #[error("the token was ended")]
    Ended,
    /// Its life is over: it can lose rights, and must be regenerated before it can have more.
    #[error("the token's life is over")]
    Expired,
    /// It, or something that waited for it, changed since the form was shown.
    #[error("the token changed meanwhile")]
    Moved,
    /// The form has mistakes, each with its place.
    #[error("the token cannot be changed as asked")]
    Mistakes(Vec<Mistake>),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A user's token as the form shows it, with the version that the form carries. None when the user has no such
/// fine-grained token, or it was ended.
pub async fn load(
    context: &Context,
    user: AccountId,
    token: TokenId,
) -> Result<Option<Current>, StoreError> {
    let mut db = context.store.reader();
    let found = own_token::load(&mut db, context.catalog, user, token).await?;
    Ok(found.filter(|own| !own.is_ended()).map(|own| own.current))
}

/// Says what an edit would do, without doing anything.
pub async fn preview(
    context: &Context,
    user: AccountId,
    token: TokenId,
    draft: &Draft,
) -> Result<EditPlan, EditError> {
    let mut db = context.store.reader();
    let own = find(context, &mut db, user, token).await?;
    judge(context, &mut db, &own, draft, context.clock.now()).await
}

/// Edits a token whose version is still `rev`, the one that the form was shown with, and says what it did.
pub async fn edit_token(
    context: &Context,
    origin: &Origin,
    user: AccountId,
    token: TokenId,
    rev: i64,
    draft: &Draft,
) -> Result<EditPlan, EditError> {
    let mut work = context.begin(origin).await?;
    members::lock(&mut work, user).await?;
    let own = find(context, &mut work, user, token).await?;
    if own.current.rev != rev {
        return Err(EditError::Moved);
    }
    let now = work.now();
    let plan = judge(context, &mut work, &own, draft, now).await?;
    if plan.is_unchanged() {
        return Ok(plan);
    }
    write_token(&mut work, &own, &plan, draft).await?;
    withdraw(&mut work, &own, &plan).await?;
    for edit in in_order(&own, &plan) {
        Step {
            context,
            own: &own,
            edit,
            part: own.at(edit.owner).map(|(_, part)| part),
            reason: draft.justification.trim(),
        }
        .write(&mut work)
        .await?;
    }
    work.changed(Change::Token(token));
    context.commit(work).await?;
    Ok(plan)
}

async fn find(
    context: &Context,
    db: &mut impl Db,
    user: AccountId,
    token: TokenId,
) -> Result<OwnToken, EditError> {
    let own = own_token::load(db, context.catalog, user, token).await?;
    let own = own.ok_or(EditError::NotFound)?;
    if own.is_ended() {
        Err(EditError::Ended)
    } else {
        Ok(own)
    }
}

async fn judge(
    context: &Context,
    db: &mut impl Db,
    own: &OwnToken,
    draft: &Draft,
    now: Timestamp,
) -> Result<EditPlan, EditError> {
    let choices = choices(db, own, draft, now).await?;
    let mut mistakes = Vec::new();
    let name = draft.name.trim();
    if tokens::is_name_taken_beside(db, &own.token, name).await? {
        mistakes.push(duplicate(name));
    }
    match plan_edit(
        context.catalog,
        &context.limits,
        &own.current,
        draft,
        &choices,
    ) {
        Ok(plan) if mistakes.is_empty() => {
            if own.token.is_expired(now) && plan.widens() {
                Err(EditError::Expired)
            } else {
                Ok(plan)
            }
        }
        Ok(_) => Err(EditError::Mistakes(mistakes)),
        Err(others) => Err(EditError::Mistakes(
            mistakes.into_iter().chain(others).collect(),
        )),
    }
}

/// The owners of the draft, as far as its user may choose them. A grant that works offers what the relation it remembers
/// offers.
async fn choices(
    db: &mut impl Db,
    own: &OwnToken,
    draft: &Draft,
    now: Timestamp,
) -> Result<Vec<Choice>, StoreError> {
    let user = own.token.user_id;
    let mut choices = Vec::new();
    for wish in &draft.wishes {
        let Some(choice) = own_token::find_choice(db, own, wish.owner, now).await? else {
            continue;
        };
        let working = own
            .at(wish.owner)
            .filter(|(grant, _)| grant.given.is_some());
        let relation = working.map_or(choice.relation, |(grant, _)| grant.relation);
        let choosable = selectable(db, user, relation, wish.owner, &wish.selection).await?;
        choices.push(Choice {
            choosable,
            ..choice
        });
    }
    Ok(choices)
}

/// Those of a selection's named repositories that a user may choose.
pub(super) async fn selectable(
    db: &mut impl Db,
    user: AccountId,
    relation: Relation,
    owner: AccountId,
    selection: &Selection,
) -> Result<BTreeSet<RepositoryId>, StoreError> {
    let listed: Vec<_> = selection.listed().collect();
    let found = rights::filter_selectable(db, user, owner, relation, &listed).await?;
    Ok(found.into_iter().collect())
}

/// The owners in the order of their grants, new ones last: works that touch several grants take them in one order.
fn in_order<'a>(own: &OwnToken, plan: &'a EditPlan) -> Vec<&'a OwnerEdit> {
    let mut edits: Vec<_> = plan.owners.iter().collect();
    edits.sort_by_key(|edit| {
        own.at(edit.owner)
            .map_or((true, 0), |(_, part)| (false, part.row.id.get()))
    });
    edits
}

async fn write_token(
    work: &mut Work,
    own: &OwnToken,
    plan: &EditPlan,
    draft: &Draft,
) -> Result<(), EditError> {
    let name = draft.name.trim();
    let edited = tokens::Edited {
        name,
        description: draft.description.trim(),
        wants_rotation: draft.wants_rotation,
        conditions: &draft.conditions,
    };
    let written = tokens::edit(work, (own.token.id, own.token.rev), &edited).await;
    match written {
        Ok(true) => {}
        Ok(false) => return Err(EditError::Moved),
        // Two forms sent at once can both find a name free; the table's rule lets one of them in.
        Err(error) => {
            return Err(match error.as_database_error() {
                Some(rule) if rule.is_unique_violation() => {
                    EditError::Mistakes(vec![duplicate(name)])
                }
                _ => EditError::Store(error),
            });
        }
    }
    if !(plan.name_changed || plan.description_changed || plan.terms_changed) {
        return Ok(());
    }
    let event = own
        .event(Action::TokenUpdate)
        .with("name", plan.name_changed.then(|| name.to_owned()))
        .with(
            "description_changed",
            plan.description_changed.then_some(true),
        )
        .with("conditions_changed", plan.terms_changed.then_some(true));
    // Owners see the name, the description and the conditions of a token: each where it holds or asks for anything.
    let owners = own.current.grants.iter().zip(&own.parts);
    for (_, part) in owners.filter(|(grant, _)| grant.wished().is_some()) {
        let at_owner = event.clone().owner(part.row.owner_id);
        work.audit(at_owner.enterprise(part.enterprise));
    }
    work.audit(event);
    Ok(())
}

/// Withdraws every request that the edit overtakes, oldest first and before any grant, as all who decide do: the other
/// way round two could lock each other out.
async fn withdraw(work: &mut Work, own: &OwnToken, plan: &EditPlan) -> Result<(), EditError> {
    let changed = plan
        .owners
        .iter()
        .filter(|edit| edit.outcome != OwnerOutcome::Unchanged);
    let mut parts: Vec<_> = changed
        .filter_map(|edit| Some((edit, own.at(edit.owner)?.1)))
        .filter(|(_, part)| part.pending.is_some())
        .collect();
    parts.sort_by_key(|(_, part)| part.pending.as_ref().map(|request| request.id.get()));
    for (edit, part) in parts {
        let why = match edit.outcome {
            OwnerOutcome::Removed => "the owner was taken out of the token",
            OwnerOutcome::Withdrawn => "the user withdrew it",
            _ => "the token was edited",
        };
        if !own_token::cancel(work, own, part, why).await? {
            return Err(EditError::Moved);
        }
    }
    Ok(())
}

/// What an edit writes at one owner.
struct Step<'a> {
    context: &'a Context,
    own: &'a OwnToken,
    edit: &'a OwnerEdit,
    part: Option<&'a OwnGrant>,
    reason: &'a str,
}

impl Step<'_> {
    async fn write(&self, work: &mut Work) -> Result<(), EditError> {
        match (self.edit.outcome, &self.edit.at_once, &self.edit.asked) {
            (OwnerOutcome::Unchanged | OwnerOutcome::Withdrawn, _, _) => Ok(()),
            (OwnerOutcome::Removed, _, _) => self.remove(work).await,
            (_, given, Some(asked)) => self.request(work, given.as_ref(), asked).await,
            (OwnerOutcome::Narrowed, Some(ask), None) => self.narrow(work, ask).await.map(drop),
            (_, Some(ask), None) => self.begin(work, ask).await,
            (_, None, None) => Ok(()),
        }
    }

    async fn enterprise(&self, work: &mut Work) -> Result<Option<AccountId>, StoreError> {
        if let Some(part) = self.part {
            return Ok(part.enterprise);
        }
        let owner = accounts::find(work, self.edit.owner).await?;
        Ok(owner.and_then(|owner| owner.governed_by()))
    }

    /// Gives less. The version of the grant from then on.
    async fn narrow(&self, work: &mut Work, ask: &Ask) -> Result<i64, EditError> {
        let part = self.part.ok_or(EditError::Moved)?;
        let version = (part.row.id, part.row.rev);
        if !grants::change(work, self.context.catalog, version, ask).await? {
            return Err(EditError::Moved);
        }
        let event = self
            .own
            .event_at(Action::AccessUpdate, self.edit.owner, part.enterprise);
        work.audit(described(self.context, event, ask));
        Ok(part.row.rev + 1)
    }

    /// Gives more at once, or something for the first time.
    async fn begin(&self, work: &mut Work, ask: &Ask) -> Result<(), EditError> {
        let activation = self.edit.activation.ok_or(EditError::Moved)?;
        let enterprise = self.enterprise(work).await?;
        match self.part {
            Some(part) => self.begin_again(work, part, activation, ask).await?,
            None => drop(self.insert(work, Some(activation), ask).await?),
        }
        let event = self
            .own
            .event_at(Action::AccessGrant, self.edit.owner, enterprise)
            .with("activation", activation.as_str());
        work.audit(described(self.context, event, ask));
        Ok(())
    }

    async fn begin_again(
        &self,
        work: &mut Work,
        part: &OwnGrant,
        activation: Activation,
        ask: &Ask,
    ) -> Result<(), EditError> {
        let new = grants::Unreviewed {
            relation: self.edit.relation,
            activation,
            ask,
            at: work.now(),
        };
        let version = (part.row.id, part.row.rev);
        if grants::begin(work, self.context.catalog, version, new).await? {
            Ok(())
        } else {
            Err(EditError::Moved)
        }
    }

    async fn insert(
        &self,
        work: &mut Work,
        activation: Option<Activation>,
        ask: &Ask,
    ) -> Result<GrantId, StoreError> {
        let new = grants::NewGrant {
            token: self.own.token.id,
            owner: self.edit.owner,
            relation: self.edit.relation,
            activation,
            ask,
            at: work.now(),
        };
        grants::insert(work, self.context.catalog, &new).await
    }

    /// Asks an owner for the whole wish; what goes on meanwhile is what the grant gives and the wish still names.
    async fn request(
        &self,
        work: &mut Work,
        given: Option<&Ask>,
        asked: &Ask,
    ) -> Result<(), EditError> {
        let enterprise = self.enterprise(work).await?;
        let grant = match self.part {
            None => (self.insert(work, None, asked).await?, 1),
            Some(part) => (part.row.id, self.prepare(work, part, given).await?),
        };
        let wish = NewWish {
            grant,
            owner: self.edit.owner,
            enterprise,
            cause: self.cause(given),
            ask: asked,
            given,
            reason: self.reason,
        };
        own_token::request(self.context, work, self.own, wish).await?;
        Ok(())
    }

    /// Brings a stored grant to the version that a request is made against.
    async fn prepare(
        &self,
        work: &mut Work,
        part: &OwnGrant,
        given: Option<&Ask>,
    ) -> Result<i64, EditError> {
        if let Some(given) = given
            && self.edit.outcome == OwnerOutcome::NarrowedAndRequested
        {
            return self.narrow(work, given).await;
        }
        let mut row = part.row.clone();
        if row.state == GrantState::Suspended {
            // It gives nothing, and what it once gave must not come back beside the new wish.
            let now = work.now();
            if !grants::clear(work, &row, None, now).await? {
                return Err(EditError::Moved);
            }
            row.rev += 1;
        }
        let held = own_token::hold(work, &row, self.edit.relation).await?;
        held.ok_or(EditError::Moved)
    }

    fn cause(&self, given: Option<&Ask>) -> Cause {
        let was_refused = self
            .own
            .at(self.edit.owner)
            .is_some_and(|(grant, _)| grant.was_refused);
        match (was_refused, given) {
            (true, _) => Cause::Again,
            (false, Some(_)) => Cause::Widening,
            (false, None) => Cause::New,
        }
    }

    /// Takes the owner out. What an owner denied or revoked stays so; only what works is emptied.
    async fn remove(&self, work: &mut Work) -> Result<(), EditError> {
        let part = self.part.ok_or(EditError::Moved)?;
        if !matches!(part.row.state, GrantState::Active | GrantState::Suspended) {
            return Ok(());
        }
        let now = work.now();
        if !grants::clear(work, &part.row, Some(RevokeCause::Removed), now).await? {
            return Err(EditError::Moved);
        }
        let event = self
            .own
            .event_at(Action::AccessRevoke, self.edit.owner, part.enterprise);
        work.audit(event.with("reason", "the owner was taken out of the token"));
        Ok(())
    }
}
