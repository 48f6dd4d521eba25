//! What goes over the wire about entries of the chart, and the handlers.

use clinichub_api::{Access, Body, Created, Done, Id, Ids, List, PagingQuery, Read, Result, SortField, Versioned, Written, list_body};
use clinichub_core::{Day, Order, Patch, PatientId, RecordId, UtcTime, VisitId};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::measures::{VitalsInput, VitalsWarning};
use super::model::{Kind, Record, RecordStatus, Severity};
use super::service;
use crate::App;

/// An entry to add. Which fields it has depends on its kind: a name for a condition, an allergy, a medication and an immunization (which
/// was given on `started_on`), `vitals` for measurements, `details` for a note.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "kind": "allergy", "name": "Penicillin", "severity": "severe", "reaction": "Hives" }))]
pub struct NewRecord {
    pub kind: Kind,
    /// The visit in which it is written down; it must be the patient's, and not completed.
    pub visit_id: Option<VisitId>,
    /// When it was found or measured; now.
    pub recorded_at: Option<UtcTime>,
    #[schema(max_length = 500)]
    pub name: Option<String>,
    /// ICD-10-CM (conditions) or CVX (immunizations).
    #[schema(max_length = 10)]
    pub code: Option<String>,
    pub status: Option<RecordStatus>,
    pub severity: Option<Severity>,
    #[schema(max_length = 200)]
    pub reaction: Option<String>,
    #[schema(max_length = 200)]
    pub dose: Option<String>,
    #[schema(max_length = 200)]
    pub route: Option<String>,
    #[schema(max_length = 200)]
    pub frequency: Option<String>,
    pub started_on: Option<Day>,
    pub ended_on: Option<Day>,
    #[schema(max_length = 200)]
    pub lot_number: Option<String>,
    #[schema(minimum = 1, maximum = 99)]
    pub dose_number: Option<i64>,
    pub due_on: Option<Day>,
    /// At most 2,000 characters; 20,000 for a note.
    #[schema(max_length = 20_000)]
    pub details: Option<String>,
    pub sensitive: Option<bool>,
    pub vitals: Option<VitalsInput>,
}

/// What changes: an absent field stays, `null` clears it. The kind stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields, default)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "status": "inactive" }))]
pub struct RecordUpdate {
    #[schema(value_type = Option<String>, max_length = 500)]
    pub name: Patch<String>,
    #[schema(value_type = Option<String>, max_length = 10)]
    pub code: Patch<String>,
    #[schema(value_type = Option<RecordStatus>)]
    pub status: Patch<RecordStatus>,
    #[schema(value_type = Option<Severity>)]
    pub severity: Patch<Severity>,
    #[schema(value_type = Option<String>, max_length = 200)]
    pub reaction: Patch<String>,
    #[schema(value_type = Option<String>, max_length = 200)]
    pub dose: Patch<String>,
    #[schema(value_type = Option<String>, max_length = 200)]
    pub route: Patch<String>,
    #[schema(value_type = Option<String>, max_length = 200)]
    pub frequency: Patch<String>,
    #[schema(value_type = Option<Day>)]
    pub started_on: Patch<Day>,
    #[schema(value_type = Option<Day>)]
    pub ended_on: Patch<Day>,
    #[schema(value_type = Option<String>, max_length = 200)]
    pub lot_number: Patch<String>,
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 99)]
    pub dose_number: Patch<i64>,
    #[schema(value_type = Option<Day>)]
    pub due_on: Patch<Day>,
    #[schema(value_type = Option<String>, max_length = 20_000)]
    pub details: Patch<String>,
    #[schema(value_type = Option<bool>)]
    pub sensitive: Patch<bool>,
    /// All measurements of the entry anew.
    #[schema(value_type = Option<VitalsInput>)]
    pub vitals: Patch<VitalsInput>,
}

impl NewRecord {
    /// An entry of this kind that says nothing yet.
    pub fn of(kind: Kind) -> Self {
        Self {
            kind,
            visit_id: None,
            recorded_at: None,
            name: None,
            code: None,
            status: None,
            severity: None,
            reaction: None,
            dose: None,
            route: None,
            frequency: None,
            started_on: None,
            ended_on: None,
            lot_number: None,
            dose_number: None,
            due_on: None,
            details: None,
            sensitive: None,
            vitals: None,
        }
    }

    /// The same as a change of an entry that says nothing yet.
    pub fn into_update(self) -> RecordUpdate {
        RecordUpdate {
            name: set(self.name),
            code: set(self.code),
            status: set(self.status),
            severity: set(self.severity),
            reaction: set(self.reaction),
            dose: set(self.dose),
            route: set(self.route),
            frequency: set(self.frequency),
            started_on: set(self.started_on),
            ended_on: set(self.ended_on),
            lot_number: set(self.lot_number),
            dose_number: set(self.dose_number),
            due_on: set(self.due_on),
            details: set(self.details),
            sensitive: set(self.sensitive),
            vitals: set(self.vitals),
        }
    }
}

fn set<T>(value: Option<T>) -> Patch<T> {
    value.map_or(Patch::Keep, Patch::Set)
}

/// Which entries a list shows.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RecordFilter {
    /// Those of this kind, or of one of several (`condition,allergy`).
    #[serde(deserialize_with = "kinds")]
    #[param(value_type = Option<Vec<Kind>>, style = Form, explode = false)]
    pub kind: Vec<Kind>,
    /// Those that stand there.
    #[param(inline)]
    pub status: Option<RecordStatus>,
    /// Those that were written down in this visit.
    #[param(value_type = Option<i64>, minimum = 1)]
    pub visit_id: Option<VisitId>,
}

/// How a list of entries can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum RecordSort {
    RecordedAt,
    Name,
}

impl SortField for RecordSort {
    const ALL: &'static [(&'static str, Self)] = &[("recorded_at", Self::RecordedAt), ("name", Self::Name)];
}

impl RecordSort {
    /// The order in SQL, among the entries of one chart. One without a name comes first, on both databases.
    pub fn order_by(self, order: Order) -> &'static str {
        match (self, order) {
            (Self::RecordedAt, Order::Asc) => " ORDER BY r.recorded_at, r.record_id LIMIT ? OFFSET ?",
            (Self::RecordedAt, Order::Desc) => " ORDER BY r.recorded_at DESC, r.record_id DESC LIMIT ? OFFSET ?",
            (Self::Name, Order::Asc) => " ORDER BY lower(coalesce(r.name, '')), r.recorded_at, r.record_id LIMIT ? OFFSET ?",
            (Self::Name, Order::Desc) => {
                " ORDER BY lower(coalesce(r.name, '')) DESC, r.recorded_at DESC, r.record_id DESC LIMIT ? OFFSET ?"
            }
        }
    }
}

/// Kinds with commas between them.
fn kinds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Kind>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    words.map(|word| word.parse().map_err(serde::de::Error::custom)).collect()
}

/// An entry, and what of its measurements may be a slip.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Recorded {
    pub record: Record,
    pub warnings: Vec<VitalsWarning>,
}

/// What a change of an entry answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordWritten {
    /// What was done.
    pub message: &'static str,
    /// The entry as it is now.
    pub record: Record,
    /// Measurements that are possible and unusual.
    pub warnings: Vec<VitalsWarning>,
}

impl RecordWritten {
    /// Says `message` about the entry.
    pub fn new(message: &'static str, Recorded { record, warnings }: Recorded) -> Self {
        Self { message, record, warnings }
    }
}

list_body!(
    /// A page of the entries of a chart.
    Records, records: Record
);

impl Versioned for Record {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}
impl Versioned for RecordWritten {
    fn version(&self) -> Option<i64> {
        Some(self.record.version)
    }
}

/// Lists the entries of a chart, newest first; `search` takes a part of a name, or a code. A patient sees the own ones, but for notes.
#[utoipa::path(get, path = "/api/patients/{patient_id}/records",
    params(("patient_id" = PatientId, Path), PagingQuery, RecordFilter, ("sort" = inline(Option<RecordSort>), Query, description = "The field the list is ordered by")),
    responses((status = 200, description = "A page of entries", body = Records)))]
pub async fn list_records(access: Access<App>, Id(patient): Id<PatientId>, list: List<RecordFilter>) -> Result<Read<Records>> {
    let page = list.paging.request(RecordSort::RecordedAt, Order::Desc)?;
    Ok(Read(service::list(&access, patient, list.filter, list.paging.search, page).await?.into()))
}

/// Adds an entry to a chart.
#[utoipa::path(post, path = "/api/patients/{patient_id}/records", params(("patient_id" = PatientId, Path)), request_body = NewRecord,
    responses((status = 201, description = "Added", body = RecordWritten)))]
pub async fn create_record(access: Access<App>, Id(patient): Id<PatientId>, Body(new): Body<NewRecord>) -> Result<Created<RecordWritten>> {
    let recorded = service::create(&access, patient, new).await?;
    Ok(Created(RecordWritten::new("Record created successfully", recorded)))
}

/// Changes an entry of a chart.
#[utoipa::path(method(put, patch), path = "/api/patients/{patient_id}/records/{record_id}",
    params(("patient_id" = PatientId, Path), ("record_id" = RecordId, Path)), request_body = RecordUpdate,
    responses((status = 200, description = "Changed", body = RecordWritten)))]
pub async fn update_record(
    access: Access<App>,
    Ids(patient, record): Ids<PatientId, RecordId>,
    Body(update): Body<RecordUpdate>,
) -> Result<Written<RecordWritten>> {
    let recorded = service::update(&access, patient, record, update).await?;
    Ok(Written(RecordWritten::new("Record updated successfully", recorded)))
}

/// Takes an entry out of sight; nothing is erased.
#[utoipa::path(delete, path = "/api/patients/{patient_id}/records/{record_id}",
    params(("patient_id" = PatientId, Path), ("record_id" = RecordId, Path)),
    responses((status = 200, description = "Deleted", body = Done)))]
pub async fn delete_record(access: Access<App>, Ids(patient, record): Ids<PatientId, RecordId>) -> Result<Written<Done>> {
    service::delete(&access, patient, record).await?;
    Ok(Written(Done { message: "Record deleted successfully" }))
}
