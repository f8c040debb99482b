//! One change that an import makes. A step names people and things by login, because those it enters itself have no id
//! before it is carried out.

use std::fmt;

use crate::domain::access::rights::{BasePermission, MemberRole, Visibility};
use crate::domain::account::AccountKind;
use crate::domain::policy::Layer;
use crate::domain::role::RepositoryRole;
use crate::domain::service::Proxy;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::domain::token::secret::SecretHash;

use super::directory::At;

/// An account by what it is and its login or slug.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// What it is.
    pub kind: AccountKind,
    /// Its name in addresses.
    pub login: String,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.kind, self.login)
    }
}

/// A repository by its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryName {
    /// The owner's login.
    pub owner: String,
    /// The name without the owner's.
    pub name: String,
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

/// A policy in words.
fn describe(layer: Layer, kind: TokenKind) -> String {
    let (access, approval, lifetime, exempts) = layer.values();
    let mut words = format!("access `{access}`");
    if kind == TokenKind::FineGrained {
        words = format!("{words}, approval `{approval}`");
    }
    words = format!("{words}, longest life {lifetime}");
    if exempts {
        words.push_str(", administrators exempt");
    }
    words
}

/// What describes a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceDescription {
    /// Its name.
    pub name: String,
    /// The catalog of its endpoints.
    pub catalog: String,
    /// The headers in which its proxy asks.
    pub proxy: Proxy,
    /// Whether it shows each reader only their own items.
    pub filters: bool,
    /// The hosts that it answers for, in order.
    pub hosts: Vec<String>,
    /// The logins of those whose resources it serves, in order.
    pub owners: Vec<String>,
}

impl ServiceDescription {
    /// The keys in which another description differs.
    pub fn differences(&self, other: &Self) -> Vec<&'static str> {
        let pairs = [
            ("catalog", self.catalog != other.catalog),
            ("proxy", self.proxy != other.proxy),
            ("filters", self.filters != other.filters),
            ("hosts", self.hosts != other.hosts),
            ("owners", self.owners != other.owners),
        ];
        let differing = pairs.into_iter().filter(|(_, differs)| *differs);
        differing.map(|(key, _)| key).collect()
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Enters a user, an organization or an enterprise.
    EnterAccount {
        /// Which.
        account: Named,
        /// Its name in sentences.
        name: String,
        /// Where mails go.
        email: Option<String>,
    },
    /// Gives an account another name in sentences.
    Rename {
        /// Which.
        account: Named,
        /// The new name.
        name: String,
    },
    /// Gives a user another address for mails.
    SetEmail {
        /// Whom.
        user: String,
        /// The new address.
        email: String,
    },
    /// Makes a user an administrator of the installation, or none any more.
    SetSiteAdmin {
        /// Whom.
        user: String,
        /// Which of the two.
        on: bool,
    },
    /// Suspends a user, or lifts the suspension.
    SetSuspended {
        /// Whom.
        user: String,
        /// Which of the two.
        on: bool,
    },
    /// Gives a user's account to an enterprise, or back to the user.
    SetManaged {
        /// Whom.
        user: String,
        /// The enterprise's slug.
        enterprise: Option<String>,
    },
    /// Puts an organization into an enterprise, or takes it out.
    SetEnterprise {
        /// Which.
        organization: String,
        /// The enterprise's slug.
        enterprise: Option<String>,
    },
    /// Changes what an organization gives its members.
    SetBasePermission {
        /// Which.
        organization: String,
        /// The new one.
        base: BasePermission,
    },
    /// Gives a person a role, or another one.
    PutMember {
        /// In which organization or enterprise.
        account: Named,
        /// Whom.
        user: String,
        /// The role.
        role: MemberRole,
        /// The role before.
        before: Option<MemberRole>,
    },
    /// Takes a person's role away.
    RemoveMember {
        /// In which organization or enterprise.
        account: Named,
        /// Whose.
        user: String,
    },
    /// Saves a policy.
    SavePolicy {
        /// Of which organization or enterprise.
        account: Named,
        /// For tokens of which kind.
        kind: TokenKind,
        /// What is set.
        layer: Layer,
        /// When another version was to begin, which this one replaces.
        instead_of: Option<Timestamp>,
    },
    /// Notes that a policy is as the file says already, so that a change elsewhere will be seen.
    NotePolicy {
        /// Of which organization or enterprise.
        account: Named,
        /// For tokens of which kind.
        kind: TokenKind,
        /// What is set.
        layer: Layer,
    },
    /// Enters a repository, with the git repository behind it.
    EnterRepository {
        /// Its names.
        repository: RepositoryName,
        /// What it is about.
        description: String,
        /// Who can read it.
        visibility: Visibility,
        /// The git repository to copy, as the file names it.
        source: Option<At<String>>,
    },
    /// Changes what a repository says about itself.
    SetDescription {
        /// Which.
        repository: RepositoryName,
        /// The new text.
        description: String,
    },
    /// Changes who can read a repository.
    SetVisibility {
        /// Which.
        repository: RepositoryName,
        /// The new one.
        visibility: Visibility,
    },
    /// Gives a person a role on a repository, or another one.
    PutCollaborator {
        /// Which.
        repository: RepositoryName,
        /// Whom.
        user: String,
        /// The role.
        role: RepositoryRole,
        /// The role before.
        before: Option<RepositoryRole>,
    },
    /// Takes a person's role on a repository away.
    RemoveCollaborator {
        /// Which.
        repository: RepositoryName,
        /// Whose.
        user: String,
    },
    /// Opens an issue.
    EnterIssue {
        /// Where.
        repository: RepositoryName,
        /// Who opens it.
        author: String,
        /// One line.
        title: String,
        /// The text.
        body: String,
    },
    /// Enters a service.
    EnterService(ServiceDescription),
    /// Changes what describes a service.
    ChangeService {
        /// As it will be.
        service: ServiceDescription,
        /// What changes.
        changed: Vec<&'static str>,
    },
    /// Gives a service the secret in its file; those before it overlap.
    PutServiceSecret {
        /// Which, by name.
        service: String,
        /// What is kept of the secret.
        hash: SecretHash,
    },
}

impl Step {
    /// Whether people see anything change.
    pub const fn is_visible(&self) -> bool {
        !matches!(self, Self::NotePolicy { .. })
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EnterAccount { .. }
            | Self::Rename { .. }
            | Self::SetEmail { .. }
            | Self::SetSiteAdmin { .. }
            | Self::SetSuspended { .. }
            | Self::SetManaged { .. } => self.describe_account(f),
            Self::SetEnterprise { .. }
            | Self::SetBasePermission { .. }
            | Self::PutMember { .. }
            | Self::RemoveMember { .. }
            | Self::SavePolicy { .. }
            | Self::NotePolicy { .. } => self.describe_organization(f),
            Self::EnterService(service) => write!(f, "new service `{}`", service.name),
            Self::ChangeService { service, changed } => {
                write!(
                    f,
                    "service `{}`: other {}",
                    service.name,
                    changed.join(", ")
                )
            }
            Self::PutServiceSecret { service, .. } => {
                write!(
                    f,
                    "service `{service}`: the secret in its file, which replaces earlier ones within a day"
                )
            }
            _ => self.describe_repository(f),
        }
    }
}

impl Step {
    fn describe_account(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EnterAccount { account, .. } => write!(f, "new {account}"),
            Self::Rename { account, name } => write!(f, "{account}: name `{name}`"),
            Self::SetEmail { user, email } => write!(f, "user `{user}`: email `{email}`"),
            Self::SetSiteAdmin { user, on: true } => {
                write!(f, "user `{user}`: now a site administrator")
            }
            Self::SetSiteAdmin { user, on: false } => {
                write!(f, "user `{user}`: no site administrator any more")
            }
            Self::SetSuspended { user, on: true } => {
                write!(f, "user `{user}`: suspended; tokens and sessions are dead")
            }
            Self::SetSuspended { user, on: false } => {
                write!(f, "user `{user}`: not suspended any more")
            }
            Self::SetManaged { user, enterprise } => match enterprise {
                Some(enterprise) => write!(f, "user `{user}`: managed by `{enterprise}`"),
                None => write!(f, "user `{user}`: not managed any more"),
            },
            _ => Ok(()),
        }
    }

    fn describe_organization(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SetEnterprise {
                organization,
                enterprise,
            } => match enterprise {
                Some(enterprise) => {
                    write!(
                        f,
                        "organization `{organization}`: in enterprise `{enterprise}`"
                    )
                }
                None => write!(
                    f,
                    "organization `{organization}`: in no enterprise any more"
                ),
            },
            Self::SetBasePermission { organization, base } => {
                write!(f, "organization `{organization}`: members get `{base}`")
            }
            Self::PutMember {
                account,
                user,
                role,
                before: None,
            } => write!(f, "{account}: `{user}` joins as {role}"),
            Self::PutMember {
                account,
                user,
                role,
                before: Some(before),
            } => write!(f, "{account}: `{user}` is {role}, was {before}"),
            Self::RemoveMember { account, user } => write!(f, "{account}: `{user}` leaves"),
            Self::SavePolicy {
                account,
                kind,
                layer,
                instead_of,
            } => {
                let (title, policy) = (kind.title(), describe(*layer, *kind));
                write!(f, "{account}: policy for each {title}: {policy}")?;
                match instead_of {
                    Some(at) => write!(
                        f,
                        ", in place of the one that was to begin on {}",
                        at.date()
                    ),
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    fn describe_repository(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EnterRepository {
                repository,
                visibility,
                source,
                ..
            } => match source {
                Some(source) => write!(
                    f,
                    "new {visibility} repository `{repository}`, copied from `{}`",
                    source.value
                ),
                None => write!(f, "new {visibility} repository `{repository}`"),
            },
            Self::SetDescription { repository, .. } => {
                write!(f, "repository `{repository}`: another description")
            }
            Self::SetVisibility {
                repository,
                visibility,
            } => write!(f, "repository `{repository}`: now {visibility}"),
            Self::PutCollaborator {
                repository,
                user,
                role,
                before,
            } => match before {
                Some(before) => write!(
                    f,
                    "repository `{repository}`: `{user}` has `{}`, had `{}`",
                    role.as_str(),
                    before.as_str()
                ),
                None => write!(
                    f,
                    "repository `{repository}`: `{user}` has `{}`",
                    role.as_str()
                ),
            },
            Self::RemoveCollaborator { repository, user } => {
                write!(
                    f,
                    "repository `{repository}`: `{user}` has no role any more"
                )
            }
            Self::EnterIssue {
                repository, title, ..
            } => write!(f, "new issue in `{repository}`: {title}"),
            _ => Ok(()),
        }
    }
}
