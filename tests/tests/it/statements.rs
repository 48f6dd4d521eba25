//! Every statement of the slices is right for both databases: each is prepared on a migrated one. A statement that fails here is named
//! with its file and line.

use std::path::Path;

use clinichub_db::{Db, DbConfig, DbUrl, statements};
use clinichub_testkit::postgres::TestDatabase;

/// A part is found behind the head that stands before it in the file. Where that is a count, the order was meant for the rows.
fn ordered(text: &str) -> String {
    let counted = text.get(..15).filter(|head| head.eq_ignore_ascii_case("SELECT COUNT(*)") && text.contains(" ORDER BY "));
    counted.map_or_else(|| text.to_owned(), |head| text.replacen(head, "SELECT *", 1))
}

/// A head that leaves a parenthesis open is a statement only together with its parts: there the tests that run it must do.
fn is_whole(text: &str) -> bool {
    text.matches('(').count() == text.matches(')').count()
}

async fn refused(db: &Db) -> Vec<String> {
    db.migrate().await.expect("the migrations");
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/app/src");
    let found = statements::in_directory(&sources).expect("the sources");
    assert!(found.len() > 20, "the statements of the slices are found");
    let mut refused = Vec::new();
    for statement in found.into_iter().filter(|statement| is_whole(&statement.text)) {
        if let Err(error) = db.prepare_only(&ordered(&statement.text)).await {
            refused.push(format!("{}:{}: {error}\n{}", statement.file.display(), statement.line, statement.text));
        }
    }
    refused
}

#[tokio::test]
async fn sqlite_takes_every_statement() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = Db::open(&DbConfig::new(DbUrl::Sqlite(folder.path().join("test.db")))).await.expect("a database");
    assert_eq!(refused(&db).await, [""; 0]);
}

#[tokio::test]
async fn postgres_takes_every_statement() {
    let database = TestDatabase::create().await;
    let db = Db::open(&DbConfig::new(DbUrl::parse(&database.url()).expect("a URL"))).await.expect("a database");
    assert_eq!(refused(&db).await, [""; 0]);
}
