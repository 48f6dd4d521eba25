//! The table of the slice: permission, route.

use clinichub_api::{ApiRoutes, routes};
use clinichub_core::Permission;

use super::{api, results};
use crate::App;

/// The slice's routes.
pub fn routes() -> ApiRoutes<App> {
    ApiRoutes::new()
        .at_file(Permission::LabUpload, routes!(api::upload_lab_report))
        .at(Permission::ChartRead, routes!(api::list_lab_reports))
        .at(Permission::ChartRead, routes!(api::get_lab_report))
        .at(Permission::ChartWrite, routes!(api::update_lab_report))
        .at(Permission::ChartDelete, routes!(api::delete_lab_report))
        .at(Permission::ChartRead, routes!(api::download_lab_report))
        .at(Permission::ChartWrite, routes!(api::sign_lab_report))
        .at(Permission::ChartWrite, routes!(api::release_lab_report))
        .at(Permission::LabUpload, routes!(results::add_lab_results))
        .at(Permission::ChartRead, routes!(results::list_lab_results))
        .at(Permission::LabUpload, routes!(results::create_lab_results))
        .at(Permission::LabUpload, routes!(results::delete_lab_result))
}
