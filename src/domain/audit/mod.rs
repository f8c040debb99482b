//! The audit log: its vocabulary (published names where one fits, the same style where none does), what an entry says,
//! who may see it, and the language in which people look for entries.

mod cursor;
mod entry;
mod filter;
mod operation;
mod phrase;
mod published;
pub mod seal;
mod sentence;
mod span;

use serde_json::{Map, Value};

use super::ids::{AccountId, RepositoryId, TokenId};
use super::token::secret::SecretHash;

pub use cursor::{Key, Source};
pub use entry::{ActorKind, Doer, Entry, LogOf};
pub use filter::{Filter, Known};
pub use operation::Operation;
pub use phrase::{Phrase, PhraseError};
pub use published::{Names, published};
pub use sentence::sentence;
pub use span::Span;

words! {
    /// What happened.
    Action {
        /// A user was entered.
        UserCreate = "user.create",
        /// A user's data changed.
        UserUpdate = "user.update",
        /// A user got another login.
        UserRename = "user.rename",
        /// A user became a site administrator.
        UserPromote = "user.promote",
        /// A user is no site administrator any more.
        UserDemote = "user.demote",
        /// A user was suspended.
        UserSuspend = "user.suspend",
        /// A suspension was lifted.
        UserUnsuspend = "user.unsuspend",
        /// Somebody signed in.
        UserLogin = "user.login",
        /// Somebody signed out.
        UserLogout = "user.logout",
        /// Somebody confirmed with the passkey that it is them.
        UserConfirm = "user.confirm",
        /// A passkey was added.
        PasskeyRegister = "passkey.register",
        /// A passkey got another name.
        PasskeyRename = "passkey.rename",
        /// A passkey was removed.
        PasskeyRemove = "passkey.remove",
        /// Sessions were ended from another one.
        SessionEnd = "session.end",
        /// Recovery codes were made, in place of earlier ones.
        RecoveryCodesCreate = "recovery_codes.create",
        /// A recovery code was used.
        RecoveryCodeUse = "recovery_codes.use",
        /// Somebody tried a recovery code that was not right.
        RecoveryCodeRefuse = "recovery_codes.refuse",
        /// A one-time enrolment link was made.
        EnrolmentCreate = "enrolment.create",
        /// A one-time enrolment link was used.
        EnrolmentUse = "enrolment.use",
        /// An organization was entered.
        OrganizationCreate = "org.create",
        /// An organization's data changed.
        OrganizationUpdate = "org.update",
        /// An organization got another login.
        OrganizationRename = "org.rename",
        /// Somebody joined an organization.
        MemberAdd = "org.add_member",
        /// Somebody's role in an organization changed; an import writes it of those who join as well.
        MemberUpdate = "org.update_member",
        /// Somebody left an organization.
        MemberRemove = "org.remove_member",
        /// Somebody without a membership lost their roles on every repository of an organization.
        OutsideCollaboratorRemove = "org.remove_outside_collaborator",
        /// What an organization gives its members changed.
        BasePermissionUpdate = "org.update_default_repository_permission",
        /// A guarded service was entered.
        ServiceCreate = "service.create",
        /// What describes a guarded service changed.
        ServiceUpdate = "service.update",
        /// A guarded service was removed, and its secrets with it.
        ServiceRemove = "service.destroy",
        /// A guarded service got a new secret.
        ServiceSecretCreate = "service.secret_created",
        /// A secret of a guarded service was ended before its time.
        ServiceSecretEnd = "service.secret_ended",
        /// An enterprise was entered.
        EnterpriseCreate = "business.create",
        /// An enterprise's data changed.
        EnterpriseUpdate = "business.update",
        /// An enterprise got another slug.
        EnterpriseRename = "business.rename_slug",
        /// An organization joined an enterprise.
        EnterpriseAddOrganization = "business.add_organization",
        /// An organization left an enterprise.
        EnterpriseRemoveOrganization = "business.remove_organization",
        /// Somebody became an owner of an enterprise.
        EnterpriseAddOwner = "business.add_admin",
        /// Somebody is no owner of an enterprise any more.
        EnterpriseRemoveOwner = "business.remove_admin",
        /// A repository was created.
        RepositoryCreate = "repo.create",
        /// A repository's data changed.
        RepositoryUpdate = "repo.update",
        /// A repository got another name.
        RepositoryRename = "repo.rename",
        /// Other people can read a repository now.
        RepositoryAccess = "repo.access",
        /// A repository was deleted.
        RepositoryDestroy = "repo.destroy",
        /// Somebody became a collaborator, or their role changed.
        CollaboratorUpdate = "repo.update_member",
        /// Somebody is no collaborator any more.
        CollaboratorRemove = "repo.remove_member",
        /// An issue was opened.
        IssueCreate = "issue.create",
        /// An issue was changed.
        IssueUpdate = "issue.update",
        /// A comment was written below an issue.
        CommentCreate = "issue_comment.create",
        /// A comment was changed.
        CommentUpdate = "issue_comment.update",
        /// A comment was deleted.
        CommentDestroy = "issue_comment.destroy",
        /// Commits were pushed by git, or a branch was moved by a commit that the server wrote.
        GitPush = "git.push",
        /// A push by git was refused.
        GitPushRefuse = "git.push_refused",
        /// A repository was cloned or fetched by git.
        GitFetch = "git.fetch",
        /// A clone or fetch by git was refused.
        GitFetchRefuse = "git.fetch_refused",
        /// Somebody took a part of a log away as a file.
        LogExport = "audit_log.export",
        /// Decisions were removed by age.
        LogPrune = "audit_log.prune",
        /// A token was allowed a call.
        ApiRequest = "api.request",
        /// A token was refused a call.
        ApiRefuse = "api.request_refused",
        /// A policy was saved.
        PolicyUpdate = "personal_access_token.policy_updated",
        /// A policy that was to begin later was taken back.
        PolicyCancel = "personal_access_token.policy_cancelled",
        /// A token was spared a policy until a date.
        ExemptionGive = "personal_access_token.exemption_granted",
        /// An exemption was taken back before its date.
        ExemptionEnd = "personal_access_token.exemption_removed",
        /// A classic token was blocked at an organization.
        TokenBlock = "personal_access_token.access_blocked",
        /// A token was made.
        TokenCreate = "personal_access_token.create",
        /// A token's name, description or conditions changed.
        TokenUpdate = "personal_access_token.update",
        /// A token was deleted by its user.
        TokenDestroy = "personal_access_token.destroy",
        /// A token was ended by somebody else.
        TokenRevoke = "personal_access_token.credential_revoked",
        /// A secret was replaced.
        TokenRegenerate = "personal_access_token.credential_regenerated",
        /// A request began to wait.
        RequestCreate = "personal_access_token.request_created",
        /// A request was denied.
        RequestDeny = "personal_access_token.request_denied",
        /// A request was withdrawn or overtaken.
        RequestCancel = "personal_access_token.request_cancelled",
        /// A grant began to work.
        AccessGrant = "personal_access_token.access_granted",
        /// A grant was narrowed by its user.
        AccessUpdate = "personal_access_token.access_updated",
        /// A grant was taken back.
        AccessRevoke = "personal_access_token.access_revoked",
    }
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person in the console.
    Person(AccountId),
    /// A person's token by API or git.
    Token {
        /// The person.
        user: AccountId,
        /// The token.
        token: TokenId,
        /// The secret that was shown.
        secret: SecretHash,
    },
    /// The operator on the command line.
    Operator,
    /// The server itself.
    System,
}

impl Actor {
    /// The person behind it, if any.
    pub const fn user(&self) -> Option<AccountId> {
        match self {
            Self::Person(user) | Self::Token { user, .. } => Some(*user),
            Self::Operator | Self::System => None,
        }
    }

    /// The token that was used, if any.
    pub const fn token(&self) -> Option<(TokenId, SecretHash)> {
        match self {
            Self::Token { token, secret, .. } => Some((*token, *secret)),
            Self::Person(_) | Self::Operator | Self::System => None,
        }
    }

    /// The word under which it is stored.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Person(_) => ActorKind::Person.as_str(),
            Self::Token { .. } => ActorKind::Token.as_str(),
            Self::Operator => ActorKind::Operator.as_str(),
            Self::System => ActorKind::System.as_str(),
        }
    }
}

/// Where a change comes from: who, and the request that carried it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Who.
    pub actor: Actor,
    /// The client's address.
    pub address: Option<String>,
    /// The client's name for itself.
    pub user_agent: Option<String>,
    /// The request's id, as the response carried it.
    pub request_id: Option<String>,
}

impl Origin {
    /// A change made by an actor outside of any request.
    pub const fn of(actor: Actor) -> Self {
        Self {
            actor,
            address: None,
            user_agent: None,
            request_id: None,
        }
    }
}

/// One event, as seen by one owner: an event that concerns two owners is two rows, so that what an owner sees is a
/// plain filter.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// What happened.
    pub action: Action,
    /// The user it is about.
    pub user: Option<AccountId>,
    /// The organization or other owner that it concerns.
    pub owner: Option<AccountId>,
    /// The enterprise that it concerns.
    pub enterprise: Option<AccountId>,
    /// The token.
    pub token: Option<TokenId>,
    /// The repository.
    pub repository: Option<RepositoryId>,
    /// Everything else, by published field names.
    pub data: Map<String, Value>,
}

impl Event {
    /// An event about nothing in particular yet.
    pub fn new(action: Action) -> Self {
        Self {
            action,
            user: None,
            owner: None,
            enterprise: None,
            token: None,
            repository: None,
            data: Map::new(),
        }
    }

    /// About this user.
    #[must_use]
    pub fn user(self, user: AccountId) -> Self {
        Self {
            user: Some(user),
            ..self
        }
    }

    /// Concerning this owner.
    #[must_use]
    pub fn owner(self, owner: AccountId) -> Self {
        Self {
            owner: Some(owner),
            ..self
        }
    }

    /// Concerning this enterprise.
    #[must_use]
    pub fn enterprise(self, enterprise: Option<AccountId>) -> Self {
        Self { enterprise, ..self }
    }

    /// About this token.
    #[must_use]
    pub fn token(self, token: TokenId) -> Self {
        Self {
            token: Some(token),
            ..self
        }
    }

    /// About this repository.
    #[must_use]
    pub fn repository(self, repository: RepositoryId) -> Self {
        Self {
            repository: Some(repository),
            ..self
        }
    }

    /// Done by this actor: what is about no other token names the secret that was shown.
    #[must_use]
    pub fn done_by(self, actor: &Actor) -> Self {
        let Some((token, secret)) = actor.token() else {
            return self;
        };
        let is_its_own = self.token.is_none_or(|about| about == token);
        if is_its_own && !self.data.contains_key("hashed_token") {
            self.with("hashed_token", secret.to_base64())
        } else {
            self
        }
    }

    /// With one more field; an empty text or null is left out.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        match value.into() {
            Value::Null => {}
            Value::String(text) if text.is_empty() => {}
            value => {
                self.data.insert(field.to_owned(), value);
            }
        }
        self
    }
}
