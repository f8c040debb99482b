//! Grants and requests: who must approve what, and how each moves (DOMAIN §3).
//!
//! **Grants.** A row exists from the first request on; what it gives, it gives in `active` alone.
//!
//! ```text
//!   create, edit (nobody decides) ┌────────┐ narrow, widen at once, approve a widening
//!   approve ──────────────────────► active ├──┐
//!        │                        │        ◄──┘
//!   ┌────┴───┐   taken out        └┬─▲───┬─┘
//!   │  none  ◄─────────────────────┘ │   │ the user is no owner any more, nobody reviewed it
//!   └────▲───┘                       │   │
//!        │ edit, taken out    approve│   │
//!        │                      ┌────┴───▼──┐
//!        └──────────────────────┤ suspended │
//!                               └─────┬─────┘
//!   an owner revokes, the relation    │
//!   ends (from active, suspended) ┌───▼─────┐ approve (of a request made after)
//!                                 │ revoked ├──────────────────────────────────► active
//!                                 └─────────┘
//! ```
//!
//! **Requests.** Immutable but for their one decision; at most one waits per grant.
//!
//! ```text
//!   create, edit, regenerate with a longer life, ask again, demotion
//!        │
//!   ┌────▼────┐ approve, if the grant has not moved ┌──────────┐
//!   │ pending ├────────────────────────────────────► approved │
//!   └─┬─────┬─┘                                     └──────────┘
//!     │     │ deny  ┌────────┐
//!     │     └───────► denied │ comes back only by a new request that waits
//!     │             └────────┘
//!     │ withdrawn by its user · overtaken by an edit, a longer life, a revocation, a demotion
//!     │ · the owner taken out · the repository gone · the relation, the token or its life ended
//!     │  ┌───────────┐
//!     └──► cancelled │
//!        └───────────┘
//! ```
//!
//! Every move of a grant raises its version, and so does every request that its user makes against it: of two who act at
//! once on what they saw, one finds that it moved. *Pending* and *denied* are not states of a grant: they are read from
//! its latest request by [`GrantStanding::of`].

pub mod decide;
pub mod departure;
pub mod part;
pub mod relation;
pub mod request;
pub mod risk;
pub mod words;

pub use part::Part;
pub use request::{Ask, Terms};

words! {
    /// The stored state of a grant.
    GrantState {
        /// Nothing was granted yet, or its user took the owner out.
        None = "none",
        /// It works.
        Active = "active",
        /// Its user was demoted from owner and nobody had reviewed it: it does not work until a request is approved.
        Suspended = "suspended",
        /// An owner took it back, or the relation behind it ended.
        Revoked = "revoked",
    }
}

words! {
    /// The state of a request. Only a pending one can change, and only once.
    RequestState {
        /// Waits for an owner.
        Pending = "pending",
        /// Granted, whole or in part.
        Approved = "approved",
        /// Refused.
        Denied = "denied",
        /// Withdrawn by its user, or overtaken.
        Cancelled = "cancelled",
    }
}

words! {
    /// Why a request exists.
    Cause {
        /// The first for this owner.
        New = "new",
        /// To add to an active grant.
        Widening = "widening",
        /// After a denial or revocation.
        Again = "again",
    }
}

words! {
    /// How a grant became active.
    Activation {
        /// An owner reviewed a request.
        Reviewed = "reviewed",
        /// Its user was an owner.
        ByOwner = "by_owner",
        /// No approval was required.
        ByPolicy = "by_policy",
    }
}

words! {
    /// Why a grant ended. Taken out by its own user it is `none` again and can be asked for as at first; otherwise it is
    /// revoked.
    RevokeCause {
        /// An owner did it.
        Owner = "owner",
        /// The relation that made the owner choosable ended.
        Left = "left",
        /// The token itself ended.
        TokenEnded = "token_ended",
        /// Its user took the owner out of the token.
        Removed = "removed",
    }
}

words! {
    /// How a token stands at one owner, in the words people see.
    GrantStanding {
        /// It works.
        Active = "active",
        /// It waits for an owner.
        Pending = "pending",
        /// An owner said no.
        Denied = "denied",
        /// An owner took it back.
        Revoked = "revoked",
        /// Nothing is granted or asked for.
        None = "none",
    }
}

impl GrantStanding {
    /// Reads how a grant stands from its state and its latest request.
    pub fn of(state: GrantState, latest: Option<RequestState>) -> Self {
        match (state, latest) {
            (GrantState::Active, _) => Self::Active,
            (_, Some(RequestState::Pending)) => Self::Pending,
            (_, Some(RequestState::Denied)) => Self::Denied,
            (GrantState::Revoked, _) => Self::Revoked,
            (GrantState::None | GrantState::Suspended, _) => Self::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_a_grant_stands_is_read_from_its_state_and_latest_request() {
        use GrantState as G;
        use RequestState as R;
        let table = [
            (G::None, None, GrantStanding::None),
            (G::None, Some(R::Pending), GrantStanding::Pending),
            (G::None, Some(R::Denied), GrantStanding::Denied),
            (G::None, Some(R::Cancelled), GrantStanding::None),
            (G::Active, Some(R::Approved), GrantStanding::Active),
            (G::Active, Some(R::Pending), GrantStanding::Active),
            (G::Active, Some(R::Denied), GrantStanding::Active),
            (G::Suspended, Some(R::Pending), GrantStanding::Pending),
            (G::Suspended, Some(R::Denied), GrantStanding::Denied),
            (G::Suspended, Some(R::Cancelled), GrantStanding::None),
            (G::Revoked, Some(R::Approved), GrantStanding::Revoked),
            (G::Revoked, Some(R::Pending), GrantStanding::Pending),
            (G::Revoked, Some(R::Denied), GrantStanding::Denied),
        ];
        for (state, latest, expected) in table {
            assert_eq!(
                GrantStanding::of(state, latest),
                expected,
                "{state} {latest:?}"
            );
        }
    }
}
