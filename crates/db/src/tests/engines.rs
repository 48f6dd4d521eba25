//! What each engine does when something goes wrong.

use std::time::Duration;

use clinichub_core::AppError;

use super::{TestDb, postgres, sqlite, system};
use crate::{Db, DbConfig, DbUrl, PlatformSql, PlatformTx, params, platform_sql};

const BUMP: PlatformSql = platform_sql!("UPDATE users SET version = version + 1 WHERE user_id = $1 RETURNING version");
const ADD: PlatformSql = platform_sql!("INSERT INTO leases (name, holder, held_until) VALUES ($1, 'x', $2)");
const COUNT: PlatformSql = platform_sql!("SELECT count(*) FROM leases");

async fn add(db: &Db, name: String, ok: bool) -> Result<(), AppError> {
    let work = async |mut tx: PlatformTx, (name, ok): (String, bool)| {
        tx.unaudited("a test");
        let now = tx.now();
        tx.exec(ADD, params![&name, now]).await?;
        if ok { Ok(()) } else { Err(AppError::conflict("no")) }
    };
    db.platform_write(system(None), (name, ok), work).await
}

async fn count(db: &Db) -> i64 {
    let read = db.platform_read(system(None), (), async |mut tx: PlatformTx, ()| Ok(tx.one(COUNT, ()).await?));
    read.await.expect("a number")
}

async fn bump(db: &Db, first: i64, second: i64) -> Result<i64, AppError> {
    let work = async |mut tx: PlatformTx, (first, second): (i64, i64)| {
        tx.unaudited("a test");
        tx.one::<i64>(BUMP, params![first]).await?;
        Ok(tx.one::<i64>(BUMP, params![second]).await?)
    };
    db.platform_write(system(None), (first, second), work).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_fails_takes_no_other_of_its_group_along() {
    let test = sqlite().await;
    // The writer is kept busy, so that all of these are in one group.
    let lite = test.db.lite().expect("SQLite");
    let busy = lite.raw(crate::tx::Mode::Write, |_| {
        std::thread::sleep(Duration::from_millis(50));
        Ok(())
    });
    let jobs = (0..20).map(|number| add(&test.db, format!("{number}"), number % 3 != 0));
    let (busy, results) = tokio::join!(busy, futures_util::future::join_all(jobs));
    busy.expect("it ran");
    for (number, result) in results.iter().enumerate() {
        assert_eq!(result.is_ok(), number % 3 != 0, "{number}");
    }
    assert_eq!(count(&test.db).await, 13);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_is_an_error_of_its_own_job() {
    let test = sqlite().await;
    let panics = test.db.platform_write(system(None), (), async |mut tx: PlatformTx, ()| {
        tx.unaudited("a test");
        let now = tx.now();
        tx.exec(ADD, params!["a", now]).await?;
        assert!(now != super::at(), "on purpose");
        Ok(())
    });
    let (panicked, other) = tokio::join!(panics, add(&test.db, "b".to_owned(), true));
    assert_eq!((panicked.map_err(|error| error.status()), other.is_ok()), (Err(500), true));
    assert_eq!(count(&test.db).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_threads_survive_what_panics_outside_of_a_job() {
    let test = sqlite().await;
    for mode in [crate::tx::Mode::Read, crate::tx::Mode::Write] {
        let raw = test.db.lite().expect("SQLite").raw(mode, |_| -> Result<(), crate::DbError> { panic!("on purpose") });
        assert!(raw.await.is_err());
    }
    test.db.on_commit(|| panic!("on purpose"));
    let nudge = test.db.platform_write(system(None), (), async |mut tx: PlatformTx, ()| {
        tx.nudge();
        Ok(())
    });
    assert_eq!(nudge.await.map_err(|error| error.status()), Ok(()));
    assert!(add(&test.db, "a".to_owned(), true).await.is_ok());
    assert_eq!(count(&test.db).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_read_at_once_than_there_are_connections() {
    let test = sqlite().await;
    assert!(add(&test.db, "a".to_owned(), true).await.is_ok());
    let reads = futures_util::future::join_all((0..50).map(|_| count(&test.db))).await;
    assert_eq!(reads, [1; 50]);
    // A panic gives the connection back, without its snapshot: what is written later is seen.
    for _ in 0..5 {
        let panics = test.db.platform_read(system(None), (), async |mut tx: PlatformTx, ()| {
            let seen: i64 = tx.one(COUNT, ()).await?;
            assert_eq!(seen, 0, "on purpose");
            Ok(())
        });
        assert_eq!(panics.await.map_err(|error| error.status()), Err(500));
    }
    assert!(add(&test.db, "b".to_owned(), true).await.is_ok());
    assert_eq!(futures_util::future::join_all((0..4).map(|_| count(&test.db))).await, [2; 4]);
    test.db.close().await;
    let refused = test.db.platform_read(system(None), (), async |mut tx: PlatformTx, ()| Ok(tx.one::<i64>(COUNT, ()).await?)).await;
    assert_eq!(refused.map_err(|error| error.status()), Err(503));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn awaiting_something_else_is_refused() {
    let test = sqlite().await;
    let waits = test.db.platform_write(system(None), (), async |mut tx: PlatformTx, ()| {
        tx.unaudited("a test");
        let now = tx.now();
        tx.exec(ADD, params!["a", now]).await?;
        tokio::task::yield_now().await;
        std::future::pending::<()>().await;
        Ok(())
    });
    assert_eq!(waits.await.map_err(|error| error.status()), Err(500));
    assert_eq!(count(&test.db).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_another_program_locks_is_unavailable() {
    let test = sqlite().await;
    let DbUrl::Sqlite(path) = &test.url else { panic!("SQLite") };
    let other = rusqlite::Connection::open(path).expect("the file");
    other.execute_batch("BEGIN IMMEDIATE").expect("the lock");
    assert_eq!(add(&test.db, "a".to_owned(), true).await.map_err(|error| error.status()), Err(503));
    assert_eq!(count(&test.db).await, 0);
    other.execute_batch("ROLLBACK").expect("the end");
    add(&test.db, "a".to_owned(), true).await.expect("it works again by itself");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_unavailable_and_nothing_is_lost() {
    let test = sqlite().await;
    let limit = async |pages: &'static str| {
        let set = test.db.lite().expect("SQLite").raw(crate::tx::Mode::Write, move |conn| conn.exec(pages, &[]).map(drop));
        set.await.expect("the limit is set");
    };
    limit("PRAGMA max_page_count = 1").await;
    let mut results = Vec::new();
    for number in 0..40 {
        results.push(add(&test.db, format!("{number}{}", "x".repeat(2000)), true).await);
    }
    let done = results.iter().filter(|result| result.is_ok()).count();
    assert!(results.iter().all(|result| result.as_ref().map_err(AppError::status) != Err(500)) && done < 40, "{results:?}");
    assert_eq!(count(&test.db).await, i64::try_from(done).unwrap());
    limit("PRAGMA max_page_count = 100000").await;
    assert!(add(&test.db, "a".to_owned(), true).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_is_whole_and_private() {
    let test = sqlite().await;
    add(&test.db, "a".to_owned(), true).await.expect("it is written");
    let folder = tempfile::tempdir().expect("a folder");
    let to = folder.path().join("copy.db");
    test.db.backup_lite(&to).await.expect("it is copied");
    let copy = Db::open(&DbConfig::new(DbUrl::Sqlite(to.clone()))).await.expect("the copy");
    assert_eq!((count(&copy).await, copy.pending_migrations().await.expect("a list").len()), (1, 0));
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&to).expect("the file").permissions()) & 0o777, 0o600);
    test.db.close().await;
    assert_eq!(add(&test.db, "b".to_owned(), true).await.map_err(|error| error.status()), Err(503));
}

/// How many connections of the test's database are in a transaction.
async fn in_transaction(test: &TestDb) -> i64 {
    let client = test.db.pg_pool().expect("a pool").get().await.expect("a connection");
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    client.query_one(sql, &[]).await.expect("a number").get(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_hangs_up_leaves_no_lock() {
    let test = postgres().await;
    for round in 0..8 {
        let hangs = test.db.platform_write(system(None), (), async |mut tx: PlatformTx, ()| {
            tx.unaudited("a test");
            tx.one::<i64>(BUMP, params![7]).await?;
            std::future::pending::<()>().await;
            Ok(())
        });
        assert!(tokio::time::timeout(Duration::from_millis(100), hangs).await.is_err());
        assert!(bump(&test.db, 7, 8).await.is_ok(), "round {round}");
    }
    assert_eq!(in_transaction(&test).await, 0);
    let version = bump(&test.db, 8, 7).await;
    assert_eq!(version.ok(), Some(10), "what was given up left no trace");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_deadlock_is_run_again() {
    let test = postgres().await;
    for _ in 0..5 {
        let work = async |mut tx: PlatformTx, (first, second): (i64, i64)| {
            tx.unaudited("a test");
            tx.one::<i64>(BUMP, params![first]).await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
            Ok(tx.one::<i64>(BUMP, params![second]).await?)
        };
        let (one, two) =
            tokio::join!(test.db.platform_write(system(None), (7, 8), work), test.db.platform_write(system(None), (8, 7), work));
        assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
    }
    assert_eq!(bump(&test.db, 7, 8).await.ok(), Some(12));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restarted_server_is_not_noticed() {
    let test = postgres().await;
    for _ in 0..5 {
        let all = (0..4).map(|_| count(&test.db));
        futures_util::future::join_all(all).await;
        let (client, connection) = tokio_postgres::connect(url(&test), tokio_postgres::NoTls).await.expect("a connection");
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        tokio::select! {
            done = client.batch_execute(sql) => done.expect("they are ended"),
            _ = connection => panic!("the connection ended"),
        }
        assert!(bump(&test.db, 7, 8).await.is_ok());
    }
}

fn url(test: &TestDb) -> &str {
    match &test.url {
        DbUrl::Postgres(url) => url.expose(),
        DbUrl::Sqlite(_) => panic!("PostgreSQL"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_breaks_in_the_middle_is_unavailable() {
    let test = postgres().await;
    let work = test.db.platform_write(system(None), (), async |mut tx: PlatformTx, ()| {
        tx.unaudited("a test");
        tx.one::<i64>(BUMP, params![7]).await?;
        tx.opt::<bool>(platform_sql!("SELECT pg_terminate_backend(pg_backend_pid())"), ()).await?;
        Ok(())
    });
    assert_eq!(work.await.map_err(|error| error.status()), Err(503));
    assert_eq!(bump(&test.db, 8, 7).await.ok(), Some(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_table_does_not_spoil_prepared_statements() {
    let test = postgres().await;
    let all = async |db: &Db| {
        let read = db.platform_read(system(None), (), async |mut tx: PlatformTx, ()| {
            Ok(tx.all::<i64>(platform_sql!("SELECT * FROM counters"), ()).await?)
        });
        read.await.map(|rows| rows.len())
    };
    futures_util::future::join_all((0..4).map(|_| all(&test.db))).await;
    let client = test.db.pg_pool().expect("a pool").get().await.expect("a connection");
    client.batch_execute("ALTER TABLE counters ADD COLUMN more TEXT").await.expect("the column");
    drop(client);
    for _ in 0..8 {
        assert_eq!(all(&test.db).await.ok(), Some(0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_away_is_unavailable() {
    let url = DbUrl::parse("postgres://postgres@127.0.0.1:1/postgres").expect("a URL");
    let opened = Db::open(&DbConfig::new(url)).await.map_err(AppError::from);
    assert_eq!(opened.map(|_| ()).map_err(|error| error.status()), Err(503));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_can_not_be_sent_with_the_commit_keeps_it_back() {
    let test = postgres().await;
    let work = test.db.platform_write(system(None), (), async |mut tx: PlatformTx, ()| {
        tx.unaudited("a test");
        tx.one::<i64>(BUMP, params![7]).await?;
        // The database refuses NUL in a text, the client does not: the COMMIT is behind it already.
        let job = crate::NewJob {
            kind: "mail",
            payload: serde_json::json!({}),
            run_at: tx.now(),
            max_attempts: 1,
            unique_key: Some("a\0b".to_owned()),
        };
        tx.enqueue(None, job).await?;
        Ok(())
    });
    assert_eq!(work.await.map_err(|error| error.status()), Err(500));
    assert_eq!(bump(&test.db, 8, 7).await.ok(), Some(2));
}
