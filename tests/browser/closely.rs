//! Looks at a page as different people do: in both colours, on a phone and on a laptop.

use crate::support::axe::assert_accessible;
use crate::support::browser::{Browser, Theme};

/// A phone and a laptop, in CSS pixels.
const WIDTHS: [u32; 2] = [360, 1280];

/// Both themes at both widths: no violation, and nothing that sticks out to the side.
pub async fn look_closely(browser: &Browser, what: &str) {
    for width in WIDTHS {
        browser.set_viewport(width, 800, 1.0).await;
        let wide: Option<u32> = browser
            .look("return document.documentElement.scrollWidth")
            .await;
        assert!(wide <= Some(width), "{what} is {wide:?} wide at {width}");
        for theme in Theme::ALL {
            browser.set_theme(theme).await;
            assert_accessible(browser, &format!("{what}, {width} px, {}", theme.name())).await;
        }
    }
    browser.set_theme(Theme::Light).await;
}
