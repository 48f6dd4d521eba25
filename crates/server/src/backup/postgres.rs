//! PostgreSQL in a backup: the rows of every table as of one instant, in COPY's text form, and the sequences. The schema is not
//! in it: the migrations make it, so that a backup can be restored into any version of PostgreSQL.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::Path;

use bytes::Bytes;
use clinichub_core::UtcTime;
use clinichub_db::migrations;
use deadpool_postgres::Pool;
use futures_util::{SinkExt, TryStreamExt};
use tokio_postgres::Client;

use super::container::{Archive, Manifest, Table, Writer};
use super::staging::Staging;
use crate::boot;
use crate::config::Config;
use crate::failure::{Context, Failure, Kind};

const CHUNK: usize = 64 * 1024;
const PATIENT: &str = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0";

/// Adds every table.
pub async fn dump(pool: &Pool, writer: &mut Writer, scratch: &Path, now: UtcTime) -> Result<Manifest, Failure> {
    let client = connection(pool).await?;
    let begin = format!("{PATIENT}; BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    client.batch_execute(&begin).await.could_not(reading)?;
    let migration = client.query_one("SELECT COALESCE(MAX(number), 0) FROM schema_migrations", &[]).await.could_not(reading)?;
    let migration = u32::try_from(migration.get::<_, i64>(0)).could_not(reading)?;
    let mut manifest = Manifest::new("postgres", migration, now);
    manifest.tables = tables(&client).await?;
    for table in &manifest.tables {
        let file = scratch.join(&table.name);
        copy_out(&client, table, &file).await?;
        writer.add(&member(table), &file)?;
        std::fs::remove_file(&file).could_not(|| "remove what was copied".to_owned())?;
    }
    // After the rows: a number handed out in between is left out, never handed out twice.
    manifest.sequences = sequences(&client).await?;
    client.batch_execute("COMMIT").await.could_not(reading)?;
    Ok(manifest)
}

/// Makes the database what the backup holds, in one transaction.
pub async fn restore(config: &Config, archive: &mut Archive, staging: &Staging, force: bool) -> Result<(), Failure> {
    let db = boot::open_database(config).await?;
    let pool = db.pg_pool().ok_or_else(|| Failure::failed("this is no PostgreSQL"))?;
    let client = connection(pool).await?;
    refuse_if_served(&client).await?;
    let old = tables(&client).await?;
    if !force && !old.is_empty() {
        return Err(Failure::refused(
            "the database holds tables already, which would be overwritten; add --force if that is what you want",
        ));
    }
    client.batch_execute(&format!("{PATIENT}; BEGIN")).await.could_not(writing)?;
    drop_tables(&client, &old).await?;
    client.batch_execute(&migrations::script_postgres(archive.manifest.migration)).await.could_not(|| "make the tables".to_owned())?;
    for table in archive.manifest.tables.clone() {
        copy_in(&client, &table, archive).await?;
    }
    for (name, value) in &archive.manifest.sequences {
        client
            .execute("SELECT setval($1::text::regclass, $2, true)", &[name, value])
            .await
            .could_not(|| format!("set the sequence {name}"))?;
    }
    let id = format!("restored {} {}", archive.manifest.created_at, std::process::id());
    client.batch_execute(&format!("COMMENT ON TABLE schema_migrations IS '{id}'")).await.could_not(writing)?;
    staging.prepare(&id)?;
    client.batch_execute("COMMIT").await.could_not(writing)?;
    staging.commit()
}

/// Whether the database was made by the restore of this id.
pub async fn was_restored(pool: &Pool, id: &str) -> Result<bool, Failure> {
    let client = connection(pool).await?;
    let row = client.query_one("SELECT obj_description(to_regclass('schema_migrations'), 'pg_class')", &[]).await.could_not(reading)?;
    Ok(row.get::<_, Option<String>>(0).as_deref() == Some(id))
}

fn reading() -> String {
    "read the database".to_owned()
}

fn writing() -> String {
    "write the database".to_owned()
}

/// A connection of our own: it has other settings than those of the pool, and is closed afterwards.
async fn connection(pool: &Pool) -> Result<impl std::ops::Deref<Target = Client> + use<>, Failure> {
    let object =
        pool.get().await.map_err(|error| Failure { kind: Kind::Unreachable, message: format!("no connection to PostgreSQL: {error}") })?;
    Ok(deadpool_postgres::Object::take(object))
}

/// Another node may be serving this database from another machine, where our lock file is not.
async fn refuse_if_served(client: &Client) -> Result<(), Failure> {
    let others = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'clinichub' AND pid <> pg_backend_pid()";
    let others: i64 = client.query_one(others, &[]).await.could_not(reading)?.get(0);
    if others > 0 {
        return Err(Failure::refused(format!("the database is in use by {others} connection(s) of ClinicHub; stop every server first")));
    }
    Ok(())
}

/// The tables, each after those that it refers to.
async fn tables(client: &Client) -> Result<Vec<Table>, Failure> {
    let columns = "SELECT c.relname::text, array_agg(a.attname::text ORDER BY a.attnum)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        GROUP BY c.relname ORDER BY c.relname";
    let rows = client.query(columns, &[]).await.could_not(reading)?;
    let all = rows.iter().map(|row| Table { name: row.get(0), columns: row.get(1) }).collect();
    let references = "SELECT r.relname::text, t.relname::text FROM pg_constraint k
        JOIN pg_class r ON r.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid
        WHERE k.contype = 'f' AND k.connamespace = current_schema()::regnamespace AND r.oid <> t.oid";
    let rows = client.query(references, &[]).await.could_not(reading)?;
    let mut needs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in &rows {
        needs.entry(row.get(0)).or_default().push(row.get(1));
    }
    in_order(all, &needs)
}

fn in_order(mut left: Vec<Table>, needs: &BTreeMap<String, Vec<String>>) -> Result<Vec<Table>, Failure> {
    let mut ordered: Vec<Table> = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits = |table: &Table| needs.get(&table.name).is_some_and(|needed| left.iter().any(|other| needed.contains(&other.name)));
        let (later, now): (Vec<_>, Vec<_>) = left.iter().cloned().partition(waits);
        if now.is_empty() {
            return Err(Failure::failed("the tables refer to each other in a circle"));
        }
        ordered.extend(now);
        left = later;
    }
    Ok(ordered)
}

async fn sequences(client: &Client) -> Result<BTreeMap<String, i64>, Failure> {
    let text = "SELECT quote_ident(sequencename)::text, last_value FROM pg_sequences
        WHERE schemaname = current_schema() AND last_value IS NOT NULL";
    let rows = client.query(text, &[]).await.could_not(reading)?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

async fn drop_tables(client: &Client, tables: &[Table]) -> Result<(), Failure> {
    for table in tables.iter().rev() {
        let text = format!("DROP TABLE {} CASCADE", quoted(&table.name));
        client.batch_execute(&text).await.could_not(|| format!("drop the old table {}", table.name))?;
    }
    Ok(())
}

fn member(table: &Table) -> String {
    format!("database/{}.copy", table.name)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn columns(table: &Table) -> String {
    table.columns.iter().map(|column| quoted(column)).collect::<Vec<_>>().join(", ")
}

async fn copy_out(client: &Client, table: &Table, file: &Path) -> Result<(), Failure> {
    let doing = || format!("copy the table {}", table.name);
    let text = format!("COPY {} ({}) TO STDOUT", quoted(&table.name), columns(table));
    let mut out = std::io::BufWriter::new(std::fs::File::create_new(file).could_not(doing)?);
    let mut rows = std::pin::pin!(client.copy_out(&text).await.could_not(doing)?);
    while let Some(bytes) = rows.try_next().await.could_not(doing)? {
        out.write_all(&bytes).could_not(doing)?;
    }
    out.flush().could_not(doing)
}

async fn copy_in(client: &Client, table: &Table, archive: &mut Archive) -> Result<(), Failure> {
    let doing = || format!("fill the table {}", table.name);
    let text = format!("COPY {} ({}) FROM STDIN", quoted(&table.name), columns(table));
    // What the migrations put into the table is in the backup too.
    client.batch_execute(&format!("DELETE FROM {}", quoted(&table.name))).await.could_not(doing)?;
    let mut sink = std::pin::pin!(client.copy_in::<_, Bytes>(&text).await.could_not(doing)?);
    let mut member = archive.member(&member(table))?;
    let mut buffer = vec![0; CHUNK];
    loop {
        let n = member.read(&mut buffer).could_not(doing)?;
        if n == 0 {
            break;
        }
        sink.send(Bytes::copy_from_slice(&buffer[..n])).await.could_not(doing)?;
    }
    sink.finish().await.could_not(doing).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str) -> Table {
        Table { name: name.to_owned(), columns: Vec::new() }
    }

    #[test]
    fn a_table_comes_after_what_it_refers_to() {
        let needs = BTreeMap::from([("a".to_owned(), vec!["b".to_owned(), "c".to_owned()]), ("b".to_owned(), vec!["c".to_owned()])]);
        let ordered = in_order(vec![table("a"), table("b"), table("c")], &needs).expect("an order");
        assert_eq!(ordered, [table("c"), table("b"), table("a")]);
        let circle = BTreeMap::from([("a".to_owned(), vec!["b".to_owned()]), ("b".to_owned(), vec!["a".to_owned()])]);
        assert!(in_order(vec![table("a"), table("b")], &circle).is_err());
    }
}
