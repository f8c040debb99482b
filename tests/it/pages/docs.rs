//! The pages about permissions and endpoints, which anybody may read.

use axum::http::StatusCode;

use super::visitor::Visitor;
use crate::world::World;

const PATH: &str = "/docs/permissions";

fn search(text: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("q", text)
        .finish();
    format!("{PATH}?{query}")
}

on_every_database! {
    /// The permissions are no secret of this installation, and nobody's session begins by reading them.
    async fn anybody_reads_the_permissions_signed_in_or_not(world: &World) {
        for visitor in [Visitor::nobody(world), Visitor::signed_in(world, "ana").await] {
            let page = visitor.get(PATH).await;
            assert_eq!(page.status, StatusCode::OK);
            for text in [
                "Repository permissions",
                "Enterprise permissions",
                "/docs/permissions/issues",
                "Calls that no token reaches",
                "GET /app",
            ] {
                assert!(page.has(text), "{text}");
            }
            let page = visitor.get("/docs/permissions/issues").await;
            assert_eq!(page.status, StatusCode::OK);
            assert!(page.has("POST /repos/{owner}/{repo}/issues") && page.has("triage"), "{}", page.html);
            assert!(page.has("/settings/personal-access-tokens/new?issues=write"), "{}", page.html);
        }
        let page = Visitor::nobody(world).get("/docs/permissions/nope").await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
    }

    /// The owner of a call as it was typed goes into the form that the answer leads to.
    async fn a_call_as_a_client_makes_it_leads_to_the_form_filled(world: &World) {
        let ana = Visitor::signed_in(world, "ana").await;
        let page = ana.get(&search("POST /repos/acme/web/issues")).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.has("1 endpoint</h2>") && page.has("Issues: write"), "{}", page.html);
        let href = "/settings/personal-access-tokens/new?issues=write&#38;target_name=acme";
        assert!(page.has(href), "{}", page.html);
        let form = ana.get("/settings/personal-access-tokens/new?issues=write&target_name=acme").await;
        assert_eq!(form.status, StatusCode::OK);
        let chosen = form.html.split("-issues\" value=\"write\"").nth(1).unwrap_or_default();
        assert!(chosen.starts_with(" checked"), "the level is chosen");
    }

    /// Whatever is searched for, the answer is a page: what cannot be searched by is told at the field.
    async fn a_search_that_finds_nothing_or_cannot_be_made_is_told(world: &World) {
        let visitor = Visitor::nobody(world);
        for text in ["GET /no/such/path", "words that nothing holds", "TRACE /user", "<script>"] {
            let page = visitor.get(&search(text)).await;
            assert_eq!(page.status, StatusCode::OK, "{text}");
            assert!(page.has("No endpoint of the catalog fits"), "{text}");
            assert!(!page.has("<script>alert") && !page.has("\"<script>\""), "{text}");
        }
        let long = "a".repeat(2_000);
        for text in ["GET /repos/acme/web%2Fissues", "/user/../orgs", "GET //user", "GET /user\u{0}", long.as_str()] {
            let page = visitor.get(&search(text)).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{text}");
            assert!(page.has("id=\"q-error\"") && page.has("href=\"#q\""), "{text}: {}", page.html);
        }
        let page = visitor.get(&format!("{PATH}?q=%ff%fe&q=x")).await;
        assert_eq!(page.status, StatusCode::OK);
    }
}

/// Every page of a permission and the pages of the widest searches stay light on the way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_about_permissions_stay_under_forty_kilobytes_on_the_way() {
    let world = World::memory().await;
    let visitor = Visitor::nobody(&world);
    let slugs = world.context.catalog.permissions().iter();
    let pages = slugs.map(|permission| format!("{PATH}/{}", permission.slug));
    for path in pages.chain([PATH.to_owned(), search("repos")]) {
        let page = visitor.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        let size = compressed(&page.html);
        assert!(size < 30 * 1024, "{path}: {size} bytes");
    }
    drop(visitor);
    world.stop().await;
}

fn compressed(text: &str) -> usize {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder
        .write_all(text.as_bytes())
        .expect("memory takes everything");
    encoder.finish().expect("memory takes everything").len()
}
