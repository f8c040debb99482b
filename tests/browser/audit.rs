//! An auditor at work: reads, searches, narrows from an entry's own fields, keeps a search, takes the log away.

use crate::closely::look_closely;
use crate::demo::Demo;
use crate::support::browser::Browser;

#[tokio::test]
async fn an_owner_searches_the_log_keeps_the_search_and_takes_it_away() {
    let demo = Demo::start();
    let olga = Browser::start().await;
    demo.sign_in(&olga, "olga").await;
    let log = format!("{}/organizations/acme/settings/audit-log", demo.origin);
    olga.goto(&log).await;
    olga.wait_for_text("Every change at").await;
    look_closely(&olga, "an audit log").await;

    olga.follow("Refusals").await;
    olga.wait_for_text("was refused").await;
    look_closely(&olga, "refusals in an audit log").await;

    olga.goto(&format!("{log}?q=deploy")).await;
    olga.wait_for_text("says no field").await;
    look_closely(&olga, "a mistake in a search").await;

    olga.goto(&format!("{log}?q=action:personal_access_token"))
        .await;
    olga.wait_for_text("approved").await;
    let open =
        "for (const part of document.querySelectorAll('main details')) part.open = true; return 1";
    assert_eq!(olga.look::<u8>(open).await, Some(1));
    look_closely(&olga, "an audit log with its details").await;
    olga.fill("name", "Tokens").await;
    olga.press("Save this search").await;
    olga.wait_for_text("The search `Tokens` is kept").await;
    let open =
        "for (const part of document.querySelectorAll('main details')) part.open = true; return 1";
    assert_eq!(olga.look::<u8>(open).await, Some(1));
    look_closely(&olga, "a log with a search that is kept").await;

    olga.follow("Export").await;
    olga.wait_for_text("The file will hold").await;
    look_closely(&olga, "the export of a log").await;

    olga.goto(&format!("{}/settings/security-log", demo.origin))
        .await;
    olga.wait_for_text("Security log").await;
    look_closely(&olga, "a security log").await;
}
