//! Each step of a decision in words. What is hidden is told like what is absent, so no sentence before the step that hides
//! it may depend on which of the two it is.

use crate::domain::access::decision::{Basis, Decision, Outcome, Reason, Step};
use crate::domain::access::explain::sets_words;
use crate::domain::catalog::{Catalog, Endpoint};
use crate::domain::permission::{Level, PermissionId};
use crate::gate::Gate;
use crate::gate::explain::Explanation;

/// One step as the page tells it.
#[derive(Debug, PartialEq, Eq)]
pub struct StepView {
    /// Its number in the specification.
    pub number: u8,
    /// What it asks.
    pub title: &'static str,
    /// What became of it.
    pub outcome: &'static str,
    /// The state whose icon stands beside it.
    pub state: &'static str,
    /// Why; empty where it was not reached.
    pub sentence: String,
}

/// Every step of an explanation.
pub fn draw(gate: &Gate, endpoint: Option<&Endpoint>, found: &Explanation) -> Vec<StepView> {
    let told = Told {
        gate,
        endpoint,
        found,
    };
    Step::ALL.into_iter().map(|step| told.step(step)).collect()
}

struct Told<'a> {
    gate: &'a Gate,
    endpoint: Option<&'a Endpoint>,
    found: &'a Explanation,
}

impl Told<'_> {
    fn step(&self, step: Step) -> StepView {
        let outcome = self.found.trace.outcome(step);
        let (word, state, sentence) = match outcome {
            Outcome::Passed => ("Passed", "active", self.passed(step)),
            Outcome::Allowed => ("Allowed here", "active", self.allowed()),
            Outcome::Refused => ("Stopped here", "denied", self.refused()),
            Outcome::NotReached => ("Not reached", "none", String::new()),
        };
        StepView {
            number: step.number(),
            title: title(step),
            outcome: word,
            state,
            sentence,
        }
    }

    fn passed(&self, step: Step) -> String {
        let login = self.found.ruling.credential.login();
        match step {
            Step::Secret => "The call carries this token.".to_owned(),
            Step::Credential => format!("The token lives, and {login} may use it."),
            Step::Endpoint => match self.endpoint {
                Some(endpoint) => format!("It is {}.", endpoint.line()),
                None => String::new(),
            },
            Step::Condition => "No condition stands against it.".to_owned(),
            Step::Open => match self.endpoint.filter(|endpoint| !endpoint.sets.is_empty()) {
                Some(endpoint) => {
                    format!("It takes {}.", sets_words(self.catalog(), &endpoint.sets))
                }
                None => "It takes at least that the token reaches what it names.".to_owned(),
            },
            Step::Visible => "The token may know what the call names.".to_owned(),
            Step::Policy => "No owner's policy stands against this token.".to_owned(),
            Step::Permission => "The token was given what the call takes.".to_owned(),
            Step::Role => format!("{login}'s own role is enough."),
            Step::Allow => String::new(),
        }
    }

    fn allowed(&self) -> String {
        let Decision::Allow(allow) = &self.found.ruling.decision else {
            return String::new();
        };
        match allow.basis {
            Basis::PublicRead => "What is public is read with any token.".to_owned(),
            Basis::Free => "It takes no permission.".to_owned(),
            Basis::Listing => {
                "The list shows exactly the items that the token may read one by one.".to_owned()
            }
            Basis::Grant {
                permission, level, ..
            } => {
                format!(
                    "Allowed by {}{}.",
                    self.permission(permission, level),
                    self.place()
                )
            }
            Basis::Scope {
                permission, level, ..
            } => format!(
                "Allowed by a scope that covers {}{}.",
                self.permission(permission, level),
                self.place()
            ),
        }
    }

    fn refused(&self) -> String {
        let ruling = &self.found.ruling;
        match (ruling.decision.reason(), self.found.trace.end()) {
            (Some(Reason::NotFound), Step::Endpoint) | (Some(Reason::UnknownEndpoint), _) => {
                "The catalog has no such endpoint, or no token reaches it.".to_owned()
            }
            (Some(Reason::NotFound), _) => {
                "What the call names does not exist, or you cannot see it, or this token does not name it."
                    .to_owned()
            }
            (Some(Reason::BadCredentials), _) => {
                "The token has ended, or its user may not use it.".to_owned()
            }
            _ => ruling.sentence(self.gate),
        }
    }

    fn permission(&self, id: PermissionId, level: Level) -> String {
        format!("{}: {level}", self.catalog().permission(id).title)
    }

    /// Where an allowed call goes: the repository, or its owner.
    fn place(&self) -> String {
        let mut targets = self.found.ruling.targets.iter();
        let place = targets.find_map(|target| match target.repository() {
            Some(repository) => Some(repository.full_name()),
            None => target
                .owner()
                .map(|owner| owner.entry.account.login.clone()),
        });
        place.map_or_else(String::new, |place| format!(" at {place}"))
    }

    fn catalog(&self) -> &'static Catalog {
        self.gate.catalog()
    }
}

const fn title(step: Step) -> &'static str {
    match step {
        Step::Secret => "Does a token come with it?",
        Step::Credential => "Is the token good?",
        Step::Endpoint => "Is the endpoint known?",
        Step::Condition => "Do the token's conditions hold?",
        Step::Open => "Is it open without a permission?",
        Step::Visible => "May the token know what it names?",
        Step::Policy => "Do the owners' policies let the token in?",
        Step::Permission => "Was the token given what it takes?",
        Step::Role => "May the user do it?",
        Step::Allow => "Then it goes on",
    }
}
