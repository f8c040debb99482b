//! Accessibility of the page in the browser, judged by axe-core.

use std::fmt::{self, Display, Formatter};

use serde::Deserialize;

use super::browser::Browser;

/// Where `npm ci` puts the script.
const SCRIPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/node_modules/axe-core/axe.min.js"
);

/// Runs every rule of axe on the whole document and hands back what is broken.
const RUN: &str = r"
    const done = arguments[arguments.length - 1];
    window.axe.run(document, { resultTypes: ['violations'] }).then(
        (result) => done({
            violations: result.violations.map(({ id, impact, help, nodes }) => ({
                rule: id,
                impact: impact || 'unrated',
                help,
                places: nodes.map(({ target, failureSummary }) => ({
                    selector: target.flat(Infinity).join(' '),
                    why: failureSummary || '',
                })),
            })),
        }),
        (error) => done({ error: String(error) }),
    );
";

/// One broken rule, with every place that breaks it.
#[derive(Debug, Deserialize)]
pub struct Violation {
    /// The rule's name, as in axe's own documentation.
    pub rule: String,
    /// How much it hinders a visitor: minor, moderate, serious or critical.
    pub impact: String,
    help: String,
    places: Vec<Place>,
}

#[derive(Debug, Deserialize)]
struct Place {
    selector: String,
    why: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Violations(Vec<Violation>),
    Error(String),
}

impl Display for Violation {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        writeln!(out, "{} ({}): {}", self.rule, self.impact, self.help)?;
        for place in &self.places {
            writeln!(out, "  {}", place.selector)?;
            for line in place.why.lines().skip(1) {
                writeln!(out, "    {}", line.trim())?;
            }
        }
        Ok(())
    }
}

/// What axe finds on the page that the browser shows, as it is shown: theme and width matter.
pub async fn violations(browser: &Browser) -> Vec<Violation> {
    inject(browser).await;
    match run(browser).await {
        Ok(Outcome::Violations(found)) => found,
        Ok(Outcome::Error(error)) => browser.fail(&format!("axe failed: {error}")).await,
        Err(error) => browser.fail(&format!("axe did not run: {error}")).await,
    }
}

/// Ends the test unless axe finds nothing; `label` says which page in which state this is.
pub async fn assert_accessible(browser: &Browser, label: &str) {
    let found = violations(browser).await;
    assert!(
        found.is_empty(),
        "{label} at {} breaks {} rules of accessibility:\n{}",
        browser.url().await,
        found.len(),
        found.iter().map(Violation::to_string).collect::<String>()
    );
}

/// Puts axe into the page through the driver, where no Content-Security-Policy is in the way.
async fn inject(browser: &Browser) {
    if browser.look("return 'axe' in window").await == Some(true) {
        return;
    }
    let script = std::fs::read_to_string(SCRIPT)
        .unwrap_or_else(|error| panic!("`{SCRIPT}` cannot be read (run `npm ci`): {error}"));
    if let Err(error) = browser.driver().execute(script, Vec::new()).await {
        browser
            .fail(&format!("axe did not enter the page: {error}"))
            .await;
    }
}

async fn run(browser: &Browser) -> thirtyfour::error::WebDriverResult<Outcome> {
    browser
        .driver()
        .execute_async(RUN, Vec::new())
        .await?
        .convert()
}
