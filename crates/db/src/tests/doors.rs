//! Transactions of a clinic: what is bound, what is refused, what is written beside the work, what happens once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use clinichub_core::{AppError, Grant, Permission, ServiceId};
use serde_json::json;

use super::{TestDb, at, doctor, entry, on_both, system, unfinished_key, visitor};
use crate::{
    Counter, Db, DbError, Event, NewJob, OnConflict, PlatformTx, Query, TenantSql, TenantTx, bulk_sql, params, platform_sql, tenant_sql,
};

const ADD: TenantSql = tenant_sql!(
    "INSERT INTO fee_schedule (clinic_id, code, description, price_minor, currency, created_at, updated_at)
     VALUES ($1, $2, 'A service', $3, 'USD', $4, $4) RETURNING service_id"
);
const CODES: TenantSql = tenant_sql!("SELECT code FROM fee_schedule WHERE clinic_id = $1 ORDER BY code");

async fn add(tx: &mut TenantTx, code: &str, price: i64) -> Result<ServiceId, AppError> {
    let now = tx.now();
    let id = tx.one(ADD, params![code, price, now]).await.on_unique("fee_schedule_code", || AppError::conflict("taken"))?;
    tx.audit(entry()).await?;
    Ok(id)
}

async fn write(db: &Db, clinic: i64, code: &'static str, price: i64) -> Result<ServiceId, AppError> {
    let add = async |mut tx: TenantTx, (code, price): (&'static str, i64)| add(&mut tx, code, price).await;
    db.write(doctor(clinic, None), (code, price), add).await
}

async fn codes(db: &Db, clinic: i64) -> Vec<String> {
    let read = db.read(doctor(clinic, None), (), async |mut tx: TenantTx, ()| Ok(tx.all(CODES, params![]).await?));
    read.await.expect("the codes are read")
}

async fn count(db: &Db, table: &'static str) -> i64 {
    let sql = match table {
        "audit" => platform_sql!("SELECT count(*) FROM audit_events"),
        "outbox" => platform_sql!("SELECT count(*) FROM outbox"),
        "jobs" => platform_sql!("SELECT count(*) FROM jobs"),
        _ => platform_sql!("SELECT count(*) FROM idempotency_keys"),
    };
    let read = db.platform_read(system(None), sql, async |mut tx: PlatformTx, sql| Ok(tx.one(sql, params![]).await?));
    read.await.expect("the rows are counted")
}

/// What axum and the job runner need.
fn is_send<T: Send>(value: T) -> T {
    value
}

async fn the_clinic_is_bound_by_the_transaction(test: &TestDb) {
    is_send(write(&test.db, 1, "A", 100)).await.expect("it is written");
    write(&test.db, 2, "B", 100).await.expect("it is written");
    assert_eq!(codes(&test.db, 1).await, ["A"]);
    assert_eq!(codes(&test.db, 2).await, ["B"]);
    let error = test.db.read(system(None), (), async |mut tx: TenantTx, ()| Ok(tx.all::<String>(CODES, ()).await?)).await;
    assert_eq!(error.map_err(|error| error.status()), Err(403));
}

async fn a_write_without_audit_fails(test: &TestDb) {
    let unaudited = test.db.write(doctor(1, None), (), async |mut tx: TenantTx, ()| {
        let now = tx.now();
        Ok(tx.one::<ServiceId>(ADD, params!["X", 1, now]).await?)
    });
    assert_eq!(unaudited.await.map_err(|error| error.status()), Err(500));
    assert!(codes(&test.db, 1).await.is_empty());
    let excused = test.db.write(doctor(1, None), (), async |mut tx: TenantTx, ()| {
        tx.unaudited("a test");
        let now = tx.now();
        Ok(tx.one::<ServiceId>(ADD, params!["X", 1, now]).await?)
    });
    assert!(excused.await.is_ok());
    assert_eq!((codes(&test.db, 1).await.len(), count(&test.db, "audit").await), (1, 0));
}

async fn the_trail_knows_only_of_what_was_committed(test: &TestDb) {
    let grant = doctor(1, None);
    let failed = test.db.write(grant, (), async |mut tx: TenantTx, ()| {
        add(&mut tx, "A", 1).await?;
        Err::<(), _>(AppError::conflict("no"))
    });
    assert_eq!(failed.await.map_err(|error| error.status()), Err(409));
    assert!(!grant.with_trail(|trail| trail.written));
    assert_eq!((codes(&test.db, 1).await.len(), count(&test.db, "audit").await), (0, 0));
    let done = test.db.write(grant, (), async |mut tx: TenantTx, ()| add(&mut tx, "A", 1).await);
    assert!(done.await.is_ok() && grant.with_trail(|trail| trail.written));
    let row = test.db.platform_read(grant, (), async |mut tx: PlatformTx, ()| {
        let sql = platform_sql!("SELECT clinic_id, user_id, role, action, outcome, resource, at, session_id FROM audit_events");
        Ok(tx.one::<(i64, i64, String, String, String, String, clinichub_core::UtcTime, i64)>(sql, ()).await?)
    });
    let row = row.await.expect("an audit row");
    assert_eq!(row, (1, 7, "doctor".into(), "create_service".into(), "allowed".into(), "service".into(), at(), 3));
}

async fn reading_can_not_write(test: &TestDb) {
    let read = test.db.read(doctor(1, None), (), async |mut tx: TenantTx, ()| add(&mut tx, "A", 1).await);
    assert_eq!(read.await.map_err(|error| error.status()), Err(500));
    assert!(codes(&test.db, 1).await.is_empty());
}

async fn a_failed_statement_dooms_the_transaction(test: &TestDb) {
    let swallowed = test.db.write(doctor(1, None), (), async |mut tx: TenantTx, ()| {
        add(&mut tx, "A", 1).await?;
        let again = add(&mut tx, "A", 1).await;
        assert_eq!(again.map_err(|error| error.status()), Err(409));
        Ok(())
    });
    assert_eq!(swallowed.await.map_err(|error| error.status()), Err(500));
    assert!(codes(&test.db, 1).await.is_empty());
}

async fn events_and_jobs_travel_with_the_work(test: &TestDb) {
    let nudges = Arc::new(AtomicUsize::new(0));
    let counted = nudges.clone();
    test.db.on_commit(move || {
        counted.fetch_add(1, Ordering::SeqCst);
    });
    let work = async |mut tx: TenantTx, ok: bool| {
        let event =
            Event { kind: "service.added", resource: ("service", 1), needs: Permission::StaffRead, patient_id: None, payload: json!({}) };
        tx.emit(event).await?;
        let job = NewJob { kind: "mail", payload: json!({"a": 1}), run_at: tx.now(), max_attempts: 3, unique_key: Some("k".to_owned()) };
        tx.enqueue(job.clone()).await?;
        tx.enqueue(job).await?;
        if ok { Ok(()) } else { Err(AppError::conflict("no")) }
    };
    assert!(test.db.write(doctor(1, None), false, work).await.is_err());
    assert_eq!((count(&test.db, "outbox").await, count(&test.db, "jobs").await, nudges.load(Ordering::SeqCst)), (0, 0, 0));
    assert!(test.db.write(doctor(1, None), true, work).await.is_ok());
    assert_eq!((count(&test.db, "outbox").await, count(&test.db, "jobs").await, nudges.load(Ordering::SeqCst)), (1, 1, 1));
}

async fn optional_parts_and_bulk(test: &TestDb) {
    let written = test.db.write(doctor(1, None), (), async |mut tx: TenantTx, ()| {
        let insert = bulk_sql!(
            "INSERT INTO fee_schedule (clinic_id, code, description, price_minor, currency, created_at, updated_at) VALUES",
            " ON CONFLICT (clinic_id, code) DO NOTHING"
        );
        let row = |number: i64| params![format!("S{number:04}"), "x", number, "USD", at(), at()];
        tx.audit(entry()).await?;
        let first = tx.insert_many(insert, (0..2100).map(row).collect()).await?;
        Ok((first, tx.insert_many(insert, (2099..2101).map(row).collect()).await?, tx.insert_many(insert, vec![]).await?))
    });
    assert_eq!(written.await.expect("it is written"), (2100, 1, 0));
    let page = test.db.read(doctor(1, None), vec![5_i64, 7, 2000], async |mut tx: TenantTx, prices: Vec<i64>| {
        let mut query = Query::tenant(tenant_sql!("SELECT code, price_minor FROM fee_schedule WHERE clinic_id = $1"));
        query.part(" AND code < ?", params!["S1000"]).list(" AND price_minor IN (", prices, ")");
        let total: i64 = tx.one_q(&query.under(tenant_sql!("SELECT count(*) FROM fee_schedule WHERE clinic_id = $1"))).await?;
        query.tail(" ORDER BY code DESC LIMIT ? OFFSET ?", params![1, 0]);
        Ok((tx.all_q::<(String, i64)>(&query).await?, total))
    });
    assert_eq!(page.await.expect("it is read"), (vec![("S0007".to_owned(), 7)], 2));
}

async fn a_key_is_used_once(test: &TestDb) {
    let create = async |db: &Db, clinic: i64, key: &str, hash: &str, code: &'static str| {
        let grant = doctor(clinic, Some((key, hash)));
        db.create(grant, code, async |mut tx: TenantTx, code: &'static str| add(&mut tx, code, 1).await).await
    };
    let first = create(&test.db, 1, "k", "h", "A").await.expect("it is made");
    assert_eq!(create(&test.db, 1, "k", "h", "A").await.ok(), Some(first));
    assert!(matches!(create(&test.db, 1, "k", "other", "B").await, Err(AppError::IdempotencyMismatch)));
    // Another clinic's key is another key; a failure leaves none behind.
    assert!(create(&test.db, 2, "k", "h", "A").await.is_ok_and(|id| id != first));
    assert_eq!(create(&test.db, 1, "k2", "h", "A").await.map_err(|error| error.status()), Err(409));
    assert!(create(&test.db, 1, "k2", "h", "C").await.is_ok());
    assert_eq!((codes(&test.db, 1).await.len(), count(&test.db, "audit").await, count(&test.db, "keys").await), (2, 3, 3));
}

async fn a_visitors_key_is_no_persons(test: &TestDb) {
    let create = async |grant: &'static Grant, code: &'static str| {
        test.db.create(grant, code, async |mut tx: TenantTx, code: &'static str| add(&mut tx, code, 1).await).await
    };
    let first = create(visitor(1, ("k", "h")), "A").await.expect("it is made");
    assert_eq!(create(visitor(1, ("k", "h")), "A").await.ok(), Some(first));
    assert!(matches!(create(visitor(1, ("k", "other")), "B").await, Err(AppError::IdempotencyMismatch)));
    assert!(create(doctor(1, Some(("k", "other"))), "C").await.is_ok_and(|id| id != first));
    assert!(create(visitor(2, ("k", "other")), "A").await.is_ok());
    assert!(create(system(Some(1)), "D").await.is_ok());
    assert_eq!(count(&test.db, "keys").await, 3);
}

async fn a_key_waits_for_its_file(test: &TestDb) {
    let unfinished = unfinished_key("k");
    let make = async |grant: &Grant| test.db.create(grant, (), async |mut tx: TenantTx, ()| add(&mut tx, "A", 1).await).await;
    let knows = async |grant: &Grant| test.db.read(grant, (), async |mut tx: TenantTx, ()| Ok(tx.knows_key().await?)).await.ok();
    assert_eq!(make(unfinished).await.map_err(|error| error.status()), Err(500));
    assert_eq!((knows(unfinished).await, codes(&test.db, 1).await.len(), count(&test.db, "keys").await), (Some(false), 0, 0));
    let finish = |file: &'static str| unfinished.with_finished_key(|head| format!("{head} {file}"));
    let first = make(&finish("one")).await.expect("it is made");
    assert_eq!(make(&finish("one")).await.ok(), Some(first));
    assert!(matches!(make(&finish("another")).await, Err(AppError::IdempotencyMismatch)));
    // Nor does it pass for the key of a request without a file.
    assert!(matches!(make(doctor(1, Some(("k", "head")))).await, Err(AppError::IdempotencyMismatch)));
    assert_eq!((knows(unfinished).await, knows(doctor(1, Some(("k", "h")))).await), (Some(true), Some(true)));
    assert_eq!((knows(doctor(1, None)).await, knows(doctor(2, Some(("k", "h")))).await), (Some(false), Some(false)));
}

async fn requests_with_one_key_at_once_are_done_once(test: &TestDb) {
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let db = test.db.clone();
            tokio::task::spawn(async move {
                let grant = doctor(1, Some(("k", "h")));
                db.create(grant, (), async |mut tx: TenantTx, ()| add(&mut tx, "A", 1).await).await
            })
        })
        .collect();
    let mut ids = Vec::new();
    for task in tasks {
        ids.push(task.await.expect("the task ends").expect("each gets the answer"));
    }
    ids.dedup();
    assert_eq!((ids.len(), codes(&test.db, 1).await.len(), count(&test.db, "audit").await), (1, 1, 1));
}

async fn numbers_are_handed_out_once(test: &TestDb) {
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let db = test.db.clone();
            tokio::task::spawn(async move {
                let mut numbers = Vec::new();
                for _ in 0..25 {
                    numbers.push(db.next_number(clinichub_core::ClinicId(1), Counter::Appointment).await.expect("a number"));
                }
                numbers
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.expect("the task ends"));
    }
    all.sort_unstable();
    assert_eq!(all, (1..=100).collect::<Vec<_>>());
    assert_eq!(test.db.next_number(clinichub_core::ClinicId(2), Counter::Appointment).await.ok(), Some(1));
    assert_eq!(test.db.next_number(clinichub_core::ClinicId(1), Counter::Invoice).await.ok(), Some(1));
}

async fn snapshots_read_and_end(test: &TestDb) {
    for _ in 0..10 {
        let read = test.db.read_snapshot(doctor(1, None), (), async |mut tx: TenantTx, ()| {
            let first: Vec<String> = tx.all(CODES, ()).await?;
            Ok(first == tx.all::<String>(CODES, ()).await?)
        });
        assert_eq!(read.await.ok(), Some(true));
    }
}

async fn wrong_statements_are_errors(test: &TestDb) {
    let error = test.db.read(doctor(1, None), (), async |mut tx: TenantTx, ()| {
        let short = tx.all::<String>(tenant_sql!("SELECT code FROM fee_schedule WHERE clinic_id = $1 AND code = $2"), ()).await;
        assert!(matches!(short, Err(DbError::Other(_))));
        Ok(tx.all::<i64>(CODES, params![1, 2]).await?)
    });
    assert_eq!(error.await.map_err(|error| error.status()), Err(500));
    assert!(test.db.prepare_only("SELECT nothing FROM fee_schedule WHERE clinic_id = $1").await.is_err());
    assert!(test.db.prepare_only("SELECT code FROM fee_schedule WHERE clinic_id = $1 AND code = $2").await.is_ok());
    write(&test.db, 1, "A", 1).await.expect("it is written");
    let mistyped = test.db.read(doctor(1, None), (), async |mut tx: TenantTx, ()| Ok(tx.all::<i64>(CODES, ()).await?));
    assert_eq!(mistyped.await.map_err(|error| error.status()), Err(500));
}

on_both!(
    the_clinic_is_bound_by_the_transaction,
    a_write_without_audit_fails,
    the_trail_knows_only_of_what_was_committed,
    reading_can_not_write,
    a_failed_statement_dooms_the_transaction,
    events_and_jobs_travel_with_the_work,
    optional_parts_and_bulk,
    a_key_is_used_once,
    a_visitors_key_is_no_persons,
    a_key_waits_for_its_file,
    requests_with_one_key_at_once_are_done_once,
    numbers_are_handed_out_once,
    snapshots_read_and_end,
    wrong_statements_are_errors,
);
