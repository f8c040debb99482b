//! The life of an account: a second passkey, another name, a removal, two browsers, and the loss of everything.

use crate::closely::look_closely;
use crate::server::{Server, is_signed_in};
use crate::support::browser::{Authenticator, Browser};
use crate::support::postgres;

const SECURITY: &str = "/settings/security";

#[tokio::test]
async fn an_account_lives_on_sqlite() {
    walk(&Server::start("").await).await;
}

#[tokio::test]
async fn an_account_lives_on_postgresql() {
    let database = postgres::database().await;
    walk(&Server::start(database.url()).await).await;
}

async fn walk(server: &Server) {
    let laptop = Browser::start().await;
    let first = laptop.add_virtual_authenticator().await;
    laptop.goto(&server.link("ana")).await;
    laptop.press("Register a passkey").await;
    is_signed_in(&laptop).await;
    change_the_profile(&laptop, server).await;

    laptop.remove_virtual_authenticator(first).await;
    let second = add_a_passkey(&laptop, server).await;
    rename_and_remove_the_first(&laptop, server).await;
    the_last_one_stays(&laptop, server).await;

    let phone = Browser::start().await;
    let copy = phone.add_virtual_authenticator().await;
    laptop.copy_passkeys(&second, &phone, &copy).await;
    sign_in_by_autofill(&phone, server).await;
    // From here on nobody touches a key that was not asked for: the sign-in page would let both in again.
    phone.set_presence(&copy, false).await;
    laptop.set_presence(&second, false).await;
    end_the_session_of_the_other(&laptop, &phone, server).await;

    let code = make_codes(&laptop, server).await;
    recover(&laptop, server, &code).await;
    server.assert_nowhere_written(&code);
}

async fn open(browser: &Browser, server: &Server, path: &str) {
    browser.goto(&format!("{}{path}", server.origin())).await;
}

async fn change_the_profile(browser: &Browser, server: &Server) {
    open(browser, server, "/settings/profile").await;
    browser.wait_for_text("Acme").await;
    browser.fill("name", "Ana B. Lima").await;
    browser.fill("email", "ana").await;
    // The browser's own check is not the server's: send it as one that has none does.
    let send = "document.querySelector('main form').submit(); return true";
    browser.look::<bool>(send).await;
    browser.wait_for_text("One thing to put right").await;
    look_closely(browser, "a profile with a mistake").await;
    browser.fill("email", "ana@example.test").await;
    browser.press("Save profile").await;
    browser.wait_for_text("Your profile is saved.").await;
    look_closely(browser, "the profile").await;
}

/// On another device: the first one is not there any more.
async fn add_a_passkey(browser: &Browser, server: &Server) -> Authenticator {
    let authenticator = browser.add_virtual_authenticator().await;
    open(browser, server, SECURITY).await;
    browser.follow("Add a passkey").await;
    browser.fill("name", "Security key").await;
    look_closely(browser, "adding a passkey").await;
    browser.press("Add a passkey").await;
    browser
        .wait_for_text("Added the passkey Security key.")
        .await;
    assert_eq!(browser.passkeys(&authenticator).await, 1);
    look_closely(browser, "passkeys and sessions").await;
    authenticator
}

async fn rename_and_remove_the_first(browser: &Browser, server: &Server) {
    browser.follow("My passkey").await;
    browser.fill("name", "Old laptop").await;
    browser.press("Rename").await;
    browser
        .wait_for_text("The passkey is called Old laptop now.")
        .await;
    browser.follow("Old laptop").await;
    look_closely(browser, "a passkey").await;
    browser.press("Remove passkey").await;
    // The session was proved with it, so it ended; the sign-in page finds the other one by itself.
    is_signed_in(browser).await;
    browser
        .until("a session by the other passkey", async || {
            open(browser, server, SECURITY).await;
            let text = browser.text().await;
            (text.contains("Security key") && !text.contains("You have no passkey")).then_some(())
        })
        .await;
    browser
        .wait_for_text("You removed the passkey Old laptop.")
        .await;
}

async fn the_last_one_stays(browser: &Browser, server: &Server) {
    open(browser, server, SECURITY).await;
    browser.follow("Security key").await;
    browser.wait_for_text("It is your only passkey").await;
    look_closely(browser, "the only passkey").await;
    let buttons = "return [...document.querySelectorAll('button')].map(b => b.textContent.trim())";
    let buttons: Vec<String> = browser.look(buttons).await.expect("the page can be asked");
    assert!(
        !buttons.contains(&"Remove passkey".to_owned()),
        "{buttons:?}"
    );
}

/// The sign-in page asks by itself, and the authenticator answers.
async fn sign_in_by_autofill(browser: &Browser, server: &Server) {
    open(browser, server, "/login").await;
    is_signed_in(browser).await;
}

async fn end_the_session_of_the_other(laptop: &Browser, phone: &Browser, server: &Server) {
    open(laptop, server, SECURITY).await;
    laptop.wait_for_text("End all other sessions").await;
    look_closely(laptop, "two sessions").await;
    let end = "document.querySelector(\"form[action$='/end'] button\").click(); return true";
    laptop.look::<bool>(end).await;
    laptop.wait_for_text("Ended the session.").await;
    open(phone, server, "/settings/profile").await;
    phone
        .wait_for_url("/login?next=%2Fsettings%2Fprofile")
        .await;
}

/// Makes codes and gives one of them.
async fn make_codes(browser: &Browser, server: &Server) -> String {
    open(browser, server, SECURITY).await;
    browser.press("Make ten recovery codes").await;
    browser.wait_for_text("Your recovery codes").await;
    look_closely(browser, "recovery codes").await;
    browser.screenshot("recovery-codes").await;
    let codes = "return [...document.querySelectorAll('.codes code')].map(c => c.textContent)";
    let codes: Vec<String> = browser.look(codes).await.expect("the page can be asked");
    assert_eq!(codes.len(), 10);
    open(browser, server, SECURITY).await;
    browser.wait_for_text("10 codes").await;
    codes[0].clone()
}

/// A new device, and nothing but paper.
async fn recover(laptop: &Browser, server: &Server, code: &str) {
    let fresh = Browser::start().await;
    let authenticator = fresh.add_virtual_authenticator().await;
    open(&fresh, server, "/login").await;
    fresh
        .follow("Lost every passkey? Use a recovery code")
        .await;
    look_closely(&fresh, "the door for recovery codes").await;
    fresh.fill("login", "ana").await;
    fresh.fill("code", "0000 0000 0000 0000 0000 0000").await;
    fresh.press("Use the code").await;
    fresh.wait_for_text("You are not let in").await;
    look_closely(&fresh, "a recovery code that is not right").await;
    fresh.fill("code", code).await;
    fresh.press("Use the code").await;
    fresh
        .wait_for_text("Which of your earlier passkeys and recovery codes stay?")
        .await;
    look_closely(&fresh, "enrolment after a recovery code").await;
    fresh.tick("keep_codes", "yes").await;
    fresh.fill("name", "New laptop").await;
    fresh.press("Register a passkey").await;
    is_signed_in(&fresh).await;
    assert_eq!(fresh.passkeys(&authenticator).await, 1);
    open(&fresh, server, SECURITY).await;
    fresh.wait_for_text("9 codes").await;
    let text = fresh.text().await;
    assert!(text.contains("New laptop"), "{text}");
    fresh.follow("New laptop").await;
    fresh.wait_for_text("It is your only passkey").await;

    open(laptop, server, "/settings/profile").await;
    laptop
        .wait_for_url("/login?next=%2Fsettings%2Fprofile")
        .await;
}
