//! A token as its user wrote it, before it exists, and what stands against it (DOMAIN §2).

use std::collections::BTreeSet;

use super::conditions::Conditions;
use super::expiry::{Expiration, Lifetime};
use crate::domain::access::rights::Relation;
use crate::domain::approval::request::{Ask, Beginning, Terms, beginning};
use crate::domain::catalog::Catalog;
use crate::domain::ids::{AccountId, RepositoryId};
use crate::domain::permission::{Group, Level, PermissionSet};
use crate::domain::policy::evaluate::{Violation, violation};
use crate::domain::policy::setting::{Access, Approval};
use crate::domain::policy::{Effective, Source, Spared};
use crate::domain::selection::Selection;
use crate::domain::time::Timestamp;

/// The longest name, in characters.
pub const LONGEST_NAME: usize = 40;

/// The longest description or justification, in characters.
pub const LONGEST_TEXT: usize = 1_024;

/// How much of everything a token may have; an operator can set these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Live tokens of one user.
    pub tokens_per_user: usize,
    /// Repositories named by one grant.
    pub repositories_per_grant: usize,
    /// Days after which a token that nobody used is revoked.
    pub unused_days: u16,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            tokens_per_user: 50,
            repositories_per_grant: 500,
            unused_days: 365,
        }
    }
}

/// What a token would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Unique among the user's live tokens.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// When it ends.
    pub expiration: Expiration,
    /// Why the owners should approve it.
    pub justification: String,
    /// Whether it may rotate itself.
    pub wants_rotation: bool,
    /// Where it works.
    pub conditions: Conditions,
    /// What it asks of each owner.
    pub wishes: Vec<Wish>,
}

/// What a draft asks of one owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The owner.
    pub owner: AccountId,
    /// Which repositories.
    pub selection: Selection,
    /// Which permissions.
    pub permissions: PermissionSet,
}

/// An account that the user may choose as a resource owner, as it is when the draft is judged.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Which.
    pub owner: AccountId,
    /// Its name in sentences.
    pub login: String,
    /// What makes it choosable.
    pub relation: Relation,
    /// The policies in force for fine-grained tokens, where any govern it.
    pub policy: Option<Effective>,
    /// What does not count for the token there: its user may own the enterprise above, owners may exempt it.
    pub spared: Spared,
    /// Of the repositories that the draft selects, those of this owner that the user may choose.
    pub choosable: BTreeSet<RepositoryId>,
}

impl Choice {
    /// Whether it stays in the list, disabled, because its policy restricts fine-grained tokens.
    pub fn restriction(&self) -> Option<Source> {
        let access = self.policy?.access;
        (access.value == Access::Restrict).then_some(access.source)
    }

    pub(super) fn approval(&self) -> Approval {
        self.policy
            .map_or(Approval::NotRequired, |policy| policy.approval.value)
    }

    /// Whether permissions of this group can be held here.
    pub fn offers(&self, group: Group) -> bool {
        match group {
            Group::Account => self.relation == Relation::Own,
            Group::Organization => matches!(self.relation, Relation::Owner | Relation::Member),
            Group::Repository => self.relation != Relation::EnterpriseOwner,
            Group::Enterprise => self.relation == Relation::EnterpriseOwner,
        }
    }
}

/// The place in the form that a mistake belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// The name.
    Name,
    /// The description.
    Description,
    /// The choice of owners as a whole.
    Owners,
    /// The repositories at one owner.
    Repositories(AccountId),
    /// The permissions at one owner.
    Permissions(AccountId),
    /// The expiration.
    Expiration,
    /// The justification.
    Justification,
    /// The scopes of a classic token.
    Scopes,
}

/// A mistake with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Where.
    pub field: Field,
    /// What is wrong and what would be right, as a sentence.
    pub message: String,
}

/// A draft that may become a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The whole life.
    pub lifetime: Lifetime,
    /// The grants, in the order of the draft.
    pub grants: Vec<PlannedGrant>,
}

impl Plan {
    /// Whether any owner has to approve it first.
    pub fn needs_approval(&self) -> bool {
        self.grants
            .iter()
            .any(|grant| grant.beginning == Beginning::Pending)
    }
}

/// One grant of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedGrant {
    /// At whom.
    pub owner: AccountId,
    /// What makes the owner choosable.
    pub relation: Relation,
    /// What is asked.
    pub ask: Ask,
    /// Whether it works at once.
    pub beginning: Beginning,
}

/// Judges a draft: a plan, or every mistake with its place, in the order of the form.
pub fn plan(
    catalog: &Catalog,
    limits: &Limits,
    draft: &Draft,
    choices: &[Choice],
    now: Timestamp,
) -> Result<Plan, Vec<Mistake>> {
    let mut mistakes = texts(draft);
    let lifetime = draft
        .expiration
        .lifetime(now)
        .map_err(|error| mistake(Field::Expiration, capitalized(&error.to_string())));
    if draft.wishes.is_empty() {
        mistakes.push(mistake(
            Field::Owners,
            "Choose at least one resource owner.",
        ));
    }
    let mut grants = Vec::new();
    for (place, wish) in draft.wishes.iter().enumerate() {
        if draft.wishes[..place]
            .iter()
            .any(|earlier| earlier.owner == wish.owner)
        {
            mistakes.push(mistake(
                Field::Owners,
                "Each resource owner can be chosen once.",
            ));
            continue;
        }
        let Some(choice) = choices.iter().find(|choice| choice.owner == wish.owner) else {
            mistakes.push(mistake(
                Field::Owners,
                "One of the resource owners cannot be chosen by you: take it out.",
            ));
            continue;
        };
        mistakes.extend(owner_mistakes(catalog, limits, wish, choice));
        if let Ok(lifetime) = &lifetime {
            mistakes.extend(policy_mistake(choice, *lifetime));
            grants.push(planned(catalog, draft, wish, choice, *lifetime));
        }
    }
    match lifetime {
        Ok(lifetime) if mistakes.is_empty() => return Ok(Plan { lifetime, grants }),
        Ok(_) => {}
        Err(error) => mistakes.push(error),
    }
    mistakes.sort_by_key(|mistake| mistake.field);
    Err(mistakes)
}

fn planned(
    catalog: &Catalog,
    draft: &Draft,
    wish: &Wish,
    choice: &Choice,
    lifetime: Lifetime,
) -> PlannedGrant {
    let terms = Terms {
        lifetime,
        allows_rotation: draft.wants_rotation,
        conditions: draft.conditions.clone(),
    };
    let permissions = with_automatic(catalog, &wish.selection, &wish.permissions);
    let ask = Ask {
        selection: wish.selection.clone(),
        permissions,
        terms,
    };
    let beginning = beginning(choice.relation, choice.approval(), &ask);
    PlannedGrant {
        owner: wish.owner,
        relation: choice.relation,
        ask,
        beginning,
    }
}

/// Adds what comes by itself: naming repositories always brings reading their metadata.
pub fn with_automatic(
    catalog: &Catalog,
    selection: &Selection,
    chosen: &PermissionSet,
) -> PermissionSet {
    let mut permissions = chosen.clone();
    let of_repository = chosen
        .iter()
        .any(|(permission, _)| catalog.permission(permission).group == Group::Repository);
    if of_repository || !matches!(selection, Selection::Public) {
        for permission in catalog
            .permissions()
            .iter()
            .filter(|permission| permission.automatic)
        {
            permissions.insert(permission.id, Level::Read);
        }
    }
    permissions
}

pub(super) fn mistake(field: Field, message: impl Into<String>) -> Mistake {
    Mistake {
        field,
        message: message.into(),
    }
}

/// The sentence with a capital at its beginning, as forms tell it.
pub fn capitalized(sentence: &str) -> String {
    let mut chars = sentence.chars();
    let first = chars
        .next()
        .map(|first| first.to_uppercase().to_string())
        .unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

pub(super) fn texts(draft: &Draft) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let name = draft.name.trim();
    if name.is_empty() {
        mistakes.push(mistake(
            Field::Name,
            "Give the token a name, such as the job that will use it.",
        ));
    }
    let length = name.chars().count();
    if length > LONGEST_NAME {
        mistakes.push(mistake(
            Field::Name,
            format!("The name has {length} characters; {LONGEST_NAME} fit."),
        ));
    }
    if name.chars().any(char::is_control) {
        mistakes.push(mistake(
            Field::Name,
            "The name holds a character that cannot be shown: type it again.",
        ));
    }
    for (field, label, text) in [
        (Field::Description, "description", &draft.description),
        (Field::Justification, "justification", &draft.justification),
    ] {
        let length = text.chars().count();
        if length > LONGEST_TEXT {
            mistakes.push(mistake(
                field,
                format!("The {label} has {length} characters; {LONGEST_TEXT} fit."),
            ));
        }
    }
    mistakes
}

fn policy_mistake(choice: &Choice, lifetime: Lifetime) -> Option<Mistake> {
    let login = &choice.login;
    match violation(choice.policy.as_ref()?, lifetime, choice.spared)? {
        Violation::Access(_) => {
            let message = format!(
                "{login} does not allow fine-grained tokens: take it out, or ask its owners."
            );
            Some(mistake(Field::Owners, message))
        }
        Violation::Lifetime { days, .. } => {
            let message =
                format!("{login} allows tokens for at most {days} days: choose an earlier end.");
            Some(mistake(Field::Expiration, message))
        }
    }
}

fn owner_mistakes(
    catalog: &Catalog,
    limits: &Limits,
    wish: &Wish,
    choice: &Choice,
) -> Vec<Mistake> {
    let mut mistakes = repository_mistakes(limits, wish, choice);
    mistakes.extend(permission_mistakes(catalog, wish, choice));
    mistakes
}

/// Everything that stands at an owner against a wish for a token of this life.
pub fn standing_mistakes(
    catalog: &Catalog,
    limits: &Limits,
    wish: &Wish,
    choice: &Choice,
    lifetime: Lifetime,
) -> Vec<Mistake> {
    let mut mistakes = owner_mistakes(catalog, limits, wish, choice);
    mistakes.extend(policy_mistake(choice, lifetime));
    mistakes
}

/// What stands against the permissions of a wish at an owner.
pub(super) fn permission_mistakes(catalog: &Catalog, wish: &Wish, choice: &Choice) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let field = Field::Permissions(wish.owner);
    for (id, level) in wish.permissions.iter() {
        let permission = catalog.permission(id);
        let title = &permission.title;
        if !choice.offers(permission.group) {
            mistakes.push(mistake(
                field,
                format!("`{title}` cannot be held at {}: choose none.", choice.login),
            ));
        } else if permission.level(level).is_none() {
            mistakes.push(mistake(
                field,
                format!("`{title}` is not offered at level `{}`.", level.as_str()),
            ));
        } else if choice.relation == Relation::Sister && level > Level::Read {
            let message = format!(
                "At {} you can only read internal repositories: choose read for `{title}`.",
                choice.login
            );
            mistakes.push(mistake(field, message));
        } else if permission.group == Group::Repository
            && matches!(wish.selection, Selection::Public)
        {
            let message =
                format!("`{title}` needs named repositories: public ones can be read without it.");
            mistakes.push(mistake(field, message));
        }
    }
    mistakes
}

pub(super) fn repository_mistakes(limits: &Limits, wish: &Wish, choice: &Choice) -> Vec<Mistake> {
    let field = Field::Repositories(wish.owner);
    let login = &choice.login;
    let only_selected = matches!(choice.relation, Relation::Collaborator);
    match &wish.selection {
        Selection::Selected(chosen) if chosen.is_empty() => {
            vec![mistake(
                field,
                format!("Choose at least one repository of {login}."),
            )]
        }
        Selection::Selected(chosen) if chosen.len() > limits.repositories_per_grant => {
            let limit = limits.repositories_per_grant;
            vec![mistake(
                field,
                format!(
                    "{} repositories are chosen; at most {limit} fit. Choose all instead?",
                    chosen.len()
                ),
            )]
        }
        Selection::Selected(chosen) if !chosen.is_subset(&choice.choosable) => {
            vec![mistake(
                field,
                format!("One of the repositories is not one of {login} that you can choose."),
            )]
        }
        Selection::All | Selection::Public if only_selected => {
            vec![mistake(
                field,
                format!("At {login} you are a collaborator: choose the repositories one by one."),
            )]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
