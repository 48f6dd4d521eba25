//! What goes over the wire about visits, and the handlers.

use clinichub_api::{
    Access, Body, Created, Id, List, PagingQuery, Params, Read, Result, Versioned, Written, list_body, not_null, rules, written_body,
};
use clinichub_core::{AppError, AppointmentId, CptId, Order, Patch, PatientId, ServiceId, UserId, UtcTime, VisitId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{Addendum, MOST_LINES, MOST_NOTES, NotesChange, Visit, VisitSummary};
use super::query::{OpenVisitFilter, PatientVisitQuery, VisitFilter, VisitSort};
use super::service::{Beginning, Changes};
use super::{VisitBrief, complete, content, service};
use crate::App;
use crate::chart::{RecordWritten, VitalsInput, VitalsWarning};
use crate::scheduling::{Status, WalkIn};

/// What a visit begins with: an appointment, or a patient who came without one and a provider who is free.
#[derive(Debug, Clone, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "appointment_id": 1 }))]
pub struct NewVisit {
    /// An open one that is no request any more, whether or not the patient is marked as arrived; or a completed one. Nothing else is given
    /// with it.
    pub appointment_id: Option<AppointmentId>,
    pub patient_id: Option<PatientId>,
    /// `doctor_id` is accepted for it.
    #[serde(alias = "doctor_id")]
    pub provider_user_id: Option<UserId>,
    pub service_id: Option<ServiceId>,
    /// Why the patient comes.
    #[schema(max_length = 500)]
    pub reason: Option<String>,
    /// How long the provider is taken; as long as the service, or the clinic's slot.
    #[schema(minimum = 5, maximum = 480)]
    pub duration_minutes: Option<i64>,
}

impl NewVisit {
    fn into_beginning(self) -> Result<Beginning, AppError> {
        let mut refused = Vec::new();
        rules::text(&mut refused, "reason", self.reason.as_deref(), 500);
        if self.duration_minutes.is_some_and(|minutes| !(5..=480).contains(&minutes)) {
            rules::refuse(&mut refused, "duration_minutes", "duration_minutes: expected a number from 5 to 480");
        }
        rules::verdict(refused)?;
        match (self.appointment_id, self.patient_id, self.provider_user_id) {
            (Some(appointment), None, None) if self.service_id.is_none() && self.reason.is_none() && self.duration_minutes.is_none() => {
                Ok(Beginning::Appointment(appointment))
            }
            (Some(_), ..) => Err(AppError::field("appointment_id", "Give either appointment_id, or patient_id and provider_user_id")),
            (None, Some(patient_id), Some(provider_user_id)) => Ok(Beginning::WalkIn(WalkIn {
                patient_id,
                provider_user_id,
                service_id: self.service_id,
                reason: self.reason,
                minutes: self.duration_minutes,
            })),
            (None, Some(_), None) => Err(AppError::missing("provider_user_id")),
            (None, None, _) => Err(AppError::missing("appointment_id")),
        }
    }
}

/// What changes of a visit: an absent part stays, `null` clears it.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields, default)]
#[garde(allow_unvalidated)]
#[schema(example = json!({
    "subjective": "Cough for two weeks, no fever.",
    "plan": "Fluids, rest; come back in ten days.",
    "vitals": { "heart_rate": 72 },
    "diagnoses": [{ "code": "J06.9", "description": "Acute upper respiratory infection" }]
}))]
pub struct VisitUpdate {
    /// What the patient tells.
    #[schema(value_type = Option<String>, max_length = 20_000)]
    pub subjective: Patch<String>,
    /// What was found.
    #[schema(value_type = Option<String>, max_length = 20_000)]
    pub objective: Patch<String>,
    /// What it is taken for.
    #[schema(value_type = Option<String>, max_length = 20_000)]
    pub assessment: Patch<String>,
    /// What is to be done.
    #[schema(value_type = Option<String>, max_length = 20_000)]
    pub plan: Patch<String>,
    /// What was measured; it is added to what was measured before.
    #[schema(nullable = false)]
    #[serde(deserialize_with = "not_null")]
    pub vitals: Option<VitalsInput>,
    /// When `vitals` were measured; now.
    pub measured_at: Option<UtcTime>,
    /// All diagnoses anew; the first is what the patient came for.
    #[schema(value_type = Option<Vec<NewDiagnosis>>, max_items = 50)]
    pub diagnoses: Patch<Vec<NewDiagnosis>>,
    /// Everything that was done anew, in the order of the bill.
    #[schema(value_type = Option<Vec<NewProcedure>>, max_items = 50)]
    pub procedures: Patch<Vec<NewProcedure>>,
}

impl VisitUpdate {
    fn into_changes(self) -> Result<Changes, AppError> {
        let Self { subjective, objective, assessment, plan, vitals, measured_at, diagnoses, procedures } = self;
        let notes = NotesChange { subjective, objective, assessment, plan };
        let mut refused = Vec::new();
        notes.check(&mut refused);
        rules::verdict(refused)?;
        if vitals.is_none() && measured_at.is_some() {
            return Err(AppError::missing("vitals"));
        }
        let vitals = vitals.map(|vitals| (vitals, measured_at));
        Ok(Changes { notes, diagnoses: whole_list(diagnoses), procedures: whole_list(procedures), vitals })
    }
}

/// The list that takes the place of another; `null` is an empty one.
fn whole_list<T>(list: Patch<Vec<T>>) -> Option<Vec<T>> {
    match list {
        Patch::Keep => None,
        Patch::Clear => Some(Vec::new()),
        Patch::Set(list) => Some(list),
    }
}

/// What the patient has: an ICD-10-CM code, words, or both.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewDiagnosis {
    /// With or without its dot, in any case; each once in a visit. One that the code set does not know is taken, too.
    #[schema(max_length = 8, example = "J06.9")]
    pub code: Option<String>,
    /// Left out where the code set knows the code.
    #[garde(inner(length(chars, max = 500)))]
    #[schema(max_length = 500)]
    pub description: Option<String>,
    #[garde(inner(length(chars, max = 2000)))]
    #[schema(max_length = 2000)]
    pub note: Option<String>,
    /// Whether it becomes a problem of the chart, unless that has it already. The problem goes when the diagnosis is taken back before the
    /// visit is completed, unless somebody has changed it.
    #[serde(default)]
    pub add_to_problems: bool,
}

/// All diagnoses of a visit; the first is what the patient came for.
#[derive(Debug, Clone, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "diagnoses": [{ "code": "J06.9", "description": "Acute upper respiratory infection", "add_to_problems": true }] }))]
pub struct NewDiagnoses {
    #[garde(length(max = MOST_LINES), dive)]
    #[schema(max_items = 50)]
    pub diagnoses: Vec<NewDiagnosis>,
}

/// What was done.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewProcedure {
    /// What of the fee schedule.
    pub service_id: ServiceId,
    /// How often.
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 999, default = 1)]
    pub units: i64,
    /// At most four, of two letters or digits each, each once.
    #[serde(default)]
    #[schema(max_items = 4, example = json!(["25"]))]
    pub modifiers: Vec<String>,
}

fn one() -> i64 {
    1
}

/// Everything that was done in a visit, in the order of the bill.
#[derive(Debug, Clone, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "procedures": [{ "service_id": 1, "units": 1, "modifiers": ["25"] }] }))]
pub struct NewProcedures {
    #[garde(length(max = MOST_LINES))]
    #[schema(max_items = 50)]
    pub procedures: Vec<NewProcedure>,
}

/// What was measured in a visit.
#[derive(Debug, Clone, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct VisitVitals {
    /// When; now.
    pub measured_at: Option<UtcTime>,
    pub vitals: VitalsInput,
}

/// What is added to a completed visit.
#[derive(Debug, Clone, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "text": "The culture came back negative." }))]
pub struct NewAddendum {
    #[schema(min_length = 1, max_length = 20_000, pattern = "\\S")]
    pub text: String,
}

/// What changing several parts of a visit at once answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitUpdated {
    /// What was done.
    pub message: &'static str,
    pub visit: Visit,
    /// Measurements that are possible and unusual.
    pub warnings: Vec<VitalsWarning>,
}

/// What completing a visit answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitCompleted {
    /// What was done.
    pub message: &'static str,
    pub visit: Visit,
    /// What the appointment is billed under.
    pub cpt_id: Option<CptId>,
    /// Everything that it is charged with.
    pub cpt_ids: Vec<CptId>,
    #[schema(example = "completed")]
    pub appointment_status: Status,
}

/// A chart's visits, the latest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct PatientVisits {
    pub visits: Vec<VisitSummary>,
    /// What to send as `before` for the next page; none: this is the last.
    pub next: Option<String>,
}

list_body!(
    /// A page of visits.
    Visits, visits: VisitSummary
);
written_body!(
    /// What a change of a visit answers.
    VisitWritten, visit: Visit
);
written_body!(
    /// What adding to a completed visit answers.
    AddendumWritten, addendum: Addendum
);

impl Versioned for Visit {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}
impl Versioned for VisitUpdated {
    fn version(&self) -> Option<i64> {
        Some(self.visit.version)
    }
}
impl Versioned for VisitCompleted {
    fn version(&self) -> Option<i64> {
        Some(self.visit.version)
    }
}
impl Versioned for Addendum {}
impl Versioned for VisitBrief {}
impl Versioned for PatientVisits {}

/// Lists visits, the latest first; `search` takes a reference. A patient sees the completed ones of the own charts.
#[utoipa::path(get, path = "/api/visits",
    params(PagingQuery, VisitFilter, ("sort" = inline(Option<VisitSort>), Query, description = "The field the list is ordered by")),
    responses((status = 200, description = "A page of visits", body = Visits)))]
pub async fn list_visits(access: Access<App>, list: List<VisitFilter>) -> Result<Read<Visits>> {
    let page = list.paging.request(VisitSort::StartedAt, Order::Desc)?;
    Ok(Read(service::list(&access, list.filter, list.paging.search, page).await?.into()))
}

/// Begins a visit: from an open appointment (a scheduled, confirmed or waiting one moves to `in_room`, one that is further on stays where
/// it is), for a completed one, or of somebody who came without one (their appointment is made now). One visit an appointment.
#[utoipa::path(post, path = "/api/visits", request_body = NewVisit, responses((status = 201, description = "Begun", body = VisitWritten)))]
pub async fn start_visit(access: Access<App>, Body(new): Body<NewVisit>) -> Result<Created<VisitWritten>> {
    let visit = service::start(&access, new.into_beginning()?).await?;
    Ok(Created(VisitWritten::new("Visit started successfully", visit)))
}

/// Lists the visits that were left open overnight, the oldest first; `search` takes a reference.
#[utoipa::path(get, path = "/api/visits/open",
    params(PagingQuery, OpenVisitFilter, ("sort" = inline(Option<VisitSort>), Query, description = "The field the list is ordered by")),
    responses((status = 200, description = "A page of visits", body = Visits)))]
pub async fn list_open_visits(access: Access<App>, list: List<OpenVisitFilter>) -> Result<Read<Visits>> {
    let page = list.paging.request(VisitSort::StartedAt, Order::Asc)?;
    Ok(Read(service::list_open(&access, list.filter, list.paging.search, page).await?.into()))
}

/// Shows a visit with notes, diagnoses, procedures, measurements and addenda. A patient sees a completed one without what the staff wrote
/// for each other.
#[utoipa::path(get, path = "/api/visits/{visit_id}", params(("visit_id" = VisitId, Path)), responses((status = 200, description = "The visit", body = Visit)))]
pub async fn get_visit(access: Access<App>, Id(id): Id<VisitId>) -> Result<Read<Visit>> {
    Ok(Read(service::get(&access, id).await?))
}

/// Shows which visit an appointment became, and nothing that is in it: for whoever brings laboratory reports into visits and may not read
/// the chart.
#[utoipa::path(get, path = "/api/appointments/{appointment_id}/visit", params(("appointment_id" = AppointmentId, Path)),
    responses((status = 200, description = "The visit", body = VisitBrief)))]
pub async fn get_appointment_visit(access: Access<App>, Id(id): Id<AppointmentId>) -> Result<Read<VisitBrief>> {
    Ok(Read(service::of_appointment(&access, id).await?))
}

/// Changes a visit that is not completed: its notes, diagnoses and procedures, and what was measured; all or nothing. Send `If-Match`, so
/// that of two writers the second is told who wrote last. Measurements alone make no new version.
#[utoipa::path(method(put, patch), path = "/api/visits/{visit_id}", params(("visit_id" = VisitId, Path)), request_body = VisitUpdate,
    responses((status = 200, description = "Changed", body = VisitUpdated)))]
pub async fn update_visit(access: Access<App>, Id(id): Id<VisitId>, Body(update): Body<VisitUpdate>) -> Result<Written<VisitUpdated>> {
    let (visit, warnings) = service::update(&access, id, update.into_changes()?).await?;
    Ok(Written(VisitUpdated { message: "Visit updated successfully", visit, warnings }))
}

/// Completes a visit and its appointment, makes the charges and counts the usage; once.
#[utoipa::path(put, path = "/api/visits/{visit_id}/complete", params(("visit_id" = VisitId, Path)), responses((status = 200, description = "Completed", body = VisitCompleted)))]
pub async fn complete_visit(access: Access<App>, Id(id): Id<VisitId>) -> Result<Written<VisitCompleted>> {
    let complete::Completed { visit, cpt_ids } = complete::complete(&access, id).await?;
    let (message, appointment_status) = ("Visit completed successfully", Status::Completed);
    Ok(Written(VisitCompleted { message, visit, cpt_id: cpt_ids.first().copied(), cpt_ids, appointment_status }))
}

/// Replaces the diagnoses of a visit that is not completed.
#[utoipa::path(put, path = "/api/visits/{visit_id}/diagnoses", params(("visit_id" = VisitId, Path)), request_body = NewDiagnoses,
    responses((status = 200, description = "Changed", body = VisitWritten)))]
pub async fn set_visit_diagnoses(
    access: Access<App>,
    Id(id): Id<VisitId>,
    Body(body): Body<NewDiagnoses>,
) -> Result<Written<VisitWritten>> {
    let changes = Changes { diagnoses: Some(body.diagnoses), ..Changes::default() };
    let (visit, _) = service::update(&access, id, changes).await?;
    Ok(Written(VisitWritten::new("Diagnoses updated successfully", visit)))
}

/// Replaces what was done in a visit that is not completed; it becomes the charges, a line of the invoice each. Of a visit that was created
/// for a completed appointment it takes the place of what that was charged with, at once, as long as there is no invoice.
#[utoipa::path(put, path = "/api/visits/{visit_id}/procedures", params(("visit_id" = VisitId, Path)), request_body = NewProcedures,
    responses((status = 200, description = "Changed", body = VisitWritten)))]
pub async fn set_visit_procedures(
    access: Access<App>,
    Id(id): Id<VisitId>,
    Body(body): Body<NewProcedures>,
) -> Result<Written<VisitWritten>> {
    let changes = Changes { procedures: Some(body.procedures), ..Changes::default() };
    let (visit, _) = service::update(&access, id, changes).await?;
    Ok(Written(VisitWritten::new("Procedures updated successfully", visit)))
}

/// Notes what was measured in a visit that is not completed. What is possible and unusual is asked about in `warnings`.
#[utoipa::path(post, path = "/api/visits/{visit_id}/vitals", params(("visit_id" = VisitId, Path)), request_body = VisitVitals,
    responses((status = 201, description = "Noted", body = RecordWritten)))]
pub async fn record_visit_vitals(
    access: Access<App>,
    Id(id): Id<VisitId>,
    Body(body): Body<VisitVitals>,
) -> Result<Created<RecordWritten>> {
    let recorded = content::record_vitals(&access, id, body.vitals, body.measured_at).await?;
    Ok(Created(RecordWritten::new("Vitals recorded successfully", recorded)))
}

/// Adds to a completed visit; what was written stays as it was.
#[utoipa::path(post, path = "/api/visits/{visit_id}/addenda", params(("visit_id" = VisitId, Path)), request_body = NewAddendum,
    responses((status = 201, description = "Added", body = AddendumWritten)))]
pub async fn create_visit_addendum(
    access: Access<App>,
    Id(id): Id<VisitId>,
    Body(new): Body<NewAddendum>,
) -> Result<Created<AddendumWritten>> {
    let mut refused = Vec::new();
    rules::required_text(&mut refused, "text", &new.text, MOST_NOTES);
    rules::verdict(refused)?;
    let addendum = content::add_addendum(&access, id, new.text).await?;
    Ok(Created(AddendumWritten::new("Addendum added successfully", addendum)))
}

/// Lists a chart's visits, the latest first, however many there are.
#[utoipa::path(get, path = "/api/patients/{patient_id}/visits", params(("patient_id" = PatientId, Path), PatientVisitQuery),
    responses((status = 200, description = "The visits", body = PatientVisits)))]
pub async fn list_patient_visits(
    access: Access<App>,
    Id(patient): Id<PatientId>,
    Params(query): Params<PatientVisitQuery>,
) -> Result<Read<PatientVisits>> {
    let (visits, next) = service::list_of_patient(&access, patient, query).await?;
    Ok(Read(PatientVisits { visits, next }))
}
