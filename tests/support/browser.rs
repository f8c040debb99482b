//! A real Chromium for one test, driven like a person drives it: by the names and words on the
//! page. Every wait is bounded, and a failure says where the browser was and what it showed.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::prelude::*;

use super::chromedriver::{Chromedriver, capabilities};

/// How long a page, an element or a text may take to come.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long one command to the driver may take; starting Chromium on a busy machine is the longest.
const COMMAND_LIMIT: Duration = Duration::from_secs(30);
/// The pause between two looks at the page.
const PAUSE: Duration = Duration::from_millis(25);
/// The height at which a picture ends, in CSS pixels.
const TALLEST: u32 = 2_400;
/// How much of a page's text a failure shows, in characters.
const SHOWN: usize = 3_000;

/// The colour scheme a visitor prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// Both, for tests that look at a page in each.
    pub const ALL: [Self; 2] = [Self::Light, Self::Dark];

    /// The value of the media feature `prefers-color-scheme`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// A virtual authenticator: a platform passkey holder whose owner always says yes.
#[derive(Debug)]
pub struct Authenticator {
    id: String,
}

/// One Chromium with an empty profile. Dropping it kills its processes and removes the profile.
#[derive(Debug)]
pub struct Browser {
    // Dropped in this order: the processes must be gone before the folder they write to.
    driver: WebDriver,
    _process: Chromedriver,
    _folder: TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The session ends with its processes. Otherwise the driver would ask for that over HTTP,
        // blocking, and wait out its time limit where Chromium hangs.
        let _ = self.driver.clone().leak();
    }
}

impl Browser {
    /// Starts chromedriver and Chromium, at 1280 × 800 points, in light colours.
    pub async fn start() -> Self {
        super::use_ring();
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let process = Chromedriver::start(folder.path());
        let profile = capabilities(&folder.path().join("profile"));
        let driver = WebDriver::builder(process.url(), profile)
            .request_timeout(COMMAND_LIMIT)
            .await
            .unwrap_or_else(|error| panic!("Chromium did not start: {error}"));
        let browser = Self {
            driver,
            _process: process,
            _folder: folder,
        };
        browser.limit_waits().await;
        browser.set_viewport(1280, 800, 1.0).await;
        browser.set_theme(Theme::Light).await;
        browser
    }

    async fn limit_waits(&self) {
        let limits = TimeoutConfiguration::new(
            Some(COMMAND_LIMIT),
            Some(PATIENCE),
            Some(Duration::from_secs(0)),
        );
        self.driver
            .update_timeouts(limits)
            .await
            .expect("chromedriver takes time limits");
    }

    /// The driver itself, for what has no word here.
    pub fn driver(&self) -> &WebDriver {
        &self.driver
    }

    /// Opens an address and waits until it is loaded.
    pub async fn goto(&self, url: &str) {
        if let Err(error) = self.driver.goto(url).await {
            self.fail(&format!("`{url}` did not open: {error}")).await;
        }
    }

    /// The address of the page.
    pub async fn url(&self) -> String {
        match self.driver.current_url().await {
            Ok(url) => url.into(),
            Err(error) => format!("(no address: {error})"),
        }
    }

    /// The text of the page as a visitor sees it.
    pub async fn text(&self) -> String {
        self.look("return document.body ? document.body.innerText : ''")
            .await
            .unwrap_or_default()
    }

    /// Runs a script in the page and gives what it returns; `None` where it cannot run just now or
    /// returns something else. Works under a strict Content-Security-Policy.
    pub async fn look<T: serde::de::DeserializeOwned>(&self, script: &str) -> Option<T> {
        let answer = self.driver.execute(script, Vec::new()).await.ok()?;
        answer.convert().ok()
    }

    /// Waits for a visible element of this CSS selector.
    pub async fn wait_for(&self, css: &str) -> WebElement {
        self.visible(By::Css(css), &format!("a visible element `{css}`"))
            .await
    }

    /// Waits until the page shows this text.
    pub async fn wait_for_text(&self, text: &str) {
        self.until(&format!("the text `{text}`"), async || {
            self.text().await.contains(text).then_some(())
        })
        .await;
    }

    /// Waits until the address ends with `end`, for instance the path of a page.
    pub async fn wait_for_url(&self, end: &str) {
        self.until(&format!("an address that ends with `{end}`"), async || {
            self.url().await.ends_with(end).then_some(())
        })
        .await;
    }

    /// Puts a value into the field of this name, in place of what stood there: typed into a text
    /// field, chosen by value or words in a select.
    pub async fn fill(&self, name: &str, value: &str) {
        let wanted = format!("a visible field named `{name}`");
        let css = format!("[name={}]:not([type=hidden])", quoted_css(name));
        // A page that refreshes a part of itself may put a fresh field in the place of the one just found.
        self.until(&format!("{wanted}, to take `{value}`"), async || {
            let field = self.visible(By::Css(css.clone()), &wanted).await;
            put(&field, value).await.ok()
        })
        .await;
    }

    /// Ticks the checkbox or radio button of this name and value, unless it is ticked.
    pub async fn tick(&self, name: &str, value: &str) {
        let css = format!("[name={}][value={}]", quoted_css(name), quoted_css(value));
        let wanted = format!("a choice `{name}` = `{value}`");
        let choice = self
            .until(&wanted, async || {
                self.driver.find(By::Css(css.as_str())).await.ok()
            })
            .await;
        if !choice.is_selected().await.unwrap_or(false) {
            self.click(&choice, &wanted).await;
        }
    }

    /// Presses the button that bears exactly these words.
    pub async fn press(&self, words: &str) {
        let quoted = quoted_xpath(words);
        let path = format!(
            "//button[normalize-space()={quoted}] | //*[@role='button'][normalize-space()={quoted}] \
             | //summary[normalize-space()={quoted}] | //input[@type='submit'][@value={quoted}]"
        );
        let wanted = format!("a visible button `{words}`");
        let button = self.visible(By::XPath(path), &wanted).await;
        self.click(&button, &wanted).await;
    }

    /// Follows the link that bears exactly these words.
    pub async fn follow(&self, words: &str) {
        let path = format!("//a[@href][normalize-space()={}]", quoted_xpath(words));
        let wanted = format!("a visible link `{words}`");
        let link = self.visible(By::XPath(path), &wanted).await;
        self.click(&link, &wanted).await;
    }

    /// Sets the size of the page in CSS pixels, and how many device pixels each has.
    pub async fn set_viewport(&self, width: u32, height: u32, scale: f64) {
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": scale, "mobile": false,
        });
        self.send("Emulation.setDeviceMetricsOverride", metrics)
            .await;
    }

    /// Sets the colours the visitor prefers, and that they prefer to see nothing move: a colour that is on its way
    /// to another would be measured as neither.
    pub async fn set_theme(&self, theme: Theme) {
        let features = json!([
            { "name": "prefers-color-scheme", "value": theme.name() },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.send(
            "Emulation.setEmulatedMedia",
            json!({ "features": features }),
        )
        .await;
    }

    /// Gives this browser a platform authenticator with resident keys and user verification.
    pub async fn add_virtual_authenticator(&self) -> Authenticator {
        self.send("WebAuthn.enable", json!({})).await;
        let options = json!({
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": true,
            "hasUserVerification": true,
            "isUserVerified": true,
            "automaticPresenceSimulation": true,
        });
        let answer = self
            .send(
                "WebAuthn.addVirtualAuthenticator",
                json!({ "options": options }),
            )
            .await;
        let id = answer["authenticatorId"]
            .as_str()
            .expect("Chromium names the authenticator it adds")
            .to_owned();
        Authenticator { id }
    }

    /// Whether the authenticator answers by itself, as if its owner were there to touch it.
    pub async fn set_presence(&self, authenticator: &Authenticator, is_there: bool) {
        let setting = json!({ "authenticatorId": authenticator.id, "enabled": is_there });
        self.send("WebAuthn.setAutomaticPresenceSimulation", setting)
            .await;
    }

    /// How many passkeys the authenticator holds.
    pub async fn passkeys(&self, authenticator: &Authenticator) -> usize {
        let authenticator = json!({ "authenticatorId": authenticator.id });
        let answer = self.send("WebAuthn.getCredentials", authenticator).await;
        answer["credentials"].as_array().map_or(0, Vec::len)
    }

    /// Copies the passkeys of one browser's authenticator to that of another, as a synchronised account does.
    pub async fn copy_passkeys(&self, from: &Authenticator, other: &Self, to: &Authenticator) {
        let ours = json!({ "authenticatorId": from.id });
        let held = self.send("WebAuthn.getCredentials", ours).await;
        for credential in held["credentials"].as_array().into_iter().flatten() {
            let copy = json!({ "authenticatorId": to.id, "credential": credential });
            other.send("WebAuthn.addCredential", copy).await;
        }
    }

    /// Takes the authenticator away with its passkeys, as when a device is lost.
    pub async fn remove_virtual_authenticator(&self, authenticator: Authenticator) {
        let authenticator = json!({ "authenticatorId": authenticator.id });
        self.send("WebAuthn.removeVirtualAuthenticator", authenticator)
            .await;
    }

    /// Whether somebody wants pictures of the pages for the documents: `GRANTRY_SCREENSHOTS=1`.
    pub fn keeps_pictures() -> bool {
        std::env::var("GRANTRY_SCREENSHOTS").is_ok_and(|value| value == "1")
    }

    /// Keeps a picture of the page from its top on as `name.webp`: in `docs/screenshots` where somebody wants that, else
    /// beside the build.
    pub async fn screenshot(&self, name: &str) -> PathBuf {
        let folder = screenshot_folder();
        std::fs::create_dir_all(&folder).expect("the folder of the screenshots can be made");
        let size =
            "return [document.documentElement.clientWidth, document.documentElement.scrollHeight]";
        let [width, height]: [u32; 2] = self.look(size).await.expect("the page has a size");
        let clip =
            json!({ "x": 0, "y": 0, "width": width, "height": height.min(TALLEST), "scale": 1 });
        let wish =
            json!({ "format": "webp", "quality": 70, "captureBeyondViewport": true, "clip": clip });
        let answer = self.send("Page.captureScreenshot", wish).await;
        let data = answer["data"]
            .as_str()
            .expect("Chromium gives the picture as text");
        let picture = BASE64.decode(data).expect("the text is base64");
        let path = folder.join(format!("{name}.webp"));
        std::fs::write(&path, picture).expect("a picture can be written");
        path
    }

    async fn send(&self, command: &str, parameters: Value) -> Value {
        match self.driver.cdp().send_raw(command, parameters).await {
            Ok(answer) => answer,
            Err(error) => self.fail(&format!("`{command}` failed: {error}")).await,
        }
    }

    async fn visible(&self, by: By, wanted: &str) -> WebElement {
        self.until(wanted, async || {
            for element in self.driver.find_all(by.clone()).await.ok()? {
                if element.is_displayed().await.unwrap_or(false) {
                    return Some(element);
                }
            }
            None
        })
        .await
    }

    async fn click(&self, element: &WebElement, wanted: &str) {
        if let Err(error) = element.click().await {
            self.fail(&format!("{wanted} cannot be clicked: {error}"))
                .await;
        }
    }

    /// Looks again and again until there is an answer, for as long as our patience lasts.
    pub async fn until<T>(&self, wanted: &str, look: impl AsyncFn() -> Option<T>) -> T {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(PAUSE).await;
        }
        self.fail(&format!("{wanted} did not come in {PATIENCE:?}"))
            .await
    }

    /// Ends the test with what happened, where the browser is and what it shows.
    pub async fn fail(&self, what: &str) -> ! {
        let url = self.url().await;
        let text: String = self.text().await.chars().take(SHOWN).collect();
        panic!("{what}\nat {url}, where the page says:\n{text}");
    }
}

async fn put(field: &WebElement, value: &str) -> WebDriverResult<()> {
    if field.tag_name().await? == "select" {
        let quoted = quoted_xpath(value);
        let option = format!(".//option[@value={quoted} or normalize-space()={quoted}]");
        return field.find(By::XPath(option)).await?.click().await;
    }
    field.clear().await?;
    field.send_keys(value).await
}

fn screenshot_folder() -> PathBuf {
    if Browser::keeps_pictures() {
        return Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/screenshots");
    }
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots")
}

/// A string of CSS.
fn quoted_css(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A string of XPath, which knows no escapes: one that holds both kinds of quotes is put together.
fn quoted_xpath(text: &str) -> String {
    if !text.contains('\'') {
        return format!("'{text}'");
    }
    let parts: Vec<String> = text.split('\'').map(|part| format!("'{part}'")).collect();
    format!("concat({})", parts.join(", \"'\", "))
}
