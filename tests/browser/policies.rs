//! Owners of both levels change what tokens may do: they look first, choose a day, take it back, and save.

use crate::closely::look_closely;
use crate::demo::Demo;
use crate::support::browser::Browser;

const ACME: &str = "/organizations/acme/settings/personal-access-tokens";
const GLOBEX: &str = "/enterprises/globex/settings/personal-access-tokens";

#[tokio::test]
async fn an_organization_owner_previews_schedules_and_takes_a_policy_back() {
    let demo = Demo::start();
    let olga = Browser::start().await;
    demo.sign_in(&olga, "olga").await;
    open(&olga, &demo, ACME).await;
    olga.tick("access", "restrict").await;
    olga.press("Preview").await;
    olga.wait_for_text("Nothing is saved yet.").await;
    olga.wait_for_text("used in the last 7 days.").await;
    look_closely(&olga, "a preview").await;
    olga.tick("start", "date").await;
    olga.press("Preview as of then").await;
    olga.wait_for_text("Write the day as").await;
    look_closely(&olga, "a preview without its day").await;
    let day = choose_tomorrow(&olga).await;
    olga.press("Preview as of then").await;
    let save = format!("Save it to begin on {day}");
    olga.wait_for_text(&save).await;
    olga.press(&save).await;
    confirm(&olga).await;
    olga.press(&save).await;
    olga.wait_for_text(&format!("Saved. From {day} on, at Acme"))
        .await;
    olga.wait_for_text("Until then it only reports.").await;
    look_closely(&olga, "a policy with one ahead").await;
    olga.follow("See what it will block").await;
    olga.wait_for_text("A policy ahead").await;
    look_closely(&olga, "a policy ahead").await;
    olga.press("Take it back").await;
    olga.wait_for_text(&format!("Taken back: nothing changes on {day}."))
        .await;
}

#[tokio::test]
async fn an_enterprise_owner_restricts_tokens_after_a_look_at_what_that_blocks() {
    let demo = Demo::start();
    let eve = Browser::start().await;
    demo.sign_in(&eve, "eve").await;
    open(&eve, &demo, GLOBEX).await;
    eve.wait_for_text("Can fine-grained tokens reach the organizations of Globex?")
        .await;
    look_closely(&eve, "an enterprise's policy").await;
    eve.tick("lifetime", "days").await;
    eve.fill("days", "20").await;
    eve.press("Save the policy for fine-grained tokens").await;
    eve.wait_for_text("This limit may stop what managed users do.")
        .await;
    look_closely(&eve, "an enterprise's policy with a risk").await;
    eve.tick("lifetime", "default").await;
    eve.tick("access", "restrict").await;
    // What it would block is in use, so that a look comes first.
    eve.press("Save the policy for fine-grained tokens").await;
    eve.wait_for_text("Globex restricts such tokens.").await;
    look_closely(&eve, "an enterprise's preview").await;
    eve.press("Save the policy for fine-grained tokens").await;
    confirm(&eve).await;
    eve.press("Save the policy for fine-grained tokens").await;
    eve.wait_for_text("tokens reach no organization").await;
    eve.follow("Classic tokens").await;
    eve.wait_for_text("Can classic tokens reach the organizations of Globex?")
        .await;
    look_closely(&eve, "an enterprise's policy for classic tokens").await;
}

/// Chooses the first day that the page offers, as the page's help names it, and tells it in words.
async fn choose_tomorrow(browser: &Browser) -> String {
    let script = "const day = document.querySelector('#date-help').textContent.match(/[0-9-]{10}/)[0]; \
                  document.querySelector('#date').value = day; \
                  const at = new Date(day + 'T00:00:00Z'); \
                  return at.getUTCDate() + ' ' + at.toLocaleString('en-US', {month: 'short', timeZone: 'UTC'}) \
                  + ' ' + at.getUTCFullYear()";
    let day: Option<String> = browser.look(script).await;
    day.expect("the page names the first day")
}

async fn open(browser: &Browser, demo: &Demo, path: &str) {
    browser.goto(&format!("{}{path}", demo.origin)).await;
}

async fn confirm(browser: &Browser) {
    browser.wait_for_text("Confirm it's you to").await;
    browser.press("Confirm without a passkey (demo only)").await;
    browser.wait_for("main form.form").await;
}
