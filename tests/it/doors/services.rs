//! Services in the directory file, and acts on them.

use std::path::Path;

use grantry::actions::administer::AdminError;
use grantry::actions::import::{Directory, ImportError, Options, Report, import};
use grantry::actions::services::change_service::change_service;
use grantry::actions::services::create_service::create_service;
use grantry::domain::audit::{Actor, Origin};
use grantry::domain::service::Proxy;
use grantry::store::services;

use super::{administrator, form, guard, wish};
use crate::world::World;

async fn run(world: &World, text: &str, base: &Path) -> Result<Report, ImportError> {
    let directory = Directory::parse(text).map_err(ImportError::Mistakes)?;
    let (origin, layout) = (Origin::of(Actor::Operator), &world.app.git.layout);
    import(
        &world.context,
        layout,
        &origin,
        &directory,
        base,
        Options::default(),
    )
    .await
}

const EDGE: &str = "\
[[services]]
name = \"edge\"
secret_file = \"edge.secret\"
catalog = \"github\"
hosts = [\"API.example.test\"]
proxy = \"forwarded\"
filters = true
owners = [\"Acme\", \"ana\"]
";

on_every_database! {
    async fn a_service_is_imported_once_and_its_secret_counts(world: &World) {
        let folder = tempfile::tempdir().expect("a folder");
        let secret = "0123456789abcdef0123456789abcdef";
        std::fs::write(folder.path().join("edge.secret"), format!("{secret}\n")).expect("it is written");
        let first = run(world, EDGE, folder.path()).await.expect("it is sound");
        assert_eq!(first.changes, [
            "new service `edge`",
            "service `edge`: the secret in its file, which replaces earlier ones within a day",
        ]);
        let again = run(world, EDGE, folder.path()).await.expect("it is sound");
        assert!(again.changes.is_empty() && again.left.is_empty(), "{again:?}");
        let db = &mut world.reader();
        let found = services::find_named(db, "EDGE").await.expect("it is read").expect("it is there");
        assert_eq!((found.proxy, found.filters), (Proxy::Forwarded, true));
        assert_eq!(services::list_hosts(db, found.id).await.expect("it is read"), ["api.example.test"]);
        let owners = services::list_owners(db, found.id).await.expect("it is read");
        assert_eq!(owners.iter().map(|(_, login)| login.as_str()).collect::<Vec<_>>(), ["acme", "ana"]);
        let status = async |secret: &str| form(&world.app, "/oauth/revoke", ("edge", secret), &[("token", "x")]).await.status;
        assert_eq!(status(secret).await, 200);
        let next = "fedcba9876543210fedcba9876543210";
        std::fs::write(folder.path().join("edge.secret"), next).expect("it is written");
        let changed = EDGE.replace("filters = true", "filters = false");
        let third = run(world, &changed, folder.path()).await.expect("it is sound");
        assert_eq!(third.changes[0], "service `edge`: other filters");
        assert_eq!((status(secret).await, status(next).await), (axum::http::StatusCode::OK, axum::http::StatusCode::OK));
        world.pass_days(1);
        assert_eq!((status(secret).await.as_u16(), status(next).await.as_u16()), (401, 200));
        std::fs::write(folder.path().join("edge.secret"), secret).expect("it is written");
        let back = run(world, &changed, folder.path()).await.expect("it is sound");
        assert!(back.changes.is_empty() && back.left[0].contains("was ended and stays so"), "{back:?}");
        assert_eq!(status(secret).await, 401);
    }

    async fn a_file_with_a_bad_service_enters_nothing(world: &World) {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("short"), "too short").expect("it is written");
        let text = "\
[[services]]
name = \"a b\"
catalog = \"gitlab\"
hosts = [\"a/b\"]
owners = [\"nobody\"]
[[services]]
name = \"good\"
[[services]]
name = \"Good\"
";
        let refused = run(world, text, folder.path()).await.expect_err("it has mistakes");
        let ImportError::Mistakes(mistakes) = refused else { panic!("{refused:?}") };
        let found = mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        for expected in [
            "line 2, [[services]] number 1, key `name`: `a b` holds ` `",
            "key `catalog`: there is no catalog `gitlab`: known is `github`",
            "key `hosts`: `a/b` is no host name",
            "key `owners`: there is no user or organization `nobody`",
            "line 9, [[services]] number 3, key `name`: `Good` is named twice",
        ] {
            assert!(found.contains(expected), "{expected} is not in\n{found}");
        }
        for (file, expected) in [("short", "holds no secret"), ("none", "cannot be read")] {
            let text = format!("[[services]]\nname = \"good\"\nsecret_file = \"{file}\"\n");
            let refused = run(world, &text, folder.path()).await.expect_err("it has no secret");
            let ImportError::Mistakes(mistakes) = refused else { panic!("{refused:?}") };
            let told = mistakes[0].to_string();
            assert!(told.contains(expected) && !told.contains("too short"), "{told}");
        }
        assert!(services::list(&mut world.reader()).await.expect("it is read").is_empty());
    }

    async fn of_two_who_change_a_service_at_once_one_is_told(world: &World) {
        let edge = guard(world, wish("edge")).await;
        let (by, origin) = (administrator(world).await, world.person("gus").await);
        let mut other = wish("edge");
        other.filters = true;
        change_service(&world.context, &origin, by, edge.id, 1, &other).await.expect("it is as it was shown");
        let late = change_service(&world.context, &origin, by, edge.id, 1, &wish("edge")).await;
        assert!(matches!(late, Err(AdminError::Moved)), "{late:?}");
        let found = services::find(&mut world.reader(), edge.id).await.expect("it is read").expect("it is there");
        assert!(found.filters, "what was saved first stays");
    }

    async fn nobody_but_a_site_administrator_guards_a_service(world: &World) {
        let (olga, origin) = (world.user("olga").await, world.person("olga").await);
        let refused = create_service(&world.context, &origin, olga, &wish("edge")).await;
        assert!(matches!(refused, Err(AdminError::NotAllowed)), "{refused:?}");
        assert!(services::list(&mut world.reader()).await.expect("it is read").is_empty());
    }
}
