//! An owner sets what tokens may do and who belongs to the organization; a member leaves. Without a script where the
//! browser allows it, and looked at closely on the way.

use std::time::Duration;

use reqwest::StatusCode;

use crate::closely::look_closely;
use crate::demo::Demo;
use crate::support::browser::Browser;

const POLICY: &str = "/organizations/acme/settings/personal-access-tokens";
const PEOPLE: &str = "/organizations/acme/settings/members";

#[tokio::test]
async fn an_owner_sets_the_policy_and_reads_what_follows() {
    let demo = Demo::start();
    let olga = Browser::start().await;
    demo.sign_in(&olga, "olga").await;
    open(&olga, &demo, POLICY).await;
    olga.wait_for_text("Must an owner approve a token first?")
        .await;
    look_closely(&olga, "the policy").await;
    olga.tick("approval", "not_required").await;
    olga.tick("lifetime", "days").await;
    olga.fill("days", "400").await;
    olga.press("Save the policy for fine-grained tokens").await;
    olga.wait_for_text("Write the number of days, from 1 to 366.")
        .await;
    look_closely(&olga, "the policy with a mistake").await;
    olga.fill("days", "365").await;
    olga.press("Save the policy for fine-grained tokens").await;
    confirm(&olga).await;
    let days: Option<String> = olga
        .look("return document.querySelector('#days').value")
        .await;
    assert_eq!(
        days.as_deref(),
        Some("365"),
        "the form comes back as it was"
    );
    olga.press("Save the policy for fine-grained tokens").await;
    olga.wait_for_text("Saved. From the next call on, at Acme")
        .await;
    olga.wait_for_text("Go and decide").await;
    look_closely(&olga, "the policy saved").await;
    olga.follow("Go and decide").await;
    olga.wait_for_text("Pending requests").await;
    open(&olga, &demo, POLICY).await;
    olga.follow("Classic tokens").await;
    olga.wait_for_text("Can classic tokens reach Acme?").await;
    look_closely(&olga, "the policy for classic tokens").await;
}

#[tokio::test]
async fn an_owner_adds_promotes_demotes_and_removes_people() {
    let demo = Demo::start();
    let olga = Browser::start().await;
    demo.sign_in(&olga, "olga").await;
    open(&olga, &demo, PEOPLE).await;
    look_closely(&olga, "people").await;
    olga.follow("Add a person").await;
    olga.fill("q", "gu").await;
    olga.press("Show").await;
    olga.wait_for_text("Gus Ferreira").await;
    look_closely(&olga, "whom to add").await;
    olga.follow("Choose gus").await;
    olga.press("Add to Acme").await;
    confirm(&olga).await;
    olga.press("Add to Acme").await;
    olga.wait_for_text("Added gus to Acme.").await;
    look_closely(&olga, "a person").await;
    olga.tick("role", "owner").await;
    olga.press("Save the role").await;
    olga.wait_for_text("gus is now owner at Acme.").await;
    olga.tick("role", "member").await;
    olga.press("Save the role").await;
    olga.wait_for_text("gus is now member at Acme.").await;
    olga.press("Remove gus from Acme").await;
    olga.wait_for_text("Removed gus from Acme.").await;

    open(&olga, &demo, &format!("{PEOPLE}?show=collaborators")).await;
    olga.wait_for_text("carl").await;
    look_closely(&olga, "outside collaborators").await;
    open(&olga, &demo, &format!("{PEOPLE}/base-permission")).await;
    look_closely(&olga, "the base permission").await;
    olga.tick("base_permission", "none").await;
    olga.press("Save the base permission").await;
    olga.wait_for_text("Members of Acme now have none").await;
}

#[tokio::test]
async fn a_member_leaves_and_the_page_is_gone() {
    let demo = Demo::start();
    let dan = Browser::start().await;
    demo.sign_in(&dan, "dan").await;
    dan.follow("You are a member of Labs").await;
    dan.wait_for_text("Your place in Labs").await;
    look_closely(&dan, "a member's own place").await;
    let place = dan.url().await;
    dan.press("Leave Labs").await;
    confirm(&dan).await;
    dan.press("Leave Labs").await;
    dan.wait_for_text("You have left Labs.").await;
    dan.goto(&place).await;
    dan.wait_for_text("There is no such page").await;
    let status = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(5))
        .build()
        .expect("a client can be made")
        .get(&place)
        .send()
        .await
        .expect("the server answers")
        .status();
    assert_eq!(
        status,
        StatusCode::SEE_OTHER,
        "strangers are sent to the door"
    );
}

async fn open(browser: &Browser, demo: &Demo, path: &str) {
    browser.goto(&format!("{}{path}", demo.origin)).await;
}

async fn confirm(browser: &Browser) {
    browser.wait_for_text("Confirm it's you to").await;
    browser.press("Confirm without a passkey (demo only)").await;
    browser
        .wait_for("main form[data-unsaved], main form.form")
        .await;
}
