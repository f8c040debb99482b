//! A site administrator at work: enters a person, hands out a link, renames, suspends and lets in again.

use crate::closely::look_closely;
use crate::demo::Demo;
use crate::server::is_signed_in;
use crate::support::browser::Browser;

#[tokio::test]
async fn a_person_is_entered_renamed_suspended_and_let_in_again() {
    let demo = Demo::start();
    let ida = Browser::start().await;
    demo.sign_in(&ida, "ida").await;
    ida.goto(&format!("{}/admin/users", demo.origin)).await;
    look_closely(&ida, "users").await;
    let link = enter(&ida).await;

    let nina = Browser::start().await;
    nina.goto(&link).await;
    nina.press("Continue without a passkey (demo only)").await;
    is_signed_in(&nina).await;
    nina.wait_for_text("Three first steps").await;

    open(&ida, &demo, "nina").await;
    look_closely(&ida, "a user").await;
    ida.fill("login", "nina-roy").await;
    ida.press("Rename").await;
    ida.wait_for_text("nina is now nina-roy").await;
    press_and_confirm(&ida, "Suspend nina-roy").await;
    ida.wait_for_text("nina-roy is suspended").await;
    look_closely(&ida, "a suspended user").await;

    nina.goto(&format!("{}/settings/personal-access-tokens", demo.origin))
        .await;
    nina.wait_for_text("Sign in with a passkey").await;

    ida.press("Lift the suspension").await;
    ida.wait_for_text("nina-roy is not suspended any more")
        .await;
    ida.goto(&format!(
        "{}/admin/users?q=nina&state=no_passkey",
        demo.origin
    ))
    .await;
    ida.wait_for_text("nina-roy").await;
    look_closely(&ida, "users, narrowed").await;
    ida.goto(&format!("{}/admin/health", demo.origin)).await;
    ida.wait_for_text("Change feed").await;
    look_closely(&ida, "health").await;
}

/// Enters nina, after the confirmation that gives the form back, and gives the link.
async fn enter(browser: &Browser) -> String {
    browser.follow("New user").await;
    browser.fill("login", "a b").await;
    browser.press("Make the user and a sign-in link").await;
    browser.wait_for_text("2 things to put right").await;
    look_closely(browser, "a new user with mistakes").await;
    browser.fill("login", "nina").await;
    browser.fill("name", "Nina Roy").await;
    browser.press("Make the user and a sign-in link").await;
    browser.wait_for_text("Confirm it's you to").await;
    browser.press("Confirm without a passkey (demo only)").await;
    browser.wait_for_text("New user").await;
    let typed: Option<String> = browser
        .look("return document.querySelector('[name=login]').value")
        .await;
    assert_eq!(typed.as_deref(), Some("nina"), "the form is given back");
    browser.press("Make the user and a sign-in link").await;
    browser.wait_for_text("Nina Roy has an account").await;
    look_closely(browser, "a sign-in link").await;
    let link: Option<String> = browser
        .look("return document.querySelector('.secret code').textContent.trim()")
        .await;
    link.expect("the page shows the link")
}

async fn open(browser: &Browser, demo: &Demo, login: &str) {
    browser
        .goto(&format!("{}/admin/users?q={login}", demo.origin))
        .await;
    browser.follow(login).await;
    browser.wait_for_text("Sign-in link").await;
}

/// Presses a dangerous button, and the one in the dialog that it opens.
async fn press_and_confirm(browser: &Browser, words: &str) {
    browser.press(words).await;
    browser.wait_for("dialog[open] [data-confirm-yes]").await;
    browser.press("Suspend").await;
}
