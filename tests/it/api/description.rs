//! The description of the API against the table it is made from, against the catalog, and against real answers.
//!
//! Every answer that any test of the API gets passes [`hold`]: a status or a member that the description does not know is
//! a failure of that test.

use std::sync::LazyLock;

use axum::body::Body;
use axum::http::{Method, Request};
use grantry::api::description::document;
use grantry::api::operation::OPERATIONS;
use grantry::domain::catalog::Catalog;
use serde_json::{Value, json};

use super::client::{Answer, send};
use crate::world::World;

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::to_value(document()).expect("the document is JSON"));

/// Holds an answer against the description.
pub fn hold(method: &Method, path: &str, answer: &Answer) {
    let Some(path) = path.strip_prefix("/api/v3") else {
        return;
    };
    // The root folder of a repository is also asked for with a slash at its end.
    let path = match path.strip_suffix("/contents/") {
        Some(repository) => format!("{repository}/contents"),
        None if path.is_empty() => "/".to_owned(),
        None => path.to_owned(),
    };
    let path = path.as_str();
    let is_json = answer.header("content-type") == "application/json";
    let found = Catalog::github().match_endpoint(method.as_str(), path).ok();
    let endpoint = found.map(|found| Catalog::github().endpoint(found.endpoint));
    let place = endpoint.and_then(|endpoint| {
        let method = endpoint.method.as_str().to_ascii_lowercase();
        let described = &DOCUMENT["paths"][&endpoint.template][method.as_str()];
        described.is_object().then_some(described)
    });
    let line = format!("{method} {path}: {}", answer.status);
    let Some(place) = place else {
        if is_json {
            let error = json!({"$ref": "#/components/schemas/Error"});
            check(&answer.json(), &error).unwrap_or_else(|wrong| panic!("{line}: {wrong}"));
        }
        return;
    };
    let response = &place["responses"][answer.status.as_str()];
    assert!(response.is_object(), "{line} is not described");
    let schema = &response["content"]["application/json"]["schema"];
    if schema.is_null() {
        assert!(
            answer.bytes.is_empty(),
            "{line} has a body that is not described"
        );
    } else if is_json && method != Method::HEAD {
        check(&answer.json(), schema).unwrap_or_else(|wrong| panic!("{line}: {wrong}"));
    }
}

/// Checks a value against a schema, more strictly than schemas do: a member that is not described is wrong.
fn check(value: &Value, schema: &Value) -> Result<(), String> {
    if let Some(name) = schema["$ref"].as_str() {
        let place = name.trim_start_matches('#');
        let named = DOCUMENT
            .pointer(place)
            .ok_or(format!("there is no {name}"))?;
        return check(value, named).map_err(|wrong| format!("{name}: {wrong}"));
    }
    if let Some(forms) = schema["oneOf"].as_array() {
        let wrong: Vec<_> = forms
            .iter()
            .filter_map(|form| check(value, form).err())
            .collect();
        return if wrong.len() < forms.len() {
            Ok(())
        } else {
            Err(wrong.join(" and "))
        };
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        return Err(format!("{value} is none of {words:?}"));
    }
    match (schema["type"].as_str(), value) {
        (Some("object"), Value::Object(members)) => {
            let required = schema["required"].as_array();
            let missing = required.into_iter().flatten().find(|name| {
                name.as_str()
                    .is_some_and(|name| !members.contains_key(name))
            });
            if let Some(name) = missing {
                return Err(format!("{name} is missing"));
            }
            for (name, member) in members {
                let known = &schema["properties"][name];
                let form = if known.is_null() {
                    &schema["additionalProperties"]
                } else {
                    known
                };
                if form == &Value::Bool(true) {
                    continue;
                }
                if form.is_null() {
                    return Err(format!("`{name}` is not described"));
                }
                check(member, form).map_err(|wrong| format!("{name}: {wrong}"))?;
            }
            Ok(())
        }
        (Some("array"), Value::Array(items)) => items
            .iter()
            .try_for_each(|item| check(item, &schema["items"])),
        (Some("string"), Value::String(_))
        | (Some("boolean"), Value::Bool(_))
        | (Some("null"), Value::Null) => Ok(()),
        (Some("integer"), Value::Number(number)) if number.is_i64() => Ok(()),
        (kind, value) => Err(format!("{value} is no {kind:?}")),
    }
}

#[test]
fn table_catalog_and_description_say_the_same() {
    let described = DOCUMENT["paths"].as_object().expect("it has paths");
    let count: usize = described
        .values()
        .map(|item| item.as_object().map_or(0, serde_json::Map::len))
        .sum();
    assert_eq!(count, OPERATIONS.len());
    let mut ids = std::collections::BTreeSet::new();
    for operation in OPERATIONS {
        let (method, path) = (operation.method.as_str(), operation.template);
        let place = &described[path][method.to_ascii_lowercase()];
        assert_eq!(place["summary"], operation.summary, "{method} {path}");
        let id = place["operationId"].as_str().expect("it has a name");
        assert!(ids.insert(id), "{id} stands twice");
        assert!(place["tags"][0].is_string(), "{method} {path}");
        let says = place["description"].as_str().unwrap_or_default();
        assert!(says.starts_with("Needs "), "{method} {path}: {says}");
        let endpoints = Catalog::github().endpoints().iter();
        let mut endpoints = endpoints
            .filter(|endpoint| endpoint.method == operation.method && endpoint.template == path);
        let endpoint = endpoints.next().expect("it stands in the catalog");
        for need in endpoint.sets.iter().flatten() {
            let slug = &Catalog::github().permission(need.permission).slug;
            assert!(says.contains(slug), "{method} {path}: {says}");
        }
    }
}

#[test]
fn every_operation_states_its_parameters_bodies_and_statuses() {
    for operation in OPERATIONS {
        let (method, path) = (operation.method.as_str(), operation.template);
        let place = &DOCUMENT["paths"][path][method.to_ascii_lowercase()];
        let parameters = place["parameters"].as_array().cloned().unwrap_or_default();
        let names: Vec<_> = parameters
            .iter()
            .filter(|parameter| parameter["in"] == "path")
            .filter_map(|parameter| parameter["name"].as_str())
            .collect();
        let stated: Vec<_> = path
            .split('/')
            .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
            .collect();
        assert_eq!(names, stated, "{method} {path}");
        for status in ["400", "401", "403", "404", "429", "500", "503"] {
            let error = &place["responses"][status]["content"]["application/json"]["schema"];
            assert_eq!(
                error["$ref"], "#/components/schemas/Error",
                "{method} {path} {status}"
            );
        }
        let has_body = place["requestBody"].is_object();
        assert!(
            !has_body || operation.largest_body().is_some(),
            "{method} {path}"
        );
        assert!(
            place["security"]
                .as_array()
                .is_some_and(|ways| ways.len() >= 2),
            "{method} {path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_description_is_served_to_everybody() {
    let world = World::memory().await;
    let request = Request::get("/api/openapi.json").body(Body::empty());
    let answer = send(&world.app, request.expect("a request")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.json(), *DOCUMENT);
    assert_eq!(answer.json()["openapi"], "3.1.0");
    world.stop().await;
}

/// A schema that nothing refers to, or a reference that leads nowhere, is a mistake.
#[test]
fn every_named_form_is_used_and_every_reference_leads_somewhere() {
    let text = DOCUMENT.to_string();
    let named = DOCUMENT["components"]["schemas"]
        .as_object()
        .expect("it has schemas");
    for name in named.keys() {
        assert!(
            text.contains(&format!("#/components/schemas/{name}\"")),
            "{name}"
        );
    }
    for piece in text.split("#/components/schemas/").skip(1) {
        let name = piece.split('"').next().unwrap_or_default();
        assert!(named.contains_key(name), "{name}");
    }
}

#[test]
fn a_value_that_the_description_does_not_know_is_noticed() {
    let schema =
        json!({"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]});
    assert!(check(&json!({"a": 1}), &schema).is_ok());
    for wrong in [
        json!({}),
        json!({"a": "1"}),
        json!({"a": 1, "b": 2}),
        json!([]),
    ] {
        assert!(check(&wrong, &schema).is_err(), "{wrong}");
    }
}
