//! The table of what is built in: it drives the dispatch, the root document and the tests of routes.

use std::future::Future;
use std::pin::Pin;
use std::sync::LazyLock;

use super::call::ApiCall;
use super::errors::ApiResult;
use super::{body, management, resources};
use crate::domain::catalog::{Catalog, Endpoint, Method};

/// A handler at work.
pub type Answering = Pin<Box<dyn Future<Output = ApiResult> + Send>>;

/// One operation.
#[derive(Debug)]
pub struct Operation {
    /// How it is called.
    pub method: Method,
    /// Its path, as in the catalog.
    pub template: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// Does it.
    pub handler: fn(ApiCall) -> Answering,
}

impl Operation {
    /// The most bytes of a body that are read; none where no body is.
    pub fn largest_body(&self) -> Option<usize> {
        match self.method {
            Method::Get | Method::Git => None,
            Method::Put if self.waits_for_body() => Some(resources::contents::LARGEST_BODY),
            _ => Some(body::LARGEST),
        }
    }

    /// Whether the decision needs the body: only there stands which branch is written. The handler then asks the gate
    /// by [`super::permit::Permit::settle`], and what was asked before is no use of the token yet.
    pub fn waits_for_body(&self) -> bool {
        self.method != Method::Get && self.template == CONTENTS
    }

    /// Whether it only asks what would be: an allowed call is neither recorded nor a use of the token.
    pub fn is_dry_run(&self) -> bool {
        self.template == "/token/can"
    }
}

/// The template of the operations that write files.
const CONTENTS: &str = "/repos/{owner}/{repo}/contents/{path}";

macro_rules! operations {
    ($($method:ident $template:literal => $($handler:ident)::+, $summary:literal;)+) => {
        &[$(Operation {
            method: Method::$method,
            template: $template,
            summary: $summary,
            handler: |call| Box::pin($($handler)::+(call)),
        }),+]
    };
}

/// Everything that is built in, in the order of the catalog.
pub static OPERATIONS: &[Operation] = operations! {
    Get "/" => resources::service::root, "Get the root document";
    Get "/meta" => resources::service::meta, "Get facts about the service";
    Get "/rate_limit" => resources::service::rate_limit, "Get the rate limits";

    Post "/credentials/revoke" => management::credentials::report, "Report leaked secrets";

    Get "/token" => resources::token::get, "Get the token that asks";
    Post "/token/can" => resources::token::can, "Ask what the token may do";
    Post "/token/rotate" => resources::token::rotate, "Replace the token's secret";
    Delete "/token" => resources::token::delete, "End the token that asks";

    Get "/user" => resources::users::me, "Get the authenticated user";
    Get "/user/orgs" => resources::organizations::mine, "List organizations of the authenticated user";
    Get "/user/repos" => resources::repository_lists::mine, "List repositories of the authenticated user";
    Post "/user/repos" => resources::repositories::create, "Create a repository of the authenticated user";
    Get "/users/{username}" => resources::users::get, "Get a user";
    Get "/users/{username}/repos" => resources::repository_lists::of_user, "List repositories of a user";

    Get "/orgs/{org}" => resources::organizations::get, "Get an organization";
    Get "/orgs/{org}/members" => resources::organizations::members, "List organization members";
    Get "/orgs/{org}/repos" => resources::repository_lists::of_organization, "List organization repositories";
    Post "/orgs/{org}/repos" => resources::repositories::create, "Create an organization repository";

    Get "/orgs/{org}/personal-access-token-requests" => management::requests::list, "List requests for token access";
    Post "/orgs/{org}/personal-access-token-requests" => management::requests::review_many, "Review requests for token access in bulk";
    Post "/orgs/{org}/personal-access-token-requests/{pat_request_id}" => management::requests::review, "Review a request for token access";
    Get "/orgs/{org}/personal-access-token-requests/{pat_request_id}/repositories" => management::requests::repositories, "List the repositories of a request";
    Get "/orgs/{org}/personal-access-tokens" => management::grants::list, "List tokens with access";
    Post "/orgs/{org}/personal-access-tokens" => management::grants::update_many, "Revoke the access of tokens in bulk";
    Post "/orgs/{org}/personal-access-tokens/{pat_id}" => management::grants::update, "Revoke a token's access";
    Get "/orgs/{org}/personal-access-tokens/{pat_id}/repositories" => management::grants::repositories, "List the repositories that a token reaches";
    Get "/orgs/{org}/personal-access-tokens/{pat_id}/usage" => management::grants::usage, "Get how a token was used";
    Get "/orgs/{org}/credential-authorizations" => management::credentials::list, "List classic tokens in use";
    Post "/orgs/{org}/credential-authorizations/revoke-all" => management::credentials::revoke_all, "Cut off every credential";
    Post "/orgs/{org}/credential-authorizations/revoke-credential-type" => management::credentials::revoke_kind, "Cut off credentials of one kind";
    Delete "/orgs/{org}/credential-authorizations/{credential_id}" => management::credentials::remove, "Block a classic token";
    Post "/orgs/{org}/credential-authorizations/{username}/revoke" => management::credentials::revoke_of_user, "Cut off the credentials of a person";
    Post "/orgs/{org}/credential-authorizations/{username}/revoke-credential-type" => management::credentials::revoke_kind_of_user, "Cut off one kind of a person's credentials";

    Post "/enterprises/{enterprise}/credential-authorizations/revoke-all" => management::credentials::revoke_all, "Cut off an enterprise's credentials";
    Post "/enterprises/{enterprise}/credential-authorizations/revoke-credential-type" => management::credentials::revoke_kind, "Cut off one kind in an enterprise";
    Post "/enterprises/{enterprise}/credential-authorizations/{username}/revoke" => management::credentials::revoke_of_user, "Cut off a person in an enterprise";
    Post "/enterprises/{enterprise}/credential-authorizations/{username}/revoke-credential-type" => management::credentials::revoke_kind_of_user, "Cut off one kind of a person's in an enterprise";

    Get "/repos/{owner}/{repo}" => resources::repositories::get, "Get a repository";
    Patch "/repos/{owner}/{repo}" => resources::repositories::update, "Update a repository";
    Delete "/repos/{owner}/{repo}" => resources::repositories::delete, "Delete a repository";
    Get "/repos/{owner}/{repo}/branches" => resources::branches::list, "List branches";
    Get "/repos/{owner}/{repo}/branches/{branch}" => resources::branches::get, "Get a branch";
    Get "/repos/{owner}/{repo}/collaborators" => resources::collaborators::list, "List collaborators";
    Get "/repos/{owner}/{repo}/collaborators/{username}" => resources::collaborators::check, "Check a collaborator";
    Put "/repos/{owner}/{repo}/collaborators/{username}" => resources::collaborators::put, "Add or change a collaborator";
    Delete "/repos/{owner}/{repo}/collaborators/{username}" => resources::collaborators::delete, "Remove a collaborator";
    Get "/repos/{owner}/{repo}/collaborators/{username}/permission" => resources::collaborators::permission, "Get the role of a user";
    Get "/repos/{owner}/{repo}/commits" => resources::commits::list, "List commits";
    Get "/repos/{owner}/{repo}/commits/{ref}" => resources::commits::get, "Get a commit";
    Get "/repos/{owner}/{repo}/contents" => resources::contents::get, "Get the root folder";
    Get "/repos/{owner}/{repo}/contents/{path}" => resources::contents::get, "Get a file or folder";
    Put "/repos/{owner}/{repo}/contents/{path}" => resources::contents::put, "Create or update a file";
    Delete "/repos/{owner}/{repo}/contents/{path}" => resources::contents::delete, "Delete a file";

    Get "/repos/{owner}/{repo}/git/ref/{ref}" => resources::refs::get, "Get a reference";
    Get "/repos/{owner}/{repo}/tags" => resources::tags::list, "List tags";

    Get "/repos/{owner}/{repo}/issues" => resources::issues::list, "List issues";
    Post "/repos/{owner}/{repo}/issues" => resources::issues::create, "Create an issue";
    Get "/repos/{owner}/{repo}/issues/{issue_number}" => resources::issues::get, "Get an issue";
    Patch "/repos/{owner}/{repo}/issues/{issue_number}" => resources::issues::update, "Update an issue";
    Get "/repos/{owner}/{repo}/issues/{issue_number}/comments" => resources::comments::of_issue, "List issue comments";
    Post "/repos/{owner}/{repo}/issues/{issue_number}/comments" => resources::comments::create, "Create an issue comment";
    Get "/repos/{owner}/{repo}/issues/comments" => resources::comments::list, "List issue comments of a repository";
    Get "/repos/{owner}/{repo}/issues/comments/{comment_id}" => resources::comments::get, "Get an issue comment";
    Patch "/repos/{owner}/{repo}/issues/comments/{comment_id}" => resources::comments::update, "Update an issue comment";
    Delete "/repos/{owner}/{repo}/issues/comments/{comment_id}" => resources::comments::delete, "Delete an issue comment";
};

/// The operations by the place of their endpoint in the catalog.
static BY_ENDPOINT: LazyLock<Vec<Option<&'static Operation>>> = LazyLock::new(|| {
    let find = |endpoint: &Endpoint| {
        let is_it = |operation: &&Operation| {
            operation.method == endpoint.method && operation.template == endpoint.template
        };
        OPERATIONS.iter().find(is_it)
    };
    Catalog::github().endpoints().iter().map(find).collect()
});

/// The operation at an endpoint; none where the catalog describes more than is built in.
pub(super) fn of(endpoint: &Endpoint) -> Option<&'static Operation> {
    BY_ENDPOINT.get(endpoint.id.index()).copied().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_an_endpoint_in_the_catalog() {
        let known = BY_ENDPOINT.iter().flatten().count();
        assert_eq!(
            known,
            OPERATIONS.len(),
            "an operation is missing in the catalog, or stands twice"
        );
    }

    #[test]
    fn every_endpoint_of_the_catalog_is_built_in() {
        let missing = Catalog::github()
            .endpoints()
            .iter()
            .filter(|endpoint| endpoint.method != Method::Git && of(endpoint).is_none());
        let missing: Vec<_> = missing
            .map(|endpoint| (endpoint.method, &endpoint.template))
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
