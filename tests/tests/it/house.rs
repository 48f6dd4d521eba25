//! A database and a clock without an application around them, for the mechanisms that stand on the database alone.

use std::sync::Arc;

use clinichub_core::{MockClock, UtcTime};
use clinichub_db::{Db, DbConfig, DbUrl};
use clinichub_testkit::postgres::TestDatabase;
use tokio_util::task::TaskTracker;

pub struct House {
    pub db: Db,
    pub clock: Arc<MockClock>,
    pub tasks: TaskTracker,
    _folder: Option<tempfile::TempDir>,
    _server: Option<TestDatabase>,
}

impl House {
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = DbUrl::Sqlite(folder.path().join("clinic.db"));
        Self { _folder: Some(folder), ..Self::open(url).await }
    }

    pub async fn postgres() -> Self {
        let server = TestDatabase::create().await;
        let url = DbUrl::Postgres(server.url().as_str().into());
        Self { _server: Some(server), ..Self::open(url).await }
    }

    async fn open(url: DbUrl) -> Self {
        let db = Db::open(&DbConfig { pg_pool_size: 6, ..DbConfig::new(url) }).await.expect("a database");
        db.migrate().await.expect("the migrations run");
        let start = UtcTime::parse("2026-04-15T10:00:00Z").expect("a time");
        Self { db, clock: Arc::new(MockClock::new(start)), tasks: TaskTracker::new(), _folder: None, _server: None }
    }
}

/// The same tests on both engines; each takes a `&House`.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(&crate::house::House::sqlite().await).await;
            })+
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(&crate::house::House::postgres().await).await;
            })+
        }
    };
}
pub(crate) use on_both;
