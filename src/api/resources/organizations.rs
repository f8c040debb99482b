//! Organizations and their members.

use std::collections::HashMap;

use serde_json::Value;

use crate::api::call::{ApiCall, ok};
use crate::api::errors::ApiResult;
use crate::api::paging::{self, PageRequest};
use crate::api::shapes::{organization, simple_organization, simple_user};
use crate::domain::access::rights::MemberRole;
use crate::domain::account::AccountKind;
use crate::domain::approval::GrantStanding;
use crate::domain::catalog::Catalog;
use crate::domain::ids::AccountId;
use crate::domain::token::TokenKind;
use crate::store::accounts::{self, Account};
use crate::store::repositories;
use crate::store::snapshots::Snapshot;

/// An organization, as anyone sees it.
pub(in crate::api) async fn get(call: ApiCall) -> ApiResult {
    let found = call.permit.account()?;
    let public = repositories::count_public(&mut call.db(), found.id).await?;
    Ok(ok(organization(call.links(), found, public)))
}

/// The user's organizations at which the token counts.
pub(in crate::api) async fn mine(call: ApiCall) -> ApiResult {
    let request = PageRequest::read(&call.query)?;
    let belongings = accounts::list_belongings(&mut call.db(), call.permit.user()?).await?;
    let links = call.links();
    let shown = belongings.into_iter().filter(|belonging| {
        let is_named = |token| names(call.app.context.catalog, token, belonging.account_id);
        belonging.kind == AccountKind::Organization && call.permit.token().is_some_and(is_named)
    });
    let (items, rest) = request.cut(shown.collect());
    let items = items
        .iter()
        .map(|item| simple_organization(links, item.account_id.get(), &item.login))
        .collect();
    Ok(paging::page(&call, request, items, rest))
}

/// Whether a token may tell that its user belongs to this organization.
fn names(catalog: &Catalog, token: &Snapshot, organization: AccountId) -> bool {
    match token.facts.kind {
        TokenKind::FineGrained => token
            .facts
            .grant_at(organization)
            .is_some_and(|grant| grant.standing == GrantStanding::Active),
        TokenKind::Classic => ["read:org", "user"].iter().any(|name| {
            let scope = catalog.find_scope(name);
            scope.is_some_and(|scope| token.facts.scopes.covers(scope))
        }),
    }
}

/// Owners and members, by login.
pub(in crate::api) async fn members(call: ApiCall) -> ApiResult {
    let request = PageRequest::read(&call.query)?;
    let role = call.query.word("role", &["all", "admin", "member"])?;
    call.query.word("filter", &["all"])?;
    let id = call.permit.account()?.id;
    let mut members = accounts::list_members(&mut call.db(), id).await?;
    members.retain(|member| match role {
        "admin" => member.role == MemberRole::Owner,
        "member" => member.role == MemberRole::Member,
        _ => true,
    });
    let (members, rest) = request.cut(members);
    let people = people(&call, members.iter().map(|member| member.user_id)).await?;
    let items = members.iter().filter_map(|member| {
        let account = people.get(&member.user_id)?;
        Some(simple_user(call.links(), account))
    });
    let items: Vec<Value> = items.collect();
    Ok(paging::page(&call, request, items, rest))
}

/// The accounts with these ids.
pub(in crate::api) async fn people(
    call: &ApiCall,
    ids: impl Iterator<Item = AccountId>,
) -> ApiResult<HashMap<AccountId, Account>> {
    let mut ids: Vec<_> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    let accounts = accounts::list_by_ids(&mut call.db(), &ids).await?;
    Ok(accounts
        .into_iter()
        .map(|account| (account.id, account))
        .collect())
}
