//! Who may do what with providers.

use clinichub_api::{ApiRoutes, Because, routes};
use clinichub_core::Permission::{AppointmentRead, AvailabilityWrite, SignedIn, StaffManage, StaffRead};

use super::api;
use crate::App;

/// The routes of this slice.
pub fn routes() -> ApiRoutes<App> {
    let public = Because("people look for a doctor before they sign in; a token shows staff more");
    ApiRoutes::new()
        .open(public, routes!(api::list_doctors))
        .open(public, routes!(api::get_doctor))
        .at(StaffManage, routes!(api::create_doctor))
        .at(SignedIn, routes!(api::update_doctor))
        .at(StaffManage, routes!(api::delete_doctor))
        .at(StaffRead, routes!(api::get_doctor_availability))
        .at(AvailabilityWrite, routes!(api::set_doctor_availability))
        .at(AvailabilityWrite, routes!(api::create_time_off))
        .at(AvailabilityWrite, routes!(api::delete_time_off))
        .at(AppointmentRead, routes!(api::list_doctor_slots))
        .at(AppointmentRead, routes!(api::find_slots))
}
