//! The form of a new token as its template draws it: every word, state and choice worked out before.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::desk::{Desk, DeskOwner, Picker};
use super::form::{Answers, Section, field_id};
use crate::domain::access::rights::Relation;
use crate::domain::approval::request::Beginning;
use crate::domain::catalog::{Catalog, Permission};
use crate::domain::permission::{Group, Level, PermissionId};
use crate::domain::selection::SelectionKind;
use crate::domain::time::Timestamp;
use crate::domain::token::draft::Mistake;
use crate::domain::token::expiry::{DEFAULT_DAYS, LONGEST_DAYS, Lifetime, PRESETS};
use crate::domain::token::summary;

/// The whole form.
#[derive(Debug)]
pub struct FormView {
    /// The one-time number.
    pub number: String,
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
    /// What is searched for.
    pub find: String,
    /// The permissions.
    pub groups: Vec<GroupView>,
    /// What an owner's approval or policy means here.
    pub note: String,
}

/// A group of permissions.
#[derive(Debug)]
pub struct GroupView {
    /// Its name.
    pub title: &'static str,
    /// How many are chosen.
    pub chosen: u32,
    /// Whether it is shown open.
    pub is_open: bool,
    /// Whether to say, while only public repositories are chosen, that it needs named ones.
    pub has_note: bool,
    /// Its permissions.
    pub permissions: Vec<PermissionView>,
}

/// A permission with its choice of level.
#[derive(Debug)]
pub struct PermissionView {
    /// The name of its field.
    pub field: String,
    /// Its name.
    pub title: &'static str,
    /// What it lets a token do.
    pub sentence: String,
    /// The level chosen.
    pub current: &'static str,
    /// The levels that can be chosen.
    pub levels: Vec<&'static str>,
    /// The endpoints that need it, for the search.
    pub endpoints: &'static str,
    /// Why it cannot be changed; empty where it can.
    pub locked: &'static str,
}

/// A choice of expiration.
#[derive(Debug)]
pub struct ExpiresView {
    /// Its value.
    pub value: String,
    /// Its name.
    pub label: String,
    /// When the token would end, or why it cannot be chosen.
    pub consequence: String,
    /// Whether it is chosen.
    pub is_chosen: bool,
    /// Whether a policy keeps it from being chosen.
    pub is_off: bool,
}

impl FormView {
    /// Draws the form as answered, with its mistakes.
    pub fn draw(
        catalog: &'static Catalog,
        desk: &Desk,
        answers: &Answers,
        pickers: Vec<Picker>,
        mistakes: &[Mistake],
    ) -> Self {
        let sections: Vec<_> = desk
            .chosen(answers)
            .zip(pickers)
            .map(|((owner, section), picker)| draw_section(catalog, owner, section, picker))
            .collect();
        let limit = desk.limit(answers);
        Self {
            number: answers.number.clone(),
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

/// Chooses an expiration where none is chosen, or where an owner's limit was passed by choosing that owner.
pub fn settle_expiration(desk: &Desk, answers: &mut Answers) {
    let limit = desk.limit(answers).map(|(days, _)| days);
    let chosen = answers
        .expiration()
        .and_then(|end| end.lifetime(desk.now).map_err(|error| error.to_string()));
    let fits = |lifetime| limit.is_none_or(|days| lifetime <= Lifetime::days(days));
    match chosen {
        Ok(lifetime) if fits(lifetime) => {}
        Err(_) if !answers.expires.is_empty() => {}
        _ => choose_days(
            answers,
            limit.unwrap_or(DEFAULT_DAYS).min(DEFAULT_DAYS),
            desk.now,
        ),
    }
}

/// Chooses an end after so many days, as a preset where there is one.
pub fn choose_days(answers: &mut Answers, days: u16, now: Timestamp) {
    if PRESETS.contains(&days) {
        answers.expires = days.to_string();
        return;
    }
    "custom".clone_into(&mut answers.expires);
    answers.expires_on = now.plus_days(i64::from(days)).date().to_string();
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
        note: section_note(catalog, owner, section),
    }
}

fn section_note(catalog: &Catalog, owner: &DeskOwner, section: &Section) -> String {
    match owner.beginning(&section.ask(catalog)) {
        Beginning::Pending => {
            let approval = summary::approval(&owner.account.login, &owner.reviewers);
            format!("{approval} Until then the token reads public resources only.")
        }
        Beginning::Active(_) => String::new(),
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

fn draw_groups(catalog: &'static Catalog, owner: &DeskOwner, section: &Section) -> Vec<GroupView> {
    Group::ALL
        .into_iter()
        .filter(|group| owner.choice.offers(*group))
        .map(|group| {
            let permissions: Vec<_> = catalog
                .permissions_of(group)
                .map(|permission| draw_permission(owner, section, permission))
                .collect();
            let chosen = section
                .permissions
                .iter()
                .filter(|(id, _)| catalog.permission(*id).group == group)
                .count();
            let of_repository = group == Group::Repository;
            let came = catalog
                .permissions_of(group)
                .filter(|found| found.automatic)
                .count();
            GroupView {
                title: group_title(group),
                chosen: u32::try_from(chosen + came).unwrap_or(u32::MAX),
                is_open: chosen > 0,
                has_note: of_repository,
                permissions,
            }
        })
        .collect()
}

/// The name of a group of permissions.
pub const fn group_title(group: Group) -> &'static str {
    match group {
        Group::Repository => "Repository permissions",
        Group::Organization => "Organization permissions",
        Group::Account => "Account permissions",
        Group::Enterprise => "Enterprise permissions",
    }
}

fn draw_permission(
    owner: &DeskOwner,
    section: &Section,
    permission: &'static Permission,
) -> PermissionView {
    let only_read = owner.choice.relation == Relation::Sister;
    let levels = permission
        .levels
        .iter()
        .map(|rule| rule.level)
        .filter(|level| !only_read || *level == Level::Read);
    let current = section
        .permissions
        .level_of(permission.id)
        .map_or("", Level::as_str);
    PermissionView {
        field: format!("permission-{}-{}", owner.account.id, permission.slug),
        title: &permission.title,
        sentence: permission.sentence.clone(),
        current: if permission.automatic {
            "read"
        } else {
            current
        },
        levels: levels.map(Level::as_str).collect(),
        endpoints: endpoints(permission.id),
        locked: if permission.automatic {
            "Comes with any repository permission."
        } else {
            ""
        },
    }
}

/// The endpoints of the embedded catalog that a permission opens, as text to search in.
fn endpoints(permission: PermissionId) -> &'static str {
    static TEXTS: LazyLock<BTreeMap<PermissionId, String>> = LazyLock::new(|| {
        let mut texts = BTreeMap::<_, String>::new();
        for endpoint in Catalog::github().endpoints() {
            let needed: std::collections::BTreeSet<_> = endpoint
                .sets
                .iter()
                .flatten()
                .map(|need| need.permission)
                .collect();
            for permission in needed {
                let text = texts.entry(permission).or_default();
                text.push_str(endpoint.method.as_str());
                text.push(' ');
                text.push_str(&endpoint.template);
                text.push(' ');
            }
        }
        texts
    });
    TEXTS.get(&permission).map_or("", String::as_str)
}

fn draw_expires(answers: &Answers, limit: Option<(u16, &str)>, now: Timestamp) -> Vec<ExpiresView> {
    let preset = |days: u16| {
        let value = days.to_string();
        let is_chosen = answers.expires == value;
        let over = limit.filter(|(limit, _)| days > *limit);
        let end = summary::date(now.plus_days(i64::from(days)));
        ExpiresView {
            label: format!("{days} days"),
            consequence: over.map_or(format!("Ends {end}."), |(limit, login)| {
                format!("{login} allows at most {limit} days.")
            }),
            is_off: over.is_some() && !is_chosen,
            is_chosen,
            value,
        }
    };
    let is_custom = answers.expires == "custom";
    let is_never = answers.expires == "none";
    let most = limit.map_or(LONGEST_DAYS, |(days, _)| days);
    let last = summary::date(now.plus_days(i64::from(most)));
    let mut choices: Vec<_> = PRESETS.into_iter().map(preset).collect();
    choices.push(ExpiresView {
        value: "none".to_owned(),
        label: "No end".to_owned(),
        consequence: limit.map_or(
            "It works until you delete it.".to_owned(),
            |(days, login)| format!("{login} allows at most {days} days."),
        ),
        is_chosen: is_never,
        is_off: limit.is_some() && !is_never,
    });
    choices.push(ExpiresView {
        value: "custom".to_owned(),
        label: "On a day of your choice".to_owned(),
        consequence: format!("At the latest {last}."),
        is_chosen: is_custom,
        is_off: false,
    });
    choices
}

fn expires_help(limit: Option<(u16, &str)>) -> String {
    let why = "A token that ends soon does less harm when it is lost.";
    limit.map_or(why.to_owned(), |(days, login)| {
        format!("{why} {login} allows tokens for at most {days} days.")
    })
}
