//! The SQL of invoices.

use clinichub_core::{AppError, InvoiceId, PageRequest, PatientId, Result, UtcTime};
use clinichub_db::{DbError, OnConflict, Query, TenantTx, bulk_sql, from_row, params, tenant_sql, text_column};
use jiff::tz::TimeZone;

use crate::billing::api::invoices::{InvoiceQuery, InvoiceSort};
use crate::billing::model::{InvoiceRow, InvoiceStatus, LineRow, TotalRow, Wanted};
use crate::patients;

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
                          WHERE t.clinic_id = $1 AND t.token >= ? AND t.token < ?)",
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
