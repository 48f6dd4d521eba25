//! What goes over the wire about providers, and the handlers.

mod hours;
mod slots;

use axum::http::HeaderMap;
use clinichub_api::{
    Access, Body, Created, Id, List, PagingQuery, Params, Public, Read, Result, SortField, Versioned, Written, list_body, not_null, rules,
    written_body,
};
use clinichub_core::{AppError, Grant, Order, Patch, Role, UserId};
use garde::Validate;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

pub use hours::*;
pub use slots::*;

use crate::doctors::model::{Doctor, Profile};
use crate::doctors::service::{self, DoctorChanges, NewDoctor};
use crate::doctors::store::Filter;
use crate::{App, staff};

/// A provider to be made: somebody new, or with `user_id` a member of the staff.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({
    "first_name": "Grace", "last_name": "Hopper", "email": "grace@clinichub.com", "specialization": "Cardiology",
    "registration_number": "MD-12345", "is_public": true
}))]
pub struct CreateDoctor {
    /// A member of the staff who becomes a provider too; then nothing but the profile is read.
    pub user_id: Option<UserId>,
    /// Given name.
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\n\r\t]*\S[^\n\r\t]*$")]
    pub first_name: Option<String>,
    /// Family name.
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\n\r\t]*\S[^\n\r\t]*$")]
    pub last_name: Option<String>,
    /// E-mail address.
    #[schema(format = Email, max_length = 254)]
    pub email: Option<String>,
    /// User name.
    #[schema(max_length = 100, pattern = r"^ *[^@\s\u0000-\u001f\u007f-\u009f]* *$")]
    pub username: Option<String>,
    /// Telephone number.
    #[schema(max_length = 32, pattern = r"^[ +().\-/]*([0-9][ +().\-/]*){3,15}$")]
    pub phone: Option<String>,
    /// What they sign in with first; without it they get an invitation by mail.
    #[schema(format = Password, min_length = 8, max_length = 72)]
    pub password: Option<String>,
    /// Specialty.
    #[schema(max_length = 100)]
    pub specialization: Option<String>,
    /// Number in the register.
    #[schema(max_length = 32)]
    pub registration_number: Option<String>,
    /// What they say about themselves.
    #[schema(max_length = 5000)]
    pub bio: Option<String>,
    /// Whether anyone may find them; yes.
    pub is_public: Option<bool>,
}

impl CreateDoctor {
    fn check(&self) -> clinichub_core::Result<()> {
        let mut refused = Vec::new();
        if let Some(first_name) = &self.first_name {
            rules::name(&mut refused, "first_name", first_name);
        }
        if let Some(last_name) = &self.last_name {
            rules::name(&mut refused, "last_name", last_name);
        }
        rules::email(&mut refused, "email", self.email.as_deref());
        rules::phone(&mut refused, "phone", self.phone.as_deref());
        rules::text(&mut refused, "specialization", self.specialization.as_deref(), 100);
        rules::text(&mut refused, "registration_number", self.registration_number.as_deref(), 32);
        rules::text(&mut refused, "bio", self.bio.as_deref(), 5000);
        staff::check_username(&mut refused, self.username.as_deref());
        rules::verdict(refused)
    }
}

/// What is to change; what is absent stays, `null` clears.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[garde(allow_unvalidated)]
#[schema(example = json!({"specialization": "Cardiology", "is_public": false}))]
pub struct UpdateDoctor {
    /// Specialty.
    #[schema(value_type = Option<String>, max_length = 100)]
    pub specialization: Patch<String>,
    /// Number in the register.
    #[schema(value_type = Option<String>, max_length = 32)]
    pub registration_number: Patch<String>,
    /// What they say about themselves.
    #[schema(value_type = Option<String>, max_length = 5000)]
    pub bio: Patch<String>,
    /// Whether anyone may find them.
    #[schema(nullable = false)]
    #[serde(deserialize_with = "not_null")]
    pub is_public: Option<bool>,
    /// Whether they can be booked; for those who manage the staff.
    #[schema(nullable = false)]
    #[serde(deserialize_with = "not_null")]
    pub is_active: Option<bool>,
}

impl UpdateDoctor {
    fn check(&self) -> clinichub_core::Result<()> {
        let mut refused = Vec::new();
        rules::text(&mut refused, "specialization", self.specialization.as_set().map(String::as_str), 100);
        rules::text(&mut refused, "registration_number", self.registration_number.as_set().map(String::as_str), 32);
        rules::text(&mut refused, "bio", self.bio.as_set().map(String::as_str), 5000);
        rules::verdict(refused)
    }
}

impl From<UpdateDoctor> for DoctorChanges {
    fn from(body: UpdateDoctor) -> Self {
        Self {
            specialization: body.specialization,
            registration_number: body.registration_number,
            bio: body.bio,
            is_public: body.is_public,
            is_active: body.is_active,
        }
    }
}

impl CreateDoctor {
    /// The new provider, and the password of somebody new.
    fn into_new(self) -> clinichub_core::Result<(NewDoctor, Option<String>)> {
        let profile = Profile {
            specialization: self.specialization,
            registration_number: self.registration_number,
            bio: self.bio,
            is_public: self.is_public,
        };
        if let Some(user) = self.user_id {
            return Ok((NewDoctor::Existing(user, profile), None));
        }
        let user = staff::NewUser {
            first_name: self.first_name.ok_or_else(|| AppError::missing("first_name"))?,
            last_name: self.last_name.ok_or_else(|| AppError::missing("last_name"))?,
            email: self.email,
            username: self.username,
            phone: self.phone,
            password_hash: None,
            is_platform_admin: false,
        };
        Ok((NewDoctor::Member(Box::new(staff::NewMember { user, role: Role::Doctor, profile })), self.password))
    }
}

/// What a list of providers can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum DoctorSort {
    LastName,
    Specialization,
}

impl SortField for DoctorSort {
    const ALL: &'static [(&'static str, Self)] = &[("last_name", Self::LastName), ("specialization", Self::Specialization)];
}

/// Which providers a list shows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DoctorFilter {
    /// Only those whose specialty contains this.
    #[param(max_length = 100, example = "cardiology")]
    pub specialty: Option<String>,
    /// Only those with a free slot within a week, each with `next_available`; `false`: only the active ones without.
    pub available: Option<bool>,
    /// Only those in this city, state or country.
    #[param(max_length = 100, example = "Boston")]
    pub location: Option<String>,
    /// Only those of the clinic with this code.
    #[param(max_length = 32, example = "ABC01")]
    pub clinic: Option<String>,
}

impl DoctorFilter {
    fn check(&self) -> clinichub_core::Result<()> {
        let mut refused = Vec::new();
        rules::text(&mut refused, "specialty", self.specialty.as_deref(), 100);
        rules::text(&mut refused, "location", self.location.as_deref(), 100);
        rules::text(&mut refused, "clinic", self.clinic.as_deref(), 32);
        rules::verdict(refused)
    }
}

/// Where to look for a provider.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DoctorWhere {
    /// The code of the clinic, for a provider who works in several.
    #[param(max_length = 32, example = "ABC01")]
    pub clinic: Option<String>,
}

impl DoctorWhere {
    fn check(&self) -> clinichub_core::Result<()> {
        let mut refused = Vec::new();
        rules::text(&mut refused, "clinic", self.clinic.as_deref(), 32);
        rules::verdict(refused)
    }
}

list_body!(
    /// A page of providers. Without a token, and to patients, only what anyone may know.
    Doctors, doctors: Doctor
);
written_body!(
    /// A provider was made or changed.
    DoctorWritten, doctor: Doctor
);

impl Versioned for Doctor {
    fn version(&self) -> Option<i64> {
        self.version
    }
}

impl Versioned for DoctorDeleted {}

/// List doctors. Without a token, and to patients: the public ones of all clinics. To staff: the own clinic's, with contact data.
#[utoipa::path(
    get, path = "/api/doctors", params(PagingQuery, ("sort" = inline(Option<DoctorSort>), Query, description = "The field the list is ordered by"), DoctorFilter),
    responses(
        (status = 200, description = "A page of doctors", body = Doctors),
        (status = 401, description = "A token was sent, and it does not hold"),
    )
)]
pub async fn list_doctors(public: Public<App>, headers: HeaderMap, query: List<DoctorFilter>) -> Result<Read<Doctors>> {
    query.filter.check()?;
    let page = query.paging.request(DoctorSort::LastName, Order::Asc)?;
    let DoctorFilter { specialty, available, location, clinic } = query.filter;
    let filter = Filter { specialty, location, clinic, search: query.paging.search, ..Filter::default() };
    let list = async |app: &App, grant: &Grant| match available {
        Some(wanted) => crate::doctors::slots::list_available(app, grant, filter, wanted, page).await,
        None => service::list(app, grant, filter, page).await,
    };
    Ok(Read(as_far_as_signed_in(&public, &headers, list).await?.into()))
}

/// Get a doctor, as far as one may see them in the list.
#[utoipa::path(
    get, path = "/api/doctors/{doctor_id}", params(("doctor_id" = UserId, Path), DoctorWhere),
    responses(
        (status = 200, description = "The doctor", body = Doctor),
        (status = 401, description = "A token was sent, and it does not hold"),
    )
)]
pub async fn get_doctor(
    public: Public<App>,
    headers: HeaderMap,
    Id(doctor): Id<UserId>,
    Params(at): Params<DoctorWhere>,
) -> Result<Read<Doctor>> {
    at.check()?;
    let get = async |app: &App, grant: &Grant| service::get(app, grant, doctor, at.clinic).await;
    Ok(Read(as_far_as_signed_in(&public, &headers, get).await?))
}

/// Runs `work` with the grant of the token, where there is one, and leaves its mark in the audit trail as the guard would.
async fn as_far_as_signed_in<T>(
    public: &Public<App>,
    headers: &HeaderMap,
    work: impl AsyncFnOnce(&App, &Grant) -> clinichub_core::Result<T>,
) -> Result<T> {
    let Some(access) = public.signed_in(headers).await? else {
        public.app.sign_in_limits.mark_look(&public.grant).await?;
        return Ok(work(&public.app, &public.grant).await?);
    };
    let result = work(&access.app, &access.grant).await;
    access.record(&result).await?;
    Ok(result?)
}

/// Make a doctor: somebody new, or with `user_id` a member of the staff.
#[utoipa::path(post, path = "/api/doctors", request_body = CreateDoctor, responses((status = 201, description = "Made", body = DoctorWritten)))]
pub async fn create_doctor(access: Access<App>, Body(body): Body<CreateDoctor>) -> Result<Created<DoctorWritten>> {
    body.check()?;
    let (new, password) = body.into_new()?;
    let doctor = service::create(&access.app, &access.grant, new, password.as_deref()).await?;
    Ok(Created(DoctorWritten::new("Doctor created successfully", doctor)))
}

/// Change one's own profile, or with `staff_manage` that of a doctor who works in this clinic only.
#[utoipa::path(
    method(put, patch), path = "/api/doctors/{doctor_id}", params(("doctor_id" = UserId, Path)), request_body = UpdateDoctor,
    responses((status = 200, description = "The doctor as it is now", body = DoctorWritten))
)]
pub async fn update_doctor(access: Access<App>, Id(doctor): Id<UserId>, Body(body): Body<UpdateDoctor>) -> Result<Written<DoctorWritten>> {
    body.check()?;
    let doctor = service::update(&access.app, &access.grant, doctor, body.into()).await?;
    Ok(Written(DoctorWritten::new("Doctor updated successfully", doctor)))
}

/// Take a doctor out of booking. Who works in another clinic too only leaves this one; nothing is erased.
#[utoipa::path(
    delete, path = "/api/doctors/{doctor_id}", params(("doctor_id" = UserId, Path)), responses((status = 200, description = "Taken out of booking", body = DoctorDeleted))
)]
pub async fn delete_doctor(access: Access<App>, Id(doctor): Id<UserId>) -> Result<Written<DoctorDeleted>> {
    let doctor = service::delete(&access.app, &access.grant, doctor).await?;
    Ok(Written(DoctorDeleted { message: "Doctor deleted successfully", doctor_id: doctor }))
}
