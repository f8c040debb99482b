//! A developer's token through its life in the browser: made from a preset, approved, edited, asked for more, withdrawn,
//! regenerated with an overlap that real calls end, found in the list, deleted.

use reqwest::StatusCode;

use crate::closely::look_closely;
use crate::server::Server;
use crate::support::browser::Browser;
use crate::walk::{approve, choose, enrol, get, refused};

const LIST: &str = "/settings/personal-access-tokens";

#[tokio::test]
async fn a_token_lives_through_everything_that_its_user_can_do() {
    let server = Server::start("").await;
    let ana = Browser::start().await;
    enrol(&ana, &server.link("ana")).await;
    let secret = mint_from_a_preset(&ana, &server).await;
    let olga = Browser::start().await;
    enrol(&olga, &server.link("olga")).await;
    approve(&olga, &server, "triage bot").await;
    let issues = get(&server, &secret, "/repos/acme/web/issues").await;
    assert_eq!(issues.status(), StatusCode::OK);
    let contents = get(&server, &secret, "/repos/acme/web/contents/README.md").await;
    refused(contents, "missing_permission", "contents=read").await;
    edit_from_the_refusal(&ana, &server).await;
    let new = regenerate(&ana).await;
    for (token, status) in [
        (&secret, StatusCode::OK),
        (&new, StatusCode::OK),
        (&secret, StatusCode::UNAUTHORIZED),
    ] {
        let answer = get(&server, token, "/repos/acme/web/issues").await;
        assert_eq!(answer.status(), status, "the first use ends the overlap");
    }
    find_and_delete(&ana, &server).await;
    let gone = get(&server, &new, "/repos/acme/web/issues").await;
    assert_eq!(gone.status(), StatusCode::UNAUTHORIZED);
    for secret in [&secret, &new] {
        server.assert_nowhere(secret);
    }
}

/// Ticks the owner, presses a preset and finds a permission by its endpoint, all without leaving the page.
async fn mint_from_a_preset(browser: &Browser, server: &Server) -> String {
    browser
        .goto(&format!("{}{LIST}/new", server.origin()))
        .await;
    browser.fill("name", "triage bot").await;
    choose(browser, "input[name=owner]:checked", "ana").await;
    choose(browser, "input[name=owner]", "acme").await;
    browser.wait_for_text("What it may do at acme").await;
    browser.press("Issue triage").await;
    until_there(browser, "input[name$='-issues'][value=write]:checked").await;
    until_there(browser, "input[name^='selection-'][value=selected]:checked").await;
    choose(browser, "input[type=checkbox]", "web").await;
    let search = "const box = document.querySelector('[name^=search-]'); box.value = 'POST issues'; \
                  box.dispatchEvent(new Event('input', { bubbles: true })); \
                  const shown = [...document.querySelectorAll('.permission:not([hidden]) .permission-title')]; \
                  return shown.map(title => title.textContent)";
    let shown: Vec<String> = browser.look(search).await.expect("the page can be asked");
    assert!(
        shown.contains(&"Issues".to_owned()) && shown.len() < 10,
        "{shown:?}"
    );
    let name: Option<String> = browser
        .look("return document.querySelector('[name=name]').value")
        .await;
    assert_eq!(name.as_deref(), Some("triage bot"), "what was typed stays");
    look_closely(browser, "a new token from a preset").await;
    browser.press("Check your answers").await;
    browser.wait_for_text("What acme will read").await;
    browser.press("Generate token").await;
    browser.wait_for_text("Your new token").await;
    secret(browser).await
}

/// Waits for an element, be it drawn or only there to be read aloud.
async fn until_there(browser: &Browser, css: &str) {
    let script = format!("return !!document.querySelector(\"{css}\")");
    browser
        .until(css, async || {
            browser
                .look::<bool>(&script)
                .await
                .filter(|found| *found)
                .map(drop)
        })
        .await;
}

async fn secret(browser: &Browser) -> String {
    let script = "return document.querySelector('.secret code').textContent.trim()";
    let found: Option<String> = browser.look(script).await;
    found.expect("the page shows the secret")
}

/// From the refused call to the edit that asks for what was missing, and narrows beside it; then withdraws.
async fn edit_from_the_refusal(browser: &Browser, server: &Server) {
    browser.goto(&format!("{}{LIST}", server.origin())).await;
    browser.follow("triage bot").await;
    browser.wait_for_text("Recent refusals").await;
    look_closely(browser, "a token with a refusal").await;
    browser.follow("Ask for Contents: read").await;
    browser
        .wait_for_text("and not saved yet: `Contents`: read")
        .await;
    let narrow =
        "document.querySelector(\"input[name$='-issues'][value='read']\").click(); return true";
    browser
        .look::<bool>(narrow)
        .await
        .expect("issues are offered");
    look_closely(browser, "an edit").await;
    browser.press("Check your changes").await;
    browser.wait_for_text("Becomes a request").await;
    browser.wait_for_text("At once").await;
    look_closely(browser, "check your changes").await;
    browser.press("Save changes").await;
    browser.wait_for_text("A request waits here").await;
    look_closely(browser, "a token that waits for more").await;
    browser.press("Withdraw the request").await;
    browser.wait_for_text("You withdrew the request.").await;
}

async fn regenerate(browser: &Browser) -> String {
    browser.follow("Regenerate").await;
    browser
        .wait_for_text("What depends on the old secret")
        .await;
    look_closely(browser, "regenerate").await;
    browser.tick("old", "overlap").await;
    browser.fill("hours", "2").await;
    browser.press("Regenerate secret").await;
    browser.wait_for_text("Your new secret").await;
    look_closely(browser, "the new secret").await;
    secret(browser).await
}

/// Finds the token by what it stands for, and deletes it after reading what stops working.
async fn find_and_delete(browser: &Browser, server: &Server) {
    browser
        .goto(&format!(
            "{}{LIST}?state=active&owner=acme&search=triage",
            server.origin()
        ))
        .await;
    look_closely(browser, "a filtered list").await;
    browser.follow("triage bot").await;
    browser.follow("Delete").await;
    browser.wait_for_text("What stops working").await;
    look_closely(browser, "delete").await;
    browser.press("Delete token").await;
    browser.wait_for_text("Deleted the token triage bot.").await;
    browser
        .goto(&format!("{}{LIST}?state=denied", server.origin()))
        .await;
    look_closely(browser, "a list without a token").await;
}
