//! Migrated once, copied for each test: a copy takes a tenth of what the migrations take.

use tokio_postgres::Error;

use super::admin::Admin;
use super::names;

/// Old templates that are kept beside the newest: other branches are tested against the same server.
const KEPT: usize = 8;

/// The name of the template that `key` stands for; made by `prepare`, which is handed the address of an empty database, by the first
/// of all processes that asks. The others wait.
pub(super) async fn ensure<F, E>(admin: &Admin, url: &str, key: &str, prepare: F) -> Result<String, Error>
where
    F: AsyncFnOnce(String) -> Result<(), E>,
    E: std::fmt::Display,
{
    let name = names::template(key);
    // The lock belongs to the session: it goes with `admin` when anything below fails.
    admin.execute("SELECT pg_advisory_lock(hashtext($1))", &[&name]).await?;
    if !admin.databases(&name).await?.contains(&name) {
        build(admin, url, &name, prepare).await?;
        forget_old(admin).await?;
    }
    admin.execute("SELECT pg_advisory_unlock(hashtext($1))", &[&name]).await?;
    Ok(name)
}

/// Built under another name, so that a template that exists is complete.
async fn build<F, E>(admin: &Admin, url: &str, name: &str, prepare: F) -> Result<(), Error>
where
    F: AsyncFnOnce(String) -> Result<(), E>,
    E: std::fmt::Display,
{
    let draft = names::next();
    admin.create(&draft, "template0").await?;
    if let Err(error) = prepare(names::with_database(url, &draft)).await {
        let _ = admin.drop_database(&draft).await;
        panic!("cannot prepare the template database: {error}");
    }
    let end_others = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1";
    admin.execute(end_others, &[&draft]).await?;
    admin.batch_execute(&format!("ALTER DATABASE {draft} RENAME TO {name}")).await
}

async fn forget_old(admin: &Admin) -> Result<(), Error> {
    let templates = admin.databases(names::TEMPLATES).await?;
    for old in templates.iter().rev().skip(KEPT) {
        // Somebody may be copying it this moment: then it stays until the next time.
        let _ = admin.batch_execute(&format!("DROP DATABASE IF EXISTS {old}")).await;
    }
    Ok(())
}
