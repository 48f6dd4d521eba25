//! What goes over the wire about all clinics at a glance, and the handler.

use clinichub_api::{Access, Params, Read, Result, Versioned};
use clinichub_core::{ClinicId, DayOrInstant, UtcTime};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::clinics::model::ClinicStatus;
use crate::clinics::service::{self, Period};
use crate::clinics::usage::{Glance, MOST_CLINICS};

/// A clinic at a glance.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClinicGlance {
    /// The clinic.
    pub clinic_id: ClinicId,
    /// Its short name.
    #[schema(example = "ABC01")]
    pub code: String,
    /// Its name.
    #[schema(example = "Harbor Family Practice")]
    pub name: String,
    /// Whether it works.
    pub status: ClinicStatus,
    #[serde(flatten)]
    pub numbers: GlanceNumbers,
}

/// What is counted of a clinic, or of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct GlanceNumbers {
    /// People who may work there now.
    #[schema(minimum = 0, example = 12)]
    pub staff: i64,
    /// Charts that are there now.
    #[schema(minimum = 0, example = 5200)]
    pub patients: i64,
    /// Appointments that begin in the period, whatever became of them.
    #[schema(minimum = 0, example = 880)]
    pub appointments: i64,
    /// How many of them are completed.
    #[schema(minimum = 0, example = 790)]
    pub completed: i64,
    /// Invoices issued in the period.
    #[schema(minimum = 0, example = 770)]
    pub invoices: i64,
}

/// All clinics together.
#[derive(Debug, Serialize, ToSchema)]
pub struct GlanceTotals {
    /// How many clinics there are.
    #[schema(minimum = 0, example = 3)]
    pub clinics: usize,
    /// How many of them work.
    #[schema(minimum = 0, example = 2)]
    pub active_clinics: usize,
    #[serde(flatten)]
    pub numbers: GlanceNumbers,
}

/// All clinics at a glance.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClinicsOverview {
    /// The first instant of the period.
    pub from: UtcTime,
    /// The first instant after it.
    pub to: UtcTime,
    /// The clinics by code, at most 1,000.
    pub clinics: Vec<ClinicGlance>,
    /// What they come to.
    pub totals: GlanceTotals,
    /// Whether there are more clinics than are shown and counted here.
    pub truncated: bool,
}

impl ClinicsOverview {
    fn of(from: UtcTime, to: UtcTime, mut glances: Vec<Glance>) -> Self {
        let most = usize::try_from(MOST_CLINICS).unwrap_or(usize::MAX);
        let truncated = glances.len() > most;
        glances.truncate(most);
        let clinics: Vec<ClinicGlance> = glances.into_iter().map(ClinicGlance::from).collect();
        let totals = GlanceTotals {
            clinics: clinics.len(),
            active_clinics: clinics.iter().filter(|clinic| clinic.status == ClinicStatus::Active).count(),
            numbers: clinics.iter().map(|clinic| clinic.numbers).fold(GlanceNumbers::default(), GlanceNumbers::plus),
        };
        Self { from, to, clinics, totals, truncated }
    }
}

impl GlanceNumbers {
    fn plus(self, other: Self) -> Self {
        Self {
            staff: self.staff + other.staff,
            patients: self.patients + other.patients,
            appointments: self.appointments + other.appointments,
            completed: self.completed + other.completed,
            invoices: self.invoices + other.invoices,
        }
    }
}

impl From<Glance> for ClinicGlance {
    fn from(glance: Glance) -> Self {
        Self {
            clinic_id: glance.clinic_id,
            code: glance.code,
            name: glance.name,
            status: glance.status,
            numbers: GlanceNumbers {
                staff: glance.staff,
                patients: glance.patients,
                appointments: glance.appointments,
                completed: glance.completed,
                invoices: glance.invoices,
            },
        }
    }
}

/// The period to count in.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OverviewPeriod {
    /// The first day (in UTC) or instant; 30 days before `to`.
    #[param(value_type = Option<String>, example = "2026-04-01")]
    pub from: Option<DayOrInstant>,
    /// The last day, or the instant before which the period ends; now.
    #[param(value_type = Option<String>, example = "2026-04-30")]
    pub to: Option<DayOrInstant>,
}

impl Versioned for ClinicsOverview {}

/// Show all clinics at a glance: who works there, how many charts there are, and what happened in a period.
#[utoipa::path(
    get, path = "/api/clinics/usage", params(OverviewPeriod),
    responses((status = 200, description = "Each clinic and all together", body = ClinicsOverview))
)]
pub async fn list_clinics_usage(access: Access<App>, Params(period): Params<OverviewPeriod>) -> Result<Read<ClinicsOverview>> {
    let period = Period { from: period.from, to: period.to };
    let (from, to, glances) = service::overview(&access.app, &access.grant, period).await?;
    Ok(Read(ClinicsOverview::of(from, to, glances)))
}
