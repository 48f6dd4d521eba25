//! Procedures performed over the wire.

use clinichub_api::{Access, List, PageQuery, Read, Result, list_body};
use clinichub_core::{AppointmentId, CptId, Currency, DayOrInstant, InvoiceId, Money, PatientId, ServiceId, UserId, UtcTime};
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

/// Lists the procedures performed, newest first; with `invoiced=false` those that are still to be billed.
#[utoipa::path(get, path = "/api/cpt-records", params(PageQuery, CptFilter), responses((status = 200, description = "A page of procedures", body = CptRecords)))]
pub async fn list_cpt_records(access: Access<App>, list: List<CptFilter>) -> Result<Read<CptRecords>> {
    list.paging.unsearched()?;
    let page = list.paging.unsorted()?;
    Ok(Read(service::list_cpt(&access, list.filter, page).await?.into()))
}
