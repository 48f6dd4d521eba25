//! What an entry of the chart is and which fields each kind has, without a database.

use clinichub_api::rules;
use clinichub_core::{AppError, Day, FieldError, Patch, PatientId, RecordId, UserId, UtcTime, VisitId, text_enum};
use jiff::civil;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::api::{NewRecord, RecordUpdate};
use super::measures::Vitals;
use crate::codes;

/// Characters of a name.
const MOST_NAME: usize = 500;
/// Characters of dose, route, frequency and the like.
const MOST_WORD: usize = 200;
/// Characters of what is said beside an entry.
const MOST_DETAILS: usize = 2000;
/// Characters of a note.
const MOST_NOTE: usize = 20_000;

text_enum! {
    /// What an entry is.
    Kind {
        /// A problem: a disease, a complaint, a state.
        Condition => "condition",
        /// A substance that must not be given, and what it does.
        Allergy => "allergy",
        /// What the patient takes.
        Medication => "medication",
        /// A vaccination, given or refused.
        Immunization => "immunization",
        /// Measurements.
        Vitals => "vitals",
        /// A note of the clinic's own; the patient does not see it.
        Note => "note",
    }
}

text_enum! {
    /// Where an entry stands; each kind has its own.
    RecordStatus {
        /// It holds now.
        Active => "active",
        /// It does not matter now.
        Inactive => "inactive",
        /// It is over (conditions).
        Resolved => "resolved",
        /// It turned out not to be true (allergies).
        Refuted => "refuted",
        /// It is not taken any more (medications).
        Stopped => "stopped",
        /// It was taken to its end (medications).
        Completed => "completed",
        /// It was given (immunizations).
        Given => "given",
        /// The patient did not want it (immunizations).
        Refused => "refused",
    }
}

text_enum! {
    /// How bad an allergy is.
    Severity {
        Mild => "mild",
        Moderate => "moderate",
        Severe => "severe",
        LifeThreatening => "life_threatening",
    }
}

impl Kind {
    /// Where an entry of this kind can stand; the first is where it begins.
    fn statuses(self) -> &'static [RecordStatus] {
        use RecordStatus::{Active, Completed, Given, Inactive, Refused, Refuted, Resolved, Stopped};
        match self {
            Self::Condition => &[Active, Inactive, Resolved],
            Self::Allergy => &[Active, Inactive, Refuted],
            Self::Medication => &[Active, Stopped, Completed],
            Self::Immunization => &[Given, Refused],
            Self::Vitals | Self::Note => &[],
        }
    }

    /// The kinds that a patient sees of the own chart.
    pub const PATIENTS: &'static [Self] = &[Self::Condition, Self::Allergy, Self::Medication, Self::Immunization, Self::Vitals];
}

/// An entry of the chart. Fields that its kind does not have are left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Record {
    pub record_id: RecordId,
    pub patient_id: PatientId,
    /// The visit in which it was written down.
    pub visit_id: Option<VisitId>,
    pub kind: Kind,
    /// When it was found or measured.
    pub recorded_at: UtcTime,
    /// The condition, the substance, the drug, the vaccine; the title of a note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Penicillin")]
    pub name: Option<String>,
    /// ICD-10-CM (conditions) or CVX (immunizations).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "J06.9")]
    pub code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub status: Option<RecordStatus>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub severity: Option<Severity>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Hives")]
    pub reaction: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "500 mg")]
    pub dose: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "oral")]
    pub route: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "twice a day")]
    pub frequency: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub started_on: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub ended_on: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub lot_number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub dose_number: Option<i64>,
    /// When the next dose is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub due_on: Option<Day>,
    /// What else there is to say; the text of a note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub details: Option<String>,
    /// Whether a note asks for special discretion.
    pub sensitive: bool,
    /// What was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub vitals: Option<Vitals>,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
    pub created_by: Option<UserId>,
    /// Goes up with each change; what `If-Match` compares.
    pub version: i64,
}

impl Record {
    /// An entry of this kind that says nothing yet.
    pub fn blank(patient_id: PatientId, kind: Kind, created_by: Option<UserId>, now: UtcTime) -> Self {
        Self {
            record_id: RecordId(0),
            patient_id,
            visit_id: None,
            kind,
            recorded_at: now,
            name: None,
            code: None,
            status: kind.statuses().first().copied(),
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
            sensitive: false,
            vitals: None,
            created_at: now,
            updated_at: now,
            created_by,
            version: 1,
        }
    }

    /// A new entry, checked; `today` is the date in the clinic.
    pub fn new(patient_id: PatientId, new: NewRecord, by: Option<UserId>, now: UtcTime, today: civil::Date) -> Result<Self, AppError> {
        let (kind, visit_id, recorded_at) = (new.kind, new.visit_id, new.recorded_at);
        not_ahead("recorded_at", recorded_at, now)?;
        let blank = Self::blank(patient_id, kind, by, recorded_at.unwrap_or(now));
        let record = Self { visit_id, created_at: now, updated_at: now, ..blank.filled(new.into_update())? };
        record.check(today)?;
        Ok(record)
    }

    /// The entry a version later.
    pub fn updated(self, update: RecordUpdate, now: UtcTime, today: civil::Date) -> Result<Self, AppError> {
        let version = self.version + 1;
        let record = Self { updated_at: now, version, ..self.filled(update)? };
        record.check(today)?;
        Ok(record)
    }

    fn filled(self, update: RecordUpdate) -> Result<Self, AppError> {
        let vitals = match update.vitals {
            Patch::Keep => self.vitals,
            Patch::Clear => None,
            Patch::Set(input) => Some(input.into_vitals()?),
        };
        let code = tidy(update.code.apply(self.code));
        let code = if self.kind == Kind::Condition { code.map(|code| codes::normal(&code).unwrap_or(code)) } else { code };
        let begin = self.kind.statuses().first().copied();
        Ok(Self {
            name: tidy(update.name.apply(self.name)),
            code,
            status: update.status.apply(self.status).or(begin),
            severity: update.severity.apply(self.severity),
            reaction: tidy(update.reaction.apply(self.reaction)),
            dose: tidy(update.dose.apply(self.dose)),
            route: tidy(update.route.apply(self.route)),
            frequency: tidy(update.frequency.apply(self.frequency)),
            started_on: update.started_on.apply(self.started_on),
            ended_on: update.ended_on.apply(self.ended_on),
            lot_number: tidy(update.lot_number.apply(self.lot_number)),
            dose_number: update.dose_number.apply(self.dose_number),
            due_on: update.due_on.apply(self.due_on),
            details: tidy(update.details.apply(self.details)),
            sensitive: update.sensitive.apply(Some(self.sensitive)).unwrap_or(false),
            vitals,
            ..self
        })
    }

    fn check(&self, today: civil::Date) -> Result<(), AppError> {
        let mut refused = Vec::new();
        for (field, kinds, is_there) in FIELDS {
            if is_there(self) && !kinds.contains(&self.kind) {
                rules::refuse(&mut refused, field, format!("{field}: {} has no such field", self.kind.named()));
            }
        }
        self.check_required(&mut refused);
        self.check_texts(&mut refused);
        self.check_code(&mut refused);
        self.check_days(&mut refused, today);
        if self.status.is_some_and(|status| !self.kind.statuses().contains(&status)) {
            let known: Vec<_> = self.kind.statuses().iter().map(|status| status.as_str()).collect();
            rules::refuse(&mut refused, "status", format!("status: expected one of {}", known.join(", ")));
        }
        if self.dose_number.is_some_and(|number| !(1..=99).contains(&number)) {
            rules::refuse(&mut refused, "dose_number", "dose_number: expected a number from 1 to 99");
        }
        rules::verdict(refused)
    }

    fn check_required(&self, refused: &mut Vec<FieldError>) {
        let (field, is_there) = match self.kind {
            Kind::Vitals => ("vitals", self.vitals.is_some()),
            Kind::Note => ("details", self.details.is_some()),
            _ => ("name", self.name.is_some()),
        };
        if !is_there {
            rules::refuse(refused, field, format!("Missing required field: {field}"));
        }
        if self.status == Some(RecordStatus::Given) && self.started_on.is_none() {
            rules::refuse(refused, "started_on", "Missing required field: started_on");
        }
    }

    fn check_texts(&self, refused: &mut Vec<FieldError>) {
        rules::text(refused, "name", self.name.as_deref(), MOST_NAME);
        for (field, value) in [
            ("reaction", &self.reaction),
            ("dose", &self.dose),
            ("route", &self.route),
            ("frequency", &self.frequency),
            ("lot_number", &self.lot_number),
        ] {
            rules::text(refused, field, value.as_deref(), MOST_WORD);
        }
        rules::text(refused, "details", self.details.as_deref(), if self.kind == Kind::Note { MOST_NOTE } else { MOST_DETAILS });
    }

    /// ICD-10-CM for a condition; CVX, up to three digits, for an immunization.
    fn check_code(&self, refused: &mut Vec<FieldError>) {
        let Some(code) = &self.code else { return };
        match self.kind {
            Kind::Condition if codes::normal(code).is_none() => rules::refuse(refused, "code", codes::WRONG),
            Kind::Immunization if code.len() > 3 || !code.bytes().all(|byte| byte.is_ascii_digit()) => {
                rules::refuse(refused, "code", "code: expected a CVX code of up to three digits");
            }
            _ => {}
        }
    }

    fn check_days(&self, refused: &mut Vec<FieldError>, today: civil::Date) {
        for (field, day) in [("started_on", self.started_on), ("ended_on", self.ended_on)] {
            // A course of medication may be planned to its end.
            let may_lie_ahead = self.kind == Kind::Medication;
            if day.is_some_and(|day| day.0 > today) && !may_lie_ahead {
                rules::refuse(refused, field, format!("{field}: must not be in the future"));
            }
        }
        if self.started_on.zip(self.ended_on).is_some_and(|(start, end)| end < start) {
            rules::refuse(refused, "ended_on", "ended_on: must not be before started_on");
        }
    }
}

impl Kind {
    fn named(self) -> &'static str {
        match self {
            Self::Condition => "a condition",
            Self::Allergy => "an allergy",
            Self::Medication => "a medication",
            Self::Immunization => "an immunization",
            Self::Vitals => "an entry of measurements",
            Self::Note => "a note",
        }
    }
}

type Field = (&'static str, &'static [Kind], fn(&Record) -> bool);

/// The fields that only some kinds have.
const FIELDS: &[Field] = &[
    ("name", &[Kind::Condition, Kind::Allergy, Kind::Medication, Kind::Immunization, Kind::Note], |record| record.name.is_some()),
    ("code", &[Kind::Condition, Kind::Immunization], |record| record.code.is_some()),
    ("status", &[Kind::Condition, Kind::Allergy, Kind::Medication, Kind::Immunization], |record| record.status.is_some()),
    ("severity", &[Kind::Allergy], |record| record.severity.is_some()),
    ("reaction", &[Kind::Allergy], |record| record.reaction.is_some()),
    ("dose", &[Kind::Medication], |record| record.dose.is_some()),
    ("route", &[Kind::Medication], |record| record.route.is_some()),
    ("frequency", &[Kind::Medication], |record| record.frequency.is_some()),
    ("started_on", &[Kind::Condition, Kind::Allergy, Kind::Medication, Kind::Immunization], |record| record.started_on.is_some()),
    ("ended_on", &[Kind::Condition, Kind::Medication], |record| record.ended_on.is_some()),
    ("lot_number", &[Kind::Immunization], |record| record.lot_number.is_some()),
    ("dose_number", &[Kind::Immunization], |record| record.dose_number.is_some()),
    ("due_on", &[Kind::Immunization], |record| record.due_on.is_some()),
    ("details", &[Kind::Condition, Kind::Allergy, Kind::Medication, Kind::Immunization, Kind::Note], |record| record.details.is_some()),
    ("sensitive", &[Kind::Note], |record| record.sensitive),
    ("vitals", &[Kind::Vitals], |record| record.vitals.is_some()),
];

/// Refuses what was found or measured in the future; `field` is what the request calls it.
pub(super) fn not_ahead(field: &str, at: Option<UtcTime>, now: UtcTime) -> Result<(), AppError> {
    match at {
        Some(at) if at > now => Err(AppError::field(field, format!("{field}: must not be in the future"))),
        _ => Ok(()),
    }
}

/// Without blanks around it; nothing where nothing is left.
pub(super) fn tidy(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn made(body: Value) -> Result<Record, AppError> {
        let new: NewRecord = serde_json::from_value(body).expect("a body");
        let now = UtcTime::parse("2026-04-14T12:00:00Z").expect("a time");
        Record::new(PatientId(1), new, None, now, civil::date(2026, 4, 14))
    }

    fn refused(body: Value) -> Vec<String> {
        match made(body) {
            Err(AppError::Invalid(errors)) => errors.into_iter().map(|error| error.field).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_kind_begins_where_it_should() {
        let allergy = made(json!({ "kind": "allergy", "name": " Penicillin ", "severity": "severe" })).expect("an allergy");
        assert_eq!((allergy.name.as_deref(), allergy.status), (Some("Penicillin"), Some(RecordStatus::Active)));
        let note = made(json!({ "kind": "note", "details": "Comes with her sister.", "sensitive": true })).expect("a note");
        assert_eq!((note.status, note.sensitive), (None, true));
        let condition = made(json!({ "kind": "condition", "name": "Cold", "code": "j069" })).expect("a condition");
        assert_eq!(condition.code.as_deref(), Some("J06.9"));
    }

    #[test]
    fn what_a_kind_does_not_have_is_refused() {
        assert_eq!(
            refused(json!({ "kind": "condition", "name": "Cold", "severity": "mild", "lot_number": "X" })),
            ["severity", "lot_number"]
        );
        assert_eq!(refused(json!({ "kind": "vitals" })), ["vitals"]);
        assert_eq!(refused(json!({ "kind": "note", "name": "Title" })), ["details"]);
        assert_eq!(refused(json!({ "kind": "allergy", "name": "Nuts", "status": "resolved" })), ["status"]);
        assert_eq!(refused(json!({ "kind": "immunization", "name": "Tetanus", "code": "x" })), ["started_on", "code"]);
        assert_eq!(refused(json!({ "kind": "condition", "name": "Cold", "started_on": "2026-04-15" })), ["started_on"]);
        let turned = json!({ "kind": "medication", "name": "Ibuprofen", "started_on": "2026-04-10", "ended_on": "2026-04-09" });
        assert_eq!(refused(turned), ["ended_on"]);
    }

    #[test]
    fn every_status_and_kind_fits_the_texts_of_the_database() {
        for kind in Kind::ALL {
            assert!(kind.statuses().iter().all(|status| RecordStatus::ALL.contains(status)));
            assert_eq!(kind.statuses().is_empty(), matches!(kind, Kind::Vitals | Kind::Note));
        }
    }
}
