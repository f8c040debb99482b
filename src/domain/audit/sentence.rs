//! One sentence an entry, as people tell each other what happened.

use super::{Action, ActorKind, Entry, Names};
use crate::domain::ids::AccountId;

/// The entry as a sentence without its full stop.
pub fn sentence(entry: &Entry, names: &Names) -> String {
    let told = Told { entry, names };
    match entry.action.parse() {
        Ok(action) => told.action(action),
        // Written by a newer program: its word is better than nothing.
        Err(_) => format!("{} did {}", told.who(), entry.action),
    }
}

/// An entry with the names to tell it.
struct Told<'a> {
    entry: &'a Entry,
    names: &'a Names,
}

impl Told<'_> {
    fn action(&self, action: Action) -> String {
        if action.is_decision() && self.entry.text("method").is_some() {
            return self.decision();
        }
        let name = action.as_str();
        let family = name.split('.').next().unwrap_or_default();
        match family {
            "personal_access_token" => self.token(action),
            "org" | "business" => self.organization(action),
            "service" => self.service(action),
            "repo" | "issue" | "issue_comment" | "git" => self.repository(action),
            _ => self.account(action),
        }
    }

    fn who(&self) -> String {
        let login = self.names.login(self.entry.actor.user);
        match (login, self.entry.actor.kind) {
            ("", ActorKind::Operator) => "The operator".to_owned(),
            ("", ActorKind::System) => "Grantry".to_owned(),
            ("", _) => "Somebody".to_owned(),
            (login, _) => login.to_owned(),
        }
    }

    /// The person it is about, as the object of the sentence.
    fn whom(&self) -> String {
        let login = self.names.login(self.entry.user);
        if login.is_empty() {
            "somebody".to_owned()
        } else if self.is_about_the_actor() {
            "themselves".to_owned()
        } else {
            login.to_owned()
        }
    }

    /// The same, as the owner of what follows.
    fn whose(&self) -> String {
        let login = self.names.login(self.entry.user);
        if login.is_empty() || self.is_about_the_actor() {
            "their".to_owned()
        } else {
            format!("{login}'s")
        }
    }

    fn is_about_the_actor(&self) -> bool {
        self.entry.actor.user.is_some() && self.entry.user == self.entry.actor.user
    }

    fn owner(&self) -> &str {
        self.login_or(self.entry.owner, "its owner")
    }

    fn enterprise(&self) -> &str {
        self.login_or(self.entry.enterprise, "its enterprise")
    }

    fn login_or<'b>(&'b self, id: Option<AccountId>, other: &'b str) -> &'b str {
        Some(self.names.login(id))
            .filter(|login| !login.is_empty())
            .unwrap_or(other)
    }

    /// ` at acme`; nothing where the entry concerns no owner.
    fn at_owner(&self) -> String {
        match self.names.login(self.entry.owner) {
            "" => String::new(),
            login => format!(" at {login}"),
        }
    }

    fn repository_name(&self) -> &str {
        match self.names.repository(self.entry) {
            "" => "a repository",
            name => name,
        }
    }

    fn field(&self, name: &str) -> &str {
        self.entry.text(name).unwrap_or_default()
    }

    /// `ana's token ci`.
    fn the_token(&self) -> String {
        format!("{} token {}", self.whose(), self.names.token(self.entry))
            .trim_end()
            .to_owned()
    }

    fn decision(&self) -> String {
        let call = if self.field("method") == "GIT" {
            self.field("path").to_owned()
        } else {
            format!("{} {}", self.field("method"), self.field("path"))
        };
        let user = self.names.login(self.entry.user);
        let token = self.names.token(self.entry);
        let token = if user.is_empty() {
            format!("The token {token}")
        } else {
            format!("{user}'s token {token}")
        };
        match self.entry.text("reason") {
            None => format!("{token} was allowed {call}"),
            Some(reason) => format!("{token} was refused {call} ({reason})"),
        }
    }

    fn token(&self, action: Action) -> String {
        let (who, token, at) = (self.who(), self.the_token(), self.at_owner());
        match action {
            Action::TokenCreate => format!("{who} made {token}{at}"),
            Action::TokenUpdate => format!("{who} changed {token}{at}"),
            Action::TokenDestroy => format!("{who} deleted {token}{at}"),
            Action::TokenRevoke => format!("{who} revoked {token}{at}"),
            Action::TokenRegenerate => format!("{who} gave {token} a new secret{at}"),
            Action::TokenBlock => format!("{who} blocked {token}{at}"),
            Action::RequestCreate => format!("{who} asked for access of {token}{at}"),
            Action::RequestDeny => format!("{who} denied {token}{at}"),
            Action::RequestCancel => format!("{who} withdrew the request of {token}{at}"),
            Action::AccessGrant => self.granted(&who, &token, &at),
            Action::AccessUpdate => format!("{who} changed what {token} may do{at}"),
            Action::AccessRevoke => format!("{who} took away the access of {token}{at}"),
            Action::PolicyUpdate => {
                format!("{who} changed the policy of {} for tokens", self.owner())
            }
            Action::PolicyCancel => {
                format!(
                    "{who} took back a policy of {} before it began",
                    self.owner()
                )
            }
            Action::ExemptionGive => format!("{who} spared {token} a policy{at}"),
            Action::ExemptionEnd => format!("{who} ended what spared {token} a policy{at}"),
            other => format!("{who} did {other}{at}"),
        }
    }

    fn granted(&self, who: &str, token: &str, at: &str) -> String {
        match self.field("activation") {
            "by_policy" => format!("{token} began to work{at}: no approval was needed"),
            "by_owner" => format!("{token} began to work{at}: {who} is an owner"),
            _ => format!("{who} approved {token}{at}"),
        }
    }

    fn organization(&self, action: Action) -> String {
        let (who, whom) = (self.who(), self.whom());
        let (owner, enterprise) = (self.owner(), self.enterprise());
        match action {
            Action::OrganizationCreate => format!("{who} entered the organization {owner}"),
            Action::OrganizationUpdate => format!("{who} changed the data of {owner}"),
            Action::OrganizationRename => format!("{who} renamed the organization {owner}"),
            Action::MemberAdd => format!("{who} added {whom} to {owner}"),
            Action::MemberUpdate => format!("{who} changed the role of {whom} in {owner}"),
            Action::MemberRemove if self.is_about_the_actor() => format!("{who} left {owner}"),
            Action::MemberRemove => format!("{who} removed {whom} from {owner}"),
            Action::OutsideCollaboratorRemove => {
                format!("{who} removed the outside collaborator {whom} from {owner}")
            }
            Action::BasePermissionUpdate => {
                format!("{who} changed what {owner} gives its members")
            }
            Action::EnterpriseCreate => format!("{who} entered the enterprise {enterprise}"),
            Action::EnterpriseUpdate => format!("{who} changed the data of {enterprise}"),
            Action::EnterpriseRename => format!("{who} renamed the enterprise {enterprise}"),
            Action::EnterpriseAddOrganization => format!("{who} put {owner} under {enterprise}"),
            Action::EnterpriseRemoveOrganization => {
                format!("{who} released {owner} from {enterprise}")
            }
            Action::EnterpriseAddOwner => format!("{who} made {whom} an owner of {enterprise}"),
            Action::EnterpriseRemoveOwner => {
                format!("{who} took the ownership of {enterprise} from {whom}")
            }
            other => format!("{who} did {other}{}", self.at_owner()),
        }
    }

    fn repository(&self, action: Action) -> String {
        let (who, whom, repository) = (self.who(), self.whom(), self.repository_name());
        let number = self
            .entry
            .data
            .get("number")
            .and_then(serde_json::Value::as_i64);
        let issue =
            number.map_or_else(|| "an issue".to_owned(), |number| format!("issue {number}"));
        match action {
            Action::RepositoryCreate => format!("{who} created {repository}"),
            Action::RepositoryUpdate => format!("{who} changed {repository}"),
            Action::RepositoryRename => {
                format!("{who} renamed {} to {repository}", self.field("old_name"))
            }
            Action::RepositoryAccess => format!("{who} changed who can read {repository}"),
            Action::RepositoryDestroy => format!("{who} deleted {repository}"),
            Action::CollaboratorUpdate => {
                format!(
                    "{who} gave {whom} {} on {repository}",
                    self.field("permission")
                )
            }
            Action::CollaboratorRemove => format!("{who} took {whom} off {repository}"),
            Action::IssueCreate => format!("{who} opened {issue} in {repository}"),
            Action::IssueUpdate => format!("{who} changed {issue} in {repository}"),
            Action::CommentCreate => format!("{who} commented on {issue} in {repository}"),
            Action::CommentUpdate => format!("{who} changed a comment on {issue} in {repository}"),
            Action::CommentDestroy => format!("{who} deleted a comment on {issue} in {repository}"),
            Action::GitPush => format!("{who} wrote to {repository}"),
            other => format!("{who} did {other} in {repository}"),
        }
    }

    fn service(&self, action: Action) -> String {
        let who = self.who();
        let service = format!("the service {}", self.field("service"));
        let service = service.trim_end();
        match action {
            Action::ServiceCreate => format!("{who} entered {service}"),
            Action::ServiceUpdate => format!("{who} changed {service}"),
            Action::ServiceRemove => format!("{who} removed {service}"),
            Action::ServiceSecretCreate => format!("{who} gave {service} a new secret"),
            Action::ServiceSecretEnd => format!("{who} ended a secret of {service}"),
            other => format!("{who} did {other} to {service}"),
        }
    }

    fn account(&self, action: Action) -> String {
        let (who, whom, whose) = (self.who(), self.whom(), self.whose());
        match action {
            Action::UserCreate => format!("{who} entered the user {whom}"),
            Action::UserUpdate => format!("{who} changed {whose} profile"),
            Action::UserRename => format!("{who} renamed {whom}"),
            Action::UserPromote => format!("{who} made {whom} a site administrator"),
            Action::UserDemote => format!("{who} made {whom} no site administrator any more"),
            Action::UserSuspend => format!("{who} suspended {whom}"),
            Action::UserUnsuspend => format!("{who} lifted the suspension of {whom}"),
            Action::UserLogin => format!("{who} signed in"),
            Action::UserLogout => format!("{who} signed out"),
            Action::UserConfirm => format!("{who} confirmed with a passkey"),
            Action::PasskeyRegister => format!("{who} added the passkey {}", self.field("passkey")),
            Action::PasskeyRename => format!(
                "{who} renamed the passkey {} to {}",
                self.field("passkey_was"),
                self.field("passkey")
            ),
            Action::PasskeyRemove => format!("{who} removed the passkey {}", self.field("passkey")),
            Action::SessionEnd => format!("{who} ended other sessions"),
            Action::RecoveryCodesCreate => format!("{who} made new recovery codes"),
            Action::RecoveryCodeUse => format!("A recovery code of {whom} was used"),
            Action::RecoveryCodeRefuse => {
                format!("Somebody tried a recovery code for {whom} that was not right")
            }
            Action::EnrolmentCreate => {
                format!("{who} made a link with which {whom} can register a passkey")
            }
            Action::LogExport => format!("{who} took a part of this log away"),
            Action::LogPrune => format!("{who} removed old decisions from the log"),
            Action::EnrolmentUse => format!("{who} used a link to register a passkey"),
            other => format!("{who} did {other}{}", self.at_owner()),
        }
        .trim_end()
        .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::entry;
    use super::*;
    use crate::domain::ids::{RepositoryId, TokenId};
    use crate::domain::token::TokenKind;

    fn names() -> Names {
        Names {
            accounts: [(1, "olga"), (2, "ana"), (3, "acme"), (4, "globex")]
                .map(|(id, login)| (AccountId::new(id), login.to_owned()))
                .into(),
            repositories: [(RepositoryId::new(6), "acme/web".to_owned())].into(),
            tokens: [(TokenId::new(5), (TokenKind::FineGrained, "ci".to_owned()))].into(),
            ..Names::default()
        }
    }

    /// By olga about ana, ana's token ci, acme/web.
    fn told(action: &str, fields: &[(&str, &str)]) -> String {
        let mut entry = entry(action);
        for (name, value) in fields {
            entry.data.insert((*name).to_owned(), (*value).into());
        }
        sentence(&entry, &names())
    }

    #[test]
    fn an_entry_is_told_as_people_tell_it() {
        let table = [
            (
                "personal_access_token.access_granted",
                "olga approved ana's token ci at acme",
            ),
            (
                "personal_access_token.request_denied",
                "olga denied ana's token ci at acme",
            ),
            ("org.add_member", "olga added ana to acme"),
            ("business.add_admin", "olga made ana an owner of globex"),
            ("repo.create", "olga created acme/web"),
            ("user.suspend", "olga suspended ana"),
            ("from.the_future", "olga did from.the_future"),
        ];
        for (action, expected) in table {
            assert_eq!(told(action, &[]), expected);
        }
    }

    #[test]
    fn a_decision_is_told_with_its_call_and_its_reason() {
        let call = [("method", "GET"), ("path", "/repos/acme/web/issues")];
        assert_eq!(
            told("api.request", &call),
            "ana's token ci was allowed GET /repos/acme/web/issues"
        );
        let refused = [call[0], call[1], ("reason", "missing_permission")];
        assert_eq!(
            told("api.request_refused", &refused),
            "ana's token ci was refused GET /repos/acme/web/issues (missing_permission)"
        );
        let git = [("method", "GIT"), ("path", "acme/web push")];
        assert_eq!(
            told("git.push", &git),
            "ana's token ci was allowed acme/web push"
        );
    }

    #[test]
    fn what_somebody_did_to_themselves_reads_so() {
        let mut entry = entry("personal_access_token.create");
        entry.user = entry.actor.user;
        entry.owner = None;
        assert_eq!(sentence(&entry, &names()), "olga made their token ci");
        entry.action = "org.remove_member".to_owned();
        entry.owner = Some(AccountId::new(3));
        assert_eq!(sentence(&entry, &names()), "olga left acme");
    }

    #[test]
    fn every_action_has_a_sentence_of_its_own() {
        let mut seen = std::collections::BTreeMap::new();
        for action in Action::ALL.iter().filter(|action| action.is_event()) {
            let sentence = told(action.as_str(), &[("permission", "read")]);
            assert!(!sentence.contains(action.as_str()), "{action}: {sentence}");
            let other = seen.insert(sentence.clone(), action);
            assert_eq!(other, None, "{action} is told like another: {sentence}");
        }
    }
}
