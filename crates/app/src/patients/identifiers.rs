//! What a person is known by elsewhere: sealed in the database, found again by marks alone.

use clinichub_api::rules;
use clinichub_core::{FieldError, PatientId, Permission, Result};
use clinichub_db::TenantTx;
use serde::Serialize;
use utoipa::ToSchema;

use super::api::{NewPatient, PatientUpdate};
use super::model::{Patient, tidy_option};
use super::store;
use crate::sealing::{ClinicKey, Field, FieldKeys};

/// Characters of a national id.
const MOST_NATIONAL_ID: usize = 40;
/// Characters of an insurance number.
const MOST_INSURANCE_NUMBER: usize = 60;
/// Letters and digits without which it identifies nobody.
const LEAST: usize = 4;

/// What a person is known by elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Identifiers {
    /// The number that the state knows the person by.
    #[schema(example = "001-1234567-8")]
    pub national_id: Option<String>,
    /// The number that the insurer knows the person by.
    #[schema(example = "MED 4455-66")]
    pub insurance_number: Option<String>,
}

/// A chart as whoever may change it sees it. Lists show no identifiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FullPatient {
    #[serde(flatten)]
    pub patient: Patient,
    /// Left out for who may not change the chart.
    #[serde(flatten)]
    pub identifiers: Option<Identifiers>,
}

/// The identifiers of a chart as the database has them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sealed {
    /// `patients.national_id_sealed`
    pub national_id: Option<String>,
    /// `patients.insurance_number_sealed`
    pub insurance_number: Option<String>,
}

/// What the identifiers of a chart are found by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// `patients.national_id_mark`
    pub national_id: Option<String>,
    /// `patients.insurance_number_mark`
    pub insurance_number: Option<String>,
}

impl Identifiers {
    /// Those of a new patient.
    pub fn of(new: &NewPatient) -> Self {
        Self { national_id: tidy_option(new.national_id.clone()), insurance_number: tidy_option(new.insurance_number.clone()) }
    }

    /// Those after a partial update.
    #[must_use]
    pub fn updated(self, update: &PatientUpdate) -> Self {
        Self {
            national_id: tidy_option(update.national_id.clone().apply(self.national_id)),
            insurance_number: tidy_option(update.insurance_number.clone().apply(self.insurance_number)),
        }
    }

    /// Notes what may not be stored.
    pub fn check(&self, refused: &mut Vec<FieldError>) {
        let fields =
            [("national_id", &self.national_id, MOST_NATIONAL_ID), ("insurance_number", &self.insurance_number, MOST_INSURANCE_NUMBER)];
        for (field, value, most) in fields {
            rules::text(refused, field, value.as_deref(), most);
            if value.as_ref().is_some_and(|value| key(value).is_none() || !value.chars().all(is_allowed)) {
                rules::refuse(
                    refused,
                    field,
                    format!("{field}: expected letters and digits, at least {LEAST}, with spaces and . / - between"),
                );
            }
        }
    }
}

impl FullPatient {
    /// The chart, with its identifiers if this transaction's grant may see them.
    pub fn seen_by(grant: &clinichub_core::Grant, patient: Patient, identifiers: Identifiers) -> Self {
        Self { patient, identifiers: grant.may(Permission::PatientUpdate).then_some(identifiers) }
    }
}

fn is_allowed(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || " ./-".contains(letter)
}

/// What an identifier is compared by: its letters and digits; nothing where they are too few.
fn key(text: &str) -> Option<String> {
    let key: String = text.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect();
    (key.len() >= LEAST).then_some(key)
}

/// Seals and stores the identifiers of charts, in place of those that they had.
pub async fn store_in(tx: &mut TenantTx, fields: &FieldKeys, charts: &[(PatientId, Identifiers)]) -> Result<()> {
    if charts.is_empty() {
        return Ok(());
    }
    let clinic = fields.get_or_make(tx).await?;
    for (patient, identifiers) in charts {
        let seal = |field, text: &Option<String>| text.as_deref().map(|text| clinic.seal(field, patient.0, text)).transpose();
        let sealed = Sealed {
            national_id: seal(Field::NationalId, &identifiers.national_id)?,
            insurance_number: seal(Field::InsuranceNumber, &identifiers.insurance_number)?,
        };
        store::set_identifiers(tx, *patient, &sealed, &marks_of(&clinic, identifiers)).await?;
    }
    Ok(())
}

/// Opens the identifiers of a chart.
pub async fn open(tx: &mut TenantTx, fields: &FieldKeys, patient: PatientId, sealed: Sealed) -> Result<Identifiers> {
    if sealed == Sealed::default() {
        return Ok(Identifiers::default());
    }
    let clinic = fields.get(tx).await?;
    let open = |field, sealed: Option<String>| sealed.map(|sealed| clinic.open(field, patient.0, &sealed)).transpose();
    Ok(Identifiers {
        national_id: open(Field::NationalId, sealed.national_id)?,
        insurance_number: open(Field::InsuranceNumber, sealed.insurance_number)?,
    })
}

/// What charts with these identifiers are found by; nothing where the clinic has none.
pub async fn marks_in(tx: &mut TenantTx, fields: &FieldKeys, identifiers: &Identifiers) -> Result<Marks> {
    let is_one = |text: &Option<String>| text.as_deref().and_then(key).is_some();
    if !is_one(&identifiers.national_id) && !is_one(&identifiers.insurance_number) {
        return Ok(Marks::default());
    }
    Ok(fields.find(tx).await?.map(|clinic| marks_of(&clinic, identifiers)).unwrap_or_default())
}

fn marks_of(clinic: &ClinicKey, identifiers: &Identifiers) -> Marks {
    let mark = |field, text: &Option<String>| text.as_deref().and_then(key).map(|key| clinic.mark(field, &key));
    Marks {
        national_id: mark(Field::NationalId, &identifiers.national_id),
        insurance_number: mark(Field::InsuranceNumber, &identifiers.insurance_number),
    }
}

/// The marks of what a search may mean as an identifier, if a chart has it.
pub async fn marks_searched(tx: &mut TenantTx, fields: &FieldKeys, query: &str) -> Result<Option<Marks>> {
    // Names have no digits; most searches end here.
    if !query.chars().any(|letter| letter.is_ascii_digit()) || !query.chars().all(is_allowed) {
        return Ok(None);
    }
    let meant = Identifiers { national_id: Some(query.to_owned()), insurance_number: Some(query.to_owned()) };
    let marks = marks_in(tx, fields, &meant).await?;
    if marks == Marks::default() || !store::has_marks(tx, &marks).await? {
        return Ok(None);
    }
    Ok(Some(marks))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(national_id: &str) -> usize {
        let mut refused = Vec::new();
        Identifiers { national_id: Some(national_id.to_owned()), insurance_number: None }.check(&mut refused);
        refused.len()
    }

    #[test]
    fn an_identifier_has_letters_and_digits() {
        for good in ["001-1234567-8", "X1234567L", "12.345.678", "AB 12/34"] {
            assert_eq!(refused(good), 0, "{good}");
        }
        for bad in ["---", "12", "1234\u{202e}", "número 12", &"1".repeat(41)] {
            assert_eq!(refused(bad), 1, "{bad}");
        }
    }

    #[test]
    fn it_is_compared_without_what_stands_between() {
        assert_eq!(key(" 001-1234567-8 "), key("00112345678"));
        assert_eq!(key("x-1234567-l"), key("X1234567L"));
        assert_ne!(key("00112345678"), key("00112345679"));
        assert_eq!(key("1-2"), None);
    }
}
