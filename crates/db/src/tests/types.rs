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
        match self {
            Self::Small => "small",
        }
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
#[expect(clippy::struct_field_names, reason = "the bare names are keywords of SQL")]
struct Everything {
    int_col: i64,
    small_col: i32,
    real_col: f64,
    bool_col: bool,
    text_col: String,
    bytes_col: Vec<u8>,
    time_col: UtcTime,
    date_col: civil::Date,
    role_col: Role,
    permission_col: Permission,
    currency_col: Currency,
    size_col: Size,
    user_col: UserId,
    none_col: Option<UtcTime>,
    some_col: Option<String>,
}

from_row!(Everything {
    int_col,
    small_col,
    real_col,
    bool_col,
    text_col,
    bytes_col,
    time_col,
    date_col,
    role_col,
    permission_col,
    currency_col,
    size_col,
    user_col,
    none_col,
    some_col
});

fn everything(number: i64, time: UtcTime, date: civil::Date) -> Everything {
    Everything {
        int_col: number,
        small_col: -5,
        real_col: 2.5,
        bool_col: true,
        text_col: "Zoë $1 '?'".to_owned(),
        bytes_col: vec![0, 255],
        time_col: time,
        date_col: date,
        role_col: Role::Nurse,
        permission_col: Permission::ChartRead,
        currency_col: Currency::USD,
        size_col: Size::Small,
        user_col: UserId(7),
        none_col: None,
        some_col: Some("x".to_owned()),
    }
}

async fn make_table(test: &TestDb) {
    let columns = "int_col BIGINT, small_col INTEGER, real_col DOUBLE PRECISION, bool_col BOOLEAN, text_col TEXT, bytes_col BYTEA, time_col TIMESTAMPTZ,
        date_col DATE, role_col TEXT, permission_col TEXT, currency_col TEXT, size_col TEXT, user_col BIGINT, none_col TIMESTAMPTZ, some_col TEXT";
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
        let (time, date) = (rows[index].time_col, rows[index].date_col);
        let read = test.db.platform_write(system(None), (number, time, date), async |mut tx: PlatformTx, (number, time, date)| {
            let row = everything(number, time, date);
            let sql = platform_sql!(
                "INSERT INTO everything VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) RETURNING *"
            );
            let values = params![
                row.int_col,
                row.small_col,
                row.real_col,
                row.bool_col,
                &row.text_col,
                &row.bytes_col,
                row.time_col,
                row.date_col,
                row.role_col,
                row.permission_col,
                row.currency_col,
                row.size_col,
                row.user_col,
                row.none_col,
                &row.some_col
            ];
            tx.unaudited("a test");
            Ok(tx.one::<Everything>(sql, values).await?)
        });
        assert_eq!(read.await.expect("a row"), rows[index]);
    }
    let sorted = test.db.platform_read(system(None), (), async |mut tx: PlatformTx, ()| {
        Ok(tx
            .all::<UtcTime>(
                platform_sql!("SELECT time_col FROM everything WHERE date_col > $1 ORDER BY time_col"),
                params![civil::date(1990, 1, 1)],
            )
            .await?)
    });
    assert_eq!(sorted.await.expect("the times"), [rows[0].time_col, rows[2].time_col]);
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
