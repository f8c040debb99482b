//! Migrations: the same steps for both databases, and harmless to run again over data.

use std::collections::BTreeSet;
use std::path::Path;

use grantry::store::{Db as _, accounts};

use crate::world::World;

fn files(database: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("migrations")
        .join(database);
    std::fs::read_dir(folder)
        .expect("the migrations are there")
        .map(|entry| entry.expect("the folder can be read").file_name())
        .map(|name| name.into_string().expect("file names are plain"))
        .collect()
}

#[test]
fn both_databases_have_the_same_migrations() {
    assert_eq!(files("sqlite"), files("postgres"));
    assert!(!files("sqlite").is_empty());
}

on_every_database! {
    async fn migrating_again_over_data_changes_nothing(world: &World) {
        let minted = world.approved("issues", "read").await;
        let before = counts(world).await;
        world.context.store.migrate().await.expect("there is nothing to do");
        assert_eq!(counts(world).await, before);
        assert!(world.request(minted.token, "acme").await.is_none());
        let ana = accounts::find_login(&mut world.reader(), "ANA").await.expect("it is read");
        assert!(ana.is_some(), "names ignore case");
    }
}

async fn counts(world: &World) -> Vec<i64> {
    let mut counts = Vec::new();
    for statement in [
        "SELECT COUNT(*) FROM accounts",
        "SELECT COUNT(*) FROM repositories",
        "SELECT COUNT(*) FROM memberships",
        "SELECT COUNT(*) FROM tokens",
        "SELECT COUNT(*) FROM grants",
        "SELECT COUNT(*) FROM requests",
        "SELECT COUNT(*) FROM audit_events",
        "SELECT COUNT(*) FROM changes",
    ] {
        let count = world.reader().query(statement).number().await;
        counts.push(count.expect("the table is there"));
    }
    counts
}
