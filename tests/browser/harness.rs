//! The harness itself: what the other browser tests take for granted.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use axum::Router;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::Html;
use axum::routing::get;
use tokio::net::TcpListener;

use crate::support::axe::{assert_accessible, violations};
use crate::support::browser::{Browser, Theme};

const FORM: &str = r#"<!doctype html><html lang="en"><head><title>Form</title></head><body><main><h1>A form</h1>
<form action="/sent"><label>Name <input name="name" value="old"></label>
<label>Level <select name="level"><option value="r">Read</option><option value="w">Write</option></select></label>
<label><input type="checkbox" name="owner" value="acme"> acme</label>
<button>Don't "wait"</button></form><p><a href="/broken">Elsewhere</a></p></main></body></html>"#;

const BROKEN: &str = r#"<!doctype html><html lang="en"><head><title>Broken</title></head>
<body><main><h1>Broken</h1><img src="data:,"><input name="nameless"></main></body></html>"#;

/// A page with a Content-Security-Policy as strict as Grantry's.
fn page(html: &'static str) -> axum::routing::MethodRouter {
    let policy = (CONTENT_SECURITY_POLICY, "default-src 'self'");
    get(move || async move { ([policy], Html(html)) })
}

/// Serves the pages on a free port of localhost and gives their origin.
async fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    let router = Router::new()
        .route("/", page(FORM))
        .route("/sent", page(FORM))
        .route("/broken", page(BROKEN));
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://localhost:{port}")
}

#[tokio::test]
async fn a_form_is_filled_and_sent_by_its_names_and_words() {
    let origin = serve().await;
    let browser = Browser::start().await;
    browser.goto(&origin).await;
    browser.fill("name", "Ana Lima").await;
    browser.fill("level", "Write").await;
    browser.tick("owner", "acme").await;
    browser.press("Don't \"wait\"").await;
    browser
        .wait_for_url("/sent?name=Ana+Lima&level=w&owner=acme")
        .await;
    browser.wait_for("form button").await;
    browser.follow("Elsewhere").await;
    browser.wait_for_text("Broken").await;
    assert_eq!(browser.url().await, format!("{origin}/broken"));
}

#[tokio::test]
async fn viewport_and_theme_are_what_the_page_sees() {
    let browser = Browser::start().await;
    browser.goto(&serve().await).await;
    for theme in Theme::ALL {
        browser.set_theme(theme).await;
        browser.set_viewport(360, 640, 2.0).await;
        let query = format!(
            "return [innerWidth, innerHeight, devicePixelRatio, \
             Number(matchMedia('(prefers-color-scheme: {})').matches)]",
            theme.name()
        );
        let seen: Option<Vec<f64>> = browser.look(&query).await;
        assert_eq!(seen, Some(vec![360.0, 640.0, 2.0, 1.0]), "{theme:?}");
        assert_accessible(&browser, &format!("the form, {}", theme.name())).await;
    }
    let picture = browser.screenshot("harness").await;
    let webp = std::fs::read(&picture).expect("the screenshot is there");
    assert_eq!((&webp[..4], &webp[8..12]), (&b"RIFF"[..], &b"WEBP"[..]));
    std::fs::remove_file(picture).expect("it was nobody's document");
}

#[tokio::test]
async fn axe_names_the_rules_a_page_breaks() {
    let browser = Browser::start().await;
    browser.goto(&format!("{}/broken", serve().await)).await;
    let found = violations(&browser).await;
    let mut rules: Vec<&str> = found
        .iter()
        .map(|violation| violation.rule.as_str())
        .collect();
    rules.sort_unstable();
    assert_eq!(rules, ["image-alt", "label"]);
    assert!(found[0].to_string().contains("img"), "{}", found[0]);
}

#[tokio::test]
async fn a_virtual_authenticator_makes_a_resident_passkey() {
    let browser = Browser::start().await;
    browser.goto(&serve().await).await;
    let authenticator = browser.add_virtual_authenticator().await;
    let made = browser
        .driver()
        .execute_async(
            "const done = arguments[arguments.length - 1];
             navigator.credentials.create({ publicKey: {
                 challenge: new Uint8Array(32), rp: { name: 'Harness' },
                 user: { id: new Uint8Array(16), name: 'ana', displayName: 'Ana' },
                 pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
                 authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
             } }).then((made) => done(made.type), (error) => done(String(error)))",
            Vec::new(),
        )
        .await
        .expect("the script runs");
    assert_eq!(made.json(), "public-key");
    assert_eq!(browser.passkeys(&authenticator).await, 1);
    browser.remove_virtual_authenticator(authenticator).await;
}

#[tokio::test]
async fn a_panicking_test_leaves_no_browser_behind() {
    let (tell, told) = tokio::sync::oneshot::channel();
    let task = tokio::spawn(async move {
        let browser = Browser::start().await;
        let folder: String = browser
            .driver()
            .capabilities()
            .get("chrome")
            .and_then(|chrome| chrome["userDataDir"].as_str())
            .expect("chromedriver names the profile")
            .to_owned();
        tell.send(folder).expect("the test waits");
        panic!("on purpose");
    });
    let profile = told.await.expect("the browser started");
    assert!(task.await.is_err(), "the task panicked");
    for _ in 0..100 {
        if !is_in_use(&profile) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("`{profile}` or a process that uses it is still there after 10 s");
}

/// Whether the folder is there, or a process that was started with it.
fn is_in_use(profile: &str) -> bool {
    let processes = Command::new("pgrep")
        .args(["-f", "--", profile])
        .output()
        .expect("pgrep runs");
    !processes.stdout.is_empty() || Path::new(profile).exists()
}
