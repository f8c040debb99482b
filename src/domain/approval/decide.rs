//! May this owner decide this request now? Asked again inside the transaction that decides.

use super::{GrantState, RequestState};
use crate::domain::policy::evaluate::Violation;

/// The longest reason a decision may carry, in characters.
pub const LONGEST_REASON: usize = 1_024;

/// Everything that approving depends on, read in the transaction that approves.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools)] // Each is a question of its own; none excludes another.
pub struct ApprovalFacts {
    /// The request as it is now.
    pub request: RequestState,
    /// The version of the grant that the request was made against.
    pub made_against: i64,
    /// The version of the grant now.
    pub grant_version: i64,
    /// Whether the requester's account is suspended.
    pub is_user_suspended: bool,
    /// Whether what made the owner choosable still holds.
    pub relation_holds: bool,
    /// Whether the token was ended.
    pub is_token_ended: bool,
    /// Whether the token's life is over.
    pub is_token_expired: bool,
    /// The policy in force that stands against the token, if any.
    pub violation: Option<Violation>,
}

/// Why a request cannot be decided as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecideError {
    /// Somebody else was first, or its user withdrew it.
    AlreadyDecided(RequestState),
    /// The grant changed since the request was made: what was shown is not what would be granted.
    Moved,
    /// The requester's account is suspended.
    UserSuspended,
    /// The requester has no relation to the owner any more.
    RelationEnded,
    /// The token was ended.
    TokenEnded,
    /// The token's life is over.
    TokenExpired,
    /// A policy in force stands against the token.
    Policy(Violation),
}

/// Whether the request may be approved.
pub fn check_approval(facts: &ApprovalFacts) -> Result<(), DecideError> {
    check_denial(facts.request)?;
    let refusals = [
        (facts.is_token_ended, DecideError::TokenEnded),
        (facts.is_token_expired, DecideError::TokenExpired),
        (facts.is_user_suspended, DecideError::UserSuspended),
        (!facts.relation_holds, DecideError::RelationEnded),
        (
            facts.made_against != facts.grant_version,
            DecideError::Moved,
        ),
    ];
    if let Some((_, refusal)) = refusals.into_iter().find(|(holds, _)| *holds) {
        return Err(refusal);
    }
    facts
        .violation
        .map_or(Ok(()), |violation| Err(DecideError::Policy(violation)))
}

/// Whether the request may be denied: only one that still waits.
pub fn check_denial(request: RequestState) -> Result<(), DecideError> {
    match request {
        RequestState::Pending => Ok(()),
        decided => Err(DecideError::AlreadyDecided(decided)),
    }
}

/// Whether the grant may be revoked: one that works, or is suspended.
pub fn check_revocation(grant: GrantState) -> Result<(), RevokeError> {
    match grant {
        GrantState::Active | GrantState::Suspended => Ok(()),
        GrantState::Revoked => Err(RevokeError::AlreadyRevoked),
        GrantState::None => Err(RevokeError::NothingGranted),
    }
}

/// Why a grant cannot be revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevokeError {
    /// Somebody else was first.
    AlreadyRevoked,
    /// Only a request exists: deny it.
    NothingGranted,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::Source;

    const FINE: ApprovalFacts = ApprovalFacts {
        request: RequestState::Pending,
        made_against: 3,
        grant_version: 3,
        is_user_suspended: false,
        relation_holds: true,
        is_token_ended: false,
        is_token_expired: false,
        violation: None,
    };

    #[test]
    fn each_fact_alone_stands_against_an_approval() {
        assert_eq!(check_approval(&FINE), Ok(()));
        let denied = RequestState::Denied;
        let access = Violation::Access(Source::Organization);
        let table = [
            (
                ApprovalFacts {
                    request: denied,
                    ..FINE
                },
                DecideError::AlreadyDecided(denied),
            ),
            (
                ApprovalFacts {
                    grant_version: 4,
                    ..FINE
                },
                DecideError::Moved,
            ),
            (
                ApprovalFacts {
                    is_user_suspended: true,
                    ..FINE
                },
                DecideError::UserSuspended,
            ),
            (
                ApprovalFacts {
                    relation_holds: false,
                    ..FINE
                },
                DecideError::RelationEnded,
            ),
            (
                ApprovalFacts {
                    is_token_ended: true,
                    ..FINE
                },
                DecideError::TokenEnded,
            ),
            (
                ApprovalFacts {
                    is_token_expired: true,
                    ..FINE
                },
                DecideError::TokenExpired,
            ),
            (
                ApprovalFacts {
                    violation: Some(access),
                    ..FINE
                },
                DecideError::Policy(access),
            ),
        ];
        for (facts, expected) in table {
            assert_eq!(check_approval(&facts), Err(expected));
        }
    }

    #[test]
    fn only_a_waiting_request_can_be_denied_and_only_a_working_grant_revoked() {
        for state in RequestState::ALL {
            assert_eq!(
                check_denial(*state).is_ok(),
                *state == RequestState::Pending,
                "{state}"
            );
        }
        assert_eq!(check_revocation(GrantState::Active), Ok(()));
        assert_eq!(check_revocation(GrantState::Suspended), Ok(()));
        assert_eq!(
            check_revocation(GrantState::Revoked),
            Err(RevokeError::AlreadyRevoked)
        );
        assert_eq!(
            check_revocation(GrantState::None),
            Err(RevokeError::NothingGranted)
        );
    }
}
