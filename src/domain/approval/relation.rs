//! What becomes of a grant when its user's relation to the owner changes (DOMAIN §2.3).

use crate::domain::access::rights::Relation;

/// What a change of relation means for a grant that remembers an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationChange {
    /// What made the owner choosable still does.
    Holds,
    /// A member became an owner.
    Promoted,
    /// An owner became a member: what nobody reviewed needs a review where approval is required.
    Demoted,
    /// It ended; coming back revives nothing.
    Ended,
}

/// Compares what a grant remembers with what its user is to the owner now.
///
/// Somebody who became more than the grant remembers keeps it as it is: a grant from a sister organization stays
/// internal and read.
pub fn relation_change(remembered: Relation, now: Option<Relation>) -> RelationChange {
    use Relation::{Collaborator, Member, Owner, Sister};
    match (remembered, now) {
        (before, Some(now)) if before == now => RelationChange::Holds,
        (Member, Some(Owner)) => RelationChange::Promoted,
        (Owner, Some(Member)) => RelationChange::Demoted,
        (Collaborator, Some(Owner | Member)) | (Sister, Some(Owner | Member | Collaborator)) => {
            RelationChange::Holds
        }
        (_, _) => RelationChange::Ended,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_ends_with_what_made_its_owner_choosable() {
        use Relation::{Collaborator, EnterpriseOwner, Member, Own, Owner, Sister};
        use RelationChange::{Demoted, Ended, Holds, Promoted};
        let table = [
            (Own, Some(Own), Holds),
            (Owner, Some(Member), Demoted),
            (Owner, Some(Sister), Ended),
            (Owner, None, Ended),
            (Member, Some(Owner), Promoted),
            (Member, Some(Collaborator), Ended),
            (Member, Some(Sister), Ended),
            (Collaborator, Some(Member), Holds),
            (Collaborator, Some(Sister), Ended),
            (Sister, Some(Member), Holds),
            (Sister, None, Ended),
            (EnterpriseOwner, None, Ended),
        ];
        for (before, now, expected) in table {
            assert_eq!(relation_change(before, now), expected, "{before} {now:?}");
        }
    }
}
