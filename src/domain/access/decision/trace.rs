//! What became of each step of a decision, for those who want to know why.
//!
//! A trace is no second judgement: the steps themselves say which of them they passed, and where they stopped is read
//! from the decision. So the two cannot disagree.

use super::reason::{Basis, Decision, Reason};

/// A step of the decision, by its number in the specification (DOMAIN §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// 0: a secret came at all.
    Secret,
    /// 1: the secret is good.
    Credential,
    /// 2: the catalog has the endpoint, and it is not closed.
    Endpoint,
    /// 3: the conditions of the token hold.
    Condition,
    /// 4: is it open without a permission?
    Open,
    /// 5: what the call names can be seen.
    Visible,
    /// 6: the owners' policies let the token in.
    Policy,
    /// 7: the token has been given what the call needs.
    Permission,
    /// 8: the user may do it too.
    Role,
    /// 9: go on.
    Allow,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 10] = [
        Self::Secret,
        Self::Credential,
        Self::Endpoint,
        Self::Condition,
        Self::Open,
        Self::Visible,
        Self::Policy,
        Self::Permission,
        Self::Role,
        Self::Allow,
    ];

    /// Its number in the specification.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The step at which a call of a known token is refused for this reason.
    pub const fn of(reason: Reason) -> Self {
        match reason {
            Reason::BadCredentials => Self::Credential,
            Reason::UnknownEndpoint | Reason::BadPath => Self::Endpoint,
            Reason::Condition => Self::Condition,
            Reason::NotFound => Self::Visible,
            Reason::PolicyAccess | Reason::PolicyLifetime | Reason::BlockedHere => Self::Policy,
            Reason::NoGrant
            | Reason::Pending
            | Reason::Denied
            | Reason::Revoked
            | Reason::NotSelected
            | Reason::MissingPermission
            | Reason::MissingScope
            | Reason::NotTargeted => Self::Permission,
            Reason::MissingRole => Self::Role,
        }
    }
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It had nothing against the call, and the next one was asked.
    Passed,
    /// It ended the matter with a yes.
    Allowed,
    /// It ended the matter with a no.
    Refused,
    /// The matter had ended before.
    NotReached,
}

/// What became of every step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    passed: Vec<Step>,
    end: Step,
    is_allowed: bool,
}

impl Trace {
    /// A trace of what was refused before any step could be asked: nothing passed but what stands before its end.
    pub fn refused_at(end: Step) -> Self {
        let before = Step::ALL.into_iter().filter(|step| *step < end);
        Self {
            passed: before.collect(),
            end,
            is_allowed: false,
        }
    }

    /// What became of a step.
    pub fn outcome(&self, step: Step) -> Outcome {
        if step == self.end {
            if self.is_allowed {
                Outcome::Allowed
            } else {
                Outcome::Refused
            }
        } else if self.passed.contains(&step) {
            Outcome::Passed
        } else {
            Outcome::NotReached
        }
    }

    /// The step that ended the matter.
    pub const fn end(&self) -> Step {
        self.end
    }
}

/// Whoever wants to hear which steps a call passes.
pub(super) trait Watch {
    /// A step had nothing against the call.
    fn pass(&mut self, step: Step);
}

/// Nobody: what a decision that is only to be made costs nothing for.
pub(super) struct Unwatched;

impl Watch for Unwatched {
    fn pass(&mut self, _: Step) {}
}

/// The steps passed so far.
#[derive(Debug, Default)]
pub(super) struct Passed(Vec<Step>);

impl Watch for Passed {
    fn pass(&mut self, step: Step) {
        self.0.push(step);
    }
}

impl Passed {
    /// The whole trace, now that the decision is known. A refusal ends at the first step that was not passed.
    pub(super) fn into_trace(self, decision: &Decision) -> Trace {
        let end = match decision {
            Decision::Allow(allow) => match allow.basis {
                Basis::PublicRead | Basis::Free => Step::Open,
                Basis::Listing => Step::Visible,
                Basis::Grant { .. } | Basis::Scope { .. } => Step::Allow,
            },
            Decision::Refuse(_) => {
                let mut steps = Step::ALL.into_iter();
                let open = steps.find(|step| !self.0.contains(step));
                open.unwrap_or(Step::Allow)
            }
        };
        Trace {
            passed: self.0,
            end,
            is_allowed: decision.is_allowed(),
        }
    }
}
