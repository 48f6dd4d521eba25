//! The databases that the other tests run on: each test has its own, and none is left behind.

use clinichub_testkit::postgres::{TestDatabase, TestPostgres};
use tokio::task::JoinSet;
use tokio_postgres::{Client, Error, NoTls};

/// A connection, and what drives it for as long as it is held.
async fn connect(url: &str) -> (Client, JoinSet<Result<(), Error>>) {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("a connection");
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    (client, driver)
}

async fn exists(name: &str) -> bool {
    let (client, _driver) = connect(TestPostgres::start_or_use().await).await;
    let rows = client.query("SELECT 1 FROM pg_database WHERE datname = $1", &[&name]).await;
    !rows.expect("the list of databases").is_empty()
}

async fn with_a_table(url: String) -> Result<(), Error> {
    let (client, _driver) = connect(&url).await;
    client.batch_execute("CREATE TABLE chart (id BIGINT)").await
}

#[tokio::test]
async fn two_databases_are_apart() {
    let (ours, theirs) = (TestDatabase::create().await, TestDatabase::create().await);
    with_a_table(ours.url()).await.expect("a table");

    let (client, _driver) = connect(&theirs.url()).await;

    assert!(client.query("SELECT id FROM chart", &[]).await.is_err());
}

#[tokio::test]
async fn a_database_is_dropped_though_somebody_is_connected() {
    let database = TestDatabase::create().await;
    let name = database.name().to_owned();
    let (_client, _driver) = connect(&database.url()).await;
    assert!(exists(&name).await);

    drop(database);

    assert!(!exists(&name).await);
}

#[tokio::test]
async fn a_database_is_dropped_when_its_test_panics() {
    let database = TestDatabase::create().await;
    let name = database.name().to_owned();

    let outcome = tokio::task::spawn_blocking(move || {
        let _held = database;
        std::panic::resume_unwind(Box::new("the test fails"));
    })
    .await;

    assert!(outcome.is_err());
    assert!(!exists(&name).await);
}

#[tokio::test]
async fn copies_of_a_template_start_alike_and_go_apart() {
    let key = "test_databases: one table";
    let (first, second) = tokio::join!(TestDatabase::from_template(key, with_a_table), TestDatabase::from_template(key, with_a_table));
    let ((first, _first_driver), (second, _second_driver)) = (connect(&first.url()).await, connect(&second.url()).await);

    first.execute("INSERT INTO chart VALUES (1)", &[]).await.expect("a row");

    assert!(second.query("SELECT id FROM chart", &[]).await.expect("the table").is_empty());
}
