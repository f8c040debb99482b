//! Owners make exceptions: a token is exempted, extended and taken back; classic tokens are looked at and blocked.

use crate::closely::look_closely;
use crate::demo::Demo;
use crate::support::browser::Browser;

const ACTIVE: &str = "/organizations/acme/settings/personal-access-tokens/active";
const CLASSIC: &str = "/organizations/acme/settings/personal-access-tokens/classic";
const ENTERPRISE: &str = "/enterprises/globex/settings/personal-access-tokens/exemptions";

#[tokio::test]
async fn an_owner_exempts_a_token_extends_it_and_takes_it_back() {
    let demo = Demo::start();
    let olga = Browser::start().await;
    demo.sign_in(&olga, "olga").await;
    open(&olga, &demo, ACTIVE).await;
    olga.follow("try me").await;
    olga.follow("Exempt it from a policy").await;
    olga.wait_for_text("Exempt try me of ana").await;
    look_closely(&olga, "an exemption to give").await;
    olga.tick("policy", "lifetime").await;
    olga.press("Exempt the token").await;
    olga.wait_for_text("Say why").await;
    look_closely(&olga, "an exemption with a mistake").await;
    olga.fill("reason", "The trial goes on for a while.").await;
    olga.press("Exempt the token").await;
    confirm(&olga).await;
    olga.wait_for_text("Exempt try me of ana").await;
    olga.press("Exempt the token").await;
    olga.wait_for_text("Exempted ana's token try me").await;
    look_closely(&olga, "exemptions").await;
    olga.follow("try me").await;
    olga.wait_for_text("It ends soon").await;
    look_closely(&olga, "an exemption").await;
    olga.follow("Extend it").await;
    olga.tick("expires", "90").await;
    olga.fill("reason", "The trial was prolonged.").await;
    olga.press("Exempt the token").await;
    olga.wait_for_text("The trial was prolonged.").await;
    olga.follow("try me").await;
    olga.press("Take it back").await;
    olga.wait_for_text("Took back the exemption").await;
    olga.follow("Ended in the last 90 days (2)").await;
    olga.wait_for_text("Taken back by olga").await;
    look_closely(&olga, "exemptions that ended").await;
}

#[tokio::test]
async fn an_owner_looks_at_classic_tokens_and_blocks_some() {
    let demo = Demo::start();
    let olga = Browser::start().await;
    demo.sign_in(&olga, "olga").await;
    open(&olga, &demo, CLASSIC).await;
    olga.wait_for_text("nightly backup").await;
    look_closely(&olga, "classic tokens here").await;
    olga.follow("deploy script").await;
    olga.wait_for_text("Blocked here, for good").await;
    look_closely(&olga, "a blocked classic token").await;
    open(&olga, &demo, &format!("{CLASSIC}?state=works&note=backup")).await;
    olga.wait_for_text("1 token that match").await;
    olga.follow("nightly backup").await;
    olga.wait_for_text("Block it here for good").await;
    look_closely(&olga, "a classic token").await;
    open(&olga, &demo, &format!("{CLASSIC}?note=backup")).await;
    let tick = "document.querySelector('input[name=chosen]').click(); return true";
    olga.look::<bool>(tick).await;
    olga.press("Block here…").await;
    olga.wait_for_text("What you chose").await;
    look_closely(&olga, "classic tokens to block").await;
    olga.fill("reason", "The backup has a token of its own now.")
        .await;
    olga.press("Block 1 classic token").await;
    confirm(&olga).await;
    olga.wait_for_text("What you chose").await;
    olga.press("Block 1 classic token").await;
    olga.wait_for_text("Blocked 1 classic token at Acme, for good.")
        .await;
}

#[tokio::test]
async fn an_owner_of_the_enterprise_sees_what_it_exempts() {
    let demo = Demo::start();
    let eve = Browser::start().await;
    demo.sign_in(&eve, "eve").await;
    open(&eve, &demo, ENTERPRISE).await;
    eve.wait_for_text("long runner").await;
    look_closely(&eve, "exemptions of an enterprise").await;
    eve.follow("long runner").await;
    eve.wait_for_text("Take the exemption back").await;
    look_closely(&eve, "an exemption of an enterprise").await;
    eve.follow("Extend it").await;
    eve.wait_for_text("Exempt long runner of dan").await;
    look_closely(&eve, "an exemption for an enterprise to give").await;
}

async fn open(browser: &Browser, demo: &Demo, path: &str) {
    browser.goto(&format!("{}{path}", demo.origin)).await;
}

/// People of a demonstration confirm without a passkey.
async fn confirm(browser: &Browser) {
    browser.wait_for_text("Confirm it's you to").await;
    browser.press("Confirm without a passkey (demo only)").await;
}
