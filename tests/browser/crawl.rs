//! Follows links from the home page on, as a person who looks around would, and remembers which of the console's
//! addresses it came to.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use grantry::web::router::{Access, routes};

use crate::closely::look_closely;
use crate::demo::Demo;
use crate::support::browser::{Browser, Theme};

/// How many pages of one address (`/settings/personal-access-tokens/{id}`) are looked at.
const OF_AN_ADDRESS: usize = 2;

const CHOSEN: &str = "rows that were chosen lead there; `queue` walks there";

const PREVIEWED: &str = "the form of the policy leads there; `policies` walks there";
const A_FILE: &str = "a preview leads there, to a file";

/// Pages that no link leads to, with the reason.
const WITHOUT_A_LINK: [(&str, &str); 15] = [
    ("/login", "the door, which nobody signed in needs"),
    ("/enroll/{code}", "only the holder of the link knows it"),
    ("/sudo", "an act that waits leads there"),
    (
        "/settings/security/passkeys/{id}",
        "people of a demonstration have no passkey; `account` walks there",
    ),
    (
        "/organizations/{org}/settings/personal-access-tokens/active/revoke",
        CHOSEN,
    ),
    (
        "/organizations/{org}/settings/personal-access-tokens/classic/block",
        "rows that were chosen lead there; `exceptions` walks there",
    ),
    (
        "/organizations/{org}/settings/personal-access-token-requests/review",
        CHOSEN,
    ),
    (
        "/settings/personal-access-token-requests/active/revoke",
        CHOSEN,
    ),
    ("/settings/personal-access-token-requests/review", CHOSEN),
    (
        "/organizations/{org}/settings/personal-access-tokens/preview",
        PREVIEWED,
    ),
    (
        "/organizations/{org}/settings/personal-access-tokens/preview/export",
        A_FILE,
    ),
    (
        "/enterprises/{slug}/settings/personal-access-tokens/preview",
        PREVIEWED,
    ),
    (
        "/enterprises/{slug}/settings/personal-access-tokens/preview/export",
        A_FILE,
    ),
    (
        "/enterprises/{slug}/settings/tokens/revoke",
        "rows that were chosen lead there; the integration tests choose some",
    ),
    (
        "/enterprises/{slug}/settings/tokens/export",
        "a file and no page; `enterprise` looks at it",
    ),
];

/// Somebody who looks around, and the pages that are theirs: each must be found, and is pictured where pictures are
/// wanted.
#[derive(Debug, Clone, Copy)]
pub struct Visitor<'a> {
    /// Who.
    pub login: &'a str,
    /// What they are there to see.
    pub pages: &'a [Access],
    /// Where they begin, beside the home page.
    pub also: &'a [&'a str],
}

/// Follows every link, looks closely at each page, and holds that links lead to every page of the visitor's: one that
/// nobody finds by following links might as well not be there.
pub async fn visit_everything(demo: &Demo, visitor: Visitor<'_>) {
    let browser = Browser::start().await;
    demo.sign_in(&browser, visitor.login).await;
    let begin = ["/"].iter().chain(visitor.also);
    let mut waiting: VecDeque<String> = begin.map(|path| (*path).to_owned()).collect();
    let mut seen: BTreeSet<String> = waiting.iter().cloned().collect();
    let mut visits: BTreeMap<&str, usize> = BTreeMap::new();
    let theirs = addresses(visitor.pages);
    while let Some(path) = waiting.pop_front() {
        let address = address(&path);
        let visit = visits.entry(address).or_default();
        *visit += 1;
        if *visit > OF_AN_ADDRESS {
            continue;
        }
        let is_first = *visit == 1;
        open(&browser, demo, &path, visitor.login).await;
        look_closely(&browser, &format!("{path} as {}", visitor.login)).await;
        if is_first && theirs.contains(&address) {
            picture(&browser, address).await;
        }
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
    let missing: Vec<_> = theirs
        .into_iter()
        .filter(|path| !visits.contains_key(path))
        .filter(|path| WITHOUT_A_LINK.iter().all(|(known, _)| known != path))
        .collect();
    assert!(
        missing.is_empty(),
        "no link led {} to {missing:?}",
        visitor.login
    );
}

/// The addresses of the console with a page of one of these kinds.
fn addresses(kinds: &[Access]) -> Vec<&'static str> {
    routes()
        .into_iter()
        .filter(|route| route.get.is_some_and(|access| kinds.contains(&access)))
        .map(|route| route.path)
        .collect()
}

async fn open(browser: &Browser, demo: &Demo, path: &str, login: &str) {
    browser.goto(&format!("{}{path}", demo.origin)).await;
    let status = "return performance.getEntriesByType('navigation')[0].responseStatus";
    let status = browser.look::<u16>(status).await;
    assert_eq!(status, Some(200), "{path}, as {login}");
}

/// A laptop by day and a phone by night, when pictures are wanted.
async fn picture(browser: &Browser, address: &str) {
    if !Browser::keeps_pictures() {
        return;
    }
    let name = match address.trim_matches('/') {
        "" => "home".to_owned(),
        path => path.replace('/', "-").replace(['{', '}'], ""),
    };
    browser.set_viewport(1280, 800, 1.0).await;
    browser.screenshot(&name).await;
    browser.set_viewport(390, 800, 1.0).await;
    browser.set_theme(Theme::Dark).await;
    browser.screenshot(&format!("{name}-phone")).await;
    browser.set_theme(Theme::Light).await;
}

/// The console's own addresses on the page, without fragments and without files to take away.
async fn links(browser: &Browser) -> Vec<String> {
    let script = "return [...document.querySelectorAll('a[href]:not([download])')].map(a => new URL(a.href)) \
                  .filter(u => u.origin === location.origin).map(u => u.pathname + u.search)";
    let links: Vec<String> = browser.look(script).await.expect("the page can be asked");
    // Files, documents of the API and repositories are no pages.
    let is_page = |link: &String| !link.starts_with("/api/") && !link.contains(".git");
    links.into_iter().filter(is_page).collect()
}

/// The console's address that a path belongs to: of several, the one with the most fixed words.
fn address(path: &str) -> &'static str {
    let path = path.split('?').next().unwrap_or_default();
    let segments: Vec<_> = path.split('/').collect();
    let fits = |template: &str| {
        let parts: Vec<_> = template.split('/').collect();
        parts.len() == segments.len()
            && parts
                .iter()
                .zip(&segments)
                .all(|(part, segment)| part.starts_with('{') || part == segment)
    };
    let fixed = |template: &str| {
        template
            .split('/')
            .filter(|part| !part.starts_with('{'))
            .count()
    };
    let known = routes()
        .into_iter()
        .map(|route| route.path)
        .chain(["/styleguide"]);
    known
        .filter(|template| fits(template))
        .max_by_key(|template| fixed(template))
        .unwrap_or_else(|| panic!("a link leads to `{path}`, which the console does not have"))
}
