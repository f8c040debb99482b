//! What site administrators do to the directory, one verb a file. They decide nothing at any resource.
//!
//! Each act holds whoever acts and the account that it is about until it is committed, in the order of their ids: of two
//! administrators who take each other's administration away at once, the second is none any more, and so the last one
//! can never go.

mod accounts_of;
pub mod create_account;
pub mod describe_account;
pub mod manage_user;
pub mod move_organization;
pub mod rename_account;
pub mod set_owner;
pub mod set_user;

pub use accounts_of::{find_enterprise, find_named_user};

use super::Context;
use crate::domain::account::AccountKind;
use crate::domain::administration::Refusal;
use crate::domain::audit::{Event, Origin};
use crate::domain::ids::AccountId;
use crate::store::accounts::Account;
use crate::store::{StoreError, Work, accounts, administration};

/// Why an act was not done.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// Whoever acts is no site administrator any more.
    #[error("only a site administrator does this")]
    NotAllowed,
    /// The account changed since it was shown.
    #[error("the account changed meanwhile")]
    Moved,
    /// A rule stands against it.
    #[error("{0}")]
    Refused(Refusal),
    /// What was typed cannot be taken.
    #[error("what was typed cannot be taken")]
    Mistakes(Vec<Mistake>),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is wrong with one thing that was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The field's name.
    pub field: &'static str,
    /// What is wrong and what would be right, as a sentence.
    pub message: String,
}

impl Mistake {
    /// A mistake in a field.
    pub fn new(field: &'static str, message: impl Into<String>) -> Self {
        Self {
            field,
            message: message.into(),
        }
    }
}

impl From<Mistake> for AdminError {
    fn from(mistake: Mistake) -> Self {
        Self::Mistakes(vec![mistake])
    }
}

impl From<Refusal> for AdminError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// What acts return.
pub type AdminResult<T = ()> = Result<T, AdminError>;

/// The account that an act is about, as its page showed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// Which.
    pub id: AccountId,
    /// What it is.
    pub kind: AccountKind,
    /// Which version was shown.
    pub rev: i64,
}

impl Target {
    /// The account as it was read.
    pub const fn of(account: &Account) -> Self {
        Self {
            id: account.id,
            kind: account.kind,
            rev: account.rev,
        }
    }
}

/// Begins an act of a site administrator, holding them and whom it is about.
pub(in crate::actions) async fn begin(
    context: &Context,
    origin: &Origin,
    by: AccountId,
    about: &[AccountId],
) -> AdminResult<Work> {
    let mut work = context.begin(origin).await?;
    let mut held: Vec<_> = about.iter().copied().chain([by]).collect();
    held.sort_unstable();
    held.dedup();
    for id in held {
        administration::hold(&mut work, id).await?;
    }
    let actor = accounts::find(&mut work, by).await?;
    match actor {
        Some(actor) if actor.site_admin && !actor.is_suspended() => Ok(work),
        _ => Err(AdminError::NotAllowed),
    }
}

/// Begins an act on an account, which must be as it was shown.
async fn begin_on(
    context: &Context,
    origin: &Origin,
    by: AccountId,
    target: Target,
) -> AdminResult<(Work, Account)> {
    let mut work = begin(context, origin, by, &[target.id]).await?;
    let found = accounts::find(&mut work, target.id).await?;
    let found = found.filter(|found| found.kind == target.kind);
    let found = found.ok_or(AdminError::NotFound)?;
    if !administration::step(&mut work, target.id, target.rev).await? {
        return Err(AdminError::Moved);
    }
    Ok((work, found))
}

/// Puts an account into its columns of an event.
fn about(event: Event, account: &Account) -> Event {
    let event = match account.kind {
        AccountKind::User => event.user(account.id),
        AccountKind::Organization | AccountKind::Enterprise => event.owner(account.id),
    };
    event.enterprise(account.governed_by())
}
