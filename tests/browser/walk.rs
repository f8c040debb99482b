//! The main job, walked by two people and a client: mint, wait, approve, use, be refused, revoke.

use std::time::Duration;

use reqwest::{Client, Response, StatusCode};

use crate::closely::look_closely;
use crate::server::{Server, git, is_signed_in, try_git};
use crate::support::browser::{Authenticator, Browser};
use crate::support::postgres;

#[tokio::test]
async fn the_main_job_on_sqlite() {
    walk(&Server::start("").await).await;
}

#[tokio::test]
async fn the_main_job_on_postgresql() {
    let database = postgres::database().await;
    walk(&Server::start(database.url()).await).await;
}

async fn walk(server: &Server) {
    let ana = Browser::start().await;
    let passkey = enrol(&ana, &server.link("ana")).await;
    sign_out_and_in_with_the_passkey(&ana, &passkey).await;

    let token = mint(&ana, server, "issue triage", "issues", "read").await;
    let pending = get(server, &token, "/repos/acme/web/issues").await;
    refused(pending, "pending", "acme").await;

    let olga = Browser::start().await;
    enrol(&olga, &server.link("olga")).await;
    approve(&olga, server, "issue triage").await;

    let issues = get(server, &token, "/repos/acme/web/issues").await;
    assert_eq!(issues.status(), StatusCode::OK);
    let issues: serde_json::Value = issues.json().await.expect("it is JSON");
    assert_eq!(issues[0]["title"], "The first thing to do");
    let contents = get(server, &token, "/repos/acme/web/contents/README.md").await;
    refused(contents, "missing_permission", "contents=read").await;
    let refused_clone = clone(server, &token, "refused");
    assert!(
        !refused_clone.status.success(),
        "the first token cannot read code"
    );
    let words = String::from_utf8_lossy(&refused_clone.stderr);
    assert!(
        words.contains("contents=read"),
        "git says what is missing: {words}"
    );

    let code = mint(&ana, server, "read the code", "contents", "read").await;
    approve(&olga, server, "read the code").await;
    assert!(
        clone(server, &code, "code").status.success(),
        "the second token clones"
    );
    push_is_refused(server, &code);

    revoke(
        &olga,
        server,
        "issue triage",
        "The job moved to another team.",
    )
    .await;
    let after = get(server, &token, "/repos/acme/web/issues").await;
    refused(after, "revoked", "acme").await;
    ana.goto(&format!(
        "{}/settings/personal-access-tokens",
        server.origin()
    ))
    .await;
    ana.follow("issue triage").await;
    ana.wait_for_text("The job moved to another team.").await;

    for secret in [&token, &code] {
        server.assert_nowhere(secret);
    }
}

/// Opens a one-time link and registers a passkey with it.
pub async fn enrol(browser: &Browser, link: &str) -> Authenticator {
    let authenticator = browser.add_virtual_authenticator().await;
    browser.goto(link).await;
    look_closely(browser, "enrolment").await;
    browser.press("Register a passkey").await;
    is_signed_in(browser).await;
    authenticator
}

/// The passkey alone is enough, by autofill and by the button.
async fn sign_out_and_in_with_the_passkey(browser: &Browser, authenticator: &Authenticator) {
    // Autofill: the sign-in page asks by itself, and the authenticator answers.
    sign_out(browser).await;
    let script = "return !window.before && !!document.querySelector(\"form[action='/logout']\")";
    browser
        .until("another page, signed in again", async || {
            browser
                .look::<bool>(script)
                .await
                .filter(|found| *found)
                .map(drop)
        })
        .await;
    // The button: the page's own question was put while nobody was there, so it stays unanswered.
    browser.set_presence(authenticator, false).await;
    sign_out(browser).await;
    browser.wait_for("[data-passkey='sign-in']").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    browser.set_presence(authenticator, true).await;
    browser.press("Sign in with a passkey").await;
    is_signed_in(browser).await;
}

/// Presses "Sign out", and marks the page that is left behind.
async fn sign_out(browser: &Browser) {
    let script = "window.before = true; \
                  document.querySelector(\"form[action='/logout']\").requestSubmit(); return true";
    browser.look::<bool>(script).await;
}

/// Mints a token at Acme for its repository `web` with one permission; gives the secret.
async fn mint(
    browser: &Browser,
    server: &Server,
    name: &str,
    permission: &str,
    level: &str,
) -> String {
    browser
        .goto(&format!(
            "{}/settings/personal-access-tokens",
            server.origin()
        ))
        .await;
    browser
        .goto(&format!(
            "{}/settings/personal-access-tokens/new",
            server.origin()
        ))
        .await;
    browser.fill("name", name).await;
    choose(browser, "input[name=owner]:checked", "ana").await;
    choose(browser, "input[name=owner]", "acme").await;
    browser.press("Show what to choose for these owners").await;
    browser.wait_for_text("What it may do at acme").await;
    choose(browser, "input[type=radio]", "Only selected repositories").await;
    choose(browser, "input[type=checkbox]", "web").await;
    let script = format!(
        "document.querySelector(\"input[name$='-{permission}'][value='{level}']\").click(); return true"
    );
    browser
        .look::<bool>(&script)
        .await
        .expect("the permission is offered");
    browser
        .fill("justification", "The triage job needs it.")
        .await;
    look_closely(browser, "new token").await;
    browser.press("Check your answers").await;
    browser.wait_for_text("What acme will read").await;
    look_closely(browser, "check your answers").await;
    browser.press("Generate token").await;
    browser.wait_for_text("Your new token").await;
    look_closely(browser, "the secret").await;
    let secret: Option<String> = browser
        .look("return document.querySelector('.secret code').textContent.trim()")
        .await;
    secret.expect("the page shows the secret")
}

/// Clicks the choice that bears these words.
pub async fn choose(browser: &Browser, css: &str, words: &str) {
    let script = format!(
        "const all = [...document.querySelectorAll(\"{css}\")]; \
         const one = all.find(i => i.closest('label')?.querySelector('.choice-label')?.textContent.trim() === '{words}'); \
         one?.click(); return !!one"
    );
    let wanted = format!("a choice `{words}`");
    browser
        .until(&wanted, async || {
            browser
                .look::<bool>(&script)
                .await
                .filter(|found| *found)
                .map(drop)
        })
        .await;
}

/// An owner opens the queue, reads the request and approves it.
pub async fn approve(browser: &Browser, server: &Server, token: &str) {
    let queue = format!(
        "{}/organizations/acme/settings/personal-access-token-requests",
        server.origin()
    );
    browser.goto(&queue).await;
    look_closely(browser, "pending requests").await;
    browser.follow(token).await;
    browser.wait_for_text("Your decision").await;
    look_closely(browser, "a request").await;
    browser.press("Approve").await;
    browser.wait_for_text("Approved").await;
}

/// An owner takes a grant back, with a reason.
async fn revoke(browser: &Browser, server: &Server, token: &str, reason: &str) {
    let active = format!(
        "{}/organizations/acme/settings/personal-access-tokens/active",
        server.origin()
    );
    browser.goto(&active).await;
    look_closely(browser, "active tokens").await;
    browser.follow(token).await;
    browser.wait_for_text("Revoke its access").await;
    look_closely(browser, "an active token").await;
    browser.fill("reason", reason).await;
    browser.press("Revoke access").await;
    browser.wait_for_text("Revoked").await;
}

pub async fn get(server: &Server, token: &str, path: &str) -> Response {
    let address = format!("{}/api/v3{path}", server.origin());
    Client::new()
        .get(address)
        .bearer_auth(token)
        .send()
        .await
        .expect("the server answers")
}

/// A refusal says its code and what to do.
pub async fn refused(answer: Response, reason: &str, words: &str) {
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    let body: serde_json::Value = answer.json().await.expect("it is JSON");
    assert_eq!(body["reason"], reason, "{body}");
    let message = body["message"].as_str().unwrap_or_default();
    assert!(message.contains(words), "{message}");
}

/// The address of a repository with the token as password.
fn remote(server: &Server, token: &str) -> String {
    server
        .origin()
        .replace("http://", &format!("http://ana:{token}@"))
        + "/acme/web.git"
}

fn clone(server: &Server, token: &str, folder: &str) -> std::process::Output {
    try_git(
        server.folder(),
        &["clone", "-q", &remote(server, token), folder],
    )
}

fn push_is_refused(server: &Server, token: &str) {
    let folder = server.folder().join("code");
    std::fs::write(folder.join("new.txt"), "new\n").expect("it is writable");
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-q", "-m", "Add a file"]);
    let push = try_git(
        &folder,
        &["push", "-q", &remote(server, token), "HEAD:main"],
    );
    assert!(!push.status.success(), "reading is not writing");
    let words = String::from_utf8_lossy(&push.stderr);
    assert!(
        words.contains("contents=write"),
        "git says what is missing: {words}"
    );
}
