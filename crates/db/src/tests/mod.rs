//! Tests on real databases of both kinds: a file in a temporary folder, and a database of its own on the PostgreSQL at hand.
#![expect(clippy::disallowed_methods, reason = "tests make their own grants and read where PostgreSQL is")]

mod doors;
mod engines;
mod notices;
mod schema;
mod types;

use std::collections::BTreeSet;

use clinichub_core::{ClinicId, Grant, Mint, Origin, Principal, Role, SessionId, TrailEntry, UnfinishedKey, UserId, UtcTime};

use crate::{Db, DbConfig, DbUrl, PlatformTx, params, platform_sql};

/// A database that is gone when this is dropped.
pub(super) struct TestDb {
    pub(super) db: Db,
    pub(super) url: DbUrl,
    _folder: Option<tempfile::TempDir>,
    _server: Option<Server>,
}

/// A database on the server, dropped with this.
struct Server {
    admin: String,
    name: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let (admin, sql) = (self.admin.clone(), format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        // A runtime of its own: this also runs while a test panics.
        let dropped = std::thread::spawn(move || on_server(&admin, &sql)).join();
        assert!(dropped.is_ok() || std::thread::panicking(), "the test's database could not be dropped");
    }
}

fn on_server(admin: &str, sql: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(admin, tokio_postgres::NoTls).await.expect("a PostgreSQL for tests");
        tokio::select! {
            done = client.batch_execute(sql) => done.expect("the statement runs"),
            _ = connection => panic!("the connection ended"),
        }
    });
}

/// A file of its own, migrated.
pub(super) async fn sqlite() -> TestDb {
    let folder = tempfile::tempdir().expect("a folder");
    let url = DbUrl::Sqlite(folder.path().join("clinic.db"));
    make(url, Some(folder), None).await
}

/// A database of its own, migrated.
pub(super) async fn postgres() -> TestDb {
    let admin = std::env::var("CLINICHUB_TEST_POSTGRES_URL").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
    let random = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 0);
    let name = format!("clinichub_db_{random:x}");
    let sql = format!("CREATE DATABASE {name}");
    let base = admin.rsplit_once('/').expect("a URL with a database").0.to_owned();
    let server = Server { admin: admin.clone(), name: name.clone() };
    tokio::task::spawn_blocking(move || on_server(&admin, &sql)).await.expect("a database");
    make(DbUrl::Postgres(format!("{base}/{name}").as_str().into()), None, Some(server)).await
}

async fn make(url: DbUrl, folder: Option<tempfile::TempDir>, server: Option<Server>) -> TestDb {
    let config = DbConfig { pg_pool_size: 4, readers: 2, ..DbConfig::new(url.clone()) };
    let db = Db::open(&config).await.expect("a database");
    db.migrate().await.expect("the migrations run");
    let test = TestDb { db, url, _folder: folder, _server: server };
    seed(&test.db).await;
    test
}

/// Two clinics and a person (7) who is a doctor in both.
async fn seed(db: &Db) {
    let seeded = db.platform_write(system(None), (), async |mut tx: PlatformTx, ()| {
        tx.unaudited("a test's data");
        for (id, code) in [(1, "ABC01"), (2, "ABC02")] {
            let clinic = platform_sql!(
                "INSERT INTO clinics (clinic_id, code, name, time_zone, currency, created_at, updated_at)
                 VALUES ($1, $2, 'A clinic', 'UTC', 'USD', $3, $3)"
            );
            tx.exec(clinic, params![id, code, tx.now()]).await?;
        }
        let user = platform_sql!(
            "INSERT INTO users (user_id, first_name, last_name, email, created_at, updated_at) VALUES ($1, 'A', 'B', $2, $3, $3)"
        );
        tx.exec(user, params![7, "a@example.org", tx.now()]).await?;
        tx.exec(user, params![8, "b@example.org", tx.now()]).await?;
        let member =
            platform_sql!("INSERT INTO memberships (clinic_id, user_id, role, created_at, updated_at) VALUES ($1, $2, 'doctor', $3, $3)");
        tx.exec(member, params![1, 7, tx.now()]).await?;
        tx.exec(member, params![2, 7, tx.now()]).await?;
        Ok(())
    });
    seeded.await.expect("the data is written");
}

pub(super) fn at() -> UtcTime {
    UtcTime::from_micros(1_776_247_200_123_456)
}

/// The program's own grant.
pub(super) fn system(clinic: Option<i64>) -> &'static Grant {
    Box::leak(Box::new(Mint::system(clinic.map(ClinicId), "test", at())))
}

/// A doctor's grant, with an idempotency key where one is given.
pub(super) fn doctor(clinic: i64, key: Option<(&str, &str)>) -> &'static Grant {
    let idempotency = key.map(|(key, hash)| (key.to_owned(), hash.to_owned()));
    doctor_with(clinic, Origin { idempotency, ..Origin::default() })
}

/// A visitor's grant with an idempotency key.
pub(super) fn visitor(clinic: i64, (key, hash): (&str, &str)) -> &'static Grant {
    let idempotency = Some((key.to_owned(), hash.to_owned()));
    Box::leak(Box::new(Mint::visitor(ClinicId(clinic), Origin { idempotency, ..Origin::default() }, at())))
}

/// A doctor's grant for a request whose file is still to be read.
pub(super) fn unfinished_key(key: &str) -> &'static Grant {
    let unfinished_key = Some(UnfinishedKey { key: key.to_owned(), head: "head".to_owned() });
    doctor_with(1, Origin { unfinished_key, ..Origin::default() })
}

fn doctor_with(clinic: i64, key: Origin) -> &'static Grant {
    let principal = Principal {
        user_id: UserId(7),
        role: Role::Doctor,
        clinic_id: Some(ClinicId(clinic)),
        zone: None,
        session_id: SessionId(3),
        permissions: BTreeSet::new(),
        charts: Vec::new(),
    };
    let origin = Origin { request_id: "r-1".to_owned(), action: "create_service".to_owned(), ..key };
    Box::leak(Box::new(Mint::user(principal, origin, at())))
}

pub(super) fn entry() -> TrailEntry {
    TrailEntry { resource: Some(("service", 1)), ..TrailEntry::default() }
}

/// The same test on both engines.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(&crate::tests::sqlite().await).await;
            })+
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(&crate::tests::postgres().await).await;
            })+
        }
    };
}
pub(super) use on_both;
