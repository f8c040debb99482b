//! Ten thousand repositories at one owner: lists answer a page, by API and in the console, and never all of them. How
//! quick they are is measured by `scripts/bench-pages`.

use grantry::domain::access::rights::Visibility;
use grantry::store::{Db as _, Statement};

use crate::pages::visitor::Visitor;
use crate::world::{World, draft};

const MANY: usize = 10_000;

async fn enter(world: &World) {
    let acme = world.organization("acme").await;
    let numbers: Vec<usize> = (0..MANY).collect();
    for chunk in numbers.chunks(1_000) {
        let head = "INSERT INTO repositories (owner_id, name, name_key, description, visibility, next_number, created_at, \
                    updated_at, rev) VALUES";
        let mut db = world.reader();
        let mut query = db.query(Statement::rows(head, 9, chunk.len(), ""));
        for number in chunk {
            let visibility = Visibility::ALL[number % 3];
            let at = world
                .clock_now()
                .plus_seconds(i64::try_from(*number).expect("it is small"));
            let name = format!("repository-{number:05}");
            query = query
                .bind(acme)
                .bind(&name)
                .bind(&name)
                .bind("One of many")
                .bind(visibility)
                .bind(1_i64)
                .bind(at)
                .bind(at)
                .bind(1_i64);
        }
        query.execute().await.expect("they are entered");
    }
}

on_shared_databases! {
    async fn every_list_answers_a_page_of_ten_thousand(world: &World) {
        enter(world).await;
        let minted = world.mint("olga", draft("all").owner("acme").all().permission("issues", "read")).await;
        let token = minted.secret.reveal();
        let member = draft("some").owner("acme").selected(&["web"]).permission("issues", "read");
        let member = world.mint("ana", member).await;
        world.get(token, "/user").await;
        for path in [
            "/orgs/acme/repos?per_page=100",
            "/orgs/acme/repos?per_page=100&page=100&sort=full_name",
            "/orgs/acme/repos?sort=updated&type=private",
            "/user/repos?per_page=100",
            "/user/repos?sort=created&page=50",
        ] {
            let answer = world.get(token, path).await;
            assert_eq!(answer.status, 200, "{path}");
            assert!(!answer.each("id").is_empty(), "{path}");
        }
        let public = world.get(member.secret.reveal(), "/orgs/acme/repos?per_page=1").await;
        assert!(public.header("link").contains("page=3335>; rel=\"last\""), "{}", public.header("link"));
        let olga = Visitor::signed_in(world, "olga").await;
        for query in ["", "?q=9999", "?visibility=internal&sort=-updated", "?sort=name&after=repository-05000", "?q=nothing"] {
            let path = format!("/organizations/acme/settings/repositories{query}");
            let page = olga.get(&path).await;
            assert_eq!(page.status, 200, "{path}");
            assert!(page.html.len() < 60_000, "{path} has {} bytes", page.html.len());
        }
    }
}
