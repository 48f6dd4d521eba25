//! Statements on the maintenance database.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error, NoTls};

use super::names;

/// A connection that lasts as long as this value: dropping it ends the task that drives the connection.
pub(super) struct Admin {
    client: Client,
    _driver: JoinSet<()>,
}

impl std::ops::Deref for Admin {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Admin {
    pub(super) async fn connect(url: &str) -> Result<Self, Error> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        let mut driver = JoinSet::new();
        driver.spawn(async move {
            // The statement that was under way reports the failure.
            let _ = connection.await;
        });
        Ok(Self { client, _driver: driver })
    }

    /// `CREATE DATABASE`, again for a while when a template is just being copied by somebody else.
    pub(super) async fn create(&self, name: &str, template: &str) -> Result<(), Error> {
        let statement = format!("CREATE DATABASE {name} TEMPLATE {template}");
        for _ in 0..100 {
            match self.batch_execute(&statement).await {
                Err(error) if error.code() == Some(&SqlState::OBJECT_IN_USE) => tokio::time::sleep(Duration::from_millis(50)).await,
                outcome => return outcome,
            }
        }
        self.batch_execute(&statement).await
    }

    pub(super) async fn drop_database(&self, name: &str) -> Result<(), Error> {
        self.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await
    }

    pub(super) async fn databases(&self, prefix: &str) -> Result<Vec<String>, Error> {
        let statement = "SELECT datname FROM pg_database WHERE starts_with(datname::text, $1) ORDER BY oid";
        Ok(self.query(statement, &[&prefix]).await?.iter().map(|row| row.get(0)).collect())
    }
}

/// A server on the usual port that lets us create databases, as `postgres` or as whoever we are.
pub(super) async fn running_server() -> Option<String> {
    let own = std::env::var_os("USER").and_then(|user| user.into_string().ok());
    for user in ["postgres"].into_iter().chain(own.as_deref()) {
        let url = format!("postgres://{user}@127.0.0.1:5432/postgres?connect_timeout=2");
        if may_create_databases(&url).await {
            return Some(url);
        }
    }
    None
}

async fn may_create_databases(url: &str) -> bool {
    let Ok(admin) = Admin::connect(url).await else { return false };
    let statement = "SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user";
    admin.query_opt(statement, &[]).await.is_ok_and(|row| row.is_some_and(|row| row.get(0)))
}

/// Drops what killed runs of this machine left behind. A failure is no reason to fail a test: the next run tries again.
pub(super) async fn sweep(url: &str) {
    let Ok(admin) = Admin::connect(url).await else { return };
    for name in admin.databases(&names::ours()).await.unwrap_or_default() {
        if names::is_abandoned(&name) {
            let _ = admin.drop_database(&name).await;
        }
    }
}
