//! Invoices over the wire: as JSON, as CSV and as documents.

use axum::response::{IntoResponse, Response};
use clinichub_api::{
    Access, Body, Created, Id, List, PagingQuery, Params, Read, Result, SortField, Versioned, Written, rules, written_body,
};
use clinichub_core::{
    AppError, AppointmentId, CptId, Currency, DayOrInstant, InvoiceId, Money, Order, PageRequest, Pagination, Patch, PatientId, UserId,
    UtcTime,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::billing::model::{Bill, InvoiceRow, InvoiceStatus, LineRow, Modifiers, Payment, TotalRow};
use crate::billing::{csv, document, service};
use crate::press::{self, PaperQuery};

/// The appointment to bill.
#[derive(Debug, Clone, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "appointment_id": 1 }))]
pub struct NewInvoice {
    /// It must be completed, and not billed yet.
    pub appointment_id: AppointmentId,
}

/// Whether and how an invoice was paid.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields, default)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "status": "paid", "payment_method": "card", "payment_reference": "4711" }))]
pub struct InvoiceUpdate {
    /// `paid` sets `paid_at`, `unpaid` clears it and how it was paid.
    #[schema(value_type = Option<InvoiceStatus>, nullable = false)]
    pub status: Option<InvoiceStatus>,
    /// `cash`, `card`, `transfer`, …
    #[schema(value_type = Option<String>, max_length = 50)]
    pub payment_method: Patch<String>,
    #[schema(value_type = Option<String>, max_length = 100)]
    pub payment_reference: Patch<String>,
}

/// An invoice.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Invoice {
    pub invoice_id: InvoiceId,
    #[schema(example = "ABC01-I88")]
    pub number: String,
    pub appointment_id: AppointmentId,
    pub patient_id: PatientId,
    pub patient_name: String,
    pub cpt_id: CptId,
    pub status: InvoiceStatus,
    pub currency: Currency,
    #[schema(example = "125.00")]
    pub total: String,
    pub payment_method: Option<String>,
    pub payment_reference: Option<String>,
    pub issued_at: UtcTime,
    pub paid_at: Option<UtcTime>,
    pub updated_at: UtcTime,
    pub version: i64,
    /// Left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub lines: Option<Vec<InvoiceLine>>,
    /// The letters in the patient's name, the lines and the payment that no font here has, each once: the document shows boxes for them.
    /// Left out where it shows all, in lists, and after a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "小明王")]
    pub unprintable: Option<String>,
}

/// A line of an invoice.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InvoiceLine {
    pub line: i64,
    #[schema(example = "99213")]
    pub code: String,
    pub description: String,
    pub units: i64,
    #[schema(example = "125.00")]
    pub unit_price: String,
    #[schema(example = "125.00")]
    pub amount: String,
    #[schema(value_type = Vec<String>, example = json!(["25"]))]
    pub modifiers: Modifiers,
}

/// Which invoices a list shows.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct InvoiceQuery {
    #[param(inline)]
    pub status: Option<InvoiceStatus>,
    #[param(value_type = Option<i64>, minimum = 1)]
    pub patient_id: Option<PatientId>,
    #[param(value_type = Option<i64>, minimum = 1)]
    pub appointment_id: Option<AppointmentId>,
    /// For what this provider did.
    #[param(value_type = Option<i64>, minimum = 1)]
    pub provider_user_id: Option<UserId>,
    /// Issued on or after this day in the clinic, or at or after this instant.
    #[param(value_type = Option<String>, format = Date)]
    pub from: Option<DayOrInstant>,
    /// Issued on or before this day in the clinic, or before this instant.
    #[param(value_type = Option<String>, format = Date)]
    pub to: Option<DayOrInstant>,
}

/// The same, with what is searched for: a number, or a patient.
#[derive(Debug, Clone, Default)]
pub struct InvoiceFilter {
    pub query: InvoiceQuery,
    pub search: Option<String>,
}

/// How a list of invoices can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceSort {
    IssuedAt,
    InvoiceId,
}

impl SortField for InvoiceSort {
    const ALL: &'static [(&'static str, Self)] = &[("issued_at", Self::IssuedAt), ("invoice_id", Self::InvoiceId)];
}

impl InvoiceSort {
    /// The order in SQL.
    pub fn order_by(self, order: Order) -> &'static str {
        match (self, order) {
            (Self::IssuedAt, Order::Asc) => " ORDER BY i.issued_at, i.invoice_id LIMIT ? OFFSET ?",
            (Self::IssuedAt, Order::Desc) => " ORDER BY i.issued_at DESC, i.invoice_id DESC LIMIT ? OFFSET ?",
            (Self::InvoiceId, Order::Asc) => " ORDER BY i.invoice_id LIMIT ? OFFSET ?",
            (Self::InvoiceId, Order::Desc) => " ORDER BY i.invoice_id DESC LIMIT ? OFFSET ?",
        }
    }
}

impl InvoiceUpdate {
    /// What it says about payment.
    pub fn into_payment(self) -> Result<Payment, AppError> {
        let mut refused = Vec::new();
        rules::text(&mut refused, "payment_method", self.payment_method.as_set().map(String::as_str), 50);
        rules::text(&mut refused, "payment_reference", self.payment_reference.as_set().map(String::as_str), 100);
        rules::verdict(refused)?;
        Ok(Payment { status: self.status, method: self.payment_method, reference: self.payment_reference })
    }
}

impl From<InvoiceRow> for Invoice {
    fn from(row: InvoiceRow) -> Self {
        Self {
            invoice_id: row.invoice_id,
            number: row.number,
            appointment_id: row.appointment_id,
            patient_id: row.patient_id,
            patient_name: row.patient_name,
            cpt_id: row.cpt_id,
            status: row.status,
            total: Money::new(row.total_minor, row.currency).to_string(),
            currency: row.currency,
            payment_method: row.payment_method,
            payment_reference: row.payment_reference,
            issued_at: row.issued_at,
            paid_at: row.paid_at,
            updated_at: row.updated_at,
            version: row.version,
            lines: None,
            unprintable: None,
        }
    }
}

impl From<Bill> for Invoice {
    fn from(bill: Bill) -> Self {
        let currency = bill.invoice.currency;
        let lines = bill.lines.into_iter().map(|line| InvoiceLine::of(line, currency)).collect();
        Self { lines: Some(lines), unprintable: bill.unprintable, ..bill.invoice.into() }
    }
}

impl InvoiceLine {
    fn of(row: LineRow, currency: Currency) -> Self {
        Self {
            line: row.line_no,
            code: row.code,
            description: row.description,
            units: row.units,
            unit_price: Money::new(row.unit_price_minor, currency).to_string(),
            amount: Money::new(row.amount_minor, currency).to_string(),
            modifiers: row.modifiers,
        }
    }
}

impl Versioned for Invoice {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// What the invoices of one currency come to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InvoiceTotal {
    pub currency: Currency,
    /// How many there are.
    #[schema(minimum = 0)]
    pub count: i64,
    #[schema(example = "1250.00")]
    pub total: String,
    #[schema(example = "1000.00")]
    pub paid: String,
    #[schema(example = "250.00")]
    pub unpaid: String,
}

impl From<TotalRow> for InvoiceTotal {
    fn from(row: TotalRow) -> Self {
        let amount = |minor| Money::new(minor, row.currency).to_string();
        Self {
            currency: row.currency,
            count: row.count,
            total: amount(row.total_minor),
            paid: amount(row.paid_minor),
            unpaid: amount(row.total_minor - row.paid_minor),
        }
    }
}

/// A page of invoices, and what all that match come to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invoices {
    /// The rows of this page.
    pub invoices: Vec<Invoice>,
    /// What all that match come to, whatever page they are on; an entry for each currency.
    pub totals: Vec<InvoiceTotal>,
    /// Where the page stands in the list.
    pub pagination: Pagination,
}

impl Versioned for Invoices {}

written_body!(
    /// What a change of an invoice answers.
    InvoiceWritten, invoice: Invoice
);

/// Lists the invoices, newest first, with what all of them come to; `search` takes a number, or words about the patient. A patient sees
/// the own ones.
#[utoipa::path(get, path = "/api/invoices", params(PagingQuery, InvoiceQuery, ("sort" = inline(Option<InvoiceSort>), Query, description = "The field the list is ordered by")),
    responses((status = 200, description = "A page of invoices", body = Invoices)))]
pub async fn list_invoices(access: Access<App>, list: List<InvoiceQuery>) -> Result<Read<Invoices>> {
    let page = list.paging.request(InvoiceSort::IssuedAt, Order::Desc)?;
    let filter = InvoiceFilter { query: list.filter, search: list.paging.search };
    let (found, totals) = service::list_invoices(&access, filter, page).await?;
    let pagination = found.pagination();
    let invoices = found.items.into_iter().map(Into::into).collect();
    Ok(Read(Invoices { invoices, totals: totals.into_iter().map(Into::into).collect(), pagination }))
}

/// The most invoices that one file holds.
const MOST_EXPORTED: i64 = 100_000;

/// Exports the invoices that match as CSV, oldest first, at most 100,000.
#[utoipa::path(get, path = "/api/invoices/export.csv", params(InvoiceQuery), responses((status = 200, description = "The table", body = String, content_type = "text/csv")))]
pub async fn export_invoices(access: Access<App>, Params(query): Params<InvoiceQuery>) -> Result<Response> {
    let page = PageRequest { page: 1, per_page: MOST_EXPORTED, sort: InvoiceSort::IssuedAt, order: Order::Asc };
    let (found, _) = service::list_invoices(&access, InvoiceFilter { query, search: None }, page).await?;
    if found.total > MOST_EXPORTED {
        return Err(AppError::field("from", "More than 100,000 invoices match; ask for a shorter time").into());
    }
    let headers = [("content-type", "text/csv; charset=utf-8"), ("content-disposition", "attachment; filename=\"invoices.csv\"")];
    Ok((headers, csv::render(&found.items)?).into_response())
}

/// Makes the invoice of a completed appointment; one an appointment.
#[utoipa::path(post, path = "/api/invoices", request_body = NewInvoice, responses((status = 201, description = "Made", body = InvoiceWritten)))]
pub async fn create_invoice(access: Access<App>, Body(new): Body<NewInvoice>) -> Result<Created<InvoiceWritten>> {
    let bill = service::create_invoice(&access, new.appointment_id).await?;
    Ok(Created(InvoiceWritten::new("Invoice created successfully", bill)))
}

/// Shows an invoice with its lines.
#[utoipa::path(get, path = "/api/invoices/{invoice_id}", params(("invoice_id" = InvoiceId, Path)), responses((status = 200, description = "The invoice", body = Invoice)))]
pub async fn get_invoice(access: Access<App>, Id(id): Id<InvoiceId>) -> Result<Read<Invoice>> {
    Ok(Read(service::get_invoice(&access, id).await?.into()))
}

/// Marks an invoice paid or unpaid, and says how it was paid.
#[utoipa::path(method(put, patch), path = "/api/invoices/{invoice_id}", params(("invoice_id" = InvoiceId, Path)), request_body = InvoiceUpdate,
    responses((status = 200, description = "Changed", body = InvoiceWritten)))]
pub async fn update_invoice(
    access: Access<App>,
    Id(id): Id<InvoiceId>,
    Body(update): Body<InvoiceUpdate>,
) -> Result<Written<InvoiceWritten>> {
    let bill = service::update_invoice(&access, id, update).await?;
    Ok(Written(InvoiceWritten::new("Invoice updated", bill)))
}

/// The invoice as a document; one that is paid says so.
#[utoipa::path(get, path = "/api/invoices/{invoice_id}/pdf", params(("invoice_id" = InvoiceId, Path), PaperQuery),
    responses((status = 200, description = "The document", body = Vec<u8>, content_type = "application/pdf")))]
pub async fn get_invoice_pdf(access: Access<App>, Id(id): Id<InvoiceId>, Params(query): Params<PaperQuery>) -> Result<Response> {
    let (number, bytes) = document::print(&access, id, query.paper).await?;
    Ok(press::answer(&number, bytes))
}
