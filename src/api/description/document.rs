//! The OpenAPI document, made from the table of operations and the catalog. It is made once: nothing in it depends on
//! the installation.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{
    HttpMethod, OperationBuilder, ParameterBuilder, ParameterIn, PathItemBuilder,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, ComponentsBuilder, Content, InfoBuilder, OpenApi, OpenApiBuilder, PathsBuilder,
    Required, ResponseBuilder, ResponsesBuilder, Server, Tag,
};

use super::parameters::PAGING;
use super::shape::Shape;
use super::shapes::ERROR;
use super::{Doc, Parameter};
use crate::api::PREFIX;
use crate::api::operation::{OPERATIONS, Operation, endpoint_of};
use crate::app::App;
use crate::domain::access::explain::sets_words;
use crate::domain::catalog::{Catalog, Endpoint, Freedom, Method};

/// Where the document is served.
const ADDRESS: &str = "/api/openapi.json";

static JSON: LazyLock<String> = LazyLock::new(|| {
    let document = document().to_pretty_json();
    document.expect("the document is made of texts, numbers and lists")
});

/// Serves the document.
pub fn router() -> Router<App> {
    Router::new().route(ADDRESS, get(serve))
}

async fn serve() -> Response {
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, JSON.as_str()).into_response()
}

/// The document.
pub fn document() -> OpenApi {
    let about = "Tokens, their approval and their policies, and the repositories that they reach. Each operation says \
                 which permission a fine-grained token needs.";
    let info = InfoBuilder::new()
        .title("Grantry")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(about));
    let tags = groups().into_iter().map(|(name, _)| Tag::new(name));
    OpenApiBuilder::new()
        .info(info.build())
        .servers(Some([Server::new(PREFIX)]))
        .tags(Some(tags))
        .paths(paths())
        .components(Some(components()))
        .build()
}

/// The operations in groups, each under the heading that people look for, in the order of the table.
pub fn groups() -> Vec<(&'static str, Vec<&'static Operation>)> {
    let mut groups: Vec<(&'static str, Vec<_>)> = Vec::new();
    for operation in OPERATIONS {
        let name = group(operation.template);
        match groups.iter_mut().find(|(known, _)| *known == name) {
            Some((_, operations)) => operations.push(operation),
            None => groups.push((name, vec![operation])),
        }
    }
    groups
}

fn group(template: &str) -> &'static str {
    let has = |word: &str| template.contains(word);
    let git = ["/branches", "/commits", "/contents", "/git/", "/tags"];
    match () {
        () if has("/personal-access-token-polic") => "Policies",
        () if has("/personal-access-token") => "Requests and tokens with access",
        () if has("credential") => "Credentials",
        () if has("audit-log") => "Audit log",
        () if has("/token") => "The token that asks",
        () if has("/issues") => "Issues",
        () if git.iter().any(|word| has(word)) => "Git",
        () if has("/repos/") => "Repositories",
        () if has("/user") => "Users",
        () if has("/orgs") => "Organizations",
        () if has("/enterprises") => "Enterprises",
        () => "The service",
    }
}

fn paths() -> PathsBuilder {
    let mut items: BTreeMap<&str, PathItemBuilder> = BTreeMap::new();
    for operation in OPERATIONS {
        let item = items.remove(operation.template).unwrap_or_default();
        let item = item.operation(method(operation.method), described(operation));
        items.insert(operation.template, item);
    }
    items
        .into_iter()
        .fold(PathsBuilder::new(), |paths, (path, item)| {
            paths.path(path, item.build())
        })
}

const fn method(method: Method) -> HttpMethod {
    match method {
        Method::Post => HttpMethod::Post,
        Method::Put => HttpMethod::Put,
        Method::Patch => HttpMethod::Patch,
        Method::Delete => HttpMethod::Delete,
        // No operation of the table is a git operation; a test holds that.
        Method::Get | Method::Git => HttpMethod::Get,
    }
}

fn described(operation: &Operation) -> OperationBuilder {
    let mut described = OperationBuilder::new()
        .tag(group(operation.template))
        .summary(Some(operation.summary))
        .description(Some(needs_of(operation)))
        .operation_id(Some(id(operation)))
        .responses(responses(operation));
    for requirement in security(endpoint_of(operation)) {
        described = described.security(requirement);
    }
    for name in path_parameters(operation.template) {
        described = described.parameter(path_parameter(name));
    }
    for parameter in operation.query() {
        described = described.parameter(query_parameter(&parameter));
    }
    if operation.doc.is_conditional {
        let about = "The `ETag` of the answer that the change is made from.";
        let header = ParameterBuilder::new()
            .name("If-Match")
            .parameter_in(ParameterIn::Header)
            .description(Some(about))
            .required(Required::False)
            .schema(Some(Shape::Text.schema()));
        described = described.parameter(header);
    }
    described.request_body(operation.doc.body.map(|(shape, is_required)| {
        let required = if is_required {
            Required::True
        } else {
            Required::False
        };
        RequestBodyBuilder::new()
            .content("application/json", Content::new(Some(shape.schema())))
            .required(Some(required))
            .build()
    }))
}

/// A name for programs: the published method and path, as one word.
fn id(operation: &Operation) -> String {
    let words = operation.template.split(['/', '{', '}', '-', '_']);
    let words = words.filter(|word| !word.is_empty());
    let method = operation.method.as_str().to_ascii_lowercase();
    let words: Vec<_> = std::iter::once(method.as_str()).chain(words).collect();
    words.join("-")
}

/// Which permission a fine-grained token needs for an operation, in a sentence.
pub fn needs_of(operation: &Operation) -> String {
    endpoint_of(operation).map_or_else(String::new, |endpoint| needs(Catalog::github(), endpoint))
}

fn needs(catalog: &Catalog, endpoint: &Endpoint) -> String {
    match endpoint.freedom {
        Freedom::Open => "Needs no token.".to_owned(),
        Freedom::Free if endpoint.public_readable => {
            "Needs no permission, and no token.".to_owned()
        }
        Freedom::Free => "Needs a token, and no permission.".to_owned(),
        Freedom::Bound => {
            let sets = sets_words(catalog, &endpoint.sets);
            let public = if endpoint.public_readable {
                " What is public needs none."
            } else {
                ""
            };
            format!("Needs `{sets}`.{public}")
        }
        Freedom::Closed => "Needs what no token can hold.".to_owned(),
    }
}

fn security(endpoint: Option<&Endpoint>) -> Vec<SecurityRequirement> {
    let nothing: [&str; 0] = [];
    let mut schemes = vec![
        SecurityRequirement::new("bearer", nothing),
        SecurityRequirement::new("basic", nothing),
    ];
    let is_open =
        |endpoint: &Endpoint| endpoint.public_readable || endpoint.freedom == Freedom::Open;
    if endpoint.is_some_and(is_open) {
        schemes.push(SecurityRequirement::default());
    }
    schemes
}

/// The names of the parameters in a template, in its order.
fn path_parameters(template: &str) -> impl Iterator<Item = &str> {
    template.split('/').filter_map(|segment| {
        let name = segment.strip_prefix('{')?;
        name.strip_suffix('}')
    })
}

fn path_parameter(name: &str) -> ParameterBuilder {
    let is_number = name.ends_with("_id") || name.ends_with("_number");
    let shape = if is_number {
        Shape::Integer
    } else {
        Shape::Text
    };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .schema(Some(shape.schema()))
}

fn query_parameter(parameter: &Parameter) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(parameter.name)
        .parameter_in(ParameterIn::Query)
        .description(Some(parameter.about))
        .required(Required::False)
        .schema(Some(parameter.shape.schema()))
}

/// Every status with the form of its answer: what goes well, and what may be refused.
fn responses(operation: &Operation) -> ResponsesBuilder {
    let answer = operation.doc.answer;
    let mut responses = ResponsesBuilder::new();
    for status in operation.doc.successes() {
        let mut response = ResponseBuilder::new().description(meaning(status));
        if let Some(shape) = answer.shape {
            let content = Content::new(Some(shape.schema()));
            response = response.content("application/json", content);
        }
        if answer.is_page {
            let link = HeaderBuilder::new()
                .schema(Some(Shape::Text.schema()))
                .description(Some("The pages around this one."));
            response = response.header("Link", link.build());
        }
        responses = responses.response(status.to_string(), response);
    }
    for status in operation.refusals() {
        let content = Content::new(Some(Shape::Named(&ERROR).schema()));
        let response = ResponseBuilder::new()
            .description(meaning(status))
            .content("application/json", content);
        responses = responses.response(status.to_string(), response);
    }
    responses
}

/// What a status says.
pub const fn meaning(status: u16) -> &'static str {
    match status {
        200 => "Here it is.",
        201 => "It was made.",
        202 => "It was taken on.",
        204 => "It is done.",
        400 => "The request cannot be read in one way only.",
        401 => "The token is not good.",
        403 => "The token may not do this; `reason`, `needed` and `held` say why.",
        404 => "It does not exist, or the token may not know of it.",
        409 => "It is in a state in which this cannot be done.",
        412 => "It changed since it was read.",
        413 => "The body is too large.",
        422 => "A value cannot be used; `errors` names each.",
        428 => "`If-Match` is missing.",
        429 => "The caller has made too many calls; `Retry-After` says when to go on.",
        503 => "It cannot be known now: ask again in a second.",
        _ => "The server failed.",
    }
}

fn components() -> Components {
    let mut named = vec![&ERROR];
    ERROR.shape.named(&mut named);
    for Doc { body, answer, .. } in OPERATIONS.iter().map(|operation| &operation.doc) {
        let shapes = body.map(|(shape, _)| shape).into_iter().chain(answer.shape);
        shapes.for_each(|shape| shape.named(&mut named));
    }
    let basic = "The token as the password; the user's name is not looked at.";
    let schemes = [
        ("bearer", Http::builder().scheme(HttpAuthScheme::Bearer)),
        (
            "basic",
            Http::builder()
                .scheme(HttpAuthScheme::Basic)
                .description(Some(basic)),
        ),
    ];
    let components = schemes
        .into_iter()
        .fold(ComponentsBuilder::new(), |all, (name, scheme)| {
            all.security_scheme(name, SecurityScheme::Http(scheme.build()))
        });
    let add = |all: ComponentsBuilder, named: &super::Named| {
        all.schema(named.key(), named.shape.schema())
    };
    named.into_iter().fold(components, add).build()
}

impl Doc {
    /// Every status with which it goes well.
    pub fn successes(&self) -> Vec<u16> {
        let also = self.makes_too.then_some(201);
        std::iter::once(self.answer.status).chain(also).collect()
    }
}

impl Operation {
    /// Every value of the query that it reads.
    pub fn query(&self) -> Vec<Parameter> {
        let paging = if self.doc.answer.is_page { PAGING } else { &[] };
        [self.doc.query, paging].concat()
    }

    /// Every status with which it refuses, in order: what any call may meet, and its own.
    pub fn refusals(&self) -> Vec<u16> {
        let mut statuses = vec![400, 401, 403, 404, 429, 500, 503];
        if self.largest_body().is_some() {
            statuses.push(413);
        }
        if self.doc.body.is_some() || !self.query().is_empty() {
            statuses.push(422);
        }
        statuses.extend(self.doc.refusals);
        statuses.sort_unstable();
        statuses.dedup();
        statuses
    }
}
