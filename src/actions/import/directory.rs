//! What a directory file says: values that could be read, before anything is compared with the database.
//!
//! A key that is absent is `None` and changes nothing; a list that is stated is the whole list.

use crate::domain::access::rights::{BasePermission, Visibility};
use crate::domain::policy::setting::{
    Access, Approval, EnterpriseAccess, EnterpriseApproval, Limit,
};
use crate::domain::role::RepositoryRole;
use crate::domain::service::Proxy;

/// A value and the place it stands at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

/// A place in a directory file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line, counted from 1.
    pub line: usize,
    /// Which table, such as `[[organizations]] number 2`; empty outside of any.
    pub table: String,
    /// Which key; empty for the table itself.
    pub key: String,
}

/// Something in a directory file that cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// Where.
    pub place: Place,
    /// What is wrong and what would be right.
    pub message: String,
}

impl std::fmt::Display for Mistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Place { line, table, key } = &self.place;
        write!(f, "line {line}")?;
        if !table.is_empty() {
            write!(f, ", {table}")?;
        }
        if !key.is_empty() {
            write!(f, ", key `{key}`")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// A whole file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directory {
    /// People.
    pub users: Vec<UserEntry>,
    /// Enterprises.
    pub enterprises: Vec<EnterpriseEntry>,
    /// Organizations.
    pub organizations: Vec<OrganizationEntry>,
    /// Repositories.
    pub repositories: Vec<RepositoryEntry>,
    /// Issues, each entered once.
    pub issues: Vec<IssueEntry>,
    /// Guarded services.
    pub services: Vec<ServiceEntry>,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserEntry {
    /// The name in addresses.
    pub login: At<String>,
    /// The name in sentences.
    pub name: Option<String>,
    /// Where mails go.
    pub email: Option<String>,
    /// Whether they run the installation.
    pub site_admin: Option<bool>,
    /// Whether they may do nothing.
    pub suspended: Option<bool>,
}

/// A list of people, each with the place of the name.
pub type People = Vec<At<String>>;

/// An enterprise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnterpriseEntry {
    /// The name in addresses.
    pub slug: At<String>,
    /// The name in sentences.
    pub name: Option<String>,
    /// Who owns it.
    pub owners: Option<At<People>>,
    /// Whose accounts it owns.
    pub managed_users: Option<At<People>>,
    /// What it sets for fine-grained tokens and for classic ones.
    pub policies: Policies<EnterpriseAccess, EnterpriseApproval>,
}

/// An organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationEntry {
    /// The name in addresses.
    pub login: At<String>,
    /// The name in sentences.
    pub name: Option<String>,
    /// Its enterprise; an empty text takes it out of the one it is in.
    pub enterprise: Option<At<String>>,
    /// Who owns it.
    pub owners: Option<At<People>>,
    /// Who else belongs to it.
    pub members: Option<At<People>>,
    /// What it gives its members on its repositories.
    pub base_permission: Option<BasePermission>,
    /// What it sets for fine-grained tokens and for classic ones.
    pub policies: Policies<Access, Approval>,
}

/// What is set for tokens of both kinds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policies<A, B> {
    /// For fine-grained tokens.
    pub fine_grained: Option<At<PolicyEntry<A, B>>>,
    /// For classic tokens.
    pub classic: Option<At<PolicyEntry<A, B>>>,
}

/// What is set for tokens of one kind; what is absent stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyEntry<A, B> {
    /// Whether tokens reach it.
    pub access: Option<A>,
    /// Whether its owners must approve them.
    pub approval: Option<B>,
    /// The longest life.
    pub lifetime: Option<At<Limit>>,
    /// Whether the limit spares the enterprise's owners.
    pub exempt_administrators: Option<bool>,
}

/// A repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryEntry {
    /// Its owner.
    pub owner: At<String>,
    /// Its name without the owner's.
    pub name: At<String>,
    /// What it is about.
    pub description: Option<String>,
    /// Who can read it; a new one is private unless this says otherwise.
    pub visibility: Option<At<Visibility>>,
    /// Who has a role on it besides its owner's people.
    pub collaborators: Option<Vec<Collaborator>>,
    /// A git repository to copy when this one is entered.
    pub source: Option<At<String>>,
}

/// A person with a role on a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collaborator {
    /// Who.
    pub user: At<String>,
    /// The role.
    pub role: RepositoryRole,
}

/// An issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueEntry {
    /// `owner/name`.
    pub repository: At<String>,
    /// Who opens it.
    pub author: At<String>,
    /// One line.
    pub title: At<String>,
    /// The text.
    pub body: String,
}

/// A service that may ask about tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceEntry {
    /// Its name.
    pub name: At<String>,
    /// The file that holds its secret.
    pub secret_file: Option<At<String>>,
    /// The catalog of its endpoints.
    pub catalog: Option<At<String>>,
    /// The hosts that it answers for; an empty list is any.
    pub hosts: Option<At<Vec<At<String>>>>,
    /// The headers in which its proxy asks.
    pub proxy: Option<Proxy>,
    /// Whether it shows each reader only their own items.
    pub filters: Option<bool>,
    /// Whose resources it serves; an empty list is everybody's.
    pub owners: Option<At<Vec<At<String>>>>,
}
