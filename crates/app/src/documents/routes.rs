//! The table of the slice: permission, route.

use clinichub_api::{ApiRoutes, routes};
use clinichub_core::Permission;

use super::api;
use crate::App;

/// The slice's routes.
pub fn routes() -> ApiRoutes<App> {
    ApiRoutes::new()
        .at(Permission::ChartRead, routes!(api::list_documents))
        .at_file(Permission::DocumentUpload, routes!(api::upload_document))
        .at(Permission::ChartRead, routes!(api::get_document))
        .at(Permission::ChartWrite, routes!(api::update_document))
        .at(Permission::ChartDelete, routes!(api::delete_document))
        .at(Permission::ChartRead, routes!(api::download_document))
        .at(Permission::ChartRead, routes!(api::get_document_thumbnail))
}
