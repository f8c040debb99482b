//! A token's form as its template draws it: every word, state and choice worked out before.

use super::answers::{Answers, Section, field_id};
use super::desk::{Desk, DeskOwner};
use super::expires::{ExpiresView, draw_expires, expires_help};
use super::permissions::{GroupView, draw_groups};
use super::picker::Picker;
use super::preset::Preset;
use crate::domain::access::rights::Relation;
use crate::domain::approval::request::Beginning;
use crate::domain::catalog::Catalog;
use crate::domain::permission::Group;
use crate::domain::selection::SelectionKind;
use crate::domain::token::draft::Mistake;
use crate::domain::token::summary;

/// What the form is filled in for.
#[derive(Debug, Clone, Default)]
pub struct Purpose {
    /// Where it is sent.
    pub action: String,
    /// The token whose life it does not change, for an edit; none for a new one.
    pub edits: Option<crate::domain::ids::TokenId>,
    /// Where `Cancel` leads.
    pub cancel: String,
    /// What could not be taken over into the form, or changed meanwhile, as sentences.
    pub notes: Vec<String>,
    /// Whether it holds answers that nothing has saved yet.
    pub is_changed: bool,
}

/// The whole form.
#[derive(Debug)]
pub struct FormView {
    /// What it is for.
    pub purpose: Purpose,
    /// The one-time number.
    pub number: String,
    /// The version of the token that an edit began from.
    pub rev: String,
    /// When an edit's form was first shown.
    pub shown: String,
    /// The starting points: the value of each button and its words.
    pub presets: Vec<(&'static str, &'static str)>,
    /// The name as typed.
    pub name: String,
    /// The description as typed.
    pub description: String,
    /// Every owner that may be chosen.
    pub owners: Vec<OwnerView>,
    /// One for each chosen owner.
    pub sections: Vec<SectionView>,
    /// The choices of expiration.
    pub expires: Vec<ExpiresView>,
    /// The date typed.
    pub expires_on: String,
    /// What limits the expiration.
    pub expires_help: String,
    /// Whether an owner must approve, and so reads a justification.
    pub asks_why: bool,
    /// The justification as typed.
    pub justification: String,
    /// Every mistake: the id of its field, and what is wrong.
    pub errors: Vec<(String, String)>,
}

/// An owner in the list of those that may be chosen.
#[derive(Debug)]
pub struct OwnerView {
    /// Its number.
    pub id: String,
    /// Its login.
    pub login: String,
    /// What makes it choosable, or why it is not.
    pub detail: String,
    /// Whether it is chosen.
    pub is_chosen: bool,
    /// Whether a policy keeps it from being chosen.
    pub is_restricted: bool,
}

/// What is asked about a chosen owner.
#[derive(Debug)]
pub struct SectionView {
    /// Its number.
    pub id: String,
    /// Its login.
    pub login: String,
    /// The kinds of selection: value, label, consequence, whether it is chosen.
    pub kinds: Vec<(&'static str, String, String, bool)>,
    /// Whether it has repositories at all.
    pub has_repositories: bool,
    /// The repositories to pick from.
    pub picker: Picker,
    /// What repositories are searched for.
    pub find: String,
    /// What permissions are searched for.
    pub search: String,
    /// The permissions.
    pub groups: Vec<GroupView>,
    /// What an owner's approval or policy means here.
    pub note: String,
}

impl SectionView {
    /// Whether a search for permissions found none.
    pub fn is_nothing_found(&self) -> bool {
        self.groups.iter().all(|group| group.is_hidden)
    }
}

impl FormView {
    /// Draws the form as answered, with its mistakes.
    pub fn draw(
        catalog: &'static Catalog,
        desk: &Desk,
        answers: &Answers,
        pickers: Vec<Picker>,
        mistakes: &[Mistake],
        purpose: Purpose,
    ) -> Self {
        let is_edit = purpose.edits.is_some();
        let mut sections: Vec<_> = desk
            .chosen(answers)
            .zip(pickers)
            .map(|((owner, section), picker)| {
                let note = section_note(catalog, owner, section, is_edit);
                draw_section(catalog, owner, section, picker, note)
            })
            .collect();
        tell_endpoints_once(&mut sections);
        let limit = desk.limit(answers);
        Self {
            purpose,
            number: answers.number.clone(),
            rev: answers.rev.clone(),
            shown: answers.shown.clone(),
            presets: Preset::ALL
                .map(|preset| (preset.step(), preset.title()))
                .to_vec(),
            name: answers.name.clone(),
            description: answers.description.clone(),
            owners: desk
                .owners
                .iter()
                .map(|owner| draw_owner(owner, answers))
                .collect(),
            expires: draw_expires(answers, limit, desk.now),
            expires_on: answers.expires_on.clone(),
            expires_help: expires_help(limit),
            asks_why: desk
                .chosen(answers)
                .any(|(owner, _)| owner.may_need_approval(catalog)),
            sections,
            justification: answers.justification.clone(),
            errors: mistakes
                .iter()
                .map(|mistake| (field_id(mistake.field), mistake.message.clone()))
                .collect(),
        }
    }

    /// What is wrong at a field, as sentences; empty when nothing is.
    pub fn error(&self, field: &str) -> String {
        let at: Vec<_> = self
            .errors
            .iter()
            .filter(|(id, _)| id == field)
            .map(|(_, message)| message.as_str())
            .collect();
        at.join(" ")
    }

    /// The same of a field in an owner's section.
    pub fn error_in(&self, field: &str, owner: &str) -> String {
        self.error(&format!("{field}-{owner}"))
    }
}

/// The endpoints of a permission are long, and the same at every owner: the first that offers it tells them.
fn tell_endpoints_once(sections: &mut [SectionView]) {
    let mut told = std::collections::BTreeSet::new();
    let groups = sections.iter_mut().flat_map(|section| &mut section.groups);
    for permission in groups.flat_map(|group| &mut group.permissions) {
        if !told.insert(permission.title) {
            permission.endpoints = "";
        }
    }
}

fn draw_owner(owner: &DeskOwner, answers: &Answers) -> OwnerView {
    let restriction = owner.restriction();
    OwnerView {
        id: owner.account.id.to_string(),
        login: owner.account.login.clone(),
        is_chosen: answers.section(owner.account.id).is_some(),
        is_restricted: restriction.is_some(),
        detail: restriction.unwrap_or_else(|| relation_words(owner).to_owned()),
    }
}

fn relation_words(owner: &DeskOwner) -> &'static str {
    match owner.choice.relation {
        Relation::Own => "Your own account.",
        Relation::Owner => "An organization that you own.",
        Relation::Member => "An organization of which you are a member.",
        Relation::Collaborator => "You work on some of its repositories from outside.",
        Relation::Sister => {
            "An organization of your enterprise: its internal repositories, to read."
        }
        Relation::EnterpriseOwner => "An enterprise that you own.",
    }
}

fn draw_section(
    catalog: &'static Catalog,
    owner: &DeskOwner,
    section: &Section,
    picker: Picker,
    note: String,
) -> SectionView {
    let kinds = owner.kinds();
    let chosen = section
        .kind
        .filter(|kind| kinds.contains(kind))
        .unwrap_or(kinds[0]);
    let kind = |kind: &SelectionKind| {
        let (label, consequence) = kind_words(*kind, owner);
        (kind.as_str(), label, consequence, *kind == chosen)
    };
    SectionView {
        id: owner.account.id.to_string(),
        login: owner.account.login.clone(),
        kinds: kinds.iter().map(kind).collect(),
        has_repositories: owner.choice.offers(Group::Repository),
        picker,
        find: section.find.clone(),
        groups: draw_groups(catalog, owner, section),
        search: section.search.clone(),
        note,
    }
}

fn section_note(catalog: &Catalog, owner: &DeskOwner, section: &Section, is_edit: bool) -> String {
    if owner.beginning(&section.ask(catalog)) != Beginning::Pending {
        return String::new();
    }
    let approval = summary::approval(&owner.account.login, &owner.reviewers);
    if is_edit {
        format!("{approval} That is for what goes beyond what it has; taking away works at once.")
    } else {
        format!("{approval} Until then the token reads public resources only.")
    }
}

fn kind_words(kind: SelectionKind, owner: &DeskOwner) -> (String, String) {
    let login = &owner.account.login;
    match (kind, owner.choice.relation) {
        (SelectionKind::Public, _) => (
            "Public repositories".to_owned(),
            "Only to read, what anyone can read.".to_owned(),
        ),
        (SelectionKind::Selected, _) => (
            "Only selected repositories".to_owned(),
            "The token reaches these and no others.".to_owned(),
        ),
        (SelectionKind::All, Relation::Sister) => (
            "All internal repositories".to_owned(),
            format!("Also those that {login} will have later."),
        ),
        (SelectionKind::All, _) => (
            "All repositories".to_owned(),
            format!("Also those that {login} will have later."),
        ),
    }
}
