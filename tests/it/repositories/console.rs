//! The console's pages of repositories: who sees which, what each form does, and that a refusal changes nothing.

use axum::http::StatusCode;
use grantry::domain::access::rights::Visibility;
use grantry::domain::role::RepositoryRole;
use grantry::store::repositories;

use super::deeds::private;
use crate::pages::visitor::{Page, Visitor};
use crate::world::{World, draft};

const LIST: &str = "/organizations/acme/settings/repositories";
const SETTINGS: &str = "/acme/web/settings";
const PEOPLE: &str = "/acme/web/settings/collaborators";
const ACCESS: &str = "/acme/web/settings/access-tokens";

async fn rev(world: &World) -> String {
    let web = world.find("acme/web").await.expect("it is there");
    web.rev.to_string()
}

on_every_database! {
    async fn hidden_and_absent_are_one_page_and_settings_are_for_admins(world: &World) {
        let gus = Visitor::confirmed(world, "gus").await;
        let (hidden, absent) = (gus.get("/acme/web").await, gus.get("/acme/nothing").await);
        assert_eq!((hidden.status, absent.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
        // The session's token is masked anew for each page, and each request has an id.
        let plain = |page: &Page| {
            let html = page.html.replace(&page.value("csrf"), "");
            html.split("Request id").next().map(str::to_owned)
        };
        assert_eq!(plain(&hidden), plain(&absent));
        assert_eq!(gus.get("/acme/site").await.status, StatusCode::OK, "it is public");
        assert_eq!(gus.get("/globex/web").await.status, StatusCode::NOT_FOUND, "an enterprise owns none");
        assert_eq!(gus.get("/settings/nothing").await.status, StatusCode::NOT_FOUND, "a fixed word is no owner");
        let carl = Visitor::confirmed(world, "carl").await;
        assert!(carl.get("/ACME/Web").await.has("You can read everything here and push."));
        for path in [SETTINGS, PEOPLE, ACCESS] {
            for login in ["carl", "ana", "gus"] {
                let page = Visitor::confirmed(world, login).await.get(path).await;
                assert_eq!(page.status, StatusCode::NOT_FOUND, "{path} for {login}");
            }
            assert_eq!(Visitor::confirmed(world, "sam").await.get(path).await.status, StatusCode::OK, "{path}");
        }
        let moved = carl.get("/acme/web.git").await;
        assert_eq!((moved.status, moved.location.as_str()), (StatusCode::SEE_OTHER, "/acme/web"));
    }

    async fn the_overview_tells_what_is_in_it_and_how_to_clone(world: &World) {
        world.with_git("acme/web").await;
        let ana = Visitor::signed_in(world, "ana").await;
        let page = ana.get("/acme/web").await;
        assert_eq!(page.status, StatusCode::OK);
        for text in [
            "git clone http://localhost:8080/acme/web.git", "README.md", "# Web", "Add README.md", "Files on main",
            "You can read everything here.", "Only people with a role on it can read it.", "contents=read",
        ] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
        assert!(!page.has("/acme/web/settings"), "settings are not for ana");
        let olga = Visitor::signed_in(world, "olga").await;
        world.create("olga", "acme", &private("empty")).await.expect("it is created");
        assert!(olga.get("/acme/empty").await.has("Nothing is in it yet"));
        assert!(olga.get("/acme/api").await.has("cannot be read now"), "its files are missing");
    }

    async fn the_list_is_searched_narrowed_and_sorted(world: &World) {
        let olga = Visitor::signed_in(world, "olga").await;
        let order = |page: &Page| -> Vec<String> {
            let links = page.html.split("data-label=\"Name\"><a href=\"/acme/").skip(1);
            links.map(|rest| rest.split('"').next().unwrap_or_default().to_owned()).collect()
        };
        let list = async |query: &str| order(&olga.get(&format!("{LIST}{query}")).await);
        assert_eq!(list("").await, ["api", "handbook", "site", "web"]);
        assert_eq!(list("?sort=-name").await, ["web", "site", "handbook", "api"]);
        assert_eq!(list("?q=E").await, ["site", "web"]);
        assert_eq!(list("?visibility=internal").await, ["handbook"]);
        assert_eq!(list("?sort=name&after=handbook").await, ["site", "web"]);
        assert_eq!(list("?sort=name&before=site").await, ["api", "handbook"]);
        world.pass_seconds(60);
        world.rename("olga", "acme/site", "page").await.expect("it is renamed");
        assert_eq!(list("?sort=-updated").await[0], "page");
        assert!(olga.get(&format!("{LIST}?q=zzz")).await.has("Nothing here matches"));
        assert_eq!(olga.get(&format!("{LIST}?sort=updated&after=x")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let ana = Visitor::signed_in(world, "ana").await;
        assert_eq!(ana.get(LIST).await.status, StatusCode::NOT_FOUND, "ana is no owner");
        let own = ana.get("/settings/repositories").await;
        assert!(own.has("/ana/dotfiles") && own.has("/ana/lab") && !own.has("/acme/"), "{}", own.html);
        let none = Visitor::signed_in(world, "gus").await.get("/settings/repositories").await;
        assert!(none.has("No repository yet"));
    }

    async fn a_form_creates_a_repository_or_says_what_is_wrong(world: &World) {
        let olga = Visitor::signed_in(world, "olga").await;
        let new = format!("{LIST}/new");
        assert!(olga.get(&new).await.has("Every member of Globex can read it."));
        let wrong = [("name", "a b"), ("description", "kept words"), ("visibility", "secret"), ("readme", "yes")];
        let page = olga.post(&new, &wrong).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.has("kept words") && page.has("<a href=\"#visibility\">"), "{}", page.html);
        let page = olga.post(&new, &[("name", "web"), ("visibility", "private")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.has("<a href=\"#name\">acme has a repository with the name web already"), "{}", page.html);
        let made = olga.post(&new, &[("name", "fresh"), ("visibility", "internal"), ("readme", "yes")]).await;
        assert_eq!((made.status, made.location.as_str()), (StatusCode::SEE_OTHER, "/acme/fresh"));
        let page = olga.get("/acme/fresh").await;
        assert!(page.has("Created acme/fresh.") && page.has("Initial commit"), "{}", page.html);
        let ana = Visitor::signed_in(world, "ana").await;
        assert_eq!(ana.post(&new, &[("name", "x"), ("visibility", "private")]).await.status, StatusCode::NOT_FOUND);
        assert!(world.find("acme/x").await.is_none());
        let own = "/settings/repositories/new";
        assert!(!ana.get(own).await.has("value=\"internal\""), "ana is in no enterprise of her own");
        let made = ana.post(own, &[("name", "mine"), ("visibility", "private")]).await;
        assert_eq!(made.location, "/ana/mine");
    }

    async fn settings_describe_rename_and_show(world: &World) {
        let olga = Visitor::confirmed(world, "olga").await;
        let now = rev(world).await;
        let done = olga.post(SETTINGS, &[("act", "describe"), ("rev", &now), ("description", "The shop.")]).await;
        assert_eq!((done.status, done.location.as_str()), (StatusCode::SEE_OTHER, SETTINGS));
        let late = olga.post(SETTINGS, &[("act", "describe"), ("rev", &now), ("description", "Mine.")]).await;
        assert_eq!(late.status, StatusCode::CONFLICT, "the page was out of date");
        let now = rev(world).await;
        let wrong = olga.post(SETTINGS, &[("act", "rename"), ("rev", &now), ("name", "api")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.has("value=\"api\"") && wrong.has("<a href=\"#name\">"), "{}", wrong.html);
        let shown = olga.post(SETTINGS, &[("act", "visibility"), ("rev", &now), ("visibility", "public")]).await;
        assert_eq!(shown.status, StatusCode::SEE_OTHER);
        let now = rev(world).await;
        let renamed = olga.post(SETTINGS, &[("act", "rename"), ("rev", &now), ("name", "shop")]).await;
        assert_eq!(renamed.location, "/acme/shop/settings");
        let shop = world.find("acme/shop").await.expect("it is there");
        assert_eq!((shop.visibility, shop.description.as_str()), (Visibility::Public, "The shop."));
        assert_eq!(olga.get("/acme/web").await.status, StatusCode::NOT_FOUND);
    }

    async fn deleting_takes_the_name_and_a_fresh_confirmation(world: &World) {
        world.approved("issues", "read").await;
        let olga = Visitor::confirmed(world, "olga").await;
        assert!(olga.get(SETTINGS).await.has("1 token names it and loses it"));
        let now = rev(world).await;
        let form = |typed| [("act", "delete"), ("rev", now.as_str()), ("confirmation", typed)];
        let wrong = olga.post(SETTINGS, &form("web")).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.has("<a href=\"#confirmation\">This is not acme/web"), "{}", wrong.html);
        let long_ago = Visitor::signed_in(world, "olga").await;
        let asked = long_ago.post(SETTINGS, &form("acme/web")).await;
        assert!(asked.location.starts_with("/sudo?draft="), "{}", asked.location);
        assert!(world.find("acme/web").await.is_some());
        let done = olga.post(SETTINGS, &form("Acme/Web")).await;
        assert_eq!((done.status, done.location.as_str()), (StatusCode::SEE_OTHER, LIST));
        assert!(world.find("acme/web").await.is_none());
        assert!(olga.get(LIST).await.has("Deleted acme/web."));
    }

    async fn people_are_added_changed_and_removed(world: &World) {
        let olga = Visitor::confirmed(world, "olga").await;
        assert!(olga.get(PEOPLE).await.has("/acme/web/settings/collaborators/carl"));
        let wrong = olga.post(PEOPLE, &[("person", "nobody"), ("role", "triage")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.has("value=\"nobody\"") && wrong.has("<a href=\"#person\">"), "{}", wrong.html);
        let wrong = olga.post(PEOPLE, &[("person", "gus"), ("role", "boss")]).await;
        assert!(wrong.has("<a href=\"#role\">"), "{}", wrong.html);
        let added = olga.post(PEOPLE, &[("person", "gus"), ("role", "triage")]).await;
        assert_eq!((added.status, added.location.as_str()), (StatusCode::SEE_OTHER, PEOPLE));
        let gus = format!("{PEOPLE}/gus");
        let page = olga.get(&gus).await;
        assert!(page.has("gus cannot see acme/web any more"), "{}", page.html);
        olga.post(&gus, &[("role", "maintain")]).await;
        let (web, user) = (world.repository("acme/web").await, world.user("gus").await);
        let role = async || {
            repositories::find_collaborator(&mut world.reader(), web, user).await.expect("it is read")
        };
        assert_eq!(role().await, Some(RepositoryRole::Maintain));
        let carl = Visitor::confirmed(world, "carl").await;
        assert_eq!(carl.post(&format!("{gus}/remove"), &[]).await.status, StatusCode::NOT_FOUND);
        assert_eq!(role().await, Some(RepositoryRole::Maintain));
        assert_eq!(olga.post(&format!("{gus}/remove"), &[]).await.location, PEOPLE);
        assert_eq!(role().await, None);
        assert_eq!(olga.get(&gus).await.status, StatusCode::NOT_FOUND);
    }

    async fn access_tells_people_why_and_owners_the_tokens(world: &World) {
        let both = draft("both").owner("acme").selected(&["web"]).permission("issues", "write")
            .owner("labs").selected(&["probe"]).permission("contents", "write");
        let minted = world.mint("ana", both).await;
        world.approve("olga", &minted).await.expect("it waits");
        world.mint("olga", draft("everything").owner("acme").all().permission("contents", "read")).await;
        let other = draft("other").owner("acme").selected(&["api"]).permission("issues", "read");
        world.mint("olga", other).await;
        let sam = Visitor::signed_in(world, "sam").await;
        let page = sam.get(ACCESS).await;
        for text in ["Owner of Acme", "Member of Acme, whose members get read", "Collaborator: write"] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
        assert!(!page.has(">gus<") && !page.has("everything"), "{}", page.html);
        let page = sam.get(&format!("{ACCESS}?view=tokens")).await;
        for text in [">both</a>", "Issues: write", "By name", ">everything</a>", "As one of all repositories"] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
        for hidden in [">other</a>", "labs", "probe", "Contents: write"] {
            assert!(!page.has(hidden), "{hidden}: {}", page.html);
        }
        world.share("olga", "acme/web", "carl", RepositoryRole::Admin).await.expect("carl gets it");
        let carl = Visitor::signed_in(world, "carl").await;
        let page = carl.get(&format!("{ACCESS}?view=tokens")).await;
        assert!(page.has("Owner of Acme") && !page.has("both"), "tokens are for owners: {}", page.html);
    }
}
