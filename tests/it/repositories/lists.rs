//! Lists by API answer exactly the items that the single look would allow, for whoever asks.

use grantry::domain::role::RepositoryRole;

use crate::world::{World, draft};

const EVERY: [&str; 8] = [
    "acme/api",
    "acme/handbook",
    "acme/site",
    "acme/web",
    "ana/dotfiles",
    "ana/lab",
    "labs/notes",
    "labs/probe",
];

/// The repositories that a token may read one by one.
async fn readable(world: &World, token: &str, owner: Option<&str>) -> Vec<String> {
    let mut found = Vec::new();
    for name in EVERY {
        let fits = owner.is_none_or(|owner| name.starts_with(&format!("{owner}/")));
        if fits && world.get(token, &format!("/repos/{name}")).await.status == 200 {
            found.push(name.to_owned());
        }
    }
    found
}

on_every_database! {
    async fn a_list_is_the_sum_of_the_single_looks(world: &World) {
        world.share("olga", "acme/api", "dan", RepositoryRole::Read).await.expect("dan collaborates");
        world.share("ana", "ana/lab", "ben", RepositoryRole::Write).await.expect("ben collaborates");
        let read = |name: &str| draft(name).owner("acme");
        let waiting = world.mint("ana", read("waits").selected(&["web", "api"]).permission("issues", "read")).await;
        let selected = world.mint("olga", read("some").selected(&["web"]).permission("issues", "read")).await;
        let all = world.mint("olga", read("all").all().permission("issues", "read")).await;
        let public = world.mint("ana", read("public")).await;
        let member = world.mint("ben", read("member").all().permission("issues", "read")).await;
        world.approve("sam", &member).await.expect("it waits");
        let sister = world.mint("dan", read("sister").selected(&["api"]).permission("issues", "read")).await;
        world.approve("sam", &sister).await.expect("it waits");
        let own = world.mint("ana", draft("own").owner("ana").all().permission("issues", "read")).await;
        let tokens = [&waiting, &selected, &all, &public, &member, &sister, &own];
        let secrets = tokens.iter().map(|minted| minted.secret.reveal());
        for token in secrets.chain([""]) {
            for (path, owner) in [("/orgs/acme/repos", "acme"), ("/orgs/labs/repos", "labs"), ("/users/ana/repos", "ana")] {
                let listed = world.get(token, &format!("{path}?sort=full_name")).await.each("full_name");
                assert_eq!(listed, readable(world, token, Some(owner)).await, "{path}");
            }
        }
        let mine = world.get(all.secret.reveal(), "/user/repos").await.each("full_name");
        assert_eq!(mine, ["acme/api", "acme/handbook", "acme/site", "acme/web", "labs/notes"]);
        let mine = world.get(sister.secret.reveal(), "/user/repos").await.each("full_name");
        assert_eq!(mine, ["acme/api", "labs/notes"], "an outside role and a membership");
    }

    async fn filters_and_orders_hold_across_pages(world: &World) {
        let token = world.mint("olga", draft("all").owner("acme").all().permission("issues", "read")).await;
        let get = async |query: &str| world.get(token.secret.reveal(), &format!("/orgs/acme/repos?{query}")).await;
        assert_eq!(get("type=internal").await.each("name"), ["handbook"]);
        assert_eq!(get("type=forks").await.each("name"), Vec::<String>::new());
        assert_eq!(get("sort=full_name&direction=desc&per_page=3").await.each("name"), ["web", "site", "handbook"]);
        assert_eq!(get("sort=created&direction=asc&per_page=2&page=2").await.each("name"), ["handbook", "site"]);
        let last = get("per_page=1&type=private").await;
        assert!(last.header("link").contains("page=3>; rel=\"last\""), "{}", last.header("link"));
        assert_eq!(get("page=9").await.each("name"), Vec::<String>::new());
        let mine = world.get(token.secret.reveal(), "/user/repos?type=owner").await;
        assert_eq!(mine.each("name"), Vec::<String>::new());
        let mine = world.get(token.secret.reveal(), "/user/repos?type=member&visibility=public").await;
        assert_eq!(mine.each("full_name"), ["acme/site", "labs/notes"]);
        let theirs = world.get(token.secret.reveal(), "/users/ana/repos?type=member").await;
        assert_eq!(theirs.each("name"), Vec::<String>::new());
    }
}
