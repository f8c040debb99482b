//! The table of operations, walked as a client would.

use grantry::api::operation::OPERATIONS;
use grantry::domain::catalog::Method;

use crate::world::World;

/// An address of the template that fits the sample directory.
fn filled(template: &str) -> String {
    let values = [
        ("{owner}", "acme"),
        ("{repo}", "web"),
        ("{org}", "acme"),
        ("{enterprise}", "globex"),
        ("{username}", "ana"),
        ("{branch}", "main"),
        ("{ref}", "main"),
        ("{path}", "README.md"),
        ("{issue_number}", "1"),
        ("{comment_id}", "1"),
        ("{pat_request_id}", "1"),
        ("{pat_id}", "1"),
        ("{credential_id}", "1"),
        ("{enterprise}", "globex"),
    ];
    values
        .iter()
        .fold(template.to_owned(), |path, (name, value)| {
            path.replace(name, value)
        })
}

/// Without a token an answer shows only what anyone may see, and an unknown token is refused everywhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_refuses_the_anonymous_or_is_public() {
    let world = World::memory().await;
    for operation in OPERATIONS {
        let (method, path) = (operation.method.as_str(), filled(operation.template));
        let anonymous = world.http(method, &path, "", None).await;
        let is_public = method == "GET"
            && [
                "/",
                "/meta",
                "/users/ana",
                "/users/ana/repos",
                "/orgs/acme",
                "/orgs/acme/repos",
            ]
            .contains(&path.as_str());
        let expected = match path.as_str() {
            // Anybody may report a leak; this report names none.
            "/credentials/revoke" => 422,
            _ if is_public => 200,
            _ => 404,
        };
        assert_eq!(anonymous.status, expected, "{method} {path}");
        let unknown = world.http(method, &path, "grantry_pat_x", None).await;
        assert_eq!(unknown.status, 401, "{method} {path}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_root_document_lists_every_operation_at_both_of_its_addresses() {
    let world = World::memory().await;
    for path in ["", "/"] {
        let document = world.get("", path).await.json();
        let listed = document["operations"].as_array().map(Vec::len);
        assert_eq!(listed, Some(OPERATIONS.len()), "{path:?}");
    }
    world.stop().await;
}

#[test]
fn a_summary_says_in_a_few_words_what_each_operation_does() {
    for operation in OPERATIONS {
        assert!((5..60).contains(&operation.summary.len()), "{operation:?}");
        assert_ne!(operation.method, Method::Git);
    }
}
