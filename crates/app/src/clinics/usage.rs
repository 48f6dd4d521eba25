//! What a clinic did in a period, counted. The one place where this slice reads other slices' tables: numbers, never a row.

use clinichub_core::{ClinicId, Currency, UtcTime};
use clinichub_db::{DbError, PlatformTx, from_row, params, platform_sql};

use super::model::ClinicStatus;

/// A clinic's numbers; four statements whatever the period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// Appointments of the period by state.
    pub appointments: Vec<(String, i64)>,
    /// Patients registered in the period.
    pub patients: i64,
    /// Staff at work now.
    pub staff: i64,
    /// Currency, number and sum in minor units of the invoices issued, and the sum of those that are paid.
    pub invoices: Vec<(Currency, i64, i64, i64)>,
}

/// Counts what happened from `from` until before `to`.
pub async fn counts(tx: &mut PlatformTx, clinic: ClinicId, from: UtcTime, to: UtcTime) -> Result<Counts, DbError> {
    let appointments = platform_sql!(
        "SELECT a.status, COUNT(*) AS appointments FROM appointments a
         WHERE a.clinic_id = $1 AND a.scheduled_start >= $2 AND a.scheduled_start < $3 GROUP BY a.status"
    );
    let patients = platform_sql!(
        "SELECT COUNT(*) FROM patients p
         WHERE p.clinic_id = $1 AND p.created_at >= $2 AND p.created_at < $3 AND p.deleted_at IS NULL"
    );
    let staff = platform_sql!(
        "SELECT COUNT(*) FROM memberships m JOIN users u ON u.user_id = m.user_id
         WHERE m.clinic_id = $1 AND m.is_active AND u.is_active"
    );
    let invoices = platform_sql!(
        "SELECT i.currency, COUNT(*) AS invoices, CAST(SUM(i.total_minor) AS BIGINT) AS total,
                CAST(SUM(CASE WHEN i.status = 'paid' THEN i.total_minor ELSE 0 END) AS BIGINT) AS paid
         FROM invoices i WHERE i.clinic_id = $1 AND i.issued_at >= $2 AND i.issued_at < $3 GROUP BY i.currency ORDER BY i.currency"
    );
    Ok(Counts {
        appointments: tx.all(appointments, params![clinic, from, to]).await?,
        patients: tx.one(patients, params![clinic, from, to]).await?,
        staff: tx.one(staff, params![clinic]).await?,
        invoices: tx.all(invoices, params![clinic, from, to]).await?,
    })
}

/// A clinic at a glance, for whoever runs the installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glance {
    pub clinic_id: ClinicId,
    pub code: String,
    pub name: String,
    pub status: ClinicStatus,
    /// People who may work there now.
    pub staff: i64,
    /// Charts that are there now.
    pub patients: i64,
    /// Appointments that begin in the period.
    pub appointments: i64,
    /// How many of them are completed.
    pub completed: i64,
    /// Invoices issued in the period.
    pub invoices: i64,
}

from_row!(Glance { clinic_id, code, name, status, staff, patients, appointments, completed, invoices });

/// At most this many clinics at a glance.
pub const MOST_CLINICS: i64 = 1000;

/// The clinics by code, with what happened from `from` until before `to`. Each number is counted in an index of its clinic, and never
/// on the way through another clinic's rows.
pub async fn glances(tx: &mut PlatformTx, from: UtcTime, to: UtcTime) -> Result<Vec<Glance>, DbError> {
    let sql = platform_sql!(
        "SELECT c.clinic_id, c.code, c.name, c.status,
                (SELECT COUNT(*) FROM memberships m JOIN users u ON u.user_id = m.user_id
                 WHERE m.clinic_id = c.clinic_id AND m.is_active AND u.is_active) AS staff,
                (SELECT COUNT(*) FROM patients p WHERE p.clinic_id = c.clinic_id AND p.deleted_at IS NULL) AS patients,
                (SELECT COUNT(*) FROM appointments a
                 WHERE a.clinic_id = c.clinic_id AND a.scheduled_start >= $1 AND a.scheduled_start < $2) AS appointments,
                (SELECT COUNT(*) FROM appointments d
                 WHERE d.clinic_id = c.clinic_id AND d.status = 'completed' AND d.scheduled_start >= $1 AND d.scheduled_start < $2)
                    AS completed,
                (SELECT COUNT(*) FROM invoices i
                 WHERE i.clinic_id = c.clinic_id AND i.issued_at >= $1 AND i.issued_at < $2) AS invoices
         FROM clinics c ORDER BY c.code LIMIT $3"
    );
    tx.all(sql, params![from, to, MOST_CLINICS + 1]).await
}
