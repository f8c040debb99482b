//! An enterprise's policy as questions, each answer with its consequence for the organizations below in numbers.

use std::collections::BTreeSet;

use super::{Choice, Question};
use crate::domain::account::AccountKind;
use crate::domain::policy::evaluate::stands_against;
use crate::domain::policy::layers::governed_only;
use crate::domain::policy::preview::Subject;
use crate::domain::policy::setting::{
    Access, Approval, EnterpriseAccess, EnterpriseLayer, Limit, OrganizationLayer,
};
use crate::domain::policy::wish::PolicyField;
use crate::domain::token::TokenKind;
use crate::store::policies::Governed;
use crate::web::filters::counted;
use crate::web::pages::policy::tokens;

/// What an enterprise's policy for one kind of token touches now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Below {
    /// Tokens that reach an organization, a managed user's account or the enterprise itself.
    pub tokens: usize,
    /// Of how many people.
    pub people: usize,
    /// Those among them that live longer than the limit in force.
    pub too_long: usize,
    /// Its organizations.
    pub organizations: usize,
    /// Those of them that restrict such tokens themselves.
    pub restricting: usize,
    /// Those of them that require approval themselves.
    pub requiring: usize,
}

impl Below {
    /// Counts what an enterprise governs.
    pub fn count(
        kind: TokenKind,
        layer: EnterpriseLayer,
        subjects: &[Subject],
        governed: &[Governed],
    ) -> Self {
        let limit_alone = EnterpriseLayer {
            access: EnterpriseAccess::Allow,
            ..layer
        };
        let limit_alone = governed_only(kind, limit_alone);
        let too_long = subjects
            .iter()
            .filter(|subject| stands_against(&limit_alone, &subject.exposure).is_some());
        let organizations = || {
            let all = governed.iter();
            all.filter(|one| one.kind == AccountKind::Organization)
                .map(|one| one.layer.unwrap_or(OrganizationLayer::default_for(kind)))
        };
        Self {
            tokens: distinct(subjects.iter().map(|subject| subject.token)),
            people: distinct(subjects.iter().map(|subject| subject.user)),
            too_long: distinct(too_long.map(|subject| subject.token)),
            organizations: organizations().count(),
            restricting: organizations()
                .filter(|own| own.access == Access::Restrict)
                .count(),
            requiring: organizations()
                .filter(|own| own.approval == Approval::Required)
                .count(),
        }
    }
}

fn distinct<Id: Ord>(ids: impl Iterator<Item = Id>) -> usize {
    ids.collect::<BTreeSet<_>>().len()
}

/// Everything the sentences are made of.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// For which tokens.
    pub kind: TokenKind,
    /// The enterprise's name.
    pub enterprise: &'a str,
    /// What is in force.
    pub layer: EnterpriseLayer,
    /// Whether somebody saved that.
    pub is_saved: bool,
    /// What it touches now.
    pub below: Below,
}

impl Facts<'_> {
    /// The questions, in order.
    pub fn questions(&self) -> Vec<Question> {
        let mut questions = vec![self.access()];
        if self.kind == TokenKind::FineGrained {
            questions.push(self.approval());
        }
        questions
    }

    fn question(&self, field: PolicyField, legend: String, in_force: String) -> Question {
        Question {
            field: field.as_str(),
            legend,
            in_force,
            source: if self.is_saved {
                format!("set by {}", self.enterprise)
            } else {
                "the default".to_owned()
            },
            fixed_by: String::new(),
            choices: Vec::new(),
        }
    }

    fn access(&self) -> Question {
        let (kind, name) = (tokens(self.kind), self.enterprise);
        let legend = format!("Can {kind} reach the organizations of {name}?");
        let choices = vec![
            Choice::new(
                "delegate",
                "Let organizations decide",
                self.delegated_access(),
            ),
            Choice::new("restrict", "Restrict access", self.restricted()),
            Choice::new("allow", "Allow access", self.allowed()),
        ];
        let in_force = chosen(&choices, self.layer.access.as_str());
        Question {
            choices,
            ..self.question(PolicyField::Access, legend, in_force)
        }
    }

    fn delegated_access(&self) -> String {
        let Below {
            organizations,
            restricting,
            ..
        } = self.below;
        format!(
            "Each organization says for itself; now {} and {}. Managed users' own repositories let them in.",
            count(organizations - restricting, "lets them in", "let them in"),
            count(restricting, "restricts them", "restrict them"),
        )
    }

    fn restricted(&self) -> String {
        let Below { tokens, people, .. } = self.below;
        let who = if tokens == 0 {
            "No such token works there now.".to_owned()
        } else {
            format!(
                "{} of {} {} there now: from the next call on they read what is public and nothing else.",
                count(tokens, "token", "tokens"),
                count(people, "person", "people"),
                if tokens == 1 { "works" } else { "work" },
            )
        };
        format!("{who} Nothing is revoked, and no organization can let them in.")
    }

    fn allowed(&self) -> String {
        match self.below.restricting {
            0 => "No organization can restrict them. None does now.".to_owned(),
            restricting => format!(
                "No organization can restrict them. {} them in again.",
                count(restricting, "does so now, and lets", "do so now, and let"),
            ),
        }
    }

    fn approval(&self) -> Question {
        let Below {
            organizations,
            requiring,
            ..
        } = self.below;
        let free = organizations - requiring;
        let delegated = format!(
            "Each organization says for itself; now {} and {}.",
            count(requiring, "requires it", "require it"),
            count(free, "does not", "do not"),
        );
        let required = format!(
            "Every new token, and one that is to do more, waits for an owner of the organization. {} now. Tokens that \
             work go on.",
            count(free, "does not require it", "do not require it"),
        );
        let disabled = format!(
            "Tokens of members work at once everywhere. {} now. Outside collaborators and people of other \
             organizations wait all the same, and so do requests that wait already.",
            count(requiring, "requires it", "require it"),
        );
        let choices = vec![
            Choice::new("delegate", "Let organizations decide", delegated),
            Choice::new("require", "Require approval", required),
            Choice::new("disable", "Disable approval", disabled),
        ];
        let legend = "Must an owner approve a token first?".to_owned();
        let in_force = chosen(&choices, self.layer.approval.as_str());
        Question {
            choices,
            ..self.question(PolicyField::Approval, legend, in_force)
        }
    }

    /// The question about the longest life.
    pub fn lifetime(&self) -> Question {
        let in_force = match self.layer.lifetime {
            Limit::Days(days) => format!("At most {}", counted(i64::from(days), "day", "days")),
            Limit::Unlimited => "As long as its user likes".to_owned(),
        };
        let legend = "How long may a token live?".to_owned();
        Question {
            choices: self.lives(),
            ..self.question(PolicyField::Lifetime, legend, in_force)
        }
    }

    fn lives(&self) -> Vec<Choice> {
        let unlimited = "Each organization may still set a limit of its own.";
        let default = EnterpriseLayer::default_for(self.kind).lifetime;
        let mut choices = match default {
            Limit::Days(days) => vec![
                Choice::new(
                    "default",
                    format!("The default: at most {days} days"),
                    "Organizations may set less, never more.",
                ),
                Choice::new("none", "No limit of the enterprise", unlimited),
            ],
            Limit::Unlimited => vec![Choice::new(
                "default",
                "The default: no limit of the enterprise",
                unlimited,
            )],
        };
        let own = Choice::new(
            "days",
            "At most a number of days of your own",
            self.too_long(),
        );
        choices.push(own);
        choices
    }

    fn too_long(&self) -> String {
        let rule = "Organizations may set less, never more. A token that lives longer is refused at each use until its \
                    user regenerates it; nothing is revoked.";
        match (self.below.too_long, self.layer.lifetime) {
            (0, _) | (_, Limit::Unlimited) => rule.to_owned(),
            (refused, Limit::Days(days)) => format!(
                "{rule} The limit of {days} days that holds now refuses {}.",
                count(refused, "token", "tokens")
            ),
        }
    }
}

fn chosen(choices: &[Choice], value: &str) -> String {
    let found = choices.iter().find(|choice| choice.value == value);
    found.map_or_else(String::new, |choice| choice.label.clone())
}

fn count(number: usize, one: &str, many: &str) -> String {
    counted(i64::try_from(number).unwrap_or(i64::MAX), one, many)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINE: TokenKind = TokenKind::FineGrained;

    fn facts(below: Below) -> Facts<'static> {
        Facts {
            kind: FINE,
            enterprise: "Globex",
            layer: EnterpriseLayer::default_for(FINE),
            is_saved: false,
            below,
        }
    }

    #[test]
    fn each_answer_says_what_follows_for_the_organizations() {
        let below = Below {
            tokens: 2,
            people: 1,
            too_long: 1,
            organizations: 3,
            restricting: 1,
            requiring: 2,
        };
        let questions = facts(below).questions();
        let consequence = |question: usize, choice: usize| {
            questions[question].choices[choice].consequence.clone()
        };
        assert!(consequence(0, 0).contains("now 2 let them in and 1 restricts them"));
        assert!(consequence(0, 1).starts_with("2 tokens of 1 person work there now"));
        assert!(consequence(0, 2).ends_with("1 does so now, and lets them in again."));
        assert!(consequence(1, 0).ends_with("now 2 require it and 1 does not."));
        assert_eq!(questions[0].in_force, "Let organizations decide");
        assert_eq!(questions[0].source, "the default");
        let lifetime = facts(below).lifetime();
        assert_eq!(lifetime.in_force, "At most 366 days");
        assert!(
            lifetime.choices[2]
                .consequence
                .ends_with("refuses 1 token.")
        );
    }

    #[test]
    fn where_nothing_works_that_is_said() {
        let questions = facts(Below::default()).questions();
        let restrict = &questions[0].choices[1].consequence;
        assert!(restrict.starts_with("No such token works there now."));
        let allow = &questions[0].choices[2].consequence;
        assert_eq!(allow, "No organization can restrict them. None does now.");
    }
}
