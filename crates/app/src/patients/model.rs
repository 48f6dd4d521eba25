//! A chart and the rules it obeys, without a database.

use clinichub_api::rules;
use clinichub_core::{AppError, Day, FieldError, Patch, PatientId, UserId, UtcTime};
use jiff::civil;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::api::{NewPatient, PatientUpdate, Sex};
use super::identifiers::Identifiers;
use super::search;

/// Nobody who was born before this year is a patient (API.md, rule 1).
const EARLIEST_BIRTH_YEAR: i16 = 1850;

/// A chart: one person in one clinic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Patient {
    pub patient_id: PatientId,
    /// The chart number.
    #[schema(example = "ABC01-P17")]
    pub mrn: String,
    pub first_name: String,
    pub last_name: String,
    pub dob: Day,
    pub sex: Sex,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub address: Option<String>,
    pub emergency_contact_name: Option<String>,
    pub emergency_contact_phone: Option<String>,
    pub external_reference: Option<String>,
    pub preferred_language: Option<String>,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
    pub created_by: Option<UserId>,
    /// Goes up with each change; what `If-Match` compares.
    pub version: i64,
}

/// What other slices may know of a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientBrief {
    /// The chart.
    pub patient_id: PatientId,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// The chart's number.
    pub mrn: String,
}

impl PatientBrief {
    /// Given and family name.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }
}

impl Patient {
    /// What e-mail addresses are compared by; an address is one mailbox in any case.
    pub fn email_key(&self) -> Option<String> {
        self.email.as_deref().map(str::to_lowercase)
    }

    /// The phone number's digits.
    pub fn phone_digits(&self) -> Option<String> {
        self.phone.as_deref().map(search::digits)
    }

    /// What a list sorted by name is ordered by.
    pub fn name_key(&self) -> String {
        search::name_key(&self.first_name, &self.last_name)
    }

    /// A new chart.
    pub fn register(new: NewPatient, mrn: String, created_by: Option<UserId>, now: UtcTime) -> Self {
        Self {
            patient_id: PatientId(0),
            mrn: tidy_option(new.mrn).unwrap_or(mrn),
            first_name: tidy(&new.first_name),
            last_name: tidy(&new.last_name),
            dob: new.dob,
            sex: new.sex,
            email: tidy_option(new.email),
            phone: tidy_option(new.phone),
            address: tidy_option(new.address),
            emergency_contact_name: tidy_option(new.emergency_contact_name),
            emergency_contact_phone: tidy_option(new.emergency_contact_phone),
            external_reference: tidy_option(new.external_reference),
            preferred_language: tidy_option(new.preferred_language),
            created_at: now,
            updated_at: now,
            created_by,
            version: 1,
        }
    }

    /// The chart after a partial update; a required field that the body clears is an error that names it.
    pub fn updated(self, update: PatientUpdate, now: UtcTime) -> Result<Self, AppError> {
        Ok(Self {
            first_name: tidy(&required("first_name", update.first_name, self.first_name)?),
            last_name: tidy(&required("last_name", update.last_name, self.last_name)?),
            dob: required("dob", update.dob, self.dob)?,
            sex: required("sex", update.sex, self.sex)?,
            mrn: tidy(&required("mrn", update.mrn, self.mrn)?),
            email: tidy_option(update.email.apply(self.email)),
            phone: tidy_option(update.phone.apply(self.phone)),
            address: tidy_option(update.address.apply(self.address)),
            emergency_contact_name: tidy_option(update.emergency_contact_name.apply(self.emergency_contact_name)),
            emergency_contact_phone: tidy_option(update.emergency_contact_phone.apply(self.emergency_contact_phone)),
            external_reference: tidy_option(update.external_reference.apply(self.external_reference)),
            preferred_language: tidy_option(update.preferred_language.apply(self.preferred_language)),
            updated_at: now,
            version: self.version + 1,
            ..self
        })
    }

    /// Whether the chart may be stored with these identifiers (API.md, rule 1). `today` is the date in the clinic.
    pub fn check(&self, identifiers: &Identifiers, today: civil::Date) -> Result<(), AppError> {
        let mut refused = Vec::new();
        rules::name(&mut refused, "first_name", &self.first_name);
        rules::name(&mut refused, "last_name", &self.last_name);
        rules::required_text(&mut refused, "mrn", &self.mrn, 40);
        check_dob(&mut refused, self.dob.0, today);
        rules::email(&mut refused, "email", self.email.as_deref());
        rules::phone(&mut refused, "phone", self.phone.as_deref());
        rules::text(&mut refused, "address", self.address.as_deref(), 500);
        rules::text(&mut refused, "emergency_contact_name", self.emergency_contact_name.as_deref(), 200);
        rules::phone(&mut refused, "emergency_contact_phone", self.emergency_contact_phone.as_deref());
        rules::text(&mut refused, "external_reference", self.external_reference.as_deref(), 100);
        rules::language(&mut refused, "preferred_language", self.preferred_language.as_deref());
        identifiers.check(&mut refused);
        rules::verdict(refused)
    }

    /// A chart for tests and examples.
    #[cfg(test)]
    pub fn example() -> Self {
        let new = NewPatient {
            first_name: "John".into(),
            last_name: "Doe".into(),
            dob: "1990-05-10".parse().expect("a date"),
            sex: Sex::Male,
            ..NewPatient::default()
        };
        Self::register(new, "ABC01-P1".into(), None, UtcTime::from_micros(0))
    }
}

fn check_dob(refused: &mut Vec<FieldError>, dob: civil::Date, today: civil::Date) {
    if dob > today {
        rules::refuse(refused, "dob", "Date of birth can't be in the future");
    }
    if dob.year() < EARLIEST_BIRTH_YEAR {
        rules::refuse(refused, "dob", "Date of birth can't be before 1850");
    }
}

fn required<T>(field: &str, patch: Patch<T>, before: T) -> Result<T, AppError> {
    match patch {
        Patch::Keep => Ok(before),
        Patch::Set(value) => Ok(value),
        Patch::Clear => Err(AppError::missing(field)),
    }
}

/// Without blanks around it and without double ones inside.
fn tidy(text: &str) -> String {
    text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// The same; a text of blanks is none at all.
pub(super) fn tidy_option(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: civil::Date = civil::date(2026, 4, 14);

    fn refused(change: impl FnOnce(&mut Patient)) -> Vec<String> {
        let mut chart = Patient::example();
        change(&mut chart);
        match chart.check(&Identifiers::default(), TODAY) {
            Err(AppError::Invalid(errors)) => errors.into_iter().map(|error| error.field).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn a_plain_chart_may_be_stored() {
        assert_eq!(refused(|_| {}), [""; 0]);
    }

    #[test]
    fn births_lie_between_1850_and_today() {
        assert_eq!(refused(|chart| chart.dob = Day(TODAY)), [""; 0]);
        assert_eq!(refused(|chart| chart.dob = Day(civil::date(1850, 1, 1))), [""; 0]);
        assert_eq!(refused(|chart| chart.dob = Day(civil::date(2026, 4, 15))), ["dob"]);
        assert_eq!(refused(|chart| chart.dob = Day(civil::date(1849, 12, 31))), ["dob"]);
    }

    #[test]
    fn every_wrong_field_is_named() {
        let fields = refused(|chart| {
            chart.first_name = " ".into();
            chart.email = Some("nobody".into());
            chart.phone = Some("call me".into());
        });
        assert_eq!(fields, ["first_name", "email", "phone"]);
    }

    #[test]
    fn an_update_changes_what_it_names() {
        let update = PatientUpdate { phone: Patch::Set(" 7879998888 ".into()), address: Patch::Clear, ..PatientUpdate::default() };
        let before = Patient { address: Some("123 Main St".into()), ..Patient::example() };
        let after = before.clone().updated(update, UtcTime::from_micros(1)).expect("an update");
        assert_eq!((after.phone.as_deref(), after.address), (Some("7879998888"), None));
        assert_eq!((after.first_name, after.version), (before.first_name, 2));
    }

    #[test]
    fn a_required_field_cannot_be_cleared() {
        let update = PatientUpdate { last_name: Patch::Clear, ..PatientUpdate::default() };
        let error = Patient::example().updated(update, UtcTime::from_micros(1)).expect_err("an error");
        assert_eq!(error.to_string(), "Missing required field: last_name");
    }
}
