//! Both state machines once more, small enough to be read at a glance: a model that the real ones are walked beside.
//!
//! Ana's token wishes for more or less at acme. Wishes are ordered, so that narrowing and widening are plain to see.

use grantry::domain::approval::{GrantStanding, GrantState, RequestState};

use crate::world::{TokenDraft, draft};

/// What is given or asked for at acme, each including the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wish {
    /// To know of `acme/web`.
    Know,
    /// To read its issues.
    Read,
    /// To write them.
    Write,
}

impl Wish {
    /// A form that wishes for this.
    pub fn form(self, name: &str) -> TokenDraft {
        let form = draft(name).owner("acme").selected(&["web"]);
        match self {
            Self::Know => form,
            Self::Read => form.permission("issues", "read"),
            Self::Write => form.permission("issues", "write"),
        }
    }
}

/// What somebody does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// An owner approves what was asked last.
    Approve,
    /// An owner denies it.
    Deny,
    /// An owner revokes the grant.
    Revoke,
    /// Ana takes her request back.
    Withdraw,
    /// Ana asks again.
    AskAgain,
    /// Ana edits the token to wish for this at acme, or to leave acme out.
    Edit(Option<Wish>),
    /// Ana becomes an owner of acme, and a member again.
    Demote,
    /// Acme requires approval from now on, or not.
    Require(bool),
}

/// Everything that can be done.
pub const ACTS: [Act; 12] = [
    Act::Approve,
    Act::Deny,
    Act::Revoke,
    Act::Withdraw,
    Act::AskAgain,
    Act::Edit(None),
    Act::Edit(Some(Wish::Know)),
    Act::Edit(Some(Wish::Read)),
    Act::Edit(Some(Wish::Write)),
    Act::Demote,
    Act::Require(false),
    Act::Require(true),
];

/// How ana's token stands at acme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // Each is a question of its own; none excludes another.
pub struct Machine {
    /// The grant.
    pub grant: GrantState,
    /// The last request.
    pub latest: RequestState,
    /// What the grant gives, or gave.
    pub stored: Option<Wish>,
    /// What the last request asks for.
    pub asked: Wish,
    /// Whether nothing happened to the grant since that request was made.
    is_last: bool,
    /// Whether the last decision of an owner was a denial.
    was_denied: bool,
    was_reviewed: bool,
    requires_approval: bool,
}

impl Machine {
    /// A token that asked to read, under a policy that requires approval.
    pub const fn new() -> Self {
        Self {
            grant: GrantState::None,
            latest: RequestState::Pending,
            stored: None,
            asked: Wish::Read,
            is_last: true,
            was_denied: false,
            was_reviewed: false,
            requires_approval: true,
        }
    }

    /// What tells two states apart as far as moves go; random walks mix the rest.
    pub const fn place(self) -> (GrantState, RequestState, bool) {
        (self.grant, self.latest, self.was_denied)
    }

    /// How it stands, in the word people see.
    pub fn standing(self) -> GrantStanding {
        GrantStanding::of(self.grant, Some(self.latest))
    }

    /// What the token can do at acme.
    pub fn given(self) -> Option<Wish> {
        self.stored.filter(|_| self.grant == GrantState::Active)
    }

    fn waits(self) -> bool {
        self.latest == RequestState::Pending
    }

    fn lost(self) -> Option<Wish> {
        match self.grant {
            GrantState::Active => None,
            GrantState::Revoked if self.is_last => Some(self.asked),
            GrantState::Revoked => self.stored,
            GrantState::None | GrantState::Suspended => {
                Some(self.asked).filter(|_| self.is_last && self.was_denied)
            }
        }
    }

    /// The state after an act; none where the act is refused.
    pub fn after(self, act: Act) -> Option<Self> {
        use RequestState::{Approved, Cancelled, Denied};
        match act {
            Act::Approve if self.waits() => Some(self.granted(Approved)),
            Act::Deny if self.waits() => Some(Self {
                latest: Denied,
                was_denied: true,
                ..self
            }),
            Act::Withdraw if self.waits() => Some(Self {
                latest: Cancelled,
                ..self
            }),
            Act::Revoke => self.revoked(),
            Act::AskAgain if !self.waits() => self.asked_again(),
            Act::Edit(wish) => Some(self.edited(wish)),
            Act::Demote => Some(self.demoted()),
            Act::Require(requires_approval) => Some(Self {
                requires_approval,
                ..self
            }),
            Act::Approve | Act::Deny | Act::Withdraw | Act::AskAgain => None,
        }
    }

    fn granted(self, latest: RequestState) -> Self {
        let before = match self.grant {
            GrantState::Active | GrantState::Suspended => self.stored,
            GrantState::None | GrantState::Revoked => None,
        };
        Self {
            grant: GrantState::Active,
            latest,
            stored: before.max(Some(self.asked)),
            is_last: false,
            was_denied: false,
            was_reviewed: true,
            ..self
        }
    }

    fn overtaken(self) -> Self {
        let latest = match self.latest {
            RequestState::Pending => RequestState::Cancelled,
            decided => decided,
        };
        Self { latest, ..self }
    }

    fn revoked(self) -> Option<Self> {
        let works = matches!(self.grant, GrantState::Active | GrantState::Suspended);
        works.then_some(Self {
            grant: GrantState::Revoked,
            is_last: false,
            ..self.overtaken()
        })
    }

    fn asking(self, wish: Wish) -> Self {
        Self {
            latest: RequestState::Pending,
            asked: wish,
            is_last: true,
            ..self
        }
    }

    fn asked_again(self) -> Option<Self> {
        let of_last = match (self.grant, self.latest) {
            (_, RequestState::Denied)
            | (GrantState::None | GrantState::Suspended, RequestState::Cancelled) => {
                Some(self.asked)
            }
            _ => None,
        };
        self.lost().or(of_last).map(|wish| self.asking(wish))
    }

    fn edited(self, wish: Option<Wish>) -> Self {
        let pending = Some(self.asked).filter(|_| self.waits());
        let base = pending.or(self.given()).or(self.lost());
        let Some(wish) = wish else {
            return self.taken_out();
        };
        if base == Some(wish) {
            return self;
        }
        match self.given() {
            Some(given) if wish <= given => Self {
                stored: Some(wish),
                is_last: self.is_last && wish == given,
                ..self.overtaken()
            },
            given => self.overtaken().widened(wish, given),
        }
    }

    fn widened(self, wish: Wish, given: Option<Wish>) -> Self {
        let was_refused = self.was_denied || self.grant == GrantState::Revoked;
        if self.requires_approval || was_refused {
            let grant = match self.grant {
                GrantState::Suspended => GrantState::None,
                other => other,
            };
            return Self { grant, ..self }.asking(wish);
        }
        Self {
            grant: GrantState::Active,
            stored: given.max(Some(wish)),
            is_last: false,
            was_reviewed: false,
            ..self
        }
    }

    fn taken_out(self) -> Self {
        let works = matches!(self.grant, GrantState::Active | GrantState::Suspended);
        let left = self.overtaken();
        if works {
            Self {
                grant: GrantState::None,
                stored: None,
                is_last: false,
                ..left
            }
        } else {
            left
        }
    }

    fn demoted(self) -> Self {
        let needs_review = self.requires_approval && !self.was_reviewed;
        match self.given() {
            Some(given) if needs_review => Self {
                grant: GrantState::Suspended,
                ..self.overtaken().asking(given)
            },
            _ => self,
        }
    }
}
