//! The charts that are worth comparing, each kind from its index.

use clinichub_core::Day;
use clinichub_db::{DbError, Query, TenantTx, from_row, params, tenant_sql};

use super::model::Candidate;
use crate::patients::identifiers::Marks;
use crate::patients::search;

from_row!(Candidate { patient_id, mrn, first_name, last_name, dob, sex, phone, email, national_id_mark, insurance_number_mark });

fn charts() -> Query {
    Query::tenant(tenant_sql!(
        "SELECT p.patient_id, p.mrn, p.first_name, p.last_name, p.dob, p.sex, p.phone, p.email, p.national_id_mark,
                p.insurance_number_mark
         FROM patients p WHERE p.clinic_id = $1 AND p.deleted_at IS NULL"
    ))
}

/// Those with this e-mail address.
pub async fn with_email(tx: &mut TenantTx, email_key: &str) -> Result<Vec<Candidate>, DbError> {
    let mut query = charts();
    query.part(" AND p.email_key = ?", params![email_key]);
    tx.all_q(&query).await
}

/// Those with one of these identifiers.
pub async fn with_marks(tx: &mut TenantTx, marks: &Marks) -> Result<Vec<Candidate>, DbError> {
    let mut query = charts();
    // Not `OR`: SQLite then walks through all charts of the clinic.
    query.part(
        " AND p.patient_id IN (
             SELECT n.patient_id FROM patients n WHERE n.clinic_id = $1 AND n.national_id_mark = ? AND n.deleted_at IS NULL
             UNION ALL SELECT i.patient_id FROM patients i
                 WHERE i.clinic_id = $1 AND i.insurance_number_mark = ? AND i.deleted_at IS NULL)",
        params![&marks.national_id, &marks.insurance_number],
    );
    query.tail(" ORDER BY p.patient_id LIMIT 100", ());
    tx.all_q(&query).await
}

/// Those whose phone number has this end.
pub async fn with_phone(tx: &mut TenantTx, token: &str) -> Result<Vec<Candidate>, DbError> {
    let mut query = charts();
    query.part(" AND p.patient_id IN (SELECT t.patient_id FROM patient_tokens t WHERE t.clinic_id = $1 AND t.token = ?)", params![token]);
    query.tail(" ORDER BY p.patient_id LIMIT 100", ());
    tx.all_q(&query).await
}

/// Those who were born on this day.
pub async fn born_on(tx: &mut TenantTx, dob: Day) -> Result<Vec<Candidate>, DbError> {
    let mut query = charts();
    query.part(" AND p.dob = ?", params![dob]).tail(" ORDER BY p.patient_id LIMIT 500", ());
    tx.all_q(&query).await
}

/// Those whose name begins like this, the very name first.
pub async fn named_like(tx: &mut TenantTx, prefix: &str, name: &str) -> Result<Vec<Candidate>, DbError> {
    let mut query = charts();
    query.part(" AND p.name_key >= ? AND p.name_key < ?", params![prefix, search::after(prefix)]);
    query.tail(" ORDER BY CASE WHEN p.name_key = ? THEN 0 ELSE 1 END, p.name_key, p.patient_id LIMIT 200", params![name]);
    tx.all_q(&query).await
}
