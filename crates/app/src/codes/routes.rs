//! The table of the slice: permission, route.

use clinichub_api::{ApiRoutes, routes};
use clinichub_core::Permission;

use super::api;
use crate::App;

/// The slice's routes.
pub fn routes() -> ApiRoutes<App> {
    ApiRoutes::new().at(Permission::ChartRead, routes!(api::search_icd10))
}
