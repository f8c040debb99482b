//! The table of what is built in: it drives the dispatch, the root document, the description and the tests of routes.

use std::future::Future;
use std::pin::Pin;
use std::sync::LazyLock;

use super::call::ApiCall;
use super::description::Doc;
use super::description::shape::Shape::{List, Named as Name};
use super::description::shapes::{
    AUDIT_ENTRY, AUTHORIZATION, BRANCH, COLLABORATOR, COLLABORATOR_PERMISSION, COMMENT, COMMIT,
    CUT_OFF, DECISIONS, EMPTY, ENTERPRISE_POLICY, FILE_COMMIT, FULL_REPOSITORY, GIT_REF, GRANT,
    ISSUE, META, MINIMAL_REPOSITORY, ORGANIZATION, POLICY, POLICY_PREVIEW, PUBLIC_USER,
    RATE_LIMITS, REQUEST, ROOT, ROTATED, SHORT_BRANCH, SIMPLE_ORGANIZATION, SIMPLE_USER, TAG,
    TOKEN, USAGE,
};
use super::description::{bodies, parameters, shapes};
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
    /// What it takes and gives.
    pub doc: Doc,
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
    ($($method:ident $template:literal => $($handler:ident)::+, $summary:literal, $doc:expr;)+) => {
        &[$(Operation {
            method: Method::$method,
            template: $template,
            summary: $summary,
            doc: $doc,
            handler: |call| Box::pin($($handler)::+(call)),
        }),+]
    };
}

/// Everything that is built in, in the order of the catalog.
pub static OPERATIONS: &[Operation] = operations! {
    Get "/" => resources::service::root, "Get the root document",
        Doc::gives(Name(&ROOT));
    Get "/meta" => resources::service::meta, "Get facts about the service",
        Doc::gives(Name(&META));
    Get "/rate_limit" => resources::service::rate_limit, "Get the rate limits",
        Doc::gives(Name(&RATE_LIMITS));

    Post "/credentials/revoke" => management::credentials::report, "Report leaked secrets",
        Doc::accepts(EMPTY).takes(bodies::LEAKS);

    Get "/token" => resources::token::get, "Get the token that asks",
        Doc::gives(Name(&TOKEN));
    Post "/token/can" => resources::token::can, "Ask what the token may do",
        Doc::gives(Name(&DECISIONS)).takes(bodies::QUESTIONS);
    Post "/token/rotate" => resources::token::rotate, "Replace the token's secret",
        Doc::makes(Name(&ROTATED)).may_take(bodies::ROTATION).or(&[409]);
    Delete "/token" => resources::token::delete, "End the token that asks",
        Doc::does();

    Get "/user" => resources::users::me, "Get the authenticated user",
        Doc::gives(Name(&PUBLIC_USER));
    Get "/user/orgs" => resources::organizations::mine, "List organizations of the authenticated user",
        Doc::pages(&Name(&SIMPLE_ORGANIZATION));
    Get "/user/repos" => resources::repository_lists::mine, "List repositories of the authenticated user",
        Doc::pages(&Name(&FULL_REPOSITORY)).query(parameters::MY_REPOSITORIES);
    Post "/user/repos" => resources::repositories::create, "Create a repository of the authenticated user",
        Doc::makes(Name(&FULL_REPOSITORY)).takes(bodies::REPOSITORY);
    Get "/users/{username}" => resources::users::get, "Get a user",
        Doc::gives(Name(&PUBLIC_USER));
    Get "/users/{username}/repos" => resources::repository_lists::of_user, "List repositories of a user",
        Doc::pages(&Name(&FULL_REPOSITORY)).query(parameters::USER_REPOSITORIES);

    Get "/orgs/{org}" => resources::organizations::get, "Get an organization",
        Doc::gives(Name(&ORGANIZATION));
    Get "/orgs/{org}/members" => resources::organizations::members, "List organization members",
        Doc::pages(&Name(&SIMPLE_USER)).query(parameters::MEMBERS);
    Get "/orgs/{org}/repos" => resources::repository_lists::of_organization, "List organization repositories",
        Doc::pages(&Name(&FULL_REPOSITORY)).query(parameters::ORGANIZATION_REPOSITORIES);
    Post "/orgs/{org}/repos" => resources::repositories::create, "Create an organization repository",
        Doc::makes(Name(&FULL_REPOSITORY)).takes(bodies::REPOSITORY);

    Get "/orgs/{org}/personal-access-token-requests" => management::requests::list, "List requests for token access",
        Doc::pages(&Name(&REQUEST)).query(parameters::ACCESS);
    Post "/orgs/{org}/personal-access-token-requests" => management::requests::review_many, "Review requests for token access in bulk",
        Doc::accepts(EMPTY).takes(bodies::REVIEW_MANY);
    Post "/orgs/{org}/personal-access-token-requests/{pat_request_id}" => management::requests::review, "Review a request for token access",
        Doc::does().takes(bodies::REVIEW);
    Get "/orgs/{org}/personal-access-token-requests/{pat_request_id}/repositories" => management::requests::repositories, "List the repositories of a request",
        Doc::pages(&Name(&MINIMAL_REPOSITORY));
    Get "/orgs/{org}/personal-access-tokens" => management::grants::list, "List tokens with access",
        Doc::pages(&Name(&GRANT)).query(parameters::ACCESS);
    Post "/orgs/{org}/personal-access-tokens" => management::grants::update_many, "Revoke the access of tokens in bulk",
        Doc::accepts(EMPTY).takes(bodies::REVOKE_MANY);
    Post "/orgs/{org}/personal-access-tokens/{pat_id}" => management::grants::update, "Revoke a token's access",
        Doc::does().takes(bodies::REVOKE);
    Get "/orgs/{org}/personal-access-tokens/{pat_id}/repositories" => management::grants::repositories, "List the repositories that a token reaches",
        Doc::pages(&Name(&MINIMAL_REPOSITORY));
    Get "/orgs/{org}/personal-access-tokens/{pat_id}/usage" => management::grants::usage, "Get how a token was used",
        Doc::gives(Name(&USAGE)).query(parameters::DAYS);
    Get "/orgs/{org}/personal-access-token-policy" => management::policies::get, "Get the policy for tokens",
        Doc::gives(Name(&POLICY)).query(parameters::KIND);
    Put "/orgs/{org}/personal-access-token-policy" => management::policies::put, "Save the policy for tokens",
        Doc::gives(Name(&POLICY)).query(parameters::KIND).takes(bodies::POLICY).conditional().or(&[409, 412, 428]);
    Post "/orgs/{org}/personal-access-token-policy/preview" => management::policies::preview, "Preview a policy for tokens",
        Doc::gives(Name(&POLICY_PREVIEW)).query(parameters::KIND).takes(bodies::POLICY);
    Get "/orgs/{org}/personal-access-token-policy/exemptions" => management::policies::exemptions, "List exemptions from the policy",
        Doc::gives(shapes::EXEMPTIONS);
    Get "/orgs/{org}/credential-authorizations" => management::credentials::list, "List classic tokens in use",
        Doc::pages(&Name(&AUTHORIZATION)).query(parameters::LOGIN);
    Post "/orgs/{org}/credential-authorizations/revoke-all" => management::credentials::revoke_all, "Cut off every credential",
        Doc::accepts(Name(&CUT_OFF));
    Post "/orgs/{org}/credential-authorizations/revoke-credential-type" => management::credentials::revoke_kind, "Cut off credentials of one kind",
        Doc::accepts(Name(&CUT_OFF)).takes(bodies::CREDENTIALS);
    Delete "/orgs/{org}/credential-authorizations/{credential_id}" => management::credentials::remove, "Block a classic token",
        Doc::does();
    Post "/orgs/{org}/credential-authorizations/{username}/revoke" => management::credentials::revoke_of_user, "Cut off the credentials of a person",
        Doc::accepts(Name(&CUT_OFF));
    Post "/orgs/{org}/credential-authorizations/{username}/revoke-credential-type" => management::credentials::revoke_kind_of_user, "Cut off one kind of a person's credentials",
        Doc::accepts(Name(&CUT_OFF)).takes(bodies::CREDENTIALS);

    Get "/enterprises/{enterprise}/personal-access-token-policy" => management::policies::get, "Get the policy for enterprise tokens",
        Doc::gives(Name(&ENTERPRISE_POLICY)).query(parameters::KIND);
    Put "/enterprises/{enterprise}/personal-access-token-policy" => management::policies::put, "Save the policy for enterprise tokens",
        Doc::gives(Name(&ENTERPRISE_POLICY)).query(parameters::KIND).takes(bodies::ENTERPRISE_POLICY).conditional().or(&[409, 412, 428]);
    Post "/enterprises/{enterprise}/personal-access-token-policy/preview" => management::policies::preview, "Preview a policy for enterprise tokens",
        Doc::gives(Name(&POLICY_PREVIEW)).query(parameters::KIND).takes(bodies::ENTERPRISE_POLICY);
    Get "/enterprises/{enterprise}/personal-access-token-policy/exemptions" => management::policies::exemptions, "List exemptions from the enterprise policy",
        Doc::gives(shapes::EXEMPTIONS);
    Post "/enterprises/{enterprise}/credential-authorizations/revoke-all" => management::credentials::revoke_all, "Cut off an enterprise's credentials",
        Doc::accepts(Name(&CUT_OFF)).may_take(bodies::ENTERPRISE);
    Post "/enterprises/{enterprise}/credential-authorizations/revoke-credential-type" => management::credentials::revoke_kind, "Cut off one kind in an enterprise",
        Doc::accepts(Name(&CUT_OFF)).takes(bodies::ENTERPRISE_CREDENTIALS);
    Post "/enterprises/{enterprise}/credential-authorizations/{username}/revoke" => management::credentials::revoke_of_user, "Cut off a person in an enterprise",
        Doc::accepts(Name(&CUT_OFF)).may_take(bodies::ENTERPRISE);
    Post "/enterprises/{enterprise}/credential-authorizations/{username}/revoke-credential-type" => management::credentials::revoke_kind_of_user, "Cut off one kind of a person's in an enterprise",
        Doc::accepts(Name(&CUT_OFF)).takes(bodies::ENTERPRISE_CREDENTIALS);

    Get "/orgs/{org}/audit-log" => management::audit_log::of_organization, "Get the audit log of an organization",
        Doc::gives(List(&Name(&AUDIT_ENTRY))).query(parameters::AUDIT_LOG);
    Get "/enterprises/{enterprise}/audit-log" => management::audit_log::of_enterprise, "Get the audit log of an enterprise",
        Doc::gives(List(&Name(&AUDIT_ENTRY))).query(parameters::AUDIT_LOG);

    Get "/repos/{owner}/{repo}" => resources::repositories::get, "Get a repository",
        Doc::gives(Name(&FULL_REPOSITORY));
    Patch "/repos/{owner}/{repo}" => resources::repositories::update, "Update a repository",
        Doc::gives(Name(&FULL_REPOSITORY)).may_take(bodies::REPOSITORY_CHANGE).or(&[409]);
    Delete "/repos/{owner}/{repo}" => resources::repositories::delete, "Delete a repository",
        Doc::does().or(&[409]);
    Get "/repos/{owner}/{repo}/branches" => resources::branches::list, "List branches",
        Doc::pages(&Name(&SHORT_BRANCH)).query(parameters::BRANCHES);
    Get "/repos/{owner}/{repo}/branches/{branch}" => resources::branches::get, "Get a branch",
        Doc::gives(Name(&BRANCH));
    Get "/repos/{owner}/{repo}/collaborators" => resources::collaborators::list, "List collaborators",
        Doc::pages(&Name(&COLLABORATOR)).query(parameters::COLLABORATORS);
    Get "/repos/{owner}/{repo}/collaborators/{username}" => resources::collaborators::check, "Check a collaborator",
        Doc::does();
    Put "/repos/{owner}/{repo}/collaborators/{username}" => resources::collaborators::put, "Add or change a collaborator",
        Doc::does().may_take(bodies::COLLABORATOR);
    Delete "/repos/{owner}/{repo}/collaborators/{username}" => resources::collaborators::delete, "Remove a collaborator",
        Doc::does();
    Get "/repos/{owner}/{repo}/collaborators/{username}/permission" => resources::collaborators::permission, "Get the role of a user",
        Doc::gives(Name(&COLLABORATOR_PERMISSION));
    Get "/repos/{owner}/{repo}/commits" => resources::commits::list, "List commits",
        Doc::pages(&Name(&COMMIT)).query(parameters::COMMITS).or(&[409]);
    Get "/repos/{owner}/{repo}/commits/{ref}" => resources::commits::get, "Get a commit",
        Doc::gives(Name(&COMMIT)).or(&[409, 422]);
    Get "/repos/{owner}/{repo}/contents" => resources::contents::get, "Get the root folder",
        Doc::gives(shapes::CONTENTS).query(parameters::REFERENCE);
    Get "/repos/{owner}/{repo}/contents/{path}" => resources::contents::get, "Get a file or folder",
        Doc::gives(shapes::CONTENTS).query(parameters::REFERENCE);
    Put "/repos/{owner}/{repo}/contents/{path}" => resources::contents::put, "Create or update a file",
        Doc::gives(Name(&FILE_COMMIT)).or_makes().takes(bodies::FILE).or(&[409]);
    Delete "/repos/{owner}/{repo}/contents/{path}" => resources::contents::delete, "Delete a file",
        Doc::gives(Name(&FILE_COMMIT)).takes(bodies::FILE_END).or(&[409]);
    Get "/repos/{owner}/{repo}/git/ref/{ref}" => resources::refs::get, "Get a reference",
        Doc::gives(Name(&GIT_REF));
    Get "/repos/{owner}/{repo}/tags" => resources::tags::list, "List tags",
        Doc::pages(&Name(&TAG));

    Get "/repos/{owner}/{repo}/issues" => resources::issues::list, "List issues",
        Doc::pages(&Name(&ISSUE)).query(parameters::ISSUES);
    Post "/repos/{owner}/{repo}/issues" => resources::issues::create, "Create an issue",
        Doc::makes(Name(&ISSUE)).takes(bodies::ISSUE);
    Get "/repos/{owner}/{repo}/issues/{issue_number}" => resources::issues::get, "Get an issue",
        Doc::gives(Name(&ISSUE));
    Patch "/repos/{owner}/{repo}/issues/{issue_number}" => resources::issues::update, "Update an issue",
        Doc::gives(Name(&ISSUE)).may_take(bodies::ISSUE_CHANGE);
    Get "/repos/{owner}/{repo}/issues/{issue_number}/comments" => resources::comments::of_issue, "List issue comments",
        Doc::pages(&Name(&COMMENT)).query(parameters::COMMENTS);
    Post "/repos/{owner}/{repo}/issues/{issue_number}/comments" => resources::comments::create, "Create an issue comment",
        Doc::makes(Name(&COMMENT)).takes(bodies::COMMENT);
    Get "/repos/{owner}/{repo}/issues/comments" => resources::comments::list, "List issue comments of a repository",
        Doc::pages(&Name(&COMMENT)).query(parameters::ALL_COMMENTS);
    Get "/repos/{owner}/{repo}/issues/comments/{comment_id}" => resources::comments::get, "Get an issue comment",
        Doc::gives(Name(&COMMENT));
    Patch "/repos/{owner}/{repo}/issues/comments/{comment_id}" => resources::comments::update, "Update an issue comment",
        Doc::gives(Name(&COMMENT)).takes(bodies::COMMENT);
    Delete "/repos/{owner}/{repo}/issues/comments/{comment_id}" => resources::comments::delete, "Delete an issue comment",
        Doc::does();
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

/// Whether our own API serves an endpoint; the others are guarded where they are served.
pub fn is_served(endpoint: &Endpoint) -> bool {
    of(endpoint).is_some()
}

/// The operation at an endpoint; none where the catalog describes more than is built in.
pub(super) fn of(endpoint: &Endpoint) -> Option<&'static Operation> {
    BY_ENDPOINT.get(endpoint.id.index()).copied().flatten()
}

/// The endpoint of an operation in the catalog.
pub(super) fn endpoint_of(operation: &Operation) -> Option<&'static Endpoint> {
    Catalog::github().endpoints().iter().find(|endpoint| {
        endpoint.method == operation.method && endpoint.template == operation.template
    })
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
    fn the_catalog_describes_more_than_is_built_in() {
        let guarded = Catalog::github()
            .endpoints()
            .iter()
            .filter(|endpoint| endpoint.method != Method::Git && of(endpoint).is_none());
        assert!(guarded.count() > OPERATIONS.len());
    }
}
