//! What goes over the wire about likely duplicates, and the handler.

use clinichub_api::{Access, Body, Read, Result, Versioned, rules};
use clinichub_core::{Day, PatientId};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{Candidate, DuplicateReason, Newcomer};
use super::service;
use crate::App;
use crate::patients::Sex;
use crate::patients::identifiers::{Identifiers, Marks};

/// What is known so far of the person who is being registered. In the body and not in the address, which ends up in logs.
#[derive(Debug, Clone, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({"first_name": "John", "last_name": "Doe", "dob": "1990-05-10"}))]
pub struct FindDuplicates {
    /// Given name; compared together with the family name.
    #[schema(max_length = 100)]
    pub first_name: Option<String>,
    /// Family name.
    #[schema(max_length = 100)]
    pub last_name: Option<String>,
    /// Date of birth.
    pub dob: Option<Day>,
    /// Telephone number in any format; compared from seven digits on.
    #[schema(max_length = 32)]
    pub phone: Option<String>,
    /// E-mail address.
    #[schema(max_length = 254)]
    pub email: Option<String>,
    /// National id; compared as a whole.
    #[schema(max_length = 40)]
    pub national_id: Option<String>,
    /// Insurance number; compared as a whole.
    #[schema(max_length = 60)]
    pub insurance_number: Option<String>,
}

impl FindDuplicates {
    fn check(self) -> clinichub_core::Result<Newcomer> {
        let mut refused = Vec::new();
        rules::text(&mut refused, "first_name", self.first_name.as_deref(), 100);
        rules::text(&mut refused, "last_name", self.last_name.as_deref(), 100);
        rules::text(&mut refused, "phone", self.phone.as_deref(), 32);
        rules::text(&mut refused, "email", self.email.as_deref(), 254);
        rules::text(&mut refused, "national_id", self.national_id.as_deref(), 40);
        rules::text(&mut refused, "insurance_number", self.insurance_number.as_deref(), 60);
        rules::verdict(refused)?;
        Ok(Newcomer {
            first_name: self.first_name.unwrap_or_default(),
            last_name: self.last_name.unwrap_or_default(),
            dob: self.dob,
            phone: self.phone.unwrap_or_default(),
            email: self.email.unwrap_or_default(),
            identifiers: Identifiers { national_id: self.national_id, insurance_number: self.insurance_number },
            marks: Marks::default(),
        })
    }
}

/// A chart that may be the same person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Duplicate {
    /// The chart.
    pub patient_id: PatientId,
    /// Its number.
    #[schema(example = "ABC01-P17")]
    pub mrn: String,
    /// Given name.
    #[schema(example = "John")]
    pub first_name: String,
    /// Family name.
    #[schema(example = "Doe")]
    pub last_name: String,
    /// Date of birth.
    pub dob: Day,
    /// Administrative sex.
    pub sex: Sex,
    /// Telephone number.
    #[schema(example = "787 123 4567")]
    pub phone: Option<String>,
    /// E-mail address.
    #[schema(example = "john.doe@email.com")]
    pub email: Option<String>,
    /// Why it may be the same person; one reason at least.
    #[schema(min_items = 1)]
    pub reasons: Vec<DuplicateReason>,
}

/// Charts that may be the same person's.
#[derive(Debug, Serialize, ToSchema)]
pub struct Duplicates {
    /// The charts, the likeliest first, ten at most.
    #[schema(max_items = 10)]
    pub duplicates: Vec<Duplicate>,
}

impl Versioned for Duplicates {}

impl From<(Candidate, Vec<DuplicateReason>)> for Duplicate {
    fn from((chart, reasons): (Candidate, Vec<DuplicateReason>)) -> Self {
        let Candidate { patient_id, mrn, first_name, last_name, dob, sex, phone, email, .. } = chart;
        Self { patient_id, mrn, first_name, last_name, dob, sex, phone, email, reasons }
    }
}

/// Finds the charts that may be those of the person who is about to be registered, so that nobody gets a second one. Send what is known so
/// far.
#[utoipa::path(
    post, path = "/api/patients/duplicates", request_body = FindDuplicates,
    responses((status = 200, description = "The charts that look alike; none is fine", body = Duplicates))
)]
pub async fn find_duplicates(access: Access<App>, Body(body): Body<FindDuplicates>) -> Result<Read<Duplicates>> {
    let found = service::find(&access, body.check()?).await?;
    Ok(Read(Duplicates { duplicates: found.into_iter().map(Into::into).collect() }))
}
