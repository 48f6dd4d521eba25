//! What a visit is, and the rules about it that need no database.

use std::collections::HashMap;

use clinichub_api::rules;
use clinichub_core::{
    AddendumId, AppError, AppointmentId, Currency, FieldError, Grant, Money, Patch, PatientId, Role, ServiceId, UserId, UtcTime, VisitId,
};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::billing::{Modifiers, Performed};
use crate::chart::{PatientHeader, Record};

/// Characters of each part of the notes.
pub const MOST_NOTES: usize = 20_000;
/// Diagnoses and procedures of a visit.
pub const MOST_LINES: usize = 50;

/// Where a visit stands (seed 004).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VisitStatus {
    /// The patient is here, or somebody has not finished writing.
    InProgress,
    /// It is over and charged; nothing changes any more.
    Completed,
}

impl VisitStatus {
    /// As it stands in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
        }
    }

    /// Refuses an entry of the chart that would say it was written down in a completed visit (API.md, rule 7).
    pub fn require_open_to_entries(self) -> Result<(), AppError> {
        match self {
            Self::InProgress => Ok(()),
            Self::Completed => Err(AppError::conflict("A completed visit can't be edited; add to the chart without naming it")),
        }
    }
}

impl std::str::FromStr for VisitStatus {
    type Err = String;

    /// Also in seed 004's spelling: `IN_PROGRESS`, `In Progress`.
    fn from_str(text: &str) -> Result<Self, String> {
        let plain = text.trim().to_ascii_lowercase().replace(['-', ' '], "_");
        [Self::InProgress, Self::Completed]
            .into_iter()
            .find(|status| status.as_str() == plain)
            .ok_or_else(|| format!("{text:?} is not one of in_progress, completed"))
    }
}

impl<'de> Deserialize<'de> for VisitStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Somebody of the staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Clinician {
    pub user_id: UserId,
    #[schema(example = "Gregory")]
    pub first_name: String,
    #[schema(example = "House")]
    pub last_name: String,
}

/// The notes, in the four parts of a SOAP note.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Notes {
    pub subjective: Option<String>,
    pub objective: Option<String>,
    pub assessment: Option<String>,
    pub plan: Option<String>,
}

/// What changes of the notes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NotesChange {
    pub subjective: Patch<String>,
    pub objective: Patch<String>,
    pub assessment: Patch<String>,
    pub plan: Patch<String>,
}

impl NotesChange {
    /// Refuses what is too long; every part is named.
    pub fn check(&self, refused: &mut Vec<FieldError>) {
        for (field, part) in
            [("subjective", &self.subjective), ("objective", &self.objective), ("assessment", &self.assessment), ("plan", &self.plan)]
        {
            rules::text(refused, field, part.as_set().map(String::as_str), MOST_NOTES);
        }
    }

    /// The notes after it.
    pub fn apply(self, before: Notes) -> Notes {
        Notes {
            subjective: self.subjective.apply(before.subjective),
            objective: self.objective.apply(before.objective),
            assessment: self.assessment.apply(before.assessment),
            plan: self.plan.apply(before.plan),
        }
    }
}

/// What was written down of a diagnosis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotedDiagnosis {
    pub rank: i64,
    /// With its dot.
    pub code: Option<String>,
    pub description: String,
    pub note: Option<String>,
}

/// What the patient has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Diagnosis {
    /// 1 is what the patient came for.
    #[schema(minimum = 1, maximum = 50)]
    pub rank: i64,
    /// ICD-10-CM.
    #[schema(example = "J06.9")]
    pub code: Option<String>,
    #[schema(example = "Acute upper respiratory infection, unspecified")]
    pub description: String,
    pub note: Option<String>,
    /// Whether the code set that the operator brought in knows the code; none without a code, or without a code set.
    pub in_code_set: Option<bool>,
    /// Whether the code may stand on a bill, which categories above it may not; none where the code set does not know it.
    pub billable: Option<bool>,
}

impl Diagnosis {
    /// What was written down, with what the code set says of its code: whether it is billable, if the code is known and there is a set.
    pub fn of(noted: NotedDiagnosis, billable: Option<bool>, has_code_set: bool) -> Self {
        let NotedDiagnosis { rank, code, description, note } = noted;
        let in_code_set = code.as_ref().filter(|_| has_code_set).map(|_| billable.is_some());
        Self { rank, code, description, note, in_code_set, billable }
    }
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Procedure {
    /// Its place on the bill.
    #[schema(minimum = 1, maximum = 50)]
    pub line_no: i64,
    pub service_id: ServiceId,
    #[schema(example = "99213")]
    pub code: String,
    pub description: String,
    #[schema(minimum = 1, maximum = 999)]
    pub units: i64,
    /// The price of when it was noted.
    #[schema(example = "125.00")]
    pub unit_price: String,
    pub currency: Currency,
    #[schema(value_type = Vec<String>, example = json!(["25"]))]
    pub modifiers: Modifiers,
}

impl From<(i64, Performed)> for Procedure {
    fn from((line_no, performed): (i64, Performed)) -> Self {
        Self {
            line_no,
            service_id: performed.service_id,
            code: performed.code,
            description: performed.description,
            units: performed.units,
            unit_price: Money::new(performed.unit_price_minor, performed.currency).to_string(),
            currency: performed.currency,
            modifiers: performed.modifiers,
        }
    }
}

/// What was added to a completed visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Addendum {
    pub addendum_id: AddendumId,
    pub text: String,
    pub created_at: UtcTime,
    pub created_by: Option<Clinician>,
}

/// A visit, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Visit {
    pub visit_id: VisitId,
    #[schema(example = "ABC01-V5678")]
    pub reference: String,
    pub status: VisitStatus,
    pub appointment_id: AppointmentId,
    #[schema(example = "ABC01-A1234")]
    pub appointment_reference: String,
    pub patient: PatientHeader,
    pub provider: Clinician,
    pub started_at: UtcTime,
    pub completed_at: Option<UtcTime>,
    /// Why the patient came, as the appointment says.
    #[schema(example = "General checkup")]
    pub reason: Option<String>,
    /// What the patient tells.
    pub subjective: Option<String>,
    /// What was found.
    pub objective: Option<String>,
    /// What it is taken for.
    pub assessment: Option<String>,
    /// What is to be done.
    pub plan: Option<String>,
    /// The first is what the patient came for.
    pub diagnoses: Vec<Diagnosis>,
    pub procedures: Vec<Procedure>,
    /// What was measured, newest first.
    pub vitals: Vec<Record>,
    pub addenda: Vec<Addendum>,
    pub updated_at: UtcTime,
    /// Who wrote last.
    pub updated_by: Option<Clinician>,
    /// Goes up with each change of notes, diagnoses and procedures; what `If-Match` compares.
    pub version: i64,
}

impl Visit {
    /// As `grant` may see it: a patient gets diagnoses, plan, measurements and procedures, not what the staff wrote for each other.
    #[must_use]
    pub fn seen_by(self, grant: &Grant) -> Self {
        if grant.role() != Some(Role::Patient) {
            return self;
        }
        let diagnoses = self.diagnoses.into_iter().map(|diagnosis| Diagnosis { note: None, ..diagnosis }).collect();
        Self { subjective: None, objective: None, assessment: None, addenda: Vec::new(), updated_by: None, diagnoses, ..self }
    }
}

/// A visit in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VisitSummary {
    pub visit_id: VisitId,
    #[schema(example = "ABC01-V5678")]
    pub reference: String,
    pub status: VisitStatus,
    pub appointment_id: AppointmentId,
    pub patient_id: PatientId,
    #[schema(example = "John Doe")]
    pub patient_name: String,
    pub provider_user_id: UserId,
    #[schema(example = "Gregory House")]
    pub provider_name: String,
    pub started_at: UtcTime,
    pub completed_at: Option<UtcTime>,
    /// What it was taken for; a patient does not see it.
    pub assessment: Option<String>,
    pub diagnoses: Vec<Diagnosis>,
    pub version: i64,
}

impl VisitSummary {
    /// With its own of all these diagnoses, as `grant` may see it.
    #[must_use]
    pub fn with(mut self, diagnoses: &mut HashMap<VisitId, Vec<Diagnosis>>, grant: &Grant) -> Self {
        self.diagnoses = diagnoses.remove(&self.visit_id).unwrap_or_default();
        if grant.role() == Some(Role::Patient) {
            self.assessment = None;
            self.diagnoses.iter_mut().for_each(|diagnosis| diagnosis.note = None);
        }
        self
    }
}

/// The row of a visit, with the names that belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitRow {
    pub visit_id: VisitId,
    pub reference: String,
    pub status: VisitStatus,
    pub appointment_id: AppointmentId,
    pub appointment_reference: String,
    pub reason: Option<String>,
    pub patient_id: PatientId,
    pub provider_user_id: UserId,
    pub provider_first_name: String,
    pub provider_last_name: String,
    pub started_at: UtcTime,
    pub completed_at: Option<UtcTime>,
    pub charged_before: bool,
    pub subjective: Option<String>,
    pub objective: Option<String>,
    pub assessment: Option<String>,
    pub plan: Option<String>,
    pub updated_at: UtcTime,
    pub updated_by: Option<UserId>,
    pub updated_by_first_name: Option<String>,
    pub updated_by_last_name: Option<String>,
    pub version: i64,
}

impl VisitRow {
    /// The notes.
    pub fn notes(&self) -> Notes {
        Notes {
            subjective: self.subjective.clone(),
            objective: self.objective.clone(),
            assessment: self.assessment.clone(),
            plan: self.plan.clone(),
        }
    }

    /// Who wrote last.
    pub fn last_writer(&self) -> Option<Clinician> {
        let (user_id, first_name, last_name) = (self.updated_by?, self.updated_by_first_name.clone()?, self.updated_by_last_name.clone()?);
        Some(Clinician { user_id, first_name, last_name })
    }

    /// Refuses a change of a completed visit (API.md, rule 7), and one by somebody who has not read the last version.
    pub fn require_open_to(&self, grant: &Grant) -> Result<(), AppError> {
        if self.status == VisitStatus::Completed {
            return Err(AppError::conflict("A completed visit can't be edited; write an addendum"));
        }
        self.require_read_by(grant)
    }

    /// Refuses somebody who has not read the last version, and says whose that is.
    pub fn require_read_by(&self, grant: &Grant) -> Result<(), AppError> {
        if grant.origin().wants(self.version) { Ok(()) } else { Err(self.stale()) }
    }

    /// That somebody else was faster.
    fn stale(&self) -> AppError {
        match self.last_writer() {
            Some(writer) => {
                let (first, last, at) = (&writer.first_name, &writer.last_name, self.updated_at);
                AppError::StaleBy(format!("Changed by {first} {last} at {at}; load it again"))
            }
            None => AppError::Stale,
        }
    }

    /// The visit with everything that belongs to it.
    pub fn whole(
        self,
        patient: PatientHeader,
        diagnoses: Vec<Diagnosis>,
        performed: Vec<Performed>,
        vitals: Vec<Record>,
        addenda: Vec<Addendum>,
    ) -> Visit {
        let updated_by = self.last_writer();
        Visit {
            visit_id: self.visit_id,
            reference: self.reference,
            status: self.status,
            appointment_id: self.appointment_id,
            appointment_reference: self.appointment_reference,
            patient,
            provider: Clinician {
                user_id: self.provider_user_id,
                first_name: self.provider_first_name,
                last_name: self.provider_last_name,
            },
            started_at: self.started_at,
            completed_at: self.completed_at,
            reason: self.reason,
            subjective: self.subjective,
            objective: self.objective,
            assessment: self.assessment,
            plan: self.plan,
            diagnoses,
            procedures: (1..).zip(performed).map(Procedure::from).collect(),
            vitals,
            addenda,
            updated_at: self.updated_at,
            updated_by,
            version: self.version,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_read_as_seed_004_writes_them() {
        for text in ["in_progress", "IN_PROGRESS", "In Progress"] {
            assert_eq!(text.parse(), Ok(VisitStatus::InProgress));
        }
        assert_eq!("Completed".parse(), Ok(VisitStatus::Completed));
        assert!("open".parse::<VisitStatus>().is_err());
    }

    #[test]
    fn a_code_is_known_or_not_where_there_is_a_code_set() {
        let noted =
            |code: Option<&str>| NotedDiagnosis { rank: 1, code: code.map(str::to_owned), description: "Cold".to_owned(), note: None };
        for (code, billable, has_code_set, said) in [
            (Some("J06.9"), Some(true), true, (Some(true), Some(true))),
            (Some("J06"), Some(false), true, (Some(true), Some(false))),
            (Some("Z99.99"), None, true, (Some(false), None)),
            (Some("J06.9"), None, false, (None, None)),
            (None, None, true, (None, None)),
        ] {
            let diagnosis = Diagnosis::of(noted(code), billable, has_code_set);
            assert_eq!((diagnosis.in_code_set, diagnosis.billable), said, "{code:?}");
        }
    }

    #[test]
    fn notes_change_part_by_part() {
        let before = Notes { subjective: Some("Cough".to_owned()), plan: Some("Tea".to_owned()), ..Notes::default() };
        let change = NotesChange { plan: Patch::Clear, objective: Patch::Set("Clear lungs".to_owned()), ..NotesChange::default() };
        let after = change.apply(before);
        assert_eq!((after.subjective.as_deref(), after.objective.as_deref(), after.plan), (Some("Cough"), Some("Clear lungs"), None));
        let mut refused = Vec::new();
        NotesChange { plan: Patch::Set("ä".repeat(MOST_NOTES + 1)), ..NotesChange::default() }.check(&mut refused);
        assert_eq!(refused.len(), 1);
    }
}
