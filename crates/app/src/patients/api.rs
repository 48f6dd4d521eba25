//! What goes over the wire about charts, and the handlers.

use clinichub_api::{
    Access, Body, Created, Done, Id, List, PageQuery, PagingQuery, Read, Result, SortField, Versioned, Written, list_body, written_body,
};
use clinichub_core::{AppError, Day, Order, Patch, PatientId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::identifiers::FullPatient;
use super::{Patient, service};
use crate::App;
use crate::billing::Unpaid;
use crate::scheduling::PatientAppointments;

/// Administrative sex as the seeds have it (API.md, rule 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    Male,
    Female,
    Other,
    #[default]
    PreferNotToSay,
}

impl Sex {
    /// As it stands in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Male => "male",
            Self::Female => "female",
            Self::Other => "other",
            Self::PreferNotToSay => "prefer_not_to_say",
        }
    }
}

impl std::str::FromStr for Sex {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Male, Self::Female, Self::Other, Self::PreferNotToSay]
            .into_iter()
            .find(|sex| sex.as_str() == text)
            .ok_or_else(|| format!("{text:?} is not one of male, female, other, prefer_not_to_say"))
    }
}

/// A patient to register.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({
    "first_name": "John", "last_name": "Doe", "dob": "1990-05-10", "sex": "male", "email": "john.doe@email.com", "phone": "7871234567",
    "address": "123 Main St", "emergency_contact_name": "Jane Doe", "emergency_contact_phone": "7877654321"
}))]
pub struct NewPatient {
    /// Given name.
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\n\r\t]*\S[^\n\r\t]*$")]
    pub first_name: String,
    /// Family name.
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\n\r\t]*\S[^\n\r\t]*$")]
    pub last_name: String,
    /// Date of birth, not in the future and not before 1850.
    pub dob: Day,
    pub sex: Sex,
    /// One chart of a clinic at most has this address.
    #[schema(format = Email, max_length = 254)]
    pub email: Option<String>,
    /// In any format, 3 to 15 digits.
    #[schema(max_length = 32, pattern = r"^( *|[ +().\-/]*([0-9][ +().\-/]*){3,15})$")]
    pub phone: Option<String>,
    #[schema(max_length = 500)]
    pub address: Option<String>,
    #[schema(max_length = 200)]
    pub emergency_contact_name: Option<String>,
    #[schema(max_length = 32, pattern = r"^( *|[ +().\-/]*([0-9][ +().\-/]*){3,15})$")]
    pub emergency_contact_phone: Option<String>,
    /// The chart's number in another system; one chart of a clinic at most has it.
    #[schema(max_length = 100)]
    pub external_reference: Option<String>,
    /// The chart number; allotted (`ABC01-P17`) where none is given.
    #[schema(max_length = 40)]
    pub mrn: Option<String>,
    /// A BCP 47 language tag.
    #[schema(max_length = 35, pattern = r"^ *([A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*)? *$", example = "es")]
    pub preferred_language: Option<String>,
    /// The number that the state knows the person by: letters and digits, at least four. Sealed in the database; found by the whole number.
    #[schema(max_length = 40, pattern = r"^( *|[ ./-]*([A-Za-z0-9][ ./-]*){4,})$", example = "001-1234567-8")]
    pub national_id: Option<String>,
    /// The number that the insurer knows the person by; the same holds.
    #[schema(max_length = 60, pattern = r"^( *|[ ./-]*([A-Za-z0-9][ ./-]*){4,})$", example = "MED 4455-66")]
    pub insurance_number: Option<String>,
}

impl NewPatient {
    /// The names of the fields, for whoever brings charts in from a file.
    pub const FIELDS: &'static [&'static str] = &[
        "first_name",
        "last_name",
        "dob",
        "sex",
        "email",
        "phone",
        "address",
        "emergency_contact_name",
        "emergency_contact_phone",
        "external_reference",
        "mrn",
        "preferred_language",
        "national_id",
        "insurance_number",
    ];
}

/// What changes: an absent field stays, `null` clears it.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields, default)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "phone": "7879998888", "address": "456 Updated St" }))]
pub struct PatientUpdate {
    #[schema(value_type = Option<String>, nullable = false, min_length = 1, max_length = 100, pattern = r"^[^\n\r\t]*\S[^\n\r\t]*$")]
    pub first_name: Patch<String>,
    #[schema(value_type = Option<String>, nullable = false, min_length = 1, max_length = 100, pattern = r"^[^\n\r\t]*\S[^\n\r\t]*$")]
    pub last_name: Patch<String>,
    #[schema(value_type = Option<Day>, nullable = false)]
    pub dob: Patch<Day>,
    #[schema(value_type = Option<Sex>, nullable = false)]
    pub sex: Patch<Sex>,
    #[schema(value_type = Option<String>, format = Email, max_length = 254)]
    pub email: Patch<String>,
    #[schema(value_type = Option<String>, max_length = 32, pattern = r"^( *|[ +().\-/]*([0-9][ +().\-/]*){3,15})$")]
    pub phone: Patch<String>,
    #[schema(value_type = Option<String>, max_length = 500)]
    pub address: Patch<String>,
    #[schema(value_type = Option<String>, max_length = 200)]
    pub emergency_contact_name: Patch<String>,
    #[schema(value_type = Option<String>, max_length = 32, pattern = r"^( *|[ +().\-/]*([0-9][ +().\-/]*){3,15})$")]
    pub emergency_contact_phone: Patch<String>,
    #[schema(value_type = Option<String>, max_length = 100)]
    pub external_reference: Patch<String>,
    #[schema(value_type = Option<String>, nullable = false, min_length = 1, max_length = 40)]
    pub mrn: Patch<String>,
    #[schema(value_type = Option<String>, max_length = 35, pattern = r"^ *([A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*)? *$")]
    pub preferred_language: Patch<String>,
    #[schema(value_type = Option<String>, max_length = 40, pattern = r"^( *|[ ./-]*([A-Za-z0-9][ ./-]*){4,})$")]
    pub national_id: Patch<String>,
    #[schema(value_type = Option<String>, max_length = 60, pattern = r"^( *|[ ./-]*([A-Za-z0-9][ ./-]*){4,})$")]
    pub insurance_number: Patch<String>,
}

impl PatientUpdate {
    /// What a patient may not change: everything but how to be reached. Every such field is named.
    pub fn only_contact_details(&self) -> Result<(), AppError> {
        let others = [
            ("first_name", self.first_name.is_keep()),
            ("last_name", self.last_name.is_keep()),
            ("dob", self.dob.is_keep()),
            ("sex", self.sex.is_keep()),
            ("external_reference", self.external_reference.is_keep()),
            ("mrn", self.mrn.is_keep()),
            ("national_id", self.national_id.is_keep()),
            ("insurance_number", self.insurance_number.is_keep()),
        ];
        let changed: Vec<&str> = others.into_iter().filter(|(_, keep)| !keep).map(|(field, _)| field).collect();
        if changed.is_empty() { Ok(()) } else { Err(AppError::forbidden(format!("Only the clinic can change: {}", changed.join(", ")))) }
    }
}

/// How a list of charts can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PatientSort {
    LastName,
    Dob,
    CreatedAt,
    PatientId,
}

impl SortField for PatientSort {
    const ALL: &'static [(&'static str, Self)] =
        &[("last_name", Self::LastName), ("dob", Self::Dob), ("created_at", Self::CreatedAt), ("patient_id", Self::PatientId)];
}

/// No filter but the search.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoFilter {}

/// What is searched for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SearchFilter {
    /// Words of the name in any order, a phone number in any format, an e-mail address, a chart number or external reference, each of which
    /// may be cut short; a whole national id or insurance number.
    #[param(min_length = 1, max_length = 200, example = "doe 787")]
    pub q: String,
}

/// What a receptionist sees at a glance.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PatientSummary {
    pub patient: FullPatient,
    pub appointments: PatientAppointments,
    /// What is owed, per currency; empty for who may not read invoices.
    pub unpaid: Vec<Unpaid>,
}

list_body!(
    /// A page of charts.
    Patients, patients: Patient
);
written_body!(
    /// What a change answers.
    PatientWritten, patient: FullPatient
);

impl Versioned for FullPatient {
    fn version(&self) -> Option<i64> {
        Some(self.patient.version)
    }
}
impl Versioned for PatientSummary {}

/// Lists the charts, or those that a search finds; a patient sees the own ones.
#[utoipa::path(get, path = "/api/patients", params(PagingQuery, ("sort" = inline(Option<PatientSort>), Query, description = "The field the list is ordered by")),
    responses((status = 200, description = "A page of charts", body = Patients)))]
pub async fn list_patients(access: Access<App>, list: List<NoFilter>) -> Result<Read<Patients>> {
    let sorted = list.paging.is_sorted();
    let request = list.paging.request(PatientSort::LastName, Order::Asc)?;
    let page = service::list(&access, request, list.paging.search, sorted).await?;
    Ok(Read(page.into()))
}

/// Finds charts as one types; the best match first, or in the order that is asked for.
#[utoipa::path(get, path = "/api/patients/search", params(SearchFilter, PageQuery, ("sort" = inline(Option<PatientSort>), Query, description = "The field the list is ordered by")),
    responses((status = 200, description = "A page of charts", body = Patients)))]
pub async fn search_patients(access: Access<App>, list: List<SearchFilter>) -> Result<Read<Patients>> {
    list.paging.unsearched()?;
    let sorted = list.paging.is_sorted();
    let request = list.paging.request(PatientSort::LastName, Order::Asc)?;
    let query = SearchFilter::checked(list.filter.q)?;
    let page = service::list(&access, request, Some(query), sorted).await?;
    Ok(Read(page.into()))
}

/// Registers a patient.
#[utoipa::path(post, path = "/api/patients", request_body = NewPatient, responses((status = 201, description = "Registered", body = PatientWritten)))]
pub async fn create_patient(access: Access<App>, Body(new): Body<NewPatient>) -> Result<Created<PatientWritten>> {
    let patient = service::create(&access, new).await?;
    Ok(Created(PatientWritten::new("Patient created successfully", patient)))
}

/// Shows a chart.
#[utoipa::path(get, path = "/api/patients/{patient_id}", params(("patient_id" = PatientId, Path)), responses((status = 200, description = "The chart", body = FullPatient)))]
pub async fn get_patient(access: Access<App>, Id(id): Id<PatientId>) -> Result<Read<FullPatient>> {
    Ok(Read(service::get(&access, id).await?))
}

/// Changes a chart; a patient may change the own contact details.
#[utoipa::path(method(put, patch), path = "/api/patients/{patient_id}", params(("patient_id" = PatientId, Path)), request_body = PatientUpdate,
    responses((status = 200, description = "Changed", body = PatientWritten)))]
pub async fn update_patient(
    access: Access<App>,
    Id(id): Id<PatientId>,
    Body(update): Body<PatientUpdate>,
) -> Result<Written<PatientWritten>> {
    let patient = service::update(&access, id, update).await?;
    Ok(Written(PatientWritten::new("Patient updated successfully", patient)))
}

/// Takes a chart out of sight and cancels its open appointments; nothing is erased.
#[utoipa::path(delete, path = "/api/patients/{patient_id}", params(("patient_id" = PatientId, Path)), responses((status = 200, description = "Deleted", body = Done)))]
pub async fn delete_patient(access: Access<App>, Id(id): Id<PatientId>) -> Result<Written<Done>> {
    service::delete(&access, id).await?;
    Ok(Written(Done { message: "Patient deleted successfully" }))
}

/// Shows a patient at a glance: the chart's head, the next and the last appointment, what is owed.
#[utoipa::path(get, path = "/api/patients/{patient_id}/summary", params(("patient_id" = PatientId, Path)), responses((status = 200, description = "The summary", body = PatientSummary)))]
pub async fn get_patient_summary(access: Access<App>, Id(id): Id<PatientId>) -> Result<Read<PatientSummary>> {
    Ok(Read(service::summary(&access, id).await?))
}

impl SearchFilter {
    fn checked(q: String) -> Result<String, AppError> {
        match q.trim() {
            "" => Err(AppError::missing("q")),
            query if query.chars().count() > 200 => Err(AppError::field("q", "q: at most 200 characters")),
            query => Ok(query.to_owned()),
        }
    }
}
