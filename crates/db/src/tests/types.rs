//! Values and errors are the same on both engines.

use clinichub_core::{AppError, Currency, Permission, Role, UserId, UtcTime};
use jiff::civil;

use super::{TestDb, at, doctor, entry, on_both, system};
use crate::{DbError, OnConflict, PlatformSql, PlatformTx, TenantSql, TenantTx, from_row, params, platform_sql, tenant_sql};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Size {
    Small,
}

impl Size {
    fn as_str(self) -> &'static str {
        "small"
    }
}

impl std::str::FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "small" { Ok(Self::Small) } else { Err(format!("{text:?} is no size")) }
    }
}

crate::text_column!(Size);

#[derive(Debug, PartialEq)]
struct Everything {
    a_int: i64,
    a_small: i32,
    a_real: f64,
    a_bool: bool,
    a_text: String,
    a_bytes: Vec<u8>,
    a_time: UtcTime,
    a_date: civil::Date,
    a_role: Role,
    a_permission: Permission,
    a_currency: Currency,
    a_size: Size,
    a_user: UserId,
    a_none: Option<UtcTime>,
    a_some: Option<String>,
}

from_row!(Everything {
    a_int,
    a_small,
    a_real,
    a_bool,
    a_text,
    a_bytes,
    a_time,
    a_date,
    a_role,
    a_permission,
    a_currency,
    a_size,
    a_user,
    a_none,
    a_some
});

fn everything(number: i64, time: UtcTime, date: civil::Date) -> Everything {
    Everything {
        a_int: number,
        a_small: -5,
        a_real: 2.5,
        a_bool: true,
        a_text: "Zoë $1 '?'".to_owned(),
        a_bytes: vec![0, 255],
        a_time: time,
        a_date: date,
        a_role: Role::Nurse,
        a_permission: Permission::ChartRead,
        a_currency: Currency::USD,
        a_size: Size::Small,
        a_user: UserId(7),
        a_none: None,
        a_some: Some("x".to_owned()),
    }
}

async fn make_table(test: &TestDb) {
    let columns = "a_int BIGINT, a_small INTEGER, a_real DOUBLE PRECISION, a_bool BOOLEAN, a_text TEXT, a_bytes BYTEA, a_time TIMESTAMPTZ,
        a_date DATE, a_role TEXT, a_permission TEXT, a_currency TEXT, a_size TEXT, a_user BIGINT, a_none TIMESTAMPTZ, a_some TEXT";
    let sql = format!("CREATE TABLE everything ({columns})");
    if let Some(lite) = test.db.lite() {
        let sql = sql.replace("BOOLEAN", "INTEGER").replace("TIMESTAMPTZ", "INTEGER").replace("DATE", "TEXT").replace("BYTEA", "BLOB");
        let made = lite.raw(crate::tx::Mode::Write, move |conn| conn.exec(&sql, &[]));
        made.await.expect("the table is made");
    } else {
        let client = test.db.pg_pool().expect("a pool").get().await.expect("a connection");
        client.batch_execute(&sql).await.expect("the table is made");
    }
}

async fn values_survive_the_round_trip(test: &TestDb) {
    make_table(test).await;
    let far = |text: &str| UtcTime::parse(text).expect("a time");
    let rows = [
        everything(i64::MAX, at(), civil::date(2026, 4, 15)),
        everything(i64::MIN, far("1901-02-03T04:05:06.000007Z"), civil::date(1900, 1, 1)),
        everything(0, far("2199-12-31T23:59:59.999999Z"), civil::date(2200, 12, 31)),
    ];
    let numbers = [(i64::MAX, 0), (i64::MIN, 1), (0, 2)];
    for (number, index) in numbers {
        let (time, date) = (rows[index].a_time, rows[index].a_date);
        let read = test.db.platform_write(system(None), (number, time, date), async |mut tx: PlatformTx, (number, time, date)| {
            let row = everything(number, time, date);
            let sql = platform_sql!(
                "INSERT INTO everything VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) RETURNING *"
            );
            let values = params![
                row.a_int,
                row.a_small,
                row.a_real,
                row.a_bool,
                &row.a_text,
                &row.a_bytes,
                row.a_time,
                row.a_date,
                row.a_role,
                row.a_permission,
                row.a_currency,
                row.a_size,
                row.a_user,
                row.a_none,
                &row.a_some
            ];
            tx.unaudited("a test");
            Ok(tx.one::<Everything>(sql, values).await?)
        });
        assert_eq!(read.await.expect("a row"), rows[index]);
    }
    let sorted = test.db.platform_read(system(None), (), async |mut tx: PlatformTx, ()| {
        Ok(tx
            .all::<UtcTime>(
                platform_sql!("SELECT a_time FROM everything WHERE a_date > $1 ORDER BY a_time"),
                params![civil::date(1990, 1, 1)],
            )
            .await?)
    });
    assert_eq!(sorted.await.expect("the times"), [rows[0].a_time, rows[2].a_time]);
}

struct Misnamed {
    #[expect(dead_code, reason = "never read")]
    name: String,
}
from_row!(Misnamed { name });

async fn columns_must_be_called_as_the_fields(test: &TestDb) {
    let read = test.db.platform_read(system(None), (), async |mut tx: PlatformTx, ()| {
        Ok(tx.all::<Misnamed>(platform_sql!("SELECT code FROM clinics"), ()).await?)
    });
    assert_eq!(read.await.map(|rows| rows.len()).map_err(|error| error.status()), Err(500));
}

async fn refused(test: &TestDb, sql: PlatformSql) -> DbError {
    let run = test.db.platform_write(system(None), sql, async |mut tx: PlatformTx, sql| {
        tx.unaudited("a test");
        Ok(tx.exec(sql, ()).await?)
    });
    match run.await {
        Err(AppError::Internal(source)) => *source.downcast::<DbError>().expect("an error of the database"),
        other => panic!("{other:?}"),
    }
}

async fn refused_rows_say_why(test: &TestDb) {
    let error = refused(test, platform_sql!("UPDATE users SET email = 'a@example.org' WHERE user_id = 8")).await;
    assert!(matches!(&error, DbError::Unique(name) if name == "users_email"), "{error:?}");
    let error = refused(test, platform_sql!("UPDATE clinics SET clinic_id = 2 WHERE code = 'ABC01'")).await;
    assert!(matches!(&error, DbError::Unique(name) if name == "clinics_pkey"), "{error:?}");
    let error = refused(
        test,
        platform_sql!("INSERT INTO memberships (clinic_id, user_id, role, created_at, updated_at) SELECT clinic_id, user_id, role, created_at, updated_at FROM memberships"),
    )
    .await;
    assert!(matches!(&error, DbError::Unique(name) if name == "memberships_pkey"), "{error:?}");
    let error = refused(test, platform_sql!("UPDATE clinics SET status = 'odd' WHERE clinic_id = 1")).await;
    assert!(matches!(&error, DbError::Check(name) if name == "clinics_status_known"), "{error:?}");
    let error = refused(test, platform_sql!("UPDATE clinics SET name = NULL WHERE clinic_id = 1")).await;
    assert!(matches!(&error, DbError::NotNull(name) if name == "name"), "{error:?}");
    let error = refused(test, platform_sql!("INSERT INTO counters (clinic_id, kind, value) VALUES (99, 'x', 1)")).await;
    assert!(matches!(&error, DbError::ForeignKey(_)), "{error:?}");
    let error = refused(test, platform_sql!("SELECT nothing FROM clinics")).await;
    assert!(matches!(&error, DbError::Other(_)), "{error:?}");
}

const PATIENT: TenantSql = tenant_sql!(
    "INSERT INTO patients (clinic_id, patient_id, mrn, first_name, last_name, name_key, dob, sex, created_at, updated_at)
     VALUES ($1, $2, $3, 'A', 'B', 'a b', $4, 'other', $5, $5)"
);
const BOOK: TenantSql = tenant_sql!(
    "INSERT INTO appointments (clinic_id, reference, patient_id, provider_user_id, scheduled_start, scheduled_end, status,
        status_changed_at, created_at, updated_at)
     VALUES ($1, $2, $3, 7, $4, $5, 'scheduled', $6, $6, $6) RETURNING appointment_id"
);

/// Books the provider 7 from the minute `from` to the minute `to`.
async fn book(test: &TestDb, clinic: i64, from: i64, to: i64) -> Result<i64, AppError> {
    let booked = test.db.write(doctor(clinic, None), (from, to), async |mut tx: TenantTx, (from, to): (i64, i64)| {
        let minute = |minutes: i64| tx.now().plus(jiff::SignedDuration::from_mins(minutes));
        let (start, end, now, patient) = (minute(from), minute(to), tx.now(), tx.clinic_id().0);
        let lock = tx.dialect().lock_provider();
        tx.platform().one::<UserId>(lock, params![7]).await?;
        let row = params![format!("{from}-{to}-{patient}"), patient, start, end, now];
        let booked = tx.one(BOOK, row).await.on_overlap(|| AppError::conflict("overlap"))?;
        tx.audit(entry()).await?;
        Ok(booked)
    });
    booked.await
}

async fn add_patients(test: &TestDb) {
    for clinic in [1, 2] {
        let made = test.db.write(doctor(clinic, None), (), async |mut tx: TenantTx, ()| {
            tx.audit(entry()).await?;
            let (id, now) = (tx.clinic_id().0, tx.now());
            Ok(tx.exec(PATIENT, params![id, "M1", civil::date(1990, 1, 2), now]).await?)
        });
        assert_eq!(made.await.ok(), Some(1));
    }
}

async fn a_provider_is_never_booked_twice(test: &TestDb) {
    add_patients(test).await;
    assert!(book(test, 1, 0, 30).await.is_ok());
    assert!(book(test, 2, 30, 60).await.is_ok());
    for (from, to) in [(0, 30), (10, 20), (-10, 5), (29, 31), (-10, 100), (59, 60)] {
        assert_eq!(book(test, 2, from, to).await.map_err(|error| error.status()), Err(409), "{from}-{to}");
    }
    assert!(book(test, 1, 60, 61).await.is_ok());
}

async fn racing_bookings_leave_one_winner(test: &TestDb) {
    add_patients(test).await;
    let (one, two) = (book(test, 1, 0, 30), book(test, 2, 15, 45));
    let (three, four) = (book(test, 1, 20, 25), book(test, 2, 0, 60));
    let (one, two, three, four) = tokio::join!(one, two, three, four);
    let statuses = [one, two, three, four].map(|result| result.map_or_else(|error| error.status(), |_| 201));
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 3, "{statuses:?}");
}

on_both!(
    values_survive_the_round_trip,
    columns_must_be_called_as_the_fields,
    refused_rows_say_why,
    a_provider_is_never_booked_twice,
    racing_bookings_leave_one_winner,
);
