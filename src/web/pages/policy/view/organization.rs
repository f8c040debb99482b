//! An organization's policy as questions, each answer with its consequence in plain words.

use super::{Choice, Question};
use crate::domain::policy::setting::{Access, Approval, EnterpriseLayer, Limit, OrganizationLayer};
use crate::domain::policy::wish::{PolicyField, is_delegated};
use crate::domain::policy::{Effective, Source};
use crate::domain::token::TokenKind;
use crate::store::policy_reach::Reach;
use crate::web::filters::counted;
use crate::web::pages::policy::tokens;

/// Everything the sentences are made of.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// For which tokens.
    pub kind: TokenKind,
    /// The organization's name.
    pub organization: &'a str,
    /// The name of its enterprise; empty where it has none.
    pub enterprise: &'a str,
    /// What the enterprise sets, where there is one.
    pub above: Option<&'a EnterpriseLayer>,
    /// What is in force.
    pub effective: &'a Effective,
    /// What it touches now.
    pub reach: Reach,
    /// How many requests wait.
    pub waiting: i64,
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

    fn access(&self) -> Question {
        let value = self.effective.access;
        Question {
            field: PolicyField::Access.as_str(),
            legend: format!("Can {} reach {}?", tokens(self.kind), self.organization),
            in_force: match value.value {
                Access::Allow => "Yes".to_owned(),
                Access::Restrict => "No".to_owned(),
            },
            source: self.source(value.source),
            fixed_by: self.fixed_by(PolicyField::Access),
            choices: vec![self.allow(), self.restrict()],
        }
    }

    fn allow(&self) -> Choice {
        let consequence = match self.kind {
            TokenKind::FineGrained => {
                "Each does what its own permissions say, where the rest of this policy lets it in."
            }
            TokenKind::Classic => {
                "Each reaches everything that its user reaches here, as far as its scopes go. Nobody approves them."
            }
        };
        Choice {
            value: Access::Allow.as_str(),
            label: "Yes".to_owned(),
            consequence: consequence.to_owned(),
        }
    }

    fn restrict(&self) -> Choice {
        let Reach { tokens, people, .. } = self.reach;
        let who = if tokens == 0 {
            "No such token works here now.".to_owned()
        } else {
            format!(
                "{} of {} {} here now: from the next call on they read what is public and nothing else.",
                counted(tokens, "token", "tokens"),
                counted(people, "person", "people"),
                if tokens == 1 { "works" } else { "work" },
            )
        };
        Choice {
            value: Access::Restrict.as_str(),
            label: "No".to_owned(),
            consequence: format!("{who} Nothing is revoked: with yes they work again."),
        }
    }

    fn approval(&self) -> Question {
        let value = self.effective.approval;
        Question {
            field: PolicyField::Approval.as_str(),
            legend: "Must an owner approve a token first?".to_owned(),
            in_force: match value.value {
                Approval::Required => "Yes".to_owned(),
                Approval::NotRequired => "No".to_owned(),
            },
            source: self.source(value.source),
            fixed_by: self.fixed_by(PolicyField::Approval),
            choices: vec![self.required(), self.not_required()],
        }
    }

    fn required(&self) -> Choice {
        let unreviewed = self.reach.unreviewed;
        let active = match unreviewed {
            0 => "Tokens that work now go on.".to_owned(),
            1 => "Tokens that work now go on; 1 of them was reviewed by nobody, and this page then leads to it."
                .to_owned(),
            _ => format!(
                "Tokens that work now go on; {unreviewed} of them were reviewed by nobody, and this page then leads to \
                 them."
            ),
        };
        Choice {
            value: Approval::Required.as_str(),
            label: "Yes, an owner approves each token".to_owned(),
            consequence: format!(
                "A new token, and one that is to do more, waits for an owner. {active}"
            ),
        }
    }

    fn not_required(&self) -> Choice {
        let waiting = match self.waiting {
            0 => "no request waits now".to_owned(),
            count => format!("{} now", counted(count, "waits", "wait")),
        };
        Choice {
            value: Approval::NotRequired.as_str(),
            label: "No, tokens of members work at once".to_owned(),
            consequence: format!(
                "Outside collaborators and people of other organizations of the enterprise wait all the same. Requests \
                 that wait stay: {waiting}."
            ),
        }
    }

    /// The question about the longest life.
    pub fn lifetime(&self) -> Question {
        let limit = self.effective.lifetime(false);
        Question {
            field: PolicyField::Lifetime.as_str(),
            legend: "How long may a token live?".to_owned(),
            in_force: match limit.value {
                Limit::Days(days) => format!("At most {}", counted(i64::from(days), "day", "days")),
                Limit::Unlimited => "As long as its user likes".to_owned(),
            },
            source: self.source(limit.source),
            fixed_by: String::new(),
            choices: self.lives(),
        }
    }

    fn lives(&self) -> Vec<Choice> {
        let default = OrganizationLayer::default_for(self.kind).lifetime;
        let above = match self.limit_above() {
            Some(days) => format!("The {days} days of {} hold all the same.", self.enterprise),
            None => String::new(),
        };
        let unlimited = if above.is_empty() {
            "Tokens without an end are let in.".to_owned()
        } else {
            above.clone()
        };
        let mut choices = Vec::new();
        match default {
            Limit::Days(days) => {
                let label = format!("The default: at most {days} days");
                choices.push(Choice::new("default", label, above));
                let label = format!(
                    "As long as its user likes: no limit of {}",
                    self.organization
                );
                choices.push(Choice::new("none", label, unlimited));
            }
            Limit::Unlimited => {
                let label = format!(
                    "The default: as long as its user likes, no limit of {}",
                    self.organization
                );
                choices.push(Choice::new("default", label, unlimited));
            }
        }
        choices.push(Choice::new(
            "days",
            "At most a number of days of your own".to_owned(),
            self.too_long(),
        ));
        choices
    }

    fn too_long(&self) -> String {
        let rule = "The whole life counts, from creation or regeneration to its end. A token that lives longer is \
                    refused at each use until its user regenerates it; nothing is revoked.";
        match (self.reach.too_long, self.effective.lifetime(false).value) {
            (0, _) | (_, Limit::Unlimited) => rule.to_owned(),
            (count, Limit::Days(days)) => format!(
                "{rule} The limit of {days} days that holds now refuses {}.",
                counted(count, "token", "tokens")
            ),
        }
    }

    /// The help under the number of days.
    pub fn days_help(&self) -> String {
        self.limit_above().map_or_else(
            || "From 1 to 366 days.".to_owned(),
            |days| format!("From 1 to {days} days: {} allows no more.", self.enterprise),
        )
    }

    fn limit_above(&self) -> Option<i64> {
        self.above.and_then(|above| above.lifetime.days())
    }

    fn fixed_by(&self, field: PolicyField) -> String {
        if is_delegated(self.above, field) {
            String::new()
        } else {
            self.enterprise.to_owned()
        }
    }

    fn source(&self, source: Source) -> String {
        match source {
            Source::Enterprise => format!("set by {}", self.enterprise),
            Source::Organization => format!("set by {}", self.organization),
            Source::Default => "the default".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::effective;
    use crate::domain::policy::setting::EnterpriseAccess;

    fn told(above: Option<EnterpriseLayer>, tokens: i64, look: impl Fn(&Facts<'_>)) {
        let kind = TokenKind::FineGrained;
        look(&Facts {
            kind,
            organization: "Acme",
            enterprise: "Globex",
            above: above.as_ref(),
            effective: &effective(kind, above, None),
            reach: Reach {
                tokens,
                people: 1,
                unreviewed: tokens,
                too_long: 0,
            },
            waiting: 1,
        });
    }

    #[test]
    fn each_answer_says_what_follows_with_numbers() {
        told(None, 2, |facts| {
            let questions = facts.questions();
            assert!(
                questions[0].choices[1]
                    .consequence
                    .starts_with("2 tokens of 1 person work here now")
            );
            assert!(
                questions[1].choices[0]
                    .consequence
                    .contains("2 of them were reviewed by nobody")
            );
            assert!(
                questions[1].choices[1]
                    .consequence
                    .ends_with("Requests that wait stay: 1 waits now.")
            );
            assert_eq!(questions[0].source, "the default");
            assert_eq!(facts.lifetime().in_force, "At most 366 days");
        });
        told(None, 0, |facts| {
            let restrict = &facts.questions()[0].choices[1];
            assert!(
                restrict
                    .consequence
                    .starts_with("No such token works here now.")
            );
        });
    }

    #[test]
    fn what_the_enterprise_fixes_names_it() {
        let mut above = EnterpriseLayer::default_for(TokenKind::FineGrained);
        above.access = EnterpriseAccess::Allow;
        above.lifetime = Limit::Days(90);
        told(Some(above), 1, |facts| {
            let questions = facts.questions();
            assert_eq!(questions[0].fixed_by, "Globex");
            assert_eq!(questions[0].source, "set by Globex");
            assert_eq!(questions[1].fixed_by, "", "approval is delegated");
            let lifetime = facts.lifetime();
            assert_eq!(lifetime.in_force, "At most 90 days");
            assert_eq!(
                lifetime.choices[0].consequence,
                "The 90 days of Globex hold all the same."
            );
            assert_eq!(
                facts.days_help(),
                "From 1 to 90 days: Globex allows no more."
            );
        });
    }
}
