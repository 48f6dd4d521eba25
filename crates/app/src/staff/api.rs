//! What goes over the wire about the staff, and the handlers.

use clinichub_api::{
    Access, Body, Created, Done, Id, List, PagingQuery, Read, Result, SortField, Versioned, Written, list_body, not_null, rules,
    written_body,
};
use clinichub_core::{FieldError, Order, Patch, Role, UserId};
use garde::Validate;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::model::{NewUser, StaffChanges, StaffMember};
use super::service::{self, NewMember};
use super::store::Filter;
use crate::App;
use crate::doctors::Profile;

/// Somebody to be added to the clinic's staff. Without a password they get an invitation by mail and choose one. Who has an account already,
/// and has shown that the e-mail address is theirs, is invited to join with their own password, names and profile.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({
    "first_name": "Grace", "last_name": "Hopper", "email": "grace@clinichub.com", "role": "doctor", "specialization": "Cardiology", "registration_number": "MD-12345"
}))]
pub struct CreateUser {
    /// Given name.
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\n\r\t]*\S[^\n\r\t]*$")]
    pub first_name: String,
    /// Family name.
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\n\r\t]*\S[^\n\r\t]*$")]
    pub last_name: String,
    /// E-mail address.
    #[schema(format = Email, max_length = 254)]
    pub email: Option<String>,
    /// User name.
    #[schema(max_length = 100, pattern = r"^ *[^@\s\u0000-\u001f\u007f-\u009f]* *$")]
    pub username: Option<String>,
    /// Telephone number.
    #[schema(max_length = 32, pattern = r"^[ +().\-/]*([0-9][ +().\-/]*){3,15}$")]
    pub phone: Option<String>,
    /// What they sign in with first, instead of an invitation: 8 characters or more, at most 72 bytes, nothing that is guessed first.
    #[schema(format = Password, min_length = 8, max_length = 72)]
    pub password: Option<String>,
    /// `admin`, `doctor`, `nurse`, `technician` or `receptionist`.
    pub role: Role,
    /// A provider's specialty.
    #[schema(max_length = 100)]
    pub specialization: Option<String>,
    /// A provider's number in the register.
    #[schema(max_length = 32)]
    pub registration_number: Option<String>,
}

impl CreateUser {
    fn check(&self) -> clinichub_core::Result<()> {
        let mut refused = Vec::new();
        rules::name(&mut refused, "first_name", &self.first_name);
        rules::name(&mut refused, "last_name", &self.last_name);
        rules::email(&mut refused, "email", self.email.as_deref());
        rules::phone(&mut refused, "phone", self.phone.as_deref());
        rules::text(&mut refused, "specialization", self.specialization.as_deref(), 100);
        rules::text(&mut refused, "registration_number", self.registration_number.as_deref(), 32);
        check_username(&mut refused, self.username.as_deref());
        rules::verdict(refused)
    }
}

/// What is to change; what is absent stays, `null` clears.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[garde(allow_unvalidated)]
#[schema(example = json!({"phone": "+1 787 555 0101"}))]
pub struct UpdateUser {
    /// Given name.
    #[schema(nullable = false, min_length = 1, max_length = 100, pattern = r"^[^\n\r\t]*\S[^\n\r\t]*$")]
    #[serde(deserialize_with = "not_null")]
    pub first_name: Option<String>,
    /// Family name.
    #[schema(nullable = false, min_length = 1, max_length = 100, pattern = r"^[^\n\r\t]*\S[^\n\r\t]*$")]
    #[serde(deserialize_with = "not_null")]
    pub last_name: Option<String>,
    /// E-mail address.
    #[schema(value_type = Option<String>, format = Email, max_length = 254)]
    pub email: Patch<String>,
    /// User name.
    #[schema(value_type = Option<String>, max_length = 100, pattern = r"^ *[^@\s\u0000-\u001f\u007f-\u009f]* *$")]
    pub username: Patch<String>,
    /// Telephone number.
    #[schema(value_type = Option<String>, max_length = 32, pattern = r"^[ +().\-/]*([0-9][ +().\-/]*){3,15}$")]
    pub phone: Patch<String>,
    /// Another role in this clinic.
    #[schema(nullable = false)]
    #[serde(deserialize_with = "not_null")]
    pub role: Option<Role>,
    /// One's own password: needed to change one's own e-mail address, user name or phone number.
    #[schema(format = Password, max_length = 72)]
    pub current_password: Option<String>,
}

impl UpdateUser {
    fn check(&self) -> clinichub_core::Result<()> {
        let mut refused = Vec::new();
        if let Some(first_name) = &self.first_name {
            rules::name(&mut refused, "first_name", first_name);
        }
        if let Some(last_name) = &self.last_name {
            rules::name(&mut refused, "last_name", last_name);
        }
        rules::email(&mut refused, "email", self.email.as_set().map(String::as_str));
        rules::phone(&mut refused, "phone", self.phone.as_set().map(String::as_str));
        check_username(&mut refused, self.username.as_set().map(String::as_str));
        rules::verdict(refused)
    }
}

impl From<UpdateUser> for StaffChanges {
    fn from(body: UpdateUser) -> Self {
        Self {
            first_name: body.first_name,
            last_name: body.last_name,
            email: body.email,
            username: body.username,
            phone: body.phone,
            role: body.role,
            current_password: body.current_password,
        }
    }
}

/// A user name has no `@`, so that it can't pass for somebody's address.
pub fn check_username(refused: &mut Vec<FieldError>, name: Option<&str>) {
    let fine = |name: &str| name.chars().count() <= 100 && !name.trim().contains(|letter: char| letter == '@' || letter.is_whitespace());
    if name.is_some_and(|name| !fine(name)) {
        rules::refuse(refused, "username", "username: expected at most 100 characters, no blank and no @");
    }
}

/// One's own new password.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({"current_password": "correct horse battery", "new_password": "a much longer staple"}))]
pub struct ChangePassword {
    /// The password until now.
    #[schema(format = Password, max_length = 72)]
    pub current_password: String,
    /// The password from now on.
    #[schema(format = Password, min_length = 8, max_length = 72)]
    pub new_password: String,
}

impl CreateUser {
    fn into_member(self) -> (NewMember, Option<String>) {
        let user = NewUser {
            first_name: self.first_name,
            last_name: self.last_name,
            email: self.email,
            username: self.username,
            phone: self.phone,
            password_hash: None,
            is_platform_admin: false,
        };
        let profile = Profile { specialization: self.specialization, registration_number: self.registration_number, ..Profile::default() };
        (NewMember { user, role: self.role, profile }, self.password)
    }
}

/// What a list of the staff can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum StaffSort {
    LastName,
    Role,
    CreatedAt,
}

impl SortField for StaffSort {
    const ALL: &'static [(&'static str, Self)] = &[("last_name", Self::LastName), ("role", Self::Role), ("created_at", Self::CreatedAt)];
}

/// Which members a list shows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StaffFilter {
    /// Only those of this role.
    pub role: Option<Role>,
    /// Only those who may work, or only those who may not.
    pub is_active: Option<bool>,
}

list_body!(
    /// A page of the staff.
    Users, users: StaffMember
);
written_body!(
    /// A member of the staff was added or changed.
    UserWritten, user: StaffMember
);
impl Versioned for StaffMember {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// List the staff of the clinic.
#[utoipa::path(get, path = "/api/users", params(PagingQuery, ("sort" = inline(Option<StaffSort>), Query, description = "The field the list is ordered by"), StaffFilter), responses((status = 200, description = "A page of the staff", body = Users)))]
pub async fn list_users(access: Access<App>, query: List<StaffFilter>) -> Result<Read<Users>> {
    let page = query.paging.request(StaffSort::LastName, Order::Asc)?;
    let filter = Filter { role: query.filter.role, is_active: query.filter.is_active, search: query.paging.search };
    Ok(Read(service::list(&access.app, &access.grant, filter, page).await?.into()))
}

/// Add somebody to the staff of the clinic, by invitation or with a first password.
#[utoipa::path(post, path = "/api/users", request_body = CreateUser, responses((status = 201, description = "Added", body = UserWritten)))]
pub async fn create_user(access: Access<App>, Body(body): Body<CreateUser>) -> Result<Created<UserWritten>> {
    body.check()?;
    let (new, password) = body.into_member();
    let user = service::create(&access.app, &access.grant, new, password.as_deref()).await?;
    Ok(Created(UserWritten::new("User created successfully", user)))
}

/// Get oneself, or with `staff_manage` another member of the staff; the list has what colleagues need of each other.
#[utoipa::path(get, path = "/api/users/{user_id}", params(("user_id" = UserId, Path)), responses((status = 200, description = "The member", body = StaffMember)))]
pub async fn get_user(access: Access<App>, Id(user): Id<UserId>) -> Result<Read<StaffMember>> {
    let member = service::get(&access.app, &access.grant, user).await?;
    service::require_own_or_manager(&access.grant, user)?;
    Ok(Read(member))
}

/// Change oneself, or with `staff_manage` another member of the staff.
#[utoipa::path(
    method(put, patch), path = "/api/users/{user_id}", params(("user_id" = UserId, Path)), request_body = UpdateUser,
    responses((status = 200, description = "The member as it is now", body = UserWritten))
)]
pub async fn update_user(access: Access<App>, Id(user): Id<UserId>, Body(body): Body<UpdateUser>) -> Result<Written<UserWritten>> {
    body.check()?;
    let user = service::update(&access.app, &access.grant, user, body.into()).await?;
    Ok(Written(UserWritten::new("User updated successfully", user)))
}

/// Change one's own password. All other sessions end.
#[utoipa::path(
    method(put, patch), path = "/api/users/{user_id}/password", params(("user_id" = UserId, Path)), request_body = ChangePassword,
    responses((status = 200, description = "The password was changed", body = Done))
)]
pub async fn change_user_password(access: Access<App>, Id(user): Id<UserId>, Body(body): Body<ChangePassword>) -> Result<Written<Done>> {
    service::change_password(&access.app, &access.grant, user, &body.current_password, &body.new_password).await?;
    Ok(Written(Done { message: "Password changed successfully" }))
}

/// End somebody's access to this clinic, at once.
#[utoipa::path(
    method(put, patch), path = "/api/users/{user_id}/deactivate", params(("user_id" = UserId, Path)), responses((status = 200, description = "The member as it is now", body = UserWritten))
)]
pub async fn deactivate_user(access: Access<App>, Id(user): Id<UserId>) -> Result<Written<UserWritten>> {
    let user = service::set_active(&access.app, &access.grant, user, false).await?;
    Ok(Written(UserWritten::new("User deactivated successfully", user)))
}

/// Give somebody their access to this clinic back.
#[utoipa::path(
    method(put, patch), path = "/api/users/{user_id}/activate", params(("user_id" = UserId, Path)), responses((status = 200, description = "The member as it is now", body = UserWritten))
)]
pub async fn activate_user(access: Access<App>, Id(user): Id<UserId>) -> Result<Written<UserWritten>> {
    let user = service::set_active(&access.app, &access.grant, user, true).await?;
    Ok(Written(UserWritten::new("User activated successfully", user)))
}

/// Ask a member by mail, or ask them again: to join, or to show that the address is theirs. The link before works no longer.
#[utoipa::path(
    post, path = "/api/users/{user_id}/invitation", params(("user_id" = UserId, Path)),
    responses(
        (status = 200, description = "The mail is on its way", body = UserWritten),
        (status = 409, description = "They have accepted already"),
    )
)]
pub async fn invite_user(access: Access<App>, Id(user): Id<UserId>) -> Result<Written<UserWritten>> {
    let user = service::invite(&access.app, &access.grant, user).await?;
    Ok(Written(UserWritten::new("Invitation sent successfully", user)))
}
