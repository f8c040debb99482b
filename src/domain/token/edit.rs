//! What an edit does at every owner of a token (DOMAIN §2): the rule behind the page that says it before saving and the
//! action that does it.
//!
//! An edit states the whole wish. What lies within what a grant gives already is a **narrowing**: it applies at once and
//! nothing stands against it. What goes beyond is a **widening**: at once where nobody has to decide; else a request for
//! the whole wish, while of the old rights those go on that the wish still names.

use super::conditions::Conditions;
use super::draft::{
    Choice, Draft, Field, Limits, Mistake, Wish, mistake, permission_mistakes, repository_mistakes,
    texts, with_automatic,
};
use super::expiry::Lifetime;
use crate::domain::access::rights::Relation;
use crate::domain::approval::request::{Beginning, beginning};
use crate::domain::approval::{Activation, Ask, GrantState, Terms};
use crate::domain::catalog::Catalog;
use crate::domain::ids::AccountId;
use crate::domain::permission::Group;
use crate::domain::policy::evaluate::{Violation, violation};
use crate::domain::selection::Selection;

/// A token as it is before an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether it may rotate itself where its grants allow it.
    pub wants_rotation: bool,
    /// Its own conditions. A grant may still have others: each keeps those it was approved under.
    pub conditions: Conditions,
    /// Its whole life, which no edit changes.
    pub lifetime: Lifetime,
    /// Its version, which the form carries.
    pub rev: i64,
    /// Its grants, in the order in which they were made.
    pub grants: Vec<CurrentGrant>,
}

/// How a token stands at one owner before an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentGrant {
    /// The owner.
    pub owner: AccountId,
    /// Its name in sentences.
    pub login: String,
    /// What made the owner choosable.
    pub relation: Relation,
    /// The stored state.
    pub state: GrantState,
    /// What it gives; none unless it works.
    pub given: Option<Ask>,
    /// What its waiting request asks for, whole.
    pub pending: Option<Ask>,
    /// What was denied or revoked last, where nothing works and nothing waits.
    pub lost: Option<Ask>,
    /// Whether an owner's last word was no: whatever goes beyond what is given waits for a decision, whatever the policy.
    pub was_refused: bool,
}

impl CurrentGrant {
    /// What the token's user wishes for here, as the form begins: what waits, else what works, else what was lost.
    pub fn wished(&self) -> Option<&Ask> {
        self.pending
            .as_ref()
            .or(self.given.as_ref())
            .or(self.lost.as_ref())
    }

    /// Whether there is anything that taking the owner out would end.
    pub fn holds_anything(&self) -> bool {
        self.given.is_some() || self.pending.is_some() || self.state == GrantState::Suspended
    }
}

/// What an edit does to one owner's part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnerOutcome {
    /// Nothing.
    Unchanged,
    /// It gives less, at once; what waited is withdrawn.
    Narrowed,
    /// It gives more, at once: nobody has to decide.
    Widened,
    /// The additions wait for an owner, and what it gave goes on.
    Requested,
    /// It gives less at once, and the additions wait for an owner.
    NarrowedAndRequested,
    /// The wish is what it gives already: the request that waited is withdrawn.
    Withdrawn,
    /// The owner is taken out: it gives nothing any more, and what waited is withdrawn.
    Removed,
    /// The owner is new and works at once.
    Added,
    /// The owner is new and waits.
    AddedRequested,
}

/// One owner's part of an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerEdit {
    /// The owner.
    pub owner: AccountId,
    /// Its name in sentences.
    pub login: String,
    /// What the user is to the owner, as the grant remembers it from now on.
    pub relation: Relation,
    /// What it gives before.
    pub before: Option<Ask>,
    /// What it gives right after saving.
    pub at_once: Option<Ask>,
    /// The whole wish that becomes a request.
    pub asked: Option<Ask>,
    /// How additions begin to work at once; none where there are none.
    pub activation: Option<Activation>,
    /// In a word.
    pub outcome: OwnerOutcome,
}

/// What an edit does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditPlan {
    /// Whether the name changes.
    pub name_changed: bool,
    /// Whether the description changes.
    pub description_changed: bool,
    /// Whether the token's own conditions or its wish to rotate itself change.
    pub terms_changed: bool,
    /// Each owner: those of the form in its order, then those left out of it.
    pub owners: Vec<OwnerEdit>,
}

impl EditPlan {
    /// Whether saving would write nothing.
    pub fn is_unchanged(&self) -> bool {
        !(self.name_changed || self.description_changed || self.terms_changed)
            && self
                .owners
                .iter()
                .all(|edit| edit.outcome == OwnerOutcome::Unchanged)
    }

    /// Whether an owner has to decide on anything.
    pub fn asks(&self) -> bool {
        self.owners.iter().any(|edit| edit.asked.is_some())
    }

    /// Whether anything is given or asked for that was not before; a token whose life is over can only lose.
    pub fn widens(&self) -> bool {
        let widens = |edit: &OwnerEdit| edit.asked.is_some() || edit.activation.is_some();
        self.owners.iter().any(widens)
    }
}

/// Judges an edit: what it does at every owner, or every mistake with its place. The draft's expiration does not count:
/// a life changes by regenerating alone.
pub fn plan_edit(
    catalog: &Catalog,
    limits: &Limits,
    current: &Current,
    draft: &Draft,
    choices: &[Choice],
) -> Result<EditPlan, Vec<Mistake>> {
    let edit = Edit {
        catalog,
        limits,
        current,
        draft,
    };
    let mut mistakes = texts(draft);
    let mut owners = Vec::new();
    for (place, wish) in draft.wishes.iter().enumerate() {
        let is_owner = |other: &Wish| other.owner == wish.owner;
        if draft.wishes[..place].iter().any(is_owner) {
            mistakes.push(mistake(
                Field::Owners,
                "Each resource owner can be chosen once.",
            ));
            continue;
        }
        let choice = choices.iter().find(|choice| choice.owner == wish.owner);
        match edit.at_owner(wish, choice) {
            Ok(edit) => owners.push(edit),
            Err(more) => mistakes.extend(more),
        }
    }
    owners.extend(edit.left_out());
    if mistakes.is_empty() {
        return Ok(edit.plan(owners));
    }
    mistakes.sort_by_key(|mistake| mistake.field);
    Err(mistakes)
}

/// An edit with everything its judgement needs.
struct Edit<'a> {
    catalog: &'a Catalog,
    limits: &'a Limits,
    current: &'a Current,
    draft: &'a Draft,
}

impl Edit<'_> {
    fn plan(&self, owners: Vec<OwnerEdit>) -> EditPlan {
        EditPlan {
            name_changed: self.draft.name.trim() != self.current.name,
            description_changed: self.draft.description.trim() != self.current.description,
            terms_changed: self.conditions_changed() || self.rotation_changed(),
            owners,
        }
    }

    fn conditions_changed(&self) -> bool {
        self.draft.conditions.sorted() != self.current.conditions.sorted()
    }

    fn rotation_changed(&self) -> bool {
        self.draft.wants_rotation != self.current.wants_rotation
    }

    /// What becomes of the owners that the form leaves out.
    fn left_out(&self) -> impl Iterator<Item = OwnerEdit> + '_ {
        let is_named = |grant: &&CurrentGrant| {
            let mut wishes = self.draft.wishes.iter();
            wishes.any(|wish| wish.owner == grant.owner)
        };
        let grants = self.current.grants.iter();
        grants
            .filter(move |grant| !is_named(grant))
            .map(|grant| OwnerEdit {
                at_once: None,
                outcome: if grant.holds_anything() {
                    OwnerOutcome::Removed
                } else {
                    OwnerOutcome::Unchanged
                },
                ..unchanged(grant)
            })
    }

    fn at_owner(&self, wish: &Wish, choice: Option<&Choice>) -> Result<OwnerEdit, Vec<Mistake>> {
        let mut grants = self.current.grants.iter();
        let grant = grants.find(|grant| grant.owner == wish.owner);
        let wished = self.wished(wish, grant);
        let base = grant.and_then(CurrentGrant::wished);
        if let Some(grant) = grant
            && base.is_some_and(|base| base.is_same_as(&wished))
        {
            return Ok(unchanged(grant));
        }
        let login = grant.map(|grant| &grant.login);
        let login = login.or(choice.map(|choice| &choice.login));
        self.is_consistent(wish, login.map_or("this owner", |login| login))?;
        if let Some(grant) = grant
            && let Some(given) = grant.given.as_ref()
            && given.covers(&wished)
        {
            return Ok(narrowed(grant, given, wished));
        }
        let choice = choice.ok_or_else(|| vec![not_choosable(grant)])?;
        self.may_widen(wish, grant, choice)?;
        Ok(widened(grant, choice, wished))
    }

    /// The wish with its terms. What the form does not change stays as the grant has it: each owner keeps the terms it
    /// agreed to, and a life that was denied is not asked for again by renaming the token.
    fn wished(&self, wish: &Wish, grant: Option<&CurrentGrant>) -> Ask {
        let base = grant.and_then(CurrentGrant::wished).map(|ask| &ask.terms);
        let conditions = match base {
            Some(terms) if !self.conditions_changed() => &terms.conditions,
            _ => &self.draft.conditions,
        };
        let allows_rotation = match base {
            Some(terms) if !self.rotation_changed() => terms.allows_rotation,
            _ => self.draft.wants_rotation,
        };
        Ask {
            selection: wish.selection.clone(),
            permissions: with_automatic(self.catalog, &wish.selection, &wish.permissions),
            terms: Terms {
                lifetime: base.map_or(self.current.lifetime, |terms| terms.lifetime),
                allows_rotation,
                conditions: conditions.clone(),
            },
        }
    }

    /// Whether the parts of a wish fit each other: a mistake also where it would narrow.
    fn is_consistent(&self, wish: &Wish, login: &str) -> Result<(), Vec<Mistake>> {
        let mut mistakes = Vec::new();
        match &wish.selection {
            Selection::Selected(chosen) if chosen.is_empty() => {
                let message = format!(
                    "Choose at least one repository of {login}, or take {login} out of the token."
                );
                mistakes.push(mistake(Field::Repositories(wish.owner), message));
            }
            Selection::Public => {
                let permissions = wish.permissions.iter().map(|(id, _)| id);
                let of_repository = permissions
                    .map(|id| self.catalog.permission(id))
                    .filter(|permission| permission.group == Group::Repository)
                    .filter(|permission| !permission.automatic);
                mistakes.extend(of_repository.map(|permission| {
                    let title = &permission.title;
                    mistake(
                        Field::Permissions(wish.owner),
                        format!("`{title}` needs named repositories: public ones can be read without it."),
                    )
                }));
            }
            Selection::Selected(_) | Selection::All => {}
        }
        if mistakes.is_empty() {
            Ok(())
        } else {
            Err(mistakes)
        }
    }

    /// What stands against going beyond what a grant gives: only the additions are judged.
    fn may_widen(
        &self,
        wish: &Wish,
        grant: Option<&CurrentGrant>,
        choice: &Choice,
    ) -> Result<(), Vec<Mistake>> {
        let given = grant.and_then(|grant| grant.given.as_ref());
        let offered = offered(grant, choice);
        let mut mistakes = Vec::new();
        if given.is_none_or(|given| !given.selection.covers(&wish.selection)) {
            mistakes.extend(repository_mistakes(self.limits, wish, &offered));
        }
        let permissions = match given {
            Some(given) => wish.permissions.additions_over(&given.permissions),
            None => wish.permissions.clone(),
        };
        let added = Wish {
            permissions,
            ..wish.clone()
        };
        mistakes.extend(permission_mistakes(self.catalog, &added, &offered));
        mistakes.dedup();
        mistakes.extend(self.policy_mistake(choice));
        if mistakes.is_empty() {
            Ok(())
        } else {
            Err(mistakes)
        }
    }

    /// The policy in force that stands against having more. The life that counts is the token's whole one.
    fn policy_mistake(&self, choice: &Choice) -> Option<Mistake> {
        let login = &choice.login;
        let policy = choice.policy.as_ref()?;
        match violation(policy, self.current.lifetime, choice.spared)? {
            Violation::Access(_) => {
                let message = format!(
                    "{login} does not allow fine-grained tokens: add nothing there, or ask its owners."
                );
                Some(mistake(Field::Owners, message))
            }
            Violation::Lifetime { days, .. } => {
                let message = format!(
                    "{login} allows tokens for at most {days} days and this one lives longer: regenerate it with an \
                     earlier end before you add anything there."
                );
                Some(mistake(Field::Permissions(choice.owner), message))
            }
        }
    }
}

/// What can be chosen at an owner: a grant that works stays with the relation it remembers, and what it or its request
/// names already may be named again.
fn offered(grant: Option<&CurrentGrant>, choice: &Choice) -> Choice {
    let mut offered = choice.clone();
    let Some(grant) = grant else { return offered };
    if grant.given.is_some() {
        offered.relation = grant.relation;
    }
    for ask in grant.given.iter().chain(&grant.pending) {
        offered.choosable.extend(ask.selection.listed());
    }
    offered
}

fn not_choosable(grant: Option<&CurrentGrant>) -> Mistake {
    let message = match grant {
        Some(grant) => format!(
            "You cannot choose {} any more: ask for no more there than the token has, or take it out.",
            grant.login
        ),
        None => "One of the resource owners cannot be chosen by you: take it out.".to_owned(),
    };
    mistake(Field::Owners, message)
}

fn unchanged(grant: &CurrentGrant) -> OwnerEdit {
    OwnerEdit {
        owner: grant.owner,
        login: grant.login.clone(),
        relation: grant.relation,
        before: grant.given.clone(),
        at_once: grant.given.clone(),
        asked: None,
        activation: None,
        outcome: OwnerOutcome::Unchanged,
    }
}

fn narrowed(grant: &CurrentGrant, given: &Ask, wished: Ask) -> OwnerEdit {
    OwnerEdit {
        outcome: if given.is_same_as(&wished) {
            OwnerOutcome::Withdrawn
        } else {
            OwnerOutcome::Narrowed
        },
        at_once: Some(wished),
        ..unchanged(grant)
    }
}

/// A wish for more than is given: at once, or as a request.
fn widened(grant: Option<&CurrentGrant>, choice: &Choice, wished: Ask) -> OwnerEdit {
    let before = grant.and_then(|grant| grant.given.clone());
    let is_new = grant.is_none_or(|grant| grant.wished().is_none());
    // Whose grant works keeps the relation that it remembers; whose does not begins again with the present one.
    let relation = match (grant, &before) {
        (Some(grant), Some(_)) => grant.relation,
        _ => choice.relation,
    };
    let begins = match beginning(choice.relation, choice.approval(), &wished) {
        Beginning::Active(_) if grant.is_some_and(|grant| grant.was_refused) => Beginning::Pending,
        begins => begins,
    };
    let edit = OwnerEdit {
        owner: choice.owner,
        login: choice.login.clone(),
        relation,
        before: before.clone(),
        at_once: None,
        asked: None,
        activation: None,
        outcome: OwnerOutcome::Unchanged,
    };
    match begins {
        Beginning::Active(activation) => OwnerEdit {
            at_once: Some(wished),
            activation: Some(activation),
            outcome: if is_new {
                OwnerOutcome::Added
            } else {
                OwnerOutcome::Widened
            },
            ..edit
        },
        Beginning::Pending => {
            let at_once = before.as_ref().map(|given| given.meet(&wished));
            let narrows = before.zip(at_once.clone());
            let narrows = narrows.is_some_and(|(given, left)| !given.is_same_as(&left));
            OwnerEdit {
                at_once,
                asked: Some(wished),
                outcome: match (is_new, narrows) {
                    (true, _) => OwnerOutcome::AddedRequested,
                    (false, true) => OwnerOutcome::NarrowedAndRequested,
                    (false, false) => OwnerOutcome::Requested,
                },
                ..edit
            }
        }
    }
}

#[cfg(test)]
mod tests;
