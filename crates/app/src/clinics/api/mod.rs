//! What goes over the wire about clinics, and the handlers.

mod overview;
mod permissions;
mod usage;

use clinichub_api::{
    Access, Body, Created, Id, List, PagingQuery, Public, Read, Result, SortField, Versioned, Written, list_body, not_null, rules,
    written_body,
};
use clinichub_core::{ClinicId, Currency, Order, Patch};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

pub use overview::*;
pub use permissions::*;
pub use usage::*;

use crate::App;
use crate::clinics::model::{Clinic, ClinicChanges, ClinicStatus, NewClinic};
use crate::clinics::service;
use crate::clinics::store::Filter;

/// A clinic to be made.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({
    "code": "ABC01", "name": "Harbor Family Practice", "time_zone": "America/New_York", "currency": "USD", "city": "Boston",
    "state": "MA", "country": "US"
}))]
pub struct CreateClinic {
    /// Two to six capital letters and two to four digits; can't be changed.
    #[schema(pattern = "^[A-Z]{2,6}[0-9]{2,4}$")]
    pub code: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 100, pattern = r"\S")]
    pub name: String,
    /// IANA time zone.
    #[schema(max_length = 64)]
    pub time_zone: String,
    /// What its prices are in.
    pub currency: Currency,
    /// Telephone number.
    #[schema(max_length = 32, pattern = r"^[ +().\-/]*([0-9][ +().\-/]*){3,15}$")]
    pub phone: Option<String>,
    /// E-mail address.
    #[schema(format = Email, max_length = 254)]
    pub email: Option<String>,
    /// Street and number.
    #[schema(max_length = 500)]
    pub address: Option<String>,
    /// City.
    #[schema(max_length = 100)]
    pub city: Option<String>,
    /// State or province.
    #[schema(max_length = 100)]
    pub state: Option<String>,
    /// Country.
    #[schema(max_length = 100)]
    pub country: Option<String>,
    /// How long an appointment usually is; 30.
    #[schema(minimum = 5, maximum = 480)]
    pub slot_minutes: Option<i64>,
    /// Whether patients may register themselves; yes.
    pub self_registration: Option<bool>,
}

impl CreateClinic {
    /// Refuses what is wrong whatever is stored.
    pub fn check(&self) -> clinichub_core::Result<()> {
        let mut refused = Vec::new();
        rules::required_text(&mut refused, "name", &self.name, 100);
        rules::text(&mut refused, "time_zone", Some(&self.time_zone), 64);
        rules::phone(&mut refused, "phone", self.phone.as_deref());
        rules::email(&mut refused, "email", self.email.as_deref());
        rules::text(&mut refused, "address", self.address.as_deref(), 500);
        rules::text(&mut refused, "city", self.city.as_deref(), 100);
        rules::text(&mut refused, "state", self.state.as_deref(), 100);
        rules::text(&mut refused, "country", self.country.as_deref(), 100);
        if self.slot_minutes.is_some_and(|value| !(5..=480).contains(&value)) {
            rules::refuse(&mut refused, "slot_minutes", "slot_minutes: expected a number from 5 to 480");
        }
        rules::verdict(refused)
    }
}

impl From<CreateClinic> for NewClinic {
    fn from(body: CreateClinic) -> Self {
        Self {
            code: body.code,
            name: body.name,
            time_zone: body.time_zone,
            currency: body.currency,
            phone: body.phone,
            email: body.email,
            address: body.address,
            city: body.city,
            state: body.state,
            country: body.country,
            slot_minutes: body.slot_minutes.unwrap_or(30),
            self_registration: body.self_registration.unwrap_or(true),
        }
    }
}

/// What is to change; what is absent stays, `null` clears.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[garde(allow_unvalidated)]
#[schema(example = json!({"phone": "+1 617 555 0100", "slot_minutes": 20}))]
pub struct UpdateClinic {
    /// Its name.
    #[schema(nullable = false, min_length = 1, max_length = 100, pattern = r"\S")]
    #[serde(deserialize_with = "not_null")]
    pub name: Option<String>,
    /// IANA time zone.
    #[schema(nullable = false, max_length = 64)]
    #[serde(deserialize_with = "not_null")]
    pub time_zone: Option<String>,
    /// What its prices are in from now on.
    #[schema(nullable = false)]
    #[serde(deserialize_with = "not_null")]
    pub currency: Option<Currency>,
    /// Telephone number.
    #[schema(value_type = Option<String>, max_length = 32, pattern = r"^[ +().\-/]*([0-9][ +().\-/]*){3,15}$")]
    pub phone: Patch<String>,
    /// E-mail address.
    #[schema(value_type = Option<String>, format = Email, max_length = 254)]
    pub email: Patch<String>,
    /// Street and number.
    #[schema(value_type = Option<String>, max_length = 500)]
    pub address: Patch<String>,
    /// City.
    #[schema(value_type = Option<String>, max_length = 100)]
    pub city: Patch<String>,
    /// State or province.
    #[schema(value_type = Option<String>, max_length = 100)]
    pub state: Patch<String>,
    /// Country.
    #[schema(value_type = Option<String>, max_length = 100)]
    pub country: Patch<String>,
    /// How long an appointment usually is.
    #[schema(nullable = false, minimum = 5, maximum = 480)]
    #[serde(deserialize_with = "not_null")]
    pub slot_minutes: Option<i64>,
    /// Whether patients may register themselves.
    #[schema(nullable = false)]
    #[serde(deserialize_with = "not_null")]
    pub self_registration: Option<bool>,
}

impl UpdateClinic {
    fn check(&self) -> clinichub_core::Result<()> {
        let mut refused = Vec::new();
        if let Some(name) = &self.name {
            rules::required_text(&mut refused, "name", name, 100);
        }
        rules::text(&mut refused, "time_zone", self.time_zone.as_deref(), 64);
        rules::phone(&mut refused, "phone", self.phone.as_set().map(String::as_str));
        rules::email(&mut refused, "email", self.email.as_set().map(String::as_str));
        rules::text(&mut refused, "address", self.address.as_set().map(String::as_str), 500);
        rules::text(&mut refused, "city", self.city.as_set().map(String::as_str), 100);
        rules::text(&mut refused, "state", self.state.as_set().map(String::as_str), 100);
        rules::text(&mut refused, "country", self.country.as_set().map(String::as_str), 100);
        if self.slot_minutes.is_some_and(|value| !(5..=480).contains(&value)) {
            rules::refuse(&mut refused, "slot_minutes", "slot_minutes: expected a number from 5 to 480");
        }
        rules::verdict(refused)
    }
}

impl From<UpdateClinic> for ClinicChanges {
    fn from(body: UpdateClinic) -> Self {
        Self {
            name: body.name,
            time_zone: body.time_zone,
            currency: body.currency,
            phone: body.phone,
            email: body.email,
            address: body.address,
            city: body.city,
            state: body.state,
            country: body.country,
            slot_minutes: body.slot_minutes,
            self_registration: body.self_registration,
        }
    }
}

/// Whether a clinic shall work.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({"status": "suspended"}))]
pub struct SetClinicStatus {
    /// Its state.
    pub status: ClinicStatus,
}

/// What anyone may know of a clinic.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicClinic {
    /// Its short name.
    #[schema(example = "ABC01")]
    pub code: String,
    /// Its name.
    #[schema(example = "Harbor Family Practice")]
    pub name: String,
    /// City.
    pub city: Option<String>,
    /// State or province.
    pub state: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// IANA time zone.
    #[schema(example = "America/New_York")]
    pub time_zone: String,
    /// Whether patients may register themselves.
    pub self_registration: bool,
}

impl From<Clinic> for PublicClinic {
    fn from(clinic: Clinic) -> Self {
        Self {
            code: clinic.code,
            name: clinic.name,
            city: clinic.city,
            state: clinic.state,
            country: clinic.country,
            time_zone: clinic.time_zone,
            self_registration: clinic.self_registration,
        }
    }
}

/// What a list of clinics can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum ClinicSort {
    Code,
    Name,
    CreatedAt,
}

impl SortField for ClinicSort {
    const ALL: &'static [(&'static str, Self)] = &[("code", Self::Code), ("name", Self::Name), ("created_at", Self::CreatedAt)];
}

/// Which clinics a list shows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ClinicFilter {
    /// Only those in this state.
    pub status: Option<ClinicStatus>,
}

/// The list has no filters of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoFilter {}

list_body!(
    /// A page of clinics.
    Clinics, clinics: Clinic
);
list_body!(
    /// A page of the clinics that anyone may know of.
    PublicClinics, clinics: PublicClinic
);
written_body!(
    /// A clinic was made or changed.
    ClinicWritten, clinic: Clinic
);

impl Versioned for Clinic {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// List the clinics one belongs to; the operator of the installation sees all.
#[utoipa::path(get, path = "/api/clinics", params(PagingQuery, ("sort" = inline(Option<ClinicSort>), Query, description = "The field the list is ordered by"), ClinicFilter), responses((status = 200, description = "One's clinics, or for the operator all", body = Clinics)))]
pub async fn list_clinics(access: Access<App>, query: List<ClinicFilter>) -> Result<Read<Clinics>> {
    let page = query.paging.request(ClinicSort::Code, Order::Asc)?;
    let filter = Filter { of: None, status: query.filter.status, search: query.paging.search };
    Ok(Read(service::list(&access.app, &access.grant, filter, page).await?.into()))
}

/// List the clinics that work.
#[utoipa::path(get, path = "/api/public/clinics", params(PagingQuery, ("sort" = inline(Option<ClinicSort>), Query, description = "The field the list is ordered by")), responses((status = 200, description = "The clinics that work", body = PublicClinics)))]
pub async fn list_public_clinics(public: Public<App>, query: List<NoFilter>) -> Result<Read<PublicClinics>> {
    public.app.sign_in_limits.mark_look(&public.grant).await?;
    let page = query.paging.request(ClinicSort::Code, Order::Asc)?;
    Ok(Read(service::list_public(&public.app, &public.grant, query.paging.search, page).await?.into()))
}

/// Make a clinic.
#[utoipa::path(post, path = "/api/clinics", request_body = CreateClinic, responses((status = 201, description = "Made", body = ClinicWritten)))]
pub async fn create_clinic(access: Access<App>, Body(body): Body<CreateClinic>) -> Result<Created<ClinicWritten>> {
    body.check()?;
    let clinic = service::create(&access.app, &access.grant, body.into()).await?;
    Ok(Created(ClinicWritten::new("Clinic created successfully", clinic)))
}

/// Get a clinic one belongs to; the operator of the installation gets any.
#[utoipa::path(get, path = "/api/clinics/{clinic_id}", params(("clinic_id" = ClinicId, Path)), responses((status = 200, description = "The clinic", body = Clinic)))]
pub async fn get_clinic(access: Access<App>, Id(clinic): Id<ClinicId>) -> Result<Read<Clinic>> {
    Ok(Read(service::get(&access.app, &access.grant, clinic).await?))
}

/// Change a clinic: its admin the own one, the operator of the installation any.
#[utoipa::path(
    method(put, patch), path = "/api/clinics/{clinic_id}", params(("clinic_id" = ClinicId, Path)), request_body = UpdateClinic,
    responses((status = 200, description = "The clinic as it is now", body = ClinicWritten))
)]
pub async fn update_clinic(
    access: Access<App>,
    Id(clinic): Id<ClinicId>,
    Body(body): Body<UpdateClinic>,
) -> Result<Written<ClinicWritten>> {
    body.check()?;
    let clinic = service::update(&access.app, &access.grant, clinic, body.into()).await?;
    Ok(Written(ClinicWritten::new("Clinic updated successfully", clinic)))
}

/// Open, close or suspend a clinic. Nobody is signed in to one that isn't active; its data stays.
#[utoipa::path(
    method(put, patch), path = "/api/clinics/{clinic_id}/status", params(("clinic_id" = ClinicId, Path)), request_body = SetClinicStatus,
    responses((status = 200, description = "The clinic as it is now", body = ClinicWritten))
)]
pub async fn set_clinic_status(
    access: Access<App>,
    Id(clinic): Id<ClinicId>,
    Body(body): Body<SetClinicStatus>,
) -> Result<Written<ClinicWritten>> {
    let clinic = service::set_status(&access.app, &access.grant, clinic, body.status).await?;
    Ok(Written(ClinicWritten::new("Clinic updated successfully", clinic)))
}
