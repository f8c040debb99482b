//! What a link adds to an edit: `owner`, `repository` and `<permission>=level`, in the words of template links. The page
//! of a token leads here from a refusal, with exactly what would have allowed the call. Nothing is saved by it.

use super::Visit;
use crate::domain::catalog::Catalog;
use crate::domain::permission::{Group, Level};
use crate::domain::selection::SelectionKind;
use crate::store::{repositories, rights};
use crate::web::error::PageResult;
use crate::web::form::Fields;
use crate::web::pages::tokens::form::{Answers, DeskOwner};

/// Adds what the query names to the answers, and tells what was added and what could not be. Whether anything was.
pub(super) async fn apply(
    visit: &Visit,
    query: &Fields,
    answers: &mut Answers,
    notes: &mut Vec<String>,
) -> PageResult<bool> {
    let login = query.get("owner");
    if login.is_empty() {
        return Ok(false);
    }
    let Some(owner) = visit.sheet.desk.owner_named(login) else {
        notes.push(format!(
            "The link names the owner `{}`, which you cannot choose.",
            short(login)
        ));
        return Ok(false);
    };
    if answers.section(owner.account.id).is_none()
        && let Some(why) = owner.restriction()
    {
        notes.push(why);
        return Ok(false);
    }
    answers.choose(owner.account.id);
    let mut added = Vec::new();
    for (slug, word) in query.pairs() {
        if ["owner", "repository"].contains(&slug) {
            continue;
        }
        match permission(visit.sheet.app.context.catalog, owner, slug, word) {
            Some((group, id, level, title)) => {
                let section = answers.choose(owner.account.id);
                section.permissions.insert(id, level);
                if group == Group::Repository {
                    section.kind = named(section.kind, owner);
                }
                added.push(format!("`{title}`: {level}"));
            }
            None => notes.push(format!(
                "The link asks for `{}={}`, which cannot be held at {}: it was left out.",
                short(slug),
                short(word),
                owner.account.login
            )),
        }
    }
    for name in query.all("repository") {
        match repository(visit, owner, answers, name).await? {
            Some(full_name) => added.push(full_name),
            None => notes.push(format!(
                "The link names the repository `{}`, which you cannot choose at {}.",
                short(name),
                owner.account.login
            )),
        }
    }
    if !added.is_empty() {
        let (what, login) = (added.join(", "), &owner.account.login);
        notes.insert(0, format!("Added at {login}, and not saved yet: {what}."));
    }
    Ok(!added.is_empty())
}

fn permission<'c>(
    catalog: &'c Catalog,
    owner: &DeskOwner,
    slug: &str,
    word: &str,
) -> Option<(
    Group,
    crate::domain::permission::PermissionId,
    Level,
    &'c str,
)> {
    let permission = catalog.find_permission(slug)?;
    let level: Level = word.parse().ok()?;
    permission.level(level)?;
    let fits = owner.choice.offers(permission.group) && !permission.automatic;
    fits.then_some((
        permission.group,
        permission.id,
        level,
        permission.title.as_str(),
    ))
}

/// A permission on repositories asks for named ones, where only public ones were chosen.
fn named(kind: Option<SelectionKind>, owner: &DeskOwner) -> Option<SelectionKind> {
    match kind {
        Some(SelectionKind::All | SelectionKind::Selected) => kind,
        _ => owner
            .kinds()
            .contains(&SelectionKind::Selected)
            .then_some(SelectionKind::Selected),
    }
}

/// Picks a repository by its name, if its owner has it and the user may choose it; its full name.
async fn repository(
    visit: &Visit,
    owner: &DeskOwner,
    answers: &mut Answers,
    name: &str,
) -> PageResult<Option<String>> {
    let mut db = visit.sheet.app.context.store.reader();
    let Some(found) = repositories::find_named(&mut db, owner.account.id, name).await? else {
        return Ok(None);
    };
    let (user, relation) = (visit.sheet.signed_in.user.id, owner.choice.relation);
    let id = owner.account.id;
    let kept = rights::filter_selectable(&mut db, user, id, relation, &[found.id]).await?;
    if kept.is_empty() {
        return Ok(None);
    }
    let section = answers.choose(id);
    if section.kind != Some(SelectionKind::All) {
        section.kind = Some(SelectionKind::Selected);
        section.repositories.insert(found.id);
    }
    Ok(Some(found.full_name()))
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}
