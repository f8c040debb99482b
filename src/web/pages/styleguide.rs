//! Every component in every state, on one page: what page authors copy from and what the looks are tested on.
//!
//! Mounted in demo mode alone; it needs no state and shows no real data.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::chrome::{
    Chrome, Flash, FlashKind, Nav, Viewer, ViewerEnterprise, ViewerOrganization,
};

/// The moment that the samples are told from: 20 Nov 2026, 12:00 UTC, so that the page never changes by itself.
const SAMPLE_NOW: i64 = 1_795_176_000_000_000;
const DAY: i64 = 86_400_000_000;

/// The page struct of `/styleguide`.
#[derive(Template, WebTemplate)]
#[template(path = "pages/styleguide.html")]
pub struct Styleguide {
    chrome: Chrome,
    nav: Nav,
    now: i64,
    errors: Vec<(&'static str, &'static str)>,
    states: [&'static str; 8],
    repositories: Vec<String>,
    bars: Vec<Bar>,
}

/// One day of the sample chart, in the units of its drawing.
struct Bar {
    x: usize,
    allowed: usize,
    refused: usize,
}

/// Shows the style guide.
pub async fn get() -> Styleguide {
    Styleguide {
        chrome: sample_chrome(),
        nav: sample_nav(),
        now: SAMPLE_NOW,
        errors: vec![
            ("sample-name-wrong", "Enter a name of 1 to 40 characters."),
            (
                "sample-expiration",
                "Acme allows tokens for at most 90 days.",
            ),
        ],
        states: [
            "active",
            "pending",
            "denied",
            "revoked",
            "expired",
            "blocked",
            "suspended",
            "none",
        ],
        repositories: [
            "web",
            "api",
            "docs",
            "infrastructure",
            "design-tokens",
            "billing",
            "mobile",
            "website",
        ]
        .map(|name| format!("acme/{name}"))
        .to_vec(),
        bars: (0..30).map(sample_bar).collect(),
    }
}

fn sample_chrome() -> Chrome {
    Chrome::new("Style guide")
        .crumb("Acme", "#acme")
        .crumb("Settings", "#settings")
        .here("Style guide")
        .viewer(Some(Viewer {
            login: "olga".to_owned(),
            name: "Olga Petrova".to_owned(),
            reviews_own: true,
            waiting: 3,
            organizations: vec![
                sample_organization("acme", "Acme", true),
                sample_organization("initech", "Initech", false),
            ],
            enterprises: vec![ViewerEnterprise {
                slug: "globex".to_owned(),
                name: "Globex".to_owned(),
            }],
            site_admin: false,
        }))
        .csrf("sample")
        .flash(Some(Flash {
            kind: FlashKind::Success,
            text: "Approved ana's token ci for acme/web.".to_owned(),
        }))
        .demo(true)
}

fn sample_organization(login: &str, name: &str, owner: bool) -> ViewerOrganization {
    ViewerOrganization {
        login: login.to_owned(),
        name: name.to_owned(),
        owner,
    }
}

fn sample_nav() -> Nav {
    Nav::new("Style guide")
        .item("Words and states", "#words", "#words")
        .item("Forms", "#forms", "")
        .count(3)
        .item("Permissions", "#permissions", "")
        .item("Lists", "#lists", "")
        .item("Details", "#details", "")
        .item("Danger and errors", "#danger", "")
}

fn sample_bar(day: usize) -> Bar {
    let is_weekend = day % 7 > 4;
    Bar {
        x: day * 10,
        allowed: if is_weekend { 6 } else { 24 + (day * 17) % 41 },
        refused: if day % 9 == 4 { 12 } else { 0 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_style_guide_has_nothing_inline() {
        let html = get().await.render().expect("the samples render");
        assert!(!html.contains("style=\""), "inline style");
        assert!(!html.contains("<style"), "inline style sheet");
        assert!(!html.contains("onclick"), "inline script");
        assert!(html.contains("<title>Style guide · Grantry</title>"));
    }
}
