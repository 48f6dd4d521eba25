//! What other slices need of a chart, inside their transaction.

use clinichub_core::{Day, PatientId, RecordId, Result, UtcTime, VisitId};
use clinichub_db::TenantTx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::api::NewRecord;
use super::model::{Kind, Record, RecordStatus, Severity};
use super::{notes, service, store};
use crate::patients::{self, Patient, Sex};
use crate::sealing::FieldKeys;

/// An allergy that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Allergy {
    pub record_id: RecordId,
    #[schema(example = "Penicillin")]
    pub substance: String,
    pub severity: Option<Severity>,
    #[schema(example = "Hives")]
    pub reaction: Option<String>,
}

/// What a patient takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Medication {
    /// The entry.
    pub record_id: RecordId,
    /// The drug.
    pub name: String,
    /// As it was written down.
    pub dose: Option<String>,
    /// As it was written down.
    pub route: Option<String>,
    /// As it was written down.
    pub frequency: Option<String>,
    /// Since when.
    pub started_on: Option<Day>,
    /// Its last day, where the course has one.
    pub ended_on: Option<Day>,
}

/// What a patient shall take from now on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewMedication {
    /// The drug.
    pub name: String,
    pub dose: Option<String>,
    pub route: Option<String>,
    pub frequency: Option<String>,
    pub started_on: Option<Day>,
    pub ended_on: Option<Day>,
}

/// The head of every screen about a patient: who it is, and what must not be given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PatientHeader {
    pub patient_id: PatientId,
    #[schema(example = "ABC01-P17")]
    pub mrn: String,
    pub first_name: String,
    pub last_name: String,
    pub dob: Day,
    /// Completed years.
    #[schema(minimum = 0)]
    pub age_years: i64,
    pub sex: Sex,
    pub phone: Option<String>,
    pub preferred_language: Option<String>,
    /// The worst first.
    pub allergies: Vec<Allergy>,
}

impl PatientHeader {
    /// The head of this chart on this day.
    pub(super) fn of(patient: Patient, allergies: Vec<Allergy>, today: jiff::civil::Date) -> Self {
        Self {
            patient_id: patient.patient_id,
            mrn: patient.mrn,
            first_name: patient.first_name,
            last_name: patient.last_name,
            age_years: age(patient.dob.0, today),
            dob: patient.dob,
            sex: patient.sex,
            phone: patient.phone,
            preferred_language: patient.preferred_language,
            allergies,
        }
    }
}

/// Completed years. Who was born on the 29th of February turns a year older on the 1st of March.
fn age(born: jiff::civil::Date, today: jiff::civil::Date) -> i64 {
    let had_birthday = (today.month(), today.day()) >= (born.month(), born.day());
    (i64::from(today.year()) - i64::from(born.year()) - i64::from(!had_birthday)).max(0)
}

/// The head of a chart that the grant reaches.
pub async fn header_of(tx: &mut TenantTx, patient: PatientId) -> Result<PatientHeader> {
    let chart = patients::get_in(tx, patient).await?;
    let today = service::today(tx).await?;
    let known = store::list_current_of(tx, patient, Kind::Allergy, Day(today)).await?;
    Ok(PatientHeader::of(chart, allergies(known), today))
}

/// The allergies that hold, the worst first.
pub async fn allergies_of(tx: &mut TenantTx, patient: PatientId) -> Result<Vec<Allergy>> {
    let today = Day(service::today(tx).await?);
    Ok(allergies(store::list_current_of(tx, patient, Kind::Allergy, today).await?))
}

/// The allergies among these entries, the worst first.
pub(super) fn allergies(records: impl IntoIterator<Item = Record>) -> Vec<Allergy> {
    let mut allergies: Vec<Allergy> = records
        .into_iter()
        .filter(|record| record.kind == Kind::Allergy)
        .map(|record| Allergy {
            record_id: record.record_id,
            substance: record.name.unwrap_or_default(),
            severity: record.severity,
            reaction: record.reaction,
        })
        .collect();
    allergies.sort_by_key(|allergy| std::cmp::Reverse(allergy.severity));
    allergies
}

/// What the patient takes now, the latest first.
pub async fn active_medications_of(tx: &mut TenantTx, patient: PatientId) -> Result<Vec<Medication>> {
    let today = Day(service::today(tx).await?);
    let records = store::list_current_of(tx, patient, Kind::Medication, today).await?;
    let medication = |record: Record| Medication {
        record_id: record.record_id,
        name: record.name.unwrap_or_default(),
        dose: record.dose,
        route: record.route,
        frequency: record.frequency,
        started_on: record.started_on,
        ended_on: record.ended_on,
    };
    Ok(records.into_iter().map(medication).collect())
}

/// Ends medications of the chart that something else has taken the place of. The caller audits.
pub async fn stop_medications(tx: &mut TenantTx, patient: PatientId, records: Vec<RecordId>) -> Result<()> {
    let today = Day(service::today(tx).await?);
    store::stop(tx, patient, records, today).await?;
    Ok(())
}

/// Adds medications to the chart, each with these details, which nothing else in it has; gives their entries in the same order. The caller
/// audits and says so to those who watch.
pub async fn add_medications(
    tx: &mut TenantTx,
    patient: PatientId,
    visit: Option<VisitId>,
    details: &str,
    new: Vec<NewMedication>,
) -> Result<Vec<RecordId>> {
    let (by, now, today) = (tx.grant().user_id(), tx.now(), service::today(tx).await?);
    let record = |new: NewMedication| {
        let new = NewRecord {
            visit_id: visit,
            name: Some(new.name),
            dose: new.dose,
            route: new.route,
            frequency: new.frequency,
            started_on: new.started_on,
            ended_on: new.ended_on,
            details: Some(details.to_owned()),
            ..NewRecord::of(Kind::Medication)
        };
        Record::new(patient, new, by, now, today)
    };
    let records = new.into_iter().map(record).collect::<Result<Vec<_>>>()?;
    store::insert_many(tx, &records).await?;
    Ok(store::list_ids_with(tx, patient, Kind::Medication, details).await?)
}

/// A problem as a diagnosis says it: its code and its words.
type Problem = (Option<String>, String);

/// Whether the entry says this problem: the same code, or the same words without one.
fn says(record: &Record, (code, words): &Problem) -> bool {
    match code {
        Some(_) => record.code == *code,
        None => record.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(words)),
    }
}

/// Adds the problems that diagnoses of a visit are to become, unless the chart has them already. The caller audits.
pub async fn add_problems(tx: &mut TenantTx, patient: PatientId, visit: VisitId, problems: Vec<Problem>) -> Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    let today = Day(service::today(tx).await?);
    let known = store::list_current_of(tx, patient, Kind::Condition, today).await?;
    let is_known = |problem: &Problem| known.iter().any(|record| says(record, problem));
    let (by, now) = (tx.grant().user_id(), tx.now());
    let new = problems.into_iter().filter(|problem| !is_known(problem)).map(|(code, name)| {
        let blank = Record::blank(patient, Kind::Condition, by, now);
        Record { visit_id: Some(visit), name: Some(name), code, status: Some(RecordStatus::Active), ..blank }
    });
    store::insert_from_diagnoses(tx, &new.collect::<Vec<_>>()).await?;
    Ok(())
}

/// Takes the problems out of sight that diagnoses of this visit added and that none of `diagnoses`, those it has now, says. What somebody
/// has changed since stays. Each leaves its audit row and its event.
pub async fn withdraw_problems(tx: &mut TenantTx, patient: PatientId, visit: VisitId, diagnoses: &[Problem]) -> Result<()> {
    let mut taken_back = store::list_from_diagnoses(tx, patient, visit).await?;
    taken_back.retain(|record| !diagnoses.iter().any(|diagnosis| says(record, diagnosis)));
    if taken_back.is_empty() {
        return Ok(());
    }
    let ids = taken_back.iter().map(|record| record.record_id).collect();
    let withdrawn = store::delete_unchanged(tx, patient, ids).await?;
    taken_back.retain(|record| withdrawn.contains(&record.record_id));
    for record in &taken_back {
        service::noted(tx, record, "record.deleted").await?;
    }
    Ok(())
}

/// What was measured in a visit, newest first.
pub async fn vitals_of_visit(tx: &mut TenantTx, visit: VisitId) -> Result<Vec<Record>> {
    Ok(store::list_vitals_of_visit(tx, visit).await?)
}

/// The entries of these kinds before this place of the timeline that the asking role sees, newest first; without texts that are sealed.
pub async fn records_for_timeline(
    tx: &mut TenantTx,
    fields: &FieldKeys,
    patient: PatientId,
    kinds: &[Kind],
    before: (UtcTime, i64),
    limit: i64,
) -> Result<Vec<Record>> {
    let mut seen = service::seen_by(tx.grant().role()).to_vec();
    seen.retain(|kind| kinds.contains(kind));
    let stored = store::list_before(tx, patient, &seen, before, limit).await?;
    notes::titled(tx, fields, stored).await
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_year_is_completed_on_the_birthday() {
        assert_eq!(age(date(1990, 5, 10), date(2026, 5, 9)), 35);
        assert_eq!(age(date(1990, 5, 10), date(2026, 5, 10)), 36);
        assert_eq!(age(date(2024, 2, 29), date(2025, 2, 28)), 0);
        assert_eq!(age(date(2024, 2, 29), date(2025, 3, 1)), 1);
    }

    #[test]
    fn the_worst_allergy_is_first() {
        let record = |severity| Record {
            name: Some("Nuts".to_owned()),
            severity,
            ..Record::blank(PatientId(1), Kind::Allergy, None, UtcTime::from_micros(0))
        };
        let sorted = allergies([None, Some(Severity::Mild), Some(Severity::LifeThreatening), Some(Severity::Severe)].map(record));
        let severities: Vec<_> = sorted.into_iter().map(|allergy| allergy.severity).collect();
        assert_eq!(severities, [Some(Severity::LifeThreatening), Some(Severity::Severe), Some(Severity::Mild), None]);
    }
}
