//! The PostgreSQL that the tests get: fresh, apart from each other, gone afterwards.

use sqlx::{Connection, PgConnection};

use crate::support::postgres::{TestDatabase, database, database_like};

async fn connect(database: &TestDatabase) -> PgConnection {
    PgConnection::connect(database.url())
        .await
        .expect("a test's database accepts connections")
}

#[tokio::test]
async fn every_test_has_a_database_of_its_own() {
    let (one, other) = (database().await, database().await);
    let mut one = connect(&one).await;
    sqlx::query("CREATE TABLE note (words TEXT)")
        .execute(&mut one)
        .await
        .expect("an empty database takes a table");
    let missing = sqlx::query("SELECT words FROM note")
        .execute(&mut connect(&other).await)
        .await;
    assert!(missing.is_err(), "a table leaked into the other database");
}

#[tokio::test]
async fn a_dropped_database_is_gone_although_it_is_in_use() {
    let database = database().await;
    let url = database.url().to_owned();
    let _open = connect(&database).await;
    drop(database);
    assert!(PgConnection::connect(&url).await.is_err());
}

#[tokio::test]
async fn a_copy_has_what_its_template_was_given() {
    for _ in 0..2 {
        let copy = database_like("harness_1", async |url| {
            let mut template = PgConnection::connect(url).await.expect("it was just made");
            sqlx::query("CREATE TABLE note AS SELECT 'kept' AS words")
                .execute(&mut template)
                .await
                .expect("an empty template takes a table");
            template.close().await.expect("an idle connection closes");
        })
        .await;
        let words: String = sqlx::query_scalar("SELECT words FROM note")
            .fetch_one(&mut connect(&copy).await)
            .await
            .expect("the copy has the template's table");
        assert_eq!(words, "kept");
    }
}
