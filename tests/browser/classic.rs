//! A classic token through its life in the browser: the tree of scopes, a secret that is shown once, an edit, a new secret,
//! the end.

use reqwest::StatusCode;

use crate::closely::look_closely;
use crate::server::Server;
use crate::support::browser::Browser;
use crate::walk::{enrol, get, refused};

const LIST: &str = "/settings/tokens";

#[tokio::test]
async fn a_classic_token_lives_through_everything_that_its_user_can_do() {
    let server = Server::start("").await;
    let ana = Browser::start().await;
    enrol(&ana, &server.link("ana")).await;
    let first = make(&ana, &server).await;
    let issues = get(&server, &first, "/repos/acme/web/issues").await;
    assert_eq!(issues.status(), StatusCode::OK);
    let members = get(&server, &first, "/orgs/acme/members").await;
    refused(members, "missing_scope", "read:org").await;
    edit(&ana).await;
    let members = get(&server, &first, "/orgs/acme/members").await;
    assert_eq!(members.status(), StatusCode::OK);
    let second = regenerate(&ana).await;
    let old = get(&server, &first, "/repos/acme/web/issues").await;
    assert_eq!(old.status(), StatusCode::UNAUTHORIZED);
    let new = get(&server, &second, "/repos/acme/web/issues").await;
    assert_eq!(new.status(), StatusCode::OK);
    delete(&ana, &server).await;
    let gone = get(&server, &second, "/repos/acme/web/issues").await;
    assert_eq!(gone.status(), StatusCode::UNAUTHORIZED);
    for secret in [&first, &second] {
        server.assert_nowhere(secret);
    }
}

/// Ticking a scope ticks and locks those that it includes.
async fn make(browser: &Browser, server: &Server) -> String {
    browser.goto(&format!("{}{LIST}", server.origin())).await;
    browser.wait_for_text("You have no classic tokens").await;
    look_closely(browser, "no classic tokens").await;
    browser.follow("Make a classic token").await;
    browser.fill("note", "old tool").await;
    browser.tick("scope", "repo").await;
    let locked = "const child = document.querySelector(\"[value='repo:status']\"); \
                  return child.checked && child.disabled";
    assert_eq!(browser.look::<bool>(locked).await, Some(true));
    look_closely(browser, "a new classic token").await;
    browser.press("Generate token").await;
    browser.wait_for_text("Your new classic token").await;
    look_closely(browser, "the secret of a classic token").await;
    secret(browser).await
}

async fn edit(browser: &Browser) {
    browser.follow("See the token").await;
    browser.wait_for_text("Recent refusals").await;
    look_closely(browser, "a classic token").await;
    browser.fill("note", "new tool").await;
    browser.tick("scope", "read:org").await;
    browser.press("Save changes").await;
    browser
        .wait_for_text("Saved. It counts from the next call on.")
        .await;
}

async fn regenerate(browser: &Browser) -> String {
    browser.follow("Regenerate").await;
    browser
        .wait_for_text("What depends on the old secret")
        .await;
    look_closely(browser, "regenerate a classic token").await;
    browser.press("Regenerate secret").await;
    browser.wait_for_text("Your new secret").await;
    secret(browser).await
}

async fn delete(browser: &Browser, server: &Server) {
    browser
        .goto(&format!(
            "{}{LIST}?state=active&search=new",
            server.origin()
        ))
        .await;
    look_closely(browser, "a filtered list of classic tokens").await;
    browser.follow("new tool").await;
    browser.follow("Delete").await;
    browser.wait_for_text("What stops working").await;
    browser.press("Delete token").await;
    browser.wait_for_text("Deleted the token new tool.").await;
}

async fn secret(browser: &Browser) -> String {
    let script = "return document.querySelector('.secret code').textContent.trim()";
    let found: Option<String> = browser.look(script).await;
    found.expect("the page shows the secret")
}
