//! The SQL of procedures performed.

use clinichub_core::{AppointmentId, CptId, PageRequest, PatientId, Result, UserId, UtcTime};
use clinichub_db::{BadCell, Cell, Col, DbError, Params, Query, TenantTx, Value, bulk_sql, from_row, params, tenant_sql};
use jiff::tz::TimeZone;

use crate::billing::api::cpt::{CptFilter, CptSort};
use crate::billing::model::{CompletedAppointment, CptListed, CptRow, Modifiers, Performed};

from_row!(CptRow {
    cpt_id,
    appointment_id,
    patient_id,
    provider_user_id,
    service_id,
    code,
    description,
    units,
    unit_price_minor,
    currency,
    performed_at,
    line_no,
    modifiers,
});

from_row!(CptListed {
    cpt_id,
    appointment_id,
    appointment_reference,
    patient_id,
    patient_name,
    provider_user_id,
    provider_name,
    service_id,
    code,
    description,
    units,
    unit_price_minor,
    currency,
    performed_at,
    line_no,
    modifiers,
    invoice_id,
});

impl From<Modifiers> for Value {
    fn from(modifiers: Modifiers) -> Self {
        Self::Text(modifiers.to_text())
    }
}

impl Col for Modifiers {
    fn from_cell(cell: Cell<'_>) -> Result<Self, BadCell> {
        cell.text().map(Self::of_text)
    }
}

/// Writes the procedure of a completed appointment from its service, or the clinic's default one; `None` where neither is there.
pub async fn insert_cpt(tx: &mut TenantTx, done: &CompletedAppointment) -> Result<Option<CptId>, DbError> {
    let (now, by) = (tx.now(), tx.grant().user_id());
    tx.opt(
        tenant_sql!(
            "INSERT INTO cpt_records (clinic_id, appointment_id, patient_id, provider_user_id, service_id, code, description, units,
                 unit_price_minor, currency, performed_at, created_at, created_by)
             SELECT $1, $2, $3, $4, s.service_id, s.code, s.description, 1, s.price_minor, s.currency, $6, $7, $8
             FROM fee_schedule s
             WHERE s.clinic_id = $1 AND (s.service_id = $5 OR s.is_default)
             ORDER BY CASE WHEN s.service_id = $5 THEN 0 ELSE 1 END LIMIT 1
             RETURNING cpt_id"
        ),
        params![done.appointment_id, done.patient_id, done.provider_user_id, done.service_id, done.performed_at, now, by],
    )
    .await
}

/// Writes procedures of a completed appointment, each on its line.
pub async fn insert_cpts(tx: &mut TenantTx, done: &CompletedAppointment, lines: &[(i64, &Performed)]) -> Result<(), DbError> {
    let (now, by) = (tx.now(), tx.grant().user_id());
    let rows = lines.iter().map(|(line_no, one)| columns(done, *line_no, one, now, by)).collect();
    let insert = bulk_sql!(
        "INSERT INTO cpt_records (clinic_id, appointment_id, patient_id, provider_user_id, service_id, code, description, units,
             unit_price_minor, currency, performed_at, line_no, modifiers, created_at, created_by) VALUES"
    );
    tx.insert_many(insert, rows).await.map(drop)
}

/// The same under ids that they had before.
pub async fn insert_kept_cpts(tx: &mut TenantTx, done: &CompletedAppointment, lines: &[(CptId, i64, &Performed)]) -> Result<(), DbError> {
    let (now, by) = (tx.now(), tx.grant().user_id());
    let row = |(cpt_id, line_no, one): &(CptId, i64, &Performed)| {
        let mut values = columns(done, *line_no, one, now, by);
        values.push(*cpt_id);
        values
    };
    let insert = bulk_sql!(
        "INSERT INTO cpt_records (clinic_id, appointment_id, patient_id, provider_user_id, service_id, code, description, units,
             unit_price_minor, currency, performed_at, line_no, modifiers, created_at, created_by, cpt_id) VALUES"
    );
    tx.insert_many(insert, lines.iter().map(row).collect()).await.map(drop)
}

fn columns(done: &CompletedAppointment, line_no: i64, one: &Performed, now: UtcTime, by: Option<UserId>) -> Params {
    params![
        done.appointment_id,
        done.patient_id,
        done.provider_user_id,
        one.service_id,
        &one.code,
        &one.description,
        one.units,
        one.unit_price_minor,
        one.currency,
        done.performed_at,
        line_no,
        &one.modifiers,
        now,
        by,
    ]
}

/// Takes the procedures of an appointment off their lines, so that others can have them. They are there still, so that SQLite gives none of
/// their ids away.
pub async fn set_aside(tx: &mut TenantTx, appointment_id: AppointmentId) -> Result<u64, DbError> {
    let sql = tenant_sql!("UPDATE cpt_records SET line_no = -line_no WHERE clinic_id = $1 AND appointment_id = $2");
    tx.exec(sql, params![appointment_id]).await
}

/// Deletes those that were taken off their lines.
pub async fn delete_aside(tx: &mut TenantTx, appointment_id: AppointmentId) -> Result<u64, DbError> {
    let sql = tenant_sql!("DELETE FROM cpt_records WHERE clinic_id = $1 AND appointment_id = $2 AND line_no < 0");
    tx.exec(sql, params![appointment_id]).await
}

/// The ids of the procedures of an appointment, in their order.
pub async fn list_cpt_ids(tx: &mut TenantTx, appointment_id: AppointmentId) -> Result<Vec<CptId>, DbError> {
    let sql = tenant_sql!("SELECT c.cpt_id FROM cpt_records c WHERE c.clinic_id = $1 AND c.appointment_id = $2 ORDER BY c.line_no");
    tx.all(sql, params![appointment_id]).await
}

/// The procedures of an appointment, in their order.
pub async fn list_cpt_of(tx: &mut TenantTx, appointment_id: AppointmentId) -> Result<Vec<CptRow>, DbError> {
    tx.all(
        tenant_sql!(
            "SELECT cpt_id, appointment_id, patient_id, provider_user_id, service_id, code, description, units, unit_price_minor, currency,
                    performed_at, line_no, modifiers
             FROM cpt_records WHERE clinic_id = $1 AND appointment_id = $2 ORDER BY line_no"
        ),
        params![appointment_id],
    )
    .await
}

/// What procedures are searched by.
#[derive(Debug, Clone)]
pub enum Sought {
    /// Those of this appointment.
    Appointment(AppointmentId),
    /// Those of this code.
    Code(String),
}

/// What a search means: an appointment's reference, or else a code. It is found out first, so that either is looked up in an index.
pub async fn sought(tx: &mut TenantTx, search: String) -> Result<Sought, DbError> {
    let sql = tenant_sql!("SELECT a.appointment_id FROM appointments a WHERE a.clinic_id = $1 AND a.reference = $2");
    let found = tx.opt(sql, params![search.to_uppercase()]).await?;
    Ok(found.map_or(Sought::Code(search), Sought::Appointment))
}

/// One page of the procedures that match.
pub async fn list_cpt(
    tx: &mut TenantTx,
    filter: &CptFilter,
    wanted: Option<&Sought>,
    zone: &TimeZone,
    only: Option<&[PatientId]>,
    page: &PageRequest<CptSort>,
) -> Result<(Vec<CptListed>, i64), DbError> {
    let mut query = Query::tenant(tenant_sql!(
        "SELECT c.cpt_id, c.appointment_id, a.reference AS appointment_reference, c.patient_id,
                p.first_name || ' ' || p.last_name AS patient_name, c.provider_user_id, u.first_name || ' ' || u.last_name AS provider_name,
                c.service_id, c.code, c.description, c.units, c.unit_price_minor, c.currency, c.performed_at, c.line_no, c.modifiers,
                (SELECT i.invoice_id FROM invoices i WHERE i.clinic_id = c.clinic_id AND i.appointment_id = c.appointment_id) AS invoice_id
         FROM cpt_records c
              JOIN appointments a ON a.clinic_id = c.clinic_id AND a.appointment_id = c.appointment_id
              JOIN patients p ON p.clinic_id = c.clinic_id AND p.patient_id = c.patient_id
              JOIN users u ON u.user_id = c.provider_user_id
         WHERE c.clinic_id = $1"
    ));
    restrict_cpt(&mut query, filter, zone, only);
    match wanted {
        None => {}
        Some(Sought::Appointment(id)) => {
            query.part(" AND c.appointment_id = ?", params![id]);
        }
        Some(Sought::Code(code)) => {
            query.part(" AND c.code IN (?, ?)", params![code, code.to_uppercase()]);
        }
    }
    let total = tx.one_q(&query.under(tenant_sql!("SELECT count(*) FROM cpt_records c WHERE c.clinic_id = $1"))).await?;
    query.tail(page.sort.order_by(page.order), params![page.per_page, page.offset()]);
    Ok((tx.all_q(&query).await?, total))
}

fn restrict_cpt(query: &mut Query, filter: &CptFilter, zone: &TimeZone, only: Option<&[PatientId]>) {
    if let Some(appointment) = filter.appointment_id {
        query.part(" AND c.appointment_id = ?", params![appointment]);
    }
    if let Some(patient) = filter.patient_id {
        query.part(" AND c.patient_id = ?", params![patient]);
    }
    if let Some(provider) = filter.provider_user_id {
        query.part(" AND c.provider_user_id = ?", params![provider]);
    }
    if let Some(from) = filter.from {
        query.part(" AND c.performed_at >= ?", params![from.start_in(zone)]);
    }
    if let Some(to) = filter.to {
        query.part(" AND c.performed_at < ?", params![to.end_in(zone)]);
    }
    match filter.invoiced {
        None => {}
        Some(true) => {
            query.part(
                " AND EXISTS (SELECT 1 FROM invoices n WHERE n.clinic_id = c.clinic_id AND n.appointment_id = c.appointment_id)",
                params![],
            );
        }
        Some(false) => {
            query.part(
                " AND NOT EXISTS (SELECT 1 FROM invoices n WHERE n.clinic_id = c.clinic_id AND n.appointment_id = c.appointment_id)",
                params![],
            );
        }
    }
    if let Some(charts) = only {
        query.list(" AND c.patient_id IN (", charts.iter().copied(), ")");
    }
}
