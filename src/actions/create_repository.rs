//! Creates a repository: its row and the bare git repository behind it, both or neither.

use super::Context;
use super::repositories::{Bare, RepositoryError, check_free, may_create, name_taken};
use crate::domain::access::rights::Visibility;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::AccountId;
use crate::domain::repository::{Mistake, check_description, check_name, check_visibility};
use crate::git::build::{SampleCommit, build_history};
use crate::git::layout::Layout;
use crate::git::repository::FIRST_BRANCH;
use crate::store::accounts::{self, Account};
use crate::store::repositories::{self, Repository};
use crate::store::{Change, StoreError, Work};

/// A repository to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Its name.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// Who can read it.
    pub visibility: Visibility,
    /// Whether it begins with a README, so that it can be cloned at once.
    pub has_readme: bool,
}

/// Creates a repository at an account.
///
/// The git repository is made aside before the transaction and renamed into its place just before the commit. A crash on
/// the way leaves no row, and a folder that no row leads to, which the next tidying removes.
pub async fn create_repository(
    context: &Context,
    layout: &Layout,
    origin: &Origin,
    by: AccountId,
    owner: AccountId,
    draft: &Draft,
) -> Result<Repository, RepositoryError> {
    let mut bare = Bare::make(layout).await?;
    if draft.has_readme {
        let author = accounts::find(&mut context.store.reader(), by).await?;
        let author = author.ok_or(RepositoryError::NotAllowed)?;
        let first = first_commit(context, &author, draft);
        build_history(bare.path(), &[first]).await?;
    }
    let mut work = context.begin(origin).await?;
    let owner = accounts::find(&mut work, owner).await?;
    let owner = owner.ok_or(RepositoryError::NotFound)?;
    if !may_create(&mut work, by, &owner).await? {
        return Err(RepositoryError::NotAllowed);
    }
    let mistakes = judge(&mut work, &owner, draft).await?;
    if !mistakes.is_empty() {
        return Err(RepositoryError::Mistakes(mistakes));
    }
    let created = enter(&mut work, &owner, draft).await?;
    bare.place(created.id)?;
    context.commit(work).await?;
    bare.keep();
    Ok(created)
}

/// Everything that is wrong with a draft.
async fn judge(
    work: &mut Work,
    owner: &Account,
    draft: &Draft,
) -> Result<Vec<Mistake>, StoreError> {
    let name = match check_name(&draft.name) {
        None => check_free(work, owner, &draft.name, None).await?,
        wrong => wrong,
    };
    let has_enterprise = owner.governed_by().is_some();
    let visibility = check_visibility(&owner.login, has_enterprise, draft.visibility);
    let mistakes = [name, check_description(&draft.description), visibility];
    Ok(mistakes.into_iter().flatten().collect())
}

async fn enter(
    work: &mut Work,
    owner: &Account,
    draft: &Draft,
) -> Result<Repository, RepositoryError> {
    let new = repositories::NewRepository {
        owner: owner.id,
        name: &draft.name,
        description: &draft.description,
        visibility: draft.visibility,
        created_at: work.now(),
    };
    let inserted = repositories::insert(work, &new).await;
    let id = inserted.map_err(|error| name_taken(error, owner, &draft.name))?;
    let created = repositories::find(work, id).await?;
    let created = created.ok_or(StoreError::RowNotFound)?;
    let event = Event::new(Action::RepositoryCreate)
        .owner(owner.id)
        .enterprise(owner.governed_by())
        .repository(id)
        .with("repo", created.full_name())
        .with("visibility", draft.visibility.as_str());
    work.audit(event);
    work.changed(Change::Repository(id));
    Ok(created)
}

fn first_commit(context: &Context, author: &Account, draft: &Draft) -> SampleCommit {
    let mut text = format!("# {}\n", draft.name);
    if !draft.description.is_empty() {
        text = format!("{text}\n{}\n", draft.description);
    }
    let name = if author.name.is_empty() {
        &author.login
    } else {
        &author.name
    };
    SampleCommit {
        branch: FIRST_BRANCH.to_owned(),
        author: name.clone(),
        email: author.email.clone().unwrap_or_default(),
        at: context.clock.now().to_utc(),
        message: "Initial commit".to_owned(),
        files: vec![("README.md".to_owned(), Some(text.into_bytes()))],
    }
}
