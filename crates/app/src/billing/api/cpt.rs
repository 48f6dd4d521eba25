//! Procedures performed over the wire.

use clinichub_api::{Access, List, PagingQuery, Read, Result, SortField, list_body};
use clinichub_core::{AppointmentId, CptId, Currency, DayOrInstant, InvoiceId, Money, Order, PatientId, ServiceId, UserId, UtcTime};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::billing::model::{CptListed, Modifiers};
use crate::billing::service;

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

/// How a list of procedures can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum CptSort {
    PerformedAt,
    Code,
}

impl SortField for CptSort {
    const ALL: &'static [(&'static str, Self)] = &[("performed_at", Self::PerformedAt), ("code", Self::Code)];
}

impl CptSort {
    /// The order in SQL; each is that of an index.
    pub fn order_by(self, order: Order) -> &'static str {
        match (self, order) {
            (Self::PerformedAt, Order::Asc) => " ORDER BY c.performed_at, c.cpt_id LIMIT ? OFFSET ?",
            (Self::PerformedAt, Order::Desc) => " ORDER BY c.performed_at DESC, c.cpt_id DESC LIMIT ? OFFSET ?",
            (Self::Code, Order::Asc) => " ORDER BY c.code, c.performed_at, c.cpt_id LIMIT ? OFFSET ?",
            (Self::Code, Order::Desc) => " ORDER BY c.code DESC, c.performed_at DESC, c.cpt_id DESC LIMIT ? OFFSET ?",
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

list_body!(
    /// A page of procedures performed.
    CptRecords, cpt_records: CptRecord
);

/// Lists the procedures performed, newest first; with `invoiced=false` those that are still to be billed. `search` takes a code or an
/// appointment's reference.
#[utoipa::path(get, path = "/api/cpt-records", params(PagingQuery, CptFilter, ("sort" = inline(Option<CptSort>), Query, description = "The field the list is ordered by")),
    responses((status = 200, description = "A page of procedures", body = CptRecords)))]
pub async fn list_cpt_records(access: Access<App>, list: List<CptFilter>) -> Result<Read<CptRecords>> {
    let page = list.paging.request(CptSort::PerformedAt, Order::Desc)?;
    Ok(Read(service::list_cpt(&access, list.filter, list.paging.search, page).await?.into()))
}
