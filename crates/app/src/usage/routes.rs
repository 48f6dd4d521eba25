//! The table of the slice: permission, route. Where the operator and an admin may see the same, the service tells them apart.

use clinichub_api::{ApiRoutes, routes};
use clinichub_core::Permission;

use super::api;
use crate::App;

/// The slice's routes.
pub fn routes() -> ApiRoutes<App> {
    ApiRoutes::new()
        .at(Permission::SignedIn, routes!(api::export_clinic_usage))
        .at(Permission::SignedIn, routes!(api::list_usage_prices))
        .at(Permission::ClinicsManage, routes!(api::set_usage_prices))
        .at(Permission::ClinicsManage, routes!(api::delete_usage_price))
        .at(Permission::ClinicsManage, routes!(api::get_usage_overview))
}
