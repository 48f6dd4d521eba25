//! All SQL of whole days: appointments with everything that a card shows, in one statement, and what waits for somebody.

use clinichub_core::{AppointmentId, CptId, Currency, Day, InvoiceId, Money, PatientId, ServiceId, UserId, UtcTime};
use clinichub_db::{DbError, Query, TenantTx, from_row, params, tenant_sql};

use super::api::{BoardAppointment, BoardPatient, BoardService};
use crate::patients::Sex;
use crate::scheduling::{Span, Status};

/// Which appointments of which time.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Those that begin in it.
    pub window: Span,
    /// With one of these providers; empty: with any.
    pub providers: Vec<UserId>,
    /// In this department.
    pub department: Option<String>,
    /// How many at most.
    pub most: i64,
}

struct Row {
    appointment_id: AppointmentId,
    reference: String,
    patient_id: PatientId,
    first_name: String,
    last_name: String,
    mrn: String,
    dob: Day,
    sex: Sex,
    phone: Option<String>,
    preferred_language: Option<String>,
    provider_user_id: UserId,
    provider_first_name: String,
    provider_last_name: String,
    scheduled_start: UtcTime,
    scheduled_end: UtcTime,
    status: Status,
    status_changed_at: UtcTime,
    arrived_at: Option<UtcTime>,
    department: Option<String>,
    service_id: Option<ServiceId>,
    code: Option<String>,
    description: Option<String>,
    price_minor: Option<i64>,
    currency: Option<Currency>,
    reason: Option<String>,
    notes: Option<String>,
    close_reason: Option<String>,
    cpt_id: Option<CptId>,
    invoice_id: Option<InvoiceId>,
    version: i64,
}

from_row!(Row {
    appointment_id,
    reference,
    patient_id,
    first_name,
    last_name,
    mrn,
    dob,
    sex,
    phone,
    preferred_language,
    provider_user_id,
    provider_first_name,
    provider_last_name,
    scheduled_start,
    scheduled_end,
    status,
    status_changed_at,
    arrived_at,
    department,
    service_id,
    code,
    description,
    price_minor,
    currency,
    reason,
    notes,
    close_reason,
    cpt_id,
    invoice_id,
    version,
});

impl Row {
    fn service(&self) -> Option<BoardService> {
        let price = Money::new(self.price_minor?, self.currency?);
        Some(BoardService::new(self.service_id?, self.code.clone()?, self.description.clone()?, price))
    }
}

impl From<Row> for BoardAppointment {
    fn from(row: Row) -> Self {
        Self {
            service: row.service(),
            provider_name: format!("{} {}", row.provider_first_name, row.provider_last_name),
            patient: BoardPatient {
                first_name: row.first_name,
                last_name: row.last_name,
                mrn: row.mrn,
                dob: row.dob,
                sex: row.sex,
                phone: row.phone,
                preferred_language: row.preferred_language,
            },
            appointment_id: row.appointment_id,
            reference: row.reference,
            patient_id: row.patient_id,
            provider_user_id: row.provider_user_id,
            scheduled_start: row.scheduled_start,
            scheduled_end: row.scheduled_end,
            status: row.status,
            status_changed_at: row.status_changed_at,
            arrived_at: row.arrived_at,
            department: row.department,
            reason: row.reason,
            notes: row.notes,
            close_reason: row.close_reason,
            cpt_id: row.cpt_id,
            invoice_id: row.invoice_id,
            version: row.version,
        }
    }
}

/// The appointments, by their beginning.
pub async fn list(tx: &mut TenantTx, shown: &Shown) -> Result<Vec<BoardAppointment>, DbError> {
    let mut query = Query::tenant(tenant_sql!(
        "SELECT a.appointment_id, a.reference, a.patient_id, p.first_name, p.last_name, p.mrn, p.dob, p.sex, p.phone, p.preferred_language,
                a.provider_user_id, u.first_name AS provider_first_name, u.last_name AS provider_last_name, a.scheduled_start,
                a.scheduled_end, a.status, a.status_changed_at,
                (SELECT min(t.at) FROM appointment_states t
                 WHERE t.clinic_id = a.clinic_id AND t.appointment_id = a.appointment_id
                       AND t.status IN ('waiting', 'in_room', 'in_scan', 'review')) AS arrived_at,
                a.department, a.service_id, s.code, s.description, s.price_minor, s.currency, a.reason, a.notes, a.close_reason,
                (SELECT c.cpt_id FROM cpt_records c
                 WHERE c.clinic_id = a.clinic_id AND c.appointment_id = a.appointment_id AND c.line_no = 1) AS cpt_id,
                i.invoice_id, a.version
         FROM appointments a
              JOIN patients p ON p.clinic_id = a.clinic_id AND p.patient_id = a.patient_id
              JOIN users u ON u.user_id = a.provider_user_id
              LEFT JOIN fee_schedule s ON s.clinic_id = a.clinic_id AND s.service_id = a.service_id
              LEFT JOIN invoices i ON i.clinic_id = a.clinic_id AND i.appointment_id = a.appointment_id
         WHERE a.clinic_id = $1 AND a.scheduled_start >= $2 AND a.scheduled_start < $3"
    ));
    query.bind(params![shown.window.start, shown.window.end]);
    if !shown.providers.is_empty() {
        query.list(" AND a.provider_user_id IN (", shown.providers.iter().copied(), ")");
    }
    if let Some(department) = &shown.department {
        query.part(" AND a.department = ?", params![department]);
    }
    query.tail(" ORDER BY a.scheduled_start, a.appointment_id LIMIT ?", params![shown.most]);
    Ok(tx.all_q::<Row>(&query).await?.into_iter().map(Into::into).collect())
}

/// How many appointments are over and were never closed. The states are literals, so that PostgreSQL looks among the few open ones.
pub async fn count_open_ends(tx: &mut TenantTx, providers: &[UserId]) -> Result<i64, DbError> {
    let mut query = Query::tenant(tenant_sql!(
        "SELECT count(*) FROM appointments a
         WHERE a.clinic_id = $1 AND a.status IN ('pending', 'scheduled', 'confirmed', 'waiting', 'in_room', 'in_scan', 'review')
               AND a.scheduled_start < $2 AND a.scheduled_end < $2"
    ));
    query.bind(params![tx.now()]);
    if !providers.is_empty() {
        query.list(" AND a.provider_user_id IN (", providers.iter().copied(), ")");
    }
    tx.one_q(&query).await
}

/// How many requests nobody has answered.
pub async fn count_requests(tx: &mut TenantTx, providers: &[UserId]) -> Result<i64, DbError> {
    let mut query = Query::tenant(tenant_sql!("SELECT count(*) FROM appointments a WHERE a.clinic_id = $1 AND a.status = 'pending'"));
    if !providers.is_empty() {
        query.list(" AND a.provider_user_id IN (", providers.iter().copied(), ")");
    }
    tx.one_q(&query).await
}
