//! The table of the slice: permission, route. What a state needs beyond it is asked by the service.

use clinichub_api::{ApiRoutes, Because, routes};
use clinichub_core::Permission;

use super::{day, handlers};
use crate::App;

/// The slice's routes.
pub fn routes() -> ApiRoutes<App> {
    ApiRoutes::new()
        .at(Permission::AppointmentRead, routes!(handlers::list_appointments))
        .at(Permission::AppointmentRead, routes!(day::handlers::get_board))
        .at(Permission::AppointmentRead, routes!(day::handlers::get_schedule))
        .at(Permission::AppointmentCreate, routes!(handlers::create_appointment))
        .at(Permission::AppointmentArrive, routes!(handlers::list_open_ends))
        .at(Permission::AppointmentBulk, routes!(handlers::schedule_appointments))
        .at(Permission::AppointmentRead, routes!(handlers::get_appointment))
        .at(Permission::AppointmentCreate, routes!(handlers::update_appointment))
        .at(Permission::AppointmentCancel, routes!(handlers::cancel_appointment))
        .at(Permission::AppointmentArrive, routes!(handlers::set_appointment_status))
        .at(Permission::AppointmentDecide, routes!(handlers::accept_appointment))
        .at(Permission::AppointmentDecide, routes!(handlers::reject_appointment))
        .at(Permission::AppointmentRead, routes!(handlers::get_appointment_calendar))
        .at(Permission::AvailabilityWrite, routes!(handlers::create_calendar_token))
        .at(Permission::AvailabilityWrite, routes!(handlers::delete_calendar_token))
        .open(
            Because("calendar programs can't sign in: the token in the address is the credential"),
            routes!(handlers::get_doctor_calendar),
        )
}
