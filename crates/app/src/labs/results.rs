//! What goes over the wire about results, and the handlers.

use clinichub_api::{Access, Body, Created, Done, Id, List, PagingQuery, Read, Result, SortField, Versioned, Written, list_body};
use clinichub_core::{LabReportId, LabResultId, Order, PatientId, UtcTime};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{Flag, LabResult};
use super::service;
use crate::App;

/// A value to be noted: a number in `value`, or words in `value_text`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({
    "panel": "Basic metabolic panel", "analyte": "Glucose", "loinc": "2345-7", "value": 126, "unit": "mg/dL", "reference_low": 70,
    "reference_high": 99, "observed_at": "2026-04-14T11:30:00Z"
}))]
pub struct NewLabResult {
    /// What was ordered together.
    #[schema(max_length = 200)]
    pub panel: Option<String>,
    /// What was measured.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub analyte: String,
    /// The same as a LOINC code.
    #[schema(max_length = 9, pattern = "^[0-9]{1,7}-[0-9]$", example = "2345-7")]
    pub loinc: Option<String>,
    #[schema(maximum = 1_000_000_000)]
    pub value: Option<f64>,
    #[schema(max_length = 500)]
    pub value_text: Option<String>,
    /// In UCUM's letters.
    #[schema(max_length = 40, example = "mg/dL")]
    pub unit: Option<String>,
    #[schema(maximum = 1_000_000_000)]
    pub reference_low: Option<f64>,
    #[schema(maximum = 1_000_000_000)]
    pub reference_high: Option<f64>,
    /// What is expected, in words.
    #[schema(max_length = 200, example = "negative")]
    pub reference_text: Option<String>,
    /// Worked out from the range where none is given.
    pub flag: Option<Flag>,
    /// When it was measured or the sample taken; now where nothing is said.
    pub observed_at: Option<UtcTime>,
}

/// Values to be noted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewLabResults {
    #[schema(min_items = 1, max_items = 200)]
    pub results: Vec<NewLabResult>,
}

/// Values that come in a form beside their report, if any do.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct ResultsOfReport {
    #[schema(max_items = 200)]
    pub results: Vec<NewLabResult>,
}

/// Values to be noted without a report.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewPatientLabResults {
    #[schema(min_items = 1, max_items = 200)]
    pub results: Vec<NewLabResult>,
    /// Whether the patient sees them.
    #[serde(default)]
    pub released: bool,
}

list_body!(
    /// A page of results.
    LabResults, lab_results: LabResult
);

/// What noting results answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct LabResultsWritten {
    /// What was done.
    pub message: &'static str,
    /// The results as they are now.
    pub lab_results: Vec<LabResult>,
}

impl Versioned for LabResultsWritten {}

impl LabResultsWritten {
    fn new(results: Vec<LabResult>) -> Self {
        Self { message: "Lab results added successfully", lab_results: results }
    }
}

/// Which results are listed.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LabResultFilter {
    /// Those of this analyte, by its name in any case or its LOINC code: its trend.
    #[param(max_length = 200, example = "glucose")]
    pub analyte: Option<String>,
    /// Those that are outside of their range, or not.
    pub abnormal: Option<bool>,
}

/// How a list of results can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum LabResultSort {
    ObservedAt,
    Analyte,
}

impl SortField for LabResultSort {
    const ALL: &'static [(&'static str, Self)] = &[("observed_at", Self::ObservedAt), ("analyte", Self::Analyte)];
}

impl LabResultSort {
    /// The order in SQL, among the results of one chart.
    pub fn order_by(self, order: Order) -> &'static str {
        match (self, order) {
            (Self::ObservedAt, Order::Asc) => " ORDER BY s.observed_at, s.lab_result_id LIMIT ? OFFSET ?",
            (Self::ObservedAt, Order::Desc) => " ORDER BY s.observed_at DESC, s.lab_result_id DESC LIMIT ? OFFSET ?",
            (Self::Analyte, Order::Asc) => " ORDER BY s.analyte_key, s.observed_at, s.lab_result_id LIMIT ? OFFSET ?",
            (Self::Analyte, Order::Desc) => " ORDER BY s.analyte_key DESC, s.observed_at DESC, s.lab_result_id DESC LIMIT ? OFFSET ?",
        }
    }
}

/// Lists a chart's results, the latest first; `search` takes a part of an analyte's or a panel's name. A patient sees those that were
/// released.
#[utoipa::path(get, path = "/api/patients/{patient_id}/lab-results",
    params(("patient_id" = PatientId, Path), LabResultFilter, PagingQuery, ("sort" = inline(Option<LabResultSort>), Query, description = "The field the list is ordered by")),
    responses((status = 200, description = "A page of results", body = LabResults)))]
pub async fn list_lab_results(access: Access<App>, Id(id): Id<PatientId>, list: List<LabResultFilter>) -> Result<Read<LabResults>> {
    let page = list.paging.request(LabResultSort::ObservedAt, Order::Desc)?;
    Ok(Read(service::list_results(&access, id, list.filter, list.paging.search, page).await?.into()))
}

/// Notes results that came without a report.
#[utoipa::path(post, path = "/api/patients/{patient_id}/lab-results", params(("patient_id" = PatientId, Path)), request_body = NewPatientLabResults,
    responses((status = 201, description = "Noted", body = LabResultsWritten)))]
pub async fn create_lab_results(
    access: Access<App>,
    Id(id): Id<PatientId>,
    Body(new): Body<NewPatientLabResults>,
) -> Result<Created<LabResultsWritten>> {
    Ok(Created(LabResultsWritten::new(service::create_results(&access, id, new).await?)))
}

/// Notes results of a report that no doctor has signed yet.
#[utoipa::path(post, path = "/api/lab-reports/{lab_report_id}/results", params(("lab_report_id" = LabReportId, Path)), request_body = NewLabResults,
    responses((status = 201, description = "Noted", body = LabResultsWritten)))]
pub async fn add_lab_results(
    access: Access<App>,
    Id(id): Id<LabReportId>,
    Body(new): Body<NewLabResults>,
) -> Result<Created<LabResultsWritten>> {
    Ok(Created(LabResultsWritten::new(service::add_results(&access, id, new.results).await?)))
}

/// Takes a result that was noted by mistake out of sight, unless a doctor has signed its report; nothing is erased. Who may not read charts takes
/// away what they noted themselves.
#[utoipa::path(delete, path = "/api/lab-results/{lab_result_id}", params(("lab_result_id" = LabResultId, Path)),
    responses((status = 200, description = "Deleted", body = Done)))]
pub async fn delete_lab_result(access: Access<App>, Id(id): Id<LabResultId>) -> Result<Written<Done>> {
    service::delete_result(&access, id).await?;
    Ok(Written(Done { message: "Lab result deleted successfully" }))
}
