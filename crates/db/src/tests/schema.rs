//! Migrations: each once, in order, never changed; and every statement of this crate is right on both engines.

use std::path::Path;

use super::{TestDb, on_both};
use crate::migrations::{self, MIGRATIONS, Migration};
use crate::{Db, DbConfig, statements};

const FIRST: Migration = Migration { name: "0101_first", sqlite: "CREATE TABLE a (x INTEGER);", postgres: "CREATE TABLE a (x BIGINT);" };
const SECOND: Migration = Migration {
    name: "0102_second",
    sqlite: "CREATE TABLE b (y INTEGER); INSERT INTO a VALUES (1);",
    postgres: "CREATE TABLE b (y BIGINT); INSERT INTO a VALUES (1);",
};
const CHANGED: Migration =
    Migration { name: "0101_first", sqlite: "CREATE TABLE other (x INTEGER);", postgres: "CREATE TABLE other (x BIGINT);" };
const BROKEN: Migration = Migration {
    name: "0103_broken",
    sqlite: "CREATE TABLE c (z INTEGER); INSERT INTO nowhere VALUES (1);",
    postgres: "CREATE TABLE c (z BIGINT); INSERT INTO nowhere VALUES (1);",
};

/// The program's own, which the test's database has already, and `more` behind them.
fn with(more: &[Migration]) -> &'static [Migration] {
    Vec::leak(MIGRATIONS.iter().chain(more).copied().collect())
}

async fn each_is_applied_once(test: &TestDb) {
    assert!(test.db.pending_migrations().await.is_ok_and(|names| names.is_empty()));
    let set = with(&[FIRST, SECOND]);
    let pending = migrations::pending(&test.db, set).await.expect("a list");
    assert_eq!(pending.iter().map(Migration::number).collect::<Vec<_>>(), [101, 102]);
    assert_eq!(migrations::apply(&test.db, set, 101).await.ok(), Some(vec!["0101_first".to_owned()]));
    assert_eq!(migrations::apply(&test.db, set, u32::MAX).await.ok(), Some(vec!["0102_second".to_owned()]));
    assert_eq!(migrations::apply(&test.db, set, u32::MAX).await.ok(), Some(vec![]));
}

async fn a_changed_one_is_refused(test: &TestDb) {
    migrations::apply(&test.db, with(&[FIRST]), u32::MAX).await.expect("it runs");
    let error = migrations::apply(&test.db, with(&[CHANGED]), u32::MAX).await.map_err(|error| error.to_string());
    assert_eq!(error, Err("the migration 0101_first was changed after it was applied".to_owned()));
    let error = test.db.migrate().await.map_err(|error| error.to_string());
    assert_eq!(error, Err("the database is newer than this program: it has the migration 0101_first".to_owned()));
}

async fn a_broken_one_leaves_nothing(test: &TestDb) {
    let error = migrations::apply(&test.db, with(&[FIRST, BROKEN]), u32::MAX).await.expect_err("it fails");
    assert!(error.to_string().contains("0103_broken"), "{error}");
    assert!(test.db.prepare_only("SELECT x FROM a").await.is_ok());
    assert!(test.db.prepare_only("SELECT z FROM c").await.is_err());
    assert_eq!(migrations::apply(&test.db, with(&[FIRST, SECOND]), u32::MAX).await.ok(), Some(vec!["0102_second".to_owned()]));
}

async fn two_programs_migrate_at_once(test: &TestDb) {
    let other = Db::open(&DbConfig::new(test.url.clone())).await.expect("the same database");
    let set = with(&[FIRST, SECOND]);
    let (one, two) = tokio::join!(migrations::apply(&test.db, set, u32::MAX), migrations::apply(&other, set, u32::MAX));
    let mut names = [one.expect("it runs"), two.expect("it runs")].concat();
    names.sort();
    assert_eq!(names, ["0101_first", "0102_second"]);
}

async fn statements_can_be_prepared(test: &TestDb) {
    let found = statements::in_directory(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).expect("the source");
    for found in found.iter().filter(|found| found.is_for(test.db.dialect())) {
        let prepared = test.db.prepare_only(&found.text).await;
        assert!(prepared.is_ok(), "{}:{} {prepared:?}", found.file.display(), found.line);
    }
}

#[test]
fn both_engines_have_the_same_steps() {
    let mut before = 0;
    for step in MIGRATIONS {
        assert!(step.number() > before, "{} is out of order", step.name);
        before = step.number();
    }
    for engine in ["sqlite", "postgres"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
        let mut files: Vec<_> = std::fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("a file").file_name()).collect();
        files.sort();
        let listed: Vec<_> = MIGRATIONS.iter().map(|step| format!("{}.sql", step.name)).collect();
        assert_eq!(files, listed.iter().map(std::ffi::OsString::from).collect::<Vec<_>>(), "add the file to MIGRATIONS in migrations.rs");
    }
}

on_both!(
    each_is_applied_once,
    a_changed_one_is_refused,
    a_broken_one_leaves_nothing,
    two_programs_migrate_at_once,
    statements_can_be_prepared,
);
