//! Starting points for the jobs that most tokens are made for. A preset adds to what is chosen and takes nothing away.

use super::answers::{Answers, mistake};
use super::desk::{Desk, DeskOwner};
use crate::domain::access::rights::Relation;
use crate::domain::catalog::Catalog;
use crate::domain::permission::{Group, Level};
use crate::domain::selection::SelectionKind;
use crate::domain::token::draft::Field;

/// A job with the permissions that it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// Clone and read.
    ReadCode,
    /// Report how a build went.
    CiStatus,
    /// Label, answer and close issues.
    IssueTriage,
    /// Publish packages of what was built.
    PackagePublish,
}

impl Preset {
    /// Every preset, in the order of the form.
    pub const ALL: [Self; 4] = [
        Self::ReadCode,
        Self::CiStatus,
        Self::IssueTriage,
        Self::PackagePublish,
    ];

    /// The value of its button.
    pub const fn step(self) -> &'static str {
        match self {
            Self::ReadCode => "preset-read-code",
            Self::CiStatus => "preset-ci-status",
            Self::IssueTriage => "preset-issue-triage",
            Self::PackagePublish => "preset-package-publish",
        }
    }

    /// The words on its button.
    pub const fn title(self) -> &'static str {
        match self {
            Self::ReadCode => "Read-only code",
            Self::CiStatus => "CI status",
            Self::IssueTriage => "Issue triage",
            Self::PackagePublish => "Package publish",
        }
    }

    /// What it chooses: permissions by their published names.
    const fn permissions(self) -> &'static [(&'static str, Level)] {
        match self {
            Self::ReadCode => &[("contents", Level::Read)],
            Self::CiStatus => &[("checks", Level::Write), ("statuses", Level::Write)],
            Self::IssueTriage => &[("issues", Level::Write), ("pull_requests", Level::Read)],
            Self::PackagePublish => &[("contents", Level::Read), ("packages", Level::Write)],
        }
    }

    /// Chooses its permissions at every chosen owner that offers them, and named repositories where only public ones
    /// were chosen; says where that cannot be.
    pub(super) fn apply(self, catalog: &Catalog, desk: &Desk, answers: &mut Answers) {
        if answers.sections.is_empty() {
            let message = "Choose a resource owner first: a preset chooses permissions there.";
            answers.mistakes.push(mistake(Field::Owners, message));
        }
        let mut refused = Vec::new();
        for section in &mut answers.sections {
            let Some(owner) = desk.owner(section.owner) else {
                continue;
            };
            for (slug, level) in self.permissions() {
                let Some(permission) = catalog.find_permission(slug) else {
                    continue;
                };
                if fits(owner, *level) {
                    section.permissions.insert(permission.id, *level);
                } else {
                    refused.push((owner, permission.title.as_str(), *level));
                }
            }
            if section
                .kind
                .is_none_or(|kind| kind == SelectionKind::Public)
                && !section.permissions.is_empty()
            {
                section.kind = owner
                    .kinds()
                    .contains(&SelectionKind::Selected)
                    .then_some(SelectionKind::Selected);
            }
        }
        for (owner, title, level) in refused {
            let login = &owner.account.login;
            let message =
                format!("`{title}` at level `{level}` cannot be held at {login}: it was left out.");
            let field = Field::Permissions(owner.account.id);
            answers.mistakes.push(mistake(field, message));
        }
    }
}

fn fits(owner: &DeskOwner, level: Level) -> bool {
    let only_reads = owner.choice.relation == Relation::Sister;
    owner.choice.offers(Group::Repository) && (level == Level::Read || !only_reads)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_names_permissions_that_exist_at_levels_they_offer() {
        let catalog = Catalog::github();
        for preset in Preset::ALL {
            for (slug, level) in preset.permissions() {
                let permission = catalog.find_permission(slug).expect("it exists");
                assert!(permission.level(*level).is_some(), "{slug} {level}");
                assert_eq!(permission.group, Group::Repository, "{slug}");
            }
        }
    }
}
