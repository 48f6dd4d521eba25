//! PostgreSQL for tests: one server for the process, one database for each test.
//!
//! [`TestPostgres::start_or_use`] says which server, [`TestDatabase`] makes a database on it and drops it again. Databases left by
//! runs that were killed are dropped by the next run: their names carry the process that made them.

mod admin;
mod database;
mod names;
mod template;

use tokio::sync::OnceCell;

pub use database::TestDatabase;

/// The server that this process tests against.
pub struct TestPostgres {
    url: String,
    /// Held for as long as the process lives; the server ends with it.
    _own: Option<clinichub_testpg::Server>,
}

impl TestPostgres {
    /// The address of a maintenance database on which databases may be created: the one that `CLINICHUB_TEST_POSTGRES_URL` names, a
    /// server on 127.0.0.1:5432 that lets us, or one started here. Asked for once, then remembered.
    ///
    /// # Panics
    /// When there is none and none can be started; the message says what to install.
    pub async fn start_or_use() -> &'static str {
        static SERVER: OnceCell<TestPostgres> = OnceCell::const_new();
        let server = SERVER.get_or_init(Self::locate).await;
        &server.url
    }

    async fn locate() -> Self {
        let server = Self::choose().await;
        admin::sweep(&server.url).await;
        server
    }

    async fn choose() -> Self {
        if let Some(url) = std::env::var_os("CLINICHUB_TEST_POSTGRES_URL").filter(|url| !url.is_empty()) {
            return Self { url: url.into_string().expect("CLINICHUB_TEST_POSTGRES_URL is not UTF-8"), _own: None };
        }
        if let Some(url) = admin::running_server().await {
            return Self { url, _own: None };
        }
        let server = tokio::task::spawn_blocking(clinichub_testpg::Server::start)
            .await
            .expect("starting PostgreSQL panicked")
            .unwrap_or_else(|error| panic!("no PostgreSQL to test against ({error}); `cargo xtask test` can set one up"));
        Self { url: server.url(), _own: Some(server) }
    }
}
