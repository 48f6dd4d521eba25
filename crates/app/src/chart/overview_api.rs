//! The handler of the chart's page.

use clinichub_api::{Access, Id, Read, Result, Versioned};
use clinichub_core::PatientId;

use super::overview::{self, Chart};
use crate::App;

impl Versioned for Chart {}

/// Shows what must be known of a patient before walking in: allergies, problems, medications, measurements and their trends, the last
/// visits, what is due and what is booked.
#[utoipa::path(get, path = "/api/patients/{patient_id}/chart", params(("patient_id" = PatientId, Path)),
    responses((status = 200, description = "The page of the chart", body = Chart)))]
pub async fn get_patient_chart(access: Access<App>, Id(patient): Id<PatientId>) -> Result<Read<Chart>> {
    Ok(Read(overview::get(&access, patient).await?))
}
