//! The table of the slice: permission, route. A template of the whole clinic needs more; the service asks.

use clinichub_api::{ApiRoutes, routes};
use clinichub_core::Permission;

use super::{api, templates_api};
use crate::App;

/// The slice's routes.
pub fn routes() -> ApiRoutes<App> {
    ApiRoutes::new()
        .at(Permission::ChartRead, routes!(api::list_visits))
        .at(Permission::ChartWrite, routes!(api::start_visit))
        .at(Permission::ChartRead, routes!(api::list_open_visits))
        .at(Permission::ChartRead, routes!(api::get_visit))
        .at(Permission::LabUpload, routes!(api::get_appointment_visit))
        .at(Permission::ChartWrite, routes!(api::update_visit))
        .at(Permission::ChartWrite, routes!(api::complete_visit))
        .at(Permission::ChartWrite, routes!(api::set_visit_diagnoses))
        .at(Permission::ChartWrite, routes!(api::set_visit_procedures))
        .at(Permission::ChartWrite, routes!(api::record_visit_vitals))
        .at(Permission::ChartWrite, routes!(api::create_visit_addendum))
        .at(Permission::ChartRead, routes!(api::list_patient_visits))
        .at(Permission::StaffRead, routes!(templates_api::list_visit_templates))
        .at(Permission::StaffRead, routes!(templates_api::create_visit_template))
        .at(Permission::StaffRead, routes!(templates_api::update_visit_template))
        .at(Permission::StaffRead, routes!(templates_api::delete_visit_template))
}
