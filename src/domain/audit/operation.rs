//! What kind of act an action is, in the published words.

use super::Action;

words! {
    /// A kind of act.
    Operation {
        /// Something was read or used.
        Access = "access",
        /// Somebody showed who they are.
        Authentication = "authentication",
        /// Something came into being.
        Create = "create",
        /// Something changed.
        Modify = "modify",
        /// Something ended.
        Remove = "remove",
        /// Something that had ended came back.
        Restore = "restore",
        /// Something went to another owner.
        Transfer = "transfer",
    }
}

impl Action {
    /// What kind of act it is.
    pub const fn operation(self) -> Operation {
        match self {
            Self::ApiRequest
            | Self::ApiRefuse
            | Self::GitFetch
            | Self::GitFetchRefuse
            | Self::GitPushRefuse
            | Self::LogExport => Operation::Access,
            Self::UserLogin
            | Self::UserLogout
            | Self::UserConfirm
            | Self::RecoveryCodeUse
            | Self::RecoveryCodeRefuse
            | Self::EnrolmentUse => Operation::Authentication,
            Self::UserCreate
            | Self::PasskeyRegister
            | Self::RecoveryCodesCreate
            | Self::EnrolmentCreate
            | Self::OrganizationCreate
            | Self::MemberAdd
            | Self::ServiceCreate
            | Self::ServiceSecretCreate
            | Self::EnterpriseCreate
            | Self::EnterpriseAddOwner
            | Self::RepositoryCreate
            | Self::IssueCreate
            | Self::CommentCreate
            | Self::ExemptionGive
            | Self::TokenCreate
            | Self::RequestCreate
            | Self::AccessGrant => Operation::Create,
            Self::PasskeyRemove
            | Self::SessionEnd
            | Self::MemberRemove
            | Self::OutsideCollaboratorRemove
            | Self::ServiceRemove
            | Self::ServiceSecretEnd
            | Self::EnterpriseRemoveOwner
            | Self::RepositoryDestroy
            | Self::CollaboratorRemove
            | Self::CommentDestroy
            | Self::PolicyCancel
            | Self::ExemptionEnd
            | Self::TokenBlock
            | Self::TokenDestroy
            | Self::TokenRevoke
            | Self::RequestDeny
            | Self::RequestCancel
            | Self::AccessRevoke
            | Self::LogPrune => Operation::Remove,
            Self::UserUnsuspend => Operation::Restore,
            Self::EnterpriseAddOrganization | Self::EnterpriseRemoveOrganization => {
                Operation::Transfer
            }
            _ => Operation::Modify,
        }
    }

    /// Whether decisions are recorded under it.
    pub const fn is_decision(self) -> bool {
        matches!(self, Self::GitPush) || self.is_decision_alone()
    }

    /// Whether changes are recorded under it.
    pub const fn is_event(self) -> bool {
        !self.is_decision_alone()
    }

    const fn is_decision_alone(self) -> bool {
        matches!(
            self,
            Self::ApiRequest
                | Self::ApiRefuse
                | Self::GitFetch
                | Self::GitFetchRefuse
                | Self::GitPushRefuse
        )
    }

    /// The action under which a decision is recorded.
    pub fn of_decision(method: &str, path: &str, is_allowed: bool) -> Self {
        let is_git = method == "GIT";
        let is_push = is_git && path.ends_with(" push");
        match (is_git, is_push, is_allowed) {
            (false, _, true) => Self::ApiRequest,
            (false, _, false) => Self::ApiRefuse,
            (true, true, true) => Self::GitPush,
            (true, true, false) => Self::GitPushRefuse,
            (true, false, true) => Self::GitFetch,
            (true, false, false) => Self::GitFetchRefuse,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_whose_name_says_what_kind_it_is_is_of_that_kind() {
        for action in Action::ALL {
            let verb = action.as_str().rsplit('.').next().unwrap_or_default();
            let expected = match verb {
                "create" | "request_created" | "access_granted" => Operation::Create,
                "destroy" | "access_revoked" | "remove_member" => Operation::Remove,
                "update" | "rename" | "credential_regenerated" => Operation::Modify,
                _ => continue,
            };
            assert_eq!(action.operation(), expected, "{action}");
        }
    }

    #[test]
    fn every_action_is_recorded_somewhere() {
        for action in Action::ALL {
            assert!(action.is_event() || action.is_decision(), "{action}");
        }
        assert!(Action::GitPush.is_event() && Action::GitPush.is_decision());
    }
}
