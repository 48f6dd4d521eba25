//! One test's own database.

use super::admin::Admin;
use super::{TestPostgres, names, template};

/// A database that nobody else uses. Dropped with the value, also when the test panics, and whoever is still connected.
#[derive(Debug)]
pub struct TestDatabase {
    server: &'static str,
    name: String,
}

impl TestDatabase {
    /// An empty database.
    ///
    /// # Panics
    /// When the server refuses; so do the other constructors.
    pub async fn create() -> Self {
        let (server, admin) = connect().await;
        Self::copy(server, &admin, "template0").await
    }

    /// A copy of the template that `key` stands for. When no process made it yet, `prepare` fills it: it is handed the address of an
    /// empty database and must have closed its connections when it returns. `key` must change with what `prepare` does, so a digest of
    /// the migrations is a good one.
    pub async fn from_template<F, E>(key: &str, prepare: F) -> Self
    where
        F: AsyncFnOnce(String) -> Result<(), E>,
        E: std::fmt::Display,
    {
        let (server, admin) = connect().await;
        let template = template::ensure(&admin, server, key, prepare).await.expect("a template database");
        Self::copy(server, &admin, &template).await
    }

    /// Where to connect to it.
    #[must_use]
    pub fn url(&self) -> String {
        names::with_database(self.server, &self.name)
    }

    /// Its name on the server.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The one number that a statement answers with, beside whatever program works with the database.
    #[must_use]
    pub fn number(&self, statement: &str) -> i64 {
        let (url, text) = (self.url(), statement.to_owned());
        let asked = apart(async move || Ok(Admin::connect(&url).await?.query_one(&text, &[]).await?.try_get(0)?));
        asked.unwrap_or_else(|error| panic!("{statement}: {error}"))
    }

    async fn copy(server: &'static str, admin: &Admin, template: &str) -> Self {
        let name = names::next();
        // A process of this number may have left one that the sweep took for ours.
        admin.drop_database(&name).await.expect("to drop a database that was left behind");
        admin.create(&name, template).await.unwrap_or_else(|error| panic!("cannot create the database {name}: {error}"));
        let database = Self { server, name };
        // The server itself is never killed in a test, so nothing is lost by not waiting for its disk.
        let relaxed = format!("ALTER DATABASE {} SET synchronous_commit = off", database.name);
        admin.batch_execute(&relaxed).await.expect("to change a setting of one's own database");
        database
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (server, name) = (self.server, std::mem::take(&mut self.name));
        if apart(async move || Ok(Admin::connect(server).await?.drop_database(&name).await?)).is_err() {
            eprintln!("a test database could not be dropped; the next run will");
        }
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs `work` to its end on a thread with a runtime of its own: a destructor and a test without a runtime can't wait on the test's.
fn apart<T: Send + 'static>(work: impl AsyncFnOnce() -> Result<T, Failure> + Send + 'static) -> Result<T, Failure> {
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(work())
    });
    thread.join().unwrap_or_else(|_| Err("the thread panicked".into()))
}

async fn connect() -> (&'static str, Admin) {
    let server = TestPostgres::start_or_use().await;
    let admin = Admin::connect(server).await.unwrap_or_else(|error| panic!("cannot connect to PostgreSQL: {error}"));
    (server, admin)
}
