//! What goes over the wire about who may do what in a clinic, and the handlers.

use clinichub_api::{Access, Body, Id, Read, Result, Versioned, Written, rules, written_body};
use clinichub_core::{ClinicId, Permission, Role};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::clinics::model::{Clinic, Overrides};
use crate::clinics::service;

/// Who may do what in a clinic.
#[derive(Debug, Serialize, ToSchema)]
pub struct PermissionTable {
    /// The clinic.
    pub clinic_id: ClinicId,
    /// One entry for each role and permission.
    pub permissions: Vec<PermissionEntry>,
    /// The clinic's version; the `ETag`.
    pub version: i64,
}

/// Whether a role has a permission.
#[derive(Debug, Serialize, ToSchema)]
pub struct PermissionEntry {
    /// The role.
    pub role: Role,
    /// The permission.
    pub permission: Permission,
    /// Whether the role has it in this clinic.
    pub allowed: bool,
    /// Whether it has it where the clinic has not said otherwise.
    pub default: bool,
    /// Whether the clinic may say otherwise.
    pub changeable: bool,
}

impl PermissionTable {
    fn of(clinic: &Clinic, overrides: &Overrides) -> Self {
        let roles = Role::ALL.iter().filter(|role| **role != Role::PlatformAdmin);
        let entry = |role: Role, permission: Permission| {
            let default = permission.default_for(role);
            let changeable = permission.is_clinics_to_grant();
            let said = overrides.get(&(role, permission)).copied().filter(|_| changeable);
            PermissionEntry { role, permission, allowed: said.unwrap_or(default), default, changeable }
        };
        let permissions = roles.flat_map(|role| Permission::ALL.iter().map(move |permission| entry(*role, *permission)));
        Self { clinic_id: clinic.clinic_id, permissions: permissions.collect(), version: clinic.version }
    }
}

/// What is to change in the table of permissions.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({"permissions": [{"role": "nurse", "permission": "invoice_read", "allowed": true}]}))]
pub struct SetPermissions {
    /// The entries that change; the others stay.
    #[schema(max_items = 200)]
    pub permissions: Vec<SetPermission>,
}

impl SetPermissions {
    fn check(&self) -> clinichub_core::Result<()> {
        let mut refused = Vec::new();
        if self.permissions.len() > 200 {
            rules::refuse(&mut refused, "permissions", "permissions: at most 200 entries");
        }
        rules::verdict(refused)
    }
}

/// Whether a role shall have a permission.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct SetPermission {
    /// The role.
    pub role: Role,
    /// The permission.
    pub permission: Permission,
    /// `null` goes back to the default.
    pub allowed: Option<bool>,
}

written_body!(
    /// The table of permissions was changed.
    PermissionsWritten, permission_table: PermissionTable
);

impl Versioned for PermissionTable {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// Get who may do what in the clinic.
#[utoipa::path(
    get, path = "/api/clinics/{clinic_id}/permissions", params(("clinic_id" = ClinicId, Path)),
    responses((status = 200, description = "Every role and permission", body = PermissionTable))
)]
pub async fn get_clinic_permissions(access: Access<App>, Id(clinic): Id<ClinicId>) -> Result<Read<PermissionTable>> {
    let (clinic, overrides) = service::permissions(&access.app, &access.grant, clinic).await?;
    Ok(Read(PermissionTable::of(&clinic, &overrides)))
}

/// Change who may do what in the clinic, at once. An admin gives nothing that an admin does not have.
#[utoipa::path(
    method(put, patch), path = "/api/clinics/{clinic_id}/permissions", params(("clinic_id" = ClinicId, Path)), request_body = SetPermissions,
    responses((status = 200, description = "The table as it is now", body = PermissionsWritten))
)]
pub async fn set_clinic_permissions(
    access: Access<App>,
    Id(clinic): Id<ClinicId>,
    Body(body): Body<SetPermissions>,
) -> Result<Written<PermissionsWritten>> {
    body.check()?;
    let changes = body.permissions.into_iter().map(|entry| (entry.role, entry.permission, entry.allowed)).collect();
    let (clinic, overrides) = service::set_permissions(&access.app, &access.grant, clinic, changes).await?;
    Ok(Written(PermissionsWritten::new("Permissions updated successfully", PermissionTable::of(&clinic, &overrides))))
}
