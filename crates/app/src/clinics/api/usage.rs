//! What goes over the wire about what a clinic did in a period, and the handler.

use clinichub_api::{Access, Id, Params, Read, Result, Versioned};
use clinichub_core::{ClinicId, Currency, DayOrInstant, Money, UtcTime};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::clinics::service::{self, Period, Report};
use crate::usage::{UsageEntry, UsageTotal};

/// What a clinic did in a period.
#[derive(Debug, Serialize, ToSchema)]
pub struct Usage {
    /// The clinic.
    pub clinic_id: ClinicId,
    /// Its short name.
    #[schema(example = "ABC01")]
    pub code: String,
    /// The first instant of the period.
    pub from: UtcTime,
    /// The first instant after it.
    pub to: UtcTime,
    /// Appointments that lie in the period.
    pub appointments: AppointmentUsage,
    /// Patients registered in the period.
    pub patients_registered: i64,
    /// People who may work in the clinic now.
    pub active_staff: i64,
    /// Invoices issued in the period, one entry for each currency.
    pub invoices: Vec<InvoiceUsage>,
    /// What the clinic is charged for, by month and kind.
    pub entries: Vec<UsageEntry>,
    /// What that comes to, one sum for each currency.
    pub totals: Vec<UsageTotal>,
}

/// Appointments that lie in a period, by what became of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppointmentUsage {
    /// All of them.
    pub booked: i64,
    /// Completed.
    pub completed: i64,
    /// Cancelled.
    pub cancelled: i64,
    /// The patient didn't come.
    pub no_show: i64,
}

/// Invoices of one currency.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvoiceUsage {
    /// The currency.
    pub currency: Currency,
    /// How many.
    pub count: i64,
    /// What they come to.
    #[schema(example = "1250.00")]
    pub total: String,
    /// What of it is paid.
    #[schema(example = "1000.00")]
    pub paid: String,
}

impl Usage {
    fn of(Report { clinic, from, to, counts, used }: Report) -> Self {
        let count = |wanted: &str| counts.appointments.iter().filter(|(status, _)| status == wanted).map(|(_, count)| count).sum();
        let invoices = counts.invoices.iter().map(|(currency, count, total, paid)| InvoiceUsage {
            currency: *currency,
            count: *count,
            total: Money::new(*total, *currency).to_string(),
            paid: Money::new(*paid, *currency).to_string(),
        });
        Self {
            clinic_id: clinic.clinic_id,
            code: clinic.code,
            from,
            to,
            appointments: AppointmentUsage {
                booked: counts.appointments.iter().map(|(_, count)| count).sum(),
                completed: count("completed"),
                cancelled: count("cancelled"),
                no_show: count("no_show"),
            },
            patients_registered: counts.patients,
            active_staff: counts.staff,
            invoices: invoices.collect(),
            totals: UsageTotal::of(&used),
            entries: used.into_iter().map(Into::into).collect(),
        }
    }
}

/// The period to count in.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UsagePeriod {
    /// The first day (in the clinic's time) or instant; the first of this month.
    #[param(value_type = Option<String>, format = Date, example = "2026-04-01")]
    pub from: Option<DayOrInstant>,
    /// The last day, or the instant before which the period ends; now.
    #[param(value_type = Option<String>, format = Date, example = "2026-04-30")]
    pub to: Option<DayOrInstant>,
}

impl From<UsagePeriod> for Period {
    fn from(period: UsagePeriod) -> Self {
        Self { from: period.from, to: period.to }
    }
}

impl Versioned for Usage {}

/// Count what a clinic did in a period: its admin the own one, the operator of the installation any.
#[utoipa::path(
    get, path = "/api/clinics/{clinic_id}/usage", params(("clinic_id" = ClinicId, Path), UsagePeriod),
    responses((status = 200, description = "What was counted", body = Usage))
)]
pub async fn get_clinic_usage(access: Access<App>, Id(clinic): Id<ClinicId>, Params(period): Params<UsagePeriod>) -> Result<Read<Usage>> {
    let report = service::usage(&access.app, &access.grant, clinic, period.into()).await?;
    Ok(Read(Usage::of(report)))
}
