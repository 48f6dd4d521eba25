//! The table of the slice: permission, route. Everybody who books sees the fee schedule.

use clinichub_api::{ApiRoutes, routes};
use clinichub_core::Permission;

use super::api;
use crate::App;

/// The slice's routes.
pub fn routes() -> ApiRoutes<App> {
    ApiRoutes::new()
        .at(Permission::AppointmentRead, routes!(api::list_services))
        .at(Permission::FeeScheduleWrite, routes!(api::create_service))
        .at(Permission::FeeScheduleWrite, routes!(api::put_fee_schedule))
        .at(Permission::FeeScheduleWrite, routes!(api::update_service))
        .at(Permission::InvoiceRead, routes!(api::list_cpt_records))
        .at(Permission::InvoiceRead, routes!(api::list_invoices))
        .at(Permission::InvoiceRead, routes!(api::export_invoices))
        .at(Permission::InvoiceWrite, routes!(api::create_invoice))
        .at(Permission::InvoiceRead, routes!(api::get_invoice))
        .at(Permission::InvoiceWrite, routes!(api::update_invoice))
        .at(Permission::InvoiceRead, routes!(api::get_invoice_pdf))
}
