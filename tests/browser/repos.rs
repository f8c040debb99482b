//! A repository from its first form to its end, as an owner walks it.

use crate::closely::look_closely;
use crate::demo::Demo;
use crate::support::browser::Browser;

const LIST: &str = "/organizations/acme/settings/repositories";

#[tokio::test]
async fn an_owner_creates_shares_renames_and_deletes_a_repository() {
    let demo = Demo::start();
    let browser = Browser::start().await;
    demo.sign_in(&browser, "olga").await;
    browser.goto(&format!("{}{LIST}", demo.origin)).await;
    create(&browser).await;
    share(&browser, &demo).await;
    rename(&browser).await;
    delete(&browser).await;
}

async fn create(browser: &Browser) {
    browser.follow("New repository").await;
    browser.wait_for_text("It will belong to acme").await;
    browser.fill("name", "has a space").await;
    browser.press("Create repository").await;
    browser.wait_for_text("One thing to put right").await;
    look_closely(browser, "a new repository with a mistake").await;
    browser.fill("name", "lamp").await;
    browser.fill("description", "It shines.").await;
    browser.press("Create repository").await;
    browser.wait_for_text("Created acme/lamp.").await;
    browser.wait_for_text("Initial commit").await;
    look_closely(browser, "a new repository").await;
}

async fn share(browser: &Browser, demo: &Demo) {
    browser
        .goto(&format!("{}/acme/lamp/settings/collaborators", demo.origin))
        .await;
    browser
        .wait_for_text("Nobody has a role of their own here")
        .await;
    browser.fill("person", "gus").await;
    choose(browser, "role", "write").await;
    browser.press("Add person").await;
    confirm(browser, "Add a person").await;
    let typed = "return document.querySelector('[name=person]').value + ' ' + \
                 document.querySelector('[name=role]:checked').value";
    let typed: Option<String> = browser.look(typed).await;
    assert_eq!(
        typed.as_deref(),
        Some("gus write"),
        "nothing ran by a redirect"
    );
    browser.press("Add person").await;
    browser.wait_for_text("gus has the role write now.").await;
    look_closely(browser, "collaborators").await;
    browser.follow("Access").await;
    browser.wait_for_text("Collaborator: write").await;
    look_closely(browser, "access of people").await;
    browser.follow("Tokens").await;
    browser.wait_for_text("let in").await;
    look_closely(browser, "access of tokens").await;
    browser.follow("Collaborators").await;
    browser.follow("Change or remove gus").await;
    browser
        .wait_for_text("gus cannot see acme/lamp any more")
        .await;
    look_closely(browser, "one collaborator").await;
    browser.press("Remove gus").await;
    // The dialog's own button says the same.
    let yes = "document.querySelector('dialog[open] [data-confirm-yes]').click(); return true";
    browser.look::<bool>(yes).await.expect("a dialog asks");
    browser.wait_for_text("gus has no role of their own").await;
}

async fn rename(browser: &Browser) {
    browser.follow("Settings").await;
    browser.wait_for_text("The old name is kept back").await;
    look_closely(browser, "a repository's settings").await;
    browser.fill("name", "lantern").await;
    browser.press("Rename").await;
    browser.wait_for_text("It is acme/lantern now.").await;
    choose(browser, "visibility", "internal").await;
    browser.press("Change visibility").await;
    browser.wait_for_text("acme/lantern is internal now.").await;
}

async fn delete(browser: &Browser) {
    browser.fill("confirmation", "lantern").await;
    browser.press("Delete repository").await;
    browser.wait_for_text("This is not acme/lantern").await;
    browser.fill("confirmation", "acme/lantern").await;
    browser.press("Delete repository").await;
    browser.wait_for_text("Deleted acme/lantern.").await;
    look_closely(browser, "the list of repositories").await;
}

/// Confirms as the demonstration lets people, and waits for the form that is shown again.
async fn confirm(browser: &Browser, words: &str) {
    browser.wait_for_text("Confirm it's you to").await;
    browser.press("Confirm without a passkey (demo only)").await;
    browser.wait_for_text(words).await;
}

/// Picks one answer of a question.
async fn choose(browser: &Browser, name: &str, value: &str) {
    let script = format!(
        "document.querySelector(\"input[name='{name}'][value='{value}']\").click(); return true"
    );
    browser
        .look::<bool>(&script)
        .await
        .expect("the answer is offered");
}
