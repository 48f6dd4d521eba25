//! The embedded database in a backup: one file, as of one instant.

use std::path::Path;

use clinichub_core::UtcTime;
use clinichub_db::Db;
use rusqlite::{Connection, OpenFlags};

use super::container::{Archive, Manifest, Writer};
use super::staging::Staging;
use crate::config::SQLITE_FILE;
use crate::failure::{Context, Failure};

const MEMBER: &str = "database/clinichub.db";

/// Adds the database.
pub async fn dump(db: &Db, writer: &mut Writer, scratch: &Path, now: UtcTime) -> Result<Manifest, Failure> {
    let copy = scratch.join(SQLITE_FILE);
    db.backup_lite(&copy).await?;
    let manifest = Manifest::new("sqlite", check(&copy)?, now);
    writer.add(MEMBER, &copy)?;
    Ok(manifest)
}

/// Takes the database out of the archive, and looks at it before anything depends on it.
pub fn restore(archive: &mut Archive, staging: &Staging) -> Result<(), Failure> {
    let path = staging.place(SQLITE_FILE)?;
    archive.extract(MEMBER, &path)?;
    check(&path).map(drop)
}

/// The number of the last migration of a sound database.
fn check(path: &Path) -> Result<u32, Failure> {
    let doing = || "check the copy of the database".to_owned();
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).could_not(doing)?;
    let verdict: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).could_not(doing)?;
    if verdict != "ok" {
        return Err(Failure::failed(format!("the database is damaged: {verdict}")));
    }
    conn.query_row("SELECT COALESCE(MAX(number), 0) FROM schema_migrations", [], |row| row.get(0)).could_not(doing)
}
