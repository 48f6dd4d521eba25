//! All SQL of billing.

use clinichub_core::{AppError, AppointmentId, ClinicId, CptId, Currency, InvoiceId, PageRequest, PatientId, Result, ServiceId, UtcTime};
use clinichub_db::{
    BadCell, Cell, Col, DbError, OnConflict, PlatformTx, Query, TenantTx, Value, bulk_sql, from_row, params, platform_bulk_sql,
    platform_sql, tenant_sql, text_column,
};
use jiff::tz::TimeZone;

use super::api::{CptFilter, InvoiceQuery, InvoiceSort, ServiceFilter};
use super::model::{
    CompletedAppointment, CptListed, CptRow, InvoiceRow, InvoiceStatus, LineRow, Modifiers, NewService, Performed, ServiceRow, TotalRow,
    Wanted,
};
use crate::patients;

from_row!(ServiceRow { service_id, code, description, price_minor, currency, duration_minutes, is_active, is_default, version });
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
from_row!(TotalRow { currency, count, total_minor, paid_minor });
from_row!(InvoiceRow {
    invoice_id,
    number,
    appointment_id,
    patient_id,
    cpt_id,
    status,
    currency,
    total_minor,
    payment_method,
    payment_reference,
    issued_at,
    paid_at,
    updated_at,
    version,
    patient_name,
});
from_row!(LineRow { line_no, code, description, units, unit_price_minor, amount_minor, modifiers });

text_column!(InvoiceStatus);

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

/// Adds a service; gives its id.
pub async fn insert_service(tx: &mut TenantTx, new: &NewService) -> Result<ServiceId> {
    let (now, by) = (tx.now(), tx.grant().user_id());
    let inserted = tx.one(
        tenant_sql!(
            "INSERT INTO fee_schedule (clinic_id, code, description, price_minor, currency, duration_minutes, is_default, created_at,
                 updated_at, created_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)
             RETURNING service_id"
        ),
        params![&new.code, &new.description, new.price.minor, new.price.currency, new.duration_minutes, new.is_default, now, by],
    );
    inserted.await.on_unique("fee_schedule_code", || AppError::conflict("Service code already exists"))
}

/// Adds the service that every clinic begins with.
pub async fn insert_default_service(tx: &mut PlatformTx, clinic_id: ClinicId, currency: Currency) -> Result<(), DbError> {
    let now = tx.now();
    tx.exec(
        platform_sql!(
            "INSERT INTO fee_schedule (clinic_id, code, description, price_minor, currency, is_default, created_at, updated_at)
             VALUES ($1, 'VISIT', 'Visit', 0, $2, TRUE, $3, $3)"
        ),
        params![clinic_id, currency, now],
    )
    .await?;
    Ok(())
}

/// Adds the services that a clinic begins with.
pub async fn insert_first_services(tx: &mut PlatformTx, clinic_id: ClinicId, services: &[NewService]) -> Result<()> {
    let now = tx.now();
    let insert = platform_bulk_sql!(
        "INSERT INTO fee_schedule (clinic_id, code, description, price_minor, currency, duration_minutes, is_default, created_at, updated_at)
         VALUES"
    );
    let row = |new: &NewService| {
        let (price, is_default) = (new.price, new.is_default);
        params![clinic_id, &new.code, &new.description, price.minor, price.currency, new.duration_minutes, is_default, now, now]
    };
    let inserted = tx.insert_many(insert, services.iter().map(row).collect()).await;
    inserted.on_unique("fee_schedule_code", || AppError::conflict("Service code already exists")).map(drop)
}

/// Changes a service that still has the version before.
pub async fn update_service(tx: &mut TenantTx, service: &ServiceRow) -> Result<u64> {
    let now = tx.now();
    let updated = tx.exec(
        tenant_sql!(
            "UPDATE fee_schedule SET code = $3, description = $4, price_minor = $5, duration_minutes = $6, is_active = $7, is_default = $8,
                 updated_at = $9, version = $10
             WHERE clinic_id = $1 AND service_id = $2 AND version = $10 - 1"
        ),
        params![
            service.service_id,
            &service.code,
            &service.description,
            service.price_minor,
            service.duration_minutes,
            service.is_active,
            service.is_default,
            now,
            service.version,
        ],
    );
    updated.await.on_unique("fee_schedule_code", || AppError::conflict("Service code already exists"))
}

/// Takes the mark of the default service from whichever has it but `keep`.
pub async fn clear_default(tx: &mut TenantTx, keep: Option<ServiceId>) -> Result<u64, DbError> {
    let now = tx.now();
    tx.exec(
        tenant_sql!(
            "UPDATE fee_schedule SET is_default = FALSE, updated_at = $2, version = version + 1
             WHERE clinic_id = $1 AND is_default AND service_id <> $3"
        ),
        params![now, keep.map_or(0, |id| id.0)],
    )
    .await
}

/// One service.
pub async fn find_service(tx: &mut TenantTx, service_id: ServiceId) -> Result<Option<ServiceRow>, DbError> {
    tx.opt(
        tenant_sql!(
            "SELECT service_id, code, description, price_minor, currency, duration_minutes, is_active, is_default, version
             FROM fee_schedule WHERE clinic_id = $1 AND service_id = $2"
        ),
        params![service_id],
    )
    .await
}

/// All services of the clinic by code; a fee schedule has hundreds of rows at most.
pub async fn all_services(tx: &mut TenantTx) -> Result<Vec<ServiceRow>, DbError> {
    tx.all(
        tenant_sql!(
            "SELECT service_id, code, description, price_minor, currency, duration_minutes, is_active, is_default, version
             FROM fee_schedule WHERE clinic_id = $1 ORDER BY code"
        ),
        params![],
    )
    .await
}

/// One page of the services that match.
pub async fn list_services(tx: &mut TenantTx, filter: &ServiceFilter, page: &PageRequest<()>) -> Result<(Vec<ServiceRow>, i64), DbError> {
    let mut query = Query::tenant(tenant_sql!(
        "SELECT service_id, code, description, price_minor, currency, duration_minutes, is_active, is_default, version
         FROM fee_schedule WHERE clinic_id = $1"
    ));
    if let Some(is_active) = filter.is_active {
        query.part(" AND is_active = ?", params![is_active]);
    }
    if let Some(search) = &filter.search {
        let pattern = crate::like::containing(search);
        query.part(" AND (lower(code) LIKE ? ESCAPE '!' OR lower(description) LIKE ? ESCAPE '!')", params![&pattern, &pattern]);
    }
    let total = tx.one_q(&query.under(tenant_sql!("SELECT count(*) FROM fee_schedule WHERE clinic_id = $1"))).await?;
    query.tail(" ORDER BY code LIMIT ? OFFSET ?", params![page.per_page, page.offset()]);
    Ok((tx.all_q(&query).await?, total))
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

/// Writes the procedures of a completed visit, in their order.
pub async fn insert_cpts(tx: &mut TenantTx, done: &CompletedAppointment, performed: &[Performed]) -> Result<(), DbError> {
    let (now, by) = (tx.now(), tx.grant().user_id());
    let row = |(line_no, one): (i64, &Performed)| {
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
    };
    let insert = bulk_sql!(
        "INSERT INTO cpt_records (clinic_id, appointment_id, patient_id, provider_user_id, service_id, code, description, units,
             unit_price_minor, currency, performed_at, line_no, modifiers, created_at, created_by) VALUES"
    );
    tx.insert_many(insert, (1..).zip(performed).map(row).collect()).await.map(drop)
}

/// The ids of the procedures of an appointment, in their order.
pub async fn list_cpt_ids(tx: &mut TenantTx, appointment_id: AppointmentId) -> Result<Vec<CptId>, DbError> {
    let sql = tenant_sql!("SELECT c.cpt_id FROM cpt_records c WHERE c.clinic_id = $1 AND c.appointment_id = $2 ORDER BY c.line_no");
    tx.all(sql, params![appointment_id]).await
}

/// These services, in no order.
pub async fn list_services_by_id(tx: &mut TenantTx, ids: &[ServiceId]) -> Result<Vec<ServiceRow>, DbError> {
    let mut query = Query::tenant(tenant_sql!(
        "SELECT service_id, code, description, price_minor, currency, duration_minutes, is_active, is_default, version
         FROM fee_schedule WHERE clinic_id = $1"
    ));
    query.list(" AND service_id IN (", ids.iter().copied(), ")");
    tx.all_q(&query).await
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

/// One page of the procedures that match, newest first.
pub async fn list_cpt(
    tx: &mut TenantTx,
    filter: &CptFilter,
    zone: &TimeZone,
    only: Option<&[PatientId]>,
    page: &PageRequest<()>,
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
    let total = tx.one_q(&query.under(tenant_sql!("SELECT count(*) FROM cpt_records c WHERE c.clinic_id = $1"))).await?;
    query.tail(" ORDER BY c.performed_at DESC, c.cpt_id DESC LIMIT ? OFFSET ?", params![page.per_page, page.offset()]);
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

/// Writes an invoice and its lines; gives its id.
pub async fn insert_invoice(tx: &mut TenantTx, invoice: &InvoiceRow, lines: &[LineRow]) -> Result<InvoiceId> {
    let by = tx.grant().user_id();
    let inserted = tx.one::<InvoiceId>(
        tenant_sql!(
            "INSERT INTO invoices (clinic_id, number, appointment_id, patient_id, cpt_id, status, currency, total_minor, issued_at, created_at,
                 updated_at, created_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $9, $10)
             RETURNING invoice_id"
        ),
        params![
            &invoice.number,
            invoice.appointment_id,
            invoice.patient_id,
            invoice.cpt_id,
            invoice.status,
            invoice.currency,
            invoice.total_minor,
            invoice.issued_at,
            by,
        ],
    );
    let id = inserted.await.on_unique("invoices_appointment", || AppError::conflict("Invoice already exists"))?;
    insert_lines(tx, id, lines).await?;
    Ok(id)
}

async fn insert_lines(tx: &mut TenantTx, invoice_id: InvoiceId, lines: &[LineRow]) -> Result<(), DbError> {
    let rows = lines.iter().map(|line| {
        params![
            invoice_id,
            line.line_no,
            &line.code,
            &line.description,
            line.units,
            line.unit_price_minor,
            line.amount_minor,
            &line.modifiers
        ]
    });
    tx.insert_many(
        bulk_sql!(
            "INSERT INTO invoice_lines (clinic_id, invoice_id, line_no, code, description, units, unit_price_minor, amount_minor,
                 modifiers) VALUES"
        ),
        rows.collect(),
    )
    .await?;
    Ok(())
}

/// One invoice.
pub async fn find_invoice(tx: &mut TenantTx, invoice_id: InvoiceId) -> Result<Option<InvoiceRow>, DbError> {
    tx.opt(
        tenant_sql!(
            "SELECT i.invoice_id, i.number, i.appointment_id, i.patient_id, i.cpt_id, i.status, i.currency, i.total_minor, i.payment_method,
                    i.payment_reference, i.issued_at, i.paid_at, i.updated_at, i.version, p.first_name || ' ' || p.last_name AS patient_name
             FROM invoices i JOIN patients p ON p.clinic_id = i.clinic_id AND p.patient_id = i.patient_id
             WHERE i.clinic_id = $1 AND i.invoice_id = $2"
        ),
        params![invoice_id],
    )
    .await
}

/// The lines of an invoice.
pub async fn lines_of(tx: &mut TenantTx, invoice_id: InvoiceId) -> Result<Vec<LineRow>, DbError> {
    tx.all(
        tenant_sql!(
            "SELECT line_no, code, description, units, unit_price_minor, amount_minor, modifiers
             FROM invoice_lines WHERE clinic_id = $1 AND invoice_id = $2 ORDER BY line_no"
        ),
        params![invoice_id],
    )
    .await
}

/// Stores how an invoice was paid, if it still has the version before.
pub async fn update_payment(tx: &mut TenantTx, invoice: &InvoiceRow) -> Result<u64, DbError> {
    tx.exec(
        tenant_sql!(
            "UPDATE invoices SET status = $3, paid_at = $4, payment_method = $5, payment_reference = $6, updated_at = $7, version = $8
             WHERE clinic_id = $1 AND invoice_id = $2 AND version = $8 - 1"
        ),
        params![
            invoice.invoice_id,
            invoice.status,
            invoice.paid_at,
            &invoice.payment_method,
            &invoice.payment_reference,
            invoice.updated_at,
            invoice.version,
        ],
    )
    .await
}

/// What the invoices of a list come to, by currency. The parts of the list stand in the parentheses.
async fn totals_of(tx: &mut TenantTx, list: &Query) -> Result<Vec<TotalRow>, DbError> {
    let mut totals = list.under(tenant_sql!(
        "SELECT f.currency, count(*) AS count, CAST(sum(f.total_minor) AS BIGINT) AS total_minor,
                CAST(sum(CASE WHEN f.status = 'paid' THEN f.total_minor ELSE 0 END) AS BIGINT) AS paid_minor
         FROM (SELECT i.currency, i.status, i.total_minor FROM invoices i WHERE i.clinic_id = $1"
    ));
    totals.tail(") f GROUP BY f.currency ORDER BY f.currency", params![]);
    tx.all_q(&totals).await
}

/// One page of the invoices that match, and what all that match come to, by currency.
pub async fn list_invoices(
    tx: &mut TenantTx,
    filter: &InvoiceQuery,
    wanted: Option<&Wanted>,
    zone: &TimeZone,
    only: Option<&[PatientId]>,
    page: &PageRequest<InvoiceSort>,
) -> Result<(Vec<InvoiceRow>, Vec<TotalRow>), DbError> {
    let mut query = Query::tenant(tenant_sql!(
        "SELECT i.invoice_id, i.number, i.appointment_id, i.patient_id, i.cpt_id, i.status, i.currency, i.total_minor, i.payment_method,
                i.payment_reference, i.issued_at, i.paid_at, i.updated_at, i.version, p.first_name || ' ' || p.last_name AS patient_name
         FROM invoices i JOIN patients p ON p.clinic_id = i.clinic_id AND p.patient_id = i.patient_id
         WHERE i.clinic_id = $1"
    ));
    restrict(&mut query, filter, zone, only);
    search(&mut query, wanted);
    let totals = totals_of(tx, &query).await?;
    query.tail(page.sort.order_by(page.order), params![page.per_page, page.offset()]);
    Ok((tx.all_q(&query).await?, totals))
}

fn restrict(query: &mut Query, filter: &InvoiceQuery, zone: &TimeZone, only: Option<&[PatientId]>) {
    if let Some(status) = filter.status {
        query.part(" AND i.status = ?", params![status]);
    }
    if let Some(patient) = filter.patient_id {
        query.part(" AND i.patient_id = ?", params![patient]);
    }
    if let Some(appointment) = filter.appointment_id {
        query.part(" AND i.appointment_id = ?", params![appointment]);
    }
    if let Some(provider) = filter.provider_user_id {
        query.part(
            " AND EXISTS (SELECT 1 FROM appointments a
                  WHERE a.clinic_id = i.clinic_id AND a.appointment_id = i.appointment_id AND a.provider_user_id = ?)",
            params![provider],
        );
    }
    if let Some(from) = filter.from {
        query.part(" AND i.issued_at >= ?", params![from.start_in(zone)]);
    }
    if let Some(to) = filter.to {
        query.part(" AND i.issued_at < ?", params![to.end_in(zone)]);
    }
    if let Some(charts) = only {
        query.list(" AND i.patient_id IN (", charts.iter().copied(), ")");
    }
}

fn search(query: &mut Query, wanted: Option<&Wanted>) {
    match wanted {
        None => {}
        Some(Wanted::Number(number)) => {
            query.part(" AND i.number = ?", params![number]);
        }
        Some(Wanted::Patient(terms)) if terms.is_empty() => {
            query.part(" AND 1 = 0", params![]);
        }
        Some(Wanted::Patient(terms)) => {
            for term in terms {
                query.part(
                    " AND i.patient_id IN (SELECT t.patient_id FROM patient_tokens t
                          WHERE t.clinic_id = i.clinic_id AND t.token >= ? AND t.token < ?)",
                    params![term, patients::after_term(term)],
                );
            }
        }
    }
}

/// What a patient owes, per currency: currency, minor units, invoices.
pub async fn unpaid(tx: &mut TenantTx, patient_id: PatientId) -> Result<Vec<(clinichub_core::Currency, i64, i64)>, DbError> {
    tx.all(
        tenant_sql!(
            "SELECT currency, CAST(sum(total_minor) AS BIGINT) AS owed, count(*) AS invoices
             FROM invoices WHERE clinic_id = $1 AND patient_id = $2 AND status = 'unpaid' GROUP BY currency ORDER BY currency"
        ),
        params![patient_id],
    )
    .await
}

/// When a patient's invoices before this place of the timeline were issued: time, id, number, status.
pub async fn timeline(
    tx: &mut TenantTx,
    patient_id: PatientId,
    before: (UtcTime, i64),
    limit: i64,
) -> Result<Vec<(UtcTime, InvoiceId, String, String)>, DbError> {
    tx.all(
        tenant_sql!(
            "SELECT issued_at, invoice_id, number, status FROM invoices
             WHERE clinic_id = $1 AND patient_id = $2 AND (issued_at, invoice_id) < ($3, $4)
             ORDER BY issued_at DESC, invoice_id DESC LIMIT $5"
        ),
        params![patient_id, before.0, before.1, limit],
    )
    .await
}
