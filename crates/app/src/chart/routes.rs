//! The table of the slice: permission, route.

use clinichub_api::{ApiRoutes, routes};
use clinichub_core::Permission;

use super::{api, overview_api};
use crate::App;

/// The slice's routes.
pub fn routes() -> ApiRoutes<App> {
    ApiRoutes::new()
        .at(Permission::ChartRead, routes!(overview_api::get_patient_chart))
        .at(Permission::ChartRead, routes!(api::list_records))
        .at(Permission::ChartWrite, routes!(api::create_record))
        .at(Permission::ChartWrite, routes!(api::update_record))
        .at(Permission::ChartDelete, routes!(api::delete_record))
}
