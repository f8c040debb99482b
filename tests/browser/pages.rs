//! Every page of the console, found by following its links in the demo: reachable by anybody in any colours at any
//! width, and no link that leads nowhere.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::closely::look_closely;
use crate::demo::Demo;
use crate::support::browser::Browser;

/// How many addresses of one shape (`/settings/personal-access-tokens/#`) are looked at.
const OF_A_SHAPE: usize = 2;

#[tokio::test]
async fn every_page_of_a_developer_is_accessible_and_leads_on() {
    let demo = Demo::start();
    visit_everything(
        &demo,
        "ana",
        &["/settings/personal-access-tokens/new?target_name=acme&issues=write"],
    )
    .await;
}

#[tokio::test]
async fn every_page_of_an_owner_is_accessible_and_leads_on() {
    let demo = Demo::start();
    visit_everything(&demo, "olga", &["/styleguide"]).await;
}

#[tokio::test]
async fn pages_for_strangers_and_mistakes_are_accessible() {
    let demo = Demo::start();
    let browser = Browser::start().await;
    for (path, words) in [
        ("/login", "Sign in with a passkey"),
        ("/enroll/no-such-link", "link"),
        ("/sudo", "Sign in"),
    ] {
        browser.goto(&format!("{}{path}", demo.origin)).await;
        browser.wait_for_text(words).await;
        look_closely(&browser, path).await;
    }
    demo.sign_in(&browser, "gus").await;
    for path in [
        "/",
        "/settings/personal-access-tokens",
        "/organizations/acme/settings/personal-access-token-requests",
        "/no/such/page",
    ] {
        browser.goto(&format!("{}{path}", demo.origin)).await;
        look_closely(&browser, &format!("{path} for gus")).await;
    }
}

#[tokio::test]
async fn a_confirmation_gives_the_form_back_as_it_was_typed() {
    let demo = Demo::start();
    let browser = Browser::start().await;
    demo.sign_in(&browser, "olga").await;
    let queue = "/organizations/acme/settings/personal-access-token-requests";
    browser.goto(&format!("{}{queue}", demo.origin)).await;
    browser.follow("issue triage").await;
    browser.fill("reason", "Fine for the triage.").await;
    browser.press("Approve").await;
    browser.wait_for_text("Confirm it's you to").await;
    look_closely(&browser, "confirmation").await;
    browser.press("Confirm without a passkey (demo only)").await;
    browser.wait_for_text("Your decision").await;
    let typed = "return document.querySelector('[name=reason]').value";
    let typed: Option<String> = browser.look(typed).await;
    assert_eq!(
        typed.as_deref(),
        Some("Fine for the triage."),
        "nothing ran by the redirect"
    );
    look_closely(&browser, "the form given back").await;
    browser.press("Approve").await;
    browser
        .wait_for_text("Approved ben's token issue triage")
        .await;
}

/// Follows every link from the home page on, and looks closely at each page.
async fn visit_everything(demo: &Demo, login: &str, also: &[&str]) {
    let browser = Browser::start().await;
    demo.sign_in(&browser, login).await;
    let mut waiting: VecDeque<String> = ["/"]
        .iter()
        .chain(also)
        .map(|path| (*path).to_owned())
        .collect();
    let mut seen: BTreeSet<String> = waiting.iter().cloned().collect();
    let mut shapes: BTreeMap<String, usize> = BTreeMap::new();
    while let Some(path) = waiting.pop_front() {
        let shape = shapes.entry(shape(&path)).or_default();
        *shape += 1;
        if *shape > OF_A_SHAPE {
            continue;
        }
        browser.goto(&format!("{}{path}", demo.origin)).await;
        let status = "return performance.getEntriesByType('navigation')[0].responseStatus";
        assert_eq!(
            browser.look::<u16>(status).await,
            Some(200),
            "{path}, as {login}"
        );
        look_closely(&browser, &format!("{path} as {login}")).await;
        // The style guide's links are samples.
        if path == "/styleguide" {
            continue;
        }
        for link in links(&browser).await {
            if seen.insert(link.clone()) {
                waiting.push_back(link);
            }
        }
    }
    assert!(shapes.len() > 3, "the crawl went somewhere: {shapes:?}");
}

/// The console's own addresses on the page, without fragments.
async fn links(browser: &Browser) -> Vec<String> {
    let script = "return [...document.querySelectorAll('a[href]')].map(a => new URL(a.href)) \
                  .filter(u => u.origin === location.origin).map(u => u.pathname + u.search)";
    let links: Vec<String> = browser.look(script).await.expect("the page can be asked");
    // Documents of the API and repositories are no pages.
    let is_page = |link: &String| !link.starts_with("/api/") && !link.contains(".git");
    links.into_iter().filter(is_page).collect()
}

/// An address with its numbers and its query taken out.
fn shape(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let segment = |segment: &str| {
        if segment.parse::<u64>().is_ok() {
            "#".to_owned()
        } else {
            segment.to_owned()
        }
    };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}
