//! The page a doctor reads in ten seconds before walking in: one transaction, a fixed number of statements, whatever the chart holds.

use std::collections::BTreeMap;

use clinichub_core::{Day, LabReportId, PatientId, RecordId, Result, UtcTime};
use clinichub_db::TenantTx;
use futures_util::future::{try_join, try_join4};
use jiff::{ToSpan, civil};
use serde::Serialize;
use utoipa::ToSchema;

use super::for_others::{Allergy, PatientHeader, allergies};
use super::measures::MEASURES;
use super::model::{Kind, Record, Severity};
use super::store::Measured;
use super::{notes, service, store};
use crate::App;
use crate::labs::{self, LabReportBrief};
use crate::patients::{self, Patient};
use crate::scheduling::{self, PatientAppointment};
use crate::sealing::FieldKeys;
use crate::visits::{self, VisitStatus, VisitSummary};

type Access = clinichub_api::Access<App>;

/// Visits the page shows.
const VISITS: i64 = 5;
/// Notes the page shows.
const NOTES: i64 = 5;
/// Appointments the page shows.
const APPOINTMENTS: i64 = 10;
/// Reports that wait for a signature and that the page shows.
const REPORTS: i64 = 5;
/// Immunizations the page shows.
const IMMUNIZATIONS: usize = 50;
/// Measurements that trends are drawn from.
const MEASUREMENTS: i64 = 100;
/// Points of a trend.
const POINTS: usize = 20;
/// Days ahead that an immunization is announced.
const DUE_AHEAD: i64 = 30;

/// What a doctor must know of a patient before walking in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Chart {
    pub patient: PatientHeader,
    /// What must not be overlooked.
    pub alerts: Vec<Alert>,
    /// Those that hold, newest first.
    pub allergies: Vec<Record>,
    /// Those that hold, newest first.
    pub problems: Vec<Record>,
    /// What is taken now, newest first.
    pub medications: Vec<Record>,
    /// The last 50.
    pub immunizations: Vec<Record>,
    /// Those that are due within a month.
    pub immunizations_due: Vec<DueImmunization>,
    /// The last 5; a patient sees none.
    pub notes: Vec<Record>,
    /// The last measurements.
    pub last_vitals: Option<Record>,
    /// For each thing that was measured its last 20 values, oldest first.
    pub trends: BTreeMap<String, Vec<Point>>,
    /// What laboratories reported and no doctor has signed yet, the worst 5; a patient sees none.
    pub unsigned_reports: Vec<UnsignedReport>,
    /// The last 5.
    pub visits: Vec<VisitSummary>,
    /// The one that is going on.
    pub open_visit: Option<VisitSummary>,
    /// What is booked and not closed, the next 10.
    pub appointments: Vec<PatientAppointment>,
}

/// What must not be overlooked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Alert {
    pub kind: AlertKind,
    #[schema(example = "Severe allergy: Penicillin (hives)")]
    pub message: String,
}

/// What an alert is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    Allergy,
    OpenVisit,
    LabReport,
    ImmunizationDue,
    Vitals,
}

/// An immunization of which another dose is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DueImmunization {
    pub record_id: RecordId,
    #[schema(example = "Tetanus")]
    pub name: String,
    pub due_on: Day,
}

/// A laboratory's report that waits for a doctor's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnsignedReport {
    pub lab_report_id: LabReportId,
    #[schema(example = "Basic metabolic panel")]
    pub title: String,
    /// Whether a result is outside of what is expected.
    pub is_abnormal: bool,
    /// Whether a result needs somebody at once.
    pub is_critical: bool,
    pub created_at: UtcTime,
}

impl From<LabReportBrief> for UnsignedReport {
    fn from(report: LabReportBrief) -> Self {
        let (is_abnormal, is_critical) = (report.is_abnormal(), report.is_critical());
        Self { lab_report_id: report.lab_report_id, title: report.title, is_abnormal, is_critical, created_at: report.created_at }
    }
}

/// A value of a trend, in the unit of its measure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Point {
    pub at: UtcTime,
    pub value: f64,
}

/// The page of a chart.
pub async fn get(access: &Access, patient: PatientId) -> Result<Chart> {
    access.grant.look_at(patient);
    let args = (patient, access.app.fields.clone());
    let read = access.app.db.read(&access.grant, args, async |mut tx: TenantTx, (patient, fields): (PatientId, FieldKeys)| {
        chart_in(&mut tx, &fields, patient).await
    });
    read.await
}

async fn chart_in(tx: &mut TenantTx, fields: &FieldKeys, patient_id: PatientId) -> Result<Chart> {
    let Parts { patient, today, current, notes, last_vitals, measured, unsigned_reports, visits, open_visit, appointments } =
        parts_in(tx, fields, patient_id).await?;
    let mut of_kind: BTreeMap<Kind, Vec<Record>> = BTreeMap::new();
    for record in current {
        of_kind.entry(record.kind).or_default().push(record);
    }
    let mut of = |kind: Kind| of_kind.remove(&kind).unwrap_or_default();
    let (known_allergies, mut immunizations) = (of(Kind::Allergy), of(Kind::Immunization));
    let header = PatientHeader::of(patient, allergies(known_allergies.iter().cloned()), today);
    let immunizations_due = due(&immunizations, today);
    immunizations.truncate(IMMUNIZATIONS);
    Ok(Chart {
        alerts: alerts(&header.allergies, open_visit.as_ref(), &unsigned_reports, &immunizations_due, last_vitals.as_ref(), today),
        patient: header,
        allergies: known_allergies,
        problems: of(Kind::Condition),
        medications: of(Kind::Medication),
        immunizations,
        immunizations_due,
        notes,
        last_vitals,
        trends: trends(&measured),
        unsigned_reports,
        visits,
        open_visit,
        appointments,
    })
}

/// What the page is made of.
struct Parts {
    patient: Patient,
    today: civil::Date,
    current: Vec<Record>,
    notes: Vec<Record>,
    last_vitals: Option<Record>,
    measured: Vec<Measured>,
    unsigned_reports: Vec<UnsignedReport>,
    visits: Vec<VisitSummary>,
    open_visit: Option<VisitSummary>,
    appointments: Vec<PatientAppointment>,
}

/// Reads all parts beside each other: on PostgreSQL two round trips, as many as the longest chain has statements.
async fn parts_in(tx: &TenantTx, fields: &FieldKeys, patient_id: PatientId) -> Result<Parts> {
    let (mut for_patient, mut for_current, mut for_notes, mut for_last) = (tx.beside(), tx.beside(), tx.beside(), tx.beside());
    let (mut for_measured, mut for_reports, mut for_visits, mut for_booked) = (tx.beside(), tx.beside(), tx.beside(), tx.beside());
    let patient = patients::get_in(&mut for_patient, patient_id);
    let current = async {
        let today = service::today(&mut for_current).await?;
        Ok((today, store::list_current(&mut for_current, patient_id, Day(today)).await?))
    };
    let notes = async {
        let sees_notes = service::seen_by(for_notes.grant().role()).contains(&Kind::Note);
        let notes = if sees_notes { store::list_notes(&mut for_notes, patient_id, NOTES).await? } else { Vec::new() };
        notes::opened(&mut for_notes, fields, notes).await
    };
    let last_vitals = async { Ok(store::list_vitals(&mut for_last, patient_id, 1).await?.pop().map(|stored| stored.record)) };
    let measured = async { Ok(store::list_measured(&mut for_measured, patient_id, MEASUREMENTS).await?) };
    let reports = labs::unsigned_of_patient(&mut for_reports, patient_id, REPORTS);
    let visits = visits::latest_of_patient(&mut for_visits, patient_id, VISITS);
    let appointments = scheduling::open_for_patient(&mut for_booked, patient_id, APPOINTMENTS);
    let of_the_chart = Box::pin(try_join4(patient, current, notes, last_vitals));
    let of_the_work = Box::pin(try_join4(measured, reports, visits, appointments));
    let ((patient, (today, current), notes, last_vitals), (measured, reports, (visits, open_visit), appointments)) =
        try_join(of_the_chart, of_the_work).await?;
    let unsigned_reports = reports.into_iter().map(Into::into).collect();
    Ok(Parts { patient, today, current, notes, last_vitals, measured, unsigned_reports, visits, open_visit, appointments })
}

/// The immunizations of which the last dose announced one that is due.
fn due(given: &[Record], today: civil::Date) -> Vec<DueImmunization> {
    let upto = today.saturating_add(DUE_AHEAD.days());
    let mut last: BTreeMap<String, &Record> = BTreeMap::new();
    for record in given {
        let key = record.name.as_deref().unwrap_or_default().to_lowercase();
        let newer = last.get(&key).is_none_or(|known| known.started_on < record.started_on);
        if newer {
            last.insert(key, record);
        }
    }
    let due = last.into_values().filter_map(|record| {
        let due_on = record.due_on.filter(|day| day.0 <= upto)?;
        Some(DueImmunization { record_id: record.record_id, name: record.name.clone()?, due_on })
    });
    let mut due: Vec<_> = due.collect();
    due.sort_by_key(|one| one.due_on);
    due
}

fn alerts(
    allergies: &[Allergy],
    open_visit: Option<&VisitSummary>,
    reports: &[UnsignedReport],
    due: &[DueImmunization],
    last_vitals: Option<&Record>,
    today: civil::Date,
) -> Vec<Alert> {
    let mut alerts = Vec::new();
    let mut say = |kind, message| alerts.push(Alert { kind, message });
    for allergy in allergies.iter().filter(|allergy| allergy.severity >= Some(Severity::Severe)) {
        let degree = if allergy.severity == Some(Severity::LifeThreatening) { "Life-threatening" } else { "Severe" };
        let reaction = allergy.reaction.as_ref().map(|reaction| format!(" ({reaction})")).unwrap_or_default();
        say(AlertKind::Allergy, format!("{degree} allergy: {}{reaction}", allergy.substance));
    }
    if let Some(visit) = open_visit.filter(|visit| visit.status == VisitStatus::InProgress) {
        say(AlertKind::OpenVisit, format!("The visit {} with {} is not completed", visit.reference, visit.provider_name));
    }
    for report in reports.iter().filter(|report| report.is_critical) {
        say(AlertKind::LabReport, format!("Critical results that nobody has signed: {}", report.title));
    }
    for one in due {
        let words = if one.due_on.0 < today { "has been due since" } else { "is due on" };
        say(AlertKind::ImmunizationDue, format!("{} {words} {}", one.name, one.due_on));
    }
    let vitals = last_vitals.and_then(|record| record.vitals.as_ref());
    for warning in vitals.map(super::measures::Vitals::warnings).unwrap_or_default() {
        let value = MEASURES.iter().find(|measure| measure.name == warning.field).zip(vitals);
        if let Some((measure, value)) = value.and_then(|(measure, vitals)| Some((measure, (measure.of)(vitals)?))) {
            say(AlertKind::Vitals, format!("Last {}: {value} {}", measure.name.replace('_', " "), measure.unit));
        }
    }
    alerts
}

/// What was measured, newest first, as a line for each measure, oldest first.
fn trends(measured: &[Measured]) -> BTreeMap<String, Vec<Point>> {
    let mut trends = BTreeMap::new();
    for measure in &MEASURES {
        let values = measured.iter().filter_map(|one| Some((one.at, (measure.of)(&one.vitals)?)));
        let mut points: Vec<Point> = values.map(|(at, value)| Point { at, value }).take(POINTS).collect();
        points.reverse();
        if !points.is_empty() {
            trends.insert(measure.name.to_owned(), points);
        }
    }
    trends
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Vitals;

    fn record(kind: Kind, at: i64) -> Record {
        Record::blank(PatientId(1), kind, None, UtcTime::from_micros(at))
    }

    #[test]
    fn trends_are_the_last_points_oldest_first() {
        let weighed = |at: i32| Measured {
            at: UtcTime::from_micros(i64::from(at)),
            vitals: Vitals { weight: Some(f64::from(at)), ..Vitals::default() },
        };
        let newest_first: Vec<_> = (1..=30).rev().map(weighed).collect();
        let trends = trends(&newest_first);
        assert_eq!(trends.len(), 1, "what was not measured has no line");
        let values: Vec<_> = trends["weight"].iter().map(|point| point.value).collect();
        assert_eq!((values.len(), values[0], values[19]), (20, 11.0, 30.0));
    }

    #[test]
    fn the_last_dose_says_what_is_due() {
        let dose = |given: &str, due: Option<&str>| Record {
            name: Some("Tetanus".to_owned()),
            started_on: given.parse().ok(),
            due_on: due.and_then(|day| day.parse().ok()),
            ..record(Kind::Immunization, 0)
        };
        let today = civil::date(2026, 4, 14);
        let first = dose("2016-05-01", Some("2026-05-01"));
        assert_eq!(due(std::slice::from_ref(&first), today).len(), 1);
        assert!(due(&[dose("2026-01-01", None), first], today).is_empty(), "the next dose was given");
        assert!(due(&[dose("2020-01-01", Some("2030-01-01"))], today).is_empty(), "not for years");
    }
}
