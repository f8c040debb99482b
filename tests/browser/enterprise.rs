//! An enterprise's owner looks for what reaches its organizations: from the organizations to the tokens of one person,
//! into a file, and back out of an organization.

use crate::closely::look_closely;
use crate::demo::Demo;
use crate::support::browser::Browser;

#[tokio::test]
async fn an_enterprise_owner_finds_a_token_and_takes_it_back() {
    let demo = Demo::start();
    let browser = Browser::start().await;
    demo.sign_in(&browser, "eve").await;
    browser.follow("Globex").await;
    browser
        .wait_for_text("What is in force at each organization")
        .await;
    browser.wait_for_text("Differs").await;
    look_closely(&browser, "organizations").await;
    browser.screenshot("enterprise-organizations").await;

    browser.follow("People").await;
    browser.wait_for_text("Who belongs to Globex").await;
    look_closely(&browser, "people").await;
    let people = format!("{}/enterprises/globex/settings/people/mia", demo.origin);
    browser.goto(&people).await;
    browser.wait_for_text("Managed by Globex").await;
    browser.wait_for_text("journal backup").await;
    look_closely(&browser, "a managed user").await;

    narrow(&browser).await;
    take_away(&browser).await;
    revoke(&browser).await;
}

/// Narrows the inventory to what ana has at acme.
async fn narrow(browser: &Browser) {
    browser.follow("Tokens").await;
    browser.wait_for_text("Every token that reaches").await;
    look_closely(browser, "the inventory").await;
    browser.screenshot("enterprise-tokens").await;
    browser.fill("person", "ana").await;
    browser.fill("organization", "acme").await;
    browser.press("Show").await;
    browser.wait_for_text("Person: ana").await;
    browser.wait_for_text("deploy preview").await;
    look_closely(browser, "the narrowed inventory").await;
}

/// The links of the export lead to files that hold the same tokens.
async fn take_away(browser: &Browser) {
    let script = "return fetch(document.querySelector('a[download][href*=\"format=csv\"]').href) \
                  .then(file => file.text().then(text => [file.headers.get('content-disposition'), text]))";
    let found: Option<(String, String)> = browser.look(script).await;
    let (name, text) = found.expect("the file comes");
    assert!(
        name.contains("attachment; filename=\"globex-tokens-"),
        "{name}"
    );
    assert!(
        text.contains("deploy preview") && !text.contains("issue triage"),
        "{text}"
    );
}

async fn revoke(browser: &Browser) {
    browser.follow("deploy preview").await;
    browser.wait_for_text("Revoke its access to Acme").await;
    look_closely(browser, "one token of the inventory").await;
    browser
        .fill("reason", "Previews moved to another service.")
        .await;
    browser.press("Revoke access").await;
    browser.wait_for_text("Confirm it's you to").await;
    browser.press("Confirm without a passkey (demo only)").await;
    browser.wait_for_text("Revoke its access to Acme").await;
    browser.press("Revoke access").await;
    browser
        .wait_for_text("Revoked the access of ana's token deploy preview at Acme")
        .await;
}
