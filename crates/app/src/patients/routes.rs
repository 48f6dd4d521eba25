//! The table of the slice: permission, route.

use clinichub_api::{ApiRoutes, routes};
use clinichub_core::Permission;

use super::{api, duplicates, import_api, timeline};
use crate::App;

/// The slice's routes.
pub fn routes() -> ApiRoutes<App> {
    ApiRoutes::new()
        .at(Permission::PatientRead, routes!(api::list_patients))
        .at(Permission::PatientCreate, routes!(api::create_patient))
        .at_upload(Permission::PatientImport, import_api::MOST_BYTES, routes!(import_api::import_patients))
        .at(Permission::PatientRead, routes!(api::search_patients))
        .at(Permission::PatientCreate, routes!(duplicates::api::find_duplicates))
        .at(Permission::PatientRead, routes!(api::get_patient))
        .at(Permission::PatientUpdate, routes!(api::update_patient))
        .at(Permission::PatientDelete, routes!(api::delete_patient))
        .at(Permission::PatientRead, routes!(api::get_patient_summary))
        .at(Permission::PatientRead, routes!(timeline::get_patient_timeline))
}
