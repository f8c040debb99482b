//! An owner works through the queue: narrows it, reads a request, approves part of one, decides several in one go. By
//! the keyboard alone.

use thirtyfour::Key;

use crate::closely::look_closely;
use crate::demo::Demo;
use crate::support::browser::Browser;

const QUEUE: &str = "/organizations/acme/settings/personal-access-token-requests";

#[tokio::test]
async fn an_owner_works_through_the_queue_by_keyboard() {
    let demo = Demo::start();
    let browser = Browser::start().await;
    demo.sign_in(&browser, "olga").await;
    browser.goto(&format!("{}{QUEUE}", demo.origin)).await;
    browser.wait_for_text("requests wait").await;
    look_closely(&browser, "the queue").await;

    narrow(&browser).await;
    approve_part(&browser).await;
    decide_several(&browser, &demo).await;
}

/// Presses a key on the element of this CSS selector, as somebody does who got there by tabbing.
async fn press(browser: &Browser, css: &str, key: Key) {
    let element = browser.wait_for(css).await;
    element.send_keys(key).await.expect("it takes the focus");
}

async fn narrow(browser: &Browser) {
    let person = browser.wait_for("input[name=person]").await;
    person.send_keys("ben").await.expect("it takes text");
    press(browser, "input[name=person]", Key::Enter).await;
    browser.wait_for_text("Person: ben").await;
    look_closely(browser, "the filtered queue").await;
    press(browser, "details.more-filters > summary", Key::Enter).await;
    browser.wait_for("select[name=permission]").await;
    look_closely(browser, "every filter").await;
}

/// Opens a request, leaves something out, and confirms.
async fn approve_part(browser: &Browser) {
    press(browser, "td[data-label=Token] a", Key::Enter).await;
    browser.wait_for_text("Your decision").await;
    look_closely(browser, "a request of the filtered queue").await;
    press(browser, "a[href*='/part']", Key::Enter).await;
    browser.wait_for_text("Approve this part").await;
    look_closely(browser, "part of a request").await;
    browser.fill("reason", "That is enough for now.").await;
    press(browser, "form.form .button.primary", Key::Enter).await;
    browser.wait_for_text("Confirm it's you to").await;
    browser.press("Confirm without a passkey (demo only)").await;
    browser.wait_for_text("Approve this part").await;
    press(browser, "form.form .button.primary", Key::Enter).await;
    browser.wait_for_text("Approved part of what ben").await;
}

/// Ticks every row, reads what was chosen, and denies it.
async fn decide_several(browser: &Browser, demo: &Demo) {
    browser.goto(&format!("{}{QUEUE}", demo.origin)).await;
    press(browser, "[data-select-all=chosen]", Key::Space).await;
    let count = "return Number(document.querySelector('[data-bulk-count]').textContent)";
    let chosen: Option<u32> = browser.look(count).await;
    assert!(
        chosen.is_some_and(|count| count > 1),
        "rows are chosen: {chosen:?}"
    );
    press(browser, "button[value=deny]", Key::Enter).await;
    browser.wait_for_text("What you chose").await;
    look_closely(browser, "what was chosen").await;
    browser.screenshot("queue-review").await;
    browser.fill("reason", "The quarter is over.").await;
    press(browser, "form.form button[type=submit]", Key::Enter).await;
    browser.wait_for_text("Denied").await;
    browser.wait_for_text("No requests wait for you").await;
}
