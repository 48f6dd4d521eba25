//! What goes over the wire about money, and the handlers.

use axum::response::{IntoResponse, Response};
use clinichub_api::{
    Access, Body, Created, Id, List, PagingQuery, Params, Read, Result, SortField, Versioned, Written, list_body, rules, written_body,
};
use clinichub_core::{
    AppError, AppointmentId, CptId, Currency, DayOrInstant, InvoiceId, Money, Order, PageRequest, Pagination, Patch, PatientId, ServiceId,
    UserId, UtcTime,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{Bill, CptListed, InvoiceRow, InvoiceStatus, LineRow, Modifiers, NewService, Payment, ServiceRow, TotalRow};
use super::{csv, document, service};
use crate::App;
use crate::press::{self, Paper};

/// A service to add to the fee schedule.
#[derive(Debug, Clone, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "code": "99213", "description": "Office visit, established patient", "price": "125.00", "duration_minutes": 30 }))]
pub struct ServiceBody {
    /// What is billed: a CPT code or the clinic's own; one of a clinic's services at most has it.
    #[schema(min_length = 1, max_length = 32, pattern = "^[A-Za-z0-9._-]+$")]
    pub code: String,
    /// The clinic's own words.
    #[schema(min_length = 1, max_length = 200, pattern = "\\S")]
    pub description: String,
    /// A decimal in the clinic's currency.
    #[schema(max_length = 12, pattern = "^[0-9]{1,9}(\\.[0-9]{1,2})?$", example = "125.00")]
    pub price: String,
    #[schema(minimum = 5, maximum = 1440)]
    pub duration_minutes: Option<i64>,
    /// Whether it is billed where an appointment names no service; the one that was before no longer is.
    #[serde(default)]
    pub is_default: bool,
}

/// What changes: an absent field stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields, default)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "price": "130.00" }))]
pub struct ServiceUpdate {
    #[schema(value_type = Option<String>, nullable = false, min_length = 1, max_length = 32, pattern = "^[A-Za-z0-9._-]+$")]
    pub code: Option<String>,
    #[schema(value_type = Option<String>, nullable = false, min_length = 1, max_length = 200, pattern = "\\S")]
    pub description: Option<String>,
    #[schema(value_type = Option<String>, nullable = false, max_length = 12, pattern = "^[0-9]{1,9}(\\.[0-9]{1,2})?$", example = "130.00")]
    pub price: Option<String>,
    #[schema(value_type = Option<i64>, minimum = 5, maximum = 1440)]
    pub duration_minutes: Patch<i64>,
    #[schema(value_type = Option<bool>, nullable = false)]
    pub is_active: Option<bool>,
    #[schema(value_type = Option<bool>, nullable = false)]
    pub is_default: Option<bool>,
}

/// A whole fee schedule, or a part of one.
#[derive(Debug, Clone, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct FeeScheduleBody {
    /// A service whose code is there is changed, another is added.
    #[garde(length(min = 1, max = 500))]
    #[schema(min_items = 1, max_items = 500)]
    pub services: Vec<ServiceBody>,
}

/// A service of the fee schedule.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Service {
    pub service_id: ServiceId,
    #[schema(example = "99213")]
    pub code: String,
    #[schema(example = "Office visit, established patient")]
    pub description: String,
    #[schema(example = "125.00")]
    pub price: String,
    pub currency: Currency,
    pub duration_minutes: Option<i64>,
    pub is_active: bool,
    pub is_default: bool,
    pub version: i64,
}

/// A procedure performed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CptRecord {
    pub cpt_id: CptId,
    pub appointment_id: AppointmentId,
    #[schema(example = "ABC01-A1234")]
    pub appointment_reference: String,
    pub patient_id: PatientId,
    #[schema(example = "John Doe")]
    pub patient_name: String,
    pub provider_user_id: UserId,
    #[schema(example = "Gregory House")]
    pub provider_name: String,
    pub service_id: Option<ServiceId>,
    #[schema(example = "99213")]
    pub code: String,
    pub description: String,
    pub units: i64,
    #[schema(example = "125.00")]
    pub unit_price: String,
    pub currency: Currency,
    pub performed_at: UtcTime,
    /// The invoice that it is billed by, once there is one.
    pub invoice_id: Option<InvoiceId>,
    /// Its place among the procedures of the appointment.
    #[schema(minimum = 1)]
    pub line: i64,
    #[schema(value_type = Vec<String>, example = json!(["25"]))]
    pub modifiers: Modifiers,
}

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

/// Which services a list shows.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ServiceQuery {
    /// Those that are offered, or those that no longer are.
    pub is_active: Option<bool>,
}

/// The same, with what is searched for.
#[derive(Debug, Clone, Default)]
pub struct ServiceFilter {
    pub is_active: Option<bool>,
    pub search: Option<String>,
}

/// Which procedures or invoices a list shows.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct CptFilter {
    #[param(value_type = Option<i64>, minimum = 1)]
    pub appointment_id: Option<AppointmentId>,
    #[param(value_type = Option<i64>, minimum = 1)]
    pub patient_id: Option<PatientId>,
    #[param(value_type = Option<i64>, minimum = 1)]
    pub provider_user_id: Option<UserId>,
    /// `false`: those that are not billed yet; `true`: those that are.
    pub invoiced: Option<bool>,
    /// Performed on or after this day in the clinic, or at or after this instant.
    #[param(value_type = Option<String>, format = Date)]
    pub from: Option<DayOrInstant>,
    /// Performed on or before this day in the clinic, or before this instant.
    #[param(value_type = Option<String>, format = Date)]
    pub to: Option<DayOrInstant>,
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

impl ServiceBody {
    /// The service in the clinic's currency; every refused field is named.
    pub fn into_new(self, currency: Currency) -> Result<NewService, AppError> {
        let mut refused = Vec::new();
        check_code(&mut refused, &self.code);
        rules::required_text(&mut refused, "description", &self.description, 200);
        check_duration(&mut refused, self.duration_minutes);
        let price = price(&mut refused, &self.price, currency);
        rules::verdict(refused)?;
        let description = self.description.trim().to_owned();
        Ok(NewService { code: self.code, description, price, duration_minutes: self.duration_minutes, is_default: self.is_default })
    }
}

impl ServiceUpdate {
    /// The service after the update.
    pub fn apply(self, before: ServiceRow) -> Result<ServiceRow, AppError> {
        let body = ServiceBody {
            code: self.code.unwrap_or_else(|| before.code.clone()),
            description: self.description.unwrap_or_else(|| before.description.clone()),
            price: self.price.unwrap_or_else(|| before.price().to_string()),
            duration_minutes: self.duration_minutes.apply(before.duration_minutes),
            is_default: self.is_default.unwrap_or(before.is_default),
        };
        let is_active = self.is_active.unwrap_or(before.is_active);
        if (before.is_default && !body.is_default) || (body.is_default && !is_active) {
            return Err(AppError::field("is_default", "A clinic needs a default service; make another one the default instead"));
        }
        let new = body.into_new(before.currency)?;
        Ok(ServiceRow { is_active, is_default: new.is_default, ..before.replaced(new) })
    }
}

fn check_code(refused: &mut Vec<clinichub_core::FieldError>, code: &str) {
    rules::required_text(refused, "code", code, 32);
    if !code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)) {
        rules::refuse(refused, "code", "code: letters, digits, dots and dashes only");
    }
}

fn check_duration(refused: &mut Vec<clinichub_core::FieldError>, minutes: Option<i64>) {
    if minutes.is_some_and(|minutes| !(5..=1440).contains(&minutes)) {
        rules::refuse(refused, "duration_minutes", "duration_minutes: expected a number from 5 to 1440");
    }
}

fn price(refused: &mut Vec<clinichub_core::FieldError>, text: &str, currency: Currency) -> Money {
    match Money::parse(text, currency) {
        Ok(price) if price.minor >= 0 => return price,
        Ok(_) => rules::refuse(refused, "price", "price: can't be negative"),
        Err(message) => rules::refuse(refused, "price", format!("price: {message}")),
    }
    Money::new(0, currency)
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

impl From<ServiceRow> for Service {
    fn from(row: ServiceRow) -> Self {
        Self {
            service_id: row.service_id,
            price: row.price().to_string(),
            code: row.code,
            description: row.description,
            currency: row.currency,
            duration_minutes: row.duration_minutes,
            is_active: row.is_active,
            is_default: row.is_default,
            version: row.version,
        }
    }
}

impl From<CptListed> for CptRecord {
    fn from(row: CptListed) -> Self {
        Self {
            cpt_id: row.cpt_id,
            appointment_id: row.appointment_id,
            appointment_reference: row.appointment_reference,
            patient_id: row.patient_id,
            patient_name: row.patient_name,
            provider_user_id: row.provider_user_id,
            provider_name: row.provider_name,
            service_id: row.service_id,
            code: row.code,
            description: row.description,
            units: row.units,
            unit_price: Money::new(row.unit_price_minor, row.currency).to_string(),
            currency: row.currency,
            performed_at: row.performed_at,
            invoice_id: row.invoice_id,
            line: row.line_no,
            modifiers: row.modifiers,
        }
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
        }
    }
}

impl From<Bill> for Invoice {
    fn from(bill: Bill) -> Self {
        let currency = bill.invoice.currency;
        let lines = bill.lines.into_iter().map(|line| InvoiceLine::of(line, currency)).collect();
        Self { lines: Some(lines), ..bill.invoice.into() }
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

impl Versioned for Service {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}
impl Versioned for Invoice {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

list_body!(
    /// A page of the fee schedule.
    Services, services: Service
);
list_body!(
    /// A page of procedures performed.
    CptRecords, cpt_records: CptRecord
);
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
    /// What a change of a service answers.
    ServiceWritten, service: Service
);
written_body!(
    /// What a change of the fee schedule answers.
    FeeScheduleWritten, services: Vec<Service>
);
written_body!(
    /// What a change of an invoice answers.
    InvoiceWritten, invoice: Invoice
);

/// Lists the clinic's services and prices.
#[utoipa::path(get, path = "/api/fee-schedule", params(PagingQuery, ServiceQuery), responses((status = 200, description = "A page of services", body = Services)))]
pub async fn list_services(access: Access<App>, list: List<ServiceQuery>) -> Result<Read<Services>> {
    let page = list.paging.unsorted()?;
    let filter = ServiceFilter { is_active: list.filter.is_active, search: list.paging.search };
    Ok(Read(service::list_services(&access, filter, page).await?.into()))
}

/// Adds a service.
#[utoipa::path(post, path = "/api/fee-schedule", request_body = ServiceBody, responses((status = 201, description = "Added", body = ServiceWritten)))]
pub async fn create_service(access: Access<App>, Body(body): Body<ServiceBody>) -> Result<Created<ServiceWritten>> {
    let made = service::create_service(&access, body).await?;
    Ok(Created(ServiceWritten::new("Service created successfully", made)))
}

/// Brings in a whole fee schedule, or a part of one; all or nothing.
#[utoipa::path(put, path = "/api/fee-schedule", request_body = FeeScheduleBody, responses((status = 200, description = "Changed", body = FeeScheduleWritten)))]
pub async fn put_fee_schedule(access: Access<App>, Body(body): Body<FeeScheduleBody>) -> Result<Written<FeeScheduleWritten>> {
    let services = service::put_services(&access, body.services).await?;
    let services: Vec<Service> = services.into_iter().map(Service::from).collect();
    Ok(Written(FeeScheduleWritten::new("Fee schedule updated successfully", services)))
}

/// Changes a service; what was billed before keeps its price.
#[utoipa::path(method(put, patch), path = "/api/fee-schedule/{service_id}", params(("service_id" = ServiceId, Path)), request_body = ServiceUpdate,
    responses((status = 200, description = "Changed", body = ServiceWritten)))]
pub async fn update_service(
    access: Access<App>,
    Id(id): Id<ServiceId>,
    Body(update): Body<ServiceUpdate>,
) -> Result<Written<ServiceWritten>> {
    let changed = service::update_service(&access, id, update).await?;
    Ok(Written(ServiceWritten::new("Service updated successfully", changed)))
}

/// Lists the procedures performed, newest first; with `invoiced=false` those that are still to be billed.
#[utoipa::path(get, path = "/api/cpt-records", params(PagingQuery, CptFilter), responses((status = 200, description = "A page of procedures", body = CptRecords)))]
pub async fn list_cpt_records(access: Access<App>, list: List<CptFilter>) -> Result<Read<CptRecords>> {
    let page = list.paging.unsorted()?;
    Ok(Read(service::list_cpt(&access, list.filter, page).await?.into()))
}

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

/// On which sheet.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct InvoicePaperQuery {
    /// What is usual where the clinic is, unless said otherwise.
    #[param(inline)]
    pub paper: Option<Paper>,
}

/// The invoice as a document; one that is paid says so.
#[utoipa::path(get, path = "/api/invoices/{invoice_id}/pdf", params(("invoice_id" = InvoiceId, Path), InvoicePaperQuery),
    responses((status = 200, description = "The document", body = Vec<u8>, content_type = "application/pdf")))]
pub async fn get_invoice_pdf(access: Access<App>, Id(id): Id<InvoiceId>, Params(query): Params<InvoicePaperQuery>) -> Result<Response> {
    let (number, bytes) = document::print(&access, id, query.paper).await?;
    Ok(press::answer(&number, bytes))
}
