//! What lies on the desk while the form is filled in: every owner that may be chosen with its policy, and the names of
//! the repositories that are picked.

use std::collections::BTreeMap;

use super::answers::{Answers, Section};
use crate::actions::mint;
use crate::domain::access::rights::Relation;
use crate::domain::approval::request::{Ask, Beginning, beginning};
use crate::domain::catalog::Catalog;
use crate::domain::ids::{AccountId, RepositoryId};
use crate::domain::policy::Source;
use crate::domain::policy::setting::{Approval, Limit};
use crate::domain::selection::SelectionKind;
use crate::domain::time::Timestamp;
use crate::domain::token::draft::Choice;
use crate::domain::token::summary::{self, Part};
use crate::store::{Db, StoreError, rights};
use crate::web::pages::tokens::standing::reviewers;

/// Every owner that the user may choose, as it is now.
#[derive(Debug)]
pub struct Desk {
    /// The user first, then by login.
    pub owners: Vec<DeskOwner>,
    /// When the desk was laid.
    pub now: Timestamp,
}

/// One owner that may be chosen.
#[derive(Debug)]
pub struct DeskOwner {
    /// What it is.
    pub account: rights::Choosable,
    /// Its policy, and what makes it choosable.
    pub choice: Choice,
    /// Who decides there, by login.
    pub reviewers: Vec<String>,
}

impl Desk {
    /// Lays the desk for a user.
    pub async fn lay(
        db: &mut impl Db,
        user: AccountId,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let mut owners = Vec::new();
        for account in rights::list_choosable(db, user).await? {
            let choice = mint::choice(db, user, account.clone(), &[], now).await?;
            let reviewers = reviewers(db, account.id).await?;
            owners.push(DeskOwner {
                account,
                choice,
                reviewers,
            });
        }
        Ok(Self { owners, now })
    }

    /// The ids of the owners.
    pub fn ids(&self) -> Vec<AccountId> {
        self.owners.iter().map(|owner| owner.account.id).collect()
    }

    /// The owner with this id.
    pub fn owner(&self, id: AccountId) -> Option<&DeskOwner> {
        self.owners.iter().find(|owner| owner.account.id == id)
    }

    /// The owner with this login, in whatever case.
    pub fn owner_named(&self, login: &str) -> Option<&DeskOwner> {
        self.owners
            .iter()
            .find(|owner| owner.account.login.eq_ignore_ascii_case(login.trim()))
    }

    /// The owners that are chosen, each with what was answered about it.
    pub fn chosen<'a>(
        &'a self,
        answers: &'a Answers,
    ) -> impl Iterator<Item = (&'a DeskOwner, &'a Section)> {
        answers
            .sections
            .iter()
            .filter_map(|section| Some((self.owner(section.owner)?, section)))
    }

    /// The shortest limit of the chosen owners, in days, with the login of the owner that sets it.
    pub fn limit<'a>(&'a self, answers: &'a Answers) -> Option<(u16, &'a str)> {
        self.chosen(answers)
            .filter_map(|(owner, _)| Some((owner.limit()?, owner.account.login.as_str())))
            .min_by_key(|(days, _)| *days)
    }

    /// The full names of the picked repositories, by number; of those only that the user may pick.
    pub async fn names(
        &self,
        db: &mut impl Db,
        user: AccountId,
        answers: &Answers,
    ) -> Result<BTreeMap<RepositoryId, String>, StoreError> {
        let mut names = BTreeMap::new();
        for (owner, section) in self.chosen(answers) {
            for found in owner.picked(db, user, section).await? {
                names.insert(found.id, found.full_name());
            }
        }
        Ok(names)
    }
}

impl DeskOwner {
    /// Whether it is listed but cannot be chosen, and why, as a sentence.
    pub fn restriction(&self) -> Option<String> {
        let login = &self.account.login;
        let (who, next) = match self.choice.restriction()? {
            // An owner below the enterprise could change nothing.
            Source::Enterprise => (
                format!("The enterprise of {login}"),
                " Only the enterprise's owners can change that.".to_owned(),
            ),
            Source::Organization | Source::Default => (login.clone(), self.whom_to_ask()),
        };
        Some(format!("{who} does not allow fine-grained tokens.{next}"))
    }

    fn whom_to_ask(&self) -> String {
        match self.reviewers.as_slice() {
            [] => String::new(),
            owners => format!(
                " Ask an owner of {}: {}.",
                self.account.login,
                owners.join(", ")
            ),
        }
    }

    /// The longest life allowed, in days.
    pub fn limit(&self) -> Option<u16> {
        let policy = self.choice.policy?;
        match policy.lifetime(self.choice.spared).value {
            Limit::Days(days) => Some(days),
            Limit::Unlimited => None,
        }
    }

    /// How a grant that asks for this begins.
    pub fn beginning(&self, ask: &Ask) -> Beginning {
        let approval = self
            .choice
            .policy
            .map_or(Approval::NotRequired, |policy| policy.approval.value);
        beginning(self.choice.relation, approval, ask)
    }

    /// Whether anything but public reads would wait for somebody here, so that a justification has a reader.
    pub fn may_need_approval(&self, catalog: &Catalog) -> bool {
        let everything = Section {
            kind: Some(SelectionKind::All),
            ..Section::empty(self.account.id)
        };
        self.beginning(&everything.ask(catalog)) == Beginning::Pending
    }

    /// The kinds of selection that can be chosen here.
    pub fn kinds(&self) -> &'static [SelectionKind] {
        match self.choice.relation {
            Relation::Collaborator => &[SelectionKind::Selected],
            Relation::EnterpriseOwner => &[SelectionKind::Public],
            Relation::Own | Relation::Owner | Relation::Member | Relation::Sister => {
                SelectionKind::ALL
            }
        }
    }
}

/// What the token would be, in plain words: for the side of the form.
pub fn summary(
    catalog: &Catalog,
    desk: &Desk,
    answers: &Answers,
    names: &BTreeMap<RepositoryId, String>,
    life: Option<&str>,
) -> Vec<String> {
    let mut lines = Vec::new();
    let mut approvals = Vec::new();
    for (owner, section) in desk.chosen(answers) {
        let ask = section.ask(catalog);
        let repositories = full_names(&ask, names);
        let login = owner.account.login.as_str();
        let part = Part {
            owner: login,
            repositories: &repositories,
            ask: &ask,
        };
        lines.extend(summary::sentences(catalog, &part));
        approvals.push(begins(owner, &ask));
    }
    if lines.is_empty() {
        lines.push("Choose a resource owner to say what the token can do.".to_owned());
    }
    if let Some(life) = life {
        // Of an edit, only the comparison with what the token has says who must decide.
        lines.push(life.to_owned());
    } else {
        lines.push(ends(answers, desk.now));
        lines.extend(approvals);
    }
    lines
}

/// The names of what an ask selects, in order.
pub fn full_names(ask: &Ask, names: &BTreeMap<RepositoryId, String>) -> Vec<String> {
    let mut found: Vec<_> = ask
        .selection
        .listed()
        .filter_map(|id| names.get(&id).cloned())
        .collect();
    found.sort();
    found
}

/// Whether it works at once at an owner, or who must agree first.
pub fn begins(owner: &DeskOwner, ask: &Ask) -> String {
    let login = &owner.account.login;
    match owner.beginning(ask) {
        Beginning::Active(_) => format!("Works at once at {login}."),
        Beginning::Pending => summary::approval(login, &owner.reviewers),
    }
}

fn ends(answers: &Answers, now: Timestamp) -> String {
    let lifetime = answers
        .expiration()
        .ok()
        .and_then(|end| end.lifetime(now).ok());
    match lifetime {
        Some(lifetime) => summary::life(lifetime.end_from(now)),
        None => "Choose when it ends.".to_owned(),
    }
}
