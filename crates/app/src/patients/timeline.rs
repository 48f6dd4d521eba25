//! What happened to a patient in this clinic, newest first: appointments, visits, entries of the chart, invoices. Each is asked for what
//! lies before the same place, so that a page costs the same however long the past is.

use clinichub_api::{Access, Id, Params, Read, Result as Answered, Versioned};
use clinichub_core::{AppError, InvoiceId, PatientId, Permission, Result, UtcTime, text_enum};
use clinichub_db::TenantTx;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::service::get_in;
use crate::chart::{self, Record};
use crate::cursor::{self, Cursor};
use crate::scheduling::{self, PatientAppointment};
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
    }
}

impl TimelineKind {
    /// Its place among what happened at the same instant.
    fn place(self) -> u8 {
        match self {
            Self::Appointment => 0,
            Self::Visit => 1,
            Self::Record => 2,
            Self::Invoice => 3,
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
    /// Its human reference; the kind of an entry of the chart.
    #[schema(example = "ABC01-A1234")]
    pub reference: String,
    /// Where it stands.
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
    /// Things of this kind, or of one of several (`visit,record`).
    #[serde(deserialize_with = "kinds")]
    #[param(value_type = Option<Vec<TimelineKind>>, style = Form, explode = false)]
    pub kind: Vec<TimelineKind>,
    /// What an earlier page gave as `next`.
    #[param(max_length = 60, pattern = "^[0-9]{1,18}\\.[0-9]\\.[0-9]{1,18}$")]
    pub before: Option<String>,
    /// Entries at most.
    #[param(minimum = 1, maximum = 200, default = 200)]
    pub limit: Option<i64>,
}

/// Kinds with commas between them.
fn kinds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<TimelineKind>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    words.map(|word| word.parse().map_err(serde::de::Error::custom)).collect()
}

impl Versioned for Timeline {}

/// Shows what happened to a patient in this clinic, newest first. Visits and entries of the chart are for those who may read it.
#[utoipa::path(get, path = "/api/patients/{patient_id}/timeline", params(("patient_id" = PatientId, Path), TimelineQuery),
    responses((status = 200, description = "The timeline", body = Timeline)))]
pub async fn get_patient_timeline(
    access: Access<App>,
    Id(id): Id<PatientId>,
    Params(query): Params<TimelineQuery>,
) -> Answered<Read<Timeline>> {
    Ok(Read(timeline(&access, id, query).await?))
}

async fn timeline(access: &Access<App>, patient_id: PatientId, query: TimelineQuery) -> Result<Timeline> {
    access.grant.look_at(patient_id);
    let (before, limit) = (Cursor::read(query.before.as_deref())?, cursor::limit(query.limit, LENGTH, LENGTH)?);
    access
        .app
        .db
        .read(
            &access.grant,
            (patient_id, query.kind, before, limit),
            async |mut tx: TenantTx, (patient_id, kinds, before, limit): (PatientId, Vec<TimelineKind>, Cursor, i64)| {
                get_in(&mut tx, patient_id).await?;
                let mut entries = Vec::new();
                for kind in TimelineKind::ALL.iter().filter(|kind| kinds.is_empty() || kinds.contains(kind)) {
                    entries.extend(of_kind(&mut tx, patient_id, *kind, before, limit + 1).await?);
                }
                entries.sort_by_key(|entry| std::cmp::Reverse((entry.at, std::cmp::Reverse(entry.kind.place()), entry.id)));
                let place = |entry: &TimelineEntry| Cursor::behind(entry.at, entry.kind.place(), entry.id);
                let (entries, next) = cursor::page(entries, limit, place);
                Ok(Timeline { entries, next })
            },
        )
        .await
}

/// What of a kind lies before this place; none of the chart for who may not read it.
async fn of_kind(
    tx: &mut TenantTx,
    patient: PatientId,
    kind: TimelineKind,
    before: Cursor,
    limit: i64,
) -> Result<Vec<TimelineEntry>, AppError> {
    let before = before.bound(kind.place());
    let reads_chart = tx.grant().may(Permission::ChartRead);
    Ok(match kind {
        TimelineKind::Appointment => of(scheduling::timeline_for_patient(tx, patient, before, limit).await?),
        TimelineKind::Invoice => of(billing::timeline_for_patient(tx, patient, before, limit).await?),
        TimelineKind::Visit if reads_chart => of(visits::timeline_for_patient(tx, patient, before, limit).await?),
        TimelineKind::Record if reads_chart => of(chart::records_for_timeline(tx, patient, before, limit).await?),
        TimelineKind::Visit | TimelineKind::Record => Vec::new(),
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
