//! Every page of the console, found by following its links in the demo: reachable by anybody in any colours at any
//! width, and no link that leads nowhere.

use grantry::web::router::Access;

use crate::closely::look_closely;
use crate::crawl::{self, Visitor};
use crate::demo::Demo;
use crate::support::browser::Browser;

#[tokio::test]
async fn every_page_of_a_developer_is_accessible_and_leads_on() {
    let ana = Visitor {
        login: "ana",
        pages: &[Access::SignedIn],
        also: &["/settings/personal-access-tokens/new?target_name=acme&issues=write"],
    };
    crawl::visit_everything(&Demo::start(), ana).await;
}

#[tokio::test]
async fn every_page_of_an_owner_is_accessible_and_leads_on() {
    let olga = Visitor {
        login: "olga",
        pages: &[
            Access::OrganizationOwner,
            Access::RepositoryReader,
            Access::RepositoryAdmin,
        ],
        // Of the repositories, it is the one that somebody collaborates on.
        also: &["/styleguide", "/acme/web/settings/collaborators"],
    };
    crawl::visit_everything(&Demo::start(), olga).await;
}

#[tokio::test]
async fn every_page_of_an_enterprise_owner_is_accessible_and_leads_on() {
    let eve = Visitor {
        login: "eve",
        pages: &[Access::EnterpriseOwner],
        also: &[],
    };
    crawl::visit_everything(&Demo::start(), eve).await;
}

#[tokio::test]
async fn every_page_of_a_site_administrator_is_accessible_and_leads_on() {
    let ida = Visitor {
        login: "ida",
        pages: &[Access::SiteAdmin],
        also: &[],
    };
    crawl::visit_everything(&Demo::start(), ida).await;
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
