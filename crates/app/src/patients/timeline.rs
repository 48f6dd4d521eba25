//! What happened to a patient in this clinic, newest first: appointments, visits, entries of the chart, invoices, prescriptions, documents,
//! reports of laboratories. Each is asked for what lies before the same place, so that a page costs the same however long the past is; and
//! each shows nothing that its own list would not.

use clinichub_api::{Access, Id, Params, Read, Result as Answered, Versioned};
use clinichub_core::{AppError, InvoiceId, PatientId, Permission, Result, UtcTime, text_enum};
use clinichub_db::TenantTx;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::service::get_in;
use crate::chart::{self, Kind as RecordKind, Record};
use crate::cursor::{self, Cursor};
use crate::documents::{self, DocumentBrief};
use crate::labs::{self, LabReportBrief};
use crate::prescriptions::{self, PrescriptionBrief};
use crate::scheduling::{self, PatientAppointment};
use crate::sealing::FieldKeys;
use crate::visits::{self, VisitSummary};
use crate::{App, billing};

/// How many entries a page shows, at most too.
const LENGTH: i64 = 200;

text_enum! {
    /// What a timeline is made of. What happened at the same instant is shown in this order.
    TimelineKind {
        Appointment => "appointment",
        Visit => "visit",
        Record => "record",
        Invoice => "invoice",
        Prescription => "prescription",
        Document => "document",
        LabReport => "lab_report",
    }
}

text_enum! {
    /// What a timeline can be narrowed to: things of a kind, or those entries of the chart that are of a kind.
    TimelineFilter {
        Appointment => "appointment",
        Visit => "visit",
        /// All entries of the chart.
        Record => "record",
        Invoice => "invoice",
        Prescription => "prescription",
        Document => "document",
        LabReport => "lab_report",
        Condition => "condition",
        Allergy => "allergy",
        Medication => "medication",
        Immunization => "immunization",
        Vitals => "vitals",
        Note => "note",
    }
}

impl TimelineKind {
    /// Its place among what happened at the same instant. A place stands in cursors that clients hold: it never changes, and has one digit.
    fn place(self) -> u8 {
        match self {
            Self::Appointment => 0,
            Self::Visit => 1,
            Self::Record => 2,
            Self::Invoice => 3,
            Self::Prescription => 4,
            Self::Document => 5,
            Self::LabReport => 6,
        }
    }

    /// What the list of these things needs; without it they are not in the timeline either.
    fn needs(self) -> Permission {
        match self {
            Self::Appointment => Permission::AppointmentRead,
            Self::Invoice => Permission::InvoiceRead,
            Self::Visit | Self::Record | Self::Prescription | Self::Document | Self::LabReport => Permission::ChartRead,
        }
    }
}

impl TimelineFilter {
    /// The kind of thing it lets through; of the entries of the chart the kind, where it is one.
    fn lets_through(self) -> (TimelineKind, Option<RecordKind>) {
        let entries = |kind| (TimelineKind::Record, Some(kind));
        match self {
            Self::Appointment => (TimelineKind::Appointment, None),
            Self::Visit => (TimelineKind::Visit, None),
            Self::Record => (TimelineKind::Record, None),
            Self::Invoice => (TimelineKind::Invoice, None),
            Self::Prescription => (TimelineKind::Prescription, None),
            Self::Document => (TimelineKind::Document, None),
            Self::LabReport => (TimelineKind::LabReport, None),
            Self::Condition => entries(RecordKind::Condition),
            Self::Allergy => entries(RecordKind::Allergy),
            Self::Medication => entries(RecordKind::Medication),
            Self::Immunization => entries(RecordKind::Immunization),
            Self::Vitals => entries(RecordKind::Vitals),
            Self::Note => entries(RecordKind::Note),
        }
    }
}

/// What is wanted of a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wanted {
    kinds: Vec<TimelineKind>,
    /// Which entries of the chart, where those are wanted.
    records: Vec<RecordKind>,
}

impl Wanted {
    /// What one of the filters lets through; everything where there is none.
    fn of(filters: &[TimelineFilter]) -> Self {
        let all = if filters.is_empty() { TimelineFilter::ALL } else { filters };
        let parts: Vec<_> = all.iter().map(|filter| filter.lets_through()).collect();
        let is_wanted = |kind: &TimelineKind| parts.iter().any(|(wanted, _)| wanted == kind);
        let is_wanted_record =
            |kind: &RecordKind| [None, Some(*kind)].iter().any(|record| parts.contains(&(TimelineKind::Record, *record)));
        Self {
            kinds: TimelineKind::ALL.iter().copied().filter(is_wanted).collect(),
            records: RecordKind::ALL.iter().copied().filter(is_wanted_record).collect(),
        }
    }
}

/// What happened to a patient, newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Timeline {
    pub entries: Vec<TimelineEntry>,
    /// What to send as `before` for the next page; none: this is the last.
    pub next: Option<String>,
}

/// Something that happened at a point in time.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TimelineEntry {
    pub at: UtcTime,
    pub kind: TimelineKind,
    /// The id of the thing.
    pub id: i64,
    /// Its human reference; the kind of an entry of the chart; the category of a document; how bad the results of a laboratory's report
    /// are (`abnormal`, `critical`), empty where they are not.
    #[schema(example = "ABC01-A1234")]
    pub reference: String,
    /// Where it stands. A document is `released` (the patient sees it) or `unreleased`; a laboratory's report is `unsigned`, `signed`, or
    /// `released`, which is signed and shown to the patient.
    #[schema(example = "completed")]
    pub status: String,
    /// A line about it.
    #[schema(example = "General checkup")]
    pub summary: Option<String>,
}

/// Which part of a timeline is shown.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TimelineQuery {
    /// Things of this kind, or of one of several (`visit,allergy`). The kind of an entry of the chart means the entries of that kind.
    #[serde(deserialize_with = "kinds")]
    #[param(inline, value_type = Option<Vec<TimelineFilter>>, style = Form, explode = false)]
    pub kind: Vec<TimelineFilter>,
    /// What an earlier page gave as `next`.
    #[param(max_length = 60, pattern = "^[0-9]{1,18}\\.[0-9]\\.[0-9]{1,18}$")]
    pub before: Option<String>,
    /// Entries at most.
    #[param(minimum = 1, maximum = 200, default = 200)]
    pub limit: Option<i64>,
}

/// Kinds with commas between them.
fn kinds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<TimelineFilter>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    words.map(|word| word.parse().map_err(serde::de::Error::custom)).collect()
}

impl Versioned for Timeline {}

/// Shows what happened to a patient in this clinic, newest first. Things of a kind are there for those who may list them.
#[utoipa::path(get, path = "/api/patients/{patient_id}/timeline", params(("patient_id" = PatientId, Path), TimelineQuery),
    responses((status = 200, description = "The timeline", body = Timeline)))]
pub async fn get_patient_timeline(
    access: Access<App>,
    Id(id): Id<PatientId>,
    Params(query): Params<TimelineQuery>,
) -> Answered<Read<Timeline>> {
    Ok(Read(timeline(&access, id, query).await?))
}

/// The chart, what is wanted of it, where the page begins, how long it is, and the keys of sealed fields.
type Args = (PatientId, Wanted, Cursor, i64, FieldKeys);

async fn timeline(access: &Access<App>, patient_id: PatientId, query: TimelineQuery) -> Result<Timeline> {
    access.grant.look_at(patient_id);
    let (before, limit) = (Cursor::read(query.before.as_deref())?, cursor::limit(query.limit, LENGTH, LENGTH)?);
    access
        .app
        .db
        .read(
            &access.grant,
            (patient_id, Wanted::of(&query.kind), before, limit, access.app.fields.clone()),
            async |mut tx: TenantTx, (patient_id, wanted, before, limit, fields): Args| {
                get_in(&mut tx, patient_id).await?;
                let mut entries = Vec::new();
                for kind in &wanted.kinds {
                    entries.extend(of_kind(&mut tx, &fields, patient_id, *kind, &wanted.records, before, limit + 1).await?);
                }
                entries.sort_by_key(|entry| std::cmp::Reverse((entry.at, std::cmp::Reverse(entry.kind.place()), entry.id)));
                let place = |entry: &TimelineEntry| Cursor::behind(entry.at, entry.kind.place(), entry.id);
                let (entries, next) = cursor::page(entries, limit, place);
                Ok(Timeline { entries, next })
            },
        )
        .await
}

/// What of a kind lies before this place; nothing for who may not list it. Of the chart's entries those of `records`.
async fn of_kind(
    tx: &mut TenantTx,
    fields: &FieldKeys,
    patient: PatientId,
    kind: TimelineKind,
    records: &[RecordKind],
    before: Cursor,
    limit: i64,
) -> Result<Vec<TimelineEntry>, AppError> {
    if !tx.grant().may(kind.needs()) {
        return Ok(Vec::new());
    }
    let before = before.bound(kind.place());
    Ok(match kind {
        TimelineKind::Appointment => of(scheduling::timeline_for_patient(tx, patient, before, limit).await?),
        TimelineKind::Visit => of(visits::timeline_for_patient(tx, patient, before, limit).await?),
        TimelineKind::Record => of(chart::records_for_timeline(tx, fields, patient, records, before, limit).await?),
        TimelineKind::Invoice => of(billing::timeline_for_patient(tx, patient, before, limit).await?),
        TimelineKind::Prescription => of(prescriptions::timeline_for_patient(tx, patient, before, limit).await?),
        TimelineKind::Document => of(documents::timeline_for_patient(tx, patient, before, limit).await?),
        TimelineKind::LabReport => of(labs::timeline_for_patient(tx, patient, before, limit).await?),
    })
}

fn of<T: Into<TimelineEntry>>(things: Vec<T>) -> Vec<TimelineEntry> {
    things.into_iter().map(Into::into).collect()
}

impl From<PatientAppointment> for TimelineEntry {
    fn from(appointment: PatientAppointment) -> Self {
        Self {
            at: appointment.scheduled_start,
            kind: TimelineKind::Appointment,
            id: appointment.appointment_id.0,
            reference: appointment.reference,
            status: appointment.status.to_string(),
            summary: appointment.reason,
        }
    }
}

impl From<VisitSummary> for TimelineEntry {
    fn from(visit: VisitSummary) -> Self {
        let diagnoses: Vec<String> = visit.diagnoses.into_iter().map(|diagnosis| diagnosis.description).collect();
        Self {
            at: visit.started_at,
            kind: TimelineKind::Visit,
            id: visit.visit_id.0,
            reference: visit.reference,
            status: visit.status.as_str().to_owned(),
            summary: Some(diagnoses.join("; ")).filter(|text| !text.is_empty()),
        }
    }
}

impl From<Record> for TimelineEntry {
    fn from(record: Record) -> Self {
        let measured = record.vitals.as_ref().map(|vitals| vitals.units.keys().cloned().collect::<Vec<_>>().join(", "));
        Self {
            at: record.recorded_at,
            kind: TimelineKind::Record,
            id: record.record_id.0,
            reference: record.kind.to_string(),
            status: record.status.map(|status| status.to_string()).unwrap_or_default(),
            summary: record.name.or(measured),
        }
    }
}

impl From<(UtcTime, InvoiceId, String, String)> for TimelineEntry {
    fn from((at, id, reference, status): (UtcTime, InvoiceId, String, String)) -> Self {
        Self { at, kind: TimelineKind::Invoice, id: id.0, reference, status, summary: None }
    }
}

impl From<PrescriptionBrief> for TimelineEntry {
    fn from(prescription: PrescriptionBrief) -> Self {
        Self {
            at: prescription.created_at,
            kind: TimelineKind::Prescription,
            id: prescription.prescription_id.0,
            reference: prescription.reference,
            status: prescription.status.to_string(),
            summary: Some(prescription.drugs.join("; ")).filter(|text| !text.is_empty()),
        }
    }
}

impl From<DocumentBrief> for TimelineEntry {
    fn from(document: DocumentBrief) -> Self {
        let status = if document.released_at.is_some() { "released" } else { "unreleased" };
        Self {
            at: document.created_at,
            kind: TimelineKind::Document,
            id: document.document_id.0,
            reference: document.category.to_string(),
            status: status.to_owned(),
            summary: Some(document.title),
        }
    }
}

impl From<LabReportBrief> for TimelineEntry {
    fn from(report: LabReportBrief) -> Self {
        let finding = match report.severity {
            0 => "",
            1 => "abnormal",
            _ => "critical",
        };
        let status = match (report.signed_at, report.released_at) {
            (None, _) => "unsigned",
            (Some(_), None) => "signed",
            (Some(_), Some(_)) => "released",
        };
        Self {
            at: report.created_at,
            kind: TimelineKind::LabReport,
            id: report.lab_report_id.0,
            reference: finding.to_owned(),
            status: status.to_owned(),
            summary: Some(report.title),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_can_be_asked_for_and_has_a_place_of_one_digit() {
        for (place, kind) in TimelineKind::ALL.iter().enumerate() {
            assert_eq!(usize::from(kind.place()), place, "{kind} stands where its place is");
            let filter: TimelineFilter = kind.as_str().parse().expect("a filter");
            assert_eq!(filter.lets_through(), (*kind, None));
        }
        assert!(TimelineKind::ALL.len() <= 10);
        for kind in RecordKind::ALL {
            let filter: TimelineFilter = kind.as_str().parse().expect("a filter");
            assert_eq!(filter.lets_through(), (TimelineKind::Record, Some(*kind)));
        }
    }

    #[test]
    fn filters_add_up() {
        let everything = Wanted { kinds: TimelineKind::ALL.to_vec(), records: RecordKind::ALL.to_vec() };
        assert_eq!(Wanted::of(&[]), everything);
        let some = Wanted::of(&[TimelineFilter::Note, TimelineFilter::Allergy, TimelineFilter::Visit]);
        let (kinds, records) = (vec![TimelineKind::Visit, TimelineKind::Record], vec![RecordKind::Allergy, RecordKind::Note]);
        assert_eq!(some, Wanted { kinds, records });
        assert_eq!(Wanted::of(&[TimelineFilter::Allergy, TimelineFilter::Record]).records, RecordKind::ALL);
        assert!(Wanted::of(&[TimelineFilter::Document]).records.is_empty());
    }
}
