//! The table of the slice's routes.

use clinichub_api::{ApiRoutes, routes};
use clinichub_core::Permission;

use super::api;
use crate::App;

/// The routes of the slice.
pub fn routes() -> ApiRoutes<App> {
    ApiRoutes::new().at(Permission::AuditRead, routes!(api::list_audit)).at(Permission::AuditRead, routes!(api::list_audit_actions))
}
