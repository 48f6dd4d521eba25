//! Numbers of references (`ABC01-A1234`), handed out from blocks so that booking does not wait for a counter's row.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use clinichub_core::{AppError, ClinicId, Clock as _, Grant, Mint, SystemClock};

use crate::{Db, PlatformSql, PlatformTx, params, platform_sql};

/// Numbers a block. What is left of a block when the program ends is never handed out.
const BLOCK: i64 = 32;

const TAKE: PlatformSql = platform_sql!(
    "INSERT INTO counters (clinic_id, kind, value) VALUES ($1, $2, $3)
     ON CONFLICT (clinic_id, kind) DO UPDATE SET value = counters.value + excluded.value
     RETURNING value"
);

/// What is numbered in a clinic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Counter {
    /// Appointment references (`A`).
    Appointment,
    /// Visit references (`V`).
    Visit,
    /// Patient numbers (MRN).
    Patient,
    /// Invoice numbers.
    Invoice,
    /// Prescription references (`R`).
    Prescription,
}

impl Counter {
    /// As it stands in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Appointment => "appointment",
            Self::Visit => "visit",
            Self::Patient => "patient",
            Self::Invoice => "invoice",
            Self::Prescription => "prescription",
        }
    }
}

/// What is left of a block.
#[derive(Default)]
struct Block {
    next: i64,
    end: i64,
}

type Shared = Arc<tokio::sync::Mutex<Block>>;

/// The blocks at hand.
#[derive(Default)]
pub(crate) struct Sequences(Mutex<HashMap<(ClinicId, Counter), Shared>>);

impl Sequences {
    pub(crate) async fn next(&self, db: &Db, clinic: ClinicId, counter: Counter) -> Result<i64, AppError> {
        let block = self.0.lock().unwrap_or_else(PoisonError::into_inner).entry((clinic, counter)).or_default().clone();
        let mut block = block.lock().await;
        if block.next >= block.end {
            let last = take(db, clinic, counter, BLOCK).await?;
            *block = Block { next: last - BLOCK + 1, end: last + 1 };
        }
        block.next += 1;
        Ok(block.next - 1)
    }
}

/// Moves the counter on by `count`; where it stands then.
pub(crate) async fn take(db: &Db, clinic: ClinicId, counter: Counter, count: i64) -> Result<i64, AppError> {
    db.platform_write(&grant(clinic), (counter, count), async move |mut tx: PlatformTx, (counter, count): (Counter, i64)| {
        tx.unaudited("a counter says nothing about anybody");
        let clinic = tx.grant().clinic_id();
        Ok(tx.one(TAKE, params![clinic, counter.as_str(), count]).await?)
    })
    .await
}

#[expect(clippy::disallowed_methods, reason = "the counter has a transaction of its own, which no request asked for")]
fn grant(clinic: ClinicId) -> Grant {
    Mint::system(Some(clinic), "next_number", SystemClock.now())
}
